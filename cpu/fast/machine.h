/*
 * machine.h - the engine room: where the guest's registers, the budget and
 * the TLB are while handlers run, and how one handler goes on to the next.
 * Only the files of handlers include it.
 *
 * PINNED, x86-64:   EAX ECX EDX EBX ESI EDI are rbx r12 r13 r14 r15 rbp, for
 *                   every function of these files; op, the processor, ESP,
 *                   EBP, the TLB and the budget are the six arguments, which
 *                   a last call passes on in place.
 * PINNED, aarch64:  all eight are w19 to w26; the rest are arguments.
 * otherwise:        all eight are in struct cpu.
 *
 * A handler is a function of a body (bodies.h) for certain registers: R0 to
 * R7 if they are pinned; RD, RB, RI, "whichever the micro-op names", if not.
 */
#ifndef RINGSIDE_CPU_FAST_MACHINE_H
#define RINGSIDE_CPU_FAST_MACHINE_H

#include <string.h>
#include "fast.h"

/* ----------------------------------------------------------- the registers */

#if FAST_PINNED
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic" /* ISO C has no such thing */
#endif
#if FAST_PINNED && defined(__x86_64__)
register uint32_t R0 __asm__("rbx");
register uint32_t R1 __asm__("r12");
register uint32_t R2 __asm__("r13");
register uint32_t R3 __asm__("r14");
register uint32_t R6 __asm__("r15");
register uint32_t R7 __asm__("rbp");
#define PASS(next) (next), c, R4, R5, tlb, budget
#elif FAST_PINNED
register uint32_t R0 __asm__("w19");
register uint32_t R1 __asm__("w20");
register uint32_t R2 __asm__("w21");
register uint32_t R3 __asm__("w22");
register uint32_t R4 __asm__("w23");
register uint32_t R5 __asm__("w24");
register uint32_t R6 __asm__("w25");
register uint32_t R7 __asm__("w26");
#define PASS(next) (next), c, tlb, budget
#else
#define R0 c->reg[0]
#define R1 c->reg[1]
#define R2 c->reg[2]
#define R3 c->reg[3]
#define R4 c->reg[4]
#define R5 c->reg[5]
#define R6 c->reg[6]
#define R7 c->reg[7]
#define RD c->reg[op->d]
#define RB c->reg[op->b]
#define RI c->reg[op->i]
#if FAST_LOOP
#define PASS(next) (next), c
#define tlb c->fast->view
#define budget c->fast->budget
#else
#define PASS(next) (next), c, tlb, budget
#endif
#endif
#if FAST_PINNED
#pragma GCC diagnostic pop
#endif
#define REG(r) R##r

/* A byte register by its number: AL CL DL BL AH CH DH BH. */
#define BYTE_LOW(r) ((uint8_t)(r))
#define BYTE_HIGH(r) ((uint8_t)((r) >> 8))
#define SET_LOW(r, v) ((r) = ((r) & ~0xffu) | (uint8_t)(v))
#define SET_HIGH(r, v) ((r) = ((r) & ~0xff00u) | (uint32_t)(uint8_t)(v) << 8)
#if FAST_PINNED
#define BYTE_0 BYTE_LOW(R0)
#define BYTE_1 BYTE_LOW(R1)
#define BYTE_2 BYTE_LOW(R2)
#define BYTE_3 BYTE_LOW(R3)
#define BYTE_4 BYTE_HIGH(R0)
#define BYTE_5 BYTE_HIGH(R1)
#define BYTE_6 BYTE_HIGH(R2)
#define BYTE_7 BYTE_HIGH(R3)
#define SET_BYTE_0(v) SET_LOW(R0, v)
#define SET_BYTE_1(v) SET_LOW(R1, v)
#define SET_BYTE_2(v) SET_LOW(R2, v)
#define SET_BYTE_3(v) SET_LOW(R3, v)
#define SET_BYTE_4(v) SET_HIGH(R0, v)
#define SET_BYTE_5(v) SET_HIGH(R1, v)
#define SET_BYTE_6(v) SET_HIGH(R2, v)
#define SET_BYTE_7(v) SET_HIGH(R3, v)
#else
#define BYTE_D ((uint8_t)reg_read(c, op->d, 1))
#define BYTE_B ((uint8_t)reg_read(c, op->b, 1))
#define SET_BYTE_D(v) reg_write(c, op->d, 1, v)
#define SET_BYTE_B(v) reg_write(c, op->b, 1, v)
#endif
#define BYTE(r) BYTE_##r
#define SET_BYTE(r, v) SET_BYTE_##r(v)

/* To and from struct cpu, around a call of ordinary code. */
#if !FAST_PINNED
#define SPILL_REGISTERS ((void)0)
#define FETCH_REGISTERS ((void)0)
#else
#define SPILL_REGISTERS                                              \
    (c->reg[0] = R0, c->reg[1] = R1, c->reg[2] = R2, c->reg[3] = R3, \
     c->reg[4] = R4, c->reg[5] = R5, c->reg[6] = R6, c->reg[7] = R7)
