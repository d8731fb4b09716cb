/*
 * hot_core.c - the handlers that are not instructions: out to ordinary code
 * and back, and from one entry to the next.
 */
#include "machine.h"

/* From C into the handlers, and back when one of them returns NULL. */
void hot_enter(struct cpu *c, const struct uop *op)
{
#if FAST_LOOP
    while (op)
        op = fast_handler(op->run)(op, c);
#else
    const struct tlb_entry *tlb = c->fast->view;
    uint64_t budget = c->fast->budget;
#if FAST_PINNED && defined(__x86_64__)
    uint32_t R4 = c->reg[REG_ESP], R5 = c->reg[REG_EBP];
#endif
    FETCH_REGISTERS;
    fast_handler(op->run)(PASS(op));
#endif
}

const struct uop *hot_slow(STATE)
{
    SPILL;
    const struct uop *next = fast_slow(c, op);
    if (!next)
        return NULL;
    FETCH;
    DISPATCH(next);
}

/* The entry that begins here does not fit into the budget. */
const struct uop *hot_out(STATE)
{
    UNUSED_STATE;
    SPILL;
    fast_out(c, op);
    return NULL;
}

const struct uop *hot_unlinked(STATE)
{
    UNUSED_STATE;
    SPILL;
    fast_unlinked(c, op);
    return NULL;
}

const struct uop *hot_linked(STATE)
{
    GO(op->imm);
}

/* Into another page: fetching would look it up in the TLB. If it is not
 * there, or not with that frame, or what was there is gone, leave. */
const struct uop *hot_gate(STATE)
{
    const struct entry *to =
        (const void *)((const char *)op + (int32_t)op->imm);
    const struct tlb_entry *page = TLB_LINE(TLB_PLACE(to->eip));
    if (UNLIKELY((page->read_tag ^ to->eip) > PAGE_MASK ||
                 page->host != to->host))
        LAST_CALL hot_unlinked(PASS(op));
    GO_ENTRY(to);
}
