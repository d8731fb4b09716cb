/*
 * Timer ticks of a guest that shares its machine: each that comes due is
 * taken, or lost, or still waiting; and how late they are follows from the
 * length of a turn.
 */
#include "../../vmm/monitor.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct costs prices;
static char err[256];
static unsigned taken; /* what the first guest says, a byte a tick */

static void see_byte(void *who, struct vm *v, enum output_channel ch,
                     uint8_t byte)
{
    (void)who;
    (void)ch;
    taken += vm_id(v) == 1 && byte == '.';
}

static struct monitor *machine(void)
{
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    prices.mhz = 100; /* a turn is a million cycles */
    taken = 0;
    struct monitor_config cfg = {.kind = CPU_VIRTUALIZABLE,
                                 .costs = &prices,
                                 .observer = {.output = see_byte}};
    struct monitor *m = monitor_new(&cfg, err, sizeof err);
    cr_assert(m, "%s", err);
    return m;
}

static struct vm *put(struct monitor *m, const char *path,
                      const char *technique)
{
    struct vm_config cfg = {.technique = technique_find(technique),
                            .image = path,
                            .memory = 4u << 20};
    struct vm *v = monitor_add_vm(m, &cfg, err, sizeof err);
    cr_assert(v, "%s", err);
    return v;
}

static struct vm *put_lesson(struct monitor *m, const char *name,
                             const char *technique)
{
    char path[256];
    const char *build = getenv("BUILD");
    snprintf(path, sizeof path, "%s/guests/%s.elf", build ? build : "build",
             name);
    return put(m, path, technique);
}

/* Sleeps, and says "." for each of so many interrupts a second. */
static struct vm *put_ticker(struct monitor *m, unsigned hz)
{
    static const uint8_t before[] = {
        0xbc, 0x00, 0x80, 0x10, 0x00,                   /* mov esp, 0x108000 */
        0x0f, 0x01, 0x15, 0x5a, 0x00, 0x10, 0x00,       /* lgdt [0x10005a] */
        0x0f, 0x01, 0x1d, 0x60, 0x00, 0x10, 0x00,       /* lidt [0x100060] */
        0xb0, 0x11, 0xe6, 0x20, 0xb0, 0x10, 0xe6, 0x21, /* vectors 16 ... */
        0xb0, 0x04, 0xe6, 0x21, 0xb0, 0x01, 0xe6, 0x21,
        0xb0, 0xfe, 0xe6, 0x21,        /* IRQ 0 alone */
        0xb0, 0x34, 0xe6, 0x43, 0xb0}; /* 8254, mode 2, count */
    static const uint8_t behind[] = {0xfb, 0xf4, 0xeb, 0xfc}; /* sti; hlt */
    static const uint8_t handler[] = {0xb0, 0x2e, 0xe6, 0xe9, 0xb0,
                                      0x20, 0xe6, 0x20, 0xcf};
    uint8_t image[32 + 0x100] = {0}, *code = image + 32;
    uint32_t *header = (uint32_t *)(void *)image, count = 1193182 / hz;
    uint32_t words[8] = {0x1badb002,    0x10000, 0,        0x100000 - 32,
                         0x100000 - 32, 0,       0x110000, 0x100000};
    words[2] = 0u - words[0] - words[1];
    memcpy(header, words, sizeof words);
    size_t n = sizeof before;
    memcpy(code, before, n);
    const uint8_t rate[] = {(uint8_t)count,        0xe6, 0x40, 0xb0,
                            (uint8_t)(count >> 8), 0xe6, 0x40};
    memcpy(code + n, rate, sizeof rate);
    memcpy(code + n + sizeof rate, behind, sizeof behind);
    memcpy(code + 0x50, handler, sizeof handler);
    const uint8_t gdtr[] = {0x17, 0, 0xa0, 0, 0x10, 0};
    memcpy(code + 0x5a, gdtr, sizeof gdtr);
    const uint8_t flat[] = {0xff, 0xff, 0, 0, 0, 0x9b, 0xcf, 0,
                            0xff, 0xff, 0, 0, 0, 0x93, 0xcf, 0};
    memcpy(code + 0xa0 + 8, flat, sizeof flat); /* where no vector is used */
    const uint8_t idtr[] = {0x87, 0, 0x68, 0, 0x10, 0};
    memcpy(code + 0x60, idtr, sizeof idtr);
    const uint8_t gate[] = {0x50, 0, 8, 0, 0, 0x8e, 0x10, 0};
    memcpy(code + 0x68 + 16 * 8, gate, sizeof gate);
    char path[] = "/tmp/ringside-ticks-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert(write(fd, image, sizeof image) == sizeof image);
    close(fd);
    struct vm *v = put(m, path, "full");
    unlink(path);
    return v;
}

