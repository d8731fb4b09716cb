/*
 * data.c - moving data: MOV, MOVZX, MOVSX, CMOVcc, SETcc, XCHG, XADD,
 * CMPXCHG, CMPXCHG8B, BSWAP, LEA, XLAT, CBW, CWD and reading a segment
 * register.
 *
 * Moves of control and debug registers are in system.c, loads of segment
 * registers in transfers of their own.
 */
#include "exec.h"

void op_mov(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, opr_read(c, i, 1));
}

/* MOV r/m, Sreg: 16 bits to memory, zero extended to a 32-bit register. */
void op_mov_from_seg(struct cpu *c, const struct insn *i)
{
    uint32_t sel = c->seg[i->reg].sel;
    if (opr_is_memory(i))
        mem_write(c, (enum seg)i->seg, opr_offset(c, i), 2, sel);
    else
        reg_write(c, i->rm, i->opsize, sel);
}

void op_movzx(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, opr_read(c, i, 1));
}

void op_movsx(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, sign_extend(opr_read(c, i, 1), opr_size(i, 1)));
}

/* The source is read, and may fault, even when the condition is false. */
void op_cmovcc(struct cpu *c, const struct insn *i)
{
    uint32_t value = opr_read(c, i, 1);
    if (flags_condition(c, i->opcode & 15))
        opr_write(c, i, 0, value);
}

void op_setcc(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, flags_condition(c, i->opcode & 15));
}

void op_xchg(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0), b = opr_read(c, i, 1);
    opr_write(c, i, 0, b);
    opr_write(c, i, 1, a);
}

/* Registers: the source first, so that XADD AL, AL doubles AL. Memory: the
 * destination first, as the source may be part of its address. */
void op_xadd(struct cpu *c, const struct insn *i)
{
    uint32_t a = opr_rmw(c, i, 0), b = opr_read(c, i, 1);
    if (opr_is_memory(i)) {
        opr_write(c, i, 0, a + b);
        opr_write(c, i, 1, a);
    } else {
        opr_write(c, i, 1, a);
        opr_write(c, i, 0, a + b);
    }
    flags_add(c, opr_size(i, 0), a, b);
}

/* The destination is written back even when it differs (SDM 2A, CMPXCHG),
 * so a read-only page faults either way. */
void op_cmpxchg(struct cpu *c, const struct insn *i)
{
    unsigned size = opr_size(i, 0);
    uint32_t old = opr_rmw(c, i, 0), source = opr_read(c, i, 1);
    uint32_t expected = reg_read(c, REG_EAX, size);
    if (old == expected) {
        opr_write(c, i, 0, source);
    } else {
        opr_write(c, i, 0, old);
        reg_write(c, REG_EAX, size, old);
    }
    flags_sub(c, size, expected, old);
}

/* Of the flags only ZF changes; the eight bytes are written either way. */
void op_cmpxchg8b(struct cpu *c, const struct insn *i)
{
    enum seg s = (enum seg)i->seg;
    uint32_t at = opr_offset(c, i);
    mem_check_write(c, s, at, 8);
    uint32_t low = mem_read(c, s, at, 4), high = mem_read(c, s, at + 4, 4);
    uint32_t flags = flags_arith(c) & ~(uint32_t)FL_ZF;
    if (low == c->reg[REG_EAX] && high == c->reg[REG_EDX]) {
        flags |= FL_ZF;
        mem_write(c, s, at, 4, c->reg[REG_EBX]);
        mem_write(c, s, at + 4, 4, c->reg[REG_ECX]);
    } else {
        mem_write(c, s, at, 4, low);
        mem_write(c, s, at + 4, 4, high);
        c->reg[REG_EAX] = low;
        c->reg[REG_EDX] = high;
    }
    flags_give(c, flags);
}

/* Of a 16-bit register the manual leaves the result undefined; processors
 * give zero. */
void op_bswap(struct cpu *c, const struct insn *i)
{
    uint32_t v = opr_read(c, i, 0);
    uint32_t r = v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
    opr_write(c, i, 0, i->opsize == 4 ? r : 0);
}

/* The offset itself: no segment, no access. */
void op_lea(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, opr_offset(c, i));
}

/* AL = [EBX + AL]. */
void op_xlat(struct cpu *c, const struct insn *i)
{
    uint32_t off = c->reg[REG_EBX] + reg_read(c, REG_EAX, 1);
    if (i->adsize == 2)
        off &= 0xffff;
    reg_write(c, REG_EAX, 1, mem_read(c, (enum seg)i->seg, off, 1));
}

/* CBW and CWDE: the lower half of AX or EAX, sign extended. */
void op_cbw(struct cpu *c, const struct insn *i)
{
    unsigned half = i->opsize / 2u;
    uint32_t v = sign_extend(reg_read(c, REG_EAX, half), half);
    reg_write(c, REG_EAX, i->opsize, v);
}

/* CWD and CDQ: DX or EDX is all sign of AX or EAX. */
void op_cwd(struct cpu *c, const struct insn *i)
{
    uint32_t v = sign_extend(reg_read(c, REG_EAX, i->opsize), i->opsize);
    reg_write(c, REG_EDX, i->opsize, v >> 31 ? UINT32_MAX : 0);
}
