/*
 * monitor.h - inside the monitor: its own structures and primitives.
 *
 * Popek and Goldberg's parts: the dispatcher (monitor.c) takes
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

#include "pool.h"
#include "vmm.h"

#include <signal.h>

/* ------------------------------------------------------- ledger: ledger.c */

/*
 * The exit being handled. Handlers never name a number of cycles: they use
 * the primitives, which charge the current exit in their phase.
 */
struct exit {
    struct exit_record r;
    struct event event; /* what arrived, as the processor reported it */
    bool open;          /* it is being handled: charges go to it */
    bool told;          /* an observer will see it: notes are worth writing */
    bool hosted;        /* it has paid its switch to the host */
    bool mapped;        /* it was charged for changes of page tables */
    bool entering;      /* the event is a fault of the IRET that was to
                           resume the guest: its CS:EIP are v->regs' */
};
/*
 * Charge n times price p to phase ph of v's current exit; time passes. While
 * v is interpreted it is part of that. Free where neither is: the VM is being
 * built, or a debugger looks.
 */
void charge_exit(struct vm *v, enum phase ph, enum price p, unsigned n);
/* The host works for v, if the monitor has one: once an exit. */
void charge_host(struct vm *v);
/* A virtual device's model works, in the monitor or in its host. */
void charge_device(struct vm *v);
/* Cycles the processor itself spent (trap delivery, IRET), by phase. */
void charge_cycles(struct vm *v, enum phase ph, uint64_t cycles);
/* Time that the processor has spent since the last booking: the guest's own
 * instructions, or sleep. Every cycle is booked once, by one of these. */
void book_guest(struct vm *v, uint64_t until, uint64_t instructions);
void book_interpreted(struct vm *v, uint64_t until, uint64_t instructions);
void book_idle(struct monitor *m, uint64_t until);
/* Begin v's record of what happened at cycle `start`; and end it: counted,
 * and shown to the observer. */
struct exit *exit_open(struct vm *v, const struct event *e, uint64_t start);
void exit_close(struct vm *v);
/* One more of a silent instruction that has been reported already. */
void exit_count_silent(struct vm *v);
/* Do the books balance? False with the difference in err. */
bool books_audit(const struct monitor *m, char *err, size_t errsize);
/* printf into the record's note, if anyone will read it. */
void exit_note(struct exit *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* -------------------------------------------------- allocator: allocator.c */

enum frame_owner {
    FRAME_FREE,
    FRAME_MONITOR, /* no guest may reach it */
    FRAME_SHARED,  /* the monitor's, which guests may read */
    FRAME_GUEST,
};
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
    bool used;        /* it has had an owner, and may not be all zeros */
    struct vm *owner; /* of FRAME_GUEST */
    gpa_t at;         /* where its guest sees it (M2P); or NOT_MAPPED */
    enum frame_type type;
    bool validated; /* type_count's first holder has checked its entries */
    bool pinned;    /* one type reference is the guest's own wish */
    uint32_t type_count, refs; /* uses as `type`; all uses */
    uint32_t flush_stamp;      /* TLB flushes when last written through it */
};
#define NOT_MAPPED 0xffffffffu
/* The frame's row, or NULL where there is no memory. Low bits of a frame's
 * address are ignored, here and below. */
struct frame_info *frame_info(struct monitor *m, mpa_t frame);
/* Take a zeroed frame for the monitor (owner NULL), or for a guest, which
 * does not see it until p2m_set. False: none is left. */
bool frame_alloc(struct monitor *m, struct vm *owner, mpa_t *out);
void frame_free(struct monitor *m, mpa_t frame);
/* The same of so many frames, one behind the other, for the monitor. */
bool frames_alloc(struct monitor *m, uint32_t count, mpa_t *out);
struct vm *frame_guest(struct monitor *m, mpa_t frame); /* or NULL */
uint8_t *frame_bytes(struct monitor *m, mpa_t frame);   /* its host address */
uint32_t frames_left(const struct monitor *m);
/* The guest's memory map: guest physical to machine, any byte's address.
 * False outside it, or for a frame of somebody else. */
