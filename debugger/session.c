/*
 * session.c - one guest under one technique, made from the command line.
 *
 * Parts:  observers; opening; running, with progress; how it ended.
 */
#include "session.h"

#include "guests.h"
#include "talk.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Cycles between two looks at the terminal; the guest sees nothing of it. */
#define SLICE 50000000u

/* ------------------------------------------------------------- observers */

static void on_exit_record(void *who, struct monitor *m,
                           const struct exit_record *x)
{
    struct session *s = who;
    if (s->trace) {
        trace_exit(s->trace, x);
    }
    if (s->watch.exit) {
        s->watch.exit(s->watch.who, m, x);
    }
}

static void on_output(void *who, struct vm *v, enum output_channel channel,
                      uint8_t byte)
{
    struct session *s = who;
    if (s->console) {
        putc(byte, s->console);
        s->last_byte = (char)byte;
    }
    if (s->watch.output) {
        s->watch.output(s->watch.who, v, channel, byte);
    }
}

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    struct session *s = who;
    if (s->trace) {
        trace_marker(s->trace, v, id);
    }
    if (s->watch.marker) {
        s->watch.marker(s->watch.who, v, id);
    }
}

static void on_state(void *who, struct vm *v, enum vm_state state)
{
    struct session *s = who;
    if (s->watch.state) {
        s->watch.state(s->watch.who, v, state);
    }
}

/* --------------------------------------------------------------- opening */

const struct technique *default_technique(const struct options *o)
{
    return o->technique ? o->technique : technique_find("full");
}

static struct vm *add_vm(const struct session *s, const struct technique *t,
                         const char *name)
{
    char err[512] = "", line[512];
    const char *append = s->o->append ? s->o->append : "";
    struct guest g;
    if (!guest_find(name, t, &g)) {
        return NULL;
    }
    snprintf(line, sizeof line, "%s%s%s", g.command_line,
             *g.command_line && *append ? " " : "", append);
    struct vm_config config = {
        .technique = t,
        .image = g.path,
        .command_line = line,
        .memory = s->o->memory,
    };
    struct vm *v = monitor_add_vm(s->monitor, &config, err, sizeof err);
    if (!v) {
        complain("%s", err);
    }
    return v;
}

/* A big guest needs a big machine, half as much again for the monitor's
 * tables. 0: the default, which is enough for the others. */
static uint32_t machine_memory(uint32_t guest)
{
    return guest > (128u << 20) ? guest + guest / 2 : 0;
}

static bool open_monitor(struct session *s, const struct technique *t)
{
    char err[512] = "";
    struct monitor_config config = {
        .kind = s->o->kind_given ? s->o->kind : technique_kind(t),
        .costs = &s->o->costs,
        .ram_size = machine_memory(s->o->memory),
        .detect_silent = s->o->detect,
        .observer = {.who = s,
                     .exit = on_exit_record,
                     .output = on_output,
                     .marker = on_marker,
                     .state = on_state},
    };
    s->monitor = monitor_new(&config, err, sizeof err);
    if (!s->monitor) {
        complain("%s", err);
    }
    return s->monitor != NULL;
}

static bool open_trace(struct session *s)
{
    char err[512] = "";
    if (s->o->trace) {
        s->trace = trace_open(s->o->trace, s->monitor, err, sizeof err);
        if (!s->trace) {
            complain("%s", err);
        }
    }
    return s->trace || !s->o->trace;
}

bool session_open(struct session *s, const struct options *o,
                  const struct technique *t, const char *name)
{
    s->o = o;
    s->label = name;
    if (!open_monitor(s, t)) {
        return false;
    }
    s->vm = add_vm(s, t, name);
    bool ok = s->vm != NULL;
    for (int i = 1; ok && i < o->names; i++) {
        ok = add_vm(s, t, o->name[i]) != NULL;
    }
    if (!ok || !open_trace(s)) {
        monitor_free(s->monitor);
        return false;
    }
    return true;
}

bool session_close(struct session *s)
{
    char err[512];
    bool ok = !s->trace || trace_close(s->trace, err, sizeof err);
    if (!ok) {
        complain("%s", err);
    }
    monitor_free(s->monitor);
    return ok;
}

/* --------------------------------------------------------------- running */

static void show_progress(const struct session *s, time_t since)
{
    char cycles[GROUPED_SIZE], exits[GROUPED_SIZE];
    fprintf(stderr, "\r%s under %s: %s million cycles, %s exits, %lld s\033[K",
            s->label, technique_name(vm_technique(s->vm)),
            grouped(monitor_clock(s->monitor) / 1000000, cycles),
            grouped(vm_books(s->vm)->count, exits),
            (long long)(time(NULL) - since));
}

static enum monitor_stop run_showing(struct session *s, uint64_t limit)
{
    time_t since = time(NULL);
    bool shown = false;
    enum monitor_stop stop;
    do {
        uint64_t next = monitor_clock(s->monitor) + SLICE;
        struct run_until until = {.cycle = next < limit ? next : limit};
        stop = monitor_run(s->monitor, &until);
        if (time(NULL) > since + 1) {
            show_progress(s, since);
            shown = true;
        }
    } while (stop == STOP_LIMIT && monitor_clock(s->monitor) < limit);
    if (shown) {
        fputs("\r\033[K", stderr);
    }
    return stop;
}

enum monitor_stop session_run(struct session *s, uint64_t limit)
{
    struct run_until until = {.cycle = limit};
    bool quiet = s->o->quiet || !isatty(STDERR_FILENO) ||
                 (s->console && isatty(fileno(s->console)));
    interrupt_watch(s->monitor);
    enum monitor_stop stop =
        quiet ? monitor_run(s->monitor, &until) : run_showing(s, limit);
    interrupt_watch(NULL);
    if (s->console) {
        fflush(s->console);
    }
    return stop;
}

/* Farther from a symbol than this, an address is of no use by its name. */
#define NEAR 0x10000u

char *place_name(const struct vm *v, uint32_t at, char *buf, size_t size)
{
    uint32_t off = 0;
    const char *name = vm_symbol_at(v, (gva_t){at}, &off);
    buf[0] = 0;
    if (name && off == 0) {
        snprintf(buf, size, "%s", name);
    } else if (name && off < NEAR) {
        snprintf(buf, size, "%s+0x%x", name, off);
    }
    return buf;
}

/* ---------------------------------------------------------- how it ended */

int session_status(const struct session *s, enum monitor_stop stop)
{
    if (stop == STOP_ASKED) {
        return STATUS_INTERRUPTED;
    }
    if (stop == STOP_LIMIT) {
        return STATUS_LIMIT;
    }
    if (vm_state(s->vm) != VM_EXITED) {
        return STATUS_STOPPED;
    }
    return vm_exit_status(s->vm) == 0 ? STATUS_SUCCESS : STATUS_FAILURE;
}

const char *session_reason(const struct session *s, enum monitor_stop stop)
{
    switch (session_status(s, stop)) {
    case STATUS_SUCCESS:
        return "the guest said success";
    case STATUS_FAILURE:
        return "the guest said failure";
    case STATUS_LIMIT:
        return "the cycle limit was reached";
    case STATUS_INTERRUPTED:
        return "interrupted";
    default:
        return *vm_why(s->vm) ? vm_why(s->vm) : "the virtual machine stopped";
    }
}
