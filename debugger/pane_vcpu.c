/*
 * pane_vcpu.c - the virtual processor: the state that the monitor keeps for
 * the guest, where it differs from the processor's, and where the cycles
 * went.
 */
#include "screen.h"

#define BAR 20

static const char *state_text(const struct vm *v)
{
    static const char *const states[] = {
        [VM_RUNNING] = "running",
        [VM_BLOCKED] = "waits for an event",
        [VM_EXITED] = "has ended",
        [VM_KILLED] = "was stopped by the monitor",
    };
    return states[vm_state(v)];
}

/* "IF 1 IOPL 0": of EFLAGS, what a monitor keeps for itself. */
static void put_flags(struct box *b, const char *whose, uint32_t eflags,
                      uint32_t cr0, uint32_t cr4)
{
    put(b, "  %-8s IF %d  IOPL %u  TF %d  VM %d | CR0 PE %d WP %d TS %d PG %d",
        whose, !!(eflags & FL_IF), (eflags & FL_IOPL) >> 12, !!(eflags & FL_TF),
        !!(eflags & FL_VM), !!(cr0 & CR0_PE), !!(cr0 & CR0_WP),
        !!(cr0 & CR0_TS), !!(cr0 & CR0_PG));
    put(b, " | CR4 PGE %d TSD %d", !!(cr4 & CR4_PGE), !!(cr4 & CR4_TSD));
    put_row(b);
}

static void draw_phases(struct box *b, const struct books *k)
{
    char cycles[GROUPED_SIZE];
    put_ink(b, INK_TITLE, "the exits' cycles by phase");
    put_row(b);
    for (int p = 0; p < PHASE_COUNT; p++) {
        if (k->cycles_by_phase[p]) {
            put(b, "  %-9s %14s  ", phase_names[p].name,
                grouped(k->cycles_by_phase[p], cycles));
            put_bar(b, k->cycles_by_phase[p], k->exits, BAR);
            put_row(b);
        }
    }
}

void pane_vcpu(struct screen *s, struct box *b)
{
    const struct debug *d = s->debug;
    const struct cpu *c = monitor_cpu(d->session.monitor);
    const struct virtual_cpu *g = &d->now;
    const struct vm *v = d->vm;
    const struct books *k = vm_books(v);
    char own[GROUPED_SIZE], played[GROUPED_SIZE], turns[GROUPED_SIZE];
    put(b, "VM %u, %s: %s, in %s; ", vm_id(v), vm_name(v), state_text(v),
        debug_mode_name(g));
    put(b, "%s turns of the processor", grouped(vm_turns(v), turns));
    put_row(b);
    if (*vm_why(v)) {
        put_text(b, 2, vm_why(v));
    }
    put_flags(b, "virtual", g->eflags, g->cr0, g->cr4);
    put_flags(b, "real", cpu_eflags(c), c->cr0, c->cr4);
    put(b, "  instructions: %s on the processor, %s by the monitor",
        grouped(k->instructions, own),
        grouped(k->interpreted_instructions, played));
    put_row(b);
    draw_phases(b, k);
    put_text(b, 0, technique_text(vm_technique(v)));
}
