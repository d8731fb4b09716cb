/*
 * i8254.c - the interval timer: three counters at 1.193182 MHz.
 *
 * Job:    counter 0 interrupts by IRQ 0, counter 1 once refreshed memory,
 *         counter 2 beeps, and port 0x61 holds its gate and shows its output.
 * Parts:  time; output and count, both computed from the ticks since the
 *         count was loaded; gates; loading; the ports.
 * Source: Intel 8254 data sheet (231164), "Mode Definitions", "Read-Back
 *         Command" and figure 21 (gate pin operations).
 *
 * Simplified: IRQ 0's line falls when a control word makes OUT low and just
 * before it rises, not in the low part of each period, so that a pending
 * tick outlives that part. A count of 1 in modes 2 and 3, which the data
 * sheet forbids, is taken as 2.
 */
#include "board.h"

#define ACCESS_LATCH 0u

/* ----------------------------------------------------------------- time */

static uint64_t now(const struct board *b)
{
    return crystal_ticks(b, PIT_HZ);
}

static bool periodic(const struct i8254_counter *k)
{
    return k->mode == 2 || k->mode == 3;
}

/* Is the count in the element by tick t? It is one tick after a write. */
static bool loaded(const struct i8254_counter *k, uint64_t t)
{
    return k->counting && (k->frozen || t >= k->start);
}

/* Ticks since it was loaded; only of a loaded one. */
static uint64_t elapsed(const struct i8254_counter *k, uint64_t t)
{
    return k->frozen ? k->held : t - k->start;
}

/* Mode 3 is high for the greater half. */
static uint32_t high_half(uint32_t count)
{
    return (count + 1) / 2;
}

/* ------------------------------------------------------ output and count */

static bool output(const struct i8254_counter *k, uint64_t t)
{
    if (!loaded(k, t) || (periodic(k) && !k->gate)) {
        return k->mode != 0;
    }
    uint64_t e = elapsed(k, t);
    switch (k->mode) {
    case 0:
    case 1:
        return e >= k->count;
    case 2:
        return e % k->count != k->count - 1;
    case 3:
        return e % k->count < high_half(k->count);
    default:
        return e != k->count;
    }
}

/* The first tick after t at which OUT rises by itself. */
static uint64_t next_rise(const struct i8254_counter *k, uint64_t t)
{
    if (!k->counting || k->frozen) {
        return NEVER;
    }
    uint64_t end = k->start + k->count; /* of the count, or first period */
    if (k->mode == 4 || k->mode == 5) {
        end++; /* after the strobe */
    }
    if (t < end) {
        return end;
    }
    return periodic(k) ? t + k->count - (t - k->start) % k->count : NEVER;
}

static uint32_t modulus(const struct i8254_counter *k)
{
    return k->bcd ? 10000 : 65536;
}

/* Mode 3 counts down by two, twice; an odd count drops its one first. */
static uint32_t square_wave_count(uint32_t count, uint32_t e)
{
    uint32_t half = high_half(count);
    return (count & ~1u) - 2 * (e < half ? e : e - half);
}

static uint16_t encode(const struct i8254_counter *k, uint32_t n)
{
    n %= modulus(k);
    if (!k->bcd) {
        return (uint16_t)n;
    }
    return (uint16_t)(n / 1000 << 12 | n / 100 % 10 << 8 | n / 10 % 10 << 4 |
                      n % 10);
}

/* What the counting element holds, as the guest reads it. */
static uint16_t count_now(const struct i8254_counter *k, uint64_t t)
{
    if (!loaded(k, t)) {
        return k->given;
    }
    uint64_t e = elapsed(k, t);
    uint32_t m = modulus(k);
    switch (k->mode) {
    case 2:
        return encode(k, k->count - (uint32_t)(e % k->count));
    case 3:
        return encode(k, square_wave_count(k->count, (uint32_t)(e % k->count)));
    default: /* counts on past zero */
        return encode(k, k->count + m - (uint32_t)(e % m));
    }
}

/* -------------------------------------------------------------- loading */

static uint32_t decode(const struct i8254_counter *k)
{
    uint32_t n = k->given;
    if (k->bcd) {
        n = (n >> 12) * 1000 + (n >> 8 & 15) * 100 + (n >> 4 & 15) * 10 +
            (n & 15);
    }
    if (n == 0) {
        n = modulus(k);
    }
    return periodic(k) && n == 1 ? 2 : n;
}

