/*
 * forms.c - micro-ops for data, arithmetic and memory: a function for each
 * form of rules.c, or for some that are alike.
 *
 * Operands are 32 bits wide here, or bytes; translate.c sees to it, and that
 * a memory operand is one that a handler can do.
 */
#include "translate.h"

/* ---------------------------------------------------------------- operands */

unsigned base_of(struct translation *t)
{
    const struct insn *i = t->i;
    if (i->index == NO_REG)
        return i->base == NO_REG ? BASE_NONE : i->base;
    if (i->base == NO_REG) {
        put(t, hot_ea_i[i->scale * REGS + at_r(i->index)])->b = i->index & 15u;
        return BASE_COMPUTED;
    }
    unsigned at = (i->scale * REGS + at_r(i->base)) * REGS + at_r(i->index);
    struct uop *u = put(t, hot_ea_bi[at]);
    u->d = i->base & 15u;
    u->b = i->index & 15u;
    return BASE_COMPUTED;
}

static void after_alu(struct translation *t, unsigned alu)
{
    t->pending = alu == SUB || alu == CMP ? PENDING_SUB
                 : alu == ADD             ? PENDING_LAZY
                                          : PENDING_LOGIC;
}

/* --------------------------------------------- a function for each form */

static void alu_registers(struct translation *t, unsigned alu, unsigned d,
                          unsigned s)
{
    static handler *const *const loud[] = {hot_add_rr, hot_or_rr,  hot_and_rr,
                                           hot_sub_rr, hot_xor_rr, hot_cmp_rr,
                                           hot_test_rr};
    static handler *const *const quiet[] = {
        hot_add_rr_q, hot_or_rr_q, hot_and_rr_q, hot_sub_rr_q, hot_xor_rr_q};
    if (t->dead) {
        if (alu < CMP)
            put_rr(t, quiet[alu], d, s);
        else
            put_o(t, hot_nop);
        return;
    }
    put_rr(t, loud[alu], d, s);
    after_alu(t, alu);
    if (alu == CMP)
        t->join = JOIN_CMP_RR;
    if (alu == TEST && d == s)
        t->join = JOIN_TEST_R;
}

static void alu_immediate(struct translation *t, unsigned alu)
{
    static handler *const *const loud[] = {hot_add_ri, hot_or_ri,  hot_and_ri,
                                           hot_sub_ri, hot_xor_ri, hot_cmp_ri,
                                           hot_test_ri};
    static handler *const *const quiet[] = {
        hot_add_ri_q, hot_or_ri_q, hot_and_ri_q, hot_sub_ri_q, hot_xor_ri_q};
    static handler *const *const memory[] = {hot_add_mi, hot_or_mi,  hot_and_mi,
                                             hot_sub_mi, hot_xor_mi, hot_cmp_mi,
                                             hot_test_mi};
    static handler *const *const memory_quiet[] = {
        hot_add_mi_q, hot_or_mi_q, hot_and_mi_q, hot_sub_mi_q,
        hot_xor_mi_q, hot_cmp_mi,  hot_test_mi};
    if (opr_is_memory(t->i)) {
        put_b(t, (t->dead ? memory_quiet : memory)[alu], base_of(t));
        after_alu(t, alu);
        return;
    }
    /* the row with eAX has no ModRM */
    unsigned d = insn_rows[t->i->id].modrm ? t->i->rm : REG_EAX;
    if (t->dead) {
        if (alu < CMP)
            put_r(t, quiet[alu], d);
        else
            put_o(t, hot_nop);
        return;
    }
    put_r(t, loud[alu], d);
    after_alu(t, alu);
    if (alu == CMP)
        t->join = JOIN_CMP_RI;
}

