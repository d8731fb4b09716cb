/*
 * debug.h - inside the debugger: what its commands share, whichever face they
 * are given by.
 *
 * Job:    stop a guest, show it from both sides - what the guest believes and
 *         what the machine holds - and go on or back, by lines of text.
 * Parts:  cmd_debug.c (the session), debug_machine.c (the machine that is
 *         debugged), debug_line.c (where lines come from),
 *         debug_table.c (the commands, from debug_commands.def), debug_run.c
 *         (going on), debug_to.c (to somewhere), debug_back.c and
 *         debug_calls.c (back), debug_past.c (what has been), debug_time.c
 *         (places in time), debug_stops.c (breakpoints and all other stops)
 *         and debug_break.c (their commands), debug_stop.c (telling what
 *         happened), debug_look.c (registers and memory), debug_expr.c
 *         (expressions), debug_names.c (what names in them mean),
 *         debug_words.c (arguments), debug_source.c (source lines),
 *         debug_list.c (showing them), debug_lines.c (moving by them),
 *         debug_where.c (who called), debug_beside.c (two machines side by
 *         side) and debug_diff.c (what parts them), debug_control.c (the
 *         control block of guest mode), debug_teach.c (for those
 *         who learn), evidence.c (sessions as files).
 */
#ifndef RINGSIDE_DEBUGGER_DEBUG_H
#define RINGSIDE_DEBUGGER_DEBUG_H

#include "debug_expr.h"
#include "session.h"
#include "source.h"
#include "talk.h"

#define STOPS_MAX 32
#define MARKS_MAX 32
#define WORDS_MAX 12
#define LINE_MAX_BYTES 512

/* What the guest has printed. */
struct kept {
    char *bytes;
    size_t size, room;
    size_t shown; /* at earlier stops */
};

/* ------------------------------------------------------------------ stops */

enum stop_kind {
    ON_PLACE,     /* before the instruction at an address */
    ON_CHANGE,    /* after an expression's value has changed */
    ON_TRUE,      /* when an expression becomes true */
    ON_RETURN,    /* after a RET that leaves the stack above `at` */
    ON_EXIT,      /* after an exit */
    ON_PORT,      /* after an access to a port */
    ON_MSR,       /* after RDMSR or WRMSR of one */
    ON_INJECTION, /* after the guest was given an interrupt */
    ON_MARKER,    /* after the guest entered a phase */
    ON_LINE,      /* before the first instruction of a source line */
};

struct stop {
    enum stop_kind kind;
    int number;       /* what it is called by; 0: of this motion alone */
    char text[80];    /* as it was asked for */
    char space;       /* of a place: 'v', 'p' or 'm' */
    uint32_t at;      /* the place, port, MSR, marker or stack */
    bool any;         /* whatever port, reason or marker */
    int reason;       /* of an exit: enum exit_reason, or -1 */
    struct expr of;   /* that changes, or becomes true */
    bool known;       /* it had a value when it was last looked at, */
    int64_t value;    /* this one, */
    uint32_t vm, cr3; /* in this guest and address space */
    bool conditional;
    struct expr condition;
    uint64_t hits;     /* how often it was met, condition or not */
    char commands[96]; /* to do when it is met */
};

/* ------------------------------------------------------------ what has been */

/* An exit that has been, as exit filters ask for it. */
struct past_exit {
    uint64_t clock; /* when it was over */
    uint64_t start;
    uint64_t cost;
    uint32_t count; /* of its reason, up to it */
    uint32_t address, detail, error, eip;
    uint8_t reason, disposition, vector, vm, real_ring, virtual_ring;
};

/* A marker that the guest has passed. */
struct past_marker {
    uint32_t id;
    uint64_t clock, exits; /* until then */
};

/* The machine as it was. */
struct shot {
    uint64_t clock;
    struct snapshot *state;
    struct exit_record last;
    uint32_t marker;
    unsigned markers;           /* of session.h */
    size_t console[GUESTS_MAX]; /* bytes */
};

