/*
 * snapshot.c - the chips' state, saved and put back.
 *
 * A board is plain data: what its chips hold, counted from the clock, and the
 * owner's functions, which stay the owner's.
 */
#include "board.h"

#include <string.h>

size_t board_state_size(void)
{
    return sizeof(struct board);
}

void board_save(const struct board *b, void *to)
{
    memcpy(to, b, sizeof *b);
}

void board_restore(struct board *b, const void *from)
{
    struct board_owner owner = b->owner;
    memcpy(b, from, sizeof *b);
    b->owner = owner;
}

/* ------------------------------------------------------------ the number */

static void no_line(void *owner, bool up)
{
    (void)owner;
    (void)up;
}

static void no_matter(void *owner)
{
    (void)owner;
}

/* What one byte after the other of a chip comes to. */
static uint64_t hash_bytes(uint64_t h, const void *chip, size_t size)
{
    const uint8_t *byte = chip;
    for (size_t i = 0; i < size; i++) {
        h = state_hash(h, byte[i]);
    }
    return h;
}

/* Timers count when they are asked: ask a copy, at the present cycle. */
uint64_t board_hash(const struct board *b, uint64_t h)
{
    struct board now = *b;
    now.owner.interrupt_line = no_line;
    now.owner.rescheduled = no_matter;
    board_advance(&now);
    h = hash_bytes(h, now.pic, sizeof now.pic);
    h = hash_bytes(h, &now.pit, sizeof now.pit);
    h = hash_bytes(h, &now.uart, sizeof now.uart);
    h = hash_bytes(h, &now.rtc, sizeof now.rtc);
    h = hash_bytes(h, &now.kbc, sizeof now.kbc);
    return state_hash(h, now.post);
}
