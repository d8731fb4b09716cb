/*
 * block.c - the cache of decoded blocks: block.h tells what one is.
 *
 * Parts:  finding; making; forgetting.
 *
 * A block that is dropped may be the one that is running. It is therefore
 * put aside and freed at the next look-up, and `attention` makes the engine
 * leave it after the present instruction.
 *
 * Simplified: when BLOCK_LIMIT is reached all blocks go.
 */
#include <stdlib.h>
#include <string.h>
#include "block.h"

#define SLOTS 8192u /* of the hash, by physical address */
#define PAGE_SLOTS 1024u
#define OPS_MAX 64u
#define BLOCK_LIMIT 32768u

struct code_cache {
    struct block *slot[SLOTS];
    struct block *page[PAGE_SLOTS]; /* all blocks, by the page's number */
    struct block *dropped;          /* linked by next_in_slot */
    uint32_t count;
    uint32_t frames[1u << 15]; /* a bit a frame: it holds blocks */
};

static struct block **slot_of(struct code_cache *k, uint32_t at)
{
    return &k->slot[(at ^ at >> 13) & (SLOTS - 1)];
}

static struct block **page_of(struct code_cache *k, uint32_t at)
{
    return &k->page[at >> PAGE_SHIFT & (PAGE_SLOTS - 1)];
}

static bool same_page(uint32_t a, uint32_t b)
{
    return ((a ^ b) & ~PAGE_MASK) == 0;
}

/* -------------------------------------------------------- frames with code */

bool code_in_frame(const struct cpu *c, uint32_t page)
{
    const struct code_cache *k = c->engine->cache;
    uint32_t n = page >> PAGE_SHIFT;
    return k && (k->frames[n / 32] >> n % 32 & 1);
}

static void mark_frame(struct cpu *c, uint32_t at, bool holds_code)
{
    struct code_cache *k = c->engine->cache;
    uint32_t n = at >> PAGE_SHIFT, bit = 1u << n % 32;
    if (holds_code)
        k->frames[n / 32] |= bit;
    else
        k->frames[n / 32] &= ~bit;
    tlb_retag_frame(c, at & ~PAGE_MASK);
}

/* --------------------------------------------------------------- forgetting */

static void free_dropped(struct code_cache *k)
{
    while (k->dropped) {
        struct block *b = k->dropped;
        k->dropped = b->next_in_slot;
        free(b);
    }
}

/* Out of its slot, and aside. Its page's list is the caller's. */
static void drop(struct cpu *c, struct block *b)
{
    struct code_cache *k = c->engine->cache;
    struct block **link = slot_of(k, b->at);
    while (*link != b)
        link = &(*link)->next_in_slot;
    *link = b->next_in_slot;
    b->next_in_slot = k->dropped;
    k->dropped = b;
    k->count--;
    c->engine->attention = true;
}

/* Does the block share bytes with `size` bytes from `at`, of its page? */
static bool overlaps(const struct block *b, uint32_t at, uint32_t size)
{
    uint32_t first = b->at & PAGE_MASK, from = at & PAGE_MASK;
    return first < from + size && from < first + b->bytes;
}

/* Drop the page's blocks that were made of any of these bytes. */
void blocks_written(struct cpu *c, mpa_t at, uint32_t size)
{
    if (!code_in_frame(c, at.v))
        return;
    bool left = false;
    struct block **link = page_of(c->engine->cache, at.v);
    while (*link) {
        struct block *b = *link;
        bool here = same_page(b->at, at.v);
        if (here && overlaps(b, at.v, size)) {
            *link = b->next_in_page;
            drop(c, b);
        } else {
            left = left || here;
            link = &b->next_in_page;
        }
    }
    if (!left)
        mark_frame(c, at.v, false);
}

void cpu_frame_changed(struct cpu *c, mpa_t page)
{
    blocks_written(c, (mpa_t){page.v & ~PAGE_MASK}, PAGE_SIZE);
}

static void drop_all(struct cpu *c)
{
    struct code_cache *k = c->engine->cache;
    for (uint32_t n = 0; n < PAGE_SLOTS; n++)
        while (k->page[n])
            cpu_frame_changed(c, (mpa_t){k->page[n]->at});
}

void cpu_frames_remapped(struct cpu *c)
{
    if (c->engine->cache)
        drop_all(c);
    cpu_flush_tlb(c, true);
}

void blocks_free(struct cpu *c)
{
    if (!c->engine->cache)
        return;
    drop_all(c);
    free_dropped(c->engine->cache);
    free(c->engine->cache);
    c->engine->cache = NULL;
}

/* ------------------------------------------------------------------- making */

/* Decode from the latched page into ops[0..OPS_MAX). Returns how many;
 * *bytes is their length. */
static unsigned decode_run(struct cpu *c, uint32_t offset, struct op *ops,
                           uint32_t *bytes)
{
    const uint8_t *code = c->engine->code_host + offset;
    bool code32 = c->seg[SEG_CS].attr & SEG_DB;
    uint32_t room = PAGE_SIZE - offset, at = 0;
    unsigned n = 0;
    for (bool ends = false; n < OPS_MAX && !ends; n++) {
        struct op *op = &ops[n];
        memset(op, 0, sizeof *op);
        if (cpu_decode(code + at, room - at, code32, &op->insn) != DECODE_OK)
            break;
        const struct insn_row *row = &insn_rows[op->insn.id];
        op->run = insn_runner(&op->insn);
        op->cost = c->costs->price[insn_price(&op->insn)];
        op->guarded = row->trap != TRAP_NEVER || row->sens != SENS_INNOCUOUS ||
                      (row->attr & ATTR_PROTECTED);
        at += op->insn.len;
        ends = row->attr & ATTR_ENDS;
    }
    *bytes = at;
    return n;
}

static struct block *make(struct cpu *c, uint32_t at)
{
    struct op ops[OPS_MAX];
    uint32_t bytes;
    if (!c->engine->code_host)
        return NULL;
    unsigned count = decode_run(c, at & PAGE_MASK, ops, &bytes);
    if (count == 0)
        return NULL;
    struct block *b = malloc(sizeof *b + count * sizeof *ops);
    if (!b)
        return NULL;
    struct code_cache *k = c->engine->cache;
    struct block **slot = slot_of(k, at), **page = page_of(k, at);
    *b = (struct block){.at = at,
                        .code32 = c->seg[SEG_CS].attr & SEG_DB,
                        .count = (uint16_t)count,
                        .bytes = (uint16_t)bytes,
                        .next_in_slot = *slot,
                        .next_in_page = *page};
    memcpy(b->op, ops, count * sizeof *ops);
    *slot = *page = b;
    k->count++;
    if (!code_in_frame(c, at))
        mark_frame(c, at, true);
    return b;
}

/* ------------------------------------------------------------------ finding */

const struct block *block_here(struct cpu *c)
{
    struct engine *e = c->engine;
    if (!e->cache && !(e->cache = calloc(1, sizeof *e->cache)))
        return NULL;
    free_dropped(e->cache);
    gva_t linear = {c->seg[SEG_CS].base + c->eip};
    code_latch(c, linear);
    uint32_t at = e->code_frame | (linear.v & PAGE_MASK);
    bool code32 = c->seg[SEG_CS].attr & SEG_DB;
    struct block *b = *slot_of(e->cache, at);
    while (b && (b->at != at || b->code32 != code32))
        b = b->next_in_slot;
    if (b)
        return b;
    if (e->cache->count >= BLOCK_LIMIT)
        drop_all(c);
    return make(c, at);
}
