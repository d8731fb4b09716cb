/*
 * uart16550.c - the serial port COM1 at 0x3f8, the guest's console.
 *
 * Job:    registers, receive FIFO, interrupts by IRQ 4, and loopback.
 * Parts:  interrupts; receiving; sending; the ports.
 * Source: National Semiconductor PC16550D data sheet, tables II to IV.
 *
 * Simplified: a byte leaves at once, whatever the divisor says, so LSR always
 * shows an empty transmitter; at 115200 baud a byte would else take 87
 * microseconds and drown every other cost. The line never has parity or
 * framing errors or breaks, and the terminal at its end is always ready.
 * Only the receiver's timeout takes time, four characters of ten bits.
 */
#include "board.h"

enum { DATA, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCRATCH };

#define IER_RECEIVE 0x01u
#define IER_SEND 0x02u
#define IER_LINE 0x04u
#define IER_MODEM 0x08u
#define IIR_NONE 0x01u /* in the order of their priority: */
#define IIR_LINE 0x06u
#define IIR_RECEIVE 0x04u
#define IIR_TIMEOUT 0x0cu
#define IIR_SEND 0x02u
#define IIR_MODEM 0x00u
#define IIR_FIFOS 0xc0u
#define FCR_ENABLE 0x01u
#define FCR_CLEAR_RECEIVER 0x02u
#define LCR_DLAB 0x80u
#define MCR_OUT2 0x08u /* on a PC it lets the interrupt out */
#define MCR_LOOP 0x10u
#define LSR_READY 0x01u
#define LSR_OVERRUN 0x02u
#define LSR_EMPTY 0x60u /* transmitter and its holding register */
#define MSR_READY 0xb0u /* DCD, DSR, CTS: a terminal is there */

static bool fifos(const struct uart16550 *u)
{
    return u->fcr & FCR_ENABLE;
}

/* ------------------------------------------------------------ interrupts */

static unsigned trigger(const struct uart16550 *u)
{
    static const uint8_t level[4] = {1, 4, 8, 14};
    return fifos(u) ? level[u->fcr >> 6] : 1;
}

/* The interrupt of highest priority that is enabled and due. */
static unsigned interrupt(const struct uart16550 *u)
{
    if ((u->ier & IER_LINE) && (u->lsr & LSR_OVERRUN)) {
        return IIR_LINE;
    }
    if ((u->ier & IER_RECEIVE) && u->count >= trigger(u)) {
        return IIR_RECEIVE;
    }
    if ((u->ier & IER_RECEIVE) && u->timed_out && u->count) {
        return IIR_TIMEOUT;
    }
    if ((u->ier & IER_SEND) && u->thre_pending) {
        return IIR_SEND;
    }
    if ((u->ier & IER_MODEM) && (u->msr & 0x0f)) {
        return IIR_MODEM;
    }
    return IIR_NONE;
}

/* In loopback the OUT2 pin is inactive, and with it the PC's gate shut. */
static void update(struct board *b)
{
    const struct uart16550 *u = &b->uart;
    bool gate = (u->mcr & (MCR_OUT2 | MCR_LOOP)) == MCR_OUT2;
    board_irq(b, 4, gate && interrupt(u) != IIR_NONE);
}

/* The tick at which unread bytes become a timeout. */
static uint64_t timeout_tick(const struct uart16550 *u)
{
    uint32_t divisor = u->divisor ? u->divisor : 65536;
    return u->last_activity + 4 * 10 * 16 * (uint64_t)divisor;
}

static bool timeout_ahead(const struct uart16550 *u)
{
    return fifos(u) && u->count && !u->timed_out && (u->ier & IER_RECEIVE);
}

static uint64_t next_event(const struct board *b)
{
    return timeout_ahead(&b->uart)
               ? crystal_cycle(b, UART_HZ, timeout_tick(&b->uart))
               : NEVER;
}

static void advance(struct board *b)
{
    struct uart16550 *u = &b->uart;
    if (timeout_ahead(u) && crystal_ticks(b, UART_HZ) >= timeout_tick(u)) {
        u->timed_out = true;
        update(b);
    }
}

/* ------------------------------------------------------------- receiving */

/* A byte was put into the FIFO, or taken: the timeout starts again. */
static void fifo_moved(struct board *b)
{
    b->uart.last_activity = crystal_ticks(b, UART_HZ);
    b->uart.timed_out = false;
    update(b);
    b->owner.rescheduled(b->owner.owner);
}

bool uart16550_receive(struct board *b, uint8_t byte)
{
    struct uart16550 *u = &b->uart;
    if (u->count >= (fifos(u) ? UART_FIFO : 1)) {
        return false;
    }
    u->fifo[u->count++] = byte;
    fifo_moved(b);
    return true;
}

