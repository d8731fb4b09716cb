/*
 * monitor.h - inside the monitor: its own structures and primitives.
 *
 * Popek and Goldberg's parts: the dispatcher (monitor.c, dispatch.c) takes
 * every trap and emulates nothing; the allocator (allocator.c) alone changes
 * what a guest owns; the interpreters (interpreters/) are one routine for
 * each instruction that can trap; a technique (techniques/) is the table of
 * functions that makes one kind of virtualization of them.
 *
 * How a trap arrives. The monitor's ring-0 world (world.c) is real bytes in
 * machine frames that belong to no guest, mapped at the top of every address
 * space the processor is given: a GDT, an IDT of 256 gates, a TSS with the
 * ring-0 stack, and a page of stubs: 256 HLT instructions, gate n leading to
 * stub n, and one IRET. A trap pushes a real frame and lands on its stub;
 * the processor halts in ring 0, and this C program, standing in for ring-0
 * code, takes over. To resume, it edits the frame and runs the IRET stub.
 */
#ifndef RINGSIDE_VMM_MONITOR_H
#define RINGSIDE_VMM_MONITOR_H

#include "vmm.h"

/* ------------------------------------------------------- ledger: ledger.c */

/*
 * The exit being handled. Handlers never name a number of cycles: they use
 * the primitives, which charge the current exit in their phase.
 */
struct exit {
    struct exit_record r;
    struct event event; /* what arrived, as the processor reported it */
};
/* Charge n times price p to phase ph of v's current exit; time passes. */
void charge_exit(struct vm *v, enum phase ph, enum price p, unsigned n);
/* Cycles the processor itself spent (trap delivery, IRET), by phase. */
void charge_cycles(struct vm *v, enum phase ph, uint64_t cycles);
/* printf into the record's note. */
void exit_note(struct exit *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* -------------------------------------------------- allocator: allocator.c */

enum frame_owner { FRAME_FREE, FRAME_MONITOR, FRAME_GUEST };
/*
 * What a para guest's frame is in use as: one thing at a time, while
 * type_count is not 0 (techniques/para/types.c). Other techniques leave it.
 */
enum frame_type {
    FRAME_UNTYPED,
    FRAME_WRITABLE,    /* mapped writable by the guest */
    FRAME_L1,          /* a validated page table */
    FRAME_L2,          /* a validated page directory */
    FRAME_DESCRIPTORS, /* part of a GDT or LDT */
};
struct frame_info {
    enum frame_owner kind;
    struct vm *owner; /* of FRAME_GUEST */
    gpa_t at;         /* where its guest sees it; M2P */
    enum frame_type type;
    bool validated; /* type_count's first holder has checked its entries */
    bool pinned;    /* one type reference is the guest's own wish */
    uint32_t type_count, refs; /* uses as `type`; all uses */
    uint32_t flush_stamp;      /* TLB flushes when last written through it */
};
/* The frame's row, or NULL where there is no memory. */
struct frame_info *frame_info(struct monitor *m, mpa_t frame);
/* Take a zeroed frame for the monitor (vm NULL) or a guest. False: none. */
bool frame_alloc(struct monitor *m, struct vm *owner, mpa_t *out);
void frame_free(struct monitor *m, mpa_t frame);
struct vm *frame_guest(const struct monitor *m, mpa_t frame); /* or NULL */
uint8_t *frame_bytes(struct monitor *m, mpa_t frame);         /* host address */
/* The guest's memory map: guest physical page to machine frame. */
bool p2m(const struct vm *v, gpa_t at, mpa_t *out);
bool m2p(const struct vm *v, mpa_t at, gpa_t *out);

/* --------------------------------------------------------- world: world.c */

/* Linear layout of the monitor's hole: the last 4 MiB. */
#define MONITOR_BASE 0xffc00000u
/*
 * Selectors of the monitor's own descriptors: above any that Xen lets a
 * guest use (its first reserved entry is 14 * 512).
 */
#define MONITOR_CS 0xe008u
#define MONITOR_DS 0xe010u
#define FLAT_RING1_CS 0xe019u /* flat segments that end below the hole, as */
#define FLAT_RING1_DS 0xe021u /* Xen's: a para guest starts on these */
#define FLAT_RING3_CS 0xe02bu
#define FLAT_RING3_DS 0xe033u
#define MONITOR_TSS 0xe040u
#define GUEST_GDT_ENTRIES 7168u /* entries below are the guest's shadow */

/* The guest's registers as the trap left them or as IRET will find them. */
struct frame_regs {
    uint32_t eip, cs, eflags, esp, ss; /* real values */
};

/* --------------------------------------------------------- a VM's insides */

struct image; /* loader.h */

struct technique {
    const char *name, *text;
    enum cpu_kind kind;
    /* Build the VM's memory and first state from the image. */
    bool (*create)(struct vm *v, const struct image *im, char *err,
                   size_t errsize);
    void (*destroy)(struct vm *v);
    /* Handle the exit, completely; set reason and disposition. */
    void (*handle)(struct vm *v, struct exit *x);
    /* The VM becomes current: put into the real processor what its world
     * has of its own: GDT, IDT gates, the TSS's ring-1 stack. May be NULL. */
    void (*enter)(struct vm *v);
    /* Before each entry: deliver what is pending, if the guest can take it.
     * x is the exit being finished (its cost pays). */
    void (*deliver)(struct vm *v, struct exit *x);
    /* A virtual device or timer needs attention at this cycle. */
    uint64_t (*next_event)(struct vm *v);
    void (*virtual_cpu)(struct vm *v, struct virtual_cpu *out);
    bool (*translate)(struct vm *v, gva_t at, gpa_t *out);
    bool (*audit)(struct vm *v, char *err, size_t errsize);
};
extern const struct technique technique_bare, technique_full, technique_para;

struct vm {
    uint32_t id;
    char name[32];
    struct monitor *monitor;
    const struct technique *technique;
    void *own; /* the technique's own state */
    enum vm_state state;
    char why[160]; /* first reason kept */
    uint32_t exit_status;
    uint32_t pages;         /* guest physical size in pages */
    uint32_t *p2m;          /* machine frame number of each page */
    struct board *board;    /* virtual devices; NULL under para */
    struct frame_regs regs; /* with the general registers in the real
                               processor while this VM is current */
    uint32_t shadow_cr3;    /* real CR3 to run it with */
    struct books books;
    struct exit exit; /* the current or last one */
    uint32_t marker;
};

/* Stop the VM for good; only the first reason is kept. */
void vm_kill(struct vm *v, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

struct monitor {
    struct cpu *cpu;
    struct ram ram;
    const struct costs *costs;
    struct monitor_config config;
    struct vm **vms;
    size_t vm_count;
    struct vm *current;
    struct world *world;
    struct frame_info *frames; /* one a machine frame */
    uint64_t exit_number;
    struct books books;
};

#endif
