/*
 * Popek and Goldberg's first property: a guest under a monitor does what it
 * does on the bare machine, timing apart.
 *
 * The kernel runs all its workloads under every technique. At each marker we
 * look at the program that set it: its registers, as the kernel saved them at
 * the top of its one-page stack, and every page of its memory. All that must
 * be the same under every technique, and all output too. But for `para` they
 * run the same image, so there all of guest physical memory and the
 * processor's own state must be the same; the clock is then made so fast
 * that the timer, whose ticks no two techniques see at the same instruction,
 * never interrupts.
 */
#include "../../vmm/vmm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARKERS_MAX 64
#define OUTPUT_MAX 8192
#define FRAME_WORDS 15 /* struct trap_frame of guests/kernel/kernel.h */

/* What is seen at a marker, and over a run. */
struct sight {
    uint32_t marker;
    uint32_t reg[7], eip, esp, flags; /* the program's; reg without ESP */
    uint64_t user;                    /* digest of its memory */
    uint64_t physical;                /* of all guest physical memory */
    struct virtual_cpu cpu;
};
struct run {
    struct monitor *monitor;
    const char *technique;
    struct sight sight[MARKERS_MAX];
    int sights;
    char output[OUTPUT_MAX];
    size_t length;
};

/* FNV-1a, 64 bits. */
static uint64_t digest(uint64_t h, const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static uint64_t digest_linear(struct vm *v, uint32_t from, uint32_t to)
{
    static uint8_t page[PAGE_SIZE];
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t at = from; at < to; at += PAGE_SIZE)
        if (vm_peek(v, (gva_t){at}, page, sizeof page) == sizeof page)
            h = digest(digest(h, (uint8_t *)&at, 4), page, sizeof page);
    return h;
}

static uint64_t digest_physical(struct run *r, struct vm *v)
{
    static uint8_t page[PAGE_SIZE];
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t at = 0; at < vm_memory(v); at += PAGE_SIZE) {
        mpa_t where;
        cr_assert(vm_machine(v, (gpa_t){at}, &where));
        cr_assert(
            cpu_phys_read(monitor_cpu(r->monitor), where, page, sizeof page));
        h = digest(h, page, sizeof page);
    }
    return h;
}

static void at_marker(void *who, struct vm *v, uint32_t id)
{
    struct run *r = who;
    struct sight *s = &r->sight[r->sights++];
    uint32_t frame[FRAME_WORDS];
    cr_assert(r->sights <= MARKERS_MAX);
    s->marker = id;
    vm_virtual_cpu(v, &s->cpu);
    uint32_t top = (s->cpu.reg[REG_ESP] | PAGE_MASK) + 1;
    cr_assert_eq(vm_peek(v, (gva_t){top - sizeof frame}, frame, sizeof frame),
                 sizeof frame, "%s: no kernel stack", r->technique);
    memcpy(s->reg, frame, 3 * 4);         /* EDI ESI EBP */
    memcpy(s->reg + 3, frame + 4, 4 * 4); /* EBX EDX ECX EAX */
    s->eip = frame[10];
    s->flags = frame[12] & ~(uint32_t)(FL_IF | FL_IOPL);
    s->esp = frame[13];
    s->user = digest_linear(v, 0x00400000, 0x02000000) ^
              digest_linear(v, 0x7fffc000, 0x80000000);
    s->physical = digest_physical(r, v);
}

static void on_output(void *who, struct vm *v, enum output_channel ch,
                      uint8_t byte)
{
    struct run *r = who;
    (void)v, (void)ch;
    if (r->length + 1 < OUTPUT_MAX)
        r->output[r->length++] = (char)byte;
}

/* Run the kernel under a technique, with its clock at `mhz`. */
static struct run *run_kernel(const char *technique, const char *image,
                              uint32_t mhz)
{
    static struct costs costs;
    char err[256], path[128];
    const char *build = getenv("BUILD");
    struct run *r = calloc(1, sizeof *r);
    r->technique = technique;
    cr_assert_eq(costs_load(&costs, "p4-vt", err, sizeof err), 0, "%s", err);
    costs.mhz = mhz;
    snprintf(path, sizeof path, "%s/guests/%s", build ? build : "build", image);
    struct monitor_config config = {
        .kind = technique_kind(technique_find(technique)),
        .costs = &costs,
        .observer = {.who = r, .marker = at_marker, .output = on_output}};
    r->monitor = monitor_new(&config, err, sizeof err);
    cr_assert(r->monitor, "%s", err);
    struct vm_config vm = {.technique = technique_find(technique),
                           .image = path,
                           .command_line = ""};
    struct vm *v = monitor_add_vm(r->monitor, &vm, err, sizeof err);
    cr_assert(v, "%s", err);
    struct run_until until = {.cycle = 60000000000u};
    cr_assert_eq(monitor_run(r->monitor, &until), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(v), VM_EXITED, "%s: %s", technique, vm_why(v));
    cr_assert_eq(vm_exit_status(v), 0, "%s", technique);
    const struct books *b = vm_books(v);
    cr_assert_eq(b->guest + b->interpreted + b->exits + b->idle, b->clock,
                 "%s: the books do not balance", technique);
    return r;
}

