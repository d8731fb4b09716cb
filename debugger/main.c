/*
 * main.c - the ringside command: a table of contents.
 */
#include "options.h"

#include <locale.h>

static int (*const run[COMMAND_COUNT])(const struct options *o) = {
#define COMMAND(id, ...) [CMD_##id] = cmd_##id,
#include "commands.def"
#undef COMMAND
};

int main(int argc, char **argv)
{
    struct options o;
    int status;
    setlocale(LC_CTYPE, ""); /* may bars be drawn in blocks? */
    if (!options_parse(argc, argv, &o, &status)) {
        return status;
    }
    return run[o.command](&o);
}
