/*
 * traps.c - the guest's trap table, its stacks, and the way back.
 *
 * Job:    enter the guest's handlers as a processor would enter its IDT's,
 *         and return from them.
 * Parts:  set_trap_table, set_callbacks and callback_op, stack_switch;
 *         bounce (build a frame, enter a handler) and reflect; iret.
 *
 * One vector is different: a gate for 0x80 that does not mask events is put
 * into the real IDT, so a system call goes from ring 3 to ring 1 without
 * the monitor (hole.c writes it). The real IF stays 1, and the frame that
 * the processor pushes says so.
 *
 *      what bounce pushes          EFLAGS.IF  = events were not masked
 *   +--------+  only from an       CS 31:16   = the mask as it was
 *   |   SS   |  outer ring
 *   |  ESP   |
 *   +--------+
 *   | EFLAGS |
 *   |   CS   |
 *   |  EIP   |
 *   | error  |  where the vector has one
 *   +--------+
 */
#include "para.h"

#include <string.h>

/* Flags that an interrupt frame may not set: the real ones stay ours. */
#define FIXED_FLAGS (FL_IOPL | FL_VM | FL_VIF | FL_VIP | FL_NT | FL_IF)

#define EXTRA_WORDS 4u /* below a frame, at most */

static uint8_t *upcall_mask(struct para *p)
{
    return &p->shared->vcpu[0].upcall_mask;
}

/* Rings 2 and 3 come in on the kernel's stack, ring 1 on its own. */
static bool is_outer(uint32_t cs)
{
    return (cs & 2) != 0;
}

/* A selector of the guest's: never ring 0. */
static uint32_t ring1(uint32_t sel)
{
    return sel & 3 ? sel : sel | 1;
}

static bool stack_selector_ok(uint32_t sel)
{
    uint32_t entry = sel & ~7u;
    return sel <= 0xffff && ((sel & 4) || entry < XEN_FIRST_RESERVED_SELECTOR ||
                             entry == (XEN_FLAT_RING1_DS & ~7u) ||
                             entry == (XEN_FLAT_RING3_DS & ~7u));
}

/* ------------------------------------------------------- registering */

int64_t do_set_trap_table(struct para *p, const uint32_t *arg)
{
    struct xen_trap_info table[256] = {{0}};
    unsigned n = 0;
    if (arg[0] == 0) {
        memset(p->trap, 0, sizeof(p->trap));
        hole_fast_trap(p);
        return 0;
    }
    for (uint32_t at = arg[0];; at += (uint32_t)sizeof(table[0]), n++) {
        struct xen_trap_info t;
        int rc = copy_in(p, &t, at, sizeof(t));
        if (rc != 0)
            return rc;
        if (t.address == 0)
            break;
        if (n == 256)
            return -XEN_EINVAL;
        t.cs = (uint16_t)ring1(t.cs);
        if (!code_selector_ok(t.cs))
            return -XEN_EPERM;
        table[n] = t;
    }
    for (unsigned i = 0; i < n; i++)
        p->trap[table[i].vector] = table[i];
    hole_fast_trap(p);
    exit_note(&p->vm->exit, "set_trap_table: %u handlers", n);
    return 0;
}

static int callback_check(struct xen_callback *c)
{
    c->cs = ring1(c->cs);
    return code_selector_ok(c->cs) ? 0 : -XEN_EPERM;
}

int64_t do_set_callbacks(struct para *p, const uint32_t *arg)
{
    struct xen_callback event = {arg[0], arg[1]};
    struct xen_callback failsafe = {arg[2], arg[3]};
    if (callback_check(&event) != 0 || callback_check(&failsafe) != 0)
        return -XEN_EPERM;
    p->event = event;
    p->failsafe = failsafe;
    return 0;
}

static struct xen_callback *callback_slot(struct para *p, uint16_t type)
{
    return type == XEN_CALLBACK_EVENT      ? &p->event
           : type == XEN_CALLBACK_FAILSAFE ? &p->failsafe
                                           : NULL;
}

