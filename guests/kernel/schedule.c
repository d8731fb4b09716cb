/*
 * schedule.c - who runs next: round robin over what is ready.
 */
#include "kernel.h"

struct timing timing __attribute__((section(".timing")));

/* The next ready process after the current one, itself last; or NULL. */
static struct process *next_ready(void)
{
    uint32_t at = current ? (uint32_t)(current - processes) : PROCESSES - 1;
    for (uint32_t i = 1; i <= PROCESSES; i++) {
        struct process *p = &processes[(at + i) % PROCESSES];
        if (p->state == READY)
            return p;
    }
    return NULL;
}

static void switch_to(struct process *p)
{
    static uint32_t nowhere; /* the first process is switched to from none */
    uint32_t *save = current ? &current->esp : &nowhere;
    if (p == current)
        return;
    current = p;
    ops_set_kernel_stack((uint32_t)p->stack + PAGE);
    space_load(&p->space);
    switch_stacks(save, p->esp);
}

void schedule(void)
{
    struct process *p;
    while (!(p = next_ready()))
        ops_idle();
    switch_to(p);
}

void wait_for(const void *what)
{
    current->state = WAITING;
    current->waits_for = what;
    schedule();
}

void wake(const void *what)
{
    for (uint32_t i = 0; i < PROCESSES; i++)
        if (processes[i].state == WAITING && processes[i].waits_for == what)
            processes[i].state = READY;
}

void start_scheduling(void)
{
    schedule();
    panic("nothing to run");
}
