/*
 * pool.c - blocks of memory from one stretch: pool.h says what for.
 *
 * A block is a power of two long, its header included. What is given back is
 * kept in a list of its size. The book-keeping stands at the stretch's start,
 * and so is saved with the rest.
 *
 * Simplified: blocks are not joined again. What the monitor makes and drops
 * is of few sizes.
 */
#include "pool.h"

#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define LEAST 5u /* a block of 32 bytes */
#define SIZES 32u

/* Address space alone: pages cost memory once they are touched. */
#define STRETCH ((size_t)(sizeof(void *) > 4 ? 1024u : 128u) << 20)

/* Before each block. */
struct head {
    _Alignas(16) uint32_t size; /* 2 to the power of this */
};

struct pool {
    size_t used;
    struct head *free[SIZES]; /* each names the next in its block */
};

static struct head **next_of(struct head *h)
{
    return (struct head **)(h + 1);
}

struct pool *pool_new(void)
{
    struct pool *p = mmap(NULL, STRETCH, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) {
        return NULL;
    }
    p->used = (sizeof *p + 63) & ~(size_t)63;
    return p;
}

void pool_free(struct pool *p)
{
    if (p) {
        munmap(p, STRETCH);
    }
}

/* The power of two that holds `size` bytes and a head; SIZES: none does. */
static uint32_t size_for(size_t size)
{
    uint32_t n = LEAST;
    while (n < SIZES && ((size_t)1 << n) - sizeof(struct head) < size) {
        n++;
    }
    return n;
}

void *pool_take(struct pool *p, size_t size)
{
    uint32_t n = size_for(size);
    if (n == SIZES) {
        return NULL;
    }
    size_t bytes = (size_t)1 << n;
    struct head *h = p->free[n];
    if (h) {
        p->free[n] = *next_of(h);
        memset(h + 1, 0, bytes - sizeof *h);
    } else if (bytes <= STRETCH - p->used) {
        h = (struct head *)(void *)((uint8_t *)p + p->used);
        p->used += bytes;
        h->size = n;
    } else {
        return NULL;
    }
    return h + 1;
}

void pool_give(struct pool *p, void *block)
{
    if (block) {
        struct head *h = (struct head *)block - 1;
        *next_of(h) = p->free[h->size];
        p->free[h->size] = h;
    }
}

void *pool_resize(struct pool *p, void *block, size_t size)
{
    void *larger = pool_take(p, size);
    if (larger && block) {
        const struct head *h = (struct head *)block - 1;
        size_t had = ((size_t)1 << h->size) - sizeof *h;
        memcpy(larger, block, had < size ? had : size);
        pool_give(p, block);
    }
    return larger;
}

size_t pool_used(const struct pool *p)
{
    return (p->used + PAGE - 1) & ~(size_t)(PAGE - 1);
}
