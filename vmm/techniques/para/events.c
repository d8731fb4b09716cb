/*
 * events.c - event channels: what a para guest has instead of interrupts.
 *
 * Job:    one bit a channel in the shared info page, set by the monitor and
 *         cleared by the guest, and one upcall that says "look".
 * Parts:  raising; looking; event_channel_op and its older form.
 *
 *   evtchn_pending[32]  one bit a port       raise sets it
 *   evtchn_mask[32]     one bit a port       the guest's: no upcall for it
 *   pending_sel         one bit a word       which words to look at
 *   upcall_pending      one byte             an upcall is due
 *   upcall_mask         one byte             the virtual IF, upside down
 *
 * All of it lies in memory that the guest may write at any time, so nothing
 * here trusts what it reads there; the bindings are in struct para.
 */
#include "para.h"

static uint32_t bit(uint32_t port)
{
    return 1u << port % 32;
}

static void upcall(struct para *p, uint32_t port)
{
    struct xen_vcpu_info *c = &p->shared->vcpu[0];
    c->pending_sel |= 1u << port / 32;
    c->upcall_pending = 1;
    wake(p);
}

void event_raise(struct para *p, uint32_t port)
{
    struct xen_shared_info *s = p->shared;
    bool was = s->evtchn_pending[port / 32] & bit(port);
    s->evtchn_pending[port / 32] |= bit(port);
    charge_exit(p->vm, PHASE_device, PRICE_vmm_event, 1);
    if (p->polling)
        wake(p);
    if (!was && !(s->evtchn_mask[port / 32] & bit(port)))
        upcall(p, port);
}

void event_raise_virq(struct para *p, enum xen_virq q)
{
    if (p->virq_port[q] != 0)
        event_raise(p, p->virq_port[q]);
}

bool event_pending(const struct para *p, uint32_t port)
{
    return p->shared->evtchn_pending[port / 32] & bit(port);
}

bool event_deliverable(const struct para *p)
{
    const struct xen_vcpu_info *c = &p->shared->vcpu[0];
    return c->upcall_pending && !c->upcall_mask && p->event.eip != 0;
}

uint32_t channel_new(struct para *p, enum xen_channel_status s)
{
    for (uint32_t port = 1; port < XEN_CHANNELS; port++) {
        if (p->channel[port].status != XEN_CHANNEL_CLOSED)
            continue;
        p->channel[port] = (struct channel){.status = (uint8_t)s};
        return port;
    }
    return 0;
}

/* --------------------------------------------------------------- looking */

void events_upcall(struct vm *v, struct vm_upcall *out)
{
    const struct para *p = para_of(v);
    const struct xen_vcpu_info *c = &p->shared->vcpu[0];
    *out = (struct vm_upcall){.pending = c->upcall_pending,
                              .masked = c->upcall_mask,
                              .selector = c->pending_sel,
                              .cs = p->event.cs,
                              .eip = p->event.eip,
                              .ports = XEN_CHANNELS};
}

static const char *channel_text(const struct para *p, uint32_t port)
{
    const struct channel *c = &p->channel[port];
    if (port == p->console_port)
        return "the console: the monitor, when its rings move";
    switch (c->status) {
    case XEN_CHANNEL_VIRQ:
        return c->virq == XEN_VIRQ_TIMER ? "VIRQ timer: the monitor's clock"
                                         : "another VIRQ";
    case XEN_CHANNEL_IPI:
        return "the guest itself";
    case XEN_CHANNEL_UNBOUND:
        return "nobody yet";
    default:
        return "another domain";
    }
}

bool events_channel(struct vm *v, uint32_t port, struct vm_channel *out)
{
    const struct para *p = para_of(v);
    if (port >= XEN_CHANNELS || p->channel[port].status == XEN_CHANNEL_CLOSED)
        return false;
    *out = (struct vm_channel){.text = channel_text(p, port),
                               .pending = event_pending(p, port),
                               .masked = p->shared->evtchn_mask[port / 32] &
                                         bit(port)};
    return true;
}

/* ---------------------------------------------------- event_channel_op */

/* Each takes the guest's structure at `at`. */

static int bind_virq(struct para *p, uint32_t at)
{
    struct xen_bind_virq b;
    int rc = copy_in(p, &b, at, sizeof(b));
    if (rc != 0)
        return rc;
    if (b.virq >= XEN_VIRQS)
        return -XEN_EINVAL;
    if (b.vcpu != 0)
        return -XEN_ENOENT;
    if (p->virq_port[b.virq] != 0)
        return -XEN_EEXIST;
    if (may_write(p, at, sizeof(b)) != 0)
        return -XEN_EFAULT;
    b.port = channel_new(p, XEN_CHANNEL_VIRQ);
    if (b.port == 0)
        return -XEN_ENOSPC;
    p->channel[b.port].virq = (uint8_t)b.virq;
    p->virq_port[b.virq] = b.port;
    return copy_out(p, at, &b, sizeof(b));
}

