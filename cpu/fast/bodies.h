/*
 * bodies.h - what each kind of micro-op does, when all goes well.
 *
 * DO_kind(registers) is the body of a handler of kinds.def. It may read the
 * micro-op (op->imm, op->disp), registers, memory (LOAD, STORE) and flags; it
 * may say SLOW before it has changed anything; and then NEXT follows by
 * itself. The meaning of an instruction is what its function in cpu/ says;
 * here is only the shortest way to the same result for 32-bit registers,
 * memory that the TLB knows, and flat segments.
 *
 *   rr   register, register          rm   register, memory
 *   ri   register, immediate         mr   memory, register
 *   q    quiet: nobody reads flags   mi   memory, immediate
 */
#ifndef RINGSIDE_CPU_FAST_BODIES_H
#define RINGSIDE_CPU_FAST_BODIES_H

#include "machine.h"

/* ------------------------------------------------- flags, as in ../flags.h */

#define FLAGS(of_kind, of_x, of_y, of_r)                            \
    (c->flags.x = (of_x), c->flags.y = (of_y), c->flags.r = (of_r), \
     c->flags.kind = (of_kind))
#define FLAGS_RESULT(of_kind, of_r) \
    (c->flags.r = (of_r), c->flags.kind = (of_kind))

/* The two-operand operations: r of a and b, and their flags. */
#define R_add(a, b) ((a) + (b))
#define R_sub(a, b) ((a) - (b))
#define R_cmp(a, b) ((a) - (b))
#define R_and(a, b) ((a) & (b))
#define R_test(a, b) ((a) & (b))
#define R_or(a, b) ((a) | (b))
#define R_xor(a, b) ((a) ^ (b))
#define F_add(a, b, r) FLAGS(FLAGS_ADD, ~(b), a, r)
#define F_sub(a, b, r) FLAGS(FLAGS_SUB, a, b, r)
#define F_cmp(a, b, r) FLAGS(FLAGS_SUB, a, b, r)
#define F_and(a, b, r) FLAGS(FLAGS_LOGIC, 0, 0, r)
#define F_test(a, b, r) FLAGS(FLAGS_LOGIC, 0, 0, r)
#define F_or(a, b, r) FLAGS(FLAGS_LOGIC, 0, 0, r)
#define F_xor(a, b, r) FLAGS(FLAGS_LOGIC, 0, 0, r)

/* `alu` is one of these; `to` takes the result, or forgets it. */
#define ALU(alu, of_a, of_b, to)                        \
    uint32_t a = (of_a), b = (of_b), r = R_##alu(a, b); \
    to(r);                                              \
    F_##alu(a, b, r)
#define FORGET(r) ((void)0)

#define ALU_RR(alu, d, s)                               \
    uint32_t a = REG(d), b = REG(s), r = R_##alu(a, b); \
    REG(d) = r;                                         \
    F_##alu(a, b, r)
#define ALU_RI(alu, d)                                   \
    uint32_t a = REG(d), b = op->imm, r = R_##alu(a, b); \
    REG(d) = r;                                          \
    F_##alu(a, b, r)
#define ALU_RM(alu, d, base)                \
    LOAD(uint32_t, b, EA(base));            \
    uint32_t a = REG(d), r = R_##alu(a, b); \
    REG(d) = r;                             \
    F_##alu(a, b, r)
/* A memory operand that is written back asks for writing at once. */
#define ALU_MX(alu, of_b, base)               \
    FIND_HOST(place, EA(base), 4, write_tag); \
    uint32_t a, b = (of_b), r;                \
    memcpy(&a, place, 4);                     \
    r = R_##alu(a, b);                        \
    memcpy(place, &r, 4);                     \
    F_##alu(a, b, r)
#define ALU_RM_Q(alu, d, base)   \
    LOAD(uint32_t, b, EA(base)); \
    REG(d) = R_##alu(REG(d), b)