bool p2m(const struct vm *v, gpa_t at, mpa_t *out);
bool m2p(const struct vm *v, mpa_t at, gpa_t *out);
/* Let the guest see its frame at `at`, in place of what it saw there. */
void p2m_set(struct vm *v, gpa_t at, mpa_t frame);
/* Give a new VM its memory, v->pages of it: monitor_add_vm does. */
bool allocator_give(struct vm *v);
bool allocator_init(struct monitor *m);
/* Guest physical memory by the monitor: no traps, no costs, any length.
 * False, and nothing done, where the guest has no memory. */
bool guest_read(struct vm *v, gpa_t at, void *to, size_t n);
bool guest_write(struct vm *v, gpa_t at, const void *from, size_t n);

/* --------------------------------------------------------- world: world.c */

/* Linear layout of the monitor's hole: the last 4 MiB. */
#define MONITOR_BASE 0xffc00000u
/* In its middle: guests' programs and kernels begin at multiples of 4 MiB,
 * and would push the GDT out of a direct-mapped TLB at every ring change. */
#define WORLD_GDT (MONITOR_BASE + 0x200000u) /* 15 pages: 14 the guest's */
#define WORLD_LDT (WORLD_GDT + 0x10000u)     /* 16 pages: the guest's */
#define WORLD_IDT (WORLD_GDT + 0x20000u)
#define WORLD_TSS (WORLD_GDT + 0x21000u)
#define WORLD_STUBS (WORLD_GDT + 0x22000u) /* 256 HLT, IRET, HLT */
#define WORLD_STACK (WORLD_GDT + 0x25000u) /* top of the one page below */
#define WORLD_STATE (WORLD_GDT + 0x30000u) /* see world_map_own */
#define WORLD_CACHE (WORLD_GDT + 0x50000u)
#define WORLD_STATE_PAGES 17u
#define WORLD_CACHE_PAGES 64u
#define WORLD_GDT_PAGES 14u
#define WORLD_LDT_PAGES 16u
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
#define MONITOR_LDT 0xe048u
#define CACHE_CS 0xe051u /* ring 1: a technique's own code at WORLD_CACHE, */
#define STATE_DS 0xe059u /* execute only; and its own data at WORLD_STATE */
#define FLAT_LIMIT 0xfc3fffffu  /* the last byte of Xen's M2P list */
#define GUEST_GDT_ENTRIES 7168u /* entries below are the guest's shadow */
/* The vector by which the monitor's own timer arrives. Its gate, like all
 * that a technique has not opened, has DPL 0: no guest can forge it. */
#define MONITOR_TIMER 0xf0u

/* The guest's registers as the trap left them or as IRET will find them. */
struct frame_regs {
    uint32_t eip, cs, eflags, esp, ss; /* real values */
};

/* Build it, once a monitor: monitor_add_vm does. False: no memory. */
bool world_build(struct monitor *m);
/*
 * What entry 1023 of every page directory must be that the processor is ever
 * given: the hole's page table, supervisor only. Its pages are global.
 */
uint32_t world_pde(const struct monitor *m);

/*
 * The guest's part of the world. All of it is the current VM's: when another
 * becomes current it is as below, and then technique.enter fills it.
 *
 *   gates    all 256 lead to their stubs, DPL 0
 *   GDT      entries below GUEST_GDT_ENTRIES are null descriptors
 *   LDT      none
 *   CR0      MP, EM, TS: a technique asks for them by fpu_guard
 *   CR4      PGE alone; likewise TSD
 *   TSC      the machine's clock; tsc_offset makes it the guest's
 */
/* Let INT n be used from rings up to `dpl`; the gate leads to the stub. */
void world_open_gate(struct monitor *m, unsigned vector, unsigned dpl);
/* A trap gate (IF stays) straight to the guest's own handler in ring 1. */
void world_direct_gate(struct monitor *m, unsigned vector, uint16_t cs,
                       uint32_t eip, unsigned dpl);
/* The stack such a gate switches to: the TSS's SS1:ESP1. */
void world_ring1_stack(struct monitor *m, uint16_t ss, uint32_t esp);
/* Show a frame as page `page` of the GDT (0 to 13) or LDT (0 to 15), in
 * place of null descriptors; the unmap functions undo it. */
