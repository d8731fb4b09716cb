/*
 * block.c - the cache of decoded blocks: block.h tells what one is.
 *
 * Parts:  the arena; frames with code; forgetting; making; finding.
 *
 * Memory is taken from an arena and given back all at once, when it is full
 * or all is forgotten. The arena is reserved whole at the first block, and the
 * host gives it memory as it fills, so that growing costs no block its place.
 * A block that is dropped may be the one that is running: its memory stays as
 * it is until then, and `attention` makes the engine leave it after the present
 * instruction.
 *
 * A store to a line of 64 bytes that holds code drops all blocks of its page:
 * most often the whole page gets new contents. Data beside code, in lines of
 * its own, is left in peace. A page that is written and run time and again is
 * not worth decoding: it rests for a while, run one by one.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "block.h"
#include "fast/fast.h"

#define SLOTS 65536u /* of the hash, by physical address */
#define FRAME_SLOTS 1024u
#define OPS_MAX 64u
#define ARENA_LEAST (512u << 10)
/* Of decoded code that is 5 MiB or 1; a micro-op's 32 bits reach further. */
#define ARENA_MOST ((UINTPTR_MAX > UINT32_MAX ? 320u : 64u) << 20)
#define LINE_SHIFT 6
#define DROPS_MOST 64u  /* then the frame rests */
#define REST_LOOKS 4096 /* for so many look-ups */

/* A frame that holds, or held, blocks. */
struct frame {
    uint32_t page;  /* machine physical */
    uint32_t drops; /* how often it was written */
    uint32_t rest;  /* look-ups until it may hold blocks again */
    uint64_t lines; /* a bit a line: it holds code */
    struct block *blocks;
    struct frame *next;
};

struct code_cache {
    struct block *slot[SLOTS];
    struct frame *frame[FRAME_SLOTS];
    uint32_t frames[1u << 15]; /* a bit a frame: it holds blocks */
    uint8_t *arena;
    size_t size, low, high; /* free is [low, high) */
};

/* -------------------------------------------------------------- the arena */

/* Room for the largest block, its frame and its translation. */
#define ROOM_MOST                                              \
    (sizeof(struct block) + OPS_MAX * sizeof(struct op) +      \
     sizeof(struct frame) + LINKS_MOST * sizeof(struct link) + \
     fast_room_most(OPS_MAX) + 64)

static void *take_high(struct code_cache *k, size_t size)
{
    k->high -= (size + 15) & ~(size_t)15;
    return k->arena + k->high;
}

/* Reserve the arena, as large as the host lets. False without memory. */
static bool reserve(struct code_cache *k)
{
    for (size_t size = ARENA_MOST; size >= ARENA_LEAST; size /= 2) {
        void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED)
            continue;
        k->arena = at;
        k->size = k->high = size;
        return true;
    }
    return false;
}

/* -------------------------------------------------------- frames with code */

bool code_in_frame(const struct cpu *c, uint32_t page)
{
    const struct code_cache *k = c->engine->cache;
    uint32_t n = page >> PAGE_SHIFT;
    return k && (k->frames[n / 32] >> n % 32 & 1);
}

static void mark_frame(struct cpu *c, uint32_t page, bool holds_code)
{
    struct code_cache *k = c->engine->cache;
    uint32_t n = page >> PAGE_SHIFT, bit = 1u << n % 32;
    if (holds_code)
        k->frames[n / 32] |= bit;
    else
        k->frames[n / 32] &= ~bit;
    tlb_retag_frame(c, page);
}

static struct frame **frame_slot(struct code_cache *k, uint32_t page)
{
    return &k->frame[page >> PAGE_SHIFT & (FRAME_SLOTS - 1)];
}

static struct frame *find_frame(struct code_cache *k, uint32_t page)
{
    struct frame *f = *frame_slot(k, page);
    while (f && f->page != page)
        f = f->next;
    return f;
}

static struct frame *make_frame(struct code_cache *k, uint32_t page)
{
    struct frame **slot = frame_slot(k, page), *f = take_high(k, sizeof *f);
    *f = (struct frame){.page = page, .next = *slot};
    *slot = f;
    return f;
}

/* The lines that `size` bytes from `at`, of one page, lie in. */
static uint64_t lines_of(uint32_t at, uint32_t size)
{
    uint32_t first = (at & PAGE_MASK) >> LINE_SHIFT;
    uint32_t last = ((at & PAGE_MASK) + size - 1) >> LINE_SHIFT;
    return UINT64_MAX << first & UINT64_MAX >> (63 - last);
}

/* Is the frame still resting from being written too often? */
static bool rests(struct frame *f)
{
    if (f->drops < DROPS_MOST)
        return false;
    if (f->rest++ < REST_LOOKS)
        return true;
    f->drops /= 2;
    f->rest = 0;
    return false;
}

/* --------------------------------------------------------------- forgetting */

static struct block **slot_of(struct code_cache *k, uint32_t at)
{
    return &k->slot[(at ^ at >> 16) & (SLOTS - 1)];
}

static void drop_frame(struct cpu *c, struct frame *f)
{
    struct code_cache *k = c->engine->cache;
    for (struct block *b = f->blocks; b; b = b->next_in_frame) {
        struct block **link = slot_of(k, b->at);
        while (*link != b)
            link = &(*link)->next_in_slot;
        *link = b->next_in_slot;
        if (b->entry)
            fast_drop(b->entry);
    }
    f->blocks = NULL;
    f->lines = 0;
    f->drops++;
    c->engine->attention = true;
    mark_frame(c, f->page, false);
}

