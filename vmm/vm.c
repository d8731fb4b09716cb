/*
 * vm.c - a virtual machine: its states, its devices' way out, and looking.
 *
 *     RUNNING <-> BLOCKED      it halted or yielded; an event woke it
 *     RUNNING --> EXITED       by its own wish, with a status
 *     RUNNING --> KILLED       stopped; the first reason is kept
 *
 * The last two are for good. They end neither the process nor another VM.
 */
#include "image.h"
#include "monitor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- states */

static void set_state(struct vm *v, enum vm_state s)
{
    const struct monitor_observer *o = &v->monitor->config.observer;
    if (v->state == s || vm_ended(v)) {
        return;
    }
    v->state = s;
    if (vm_ended(v) && v->technique->run) {
        cpu_stop_soon(v->monitor->cpu); /* it runs at this moment */
    }
    if (o->state) {
        o->state(o->who, v, s);
    }
}

bool vm_ended(const struct vm *v)
{
    return v->state == VM_EXITED || v->state == VM_KILLED;
}

void vm_kill(struct vm *v, const char *fmt, ...)
{
    if (vm_ended(v)) {
        return;
    }
    va_list args;
    va_start(args, fmt);
    vsnprintf(v->why, sizeof v->why, fmt, args);
    va_end(args);
    set_state(v, VM_KILLED);
}

void vm_exit(struct vm *v, uint32_t status)
{
    if (!vm_ended(v)) {
        v->exit_status = status;
        set_state(v, VM_EXITED);
    }
}

void vm_block(struct vm *v)
{
    set_state(v, VM_BLOCKED);
}

void vm_wake(struct vm *v)
{
    set_state(v, VM_RUNNING);
}

/* ----------------------------------------------------- its devices' owner */

/*
 * A byte that leaves a virtual device leaves the machine by its real one: the
 * monitor asks COM1 whether it is ready, and writes; the debug console is
 * always ready. (On the bare machine no exit is open: the guest has paid.)
 */
void vm_output(struct vm *v, enum output_channel ch, uint8_t byte)
{
    const struct monitor_observer *o = &v->monitor->config.observer;
    charge_exit(v, PHASE_device, PRICE_port_io, ch == OUTPUT_SERIAL ? 2 : 1);
    if (o->output) {
        o->output(o->who, v, ch, byte);
    }
}

void vm_marker(struct vm *v, uint32_t id)
{
    const struct monitor_observer *o = &v->monitor->config.observer;
    v->marker = id;
    if (o->marker) {
        o->marker(o->who, v, id);
    }
}

static uint64_t now(void *owner)
{
    const struct vm *v = owner;
    return v->monitor->cpu->cycles;
}

static void interrupt_line(void *owner, bool up)
{
    struct vm *v = owner;
    v->interrupt_line = up;
}

/* The guest reaches its timers only by exits, and each entry asks anew. */
static void rescheduled(void *owner)
{
    (void)owner;
}

static void serial_out(void *owner, uint8_t byte)
{
    vm_output(owner, OUTPUT_SERIAL, byte);
}

static void debug_out(void *owner, uint8_t byte)
{
    vm_output(owner, OUTPUT_DEBUG, byte);
}

static void exit_port(void *owner, uint32_t value)
{
    vm_exit(owner, value);
}

static void marker(void *owner, uint32_t id)
{
    vm_marker(owner, id);
}

static void reset(void *owner)
{
    vm_kill(owner, "reset: the guest told the machine to start again "
                   "(port 0x64 or 0x92)");
}

struct board_owner vm_board_owner(struct vm *v)
{
    return (struct board_owner){.owner = v,
                                .now = now,
                                .interrupt_line = interrupt_line,
                                .rescheduled = rescheduled,
                                .serial_out = serial_out,
                                .debug_out = debug_out,
                                .exit_port = exit_port,
                                .marker = marker,
                                .reset = reset};
}

/* vmm.h, struct ticks, says what each is. */
void vm_count_ticks(struct vm *v, uint64_t first, uint64_t n, bool waiting)
{
    struct ticks *t = &v->ticks;
    t->due += n;
    t->lost += waiting ? n : n - 1;
    if (!waiting && first >= v->turns.away && first < v->turns.back) {
        uint64_t delay = v->turns.back - first;
        t->late++;
        t->delay += delay;
        t->delay_max = delay > t->delay_max ? delay : t->delay_max;
    }
}

static void ticks(void *owner, uint64_t first, uint64_t n, bool waiting)
{
    vm_count_ticks(owner, first, n, waiting);
}

bool vm_new_board(struct vm *v)
{
    struct board_owner owner = vm_board_owner(v);
    owner.ticks = ticks;
    v->board = board_new(&owner, v->monitor->costs->mhz);
    return v->board != NULL;
}

const struct board *vm_board(const struct vm *v)
{
    return v->board;
}

bool vm_serial_in(struct vm *v, uint8_t byte)
{
    if (v->technique->serial_in) {
        return v->technique->serial_in(v, byte);
    }
    return v->board && board_serial_in(v->board, byte);
}

/* --------------------------------------------------------------- looking */