void world_map_gdt(struct monitor *m, unsigned page, mpa_t frame);
void world_unmap_gdt(struct monitor *m, unsigned page);
void world_map_ldt(struct monitor *m, unsigned page, mpa_t frame);
void world_unmap_ldt(struct monitor *m, unsigned page);
/*
 * Show a technique's own frame at WORLD_STATE or in the pages at WORLD_CACHE,
 * where nothing is mapped otherwise. Guests' segments end before them; what
 * the technique itself runs in ring 1 reaches them by CACHE_CS and STATE_DS.
 */
void world_map_own(struct monitor *m, uint32_t linear, mpa_t frame,
                   bool writable);
/* Load LDTR with a table of so many entries at WORLD_LDT; 0: null. */
void world_load_ldt(struct monitor *m, uint32_t entries);
/* One of the monitor's segments above, as a segment register has it. */
struct segment world_segment(uint16_t sel);

/* How the processor came back from the guest. */
enum world_left {
    WORLD_TRAP,     /* it stands halted on a stub; c->last_event is why */
    WORLD_DEADLINE, /* the clock reached it; it stands in the guest */
    WORLD_ASKED,    /* cpu_stop_soon(); likewise */
};
/* v becomes current: registers and the world's variable part are its. */
void world_switch(struct vm *v);
/*
 * IRET to v->regs. IF is forced to 1 and IOPL to 0. Returns false if the
 * IRET itself faulted: c->last_event says how, v->regs are as they were.
 * *at: the cycle at which the guest ran on, or the IRET faulted.
 */
bool world_enter(struct vm *v, uint64_t *at);
enum world_left world_run(struct vm *v, uint64_t deadline, bool one_step);
/* Take v->regs from the trap's frame on the ring-0 stack, or from the control
 * block; *e is what the processor reported, and becomes what it means. */
void world_leave(struct vm *v, struct event *e);
/* How many instructions of the monitor's the processor has counted since. */
unsigned world_stub_length(const struct vm *v);
/* The processor sleeps in ring 0 until the monitor's timer interrupts it. */
void world_sleep(struct monitor *m);

/* ------------------------------------------------ guest mode: guest_mode.c */

/* Kernels write to it to let a microsecond pass (Linux: io_delay=0xed); no
 * device is there. */
#define DELAY_PORT 0xedu
/*
 * Give v a control block, with maps that intercept every port and MSR, but for
 * DELAY_PORT and SYSENTER's MSRs; then it is entered by VMRUN. On CPU_VT alone.
 * False: no memory.
 */
bool guest_mode_new(struct vm *v);
void guest_mode_free(struct vm *v);
/* A field of its control block: free for whoever looks; and charged. */
uint32_t vmcb_look(const struct vm *v, unsigned field);
void vmcb_set(struct vm *v, unsigned field, uint32_t value);
/* The exit code of a VM that has left guest mode. */
uint32_t guest_mode_code(const struct vm *v);

/* -------------------------------------------- floating point: fpu.c */

/* Where the VM's x87 registers are: in the processor, or in its context. */
struct fpu *vm_fpu(struct vm *v);
/*
 * A #NM. True: the guest did not ask for it, by the MP, EM and TS of its
 * `wishes`; its registers are in the processor now, and the exit is booked.
 * False: it is the guest's own.
 */
bool fpu_wanted(struct vm *v, uint32_t wishes);
/* The guest has its x87 to itself: bring its registers, whoever's are there. */
void fpu_bring(struct vm *v);
/* Set the real CR0's MP, EM and TS: as it wishes, and a #NM while its
 * registers are not there. */
void fpu_guard(struct vm *v, uint32_t wishes);

/* --------------------------------------------------------- a VM's insides */

struct image; /* image.h */

