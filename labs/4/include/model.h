/*
 * model.h - the rules of page types, for a guest of few frames.
 *
 * The model keeps no counts. It keeps a list of who uses what as what, and a
 * request that is refused shortens the list to what it was.
 *
 * A frame is a small number here, the same on every machine:
 *
 *   0 .. POOL-1   pages that a guest plays with, each mapped at its `home`;
 *                 those below TABLES may hold entries, the others are data
 *   TABLE         the page table that maps the homes: the monitor built it
 *   ROOT          the page directory it started with, pinned, in CR3
 *   SHARED        the shared info page: the monitor itself writes to it
 *   FOREIGN ...   frames of somebody else, and one that there is not
 */
#ifndef MODEL_H
#define MODEL_H

#include "pv.h"

enum {
    TABLES = 8,
    POOL = 16,
    TABLE = POOL,
    ROOT,
    SHARED,
    FRAMES, /* of the guest's */
    FOREIGN = FRAMES,
    NOWHERE,
    ALL_FRAMES
};
#define SLOTS 16u /* of each table, at slot_number() */
#define HOLE 14u  /* the first of a directory's that is the monitor's */

enum as { READ, WRITABLE, L1, L2 };

/* An entry, in the guest's own numbers. */
static inline uint32_t entry(uint32_t frame, uint32_t flags)
{
    return frame << 12 | flags;
}

/* One request of mmu_update. */
struct update {
    uint32_t table, slot, entry;
    uint32_t command;  /* enum xen_mmu_command */
    uint32_t too_high; /* bits above 32 in the address */
};

/* One of mmuext_op. */
struct op {
    uint32_t command, frame; /* enum xen_mmuext */
};

/* As the monitor starts a guest. */
void model_begin(void);
/* What comes of a request: 0, and it is done; or an error, and nothing is. */
int model_update(const struct update *u);
int model_op(const struct op *o);
int model_replace(uint32_t table, uint32_t slot, uint32_t e);

/* L1 or L2: in use as a table. */
enum as type_of(uint32_t frame);
bool is_pinned(uint32_t frame);
uint32_t slots_of(enum as level); /* the guest's */
uint32_t model_entry(uint32_t frame, uint32_t slot);
void model_put(uint32_t frame, uint32_t slot, uint32_t e);

#endif
