/*
 * console.c - the console ring, and the emergency console.
 *
 * Job:    carry bytes between the guest and the observer's serial line.
 * Parts:  the ring (a page shared with the guest, an event channel that
 *         says "look"), console_io (a hypercall a piece of text).
 *
 * The ring's indices are the guest's to write: they count freely, and are
 * used modulo the ring's size; a distance over that size carries nothing.
 */
#include "para.h"

void console_drain(struct para *p)
{
    struct xen_console *c = p->console;
    uint32_t n = c->out_prod - c->out_cons;
    if (n == 0 || n > sizeof(c->out))
        return;
    charge_device(p->vm);
    for (; n > 0; n--) {
        char byte = c->out[c->out_cons % sizeof(c->out)];
        c->out_cons++;
        vm_output(p->vm, OUTPUT_SERIAL, (uint8_t)byte);
    }
    if (p->console_port != 0)
        event_raise(p, p->console_port);
}

bool console_in(struct para *p, uint8_t byte)
{
    struct xen_console *c = p->console;
    if (c->in_prod - c->in_cons >= sizeof(c->in))
        return false;
    c->in[c->in_prod % sizeof(c->in)] = (char)byte;
    c->in_prod++;
    if (p->console_port != 0)
        event_raise(p, p->console_port);
    return true;
}

/* At most a page a call: all of it can be read, or nothing is written. */
int64_t do_console_io(struct para *p, const uint32_t *arg)
{
    uint8_t text[PAGE_SIZE];
    uint32_t n = arg[1];
    exit_note(&p->vm->exit, "console_io: %u bytes", n);
    if (arg[0] != XEN_CONSOLEIO_WRITE)
        return -XEN_ENOSYS;
    if (n > sizeof(text))
        return -XEN_EINVAL;
    int rc = copy_in(p, text, arg[2], n);
    if (rc != 0)
        return rc;
    charge_device(p->vm);
    for (uint32_t i = 0; i < n; i++)
        vm_output(p->vm, OUTPUT_SERIAL, text[i]);
    return 0;
}