static void run(struct monitor *m, uint64_t cycles)
{
    struct run_until u = {.cycle = cycles};
    cr_assert_eq(monitor_run(m, &u), STOP_LIMIT, "%s",
                 vm_why(monitor_vm(m, 0)));
    cr_assert(monitor_audit(m, err, sizeof err), "%s", err);
}

/* Due is taken, lost, or the one that waits. */
static void expect_all_there(const struct vm *v)
{
    const struct ticks *t = vm_ticks(v);
    uint64_t rest = t->due - t->lost - taken;
    cr_assert_leq(rest, 1, "%lu due, %lu lost, %u taken", (unsigned long)t->due,
                  (unsigned long)t->lost, taken);
}

Test(ticks, alone_none_is_late_or_lost)
{
    struct monitor *m = machine();
    struct vm *v = put_ticker(m, 200);
    run(m, 50000000); /* half a second */
    cr_assert_eq(vm_ticks(v)->due, 100 - 1, "the first period begins later");
    cr_assert_eq(vm_ticks(v)->late, 0);
    cr_assert_eq(vm_ticks(v)->lost, 0);
    expect_all_there(v);
    monitor_free(m);
}

/* Round robin: the spinner has 10 ms, in which ten ticks of 1,000 Hz come
 * due: the first is late, and nine are lost. */
Test(ticks, of_those_in_anothers_turn_one_is_late_and_the_rest_lost)
{
    struct monitor *m = machine();
    struct vm *v = put_ticker(m, 1000);
    put_lesson(m, "spin-cli", "full");
    run(m, 200000000);
    const struct ticks *t = vm_ticks(v);
    cr_assert_geq(t->late, 95, "%lu of %lu", (unsigned long)t->late,
                  (unsigned long)t->due);
    cr_assert_geq(t->lost, t->late * 8);
    cr_assert_leq(t->lost, t->late * 10);
    cr_assert_leq(t->delay_max, 1010000, "a turn, and its exit");
    cr_assert_geq(t->delay / t->late, 900000, "nearly all of it");
    expect_all_there(v);
    monitor_free(m);
}

/* Slower than the turns are long: late, and none lost. */
Test(ticks, slow_ones_are_late_and_none_is_lost)
{
    struct monitor *m = machine();
    struct vm *v = put_ticker(m, 50);
    put_lesson(m, "spin-cli", "full");
    run(m, 200000000);
    const struct ticks *t = vm_ticks(v);
    cr_assert_eq(t->due, 100 - 1);
    cr_assert_eq(t->lost, 0);
    cr_assert_eq(t->late, t->due, "the spinner has it whenever one comes");
    expect_all_there(v);
    monitor_free(m);
}

Test(ticks, a_para_guests_timer_is_counted_alike)
{
    struct monitor *m = machine();
    struct vm *v = put_lesson(m, "para", "para");
    put_lesson(m, "spin-cli", "full");
    put_lesson(m, "spin-cli", "emulate");
    run(m, 150000000);
    cr_assert_eq(vm_state(v), VM_EXITED);
    cr_assert_eq(vm_exit_status(v), 0);
    cr_assert_geq(vm_ticks(v)->due, 3, "it waits for three");
    cr_assert_geq(vm_ticks(v)->late, 1);
    monitor_free(m);
}
