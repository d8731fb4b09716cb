/*
 * cpu.h - the machine's processor, as the rest of the house sees it.
 *
 * Job:    an IA-32 processor up to the Pentium Pro's instructions, x87 and
 *         all, with rings 0 to 3, segmentation, paging and precise faults,
 *         played by a software interpreter.
 * Parts:  insn.h     instructions as data, and their prices
 *         bits.h     the manual's numbers
 *         state.h    struct cpu: registers, TLB, wires, hooks
 *         here       running it; memory as the processor sees it
 *         Include this one: the others are parts of it.
 * Not in: MMX, SSE (every such opcode is #UD), system management mode (RSM is
 *         #UD). The files that simplify say so at their heads.
 *
 * Section numbers "SDM 3A 6.12" are volume 3A, section 6.12 of Intel's
 * Software Developer's Manual.
 */
#ifndef RINGSIDE_CPU_H
#define RINGSIDE_CPU_H

#include "state.h"

/* ---------------------------------------------------------- its running */

enum cpu_stop {
    CPU_DEADLINE, /* the clock reached the deadline */
    CPU_HALTED,   /* HLT, and no interrupt it could take */
    CPU_SHUTDOWN, /* triple fault */
    CPU_ASKED,    /* cpu_stop_soon() */
    CPU_IN_USER,  /* protected-mode code of ring 3 is next: stop_in_user */
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
/* Time passes: n times price p, the processor's own, or of software on it that
 * is not run here (a monitor's). Whoever counts charges is told. */
void cpu_tell_charge(struct cpu *c, enum price p, uint64_t n);
static inline void cpu_charge(struct cpu *c, enum price p, uint64_t n)
{
    c->cycles += n * c->costs->price[p];
    if (c->hooks)
        cpu_tell_charge(c, p, n);
}
/* Make cpu_run return at the next instruction boundary. */
void cpu_stop_soon(struct cpu *c);

/*
 * All that it holds and remembers, to and from cpu_state_size() bytes, for
 * the same processor at a later time; memory is saved by its owner. The wires
 * and hooks stay as they are.
 */
size_t cpu_state_size(void);
void cpu_save(const struct cpu *c, void *to);
void cpu_restore(struct cpu *c, const void *from);
/* A number that is another where its state is, TLB included but not the clock,
 * mixed with `h`; and one word mixed with it. */
uint64_t cpu_hash(const struct cpu *c, uint64_t h);
uint64_t state_hash(uint64_t h, uint64_t word);

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
 * One access at a linear address as ring 0 makes it, A and D bits and all.
 * False: it would fault; nothing is changed, and no fault delivered.
 */
bool cpu_access(struct cpu *c, gva_t at, unsigned size, bool write,
                uint32_t *value);

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
/* As INVLPGA: of the guest with this address-space identifier. */
void cpu_flush_guest_page(struct cpu *c, gva_t at, uint32_t asid);

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
    bool paged;           /* CR0.PG */
    /* With nested paging (nested.c) tables and page are at guest physical
     * addresses, which are walked too: */
    gpa_t pde_gpa, pte_gpa, page_gpa;
    int tables;            /* of the guest's that it came to */
    bool writable;         /* the page, by the nested tables; else true */
    bool nested_fault;     /* #VMEXIT, not #PF: */
    uint32_t nested_error; /* its EXITINFO1, */
    bool in_table;         /* NPF_TABLE, or NPF_FINAL */
    gpa_t nested_at;       /* and EXITINFO2 */
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
/* Where the host has these bytes: valid up to the end of their page. NULL: it
 * is no plain memory. */
const uint8_t *cpu_phys_host(const struct cpu *c, mpa_t at);
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
/*
 * Does the VMCB ask that this instruction end guest mode? Of ports and MSRs
 * whether the maps are asked at all: what they say needs the number. False
 * outside guest mode.
 */
bool cpu_insn_exits(const struct cpu *c, const struct insn *i);
/*
 * Why VMRUN of the VMCB at `vmcb` would end in VMEXIT_INVALID: the field and
 * what is wrong with it (APM volume 2, 15.5.1). NULL: it would not.
 */
const char *cpu_vmcb_invalid(const struct cpu *c, mpa_t vmcb);

#endif
