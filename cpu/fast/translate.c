/*
 * translate.c - from a block's instructions to micro-ops.
 *
 * Job:    choose a handler for each instruction; drop what nobody reads of
 *         the flags; join a comparison and the jump behind it; lay the ways
 *         out of the block.
 * Parts:  rules; which flags are read; putting micro-ops; operands; a
 *         function for each form; the block.
 *
 * Every instruction has a micro-op that ends it, and that carries on if its
 * handler gives up: hot_slow does the whole instruction by its function. An
 * address with an index takes one more before it, which only adds up.
 */
#include <string.h>
#include "fast.h"

/* ------------------------------------------------------------------- rules */

/* How a row is translated; rows without a rule run by their functions. */
enum form {
    FORM_NONE,
    /* these stay in registers when ModRM names one */
    FORM_ALU_EG,
    FORM_ALU_GE,
    FORM_ALU_EI,
    FORM_ALU8_EG,
    FORM_ALU8_GE,
    FORM_ALU8_EI,
    FORM_INC,
    FORM_DEC,
    FORM_NEG,
    FORM_NOT,
    FORM_SHIFT,
    FORM_SHIFT_CL,
    FORM_ROTATE,
    FORM_CARRY_EG,
    FORM_CARRY_GE,
    FORM_CARRY_EI,
    FORM_MUL,
    FORM_CMOV,
    FORM_BSWAP,
    FORM_IMUL2,
    FORM_IMUL3,
    FORM_MOV_EG,
    FORM_MOV_GE,
    FORM_MOV_EI,
    FORM_MOV8_EG,
    FORM_MOV8_GE,
    FORM_MOV8_EI,
    FORM_EXTEND,
    FORM_LEA,
    FORM_XCHG,
    FORM_SETCC,
    FORM_CWD,
    FORM_CBW,
    FORM_NOP,
    FORM_LAST_QUIET = FORM_NOP,
    /* these do not */
    FORM_DIV,
    FORM_MOV_OFFSET,
    FORM_PUSH,
    FORM_PUSH_I,
    FORM_POP,
    FORM_LEAVE,
    FORM_JCC,
    FORM_JMP,
    FORM_CALL,
    FORM_RET,
    FORM_JMP_E,
    FORM_CALL_E,
};

enum alu { ADD, OR, AND, SUB, XOR, CMP, TEST };
enum shift { SHL, SHR, SAR };
enum rotate { ROL, ROR };
enum carry { ADC, SBB };
enum extend { ZX8, ZX16, SX8, SX16 };

struct rule {
    uint8_t form, sub;
};

