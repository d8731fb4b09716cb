/*
 * The monitor's world: a trap is a real one, takes a real frame to a stub,
 * and a real IRET goes back. The technique here is the least there can be:
 * flat ring-1 code in a page of its own, and a handler the test gives.
 */
#include "../../vmm/monitor.h"
#include "../../vmm/image.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CODE 0x100000u /* where the image puts the guest's code */
#define STACK 0x8000u

static struct costs prices;
static char err[256];

/* ------------------------------------------------------- a toy technique */

struct toy {
    void (*handle)(struct vm *v, struct exit *x);
    uint64_t wake; /* next_event's answer */
};
static struct toy toy;

/* Map the guest's memory, one to one, up to 4 MiB. */
static bool toy_create(struct vm *v, const struct image *im, char *e,
                       size_t size)
{
    mpa_t directory, table;
    if (!image_place(v, im, e, size) ||
        !frame_alloc(v->monitor, NULL, &directory) ||
        !frame_alloc(v->monitor, NULL, &table)) {
        return false;
    }
    uint32_t *pde = (uint32_t *)(void *)frame_bytes(v->monitor, directory);
    uint32_t *pte = (uint32_t *)(void *)frame_bytes(v->monitor, table);
    pde[0] = table.v | PTE_P | PTE_W | PTE_U;
    pde[1023] = world_pde(v->monitor);
    for (uint32_t i = 0; i < 1024 && i < v->pages; i++) {
        mpa_t frame;
        cr_assert(p2m(v, (gpa_t){i << PAGE_SHIFT}, &frame));
        pte[i] = frame.v | PTE_P | PTE_W | PTE_U;
    }
    v->shadow_cr3 = directory.v;
    v->regs = (struct frame_regs){.eip = im->entry,
                                  .cs = FLAT_RING1_CS,
                                  .ss = FLAT_RING1_DS,
                                  .esp = STACK};
    v->context.seg[SEG_DS] = v->context.seg[SEG_ES] = world_flat(FLAT_RING1_DS);
    return true;
}

static void toy_handle(struct vm *v, struct exit *x)
{
    toy.handle(v, x);
}

static uint64_t toy_next(struct vm *v)
{
    (void)v;
    return toy.wake;
}

static bool toy_translate(struct vm *v, gva_t at, gpa_t *out)
{
    (void)v;
    out->v = at.v;
    return true;
}

static void toy_virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    *out = (struct virtual_cpu){.eip = v->regs.eip};
}

static const struct technique technique_toy = {
    .name = "toy",
    .text = "for tests",
    .kind = CPU_VIRTUALIZABLE,
    .create = toy_create,
    .handle = toy_handle,
    .next_event = toy_next,
    .translate = toy_translate,
    .virtual_cpu = toy_virtual_cpu,
};

/* ----------------------------------------------------------- the fixture */

struct fixture {
    struct monitor *m;
    struct vm *v;
    unsigned exits; /* that the observer saw */
    struct exit_record seen[64];
};

static void see(void *who, struct monitor *m, const struct exit_record *x)
{
    struct fixture *f = who;
    char why[200];
    f->seen[f->exits++ % 64] = *x;
    cr_assert(monitor_audit(m, why, sizeof why), "%s", why);
}

/* A Multiboot image without ELF around the code, in a file of its own. */
static void write_image(char *path, const uint8_t *code, size_t n)
{
    uint32_t header[8] = {0x1badb002, 0x10000, 0xe4514ffe, CODE - 32,
                          CODE - 32,  0,       0,          CODE};
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    header[2] = 0u - header[0] - header[1];
    cr_assert(write(fd, header, sizeof header) == sizeof header);
    cr_assert(write(fd, code, n) == (ssize_t)n);
    close(fd);
}

static struct vm *add(struct fixture *f, const uint8_t *code, size_t n)
{
    char path[] = "/tmp/ringside-world-XXXXXX";
    write_image(path, code, n);
    struct vm_config cfg = {
        .technique = &technique_toy, .image = path, .memory = 2u << 20};
    struct vm *v = monitor_add_vm(f->m, &cfg, err, sizeof err);
    unlink(path);
    cr_assert(v, "%s", err);
    return v;
}

static void start(struct fixture *f, const uint8_t *code, size_t n,
                  void (*handle)(struct vm *, struct exit *))
{
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    struct monitor_config cfg = {.kind = CPU_VIRTUALIZABLE,
                                 .costs = &prices,
                                 .ram_size = 16u << 20,
                                 .observer = {.who = f, .exit = see}};
    *f = (struct fixture){.m = monitor_new(&cfg, err, sizeof err)};
    cr_assert(f->m, "%s", err);
    toy = (struct toy){.handle = handle, .wake = UINT64_MAX};
    f->v = add(f, code, n);
}
#define START(f, handle, ...)                \
    start(f, (const uint8_t[]){__VA_ARGS__}, \
          sizeof((const uint8_t[]){__VA_ARGS__}), handle)

static enum monitor_stop run(struct fixture *f, struct run_until u)
{
    enum monitor_stop stop = monitor_run(f->m, &u);
    cr_assert(monitor_audit(f->m, err, sizeof err), "%s", err);
    return stop;
}
static const struct run_until to_the_end = {.cycle = UINT64_MAX};

/* -------------------------------------------------------------- handlers */

/* Step over a one-byte instruction; HLT (f4) ends the guest. */
static void emulate_one_byte(struct vm *v, struct exit *x)
{
    uint8_t op = 0;
    vm_peek(v, (gva_t){v->regs.eip}, &op, 1);
    x->r.reason = EXIT_flags;
    x->r.disposition = DISPOSITION_emulated;
    charge_exit(v, PHASE_decode, PRICE_vmm_decode, 1);
    if (op == 0xf4) {
        vm_exit(v, v->monitor->cpu->reg[REG_EAX]);
    }
    v->regs.eip++;
}

static void never(struct vm *v, struct exit *x)
{
    cr_assert_fail("an exit with vector %u at %08x", x->event.vector,
                   v->regs.eip);
}

/* Timer exits do nothing; the rest is emulate_one_byte. */
static void tick(struct vm *v, struct exit *x)
{
    if (x->event.kind == EVENT_INTERRUPT) {
        toy.wake += 1000000;
        vm_wake(v);
        return;
    }
    emulate_one_byte(v, x);
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
