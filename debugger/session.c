/*
 * session.c - guests, each under a technique, made from the command line.
 *
 * Parts:  observers; opening; running, with progress; how they ended.
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
    if (s->trace && x->number > s->traced) {
        trace_exit(s->trace, x);
        s->traced = x->number;
    }
    if (s->watch.exit) {
        s->watch.exit(s->watch.who, m, x);
    }
}

static void end_line(struct session *s, struct vm *v)
{
    struct console_line *l = &s->line[vm_id(v) - 1];
    fprintf(s->console, "%s| %.*s\n", vm_name(v), (int)l->length, l->text);
    s->last_byte = '\n';
    l->length = 0;
}

/* Of several guests, each one's lines are kept whole. */
static void show_byte(struct session *s, struct vm *v, uint8_t byte)
{
    struct console_line *l = &s->line[vm_id(v) - 1];
    if (monitor_vm_count(s->monitor) == 1) {
        putc(byte, s->console);
        s->last_byte = (char)byte;
        return;
    }
    if (byte != '\n') {
        l->text[l->length++] = (char)byte;
    }
    if (byte == '\n' || l->length == sizeof l->text) {
        end_line(s, v);
    }
}

static void end_all_lines(struct session *s)
{
    for (size_t i = 0; i < monitor_vm_count(s->monitor); i++) {
        if (s->line[i].length) {
            end_line(s, monitor_vm(s->monitor, i));
        }
    }
}

static void on_output(void *who, struct vm *v, enum output_channel channel,
                      uint8_t byte)
{
    struct session *s = who;
    if (s->console) {
        show_byte(s, v, byte);
    }
    if (s->watch.output) {
        s->watch.output(s->watch.who, v, channel, byte);
    }
}

