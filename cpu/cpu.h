/*
 * cpu.h - the machine's processor, as the rest of the house sees it.
 *
 * Job:    an IA-32 processor up to the Pentium Pro's instructions, x87 and
 *         all, with rings 0 to 3, segmentation, paging and precise faults,
 *         played by a software interpreter.
 * Parts:  addresses; the instruction table's types; processor state; running
 *         it; memory as the processor sees it; events; prices; hooks.
 * Not in: MMX, SSE (every such opcode is #UD), system management mode (RSM is
 *         #UD). The files that simplify say so at their heads.
 *
 * Section numbers "SDM 3A 6.12" are volume 3A, section 6.12 of Intel's
 * Software Developer's Manual.
 */
#ifndef RINGSIDE_CPU_H
#define RINGSIDE_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* ---------------------------------------------------- instruction table */

/* Which processor this is: DESIGN, "Processor kinds". */
enum cpu_kind { CPU_CLASSIC, CPU_VIRTUALIZABLE, CPU_KINDS };

/* insn.def's `trap` column: when the row faults outside ring 0. */
enum insn_trap {
    TRAP_NEVER, /* at no ring */
    TRAP_CPL0,  /* #GP(0) unless CPL = 0 */
    TRAP_IOPL,  /* #GP(0) if CPL > IOPL */
    TRAP_IO,    /* #GP(0) if CPL > IOPL and the TSS's I/O bitmap forbids it */
    TRAP_TSD,   /* #GP(0) if CR4.TSD = 1 and CPL > 0 */
    TRAP_VM86,  /* #GP(0) in virtual-8086 mode if IOPL < 3 */
    TRAP_CPUID, /* #GP(0) if MSR_TRAP_SENSITIVE's bit 1 = 1 and CPL > 0 */
};

/* insn.def's `sens` column: what it touches (Popek and Goldberg 1974). */
enum insn_sens {
    SENS_INNOCUOUS = 0,
    SENS_CONTROL = 1,  /* changes the machine's resources */
    SENS_LOCATION = 2, /* its result depends on where in real memory it runs */
    SENS_MODE = 4,     /* its result depends on the ring it runs in */
};

/* Every row's id, I_ADD_Eb_Gb and so on; I_INVALID is an encoding of none. */
enum insn_id {
    I_INVALID = 0,
#define INSN(id, ...) I_##id,
#include "insn.def"
#undef INSN
    INSN_COUNT
};

/* operand.def's `place` column: where an operand stands. */
enum operand_place {
    PLACE_NONE,
    PLACE_RM,     /* ModRM's mod and r/m: register or memory */
    PLACE_MEM,    /* the same, memory only */
    PLACE_NUMBER, /* memory only: an x87 number */
    PLACE_STREG,  /* ModRM's r/m: an x87 register */
    PLACE_RMREG,  /* the same, a register whatever mod says */
    PLACE_REG,    /* ModRM's reg: a general register */
    PLACE_SREG,   /* ... a segment register */
    PLACE_CREG,   /* ... a control register */
    PLACE_DREG,   /* ... a debug register */
    PLACE_OPREG,  /* the opcode's low bits: a general register; insn.reg */
    PLACE_IMM,    /* insn.imm, sign extended where the letter says so */
    PLACE_REL,    /* insn.imm: added to the next instruction's EIP */
    PLACE_FAR,    /* insn.imm2:insn.imm */
    PLACE_OFFSET, /* memory at insn.seg:insn.disp */
    PLACE_SOURCE, /* memory at insn.seg:ESI (SI) */
    PLACE_TARGET, /* memory at ES:EDI (DI) */
    PLACE_FIXED,  /* general register `number` */
    PLACE_SEGREG, /* segment register `number` */
    PLACE_ONE,    /* the number 1 */
};
enum { SIZE_V = 0xfe, SIZE_VW = 0xff };
struct operand_form {
    uint8_t place;  /* enum operand_place */
    uint8_t size;   /* bytes; SIZE_V: the operand size; SIZE_VW: the operand
                       size in a register, 2 in memory; 0: no access */
    uint8_t number; /* of a fixed register; immediates: 1 if sign extended;
                       x87: as operand.def says */
};

