/*
 * bit.c - BT, BTS, BTR, BTC, BSF, BSR.
 *
 * A bit offset in a register reaches beyond a memory operand: it is signed,
 * and selects the word or doubleword it falls in, up to 256 MiB either way;
 * an immediate one, and one of a register operand, is taken modulo the
 * operand's width (SDM 2A, BT).
 */
#include "exec.h"

/* The operand a bit instruction works on. */
struct bit_place {
    uint32_t offset; /* in memory: of the word that holds the bit */
    uint32_t mask;   /* of the bit in it */
};

static struct bit_place find_bit(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize, width = 8u * size;
    uint32_t n = opr_read(c, i, 1);
    struct bit_place p = {.mask = 1u << (n & (width - 1))};
    if (!opr_is_memory(i))
        return p;
    p.offset = opr_offset(c, i);
    if (opr_size(i, 1) > 1) { /* a register, not an immediate byte */
        int32_t words = (int32_t)sign_extend(n, size) >> (size == 2 ? 4 : 5);
        p.offset += (uint32_t)words * size;
        if (i->adsize == 2)
            p.offset &= 0xffff;
    }
    return p;
}

static void give_cf(struct cpu *c, bool cf)
{
    flags_give(c, (flags_arith(c) & ~(uint32_t)FL_CF) |
                      (cf ? (uint32_t)FL_CF : 0));
}

void op_bt(struct cpu *c, const struct insn *i)
{
    struct bit_place p = find_bit(c, i);
    uint32_t v = opr_is_memory(i)
                     ? mem_read(c, (enum seg)i->seg, p.offset, i->opsize)
                     : reg_read(c, i->rm, i->opsize);
    give_cf(c, (v & p.mask) != 0);
}

enum change { SET, RESET, COMPLEMENT };

static void change_bit(struct cpu *c, const struct insn *i, enum change how)
{
    struct bit_place p = find_bit(c, i);
    enum seg s = (enum seg)i->seg;
    uint32_t v;
    if (opr_is_memory(i)) {
        mem_check_write(c, s, p.offset, i->opsize);
        v = mem_read(c, s, p.offset, i->opsize);
    } else {
        v = reg_read(c, i->rm, i->opsize);
    }
    uint32_t r = how == SET     ? v | p.mask
                 : how == RESET ? v & ~p.mask
                                : v ^ p.mask;
    if (opr_is_memory(i))
        mem_write(c, s, p.offset, i->opsize, r);
    else
        reg_write(c, i->rm, i->opsize, r);
    give_cf(c, (v & p.mask) != 0);
}

void op_bts(struct cpu *c, const struct insn *i)
{
    change_bit(c, i, SET);
}

void op_btr(struct cpu *c, const struct insn *i)
{
    change_bit(c, i, RESET);
}

void op_btc(struct cpu *c, const struct insn *i)
{
    change_bit(c, i, COMPLEMENT);
}

/*
 * BSF and BSR of zero set ZF and leave the destination as it was: the manual
 * once said undefined, every processor does this. The other flags, undefined,
 * are AMD's: PF is the index's, the rest clear.
 */
static void scan(struct cpu *c, const struct insn *i, bool from_top)
{
    uint32_t v = opr_read(c, i, 1), n = from_top ? 31 : 0;
    if (v == 0) {
        flags_give(c, FL_ZF | FL_PF);
        return;
    }
    while (!(v >> n & 1))
        n = from_top ? n - 1 : n + 1;
    opr_write(c, i, 0, n);
    flags_give(c, flags_of_result(n, 4) & FL_PF);
}

void op_bsf(struct cpu *c, const struct insn *i)
{
    scan(c, i, false);
}

void op_bsr(struct cpu *c, const struct insn *i)
{
    scan(c, i, true);
}