/* clang-format off */
#define ALU_ROWS(X) \
    [I_##X##_Ev_Gv] = {FORM_ALU_EG, X},   [I_##X##_Gv_Ev] = {FORM_ALU_GE, X}, \
    [I_##X##_eAX_Iz] = {FORM_ALU_EI, X},  [I_##X##_Ev_Iz] = {FORM_ALU_EI, X}, \
    [I_##X##_Ev_sIb] = {FORM_ALU_EI, X},  [I_##X##_Eb_Gb] = {FORM_ALU8_EG, X}, \
    [I_##X##_Gb_Eb] = {FORM_ALU8_GE, X},  [I_##X##_AL_Ib] = {FORM_ALU8_EI, X}, \
    [I_##X##_Eb_Ib] = {FORM_ALU8_EI, X},  [I_##X##_Eb_Ib_82] = {FORM_ALU8_EI, X}
#define SHIFT_ROWS(X) \
    [I_##X##_Ev_Ib] = {FORM_SHIFT, X}, [I_##X##_Ev_1] = {FORM_SHIFT, X}, \
    [I_##X##_Ev_CL] = {FORM_SHIFT_CL, X}
#define ROTATE_ROWS(X) \
    [I_##X##_Ev_Ib] = {FORM_ROTATE, X}, [I_##X##_Ev_1] = {FORM_ROTATE, X}
#define CARRY_ROWS(X) \
    [I_##X##_Ev_Gv] = {FORM_CARRY_EG, X}, [I_##X##_Gv_Ev] = {FORM_CARRY_GE, X}, \
    [I_##X##_Ev_Iz] = {FORM_CARRY_EI, X}, [I_##X##_Ev_sIb] = {FORM_CARRY_EI, X}, \
    [I_##X##_eAX_Iz] = {FORM_CARRY_EI, X}

static const struct rule rules[INSN_COUNT] = {
    ALU_ROWS(ADD), ALU_ROWS(OR), ALU_ROWS(AND), ALU_ROWS(SUB), ALU_ROWS(XOR),
    ALU_ROWS(CMP),
    [I_TEST_Ev_Gv] = {FORM_ALU_EG, TEST},  [I_TEST_Eb_Gb] = {FORM_ALU8_EG, TEST},
    [I_TEST_eAX_Iz] = {FORM_ALU_EI, TEST}, [I_TEST_AL_Ib] = {FORM_ALU8_EI, TEST},
    [I_TEST_Ev_Iz] = {FORM_ALU_EI, TEST},  [I_TEST_Eb_Ib] = {FORM_ALU8_EI, TEST},
    [I_INC_Zv] = {FORM_INC, 0},            [I_INC_Ev] = {FORM_INC, 0},
    [I_DEC_Zv] = {FORM_DEC, 0},            [I_DEC_Ev] = {FORM_DEC, 0},
    [I_NEG_Ev] = {FORM_NEG, 0},            [I_NOT_Ev] = {FORM_NOT, 0},
    SHIFT_ROWS(SHL), SHIFT_ROWS(SHR), SHIFT_ROWS(SAR),
    ROTATE_ROWS(ROL), ROTATE_ROWS(ROR), CARRY_ROWS(ADC), CARRY_ROWS(SBB),
    [I_MUL_Ev] = {FORM_MUL, 0},            [I_DIV_Ev] = {FORM_DIV, 0},
    [I_CMOVcc_Gv_Ev] = {FORM_CMOV, 0},     [I_BSWAP_Zv] = {FORM_BSWAP, 0},
    [I_IMUL_Gv_Ev] = {FORM_IMUL2, 0},
    [I_IMUL_Gv_Ev_Iz] = {FORM_IMUL3, 0},   [I_IMUL_Gv_Ev_sIb] = {FORM_IMUL3, 0},
    [I_MOV_Ev_Gv] = {FORM_MOV_EG, 0},      [I_MOV_Eb_Gb] = {FORM_MOV8_EG, 0},
    [I_MOV_Gv_Ev] = {FORM_MOV_GE, 0},      [I_MOV_Gb_Eb] = {FORM_MOV8_GE, 0},
    [I_MOV_Zv_Iz] = {FORM_MOV_EI, 1},      [I_MOV_Zb_Ib] = {FORM_MOV8_EI, 1},
    [I_MOV_Ev_Iz] = {FORM_MOV_EI, 0},      [I_MOV_Eb_Ib] = {FORM_MOV8_EI, 0},
    [I_MOV_eAX_Ov] = {FORM_MOV_OFFSET, 0}, [I_MOV_Ov_eAX] = {FORM_MOV_OFFSET, 1},
    [I_MOVZX_Gv_Eb] = {FORM_EXTEND, ZX8},  [I_MOVZX_Gv_Ew] = {FORM_EXTEND, ZX16},
    [I_MOVSX_Gv_Eb] = {FORM_EXTEND, SX8},  [I_MOVSX_Gv_Ew] = {FORM_EXTEND, SX16},
    [I_LEA_Gv_M] = {FORM_LEA, 0},
    [I_XCHG_Ev_Gv] = {FORM_XCHG, 0},       [I_XCHG_Zv_eAX] = {FORM_XCHG, 1},
    [I_SETcc_Eb] = {FORM_SETCC, 0},
    [I_CWD] = {FORM_CWD, 0},               [I_CBW] = {FORM_CBW, 0},
    [I_NOP] = {FORM_NOP, 0},               [I_NOP_Ev] = {FORM_NOP, 0},
    [I_PUSH_Zv] = {FORM_PUSH, 1},          [I_PUSH_Ev] = {FORM_PUSH, 0},
    [I_PUSH_Iz] = {FORM_PUSH_I, 0},        [I_PUSH_sIb] = {FORM_PUSH_I, 0},
    [I_POP_Zv] = {FORM_POP, 0},            [I_LEAVE] = {FORM_LEAVE, 0},
    [I_Jcc_Jb] = {FORM_JCC, 0},            [I_Jcc_Jz] = {FORM_JCC, 0},
    [I_JMP_Jb] = {FORM_JMP, 0},            [I_JMP_Jz] = {FORM_JMP, 0},
    [I_CALL_Jz] = {FORM_CALL, 0},
    [I_RET] = {FORM_RET, 0},               [I_RET_Iw] = {FORM_RET, 0},
    [I_JMP_Ev] = {FORM_JMP_E, 0},          [I_CALL_Ev] = {FORM_CALL_E, 0},
};
/* clang-format on */

/* ---------------------------------------------------- which flags are read */

/* Can it neither fault, nor take time, nor be where the block is left? */
static bool is_quiet(const struct insn *i)
{
    unsigned form = rules[i->id].form;
    return form != FORM_NONE && form <= FORM_LAST_QUIET &&
           (i->mod == 3 || form == FORM_LEA || form == FORM_NOP);
}

/* Of a shift by a number: modulo 32 (SDM 2B, SAL). */
static uint32_t shift_count(const struct insn *i)
{
    return i->opcode < 0xd0 ? i->imm & 31 : 1;
}

/* The flags that a quiet one gives new values, whatever they were. */
static uint32_t flags_replaced(const struct insn *i)
{
    const struct insn_row *row = &insn_rows[i->id];
    switch (rules[i->id].form) {
    case FORM_SHIFT:
        return shift_count(i) ? FL_ARITH : 0;
    case FORM_ROTATE:
        return shift_count(i) ? FL_CF | FL_OF : 0;
    case FORM_SHIFT_CL:
        return 0; /* if CL is nought */
    case FORM_MUL:
    case FORM_IMUL2:
    case FORM_IMUL3:
        return row->flags_written; /* the undefined ones stay */
    default:
        return row->flags_written | row->flags_undefined;
    }
}

/* dead[n]: nobody reads any of the flags that op n writes. Whatever may stop
 * or fault is taken to read all. */
static void find_dead(const struct block *b, bool *dead)
{
    uint32_t live = FL_ARITH;
    for (unsigned n = b->count; n-- > 0;) {
        const struct insn *i = &b->op[n].insn;
        dead[n] = false;
        if (!is_quiet(i)) {
            live = FL_ARITH;
            continue;
        }
        const struct insn_row *row = &insn_rows[i->id];
        uint32_t written = row->flags_written | row->flags_undefined;
        dead[n] = written && !(written & live);
        live = (live & ~flags_replaced(i)) | row->flags_read;
    }
}

/* ------------------------------------------------------- putting micro-ops */

/* What is known of the pending flags. */
enum pending {
    PENDING_ANY,   /* nothing */
    PENDING_LAZY,  /* not FLAGS_GIVEN */
    PENDING_SUB,   /* FLAGS_SUB */
    PENDING_LOGIC, /* FLAGS_LOGIC */
};

/* What the last micro-op was, if a jump can join it. */
enum joinable { JOIN_NONE, JOIN_CMP_RI, JOIN_CMP_RR, JOIN_TEST_R, JOIN_DEC };

struct translation {
    const struct cpu *c;
    struct block *b;
    struct entry *e;
    unsigned count; /* of micro-ops */
    struct link *links;
    unsigned link_count;
    /* the present instruction */
    unsigned n;
    const struct insn *i;
    bool dead;
    uint32_t next; /* EIP behind it */
    /* the one before */
    enum pending pending;
    enum joinable join;
};

static struct uop *put(struct translation *t, handler *h)
{
    struct uop *u = &entry_uops(t->e)[t->count];
    *u = (struct uop){.run = FAST_ADDRESS(h),
                      .imm = t->i->imm,
                      .disp = t->i->disp,
                      .insn = t->n & 0xff,
                      .place = t->count & 0xff};
    t->count++;
    return u;
}

/* Tables vary over registers only if those are pinned. */
static unsigned at_r(unsigned r)
{
    return FAST_PINNED ? r : 0;
}
static unsigned at_b(unsigned base)
{
    if (FAST_PINNED)
        return base;
    return base < BASE_NONE ? 0 : base == BASE_NONE ? 1 : 2;
}

static void put_o(struct translation *t, handler *const *table)
{
    put(t, table[0]);
}
static void put_r(struct translation *t, handler *const *table, unsigned d)
{
    put(t, table[at_r(d)])->d = d & 15;
}
static void put_rr(struct translation *t, handler *const *table, unsigned d,
                   unsigned s)
{
    struct uop *u = put(t, table[at_r(d) * REGS + at_r(s)]);
    u->d = d & 15;
    u->b = s & 15;
}
static void put_b(struct translation *t, handler *const *table, unsigned base)
{
    put(t, table[at_b(base)])->b = base & 15;
}
static void put_rb(struct translation *t, handler *const *table, unsigned d,
                   unsigned base)
{
    struct uop *u = put(t, table[at_r(d) * BASES + at_b(base)]);
    u->d = d & 15;
    u->b = base & 15;
}

/* By its function. */
static void put_slow(struct translation *t)
{
    const struct insn_row *row = &insn_rows[t->i->id];
    put(t, hot_slow);
    if (row->flags_written | row->flags_undefined)
        t->pending = PENDING_ANY;
}

/* The micro-op's member `way` will lead to `eip`; now, to a link. */
static void lay_way(struct translation *t, struct uop *from, uint32_t *way,
                    uint32_t eip)
{
    struct link *l = &t->links[t->link_count++];
    *l = (struct link){.entry = {.block = t->b, .eip = eip, .is_link = 1},
                       .op = {.run = FAST_ADDRESS(hot_unlinked), .disp = eip},
                       .jump = from,
                       .way = way};
    *way = (uint32_t)((const char *)l - (const char *)from);
}

/* ---------------------------------------------------------------- operands */

/* Can a handler do its memory operand? */
static bool is_flat(const struct insn *i)
{
    return i->adsize == 4 && (i->seg == SEG_DS || i->seg == SEG_SS);
}

/* The base for the memory operand, after the micro-op that adds an index. */
static unsigned base_of(struct translation *t)
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

/* -------------------------------------------------- a function for each form
 */

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
    if (opr_is_memory(t->i)) {
        put_b(t, memory[alu], base_of(t));
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

static void alu_long(struct translation *t, unsigned form, unsigned alu)
{
    static handler *const *const load[] = {hot_add_rm, hot_or_rm,  hot_and_rm,
                                           hot_sub_rm, hot_xor_rm, hot_cmp_rm};
    static handler *const *const store[] = {hot_add_mr, hot_or_mr,  hot_and_mr,
                                            hot_sub_mr, hot_xor_mr, hot_cmp_mr,
                                            hot_test_mr};
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
        put_rb(t, form == FORM_ALU_EG ? store[alu] : load[alu], i->reg, base);
        after_alu(t, alu);
    }
}

/* Bytes: the commonest; the others by their functions. */
static void alu_byte(struct translation *t, unsigned form, unsigned alu)
{
    static handler *const *const immediate[] = {
        hot_add8_ri, hot_or8_ri,  hot_and8_ri, hot_sub8_ri,
        hot_xor8_ri, hot_cmp8_ri, hot_test8_ri};
    static handler *const *const registers[] = {
        hot_add8_rr, hot_or8_rr,  hot_and8_rr, hot_sub8_rr,
        hot_xor8_rr, hot_cmp8_rr, hot_test8_rr};
    const struct insn *i = t->i;
    bool memory = opr_is_memory(i);
    if (form == FORM_ALU8_EI && !memory)
        put_r(t, immediate[alu], insn_rows[i->id].modrm ? i->rm : REG_EAX);
    else if (form == FORM_ALU8_EI && alu >= CMP)
        put_b(t, alu == CMP ? hot_cmp8_mi : hot_test8_mi, base_of(t));
    else if (!memory)
        put_rr(t, registers[alu], form == FORM_ALU8_EG ? i->rm : i->reg,
               form == FORM_ALU8_EG ? i->reg : i->rm);
    else if (memory && alu == CMP)
        put_rb(t, form == FORM_ALU8_EG ? hot_cmp8_mr : hot_cmp8_rm, i->reg,
               base_of(t));
    else
        put_slow(t);
    after_alu(t, alu);
}

/* INC, DEC, NEG, NOT. */
static void one_operand(struct translation *t, unsigned form)
{
    static handler *const *const loud[] = {hot_inc_r, hot_dec_r, hot_neg_r};
    static handler *const *const quiet[] = {hot_inc_r_q, hot_dec_r_q,
                                            hot_neg_r_q};
    const struct insn *i = t->i;
    bool in_opcode = !insn_rows[i->id].modrm;
    unsigned d = in_opcode ? i->reg : i->rm;
    if (opr_is_memory(i) && form <= FORM_DEC)
        put_b(t, form == FORM_INC ? hot_inc_m : hot_dec_m, base_of(t));
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
static void shift(struct translation *t, unsigned form, unsigned sub)
{
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
    entry_uops(t->e)[t->count - 1].imm = shift_count(i);
    if (!t->dead)
        t->pending = form == FORM_SHIFT ? PENDING_LAZY : PENDING_ANY;
}

static void with_carry(struct translation *t, unsigned form, unsigned sub)
{
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
static void odd(struct translation *t, unsigned form)
{
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
        entry_uops(t->e)[t->count - 1].imm = i->opcode & 15;
    } else {
        put_r(t, hot_bswap, i->reg);
    }
}

static void multiply(struct translation *t, unsigned form)
{
    const struct insn *i = t->i;
    if (opr_is_memory(i) && form == FORM_IMUL3) {
        put_slow(t);
        return;
    }
    if (opr_is_memory(i))
        put_rb(t, hot_imul_rm, i->reg, base_of(t));
    else if (form == FORM_IMUL2)
        put_rr(t, t->dead ? hot_imul_rr_q : hot_imul_rr, i->reg, i->rm);
    else
        put_rr(t, t->dead ? hot_imul_rri_q : hot_imul_rri, i->reg, i->rm);
    if (!t->dead)
        t->pending = PENDING_ANY;
}

static void move(struct translation *t, const struct rule *rule)
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

/* Words, for which only the moves to and from memory have handlers. */
static bool move_word(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    if (!opr_is_memory(i) || !is_flat(i))
        return false;
    if (rule->form == FORM_MOV_EG)
        put_rb(t, hot_st16, i->reg, base_of(t));
    else if (rule->form == FORM_MOV_EI)
        put_b(t, hot_sti16, base_of(t));
    else
        return false;
    return true;
}

static void extend(struct translation *t, unsigned sub)
{
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

static void push_or_pop(struct translation *t, const struct rule *rule)
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

/* --------------------------------------------------------------- transfers */

/* The handler of a conditional jump that joins the micro-op before, if the
 * two can be one. */
static handler *joined(const struct translation *t, unsigned cc)
{
    const struct uop *u = &entry_uops(t->e)[t->count - 1];
    switch (t->join) {
    case JOIN_CMP_RI:
        return hot_cmp_ri_jcc[cc * REGS + at_r(u->d)];
    case JOIN_CMP_RR:
        return hot_cmp_rr_jcc[(cc * REGS + at_r(u->d)) * REGS + at_r(u->b)];
    case JOIN_TEST_R:
        return hot_test_r_jcc[cc * REGS + at_r(u->d)];
    case JOIN_DEC:
        return cc == 5 /* NZ */ ? hot_dec_jnz[at_r(u->d)] : NULL;
    default:
        return NULL;
    }
}

static void conditional_jump(struct translation *t)
{
    static handler *const *const by_pending[] = {
        [PENDING_ANY] = hot_jcc,
        [PENDING_LAZY] = hot_jcc_any,
        [PENDING_SUB] = hot_jcc_sub,
        [PENDING_LOGIC] = hot_jcc_logic,
    };
    unsigned cc = t->i->opcode & 15;
    handler *both = joined(t, cc);
    if (both) {
        struct uop *first = &entry_uops(t->e)[t->count - 1];
        first->run = FAST_ADDRESS(both);
        first->b = t->join == JOIN_CMP_RR ? first->b : first->d;
    }
    struct uop *u = put(t, by_pending[t->pending][cc]);
    lay_way(t, u, &u->imm, t->next + t->i->imm);
    lay_way(t, u, &u->disp, t->next);
}

static void transfer(struct translation *t, unsigned form)
{
    const struct insn *i = t->i;
    uint32_t target = t->next + i->imm;
    bool memory = opr_is_memory(i), direct = form <= FORM_CALL;
    struct uop *u;
    if (direct && target > t->c->engine->flat_limit) {
        put_slow(t);
        return;
    }
    switch (form) {
    case FORM_JCC:
        conditional_jump(t);
        return;
    case FORM_JMP:
    case FORM_CALL:
        u = put(t, form == FORM_JMP ? hot_jmp[0] : hot_call[0]);
        u->disp = t->next; /* what CALL pushes */
        lay_way(t, u, &u->imm, target);
        return;
    case FORM_RET:
        put(t, hot_ret[0])->imm = i->imm & 0xffff;
        return;
    default:
        if (memory)
            put_b(t, form == FORM_JMP_E ? hot_jmp_m : hot_call_m, base_of(t));
        else
            put_r(t, form == FORM_JMP_E ? hot_jmp_r : hot_call_r, i->rm);
        entry_uops(t->e)[t->count - 1].imm = t->next;
    }
}

/* --------------------------------------------------------------- the block */

/* Those whose operands are 32 bits wide, and bytes. */
static void translate_rule(struct translation *t, const struct rule *rule)
{
    const struct insn *i = t->i;
    switch ((enum form)rule->form) {
    case FORM_ALU_EG:
    case FORM_ALU_GE:
    case FORM_ALU_EI:
        alu_long(t, rule->form, rule->sub);
        break;
    case FORM_ALU8_EG:
    case FORM_ALU8_GE:
    case FORM_ALU8_EI:
        alu_byte(t, rule->form, rule->sub);
        break;
    case FORM_INC:
    case FORM_DEC:
    case FORM_NEG:
    case FORM_NOT:
        one_operand(t, rule->form);
        break;
    case FORM_SHIFT:
    case FORM_SHIFT_CL:
    case FORM_ROTATE:
        shift(t, rule->form, rule->sub);
        break;
    case FORM_CARRY_EG:
    case FORM_CARRY_GE:
    case FORM_CARRY_EI:
        with_carry(t, rule->form, rule->sub);
        break;
    case FORM_MUL:
    case FORM_DIV:
    case FORM_CMOV:
    case FORM_BSWAP:
        odd(t, rule->form);
        break;
    case FORM_IMUL2:
    case FORM_IMUL3:
        multiply(t, rule->form);
        break;
    case FORM_MOV_EG:
    case FORM_MOV_GE:
    case FORM_MOV_EI:
    case FORM_MOV8_EG:
    case FORM_MOV8_GE:
    case FORM_MOV8_EI:
        move(t, rule);
        break;
    case FORM_MOV_OFFSET:
        put_rb(t, rule->sub ? hot_st32 : hot_ld32, REG_EAX, BASE_NONE);
        break;
    case FORM_EXTEND:
        extend(t, rule->sub);
        break;
    case FORM_LEA:
        put_rb(t, hot_lea, i->reg, base_of(t));
        break;
    case FORM_XCHG:
        if (opr_is_memory(i))
            put_slow(t);
        else
            put_rr(t, hot_xchg_rr, i->reg, rule->sub ? REG_EAX : i->rm);
        break;
    case FORM_SETCC:
        if (opr_is_memory(i))
            put_slow(t);
        else
            put(t, hot_setcc[(i->opcode & 15) * REGS + at_r(i->rm)])->b =
                i->rm & 15u;
        break;
    case FORM_CWD:
        put_o(t, hot_cwd);
        break;
    case FORM_CBW:
        put_o(t, hot_cwde);
        break;
    case FORM_NOP:
        put_o(t, hot_nop);
        break;
    case FORM_PUSH:
    case FORM_PUSH_I:
    case FORM_POP:
    case FORM_LEAVE:
        push_or_pop(t, rule);
        break;
    case FORM_JCC:
    case FORM_JMP:
    case FORM_CALL:
    case FORM_RET:
    case FORM_JMP_E:
    case FORM_CALL_E:
        transfer(t, rule->form);
        break;
    case FORM_NONE:
        put_slow(t);
    }
}

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

static void translate_op(struct translation *t)
{
    const struct insn *i = t->i;
    const struct rule *rule = &rules[i->id];
    enum joinable join = t->join;
    t->join = JOIN_NONE;
    bool memory = opr_is_memory(i) || rule->form == FORM_MOV_OFFSET;
    if (rule->form == FORM_JCC)
        t->join = join;
    if (i->opsize == 2 && by_operand_size(rule)) {
        if (!move_word(t, rule))
            put_slow(t);
    } else if (memory && rule->form != FORM_NOP && !is_flat(i) &&
               !(rule->form == FORM_LEA && i->adsize == 4)) {
        put_slow(t);
    } else {
        translate_rule(t, rule);
    }
    if (rule->form == FORM_JCC)
        t->join = JOIN_NONE;
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
    if (!(insn_rows[t.i->id].attr & ATTR_ENDS)) {
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
