/*
 * vmm.h - the monitor, as commands, debugger, tests and benchmarks see it.
 *
 * Job:    run guests on one simulated machine under a technique each, and
 *         account for every trap.
 * Parts:  names (reasons, dispositions, phases, techniques); the exit record;
 *         the books; histograms; a monitor and its virtual machines; running
 *         them.
 *
 * `bare` is a technique too: the guest owns the machine, no exit occurs, and
 * its run is the baseline.
 */
#ifndef RINGSIDE_VMM_H
#define RINGSIDE_VMM_H

#include "../cpu/cpu.h"
#include "../devices/devices.h"

/* ---------------------------------------------------------------- names */

enum exit_reason {
#define EXIT(id, ...) EXIT_##id,
#include "exits.def"
#undef EXIT
    EXIT_COUNT
};
enum disposition {
#define DISPOSITION(id, ...) DISPOSITION_##id,
#include "dispositions.def"
#undef DISPOSITION
    DISPOSITION_COUNT
};
enum phase {
#define PHASE(id, ...) PHASE_##id,
#include "phases.def"
#undef PHASE
    PHASE_COUNT
};
struct name_text {
    const char *name;  /* "pt-write" */
    const char *title; /* "traced page-table write" */
    const char *text;  /* a sentence or two */
};
extern const struct name_text exit_names[EXIT_COUNT];
extern const struct name_text disposition_names[DISPOSITION_COUNT];
extern const struct name_text phase_names[PHASE_COUNT];

struct technique;
struct monitor;
struct vm;
/* By name ("full"), or NULL. */
const struct technique *technique_find(const char *name);
/* Technique number i, or NULL past the last: techniques/techniques.def. */
const struct technique *technique_at(size_t i);
const char *technique_name(const struct technique *t);
const char *technique_text(const struct technique *t); /* a sentence */
/* The guest owns the machine: no trap reaches the monitor. */
bool technique_is_bare(const struct technique *t);
/* The processor runs other code than the guest's own: where the guest is,
 * vm_virtual_cpu() alone can tell. */
bool technique_moves_code(const struct technique *t);
/* The processor kind it asks for. */
enum cpu_kind technique_kind(const struct technique *t);

/* ----------------------------------------------------- the exit's record */

struct exit_record {
    uint64_t number; /* from 1, over all VMs of the monitor */
    uint32_t vm, vcpu;
    uint64_t start; /* cycle at which the guest stopped running */
    enum exit_reason reason;
    enum disposition disposition;
    uint8_t vector; /* that arrived at the real IDT */
    bool has_error;
    uint32_t error;
    uint32_t address; /* for #PF, the linear address (CR2) */
    uint16_t cs;      /* of the guest, real selector */
    uint32_t eip;
    struct insn insn; /* id I_INVALID where none was decoded */
    uint32_t detail;  /* port, hypercall number, CRn, vector injected */
    uint8_t real_ring, virtual_ring;
    uint64_t phase[PHASE_COUNT]; /* cycles; their sum is the exit's cost */
    char note[72];               /* what was done, in words: "IF 1 -> 0" */
};
uint64_t exit_cost(const struct exit_record *x);

/*
 * Guest + interpreted + exits + idle + others = clock - since, exactly. A
 * monitor's own books add up its VMs', and have no others. A VM that has
 * ended keeps its books as they were then.
 */
struct books {
    uint64_t guest;        /* cycles the guest's own instructions took */
    uint64_t interpreted;  /* cycles the monitor spent running others itself */
    uint64_t exits;        /* cycles of all its exits */
    uint64_t idle;         /* cycles the machine slept for want of work */
    uint64_t others;       /* cycles of other VMs, their exits included */
    uint64_t since;        /* the machine's clock when the VM was added */
    uint64_t clock;        /* the machine's clock at the last balance */
    uint64_t instructions; /* the guest completed itself, on the processor */
    uint64_t interpreted_instructions; /* the monitor completed for it */
    uint64_t count;                    /* exits */
    uint64_t by_reason[EXIT_COUNT], cycles_by_reason[EXIT_COUNT];
    uint64_t min_by_reason[EXIT_COUNT], max_by_reason[EXIT_COUNT];
    uint64_t cycles_by_phase[PHASE_COUNT];
};

