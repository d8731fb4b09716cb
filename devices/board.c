/*
 * board.c - the board: which chip answers at which port, and time.
 *
 * Job:    own the chips, decode port addresses, and ask all chips when the
 *         next of them will do something by itself.
 * Parts:  the port map; crystals; making and driving a board.
 *
 * Simplified: the ISA bus has no wait states of its own (an access costs what
 * the processor's price for IN and OUT says); a 2- or 4-byte access is as
 * many byte accesses to the ports that follow, as on the AT's bus, except at
 * the exit and marker ports. Nobody answers: all ones are read.
 */
#include "board.h"

#include <stdlib.h>

/* ------------------------------------------------------------- port map */

static const struct {
    const char *name, *text;
    const struct chip *chip;
} chips[DEVICE_COUNT] = {
#define DEVICE(id, text) [DEVICE_##id] = {#id, text, &chip_##id},
#define chip_none ((const struct chip){0})
#include "devices.def"
#undef chip_none
#undef DEVICE
};

static const struct {
    uint16_t first, last;
    enum device_id device;
} port_map[] = {{0x20, 0x21, DEVICE_i8259},      {0xa0, 0xa1, DEVICE_i8259},
                {0x40, 0x43, DEVICE_i8254},      {0x61, 0x61, DEVICE_i8254},
                {0x60, 0x60, DEVICE_i8042},      {0x64, 0x64, DEVICE_i8042},
                {0x92, 0x92, DEVICE_i8042},      {0x70, 0x71, DEVICE_mc146818},
                {0x80, 0x80, DEVICE_port80},     {0xe9, 0xe9, DEVICE_debugcon},
                {0xf4, 0xf4, DEVICE_debugexit},  {0xf8, 0xf8, DEVICE_marker},
                {0x3f8, 0x3ff, DEVICE_uart16550}};
#define PORT_RANGES (sizeof port_map / sizeof port_map[0])

const char *device_name(enum device_id d)
{
    return chips[d].name;
}

const char *device_text(enum device_id d)
{
    return chips[d].text;
}

enum device_id device_at(uint16_t port)
{
    for (size_t i = 0; i < PORT_RANGES; i++) {
        if (port >= port_map[i].first && port <= port_map[i].last) {
            return port_map[i].device;
        }
    }
    return DEVICE_none;
}

/* ------------------------------------------------------------- crystals */

/*
 * cycle * hz / (mhz * 10^6), rounded down, without overflow: whole seconds
 * and the rest apart.
 */
uint64_t crystal_ticks(const struct board *b, uint32_t hz)
{
    uint64_t second = (uint64_t)b->mhz * 1000000u;
    uint64_t cycle = b->owner.now(b->owner.owner);
    return cycle / second * hz + cycle % second * hz / second;
}

uint64_t crystal_cycle(const struct board *b, uint32_t hz, uint64_t tick)
{
    uint64_t second = (uint64_t)b->mhz * 1000000u;
    return tick / hz * second + (tick % hz * second + hz - 1) / hz;
}

/* ------------------------------------------------------------- the board */

struct board *board_new(const struct board_owner *owner, uint32_t mhz)
{
    struct board *b = calloc(1, sizeof *b);
    if (b) {
        b->owner = *owner;
        b->mhz = mhz ? mhz : 1;
        board_reset(b);
    }
    return b;
}

void board_free(struct board *b)
{
    free(b);
}

void board_reset(struct board *b)
{
    for (int d = 0; d < DEVICE_COUNT; d++) {
        if (chips[d].chip->reset) {
            chips[d].chip->reset(b);
        }
    }
    b->owner.rescheduled(b->owner.owner);
}

static uint8_t in_byte(struct board *b, uint16_t port)
{
    const struct chip *c = chips[device_at(port)].chip;
    return c->in ? c->in(b, port) : 0xff;
}

uint32_t board_in(struct board *b, uint16_t port, unsigned size)
{
    uint32_t value = 0;
    board_advance(b);
    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)in_byte(b, (uint16_t)(port + i)) << 8 * i;
    }
    return value;
}

void board_out(struct board *b, uint16_t port, unsigned size, uint32_t value)
{
    board_advance(b);
    for (unsigned i = 0; i < size; i++, port++) {
        const struct chip *c = chips[device_at(port)].chip;
        if (c->out_wide) {
            c->out_wide(b, port, value >> 8 * i);
            return;
        }
        if (c->out) {
            c->out(b, port, (uint8_t)(value >> 8 * i));
        }
    }
}

uint8_t board_acknowledge(struct board *b)
{
    return i8259_acknowledge(b);
}

uint64_t board_next_event(const struct board *b)
{
    uint64_t first = NEVER;
    for (int d = 0; d < DEVICE_COUNT; d++) {
        if (chips[d].chip->next_event) {
            uint64_t at = chips[d].chip->next_event(b);
            first = at < first ? at : first;
        }
    }
    return first;
}

void board_advance(struct board *b)
{
    for (int d = 0; d < DEVICE_COUNT; d++) {
        if (chips[d].chip->advance) {
            chips[d].chip->advance(b);
        }
    }
}

bool board_serial_in(struct board *b, uint8_t byte)
{
    return uart16550_receive(b, byte);
}

bool board_a20(const struct board *b)
{
    return b->kbc.a20;
}