struct technique {
    const char *name, *text;
    enum cpu_kind kind;
    bool real_mode;       /* its guests may start from a disk */
    bool own_descriptors; /* the processor uses the guest's own, and the guest
                             knows its real ring: selectors tell no lie */
    bool moves_code;      /* the processor runs copies of the guest's */
    /*
     * Build the VM's first state from the image: its memory is there, zeroed
     * and empty. Sets v->regs, v->context and v->shadow_cr3. What it keeps is
     * from the monitor's pool; a processor that it plays is v->played.
     */
    bool (*create)(struct vm *v, const struct image *im, char *err,
                   size_t errsize);
    void (*destroy)(struct vm *v); /* v->own; the frames go by themselves */
    /*
     * Handle the exit, completely; set reason, disposition, virtual ring,
     * and detail, instruction and note where there are any. The monitor has
     * charged save and dispatch, has brought v->board up to date, and has
     * set reason `interrupt`, disposition `scheduled` if its own timer came
     * (event.kind is EVENT_INTERRUPT): then a blocked VM, too, is asked.
     */
    void (*handle)(struct vm *v, struct exit *x);
    /* The VM becomes current: put into the real processor what its world
     * has of its own: GDT, IDT gates, the TSS's ring-1 stack. May be NULL. */
    void (*enter)(struct vm *v);
    /* Before each entry: deliver what is pending, if the guest can take it.
     * x is the exit being finished (its cost pays). May be NULL. */
    void (*deliver)(struct vm *v, struct exit *x);
    /* The cycle at which the VM needs attention, apart from its board's
     * timers; UINT64_MAX: never. May be NULL. */
    uint64_t (*next_event)(struct vm *v);
    /*
     * While v->interpreted: the monitor plays the guest's processor, until
     * cycle `deadline`, for one instruction, or until v->interpreted is false
     * again and v can be entered. Moves the clock and books what passed.
     * NULL: the technique never sets v->interpreted.
     */
    void (*interpret)(struct vm *v, uint64_t deadline, bool one_step);
    /* A byte for the guest's console where the VM has no board. NULL: none.
     * False: there is no room. */
    bool (*serial_in)(struct vm *v, uint8_t byte);
    /* Make of the real processor's state, in *out, what the guest believes. */
    void (*virtual_cpu)(struct vm *v, struct virtual_cpu *out);
    bool (*translate)(struct vm *v, gva_t at, gpa_t *out);
    /* As vm_walk_2d(). NULL: no nested paging. */
    bool (*walk_2d)(struct vm *v, gva_t at, struct walk_2d *out);
    /* As vm_translated(). May be NULL. */
    bool (*translated)(struct vm *v, gva_t at, unsigned i,
                       struct translated *out);
    /* As vm_upcall() and vm_channel(). May be NULL. */
    void (*upcall)(struct vm *v, struct vm_upcall *out);
    bool (*channel)(struct vm *v, uint32_t port, struct vm_channel *out);
    /* Its own structures; the monitor has audited what the processor walks
     * from v->shadow_cr3. May be NULL. */
    bool (*audit)(struct vm *v, char *err, size_t errsize);
    /* `bare` alone: the VM owns the machine, and no trap reaches the
     * monitor. NULL elsewhere. */
    enum monitor_stop (*run)(struct vm *v, const struct run_until *u);
};
/* One a row of techniques/techniques.def. */
#define TECHNIQUE(id) extern const struct technique technique_##id;
#include "techniques/techniques.def"
#undef TECHNIQUE

/* What a VM that is not current has in place of a processor. */
struct vm_context {
    uint32_t reg[8];               /* ESP is in v->regs */
    struct segment seg[SEG_COUNT]; /* ES, DS, FS and GS */
    struct fpu fpu;                /* while another VM's are in the processor */
};

/* Its use of the processor: scheduler.c. */
struct turns {
    uint64_t clock;      /* its own, in cycles of weight WEIGHT_DEFAULT */
    uint64_t accounted;  /* cycles it had used when that was last set */
    uint64_t period;     /* number of the accounting period ... */
    uint64_t in_period;  /* ... and what it has used of that */
    uint64_t count;      /* turns it has had */
    uint64_t preempted;  /* and those cut short by one who woke */
    uint64_t away, back; /* another had the processor, last, between these */
};

