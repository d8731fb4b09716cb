/*
 * memory.c - the memory door: every access an instruction makes.
 *
 * Job:    segment:offset to linear with segmentation's checks, linear to host
 *         memory by one comparison, and the slow way for everything else.
 * Parts:  segment checks; linear accesses, fast and slow; physical accesses;
 *         looking without touching, for debuggers.
 *
 * Simplified: an access to device memory that crosses a page goes byte by
 * byte; a far pointer's alignment is asked of its two parts.
 */
#include <string.h>
#include "block.h"
#include "debug.h"

/* --------------------------------------------------------- segment checks */

#define SEG_EXECUTABLE 8u  /* type bit 3 */
#define SEG_EXPAND_DOWN 4u /* type bit 2 of data */
#define SEG_RW 2u          /* type bit 1: data writable, code readable */

/* An expand-down segment holds what is above its limit (SDM 3A 5.3). */
bool segment_holds(const struct segment *g, uint32_t off, uint32_t size)
{
    uint32_t last = off + (size - 1);
    if (last < off)
        return false; /* round the end of the address space */
    if ((g->attr & (SEG_EXECUTABLE | SEG_EXPAND_DOWN)) == SEG_EXPAND_DOWN)
        return off > g->limit &&
               last <= ((g->attr & SEG_DB) ? UINT32_MAX : 0xffffu);
    return last <= g->limit;
}

/* A null selector left `attr` zero, so P is missing from it. */
bool segment_allows(const struct segment *g, bool write)
{
    if (!(g->attr & SEG_P))
        return false;
    if (g->attr & SEG_EXECUTABLE)
        return !write && (g->attr & SEG_RW);
    return !write || (g->attr & SEG_RW);
}

static inline gva_t segment_linear(struct cpu *c, enum seg s, uint32_t off,
                                   uint32_t size, bool write)
{
    const struct segment *g = &c->seg[s];
    const uint32_t plain = SEG_P | SEG_EXECUTABLE | SEG_EXPAND_DOWN | SEG_RW;
    /* The common case: writable data that expands up. */
    bool ok = (g->attr & plain) == (SEG_P | SEG_RW) && off <= g->limit &&
              g->limit - off >= size - 1;
    if (!ok && !(segment_allows(g, write) && segment_holds(g, off, size)))
        raise_fault(c, s == SEG_SS ? VEC_SS : VEC_GP, 0);
    return (gva_t){g->base + off};
}

/* -------------------------------------------------------- linear accesses */

static bool crosses(gva_t at, unsigned size)
{
    return (at.v & PAGE_MASK) + size > PAGE_SIZE;
}

static void tell(struct cpu *c, gva_t at, unsigned size, bool write,
                 uint32_t value)
{
    if (!c->engine->watched)
        return;
    if (c->hooks && c->hooks->memory)
        c->hooks->memory(c->hooks->who, c, at, size, write, value);
    debug_access(c, at, size, write);
}

/* Of what an operand's address must be a multiple: SDM 3A table 6-7. Six bytes
 * are a table register's. What is larger than ten is asked of its parts. */
static uint32_t alignment(unsigned size)
{
    switch (size) {
    case 6:
        return 4;
    case 10:
        return 8;
    default:
        return size <= 8 ? size : 1;
    }
}

/* SDM 3A 6.15, vector 17. The fast tags are withheld while it applies. */
static void check_alignment(struct cpu *c, gva_t at, unsigned size, bool user)
{
    if (c->engine->aligned && user && (at.v & (alignment(size) - 1)))
        raise_fault(c, VEC_AC, 0);
}

/* What the fast tag refused: a TLB miss, a crossing, a watched access. */
static uint32_t read_slow(struct cpu *c, gva_t at, unsigned size, bool user)
{
    uint32_t value = 0;
    check_alignment(c, at, size, user);
    if (!crosses(at, size)) {
        value = phys_load(c, translate(c, at, ACCESS_READ, user), size);
    } else {
        uint32_t second = PAGE_SIZE - (at.v & PAGE_MASK);
        mpa_t a = translate(c, at, ACCESS_READ, user);
        mpa_t b = translate(c, (gva_t){at.v + second}, ACCESS_READ, user);
        for (uint32_t n = 0; n < size; n++) {
            mpa_t m = {n < second ? a.v + n : b.v + n - second};
            value |= phys_load(c, m, 1) << 8 * n;
        }
    }
    tell(c, at, size, false, value);
    return value;
}