void blocks_written(struct cpu *c, mpa_t at, uint32_t size)
{
    watch_written(c, at, size);
    if (!code_in_frame(c, at.v))
        return;
    struct frame *f = find_frame(c->engine->cache, at.v & ~PAGE_MASK);
    if (f->lines & lines_of(at.v, size))
        drop_frame(c, f);
}

void cpu_frame_changed(struct cpu *c, mpa_t page)
{
    blocks_written(c, (mpa_t){page.v & ~PAGE_MASK}, PAGE_SIZE);
}

/* The arena's memory stays until the next block is made. */
void blocks_drop(struct cpu *c)
{
    struct code_cache *k = c->engine->cache;
    if (!k)
        return;
    for (uint32_t n = 0; n < FRAME_SLOTS; n++) {
        for (struct frame *f = k->frame[n]; f; f = f->next)
            if (f->blocks)
                drop_frame(c, f);
        k->frame[n] = NULL;
    }
    k->low = 0;
    k->high = k->size;
    fast_forget(c);
}

void cpu_frames_remapped(struct cpu *c)
{
    blocks_drop(c);
    cpu_flush_tlb(c, true);
}

void blocks_free(struct cpu *c)
{
    if (!c->engine->cache)
        return;
    blocks_drop(c);
    if (c->engine->cache->arena)
        munmap(c->engine->cache->arena, c->engine->cache->size);
    free(c->engine->cache);
    c->engine->cache = NULL;
}

/* ------------------------------------------------------------------- making */

/* Decode from the latched page into b->op[0..OPS_MAX). */
static void decode_run(struct cpu *c, struct block *b)
{
    uint32_t room = PAGE_SIZE - (b->at & PAGE_MASK), at = 0;
    const uint8_t *code = b->host + (b->at & PAGE_MASK);
    for (bool ends = false; b->count < OPS_MAX && !ends; b->count++) {
        struct op *op = &b->op[b->count];
        if (at > 0 && watch_is_place(c, b->at + at))
            break;
        *op = (struct op){.offset = (uint16_t)at};
        if (cpu_decode(code + at, room - at, b->mode & MODE_CODE32,
                       &op->insn) != DECODE_OK)
            break;
        const struct insn_row *row = &insn_rows[op->insn.id];
        op->run = insn_runner(&op->insn);
        op->price = (uint8_t)insn_price(&op->insn);
        op->cost = c->costs->price[op->price];
        op->guarded = row->trap != TRAP_NEVER ||
                      (row->attr & (ATTR_PROTECTED | ATTR_SVM)) ||
                      (c->kind == CPU_VT &&
                       is_interceptable((enum insn_id)op->insn.id)) ||
                      (c->kind != CPU_CLASSIC && row->sens != SENS_INNOCUOUS);
        at += op->insn.len;
        ends = insn_ends_block(&op->insn);
    }
    b->bytes = (uint16_t)at;
    uint32_t after = 0;
    for (unsigned n = b->count; n-- > 0; after += b->op[n].cost)
        b->op[n].after = after;
    b->cost = after;
}

/* Make the arena fit for one more block. */
static bool make_room(struct cpu *c)
{
    struct code_cache *k = c->engine->cache;
    if (k->high - k->low >= ROOM_MOST)
        return true;
    if (!k->arena)
        return reserve(k);
    blocks_drop(c);
    return true;
}

static struct block *make(struct cpu *c, uint32_t at, uint8_t mode)
{
    struct code_cache *k = c->engine->cache;
    uint32_t page = at & ~PAGE_MASK;
    if (!c->engine->code_host || !make_room(c))
        return NULL;
    struct frame *f = find_frame(k, page);
    if (!f)
        f = make_frame(k, page);
    if (rests(f))
        return NULL;
    /* Decode at the free room's lower end, for its size is not known yet. */
    struct block *b = (void *)(k->arena + k->low);
    *b = (struct block){
        .at = at, .eip = c->eip, .host = c->engine->code_host, .mode = mode};
    decode_run(c, b);
    if (b->count == 0)
        return NULL;
    size_t size = sizeof *b + b->count * sizeof(struct op);
    void *links = take_high(k, LINKS_MOST * sizeof(struct link));
    b = memmove(take_high(k, size), b, size);
    struct block **slot = slot_of(k, at);
    b->next_in_slot = *slot;
    b->next_in_frame = f->blocks;
    *slot = f->blocks = b;
    f->lines |= lines_of(at, b->bytes);
    if (mode & MODE_FLAT)
        k->low += fast_translate(c, b, k->arena + k->low, links);
    if (!code_in_frame(c, at))
        mark_frame(c, page, true);
    return b;
}

/* ------------------------------------------------------------------ finding */

const struct block *block_here(struct cpu *c)
{
    struct engine *e = c->engine;
    if (!e->cache && !(e->cache = calloc(1, sizeof *e->cache)))
        return NULL;
    code_latch(c, (gva_t){c->seg[SEG_CS].base + c->eip});
    uint32_t at = e->code_frame | ((c->seg[SEG_CS].base + c->eip) & PAGE_MASK);
    uint8_t mode = c->seg[SEG_CS].attr & SEG_DB ? MODE_CODE32 : 0;
    if (mode && fast_is_flat(c))
        mode |= MODE_FLAT;
    struct block *b = *slot_of(e->cache, at);
    while (b && (b->at != at || b->eip != c->eip || b->mode != mode))
        b = b->next_in_slot;
    return b ? b : make(c, at, mode);
}
