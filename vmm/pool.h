/*
 * pool.h - the memory that the monitor's own structures are made of.
 */
#ifndef RINGSIDE_VMM_POOL_H
#define RINGSIDE_VMM_POOL_H

#include <stddef.h>
#include <stdint.h>

/*
 * One stretch of host memory, so that all that is in it can be saved and put
 * back as bytes: every structure returns to its own address, and pointers
 * from one to another stay true. See snapshot.c.
 */
struct pool;
struct pool *pool_new(void); /* NULL: no memory */
void pool_free(struct pool *p);

/* Zeroed, aligned for anything; NULL: no memory. */
void *pool_take(struct pool *p, size_t size);
/* Back to the pool; NULL is nothing. */
void pool_give(struct pool *p, void *block);
/* The same contents in a block of `size` bytes; NULL, and `block` stays. */
void *pool_resize(struct pool *p, void *block, size_t size);

/* All of it that was ever in use: whole pages from the pool's address on. */
size_t pool_used(const struct pool *p);

#endif
