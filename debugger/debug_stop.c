/*
 * debug_stop.c - telling: what happened, which layer took it, what is next.
 *
 * Every sentence is made of the exit's record and the tables' texts.
 */
#include "debug.h"
#include "measure.h"

#include <string.h>

#define BAR 24

static bool vm_ended(const struct vm *v)
{
    return vm_state(v) == VM_EXITED || vm_state(v) == VM_KILLED;
}

bool debug_ended(const struct debug *d)
{
    struct monitor *m = d->session.monitor;
    for (size_t i = 0; i < monitor_vm_count(m); i++) {
        if (!vm_ended(monitor_vm(m, i))) {
            return false;
        }
    }
    return true;
}

static void tell_end(const struct debug *d, const struct vm *v)
{
    if (vm_state(v) == VM_KILLED) {
        fprintf(d->out, "%sthe monitor stopped %s%s: %s\n",
                paint(d->out, STYLE_BAD), vm_name(v), paint(d->out, STYLE_NONE),
                vm_why(v));
    } else {
        fprintf(d->out, "%s has ended with status %u (%s)\n", vm_name(v),
                vm_exit_status(v), vm_exit_status(v) ? "failure" : "success");
    }
}

void tell_ends(struct debug *d)
{
    struct monitor *m = d->session.monitor;
    for (size_t i = 0; i < monitor_vm_count(m); i++) {
        if (vm_ended(monitor_vm(m, i)) && !d->end_told[i]) {
            tell_end(d, monitor_vm(m, i));
            d->end_told[i] = true;
        }
    }
    if (debug_ended(d)) {
        say(d, "no guest runs any more; look around, or quit");
    }
}

/* --------------------------------------------------------------- an exit */

static const char *ring_owner(const struct exit_record *x)
{
    return x->virtual_ring == 3 ? "a guest program" : "the guest's kernel";
}

/* Line 2: where, and what the guest was doing. */
static void tell_cause(const struct debug *d, const struct exit_record *x)
{
    char text[80] = "", where[64];
    if (x->insn.id != I_INVALID) {
        cpu_disassemble(&x->insn, x->eip, text, sizeof text);
    }
    place_name(monitor_vm(d->session.monitor, x->vm - 1), x->eip, where,
               sizeof where);
    fprintf(d->out, "  at %08x %s%s%s\n", x->eip, where,
            *where && *text ? ": " : "", text);
}

static const char *vector_name(uint8_t vector)
{
    static const char *const names[] = {
        "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF",
        "9",   "#TS", "#NP", "#SS", "#GP", "#PF", "15",  "#MF", "#AC"};
    return vector < sizeof names / sizeof names[0] ? names[vector] : NULL;
}

/* By what it came: a vector, or guest mode's exit code. */
static void arrival(const struct debug *d, const struct exit_record *x,
                    char *buf, size_t size)
{
    struct monitor *m = d->session.monitor;
    const char *name = vector_name(x->vector);
    uint32_t code = 0;
    mpa_t block;
    if (vm_control_block(monitor_vm(m, x->vm - 1), &block)) {
        cpu_phys_read(monitor_cpu(m), (mpa_t){block.v + VMCB_EXITCODE}, &code,
                      sizeof code);
        name = vmexit_name(code);
        snprintf(buf, size, "#VMEXIT %03x, %s", code, name ? name : "?");
    } else if (name) {
        snprintf(buf, size, "%s", name);
    } else {
        snprintf(buf, size, "vector 0x%02x", x->vector);
    }
}