void form_alu(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form, alu = rule->sub;
    static handler *const *const load[] = {hot_add_rm, hot_or_rm,  hot_and_rm,
                                           hot_sub_rm, hot_xor_rm, hot_cmp_rm};
    static handler *const *const store[] = {hot_add_mr, hot_or_mr,  hot_and_mr,
                                            hot_sub_mr, hot_xor_mr, hot_cmp_mr,
                                            hot_test_mr};
    static handler *const *const load_quiet[] = {hot_add_rm_q, hot_or_rm_q,
                                                 hot_and_rm_q, hot_sub_rm_q,
                                                 hot_xor_rm_q, hot_cmp_rm};
    static handler *const *const store_quiet[] = {
        hot_add_mr_q, hot_or_mr_q, hot_and_mr_q, hot_sub_mr_q,
        hot_xor_mr_q, hot_cmp_mr,  hot_test_mr};
    const struct insn *i = t->i;
    if (form == FORM_ALU_EI) {
        alu_immediate(t, alu);
    } else if (!opr_is_memory(i)) {
        if (form == FORM_ALU_EG)
            alu_registers(t, alu, i->rm, i->reg);
        else
            alu_registers(t, alu, i->reg, i->rm);
    } else {
        unsigned base = base_of(t);
        if (form == FORM_ALU_EG)
            put_rb(t, (t->dead ? store_quiet : store)[alu], i->reg, base);
        else
            put_rb(t, (t->dead ? load_quiet : load)[alu], i->reg, base);
        after_alu(t, alu);
    }
}

/* Bytes: none is quiet. */
void form_alu_byte(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form, alu = rule->sub;
    static handler *const *const immediate[] = {
        hot_add8_ri, hot_or8_ri,  hot_and8_ri, hot_sub8_ri,
        hot_xor8_ri, hot_cmp8_ri, hot_test8_ri};
    static handler *const *const registers[] = {
        hot_add8_rr, hot_or8_rr,  hot_and8_rr, hot_sub8_rr,
        hot_xor8_rr, hot_cmp8_rr, hot_test8_rr};
    static handler *const *const memory_immediate[] = {
        hot_add8_mi, hot_or8_mi,  hot_and8_mi, hot_sub8_mi,
        hot_xor8_mi, hot_cmp8_mi, hot_test8_mi};
    static handler *const *const load[] = {hot_add8_rm, hot_or8_rm,
                                           hot_and8_rm, hot_sub8_rm,
                                           hot_xor8_rm, hot_cmp8_rm};
    static handler *const *const store[] = {
        hot_add8_mr, hot_or8_mr,  hot_and8_mr, hot_sub8_mr,
        hot_xor8_mr, hot_cmp8_mr, hot_test8_mr};
    const struct insn *i = t->i;
    bool memory = opr_is_memory(i);
    if (form == FORM_ALU8_EI && memory)
        put_b(t, memory_immediate[alu], base_of(t));
    else if (form == FORM_ALU8_EI)
        put_r(t, immediate[alu], insn_rows[i->id].modrm ? i->rm : REG_EAX);
    else if (memory)
        put_rb(t, (form == FORM_ALU8_EG ? store : load)[alu], i->reg,
               base_of(t));
    else
        put_rr(t, registers[alu], form == FORM_ALU8_EG ? i->rm : i->reg,
               form == FORM_ALU8_EG ? i->reg : i->rm);
    after_alu(t, alu);
}

/* INC, DEC, NEG, NOT. */
void form_one_operand(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form;
    static handler *const *const loud[] = {hot_inc_r, hot_dec_r, hot_neg_r};
    static handler *const *const quiet[] = {hot_inc_r_q, hot_dec_r_q,
                                            hot_neg_r_q};
    const struct insn *i = t->i;
    bool in_opcode = !insn_rows[i->id].modrm;
    unsigned d = in_opcode ? i->reg : i->rm;
    static handler *const *const memory[] = {hot_inc_m, hot_dec_m};
    static handler *const *const memory_quiet[] = {hot_inc_m_q, hot_dec_m_q};
    if (opr_is_memory(i) && form <= FORM_DEC)
        put_b(t, (t->dead ? memory_quiet : memory)[form - FORM_INC],
              base_of(t));
    else if (opr_is_memory(i))
        put_slow(t);
    else if (form == FORM_NOT)
        put_r(t, hot_not_r, d);
    else
        put_r(t, (t->dead ? quiet : loud)[form - FORM_INC], d);
    if (form == FORM_NOT || t->dead)
        return;
    t->pending = form == FORM_NEG ? PENDING_SUB : PENDING_LAZY;
    if (form == FORM_DEC && !opr_is_memory(i))
        t->join = JOIN_DEC;
}