#define ALU_MX_Q(alu, of_b, base)             \
    FIND_HOST(place, EA(base), 4, write_tag); \
    uint32_t a, r;                            \
    memcpy(&a, place, 4);                     \
    r = R_##alu(a, (of_b));                   \
    memcpy(place, &r, 4)
#define LOOK_MX(alu, of_b, base)            \
    LOAD(uint32_t, a, EA(base));            \
    uint32_t b = (of_b), r = R_##alu(a, b); \
    F_##alu(a, b, r)

#define DO_add_rr(d, s) ALU_RR(add, d, s)
#define DO_sub_rr(d, s) ALU_RR(sub, d, s)
#define DO_and_rr(d, s) ALU_RR(and, d, s)
#define DO_or_rr(d, s) ALU_RR(or, d, s)
#define DO_xor_rr(d, s) ALU_RR(xor, d, s)
#define DO_add_ri(d) ALU_RI(add, d)
#define DO_sub_ri(d) ALU_RI(sub, d)
#define DO_and_ri(d) ALU_RI(and, d)
#define DO_or_ri(d) ALU_RI(or, d)
#define DO_xor_ri(d) ALU_RI(xor, d)
#define DO_add_rr_q(d, s) REG(d) += REG(s)
#define DO_sub_rr_q(d, s) REG(d) -= REG(s)
#define DO_and_rr_q(d, s) REG(d) &= REG(s)
#define DO_or_rr_q(d, s) REG(d) |= REG(s)
#define DO_xor_rr_q(d, s) REG(d) ^= REG(s)
#define DO_add_ri_q(d) REG(d) += op->imm
#define DO_sub_ri_q(d) REG(d) -= op->imm
#define DO_and_ri_q(d) REG(d) &= op->imm
#define DO_or_ri_q(d) REG(d) |= op->imm
#define DO_xor_ri_q(d) REG(d) ^= op->imm
#define DO_cmp_rr(d, s)              \
    uint32_t a = REG(d), b = REG(s); \
    F_cmp(a, b, a - b)
#define DO_cmp_ri(d)                  \
    uint32_t a = REG(d), b = op->imm; \
    F_cmp(a, b, a - b)
#define DO_test_rr(d, s) F_test(0, 0, REG(d) & REG(s))
#define DO_test_ri(d) F_test(0, 0, REG(d) & op->imm)

#define DO_inc_r(d) FLAGS_RESULT(FLAGS_INC4, ++REG(d))
#define DO_dec_r(d) FLAGS_RESULT(FLAGS_DEC4, --REG(d))
#define DO_neg_r(d)                 \
    uint32_t a = REG(d), r = 0 - a; \
    REG(d) = r;                     \
    F_sub(0, a, r)
#define DO_inc_r_q(d) REG(d)++
#define DO_dec_r_q(d) REG(d)--
#define DO_neg_r_q(d) REG(d) = 0 - REG(d)
#define DO_not_r(d) REG(d) = ~REG(d)

/* Shifts by 1 to 31; the translator sees to it. */
#define DO_shl_ri(d)                              \
    uint32_t a = REG(d), n = op->imm, r = a << n; \
    REG(d) = r;                                   \
    FLAGS(FLAGS_SHL4, 0, a >> (32 - n) & 1, r)
#define DO_shr_ri(d)                              \
    uint32_t a = REG(d), n = op->imm, r = a >> n; \
    REG(d) = r;                                   \
    FLAGS(FLAGS_SHR4, 0, a >> (n - 1) & 1, r)
#define DO_sar_ri(d)                          \
    uint32_t a = REG(d), n = op->imm;         \
    uint32_t r = (uint32_t)((int32_t)a >> n); \
    REG(d) = r;                               \
    FLAGS(FLAGS_SAR4, 0, a >> (n - 1) & 1, r)
#define DO_shl_ri_q(d) REG(d) <<= op->imm
#define DO_shr_ri_q(d) REG(d) >>= op->imm
#define DO_sar_ri_q(d) REG(d) = (uint32_t)((int32_t)REG(d) >> op->imm)

