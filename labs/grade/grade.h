/*
 * grade.h - inside the grader, the trusted half.
 *
 *   grade.c    the command: tests in, verdicts out
 *   tests.c    reading tests.txt, budgets.txt and the student's answers
 *   oracle.c   the same guest on the bare machine: what must happen
 *   run.c      the child's transcript, received and held to be possible
 *   ways.c     and of that, what a translator may ask for
 *   checks.c   the one compared with the other; check_*.c for labs of their own
 *   space.c    an address space, on both sides of the pipe
 *   report.c   for people, and results.jsonl for everything else
 */
#ifndef RINGSIDE_LABS_GRADE_H
#define RINGSIDE_LABS_GRADE_H

#include "transcript.h"

#include <stdio.h>

#define TEXT_MOST 160
#define CHECKS_MOST 128
#define SEEDS_MOST 16
#define TESTS_MOST 64
#define OUTPUT_MOST 65536u
#define PAGES_MOST 131072u
#define EXITS_MOST 10000u /* told by the child; a guest causes far fewer */

/* ---------------------------------------------------------------- tests.c */

struct test {
    char id[8], name[32];
    unsigned points;
    bool hidden;
    char guest[32];
    unsigned seeds;
    char seed[SEEDS_MOST][12]; /* numbers; of predictions, names */
    char checks[CHECKS_MOST];  /* "output,steps" */
    char needs[16];            /* another test's id, or "-" */
    char text[TEXT_MOST];
};
struct lab {
    unsigned number;
    char technique[16];
    bool counts;  /* lab 0: a table of exits is asked for */
    bool touched; /* lab 7: so are the pages that a guest touches */
    unsigned count;
    struct test test[TESTS_MOST];
};
/* From DIR/tests.txt. False with a message that names the line. */
bool lab_read(struct lab *l, const char *dir, char *err, size_t errsize);
/* The reference's cycles for a guest: DIR/budgets.txt. 0: not there. */
struct budget {
    uint64_t cycles, exits; /* in all; of them in exits */
};
struct budget budget_of(const char *dir, const char *guest, const char *seed);
/* What answers.txt says for `name`; false: nothing, or no number. */
bool prediction_of(const char *path, const char *name, uint64_t *out);
/* How question `name` of DIR/questions.txt is counted: "exits", guest and
 * seed. False: there is no such question. */
struct question {
    char what[24], guest[32], seed[12];
};
bool question_of(const char *dir, const char *name, struct question *out);

/* --------------------------------------------------------------- oracle.c */

#define TOUCH_PAGES 1024u /* of 4 MiB, which every lab's guest has */
#define WALKS_MOST 32u

/* A sensitive instruction, executed or refused. */
struct step {
    uint32_t eip, insn;
    bool faulted;
    bool went_on; /* an interrupt or a trap followed at once: `after` is
                     later than the bare machine's */
    uint32_t vector, error; /* if it did */
    uint64_t exit;          /* its number, in a transcript */
    uint32_t port, size;    /* bare: of an access to a port; size 0: none */
    uint32_t ecx;           /* bare: of RDMSR and WRMSR, the MSR */
    struct seen_cpu after;  /* unless it faulted */
};
/* An exception that the guest's own handler took. */
struct taken {
    uint32_t vector, error, address;
    uint32_t eip; /* of the guest, at the exit; for messages */
    uint64_t exit;
    bool entered;          /* `after` is known: */
    struct seen_cpu after; /* as the handler begins */
};
/* A hypercall that a guest wants compared: lab 4. */
struct called {
    uint32_t number, digest; /* of the guest's page tables, before it */
    int32_t answer;
    uint32_t eip;
    uint64_t exit;
    size_t said; /* bytes that the guest had printed: its last line says what
                    it is about to ask */
};
/* Output, of a transcript: by which exit the bytes up to `until` came. */
struct said {
    size_t until;
    uint64_t exit;
    uint32_t eip;
};
struct history {
    struct step *step;
    struct taken *taken;
    struct called *call;
    struct seen_page *page; /* of all markers */
    struct said *said;
    struct page_sum *sum; /* its memory at the end */
    size_t steps, takens, calls, pages, saids, sums;
    uint32_t markers;
    char output[OUTPUT_MOST];
    size_t output_size;
    uint32_t state, status;
    /* The bare machine's alone: */
    /* Of its kernel, ways.c: ways that direct branches go, places that
     * indirect ones lead to, all ways; what is executed that is no mere copy,
     * and of that what is neither sensitive nor a near branch. */
    uint64_t links, targets, ways, asked, odd;
    uint64_t cpuids, interrupts; /* executed; taken */
    uint32_t spoilt;             /* a guest that asks for MARKER_SPOIL, or 0; */
    size_t spoilt_at;            /* and what it had printed */
    uint64_t beyond;             /* accesses to where no memory is */
    /* Of both: */
    uint16_t touched[TOUCH_PAGES]; /* a page's first touches: nested faults */
    uint32_t walks;                /* that were asked for */
    struct seen_walk walk[WALKS_MOST];
    uint64_t walk_exit[WALKS_MOST]; /* in which exit, in a transcript */
};
/* Run the image bare; with `touched`, `beyond` and `walk`, or without. False
 * with a message: the lab itself is broken. */
