/* The clock, by Motorola's MC146818A data sheet. */
#include "board_fixture.h"

#define SECOND 100000000ull /* at 100 MHz */

static struct rig r;

static uint8_t get(uint8_t at)
{
    out8(&r, 0x70, at);
    return in8(&r, 0x71);
}

static void set(uint8_t at, uint8_t v)
{
    out8(&r, 0x70, at);
    out8(&r, 0x71, v);
}

static void start(void)
{
    rig_start(&r, 100);
    rig_pic(&r, 0x03, 0xfb, 0xfe); /* automatic EOI, IRQ 8 alone */
}

static void end(void)
{
    board_free(r.board);
}

/* Set date and time, in BCD, as a guest would: SET, write, release. */
static void set_clock(uint8_t yy, uint8_t mm, uint8_t dd, uint8_t h, uint8_t m,
                      uint8_t s)
{
    set(11, 0x82);
    set(9, yy);
    set(8, mm);
    set(7, dd);
    set(4, h);
    set(2, m);
    set(0, s);
    set(11, 0x02);
}

static void expect(uint8_t yy, uint8_t mm, uint8_t dd, uint8_t h, uint8_t m,
                   uint8_t s)
{
    cr_expect_eq(get(9), yy, "year %x", get(9));
    cr_expect_eq(get(8), mm, "month %x", get(8));
    cr_expect_eq(get(7), dd, "day %x", get(7));
    cr_expect_eq(get(4), h, "hours %x", get(4));
    cr_expect_eq(get(2), m, "minutes %x", get(2));
    cr_expect_eq(get(0), s, "seconds %x", get(0));
}

TestSuite(mc146818, .init = start, .fini = end);

Test(mc146818, starts_at_its_one_date_and_counts_simulated_time)
{
    expect(0x06, 0x10, 0x21, 0x09, 0x00, 0x00);
    cr_assert_eq(get(6), 7, "a Saturday");
    cr_assert_eq(get(0x32), 0x20);
    r.cycle = 3661 * SECOND;
    expect(0x06, 0x10, 0x21, 0x10, 0x01, 0x01);
    r.cycle = 3662 * SECOND - 1;
    cr_assert_eq(get(0), 0x01);
}

