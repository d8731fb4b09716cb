/*
 * Several guests on one machine: each does what it does alone, whatever the
 * others do, end badly included; and all books balance together.
 */
#include "../../vmm/monitor.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VMS_MAX 5
#define OUTPUT_MAX 8192

static struct costs prices;
static char err[256];

struct place {
    struct monitor *m;
    char output[VMS_MAX + 1][OUTPUT_MAX]; /* by VM id */
    size_t length[VMS_MAX + 1];
};

static void see_byte(void *who, struct vm *v, enum output_channel ch,
                     uint8_t byte)
{
    struct place *p = who;
    uint32_t id = vm_id(v);
    (void)ch;
    if (p->length[id] < OUTPUT_MAX - 1) {
        p->output[id][p->length[id]++] = (char)byte;
    }
}

static void open_place(struct place *p)
{
    memset(p, 0, sizeof *p);
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    prices.mhz = 400; /* shorter turns, and more of them */
    struct monitor_config cfg = {.kind = CPU_VIRTUALIZABLE,
                                 .costs = &prices,
                                 .ram_size = 96u << 20,
                                 .observer = {.who = p, .output = see_byte}};
    p->m = monitor_new(&cfg, err, sizeof err);
    cr_assert(p->m, "%s", err);
}

static struct vm *put(struct place *p, const char *guest, const char *technique)
{
    char path[256];
    const char *build = getenv("BUILD");
    snprintf(path, sizeof path, "%s/guests/%s.elf", build ? build : "build",
             guest);
    struct vm_config cfg = {.technique = technique_find(technique),
                            .image = path};
    struct vm *v = monitor_add_vm(p->m, &cfg, err, sizeof err);
    cr_assert(v, "%s", err);
    return v;
}

static void run_all(struct place *p)
{
    struct run_until u = {.cycle = 2000000000};
    cr_assert_eq(monitor_run(p->m, &u), STOP_ALL_ENDED);
    cr_assert(monitor_audit(p->m, err, sizeof err), "%s", err);
}

static struct place alone, together;

Test(together, two_kernels_take_turns_and_neither_can_tell, .timeout = 240)
{
    static const char *const technique[] = {"full", "para"};
    static const char *const kernel[] = {"kernel-native", "kernel-para"};
    for (int i = 0; i < 2; i++) {
        open_place(&alone);
        put(&alone, kernel[i], technique[i]);
        run_all(&alone);
        monitor_free(alone.m);
        if (i == 0) {
            open_place(&together);
            put(&together, kernel[0], technique[0]);
            put(&together, kernel[1], technique[1]);
            run_all(&together);
        }
        const struct vm *v = monitor_vm(together.m, (size_t)i);
        cr_assert_eq(vm_state(v), VM_EXITED, "%s: %s", kernel[i], vm_why(v));
        cr_assert_eq(vm_exit_status(v), 0);
        cr_assert_gt(vm_books(v)->others, 0);
        cr_assert_gt(vm_books(v)->by_reason[EXIT_schedule], 3, "many turns");
        cr_assert_gt(alone.length[1], 500);
        cr_assert(strcmp(alone.output[1], together.output[i + 1]) == 0,
                  "%s alone and in company:\n%s\n%s", kernel[i],
                  alone.output[1], together.output[i + 1]);
    }
    monitor_free(together.m);
}

Test(together, guests_that_end_badly_take_nobody_with_them, .timeout = 240)
{
    open_place(&together);
    struct vm *triple = put(&together, "triple-fault", "full");
    struct vm *deaf = put(&together, "hlt-cli", "full");
    struct vm *spin = put(&together, "spin-cli", "full");
    struct vm *good = put(&together, "page-fault", "full");
    struct vm *para = put(&together, "para", "para");
    struct run_until u = {.cycle = 60000000};
    cr_assert_eq(monitor_run(together.m, &u), STOP_LIMIT, "one spins on");
    cr_assert(monitor_audit(together.m, err, sizeof err), "%s", err);
    cr_assert_eq(vm_state(triple), VM_KILLED);
    cr_assert(strstr(vm_why(triple), "triple fault"), "%s", vm_why(triple));
    cr_assert_eq(vm_state(deaf), VM_KILLED);
    cr_assert(strstr(vm_why(deaf), "interrupts off"), "%s", vm_why(deaf));
    cr_assert_eq(vm_state(spin), VM_RUNNING);
    cr_assert_gt(vm_books(spin)->guest, 30000000);
    cr_assert_eq(vm_state(good), VM_EXITED);
    cr_assert_eq(vm_exit_status(good), 0);
    cr_assert_eq(vm_state(para), VM_EXITED, "%s", vm_why(para));
    cr_assert_eq(vm_exit_status(para), 0);
    monitor_free(together.m);
}
