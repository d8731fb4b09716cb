/*
 * The monitor's world: a trap is a real one, takes a real frame to a stub,
 * and a real IRET goes back; limits, steps, sleep and turns are exact.
 */
#include "toy_fixture.h"

static void never(struct vm *v, struct exit *x)
{
    cr_assert_fail("an exit with vector %u at %08x", x->event.vector,
                   v->regs.eip);
}

/* ----------------------------------------------------------------- tests */

Test(world, cli_in_ring_1_is_a_real_general_protection_fault)
{
    struct fixture f;
    /* mov eax, 7; cli; add eax, 5; hlt */
    START(&f, emulate_one_byte, 0xb8, 7, 0, 0, 0, 0xfa, 0x83, 0xc0, 5, 0xf4);
    cr_assert_eq(run(&f, to_the_end), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_EXITED);
    cr_assert_eq(vm_exit_status(f.v), 12, "registers survive an exit");
    cr_assert_eq(f.exits, 3);
    cr_assert_eq(f.seen[0].reason, EXIT_schedule);
    const struct exit_record *cli = &f.seen[1];
    cr_assert_eq(cli->vector, VEC_GP);
    cr_assert(cli->has_error);
    cr_assert_eq(cli->error, 0);
    cr_assert_eq(cli->eip, CODE + 5);
    cr_assert_eq(cli->cs, FLAT_RING1_CS);
    cr_assert_eq(cli->real_ring, 1);
    cr_assert_eq(vm_books(f.v)->instructions, 2, "MOV and ADD");
    monitor_free(f.m);
}

Test(world, an_exit_costs_what_the_price_list_says)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0xfa, 0xf4); /* cli; hlt */
    run(&f, to_the_end);
    const uint32_t *p = prices.price;
    const uint64_t *cli = f.seen[1].phase;
    /* The first trap's way in misses the TLB for the world's pages. */
    cr_assert_geq(cli[PHASE_exit],
                  p[PRICE_fault] + p[PRICE_int_inner] + p[PRICE_hlt]);
    cr_assert_eq(cli[PHASE_save], p[PRICE_vmm_save] + p[PRICE_vmm_dispatch]);
    cr_assert_eq(cli[PHASE_decode], p[PRICE_vmm_decode]);
    cr_assert_eq(cli[PHASE_restore], p[PRICE_vmm_restore]);
    cr_assert_geq(cli[PHASE_entry], p[PRICE_iret_outer]);
    /* The second hits: the way in is exactly the processor's prices. */
    cr_assert_eq(f.seen[2].phase[PHASE_exit],
                 p[PRICE_fault] + p[PRICE_int_inner] + p[PRICE_hlt]);
    monitor_free(f.m);
}

Test(world, the_guest_runs_with_interrupts_on_and_iopl_0)
{
    struct fixture f;
    /* On CPU_VIRTUALIZABLE a PUSHF would trap; IN tells of IOPL. */
    START(&f, emulate_one_byte, 0xec, 0xf4); /* in al, dx; hlt */
    f.v->regs.eflags = FL_IOPL | FL_VM | FL_CF;
    run(&f, to_the_end);
    cr_assert_eq(f.seen[1].vector, VEC_GP, "IN trapped");
    cr_assert_eq(f.v->regs.eflags & (FL_IF | FL_IOPL | FL_VM | FL_CF),
                 FL_IF | FL_CF);
    monitor_free(f.m);
}

Test(world, no_guest_can_call_the_monitors_timer_gate)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0xcd, MONITOR_TIMER); /* int 0xf0 */
    run(&f, (struct run_until){.cycle = UINT64_MAX, .one_exit = true});
    monitor_cpu(f.m)->trap_sensitive = 0; /* else INT n traps as such */
    run(&f, (struct run_until){.cycle = UINT64_MAX, .one_exit = true});
    cr_assert_eq(f.seen[1].vector, VEC_GP);
    cr_assert_eq(f.seen[1].error, MONITOR_TIMER * 8 + 2, "SDM 3A 6.13: IDT");
    monitor_free(f.m);
}

