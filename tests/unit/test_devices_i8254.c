/*
 * The interval timer, by Intel's data sheet 231164. The rig's clock runs at
 * 1193182 * 1000000 cycles in as many microseconds, so that tests can think
 * in ticks: cycle_of(t) is the first cycle of tick t.
 */
#include "board_fixture.h"

#define HZ 1193182u
#define MHZ 3800u

static struct rig r;

static uint64_t cycle_of(uint64_t tick)
{
    uint64_t second = (uint64_t)MHZ * 1000000;
    return tick / HZ * second + (tick % HZ * second + HZ - 1) / HZ;
}

/* Move to tick t, waking the board when it asks for it. */
static void to(uint64_t tick)
{
    uint64_t end = cycle_of(tick);
    for (;;) {
        uint64_t next = board_next_event(r.board);
        if (next > end) {
            break;
        }
        r.cycle = next > r.cycle ? next : r.cycle;
        board_advance(r.board);
    }
    r.cycle = end;
    board_advance(r.board);
}

static void start(void)
{
    rig_start(&r, MHZ);
    rig_pic(&r, 0x03, 0xfe, 0xff); /* automatic EOI, IRQ 0 alone */
}

static void end(void)
{
    board_free(r.board);
}

static unsigned count_of(unsigned n)
{
    out8(&r, 0x43, (uint8_t)(n << 6)); /* latch */
    unsigned low = in8(&r, (uint16_t)(0x40 + n));
    return low | (unsigned)in8(&r, (uint16_t)(0x40 + n)) << 8;
}

static uint8_t status_of(unsigned n)
{
    out8(&r, 0x43, (uint8_t)(0xe0 | 2u << n));
    return in8(&r, (uint16_t)(0x40 + n));
}

static void program(unsigned n, unsigned mode, unsigned count)
{
    out8(&r, 0x43, (uint8_t)(n << 6 | 0x30 | mode << 1));
    out8(&r, (uint16_t)(0x40 + n), (uint8_t)count);
    out8(&r, (uint16_t)(0x40 + n), (uint8_t)(count >> 8));
}

/* OUT of counter 2 by port 0x61. */
static bool out2(void)
{
    return in8(&r, 0x61) & 0x20;
}

TestSuite(i8254, .init = start, .fini = end);

Test(i8254, mode_0_goes_high_n_plus_1_ticks_after_the_write)
{
    to(100);
    program(0, 0, 1000);
    cr_assert(!(status_of(0) & 0x80), "OUT is low");
    to(1100);
    cr_assert(!r.intr);
    cr_assert(!(status_of(0) & 0x80));
    to(1101);
    cr_assert(r.intr);
    cr_assert(status_of(0) & 0x80);
    board_acknowledge(r.board);
    to(200000);
    cr_assert(!r.intr, "once");
}

Test(i8254, mode_0_counts_down_and_on_past_zero)
{
    program(0, 0, 1000);
    to(1);
    cr_assert_eq(count_of(0), 1000);
    to(301);
    cr_assert_eq(count_of(0), 700);
    to(1001);
    cr_assert_eq(count_of(0), 0);
    to(1002);
    cr_assert_eq(count_of(0), 0xffff);
}

Test(i8254, mode_0_stops_at_the_first_of_two_bytes)
{
    program(0, 0, 1000);
    to(500);
    out8(&r, 0x40, 0x10);
    to(5000);
    cr_assert(!r.intr);
    out8(&r, 0x40, 0x00);
    to(5016);
    cr_assert(!r.intr);
    to(5017);
    cr_assert(r.intr);
}

Test(i8254, mode_2_ticks_every_n_and_is_low_for_the_last)
{
    program(0, 2, 11932);
    unsigned ticks = 0;
    for (uint64_t t = 1; t <= 1 + 10 * 11932; t += 11932 / 4) {
        to(t);
        if (r.intr) {
            board_acknowledge(r.board);
            ticks++;
        }
    }
    cr_assert_eq(ticks, 10);
    program(2, 2, 10);
    out8(&r, 0x61, 1);
    uint64_t base = 200000;
    to(base);
    out8(&r, 0x61, 0);
    out8(&r, 0x61, 1); /* the gate's rise reloads at the next tick */
    to(base + 1);
    cr_assert_eq(count_of(2), 10);
    cr_assert(out2());
    to(base + 9);
    cr_assert_eq(count_of(2), 2);
    cr_assert(out2());
    to(base + 10);
    cr_assert_eq(count_of(2), 1);
    cr_assert(!out2());
    to(base + 11);
    cr_assert_eq(count_of(2), 10);
    cr_assert(out2());
}