const char *vm_name(const struct vm *v)
{
    return v->name;
}

uint32_t vm_id(const struct vm *v)
{
    return v->id;
}

const struct technique *vm_technique(const struct vm *v)
{
    return v->technique;
}

enum vm_state vm_state(const struct vm *v)
{
    return v->state;
}

const char *vm_why(const struct vm *v)
{
    return v->why;
}

uint32_t vm_exit_status(const struct vm *v)
{
    return v->exit_status;
}

const struct books *vm_books(const struct vm *v)
{
    return &v->books;
}

const struct ticks *vm_ticks(const struct vm *v)
{
    return &v->ticks;
}

uint64_t vm_turns(const struct vm *v)
{
    return v->turns.count;
}

const struct exit_record *vm_last_exit(const struct vm *v)
{
    return &v->exit.r;
}

uint32_t vm_memory(const struct vm *v)
{
    return v->pages << PAGE_SHIFT;
}

/* Where the processor stands in v's guest, or will once v goes on. */
static void real_place(const struct vm *v, struct virtual_cpu *out)
{
    const struct cpu *c = v->monitor->cpu;
    if (v->monitor->current == v && v->monitor->inside) {
        out->eip = c->eip;
        out->eflags = cpu_eflags(c);
        return;
    }
    out->eip = v->regs.eip;
    out->eflags = v->regs.eflags;
    out->reg[REG_ESP] = v->regs.esp;
    out->seg[SEG_CS].sel = (uint16_t)v->regs.cs;
    out->seg[SEG_SS].sel = (uint16_t)v->regs.ss;
    out->cpl = v->regs.cs & 3;
}

void virtual_cpu_of(const struct cpu *c, struct virtual_cpu *out)
{
    *out = (struct virtual_cpu){.eip = c->eip,
                                .eflags = cpu_eflags(c),
                                .cr0 = c->cr0,
                                .cr2 = c->cr2,
                                .cr3 = c->cr3,
                                .cr4 = c->cr4,
                                .ldtr = c->ldtr,
                                .tr = c->tr,
                                .gdtr = c->gdtr,
                                .idtr = c->idtr,
                                .cpl = c->cpl};
    memcpy(out->reg, c->reg, sizeof out->reg);
    memcpy(out->seg, c->seg, sizeof out->seg);
}

/* What the processor holds for v: the technique says what differs. */
static void real_cpu(const struct vm *v, struct virtual_cpu *out)
{
    virtual_cpu_of(v->monitor->cpu, out);
    out->cr3 = v->shadow_cr3;
    if (v->monitor->current != v) {
        memcpy(out->reg, v->context.reg, sizeof out->reg);
        memcpy(out->seg, v->context.seg, sizeof out->seg);
    }
    real_place(v, out);
}

void vm_virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    real_cpu(v, out);
    v->technique->virtual_cpu(v, out);
}

bool vm_translate(struct vm *v, gva_t at, gpa_t *out)
{
    return v->technique->translate(v, at, out);
}

bool vm_walk_2d(struct vm *v, gva_t at, struct walk_2d *out)
{
    return v->technique->walk_2d && v->technique->walk_2d(v, at, out);
}

bool vm_translated(struct vm *v, gva_t at, unsigned i, struct translated *out)
{
    return v->technique->translated && v->technique->translated(v, at, i, out);
}

bool vm_control_block(const struct vm *v, mpa_t *out)
{
    *out = v->vmcb;
    return v->vmcb.v != 0;
}

bool vm_upcall(struct vm *v, struct vm_upcall *out)
{
    if (v->technique->upcall) {
        v->technique->upcall(v, out);
    }
    return v->technique->upcall != NULL;
}

bool vm_channel(struct vm *v, uint32_t port, struct vm_channel *out)
{
    return v->technique->channel && v->technique->channel(v, port, out);
}

bool vm_machine(struct vm *v, gpa_t at, mpa_t *out)
{
    return p2m(v, at, out);
}

size_t vm_peek(struct vm *v, gva_t at, void *to, size_t n)
{
    uint8_t *byte = to;
    for (size_t done = 0; done < n;) {
        size_t part = PAGE_SIZE - (at.v & PAGE_MASK);
        part = part < n - done ? part : n - done;
        gpa_t where;
        if (!vm_translate(v, at, &where) ||
            !guest_read(v, where, byte + done, part)) {
            return done;
        }
        at.v += (uint32_t)part;
        done += part;
    }
    return n;
}

const char *vm_symbol_at(const struct vm *v, gva_t at, uint32_t *offset)
{
    const struct image_symbol *s = image_symbol_at(v->image, at.v);
    if (s) {
        *offset = at.v - s->value;
    }
    return s ? s->name : NULL;
}

bool vm_symbol(const struct vm *v, const char *name, gva_t *out)
{
    const struct image_symbol *s = image_symbol(v->image, name);
    if (s) {
        out->v = s->value;
    }
    return s != NULL;
}

const char *vm_symbol_name(const struct vm *v, size_t i)
{
    return i < v->image->symbols ? v->image->symbol[i].name : NULL;
}