static void run_free(struct run *r)
{
    monitor_free(r->monitor);
    free(r);
}

/* The program's state, and what the guest said. */
static void same_for_programs(const struct run *a, const struct run *b)
{
    cr_assert_eq(a->sights, b->sights);
    for (int i = 0; i < a->sights; i++) {
        const struct sight *s = &a->sight[i], *t = &b->sight[i];
        cr_assert_eq(s->marker, t->marker);
        cr_assert_arr_eq(s->reg, t->reg, sizeof s->reg, "registers at sight %d",
                         i);
        cr_assert(s->eip == t->eip && s->esp == t->esp, "EIP, ESP at %d", i);
        cr_assert_eq(s->flags, t->flags, "flags at sight %d: %x %x", i,
                     s->flags, t->flags);
        cr_assert_eq(s->user, t->user, "%s, %s: memory at sight %d, marker %u",
                     a->technique, b->technique, i, s->marker);
    }
    cr_assert_str_eq(a->output, b->output);
}

/* Everything that the guest can see. */
static void same_machine(const struct run *a, const struct run *b)
{
    for (int i = 0; i < a->sights; i++) {
        const struct virtual_cpu *s = &a->sight[i].cpu, *t = &b->sight[i].cpu;
        cr_assert_eq(a->sight[i].physical, b->sight[i].physical,
                     "physical memory at sight %d", i);
        cr_assert_arr_eq(s->reg, t->reg, sizeof s->reg);
        cr_assert_eq(s->eip, t->eip);
        cr_assert_eq(s->eflags, t->eflags, "EFLAGS %x %x", s->eflags,
                     t->eflags);
        cr_assert(s->cr0 == t->cr0 && s->cr2 == t->cr2 && s->cr3 == t->cr3 &&
                  s->cr4 == t->cr4 && s->cpl == t->cpl);
        for (int k = 0; k < SEG_COUNT; k++)
            cr_assert(s->seg[k].sel == t->seg[k].sel &&
                          s->seg[k].base == t->seg[k].base &&
                          s->seg[k].limit == t->seg[k].limit,
                      "segment %d at sight %d: %x %x", k, i, s->seg[k].sel,
                      t->seg[k].sel);
        cr_assert(s->gdtr.base == t->gdtr.base &&
                  s->idtr.base == t->idtr.base &&
                  s->idtr.limit == t->idtr.limit && s->tr.sel == t->tr.sel);
    }
}

#define NO_TICKS 4000000000u /* MHz: 3 billion cycles a count of the 8254 */

/* What runs the native kernel as it is. */
static const char *const unmodified[] = {"full", "emulate", "hybrid",
                                         "translate"};
#define UNMODIFIED (sizeof unmodified / sizeof *unmodified)

Test(equivalence, an_unmodified_kernel_is_on_the_bare_machine_to_the_last_bit,
     .timeout = 240)
{
    struct run *bare = run_kernel("bare", "kernel-native.elf", NO_TICKS);
    cr_assert_eq(bare->sights, 24, "twelve workloads, begun and ended");
    for (size_t i = 0; i < UNMODIFIED; i++) {
        struct run *r =
            run_kernel(unmodified[i], "kernel-native.elf", NO_TICKS);
        same_for_programs(bare, r);
        same_machine(bare, r);
        run_free(r);
    }
    run_free(bare);
}

Test(equivalence, programs_cannot_tell_the_techniques_apart, .timeout = 240)
{
    struct run *bare = run_kernel("bare", "kernel-native.elf", 3800);
    for (size_t i = 0; i < UNMODIFIED; i++) {
        struct run *r = run_kernel(unmodified[i], "kernel-native.elf", 3800);
        same_for_programs(bare, r);
        run_free(r);
    }
    struct run *para = run_kernel("para", "kernel-para.elf", 3800);
    same_for_programs(bare, para);
    run_free(bare);
    run_free(para);
}
