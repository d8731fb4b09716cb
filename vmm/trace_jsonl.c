/*
 * trace_jsonl.c - a trace as JSON Lines: one object a line, for jq, grep and
 * diff.
 *
 *     {"trace":"ringside",...}       once: the machine
 *     {"vm":1,"name":...}            each VM, before the first line of it
 *     {"exit":1,"vm":1,...}          an exit; its phases add up to its cost
 *     {"marker":3,"vm":1,...}        the guest entered phase 3 of its work
 *     {"end":1,"clock":...}          each VM's books
 */
#include "trace.h"

#include <inttypes.h>

static void begin(struct trace *t)
{
    const struct monitor *m = t->monitor;
    fprintf(t->file, "{\"trace\":\"ringside\",\"version\":1,");
    fprintf(t->file, "\"processor\":\"%s\",\"mhz\":%u,",
            cpu_kind_name(m->config.kind), m->costs->mhz);
    trace_string(t, "cost", m->costs->name);
    fprintf(t->file, "}\n");
}

/* Name the VMs that were added since the last line. */
static void name_vms(struct trace *t)
{
    for (; t->vms < t->monitor->vm_count; t->vms++) {
        const struct vm *v = t->monitor->vms[t->vms];
        fprintf(t->file, "{\"vm\":%u,", v->id);
        trace_string(t, "name", v->name);
        fprintf(t->file, ",\"technique\":\"%s\",\"memory\":%u}\n",
                v->technique->name, vm_memory(v));
    }
}

static void exit_line(struct trace *t, const struct exit_record *x)
{
    const char *comma = "";
    name_vms(t);
    fprintf(t->file, "{\"exit\":%" PRIu64 ",\"vm\":%u,\"start\":%" PRIu64 ",",
            x->number, x->vm, x->start);
    trace_details(t, x);
    fprintf(t->file, ",\"phases\":{");
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (x->phase[i]) {
            fprintf(t->file, "%s\"%s\":%" PRIu64, comma, phase_names[i].name,
                    x->phase[i]);
            comma = ",";
        }
    }
    fprintf(t->file, "}}\n");
}

static void marker(struct trace *t, const struct vm *v, uint32_t id)
{
    name_vms(t);
    fprintf(t->file, "{\"marker\":%u,\"vm\":%u,\"cycle\":%" PRIu64 "}\n", id,
            v->id, t->monitor->cpu->cycles);
}

static void end(struct trace *t)
{
    name_vms(t);
    for (size_t i = 0; i < t->monitor->vm_count; i++) {
        const struct vm *v = t->monitor->vms[i];
        const struct books *b = &v->books;
        fprintf(t->file,
                "{\"end\":%u,\"clock\":%" PRIu64 ",\"since\":%" PRIu64
                ",\"guest\":%" PRIu64 ",\"interpreted\":%" PRIu64
                ",\"exits\":%" PRIu64 ",\"idle\":%" PRIu64
                ",\"others\":%" PRIu64 ",\"count\":%" PRIu64
                ",\"instructions\":%" PRIu64 "}\n",
                v->id, b->clock, b->since, b->guest, b->interpreted, b->exits,
                b->idle, b->others, b->count, b->instructions);
    }
}

const struct trace_format trace_jsonl = {.ending = ".jsonl",
                                         .begin = begin,
                                         .exit = exit_line,
                                         .marker = marker,
                                         .end = end};