struct past {
    struct past_exit *exit; /* exit n is number n - 1 */
    size_t exits, room;
    struct past_marker *marker; /* the nth is number n - 1 */
    size_t markers, marker_room;
    struct shot *shot; /* by clock; the first is the beginning */
    size_t shots;
    double since; /* host seconds when the last was made or used */
    double gap;   /* host seconds to the next, which are never fewer than */
    double least;
};

/* A place in time with a name. */
struct mark {
    char name[32];
    uint64_t clock;
};

/* ------------------------------------------------------------- the debugger */

/* A control block's bytes (cpu/vmcb.h), up to the last field. */
#define CONTROL_BLOCK 0x800
struct control_block {
    bool there; /* the technique has one */
    uint8_t byte[CONTROL_BLOCK];
};

struct screen;
struct sources;
struct link;
struct debug {
    struct screen *screen;   /* the full screen; NULL: another face */
    struct link *link;       /* to gdb; NULL: there is none */
    struct sources *sources; /* debug_source.c's; NULL: not looked for, yet */
    FILE *out; /* where the commands talk: a face's, or standard output */
    struct session session;
    struct vm *vm;  /* the one that is looked at: it ran last */
    struct vm *was; /* the one before the present command */
    struct stop stop[STOPS_MAX];
    int stops;
    int numbers;               /* of stops given so far */
    struct cpu_hooks hooks;    /* on the processor while stops need them, */
    struct code_places places; /* and where: debug_watch.c */
    struct watched_stores stores;
    struct watched_stores *noting; /* what is loaded goes here, or NULL */
    bool looking;                  /* stops are asked, and not run over */
    bool stays;                    /* one instruction may be several steps */
    uint32_t place;                /* of the last instruction, linear */
    const struct stop *hit;        /* the stop that was met, or NULL */
    int64_t hit_was, hit_now;      /* of ON_CHANGE: its values */
    struct past past;
    const struct past_exit *field; /* the exit that names of fields mean, if
                                      not the last one */
    struct mark mark[MARKS_MAX];
    int marks;
    bool filtering;  /* of an expression being read: ring and eip are too */
    uint32_t marker; /* the guest's phase */
    struct exit_record last; /* number 0: none yet */
    uint64_t exits_seen;     /* since the present command began */
    bool for_silent; /* it stops at silent ones, too: they stop nothing else */
    bool silent;     /* and has: the last is one */
    struct virtual_cpu before; /* registers at the last stop but one */
    struct virtual_cpu now;    /* and at the last */
    struct control_block block_before, block; /* likewise */
    struct kept console[GUESTS_MAX];          /* by VM */
    bool end_told[GUESTS_MAX];                /* by VM */
    unsigned line;           /* of a batch file; 0: there is none */
    unsigned errors;         /* lines that could not be done */
    unsigned asked, points;  /* of predictions */
    unsigned toured;         /* steps of the tour that are done */
    unsigned markers_wanted; /* stop when so many have been passed; 0: no */
    uint64_t locked;         /* a bit a row of the commands */
    char *greeting;          /* what there is to say of how it was opened */
    struct debug *beside;    /* a machine beside this one: debug_beside.c; NULL:
                                there is none */
    bool second;             /* it is beside another itself */
    bool turned;             /* commands that look mean the one beside it */
    bool alone;              /* and a motion moves only what they mean */
    bool interrupted;        /* the last motion was, by Ctrl-C */
    bool quit;
};

/*
 * Make the machine and its guest, as session_open does, at the beginning; *d
 * is zeros but for its face. False, and said why: nothing is to be closed.
 */
bool debug_open(struct debug *d, const struct options *o,
                const struct technique *t, const char *name);
/* False if its trace could not be written. */
bool debug_close(struct debug *d);

/* A command line cut into words. */
struct words {
    int count;
    const char *word[WORDS_MAX];
    const char *rest[WORDS_MAX + 1]; /* the line from that word on; "" behind
                                        the last */
};

