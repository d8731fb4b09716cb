/*
 * guest_mode.c - into guest mode and out of it: VMRUN and #VMEXIT (APM volume
 * 2, 15.5 and 15.6), and the instructions that go with them.
 *
 * Job:    a second set of all that an operating system owns: with VMRUN the
 *         processor has the guest's, with #VMEXIT the host's again.
 * Parts:  in; injecting an event; out; the other instructions.
 *
 *          host                                      guest, in its own ring 0
 *     VMRUN rAX  --- host state to VM_HSAVE_PA --->
 *                    VMCB's state save area in
 *                <-- guest state to the VMCB -----   #VMEXIT: an intercept
 *                    EXITCODE, EXITINFO1 and 2
 *
 * VMRUN moves what no code could run without; FS, GS, LDTR, TR and SYSENTER's
 * registers wait for VMLOAD and VMSAVE, the general registers and the x87 for
 * the monitor's own software.
 *
 * Simplified: no SMM, so that nothing of it can be intercepted. The host's
 * segments come back as they were saved, and are not read again from its
 * descriptor tables. There is no SKINIT. EFER has SVME alone.
 */
#include "debug.h"
#include "guest_mode.h"

/* --------------------------------------------------------------------- in */

/* EAX: the page of a VMCB. */
static mpa_t vmcb_operand(struct cpu *c)
{
    mpa_t at = {c->reg[REG_EAX]};
    bool writable;
    if ((at.v & PAGE_MASK) || !phys_host(c, at, &writable))
        raise_fault(c, VEC_GP, 0);
    return at;
}

static bool virtual_irq(uint32_t intr)
{
    uint32_t priority = (intr & V_INTR_PRIO) >> 16;
    return (intr & V_IRQ) && ((intr & V_IGN_TPR) || priority > (intr & V_TPR));
}

static void get_control(struct cpu *c, mpa_t vmcb, bool host_if)
{
    struct guest_mode *g = &c->guest;
    uint32_t intr = vmcb_get(c, vmcb, VMCB_V_INTR);
    for (unsigned n = 0; n < 5; n++)
        g->control[n] = vmcb_get(c, vmcb, 4 * n);
    g->vmcb = vmcb;
    g->iopm.v = vmcb_get(c, vmcb, VMCB_IOPM_BASE) & ~PAGE_MASK;
    g->msrpm.v = vmcb_get(c, vmcb, VMCB_MSRPM_BASE) & ~PAGE_MASK;
    g->nested = vmcb_get(c, vmcb, VMCB_NP_ENABLE) & 1;
    g->n_cr3 = vmcb_get(c, vmcb, VMCB_N_CR3);
    g->host_cr4 = c->cr4;
    g->host_if = host_if;
    g->masks = intr & V_INTR_MASKING;
    g->virtual_irq = virtual_irq(intr);
    g->asid = (uint8_t)vmcb_get(c, vmcb, VMCB_ASID);
    g->tsc_offset = vmcb_get(c, vmcb, VMCB_TSC_OFFSET) |
                    (uint64_t)vmcb_get(c, vmcb, VMCB_TSC_OFFSET + 4) << 32;
}

static void control_tlb(struct cpu *c, mpa_t vmcb)
{
    uint32_t control = vmcb_get(c, vmcb, VMCB_TLB_CONTROL) & 0xff;
    if (control == TLB_FLUSH_ALL) {
        tlb_flush_asid(c, 0);
        tlb_flush_guests(c);
    } else if (control == TLB_FLUSH_ASID) {
        tlb_flush_asid(c, c->guest.asid);
    }
    tlb_select(c, c->guest.asid);
}

/* The guest's registers, ring and interrupt shadow. */
static void get_guest(struct cpu *c, mpa_t vmcb)
{
    vmcb_get_state(c, vmcb);
    c->cr2 = vmcb_get(c, vmcb, VMCB_CR2);
    c->dr[6] = vmcb_get(c, vmcb, VMCB_DR6);
    c->dr[7] = vmcb_get(c, vmcb, VMCB_DR7);
    c->cpl = vmcb_get(c, vmcb, VMCB_CPL & ~3u) >> 8 * (VMCB_CPL & 3) & 3;
    if (cpu_mode(c->cr0, c->eflags) == MODE_REAL)
        c->cpl = 0;
    if (vmcb_get(c, vmcb, VMCB_INTERRUPT_SHADOW) & 1) {
        c->shadow = SHADOW_STI;
        c->shadow_eip = c->eip;
    }
    c->tsc_offset += c->guest.tsc_offset;
}

