/*
 * processor.c - the virtual processor: making it, its bus, running it.
 *
 * Job:    one instruction, or one event, of the guest's at a time, on guest
 *         physical memory and the VM's devices; and the bill for it.
 * Parts:  memory; ports; the bill; decoding; stepping; events; life. When an
 *         interrupt may come, and how it goes in, is interrupt.c's.
 *
 * It has no TLB to speak of: that is emptied before each use, so that what
 * the monitor does for a guest goes by the guest's tables as they are. The
 * walks this takes are what a monitor in software pays, too.
 *
 * Every write comes by mem_write, since no frame is given out as writable:
 * there the real processor forgets what it had decoded, and the technique is
 * told, which may be tracing that page. (If it asks for no such word, the
 * real processor never sees the guest's memory, and all this is spared.)
 */
#include "play.h"
#include "../firmware.h"

#include <string.h>

#define A20_BIT (1u << 20)
#define INSN_MOST 15u

static struct vp *vp_of(void *wire)
{
    return wire;
}

/* ---------------------------------------------------------------- memory */

static gpa_t with_a20(struct vp *p, gpa_t at)
{
    if (p->vm->board && !board_a20(p->vm->board)) {
        at.v &= ~A20_BIT;
    }
    return at;
}

bool vp_memory(struct vp *p, gpa_t at, mpa_t *out)
{
    return p2m(p->vm, with_a20(p, at), out);
}

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    mpa_t machine;
    *writable = !vp_of(wire)->ops->written;
    return vp_memory(wire, (gpa_t){page.v}, &machine)
               ? frame_bytes(vp_of(wire)->vm->monitor, machine)
               : NULL;
}

/* Where no memory is, as on the bare machine's bus. */
static uint32_t mem_read(void *wire, mpa_t at, unsigned size)
{
    (void)at;
    vp_of(wire)->missed++;
    return size == 4 ? UINT32_MAX : (1u << 8 * size) - 1;
}

static void mem_write(void *wire, mpa_t at, unsigned size, uint32_t value)
{
    struct vp *p = wire;
    struct cpu *real = p->vm->monitor->cpu;
    gpa_t where = with_a20(p, (gpa_t){at.v});
    mpa_t machine;
    uint32_t old = 0;
    if (p2m(p->vm, where, &machine) &&
        cpu_phys_read(real, machine, &old, size)) {
        cpu_phys_write(real, machine, &value, size);
        p->ops->written(p, where, size, old);
    } else {
        p->missed++;
    }
}

void vp_store(struct vp *p, gpa_t at, uint32_t value)
{
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_access, 1);
    mem_write(p, (mpa_t){at.v}, 4, value);
}

bool vp_translate(const struct vp *p, gva_t at, gpa_t *out)
{
    struct walk w = cpu_walk(p->cpu, at, ACCESS_READ, false);
    out->v = w.frame.v;
    return w.ok;
}

/* ----------------------------------------------------------------- ports */

/* A device is about to be used: it must see the time. */
static void catch_up(struct vp *p)
{
    if (p->plays) {
        vp_book_play(p);
    }
}

/* It was used: it may have moved the interrupt line, set a timer, or ended
 * the guest. Somebody has to look. */
static void look_up(struct vp *p)
{
    if (p->plays) {
        p->cpu->cycles = p->vm->monitor->cpu->cycles;
        p->cpu->interrupt_line = p->vm->interrupt_line;
        p->cpu->deadline = p->cpu->cycles;
    }
}

static uint32_t port_in(void *wire, uint16_t port, unsigned size)
{
    struct vp *p = wire;
    struct vm *v = p->vm;
    catch_up(p);
    charge_device(v);
    uint32_t value = board_in(v->board, port, size);
    v->exit.r.detail = port;
    exit_note(&v->exit, "IN from port 0x%x: 0x%x", port, value);
    look_up(p);
    return value;
}

static void port_out(void *wire, uint16_t port, unsigned size, uint32_t value)
{
    struct vp *p = wire;
    struct vm *v = p->vm;
    bool a20 = board_a20(v->board);
    catch_up(p);
    charge_device(v);
    board_out(v->board, port, size, value);
    v->exit.r.detail = port;
    exit_note(&v->exit, "OUT to port 0x%x: 0x%x", port, value);
    if (board_a20(v->board) != a20) {
        p->ops->a20_changed(p);
    }
    look_up(p);
}

