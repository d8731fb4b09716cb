/*
 * state.h - what a processor is: its registers, its TLB and x87, what it is
 * wired to, who may watch it. A part of cpu.h, which says what it does.
 *
 * Parts:  addresses; registers; the TLB; the x87; events; the bus; hooks;
 *         struct cpu.
 */
#ifndef RINGSIDE_CPU_STATE_H
#define RINGSIDE_CPU_STATE_H

#include "bits.h"
#include "insn.h"
#include "vmcb.h"

/* ------------------------------------------------------------ addresses */

/*
 * Three kinds of address, three types, so that the compiler refuses to mix
 * them. A guest virtual address is what the manual calls linear: segmentation
 * is behind it, paging before it. On the bare machine guest physical and
 * machine physical are the same number, and still not the same type.
 */
typedef struct {
    uint32_t v;
} gva_t; /* guest virtual (linear) */
typedef struct {
    uint32_t v;
} gpa_t; /* guest physical */
typedef struct {
    uint32_t v;
} mpa_t; /* machine physical */

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096u
#define PAGE_MASK 4095u
/* Where the bus has nothing and never will: what page tables that name more
 * than 4 GiB lead to. A page's worth. */
#define MPA_NOWHERE 0xf0000000u

/* ------------------------------------------------------------ registers */

enum reg {
    REG_EAX,
    REG_ECX,
    REG_EDX,
    REG_EBX,
    REG_ESP,
    REG_EBP,
    REG_ESI,
    REG_EDI
};
enum seg { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS, SEG_COUNT };

/*
 * A segment register with its descriptor cache. `attr` is the descriptor's
 * access byte in bits 7:0 (P, DPL, S, type) and its flags G, D/B, L, AVL in
 * bits 11:8 - the layout of AMD's VMCB.
 */
struct segment {
    uint16_t sel;
    uint16_t attr;
    uint32_t base;
    uint32_t limit; /* in bytes, the last valid offset; granularity applied */
};
#define SEG_TYPE(attr) ((attr)&0xfu)
#define SEG_S 0x010u
#define SEG_DPL(attr) (((attr) >> 5) & 3u)
#define SEG_DPL_OF(ring) ((uint16_t)((ring) << 5))
#define SEG_P 0x080u
#define SEG_AVL 0x100u
#define SEG_DB 0x400u /* D/B: 32-bit */
#define SEG_G 0x800u

struct table_reg { /* GDTR, IDTR */
    uint32_t base; /* linear */
    uint16_t limit;
};

/*
 * The arithmetic flags, kept lazily: the last result, its operands and what
 * made it. flags.h (private) reads and writes them; everyone else uses
 * cpu_eflags() and cpu_set_eflags().
 */
struct lazy_flags {
    uint32_t x, y; /* CF is x < y; of some kinds the operands */
    uint32_t r;    /* result, sign extended from its size */
    uint32_t kind; /* enum flags_kind */
};

/* ----------------------------------------------------------------- the TLB */

/*
 * The TLB: direct mapped, two views of each entry, one for supervisor (rings
 * 0 to 2) and one for user accesses. A tag is the page's linear address when
 * the host memory may be accessed at once, and else the complement of the
 * slot's address bits, which no address of that slot equals; so
 *
 *     (linear ^ tag) <= PAGE_SIZE - size
 *
 * tests page, permission and page crossing in one comparison. What the
 * entry itself permits is in `frame`: the tag of a valid entry is withheld
 * where someone must see the access (device memory, decoded code, hooks),
 * and that costs the guest no cycle.
 */
#define TLB_SIZE 1024u
struct tlb_entry {
    uint32_t read_tag, write_tag;
    uint8_t *host; /* the frame's bytes on the host; NULL: not memory */
};
struct tlb {
    uint32_t asid;                      /* whose entries count: as in `frame` */
    struct tlb_entry view[2][TLB_SIZE]; /* [user][slot] */
    uint32_t page[TLB_SIZE];            /* linear page of the entry */
    uint32_t frame[TLB_SIZE];           /* machine physical page, and the
                                           bits of enum tlb_bits */
    uint16_t used[TLB_SIZE];            /* slots filled since the last flush */
    uint32_t used_count;
    bool has_large; /* some entry may be a piece of a large page */
};
enum tlb_bits {
    TLB_VALID = 1,      /* which is also: supervisor may read */
    TLB_WRITE = 2,      /* supervisor may write, and D is set */
    TLB_USER = 4,       /* user may read */
    TLB_USER_WRITE = 8, /* user may write, and D is set */
    TLB_GLOBAL = 16,
    TLB_LARGE = 32,   /* a piece of a 4 MiB page */
    TLB_ROM = 64,     /* host bytes are there to read, not to write */
    TLB_LISTED = 128, /* the slot stands in `used`, valid or not */
    TLB_ASID = 0xf00  /* the address-space identifier, 0 to 15 */
};
#define TLB_ASID_SHIFT 8