/* The four that time can be booked on, as those members. */
enum account {
    ACCOUNT_GUEST,
    ACCOUNT_INTERPRETED,
    ACCOUNT_EXITS,
    ACCOUNT_IDLE,
    ACCOUNT_COUNT
};

/*
 * What became of a guest's timer ticks: the 8254's, a para guest's timers'.
 * A tick that comes due while another guest has the processor is late: it
 * waits for the turn. A tick that comes due while one is still waiting is
 * lost: the two become one. None is made up for, as on a real machine whose
 * interrupts are off for long; a guest that counts ticks is behind by those.
 */
struct ticks {
    uint64_t due, late, lost;
    uint64_t delay, delay_max; /* cycles that the late ones waited for a turn */
};

/* ----------------------------------------------------------- histograms */

/*
 * Exits by reason: how many, what they cost together, and how the cost of one
 * is spread. Bucket k counts those of at least 2^k and fewer than 2^(k+1)
 * cycles; bucket 0 those of no cycle, too, and the last all that cost more.
 */
#define COST_BUCKETS 24
struct histogram {
    uint64_t count[EXIT_COUNT], cycles[EXIT_COUNT];
    uint64_t spread[EXIT_COUNT][COST_BUCKETS];
};
/* Count one exit. For a monitor_observer. */
void histogram_exit(struct histogram *h, const struct exit_record *x);
/* Which bucket counts an exit of `cost` cycles. */
unsigned histogram_bucket(uint64_t cost);
/* The bucket of the median exit of that reason: half of them, or one more
 * than half, cost no more than its most. -1: none occurred. */
int histogram_median(const struct histogram *h, enum exit_reason reason);
/* The reason whose exits took the n-th most cycles together, n from 0; of
 * equal ones the first in exits.def. -1: fewer occurred. */
int dearest_reason(const uint64_t count[EXIT_COUNT],
                   const uint64_t cycles[EXIT_COUNT], int n);

/* ------------------------------------------------- monitors and machines */

enum vm_state {
    VM_RUNNING,
    VM_BLOCKED, /* halted or yielded; an event will wake it */
    VM_EXITED,  /* it said so: exit port or shutdown hypercall */
    VM_KILLED,  /* stopped by the monitor; `why` says the first reason */
};

enum output_channel { OUTPUT_SERIAL, OUTPUT_DEBUG };

/* Observers of a monitor: each may be NULL. */
struct monitor_observer {
    void *who;
    void (*exit)(void *who, struct monitor *m, const struct exit_record *x);
    void (*output)(void *who, struct vm *v, enum output_channel ch,
                   uint8_t byte);
    void (*marker)(void *who, struct vm *v, uint32_t id);
    void (*state)(void *who, struct vm *v, enum vm_state s);
    /* All time from the last such call to the books' clock went there. */
    void (*booked)(void *who, struct monitor *m, enum account a);
};

/* How the processor's time is shared out: scheduler.c. */
enum schedule { SCHEDULE_ROUND_ROBIN, SCHEDULE_SHARE };

/*
 * Who has the machine's devices. Type 1: the monitor itself, on the bare
 * metal. Type 2: a host, whose program the monitor is; what it does for a
 * guest's device, the timer and a turn takes a switch to the host and back.
 */
enum hosting { HOSTING_TYPE1, HOSTING_TYPE2 };

struct monitor_config {
    enum cpu_kind kind;
    const struct costs *costs; /* must outlive the monitor */
    uint32_t ram_size;         /* machine memory in bytes; 0: enough */
    bool reference_engine;     /* run without the fast engine */
    bool detect_silent;        /* report critical instructions */
    enum schedule schedule;
    enum hosting hosting;
    struct monitor_observer observer;
};
#define WEIGHT_DEFAULT 256u /* as Xen's credit scheduler */
#define WEIGHT_MOST 65535u
struct vm_config {
    const char *name; /* NULL: the image's file name */
    const struct technique *technique;
    const char *image; /* path of an ELF or multiboot image */
    const char *command_line;
    uint32_t memory; /* guest physical bytes; 0: 16 MiB */
    uint32_t weight; /* of its share of the processor; 0: WEIGHT_DEFAULT */
    uint32_t cap;    /* at most so many percent of it; 0: no limit */
};