Test(i8254, ticks_do_not_drift_from_the_crystal)
{
    program(0, 2, 11932); /* 100 Hz, nearly */
    unsigned ticks = 0;
    uint64_t limit = (uint64_t)MHZ * 1000000 * 60; /* a minute */
    while (board_next_event(r.board) <= limit) {
        r.cycle = board_next_event(r.board);
        board_advance(r.board);
        cr_assert(r.intr);
        board_acknowledge(r.board);
        ticks++;
        cr_assert_eq(r.cycle, cycle_of(1 + (uint64_t)ticks * 11932));
    }
    cr_assert_eq(ticks, 60ull * HZ / 11932);
}

Test(i8254, a_new_count_in_mode_2_waits_for_the_period_to_end)
{
    program(0, 2, 1000);
    to(501);
    out8(&r, 0x40, 0xd0); /* 2000 */
    out8(&r, 0x40, 0x07);
    cr_assert(status_of(0) & 0x40, "null count: not loaded yet");
    cr_assert_eq(count_of(0), 500);
    to(1001);
    cr_assert(r.intr);
    board_acknowledge(r.board);
    cr_assert(!(status_of(0) & 0x40));
    cr_assert_eq(count_of(0), 2000);
    to(3000);
    cr_assert(!r.intr);
    to(3001);
    cr_assert(r.intr);
}

Test(i8254, mode_3_is_square_and_counts_by_two)
{
    program(2, 3, 100);
    out8(&r, 0x61, 1);
    to(1);
    cr_assert_eq(count_of(2), 100);
    cr_assert(out2());
    to(11);
    cr_assert_eq(count_of(2), 80);
    to(50);
    cr_assert_eq(count_of(2), 2);
    cr_assert(out2());
    to(51);
    cr_assert_eq(count_of(2), 100);
    cr_assert(!out2());
    to(101);
    cr_assert(out2());
}

Test(i8254, mode_3_with_an_odd_count_is_high_one_tick_longer)
{
    program(2, 3, 5);
    out8(&r, 0x61, 1);
    unsigned high = 0, low = 0;
    for (uint64_t t = 1; t <= 50; t++) {
        to(t);
        high += out2();
        low += !out2();
    }
    cr_assert_eq(high, 30);
    cr_assert_eq(low, 20);
}

Test(i8254, mode_1_is_a_one_shot_of_the_gate)
{
    program(2, 1, 100);
    to(500);
    cr_assert(out2(), "nothing before the gate's rise");
    out8(&r, 0x61, 1);
    to(501);
    cr_assert(!out2());
    to(551);
    out8(&r, 0x61, 0); /* the fall does nothing */
    out8(&r, 0x61, 1); /* the next rise starts anew */
    to(651);
    cr_assert(!out2());
    to(652);
    cr_assert(out2());
}

Test(i8254, modes_4_and_5_strobe_for_one_tick)
{
    out8(&r, 0x61, 1);
    program(2, 4, 10);
    to(10);
    cr_assert(out2());
    to(11);
    cr_assert(!out2());
    to(12);
    cr_assert(out2());
    out8(&r, 0x61, 0);
    program(2, 5, 10);
    to(100);
    cr_assert(out2());
    out8(&r, 0x61, 1);
    to(111);
    cr_assert(!out2());
    to(112);
    cr_assert(out2());
}

Test(i8254, the_gate_stops_mode_0_and_resumes_it)
{
    out8(&r, 0x61, 1);
    program(2, 0, 100);
    to(41);
    cr_assert_eq(count_of(2), 60);
    out8(&r, 0x61, 0);
    to(1000);
    cr_assert_eq(count_of(2), 60);
    out8(&r, 0x61, 1);
    to(1059);
    cr_assert(!out2());
    to(1060);
    cr_assert(out2());
}

