/*
 * rules.c - which rows the fast engine has handlers for, and which of their
 * flags nobody will read.
 */
#include "translate.h"

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

const struct rule rules[INSN_COUNT] = {
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
    [I_PUSH_ES] = {FORM_PUSH_SEGMENT, SEG_ES}, [I_PUSH_CS] = {FORM_PUSH_SEGMENT, SEG_CS},
    [I_PUSH_SS] = {FORM_PUSH_SEGMENT, SEG_SS}, [I_PUSH_DS] = {FORM_PUSH_SEGMENT, SEG_DS},
    [I_PUSH_FS] = {FORM_PUSH_SEGMENT, SEG_FS}, [I_PUSH_GS] = {FORM_PUSH_SEGMENT, SEG_GS},
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

uint32_t shift_count(const struct insn *i)
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

void find_dead(const struct block *b, bool *dead)
{
    uint32_t live = FL_ARITH;
    for (unsigned n = b->count; n-- > 0;) {
        const struct insn *i = &b->op[n].insn;
        const struct insn_row *row = &insn_rows[i->id];
        uint32_t written = row->flags_written | row->flags_undefined;
        dead[n] = written && !(written & live);
        if (is_quiet(i))
            live = (live & ~flags_replaced(i)) | row->flags_read;
        else
            live = FL_ARITH;
    }
}
