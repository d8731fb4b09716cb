/*
 * mc146818.c - the CMOS memory and real-time clock.
 *
 * Job:    date and time behind ports 0x70 and 0x71, three interrupts on
 *         IRQ 8, and 114 bytes of memory.
 * Parts:  formats; the calendar; time; the ports.
 * Source: Motorola MC146818A data sheet (1984), "Time, calendar, and alarm
 *         locations" and "Registers".
 *
 * The clock starts at one fixed moment, whatever the host's says: Saturday,
 * 21 October 2006, 09:00:00, the first day of the conference that showed
 * Adams and Agesen's comparison. From there it counts simulated time.
 *
 * Simplified: no daylight saving, no square wave; the century byte at 0x32,
 * a PC convention, counts along. Of the configuration bytes a BIOS would keep
 * only the size of base memory is set.
 */
#include "board.h"

#include <string.h>

enum {
    SECONDS = 0,
    SECONDS_ALARM = 1,
    MINUTES = 2,
    MINUTES_ALARM = 3,
    HOURS = 4,
    HOURS_ALARM = 5,
    WEEKDAY = 6,
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
    REG_A = 10,
    REG_B = 11,
    REG_C = 12,
    REG_D = 13,
    BASE_MEMORY = 0x15,
    CENTURY = 0x32,
};

#define A_UPDATING 0x80u
#define A_DIVIDER 0x70u
#define A_RUNNING 0x20u /* the divider for a 32.768 kHz crystal */
#define A_RATE 0x0fu
#define B_SET 0x80u
#define B_PERIODIC 0x40u
#define B_ALARM 0x20u
#define B_UPDATE 0x10u
#define B_BINARY 0x04u
#define B_24_HOURS 0x02u
#define C_ANY 0x80u
#define D_VALID 0x80u
#define ALARM_ANY 0xc0u /* an alarm byte with these bits matches always */
#define PM 0x80u

#define UPDATE_TICKS 8u /* 244 us: how long UIP warns before an update */

/* --------------------------------------------------------------- formats */

static unsigned get(const struct mc146818 *r, unsigned at)
{
    unsigned v = r->byte[at];
    return r->byte[REG_B] & B_BINARY ? v : (v >> 4) * 10 + (v & 15);
}

static void put(struct mc146818 *r, unsigned at, unsigned v)
{
    v = r->byte[REG_B] & B_BINARY ? v : v / 10 % 10 << 4 | v % 10;
    r->byte[at] = (uint8_t)v;
}

static unsigned get_hours(const struct mc146818 *r)
{
    if (r->byte[REG_B] & B_24_HOURS) {
        return get(r, HOURS);
    }
    bool pm = r->byte[HOURS] & PM;
    struct mc146818 am = *r;
    am.byte[HOURS] &= (uint8_t)~PM;
    return get(&am, HOURS) % 12 + (pm ? 12 : 0);
}

static void put_hours(struct mc146818 *r, unsigned h)
{
    if (r->byte[REG_B] & B_24_HOURS) {
        put(r, HOURS, h);
        return;
    }
    put(r, HOURS, (h + 11) % 12 + 1);
    if (h >= 12) {
        r->byte[HOURS] |= PM;
    }
}

/* -------------------------------------------------------------- calendar */

static unsigned days_in(unsigned month, unsigned year)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30,
                                     31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12) {
        return 31; /* the guest wrote nonsense */
    }
    return days[month - 1] + (month == 2 && year % 4 == 0 ? 1u : 0u);
}

static void next_day(struct mc146818 *r)
{
    put(r, WEEKDAY, get(r, WEEKDAY) % 7 + 1);
    unsigned day = get(r, DAY) + 1;
    if (day <= days_in(get(r, MONTH), get(r, YEAR))) {
        put(r, DAY, day);
        return;
    }
    put(r, DAY, 1);
    put(r, MONTH, get(r, MONTH) % 12 + 1);
    if (get(r, MONTH) == 1) {
        unsigned year = get(r, YEAR) + 1;
        put(r, YEAR, year % 100);
        if (year == 100) {
            put(r, CENTURY, get(r, CENTURY) + 1);
        }
    }
}

static void next_second(struct mc146818 *r)
{
    static const uint8_t sixty[] = {SECONDS, MINUTES};
    for (unsigned i = 0; i < 2; i++) {
        unsigned v = get(r, sixty[i]) + 1;
        put(r, sixty[i], v >= 60 ? 0 : v);
        if (v < 60) {
            return;
        }
    }
    unsigned hours = get_hours(r) + 1;
    put_hours(r, hours >= 24 ? 0 : hours);
    if (hours >= 24) {
        next_day(r);
    }
}

static bool alarm_matches(const struct mc146818 *r)
{
    for (unsigned at = SECONDS; at <= HOURS; at += 2) {
        uint8_t alarm = r->byte[at + 1];
        if ((alarm & ALARM_ANY) != ALARM_ANY && alarm != r->byte[at]) {
            return false;
        }
    }
    return true;
}

/* ------------------------------------------------------------------ time */

static bool running(const struct mc146818 *r)
{
    return (r->byte[REG_A] & A_DIVIDER) == A_RUNNING;
}

/* Ticks since the divider was at zero. */
static uint64_t divider(const struct board *b)
{
    uint64_t t = crystal_ticks(b, RTC_HZ);
    return t > b->rtc.epoch ? t - b->rtc.epoch : 0;
}

