/*
 * fpu_move.c - x87 loads and stores, exchanges, conditional moves and
 * constants: SDM 2A, FLD to FXCH.
 *
 * A load of a shorter real makes an SNaN quiet and raises D for a denormal;
 * a load of 80 bits raises nothing. A store rounds, and by O or U unmasked
 * does not happen.
 */
#include "fpu.h"

/* ------------------------------------------------------------------- loads */

/* A number from memory as a register has it: always exact. */
static struct answer loaded(const struct number *n)
{
    if (number_is_nan(n))
        return number_nan(n, n);
    return number_round(n, 64, FPU_EXCEPTIONS);
}

void op_fld(struct cpu *c, const struct insn *i)
{
    struct number n;
    fpu_begin(c);
    n = fpu_read(c, i);
    fpu_record(c, i);
    if (fpu_put_push(&c->fpu, loaded(&n)) && n.denormal)
        fpu_raise(&c->fpu, FPU_D, false);
}

void op_fld_f80(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    struct f80 x = fpu_read_f80(c, i);
    fpu_record(c, i);
    fpu_put_push(&c->fpu, (struct answer){.value = x});
}

void op_fld_st(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    struct answer a = {.value = *fpu_st(f, i->rm)};
    if (!fpu_is_empty(f, i->rm))
        fpu_put_push(f, a);
    else if (fpu_raise(f, FPU_I | FPU_SF, false))
        fpu_push(f, F80_INDEFINITE);
}

/* Packed BCD: 18 digits, two a byte, and the sign in the last byte's top
 * bit. Digits over 9 give something undefined; here what the sum gives. */
void op_fbld(struct cpu *c, const struct insn *i)
{
    fpu_begin(c);
    struct f80 packed = fpu_read_f80(c, i);
    fpu_record(c, i);
    uint64_t v = (packed.head >> 4 & 15u) * 10u + (packed.head & 15u);
    for (int digit = 15; digit >= 0; digit--)
        v = v * 10 + (packed.frac >> 4 * digit & 15);
    struct number n = number_of_integer((int64_t)v);
    n.sign = packed.head >> 15;
    fpu_put_push(&c->fpu, loaded(&n));
}

/* ------------------------------------------------------------------ stores */

/* The end of every store to memory. `pops`: FSTP and its like. */
static void store(struct cpu *c, const struct insn *i, struct stored s,
                  unsigned size, bool pops)
{
    struct fpu *f = &c->fpu;
    bool not_stored = s.raised & ~f->control & (FPU_O | FPU_U);
    if (not_stored) { /* nor rounded */
        s.raised &= (uint16_t)~FPU_P;
        s.up = false;
    }
    if (!fpu_raise(f, s.raised, s.up) || not_stored)
        return;
    fpu_write(c, i, size, s.bits);
    if (pops)
        fpu_pop(f);
}

/* Memory is asked first: its faults come before any change. */
static unsigned begin_store(struct cpu *c, const struct insn *i)
{
    unsigned size = insn_rows[i->id].form[0].size;
    fpu_begin(c);
    mem_check_write(c, (enum seg)i->seg, opr_offset(c, i), size);
    fpu_record(c, i);
    return size;
}

static void store_real(struct cpu *c, const struct insn *i, bool pops)
{
    unsigned size = begin_store(c, i);
    struct fpu *f = &c->fpu;
    bool empty = fpu_is_empty(f, 0);
    struct number n = number_of(empty ? F80_INDEFINITE : *fpu_st(f, 0));
    struct stored s = number_to_real(&n, size, f->control);
    if (empty)
        s.raised = FPU_I | FPU_SF;
    store(c, i, s, size, pops);
}

static void store_integer(struct cpu *c, const struct insn *i, bool pops)
{
    unsigned size = begin_store(c, i);
    struct fpu *f = &c->fpu;
    bool empty = fpu_is_empty(f, 0);
    struct number n = number_of(empty ? F80_INDEFINITE : *fpu_st(f, 0));
    struct stored s = number_to_integer(&n, size, f->control);
    if (empty)
        s.raised = FPU_I | FPU_SF;
    store(c, i, s, size, pops);
}

void op_fst(struct cpu *c, const struct insn *i)
{
    store_real(c, i, false);
}

void op_fstp(struct cpu *c, const struct insn *i)
{
    store_real(c, i, true);
}

void op_fist(struct cpu *c, const struct insn *i)
{
    store_integer(c, i, false);
}

void op_fistp(struct cpu *c, const struct insn *i)
{
    store_integer(c, i, true);
}

void op_fstp_f80(struct cpu *c, const struct insn *i)
{
    begin_store(c, i);
    struct fpu *f = &c->fpu;
    struct answer a = {.value = *fpu_st(f, 0)};
    if (fpu_is_empty(f, 0))
        a = fpu_underflow();
    if (!fpu_raise(f, a.raised, false))
        return;
    fpu_write_f80(c, i, a.value);
    fpu_pop(f);
}

