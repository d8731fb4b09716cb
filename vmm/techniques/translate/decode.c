/*
 * decode.c - what instructions make a unit.
 *
 * A unit goes from where control came to, to the first instruction behind
 * which it never goes on, but no further than 12 instructions, and not out of
 * its page: what is in the next page may not be mapped, or not be executed,
 * and then the guest must see no trace of it. An instruction that itself
 * crosses to the next page has a unit of its own.
 */
#include "translate.h"

bool ends_unit(const struct insn *in)
{
    /*@lab 5 ends_unit
     * Does control not simply go on behind this instruction? Branches
     * (insn_rows[in->id].attr has ATTR_BRANCH), HLT, and I_INVALID, which is
     * no instruction at all.
     *@stub
     *  (void)in;
     *  lab_todo("ends_unit");
     */
    bool branch = insn_rows[in->id].attr & ATTR_BRANCH;
    return branch || in->id == I_HLT || in->id == I_INVALID;
    /*@end*/
}

/* Bytes of guest memory from `at` to the page's end, at most n. */
static unsigned read_page(struct translator *t, uint32_t gfn, uint32_t eip,
                          uint8_t *to, unsigned n)
{
    uint32_t offset = eip & PAGE_MASK;
    unsigned left = PAGE_SIZE - offset < n ? PAGE_SIZE - offset : n;
    return guest_read(t->f.vm, (gpa_t){gfn << PAGE_SHIFT | offset}, to, left)
               ? left
               : 0;
}

/* The first instruction goes on in the next page. False: that cannot be
 * fetched. */
static bool decode_crossing(struct translator *t, struct unit *u,
                            uint8_t bytes[INSN_MOST], unsigned n)
{
    uint32_t next = (u->eip | PAGE_MASK) + 1;
    if (!space_page(t, next, &u->gfn[1])) {
        return false;
    }
    u->pages = 2;
    n += read_page(t, u->gfn[1], next, bytes + n, INSN_MOST - n);
    if (cpu_decode(bytes, n, true, &u->insn[0]) != DECODE_OK) {
        u->insn[0] = (struct insn){.id = I_INVALID, .len = INSN_MOST};
    }
    u->count = 1;
    u->bytes = u->insn[0].len;
    return true;
}

bool unit_decode(struct translator *t, struct unit *u)
{
    /*@lab 5 unit_decode
     * From u->eip on, decode into u->insn[0], [1] ...; set u->count, u->pages
     * (1) and u->bytes (of guest code, all together). Stop behind an
     * instruction that ends_unit(), after UNIT_INSNS, and at the end of
     * u->eip's page: what is in the next one may not even be mapped.
     *
     * read_page(t, u->gfn[0], eip, bytes, INSN_MOST) gives the guest's bytes
     * at eip, fewer near the page's end; cpu_decode(bytes, n, true, in) says
     * DECODE_OK, DECODE_TRUNCATED (the page ended within the instruction), or
     * something else: the processor would raise #UD or #GP there.
     *
     *   truncated, and the first   the unit is this one instruction:
     *                              decode_crossing() does it all
     *   not OK, not the first      the unit ends before it; it is for the next
     *   not OK, and the first      {.id = I_INVALID, .len = 1}: a call-out will
     *                              raise what the guest's processor raises
     *@stub
     *  (void)t;
     *  (void)u;
     *  (void)decode_crossing;
     *  lab_todo("unit_decode");
     */
    uint32_t eip = u->eip;
    uint8_t bytes[INSN_MOST];
    u->pages = 1;
    u->count = 0;
    while (u->count < UNIT_INSNS && eip >> PAGE_SHIFT == u->eip >> PAGE_SHIFT) {
        struct insn *in = &u->insn[u->count];
        unsigned n = read_page(t, u->gfn[0], eip, bytes, INSN_MOST);
        enum decode_status s = cpu_decode(bytes, n, true, in);
        if (s == DECODE_TRUNCATED && u->count == 0) {
            return decode_crossing(t, u, bytes, n);
        }
        if (s != DECODE_OK && u->count > 0) {
            break; /* it is for the next unit */
        }
        if (s != DECODE_OK) {
            *in = (struct insn){.id = I_INVALID, .len = 1};
        }
        u->count++;
        eip += in->len;
        if (ends_unit(in)) {
            break;
        }
    }
    u->bytes = eip - u->eip;
    return true;
    /*@end*/
}
