/*
 * block.h - inside the processor: decoded instructions, kept by the physical
 * memory that they were decoded from.
 *
 * A block is a straight run of instructions in one page: it ends at a branch
 * or another row with ATTR_ENDS, at the page's edge, or when it is full. Its
 * key is the physical address of its first byte and CS.D; it knows nothing
 * of linear addresses, rings or segments, so every address space shares it.
 * A frame that holds blocks has its TLB write tags withheld, so that every
 * store to it comes by here first.
 */
#ifndef RINGSIDE_CPU_BLOCK_H
#define RINGSIDE_CPU_BLOCK_H

#include "engine.h"

struct op {
    insn_fn *run;
    uint32_t cost; /* static: insn_price */
    bool guarded;  /* check_privilege first */
    struct insn insn;
};

struct block {
    uint32_t at; /* machine physical address of the first byte */
    bool code32;
    uint16_t count, bytes;
    struct block *next_in_slot, *next_in_page;
    struct op op[];
};

/* The block at CS:EIP, made if there was none. NULL: this instruction cannot
 * be in one (it crosses a page, is invalid, or is not in plain memory). */
const struct block *block_here(struct cpu *c);
/* Bytes of a frame change: forget the blocks made of them. */
void blocks_written(struct cpu *c, mpa_t at, uint32_t size);
void blocks_free(struct cpu *c);

#endif
