/*
 * model.h - the rules of page types, for a guest of few frames; and requests
 * that are made of the monitor and of the model at once.
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

void model_start(void);
/* A frame's content, as the guest would write it: its home is writable. */
void put_entry(uint32_t frame, uint32_t slot, uint32_t e);
uint32_t get_entry(uint32_t frame, uint32_t slot);
uint32_t *home(uint32_t frame);
bool is_home_writable(uint32_t frame);
/* In use as a table, by the model. */
enum as type_of(uint32_t frame);
bool is_pinned(uint32_t frame);
uint32_t slot_number(uint32_t table, uint32_t slot);

/* A hypercall that is to be made, and what must come of it, by the model;
 * which has done it already. */
#define CALLS_MOST 16u
struct call {
    uint32_t op, a, b, c, d;
    int answer;
};
/* `done` is where the batch's count arrives. */
struct call an_update(const struct update *u, uint32_t n, uint32_t **done);
/* One request as the monitor reads it, without the model's knowing. */
const void *real_request(const struct update *u);
struct op {
    uint32_t command, frame; /* enum xen_mmuext; a frame of those above */
};
struct call some_ops(const struct op *o, uint32_t n, uint32_t **done);
struct call a_pin(uint32_t frame, enum as level);
struct call an_unpin(uint32_t frame);
struct call a_base(uint32_t frame);
struct call a_mapping(uint32_t frame, uint32_t e); /* of its home */
/* Make it: the monitor's answer, or on a PC the model's. */
int ask(struct call c);
/* All in one multicall; their answers come to them. */
int ask_all(struct call *c, uint32_t n);

/* One at a time. */
int update_one(uint32_t table, uint32_t slot, uint32_t e);
int set_home(uint32_t frame, uint32_t flags);
int pin(uint32_t frame, enum as level);
int unpin(uint32_t frame);
int new_base(uint32_t frame);
/* What all tables hold, and what all answers were, in two numbers. */
void say_end(void);

/* A plain MOV to an entry of a table that is mapped read-only: the monitor
 * does it, if it is a page table's and harmless. Does it? */
bool by_plain_write(uint32_t table, uint32_t slot, uint32_t e);
uint32_t real_entry(uint32_t e); /* as the processor reads it */

/* By chance: good ones and bad ones. */
uint32_t some_frame(void);
uint32_t some_flags(void);
/* Would the guest go on with this directory in CR3? */
bool can_live_in(uint32_t frame);
void say_update(const struct update *u);

/* Its number on this machine. */
uint32_t frame_number(uint32_t frame);
const char *name_of(uint32_t frame);

#endif
