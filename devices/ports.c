/*
 * ports.c - four ports that are hardly chips: a latch, and what emulators add.
 *
 * 0x80  the POST code latch: firmware writes its progress there, and others
 *       write to it to let a microsecond pass.
 * 0xE9  Bochs's debug console: a byte written leaves the machine at once;
 *       0xE9 read tells that the console is there.
 * 0xF4  QEMU's isa-debug-exit: the guest ends the run with a status.
 * 0xF8  ours: the guest marks where a phase of its work begins and ends.
 */
#include "board.h"

static uint8_t post_in(struct board *b, uint16_t port)
{
    (void)port;
    return b->post;
}

static void post_out(struct board *b, uint16_t port, uint8_t value)
{
    (void)port;
    b->post = value;
}

static uint8_t debug_in(struct board *b, uint16_t port)
{
    (void)b;
    return (uint8_t)port;
}

static void debug_out(struct board *b, uint16_t port, uint8_t value)
{
    (void)port;
    b->owner.debug_out(b->owner.owner, value);
}

static void exit_out(struct board *b, uint16_t port, uint32_t value)
{
    (void)port;
    b->owner.exit_port(b->owner.owner, value);
}

static void marker_out(struct board *b, uint16_t port, uint32_t value)
{
    (void)port;
    b->owner.marker(b->owner.owner, value);
}

const struct chip chip_port80 = {.in = post_in, .out = post_out};
const struct chip chip_debugcon = {.in = debug_in, .out = debug_out};
const struct chip chip_debugexit = {.out_wide = exit_out};
const struct chip chip_marker = {.out_wide = marker_out};
