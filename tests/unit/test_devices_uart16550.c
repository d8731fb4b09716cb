/* The serial port, by National's PC16550D data sheet. */
#include "board_fixture.h"

static struct rig r;

static void start(void)
{
    rig_start(&r, 100);
    rig_pic(&r, 0x03, 0xef, 0xff); /* automatic EOI, IRQ 4 alone */
}

static void end(void)
{
    board_free(r.board);
}

TestSuite(uart16550, .init = start, .fini = end);

Test(uart16550, a_byte_written_leaves_and_the_transmitter_is_empty)
{
    cr_assert_eq(in8(&r, 0x3fd) & 0x60, 0x60);
    out8(&r, 0x3f8, 'R');
    cr_assert_eq(r.serial_count, 1);
    cr_assert_eq(r.serial[0], 'R');
    cr_assert_eq(in8(&r, 0x3fd), 0x60);
}

Test(uart16550, dlab_shows_the_divisor)
{
    out8(&r, 0x3fb, 0x83);
    out8(&r, 0x3f8, 0x34);
    out8(&r, 0x3f9, 0x12);
    cr_assert_eq(in8(&r, 0x3f8), 0x34);
    cr_assert_eq(in8(&r, 0x3f9), 0x12);
    out8(&r, 0x3fb, 0x03);
    cr_assert_eq(in8(&r, 0x3f9), 0x00, "IER again");
    cr_assert_eq(r.serial_count, 0);
}

Test(uart16550, scratch_and_unwired_bits)
{
    out8(&r, 0x3ff, 0xa5);
    cr_assert_eq(in8(&r, 0x3ff), 0xa5);
    out8(&r, 0x3f9, 0xff);
    cr_assert_eq(in8(&r, 0x3f9), 0x0f);
    out8(&r, 0x3fc, 0xef);
    cr_assert_eq(in8(&r, 0x3fc), 0x0f);
}

Test(uart16550, received_bytes_interrupt_and_are_read_in_order)
{
    out8(&r, 0x3fc, 0x0b); /* OUT2 lets the interrupt out */
    out8(&r, 0x3f9, 0x01);
    cr_assert(board_serial_in(r.board, 'a'));
    cr_assert(r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x24);
    cr_assert(!board_serial_in(r.board, 'b'), "no FIFO: one byte");
    cr_assert_eq(in8(&r, 0x3fa), 0x04);
    cr_assert_eq(in8(&r, 0x3fd), 0x61);
    cr_assert_eq(in8(&r, 0x3f8), 'a');
    cr_assert_eq(in8(&r, 0x3fa), 0x01);
    cr_assert_eq(in8(&r, 0x3fd), 0x60);
}

Test(uart16550, without_out2_no_interrupt_leaves)
{
    out8(&r, 0x3f9, 0x01);
    board_serial_in(r.board, 'a');
    cr_assert(!r.intr);
    cr_assert_eq(in8(&r, 0x3fa), 0x04, "though IIR tells");
    out8(&r, 0x3fc, 0x08);
    cr_assert(r.intr);
}

Test(uart16550, the_fifo_waits_for_its_trigger_or_a_timeout)
{
    out8(&r, 0x3fc, 0x0b);
    out8(&r, 0x3fa, 0x41); /* on, trigger at 4 */
    out8(&r, 0x3fb, 0x83);
    out8(&r, 0x3f8, 0x01); /* 115200 baud */
    out8(&r, 0x3f9, 0x00);
    out8(&r, 0x3fb, 0x03);
    out8(&r, 0x3f9, 0x01);
    cr_assert_eq(in8(&r, 0x3fa), 0xc1);
    for (int i = 0; i < 3; i++) {
        board_serial_in(r.board, (uint8_t)('a' + i));
    }
    cr_assert(!r.intr);
    /* Four characters of ten bits: 40/115200 s are 34722.2 cycles. */
    cr_assert_eq(board_next_event(r.board), r.cycle + 34723);
    r.cycle += 34722;
    board_advance(r.board);
    cr_assert(!r.intr);
    r.cycle += 1;
    board_advance(r.board);
    cr_assert(r.intr);
    cr_assert_eq(in8(&r, 0x3fa), 0xcc);
    cr_assert_eq(in8(&r, 0x3f8), 'a', "a read ends the timeout");
    cr_assert_eq(in8(&r, 0x3fa), 0xc1);
    board_serial_in(r.board, 'd');
    board_serial_in(r.board, 'e');
    cr_assert_eq(in8(&r, 0x3fa), 0xc4, "four are there");
    for (int i = 4; i < 16; i++) {
        cr_assert(board_serial_in(r.board, 'x'));
    }
    cr_assert(!board_serial_in(r.board, 'y'), "sixteen are full");
    out8(&r, 0x3fa, 0x43);
    cr_assert_eq(in8(&r, 0x3fd), 0x60, "cleared");
}

Test(uart16550, the_empty_transmitter_interrupts_once)
{
    out8(&r, 0x3fc, 0x0b);
    out8(&r, 0x3f9, 0x02);
    cr_assert(r.intr, "enabling it while empty makes it due");
    cr_assert_eq(in8(&r, 0x3fa), 0x02);
    cr_assert_eq(in8(&r, 0x3fa), 0x01, "reading IIR ended it");
    cr_assert(!r.intr);
    out8(&r, 0x3f8, 'x');
    cr_assert(r.intr);
}

Test(uart16550, received_data_comes_before_the_transmitter)
{
    out8(&r, 0x3fc, 0x0b);
    out8(&r, 0x3f9, 0x03);
    board_serial_in(r.board, 'a');
    cr_assert_eq(in8(&r, 0x3fa), 0x04);
    in8(&r, 0x3f8);
    cr_assert_eq(in8(&r, 0x3fa), 0x02);
    cr_assert_eq(in8(&r, 0x3fa), 0x01);
}

Test(uart16550, loopback_returns_bytes_and_modem_lines)
{
    out8(&r, 0x3fc, 0x1a); /* LOOP, OUT2, RTS */
    cr_assert_eq(in8(&r, 0x3fe) & 0xf0, 0x90, "DCD, CTS");
    out8(&r, 0x3f8, 'L');
    cr_assert_eq(r.serial_count, 0);
    cr_assert_eq(in8(&r, 0x3fd), 0x61);
    cr_assert_eq(in8(&r, 0x3f8), 'L');
    out8(&r, 0x3f8, '1');
    out8(&r, 0x3f8, '2');
    out8(&r, 0x3f9, 0x05);
    cr_assert_eq(in8(&r, 0x3fa), 0x06, "line status before received data");
    cr_assert_eq(in8(&r, 0x3fd), 0x63, "overrun");
    cr_assert_eq(in8(&r, 0x3fd), 0x61, "told once");
    cr_assert_eq(in8(&r, 0x3f8), '2', "the last one stays");
    out8(&r, 0x3fc, 0x0b);
    cr_assert_eq(in8(&r, 0x3fe) & 0xf0, 0xb0, "the terminal's");
    cr_assert_eq(in8(&r, 0x3fe) & 0x0f, 0x00, "changes are told once");
}

Test(uart16550, each_trigger_level)
{
    static const unsigned level[] = {1, 4, 8, 14};
    for (unsigned i = 0; i < 4; i++) {
        out8(&r, 0x3f9, 0x01);
        out8(&r, 0x3fa, (uint8_t)(i << 6 | 0x03));
        for (unsigned n = 1; n <= level[i]; n++) {
            board_serial_in(r.board, 'x');
            cr_assert_eq(in8(&r, 0x3fa), n == level[i] ? 0xc4 : 0xc1);
        }
    }
}