/* All return NULL (or false) with a message in err for people: what, where,
 * and what to do. */
struct monitor *monitor_new(const struct monitor_config *cfg, char *err,
                            size_t errsize);
void monitor_free(struct monitor *m);
struct vm *monitor_add_vm(struct monitor *m, const struct vm_config *cfg,
                          char *err, size_t errsize);

enum monitor_stop {
    STOP_ALL_ENDED, /* every VM has exited or was killed */
    STOP_LIMIT,     /* the cycle limit, or the look asked for before it */
    STOP_EXIT,      /* an exit completed, and the caller asked for that */
    STOP_STEP,      /* one guest instruction ran, as asked */
    STOP_ASKED,     /* monitor_stop_soon(): Ctrl-C, a breakpoint */
};
/*
 * Between two runs the processor stands in a guest, before an instruction of
 * it: an exit is complete with the entry that ends it.
 */
struct run_until {
    uint64_t cycle; /* run no further than this; UINT64_MAX: no limit */
    uint64_t look;  /* come back here, too, for a look; 0: no. It is no limit:
                       a sleep goes on over it, and one without end ends */
    bool one_exit;  /* stop after the next exit, before the guest goes on */
    bool one_step;  /* stop after one guest instruction */
};
enum monitor_stop monitor_run(struct monitor *m, const struct run_until *u);
void monitor_stop_soon(struct monitor *m); /* async-signal-safe */

/* Looking. */
struct cpu *monitor_cpu(struct monitor *m); /* the real processor */
uint64_t monitor_clock(const struct monitor *m);
/*
 * What things cost where the monitor runs a guest in software: made of its own
 * prices on the processor `real`. Any processor but the real one that tells of
 * charges (struct cpu_hooks) is such an interpreter.
 */
void interpreter_prices(struct costs *to, const struct costs *real);
const struct books *monitor_books(const struct monitor *m);
size_t monitor_vm_count(const struct monitor *m);
struct vm *monitor_vm(struct monitor *m, size_t i);
struct vm *monitor_current(struct monitor *m); /* whose turn it is; or NULL */

const char *vm_name(const struct vm *v);
uint32_t vm_id(const struct vm *v);
const struct technique *vm_technique(const struct vm *v);
enum vm_state vm_state(const struct vm *v);
const char *vm_why(const struct vm *v);      /* of VM_KILLED; "" else */
uint32_t vm_exit_status(const struct vm *v); /* of VM_EXITED; 0 success */
const struct books *vm_books(const struct vm *v);
const struct ticks *vm_ticks(const struct vm *v);
uint64_t vm_turns(const struct vm *v); /* that it has had of the processor */
const struct exit_record *vm_last_exit(const struct vm *v);
/*
 * The processor as the guest believes it to be: virtual CPL, IF, control
 * registers, descriptor tables. Under `bare` the real one. A copy without
 * TLB is written to *out.
 */
struct virtual_cpu {
    uint32_t reg[8], eip, eflags, cr0, cr2, cr3, cr4;
    struct segment seg[SEG_COUNT], ldtr, tr;
    struct table_reg gdtr, idtr;
    uint8_t cpl;
};
void vm_virtual_cpu(struct vm *v, struct virtual_cpu *out);
/* Any processor in that shape, the real one too. */
void virtual_cpu_of(const struct cpu *c, struct virtual_cpu *out);
/* Guest memory for debuggers and tests: no faults, no costs. */
bool vm_translate(struct vm *v, gva_t at, gpa_t *out); /* guest's tables */
bool vm_machine(struct vm *v, gpa_t at, mpa_t *out);   /* the allocator's */
size_t vm_peek(struct vm *v, gva_t at, void *to, size_t n);
/*
 * Of a technique that translates: the i-th guest instruction of the unit that
 * begins at `at`, or else of one that has an instruction there, and what
 * stands in its place in the cache. False: there is none.
 */
struct translated {
    uint32_t eip, at; /* the guest's address; the offset in the cache */
    uint32_t size;
    uint8_t bytes[256];
};
bool vm_translated(struct vm *v, gva_t at, unsigned i, struct translated *out);
/* Where the control block of a guest in guest mode stands (cpu/vmcb.h). False:
 * the technique has none. */