static uint8_t take_byte(struct board *b)
{
    struct uart16550 *u = &b->uart;
    uint8_t byte = u->fifo[0];
    if (u->count) {
        u->count--;
        for (unsigned i = 0; i < u->count; i++) {
            u->fifo[i] = u->fifo[i + 1];
        }
        fifo_moved(b);
    }
    return byte;
}

/* --------------------------------------------------------------- sending */

static void send_byte(struct board *b, uint8_t byte)
{
    struct uart16550 *u = &b->uart;
    if (!(u->mcr & MCR_LOOP)) {
        b->owner.serial_out(b->owner.owner, byte);
    } else if (!uart16550_receive(b, byte)) {
        u->lsr |= LSR_OVERRUN;
        if (!fifos(u)) {
            u->fifo[0] = byte; /* the register is overwritten */
        }
    }
    u->thre_pending = true; /* empty again already */
    update(b);
}

/* In loopback the modem control outputs come back as modem status. */
static void set_mcr(struct uart16550 *u, uint8_t value)
{
    uint8_t was = u->msr & 0xf0, is = MSR_READY;
    u->mcr = value & 0x1f;
    if (u->mcr & MCR_LOOP) {
        is = (uint8_t)((value & 0x0c) << 4 | /* OUT1, OUT2: RI, DCD */
                       (value & 0x02) << 3 | /* RTS: CTS */
                       (value & 0x01) << 5); /* DTR: DSR */
    }
    uint8_t changed = (uint8_t)((was ^ is) >> 4);
    if (!(was & 0x40)) {
        changed &= (uint8_t)~0x04; /* RI tells its trailing edge only */
    }
    u->msr = (uint8_t)(is | (u->msr & 0x0f) | changed);
}

/* ------------------------------------------------------------- the ports */

static uint8_t read_iir(struct board *b)
{
    struct uart16550 *u = &b->uart;
    unsigned iir = interrupt(u);
    if (iir == IIR_SEND) {
        u->thre_pending = false;
        update(b);
    }
    return (uint8_t)(iir | (fifos(u) ? IIR_FIFOS : 0));
}

static void set_fcr(struct board *b, uint8_t value)
{
    struct uart16550 *u = &b->uart;
    bool switched = (value ^ u->fcr) & FCR_ENABLE;
    if (switched || (value & FCR_CLEAR_RECEIVER)) {
        u->count = 0;
        u->timed_out = false;
    }
    /* The other bits are written only together with the enabling one. */
    u->fcr = value & FCR_ENABLE ? value & 0xc9 : 0;
}

static uint8_t in(struct board *b, uint16_t port)
{
    struct uart16550 *u = &b->uart;
    bool dlab = u->lcr & LCR_DLAB;
    uint8_t value;
    switch (port & 7) {
    case DATA:
        return dlab ? (uint8_t)u->divisor : take_byte(b);
    case IER:
        return dlab ? (uint8_t)(u->divisor >> 8) : u->ier;
    case IIR_FCR:
        return read_iir(b);
    case LCR:
        return u->lcr;
    case MCR:
        return u->mcr;
    case LSR:
        value = (uint8_t)(u->lsr | LSR_EMPTY | (u->count ? LSR_READY : 0));
        u->lsr = 0; /* the errors are told once */
        break;
    case MSR:
        value = u->msr;
        u->msr &= 0xf0; /* the changes are told once */
        break;
    default:
        return u->scratch;
    }
    update(b);
    return value;
}

static void out(struct board *b, uint16_t port, uint8_t value)
{
    struct uart16550 *u = &b->uart;
    bool dlab = u->lcr & LCR_DLAB;
    switch (port & 7) {
    case DATA:
        if (dlab) {
            u->divisor = (uint16_t)((u->divisor & 0xff00) | value);
        } else {
            send_byte(b, value);
        }
        break;
    case IER:
        if (dlab) {
            u->divisor = (uint16_t)((u->divisor & 0xff) | value << 8);
            break;
        }
        /* Enabling it while the transmitter is empty makes it due. */
        u->thre_pending |= (value & ~u->ier & IER_SEND) != 0;
        u->ier = value & 0x0f;
        break;
    case IIR_FCR:
        set_fcr(b, value);
        break;
    case LCR:
        u->lcr = value;
        break;
    case MCR:
        set_mcr(u, value);
        break;
    case SCRATCH:
        u->scratch = value;
        break;
    }
    update(b);
    b->owner.rescheduled(b->owner.owner);
}

static void reset(struct board *b)
{
    b->uart = (struct uart16550){.msr = MSR_READY, .divisor = 12};
    update(b);
}

const struct chip chip_uart16550 = {.reset = reset,
                                    .in = in,
                                    .out = out,
                                    .next_event = next_event,
                                    .advance = advance};
