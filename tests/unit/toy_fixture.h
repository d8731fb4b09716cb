/*
 * toy_fixture.h - for tests of the monitor's core: the least technique there
 * can be, and a monitor with a guest under it.
 *
 * The guest is code in ring 1 on flat segments, its memory mapped one to one;
 * the test gives the function that handles its exits. No static function
 * here need be used by every test.
 */
#ifndef RINGSIDE_TESTS_TOY_FIXTURE_H
#define RINGSIDE_TESTS_TOY_FIXTURE_H

#include "../../vmm/image.h"
#include "../../vmm/monitor.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-const-variable"

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
    v->context.seg[SEG_DS] = v->context.seg[SEG_ES] =
        world_segment(FLAT_RING1_DS);
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

/* A test may change it before START. */
static struct monitor_config toy_config = {.kind = CPU_VIRTUALIZABLE};

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
    struct vm_config cfg = {.name = "toy",
                            .technique = &technique_toy,
                            .image = path,
                            .memory = 2u << 20};
    struct vm *v = monitor_add_vm(f->m, &cfg, err, sizeof err);
    unlink(path);
    cr_assert(v, "%s", err);
    return v;
}

static void start(struct fixture *f, const uint8_t *code, size_t n,
                  void (*handle)(struct vm *, struct exit *))
{
    cr_assert_eq(costs_load(&prices, "p4-vt", err, sizeof err), 0);
    struct monitor_config cfg = toy_config;
    cfg.costs = &prices;
    cfg.ram_size = 16u << 20;
    cfg.observer = (struct monitor_observer){.who = f, .exit = see};
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

#pragma GCC diagnostic pop

#endif