int64_t do_callback_op(struct para *p, const uint32_t *arg)
{
    struct xen_callback_register r = {0};
    bool add = arg[0] == XEN_CALLBACKOP_REGISTER;
    uint32_t size = add ? sizeof(r) : sizeof(struct xen_callback_unregister);
    if (arg[0] > XEN_CALLBACKOP_UNREGISTER)
        return -XEN_ENOSYS;
    int rc = copy_in(p, &r, arg[1], size);
    if (rc != 0)
        return rc;
    struct xen_callback *slot = callback_slot(p, r.type);
    if (!slot)
        return -XEN_ENOSYS;
    if (add && callback_check(&r.address) != 0)
        return -XEN_EPERM;
    *slot = r.address;
    return 0;
}

int64_t do_stack_switch(struct para *p, const uint32_t *arg)
{
    uint32_t ss = ring1(arg[0]);
    exit_note(&p->vm->exit, "stack_switch: %04x:%08x", ss & 0xffff, arg[1]);
    if (!stack_selector_ok(ss) || (ss & 3) != 1)
        return -XEN_EPERM;
    p->kernel_ss = ss;
    p->kernel_esp = arg[1];
    hole_kernel_stack(p);
    return 0;
}

/* ------------------------------------------------- will IRET take it? */

#define D_ACCESS(d) ((d)[1] >> 8)

/*
 * The checks of IRET and MOV SS on what the real IRET will load (SDM 2A,
 * IRET): a failure there would be the monitor's own fault.
 */
static bool code_loads(struct para *p, uint32_t cs)
{
    uint32_t d[2], rpl = cs & 3;
    if (!code_selector_ok(cs) || rpl == 0 || !guest_descriptor(p, cs, d))
        return false;
    uint32_t a = D_ACCESS(d), code = SEG_P | SEG_S | 8u;
    bool conforming = (a & 4u) != 0;
    return (a & code) == code &&
           (conforming ? SEG_DPL(a) <= rpl : SEG_DPL(a) == rpl);
}

static bool stack_loads(struct para *p, uint32_t ss, uint32_t cpl)
{
    uint32_t d[2];
    if (!stack_selector_ok(ss) || (ss & 3) != cpl ||
        !guest_descriptor(p, ss, d))
        return false;
    uint32_t a = D_ACCESS(d), data = SEG_P | SEG_S | 2u;
    return (a & data) == data && !(a & 8u) && SEG_DPL(a) == cpl;
}

uint32_t segment_base(struct para *p, uint32_t sel)
{
    uint32_t d[2];
    if (!guest_descriptor(p, sel, d))
        return 0;
    return d[0] >> 16 | (d[1] & 0xff) << 16 | (d[1] & 0xff000000);
}

/* ---------------------------------------------------------- entering */

/* Push n words on the handler's stack, word[0] lowest. False: no stack. */
static bool push_frame(struct para *p, uint32_t ss, uint32_t *esp,
                       const uint32_t *word, uint32_t n)
{
    *esp -= 4 * n;
    uint32_t at = segment_base(p, ss) + *esp;
    return stack_loads(p, ss, 1) && copy_out(p, at, word, 4 * n) == 0;
}

void bounce(struct vm *v, struct xen_callback to, bool mask_events,
            const uint32_t *extra, uint32_t n)
{
    struct para *p = para_of(v);
    struct frame_regs *r = &v->regs;
    bool outer = is_outer(r->cs);
    uint32_t ss = outer ? p->kernel_ss : r->ss;
    uint32_t esp = outer ? p->kernel_esp : r->esp;
    uint32_t mask = *upcall_mask(p), word[EXTRA_WORDS + 5];

    for (uint32_t i = 0; i < n; i++)
        word[i] = extra[i];
    word[n++] = r->eip;
    word[n++] = (r->cs & 0xffff) | mask << 16;
    word[n++] = (r->eflags & ~(uint32_t)FL_IF) | (mask ? 0 : FL_IF);
    if (outer) {
        word[n++] = r->esp;
        word[n++] = r->ss & 0xffff;
    }
    charge_exit(v, PHASE_inject, PRICE_vmm_inject, 1);
    if (!push_frame(p, ss, &esp, word, n)) {
        vm_kill(v,
                "no room for a frame on the guest kernel's stack at "
                "%04x:%08x: stack_switch wants a mapped, writable one",
                ss & 0xffff, esp);
        return;
    }
    if (!code_loads(p, (to.cs & ~3u) | 1)) {
        vm_kill(v, "the handler's selector %04x names no ring-1 code segment",
                to.cs & 0xffff);
        return;
    }
    if (mask_events)
        *upcall_mask(p) = 1;
    *r = (struct frame_regs){
        .eip = to.eip,
        .cs = (to.cs & 0xfffc) | 1,
        .eflags = r->eflags & ~(uint32_t)(FL_TF | FL_NT | FL_RF | FL_VM),
        .esp = esp,
        .ss = ss,
    };
}

