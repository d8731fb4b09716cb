/*
 * stack.c - the stack door, and PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER,
 * LEAVE and PUSH of a segment register.
 *
 * The stack pointer is ESP or SP by SS's B bit, whatever the operand size;
 * with SP the upper half of ESP stays as it is, and offsets wrap at 64 KiB.
 */
#include "engine.h"

static uint32_t stack_mask(const struct cpu *c)
{
    return c->seg[SEG_SS].attr & SEG_DB ? UINT32_MAX : 0xffff;
}

/* ESP as it will be after its moving part goes up by `bytes` (or down: the
 * sum is modulo 2^32). */
static uint32_t stack_moved(const struct cpu *c, uint32_t bytes)
{
    uint32_t esp = c->reg[REG_ESP], mask = stack_mask(c);
    return (esp & ~mask) | ((esp + bytes) & mask);
}

void push(struct cpu *c, unsigned size, uint32_t value)
{
    uint32_t esp = stack_moved(c, 0 - size);
    mem_write(c, SEG_SS, esp & stack_mask(c), size, value);
    c->reg[REG_ESP] = esp;
}

uint32_t stack_peek(struct cpu *c, unsigned size, uint32_t depth)
{
    uint32_t esp = stack_moved(c, depth);
    return mem_read(c, SEG_SS, esp & stack_mask(c), size);
}

const uint8_t *stack_view(const struct cpu *c, unsigned size)
{
    const struct segment *ss = &c->seg[SEG_SS];
    uint32_t off = c->reg[REG_ESP] & stack_mask(c);
    if (off > stack_mask(c) - size || !segment_allows(ss, false) ||
        !segment_holds(ss, off, size))
        return NULL;
    return lin_host(c, (gva_t){ss->base + off}, size, false, c->cpl == 3);
}

void stack_drop(struct cpu *c, uint32_t bytes)
{
    c->reg[REG_ESP] = stack_moved(c, bytes);
}

uint32_t pop(struct cpu *c, unsigned size)
{
    uint32_t value = stack_peek(c, size, 0);
    stack_drop(c, size);
    return value;
}

/* Fault now as a push of `size` bytes would, `depth` bytes below the top. */
static void check_push(struct cpu *c, unsigned size, uint32_t depth)
{
    uint32_t esp = stack_moved(c, 0 - depth - size);
    mem_check_write(c, SEG_SS, esp & stack_mask(c), size);
}

/* PUSH ESP pushes ESP as it was before (SDM 2B, PUSH). */
void op_push(struct cpu *c, const struct insn *i)
{
    push(c, i->opsize, opr_read(c, i, 0));
}

/*
 * POP. A memory destination that uses ESP as its base takes ESP as it is
 * after the pop; POP ESP keeps the value popped (SDM 2B, POP).
 */
void op_pop(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t value = stack_peek(c, size, 0);
    uint32_t before = c->reg[REG_ESP];
    uint32_t after = stack_moved(c, size);
    if (opr_is_memory(i)) {
        uint32_t off = opr_offset(c, i);
        if (i->base == REG_ESP)
            off += after - before;
        if (i->adsize == 2)
            off &= 0xffff;
        mem_write(c, (enum seg)i->seg, off, size, value);
        c->reg[REG_ESP] = after;
    } else {
        c->reg[REG_ESP] = after;
        opr_write(c, i, 0, value);
    }
}

/* The selector, zero extended to the operand size. PUSH ES, CS, SS, DS, FS
 * and GS have the register's number in bits 5:3 of their opcodes. */
void op_push_seg(struct cpu *c, const struct insn *i)
{
    push(c, i->opsize, c->seg[i->opcode >> 3 & 7].sel);
}

/* EAX, ECX, EDX, EBX, ESP as it was, EBP, ESI, EDI. */
void op_pusha(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t esp = c->reg[REG_ESP];
    for (unsigned n = 0; n < 8; n++)
        check_push(c, size, n * size);
    for (unsigned n = 0; n < 8; n++)
        push(c, size, n == REG_ESP ? esp : c->reg[n]);
}

