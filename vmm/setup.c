/*
 * setup.c - a monitor and its virtual machines: made, found and freed.
 *
 * Job:    make a machine for the monitor; make of a file and a configuration
 *         a VM, or a message that says why not.
 * Parts:  the machine's bus; the monitor; a VM; looking.
 *
 * Simplified: on the machine's own bus there are no devices but the
 * monitor's timer, which is only an interrupt vector. A guest's devices are
 * all virtual, so every port access of a guest traps.
 */
#include "image.h"
#include "silent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1u << 20)
#define RAM_DEFAULT (256 * MIB) /* untouched memory costs the host nothing */
#define GUEST_DEFAULT (16 * MIB)
#define GUEST_LEAST MIB
#define RAM_MOST (2048u * MIB)

/* ------------------------------------------------------- the machine's bus */

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    struct monitor *m = wire;
    (void)writable; /* all of it is */
    return frame_bytes(m, page);
}

static uint32_t mem_read(void *wire, mpa_t at, unsigned size)
{
    (void)wire;
    (void)at;
    (void)size;
    return UINT32_MAX;
}

static void mem_write(void *wire, mpa_t at, unsigned size, uint32_t value)
{
    (void)wire;
    (void)at;
    (void)size;
    (void)value;
}

static uint32_t port_in(void *wire, uint16_t port, unsigned size)
{
    return mem_read(wire, (mpa_t){port}, size);
}

static void port_out(void *wire, uint16_t port, unsigned size, uint32_t value)
{
    mem_write(wire, (mpa_t){port}, size, value);
}

static uint8_t acknowledge(void *wire)
{
    struct monitor *m = wire;
    m->cpu->interrupt_line = false;
    return MONITOR_TIMER;
}

static const struct cpu_bus monitor_bus = {.frame = frame,
                                           .mem_read = mem_read,
                                           .mem_write = mem_write,
                                           .port_in = port_in,
                                           .port_out = port_out,
                                           .acknowledge = acknowledge};

/* ------------------------------------------------------------ the monitor */

struct monitor *monitor_new(const struct monitor_config *cfg, char *err,
                            size_t errsize)
{
    uint32_t size = cfg->ram_size ? cfg->ram_size : RAM_DEFAULT;
    struct monitor *m = calloc(1, sizeof *m);
    if (size < GUEST_LEAST || size > RAM_MOST) {
        snprintf(err, errsize,
                 "a machine of %u bytes of memory: give it 1 MiB to 2 GiB",
                 size);
        free(m);
        return NULL;
    }
    if (m) {
        m->config = *cfg;
        m->costs = cfg->costs;
        m->pool = pool_new();
        m->cpu = m->runs = cpu_new(cfg->kind, cfg->costs, &monitor_bus, m);
    }
    if (m && m->cpu)
        cpu_use_reference(m->cpu, cfg->reference_engine);
    if (!m || !m->cpu || !m->pool || !ram_new(&m->ram, size) ||
        !allocator_init(m)) {
        snprintf(err, errsize,
                 "the host has no memory for a machine of %u MiB: give it "
                 "less",
                 size / MIB);
        monitor_free(m);
        return NULL;
    }
    return m;
}

static void vm_free(struct vm *v)
{
    if (v->technique->destroy && v->own) {
        v->technique->destroy(v);
    }
    board_free(v->board);
    image_free(v->image);
    free(v->command_line);
    pool_give(v->monitor->pool, v->p2m);
    pool_give(v->monitor->pool, v);
}

void monitor_free(struct monitor *m)
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->vm_count; i++) {
        vm_free(m->vms[i]);
    }
    pool_free(m->pool);
    ram_free(&m->ram);
    if (m->cpu) {
        cpu_free(m->cpu);
    }
    free(m);
}

/* ------------------------------------------------------------------- a VM */

/* May a VM of this configuration join? */
static bool may_join(const struct monitor *m, const struct vm_config *cfg,
                     uint32_t memory, char *err, size_t errsize)
{
    bool alone = cfg->technique->run != NULL;
    bool taken = m->vm_count > 0 && m->vms[0]->technique->run;
    uint64_t most = m->ram.size;
    if (taken || (alone && m->vm_count > 0)) {
        snprintf(err, errsize,
                 "a guest on the bare machine has it for itself: run it "
                 "alone");
        return false;
    }
    if (memory < GUEST_LEAST || memory % PAGE_SIZE != 0 || memory > most) {
        snprintf(err, errsize,
                 "%s: guest memory of %u bytes: give it whole pages, at least "
                 "1 MiB and at most the machine's %u MiB",
                 cfg->image, memory, m->ram.size / MIB);
        return false;
    }
    if (cfg->weight > WEIGHT_MOST || cfg->cap > 100) {
        snprintf(err, errsize,
                 "%s: weight %u, cap %u: give it a weight of 1 to %u and a "
                 "cap of 1 to 100 percent",
                 cfg->image, cfg->weight, cfg->cap, WEIGHT_MOST);
        return false;
    }
    return true;
}

