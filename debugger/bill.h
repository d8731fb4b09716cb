/*
 * bill.h - how often each price was charged, by what the time went for.
 *
 * The clock is a sum of counts times prices, and of sleep. So a run whose
 * counts are kept can be priced again, for another machine, without being run
 * again: what it would take there if the same things happened.
 */
#ifndef RINGSIDE_DEBUGGER_BILL_H
#define RINGSIDE_DEBUGGER_BILL_H

#include "../vmm/vmm.h"

/* Rows: the machine's own prices, and then the same of an interpreter in
 * software (interpreter_prices), which the monitor plays a guest by. */
#define BILL_ROWS (2u * PRICE_COUNT)

/* Guest, interpreted, exits: enum account without its last, which is idle. */
#define BILL_ACCOUNTS ((unsigned)ACCOUNT_IDLE)

struct bill {
    uint64_t count[BILL_ACCOUNTS][BILL_ROWS];
};

/* Charges whose time is not yet booked: few rows of many. */
struct charges {
    uint64_t count[BILL_ROWS];
    uint8_t row[BILL_ROWS]; /* those that are not 0 */
    unsigned rows;
};

/* Who writes a bill. It stays where it is: hooks keep its address. */
struct biller {
    struct cpu_hooks hooks;
    struct monitor *monitor;
    struct cpu *cpu;              /* the real one */
    uint64_t event;               /* cycle of the last event that was seen */
    struct charges before, after; /* that event */
    struct bill bill;
};

/* Begin to count; the processor's hooks are the biller's from now on. The
 * monitor's observer must pass its `booked` on to biller_booked. */
void biller_begin(struct biller *b, struct monitor *m);
void biller_booked(struct biller *b, enum account a);

/* sum += now - before. */
void bill_add_difference(struct bill *sum, const struct bill *now,
                         const struct bill *before);
/* What an account's charges come to at those prices, in cycles. */
uint64_t bill_cycles(const struct bill *b, enum account a,
                     const struct costs *prices);
/*
 * The clock of a run that was recorded at prices `from`, had it happened at
 * prices `to`: modelled. Sleep takes as long as it took, by the wall.
 */
uint64_t bill_reprice(const struct bill *b, uint64_t idle,
                      const struct costs *from, const struct costs *to);
/* Row i's name: "alu", or "play.alu" of an interpreter's. In buf. */
#define BILL_NAME_SIZE 40
const char *bill_name(unsigned row, char buf[BILL_NAME_SIZE]);

#endif