bool oracle_run(struct history *h, const char *image, uint64_t limit,
                bool touched, char *err, size_t errsize);
bool history_step(struct history *h, const struct step *s);
bool history_page(struct history *h, const struct seen_page *p);
bool history_sum(struct history *h, const struct page_sum *s);
bool history_say(struct history *h, const struct said *s);
bool history_take(struct history *h, const struct taken *t);
bool history_call(struct history *h, const struct called *c);
void history_free(struct history *h);
/* Does the instruction belong to a history? */
bool is_sensitive(uint32_t insn);

/* ----------------------------------------------------------------- ways.c */

/* What a translator that chains its units has to be told once. */
struct ways;
struct ways *ways_new(void); /* NULL: no memory */
void ways_before(struct ways *w, const struct cpu *c, const struct insn *in);
void ways_end(const struct ways *w, struct history *h);
void ways_free(struct ways *w);

/* -------------------------------------------------------------- touched.c */

#define A20_OPEN 2u /* of port 92h */
struct touched;
struct touched *touched_new(struct history *h); /* NULL: no memory */
void touched_free(struct touched *t);
void touched_fetch(struct touched *t, const struct cpu *c,
                   const struct insn *in);
void touched_access(struct touched *t, const struct cpu *c, gva_t at,
                    unsigned size);
void touched_port(struct touched *t, uint16_t port, bool out, uint32_t value);
void touched_walk(const struct touched *t, const struct cpu *c, gva_t at,
                  struct seen_walk *out);

/* ------------------------------------------------- lab 0: check_counts.c */

/* The guest's exits under the house's own monitor, and of each reason and
 * bucket the first one's number. */
struct tally {
    struct histogram h;
    uint64_t first[EXIT_COUNT][COST_BUCKETS];
};
/* False with a message: the lab itself is broken. */
bool oracle_counts(struct tally *t, const char *technique, const char *image,
                   uint64_t limit, char *err, size_t errsize);

/* ------------------------------------------------------ check_interrupt.c */

/* What was told of interrupts, and the first that broke a rule. */
struct interrupts {
    uint64_t taken[256]; /* by vector */
    struct told_taking closed;
    uint64_t closed_exit;          /* while IF was clear; 0: none */
    uint64_t late_exit, last_late; /* one waited on, though IF was set */
};
void note_vector(struct interrupts *i, const struct told_taking *t,
                 uint64_t exit);
void note_waiting(struct interrupts *i, const struct told_exit *x);

/* ------------------------------------------------------------------ run.c */

/* How the child's run came to its end. */
enum ending {
    ENDED,     /* it told all */
    UNWRITTEN, /* it met a function that is not written yet */
    CRASHED,   /* a signal */
    HUNG,      /* a limit of cycles, exits or bytes */
    SPENT,     /* the host's processor time */
    LEFT,      /* it ended without a word: exit(), or less than it owes */
    FORBIDDEN, /* it tried a system call that it may not have */
    REFUSED,   /* the audit says that the monitor's rules were broken */
    FORGED,    /* what it told contradicts itself */
    UNSTARTED, /* no fault of the student's */
};
struct run {
    enum ending ending;
    char why[TEXT_MOST];
    struct history h;
    struct told_end end;
    uint64_t by_reason[EXIT_COUNT], cycles_by_reason[EXIT_COUNT];
    struct told_row row[EXIT_COUNT]; /* lab 0's table */
    struct interrupts irq;
    char killed[TEXT_MOST]; /* why the monitor stopped the guest; "" */
    enum exit_reason last_reason;
    uint64_t last_exit, last_cycle;
    uint32_t last_eip;
};
struct limits {
    uint64_t cycles, exits;
};
void run_child(struct run *r, const char *program, const char *technique,
               const char *image, const struct limits *most, bool counts);

/* --------------------------------------------------------------- checks.c */