/* Ticks between periodic interrupts; 0: none. */
static uint64_t period(const struct mc146818 *r)
{
    unsigned rate = r->byte[REG_A] & A_RATE;
    if (rate == 0) {
        return 0;
    }
    return 1u << (rate < 3 ? rate + 6 : rate - 1);
}

static void update_irq(struct board *b)
{
    struct mc146818 *r = &b->rtc;
    bool any =
        r->byte[REG_C] & r->byte[REG_B] & (B_PERIODIC | B_ALARM | B_UPDATE);
    if (any) {
        r->byte[REG_C] |= C_ANY;
    }
    board_irq(b, 8, r->byte[REG_C] & C_ANY);
}

static void one_update(struct mc146818 *r)
{
    if (r->byte[REG_B] & B_SET) {
        return; /* the guest is setting the clock */
    }
    next_second(r);
    r->byte[REG_C] |= B_UPDATE;
    if (alarm_matches(r)) {
        r->byte[REG_C] |= B_ALARM;
    }
}

static void advance(struct board *b)
{
    struct mc146818 *r = &b->rtc;
    if (!running(r)) {
        return;
    }
    uint64_t ticks = divider(b), every = period(r);
    if (ticks / RTC_HZ == r->seconds &&
        (!every || ticks / every == r->periods)) {
        return;
    }
    for (; r->seconds < ticks / RTC_HZ; r->seconds++) {
        one_update(r);
    }
    if (every && r->periods != ticks / every) {
        r->periods = ticks / every;
        r->byte[REG_C] |= B_PERIODIC;
    }
    update_irq(b);
}

static uint64_t next_event(const struct board *b)
{
    const struct mc146818 *r = &b->rtc;
    uint8_t enabled = r->byte[REG_B], every_second = B_ALARM | B_UPDATE;
    uint64_t first = NEVER;
    if (!running(r) || (r->byte[REG_C] & C_ANY)) {
        return NEVER;
    }
    if ((enabled & every_second) && !(enabled & B_SET)) {
        first = (r->seconds + 1) * RTC_HZ;
    }
    if ((enabled & B_PERIODIC) && period(r)) {
        uint64_t at = (r->periods + 1) * period(r);
        first = at < first ? at : first;
    }
    return first == NEVER ? NEVER : crystal_cycle(b, RTC_HZ, r->epoch + first);
}

/* ------------------------------------------------------------- the ports */

static void set_reg_a(struct board *b, uint8_t value)
{
    struct mc146818 *r = &b->rtc;
    bool was_running = running(r);
    r->byte[REG_A] = value & (uint8_t)~A_UPDATING;
    if (running(r) && !was_running) {
        /* Half a second passes from the divider's release to an update. */
        r->epoch = crystal_ticks(b, RTC_HZ);
        r->epoch -= r->epoch < RTC_HZ / 2 ? r->epoch : RTC_HZ / 2;
        r->seconds = 0;
    }
    r->periods = period(r) ? divider(b) / period(r) : 0;
}

static uint8_t read_reg_a(struct board *b)
{
    const struct mc146818 *r = &b->rtc;
    bool soon = divider(b) % RTC_HZ >= RTC_HZ - UPDATE_TICKS;
    bool updating = soon && running(r) && !(r->byte[REG_B] & B_SET);
    return (uint8_t)(r->byte[REG_A] | (updating ? A_UPDATING : 0));
}

static void set_reg_b(struct mc146818 *r, uint8_t value)
{
    if (value & B_SET) {
        value &= (uint8_t)~B_UPDATE; /* as the data sheet has it */
    }
    r->byte[REG_B] = value;
}

static uint8_t in(struct board *b, uint16_t port)
{
    struct mc146818 *r = &b->rtc;
    if (port == 0x70) {
        return 0xff; /* write only */
    }
    uint8_t value = r->byte[r->index];
    if (r->index == REG_A) {
        value = read_reg_a(b);
    } else if (r->index == REG_C) {
        r->byte[REG_C] = 0;
        update_irq(b);
        b->owner.rescheduled(b->owner.owner);
    }
    return value;
}

static void out(struct board *b, uint16_t port, uint8_t value)
{
    struct mc146818 *r = &b->rtc;
    if (port == 0x70) {
        r->index = value & 0x7f; /* bit 7 masks NMI, which nothing raises */
        return;
    }
    switch (r->index) {
    case REG_A:
        set_reg_a(b, value);
        break;
    case REG_B:
        set_reg_b(r, value);
        break;
    case REG_C:
    case REG_D:
        return; /* read only */
    default:
        r->byte[r->index] = value;
    }
    update_irq(b);
    b->owner.rescheduled(b->owner.owner);
}

static void reset(struct board *b)
{
    struct mc146818 *r = &b->rtc;
    static const struct {
        uint8_t at, value;
    } start[] = {{HOURS, 0x09},
                 {WEEKDAY, 7},
                 {DAY, 0x21},
                 {MONTH, 0x10},
                 {YEAR, 0x06},
                 {CENTURY, 0x20},
                 {REG_A, 0x26},
                 {REG_B, B_24_HOURS},
                 {REG_D, D_VALID},
                 {BASE_MEMORY, 640 & 0xff},
                 {BASE_MEMORY + 1, 640 >> 8}};
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < sizeof start / sizeof start[0]; i++) {
        r->byte[start[i].at] = start[i].value;
    }
    r->epoch = crystal_ticks(b, RTC_HZ);
    update_irq(b);
}

const struct chip chip_mc146818 = {.reset = reset,
                                   .in = in,
                                   .out = out,
                                   .next_event = next_event,
                                   .advance = advance};