/* Line 3: who did it, and how it arrived at the monitor. */
static void tell_arrival(const struct debug *d, const struct exit_record *x)
{
    char line[200], ring[48], how[40], error[24] = "", address[24] = "";
    if (x->reason == EXIT_schedule) {
        return; /* nobody: the monitor chose it */
    }
    if (x->reason == EXIT_silent) {
        say(d, "  it ran where it deceives; nothing arrived at the dispatcher");
        return;
    }
    arrival(d, x, how, sizeof how);
    if (x->has_error) {
        snprintf(error, sizeof error, ", error code %x", x->error);
    }
    if (x->vector == VEC_PF) {
        snprintf(address, sizeof address, ", address %08x", x->address);
    }
    if (x->virtual_ring != x->real_ring) {
        snprintf(ring, sizeof ring, "virtual ring %u, in truth ring %u",
                 x->virtual_ring, x->real_ring);
    } else {
        snprintf(ring, sizeof ring, "ring %u", x->real_ring);
    }
    snprintf(line, sizeof line,
             "by %s (%s); arrived at the dispatcher as %s%s%s", ring_owner(x),
             ring, how, error, address);
    print_wrapped(d->out, 2, line);
}

void tell_exit(const struct debug *d, const struct exit_record *x)
{
    char cost[GROUPED_SIZE], number[GROUPED_SIZE], line[400];
    const struct name_text *reason = &exit_names[x->reason];
    const struct name_text *became = &disposition_names[x->disposition];
    bool same = strcmp(reason->name, reason->title) == 0;
    fprintf(d->out, "%sexit %s: %s%s%s%s: %s cycles\n",
            paint(d->out, STYLE_BOLD), grouped(x->number, number), reason->name,
            paint(d->out, STYLE_NONE), same ? "" : ", ",
            same ? "" : reason->title, grouped(exit_cost(x), cost));
    tell_cause(d, x);
    tell_arrival(d, x);
    snprintf(line, sizeof line, "%s: %s%s%s", became->name, became->text,
             *x->note ? "; " : "", x->note);
    print_wrapped(d->out, 2, line);
}

/* ------------------------------------------------------------------ stops */

/* Where the guest stands, and what it would do next. */
void tell_place(struct debug *d)
{
    char where[64], text[80], address[16], ring[24];
    uint32_t at = d->now.seg[SEG_CS].base + d->now.eip;
    struct source_line line;
    debug_place_name(d, at, where, sizeof where);
    if (vm_state(d->vm) == VM_BLOCKED) {
        fprintf(d->out, "next: the guest waits for an event, at %08x %s\n", at,
                where);
        return;
    }
    if (!debug_instruction(d, at, text, sizeof text)) {
        snprintf(text, sizeof text, "(not mapped yet)");
    }
    bool rings = cpu_mode(d->now.cr0, d->now.eflags) == MODE_PROTECTED;
    snprintf(ring, sizeof ring, "virtual ring %u", d->now.cpl);
    fprintf(d->out, "next: %s %s%s%s   (%s)\n",
            debug_code_address(&d->now, at, address, sizeof address), where,
            *where ? ": " : "", text, rings ? ring : debug_mode_name(&d->now));
    if (debug_line_at(d, at, &line)) {
        tell_line(d, &line);
    }
}

static void tell_console(struct debug *d, size_t vm)
{
    struct kept *k = &d->console[vm];
    char number[24] = ""; /* of the VM, where there are two */
    if (monitor_vm_count(d->session.monitor) > 1) {
        snprintf(number, sizeof number, "%zu", vm + 1);
    }
    for (size_t i = k->shown; i < k->size;) {
        const char *line = k->bytes + i;
        size_t left = k->size - i;
        const char *end = memchr(line, '\n', left);
        size_t n = end ? (size_t)(end - line) : left;
        fprintf(d->out, "%s  %s| %.*s%s\n", paint(d->out, STYLE_NOTE), number,
                (int)n, line, paint(d->out, STYLE_NONE));
        i += n + (end ? 1 : 0);
    }
    k->shown = k->size;
}

/* What the guests have printed since the last stop. */
void tell_output(struct debug *d)
{
    for (size_t i = 0; i < monitor_vm_count(d->session.monitor); i++) {
        tell_console(d, i);
    }
}

/* ------------------------------------------------- the exit's own anatomy */

