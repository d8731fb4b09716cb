/*
 * trace_run.c - a guest's run and its trace, without the debugger and the
 * libraries it needs: what hosts.sh builds for other hosts.
 *
 *     trace_run IMAGE TECHNIQUE TRACE [COMMAND LINE]
 *
 * The guest's output and a line of sums go to standard output. Exit status:
 * the guest's own, or 3 where it did not come to its end.
 */
#include <inttypes.h>
#include <stdio.h>
#include "../../vmm/vmm.h"

#define LIMIT 2000000000u /* cycles */

static void on_exit_record(void *who, struct monitor *m,
                           const struct exit_record *x)
{
    (void)m;
    trace_exit(*(struct trace **)who, x);
}

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    trace_marker(*(struct trace **)who, v, id);
}

static void on_output(void *who, struct vm *v, enum output_channel channel,
                      uint8_t byte)
{
    (void)who, (void)v, (void)channel;
    putchar(byte);
}

static int report(struct monitor *m, const struct vm *v)
{
    const struct books *b = vm_books(v);
    bool ended = vm_state(v) == VM_EXITED;
    printf("\ncycles %" PRIu64 " guest %" PRIu64 " exits %" PRIu64
           " count %" PRIu64 " instructions %" PRIu64 " %s%s\n",
           monitor_clock(m), b->guest, b->exits, b->count, b->instructions,
           ended ? "ended" : "stopped ", ended ? "" : vm_why(v));
    return ended ? (int)vm_exit_status(v) : 3;
}

int main(int argc, char **argv)
{
    char err[512] = "use: trace_run IMAGE TECHNIQUE TRACE [COMMAND LINE]";
    struct costs costs;
    struct trace *trace = NULL;
    const struct technique *t = argc > 3 ? technique_find(argv[2]) : NULL;
    if (!t || costs_load(&costs, "p4-vt", err, sizeof err) != 0) {
        fprintf(stderr, "%s\n", err);
        return 2;
    }
    struct monitor_config machine = {.kind = technique_kind(t),
                                     .costs = &costs,
                                     .observer = {.who = &trace,
                                                  .exit = on_exit_record,
                                                  .output = on_output,
                                                  .marker = on_marker}};
    struct vm_config guest = {.technique = t,
                              .image = argv[1],
                              .command_line = argc > 4 ? argv[4] : ""};
    struct monitor *m = monitor_new(&machine, err, sizeof err);
    struct vm *v = m ? monitor_add_vm(m, &guest, err, sizeof err) : NULL;
    trace = v ? trace_open(argv[3], m, err, sizeof err) : NULL;
    int status = 2;
    if (trace) {
        monitor_run(m, &(struct run_until){.cycle = LIMIT});
        status = report(m, v);
        if (!trace_close(trace, err, sizeof err))
            status = 2;
    }
    if (status == 2)
        fprintf(stderr, "%s\n", err);
    monitor_free(m);
    return status;
}