#define FETCH_REGISTERS                                              \
    (R0 = c->reg[0], R1 = c->reg[1], R2 = c->reg[2], R3 = c->reg[3], \
     R4 = c->reg[4], R5 = c->reg[5], R6 = c->reg[6], R7 = c->reg[7])
#endif
#if FAST_LOOP
#define SPILL ((void)0)
#define FETCH ((void)0)
#else
#define SPILL (SPILL_REGISTERS, c->fast->budget = budget)
#define FETCH (FETCH_REGISTERS, tlb = c->fast->view, budget = c->fast->budget)
#endif

#define UNUSED_STATE ((void)c, (void)tlb)

/* ------------------------------------------------------------- going on */

#if defined(__clang__) && !FAST_LOOP
#define LAST_CALL __attribute__((musttail)) return
#else
#define LAST_CALL return
#endif

/* Keeps gcc from adding `tlb` to an offset that it needs twice. */
#if FAST_PINNED
#define SETTLED(v) __asm__("" : "+r"(v))
#else
#define SETTLED(v) ((void)0)
#endif

#if FAST_LOOP
#define DISPATCH(next) return (next)
#else
#define DISPATCH(next)                             \
    do {                                           \
        op = (next);                               \
        LAST_CALL fast_handler(op->run)(PASS(op)); \
    } while (0)
#endif
#define NEXT DISPATCH(op + 1)
/* What this handler does not do: the whole instruction by its function. */
#define SLOW LAST_CALL hot_slow(PASS(op))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Enter an entry: charge it, and leave if it does not fit. */
#define GO_ENTRY(into)                                   \
    do {                                                 \
        const struct entry *into_ = (into);              \
        budget -= into_->charge;                         \
        if (UNLIKELY((int64_t)budget < 0))               \
            LAST_CALL hot_out(PASS(entry_first(into_))); \
        DISPATCH(entry_first(into_));                    \
    } while (0)
/* `way` is what the micro-op holds: bytes from itself to the entry. */
#define GO(way)                                                      \
    GO_ENTRY((const struct entry *)(const void *)((const char *)op + \
                                                  (int32_t)(way)))

/* ------------------------------------------------------------ guest memory */

/* A view's line is found by the page's low bits; see state.h on tags. It is
 * kept as an offset in bytes, which where a line has 16 is cheaper. */
#if UINTPTR_MAX > UINT32_MAX
_Static_assert(sizeof(struct tlb_entry) == 1 << 4, "TLB_PLACE's shift");
#define TLB_PLACE(ea) ((ea) >> (PAGE_SHIFT - 4) & (TLB_SIZE - 1) << 4)
#else
#define TLB_PLACE(ea) \
    (((ea) >> PAGE_SHIFT & (TLB_SIZE - 1)) * sizeof(struct tlb_entry))
#endif
#define TLB_LINE(place) \
    ((const struct tlb_entry *)(const void *)((const char *)tlb + (place)))

