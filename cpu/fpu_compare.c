/*
 * fpu_compare.c - x87 comparisons and FXAM: SDM 2A, FCOM to FXAM.
 *
 * FUCOM and its like differ from FCOM in one thing: a QNaN raises nothing.
 * Results go to C3, C2 and C0, or, of FCOMI, to ZF, PF and CF.
 */
#include "fpu.h"

/* What a comparison said: -1, 0, 1 or 2, as C3, C2, C0. */
static uint16_t codes_of(int comparison)
{
    switch (comparison) {
    case -1:
        return FPU_C0;
    case 0:
        return FPU_C3;
    case 1:
        return 0;
    default:
        return FPU_CC;
    }
}

/* Compare, raise what there is to raise. False: it was stopped. `quiet`:
 * a QNaN is no invalid operand. */
static bool compare(struct fpu *f, const struct number *a,
                    const struct number *b, bool quiet, int *out)
{
    uint16_t raised = a->denormal || b->denormal ? FPU_D : 0;
    *out = number_compare(a, b);
    if (*out == 2) {
        bool invalid = a->kind > NUMBER_QNAN || b->kind > NUMBER_QNAN;
        raised = invalid || !quiet ? FPU_I : 0;
    }
    return fpu_raise(f, raised, false);
}

/* ST(0) with ST(n) or a number from memory (NULL: the register). */
static bool compare_top(struct fpu *f, unsigned n, const struct number *from,
                        bool quiet, int *out)
{
    *out = 2;
    if (fpu_is_empty(f, 0) || (!from && fpu_is_empty(f, n)))
        return fpu_raise(f, FPU_I | FPU_SF, false);
    struct number a = fpu_number(f, 0), b = from ? *from : fpu_number(f, n);
    return compare(f, &a, &b, quiet, out);
}

/* To the condition codes, and pop so many. */
static void to_codes(struct cpu *c, const struct insn *i, bool quiet, int pops)
{
    struct fpu *f = &c->fpu;
    struct number y = {0};
    bool memory = opr_is_memory(i);
    int r;
    fpu_begin(c);
    if (memory)
        y = fpu_read(c, i);
    fpu_record(c, i);
    bool done = compare_top(f, i->rm, memory ? &y : NULL, quiet, &r);
    f->status = (uint16_t)((f->status & ~FPU_CC) | codes_of(r));
    for (; done && pops > 0; pops--)
        fpu_pop(f);
}

/* To EFLAGS, and pop or not. */
static void to_flags(struct cpu *c, const struct insn *i, bool quiet, bool pops)
{
    struct fpu *f = &c->fpu;
    int r;
    fpu_begin(c);
    fpu_record(c, i);
    bool done = compare_top(f, i->rm, NULL, quiet, &r);
    uint32_t flags = r == 2    ? FL_ZF | FL_PF | FL_CF
                     : r == 0  ? FL_ZF
                     : r == -1 ? FL_CF
                               : 0;
    flags_give(c, flags);
    if (done && pops)
        fpu_pop(f);
}

void op_fcom(struct cpu *c, const struct insn *i)
{
    to_codes(c, i, false, 0);
}

void op_fcomp(struct cpu *c, const struct insn *i)
{
    to_codes(c, i, false, 1);
}

void op_fcompp(struct cpu *c, const struct insn *i)
{
    to_codes(c, i, false, 2);
}

void op_fucom(struct cpu *c, const struct insn *i)
{
    to_codes(c, i, true, 0);
}

void op_fucomp(struct cpu *c, const struct insn *i)
{
    to_codes(c, i, true, 1);
}

void op_fucompp(struct cpu *c, const struct insn *i)
{
    to_codes(c, i, true, 2);
}

void op_fcomi(struct cpu *c, const struct insn *i)
{
    to_flags(c, i, false, false);
}

void op_fcomip(struct cpu *c, const struct insn *i)
{
    to_flags(c, i, false, true);
}

void op_fucomi(struct cpu *c, const struct insn *i)
{
    to_flags(c, i, true, false);
}

void op_fucomip(struct cpu *c, const struct insn *i)
{
    to_flags(c, i, true, true);
}

void op_ftst(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    struct number zero = {.kind = NUMBER_ZERO};
    int r;
    fpu_begin(c);
    fpu_record(c, i);
    compare_top(f, 0, &zero, false, &r);
    f->status = (uint16_t)((f->status & ~FPU_CC) | codes_of(r));
}

/* C3 C2 C0: what is in ST(0); C1: its sign (SDM 2A, FXAM). */
void op_fxam(struct cpu *c, const struct insn *i)
{
    static const uint16_t codes[] = {
        [NUMBER_ZERO] = FPU_C3,
        [NUMBER_FINITE] = FPU_C2,
        [NUMBER_INFINITE] = FPU_C2 | FPU_C0,
        [NUMBER_QNAN] = FPU_C0,
        [NUMBER_SNAN] = FPU_C0,
        [NUMBER_UNSUPPORTED] = 0,
    };
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    struct number x = fpu_number(f, 0);
    uint16_t said = fpu_is_empty(f, 0) ? FPU_C3 | FPU_C0
                    : x.denormal       ? FPU_C3 | FPU_C2
                                       : codes[x.kind];
    said |= x.sign ? FPU_C1 : 0;
    f->status = (uint16_t)((f->status & ~(FPU_CC | FPU_C1)) | said);
}
