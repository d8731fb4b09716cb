/*
 * translate.h - what the translator's files share: the rules by which rows
 * are translated, the translation of a block as it grows, and putting a
 * micro-op behind the others.
 *
 *     rules.c      which rule for which row; whose flags nobody reads
 *     forms.c      data, arithmetic, memory: a function for each form
 *     transfers.c  jumps, calls, returns, and the comparisons they join
 *     translate.c  the block
 */
#ifndef RINGSIDE_CPU_FAST_TRANSLATE_H
#define RINGSIDE_CPU_FAST_TRANSLATE_H

#include "fast.h"

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
    FORM_PUSH_SEGMENT,
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

extern const struct rule rules[INSN_COUNT];
/* Of a shift by a number: modulo 32 (SDM 2B, SAL). */
uint32_t shift_count(const struct insn *i);
/* dead[n]: nobody reads any of the flags that op n writes. Whatever may stop
 * or fault is taken to read all that were there before it. */
void find_dead(const struct block *b, bool *dead);

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

static inline struct uop *put(struct translation *t, handler *h)
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

static inline struct uop *last_uop(const struct translation *t)
{
    return &entry_uops(t->e)[t->count - 1];
}

/* Tables vary over registers only if those are pinned. */
static inline unsigned at_r(unsigned r)
{
    return FAST_PINNED ? r : 0;
}
static inline unsigned at_b(unsigned base)
{
    if (FAST_PINNED)
        return base;
    return base < BASE_NONE ? 0 : base == BASE_NONE ? 1 : 2;
}

static inline void put_o(struct translation *t, handler *const *table)
{
    put(t, table[0]);
}
static inline void put_r(struct translation *t, handler *const *table,
                         unsigned d)
{
    put(t, table[at_r(d)])->d = d & 15;
}
static inline void put_rr(struct translation *t, handler *const *table,
                          unsigned d, unsigned s)
{
    struct uop *u = put(t, table[at_r(d) * REGS + at_r(s)]);
    u->d = d & 15;
    u->b = s & 15;
}
static inline void put_b(struct translation *t, handler *const *table,
                         unsigned base)
{
    put(t, table[at_b(base)])->b = base & 15;
}
static inline void put_rb(struct translation *t, handler *const *table,
                          unsigned d, unsigned base)
{
    struct uop *u = put(t, table[at_r(d) * BASES + at_b(base)]);
    u->d = d & 15;
    u->b = base & 15;
}

/* By its function. */
static inline void put_slow(struct translation *t)
{
    const struct insn_row *row = &insn_rows[t->i->id];
    put(t, hot_slow);
    if (row->flags_written | row->flags_undefined)
        t->pending = PENDING_ANY;
}

/* The micro-op's member `way` will lead to `eip`; now, to a link. */
static inline void lay_way(struct translation *t, struct uop *from,
                           uint32_t *way, uint32_t eip)
{
    struct link *l = &t->links[t->link_count++];
    *l = (struct link){.entry = {.block = t->b, .eip = eip, .is_link = 1},
                       .op = {.run = FAST_ADDRESS(hot_unlinked), .disp = eip},
                       .jump = from,
                       .way = way};
    *way = (uint32_t)((const char *)l - (const char *)from);
}

/* Can a handler do its memory operand? */
static inline bool is_flat(const struct insn *i)
{
    return i->adsize == 4 && (i->seg == SEG_DS || i->seg == SEG_SS);
}
/* The base for the memory operand, after the micro-op that adds an index:
 * forms.c. */
unsigned base_of(struct translation *t);

/* ----------------------------------- a function for each form, or for some */

typedef void form_fn(struct translation *t, const struct rule *rule);
form_fn form_alu, form_alu_byte, form_one_operand, form_shift, form_carry,
    form_odd, form_multiply, form_move, form_offset, form_extend, form_lea,
    form_xchg, form_setcc, form_cwd, form_cwde, form_nop, form_stack,
    form_push_segment;
form_fn form_jcc, form_jump, form_ret, form_indirect;
/* 16-bit moves to memory; the others are not translated. */
form_fn form_word;

#endif