/* Shifts and rotations by a number, or by CL. */
void form_shift(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form, sub = rule->sub;
    static handler *const *const loud[][3] = {
        {hot_shl_ri, hot_shr_ri, hot_sar_ri},
        {hot_shl_rc, hot_shr_rc, hot_sar_rc},
        {hot_rol_ri, hot_ror_ri},
    };
    static handler *const *const quiet[][3] = {
        {hot_shl_ri_q, hot_shr_ri_q, hot_sar_ri_q},
        {hot_shl_rc_q, hot_shr_rc_q, hot_sar_rc_q},
        {hot_rol_ri_q, hot_ror_ri_q},
    };
    const struct insn *i = t->i;
    if (opr_is_memory(i) || (form != FORM_SHIFT_CL && shift_count(i) == 0)) {
        put_slow(t);
        return;
    }
    put_r(t, (t->dead ? quiet : loud)[form - FORM_SHIFT][sub], i->rm);
    last_uop(t)->imm = shift_count(i);
    if (!t->dead)
        t->pending = form == FORM_SHIFT ? PENDING_LAZY : PENDING_ANY;
}

void form_carry(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form, sub = rule->sub;
    const struct insn *i = t->i;
    if (opr_is_memory(i))
        put_slow(t);
    else if (form == FORM_CARRY_EI)
        put_r(t, sub == ADC ? hot_adc_ri : hot_sbb_ri,
              insn_rows[i->id].modrm ? i->rm : REG_EAX);
    else if (form == FORM_CARRY_EG)
        put_rr(t, sub == ADC ? hot_adc_rr : hot_sbb_rr, i->rm, i->reg);
    else
        put_rr(t, sub == ADC ? hot_adc_rr : hot_sbb_rr, i->reg, i->rm);
    t->pending = PENDING_ANY;
}

/* MUL and DIV of EDX:EAX, CMOVcc, BSWAP: of registers. */
void form_odd(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form;
    const struct insn *i = t->i;
    if (opr_is_memory(i)) {
        put_slow(t);
    } else if (form == FORM_MUL) {
        put_r(t, t->dead ? hot_mul_r_q : hot_mul_r, i->rm);
        if (!t->dead)
            t->pending = PENDING_ANY;
    } else if (form == FORM_DIV) {
        put_r(t, hot_div_r, i->rm);
        t->pending = PENDING_ANY;
    } else if (form == FORM_CMOV) {
        put_rr(t, hot_cmov_rr, i->reg, i->rm);
        last_uop(t)->imm = i->opcode & 15;
    } else {
        put_r(t, hot_bswap, i->reg);
    }
}

void form_multiply(struct translation *t, const struct rule *rule)
{
    unsigned form = rule->form;
    const struct insn *i = t->i;
    if (opr_is_memory(i) && form == FORM_IMUL3) {
        put_slow(t);
        return;
    }
    if (opr_is_memory(i))
        put_rb(t, t->dead ? hot_imul_rm_q : hot_imul_rm, i->reg, base_of(t));
    else if (form == FORM_IMUL2)
        put_rr(t, t->dead ? hot_imul_rr_q : hot_imul_rr, i->reg, i->rm);
    else
        put_rr(t, t->dead ? hot_imul_rri_q : hot_imul_rri, i->reg, i->rm);
    if (!t->dead)
        t->pending = PENDING_ANY;
}

