/*
 * fetch.c - where instructions come from.
 *
 * Job:    the bytes at CS:EIP, with the limit's and the page's checks, and
 *         decoding one instruction of them.
 *
 * The code latch is the processor's memory of the page that it runs in. It
 * is looked up in the TLB when the page or the user bit changes, and after
 * any flush; so what fetching costs does not depend on how many instructions
 * an engine takes at once.
 */
#include <string.h>
#include "engine.h"

#define MAX_LENGTH 15u

void code_latch(struct cpu *c, gva_t at)
{
    struct engine *e = c->engine;
    bool user = c->cpl == 3, writable;
    uint32_t tag = (at.v & ~PAGE_MASK) | user;
    if (e->code_tag == tag)
        return;
    mpa_t m = translate(c, at, ACCESS_FETCH, user);
    e->code_tag = tag;
    e->code_frame = m.v & ~PAGE_MASK;
    e->code_host = phys_host(c, m, &writable);
}

/* n bytes of one page, by machine physical address. */
static void copy_code(struct cpu *c, mpa_t at, uint8_t *to, uint32_t n)
{
    if (cpu_phys_read(c, at, to, n))
        return;
    for (uint32_t k = 0; k < n; k++)
        to[k] = (uint8_t)phys_load(c, (mpa_t){at.v + k}, 1);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void fetch_decode(struct cpu *c, struct insn *out)
{
    const struct segment *cs = &c->seg[SEG_CS];
    uint8_t bytes[MAX_LENGTH];
    if (c->eip > cs->limit)
        raise_fault(c, VEC_GP, 0);
    uint32_t room = least(MAX_LENGTH - 1, cs->limit - c->eip) + 1;
    gva_t at = {cs->base + c->eip};
    uint32_t first = least(room, PAGE_SIZE - (at.v & PAGE_MASK));
    bool code32 = cs->attr & SEG_DB;

    code_latch(c, at);
    mpa_t m = {c->engine->code_frame | (at.v & PAGE_MASK)};
    copy_code(c, m, bytes, first);
    enum decode_status status = cpu_decode(bytes, first, code32, out);
    if (status == DECODE_TRUNCATED && first < room) {
        gva_t next = {at.v + first};
        m = translate(c, next, ACCESS_FETCH, c->cpl == 3);
        copy_code(c, m, bytes + first, room - first);
        status = cpu_decode(bytes, room, code32, out);
    }
    if (status == DECODE_INVALID)
        raise_fault(c, VEC_UD, 0);
    if (status != DECODE_OK) /* too long, or over the limit */
        raise_fault(c, VEC_GP, 0);
}
