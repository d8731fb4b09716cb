/*
 * fast.h - the fast engine, as the rest of the processor sees it, and the
 * things it is made of. docs/ENGINE.md explains it from the beginning.
 *
 * A block (block.h) is translated, once, into an entry: micro-ops of 16
 * bytes, each with the handler that does it. A handler does its work and
 * calls the next one as the last thing it does, which compilers turn into a
 * jump: there is no loop around them. What a handler cannot finish, or what
 * has no handler of its own, is done by the reference engine's function for
 * the row, through fast_slow(): nothing's meaning is written down twice but
 * for the hot forms' good cases.
 *
 * Files:  fast.h       this; types that all of them share
 *         machine.h    where the guest's registers are while handlers run
 *         bodies.h     what each kind of micro-op does
 *         hot_*.c      the handlers: bodies, for each register
 *         kinds.def    the list of kinds of handlers
 *         translate.h  from instructions to micro-ops, in its four files
 *         enter.c      in, out, and what handlers call when they must
 */
#ifndef RINGSIDE_CPU_FAST_H
#define RINGSIDE_CPU_FAST_H

#include "../block.h"

/*
 * How handlers call each other, and where they keep the guest's registers.
 * PINNED: in the host's own, which only gcc can do. Else: in memory. LOOP:
 * the compiler may not make jumps of last calls (sanitizers, -O0), so that
 * each handler returns the next micro-op to a loop.
 */
#if !defined(RINGSIDE_TAIL_CALLS)
#define FAST_LOOP 1
#define FAST_PINNED 0
#elif defined(__clang__)
#define FAST_LOOP 0
#define FAST_PINNED 0
#elif defined(__x86_64__) || defined(__aarch64__)
#define FAST_LOOP 0
#define FAST_PINNED 1
#else
#define FAST_LOOP 0
#define FAST_PINNED 0
#endif

/*
 * A micro-op. `imm` and `disp` are the instruction's; in one that leaves the
 * block they are the way to the next entry, in bytes from the micro-op.
 */
struct uop {
    uint32_t run; /* the handler: fast_address */
    uint32_t imm;
    uint32_t disp;
    uint32_t d : 4;     /* destination, */
    uint32_t b : 4;     /* source or base, */
    uint32_t i : 4;     /* index register */
    uint32_t scale : 2; /* and its shift */
    uint32_t insn : 8;  /* which of the block's instructions */
    uint32_t place : 8; /* which of the entry's micro-ops */
};

/*
 * The head of a translated block; its micro-ops follow. `charge` is what
 * running it to its end takes off the budget.
 */
struct entry {
    uint64_t charge;
    uint8_t *host;       /* its page's bytes; NULL: dropped */
    struct block *block; /* what it was translated from */
    uint32_t eip;
    uint32_t is_link; /* it is a struct link */
};
static inline struct uop *entry_uops(struct entry *e)
{
    void *behind = e + 1;
    return behind;
}
static inline const struct uop *entry_first(const struct entry *e)
{
    const void *behind = e + 1;
    return behind;
}

/*
 * A way out of a block that leads to an EIP: an entry of one micro-op, which
 * leaves the engine the first time, and then knows where to go (enter.c).
 */
struct link {
    struct entry entry; /* .block is the block that is left */
    struct uop op;
    struct uop *jump; /* that leads here, */
    uint32_t *way;    /* by this member of its */
};
_Static_assert(offsetof(struct link, op) == sizeof(struct entry),
               "a link is an entry");
#define LINKS_MOST 2 /* of a block */

/*
 * The budget: in the upper half the cycles that are left, in the lower how
 * many instructions were begun. One subtraction at a block's entry counts
 * both, and its sign says whether the block may run to its end.
 */
#define CHARGE(cycles, instructions) \
    (((uint64_t)(cycles) << 32) - (uint64_t)(instructions))

#define JUMP_SLOTS 4096u

/* The fast engine's part of the processor. */
struct fast {
    uint64_t budget;        /* while no handler runs */
    uint64_t end_cycle;     /* the clock when `budget` has no cycles left */
    uint64_t instructions;  /* c->instructions when it was zero */
    struct tlb_entry *view; /* of the TLB: supervisor or user */
    struct uop *link;       /* left by this one: see fast_linked */
    const struct entry *jump[JUMP_SLOTS]; /* where an EIP's entry may be */
};

