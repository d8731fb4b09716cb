/*
 * debug_table.c - the debugger's commands: one table, from which the help,
 * the completion and the calls are all made.
 */
#include "debug.h"

#include <string.h>

const struct debug_command debug_commands[] = {
    {"step", "s", "[N]", "run one guest instruction, or N", debug_step,
     COMPLETE_NOTHING},
    {"exit", "e", "[N] [REASON]", "run to the next exit, or the Nth, of REASON",
     debug_exit, COMPLETE_REASON},
    {"continue", "c", "", "run to a breakpoint or the guest's end",
     debug_continue, COMPLETE_NOTHING},
    {"rstep", "rs", "[N]", "back by one guest instruction, or N", debug_rstep,
     COMPLETE_NOTHING},
    {"rexit", "re", "[N] [REASON]", "back to the exit before, or the Nth",
     debug_rexit, COMPLETE_REASON},
    {"rcontinue", "rc", "", "back to the last breakpoint, watch or the start",
     debug_rcontinue, COMPLETE_NOTHING},
    {"changed", "w", "PLACE|REG", "back to what changed it last", debug_changed,
     COMPLETE_PLACE},
    {"goto", "g", "exit N|CYCLE|MARK", "to a place in time, before or after",
     debug_goto, COMPLETE_NOTHING},
    {"mark", "t", "[NAME]", "give this place in time a name", debug_mark,
     COMPLETE_NOTHING},
    {"break", "b", "[PLACE]", "stop before the instruction at PLACE",
     debug_break, COMPLETE_PLACE},
    {"watch", "a", "[PLACE|REG]", "stop when four bytes or a register change",
     debug_watch, COMPLETE_PLACE},
    {"delete", "d", "[N]", "delete breakpoint N, or all", debug_delete,
     COMPLETE_NOTHING},
    {"info", "i", "breakpoints", "list the breakpoints", debug_info,
     COMPLETE_NOTHING},
    {"last", "l", "", "the last exit's anatomy: its phases and their cost",
     debug_last, COMPLETE_NOTHING},
    {"regs", "r", "", "registers: what the guest sees, what the machine has",
     debug_regs, COMPLETE_NOTHING},
    {"x", "x", "[v|p|m] PLACE [N]",
     "N words of memory: guest virtual, guest physical, machine", debug_x,
     COMPLETE_PLACE},
    {"disas", "u", "[PLACE] [N]", "N instructions from PLACE", debug_disas,
     COMPLETE_PLACE},
    {"books", "k", "", "where the cycles went so far", debug_books,
     COMPLETE_NOTHING},
    {"vms", "v", "", "the virtual machines and their states", debug_vms,
     COMPLETE_NOTHING},
    {"vm", "m", "N", "look at virtual machine N", debug_vm, COMPLETE_NOTHING},
    {"console", "o", "", "all that the guest has printed", debug_console,
     COMPLETE_NOTHING},
    {"help", "h", "[COMMAND]", "this list, or one command", debug_help,
     COMPLETE_COMMAND},
    {"quit", "q", "", "leave; so does Ctrl-D", debug_quit, COMPLETE_NOTHING},
    {0},
};

const char *debug_command_name(size_t i)
{
    return debug_commands[i].name; /* NULL in the last row */
}

const struct debug_command *debug_command_find(struct debug *d,
                                               const char *word)
{
    const struct debug_command *found = NULL;
    int begins = 0;
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (strcmp(c->name, word) == 0 || strcmp(c->alias, word) == 0) {
            return c;
        }
        if (strncmp(c->name, word, strlen(word)) == 0) {
            found = c;
            begins++;
        }
    }
    if (begins == 1) {
        return found;
    }
    fprintf(d->out, "%s '%s'; 'help' lists the commands\n",
            begins ? "more than one command begins with"
                   : "there is no command",
            word);
    suggest(d->out, word, debug_command_name);
    return NULL;
}

/* Cut `text` into words in place; what is too much is left out. */
static void split(char *text, struct words *w)
{
    char *rest = NULL;
    w->count = 0;
    for (char *p = strtok_r(text, " \t\r\n", &rest); p && w->count < WORDS_MAX;
         p = strtok_r(NULL, " \t\r\n", &rest)) {
        w->word[w->count++] = p;
    }
}

void say(const struct debug *d, const char *line)
{
    fprintf(d->out, "%s\n", line);
}

void debug_execute(struct debug *d, const char *line)
{
    char text[256];
    struct words w;
    snprintf(text, sizeof text, "%s", line);
    split(text, &w);
    if (w.count == 0 || w.word[0][0] == '#') {
        return; /* a comment of a batch file */
    }
    const struct debug_command *c = debug_command_find(d, w.word[0]);
    if (c) {
        c->run(d, &w);
    }
}

void debug_help(struct debug *d, const struct words *w)
{
    const struct debug_command *one =
        w->count > 1 ? debug_command_find(d, w->word[1]) : NULL;
    if (w->count > 1 && !one) {
        return;
    }
    for (const struct debug_command *c = debug_commands; c->name; c++) {
        if (!one || c == one) {
            fprintf(d->out, "  %-2s %-8s %-18s %s\n", c->alias, c->name,
                    c->args, c->text);
        }
    }
    if (!one) {
        say(d,
            "  PLACE is a number, a symbol of the guest, a register, 7c0:0 as "
            "real mode\n  has it, or one + N.\n  An empty line repeats the "
            "last command. Ctrl-C stops "
            "the guest.\n  'ringside explain NAME' tells more of any name "
            "you see here.");
    }
}

void debug_quit(struct debug *d, const struct words *w)
{
    (void)w;
    d->quit = true;
}