struct finding {
    bool ok;
    bool lab_is_wrong; /* no student's fault */
    double share;      /* of the points, if ok */
    uint64_t exit, cycle;
    uint32_t eip;
    char rationale[TEXT_MOST], expected[TEXT_MOST], got[TEXT_MOST];
};
/* One guest, run by the child and by the oracle. */
struct trial {
    const struct run *run;
    const struct history *bare;
    const char *image;
    const struct tally *under; /* the house's monitor; of lab 0 alone */
    struct budget budget;
    const char *argument; /* of the check, behind "="; or "" */
};
/* Every check in `names`, in order; the first that fails is the finding. */
struct finding check_all(const char *names, struct trial *t);
/* The first register that differs; NULL: none. Sets both values. */
const char *cpu_differs(const struct seen_cpu *a, const struct seen_cpu *b,
                        uint32_t *va, uint32_t *vb);
/* Are all sensitive instructions of `h` those of `bare`? */
bool same_steps(const struct history *bare, const struct history *h,
                struct finding *f);
/* Print both, side by side, about the first difference. */
void show_difference(const struct run *r, const struct history *h,
                     const struct history *bare);

/* -------------------------------------------------------- check_paging.c */

bool check_tables(const struct trial *t, struct finding *f);
bool check_most(const struct trial *t, struct finding *f);
/* Of the address space at the last marker, from 4 MiB on: `what` is "pages",
 * "accessed" or "dirty". False: it is something else. */
bool count_pages(const struct history *h, const char *what, uint64_t *out);

/* ----------------------------------------------------- check_translate.c */

bool check_ports(const struct trial *t, struct finding *f);
bool check_precise(const struct trial *t, struct finding *f);
bool check_entries(const struct trial *t, struct finding *f);
bool check_innocuous(const struct trial *t, struct finding *f);
bool check_guarded(const struct trial *t, struct finding *f);
/* Of a history only port accesses: steps in an array to be freed. */
struct history ports_of(const struct history *h);

/* ---------------------------------------------------------- check_para.c */

bool check_calls(const struct trial *t, struct finding *f);
bool check_fewer(const struct trial *t, struct finding *f);
/* Note it, if a hypercall is what the child tells; or what the bare guest
 * would have asked, if this is how it says so. */
void note_call(struct history *h, const struct told_exit *x);
void note_bare_call(struct history *h, const struct step *s);
/* Both, side by side, about the first difference. False: there are none. */
bool show_calls(const struct run *r, const struct history *bare);
/* How many hypercalls of that name; of any, for "calls"; "refused" ones. */
bool count_calls(const struct history *bare, const char *what, uint64_t *out);

/* --------------------------------------------------------- check_counts.c */

bool check_counts(const struct trial *t, struct finding *f);
bool check_cycles(const struct trial *t, struct finding *f);
bool check_spread(const struct trial *t, struct finding *f);
bool check_medians(const struct trial *t, struct finding *f);
bool check_order(const struct trial *t, struct finding *f);

/* ------------------------------------------------------ check_hardware.c */

bool check_hardware(const struct trial *t, struct finding *f);
bool check_tally(const struct trial *t, struct finding *f);
bool check_windows(const struct trial *t, struct finding *f);
bool check_refused(const struct trial *t, struct finding *f);
/* Of a bare history only what must end guest mode: steps in an array to be
 * freed. And how many exits that makes. */
struct history hardware_of(const struct history *h);
uint64_t hardware_exits(const struct history *h);

/* -------------------------------------------------------- check_nested.c */

bool check_touched(const struct trial *t, struct finding *f);
bool check_walks(const struct trial *t, struct finding *f);
bool check_against(const struct trial *t, struct finding *f);
/* "touched", "beyond"; "walk4": references of the fourth. False: none of
 * these. */
bool nested_truth(const struct history *bare, const char *what, uint64_t *out);

/* ------------------------------------------------------ check_interrupt.c */

bool check_closed(const struct trial *t, struct finding *f);
bool check_prompt(const struct trial *t, struct finding *f);
bool check_ticks(const struct trial *t, struct finding *f);
bool check_byhand(const struct trial *t, struct finding *f);

/* --------------------------------------------------------------- report.c */

enum status { PASS, PARTIAL, FAIL, ERROR, SKIP };
struct result {
    const struct test *test;
    enum status status;
    double points;
    const char *seed; /* of the finding */
    struct finding finding;
};
struct report {
    unsigned lab;
    FILE *json; /* or NULL */
    bool quiet;
    double points, most, seen_points, seen_most;
};
void report_result(struct report *r, const struct result *x);
void report_end(const struct report *r);

#endif