/* By CL; a count of nought leaves the flags as they are. */
#define BY_CL(of_kind, result, carry, d) \
    uint32_t n = R1 & 31, a = REG(d);    \
    if (n != 0) {                        \
        uint32_t r = (result);           \
        REG(d) = r;                      \
        FLAGS(of_kind, 0, (carry), r);   \
    }
#define DO_shl_rc(d) BY_CL(FLAGS_SHL4, a << n, a >> (32 - n) & 1, d)
#define DO_shr_rc(d) BY_CL(FLAGS_SHR4, a >> n, a >> (n - 1) & 1, d)
#define DO_sar_rc(d) \
    BY_CL(FLAGS_SAR4, (uint32_t)((int32_t)a >> n), a >> (n - 1) & 1, d)
#define DO_shl_rc_q(d) REG(d) <<= (R1 & 31)
#define DO_shr_rc_q(d) REG(d) >>= (R1 & 31)
#define DO_sar_rc_q(d) REG(d) = (uint32_t)((int32_t)REG(d) >> (R1 & 31))

/* Rotations by 1 to 31 change CF and OF. */
#define ROTATE(d, result, carry, other)             \
    uint32_t a = REG(d), n = op->imm, r = (result); \
    REG(d) = r;                                     \
    flags_two(c, (carry), (carry) != (other))
#define ROTATED_LEFT(a, n) ((a) << (n) | (a) >> (32 - (n)))
#define ROTATED_RIGHT(a, n) ((a) >> (n) | (a) << (32 - (n)))
#define DO_rol_ri(d) ROTATE(d, ROTATED_LEFT(a, n), r & 1, r >> 31)
#define DO_ror_ri(d) ROTATE(d, ROTATED_RIGHT(a, n), r >> 31, r >> 30 & 1)
#define DO_rol_ri_q(d) REG(d) = ROTATED_LEFT(REG(d), op->imm)
#define DO_ror_ri_q(d) REG(d) = ROTATED_RIGHT(REG(d), op->imm)

/* With carry: eager, as in arith.c. */
#define WITH_CARRY(d, sum, carries) \
    uint32_t r = (sum);             \
    REG(d) = r;                     \
    flags_carries(c, 4, (carries), r)
#define DO_adc_rr(d, s)              \
    uint32_t a = REG(d), b = REG(s); \
    WITH_CARRY(d, a + b + flag_cf(c), (a & b) | ((a | b) & ~r))
#define DO_adc_ri(d)                  \
    uint32_t a = REG(d), b = op->imm; \
    WITH_CARRY(d, a + b + flag_cf(c), (a & b) | ((a | b) & ~r))
#define DO_sbb_rr(d, s)              \
    uint32_t a = REG(d), b = REG(s); \
    WITH_CARRY(d, a - b - flag_cf(c), (~a & b) | ((~a | b) & r))
#define DO_sbb_ri(d)                  \
    uint32_t a = REG(d), b = op->imm; \
    WITH_CARRY(d, a - b - flag_cf(c), (~a & b) | ((~a | b) & r))

/* A product keeps four flags and sets CF and OF when it does not fit. */
#define PRODUCT(d, of_a, of_b)                              \
    int64_t p = (int64_t)(int32_t)(of_a) * (int32_t)(of_b); \
    REG(d) = (uint32_t)p;                                   \
    flags_two(c, p != (int32_t)p, p != (int32_t)p)
#define DO_imul_rr(d, s) PRODUCT(d, REG(d), REG(s))
#define DO_imul_rri(d, s) PRODUCT(d, REG(s), op->imm)
#define DO_imul_rr_q(d, s) REG(d) *= REG(s)
#define DO_imul_rri_q(d, s) REG(d) = REG(s) * op->imm
#define DO_mul_r(s)                     \
    uint64_t p = (uint64_t)R0 * REG(s); \
    R0 = (uint32_t)p;                   \
    R2 = (uint32_t)(p >> 32);           \
    flags_two(c, R2 != 0, R2 != 0)
