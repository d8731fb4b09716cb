/*
 * play.c - the monitor runs the guest itself: interpretation in software.
 *
 * Job:    the virtual processor, which elsewhere does one instruction for
 *         each exit, runs on: the guest's code, its faults and its
 *         interrupts, on guest physical memory and the VM's devices.
 * Parts:  prices; the books; playing.
 *
 * It is our own processor again, and that is what a monitor that interprets
 * has inside: a program that does what a processor does. What differs is the
 * price. A plain instruction costs tens of cycles: fetch, decode, look up a
 * routine, do it, look after the flags. What takes a real processor a walk
 * through descriptors takes the program as many checks (vmm_emulate). Memory
 * goes by a TLB in software, whose misses cost the monitor's own walk.
 */
#include "play.h"
#include "../silent.h"

/* ---------------------------------------------------------------- prices */

/* Plain work: one turn of the interpreter's loop. */
static bool is_plain(enum price p)
{
    switch (p) {
    case PRICE_alu:
    case PRICE_load:
    case PRICE_store:
    case PRICE_branch:
    case PRICE_call:
    case PRICE_mul:
    case PRICE_div:
    case PRICE_flag_if:
    case PRICE_rdtsc:
        return true;
    default:
        return false;
    }
}

void interpreter_prices(struct costs *to, const struct costs *real)
{
    for (int p = 0; p < PRICE_COUNT; p++) {
        bool plain = is_plain((enum price)p);
        to->price[p] =
            real->price[plain ? PRICE_vmm_interpret : PRICE_vmm_emulate];
    }
    /* A REP's iterations are a loop of their own, in the routine. */
    to->price[PRICE_string] = (real->price[PRICE_vmm_interpret] + 7) / 8;
    to->price[PRICE_walk_ref] = real->price[PRICE_vmm_walk_ref];
}

/* ------------------------------------------------------------- the books */

void vp_book_play(struct vp *p)
{
    struct cpu *c = p->cpu;
    p->vm->monitor->cpu->cycles = c->cycles;
    book_interpreted(p->vm, c->cycles, c->instructions - p->booked);
    p->booked = c->instructions;
}

/* --------------------------------------------------------------- playing */

/* It sleeps. Interrupts that are to wake it come by its own devices. */
static void sleeps(struct vp *p)
{
    if (!(p->cpu->eflags & FL_IF)) {
        vm_kill(p->vm, "halted with interrupts off: nothing can wake it");
    } else if (!p->vm->interrupt_line) {
        vm_block(p->vm);
    }
}

void vp_play(struct vp *p, uint64_t deadline, bool one_step)
{
    struct monitor *m = p->vm->monitor;
    struct cpu *c = p->cpu;
    c->cycles = m->cpu->cycles;
    c->interrupt_line = p->vm->interrupt_line;
    c->hooks = silent_user(m);
    p->booked = c->instructions;
    m->runs = c;
    if (m->asked) {
        cpu_stop_soon(c); /* asked while `runs` was another */
    }
    vp_lend_fpu(p);
    enum cpu_stop stop = one_step ? cpu_step(c) : cpu_run(c, deadline);
    vp_return_fpu(p);
    m->runs = m->cpu;
    c->interrupt_line = false; /* at an exit, interrupts are inject.c's */
    vp_book_play(p);
    if (stop == CPU_ASKED) {
        m->asked = 1; /* by a hook */
    }
    if (stop == CPU_SHUTDOWN) {
        vm_kill(p->vm, "triple fault: it could not deliver a double fault");
    } else if (c->halted) {
        sleeps(p);
    }
}