/* FIND_HOST: `place` is where `ea` is in the host's memory. */
#define FIND_HOST(place, ea, size, tag)                             \
    uint32_t ea_##place = (ea);                                     \
    size_t line_##place = TLB_PLACE(ea_##place);                    \
    uint32_t at_##place = ea_##place ^ TLB_LINE(line_##place)->tag; \
    if (UNLIKELY(at_##place > PAGE_SIZE - (size)))                  \
        SLOW;                                                       \
    SETTLED(line_##place);                                          \
    uint8_t *place = TLB_LINE(line_##place)->host + at_##place
#define LOAD(type, v, ea)                        \
    type v;                                      \
    FIND_HOST(from_##v, ea, sizeof v, read_tag); \
    memcpy(&v, from_##v, sizeof v)
#define STORE(type, value, ea)                     \
    type stored_ = (type)(value);                  \
    FIND_HOST(to_, ea, sizeof stored_, write_tag); \
    memcpy(to_, &stored_, sizeof stored_)

/* The address of a memory operand: a base register, none, or one that the
 * micro-op before computed. */
#define EA_0 (R0 + op->disp)
#define EA_1 (R1 + op->disp)
#define EA_2 (R2 + op->disp)
#define EA_3 (R3 + op->disp)
#define EA_4 (R4 + op->disp)
#define EA_5 (R5 + op->disp)
#define EA_6 (R6 + op->disp)
#define EA_7 (R7 + op->disp)
#define EA_B (RB + op->disp)
#define EA_N (op->disp)
#define EA_X (c->computed)
#define EA(base) EA_##base

/* ------------------------------------------------- one body, many handlers */

/* EACH_x(M, ...) is M(..., r) for each register r; x tells apart the nested
 * ones, for a macro does not expand inside itself. */
/* clang-format off */
#if FAST_PINNED
#define EACH_D(M, k) \
    M(k, 0) M(k, 1) M(k, 2) M(k, 3) M(k, 4) M(k, 5) M(k, 6) M(k, 7)
#define EACH_S(M, k, d) \
    M(k, d, 0) M(k, d, 1) M(k, d, 2) M(k, d, 3) \
    M(k, d, 4) M(k, d, 5) M(k, d, 6) M(k, d, 7)
#define EACH_B(M, k, d) EACH_S(M, k, d) M(k, d, N) M(k, d, X)
#define EACH_B1(M, k) EACH_D(M, k) M(k, N) M(k, X)
#define EACH_M(M, k, cc) EACH_S(M, k, cc)
#define EACH_I(M, k, cc, d) \
    M(k, cc, d, 0) M(k, cc, d, 1) M(k, cc, d, 2) M(k, cc, d, 3) \
    M(k, cc, d, 4) M(k, cc, d, 5) M(k, cc, d, 6) M(k, cc, d, 7)
#else
#define EACH_D(M, k) M(k, D)
#define EACH_S(M, k, d) M(k, d, B)
#define EACH_B(M, k, d) M(k, d, B) M(k, d, N) M(k, d, X)
#define EACH_B1(M, k) M(k, B) M(k, N) M(k, X)
#define EACH_M(M, k, cc) M(k, cc, D)
#define EACH_I(M, k, cc, d) M(k, cc, d, B)
#endif
#define EACH_CC(M, k) \
    M(k, o) M(k, no) M(k, b) M(k, ae) M(k, e) M(k, ne) M(k, be) M(k, a) \
    M(k, s) M(k, ns) M(k, p) M(k, np) M(k, l) M(k, ge) M(k, le) M(k, g)
#define EACH_SCALE(M, k) M(k, 0) M(k, 1) M(k, 2) M(k, 3)
/* clang-format on */

#define HANDLER(name, body)              \
    static const struct uop *name(STATE) \
    {                                    \
        UNUSED_STATE;                    \
        body;                            \
        NEXT;                            \
    }
#define LIST_1(k, d) k##_##d,
#define LIST_2(k, d, s) k##_##d##_##s,
#define LIST_3(k, cc, d, s) k##_##cc##_##d##_##s,
#define MAKE_1(k, d) HANDLER(k##_##d, DO_##k(d))
#define MAKE_2(k, d, s) HANDLER(k##_##d##_##s, DO_##k(d, s))
#define MAKE_3(k, cc, d, s) HANDLER(k##_##cc##_##d##_##s, DO_##k(cc, d, s))

#define KIND_O(k) HANDLER(k, DO_##k) handler *const hot_##k[] = {k};
#define KIND_R(k) \
    EACH_D(MAKE_1, k) handler *const hot_##k[] = {EACH_D(LIST_1, k)};
#define KIND_B(k) \
    EACH_B1(MAKE_1, k) handler *const hot_##k[] = {EACH_B1(LIST_1, k)};
#define KIND_C(k) \
    EACH_CC(MAKE_1, k) handler *const hot_##k[] = {EACH_CC(LIST_1, k)};

#define ROW_RR(k, d) EACH_S(MAKE_2, k, d)
#define ROWL_RR(k, d) EACH_S(LIST_2, k, d)
#define KIND_RR(k) \
    EACH_D(ROW_RR, k) handler *const hot_##k[] = {EACH_D(ROWL_RR, k)};
#define ROW_RB(k, d) EACH_B(MAKE_2, k, d)
#define ROWL_RB(k, d) EACH_B(LIST_2, k, d)
#define KIND_RB(k) \
    EACH_D(ROW_RB, k) handler *const hot_##k[] = {EACH_D(ROWL_RB, k)};
#define KIND_CR(k) \
    EACH_CC(ROW_RR, k) handler *const hot_##k[] = {EACH_CC(ROWL_RR, k)};
#define KIND_SR(k) \
    EACH_SCALE(ROW_RR, k) handler *const hot_##k[] = {EACH_SCALE(ROWL_RR, k)};

#define CELL_CRR(k, cc, d) EACH_I(MAKE_3, k, cc, d)
#define CELLL_CRR(k, cc, d) EACH_I(LIST_3, k, cc, d)
#define ROW_CRR(k, cc) EACH_M(CELL_CRR, k, cc)
#define ROWL_CRR(k, cc) EACH_M(CELLL_CRR, k, cc)
#define KIND_CRR(k) \
    EACH_CC(ROW_CRR, k) handler *const hot_##k[] = {EACH_CC(ROWL_CRR, k)};
#define KIND_SRR(k) \
    EACH_SCALE(ROW_CRR, k) handler *const hot_##k[] = {EACH_SCALE(ROWL_CRR, k)};

#endif