/* PAE's pointers, which the guest loaded with its CR3. False: without nested
 * paging they are in the monitor's tables, and have a reserved bit set. */
static bool get_pointers(struct cpu *c)
{
    if (!c->guest.nested)
        return pdptes_load(c, c->cr3);
    for (unsigned n = 0; n < 4; n++) {
        unsigned at = VMCB_PDPTE + 8 * n;
        c->pdpte[n] = vmcb_get(c, c->guest.vmcb, at) |
                      (uint64_t)vmcb_get(c, c->guest.vmcb, at + 4) << 32;
    }
    return true;
}

static void inject(struct cpu *c, uint32_t what, uint32_t error);

void op_vmrun(struct cpu *c, const struct insn *i)
{
    mpa_t vmcb = vmcb_operand(c);
    uint32_t host_eip = c->eip + i->len;
    if (cpu_vmcb_invalid(c, vmcb)) {
        event_begin(c, EVENT_VMEXIT, (enum vector)0, c->eip);
        c->last_event.error = (uint32_t)VMEXIT_INVALID;
        vmcb_put(c, vmcb, VMCB_EXITCODE, (uint32_t)VMEXIT_INVALID);
        vmcb_put(c, vmcb, VMCB_EXITCODE + 4, UINT32_MAX);
        c->gif = false;
        return;
    }
    vmcb_put_state(c, (mpa_t){c->vm_hsave}, host_eip);
    get_control(c, vmcb, c->eflags & FL_IF);
    c->guest.on = true;
    c->gif = true;
    control_tlb(c, vmcb);
    get_guest(c, vmcb);
    watch_memory(c);
    if (pae_paging(c->cr0, c->cr4) && !get_pointers(c))
        raise_vmexit(c, VMEXIT_INVALID, 0, 0);
    uint32_t event = vmcb_get(c, vmcb, VMCB_EVENTINJ);
    if (event & INJECT_VALID)
        inject(c, event, vmcb_get(c, vmcb, VMCB_EVENTINJ + 4));
}

/* ------------------------------------------------------ injecting an event */

/* 15.20. No intercept is asked about it, but about what it may cause. */
static void inject(struct cpu *c, uint32_t what, uint32_t error)
{
    enum event_kind kind = EVENT_INTERRUPT;
    enum vector v = (enum vector)(what & 0xff);
    uint32_t type = what & INJECT_TYPE;
    if (type == INJECT_EXCEPTION)
        kind = v == VEC_BP || v == VEC_OF ? EVENT_TRAP : EVENT_FAULT;
    else if (type == INJECT_SOFTWARE)
        kind = EVENT_SOFTWARE;
    else if (type == INJECT_NMI)
        kind = EVENT_NMI;
    event_begin(c, kind, type == INJECT_NMI ? VEC_NMI : v, c->eip);
    c->last_event.has_error = what & INJECT_ERROR;
    c->last_event.error = error;
    c->engine->injecting = true;
    event_deliver(c, c->eip);
}

/* --------------------------------------------------------------------- out */

_Noreturn void raise_vmexit(struct cpu *c, enum vmexit code, uint64_t info1,
                            uint64_t info2)
{
    struct engine *e = c->engine;
    e->exiting = true;
    e->exit_code = code;
    e->exit_info1 = info1;
    e->exit_info2 = info2;
    longjmp(e->unwind.env, 1);
}

static void put64(struct cpu *c, unsigned field, uint64_t value)
{
    vmcb_put(c, c->guest.vmcb, field, (uint32_t)value);
    vmcb_put(c, c->guest.vmcb, field + 4, (uint32_t)(value >> 32));
}

/* The event whose delivery was cut short, as EVENTINJ would have it (15.7.2).
 */