void form_move(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    bool byte = rule->form >= FORM_MOV8_EG, memory = opr_is_memory(i);
    switch (rule->form) {
    case FORM_MOV_EG:
    case FORM_MOV8_EG:
        if (memory)
            put_rb(t, byte ? hot_st8 : hot_st32, i->reg, base_of(t));
        else
            put_rr(t, byte ? hot_mov8_rr : hot_mov_rr, i->rm, i->reg);
        break;
    case FORM_MOV_GE:
    case FORM_MOV8_GE:
        if (memory)
            put_rb(t, byte ? hot_ld8 : hot_ld32, i->reg, base_of(t));
        else
            put_rr(t, byte ? hot_mov8_rr : hot_mov_rr, i->reg, i->rm);
        break;
    default:
        if (memory)
            put_b(t, byte ? hot_sti8 : hot_sti32, base_of(t));
        else
            put_r(t, byte ? hot_mov8_ri : hot_mov_ri,
                  rule->sub ? i->reg : i->rm);
    }
}

/* MOV of EAX to or from an address in the instruction. */
void form_offset(struct translation *t, const struct rule *rule)
{
    put_rb(t, rule->sub ? hot_st32 : hot_ld32, REG_EAX, BASE_NONE);
}

/* Words, for which only the moves to memory have handlers. */
void form_word(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    bool can = opr_is_memory(i) && is_flat(i);
    if (can && rule->form == FORM_MOV_EG)
        put_rb(t, hot_st16, i->reg, base_of(t));
    else if (can && rule->form == FORM_MOV_EI)
        put_b(t, hot_sti16, base_of(t));
    else
        put_slow(t);
}

void form_extend(struct translation *t, const struct rule *rule)
{
    unsigned sub = rule->sub;
    static handler *const *const registers[] = {hot_movzx8, hot_movzx16,
                                                hot_movsx8, hot_movsx16};
    static handler *const *const memory[] = {hot_ldz8, hot_ldz16, hot_lds8,
                                             hot_lds16};
    const struct insn *i = t->i;
    if (opr_is_memory(i))
        put_rb(t, memory[sub], i->reg, base_of(t));
    else
        put_rr(t, registers[sub], i->reg, i->rm);
}

void form_stack(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    if (rule->form == FORM_PUSH_I)
        put_o(t, hot_push_i);
    else if (rule->form == FORM_POP)
        put_r(t, hot_pop_r, i->reg);
    else if (rule->form == FORM_LEAVE)
        put_o(t, hot_leave);
    else if (opr_is_memory(i))
        put_b(t, hot_push_m, base_of(t));
    else
        put_r(t, hot_push_r, rule->sub ? i->reg : i->rm);
}

void form_push_segment(struct translation *t, const struct rule *rule)
{
    put_o(t, hot_push_seg);
    last_uop(t)->imm = rule->sub;
}

void form_lea(struct translation *t, const struct rule *rule)
{
    (void)rule;
    put_rb(t, hot_lea, t->i->reg, base_of(t));
}

void form_xchg(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    if (opr_is_memory(i))
        put_slow(t);
    else
        put_rr(t, hot_xchg_rr, i->reg, rule->sub ? REG_EAX : i->rm);
}

void form_setcc(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    unsigned at = (i->opcode & 15u) * REGS + at_r(i->rm);
    (void)rule;
    if (opr_is_memory(i))
        put_slow(t);
    else
        put(t, hot_setcc[at])->b = i->rm & 15u;
}

void form_cwd(struct translation *t, const struct rule *rule)
{
    (void)rule;
    put_o(t, hot_cwd);
}

void form_cwde(struct translation *t, const struct rule *rule)
{
    (void)rule;
    put_o(t, hot_cwde);
}

void form_nop(struct translation *t, const struct rule *rule)
{
    (void)rule;
    put_o(t, hot_nop);
}
