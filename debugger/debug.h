/*
 * debug.h - inside the plain debugger.
 *
 * Job:    stop a guest, show it from both sides - what the guest believes and
 *         what the machine holds - and go on, by lines of text.
 * Parts:  cmd_debug.c (the session), debug_line.c (where lines come from),
 *         debug_table.c (the commands, one table), debug_run.c (going on),
 *         debug_break.c (breakpoints and watches), debug_back.c (going back),
 *         debug_stop.c (telling what happened), debug_look.c (registers and
 *         memory), debug_words.c (addresses and names).
 */
#ifndef RINGSIDE_DEBUGGER_DEBUG_H
#define RINGSIDE_DEBUGGER_DEBUG_H

#include "session.h"
#include "talk.h"

#define BREAKPOINTS_MAX 32
#define WATCHES_MAX 8
#define MARKS_MAX 32
#define WORDS_MAX 8

/* What the guest has printed. */
struct kept {
    char *bytes;
    size_t size, room;
    size_t shown; /* at earlier stops */
};

/* Something whose change is a stop: four bytes of memory, or a register. */
struct watch {
    char name[32]; /* as it was typed */
    int reg;       /* enum reg, or -1: */
    uint32_t at;   /* guest virtual */
    uint32_t value;
};

/* An exit that has been: where it ended, as a clock says it. */
struct past_exit {
    uint64_t clock;
    enum exit_reason reason;
};

/* A place in time with a name. */
struct mark {
    char name[32];
    uint64_t clock;
};

struct debug {
    FILE *out; /* where the commands talk: a face's, or standard output */
    struct session session;
    struct vm *vm;  /* the one that is looked at: it ran last */
    struct vm *was; /* the one before the present command */
    uint32_t breakpoint[BREAKPOINTS_MAX]; /* guest virtual */
    int breakpoints;
    struct watch watch[WATCHES_MAX];
    int watches;
    struct cpu_hooks hooks;      /* on the processor while there are any */
    bool looking;                /* those are in force */
    bool hit;                    /* a breakpoint was reached, or ... */
    const struct watch *changed; /* ... this changed, from this value: */
    uint32_t was_value;
    struct past_exit *past; /* exit n is number n - 1 */
    size_t pasts, past_room;
    struct mark mark[MARKS_MAX];
    int marks;
    struct exit_record last;         /* number 0: none yet */
    uint64_t exits_seen;             /* since the present command began */
    struct virtual_cpu before;       /* registers at the last stop but one */
    struct virtual_cpu now;          /* and at the last */
    struct kept console[GUESTS_MAX]; /* by VM */
    bool end_told[GUESTS_MAX];       /* by VM */
    bool quit;
};

/* A command line cut into words. */
struct words {
    int count;
    const char *word[WORDS_MAX];
};

/* One command. A row of the table in debug_table.c. */
enum complete {
    COMPLETE_NOTHING,
    COMPLETE_PLACE,
    COMPLETE_REASON,
    COMPLETE_COMMAND
};
struct debug_command {
    const char *name, *alias, *args, *text;
    void (*run)(struct debug *d, const struct words *w);
    enum complete complete;
};
extern const struct debug_command debug_commands[];
/* By name, alias, or the one command that begins so; NULL, and said why. */
const struct debug_command *debug_command_find(struct debug *d,
                                               const char *word);
const char *debug_command_name(size_t i);
/* One line as it was typed, whichever face it comes from: the only way in. */
void debug_execute(struct debug *d, const char *line);
/* A line of its own, to d->out. */
void say(const struct debug *d, const char *line);

/* The commands. */
void debug_step(struct debug *d, const struct words *w);
void debug_exit(struct debug *d, const struct words *w);
void debug_continue(struct debug *d, const struct words *w);
void debug_break(struct debug *d, const struct words *w);
void debug_delete(struct debug *d, const struct words *w);
void debug_info(struct debug *d, const struct words *w);
void debug_watch(struct debug *d, const struct words *w);
void debug_rstep(struct debug *d, const struct words *w);
void debug_rexit(struct debug *d, const struct words *w);
void debug_rcontinue(struct debug *d, const struct words *w);
void debug_changed(struct debug *d, const struct words *w);
void debug_goto(struct debug *d, const struct words *w);
void debug_mark(struct debug *d, const struct words *w);
void debug_regs(struct debug *d, const struct words *w);
void debug_x(struct debug *d, const struct words *w);
void debug_disas(struct debug *d, const struct words *w);
void debug_last(struct debug *d, const struct words *w);
void debug_books(struct debug *d, const struct words *w);
void debug_vms(struct debug *d, const struct words *w);
void debug_vm(struct debug *d, const struct words *w);
void debug_console(struct debug *d, const struct words *w);
void debug_help(struct debug *d, const struct words *w);
void debug_quit(struct debug *d, const struct words *w);

/* Stops: breakpoints and watches. */
void stops_set(struct debug *d);  /* hooks on the processor, or none */
bool stops_here(struct debug *d); /* at a breakpoint */
void stops_look(struct debug *d); /* watches take their present values */
void stops_exit(struct debug *d); /* an exit is over: did it change any? */
bool watch_add(struct debug *d, const char *word);

/* "exit", "exit 3", "exit cr3", "exit 3 cr3": the count, or 0 for what is
 * wrong; *reason is enum exit_reason or -1. */
uint64_t exit_words(struct debug *d, const struct words *w, int *reason);
/* Run on, to the limit at most; a look at an event is no stop. */
enum monitor_stop debug_go(struct debug *d, uint64_t limit, bool one_exit,
                           bool one_step);
/* After a move: what has been seen is told, and where the guest stands. */
void debug_arrive(struct debug *d);

/* Telling: what the last exit was; where the guest stands. */
void tell_exit(const struct debug *d, const struct exit_record *x);
void tell_place(struct debug *d);
void tell_output(struct debug *d);
void tell_ends(struct debug *d);         /* of those that ended since */
bool debug_ended(const struct debug *d); /* all of them */

/*
 * An address: a number (0x1000, or hexadecimal digits), a symbol, a register,
 * a real-mode 7c0:0, or one of these plus or minus a number. False, and said
 * why.
 */
bool debug_address(struct debug *d, const char *word, uint32_t *out);
/* A count from 1; `otherwise` where the word is missing. */
bool debug_count(struct debug *d, const struct words *w, int index,
                 uint64_t otherwise, uint64_t *out);
/* enum exit_reason, or -1 and said why */
int debug_reason(struct debug *d, const char *word);
const char *debug_register_name(size_t i);
/* "real mode": what the guest's processor is in. */
const char *debug_mode_name(const struct virtual_cpu *g);
/* A linear address of code as the mode writes it: f000:fff0. Returns buf. */
const char *debug_code_address(const struct virtual_cpu *g, uint32_t at,
                               char *buf, size_t size);
/* One instruction at `at` as text. Its length; 0 if it cannot be read. */
unsigned debug_instruction(struct debug *d, uint32_t at, char *buf,
                           size_t size);

/* Lines from a terminal with readline, or from a file as they are. */
struct line_source;
struct line_source *lines_open(struct debug *d, FILE *file);
char *lines_next(struct line_source *s); /* to be freed; NULL at the end */
void lines_close(struct line_source *s);

#endif