/* One command. A row of the table in debug_table.c. */
enum complete {
    COMPLETE_NOTHING,
    COMPLETE_PLACE,
    COMPLETE_REASON,
    COMPLETE_COMMAND,
    COMPLETE_TECHNIQUE,
    COMPLETE_VIEW
};
struct debug_command {
    const char *group;
    const char *name, *alias, *args, *text;
    void (*run)(struct debug *d, const struct words *w);
    enum complete complete;
    const char *more; /* for help NAME; NULL: nothing */
};
extern const struct debug_command debug_commands[];
/* By name, alias, or the one command that begins so; NULL, and said why. */
/* gdb's name of a command made ours, and its x/8xw; else as it is:
 * _spelling.c. */
const char *spelling_of(const char *word);
void spelling_read(char *text, size_t size);
const struct debug_command *debug_command_find(struct debug *d,
                                               const char *word);
const char *debug_command_name(size_t i);
const char *view_name(size_t i); /* of the full screen's, by panes.def */
/* One line as it was typed, whichever face it comes from: the only way in. */
void debug_execute(struct debug *d, const char *line);
/* A line within another command's: no stop's own commands follow. */
void debug_execute_one(struct debug *d, const char *line);
/* A line of its own, to d->out; and one that says why a command was not done,
 * with the batch file's line. */
