/*
 * board_fixture.h - a board whose owner is the test: the clock is a number,
 * and what leaves the board is counted.
 */
#ifndef RINGSIDE_TESTS_BOARD_FIXTURE_H
#define RINGSIDE_TESTS_BOARD_FIXTURE_H

#include "../../devices/devices.h"

#include <criterion/criterion.h>

struct rig {
    struct board *board;
    uint64_t cycle;
    bool intr;
    unsigned rises; /* of INTR */
    char serial[64], debug[64];
    unsigned serial_count, debug_count, exits, resets, markers;
    uint32_t exit_value, marker;
};

static inline uint64_t rig_now(void *o)
{
    return ((struct rig *)o)->cycle;
}
static inline void rig_line(void *o, bool up)
{
    struct rig *r = o;
    r->rises += up && !r->intr;
    r->intr = up;
}
static inline void rig_rescheduled(void *o)
{
    (void)o;
}
static inline void rig_serial(void *o, uint8_t byte)
{
    struct rig *r = o;
    r->serial[r->serial_count++ % sizeof r->serial] = (char)byte;
}
static inline void rig_debug(void *o, uint8_t byte)
{
    struct rig *r = o;
    r->debug[r->debug_count++ % sizeof r->debug] = (char)byte;
}
static inline void rig_exit(void *o, uint32_t value)
{
    struct rig *r = o;
    r->exits++;
    r->exit_value = value;
}
static inline void rig_marker(void *o, uint32_t id)
{
    struct rig *r = o;
    r->markers++;
    r->marker = id;
}
static inline void rig_reset(void *o)
{
    ((struct rig *)o)->resets++;
}

static inline void rig_start(struct rig *r, uint32_t mhz)
{
    *r = (struct rig){0};
    struct board_owner owner = {.owner = r,
                                .now = rig_now,
                                .interrupt_line = rig_line,
                                .rescheduled = rig_rescheduled,
                                .serial_out = rig_serial,
                                .debug_out = rig_debug,
                                .exit_port = rig_exit,
                                .marker = rig_marker,
                                .reset = rig_reset};
    r->board = board_new(&owner, mhz);
    cr_assert(r->board);
}

static inline void out8(struct rig *r, uint16_t port, uint8_t v)
{
    board_out(r->board, port, 1, v);
}
static inline uint8_t in8(struct rig *r, uint16_t port)
{
    return (uint8_t)board_in(r->board, port, 1);
}

/* Both 8259s as every PC kernel sets them up: vectors 0x20 and 0x28. */
static inline void rig_pic(struct rig *r, uint8_t icw4, uint8_t masked,
                           uint8_t slave_masked)
{
    out8(r, 0x20, 0x11);
    out8(r, 0xa0, 0x11);
    out8(r, 0x21, 0x20);
    out8(r, 0xa1, 0x28);
    out8(r, 0x21, 0x04);
    out8(r, 0xa1, 0x02);
    out8(r, 0x21, icw4);
    out8(r, 0xa1, icw4);
    out8(r, 0x21, masked);
    out8(r, 0xa1, slave_masked);
}

#endif