/* One row of insn.def as data. */
struct insn_row {
    const char *id;              /* "ADD_Eb_Gb" */
    const char *mnemonic;        /* "ADD"; "MOVSW|MOVSD" by operand size */
    const char *operand[3];      /* the manual's letters, "Eb"; "" for none */
    struct operand_form form[3]; /* what they mean */
    bool modrm;                  /* has a ModRM byte */
    uint8_t trap;                /* enum insn_trap */
    uint8_t sens;                /* bits of enum insn_sens */
    uint8_t price;               /* enum price: the cost class */
    uint16_t flags_read, flags_written, flags_undefined; /* EFLAGS bits */
    uint16_t attr; /* bits of enum insn_attr */
};
extern const struct insn_row insn_rows[INSN_COUNT];

enum insn_attr {
    ATTR_LOCK = 1,   /* LOCK is legal with a memory destination */
    ATTR_REP = 2,    /* a string instruction: REP repeats it */
    ATTR_BRANCH = 4, /* may change EIP other than by falling through */
    ATTR_ENDS = 8,   /* ends a decoded block: may change mode, IF or mapping */
    ATTR_READS = 16, /* operand 0 is only read, or only its address is used */
    ATTR_PROTECTED = 32, /* #UD in real-address and virtual-8086 mode */
    ATTR_X87 = 64,       /* an x87 instruction, WAIT apart */
};

/* A decoded instruction. Plain data: it may be kept and run again. */
struct insn {
    uint16_t id;    /* enum insn_id */
    uint8_t len;    /* bytes, prefixes included; at most 15 */
    uint8_t opcode; /* last opcode byte: its low nibble is the condition */
    uint8_t opsize; /* operand size in bytes: 2 or 4 */
    uint8_t adsize; /* address size in bytes: 2 or 4 */
    uint8_t rep;    /* 0, 0xf2 (REPNE) or 0xf3 (REP, REPE) */
    uint8_t lock;   /* LOCK given */
    uint8_t mod, reg, rm; /* ModRM's fields; reg also for opcode+r forms */
    uint8_t base, index, scale; /* REG_x or NO_REG; shift count */
    uint8_t seg;      /* segment of the memory operand, overrides applied */
    uint8_t override; /* the override prefix's segment or NO_REG */
    uint8_t code32;   /* CS.D when it was decoded: for the text */
    uint32_t disp;
    uint32_t imm;  /* immediate, sign extended where the row says so;
                      relative branches: the displacement */
    uint32_t imm2; /* ENTER's second, a far pointer's selector */
};
#define NO_REG 0xff

/* What decoding said: it consumes bytes through a cursor. */
enum decode_status {
    DECODE_OK,
    DECODE_INVALID,   /* #UD: no such instruction, or LOCK where illegal */
    DECODE_TOO_LONG,  /* #GP(0): over 15 bytes */
    DECODE_TRUNCATED, /* `size` bytes were not enough */
};

/*
 * Decode one instruction from bytes[0..size). `code32` is CS.D. On
 * DECODE_TRUNCATED the caller must fetch more bytes and call again.
 * On DECODE_INVALID, out->len is the count of bytes looked at.
 */
enum decode_status cpu_decode(const uint8_t *bytes, size_t size, bool code32,
                              struct insn *out);

/*
 * Write `in` as text in NASM's syntax (as ndisasm prints it) into
 * buf[0..size), always terminated. `eip` is the instruction's own address,
 * for the targets of relative branches. Returns buf.
 */
char *cpu_disassemble(const struct insn *in, uint32_t eip, char *buf,
                      size_t size);

/* The mnemonic at this operand size, in lower case, into buf. Returns buf. */
char *insn_mnemonic(const struct insn *in, char *buf, size_t size);

/* An operand's letters in words: "Eb" is "byte register or memory, by ModRM".
 * NULL if no row uses such letters. */
const char *operand_text(const char *letters);

/* --------------------------------------------------------------- prices */

/*
 * What things cost, in simulated cycles. One row a price in costs.def; a
 * preset file under cpu/costs/ gives each row its number and its source.
 */
enum price {
#define PRICE(id, group, text) PRICE_##id,
#include "costs.def"
#undef PRICE
    PRICE_COUNT
};

