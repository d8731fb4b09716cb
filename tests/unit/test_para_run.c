/*
 * test_para_run.c - para guests that run: several on one machine, under the
 * audit, and one that dies beside one that lives.
 */
#include "para_vm.h"

struct heard {
    char text[2][4096]; /* by VM */
    size_t length[2];
};

static void on_output(void *who, struct vm *v, enum output_channel ch,
                      uint8_t byte)
{
    struct heard *h = who;
    size_t i = vm_id(v) - 1;
    (void)ch;
    if (h->length[i] + 1 < sizeof(h->text[i]))
        h->text[i][h->length[i]++] = (char)byte;
}

/* The record of an exception names the vector that the guest was given. */
static void on_exit_done(void *who, struct monitor *m,
                         const struct exit_record *x)
{
    (void)who;
    (void)m;
    if (x->reason == EXIT_guest_pf)
        cr_assert(x->disposition == DISPOSITION_reflected &&
                  x->detail == VEC_PF);
}

static struct monitor *new_monitor(struct heard *h)
{
    static struct costs costs;
    char err[200] = "";
    cr_assert(costs_load(&costs, "p4-vt", err, sizeof(err)) == 0, "%s", err);
    costs.mhz = 400; /* a turn, 10 ms, is four million cycles */
    struct monitor_config cfg = {
        .kind = CPU_CLASSIC,
        .costs = &costs,
        .ram_size = 64u << 20,
        .observer = {.who = h, .output = on_output, .exit = on_exit_done},
    };
    struct monitor *m = monitor_new(&cfg, err, sizeof(err));
    cr_assert(m, "%s", err);
    return m;
}

static struct vm *add_kernel(struct monitor *m, const char *line)
{
    char path[200], err[200] = "";
    const char *build = getenv("BUILD");
    snprintf(path, sizeof(path), "%s/guests/kernel-para.elf",
             build ? build : "build");
    struct vm_config cfg = {.technique = &technique_para,
                            .image = path,
                            .command_line = line,
                            .memory = 8u << 20};
    struct vm *v = monitor_add_vm(m, &cfg, err, sizeof(err));
    cr_assert(v, "%s", err);
    return v;
}

/* Run on, an exit at a time, and audit after every 50th. */
static void run_to_the_end(struct monitor *m)
{
    struct run_until u = {.cycle = 20000000000u, .one_exit = true};
    char err[200] = "";
    enum monitor_stop stop;
    uint32_t n = 0;
    while ((stop = monitor_run(m, &u)) == STOP_EXIT)
        cr_assert(n++ % 50 != 0 || monitor_audit(m, err, sizeof(err)),
                  "exit %u: %s", n, err);
    cr_expect(stop == STOP_ALL_ENDED);
    cr_expect(monitor_audit(m, err, sizeof(err)), "%s", err);
}

Test(para_run, two_kernels_take_turns, .timeout = 60)
{
    struct heard h = {0};
    struct monitor *m = new_monitor(&h);
    struct vm *a = add_kernel(m, "workload=forkwait n=200");
    struct vm *b = add_kernel(m, "workload=ctx2 n=2000");
    run_to_the_end(m);
    cr_expect(vm_state(a) == VM_EXITED && vm_exit_status(a) == 0, "%s",
              vm_why(a));
    cr_expect(vm_state(b) == VM_EXITED && vm_exit_status(b) == 0, "%s",
              vm_why(b));
    cr_expect(strstr(h.text[0], "done, status 0"), "%s", h.text[0]);
    cr_expect(strstr(h.text[1], "done, status 0"), "%s", h.text[1]);
    cr_expect(vm_books(a)->by_reason[EXIT_schedule] > 1, "they took turns");
    monitor_free(m);
}

/* A VM whose kernel has no trap table faults, and ends; the other goes on. */
Test(para_run, one_dies_alone, .timeout = 60)
{
    struct heard h = {0};
    struct monitor *m = new_monitor(&h);
    char err[200] = "";
    size_t n = make_image(para_image);
    para_image[4096] = 0x0f; /* UD2 in place of the jump */
    para_image[4097] = 0x0b;
    struct vm *a = add_vm_of(m, para_image, n, err, sizeof(err));
    cr_assert(a, "%s", err);
    struct vm *b = add_kernel(m, "workload=nullcall");
    run_to_the_end(m);
    cr_expect(vm_state(a) == VM_KILLED);
    cr_expect(strstr(vm_why(a), "exception 6"), "%s", vm_why(a));
    cr_expect(vm_state(b) == VM_EXITED && vm_exit_status(b) == 0, "%s",
              vm_why(b));
    monitor_free(m);
}

/* The guest takes its own code segment away: its failsafe callback hears. */
Test(para_run, failsafe_callback, .timeout = 60)
{
    struct para_vm t = para_vm_new();
    const uint32_t gdt[4] = {0, 0, 0x0000ffff, 0x00cfba00};
    const uint8_t jump[] = {0xeb, 0xfe};
    struct run_until u = {.cycle = t.m->cpu->cycles + 100000};
    poke(&t, VA(FREE_PFN), gdt, sizeof(gdt));
    poke(&t, VA(2), jump, sizeof(jump)); /* the callback: runs for ever */
    cr_assert(map(&t, VA(FREE_PFN), 0) == 0);
    uint32_t frame = mfn(&t, FREE_PFN);
    poke(&t, SCRATCH, &frame, sizeof(frame));
    cr_assert(call(&t, XEN_set_gdt, SCRATCH, 512, 0, 0) == 0);
    cr_assert(call(&t, XEN_set_callbacks, XEN_FLAT_RING1_CS, 0,
                   XEN_FLAT_RING1_CS, VA(2)) == 0);
    t.v->regs.cs = 0x09; /* the second: ring 1 code */
    cr_assert(monitor_run(t.m, &u) == STOP_LIMIT);
    cr_assert(t.m->cpu->cpl == 1 && t.m->cpu->eip == BASE);

    uint32_t data[2] = {0x0000ffff, 0x00cfb200};
    cr_assert(call(&t, XEN_update_descriptor, frame * PAGE_SIZE + 8, 0, data[0],
                   data[1]) == 0);
    u.cycle = t.v->monitor->cpu->cycles + 100000000; /* a timer's exit */
    cr_assert(monitor_run(t.m, &u) == STOP_LIMIT);
    cr_expect(vm_state(t.v) == VM_RUNNING, "%s", vm_why(t.v));
    cr_expect(t.m->cpu->eip == VA(2), "eip %x", t.m->cpu->eip);
    uint32_t esp = t.m->cpu->reg[REG_ESP];
    cr_expect(peek32(&t, esp) == XEN_FLAT_RING1_DS, "DS");
    cr_expect(peek32(&t, esp + 16) == BASE, "EIP");
    cr_expect((peek32(&t, esp + 20) & 0xffff) == 0x09, "CS");
    monitor_free(t.m);
}
