/*
 * fpu.h - inside the processor: the x87's registers and status, as its
 * instructions use them (SDM 1 chapter 8).
 *
 * An instruction's function goes in this order, so that a fault finds nothing
 * changed:
 *
 *     fpu_begin    #NM, and #MF for an exception that is pending
 *     memory       its operand is read, or checked for writing
 *     fpu_record   where it stands; C1 = 0
 *     the result   with what it raises: an exception that is not masked
 *                  stops it, or, from O, U and P, only waits to be reported
 *
 * Files:  fpu.c (this header), fpu_move.c, fpu_math.c, fpu_func.c,
 *         fpu_compare.c, fpu_control.c, fpu_image.c are instructions;
 * fpu_number.c, fpu_arith.c, fpu_rem.c and fpu_trans.c the arithmetic below
 * them.
 */
#ifndef RINGSIDE_CPU_FPU_H
#define RINGSIDE_CPU_FPU_H

#include "exec.h"
#include "fpu_number.h"

/* The status word's other bits (SDM 1 8.1.3). */
enum {
    FPU_ES = 0x0080, /* an exception is set and not masked */
    FPU_C0 = 0x0100,
    FPU_C1 = 0x0200,
    FPU_C2 = 0x0400,
    FPU_C3 = 0x4000,
    FPU_CC = FPU_C0 | FPU_C2 | FPU_C3, /* a comparison's */
    FPU_BUSY = 0x8000,                 /* as ES, since the 80387 */
};

/* What masks what, and no more: bit 6 reads as one, others as zero. */
#define FPU_CONTROL_ONE 0x0040u
#define FPU_CONTROL_KNOWN 0x1f3fu

/* -------------------------------------------------- an instruction's begin */

/* Every instruction that is not a "no-wait" one: #NM, then #MF. */
void fpu_begin(struct cpu *c);
/* The no-wait ones: #NM alone. */
void fpu_begin_no_wait(struct cpu *c);
/* Keep FIP, FOP and FDP. Not for control instructions. */
void fpu_point(struct cpu *c, const struct insn *i);
/* The same, and clear C1, as nearly all do. */
void fpu_record(struct cpu *c, const struct insn *i);

/* -------------------------------------------------------------- the stack */

static inline unsigned fpu_index(const struct fpu *f, unsigned n)
{
    return (f->top + n) & 7u;
}
static inline struct f80 *fpu_st(struct fpu *f, unsigned n)
{
    return &f->reg[fpu_index(f, n)];
}
static inline bool fpu_is_empty(const struct fpu *f, unsigned n)
{
    return !(f->full >> fpu_index(f, n) & 1);
}
static inline struct number fpu_number(struct fpu *f, unsigned n)
{
    return number_of(*fpu_st(f, n));
}
void fpu_set(struct fpu *f, unsigned n, struct f80 value); /* not empty then */
void fpu_free(struct fpu *f, unsigned n);
void fpu_pop(struct fpu *f);
void fpu_push(struct fpu *f, struct f80 value);

/* ---------------------------------------------------- results and raising */

/* Set exception flags, ES and C1. True: the instruction goes on to its
 * result; false: one of I, D and Z is not masked, and nothing happens. */
bool fpu_raise(struct fpu *f, uint16_t raised, bool up);
/* Reading an empty register. The masked answer is the indefinite. */
struct answer fpu_underflow(void);
/* ST(n) = a, unless a is stopped. True: it was written. */
bool fpu_put(struct fpu *f, unsigned n, struct answer a);
/* Push a. False: nothing was pushed, or, as the stack overflowed, the
 * indefinite. */
bool fpu_put_push(struct fpu *f, struct answer a);
/* Two results: `first` in ST(0)'s place, `second` pushed; both or none. */
void fpu_put_two(struct fpu *f, struct answer first, struct answer second);
/* Begin one that works on ST(0), or that pushes as well. False: the stack
 * forbade it, which was raised. */
bool fpu_begin_top(struct cpu *c, const struct insn *i);
bool fpu_begin_two(struct cpu *c, const struct insn *i);
/* Set or clear ES and B after a change of flags or masks. */
void fpu_summarise(struct fpu *f);

/* ---------------------------------------------------------------- memory */

/* The memory operand as a number: a real or an integer, by its letters. */
struct number fpu_read(struct cpu *c, const struct insn *i);
/* Ten bytes of memory, and 1, 2, 4 or 8. */
struct f80 fpu_read_f80(struct cpu *c, const struct insn *i);
void fpu_write_f80(struct cpu *c, const struct insn *i, struct f80 value);
void fpu_write(struct cpu *c, const struct insn *i, unsigned size,
               uint64_t bits);

/* The state after RESET (SDM 3A table 9-1). */
void fpu_reset(struct fpu *f);
/* The tag word, two bits a register. */
uint16_t fpu_tags(const struct fpu *f);
/* The status word with TOP. */
static inline uint16_t fpu_status(const struct fpu *f)
{
    return (uint16_t)(f->status | f->top << 11);
}
void fpu_set_status(struct fpu *f, uint16_t word);
void fpu_set_control(struct fpu *f, uint16_t word);

#endif