static struct vm *new_vm(struct monitor *m, const struct vm_config *cfg,
                         uint32_t memory)
{
    const char *line = cfg->command_line ? cfg->command_line : "";
    struct vm *v = pool_take(m->pool, sizeof *v);
    if (!v || !(v->command_line = malloc(strlen(line) + 1))) {
        pool_give(m->pool, v);
        return NULL;
    }
    strcpy(v->command_line, line);
    v->id = (uint32_t)m->vm_count + 1;
    v->monitor = m;
    v->technique = cfg->technique;
    v->pages = memory >> PAGE_SHIFT;
    v->weight = cfg->weight ? cfg->weight : WEIGHT_DEFAULT;
    v->cap = cfg->cap;
    v->books.since = v->books.clock = m->booked;
    fpu_init(&v->context.fpu);
    return v;
}

/* Room for one more in the monitor's list. */
static bool grow_list(struct monitor *m)
{
    struct vm **list =
        pool_resize(m->pool, m->vms, (m->vm_count + 1) * sizeof *list);
    if (!list) {
        return false;
    }
    m->vms = list;
    return true;
}

static void give_back_frames(struct monitor *m, const struct vm *v)
{
    for (uint32_t i = 0; i < m->frame_count; i++) {
        if (m->frames[i].kind == FRAME_GUEST && m->frames[i].owner == v) {
            frame_free(m, (mpa_t){i << PAGE_SHIFT});
        }
    }
}

/* A disk's boot sector needs real mode, and takes no command line. */
static bool may_start(const struct vm *v, char *err, size_t errsize)
{
    if (!v->image->disk) {
        return true;
    }
    if (!v->technique->real_mode) {
        snprintf(err, errsize,
                 "%s: a disk, whose boot sector starts in real mode; under "
                 "%s a guest has protected mode alone: use --technique bare "
                 "or emulate",
                 v->name, v->technique->name);
        return false;
    }
    if (*v->command_line) {
        snprintf(err, errsize,
                 "%s: a disk, whose boot sector takes no command line: leave "
                 "out --append",
                 v->name);
        return false;
    }
    return true;
}

static bool fill_vm(struct vm *v, const struct vm_config *cfg, char *err,
                    size_t errsize)
{
    v->image = image_load(cfg->image, err, errsize);
    if (!v->image) {
        return false;
    }
    snprintf(v->name, sizeof v->name, "%s",
             cfg->name ? cfg->name : v->image->name);
    if (!(v->technique->run || world_build(v->monitor)) || !allocator_give(v)) {
        snprintf(err, errsize,
                 "%s: the machine has not enough memory left for a guest of "
                 "%u MiB: give the machine more, or the guest less",
                 v->name, vm_memory(v) / MIB);
        return false;
    }
    return may_start(v, err, errsize) &&
           v->technique->create(v, v->image, err, errsize);
}

struct vm *monitor_add_vm(struct monitor *m, const struct vm_config *cfg,
                          char *err, size_t errsize)
{
    uint32_t memory = cfg->memory ? cfg->memory : GUEST_DEFAULT;
    if (!may_join(m, cfg, memory, err, errsize)) {
        return NULL;
    }
    struct vm *v = grow_list(m) ? new_vm(m, cfg, memory) : NULL;
    if (!v) {
        snprintf(err, errsize, "the host has no memory for another guest");
        return NULL;
    }
    if (!fill_vm(v, cfg, err, errsize)) {
        give_back_frames(m, v);
        vm_free(v);
        return NULL;
    }
    m->vms[m->vm_count++] = v;
    return v;
}

/* ---------------------------------------------------------------- looking */

struct cpu *monitor_cpu(struct monitor *m)
{
    return m->cpu;
}

uint64_t monitor_clock(const struct monitor *m)
{
    return m->cpu->cycles;
}

const struct books *monitor_books(const struct monitor *m)
{
    return &m->books;
}

size_t monitor_vm_count(const struct monitor *m)
{
    return m->vm_count;
}

struct vm *monitor_current(struct monitor *m)
{
    return m->current;
}

struct vm *monitor_vm(struct monitor *m, size_t i)
{
    return i < m->vm_count ? m->vms[i] : NULL;
}