/* ----------------------------------------------------------------- the x87 */

/*
 * The x87 (SDM 1 chapter 8). A register holds 80 bits: sign and exponent in
 * `head`, the significand with its integer bit in `frac`.
 */
struct f80 {
    uint64_t frac;
    uint16_t head;
};
struct fpu {
    struct f80 reg[8]; /* R0 to R7; ST(n) is reg[(top + n) % 8] */
    uint8_t top;
    uint8_t full;     /* bit n: Rn is not empty; the finer tags of FNSTENV
                         follow from what it holds */
    uint16_t control; /* as FLDCW loads it */
    uint16_t status;  /* as FNSTSW stores it, but for TOP */
    uint16_t opcode;  /* of the last instruction that was no control one: */
    uint16_t cs, ds;  /* eleven bits of opcode, where it stands, and where */
    uint32_t ip, dp;  /* its last memory operand was */
};

/* ------------------------------------------------------------------ events */

/* What caused the processor's last event delivery. */
enum event_kind {
    EVENT_NONE,
    EVENT_FAULT,     /* an exception; EIP saved is the instruction's own */
    EVENT_TRAP,      /* #DB single step, #BP, #OF: EIP saved is the next */
    EVENT_SOFTWARE,  /* INT n */
    EVENT_INTERRUPT, /* from the interrupt controller */
    EVENT_NMI,
    EVENT_VMEXIT, /* guest mode ended: #VMEXIT */
};
struct event {
    enum event_kind kind;
    uint8_t vector;
    bool has_error;
    uint32_t error; /* the error code */
    uint32_t cr2;   /* for #PF: the linear address */
    uint16_t cs;    /* where it happened */
    uint32_t eip;   /* the instruction's own address, INT n's too */
    uint8_t cpl;    /* the ring it happened in */
    uint64_t cycle; /* the clock before delivery was charged */
};

/* --------------------------------------------------------- wires and hooks */

struct cpu;

/*
 * What the processor is wired to. Each function takes `wire`, the owner's
 * pointer. All are set; bus_none() gives harmless ones.
 */
struct cpu_bus {
    /*
     * The host address of the 4 KiB frame at machine physical `page` (low
     * bits zero), or NULL where there is no plain memory: device memory and
     * holes go through mem_read and mem_write. *writable is preset true;
     * clear it for ROM, or where every write must be seen by mem_write.
     */
    uint8_t *(*frame)(void *wire, mpa_t page, bool *writable);
    uint32_t (*mem_read)(void *wire, mpa_t at, unsigned size);
    void (*mem_write)(void *wire, mpa_t at, unsigned size, uint32_t value);
    uint32_t (*port_in)(void *wire, uint16_t port, unsigned size);
    void (*port_out)(void *wire, uint16_t port, unsigned size, uint32_t value);
    /* Interrupt acknowledge: the controller's vector. */
    uint8_t (*acknowledge)(void *wire);
};

/* No memory (reads give all ones), no ports. */
const struct cpu_bus *bus_none(void);

/* Offsets in a page, a bit each. */
struct code_places {
    uint64_t bits[PAGE_SIZE / 64];
};

/* Bytes of plain memory, as the host has them. */
#define STORES_MOST 32u
struct watched_stores {
    unsigned count;
    struct {
        const uint8_t *from, *to; /* the first byte; behind the last */
    } range[STORES_MOST];
};

/*
 * Observers. NULL members are not called, and a NULL table costs nothing.
 * They may look at everything and change nothing but through cpu_stop_soon.
 *
 * `places`: `after` is for breakpoints, and needs to be called only where the
 * next instruction is at one of these offsets, in whatever page; and, with
 * `stores`, behind an instruction that writes there, or changes the paging
 * registers. `in` is NULL then, if the instruction is not known any more. With
 * `places`, and without `before`, `memory` and `silent`, a guest runs as fast
 * as without hooks, but for its stores to pages that are watched.
 */
struct cpu_hooks {
    void *who; /* passed back */
    void (*before)(void *who, struct cpu *c, const struct insn *in);
    void (*after)(void *who, struct cpu *c, const struct insn *in);
    void (*event)(void *who, struct cpu *c, const struct event *e);
    void (*memory)(void *who, struct cpu *c, gva_t at, unsigned size,
                   bool write, uint32_t value);
    void (*port)(void *who, struct cpu *c, uint16_t port, unsigned size,
                 bool out, uint32_t value);
    /* A critical instruction ran outside ring 0 and did not trap. */
    void (*silent)(void *who, struct cpu *c, const struct insn *in);
    /* Time was charged: n times price p; the clock has moved on. */
    void (*charged)(void *who, struct cpu *c, enum price p, uint64_t n);
    const struct code_places *places;
    const struct watched_stores *stores;
};