bool vm_control_block(const struct vm *v, mpa_t *out);
/*
 * Of a paravirtual guest: what it has instead of interrupts (para/events.c).
 * `text` says who raises events on a channel. False: it is no such guest; the
 * port is not open.
 */
struct vm_upcall {
    bool pending, masked; /* an upcall is due; the virtual IF, upside down */
    uint32_t selector;    /* a bit for each 32 ports that have news */
    uint32_t cs, eip;     /* where upcalls lead; 0: nowhere yet */
    uint32_t ports;       /* that there can be */
};
struct vm_channel {
    const char *text;
    bool pending, masked;
};
bool vm_upcall(struct vm *v, struct vm_upcall *out);
bool vm_channel(struct vm *v, uint32_t port, struct vm_channel *out);
/*
 * A walk in two dimensions: with nested paging the guest's tables are at guest
 * physical addresses, and so each of their entries is looked for in the nested
 * tables first, and the page at last. A leg is one such search.
 */
enum walk_end {
    WALK_FOUND,
    WALK_GUEST_FAULT,  /* the guest's last entry read is not present: #PF */
    WALK_NESTED_FAULT, /* the nested tables lack the last leg's page */
};
struct walk_leg {
    gpa_t at;           /* an entry of the guest's; in the last leg, the byte */
    uint32_t nested[2]; /* of the nested directory, and of the nested table */
    mpa_t where;        /* if the nested tables have it */
    uint32_t entry;     /* the guest's, read there */
};
struct walk_2d {
    enum walk_end end;
    unsigned legs, references; /* references: entries read, of either kind */
    struct walk_leg leg[3];
};
/* Of the guest as it is now, without a trace. False: it has no nested paging,
 * or tables of its own that are PAE's. */
bool vm_walk_2d(struct vm *v, gva_t at, struct walk_2d *out);
uint32_t vm_memory(const struct vm *v); /* guest physical size in bytes */
bool vm_serial_in(struct vm *v, uint8_t byte);
const struct board *vm_board(const struct vm *v); /* NULL: it has no chips */
/* The image's symbols. The name at or before `at` and how far, or NULL. */
const char *vm_symbol_at(const struct vm *v, gva_t at, uint32_t *offset);
bool vm_symbol(const struct vm *v, const char *name, gva_t *out);
/* Symbol number i by address, for completion; NULL past the last. */
const char *vm_symbol_name(const struct vm *v, size_t i);

/*
 * The audit (DESIGN 7.3): no entry the processor can walk reaches a frame
 * that its guest does not own. Returns true, or false with what is wrong.
 */
bool monitor_audit(struct monitor *m, char *err, size_t errsize);

/* ------------------------------------------------------------- snapshots */

/*
 * The monitor between two runs, with all its guests and devices, saved; and
 * the same monitor put back to that moment, as if the run since had not been.
 * Hooks and observers stay. `like`, or NULL: an earlier one, whose pages are
 * shared where they are the same. NULL: the host has no memory for it.
 */
struct snapshot;
struct snapshot *monitor_save(const struct monitor *m,
                              const struct snapshot *like);
void monitor_restore(struct monitor *m, const struct snapshot *s);
void snapshot_free(struct snapshot *s);
/* Bytes of the host that it took. */
size_t snapshot_size(const struct snapshot *s);
/* A number that is another where anything in the machine is: memory, the
 * processors, devices, books. Two monitors that ran alike have the same. */
uint64_t monitor_hash(const struct monitor *m);

/* ---------------------------------------------------------------- traces */

/* Write every exit to `path`; the format follows the ending: .jsonl, or
 * .json for Chrome trace events. To be attached as an observer. */
struct trace;
struct trace *trace_open(const char *path, struct monitor *m, char *err,
                         size_t errsize);
void trace_exit(struct trace *t, const struct exit_record *x);
void trace_marker(struct trace *t, struct vm *v, uint32_t id);
/* Flush, rename into place. False with a message if the disk said no. */
bool trace_close(struct trace *t, char *err, size_t errsize);

#endif