static uint64_t interrupted(const struct cpu *c)
{
    static const uint32_t types[] = {[EVENT_FAULT] = INJECT_EXCEPTION,
                                     [EVENT_TRAP] = INJECT_EXCEPTION,
                                     [EVENT_SOFTWARE] = INJECT_SOFTWARE,
                                     [EVENT_INTERRUPT] = INJECT_INTR,
                                     [EVENT_NMI] = INJECT_NMI};
    const struct event *e = &c->last_event;
    if (!c->engine->delivering)
        return 0;
    uint32_t low = INJECT_VALID | types[e->kind] | e->vector;
    if (e->has_error)
        low |= INJECT_ERROR;
    return (uint64_t)e->error << 32 | low;
}

static void put_guest(struct cpu *c)
{
    mpa_t vmcb = c->guest.vmcb;
    bool held = c->shadow || c->engine->shadow;
    bool shadow = held && c->eip == c->shadow_eip;
    vmcb_put_state(c, vmcb, c->eip);
    for (unsigned n = 0; n < 4; n++)
        put64(c, VMCB_PDPTE + 8 * n, c->pdpte[n]);
    vmcb_put(c, vmcb, VMCB_CR2, c->cr2);
    vmcb_put(c, vmcb, VMCB_DR6, c->dr[6]);
    vmcb_put(c, vmcb, VMCB_DR7, c->dr[7]);
    uint32_t word = vmcb_get(c, vmcb, VMCB_CPL & ~3u) & 0x00ffffff;
    vmcb_put(c, vmcb, VMCB_CPL & ~3u, word | (uint32_t)c->cpl << 24);
    vmcb_put(c, vmcb, VMCB_INTERRUPT_SHADOW, shadow);
    vmcb_put(c, vmcb, VMCB_EVENTINJ,
             vmcb_get(c, vmcb, VMCB_EVENTINJ) & ~INJECT_VALID);
}

static void get_host(struct cpu *c)
{
    struct engine *e = c->engine;
    c->tsc_offset -= c->guest.tsc_offset;
    c->guest.on = c->guest.nested = false;
    tlb_select(c, 0);
    vmcb_get_state(c, (mpa_t){c->vm_hsave});
    c->cpl = 0;
    c->dr[7] = 0x00000400; /* all breakpoints off */
    c->shadow = e->shadow = SHADOW_NONE;
    c->halted = c->gif = false;
    c->debug_traps = 0;
    e->delivering = e->exiting = e->injecting = false;
    e->on_the_way = 0;
    e->attention = true;
    watch_memory(c);
}

void guest_leave(struct cpu *c)
{
    struct engine *e = c->engine;
    uint64_t cut_short = interrupted(c);
    event_begin(c, EVENT_VMEXIT, (enum vector)0, c->eip);
    c->last_event.error = (uint32_t)e->exit_code;
    charge(c, PRICE_vmexit);
    put_guest(c);
    put64(c, VMCB_EXITCODE, (uint64_t)(int64_t)e->exit_code);
    put64(c, VMCB_EXITINFO1, e->exit_info1);
    put64(c, VMCB_EXITINFO2, e->exit_info2);
    put64(c, VMCB_EXITINTINFO, cut_short);
    get_host(c);
}

/* -------------------------------------------------- the other instructions */

void op_vmmcall(struct cpu *c, const struct insn *i)
{
    (void)i;
    raise_fault(c, VEC_UD, 0); /* not intercepted, or no guest */
}

void op_vmload(struct cpu *c, const struct insn *i)
{
    (void)i;
    vmcb_get_rest(c, vmcb_operand(c));
}

void op_vmsave(struct cpu *c, const struct insn *i)
{
    (void)i;
    vmcb_put_rest(c, vmcb_operand(c));
}

void op_stgi(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->gif = true;
}

void op_clgi(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->gif = false;
}

/* EAX: the linear address, ECX: the address space. */
void op_invlpga(struct cpu *c, const struct insn *i)
{
    (void)i;
    cpu_flush_guest_page(c, (gva_t){c->reg[REG_EAX]}, c->reg[REG_ECX]);
}

void cpu_flush_guest_page(struct cpu *c, gva_t at, uint32_t asid)
{
    if (asid < ASID_COUNT)
        tlb_flush_page(c, at, asid);
}