static int bind_ipi(struct para *p, uint32_t at)
{
    struct xen_bind_ipi b;
    int rc = copy_in(p, &b, at, sizeof(b));
    if (rc != 0)
        return rc;
    if (b.vcpu != 0)
        return -XEN_ENOENT;
    if (may_write(p, at, sizeof(b)) != 0)
        return -XEN_EFAULT;
    b.port = channel_new(p, XEN_CHANNEL_IPI);
    if (b.port == 0)
        return -XEN_ENOSPC;
    return copy_out(p, at, &b, sizeof(b));
}

/* An open port of the guest's own from the structure's first word. */
static int open_port(struct para *p, uint32_t at, uint32_t *port)
{
    int rc = copy_in(p, port, at, sizeof(*port));
    if (rc != 0)
        return rc;
    bool ok =
        *port < XEN_CHANNELS && p->channel[*port].status != XEN_CHANNEL_CLOSED;
    return ok ? 0 : -XEN_EINVAL;
}

static int close_port(struct para *p, uint32_t at)
{
    uint32_t port;
    int rc = open_port(p, at, &port);
    if (rc != 0)
        return rc;
    struct channel *c = &p->channel[port];
    if (c->status == XEN_CHANNEL_VIRQ)
        p->virq_port[c->virq] = 0;
    if (port == p->console_port)
        p->console_port = 0;
    *c = (struct channel){.status = XEN_CHANNEL_CLOSED};
    p->shared->evtchn_pending[port / 32] &= ~bit(port);
    return 0;
}

static int send(struct para *p, uint32_t at)
{
    uint32_t port;
    int rc = open_port(p, at, &port);
    if (rc != 0)
        return rc;
    switch (p->channel[port].status) {
    case XEN_CHANNEL_IPI:
        event_raise(p, port);
        return 0;
    case XEN_CHANNEL_INTERDOMAIN:
        console_drain(p); /* the only other end there is */
        return 0;
    default:
        return -XEN_EINVAL;
    }
}

static int status(struct para *p, uint32_t at)
{
    struct xen_evtchn_status s;
    int rc = copy_in(p, &s, at, sizeof(s));
    if (rc != 0)
        return rc;
    if (s.dom != XEN_DOMID_SELF)
        return -XEN_ESRCH;
    if (s.port >= XEN_CHANNELS)
        return -XEN_EINVAL;
    s.status = p->channel[s.port].status;
    s.vcpu = 0;
    s.bound = s.status == XEN_CHANNEL_VIRQ ? p->channel[s.port].virq : 0;
    return copy_out(p, at, &s, sizeof(s));
}

static int unmask(struct para *p, uint32_t at)
{
    uint32_t port;
    int rc = open_port(p, at, &port);
    if (rc != 0)
        return rc;
    p->shared->evtchn_mask[port / 32] &= ~bit(port);
    if (event_pending(p, port))
        upcall(p, port);
    return 0;
}

static int event_channel(struct para *p, uint32_t command, uint32_t at)
{
    static const char *const name[] = {
        [XEN_EVTCHN_BIND_VIRQ] = "bind_virq",
        [XEN_EVTCHN_BIND_IPI] = "bind_ipi",
        [XEN_EVTCHN_CLOSE] = "close",
        [XEN_EVTCHN_SEND] = "send",
        [XEN_EVTCHN_STATUS] = "status",
        [XEN_EVTCHN_UNMASK] = "unmask",
    };
    bool known = command < sizeof(name) / sizeof(name[0]) && name[command];
    exit_note(&p->vm->exit, "event channel %u: %s", command,
              known ? name[command] : "we lack it, -ENOSYS");
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_event, 1);
    switch (command) {
    case XEN_EVTCHN_BIND_VIRQ:
        return bind_virq(p, at);
    case XEN_EVTCHN_BIND_IPI:
        return bind_ipi(p, at);
    case XEN_EVTCHN_CLOSE:
        return close_port(p, at);
    case XEN_EVTCHN_SEND:
        return send(p, at);
    case XEN_EVTCHN_STATUS:
        return status(p, at);
    case XEN_EVTCHN_UNMASK:
        return unmask(p, at);
    default:
        return -XEN_ENOSYS;
    }
}

int64_t do_event_channel_op(struct para *p, const uint32_t *arg)
{
    return event_channel(p, arg[0], arg[1]);
}

/* Before Xen 3.2 the command stood before the structure, in memory. */
int64_t do_event_channel_op_compat(struct para *p, const uint32_t *arg)
{
    uint32_t command;
    int rc = copy_in(p, &command, arg[0], sizeof(command));
    return rc != 0 ? rc : event_channel(p, command, arg[0] + 4);
}