Test(world, segments_end_below_the_hole)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0xa1, 0, 0, 0xc0, 0xff); /* mov eax, [..] */
    run(&f, (struct run_until){.cycle = UINT64_MAX, .one_exit = true});
    run(&f, (struct run_until){.cycle = UINT64_MAX, .one_exit = true});
    cr_assert_eq(f.seen[1].vector, VEC_GP);
    monitor_free(f.m);
}

static unsigned bad_returns;
static void fault_of_iret(struct vm *v, struct exit *x)
{
    if (x->entering) {
        bad_returns++;
        cr_assert_eq(x->event.vector, VEC_GP);
        cr_assert_eq(x->event.error, 0x18, "CS's index, GDT");
        cr_assert_eq(x->r.cs, 0x19, "the guest's CS");
        cr_assert_eq(x->r.real_ring, 1);
        vm_kill(v, "bad CS");
        return;
    }
    x->r.reason = EXIT_flags;
    v->regs.cs = 0x19; /* no descriptor is there */
}

Test(world, a_fault_of_the_iret_itself_is_the_guests)
{
    struct fixture f;
    START(&f, fault_of_iret, 0xfa);
    bad_returns = 0;
    cr_assert_eq(run(&f, to_the_end), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_KILLED);
    cr_assert_str_eq(vm_why(f.v), "bad CS");
    cr_assert_eq(bad_returns, 1);
    cr_assert_eq(f.seen[2].disposition, DISPOSITION_killed);
    monitor_free(f.m);
}

/* ------------------------------------------------------- limits and steps */

Test(world, the_limit_stops_a_loop_at_the_exact_instruction)
{
    struct fixture f;
    START(&f, never, 0x40, 0xeb, 0xfd); /* inc eax; jmp $-1 */
    uint64_t limit = 0;
    for (int i = 0; i < 50; i++) {
        limit = monitor_clock(f.m) + 1 + (unsigned)i % 7;
        cr_assert_eq(run(&f, (struct run_until){.cycle = limit}), STOP_LIMIT);
        cr_assert_geq(monitor_clock(f.m), limit);
        if (i > 1) { /* code in the TLB: an instruction takes 1 cycle */
            cr_assert_eq(monitor_clock(f.m), limit);
        }
    }
    const struct books *b = vm_books(f.v);
    cr_assert_eq(b->guest + b->exits, monitor_clock(f.m));
    monitor_free(f.m);
}

Test(world, one_step_runs_one_instruction_trapping_or_not)
{
    struct fixture f;
    struct run_until step = {.cycle = UINT64_MAX, .one_step = true};
    START(&f, emulate_one_byte, 0x40, 0xfa, 0x40, 0xf4);
    static const uint32_t eip[] = {CODE + 1, CODE + 2, CODE + 3};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(run(&f, step), STOP_STEP);
        cr_assert_eq(monitor_cpu(f.m)->eip, eip[i]);
        cr_assert_neq(monitor_cpu(f.m)->cpl, 0, "it stands in the guest");
    }
    cr_assert_eq(run(&f, step), STOP_STEP, "HLT was a step, and the end");
    cr_assert_eq(run(&f, step), STOP_ALL_ENDED);
    monitor_free(f.m);
}

Test(world, stop_soon_stops_before_the_next_instruction)
{
    struct fixture f;
    START(&f, never, 0xeb, 0xfe); /* jmp $ */
    monitor_stop_soon(f.m);
    cr_assert_eq(run(&f, to_the_end), STOP_ASKED);
    cr_assert_eq(monitor_clock(f.m), 0);
    cr_assert_eq(run(&f, (struct run_until){.cycle = 10000}), STOP_LIMIT);
    monitor_free(f.m);
}

/* ---------------------------------------------------- timer, sleep, turns */

Test(world, the_timer_is_a_real_interrupt_at_its_cycle)
{
    struct fixture f;
    START(&f, tick, 0xeb, 0xfe); /* jmp $ */
    toy.wake = 1000000;
    run(&f, (struct run_until){.cycle = 3500000});
    cr_assert_eq(f.exits, 4, "the first entry and three ticks");
    for (unsigned i = 1; i < 4; i++) {
        cr_assert_eq(f.seen[i].reason, EXIT_interrupt);
        cr_assert_eq(f.seen[i].vector, MONITOR_TIMER);
        cr_assert_eq(f.seen[i].start, i * 1000000, "exact to the cycle");
    }
    monitor_free(f.m);
}