Test(i8254, a_latch_stays_until_it_is_read)
{
    program(0, 2, 1000);
    to(101);
    out8(&r, 0x43, 0x00);
    to(301);
    out8(&r, 0x43, 0x00); /* ignored: one is latched already */
    cr_assert_eq(in8(&r, 0x40), 900 & 0xff);
    cr_assert_eq(in8(&r, 0x40), 900 >> 8);
    cr_assert_eq(in8(&r, 0x40), 700 & 0xff, "now the live count");
    cr_assert_eq(in8(&r, 0x40), 700 >> 8);
}

Test(i8254, read_back_gives_status_first_then_the_count)
{
    program(0, 2, 1000);
    cr_assert_eq(status_of(0), 0xf4, "OUT, null count, LSB+MSB, mode 2");
    to(101);
    out8(&r, 0x43, 0xc2);
    to(500);
    cr_assert_eq(in8(&r, 0x40), 0xb4);
    cr_assert_eq(in8(&r, 0x40), 900 & 0xff);
    cr_assert_eq(in8(&r, 0x40), 900 >> 8);
}

Test(i8254, one_byte_access_and_decimal_counting)
{
    out8(&r, 0x43, 0x14); /* counter 0, LSB only, mode 2 */
    out8(&r, 0x40, 200);
    to(1);
    cr_assert_eq(in8(&r, 0x40), 200);
    cr_assert_eq(in8(&r, 0x40), 200);
    to(1000);
    out8(&r, 0x43, 0x31); /* counter 0, LSB+MSB, mode 0, BCD */
    out8(&r, 0x40, 0x00);
    out8(&r, 0x40, 0x12);
    to(1001);
    cr_assert_eq(count_of(0), 0x1200);
    to(1002);
    cr_assert_eq(count_of(0), 0x1199);
    to(2202);
    cr_assert_eq(count_of(0), 0x9999);
}

Test(i8254, a_count_of_zero_is_65536)
{
    program(0, 2, 0);
    to(1);
    cr_assert_eq(count_of(0), 0);
    to(2);
    cr_assert_eq(count_of(0), 0xffff);
    to(65536);
    cr_assert(!r.intr);
    to(65537);
    cr_assert(r.intr);
}

Test(i8254, waking_at_any_cycles_gives_the_same_ticks)
{
    program(0, 3, 997);
    uint64_t seed = 1;
    unsigned ticks = 0;
    while (r.cycle < cycle_of(1 + 997 * 1000)) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t next = board_next_event(r.board);
        r.cycle += 1 + (seed >> 33) % 100000;
        r.cycle = r.cycle > next ? next : r.cycle;
        board_advance(r.board);
        if (r.intr) {
            board_acknowledge(r.board);
            ticks++;
        }
    }
    cr_assert_eq(ticks, 1000);
}

Test(i8254, mode_4_interrupts_when_its_strobe_ends)
{
    program(0, 4, 100);
    to(101);
    cr_assert(!r.intr, "the strobe begins");
    to(102);
    cr_assert(r.intr);
    board_acknowledge(r.board);
    to(100000);
    cr_assert(!r.intr, "once");
}

Test(i8254, a_new_count_in_mode_3_waits_for_the_half_to_end)
{
    program(0, 3, 1000); /* high from 1 to 500, low to 1000 */
    to(101);
    out8(&r, 0x40, 200);
    out8(&r, 0x40, 0);
    to(500);
    cr_assert(status_of(0) & 0x80);
    to(501);
    cr_assert(!(status_of(0) & 0x80), "the low half, of the new count");
    to(600);
    cr_assert(!r.intr);
    to(601);
    cr_assert(r.intr);
    board_acknowledge(r.board);
    to(701);
    cr_assert(!(status_of(0) & 0x80));
    to(801);
    cr_assert(r.intr);
}

Test(i8254, a_forbidden_count_of_one_does_no_harm)
{
    program(0, 2, 1);
    for (uint64_t t = 3; t < 13; t += 2) {
        to(t - 1);
        cr_assert(!r.intr);
        to(t);
        cr_assert(r.intr);
        board_acknowledge(r.board);
    }
}