void do_last(struct debug *d, const struct words *w)
{
    const struct exit_record *x = &d->last;
    uint64_t cost = exit_cost(x);
    char cycles[GROUPED_SIZE];
    (void)w;
    if (x->number == 0) {
        say(d, "no exit yet; 'exit' runs to the first");
        return;
    }
    tell_exit(d, x);
    print_wrapped(d->out, 2, exit_names[x->reason].text);
    for (int p = 0; p < PHASE_COUNT; p++) {
        if (x->phase[p]) {
            fprintf(d->out, "  %-8s %9s  ", phase_names[p].name,
                    grouped(x->phase[p], cycles));
            print_bar(d->out, x->phase[p], cost, BAR);
            fprintf(d->out, "\n");
            print_wrapped(d->out, 22, phase_names[p].text);
        }
    }
    fprintf(d->out, "  %-8s %9s  cycles in all\n", "cost",
            grouped(cost, cycles));
}

/* ------------------------------------------------------- books and the VMs */

static void print_share(const struct debug *d, const char *what, uint64_t part,
                        uint64_t whole)
{
    char cycles[GROUPED_SIZE];
    fprintf(d->out, "  %-12s %16s  ", what, grouped(part, cycles));
    print_bar(d->out, part, whole, BAR);
    putc('\n', d->out);
}

void do_books(struct debug *d, const struct words *w)
{
    const struct books *b = vm_books(d->vm);
    uint64_t clock = b->clock - b->since;
    char count[GROUPED_SIZE];
    (void)w;
    print_share(d, "guest", b->guest, clock);
    if (b->interpreted) {
        print_share(d, "interpreted", b->interpreted, clock);
    }
    print_share(d, "exits", b->exits, clock);
    print_share(d, "idle", b->idle, clock);
    if (b->others) {
        print_share(d, "other VMs", b->others, clock);
    }
    print_share(d, "= clock", clock, clock);
    for (int k = 0; measure_top(b, k) >= 0; k++) {
        int r = measure_top(b, k);
        char mean[GROUPED_SIZE];
        fprintf(d->out, "  %-12s %16s  times, mean %s\n", exit_names[r].name,
                grouped(b->by_reason[r], count),
                grouped(b->cycles_by_reason[r] / b->by_reason[r], mean));
    }
}

void do_vms(struct debug *d, const struct words *w)
{
    static const char *const states[] = {
        [VM_RUNNING] = "running",
        [VM_BLOCKED] = "waits for an event",
        [VM_EXITED] = "ended",
        [VM_KILLED] = "stopped",
    };
    (void)w;
    for (size_t i = 0; i < monitor_vm_count(d->session.monitor); i++) {
        struct vm *v = monitor_vm(d->session.monitor, i);
        char exits[GROUPED_SIZE];
        fprintf(d->out, "%s %u  %-20s %-8s %-18s %s exits %s\n",
                v == d->vm ? "->" : "  ", vm_id(v), vm_name(v),
                technique_name(vm_technique(v)), states[vm_state(v)],
                grouped(vm_books(v)->count, exits), vm_why(v));
    }
}

/* Another VM is looked at: its registers have no stop before this one. */
void do_vm(struct debug *d, const struct words *w)
{
    uint64_t n;
    if (w->count > 1 && debug_count(d, w, 1, 1, &n)) {
        if (n > monitor_vm_count(d->session.monitor)) {
            wrong(d, "there is no virtual machine %s", w->word[1]);
        } else {
            d->vm = monitor_vm(d->session.monitor, n - 1);
            debug_look_anew(d);
        }
    }
    do_vms(d, w);
}

void do_console(struct debug *d, const struct words *w)
{
    size_t bytes = 0;
    (void)w;
    for (size_t i = 0; i < GUESTS_MAX; i++) {
        d->console[i].shown = 0;
        bytes += d->console[i].size;
    }
    tell_output(d);
    if (!bytes) {
        say(d, "  nothing printed yet");
    }
}
