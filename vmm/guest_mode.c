/*
 * guest_mode.c - into a guest by VMRUN, and out by #VMEXIT: what switch.c is
 * for rings.
 *
 * Job:    a VM's control block, in frames of the monitor's; entering by the
 *         stub VMLOAD, VMRUN, VMSAVE, HLT; what the exit was.
 * Parts:  the control block; entering and leaving; the TLB.
 *
 * From the first VMRUN on the monitor works with the global interrupt flag
 * clear, as #VMEXIT leaves it: an interrupt that ended guest mode stays on its
 * line, and the monitor, which looks after its timer at every exit, takes it
 * from there.
 *
 *     VMCB    1 page      a VM's own
 *     IOPM    3 pages     all ones, but for the delay port
 *     MSRPM   2 pages     all ones, but for SYSENTER's
 *     host    1 page      where VMRUN saves the monitor's registers
 */
#include "world.h"

#include <string.h>

enum { PAGE_VMCB, PAGE_IOPM, PAGE_MSRPM = 4, PAGE_HOST = 6, PAGES };

static mpa_t page_of(const struct vm *v, uint32_t page)
{
    return (mpa_t){v->vmcb.v + (page << PAGE_SHIFT)};
}

/* ------------------------------------------------------- the control block */

static uint32_t *word_at(const struct vm *v, unsigned field)
{
    uint8_t *page = v->monitor->ram.bytes + v->vmcb.v;
    return (uint32_t *)(void *)(page + field);
}

uint32_t vmcb_look(const struct vm *v, unsigned field)
{
    return *word_at(v, field);
}

void vmcb_set(struct vm *v, unsigned field, uint32_t value)
{
    uint32_t *word = word_at(v, field);
    if (*word != value) {
        charge_exit(v, PHASE_restore, PRICE_vmcb_write, 1);
        *word = value;
    }
}

uint32_t guest_mode_code(const struct vm *v)
{
    return vmcb_look(v, VMCB_EXITCODE);
}

/* No device is at the delay port, and never will be: the guest may have it,
 * a byte at a time. A bit a port. */
static void open_ports(uint8_t *map)
{
    /*@lab 6 open_ports
     * `map` intercepts every port. Let the guest have DELAY_PORT by itself: a
     * bit a port, bit 0 of byte 0 is port 0 (15.10.1).
     *@stub
     *  (void)map;
     *  lab_todo("open_ports");
     */
    map[DELAY_PORT / 8] &= (uint8_t) ~(1u << DELAY_PORT % 8);
    /*@end*/
}

/* The guest reads and writes these MSRs by itself: they are its own in guest
 * mode. Two bits an MSR. */
static void open_msrs(uint8_t *map)
{
    /*@lab 6 open_msrs
     * `map` intercepts every MSR. Let the guest read and write
     * MSR_SYSENTER_CS, _ESP and _EIP by itself, which are its own in guest
     * mode: two bits an MSR, the lower for RDMSR; those below 2000h begin the
     * map (15.11).
     *@stub
     *  (void)map;
     *  lab_todo("open_msrs");
     */
    static const uint32_t own[] = {MSR_SYSENTER_CS, MSR_SYSENTER_ESP,
                                   MSR_SYSENTER_EIP};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        map[own[i] / 4] &= (uint8_t) ~(3u << 2 * (own[i] % 4));
    }
    /*@end*/
}

static void make_maps(struct vm *v)
{
    uint8_t *ports = frame_bytes(v->monitor, page_of(v, PAGE_IOPM));
    uint8_t *msrs = frame_bytes(v->monitor, page_of(v, PAGE_MSRPM));
    memset(ports, 0xff, IOPM_SIZE);
    memset(msrs, 0xff, MSRPM_SIZE);
    open_ports(ports);
    open_msrs(msrs);
}

bool guest_mode_new(struct vm *v)
{
    if (!frames_alloc(v->monitor, PAGES, &v->vmcb)) {
        return false;
    }
    make_maps(v);
    /*@lab 6 guest_mode_new
     * The control block is a page of zeros. Tell it where the two maps are
     * (page_of), that the guest's EFER has SVME, without which VMRUN refuses
     * (15.5.1), and its ASID: 1 to ASID_COUNT - 1 are guests', v->id counts
     * from 1, and when all are in use they are shared.
     *@stub
     *  lab_todo("guest_mode_new");
     */
    vmcb_set(v, VMCB_IOPM_BASE, page_of(v, PAGE_IOPM).v);
    vmcb_set(v, VMCB_MSRPM_BASE, page_of(v, PAGE_MSRPM).v);
    vmcb_set(v, VMCB_EFER, EFER_SVME);
    vmcb_set(v, VMCB_ASID, 1 + (v->id - 1) % (ASID_COUNT - 1));
    return true;
    /*@end*/
}

