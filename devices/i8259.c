/*
 * i8259.c - the pair of interrupt controllers.
 *
 * Job:    turn sixteen interrupt inputs into one line to the processor and,
 *         when that acknowledges, a vector.
 * Parts:  inputs; priorities; acknowledge; the command words.
 * Source: Intel 8259A data sheet (231468), "OCW", "ICW" and its timing
 *         notes. The slave stands on the master's IR2, as on the AT.
 *
 * Simplified: always in 8086 mode (the vectors of MCS-80 mode make no sense
 * on this processor), buffered mode is ignored, and ICW3 is taken as given.
 * After reset the pair is as a BIOS leaves it, all inputs masked.
 */
#include "board.h"

#define CASCADE 2u /* the master's input where the slave is */

#define ICW1_NEEDS_ICW4 0x01u
#define ICW1_SINGLE 0x02u
#define ICW1_LEVEL 0x08u
#define ICW1 0x10u
#define ICW4_AUTO_EOI 0x02u
#define ICW4_FULLY_NESTED 0x10u
#define OCW3 0x08u

static bool is_slave(const struct board *b, const struct i8259 *p)
{
    return p == &b->pic[1];
}

struct pic_state board_pic(const struct board *b, unsigned n)
{
    const struct i8259 *p = &b->pic[n & 1];
    return (struct pic_state){.irr = p->irr,
                              .isr = p->isr,
                              .imr = p->imr,
                              .base = p->base,
                              .ready = p->icw == 0,
                              .auto_eoi = p->auto_eoi};
}

/* ----------------------------------------------------------- priorities */

/* The input of highest priority in `set`, or -1. */
static int highest(const struct i8259 *p, uint8_t set)
{
    for (unsigned i = 1; i <= 8; i++) {
        unsigned input = (p->lowest + i) & 7u;
        if (set & (1u << input)) {
            return (int)input;
        }
    }
    return -1;
}

/* 0 for the input of highest priority, 7 for the lowest; 8 for none. */
static unsigned rank(const struct i8259 *p, int input)
{
    return input < 0 ? 8 : ((unsigned)input - p->lowest - 1u) & 7u;
}

/*
 * The request the chip now presents, or -1. A level in service keeps away
 * its equals and lessers, unless special mask mode looks past masked ones,
 * or fully nested mode lets the slave's better ones through.
 */
static int presented(const struct board *b, const struct i8259 *p)
{
    uint8_t service = p->isr;
    if (p->special_mask) {
        service &= (uint8_t)~p->imr;
    }
    if (p->fully_nested && !is_slave(b, p)) {
        service &= (uint8_t) ~(1u << CASCADE);
    }
    int input = highest(p, p->irr & (uint8_t)~p->imr);
    bool better = rank(p, input) < rank(p, highest(p, service));
    return p->icw == 0 && better ? input : -1;
}

/* --------------------------------------------------------------- inputs */

static void set_input(struct i8259 *p, unsigned input, bool up)
{
    uint8_t bit = (uint8_t)(1u << input);
    bool was = p->lines & bit;
    p->lines = (uint8_t)(up ? p->lines | bit : p->lines & ~bit);
    if (!up) {
        /* A request must stay until it is acknowledged, edge or level. */
        p->irr &= (uint8_t)~bit;
    } else if (p->level || !was) {
        p->irr |= bit;
    }
}

/* Pass the slave's output on to the master and the master's to the owner. */
static void update(struct board *b)
{
    if (!b->pic[0].single) {
        set_input(&b->pic[0], CASCADE, presented(b, &b->pic[1]) >= 0);
    }
    b->owner.interrupt_line(b->owner.owner, presented(b, &b->pic[0]) >= 0);
}

void board_irq(struct board *b, unsigned irq, bool up)
{
    set_input(&b->pic[irq >> 3], irq & 7u, up);
    update(b);
}

/* ---------------------------------------------------------- acknowledge */

/* First INTA: the request goes into service. */
static void take(struct i8259 *p, unsigned input)
{
    uint8_t bit = (uint8_t)(1u << input);
    if (!p->level) {
        p->irr &= (uint8_t)~bit;
    }
    if (!p->auto_eoi) {
        p->isr |= bit;
    } else if (p->rotate_auto) {
        p->lowest = (uint8_t)input;
    }
}

