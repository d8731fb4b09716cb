/*
 * main.c - the ringside command: a table of contents.
 */
#include "options.h"
#include "talk.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

static int (*const run[COMMAND_COUNT])(const struct options *o) = {
#define COMMAND(id, ...) [CMD_##id] = cmd_##id,
#include "commands.def"
#undef COMMAND
};

/* A full disk, or a pipe that closed, must not look like success. */
static bool output_written(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return true;
    }
    complain("standard output cannot be written: %s", strerror(errno));
    return false;
}

int main(int argc, char **argv)
{
    struct options o;
    int status;
    setlocale(LC_CTYPE, ""); /* may bars be drawn in blocks? */
    if (!options_parse(argc, argv, &o, &status)) {
        return status;
    }
    status = run[o.command](&o);
    return output_written() ? status : STATUS_FAILURE;
}
