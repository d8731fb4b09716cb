/*
 * translate.c - from a block's instructions to micro-ops.
 *
 * Job:    choose a handler for each instruction; drop what nobody reads of
 *         the flags; join a comparison and the jump behind it; lay the ways
 *         out of the block. The other files of translate.h do most of it.
 *
 * Every instruction has a micro-op that ends it, and that carries on if its
 * handler gives up: hot_slow does the whole instruction by its function. An
 * address with an index takes one more before it, which only adds up.
 */
#include "translate.h"

static form_fn *const forms[] = {
    [FORM_ALU_EG] = form_alu,
    [FORM_ALU_GE] = form_alu,
    [FORM_ALU_EI] = form_alu,
    [FORM_ALU8_EG] = form_alu_byte,
    [FORM_ALU8_GE] = form_alu_byte,
    [FORM_ALU8_EI] = form_alu_byte,
    [FORM_INC] = form_one_operand,
    [FORM_DEC] = form_one_operand,
    [FORM_NEG] = form_one_operand,
    [FORM_NOT] = form_one_operand,
    [FORM_SHIFT] = form_shift,
    [FORM_SHIFT_CL] = form_shift,
    [FORM_ROTATE] = form_shift,
    [FORM_CARRY_EG] = form_carry,
    [FORM_CARRY_GE] = form_carry,
    [FORM_CARRY_EI] = form_carry,
    [FORM_MUL] = form_odd,
    [FORM_DIV] = form_odd,
    [FORM_CMOV] = form_odd,
    [FORM_BSWAP] = form_odd,
    [FORM_IMUL2] = form_multiply,
    [FORM_IMUL3] = form_multiply,
    [FORM_MOV_EG] = form_move,
    [FORM_MOV_GE] = form_move,
    [FORM_MOV_EI] = form_move,
    [FORM_MOV_OFFSET] = form_offset,
    [FORM_MOV8_EG] = form_move,
    [FORM_MOV8_GE] = form_move,
    [FORM_MOV8_EI] = form_move,
    [FORM_EXTEND] = form_extend,
    [FORM_LEA] = form_lea,
    [FORM_XCHG] = form_xchg,
    [FORM_SETCC] = form_setcc,
    [FORM_CWD] = form_cwd,
    [FORM_CBW] = form_cwde,
    [FORM_NOP] = form_nop,
    [FORM_PUSH] = form_stack,
    [FORM_PUSH_I] = form_stack,
    [FORM_POP] = form_stack,
    [FORM_LEAVE] = form_stack,
    [FORM_PUSH_SEGMENT] = form_push_segment,
    [FORM_JCC] = form_jcc,
    [FORM_JMP] = form_jump,
    [FORM_CALL] = form_jump,
    [FORM_RET] = form_ret,
    [FORM_JMP_E] = form_indirect,
    [FORM_CALL_E] = form_indirect,
};

/* Does what it does depend on the operand size? */
static bool by_operand_size(const struct rule *rule)
{
    switch (rule->form) {
    case FORM_ALU8_EG:
    case FORM_ALU8_GE:
    case FORM_ALU8_EI:
    case FORM_MOV8_EG:
    case FORM_MOV8_GE:
    case FORM_MOV8_EI:
    case FORM_SETCC:
    case FORM_NOP:
        return false;
    default:
        return true;
    }
}

/* Has it a memory operand that its handler cannot do? LEA and NOP only name
 * one. */
static bool is_out_of_reach(const struct insn *i, unsigned form)
{
    if (form == FORM_NOP)
        return false;
    if (form == FORM_LEA)
        return i->adsize != 4;
    return (opr_is_memory(i) || form == FORM_MOV_OFFSET) && !is_flat(i);
}

static void translate_op(struct translation *t)
{
    const struct insn *i = t->i;
    const struct rule *rule = &rules[i->id];
    if (rule->form != FORM_JCC)
        t->join = JOIN_NONE;
    if (rule->form == FORM_NONE || t->b->op[t->n].guarded ||
        is_out_of_reach(i, rule->form))
        put_slow(t);
    else if (i->opsize == 2 && by_operand_size(rule))
        form_word(t, rule);
    else
        forms[rule->form](t, rule);
}

size_t fast_room_most(unsigned n)
{
    return sizeof(struct entry) + (2 * (size_t)n + 1) * sizeof(struct uop);
}

size_t fast_translate(struct cpu *c, struct block *b, void *room, void *links)
{
    bool dead[256];
    struct translation t = {
        .c = c, .b = b, .e = room, .links = links, .next = b->eip};
    if (b->cost == 0 || b->cost >> 20 || !fast_begin(c))
        return 0; /* nothing, or too much, to count by */
    find_dead(b, dead);
    for (t.n = 0; t.n < b->count; t.n++) {
        t.i = &b->op[t.n].insn;
        t.next += t.i->len;
        t.dead = dead[t.n];
        translate_op(&t);
    }
    t.i = &b->op[b->count - 1].insn;
    if (!insn_ends_block(t.i)) {
        struct uop *u = put(&t, hot_linked);
        lay_way(&t, u, &u->imm, t.next);
    }
    *t.e = (struct entry){.charge = CHARGE(b->cost, b->count),
                          .host = b->host,
                          .block = b,
                          .eip = b->eip};
    b->entry = t.e;
    return sizeof(struct entry) + t.count * sizeof(struct uop);
}
