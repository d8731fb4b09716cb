/*
 * queue.c, para - hypercalls that may wait for each other.
 *
 * Job:    page-table updates and their like cost a trap each; put together
 *         in one multicall, they cost one for all.
 *
 * The queue keeps the order. Updates of entries that follow each other are
 * one mmu_update call with an array, and so are the mmuext_op commands.
 */
#include "../kernel.h"
#include "hypercall.h"

#define CALLS 16u
#define UPDATES 256u
#define COMMANDS 16u

static struct xen_multicall call[CALLS];
static struct xen_mmu_update update[UPDATES];
static struct xen_mmuext_op command[COMMANDS];
static uint32_t calls, updates, commands;

static struct xen_multicall *new_call(uint32_t op, uint32_t a, uint32_t b,
                                      uint32_t c, uint32_t d)
{
    if (calls == CALLS)
        queue_flush();
    call[calls] = (struct xen_multicall){op, 0, {a, b, c, d}};
    return &call[calls++];
}

/* One more for the array call that was queued last, or for a new one. */
static void extend(uint32_t op, void *element)
{
    if (calls == 0 || call[calls - 1].op != op)
        new_call(op, (uint32_t)element, 0, 0, XEN_DOMID_SELF);
    call[calls - 1].args[1]++;
}

void queue_entry(uint32_t machine, uint32_t entry)
{
    if (updates == UPDATES || calls == CALLS)
        queue_flush();
    update[updates] = (struct xen_mmu_update){machine, entry};
    extend(XEN_mmu_update, &update[updates++]);
}

void queue_mmu(uint32_t cmd, uint32_t argument)
{
    if (commands == COMMANDS || calls == CALLS)
        queue_flush();
    command[commands] = (struct xen_mmuext_op){cmd, argument, 0};
    extend(XEN_mmuext_op, &command[commands++]);
}

void queue_mapping(uint32_t linear, uint32_t entry)
{
    new_call(XEN_update_va_mapping, linear, entry, 0, XEN_UVMF_INVLPG);
}

void queue_stack(uint32_t esp)
{
    new_call(XEN_stack_switch, 0x11, esp, 0, 0);
}

/* An answer below 0 is a mistake of ours: nothing would be right after it. */
static void check(const struct xen_multicall *c, int answer)
{
    if (answer < 0)
        panic("hypercall %u (%x, %x): error %u", c->op, c->args[0], c->args[1],
              (uint32_t)-answer);
}

void queue_flush(void)
{
    uint32_t n = calls;
    calls = updates = commands = 0;
    if (n == 0)
        return;
    if (n == 1) {
        const uint32_t *a = call[0].args;
        check(&call[0], hypercall(call[0].op, a[0], a[1], a[2], a[3]));
        return;
    }
    if (hypercall2(XEN_multicall, (uint32_t)call, n) < 0)
        panic("multicall of %u", n);
    for (uint32_t i = 0; i < n; i++)
        check(&call[i], (int)call[i].result);
}