static void write_slow(struct cpu *c, gva_t at, unsigned size, uint32_t value,
                       bool user)
{
    if (size < 4) /* the bus and the hook see what is stored, no more */
        value &= (1u << 8 * size) - 1;
    check_alignment(c, at, size, user);
    if (!crosses(at, size)) {
        phys_store(c, translate(c, at, ACCESS_WRITE, user), size, value);
    } else {
        /* Both pages are asked before either is written. */
        uint32_t second = PAGE_SIZE - (at.v & PAGE_MASK);
        mpa_t a = translate(c, at, ACCESS_WRITE, user);
        mpa_t b = translate(c, (gva_t){at.v + second}, ACCESS_WRITE, user);
        for (uint32_t n = 0; n < size; n++) {
            mpa_t m = {n < second ? a.v + n : b.v + n - second};
            phys_store(c, m, 1, value >> 8 * n & 0xff);
        }
    }
    tell(c, at, size, true, value);
}

uint32_t lin_read_as(struct cpu *c, gva_t at, unsigned size, bool user)
{
    const uint8_t *host = lin_host(c, at, size, false, user);
    return host ? host_load(host, size) : read_slow(c, at, size, user);
}

void lin_write_as(struct cpu *c, gva_t at, unsigned size, uint32_t value,
                  bool user)
{
    uint8_t *host = lin_host(c, at, size, true, user);
    if (host)
        host_store(host, size, value);
    else
        write_slow(c, at, size, value, user);
}

bool cpu_access(struct cpu *c, gva_t at, unsigned size, bool write,
                uint32_t *value)
{
    struct unwind outer = c->engine->unwind;
    volatile bool done = false;
    if (setjmp(c->engine->unwind.env) == 0) {
        if (write)
            lin_write_as(c, at, size, *value, false);
        else
            *value = lin_read_as(c, at, size, false);
        done = true;
    }
    c->engine->unwind = outer;
    return done;
}

uint32_t lin_read(struct cpu *c, gva_t at, unsigned size)
{
    return lin_read_as(c, at, size, false);
}

void lin_write(struct cpu *c, gva_t at, unsigned size, uint32_t value)
{
    lin_write_as(c, at, size, value, false);
}

static void lin_check(struct cpu *c, gva_t at, unsigned size, enum access a,
                      bool user)
{
    check_alignment(c, at, size, user);
    translate(c, at, a, user);
    if (crosses(at, size))
        translate(c, (gva_t){(at.v | PAGE_MASK) + 1}, a, user);
}

void lin_check_read(struct cpu *c, gva_t at, unsigned size, bool user)
{
    lin_check(c, at, size, ACCESS_READ, user);
}

void lin_check_write(struct cpu *c, gva_t at, unsigned size, bool user)
{
    lin_check(c, at, size, ACCESS_WRITE, user);
}

/* ---------------------------------------------- segment:offset, by an op */

uint32_t mem_read(struct cpu *c, enum seg s, uint32_t off, unsigned size)
{
    gva_t at = segment_linear(c, s, off, size, false);
    return lin_read_as(c, at, size, c->cpl == 3);
}

void mem_write(struct cpu *c, enum seg s, uint32_t off, unsigned size,
               uint32_t value)
{
    gva_t at = segment_linear(c, s, off, size, true);
    lin_write_as(c, at, size, value, c->cpl == 3);
}

void mem_check_read(struct cpu *c, enum seg s, uint32_t off, unsigned size)
{
    gva_t at = segment_linear(c, s, off, size, false);
    if (!lin_host(c, at, size, false, c->cpl == 3))
        lin_check(c, at, size, ACCESS_READ, c->cpl == 3);
}

void mem_check_write(struct cpu *c, enum seg s, uint32_t off, unsigned size)
{
    gva_t at = segment_linear(c, s, off, size, true);
    if (!lin_host(c, at, size, true, c->cpl == 3))
        lin_check(c, at, size, ACCESS_WRITE, c->cpl == 3);
}

/* How many elements from `off` on lie within `room` bytes upwards, or with a
 * negative step downwards: room then counts from 0 to off. */