/* One chip's answer: input 7, not in service, when nothing asks any more. */
static unsigned answer(struct board *b, struct i8259 *p)
{
    int input = presented(b, p);
    if (input < 0) {
        return 7;
    }
    take(p, (unsigned)input);
    return (unsigned)input;
}

uint8_t i8259_acknowledge(struct board *b)
{
    struct i8259 *master = &b->pic[0], *slave = &b->pic[1];
    bool cascaded = presented(b, master) == (int)CASCADE && !master->single;
    uint8_t vector = (uint8_t)(master->base + answer(b, master));
    if (cascaded) {
        vector = (uint8_t)(slave->base + answer(b, slave));
        /* Its line must rise anew for the next request. */
        set_input(master, CASCADE, false);
    }
    update(b);
    return vector;
}

/* -------------------------------------------------------- command words */

static void initialize(struct i8259 *p, uint8_t icw1)
{
    uint8_t lines = p->lines, base = p->base;
    *p = (struct i8259){.lines = lines, .base = base, .icw = 2, .lowest = 7};
    p->single = icw1 & ICW1_SINGLE;
    p->needs_icw4 = icw1 & ICW1_NEEDS_ICW4;
    p->level = icw1 & ICW1_LEVEL;
    if (p->level) {
        p->irr = lines;
    }
}

/* ICW2 to ICW4, through the odd port. */
static void next_icw(struct i8259 *p, uint8_t value)
{
    switch (p->icw) {
    case 2:
        p->base = value & 0xf8;
        p->icw = !p->single ? 3 : p->needs_icw4 ? 4 : 0;
        break;
    case 3:
        p->icw = p->needs_icw4 ? 4 : 0;
        break;
    default:
        p->auto_eoi = value & ICW4_AUTO_EOI;
        p->fully_nested = value & ICW4_FULLY_NESTED;
        p->icw = 0;
    }
}

/* OCW2: bit 7 rotate, bit 6 specific, bit 5 end of interrupt. */
static void end_of_interrupt(struct i8259 *p, uint8_t ocw2)
{
    bool rotate = ocw2 & 0x80, specific = ocw2 & 0x40, eoi = ocw2 & 0x20;
    int input = ocw2 & 7;
    if (!specific && !eoi) {
        p->rotate_auto = rotate;
        return;
    }
    if (!specific) {
        uint8_t mask = p->special_mask ? p->imr : 0;
        input = highest(p, p->isr & (uint8_t)~mask);
    }
    if (input < 0) {
        return;
    }
    if (eoi) {
        p->isr &= (uint8_t) ~(1u << input);
    }
    if (rotate) {
        p->lowest = (uint8_t)input;
    }
}

static void ocw3(struct i8259 *p, uint8_t value)
{
    if (value & 0x40) {
        p->special_mask = value & 0x20;
    }
    if (value & 0x02) {
        p->read_isr = value & 0x01;
    }
    p->poll = value & 0x04;
}

/* A poll takes the request as an acknowledge would, and names its input. */
static uint8_t poll(struct board *b, struct i8259 *p)
{
    int input = presented(b, p);
    p->poll = false;
    if (input < 0) {
        return 0;
    }
    take(p, (unsigned)input);
    update(b);
    return (uint8_t)(0x80 | input);
}

/* ------------------------------------------------------------- the bus */

static uint8_t in(struct board *b, uint16_t port)
{
    struct i8259 *p = &b->pic[port >> 7];
    if (p->poll) {
        return poll(b, p);
    }
    if (port & 1) {
        return p->imr;
    }
    return p->read_isr ? p->isr : p->irr;
}

static void out(struct board *b, uint16_t port, uint8_t value)
{
    struct i8259 *p = &b->pic[port >> 7];
    if (port & 1) {
        if (p->icw) {
            next_icw(p, value);
        } else {
            p->imr = value;
        }
    } else if (value & ICW1) {
        initialize(p, value);
    } else if (value & OCW3) {
        ocw3(p, value);
    } else {
        end_of_interrupt(p, value);
    }
    update(b);
}

static void reset(struct board *b)
{
    b->pic[0] = (struct i8259){.base = 0x08, .imr = 0xff, .lowest = 7};
    b->pic[1] = (struct i8259){.base = 0x70, .imr = 0xff, .lowest = 7};
    update(b);
}

const struct chip chip_i8259 = {.reset = reset, .in = in, .out = out};