static void sleeper(struct vm *v, struct exit *x)
{
    if (x->event.kind == EVENT_INTERRUPT) {
        x->r.disposition = DISPOSITION_injected;
        vm_wake(v);
        toy.wake = UINT64_MAX;
        return;
    }
    x->r.reason = EXIT_hlt;
    x->r.disposition = DISPOSITION_scheduled;
    v->regs.eip++;
    vm_block(v);
}

Test(world, a_blocked_guest_sleeps_to_its_event_and_the_sleep_is_idle_time)
{
    struct fixture f;
    START(&f, sleeper, 0xf4, 0x40, 0xf4); /* hlt; inc eax; hlt */
    toy.wake = 5000000;
    cr_assert_eq(run(&f, to_the_end), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_KILLED, "nothing wakes the second HLT");
    cr_assert(strstr(vm_why(f.v), "halted"), "%s", vm_why(f.v));
    cr_assert_eq(f.exits, 4, "turn, hlt, interrupt, hlt");
    cr_assert_eq(f.seen[2].reason, EXIT_interrupt);
    cr_assert_eq(f.seen[2].start, 5000000);
    cr_assert_eq(f.seen[2].phase[PHASE_exit],
                 prices.price[PRICE_int_same] + prices.price[PRICE_hlt],
                 "the interrupt found the processor in ring 0");
    const struct books *b = vm_books(f.v);
    cr_assert_eq(b->idle, 5000000 - f.seen[1].start - exit_cost(&f.seen[1]));
    monitor_free(f.m);
}

Test(world, the_limit_ends_a_sleep_too)
{
    struct fixture f;
    START(&f, sleeper, 0xf4, 0x40, 0xf4);
    cr_assert_eq(run(&f, (struct run_until){.cycle = 9000000}), STOP_LIMIT);
    cr_assert_eq(monitor_clock(f.m), 9000000);
    cr_assert_eq(vm_state(f.v), VM_BLOCKED);
    monitor_free(f.m);
}

Test(world, two_guests_share_the_processor_and_each_ones_books_balance)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0x40, 0xeb, 0xfd); /* inc eax; jmp $-1 */
    struct vm *w = add(&f, (const uint8_t[]){0x43, 0xeb, 0xfd}, 3);
    toy.handle = tick;
    uint64_t limit = 5000000;
    prices.mhz = 100; /* a turn of 10 ms is a million cycles */
    cr_assert_eq(run(&f, (struct run_until){.cycle = limit}), STOP_LIMIT);
    const struct books *a = vm_books(f.v), *b = vm_books(w);
    cr_assert_gt(a->guest, limit / 3);
    cr_assert_gt(b->guest, limit / 3);
    cr_assert_eq(a->others, b->guest + b->exits);
    cr_assert_eq(b->others, a->guest + a->exits);
    monitor_free(f.m);
}

Test(world, one_guests_end_is_not_the_others)
{
    struct fixture f;
    START(&f, emulate_one_byte, 0xf4);
    struct vm *w = add(&f, (const uint8_t[]){0x43, 0x43, 0xf4}, 3);
    cr_assert_eq(run(&f, to_the_end), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f.v), VM_EXITED);
    cr_assert_eq(vm_state(w), VM_EXITED);
    cr_assert_eq(vm_books(w)->instructions, 2);
    monitor_free(f.m);
}

Test(world, the_same_run_twice_is_the_same_to_the_cycle)
{
    struct exit_record first[64];
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        START(&f, tick, 0x40, 0xfa, 0xeb, 0xfc); /* inc; cli; jmp */
        toy.wake = 3000;
        run(&f, (struct run_until){.cycle = 100000});
        cr_assert_gt(f.exits, 20);
        if (i == 0) {
            memcpy(first, f.seen, sizeof first);
        } else {
            cr_assert_arr_eq(first, f.seen, sizeof first);
        }
        monitor_free(f.m);
    }
}