static uint64_t elements(uint32_t off, uint64_t room, int step)
{
    return step > 0 ? (room - off) / (uint32_t)step
                    : off / (uint32_t)-step + (uint64_t)1;
}

uint8_t *mem_run(struct cpu *c, enum seg s, uint32_t off, unsigned adsize,
                 bool write, int step, uint32_t *count)
{
    const struct segment *g = &c->seg[s];
    gva_t at = {g->base + off};
    uint32_t size = (uint32_t)(step > 0 ? step : -step);
    uint64_t end = adsize == 2 ? 1u << 16 : (uint64_t)1 << 32;
    uint64_t in_page = elements(at.v & PAGE_MASK, PAGE_SIZE, step);
    uint64_t in_segment = elements(off, end, step);
    uint64_t n = *count < in_page ? *count : in_page;
    n = n < in_segment ? n : in_segment;
    uint32_t low = off - (step < 0 ? (uint32_t)(n - 1) * size : 0);
    uint8_t *host = lin_host(c, at, size, write, c->cpl == 3);
    if (!host || n == 0 || !segment_allows(g, write) ||
        !segment_holds(g, low, (uint32_t)n * size)) {
        *count = 0;
        return NULL;
    }
    *count = (uint32_t)n;
    return host;
}

/* -------------------------------------------------------- physical memory */

uint8_t *phys_host(const struct cpu *c, mpa_t page, bool *writable)
{
    *writable = true;
    return c->bus->frame(c->wire, (mpa_t){page.v & ~PAGE_MASK}, writable);
}

uint32_t phys_load(struct cpu *c, mpa_t at, unsigned size)
{
    bool writable;
    const uint8_t *host = phys_host(c, at, &writable);
    if (host)
        return host_load(host + (at.v & PAGE_MASK), size);
    c->engine->attention = true; /* a device may have changed INTR */
    return c->bus->mem_read(c->wire, at, size);
}

void phys_store(struct cpu *c, mpa_t at, unsigned size, uint32_t value)
{
    bool writable;
    uint8_t *host = phys_host(c, at, &writable);
    if (host && writable) {
        blocks_written(c, at, size);
        host_store(host + (at.v & PAGE_MASK), size, value);
    } else {
        c->engine->attention = true;
        if (host)
            blocks_written(c, at, size); /* the owner may let it happen */
        c->bus->mem_write(c->wire, at, size, value);
    }
}

/* The part of n bytes from `at` that lies in its page. */
static size_t piece(uint32_t at, size_t n)
{
    size_t room = PAGE_SIZE - (at & PAGE_MASK);
    return n < room ? n : room;
}

const uint8_t *cpu_phys_host(const struct cpu *c, mpa_t at)
{
    bool writable;
    const uint8_t *host = phys_host(c, at, &writable);
    return host ? host + (at.v & PAGE_MASK) : NULL;
}

bool cpu_phys_read(const struct cpu *c, mpa_t at, void *to, size_t n)
{
    uint8_t *out = to;
    for (size_t k; n > 0; n -= k, out += k, at.v += (uint32_t)k) {
        bool writable;
        const uint8_t *host = phys_host(c, at, &writable);
        if (!host)
            return false;
        k = piece(at.v, n);
        memcpy(out, host + (at.v & PAGE_MASK), k);
    }
    return true;
}

bool cpu_phys_write(struct cpu *c, mpa_t at, const void *from, size_t n)
{
    const uint8_t *in = from;
    for (size_t k; n > 0; n -= k, in += k, at.v += (uint32_t)k) {
        bool writable;
        uint8_t *host = phys_host(c, at, &writable);
        if (!host)
            return false;
        k = piece(at.v, n);
        blocks_written(c, at, (uint32_t)k);
        memcpy(host + (at.v & PAGE_MASK), in, k);
    }
    return true;
}

size_t cpu_peek(const struct cpu *c, gva_t at, void *to, size_t n)
{
    uint8_t *out = to;
    size_t done = 0;
    while (done < n) {
        size_t k = piece(at.v, n - done);
        struct walk w = cpu_walk(c, at, ACCESS_READ, false);
        if (!w.ok || !cpu_phys_read(c, w.frame, out + done, k))
            break;
        done += k;
        at.v += (uint32_t)k;
    }
    return done;
}