void say(const struct debug *d, const char *line);
void wrong(struct debug *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The commands. */
#define DEBUG_COMMAND(name, ...) \
    void do_##name(struct debug *d, const struct words *w);
#include "debug_commands.def"
#undef DEBUG_COMMAND

/* ------------------------------------------- stops: debug_stops.c, _break.c */

/* Hooks need not see every instruction, if what there is to look for allows
 * that: set d->hooks.places and .stores. debug_watch.c */
void watch_set(struct debug *d);
/* Behind a look: what is loaded may be elsewhere by now. True: it is, and the
 * processor has to be told, by stopping. */
bool watch_again(struct debug *d);
/* An expression has loaded these bytes. */
void watch_note(struct debug *d, mpa_t at, unsigned size);

void stops_set(struct debug *d);  /* hooks on the processor, or none */
void stops_look(struct debug *d); /* what is watched has its present value */
/* Is one met here and now, where no hook saw it? Then d->hit is set. */
void stops_here(struct debug *d);
/* An exit is over; the guest entered a phase. */
void stops_exit(struct debug *d, const struct exit_record *x);
void stops_marker(struct debug *d, uint32_t id);
/* A further one, all zeros but its kind; NULL, and said so: too many. */
struct stop *stop_new(struct debug *d, enum stop_kind kind);
void stop_drop(struct debug *d, struct stop *s);
/* As a command's words from number i on say it. NULL, and said why. */
struct stop *stop_watch(struct debug *d, const char *text);
struct stop *stop_place(struct debug *d, const struct words *w, int i);
struct stop *stop_event(struct debug *d, const struct words *w, int i);
/* "if EXPR" at word i, or nothing. False, and said why. */
bool stop_condition(struct debug *d, struct stop *s, const struct words *w,
                    int i);
/* Where a motion is to end: a place, an event, or "if EXPR". */
struct stop *stop_where(struct debug *d, const struct words *w, int i);
/* Which was met. */
void tell_hit(struct debug *d);

/* -------------------------------------------------------- moving: debug_run.c
 */

/* Run on, to the limit at most; a look at an event is no stop. */
enum monitor_stop debug_go(struct debug *d, uint64_t limit, bool one_exit,
                           bool one_step);
/* Before a command that runs on: false, and said so, if nothing can run. */
bool debug_begin(struct debug *d);
/* After it: what was seen is told, why it stopped, where the guest stands. */
void debug_finish(struct debug *d, enum monitor_stop stop);
/* One instruction, but over a call, INT or REP as a whole; nothing is told. */
enum monitor_stop debug_over(struct debug *d);
/* Run until a stop is met, and tell. */
void debug_run_on(struct debug *d);
/* Before a move: what is so now will be what was. */
void debug_leave(struct debug *d);
/* The guest that is looked at as it is now, and no change of it is known. */
void debug_look_anew(struct debug *d);
/* After a move: what has been seen is told. */
void debug_arrive(struct debug *d);
uint64_t debug_limit(const struct debug *d);
uint64_t debug_clock(const struct debug *d);

/* Which exits: a reason, and a condition on the exit's fields. */
struct filter {
    uint64_t count;
    int reason; /* or -1 */
    bool conditional;
    struct expr condition;
};
/* "exit", "exit 3", "exit cr3", "exit 3 cr3 if cost > 5000". */
bool filter_read(struct debug *d, const struct words *w, struct filter *out);
bool filter_passes(struct debug *d, const struct filter *f,
                   const struct past_exit *x);

/* ------------------------------------------------------- going back: _back.c
 */

/* Before a command that goes back: false, and said so, at the beginning. */
bool debug_begin_back(struct debug *d);
/* Back to where a stop would last have been met. */
void debug_go_back(struct debug *d);
/* The same, as if `s` were the only one; it is dropped. */
void debug_back_to(struct debug *d, struct stop *s);
/* The clock of the instruction boundary n before `now`; the beginning, if
 * there are not so many. False: Ctrl-C. */
bool debug_steps_before(struct debug *d, uint64_t now, uint64_t n,
                        uint64_t *clock);
/* Be at `clock`, before or after this, and tell. */
void debug_arrive_at(struct debug *d, uint64_t clock, bool tell_exit_too);

/* -------------------------------------------------- what has been: _past.c */

bool past_begin(struct debug *d); /* false: no memory */
void past_end(struct debug *d);
void past_note(struct debug *d, const struct exit_record *x, uint64_t clock);
void past_note_marker(struct debug *d, uint32_t id);
/* monitor_run, with snapshots on the way. */
enum monitor_stop past_run(struct debug *d, const struct run_until *until);
/* Be at the first instruction boundary at `clock` or behind it, with no stop
 * on the way. False: Ctrl-C. */
bool past_seek(struct debug *d, uint64_t clock);
/* The clock of the last snapshot before `clock`; 0 is the beginning. */
uint64_t past_before(const struct debug *d, uint64_t clock);
/* The number of the last exit that was over before `clock`, or 0. */
size_t past_exit_before(const struct debug *d, uint64_t clock);

/* A mark there, by name. False, and said why. */
bool debug_mark_at(struct debug *d, const char *name, uint64_t clock);

/* Telling: what the last exit was; where the guest stands. */
void tell_exit(const struct debug *d, const struct exit_record *x);
void tell_place(struct debug *d);
void tell_output(struct debug *d);
void tell_ends(struct debug *d);         /* of those that ended since */
bool debug_ended(const struct debug *d); /* all of them */

/* ------------------------------------------- words and names: debug_words.c */

/* The world of expressions: this guest, this machine, this exit. */
struct expr_world names_world(struct debug *d);
/* Read, and calculate, an expression; false, and said why and where. With
 * `exits`, ring and eip are the exit's own. */
bool debug_expr(struct debug *d, const char *text, bool exits,
                struct expr *out);
bool debug_value(struct debug *d, const char *text, int64_t *out);
bool expr_needs_state(const struct expr *e); /* and not an exit's record */
/*
 * An address: a number (0x1000, or hexadecimal digits), a symbol, a register,
 * a real-mode 7c0:0, or any expression of these. False, and said why.
 */
bool debug_address(struct debug *d, const char *word, uint32_t *out);
/* A count from 1; `otherwise` where the word is missing. */
bool debug_count(struct debug *d, const struct words *w, int index,
                 uint64_t otherwise, uint64_t *out);
/* enum exit_reason, or -1 and said why */
int debug_reason(struct debug *d, const char *word);
const char *debug_register_name(size_t i);
const char *debug_name(size_t i); /* every name an expression may have */
/* "real mode": what the guest's processor is in. */
const char *debug_mode_name(const struct virtual_cpu *g);
/* A linear address of code as the mode writes it: f000:fff0. Returns buf. */
const char *debug_code_address(const struct virtual_cpu *g, uint32_t at,
                               char *buf, size_t size);
/* One instruction at `at` as text. Its length; 0 if it cannot be read. */
unsigned debug_instruction(struct debug *d, uint32_t at, char *buf,
                           size_t size);
/* The same, decoded. */
bool debug_decode(struct debug *d, uint32_t at, struct insn *out);

/* --------------------------------------------- side by side: debug_beside.c */

/* A second machine beside this one, as far as this has come: "para",
 * "GUEST@para" or "GUEST". False, and said why. */
bool beside_open(struct debug *d, const char *what);
void beside_close(struct debug *d);
const char *beside_what(const struct debug *d); /* as it was opened */
/* The machine that commands mean which look at one. */
struct debug *debug_looked_at(struct debug *d);
/* A command for both machines, and how they stand then; or for one. */
void beside_run(struct debug *d, const struct debug_command *c,
                const struct words *w);
/* "both after 3 markers", or what parts them. Returns buf. */
char *beside_markers(const struct debug *d, char *buf, size_t size);
/* "exits 20 / 12 x0.60 | cycles ...": totals and ratio. Returns buf. */
char *beside_totals(const struct debug *d, char *buf, size_t size);
const char *beside_name(const struct debug *d); /* its technique's */
/* The reason that took the kth most cycles of both; -1: there is none. */
int beside_top(const struct debug *d, int k);

/* --------------------------------------------- source lines: debug_source.c */

/* Has the guest that is looked at any? */
bool debug_has_lines(struct debug *d);
/* The line of the code that the guest has at a linear address. */
bool debug_line_at(struct debug *d, uint32_t at, struct source_line *out);
/* Its text, *length bytes of it; NULL: the file is not found. */
const char *debug_line_text(struct debug *d, const char *file, unsigned line,
                            size_t *length);
/* Its path as it was found; NULL: it is not. */
const char *debug_file_path(struct debug *d, const char *file);
/* "syscall.c:45: return 0;", to d->out. */
void tell_line(struct debug *d, const struct source_line *l);
/* Is it FILE:LINE, and not 7c0:0? Then what is there; false, and said why. */
bool debug_is_file_line(const char *word);
bool debug_file_line(struct debug *d, const char *word,
                     struct source_line *out);
/* The i-th "FILE:" or, if `lines`, "FILE:LINE" that there is code of. False:
 * past the last. */
bool debug_completion(struct debug *d, size_t i, bool lines, char *buf,
                      size_t size);
const char *debug_base_name(const char *file); /* without folders */
/* A name of one of the guest's programs. */
bool debug_program_name(struct debug *d, const char *word, uint32_t *at);
/* place_name, and the names of programs besides. Returns buf. */
char *debug_place_name(struct debug *d, uint32_t at, char *buf, size_t size);
/* source_caller, by the file whose code it is. */
bool debug_caller(struct debug *d, const struct source_memory *m,
                  struct source_frame *f);
void debug_sources_end(struct debug *d);

/* Lines from a terminal with readline, or from a file as they are. */
struct line_source;
struct line_source *lines_open(struct debug *d, FILE *file);
char *lines_next(struct line_source *s); /* to be freed; NULL at the end */
void lines_close(struct line_source *s);
/* Have readline complete what is typed to this debugger. */
void lines_complete(struct debug *d);

/* The full screen: a session of it, until the user leaves. False, and said
 * why: this terminal has none. */
bool screen_run(struct debug *d);
/* A guest is running: from time to time the screen shows how far. */
void screen_tick(struct screen *s);
/* An exit is over, of which the screen may want to know. */
void screen_exit(struct screen *s, const struct debug *d,
                 const struct exit_record *x);
/* Another machine is beside the first from now on, or none: NULL. False: no
 * memory for it. */
bool screen_beside(struct screen *s, struct debug *d);

#endif