static uint8_t acknowledge(void *wire)
{
    struct vp *p = wire;
    uint8_t vector = board_acknowledge(p->vm->board);
    p->cpu->interrupt_line = p->plays && p->vm->interrupt_line;
    return vector;
}

static const struct cpu_bus vp_bus = {.frame = frame,
                                      .mem_read = mem_read,
                                      .mem_write = mem_write,
                                      .port_in = port_in,
                                      .port_out = port_out,
                                      .acknowledge = acknowledge};

/* -------------------------------------------------------------- the bill */

static void count_access(void *who, struct cpu *c, gva_t at, unsigned size,
                         bool write, uint32_t value)
{
    (void)c;
    (void)at;
    (void)size;
    (void)write;
    (void)value;
    vp_of(who)->accesses++;
}

/* Its clock is the machine's while it runs, but for what it counts. */
static void begin(struct vp *p)
{
    if (!p->plays) {
        cpu_flush_tlb(p->cpu, true);
    }
    p->cpu->cycles = p->vm->monitor->cpu->cycles;
    p->accesses = 0;
    p->tasks = p->cpu->task_switches;
}

/* The guest's processor went to another task: CR3 has been loaded, perhaps
 * with what it had, and that flushes the TLB either way. */
static void switched(struct vp *p)
{
    vp_exit(p)->r.reason = EXIT_task;
    if (p->ops->space_changed) {
        p->ops->space_changed(p);
    }
}

static void pay(struct vp *p, uint64_t since)
{
    uint64_t passed = p->cpu->cycles - since;
    if (p->plays) {
        p->vm->monitor->cpu->cycles += passed;
        charge_cycles(p->vm, PHASE_emulate, passed);
    } else {
        charge_exit(p->vm, PHASE_memory, PRICE_vmm_walk_ref, (unsigned)passed);
        charge_exit(p->vm, PHASE_memory, PRICE_vmm_access, p->accesses);
    }
    if (p->cpu->task_switches != p->tasks) {
        switched(p);
    }
    if (p->cpu->shutdown) {
        vp_exit(p)->r.reason = EXIT_triple;
        vm_kill(p->vm, "triple fault: it could not deliver a double fault");
    }
}

/* --------------------------------------------------------------- decoding */

bool vp_decode(struct vp *p, struct insn *in)
{
    const struct cpu *c = p->cpu;
    const struct segment *cs = &c->seg[SEG_CS];
    uint8_t bytes[INSN_MOST];
    charge_exit(p->vm, PHASE_decode, PRICE_vmm_decode, 1);
    size_t n = cpu_peek(c, (gva_t){cs->base + c->eip}, bytes, sizeof bytes);
    return cpu_decode(bytes, n, cs->attr & SEG_DB, in) == DECODE_OK;
}

/* --------------------------------------------------------------- stepping */

/* The selectors that the x87 keeps are real ones; the guest knows no ring 1.
 * Simplified: one that it loaded with such an RPL itself is taken for real. */
static uint16_t virtual_selector(uint16_t sel)
{
    return (sel & 3) == 1 ? sel & 0xfffc : sel;
}

void vp_lend_fpu(struct vp *p)
{
    struct fpu *f = &p->cpu->fpu;
    *f = *vm_fpu(p->vm);
    f->cs = virtual_selector(f->cs);
    f->ds = virtual_selector(f->ds);
}

void vp_return_fpu(struct vp *p)
{
    *vm_fpu(p->vm) = p->cpu->fpu;
}

bool vp_step(struct vp *p)
{
    struct cpu *c = p->cpu;
    begin(p);
    c->last_event.kind = EVENT_NONE;
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_emulate, 1);
    vp_lend_fpu(p);
    uint64_t since = c->cycles;
    cpu_step(c);
    vp_return_fpu(p);
    pay(p, since);
    return c->last_event.kind == EVENT_NONE;
}

void vp_next(struct vp *p, const struct insn *in)
{
    struct cpu *c = p->cpu;
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_emulate, 1);
    begin(p);
    uint64_t since = c->cycles;
    cpu_retire(c, in);
    pay(p, since);
}

/* ----------------------------------------------------------------- events */

