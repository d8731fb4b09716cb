/*
 * bill.c - how often each price was charged, by what the time went for.
 *
 * Parts:  charges, as the processor tells of them; booking, as the monitor
 *         does; sums.
 *
 * The books cut time either now or where the last event began: the trap that
 * left a guest is charged by the processor before the monitor can open the
 * exit it belongs to. So charges are kept in two heaps, from before that event
 * and from after it, until the books say whose they are.
 */
#include "bill.h"

#include <stdio.h>
#include <string.h>

_Static_assert(BILL_ROWS <= UINT8_MAX, "struct charges names rows by a byte");

/* --------------------------------------------------------------- charges */

static void add(struct charges *to, unsigned row, uint64_t n)
{
    if (to->count[row] == 0 && n > 0) {
        to->row[to->rows++] = (uint8_t)row;
    }
    to->count[row] += n;
}

/* Was there an event since? Then all that was charged comes from before it. */
static void notice_event(struct biller *b)
{
    uint64_t event = b->cpu->last_event.cycle;
    if (event == b->event) {
        return;
    }
    b->event = event;
    for (unsigned i = 0; i < b->after.rows; i++) {
        unsigned row = b->after.row[i];
        add(&b->before, row, b->after.count[row]);
        b->after.count[row] = 0;
    }
    b->after.rows = 0;
}

static void on_charge(void *who, struct cpu *c, enum price p, uint64_t n)
{
    struct biller *b = who;
    bool played = c != b->cpu;
    notice_event(b);
    add(&b->after, (unsigned)p + (played ? PRICE_COUNT : 0), n);
}

void biller_begin(struct biller *b, struct monitor *m)
{
    *b = (struct biller){.hooks = {.who = b, .charged = on_charge},
                         .monitor = m,
                         .cpu = monitor_cpu(m)};
    b->cpu->hooks = &b->hooks;
}

/* --------------------------------------------------------------- booking */

static void move(struct charges *from, uint64_t to[BILL_ROWS])
{
    for (unsigned i = 0; i < from->rows; i++) {
        unsigned row = from->row[i];
        to[row] += from->count[row];
        from->count[row] = 0;
    }
    from->rows = 0;
}

/* Sleep has no charges: what is left before it was the guest's. */
void biller_booked(struct biller *b, enum account a)
{
    uint64_t until = monitor_books(b->monitor)->clock;
    uint64_t *to = b->bill.count[a == ACCOUNT_IDLE ? ACCOUNT_GUEST : a];
    notice_event(b);
    move(&b->before, to);
    if (a == ACCOUNT_IDLE || until > b->event ||
        until == monitor_clock(b->monitor)) {
        move(&b->after, to);
    }
}

/* ------------------------------------------------------------------ sums */

void bill_add_difference(struct bill *sum, const struct bill *now,
                         const struct bill *before)
{
    for (unsigned a = 0; a < BILL_ACCOUNTS; a++) {
        for (unsigned row = 0; row < BILL_ROWS; row++) {
            sum->count[a][row] += now->count[a][row] - before->count[a][row];
        }
    }
}

uint64_t bill_cycles(const struct bill *b, enum account a,
                     const struct costs *prices)
{
    struct costs played = {.mhz = 0};
    uint64_t sum = 0;
    interpreter_prices(&played, prices);
    for (unsigned p = 0; p < PRICE_COUNT; p++) {
        sum += b->count[a][p] * prices->price[p];
        sum += b->count[a][PRICE_COUNT + p] * played.price[p];
    }
    return sum;
}

uint64_t bill_reprice(const struct bill *b, uint64_t idle,
                      const struct costs *from, const struct costs *to)
{
    uint64_t sum = idle * to->mhz / from->mhz;
    for (int a = 0; a < ACCOUNT_IDLE; a++) {
        sum += bill_cycles(b, (enum account)a, to);
    }
    return sum;
}

const char *bill_name(unsigned row, char buf[BILL_NAME_SIZE])
{
    snprintf(buf, BILL_NAME_SIZE, "%s%s", row < PRICE_COUNT ? "" : "play.",
             price_name((enum price)(row % PRICE_COUNT)));
    return buf;
}