struct vm {
    uint32_t id; /* from 1 */
    char name[32];
    struct monitor *monitor;
    const struct technique *technique;
    void *own; /* the technique's own state */
    struct image *image;
    char *command_line; /* "" if none was given */
    enum vm_state state;
    char why[160]; /* first reason kept */
    uint32_t exit_status;
    uint32_t weight, cap; /* of the processor's time: vmm.h */
    struct turns turns;
    struct ticks ticks;
    bool closed;         /* it has ended, and its books are as they were then */
    uint32_t pages;      /* guest physical size in pages */
    uint32_t *p2m;       /* machine frame number of each page */
    struct board *board; /* virtual devices; NULL under para */
    bool interrupt_line; /* the board's INTR */
    bool interpreted;    /* the monitor plays its processor for the moment */
    struct cpu *played;  /* that processor; NULL: it has none of the kind */
    struct frame_regs regs; /* with the general and the data segment
                               registers in the real processor while this
                               VM is current, and here while it is not: */
    struct vm_context context;
    uint32_t shadow_cr3; /* real CR3 to run it with; in guest mode the
                            guest's CR3, or the nested tables' */
    mpa_t vmcb;          /* its control block: it runs in guest mode. 0: it
                            has none, and runs in rings 1 and 3 */
    bool flush;          /* VMRUN is to flush the guest's TLB entries */
    struct books books;
    struct exit exit; /* the current or last one */
    uint32_t marker;
};

/* Stop the VM for good; only the first reason is kept. */
void vm_kill(struct vm *v, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* It ends by its own wish; 0 is success. */
void vm_exit(struct vm *v, uint32_t status);
/* It waits for an event: nothing of it runs before vm_wake. */
void vm_block(struct vm *v);
void vm_wake(struct vm *v);
bool vm_ended(const struct vm *v);
/* n timer ticks of its came due, the first at cycle `first`; `waiting`: an
 * earlier one has not been taken yet. */
void vm_count_ticks(struct vm *v, uint64_t first, uint64_t n, bool waiting);
/* Its part of monitor_audit(): all that the processor can walk. */
bool vm_audit(struct vm *v, char *err, size_t errsize);
/* The part that holds after every exit, whatever that did: the processor, and
 * the tables that it walks now. */
bool walk_audit(struct vm *v, char *err, size_t errsize);
/* A byte from the guest to whoever watches. */
void vm_output(struct vm *v, enum output_channel ch, uint8_t byte);
void vm_marker(struct vm *v, uint32_t id);
/* Give it virtual devices: their output, exit port, marker and reset go to
 * the VM, their interrupt line to v->interrupt_line. False: no memory. */
bool vm_new_board(struct vm *v);
struct board_owner vm_board_owner(struct vm *v);
/* Forget what the real TLB has of its address space, or of one page. */
void vm_flush_tlb(struct vm *v);
void vm_flush_page(struct vm *v, gva_t at);
/* Run it on page tables `cr3` from now on: MOV CR3, priced in phase ph. */
void vm_load_cr3(struct vm *v, enum phase ph, uint32_t cr3);

struct monitor {
    struct cpu *cpu;
    struct ram ram;
    struct pool *pool; /* what all else here is made of */
    const struct costs *costs;
    struct monitor_config config;
    struct vm **vms;
    size_t vm_count;
    struct vm *current;
    struct vm *fpu_owner; /* whose x87 registers are in the processor */
    bool inside;  /* the processor stands in current's guest, or the monitor
                     is playing it */
    bool trapped; /* it stands on a stub, not yet handled */
    bool woken;   /* out of its sleep, and nobody's turn yet */
    struct vm *playing;          /* it is interpreted at this moment */
    struct cpu *volatile runs;   /* the guest: the real one, or one played */
    volatile sig_atomic_t asked; /* monitor_stop_soon() */
    uint64_t turn_ends;          /* then another VM that can run is entered */
    struct world *world;
    struct silent *silent;
    struct frame_info *frames; /* one a machine frame */
    uint32_t frame_count;
    uint32_t next_frame; /* where to look for a free one */
    uint64_t exit_number;
    uint64_t booked;       /* every cycle before this one is accounted */
    uint64_t instructions; /* the processor's count at that cycle */
    struct books books;
};

#endif