static void load(struct i8254_counter *k, uint64_t start)
{
    k->count = decode(k);
    k->start = start;
    k->counting = true;
    k->waits = false;
    k->frozen = false;
}

/* Modes 2 and 3 take a new count at the end of the period or half. */
static void load_when_due(struct i8254_counter *k)
{
    bool was_high = k->mode == 3 && output(k, k->due - 1);
    load(k, k->due);
    if (was_high) { /* the low half begins, with the new count */
        k->start -= high_half(k->count);
    }
}

static void catch_up(struct i8254_counter *k, uint64_t t)
{
    if (k->waits && !k->frozen && t >= k->due) {
        load_when_due(k);
    }
}

/* A whole count was written at tick t. */
static void count_written(struct i8254_counter *k, uint64_t t)
{
    k->armed = true;
    if (k->mode == 1 || k->mode == 5) {
        return; /* until the gate's rise */
    }
    if (!periodic(k) || !k->counting || t < k->start) {
        load(k, t + 1);
        k->frozen = !k->gate;
        k->held = 0;
        return;
    }
    if (!k->frozen) {
        uint64_t e = (t - k->start) % k->count;
        uint32_t half = high_half(k->count);
        uint64_t left = k->mode == 3 && e < half ? half - e : k->count - e;
        k->due = t + left;
    }
    k->waits = true;
}

/* ---------------------------------------------------------------- gates */

static void set_gate(struct i8254_counter *k, bool up, uint64_t t)
{
    if (k->gate == up) {
        return;
    }
    k->gate = up;
    bool by_level = k->mode == 0 || k->mode == 4;
    if (!up) {
        if (k->counting && (by_level || periodic(k))) {
            k->held = t > k->start ? t - k->start : 0;
            k->frozen = true;
        }
    } else if (!by_level) {
        if (k->armed) {
            load(k, t + 1); /* triggered */
        }
    } else if (k->frozen) {
        k->start = t - k->held;
        k->frozen = false;
    }
}

/* ------------------------------------------------------------ IRQ 0 line */

static void pulse(struct board *b)
{
    board_irq(b, 0, false);
    board_irq(b, 0, true);
}

/* OUT rises so often after tick `from`, up to tick `to`. */
static uint64_t rises(const struct i8254_counter *k, uint64_t from, uint64_t to)
{
    uint64_t first = next_rise(k, from);
    if (first > to) {
        return 0;
    }
    return periodic(k) ? 1 + (to - first) / k->count : 1;
}

/* Tell the owner, if the guest wants IRQ 0 at all. */
static void tell_ticks(struct board *b, uint64_t first, uint64_t n)
{
    const struct i8259 *p = &b->pic[0];
    if (b->owner.ticks && !(p->imr & 1)) {
        b->owner.ticks(b->owner.owner, crystal_cycle(b, PIT_HZ, first), n,
                       p->irr & 1);
    }
}

static void advance(struct board *b)
{
    struct i8254_counter *k = &b->pit.counter[0];
    uint64_t t = now(b), *synced = &b->pit.synced;
    uint64_t first = next_rise(k, *synced), n = 0;
    if (k->waits && t >= k->due) {
        n = rises(k, *synced, k->due);
        *synced = k->due;
        load_when_due(k);
        first = n ? first : next_rise(k, *synced);
    }
    n += rises(k, *synced, t);
    *synced = t;
    if (n) {
        tell_ticks(b, first, n);
        pulse(b);
    }
}

static uint64_t next_event(const struct board *b)
{
    const struct i8254_counter *k = &b->pit.counter[0];
    uint64_t t = next_rise(k, b->pit.synced);
    if (k->waits && k->due < t) {
        t = k->due;
    }
    return t == NEVER ? NEVER : crystal_cycle(b, PIT_HZ, t);
}

/* After the guest wrote to counter n: the line follows, the wake-up too. */
static void rewired(struct board *b, unsigned n)
{
    if (n == 0) {
        board_irq(b, 0, output(&b->pit.counter[0], now(b)));
        b->owner.rescheduled(b->owner.owner);
    }
}

/* -------------------------------------------------------------- the ports */

static void latch_count(struct i8254_counter *k, uint64_t t)
{
    if (!k->count_latched) {
        k->latch = count_now(k, t);
        k->count_latched = true;
    }
}

