/*
 * shift.c - ROL, ROR, RCL, RCR, SHL, SHR, SAR, SHLD, SHRD.
 *
 * A count is taken modulo 32, whatever the operand's width; a count of zero
 * changes nothing, flags included, but a memory operand must still be
 * writable.
 *
 * Left undefined by the manual, done as AMD's processors do: OF after counts
 * over one is as if the last step had been alone; AF is set by shifts.
 */
#include "exec.h"

/* A shift being done. */
struct shift {
    unsigned size;  /* of the operand, in bytes */
    unsigned width; /* in bits */
    unsigned count; /* 0 to 31 */
    uint32_t value; /* the operand, zero extended */
};

/* Read the operands; `count_operand` is the one that holds the count. */
static struct shift begin(struct cpu *c, const struct insn *i,
                          int count_operand)
{
    struct shift s = {.size = opr_size(i, 0)};
    s.width = 8 * s.size;
    s.value = opr_rmw(c, i, 0);
    s.count = opr_read(c, i, count_operand) & 31;
    return s;
}

static bool bit(uint64_t v, unsigned n)
{
    return (v >> n & 1) != 0;
}

static uint32_t cf_of(bool cf, bool of)
{
    return (cf ? (uint32_t)FL_CF : 0) | (of ? (uint32_t)FL_OF : 0);
}

/* A shift's flags: all six. */
static void end_shift(struct cpu *c, const struct insn *i,
                      const struct shift *s, uint32_t r, bool cf, bool of)
{
    opr_write(c, i, 0, r);
    flags_give(c, flags_of_result(r, s->size) | FL_AF | cf_of(cf, of));
}

/* A rotate's: CF and OF, the others stay. */
static void end_rotate(struct cpu *c, const struct insn *i, uint32_t r, bool cf,
                       bool of)
{
    opr_write(c, i, 0, r);
    flags_two(c, cf, of);
}

void op_shl(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    if (s.count == 0)
        return;
    uint64_t r = (uint64_t)s.value << s.count;
    bool cf = bit(r, s.width);
    end_shift(c, i, &s, (uint32_t)r, cf, cf != bit(r, s.width - 1));
}

void op_shr(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    if (s.count == 0)
        return;
    uint32_t last = s.value >> (s.count - 1); /* all but the last step */
    end_shift(c, i, &s, last >> 1, last & 1, bit(last, s.width - 1));
}

void op_sar(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    if (s.count == 0)
        return;
    int32_t v = (int32_t)sign_extend(s.value, s.size);
    int32_t last = v >> (s.count - 1);
    end_shift(c, i, &s, (uint32_t)(last >> 1), last & 1, false);
}

void op_rol(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    if (s.count == 0)
        return;
    unsigned n = s.count % s.width;
    uint32_t r = s.value << n | (uint32_t)((uint64_t)s.value >> (s.width - n));
    end_rotate(c, i, r, bit(r, 0), bit(r, 0) != bit(r, s.width - 1));
}

void op_ror(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    if (s.count == 0)
        return;
    unsigned n = s.count % s.width;
    uint32_t r = s.value >> n | (uint32_t)((uint64_t)s.value << (s.width - n));
    bool top = bit(r, s.width - 1);
    end_rotate(c, i, r, top, top != bit(r, s.width - 2));
}

/* CF and the operand make one ring of width + 1 bits, CF on top. */
static uint64_t ring(const struct cpu *c, const struct shift *s)
{
    return (uint64_t)flag_cf(c) << s->width | s->value;
}

void op_rcl(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    unsigned n = s.count % (s.width + 1);
    if (s.count == 0)
        return;
    uint64_t v = ring(c, &s), r = v << n | v >> (s.width + 1 - n);
    bool cf = bit(r, s.width);
    end_rotate(c, i, (uint32_t)r, cf, cf != bit(r, s.width - 1));
}

void op_rcr(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 1);
    unsigned n = s.count % (s.width + 1);
    if (s.count == 0)
        return;
    uint64_t v = ring(c, &s), r = v >> n | v << (s.width + 1 - n);
    end_rotate(c, i, (uint32_t)r, bit(r, s.width),
               bit(r, s.width - 1) != bit(r, s.width - 2));
}

/*
 * SHLD and SHRD: bits from the register operand fill what the shift empties.
 * With 16-bit operands and a count over 16 the manual leaves everything
 * undefined; here, as on AMD's processors, the source follows once more.
 */
void op_shld(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 2);
    uint64_t fill = opr_read(c, i, 1);
    if (s.count == 0)
        return;
    uint64_t v = (uint64_t)s.value << 32 | fill << (32 - s.width);
    if (s.size == 2)
        v |= fill;
    bool cf = bit(v, 32 + s.width - s.count);
    uint32_t r = (uint32_t)(v << s.count >> 32);
    end_shift(c, i, &s, r, cf, cf != bit(r, s.width - 1));
}

void op_shrd(struct cpu *c, const struct insn *i)
{
    struct shift s = begin(c, i, 2);
    uint64_t fill = opr_read(c, i, 1);
    if (s.count == 0)
        return;
    uint64_t v = fill << s.width | s.value;
    if (s.size == 2)
        v |= fill << 32;
    uint32_t r = (uint32_t)(v >> s.count);
    end_shift(c, i, &s, r, bit(v, s.count - 1),
              bit(r, s.width - 1) != bit(r, s.width - 2));
}