static void on_marker(void *who, struct vm *v, uint32_t id)
{
    struct session *s = who;
    if (++s->markers > s->markers_traced) {
        s->markers_traced = s->markers;
        if (s->trace) {
            trace_marker(s->trace, v, id);
        }
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

static void on_booked(void *who, struct monitor *m, enum account a)
{
    struct session *s = who;
    s->watch.booked(s->watch.who, m, a);
}

/* --------------------------------------------------------------- opening */

const struct technique *default_technique(const struct options *o)
{
    return o->technique ? o->technique : technique_find("full");
}

/* A guest of the command line. */
struct wanted {
    char name[GUEST_PATH_MAX];
    const struct technique *technique;
};

/* "kernel@para"; and a file may have an @ in its name. */
static void read_word(const char *word, const struct technique *t,
                      struct wanted *out)
{
    const char *at = strrchr(word, '@');
    const struct technique *own = at ? technique_find(at + 1) : NULL;
    size_t n = own ? (size_t)(at - word) : strlen(word);
    snprintf(out->name, sizeof out->name, "%.*s", (int)n, word);
    out->technique = own ? own : t;
}

void session_guest(const struct options *o, const char *word, char *name,
                   size_t size, const struct technique **t)
{
    struct wanted w;
    read_word(word, default_technique(o), &w);
    snprintf(name, size, "%s", w.name);
    *t = w.technique;
}

bool session_image(const struct session *s, size_t i, char *path, size_t size)
{
    struct wanted w;
    struct guest g;
    read_word(i ? s->o->name[i] : s->label, s->technique, &w);
    bool found = guest_find(w.name, w.technique, &g);
    snprintf(path, size, "%s", g.path);
    return found;
}

/* Guests beside each other are called by what was typed, without folders, and
 * the second of a name by a number besides; one alone by its file. */
static const char *name_for(const struct session *s, int i, char *buf,
                            size_t size)
{
    int same = 0;
    if (s->o->names < 2) {
        return NULL; /* `compare` alone names none at all */
    }
    const char *slash = strrchr(s->o->name[i], '/');
    for (int k = 0; k < i; k++) {
        same += strcmp(s->o->name[k], s->o->name[i]) == 0;
    }
    snprintf(buf, size, same ? "%s.%d" : "%s",
             slash ? slash + 1 : s->o->name[i], same + 1);
    return buf;
}

static struct vm *add_vm(const struct session *s, int i, const struct wanted *w)
{
    char err[512] = "", line[512], name[32];
    const char *append = s->o->append ? s->o->append : "";
    struct guest g;
    if (!guest_find(w->name, w->technique, &g)) {
        return NULL;
    }
    snprintf(line, sizeof line, "%s%s%s", g.command_line,
             *g.command_line && *append ? " " : "", append);
    struct vm_config config = {
        .name = name_for(s, i, name, sizeof name),
        .technique = w->technique,
        .image = g.path,
        .command_line = line,
        .memory = s->o->memory,
        .weight = s->o->weight[i],
        .cap = s->o->cap[i] == 100 ? 0 : s->o->cap[i],
    };
    struct vm *v = monitor_add_vm(s->monitor, &config, err, sizeof err);
    if (!v) {
        complain("%s", err);
    }
    return v;
}

/* Big guests need a big machine, half as much again for the monitor's
 * tables. 0: the default, which is enough for the others. */
static uint32_t machine_memory(uint64_t guests)
{
    uint64_t all = guests + guests / 2;
    return guests > (128u << 20) ? (uint32_t)(all < INT32_MAX ? all : INT32_MAX)
                                 : 0;
}

/* What all the techniques can run on: classic, if no one asks for more. */
static enum cpu_kind kind_for(const struct wanted *w, int count)
{
    enum cpu_kind kind = CPU_CLASSIC;
    for (int i = 0; i < count; i++) {
        enum cpu_kind its = technique_kind(w[i].technique);
        kind = its > kind ? its : kind;
    }
    return kind;
}

static bool open_monitor(struct session *s, const struct wanted *w, int count)
{
    char err[512] = "";
    struct monitor_config config = {
        .kind = s->o->kind_given ? s->o->kind : kind_for(w, count),
        .costs = &s->o->costs,
        .ram_size = machine_memory((uint64_t)s->o->memory * (unsigned)count),
        .reference_engine = s->o->reference_engine,
        .detect_silent = s->o->detect,
        .schedule = s->o->schedule,
        .hosting = s->o->hosting,
        .observer = {.who = s,
                     .exit =
                         s->o->trace || s->watch.exit ? on_exit_record : NULL,
                     .output = on_output,
                     .marker = on_marker,
                     .state = on_state,
                     .booked = s->watch.booked ? on_booked : NULL},
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

static bool make_machine(struct session *s)
{
    struct wanted wanted[GUESTS_MAX];
    const struct options *o = s->o;
    int count = o->names > 1 ? o->names : 1;
    read_word(s->label, s->technique, &wanted[0]);
    for (int i = 1; i < count; i++) {
        read_word(o->name[i], s->technique, &wanted[i]);
    }
    if (!open_monitor(s, wanted, count)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (!add_vm(s, i, &wanted[i])) {
            monitor_free(s->monitor);
            s->monitor = NULL;
            return false;
        }
    }
    s->vm = monitor_vm(s->monitor, 0);
    return true;
}

bool session_open(struct session *s, const struct options *o,
                  const struct technique *t, const char *name)
{
    s->o = o;
    s->label = name;
    s->technique = t;
    if (!make_machine(s)) {
        return false;
    }
    if (!open_trace(s)) {
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
    if (s->monitor) {
        monitor_free(s->monitor);
    }
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
        struct run_until until = {.cycle = limit, .look = next};
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
        end_all_lines(s);
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

int session_vm_status(const struct vm *v, enum monitor_stop stop)
{
    if (vm_state(v) == VM_EXITED) {
        return vm_exit_status(v) == 0 ? STATUS_SUCCESS : STATUS_FAILURE;
    }
    if (vm_state(v) == VM_KILLED) {
        return STATUS_STOPPED;
    }
    return stop == STOP_ASKED ? STATUS_INTERRUPTED : STATUS_LIMIT;
}

int session_status(const struct session *s, enum monitor_stop stop)
{
    int worst = STATUS_SUCCESS;
    for (size_t i = 0; i < monitor_vm_count(s->monitor); i++) {
        int its = session_vm_status(monitor_vm(s->monitor, i), stop);
        worst = its > worst ? its : worst;
    }
    return worst;
}

const char *session_reason(const struct vm *v, enum monitor_stop stop)
{
    switch (session_vm_status(v, stop)) {
    case STATUS_SUCCESS:
        return "the guest said success";
    case STATUS_FAILURE:
        return "the guest said failure";
    case STATUS_LIMIT:
        return "the cycle limit was reached";
    case STATUS_INTERRUPTED:
        return "interrupted";
    default:
        return *vm_why(v) ? vm_why(v) : "the virtual machine stopped";
    }
}