struct costs {
    char name[32];               /* "p4-vt" */
    char title[96];              /* "Pentium 4 672 with VT, 3.8 GHz, 2005" */
    uint32_t mhz;                /* the clock's rate: simulated time */
    uint32_t price[PRICE_COUNT]; /* cycles */
};

/*
 * Load a preset by name ("p4-vt": looked for among the built-in presets) or
 * by path (it holds a '/' or ends in ".cost"). Returns 0, or -1 with a
 * message of what is wrong, file and line, in err[0..errsize).
 */
int costs_load(struct costs *out, const char *name_or_path, char *err,
               size_t errsize);
const char *price_name(enum price p); /* "alu" */
const char *price_text(enum price p); /* one sentence for people */
/* Built-in preset number i's name, or NULL past the last. */
const char *costs_preset(size_t i);

/*
 * What an instruction costs before it runs: its row's class, but a row of
 * class `alu` whose ModRM operand is in memory is a load or a store, and MOV
 * to CR3 has its own price. What depends on the run comes on top.
 */
enum price insn_price(const struct insn *in);

/* ------------------------------------------------------ processor state */

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

/* EFLAGS, SDM 1 3.4.3. */
enum {
    FL_CF = 1 << 0,
    FL_ONE = 1 << 1,
    FL_PF = 1 << 2,
    FL_AF = 1 << 4,
    FL_ZF = 1 << 6,
    FL_SF = 1 << 7,
    FL_TF = 1 << 8,
    FL_IF = 1 << 9,
    FL_DF = 1 << 10,
    FL_OF = 1 << 11,
    FL_IOPL = 3 << 12,
    FL_NT = 1 << 14,
    FL_RF = 1 << 16,
    FL_VM = 1 << 17,
    FL_AC = 1 << 18,
    FL_VIF = 1 << 19,
    FL_VIP = 1 << 20,
    FL_ID = 1 << 21,
    FL_ARITH = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF,
};

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)
#define CR4_VME (1u << 0)
#define CR4_PVI (1u << 1)
#define CR4_TSD (1u << 2)
#define CR4_DE (1u << 3)
#define CR4_PSE (1u << 4)
#define CR4_PAE (1u << 5)
#define CR4_MCE (1u << 6)
#define CR4_PGE (1u << 7)
#define CR4_OSFXSR (1u << 9)

/* Page-table entry bits, SDM 3A 4.3. */
#define PTE_P 0x001u
#define PTE_W 0x002u
#define PTE_U 0x004u
#define PTE_PWT 0x008u
#define PTE_PCD 0x010u
#define PTE_A 0x020u
#define PTE_D 0x040u
#define PTE_PS 0x080u /* in a directory entry: a large page */
#define PTE_G 0x100u

/* Page-fault error code bits, SDM 3A 4.7. */
#define PF_P 1u    /* the page was present: a protection fault */
#define PF_W 2u    /* the access was a write */
#define PF_U 4u    /* the access was from ring 3 */
#define PF_RSVD 8u /* a reserved bit was set in an entry */

/* Vectors, SDM 3A table 6-1. */
enum vector {
    VEC_DE = 0,
    VEC_DB = 1,
    VEC_NMI = 2,
    VEC_BP = 3,
    VEC_OF = 4,
    VEC_BR = 5,
    VEC_UD = 6,
    VEC_NM = 7,
    VEC_DF = 8,
    VEC_TS = 10,
    VEC_NP = 11,
    VEC_SS = 12,
    VEC_GP = 13,
    VEC_PF = 14,
    VEC_MF = 16,
    VEC_AC = 17,
};

/* CPUID leaf 1, EDX: what may be there, or hidden by a monitor. */
#define FEATURE_FPU (1u << 0)
#define FEATURE_VME (1u << 1)
#define FEATURE_PSE (1u << 3)
#define FEATURE_TSC (1u << 4)
#define FEATURE_MSR (1u << 5)
#define FEATURE_PAE (1u << 6)
#define FEATURE_CX8 (1u << 8)
#define FEATURE_SEP (1u << 11)
#define FEATURE_PGE (1u << 13)
#define FEATURE_CMOV (1u << 15)
#define FEATURE_FXSR (1u << 24)