static void latch_status(struct i8254_counter *k, uint64_t t)
{
    if (k->status_latched) {
        return;
    }
    bool null_count = !loaded(k, t) || k->waits;
    k->status = (uint8_t)(output(k, t) << 7 | null_count << 6 | k->access << 4 |
                          k->mode << 1 | k->bcd);
    k->status_latched = true;
}

/* Bits 1 to 3 choose counters; bits 4 and 5, active low, what to latch. */
static void read_back(struct board *b, uint8_t value)
{
    for (unsigned n = 0; n < 3; n++) {
        if (!(value & (2u << n))) {
            continue;
        }
        struct i8254_counter *k = &b->pit.counter[n];
        catch_up(k, now(b));
        if (!(value & 0x20)) {
            latch_count(k, now(b));
        }
        if (!(value & 0x10)) {
            latch_status(k, now(b));
        }
    }
}

static void control_word(struct board *b, uint8_t value)
{
    unsigned n = value >> 6, access = value >> 4 & 3, mode = value >> 1 & 7;
    if (n == 3) {
        read_back(b, value);
        return;
    }
    struct i8254_counter *k = &b->pit.counter[n];
    catch_up(k, now(b));
    if (access == ACCESS_LATCH) {
        latch_count(k, now(b));
        return;
    }
    *k = (struct i8254_counter){.mode = (uint8_t)(mode > 5 ? mode - 4 : mode),
                                .access = (uint8_t)access,
                                .bcd = value & 1,
                                .gate = k->gate,
                                .write_high = access == 2,
                                .read_high = access == 2};
    rewired(b, n);
}

static void write_count(struct board *b, unsigned n, uint8_t value)
{
    struct i8254_counter *k = &b->pit.counter[n];
    catch_up(k, now(b));
    if (k->write_high) {
        k->given = (uint16_t)((k->given & 0xff) | value << 8);
    } else {
        k->given =
            k->access == 3 ? (uint16_t)((k->given & 0xff00) | value) : value;
    }
    if (k->access == 2) {
        k->given &= 0xff00;
    }
    if (k->access == 3) {
        k->write_high = !k->write_high;
        if (k->write_high) {
            if (k->mode == 0) { /* the first byte stops the count */
                k->counting = false;
                rewired(b, n);
            }
            return;
        }
    }
    count_written(k, now(b));
    rewired(b, n);
}

static uint8_t read_count(struct board *b, unsigned n)
{
    struct i8254_counter *k = &b->pit.counter[n];
    catch_up(k, now(b));
    if (k->status_latched) {
        k->status_latched = false;
        return k->status;
    }
    uint16_t count = k->count_latched ? k->latch : count_now(k, now(b));
    bool high = k->read_high;
    if (k->access == 3) {
        k->read_high = !k->read_high;
    }
    if (k->access != 3 || high) {
        k->count_latched = false;
    }
    return (uint8_t)(high ? count >> 8 : count);
}

/* Bit 4 toggles with counter 1's refresh, every 18 ticks; 5 is OUT2. */
static uint8_t read_port61(struct board *b)
{
    struct i8254_counter *k = &b->pit.counter[2];
    uint64_t t = now(b);
    catch_up(k, t);
    unsigned refresh = t / 18 & 1;
    unsigned out2 = output(k, t);
    return (uint8_t)(b->pit.port61 | refresh << 4 | out2 << 5);
}

static uint8_t in(struct board *b, uint16_t port)
{
    if (port == 0x61) {
        return read_port61(b);
    }
    return port == 0x43 ? 0xff : read_count(b, port & 3u);
}

static void out(struct board *b, uint16_t port, uint8_t value)
{
    if (port == 0x61) {
        catch_up(&b->pit.counter[2], now(b));
        b->pit.port61 = value & 0x0f;
        set_gate(&b->pit.counter[2], value & 1, now(b));
    } else if (port == 0x43) {
        control_word(b, value);
    } else {
        write_count(b, port & 3u, value);
    }
}

/* No counter counts, and OUT is high. */
static void reset(struct board *b)
{
    b->pit = (struct i8254){.synced = now(b)};
    for (unsigned n = 0; n < 3; n++) {
        b->pit.counter[n] =
            (struct i8254_counter){.mode = 3, .access = 3, .gate = n != 2};
    }
    board_irq(b, 0, true);
}

const struct chip chip_i8254 = {.reset = reset,
                                .in = in,
                                .out = out,
                                .next_event = next_event,
                                .advance = advance};