/* -------------------------------------------------------------- guest mode */

/*
 * Guest mode (APM volume 2 chapter 15): what VMRUN took from the control
 * area, and what must be remembered of the host. The rest of the host's state
 * is in memory, where VM_HSAVE_PA says.
 */
struct guest_mode {
    bool on;
    bool nested;         /* NP_ENABLE */
    bool masks;          /* V_INTR_MASKING: IF holds virtual interrupts only */
    bool host_if;        /* then: the host's IF holds physical ones */
    bool virtual_irq;    /* V_IRQ, and its priority is above V_TPR */
    uint8_t asid;        /* of the guest, or the last one */
    mpa_t vmcb;          /* of the guest */
    uint32_t control[5]; /* the intercepts: the VMCB's first five words */
    mpa_t iopm, msrpm;
    uint32_t n_cr3;
    uint32_t host_cr4;   /* the nested tables' format is the host's own */
    uint64_t tsc_offset; /* the guest's, which is in cpu.tsc_offset too */
};

/* --------------------------------------------------------------- all of it */

/* After STI interrupts wait for one instruction, after MOV and POP SS debug
 * traps too (SDM 3A 6.8.3). */
enum shadow { SHADOW_NONE, SHADOW_STI, SHADOW_SS };

struct cpu {
    /* What instructions see. */
    uint32_t reg[8];
    uint32_t eip;
    uint32_t eflags; /* all but FL_ARITH, which are in `flags` */
    struct lazy_flags flags;
    struct segment seg[SEG_COUNT];
    struct segment ldtr, tr;
    struct table_reg gdtr, idtr;
    uint32_t cr0, cr2, cr3, cr4;
    uint64_t pdpte[4]; /* with CR4.PAE: loaded with CR3 */
    uint32_t dr[8];
    uint32_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint32_t trap_sensitive; /* MSR_TRAP_SENSITIVE */
    uint8_t cpl;             /* always CS's: kept by whoever loads CS */
    enum cpu_kind kind;
    uint32_t hidden_features; /* a monitor's: what CPUID does not offer, and
                                 PAE is then refused; RESET keeps it */
    struct fpu fpu;
    uint32_t efer;     /* CPU_VT: SVME alone */
    uint32_t vm_hsave; /* VM_HSAVE_PA: where VMRUN saves the host */
    struct guest_mode guest;

    /* Between instructions. */
    uint32_t next_eip;   /* while one runs: EIP when it completes */
    bool halted;         /* HLT executed; an interrupt wakes it */
    bool shutdown;       /* triple fault; only a reset wakes it */
    bool interrupt_line; /* INTR, driven by the interrupt controller */
    bool nmi_line;
    bool gif;             /* the global interrupt flag: 0 holds all of them */
    uint32_t shadow_eip;  /* with `shadow`: STI or MOV SS just ran before */
    uint8_t shadow;       /* this EIP, enum shadow: no interrupt until it has */
    uint32_t debug_traps; /* DR6 bits of debug traps that are due */
    uint32_t task_switches;  /* so far */
    struct event last_event; /* or the one being delivered */

    /* Time. */
    uint64_t cycles; /* the clock; RDTSC's answer is tsc_offset more */
    uint64_t tsc_offset;
    uint64_t instructions; /* completed; a REP counts one an iteration */
    uint64_t deadline;     /* cpu_run returns once cycles reach it */
    bool stop_soon;
    bool stop_in_user; /* cpu_run returns when it has come to ring 3 */

    /* Wires. */
    const struct costs *costs;
    const struct cpu_bus *bus;
    void *wire;
    const struct cpu_hooks *hooks;

    struct tlb *tlb; /* of the two: */
    struct tlb host_tlb, guest_tlb;
    uint32_t computed; /* the fast engine's: an address, between micro-ops */
    struct fast *fast; /* its other things; NULL until it first runs */
    struct engine *engine; /* the engine's own: fault exit, decoded blocks */
};

/*
 * The mode it runs in (SDM 3A 2.2). Real-address mode has CPL 0, virtual-8086
 * mode CPL 3; whether protected code is 16- or 32-bit is its segment's D.
 */
enum cpu_mode { MODE_REAL, MODE_VM86, MODE_PROTECTED };
static inline enum cpu_mode cpu_mode(uint32_t cr0, uint32_t eflags)
{
    if (!(cr0 & CR0_PE))
        return MODE_REAL;
    return eflags & FL_VM ? MODE_VM86 : MODE_PROTECTED;
}

#endif