static inline unsigned jump_slot(uint32_t eip)
{
    return (eip ^ eip >> 12) & (JUMP_SLOTS - 1);
}

/* -------------------------------------- for engine.c and block.c: enter.c */

/* Are the segments such that handlers need not look at them? */
bool fast_is_flat(struct cpu *c);
/* Run from the block at CS:EIP until something else must be done. The block
 * fits before the deadline. */
bool fast_fits(const struct cpu *c, const struct block *b);
void fast_run(struct cpu *c, const struct block *b);
/* The block was dropped; all were. */
void fast_drop(struct entry *e);
void fast_forget(struct cpu *c);
/* Make c->fast. False without memory. */
bool fast_begin(struct cpu *c);

/* ------------------------------------------------ translating: translate.c */

/* Translate `b` at `room`, with its links at `links`; b->entry is set unless
 * it is not worth it. Returns the bytes taken of `room`. */
size_t fast_translate(struct cpu *c, struct block *b, void *room, void *links);
/* The bytes that a block of n instructions may take. */
size_t fast_room_most(unsigned n);

/* -------------------------------------------------------- inside: handlers */

#if FAST_PINNED && defined(__x86_64__)
/* The rest of the registers are global: machine.h. */
#define STATE                                                      \
    const struct uop *op, struct cpu *c, uint32_t R4, uint32_t R5, \
        const struct tlb_entry *tlb, uint64_t budget
#elif FAST_LOOP
#define STATE const struct uop *op, struct cpu *c
#else
#define STATE                                                         \
    const struct uop *op, struct cpu *c, const struct tlb_entry *tlb, \
        uint64_t budget
#endif

typedef const struct uop *handler(STATE);

/* A handler's address, in 32 bits: itself where the program lies low, else
 * its distance from one of them. */
#if defined(__PIC__) || defined(__PIE__)
#define FAST_BASE ((uintptr_t)hot_slow)
#else
#define FAST_BASE ((uintptr_t)0)
#endif
#define FAST_ADDRESS(h) ((uint32_t)((uintptr_t)(h)-FAST_BASE))
extern handler hot_slow, hot_out, hot_unlinked, hot_gate, hot_linked;
static inline handler *fast_handler(uint32_t address)
{
    /* Half as many bytes as a pointer's are worth a cast: docs/ENGINE.md. */
    /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
    return (handler *)(FAST_BASE + (uintptr_t)(intptr_t)(int32_t)address);
}

/* Each handler's way in from C. */
void hot_enter(struct cpu *c, const struct uop *op);

/* The handler tables. With registers in memory one handler serves all. */
#if FAST_PINNED
#define REGS 8u
#define BASES 10u
#else
#define REGS 1u
#define BASES 3u
#endif
enum { BASE_NONE = 8, BASE_COMPUTED = 9 };
#define SIZE_O 1
#define SIZE_R REGS
#define SIZE_RR (REGS * REGS)
#define SIZE_B BASES
#define SIZE_RB (REGS * BASES)
#define SIZE_C 16
#define SIZE_CR (16 * REGS)
#define SIZE_CRR (16 * REGS * REGS)
#define SIZE_SR (4 * REGS)
#define SIZE_SRR (4 * REGS * REGS)
#define KINDS_MOVE 1
#define KINDS_ALU 1
#define KINDS_MEMORY 1
#define KINDS_BRANCH 1
#define KIND(name, shape) extern handler *const hot_##name[SIZE_##shape];
#include "kinds.def"
#undef KIND
#undef KINDS_MOVE
#undef KINDS_ALU
#undef KINDS_MEMORY
#undef KINDS_BRANCH

/* ------------------------------------------- what handlers call: enter.c */

/* Do the instruction of `op` by its reference function. Returns the micro-op
 * to go on with, or NULL: leave. */
const struct uop *fast_slow(struct cpu *c, const struct uop *op);
/* Leave before the entry whose first micro-op is `op`. */
void fast_out(struct cpu *c, const struct uop *op);
/* Leave for op->disp, an EIP, and link `op` once its entry is known. */
void fast_unlinked(struct cpu *c, const struct uop *op);

#endif
