/*
 * block.h - inside the processor: decoded instructions, kept by the physical
 * memory that they were decoded from.
 *
 * A block is a straight run of instructions in one page: it ends at a branch
 * or another row with ATTR_ENDS, behind a load of SS, at the page's edge, or
 * when it is full. Its key is the physical address of its first byte, EIP
 * there, and what of the mode it was made for; so address spaces that have the
 * same code at the same place share it. A frame that holds blocks has its TLB
 * write tags withheld, so that every store to it comes by here first.
 *
 * A block is kept in two parts, so that what runs often lies close together:
 * `struct block`, which the reference engine runs, and `struct entry`, the
 * fast engine's translation of it (fast/fast.h). Both lie in one arena, the
 * blocks from its end downwards, the entries from its start upwards.
 */
#ifndef RINGSIDE_CPU_BLOCK_H
#define RINGSIDE_CPU_BLOCK_H

#include "engine.h"

struct op {
    insn_fn *run;
    uint32_t cost;   /* static: insn_price */
    uint32_t after;  /* the costs of the ops behind it */
    uint16_t offset; /* from the block's first byte */
    bool guarded;    /* check_privilege first */
    uint8_t price;   /* enum price: what `cost` is the number of */
    struct insn insn;
};

enum block_mode {
    MODE_CODE32 = 1, /* CS.D */
    MODE_FLAT = 2,   /* segments that need no check: the fast engine's */
};

struct block {
    uint32_t at;   /* machine physical address of the first byte */
    uint32_t eip;  /* its EIP */
    uint8_t *host; /* its page's bytes */
    uint8_t mode;  /* bits of enum block_mode */
    uint16_t count, bytes;
    uint64_t cost;       /* of all ops */
    struct entry *entry; /* NULL: only for the reference engine */
    struct block *next_in_slot, *next_in_frame;
    struct op op[];
};

/* Behind it the mode, the mapping or IF may be others, or, behind a load of SS,
 * interrupts wait. */
static inline bool insn_ends_block(const struct insn *i)
{
    return (insn_rows[i->id].attr & ATTR_ENDS) ||
           (i->id == I_MOV_Sw_Ew && i->reg == SEG_SS);
}

/* The block at CS:EIP, made if there was none. NULL: this instruction cannot
 * be in one (it crosses a page, is invalid, or is not in plain memory). */
const struct block *block_here(struct cpu *c);
/* Bytes of a frame change: forget the blocks made of them. */
void blocks_written(struct cpu *c, mpa_t at, uint32_t size);
/* Forget all blocks. */
void blocks_drop(struct cpu *c);
void blocks_free(struct cpu *c);

#endif