void guest_mode_free(struct vm *v)
{
    for (uint32_t i = 0; v->vmcb.v && i < PAGES; i++) {
        frame_free(v->monitor, page_of(v, i));
    }
}

/* ---------------------------------------------------- entering and leaving */

/* On the stub, in ring 0, as the monitor's own code would stand there. */
static void stand_on_stub(struct vm *v)
{
    struct cpu *c = v->monitor->cpu;
    c->efer = EFER_SVME;
    c->vm_hsave = page_of(v, PAGE_HOST).v;
    c->reg[REG_EAX] = v->vmcb.v;
    c->reg[REG_ESP] = WORLD_STACK;
    c->seg[SEG_CS] = world_segment(MONITOR_CS);
    c->seg[SEG_SS] = world_segment(MONITOR_DS);
    c->eip = WORLD_STUBS + STUB_GUEST;
    c->gif = false;
    c->halted = false;
    cpu_set_eflags(c, FL_IF); /* with V_INTR_MASKING: of physical interrupts */
}

/* More guests than identifiers share them, and never meet their entries. */
static void set_tlb_control(struct vm *v)
{
    /*@lab 6 set_tlb_control
     * Set VMCB_TLB_CONTROL: TLB_FLUSH_ASID if v->flush asks for it, or if
     * there are so many VMs (monitor->vm_count) that two share an ASID; else
     * TLB_KEEP. A wish is granted once.
     *@stub
     *  (void)v;
     *  lab_todo("set_tlb_control");
     */
    bool shared = v->monitor->vm_count >= ASID_COUNT;
    vmcb_set(v, VMCB_TLB_CONTROL,
             v->flush || shared ? TLB_FLUSH_ASID : TLB_KEEP);
    v->flush = false;
    /*@end*/
}

bool guest_mode_enter(struct vm *v, uint64_t *at)
{
    /*@lab 6 guest_mode_enter
     * Set the TLB's control, stand on the stub, and run the monitor's own
     * instructions there, cpu_step() by cpu_step(), until the guest is on
     * (c->guest.on) or the stub's HLT is reached (c->halted). CPU_ASKED from
     * cpu_step(): remember it for the monitor's loop, in monitor->asked. True:
     * the guest runs, since *at = c->cycles. False: it does not: VMRUN
     * refused, or an exit came at once, at c->last_event.cycle.
     *@stub
     *  (void)v;
     *  (void)at;
     *  (void)set_tlb_control;
     *  (void)stand_on_stub;
     *  lab_todo("guest_mode_enter");
     */
    struct monitor *m = v->monitor;
    struct cpu *c = m->cpu;
    set_tlb_control(v);
    stand_on_stub(v);
    while (!c->guest.on && !c->halted) {
        if (cpu_step(c) == CPU_ASKED) {
            m->asked = 1;
        }
    }
    *at = c->guest.on ? c->cycles : c->last_event.cycle;
    return c->guest.on;
    /*@end*/
}

void guest_mode_leave(struct vm *v, struct event *e)
{
    /*@lab 6 guest_mode_leave
     * Take v->regs from the control block: RIP, CS's selector, RFLAGS, RSP,
     * SS's selector. Make of *e, which the processor reported as an
     * EVENT_VMEXIT, what it means. INTR: EVENT_INTERRUPT, with vector
     * MONITOR_TIMER. An exception, from VMEXIT_EXCP on: its vector, its error
     * code (EXITINFO1) and, for a #PF, its address in cr2 (EXITINFO2). Any
     * other: the exit code, in `error`.
     *@stub
     *  (void)v;
     *  (void)e;
     *  lab_todo("guest_mode_leave");
     */
    v->regs = (struct frame_regs){.eip = vmcb_look(v, VMCB_RIP),
                                  .cs = vmcb_look(v, VMCB_CS) & 0xffff,
                                  .eflags = vmcb_look(v, VMCB_RFLAGS),
                                  .esp = vmcb_look(v, VMCB_RSP),
                                  .ss = vmcb_look(v, VMCB_SS) & 0xffff};
    uint32_t code = guest_mode_code(v);
    if (code == VMEXIT_INTR) {
        e->kind = EVENT_INTERRUPT;
        e->vector = MONITOR_TIMER;
    } else if (code >= VMEXIT_EXCP && code < VMEXIT_INTR) {
        e->vector = (uint8_t)(code - VMEXIT_EXCP);
        e->error = vmcb_look(v, VMCB_EXITINFO1);
        e->cr2 = vmcb_look(v, VMCB_EXITINFO2);
    } else {
        e->error = code;
    }
    /*@end*/
}

/* ----------------------------------------------------------------- the TLB */

/* INVLPGA, which is free to be executed in ring 0 at any time. */
void guest_mode_flush_page(struct vm *v, gva_t at)
{
    cpu_flush_guest_page(v->monitor->cpu, at, vmcb_look(v, VMCB_ASID));
}