void vp_deliver(struct vp *p, const struct event *e)
{
    if (p->ops->inject) {
        p->ops->inject(p, e);
    } else {
        vp_deliver_now(p, e);
    }
}

void vp_deliver_now(struct vp *p, const struct event *e)
{
    begin(p);
    uint64_t since = p->cpu->cycles;
    charge_exit(p->vm, PHASE_inject, PRICE_vmm_inject, 1);
    if (e->vector == VEC_PF && e->kind == EVENT_FAULT) {
        p->cpu->cr2 = e->cr2;
    }
    cpu_deliver(p->cpu, e);
    pay(p, since);
}

bool vp_read(struct vp *p, gva_t at, unsigned size, uint32_t *value)
{
    return cpu_access(p->cpu, at, size, false, value);
}

bool vp_write(struct vp *p, gva_t at, unsigned size, uint32_t value)
{
    return cpu_access(p->cpu, at, size, true, &value);
}

void vp_interrupt(struct vp *p, uint8_t vector)
{
    struct cpu *c = p->cpu;
    struct event e = {.kind = EVENT_INTERRUPT,
                      .vector = vector,
                      .cs = c->seg[SEG_CS].sel,
                      .eip = c->eip,
                      .cpl = c->cpl};
    begin(p);
    uint64_t since = e.cycle = c->cycles;
    charge_exit(p->vm, PHASE_inject, PRICE_vmm_inject, 1);
    if (vp_enter_handler(p, vector)) {
        c->last_event = e;
        c->halted = false;
        c->shadow = SHADOW_NONE;
    } else {
        cpu_deliver(c, &e);
    }
    pay(p, since);
}

static const char *vector_name(unsigned vector)
{
    static const char *const names[] = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF",
        NULL,  "#TS", "#NP", "#SS", "#GP", "#PF", NULL,  "#MF", "#AC"};
    bool named = vector < sizeof names / sizeof *names && names[vector];
    return named ? names[vector] : "interrupt";
}

void vp_reflected(struct vp *p)
{
    const struct cpu *c = p->cpu;
    const struct event *e = &c->last_event;
    struct exit *x = vp_exit(p);
    if (c->shutdown) {
        exit_note(x, "no handler could be reached: shutdown");
        return;
    }
    if (e->kind == EVENT_FAULT || e->vector == VEC_DB) {
        x->r.reason = e->vector == VEC_PF ? EXIT_guest_pf : EXIT_exception;
    }
    x->r.disposition = DISPOSITION_reflected;
    x->r.detail = e->vector;
    exit_note(x, "vector 0x%02x (%s, error 0x%x) to its handler %04x:%08x",
              e->vector, vector_name(e->vector), e->error, c->seg[SEG_CS].sel,
              c->eip);
}

/* ------------------------------------------------------------------- life */

bool vp_init(struct vp *p, struct vm *v, bool plays, const struct vp_ops *ops)
{
    p->vm = v;
    p->ops = ops;
    p->plays = plays;
    p->prices =
        (struct costs){.name = "counting", .mhz = v->monitor->costs->mhz};
    p->prices.price[PRICE_walk_ref] = 1;
    if (plays) {
        interpreter_prices(&p->prices, v->monitor->costs);
    }
    p->hooks = (struct cpu_hooks){.who = p, .memory = count_access};
    p->cpu = cpu_new(CPU_CLASSIC, &p->prices, &vp_bus, p);
    if (!p->cpu) {
        return false;
    }
    v->played = p->cpu;
    if (!plays) {
        p->cpu->hooks = &p->hooks;
        cpu_run(p->cpu, 0); /* no instruction, but the hooks are in force */
    }
    return true;
}

bool vp_boot(struct vp *p, const struct image *im, char *err, size_t errsize)
{
    struct vm *v = p->vm;
    gpa_t info;
    if (im->disk) {
        return firmware_boot(v, im, p->cpu, err, errsize);
    }
    if (!image_place(v, im, err, errsize) ||
        !multiboot_info(v, im, v->command_line, &info, err, errsize)) {
        return false;
    }
    cpu_reset_flat32(p->cpu, im->entry);
    p->cpu->reg[REG_EAX] = MULTIBOOT_BOOTED;
    p->cpu->reg[REG_EBX] = info.v;
    return true;
}

void vp_free(struct vp *p)
{
    cpu_free(p->cpu);
}