void reflect(struct vm *v, struct exit *x, unsigned vector, bool has_error,
             uint32_t error)
{
    const struct xen_trap_info *t = &para_of(v)->trap[vector];
    struct xen_callback to = {t->cs, t->address};
    if (t->address == 0) {
        vm_kill(v,
                "exception %u at %04x:%08x, and the guest has no handler "
                "for it: see set_trap_table",
                vector, v->regs.cs & 0xffff, v->regs.eip);
        return;
    }
    x->r.disposition = DISPOSITION_reflected;
    x->r.detail = vector;
    bounce(v, to, t->flags & XEN_TI_MASK_EVENTS, &error, has_error);
}

/*
 * The guest took away a segment that its own registers use, so the IRET to
 * it failed. Its kernel is told, with the data selectors below the frame.
 */
void failsafe(struct vm *v, struct exit *x)
{
    struct para *p = para_of(v);
    const struct segment *s = v->monitor->cpu->seg;
    uint32_t data[EXTRA_WORDS] = {s[SEG_DS].sel, s[SEG_ES].sel, s[SEG_FS].sel,
                                  s[SEG_GS].sel};
    if (p->failsafe.eip == 0) {
        vm_kill(v,
                "the guest's registers %04x:%08x, stack %04x:%08x cannot be "
                "loaded, and it has no failsafe callback",
                v->regs.cs & 0xffff, v->regs.eip, v->regs.ss & 0xffff,
                v->regs.esp);
        return;
    }
    exit_note(x, "failsafe callback: %04x:%08x does not load",
              v->regs.cs & 0xffff, v->regs.eip);
    x->r.disposition = DISPOSITION_reflected;
    bounce(v, p->failsafe, true, data, EXTRA_WORDS);
}

/* ----------------------------------------------------------- returning */

/*
 * What the guest's kernel left on its stack: EAX, which the hypercall
 * page's stub pushed, then the frame. The answer is that EAX.
 */
int64_t do_iret(struct para *p, const uint32_t *arg)
{
    enum { EAX, EIP, CS, EFLAGS, ESP, SS };
    struct frame_regs *r = &p->vm->regs;
    uint32_t word[6], base = segment_base(p, r->ss);
    (void)arg;
    if (is_outer(r->cs) || copy_in(p, word, base + r->esp, 16) != 0)
        return -XEN_EFAULT;
    uint32_t cs = word[CS] & 0xffff;
    bool outer = is_outer(cs);
    if (!code_loads(p, cs) || (word[EFLAGS] & FL_VM))
        return -XEN_EINVAL;
    if (outer) {
        if (copy_in(p, &word[ESP], base + r->esp + 16, 8) != 0)
            return -XEN_EFAULT;
        if (!stack_loads(p, word[SS] & 0xffff, cs & 3))
            return -XEN_EINVAL;
    }
    r->cs = cs;
    r->eip = word[EIP];
    r->esp = outer ? word[ESP] : r->esp + 16;
    r->ss = outer ? word[SS] & 0xffff : r->ss;
    r->eflags = (word[EFLAGS] & ~(uint32_t)FIXED_FLAGS) | FL_IF;
    *upcall_mask(p) = !(word[EFLAGS] & FL_IF);
    exit_note(&p->vm->exit, "iret to ring %u", cs & 3);
    return (int64_t)word[EAX];
}
