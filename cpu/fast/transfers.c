/*
 * transfers.c - micro-ops that leave the block: jumps, calls and returns; and
 * a comparison joined with the jump behind it.
 *
 * Joined, the comparison's micro-op gets a handler that does both; the jump's
 * stays in place behind it, with the ways out.
 */
#include "translate.h"

/* Is the target within CS's limit? If not, the jump faults. */
static bool reaches(const struct translation *t, uint32_t target)
{
    return target <= t->c->engine->flat_limit;
}

/* The handler of a conditional jump that joins the micro-op before, if the
 * two can be one. */
static handler *joined(const struct translation *t, unsigned cc)
{
    const struct uop *u = last_uop(t);
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

void form_jcc(struct translation *t, const struct rule *rule)
{
    static handler *const *const by_pending[] = {
        [PENDING_ANY] = hot_jcc,
        [PENDING_LAZY] = hot_jcc_any,
        [PENDING_SUB] = hot_jcc_sub,
        [PENDING_LOGIC] = hot_jcc_logic,
    };
    unsigned cc = t->i->opcode & 15;
    uint32_t target = t->next + t->i->imm;
    (void)rule;
    if (!reaches(t, target)) {
        put_slow(t);
        return;
    }
    handler *both = joined(t, cc);
    if (both) {
        struct uop *first = last_uop(t);
        first->run = FAST_ADDRESS(both);
        first->b = t->join == JOIN_CMP_RR ? first->b : first->d;
    }
    /* The sign is the result's: a difference of bytes is sign extended. */
    bool by_sign = t->pending == PENDING_SUB && cc >> 1 == 4;
    enum pending pending = by_sign ? PENDING_LAZY : t->pending;
    struct uop *u = put(t, by_pending[pending][cc]);
    lay_way(t, u, &u->imm, target);
    lay_way(t, u, &u->disp, t->next);
}

/* JMP and CALL. */
void form_jump(struct translation *t, const struct rule *rule)
{
    uint32_t target = t->next + t->i->imm;
    if (!reaches(t, target)) {
        put_slow(t);
        return;
    }
    struct uop *u = put(t, rule->form == FORM_JMP ? hot_jmp[0] : hot_call[0]);
    u->disp = t->next; /* what CALL pushes */
    lay_way(t, u, &u->imm, target);
}

void form_ret(struct translation *t, const struct rule *rule)
{
    (void)rule;
    put(t, hot_ret[0])->imm = t->i->imm & 0xffff;
}

/* JMP and CALL to where a register or memory says. */
void form_indirect(struct translation *t, const struct rule *rule)
{
    bool call = rule->form == FORM_CALL_E;
    if (opr_is_memory(t->i))
        put_b(t, call ? hot_call_m : hot_jmp_m, base_of(t));
    else
        put_r(t, call ? hot_call_r : hot_jmp_r, t->i->rm);
    last_uop(t)->imm = t->next; /* what CALL pushes */
}
