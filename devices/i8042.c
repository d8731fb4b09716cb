/*
 * i8042.c - the keyboard controller: A20 gate and reset; and port 0x92.
 *
 * Job:    a microcontroller that also holds two wires of the AT: A20, and
 *         the processor's reset.
 * Parts:  status and buffer; commands; port 0x92.
 * Source: IBM AT Technical Reference (1984), "Keyboard Controller"; port
 *         0x92 is the PS/2's.
 *
 * Simplified: no keyboard and no mouse is plugged in, so bytes meant for
 * them are lost; commands take no time; the A20 gates of the controller and
 * of port 0x92, on a real board joined by OR, are one latch: the last writer
 * wins. After reset A20 is passed through, as a boot loader leaves it.
 */
#include "board.h"

#define STATUS_FULL 0x01u
#define STATUS_SYSTEM 0x04u /* self-test passed */
#define STATUS_COMMAND 0x08u
#define STATUS_UNLOCKED 0x10u

#define COMMAND_IRQ 0x01u /* command byte: IRQ 1 when the buffer fills */
#define COMMAND_SYSTEM 0x04u
#define COMMAND_DISABLED 0x10u
#define COMMAND_TRANSLATE 0x40u

#define OUTPUT_NOT_RESET 0x01u /* output port */
#define OUTPUT_A20 0x02u
#define OUTPUT_FULL 0x10u

static void update(struct board *b)
{
    board_irq(b, 1, b->kbc.full && (b->kbc.command_byte & COMMAND_IRQ));
}

static void answer(struct board *b, unsigned byte)
{
    b->kbc.data = (uint8_t)byte;
    b->kbc.full = true;
}

static void reset_if(struct board *b, bool asked)
{
    if (asked) {
        b->owner.reset(b->owner.owner);
    }
}

static unsigned output_port(const struct i8042 *k)
{
    return 0xc0u | OUTPUT_NOT_RESET | (k->a20 ? OUTPUT_A20 : 0) |
           (k->full ? OUTPUT_FULL : 0);
}

static void command(struct board *b, uint8_t value)
{
    struct i8042 *k = &b->kbc;
    k->command = 0;
    switch (value) {
    case 0x20:
        answer(b, k->command_byte);
        break;
    case 0x60: /* command byte follows */
    case 0xd1: /* output port follows */
    case 0xd2: /* a byte for the buffer, as if from the keyboard */
        k->command = value;
        break;
    case 0xaa:
        answer(b, 0x55); /* controller works */
        break;
    case 0xa9:
    case 0xab:
        answer(b, 0x00); /* the wires to mouse and keyboard work */
        break;
    case 0xad:
        k->command_byte |= COMMAND_DISABLED;
        break;
    case 0xae:
        k->command_byte &= (uint8_t)~COMMAND_DISABLED;
        break;
    case 0xc0:
        answer(b, 0x80); /* input port: keyboard not locked */
        break;
    case 0xd0:
        answer(b, output_port(k));
        break;
    case 0xdd:
    case 0xdf:
        k->a20 = value & OUTPUT_A20;
        break;
    default: /* 0xf0 to 0xff pulse the output port's bits that are zero */
        reset_if(b, value >= 0xf0 && !(value & OUTPUT_NOT_RESET));
    }
}

static void data(struct board *b, uint8_t value)
{
    struct i8042 *k = &b->kbc;
    switch (k->command) {
    case 0x60:
        k->command_byte = value;
        break;
    case 0xd1:
        k->a20 = value & OUTPUT_A20;
        reset_if(b, !(value & OUTPUT_NOT_RESET));
        break;
    case 0xd2:
        answer(b, value);
        break;
    }
    k->command = 0;
}

static uint8_t in(struct board *b, uint16_t port)
{
    struct i8042 *k = &b->kbc;
    switch (port) {
    case 0x60:
        k->full = false;
        update(b);
        return k->data;
    case 0x64:
        return (uint8_t)((k->full ? STATUS_FULL : 0) |
                         (k->command_byte & COMMAND_SYSTEM) |
                         (k->last_was_command ? STATUS_COMMAND : 0) |
                         STATUS_UNLOCKED);
    default:
        return k->a20 ? OUTPUT_A20 : 0;
    }
}

static void out(struct board *b, uint16_t port, uint8_t value)
{
    switch (port) {
    case 0x60:
        b->kbc.last_was_command = false;
        data(b, value);
        break;
    case 0x64:
        b->kbc.last_was_command = true;
        command(b, value);
        break;
    default: /* 0x92: bit 1 is A20, bit 0 resets */
        b->kbc.a20 = value & OUTPUT_A20;
        reset_if(b, value & 1);
    }
    update(b);
}

static void reset(struct board *b)
{
    b->kbc = (struct i8042){.command_byte = COMMAND_SYSTEM | COMMAND_IRQ |
                                            COMMAND_TRANSLATE,
                            .last_was_command = true,
                            .a20 = true};
    update(b);
}

const struct chip chip_i8042 = {.reset = reset, .in = in, .out = out};