#define MSR_TSC 0x10u
#define MSR_SYSENTER_CS 0x174u
#define MSR_SYSENTER_ESP 0x175u
#define MSR_SYSENTER_EIP 0x176u
/*
 * Ours, and only on CPU_VIRTUALIZABLE: bit 0 makes every row of insn.def
 * whose `sens` is not INNOCUOUS fault with #GP(0) outside ring 0. Bit 1 does
 * so to CPUID, which is innocuous, for a monitor that offers less than there
 * is (as CPUID faulting does on later processors).
 */
#define MSR_TRAP_SENSITIVE 0x52530000u
#define TRAP_SENSITIVE_ROWS 1u
#define TRAP_SENSITIVE_CPUID 2u

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
    TLB_LARGE = 32,  /* a piece of a 4 MiB page */
    TLB_ROM = 64,    /* host bytes are there to read, not to write */
    TLB_LISTED = 128 /* the slot stands in `used`, valid or not */
};

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

/* What caused the processor's last event delivery. */
enum event_kind {
    EVENT_NONE,
    EVENT_FAULT,     /* an exception; EIP saved is the instruction's own */
    EVENT_TRAP,      /* #DB single step, #BP, #OF: EIP saved is the next */
    EVENT_SOFTWARE,  /* INT n */
    EVENT_INTERRUPT, /* from the interrupt controller */
    EVENT_NMI,
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

/*
 * Observers. NULL members are not called, and a NULL table costs nothing.
 * They may look at everything and change nothing but through cpu_stop_soon.
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
};

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

    /* Between instructions. */
    uint32_t next_eip;   /* while one runs: EIP when it completes */
    bool halted;         /* HLT executed; an interrupt wakes it */
    bool shutdown;       /* triple fault; only a reset wakes it */
    bool interrupt_line; /* INTR, driven by the interrupt controller */
    bool nmi_line;
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

    /* Wires. */
    const struct costs *costs;
    const struct cpu_bus *bus;
    void *wire;
    const struct cpu_hooks *hooks;

