/*
 * screen.h - inside the full screen: what its panes and its frame share.
 *
 * Job:    the debugger's third face. All that can be done is done by the
 *         commands of debug_table.c; the screen shows what they changed.
 * Parts:  screen.c (the session), screen_term.c (the terminal, and how it is
 *         given back), screen_draw.c (text in a box), screen_layout.c (which
 *         pane stands where), screen_strip.c (above them all), screen_help.c
 *         (the keys), screen_keys.c (keys and the command line),
 *         screen_log.c (what commands said), screen_look.c (what several
 *         panes ask of the machine), screen_walk.c (page walks), and a file a
 * pane, pane_<id>.c, of panes.def.
 *
 * A pane looks at the machine between two commands and changes nothing.
 */
#ifndef RINGSIDE_DEBUGGER_SCREEN_H
#define RINGSIDE_DEBUGGER_SCREEN_H

#include "debug.h"

/* ---------------------------------------------------------- text in a box */

/* What text means; a sign or a word beside it says the same without colour. */
enum ink {
    INK_PLAIN,
    INK_TITLE,   /* a pane's name, what a column holds */
    INK_STRONG,  /* what matters most */
    INK_FAINT,   /* what can be passed over */
    INK_CHANGED, /* since the last stop */
    INK_DIFFERS, /* the machine's from the guest's */
    INK_GOOD,
    INK_BAD,
    INK_CHOSEN, /* the line that keys move */
    INK_STRIP,  /* the strip above all */
    INK_COUNT
};

