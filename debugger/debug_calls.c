/*
 * debug_calls.c - back over a call, and back to the call that led here.
 *
 * The last stretch is played again, and calls are noted by the stack they
 * leave. One that is made on a stack as high as an earlier one's means that
 * the earlier one has returned. What is left at the end is where we are in.
 */
#include "debug.h"

#include <string.h>

#define DEEP 512

struct calls {
    struct debug *d;
    struct {
        uint64_t clock; /* when it was done */
        uint32_t esp;   /* where it put its return address */
    } call[DEEP];
    int n;
    uint32_t cr3;
    uint8_t ring;
};

static void drop_returned(struct calls *k, uint32_t esp)
{
    while (k->n > 0 && k->call[k->n - 1].esp < esp) {
        k->n--;
    }
}

static void after(void *who, struct cpu *c, const struct insn *in)
{
    struct calls *k = who;
    struct virtual_cpu now;
    if (strncmp(insn_rows[in->id].mnemonic, "CALL", 4) != 0) {
        return;
    }
    vm_virtual_cpu(k->d->vm, &now);
    if (now.cpl != k->ring || now.cr3 != k->cr3) {
        return;
    }
    drop_returned(k, now.reg[REG_ESP] + 1);
    if (k->n == DEEP) {
        memmove(&k->call[0], &k->call[1], (DEEP - 1) * sizeof k->call[0]);
        k->n--;
    }
    k->call[k->n].clock = c->cycles;
    k->call[k->n++].esp = now.reg[REG_ESP];
}

/* From `from` to `end`: the call that we are in, with the stack as it is at
 * `now`. */
static bool find_call(struct calls *k, uint64_t from, uint64_t end,
                      uint32_t esp)
{
    struct debug *d = k->d;
    struct cpu_hooks hooks = {.who = k, .after = after};
    struct run_until until = {.cycle = end};
    k->n = 0;
    d->looking = false;
    if (!past_seek(d, from)) {
        return false;
    }
    monitor_cpu(d->session.monitor)->hooks = &hooks;
    while (debug_clock(d) < end && !debug_ended(d) &&
           past_run(d, &until) == STOP_ASKED && !interrupt_pending()) {
    }
    monitor_cpu(d->session.monitor)->hooks = NULL;
    drop_returned(k, esp);
    return k->n > 0;
}

static void back_to_call(struct debug *d)
{
    uint64_t now = debug_clock(d), to = now;
    struct virtual_cpu c;
    vm_virtual_cpu(d->vm, &c);
    struct calls k = {.d = d, .cr3 = c.cr3, .ring = c.cpl};
    bool found = false;
    for (uint64_t end = now; !found && end > 0 && !interrupt_pending();) {
        uint64_t from = past_before(d, end);
        found = find_call(&k, from, end, c.reg[REG_ESP]);
        end = from;
    }
    if (!found && !interrupt_pending()) {
        say(d, "no call led here");
    }
    if (found && !debug_steps_before(d, k.call[k.n - 1].clock, 1, &to)) {
        to = now;
    }
    debug_arrive_at(d, to, false);
}

void do_rout(struct debug *d, const struct words *w)
{
    (void)w;
    if (debug_begin_back(d)) {
        back_to_call(d);
    }
}

void do_rover(struct debug *d, const struct words *w)
{
    uint64_t to, now = debug_clock(d);
    struct virtual_cpu c;
    struct insn in;
    (void)w;
    if (!debug_begin_back(d)) {
        return;
    }
    if (!debug_steps_before(d, now, 1, &to) || !past_seek(d, to)) {
        to = now;
    }
    vm_virtual_cpu(d->vm, &c);
    if (debug_decode(d, c.seg[SEG_CS].base + c.eip, &in) &&
        strncmp(insn_rows[in.id].mnemonic, "RET", 3) == 0) {
        back_to_call(d);
    } else {
        debug_arrive_at(d, to, false);
    }
}
