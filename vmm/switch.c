/*
 * switch.c - into the guest and out again.
 *
 * Job:    make a VM the current one; resume it by a real IRET; run it until
 *         the processor stands halted on a stub in ring 0; read the frame
 *         that the trap left.
 * Parts:  the frame; entering; running; sleeping; changing VMs.
 *
 *        the ring-0 stack, as a trap leaves it and as IRET wants it
 *
 *              +0   [error code]   of some exceptions
 *              +0/4  EIP
 *                    CS            its RPL is the real ring
 *                    EFLAGS
 *                    ESP
 *                    SS            ends at WORLD_STACK
 *
 * Simplified: on a change of VMs the data segment registers are moved with
 * their hidden parts, as a processor with VT moves them. A monitor in
 * software has to load them again from the descriptor tables, and loses a
 * segment whose descriptor the guest has changed since.
 */
#include "world.h"

#include <assert.h>
#include <string.h>

#define IRET_FRAME 20u /* bytes: EIP, CS, EFLAGS, ESP, SS */

static uint32_t *stack_at(struct monitor *m, uint32_t esp)
{
    return m->world->stack + (esp - (WORLD_STACK - PAGE_SIZE)) / 4;
}

/* -------------------------------------------------------------- entering */

/* What no guest's EFLAGS image may hold: IF is the monitor's and always on
 * while a guest runs; with IOPL 0 ports and CLI trap. */
static uint32_t real_eflags(uint32_t eflags)
{
    eflags &= ~(uint32_t)(FL_IOPL | FL_VM | FL_VIF | FL_VIP);
    return eflags | FL_IF | FL_ONE;
}

/*
 * A breakpoint that MOV SS hit makes #DB only after the next instruction; if
 * that was INT n, we were in ring 0 already (SDM 3A 6.8.3, and the trap that
 * many systems fell into in 2018). The #DB stands on the stub of INT n, with a
 * frame of three words. It is forgotten, as Xen does, and what brought us here
 * is the event again. Only an instruction that asks for an event completes.
 */
static void forget_nested_debug(struct monitor *m)
{
    enum { FRAME = 12, INT_LENGTH = 2 };
    struct cpu *c = m->cpu;
    const uint32_t *frame = stack_at(m, c->reg[REG_ESP]);
    struct event *e = &c->last_event;
    if (e->vector != VEC_DB || e->cpl != 0) {
        return;
    }
    c->reg[REG_ESP] += FRAME;
    e->vector = (uint8_t)(frame[0] - WORLD_STUBS);
    bool one_byte =
        e->vector == VEC_DB || e->vector == VEC_BP || e->vector == VEC_OF;
    e->kind = one_byte ? EVENT_TRAP : EVENT_SOFTWARE;
    e->eip = frame[3] - (one_byte ? 1 : INT_LENGTH);
    e->cs = (uint16_t)frame[4];
    e->cpl = frame[4] & 3;
    cpu_set_dr(c, 6, 0);
}

/* Finish what cpu_stop_soon() cut short: run to the HLT of the stub. */
static void settle_on_stub(struct vm *v)
{
    struct monitor *m = v->monitor;
    while (!m->cpu->halted) {
        enum cpu_stop stop = cpu_step(m->cpu);
        assert(stop != CPU_SHUTDOWN);
        if (stop == CPU_ASKED) {
            m->asked = 1;
        }
    }
    if (!v->vmcb.v) {
        forget_nested_debug(m);
    }
}

/*
 * IRET to a 16-bit stack restores SP and leaves the upper half of ESP as it
 * was in ring 0. So that this is the guest's, and not a glimpse of the
 * monitor's stack, ESP has it already, and SS's base makes up for it (Linux
 * calls this espfix, and loads a descriptor for it; here it costs nothing).
 */
static void stand_on_frame(struct cpu *c, uint32_t esp)
{
    uint32_t at = WORLD_STACK - IRET_FRAME;
    c->reg[REG_ESP] = (esp & 0xffff0000) | (at & 0xffff);
    c->seg[SEG_SS] = world_segment(MONITOR_DS);
    c->seg[SEG_SS].base = at - c->reg[REG_ESP];
}

static bool iret_enter(struct vm *v, uint64_t *at)
{
    struct monitor *m = v->monitor;
    struct cpu *c = m->cpu;
    uint32_t *frame = stack_at(m, WORLD_STACK - IRET_FRAME);
    assert((v->regs.cs & 3) != 0); /* no technique resumes in ring 0 */
    frame[0] = v->regs.eip;
    frame[1] = v->regs.cs;
    frame[2] = real_eflags(v->regs.eflags);
    frame[3] = v->regs.esp;
    frame[4] = v->regs.ss;
    stand_on_frame(c, v->regs.esp);
    c->eip = WORLD_STUBS + STUB_IRET;
    c->halted = false;
    c->gif = true;
    while (c->cpl == 0 && c->eip == WORLD_STUBS + STUB_IRET) {
        enum cpu_stop stop = cpu_step(c);
        assert(stop != CPU_SHUTDOWN && "CR3's tables map the monitor's world");
        if (stop == CPU_ASKED) {
            m->asked = 1;
        }
    }
    if (c->cpl != 0) {
        *at = c->cycles;
        return true;
    }
    *at = c->last_event.cycle;
    c->seg[SEG_SS] = world_segment(MONITOR_DS);
    return false;
}

