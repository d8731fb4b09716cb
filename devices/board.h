/*
 * board.h - inside the board: the chips' state and what each shows the bus.
 *
 * Job:    let every chip be one file with one small table of functions, and
 *         let a board own all its chips' state, with no global variable.
 * Parts:  the table; crystals (time); each chip's registers; the board.
 *
 * All time is the owner's clock in cycles. A chip counts its own crystal's
 * ticks, which are the cycles since the board was made times its frequency,
 * rounded down: computed anew from the clock each time, so nothing drifts.
 */
#ifndef RINGSIDE_DEVICES_BOARD_H
#define RINGSIDE_DEVICES_BOARD_H

#include "devices.h"

#define NEVER UINT64_MAX

/* What a chip shows the bus. A NULL member: it has nothing of the kind. */
struct chip {
    void (*reset)(struct board *b);
    uint8_t (*in)(struct board *b, uint16_t port);
    void (*out)(struct board *b, uint16_t port, uint8_t value);
    /* Set where a 2- or 4-byte write is one event and not as many bytes. */
    void (*out_wide)(struct board *b, uint16_t port, uint32_t value);
    /* The cycle at which it next changes an interrupt line by itself. */
    uint64_t (*next_event)(const struct board *b);
    void (*advance)(struct board *b); /* catch up with the clock */
};
extern const struct chip chip_i8259, chip_i8254, chip_uart16550, chip_mc146818,
    chip_i8042, chip_debugcon, chip_debugexit, chip_marker, chip_port80;

/* ------------------------------------------------------------- crystals */

#define PIT_HZ 1193182u  /* 8254: a third of the colour burst's crystal */
#define UART_HZ 1843200u /* 16550: 16 * 115200 baud */
#define RTC_HZ 32768u    /* MC146818 */

/* Ticks of an `hz` crystal at the present cycle. */
uint64_t crystal_ticks(const struct board *b, uint32_t hz);
/* The first cycle at which `tick` has happened. */
uint64_t crystal_cycle(const struct board *b, uint32_t hz, uint64_t tick);

/* ------------------------------------------------- the chips' registers */

/* One 8259A. Bit n of each set is input IRn. */
struct i8259 {
    uint8_t lines; /* the inputs' levels */
    uint8_t irr;   /* requests */
    uint8_t isr;   /* in service */
    uint8_t imr;   /* masked */
    uint8_t base;  /* ICW2: vector of IR0 */
    uint8_t icw;   /* the initialization word awaited, 2 to 4; 0: ready */
    bool single, needs_icw4; /* ICW1 */
    bool level;              /* ICW1: level triggered */
    bool auto_eoi;           /* ICW4 */
    bool fully_nested;       /* ICW4: special fully nested mode */
    uint8_t lowest;          /* the input of lowest priority: 7, or rotated */
    bool rotate_auto;        /* OCW2: rotate on automatic EOI */
    bool special_mask;       /* OCW3 */
    bool read_isr;           /* OCW3: reads give ISR, not IRR */
    bool poll;               /* OCW3: the next read is a poll */
};

/* One counter of the 8254. */
struct i8254_counter {
    uint8_t mode;    /* 0 to 5 */
    uint8_t access;  /* 1 LSB, 2 MSB, 3 LSB then MSB */
    bool bcd;        /* counts in decimal */
    bool gate;       /* its GATE input */
    uint16_t given;  /* the count register, as it was written */
    bool armed;      /* a whole count was written since the control word */
    bool counting;   /* the counting element holds a count */
    uint32_t count;  /* that was loaded: 1 to 65536 */
    uint64_t start;  /* the tick at which it was loaded */
    bool frozen;     /* GATE holds it ... */
    uint64_t held;   /* ... at so many ticks after start */
    bool waits;      /* modes 2 and 3: `given` is loaded at ... */
    uint64_t due;    /* ... this tick */
    bool write_high; /* the next byte written is the MSB */
    bool read_high;  /* the next byte read is the MSB */
    bool status_latched, count_latched;
    uint8_t status;
    uint16_t latch;
};
struct i8254 {
    struct i8254_counter counter[3];
    uint8_t port61;  /* its low four bits, as written */
    uint64_t synced; /* the tick up to which IRQ 0 is true */
};

#define UART_FIFO 16
struct uart16550 {
    uint8_t ier, lcr, mcr, msr, lsr, scratch, fcr;
    uint16_t divisor;
    uint8_t fifo[UART_FIFO]; /* received; the first is the next read */
    uint8_t count;
    bool thre_pending;      /* the "transmitter empty" interrupt is due */
    bool timed_out;         /* bytes lie in the FIFO unread */
    uint64_t last_activity; /* tick of the last arrival or read */
};

struct mc146818 {
    uint8_t index;     /* port 0x70 */
    uint8_t byte[128]; /* registers and memory as the guest reads them */
    uint64_t epoch;    /* tick at which the divider was at zero */
    uint64_t seconds;  /* of the divider that are counted already */
    uint64_t periods;  /* of the periodic rate that are counted already */
};

struct i8042 {
    uint8_t command_byte;
    uint8_t data;    /* output buffer */
    bool full;       /* it waits to be read */
    uint8_t command; /* the command that awaits its data byte, or 0 */
    bool last_was_command;
    bool a20;
};

struct board {
    struct board_owner owner;
    uint32_t mhz;
    struct i8259 pic[2]; /* master, slave */
    struct i8254 pit;
    struct uart16550 uart;
    struct mc146818 rtc;
    struct i8042 kbc;
    uint8_t post; /* port 0x80 */
};

/* Drive interrupt input `irq`, 0 to 15: i8259.c. */
void board_irq(struct board *b, unsigned irq, bool up);
/* Interrupt acknowledge: i8259.c. */
uint8_t i8259_acknowledge(struct board *b);
/* A byte arrives: uart16550.c. */
bool uart16550_receive(struct board *b, uint8_t byte);

#endif