#define BCD_MOST 999999999999999999u
#define BCD_INDEFINITE ((struct f80){(uint64_t)0xc0 << 56, 0xffff})

static struct f80 to_bcd(uint64_t v, bool sign)
{
    struct f80 out = {.head = (uint16_t)(sign << 15)};
    for (int digit = 0; digit < 16; digit++, v /= 10)
        out.frac |= v % 10 << 4 * digit;
    out.head |= (uint16_t)(v / 10 % 10 << 4 | v % 10);
    return out;
}

void op_fbstp(struct cpu *c, const struct insn *i)
{
    begin_store(c, i);
    struct fpu *f = &c->fpu;
    uint16_t raised = FPU_I | FPU_SF;
    bool up = false;
    struct f80 out = BCD_INDEFINITE;
    if (!fpu_is_empty(f, 0)) {
        struct number n = fpu_number(f, 0);
        uint64_t v;
        bool fits =
            number_to_magnitude(&n, rounding_of(f->control), &v, &raised, &up);
        if (fits && v <= BCD_MOST)
            out = to_bcd(v, n.sign);
        else
            raised = FPU_I, up = false;
    }
    if (!fpu_raise(f, raised, up))
        return;
    fpu_write_f80(c, i, out);
    fpu_pop(f);
}

/* ------------------------------------------------------ between registers */

static bool store_st(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    struct answer a = {.value = *fpu_st(f, 0)};
    return fpu_put(f, i->rm, fpu_is_empty(f, 0) ? fpu_underflow() : a);
}

void op_fst_st(struct cpu *c, const struct insn *i)
{
    store_st(c, i);
}

void op_fstp_st(struct cpu *c, const struct insn *i)
{
    if (store_st(c, i))
        fpu_pop(&c->fpu);
}

/* Undocumented, D9 D8: of an empty ST(0) only the pop is done. */
void op_fstp_nocheck(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    if (!fpu_is_empty(f, 0))
        fpu_set(f, i->rm, *fpu_st(f, 0));
    fpu_pop(f);
}

/* Masked, an empty register counts as the indefinite. */
void op_fxch(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    bool empty0 = fpu_is_empty(f, 0), empty = fpu_is_empty(f, i->rm);
    if ((empty0 || empty) && !fpu_raise(f, FPU_I | FPU_SF, false))
        return;
    struct f80 x = empty0 ? F80_INDEFINITE : *fpu_st(f, 0);
    fpu_set(f, 0, empty ? F80_INDEFINITE : *fpu_st(f, i->rm));
    fpu_set(f, i->rm, x);
}

/* FCMOVcc leaves C1. Of the condition bits 0, 1 of the condition are ModRM's
 * reg, bit 2 is in the opcode: B, E, BE, U and their opposites. */
void op_fcmov(struct cpu *c, const struct insn *i)
{
    static const uint8_t condition[4] = {0x2, 0x4, 0x6, 0xa};
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_point(c, i);
    bool moves = flags_condition(c, condition[i->reg & 3]) != (i->opcode & 1);
    if (fpu_is_empty(f, 0) || fpu_is_empty(f, i->rm)) {
        f->status &= (uint16_t)~FPU_C1;
        fpu_put(f, 0, fpu_underflow());
    } else if (moves) {
        fpu_set(f, 0, *fpu_st(f, i->rm));
    }
}

/* --------------------------------------------------------------- constants */

/* To 128 bits, leading bit first: rounded by the rounding control when they
 * are loaded (SDM 2A, FLD1). By ModRM's r/m: FLD1 to FLDZ. */
static const struct {
    int exp;
    uint64_t high, low;
} constants[7] = {
    {0, 0x8000000000000000, 0},                   /* 1 */
    {1, 0xd49a784bcd1b8afe, 0x492bf6ff4dafdb4c},  /* log2(10) */
    {0, 0xb8aa3b295c17f0bb, 0xbe87fed0691d3e88},  /* log2(e) */
    {1, 0xc90fdaa22168c234, 0xc4c6628b80dc1cd1},  /* pi */
    {-2, 0x9a209a84fbcff798, 0x8f8959ac0b7c9178}, /* log10(2) */
    {-1, 0xb17217f7d1cf79ab, 0xc9e3b39803f2f6af}, /* ln(2) */
    {0, 0, 0},                                    /* 0 */
};

void op_fld_constant(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    struct number n = {.kind =
                           constants[i->rm].high ? NUMBER_FINITE : NUMBER_ZERO,
                       .exp = constants[i->rm].exp,
                       .sig = {constants[i->rm].high, constants[i->rm].low}};
    struct answer a = number_round(&n, 64, f->control);
    fpu_put_push(f, (struct answer){.value = a.value}); /* no P, no C1 */
}
