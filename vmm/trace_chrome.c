/*
 * trace_chrome.c - a trace as Chrome trace events, which Perfetto
 * (ui.perfetto.dev) and chrome://tracing open.
 *
 * One process a VM. On its first thread a slice is an exit, and the slices
 * inside are the exit's phases, one after the other; on its second a slice
 * is what the guest brackets with markers. What costs nothing is an instant.
 *
 * The format (Google's "Trace Event Format") counts microseconds. Ours are
 * simulated, cycles by the preset's clock rate, rounded down to nanoseconds
 * at every edge, so that slices nest exactly.
 *
 * Simplified: a phase that an exit entered twice is one slice.
 */
#include "trace.h"

#include <inttypes.h>

#define THREAD_EXITS 1
#define THREAD_MARKERS 2

static uint64_t nanoseconds(const struct trace *t, uint64_t cycle)
{
    uint64_t mhz = t->monitor->costs->mhz;
    return cycle / mhz * 1000 + cycle % mhz * 1000 / mhz;
}

/* Begin an event: everything but its name and arguments. */
static void event(struct trace *t, const char *kind, uint32_t vm, int thread,
                  uint64_t cycle)
{
    uint64_t ns = nanoseconds(t, cycle);
    fprintf(t->file, "%s\n{\"ph\":\"%s\",\"pid\":%u,\"tid\":%d",
            t->lines++ ? "," : "", kind, vm, thread);
    fprintf(t->file, ",\"ts\":%" PRIu64 ".%03" PRIu64 ",", ns / 1000,
            ns % 1000);
}

static void slice(struct trace *t, uint32_t vm, uint64_t from, uint64_t to)
{
    uint64_t ns = nanoseconds(t, to) - nanoseconds(t, from);
    event(t, "X", vm, THREAD_EXITS, from);
    fprintf(t->file, "\"dur\":%" PRIu64 ".%03" PRIu64 ",", ns / 1000,
            ns % 1000);
}

static void begin(struct trace *t)
{
    fprintf(t->file, "{\"displayTimeUnit\":\"ns\",\"otherData\":{");
    trace_string(t, "cost", t->monitor->costs->name);
    fprintf(t->file, ",\"mhz\":%u},\"traceEvents\":[", t->monitor->costs->mhz);
}

static void name_thread(struct trace *t, uint32_t vm, int thread,
                        const char *name)
{
    event(t, "M", vm, thread, 0);
    fprintf(t->file, "\"name\":\"thread_name\",\"args\":{");
    trace_string(t, "name", name);
    fprintf(t->file, "}}");
}

/* Name the processes of the VMs that were added since the last event. */
static void name_vms(struct trace *t)
{
    for (; t->vms < t->monitor->vm_count; t->vms++) {
        const struct vm *v = t->monitor->vms[t->vms];
        char name[64];
        snprintf(name, sizeof name, "%s (%s)", v->name, v->technique->name);
        event(t, "M", v->id, THREAD_EXITS, 0);
        fprintf(t->file, "\"name\":\"process_name\",\"args\":{");
        trace_string(t, "name", name);
        fprintf(t->file, "}}");
        name_thread(t, v->id, THREAD_EXITS, "exits");
        name_thread(t, v->id, THREAD_MARKERS, "markers");
    }
}

static void exit_event(struct trace *t, const struct exit_record *x)
{
    uint64_t at = x->start, cost = exit_cost(x);
    name_vms(t);
    if (cost > 0) {
        slice(t, x->vm, at, at + cost);
    } else {
        event(t, "i", x->vm, THREAD_EXITS, at);
        fprintf(t->file, "\"s\":\"t\",");
    }
    fprintf(t->file, "\"cat\":\"%s\",\"name\":\"%s\",",
            disposition_names[x->disposition].name, exit_names[x->reason].name);
    fprintf(t->file, "\"args\":{\"exit\":%" PRIu64 ",", x->number);
    trace_details(t, x);
    fprintf(t->file, "}}");
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (x->phase[i] > 0) {
            slice(t, x->vm, at, at + x->phase[i]);
            fprintf(t->file, "\"cat\":\"phase\",\"name\":\"%s\",",
                    phase_names[i].name);
            fprintf(t->file, "\"args\":{\"cycles\":%" PRIu64 "}}", x->phase[i]);
            at += x->phase[i];
        }
    }
}

static void marker(struct trace *t, const struct vm *v, uint32_t id)
{
    name_vms(t);
    event(t, id ? "B" : "E", v->id, THREAD_MARKERS, t->monitor->cpu->cycles);
    fprintf(t->file, "\"name\":\"marker %u\"}", id);
}

static void end(struct trace *t)
{
    name_vms(t);
    fprintf(t->file, "\n]}\n");
}

const struct trace_format trace_chrome = {.ending = ".json",
                                          .begin = begin,
                                          .exit = exit_event,
                                          .marker = marker,
                                          .end = end};