bool world_enter(struct vm *v, uint64_t *at)
{
    bool inside = v->vmcb.v ? guest_mode_enter(v, at) : iret_enter(v, at);
    if (!inside) {
        settle_on_stub(v);
    }
    return inside;
}

/* --------------------------------------------------------------- running */

enum world_left world_run(struct vm *v, uint64_t deadline, bool one_step)
{
    struct monitor *m = v->monitor;
    struct cpu *c = m->cpu;
    enum cpu_stop stop = one_step ? cpu_step(c) : cpu_run(c, deadline);
    assert(stop != CPU_SHUTDOWN); /* the world is there for every trap */
    if (stop == CPU_ASKED) {
        m->asked = 1;
    }
    if (!world_is_outside(v)) {
        settle_on_stub(v);
        return WORLD_TRAP;
    }
    return stop == CPU_ASKED ? WORLD_ASKED : WORLD_DEADLINE;
}

/* Instructions of the stub's that are counted as if the guest's. */
unsigned world_stub_length(const struct vm *v)
{
    return v->vmcb.v ? 2 : 1; /* VMSAVE, HLT */
}

void world_leave(struct vm *v, struct event *e)
{
    struct monitor *m = v->monitor;
    const struct cpu *c = m->cpu;
    if (v->vmcb.v) {
        guest_mode_leave(v, e);
        return;
    }
    const uint32_t *frame = stack_at(m, c->reg[REG_ESP]);
    if (c->last_event.has_error) {
        frame++;
    }
    v->regs.eip = frame[0];
    v->regs.cs = frame[1] & 0xffff;
    v->regs.eflags = frame[2];
    v->regs.esp = frame[3];
    v->regs.ss = frame[4] & 0xffff;
}

void world_sleep(struct monitor *m)
{
    struct cpu *c = m->cpu;
    c->reg[REG_ESP] = WORLD_STACK;
    c->eip = WORLD_STUBS + STUB_SLEEP + 1;
    c->gif = true;
    c->halted = true; /* as STI and that HLT leave it */
    cpu_set_eflags(c, FL_IF);
    c->interrupt_line = true;
    while (c->interrupt_line || !c->halted) {
        if (cpu_step(c) == CPU_ASKED) {
            m->asked = 1;
        }
    }
}

/* --------------------------------------------------------- changing VMs */

static void save_context(const struct cpu *c, struct vm_context *to)
{
    memcpy(to->reg, c->reg, sizeof to->reg);
    memcpy(to->seg, c->seg, sizeof to->seg);
}

static void restore_context(struct cpu *c, const struct vm_context *from)
{
    static const enum seg data[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    memcpy(c->reg, from->reg, sizeof from->reg);
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        c->seg[data[i]] = from->seg[data[i]];
    }
}

void world_switch(struct vm *v)
{
    struct monitor *m = v->monitor;
    struct cpu *c = m->cpu;
    if (m->current) {
        save_context(c, &m->current->context);
    }
    restore_context(c, &v->context);
    m->current = v;
    world_reset_guest_part(m);
    bool traps =
        c->kind != CPU_CLASSIC && v->technique->kind == CPU_VIRTUALIZABLE;
    c->trap_sensitive = traps ? TRAP_SENSITIVE_ROWS | TRAP_SENSITIVE_CPUID : 0;
    cpu_set_dr(c, 7, 0); /* no breakpoint of another's, nor its CR0.AM */
    cpu_set_cr(c, 0, c->cr0 & ~CR0_AM);
    if (v->vmcb.v) {
        cpu_set_cr(c, 3, m->world->directory.v); /* the host's */
    } else {
        vm_load_cr3(v, PHASE_restore, v->shadow_cr3);
    }
    if (v->technique->enter) {
        v->technique->enter(v);
    }
}

void vm_load_cr3(struct vm *v, enum phase ph, uint32_t cr3)
{
    struct monitor *m = v->monitor;
    v->shadow_cr3 = cr3;
    if (v->vmcb.v) {
        v->flush = true; /* and CR3 is in the control block */
    } else if (m->current == v) {
        charge_exit(v, ph, PRICE_cr3, 1);
        cpu_set_cr(m->cpu, 3, cr3);
    }
}

void vm_flush_tlb(struct vm *v)
{
    charge_exit(v, PHASE_memory, PRICE_vmm_flush, 1);
    if (v->vmcb.v) {
        v->flush = true;
    } else if (v->monitor->current == v) {
        cpu_flush_tlb(v->monitor->cpu, false);
    }
}

void vm_flush_page(struct vm *v, gva_t at)
{
    charge_exit(v, PHASE_memory, PRICE_vmm_flush, 1);
    if (v->vmcb.v) {
        guest_mode_flush_page(v, at);
    } else if (v->monitor->current == v) {
        cpu_flush_page(v->monitor->cpu, at);
    }
}