/* The reverse; what was pushed for ESP is skipped. */
void op_popa(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize;
    uint32_t value[8];
    for (unsigned n = 0; n < 8; n++)
        value[n] = stack_peek(c, size, n * size);
    stack_drop(c, 8 * size);
    for (unsigned n = 0; n < 8; n++)
        if (7 - n != REG_ESP)
            reg_write(c, 7 - n, size, value[n]);
}

/* VM and RF are pushed as zero (SDM 2B, PUSHF). */
void op_pushf(struct cpu *c, const struct insn *i)
{
    uint32_t flags = vm86_has_virtual_flags(c) ? vm86_flags_out(c, i->opsize)
                                               : cpu_eflags(c);
    push(c, i->opsize, flags & ~(uint32_t)(FL_VM | FL_RF));
}

/*
 * What POPF, the instruction that lies, may change: IF only where CPL <= IOPL,
 * IOPL only at CPL 0; the rest is kept without a fault (SDM 2B, POPF). IRET
 * goes by the same rule.
 */
uint32_t flags_allowed(const struct cpu *c, unsigned size)
{
    uint32_t may = FL_ARITH | FL_TF | FL_DF | FL_NT;
    if (size == 4)
        may |= FL_AC | FL_ID;
    if (c->cpl <= (c->eflags & FL_IOPL) >> 12)
        may |= FL_IF;
    if (c->cpl == 0)
        may |= FL_IOPL;
    if (vm86_has_virtual_flags(c))
        may |= FL_VIF;
    return may;
}

/* VM stays, and VIF and VIP but for CR4.VME's help; RF is cleared. */
void op_popf(struct cpu *c, const struct insn *i)
{
    uint32_t value = stack_peek(c, i->opsize, 0);
    uint32_t old = cpu_eflags(c), may = flags_allowed(c, i->opsize);
    if (vm86_has_virtual_flags(c))
        value = vm86_flags_in(c, i->opsize, value);
    stack_drop(c, i->opsize);
    cpu_set_eflags(c, (value & may) | (old & ~may & ~(uint32_t)FL_RF));
}

/* Where ENTER finds the level'th frame pointer of the outer frame. */
static uint32_t outer_frame(const struct cpu *c, const struct insn *i,
                            unsigned level)
{
    return (c->reg[REG_EBP] - level * i->opsize) & stack_mask(c);
}

/*
 * ENTER size, level (SDM 1 6.5). The frame pointers of the outer levels are
 * copied; then the locals' end is probed for writing, as the manual says a
 * push there would fault. The first pass meets every fault in the order of
 * the accesses, the second changes things.
 */
void op_enter(struct cpu *c, const struct insn *i)
{
    unsigned size = i->opsize, levels = i->imm2 & 31;
    uint32_t locals = i->imm & 0xffff;
    check_push(c, size, 0);
    for (unsigned n = 1; n < levels; n++) {
        mem_check_read(c, SEG_SS, outer_frame(c, i, n), size);
        check_push(c, size, n * size);
    }
    if (levels > 0)
        check_push(c, size, levels * size);
    uint32_t pushed = (levels + 1) * size;
    check_push(c, size, pushed + locals - size);

    push(c, size, c->reg[REG_EBP]);
    uint32_t frame = c->reg[REG_ESP];
    for (unsigned n = 1; n < levels; n++)
        push(c, size, mem_read(c, SEG_SS, outer_frame(c, i, n), size));
    if (levels > 0)
        push(c, size, frame);
    reg_write(c, REG_EBP, size, frame);
    stack_drop(c, 0 - locals);
}

/* ESP = EBP, then pop EBP. */
void op_leave(struct cpu *c, const struct insn *i)
{
    uint32_t mask = stack_mask(c), ebp = c->reg[REG_EBP];
    uint32_t value = mem_read(c, SEG_SS, ebp & mask, i->opsize);
    c->reg[REG_ESP] = (c->reg[REG_ESP] & ~mask) | (ebp & mask);
    stack_drop(c, i->opsize);
    reg_write(c, REG_EBP, i->opsize, value);
}
