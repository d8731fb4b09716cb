/* The board's bus, the keyboard controller, and the ports that are ours. */
#include "board_fixture.h"

#include <string.h>

static struct rig r;

static void start(void)
{
    rig_start(&r, 100);
}

static void end(void)
{
    board_free(r.board);
}

TestSuite(board, .init = start, .fini = end);

Test(board, nobody_answers_all_ones)
{
    cr_assert_eq(board_in(r.board, 0x1234, 1), 0xff);
    cr_assert_eq(board_in(r.board, 0x1234, 2), 0xffff);
    cr_assert_eq(board_in(r.board, 0x1234, 4), 0xffffffff);
    board_out(r.board, 0x1234, 4, 0x12345678);
    cr_assert_eq(device_at(0x1234), DEVICE_none);
}

Test(board, wide_accesses_are_bytes_to_the_ports_that_follow)
{
    board_out(r.board, 0x70, 2, 0x5a40); /* index 0x40, then data */
    board_out(r.board, 0x70, 1, 0x40);
    cr_assert_eq(board_in(r.board, 0x70, 2), 0x5aff);
    cr_assert_eq(board_in(r.board, 0xffff, 2), 0xffff, "past the last port");
}

Test(board, each_port_names_its_chip)
{
    cr_assert_str_eq(device_name(device_at(0x21)), "i8259");
    cr_assert_str_eq(device_name(device_at(0x40)), "i8254");
    cr_assert_str_eq(device_name(device_at(0x3fd)), "uart16550");
    cr_assert_str_eq(device_name(device_at(0xe9)), "debugcon");
    for (int d = 0; d < DEVICE_COUNT; d++) {
        cr_assert(strlen(device_text((enum device_id)d)) > 10);
    }
}

Test(board, debug_console_exit_port_and_marker)
{
    cr_assert_eq(in8(&r, 0xe9), 0xe9);
    out8(&r, 0xe9, 'x');
    cr_assert_eq(r.debug_count, 1);
    cr_assert_eq(r.debug[0], 'x');
    board_out(r.board, 0xf4, 4, 0x12345678);
    cr_assert_eq(r.exits, 1);
    cr_assert_eq(r.exit_value, 0x12345678);
    out8(&r, 0xf4, 0);
    cr_assert_eq(r.exit_value, 0);
    board_out(r.board, 0xf8, 4, 0xdeadbeef);
    cr_assert_eq(r.markers, 1);
    cr_assert_eq(r.marker, 0xdeadbeef);
    out8(&r, 0x80, 0x42);
    cr_assert_eq(in8(&r, 0x80), 0x42);
}

Test(board, a20_by_the_keyboard_controller_and_by_port_92)
{
    cr_assert(board_a20(r.board));
    out8(&r, 0x64, 0xd1);
    out8(&r, 0x60, 0xdd); /* A20 low, no reset */
    cr_assert(!board_a20(r.board));
    cr_assert_eq(in8(&r, 0x92) & 2, 0);
    out8(&r, 0x92, 2);
    cr_assert(board_a20(r.board));
    out8(&r, 0x64, 0xd0);
    cr_assert_eq(in8(&r, 0x64) & 1, 1);
    cr_assert_eq(in8(&r, 0x60) & 3, 3);
    cr_assert_eq(in8(&r, 0x64) & 1, 0);
    out8(&r, 0x64, 0xdd);
    cr_assert(!board_a20(r.board));
    cr_assert_eq(r.resets, 0);
}

Test(board, three_ways_to_reset)
{
    out8(&r, 0x64, 0xfe);
    cr_assert_eq(r.resets, 1);
    out8(&r, 0x64, 0xff); /* pulses nothing */
    cr_assert_eq(r.resets, 1);
    out8(&r, 0x64, 0xd1);
    out8(&r, 0x60, 0xfe);
    cr_assert_eq(r.resets, 2);
    out8(&r, 0x92, 3);
    cr_assert_eq(r.resets, 3);
}

Test(board, keyboard_controller_answers_its_tests_by_irq_1)
{
    rig_pic(&r, 0x03, 0xfd, 0xff);
    cr_assert_eq(in8(&r, 0x64), 0x1c);
    out8(&r, 0x64, 0xaa);
    cr_assert(r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x21);
    cr_assert_eq(in8(&r, 0x60), 0x55);
    out8(&r, 0x64, 0x60);
    out8(&r, 0x60, 0x04); /* no interrupts */
    out8(&r, 0x64, 0x20);
    cr_assert(!r.intr);
    cr_assert_eq(in8(&r, 0x60), 0x04);
}

Test(board, two_boards_know_nothing_of_each_other)
{
    struct rig other;
    rig_start(&other, 3800);
    out8(&other, 0x3ff, 0x11);
    out8(&r, 0x3ff, 0x22);
    cr_assert_eq(in8(&other, 0x3ff), 0x11);
    board_free(other.board);
}