    struct tlb tlb;
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

/* ---------------------------------------------------------- its running */

enum cpu_stop {
    CPU_DEADLINE, /* the clock reached the deadline */
    CPU_HALTED,   /* HLT, and no interrupt it could take */
    CPU_SHUTDOWN, /* triple fault */
    CPU_ASKED,    /* cpu_stop_soon() */
};

/* Make a processor in its reset state. Returns NULL without memory. */
struct cpu *cpu_new(enum cpu_kind kind, const struct costs *costs,
                    const struct cpu_bus *bus, void *wire);
void cpu_free(struct cpu *c);
/* The state after RESET, SDM 3A table 9-1. Clock and wires stay. */
void cpu_reset(struct cpu *c);
/*
 * 32-bit protected mode as Multiboot 1 section 3.2 leaves it: flat segments
 * of 4 GiB, paging off, interrupts off. `entry` is EIP.
 */
void cpu_reset_flat32(struct cpu *c, uint32_t entry);

/*
 * Run until `deadline` (a cycle), a halt, shutdown or cpu_stop_soon().
 * Interrupts are taken between instructions when INTR is up, IF is set and
 * no shadow holds. The guest cannot make it fail.
 */
enum cpu_stop cpu_run(struct cpu *c, uint64_t deadline);
/*
 * Exactly one instruction (or one iteration of a REP), or one event
 * delivery. Returns as cpu_run, CPU_DEADLINE when all went on.
 */
enum cpu_stop cpu_step(struct cpu *c);
/*
 * Run by the reference engine alone, or with the fast one again, which is
 * how a new processor runs. Both do the same to the cycle.
 */
void cpu_use_reference(struct cpu *c, bool alone);
/* Make cpu_run return at the next instruction boundary. */
void cpu_stop_soon(struct cpu *c);

/* Whole EFLAGS, in and out; bit 1 reads as one. */
uint32_t cpu_eflags(const struct cpu *c);
void cpu_set_eflags(struct cpu *c, uint32_t value);

/*
 * Deliver an event through the IDT now, as the manual's 6.12 says, with
 * every check: may end in another fault, a double fault or shutdown.
 * `e->eip` is ignored: c->eip is what is pushed.
 */
void cpu_deliver(struct cpu *c, const struct event *e);

/*
 * The instruction `in` at c->eip has been done by somebody else: complete it.
 * EIP moves on, RF and the shadows end, and the single-step trap that is due
 * is delivered.
 */
void cpu_retire(struct cpu *c, const struct insn *in);

/*
 * Load segment register `s` (or TR, LDTR by their instructions) with `sel`
 * under all the checks of MOV. Returns 0, or the vector with *error set;
 * on a fault nothing is changed.
 */
int cpu_load_segment(struct cpu *c, enum seg s, uint16_t sel, uint32_t *error);

/* Set a control register as MOV CRn does at ring 0, with its TLB effects.
 * Returns 0, or VEC_GP for a value the manual refuses. */
int cpu_set_cr(struct cpu *c, int n, uint32_t value);

/* Set DR0-DR3, DR6 or DR7 as MOV DRn does, its fixed bits included; what DR7
 * arms is armed. */
void cpu_set_dr(struct cpu *c, int n, uint32_t value);

/* The x87 as FNINIT leaves it; its registers keep what they hold. */
void fpu_init(struct fpu *f);

/* TLB maintenance, as MOV CR3 (globals stay), and INVLPG do it. */
void cpu_flush_tlb(struct cpu *c, bool globals_too);
void cpu_flush_page(struct cpu *c, gva_t at);

/* --------------------------------------- memory, as the processor sees it */

enum access { ACCESS_READ = 0, ACCESS_WRITE = 1, ACCESS_FETCH = 2 };

/* Where a walk ended. */
struct walk {
    bool ok;
    uint32_t error;       /* if not ok: the #PF error code */
    mpa_t frame;          /* if ok: machine physical of the byte */
    bool large;           /* the directory entry maps the page itself */
    uint64_t pde, pte;    /* entries read; pte 0 for a large page */
    mpa_t pde_at, pte_at; /* and where they stand */
    int references;       /* memory reads the walk took */
};
/*
 * Walk the processor's page tables for `at`, without side effects: no A or
 * D bits, no TLB, no cost. `user` is the access's privilege.
 */
struct walk cpu_walk(const struct cpu *c, gva_t at, enum access a, bool user);
/* Does a present entry, of a directory or a table, have a bit set that must
 * be zero, as the processor reads tables now? */
bool cpu_entry_reserved(const struct cpu *c, uint64_t entry, bool directory);

/* Read or write machine physical memory, RAM only. False outside it. */
bool cpu_phys_read(const struct cpu *c, mpa_t at, void *to, size_t n);
bool cpu_phys_write(struct cpu *c, mpa_t at, const void *from, size_t n);
/* The same by linear address, as supervisor, without faults or traces in
 * A/D bits: for debuggers. Returns bytes copied before the first hole. */
size_t cpu_peek(const struct cpu *c, gva_t at, void *to, size_t n);
/*
 * The bytes of the frame at `page` were changed by someone other than this
 * processor (a loader, a monitor, a device): forget what was decoded there.
 * cpu_phys_write does it by itself. Cheap where no code ran.
 */
void cpu_frame_changed(struct cpu *c, mpa_t page);
/* The memory behind frames changed (a map, the A20 gate): forget all host
 * addresses and all that was decoded. */
void cpu_frames_remapped(struct cpu *c);

/*
 * Does row `id` fault with #GP(0) here and now for want of privilege?
 * The one place where `trap` and MSR_TRAP_SENSITIVE are turned into a
 * conclusion: the interpreter, the theorem and the debugger ask it.
 * TRAP_IO answers by IOPL alone: the bitmap needs the port.
 */
bool cpu_insn_traps(const struct cpu *c, enum insn_id id);
/*
 * Critical: sensitive, and not privileged. Privileged means that it traps in
 * rings 1 to 3 where the monitor has set what it can: IOPL 0 and CR4.TSD, and
 * on CPU_VIRTUALIZABLE perhaps MSR_TRAP_SENSITIVE.
 */
bool insn_is_critical(enum cpu_kind kind, bool trap_sensitive, enum insn_id id);

#endif