#define DO_mul_r_q(s)                   \
    uint64_t p = (uint64_t)R0 * REG(s); \
    R0 = (uint32_t)p;                   \
    R2 = (uint32_t)(p >> 32)
#define DO_div_r(s)                                    \
    uint32_t by = REG(s);                              \
    uint64_t n = (uint64_t)R2 << 32 | R0;              \
    if (UNLIKELY(by <= R2))                            \
        SLOW; /* by nought, or too large a quotient */ \
    R0 = (uint32_t)(n / by);                           \
    R2 = (uint32_t)(n % by);                           \
    flags_give(c, (flags_arith(c) & (FL_CF | FL_OF)) | FL_AF)
#define DO_imul_rm(d, base)      \
    LOAD(uint32_t, b, EA(base)); \
    PRODUCT(d, REG(d), b)
#define DO_imul_rm_q(d, base)    \
    LOAD(uint32_t, b, EA(base)); \
    REG(d) *= b

/* Bytes: operands sign extended for the flags, as flags_sub does. */
#define EXTEND(v) ((uint32_t)(int32_t)(int8_t)(v))
#define ALU_BYTE(alu, of_a, of_b)                \
    uint32_t a = EXTEND(of_a), b = EXTEND(of_b); \
    uint32_t r = EXTEND(R_##alu(a, b));          \
    F_##alu(a, b, r)
#define DO_add8_rr(d, s)             \
    ALU_BYTE(add, BYTE(d), BYTE(s)); \
    SET_BYTE(d, r)
#define DO_sub8_rr(d, s)             \
    ALU_BYTE(sub, BYTE(d), BYTE(s)); \
    SET_BYTE(d, r)
#define DO_and8_rr(d, s)             \
    ALU_BYTE(and, BYTE(d), BYTE(s)); \
    SET_BYTE(d, r)
#define DO_or8_rr(d, s)             \
    ALU_BYTE(or, BYTE(d), BYTE(s)); \
    SET_BYTE(d, r)
#define DO_xor8_rr(d, s)             \
    ALU_BYTE(xor, BYTE(d), BYTE(s)); \
    SET_BYTE(d, r)
#define DO_add8_ri(d)                \
    ALU_BYTE(add, BYTE(d), op->imm); \
    SET_BYTE(d, r)
#define DO_sub8_ri(d)                \
    ALU_BYTE(sub, BYTE(d), op->imm); \
    SET_BYTE(d, r)
#define DO_and8_ri(d)                \
    ALU_BYTE(and, BYTE(d), op->imm); \
    SET_BYTE(d, r)
#define DO_or8_ri(d)                \
    ALU_BYTE(or, BYTE(d), op->imm); \
    SET_BYTE(d, r)
#define DO_xor8_ri(d)                \
    ALU_BYTE(xor, BYTE(d), op->imm); \
    SET_BYTE(d, r)
#define DO_cmp8_ri(d) ALU_BYTE(cmp, BYTE(d), op->imm)
#define DO_test8_ri(d) ALU_BYTE(test, BYTE(d), op->imm)
#define DO_cmp8_rr(d, s) ALU_BYTE(cmp, BYTE(d), BYTE(s))
#define DO_test8_rr(d, s) ALU_BYTE(test, BYTE(d), BYTE(s))
/* A byte of memory is read, or read and written back. */
#define ALU8_RM(alu, d, base)   \
    LOAD(uint8_t, v, EA(base)); \
    ALU_BYTE(alu, BYTE(d), v);  \
    SET_BYTE(d, r)
#define ALU8_MX(alu, of_b, base)              \
    FIND_HOST(place, EA(base), 1, write_tag); \
    ALU_BYTE(alu, *place, of_b);              \
    *place = (uint8_t)r
#define DO_add8_rm(d, base) ALU8_RM(add, d, base)
#define DO_sub8_rm(d, base) ALU8_RM(sub, d, base)
#define DO_and8_rm(d, base) ALU8_RM(and, d, base)
#define DO_or8_rm(d, base) ALU8_RM(or, d, base)
#define DO_xor8_rm(d, base) ALU8_RM(xor, d, base)
#define DO_add8_mr(s, base) ALU8_MX(add, BYTE(s), base)
#define DO_sub8_mr(s, base) ALU8_MX(sub, BYTE(s), base)
#define DO_and8_mr(s, base) ALU8_MX(and, BYTE(s), base)
#define DO_or8_mr(s, base) ALU8_MX(or, BYTE(s), base)
#define DO_xor8_mr(s, base) ALU8_MX(xor, BYTE(s), base)
#define DO_add8_mi(base) ALU8_MX(add, op->imm, base)
#define DO_sub8_mi(base) ALU8_MX(sub, op->imm, base)
#define DO_and8_mi(base) ALU8_MX(and, op->imm, base)
#define DO_or8_mi(base) ALU8_MX(or, op->imm, base)
#define DO_xor8_mi(base) ALU8_MX(xor, op->imm, base)
#define DO_test8_mr(s, base)    \
    LOAD(uint8_t, v, EA(base)); \
    ALU_BYTE(test, v, BYTE(s))
#define DO_cmp8_mi(base)        \
    LOAD(uint8_t, v, EA(base)); \
    ALU_BYTE(cmp, v, op->imm)
#define DO_test8_mi(base)       \
    LOAD(uint8_t, v, EA(base)); \
    ALU_BYTE(test, v, op->imm)
#define DO_cmp8_mr(s, base)     \
    LOAD(uint8_t, v, EA(base)); \
    ALU_BYTE(cmp, v, BYTE(s))
#define DO_cmp8_rm(d, base)     \
    LOAD(uint8_t, v, EA(base)); \
    ALU_BYTE(cmp, BYTE(d), v)

/* ------------------------------------------------------------------- moves */

#define DO_nop ((void)0)
#define DO_mov_rr(d, s) REG(d) = REG(s)
#define DO_mov_ri(d) REG(d) = op->imm
#define DO_mov8_rr(d, s) \
    uint8_t v = BYTE(s); \
    SET_BYTE(d, v)
#define DO_mov8_ri(d) SET_BYTE(d, op->imm)
#define DO_movzx8(d, s) REG(d) = BYTE(s)
#define DO_movsx8(d, s) REG(d) = EXTEND(BYTE(s))
#define DO_movzx16(d, s) REG(d) = (uint16_t)REG(s)
#define DO_movsx16(d, s) REG(d) = (uint32_t)(int32_t)(int16_t)REG(s)
#define DO_cwd R2 = 0 - (R0 >> 31)
#define DO_cwde R0 = (uint32_t)(int32_t)(int16_t)R0
#define DO_xchg_rr(d, s) \
    uint32_t v = REG(d); \
    REG(d) = REG(s);     \
    REG(s) = v
#define DO_cmov_rr(d, s)             \
    if (flags_condition(c, op->imm)) \
    REG(d) = REG(s)
#define DO_bswap(d) REG(d) = __builtin_bswap32(REG(d))
#define DO_setcc(cc, s)                        \
    bool is = flags_condition(c, NUMBER_##cc); \
    SET_BYTE(s, is)

#define DO_lea(d, base) REG(d) = EA(base)
/* scale, base, index; and without a base */
#define DO_ea_bi(scale, base, index) \
    c->computed = REG(base) + (REG(index) << (scale)) + op->disp
#define DO_ea_i(scale, index) c->computed = (REG(index) << (scale)) + op->disp

#define DO_ld32(d, base)         \
    LOAD(uint32_t, v, EA(base)); \
    REG(d) = v
#define DO_ldz8(d, base)        \
    LOAD(uint8_t, v, EA(base)); \
    REG(d) = v
#define DO_lds8(d, base)       \
    LOAD(int8_t, v, EA(base)); \
    REG(d) = (uint32_t)(int32_t)v
#define DO_ldz16(d, base)        \
    LOAD(uint16_t, v, EA(base)); \
    REG(d) = v
#define DO_lds16(d, base)       \
    LOAD(int16_t, v, EA(base)); \
    REG(d) = (uint32_t)(int32_t)v
#define DO_ld8(d, base)         \
    LOAD(uint8_t, v, EA(base)); \
    SET_BYTE(d, v)
#define DO_st32(s, base) STORE(uint32_t, REG(s), EA(base))
#define DO_st16(s, base) STORE(uint16_t, REG(s), EA(base))
#define DO_st8(s, base) STORE(uint8_t, BYTE(s), EA(base))
#define DO_sti32(base) STORE(uint32_t, op->imm, EA(base))
#define DO_sti16(base) STORE(uint16_t, op->imm, EA(base))
#define DO_sti8(base) STORE(uint8_t, op->imm, EA(base))

#define DO_add_rm(d, base) ALU_RM(add, d, base)
#define DO_sub_rm(d, base) ALU_RM(sub, d, base)
#define DO_and_rm(d, base) ALU_RM(and, d, base)
#define DO_or_rm(d, base) ALU_RM(or, d, base)
#define DO_xor_rm(d, base) ALU_RM(xor, d, base)
#define DO_cmp_rm(d, base)       \
    LOAD(uint32_t, b, EA(base)); \
    uint32_t a = REG(d);         \
    F_cmp(a, b, a - b)
#define DO_add_mr(s, base) ALU_MX(add, REG(s), base)
#define DO_sub_mr(s, base) ALU_MX(sub, REG(s), base)
#define DO_and_mr(s, base) ALU_MX(and, REG(s), base)
#define DO_or_mr(s, base) ALU_MX(or, REG(s), base)
#define DO_xor_mr(s, base) ALU_MX(xor, REG(s), base)
#define DO_cmp_mr(s, base) LOOK_MX(cmp, REG(s), base)
#define DO_test_mr(s, base) LOOK_MX(test, REG(s), base)
#define DO_add_mi(base) ALU_MX(add, op->imm, base)
#define DO_sub_mi(base) ALU_MX(sub, op->imm, base)
#define DO_and_mi(base) ALU_MX(and, op->imm, base)
#define DO_or_mi(base) ALU_MX(or, op->imm, base)
#define DO_xor_mi(base) ALU_MX(xor, op->imm, base)
#define DO_cmp_mi(base) LOOK_MX(cmp, op->imm, base)
#define DO_test_mi(base) LOOK_MX(test, op->imm, base)
#define DO_add_rm_q(d, base) ALU_RM_Q(add, d, base)
#define DO_sub_rm_q(d, base) ALU_RM_Q(sub, d, base)
#define DO_and_rm_q(d, base) ALU_RM_Q(and, d, base)
#define DO_or_rm_q(d, base) ALU_RM_Q(or, d, base)
#define DO_xor_rm_q(d, base) ALU_RM_Q(xor, d, base)
#define DO_add_mr_q(s, base) ALU_MX_Q(add, REG(s), base)
#define DO_sub_mr_q(s, base) ALU_MX_Q(sub, REG(s), base)
#define DO_and_mr_q(s, base) ALU_MX_Q(and, REG(s), base)
#define DO_or_mr_q(s, base) ALU_MX_Q(or, REG(s), base)
#define DO_xor_mr_q(s, base) ALU_MX_Q(xor, REG(s), base)
#define DO_add_mi_q(base) ALU_MX_Q(add, op->imm, base)
#define DO_sub_mi_q(base) ALU_MX_Q(sub, op->imm, base)
#define DO_and_mi_q(base) ALU_MX_Q(and, op->imm, base)
#define DO_or_mi_q(base) ALU_MX_Q(or, op->imm, base)
#define DO_xor_mi_q(base) ALU_MX_Q(xor, op->imm, base)
#define STEP_M(base, step, of_kind)           \
    FIND_HOST(place, EA(base), 4, write_tag); \
    uint32_t r;                               \
    memcpy(&r, place, 4);                     \
    r += (step);                              \
    memcpy(place, &r, 4);                     \
    FLAGS_RESULT(of_kind, r)
#define DO_inc_m_q(base) ALU_MX_Q(add, 1u, base)
#define DO_dec_m_q(base) ALU_MX_Q(sub, 1u, base)
#define DO_inc_m(base) STEP_M(base, 1u, FLAGS_INC4)
#define DO_dec_m(base) STEP_M(base, UINT32_MAX, FLAGS_DEC4)

/* ------------------------------------------------------------------- stack */

#define PUSH(value)                 \
    STORE(uint32_t, value, R4 - 4); \
    R4 -= 4
#define DO_push_r(s) PUSH(REG(s))
#define DO_push_i PUSH(op->imm)
#define DO_push_seg PUSH(c->seg[op->imm].sel)
#define DO_push_m(base)          \
    LOAD(uint32_t, v, EA(base)); \
    PUSH(v)
#define DO_pop_r(d)        \
    LOAD(uint32_t, v, R4); \
    R4 += 4;               \
    REG(d) = v
#define DO_leave           \
    LOAD(uint32_t, v, R5); \
    R4 = R5 + 4;           \
    R5 = v

/* -------------------------------------------------------------- conditions */

#define NUMBER_o 0
#define NUMBER_no 1
#define NUMBER_b 2
#define NUMBER_ae 3
#define NUMBER_e 4
#define NUMBER_ne 5
#define NUMBER_be 6
#define NUMBER_a 7
#define NUMBER_s 8
#define NUMBER_ns 9
#define NUMBER_p 10
#define NUMBER_np 11
#define NUMBER_l 12
#define NUMBER_ge 13
#define NUMBER_le 14
#define NUMBER_g 15

/* Of a comparison of a and b; O and P are rare and asked of the flags. */
#define ASK(cc) flags_condition(c, NUMBER_##cc)
#define SUB_o(a, b) ASK(o)
#define SUB_no(a, b) ASK(no)
#define SUB_b(a, b) ((a) < (b))
#define SUB_ae(a, b) ((a) >= (b))
#define SUB_e(a, b) ((a) == (b))
#define SUB_ne(a, b) ((a) != (b))
#define SUB_be(a, b) ((a) <= (b))
#define SUB_a(a, b) ((a) > (b))
#define SUB_s(a, b) ((int32_t)((a) - (b)) < 0)
#define SUB_ns(a, b) ((int32_t)((a) - (b)) >= 0)
#define SUB_p(a, b) ASK(p)
#define SUB_np(a, b) ASK(np)
#define SUB_l(a, b) ((int32_t)(a) < (int32_t)(b))
#define SUB_ge(a, b) ((int32_t)(a) >= (int32_t)(b))
#define SUB_le(a, b) ((int32_t)(a) <= (int32_t)(b))
#define SUB_g(a, b) ((int32_t)(a) > (int32_t)(b))

/* Of a result whose CF and OF are clear: a comparison with nought. */
#define LOGIC_o(r) false
#define LOGIC_no(r) true
#define LOGIC_p(r) ASK(p)
#define LOGIC_np(r) ASK(np)
#define LOGIC_b(r) false
#define LOGIC_ae(r) true
#define LOGIC_be(r) ((r) == 0)
#define LOGIC_a(r) ((r) != 0)
#define LOGIC_e(r) SUB_e(r, 0)
#define LOGIC_ne(r) SUB_ne(r, 0)
#define LOGIC_s(r) SUB_s(r, 0)
#define LOGIC_ns(r) SUB_ns(r, 0)
#define LOGIC_l(r) SUB_l(r, 0)
#define LOGIC_ge(r) SUB_ge(r, 0)
#define LOGIC_le(r) SUB_le(r, 0)
#define LOGIC_g(r) SUB_g(r, 0)

/* Of any flags that are not FLAGS_GIVEN. */
#define ANY_o ASK(o)
#define ANY_no ASK(no)
#define ANY_b (c->flags.x < c->flags.y)
#define ANY_ae (c->flags.x >= c->flags.y)
#define ANY_e (c->flags.r == 0)
#define ANY_ne (c->flags.r != 0)
#define ANY_be (ANY_b || ANY_e)
#define ANY_a (ANY_ae && ANY_ne)
#define ANY_s ((int32_t)c->flags.r < 0)
#define ANY_ns ((int32_t)c->flags.r >= 0)
#define ANY_p ASK(p)
#define ANY_np ASK(np)
#define ANY_l ASK(l)
#define ANY_ge ASK(ge)
#define ANY_le ASK(le)
#define ANY_g ASK(g)

/* --------------------------------------------------------------- transfers */

/* A conditional jump: imm leads to the target, disp to what follows. */
#define BRANCH(condition) \
    if (condition)        \
        GO(op->imm);      \
    GO(op->disp)
#define DO_jcc(cc) BRANCH(ASK(cc))
#define DO_jcc_any(cc) BRANCH(ANY_##cc)
#define DO_jcc_sub(cc) BRANCH(SUB_##cc(c->flags.x, c->flags.y))
#define DO_jcc_logic(cc) BRANCH(LOGIC_##cc(c->flags.r))
#define DO_jmp GO(op->imm)

/* Both at once: the comparison's micro-op, and then the jump's. */
#define DO_cmp_ri_jcc(cc, d)          \
    uint32_t a = REG(d), b = op->imm; \
    F_cmp(a, b, a - b);               \
    op++;                             \
    BRANCH(SUB_##cc(a, b))
#define DO_cmp_rr_jcc(cc, d, s)      \
    uint32_t a = REG(d), b = REG(s); \
    F_cmp(a, b, a - b);              \
    op++;                            \
    BRANCH(SUB_##cc(a, b))
#define DO_test_r_jcc(cc, d) \
    uint32_t r = REG(d);     \
    F_test(0, 0, r);         \
    op++;                    \
    BRANCH(LOGIC_##cc(r))
#define DO_dec_jnz(d)            \
    uint32_t r = --REG(d);       \
    FLAGS_RESULT(FLAGS_DEC4, r); \
    op++;                        \
    BRANCH(r != 0)

/* To an EIP that was not known before: by the table of jumps, if the page is
 * in the TLB, where fetching would look it up for nothing. */
#define FIND(target, eip_wanted)                                       \
    uint32_t eip_ = (eip_wanted);                                      \
    const struct entry *target = c->fast->jump[jump_slot(eip_)];       \
    const struct tlb_entry *page_ = TLB_LINE(TLB_PLACE(eip_));         \
    if (UNLIKELY(target->eip != eip_ || page_->host != target->host || \
                 (page_->read_tag ^ eip_) > PAGE_MASK))                \
    SLOW

#define DO_call                        \
    STORE(uint32_t, op->disp, R4 - 4); \
    R4 -= 4;                           \
    GO(op->imm)
#define DO_ret             \
    LOAD(uint32_t, v, R4); \
    FIND(target, v);       \
    R4 += 4 + op->imm;     \
    GO_ENTRY(target)
#define CALL_TO(eip)   \
    FIND(target, eip); \
    PUSH(op->imm);     \
    GO_ENTRY(target)
#define DO_jmp_r(s)       \
    FIND(target, REG(s)); \
    GO_ENTRY(target)
#define DO_jmp_m(base)           \
    LOAD(uint32_t, v, EA(base)); \
    FIND(target, v);             \
    GO_ENTRY(target)
#define DO_call_r(s) CALL_TO(REG(s))
#define DO_call_m(base)          \
    LOAD(uint32_t, v, EA(base)); \
    CALL_TO(v)

#endif
