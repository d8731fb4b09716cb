/*
 * The interrupt controllers, by Intel's data sheet 231468. Inputs are driven
 * straight, by the board's own inner door, so that each rule stands alone.
 */
#include "../../devices/board.h"
#include "board_fixture.h"

static struct rig r;

static void start(void)
{
    rig_start(&r, 100);
    rig_pic(&r, 0x01, 0x00, 0x00);
}

static void end(void)
{
    board_free(r.board);
}

static void raise_irq(unsigned irq)
{
    board_irq(r.board, irq, false);
    board_irq(r.board, irq, true);
}

static uint8_t isr(uint16_t port)
{
    out8(&r, port, 0x0b);
    return in8(&r, port);
}

static uint8_t irr(uint16_t port)
{
    out8(&r, port, 0x0a);
    return in8(&r, port);
}

TestSuite(i8259, .init = start, .fini = end);

Test(i8259, a_request_raises_intr_and_answers_its_vector)
{
    cr_assert(!r.intr);
    raise_irq(3);
    cr_assert(r.intr);
    cr_assert_eq(irr(0x20), 0x08);
    cr_assert_eq(board_acknowledge(r.board), 0x23);
    cr_assert(!r.intr);
    cr_assert_eq(irr(0x20), 0x00);
    cr_assert_eq(isr(0x20), 0x08);
    out8(&r, 0x20, 0x20);
    cr_assert_eq(isr(0x20), 0x00);
}

Test(i8259, ir0_is_served_before_ir7_and_interrupts_it)
{
    raise_irq(7);
    raise_irq(1);
    cr_assert_eq(board_acknowledge(r.board), 0x21);
    cr_assert(!r.intr, "7 waits for the end of 1");
    raise_irq(0);
    cr_assert(r.intr, "0 does not");
    cr_assert_eq(board_acknowledge(r.board), 0x20);
    cr_assert_eq(isr(0x20), 0x03);
    out8(&r, 0x20, 0x20); /* ends the highest: 0 */
    cr_assert_eq(isr(0x20), 0x02);
    cr_assert(!r.intr);
    out8(&r, 0x20, 0x20);
    cr_assert_eq(board_acknowledge(r.board), 0x27);
}

Test(i8259, the_mask_holds_a_request_back_and_forgets_nothing)
{
    out8(&r, 0x21, 0x10);
    cr_assert_eq(in8(&r, 0x21), 0x10);
    raise_irq(4);
    cr_assert(!r.intr);
    cr_assert_eq(irr(0x20), 0x10);
    out8(&r, 0x21, 0x00);
    cr_assert(r.intr);
}

Test(i8259, the_slave_answers_through_ir2)
{
    raise_irq(8);
    cr_assert(r.intr);
    cr_assert_eq(irr(0x20), 0x04);
    cr_assert_eq(board_acknowledge(r.board), 0x28);
    cr_assert_eq(isr(0x20), 0x04);
    cr_assert_eq(isr(0xa0), 0x01);
    raise_irq(9);
    cr_assert(!r.intr, "less than 8, which is in service");
    out8(&r, 0xa0, 0x20);
    out8(&r, 0x20, 0x20);
    cr_assert(r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x29);
}

Test(i8259, fully_nested_mode_lets_a_better_slave_request_through)
{
    raise_irq(15);
    cr_assert_eq(board_acknowledge(r.board), 0x2f);
    raise_irq(8);
    cr_assert(!r.intr, "normally IR2 in service blocks the slave");
    end();
    rig_start(&r, 100);
    rig_pic(&r, 0x11, 0x00, 0x00);
    raise_irq(15);
    cr_assert_eq(board_acknowledge(r.board), 0x2f);
    raise_irq(8);
    cr_assert(r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x28);
}

Test(i8259, an_edge_asks_once_and_must_stay_until_acknowledged)
{
    board_irq(r.board, 5, true);
    cr_assert_eq(board_acknowledge(r.board), 0x25);
    out8(&r, 0x20, 0x20);
    cr_assert(!r.intr, "the line is still high: no new edge");
    board_irq(r.board, 5, false);
    board_irq(r.board, 5, true);
    cr_assert(r.intr);
    board_irq(r.board, 5, false);
    cr_assert(!r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x27, "default IR7");
    cr_assert_eq(isr(0x20), 0x00, "which is not in service");
}