/* A rectangle of the terminal, and where in it is written next. */
struct box {
    int y, x, h, w;
    int row, col; /* rows above 0 and from h on are not shown */
    bool utf8;
    const int *attribute; /* of each enum ink */
};
void box_ink(struct box *b, enum ink ink);
/* Text at the present place; what does not fit is cut off. */
void put(struct box *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void put_ink(struct box *b, enum ink ink, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void put_to(struct box *b, int col); /* spaces up to a column */
void put_row(struct box *b);         /* on to the next row */
/* Words, broken into the rows that they need, and then on to the next. */
void put_text(struct box *b, int indent, const char *text);
/* A bar of `part` of `whole`, at most `width` columns wide. */
void put_bar(struct box *b, uint64_t part, uint64_t whole, int width);
/* A line of the box's width with a title in it. */
void put_rule(struct box *b, const char *title, const char *more);
bool box_full(const struct box *b);
struct box box_right(struct box *b, int columns); /* cut off that many */

/* ------------------------------------------------------------- the screen */

/* What commands have said: the newest lines. */
#define SCREEN_LINE LINE_MAX_BYTES /* bytes of a command */
#define LOG_LINES 512
struct log {
    char *line[LOG_LINES]; /* line n is at n % LOG_LINES */
    size_t lines;          /* so far */
    size_t command;        /* the line with which the last command begins */
};
void log_text(struct log *l, const char *text); /* lines, with their ends */
const char *log_line(const struct log *l, size_t n); /* NULL: gone */
void log_free(struct log *l);

/* Exits as they were booked: the newest. Those of a run that is played again
 * are the same. */
#define RECORDS 4096u
struct records {
    struct exit_record slot[RECORDS]; /* exit n is at n % RECORDS */
};
void records_note(struct records *r, const struct exit_record *x);
/* Exit `number`, or NULL: it has not been, or is too long ago. */
const struct exit_record *records_find(const struct records *r,
                                       uint64_t number);

enum pane_id {
#define PANE(id, ...) PANE_##id,
#include "panes.def"
#undef PANE
    PANE_COUNT
};

/* What the screen knows of one machine: of two there are two. */
struct seen {
    struct debug *debug; /* NULL: there is no second */
    struct records *records;
    struct { /* before the present command */
        uint64_t clock, instructions, exits;
        uint32_t here;
    } was;
    uint64_t exit;  /* the one looked at; 0: the newest */
    bool ran_known; /* what ran last in the guest, by linear */
    uint32_t ran;   /* address */
};

struct screen {
    struct debug *debug; /* of the side that is drawn, or looked at */
    struct seen *at;     /* that side */
    struct seen side[2]; /* the first is the one that executes commands; the
                            second has no debug if it is alone */
    struct log log;
    FILE *errors;        /* standard error meanwhile; NULL: it goes elsewhere */
    bool running;        /* a command is being done */
    long tenth;          /* of a second: when it was last drawn meanwhile */
    bool opened;         /* the view of what commands said, by itself */
    int log_rows;        /* that are seen of what a command says */
    enum pane_id chosen; /* the pane that keys choose and move */
    enum pane_id beside; /* chosen before, where there is room for both */
    int scroll[PANE_COUNT];   /* rows above the first that is shown */
    int rows[PANE_COUNT];     /* shown at most, when it was last drawn */
    bool alone;               /* the chosen pane has all the room */
    bool help;                /* over all */
    bool typing;              /* all keys go to the command line */
    bool over;                /* its input has ended */
    bool place_given;         /* memory and page walk look there, */
    uint32_t place;           /* and else follow the guest */
    char repeat[SCREEN_LINE]; /* what Enter does again */
    int attribute[INK_COUNT]; /* the terminal's */
    bool utf8;
};

/* One pane. */
struct pane {
    const char *name, *title; /* as `view` and its frame have them */
    const char *text;         /* a sentence, for the help */
    int key;                  /* that chooses it, as ncurses has it */
    const char *key_name;
    void (*draw)(struct screen *s, struct box *b);
};
extern const struct pane panes[PANE_COUNT];
#define PANE(id, ...) void pane_##id(struct screen *s, struct box *b);
#include "panes.def"
#undef PANE

/* ------------------------------------------------------------- its parts */

/* The terminal: false, and said why, if it cannot show a screen. */
bool term_open(struct screen *s);
void term_close(void);

bool screen_pair(const struct screen *s); /* are there two machines? */
int screen_sides(const struct screen *s); /* 2, or 1 */
/* What is drawn, and what keys mean, is that side's from now on; and the side
 * that is looked at. */
void screen_turn(struct screen *s, struct seen *side);
void screen_turn_back(struct screen *s);
void screen_draw(struct screen *s);   /* all of it, as things stand */
void screen_layout(struct screen *s); /* its panes */
struct box box_at(const struct screen *s, int y, int x, int h, int w);
int strip_rows(const struct screen *s);
void strip_draw(struct screen *s, struct box *b);
void help_draw(struct box *b);
/* A line of the command language, echoed, and what it says kept. */
void screen_view(struct screen *s, enum pane_id pane); /* choose it */
void screen_command(struct screen *s, const char *line);
/* A key that stands for a command while the command line is empty. */
struct key_command {
    int key;
    const char *name, *command;
    const char *text; /* for the help */
};
extern const struct key_command key_commands[];
bool keys_open(struct screen *s);
void keys_interrupt(struct screen *s); /* Ctrl-C: the line is dropped */
void keys_key(struct screen *s, int key);
void keys_draw(struct screen *s, struct box *b); /* the command line */
void keys_close(void);

/* ------------------------------------------------- what panes ask: _look.c */

/* Where the guest stands: the linear address of its next instruction. */
uint32_t look_here(const struct screen *s);
/* The exit that is looked at, or NULL: there is none. */
const struct exit_record *look_exit(const struct screen *s);
/* Decode the guest's instruction at `at`. False: it cannot be read. */
bool look_insn(const struct screen *s, uint32_t at, struct insn *out);
/* The linear address of its memory operand, were it to run now. */
bool look_operand(const struct screen *s, const struct insn *in, uint32_t *out);
/* Where memory and page walk look, and why, in words. */
uint32_t look_place(const struct screen *s, char *why, size_t size);
/* Does the monitor play the guest's processor at this moment? */
bool look_played(const struct screen *s);
bool look_bare(const struct screen *s);
bool look_guest_word(const struct screen *s, gpa_t at, uint32_t *out);

/* ------------------------------------------------ page walks: screen_walk.c */

/* One address through page tables, as one side sees it. */
struct side {
    bool paging, pae, large, present; /* present: it leads to a page */
    uint64_t pointer;                 /* of PAE: which of four it picks, */
    unsigned which;                   /* and that one's number */
    unsigned levels;                  /* entries read, the pointer apart */
    uint64_t entry[2];
    uint32_t at[2]; /* where they stand: guest or machine physical */
    uint32_t page;  /* likewise */
};
/* Through the guest's tables by software: all addresses guest physical. */
struct side side_guest(const struct screen *s, uint32_t at);
/* Through those that the processor walks: all addresses machine physical. */
struct side side_real(const struct screen *s, uint32_t at);
/* Through the nested tables, from guest physical `at`. False: no nested
 * paging here. */
bool side_nested(const struct screen *s, uint32_t at, struct side *out);

#endif