Test(mc146818, knows_the_calendar)
{
    static const uint8_t cases[][12] = {
        {0x07, 0x02, 0x28, 0x23, 0x59, 0x59, 0x07, 0x03, 0x01, 0, 0, 0},
        {0x08, 0x02, 0x28, 0x23, 0x59, 0x59, 0x08, 0x02, 0x29, 0, 0, 0},
        {0x00, 0x02, 0x28, 0x23, 0x59, 0x59, 0x00, 0x02, 0x29, 0, 0, 0},
        {0x06, 0x11, 0x30, 0x23, 0x59, 0x59, 0x06, 0x12, 0x01, 0, 0, 0},
        {0x99, 0x12, 0x31, 0x23, 0x59, 0x59, 0x00, 0x01, 0x01, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint8_t *c = cases[i];
        set_clock(c[0], c[1], c[2], c[3], c[4], c[5]);
        r.cycle += SECOND;
        expect(c[6], c[7], c[8], c[9], c[10], c[11]);
    }
    cr_assert_eq(get(0x32), 0x21, "the century went on");
}

Test(mc146818, twelve_hours_and_binary)
{
    set(11, 0x80); /* SET, 12 hours, BCD */
    set(4, 0x11);
    set(2, 0x59);
    set(0, 0x59);
    set(11, 0x00);
    r.cycle += SECOND;
    cr_assert_eq(get(4), 0x92, "12 PM");
    r.cycle += 3600 * SECOND;
    cr_assert_eq(get(4), 0x81, "1 PM");
    set(11, 0x86); /* SET, 24 hours, binary */
    set(4, 23);
    set(2, 59);
    set(0, 59);
    set(11, 0x06);
    r.cycle += SECOND;
    cr_assert_eq(get(4), 0);
    r.cycle += 59 * SECOND;
    cr_assert_eq(get(0), 59);
}

Test(mc146818, set_holds_the_clock_still)
{
    set(11, 0x82);
    r.cycle += 10 * SECOND;
    cr_assert_eq(get(0), 0x00);
    set(11, 0x02);
    r.cycle += SECOND;
    cr_assert_eq(get(0), 0x01);
}

Test(mc146818, nonsense_in_the_registers_does_no_harm)
{
    set_clock(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    for (int i = 0; i < 100; i++) {
        r.cycle += 86399 * SECOND;
        (void)get(0);
    }
    set_clock(0x06, 0x10, 0x21, 0x09, 0x00, 0x00);
    r.cycle += SECOND;
    cr_assert_eq(get(0), 0x01);
}

Test(mc146818, update_in_progress_warns_244_microseconds)
{
    cr_assert_eq(get(10), 0x26);
    r.cycle = SECOND - 24000;
    cr_assert_eq(get(10), 0xa6);
    r.cycle = SECOND - 25000;
    cr_assert_eq(get(10), 0x26);
    r.cycle = SECOND;
    cr_assert_eq(get(10), 0x26);
}

Test(mc146818, the_update_interrupt_comes_each_second)
{
    set(11, 0x12);
    cr_assert_eq(board_next_event(r.board), SECOND);
    r.cycle = SECOND;
    board_advance(r.board);
    cr_assert(r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x28);
    cr_assert_eq(get(12), 0xd0, "any, periodic (not enabled), update");
    cr_assert_eq(get(12), 0x00, "reading clears");
    cr_assert_eq(board_next_event(r.board), 2 * SECOND);
}

Test(mc146818, the_periodic_interrupt_has_its_rate)
{
    set(11, 0x42); /* rate 6: 1024 Hz */
    unsigned n = 0;
    while (board_next_event(r.board) <= SECOND) {
        r.cycle = board_next_event(r.board);
        board_advance(r.board);
        cr_assert(r.intr);
        board_acknowledge(r.board);
        cr_assert_eq(get(12) & 0xc0, 0xc0);
        n++;
    }
    cr_assert_eq(n, 1024);
    set(10, 0x21); /* rate 1 is 256 Hz, not a division of the others */
    uint64_t first = board_next_event(r.board);
    cr_assert_eq(first, SECOND + SECOND / 256);
}

Test(mc146818, the_alarm_matches_and_may_not_care)
{
    set(1, 0x02);
    set(3, 0x01);
    set(5, 0xff); /* any hour */
    set(11, 0x22);
    unsigned n = 0;
    while (board_next_event(r.board) <= 2 * 3600 * SECOND) {
        r.cycle = board_next_event(r.board);
        board_advance(r.board);
        if (r.intr) {
            cr_assert_eq(r.cycle, (62 + 3600ull * n) * SECOND);
            board_acknowledge(r.board);
            cr_assert_eq(get(12), 0xf0);
            n++;
        }
    }
    cr_assert_eq(n, 2);
}

Test(mc146818, the_divider_in_reset_stops_time_and_starts_half_a_second_off)
{
    r.cycle = 3 * SECOND;
    set(10, 0x76);
    r.cycle = 20 * SECOND;
    cr_assert_eq(get(0), 0x03);
    set(10, 0x26);
    r.cycle += SECOND / 2 - 1;
    cr_assert_eq(get(0), 0x03);
    r.cycle += 1;
    cr_assert_eq(get(0), 0x04);
}

Test(mc146818, memory_keeps_what_is_written_and_d_is_valid)
{
    set(0x40, 0x5a);
    cr_assert_eq(get(0x40), 0x5a);
    cr_assert_eq(get(0xc0), 0x5a, "bit 7 is the NMI mask");
    set(13, 0x00);
    cr_assert_eq(get(13), 0x80);
    cr_assert_eq(get(0x15) | get(0x16) << 8, 640);
}