Test(i8259, a_level_asks_as_long_as_it_is_high)
{
    out8(&r, 0x20, 0x19); /* ICW1: level */
    out8(&r, 0x21, 0x20);
    out8(&r, 0x21, 0x04);
    out8(&r, 0x21, 0x01);
    out8(&r, 0x21, 0xdf); /* the timer's OUT is high, too */
    board_irq(r.board, 5, true);
    cr_assert_eq(board_acknowledge(r.board), 0x25);
    cr_assert(!r.intr);
    out8(&r, 0x20, 0x20);
    cr_assert(r.intr, "still high");
    board_irq(r.board, 5, false);
    cr_assert(!r.intr);
}

Test(i8259, initialization_clears_mask_and_service_and_wants_a_new_edge)
{
    out8(&r, 0x21, 0xff);
    board_irq(r.board, 1, true);
    rig_pic(&r, 0x01, 0x00, 0x00);
    cr_assert_eq(irr(0x20), 0x00);
    cr_assert(!r.intr);
    out8(&r, 0x20, 0x11);
    out8(&r, 0x21, 0x40);
    raise_irq(1);
    cr_assert(!r.intr, "ICW3 and ICW4 are still to come");
    out8(&r, 0x21, 0x04);
    out8(&r, 0x21, 0x01);
    cr_assert_eq(in8(&r, 0x21), 0x00);
    cr_assert_eq(board_acknowledge(r.board), 0x41);
}

Test(i8259, automatic_end_of_interrupt_leaves_nothing_in_service)
{
    rig_pic(&r, 0x03, 0x00, 0x00);
    raise_irq(6);
    cr_assert_eq(board_acknowledge(r.board), 0x26);
    cr_assert_eq(isr(0x20), 0x00);
    out8(&r, 0x20, 0x80); /* rotate on automatic EOI */
    raise_irq(3);
    cr_assert_eq(board_acknowledge(r.board), 0x23);
    raise_irq(2);
    raise_irq(4);
    cr_assert_eq(board_acknowledge(r.board), 0x24, "3 is lowest now");
}

Test(i8259, specific_end_and_rotation)
{
    raise_irq(1);
    board_acknowledge(r.board);
    raise_irq(0);
    board_acknowledge(r.board);
    out8(&r, 0x20, 0x61); /* end 1 */
    cr_assert_eq(isr(0x20), 0x01);
    out8(&r, 0x20, 0xa0); /* end the highest and rotate: 0 is lowest */
    cr_assert_eq(isr(0x20), 0x00);
    raise_irq(0);
    raise_irq(7);
    cr_assert_eq(board_acknowledge(r.board), 0x27);
    out8(&r, 0x20, 0xe7); /* end 7, and it is lowest */
    cr_assert_eq(board_acknowledge(r.board), 0x20);
    out8(&r, 0x20, 0x20);
    out8(&r, 0x20, 0xc2); /* lowest is 2: 3 is highest */
    raise_irq(0);
    raise_irq(3);
    cr_assert_eq(board_acknowledge(r.board), 0x23);
}

Test(i8259, special_mask_mode_lets_lesser_requests_in)
{
    raise_irq(4);
    board_acknowledge(r.board);
    raise_irq(6);
    cr_assert(!r.intr);
    out8(&r, 0x21, 0x10);
    out8(&r, 0x20, 0x68);
    cr_assert(r.intr);
    cr_assert_eq(board_acknowledge(r.board), 0x26);
    out8(&r, 0x20, 0x20);
    cr_assert_eq(isr(0x20), 0x10, "a masked one is not ended by default");
    out8(&r, 0x20, 0x48);
    raise_irq(7);
    cr_assert(!r.intr, "the mode is off again");
}

Test(i8259, a_poll_takes_the_request)
{
    out8(&r, 0x20, 0x0c);
    cr_assert_eq(in8(&r, 0x20) & 0x80, 0x00);
    raise_irq(3);
    out8(&r, 0x20, 0x0c);
    cr_assert_eq(in8(&r, 0x20), 0x83);
    cr_assert(!r.intr);
    cr_assert_eq(isr(0x20), 0x08);
}

Test(i8259, with_automatic_end_the_slave_asks_again_at_once)
{
    rig_pic(&r, 0x03, 0x00, 0x00);
    raise_irq(8);
    raise_irq(9);
    cr_assert_eq(board_acknowledge(r.board), 0x28);
    cr_assert(r.intr, "the slave's line fell and rose again");
    cr_assert_eq(board_acknowledge(r.board), 0x29);
    cr_assert(!r.intr);
}
