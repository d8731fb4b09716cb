/*
 * cmd_run.c - ringside run: a guest, or several on one machine, from the
 * first instruction to the end.
 *
 * The guest's console goes to standard output, and with --json to standard
 * error, so that the result stands alone.
 */
#include "measure.h"
#include "talk.h"

#define SILENT_SHOWN 10

/* How many silent ones there were. */
struct silent {
    unsigned count;
};

static void show_silent(void *who, struct monitor *m,
                        const struct exit_record *x)
{
    struct silent *seen = who;
    char text[64] = "";
    (void)m;
    if (x->reason != EXIT_silent || seen->count++ >= SILENT_SHOWN) {
        return;
    }
    cpu_disassemble(&x->insn, x->eip, text, sizeof text);
    fprintf(stderr, "silent: %08x: %s: %s\n", x->eip, text, x->note);
}

static void json_vm(cJSON *json, const struct vm *v, enum monitor_stop stop)
{
    const struct books *b = vm_books(v);
    cJSON_AddNumberToObject(json, "status", session_vm_status(v, stop));
    cJSON_AddStringToObject(json, "reason", session_reason(v, stop));
    json_number(json, "cycles", b->clock - b->since);
    json_number(json, "guest_cycles", b->guest);
    json_number(json, "interpreted_cycles", b->interpreted);
    json_number(json, "exit_cycles", b->exits);
    json_number(json, "idle_cycles", b->idle);
    json_number(json, "instructions", b->instructions);
    json_number(json, "interpreted_instructions", b->interpreted_instructions);
    json_number(json, "exits", b->count);
    json_ticks(json, v);
}

/* One object; of several guests an array, with their names. */
static void print_json(const struct session *s, enum monitor_stop stop)
{
    size_t count = monitor_vm_count(s->monitor);
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; count > 1 && i < count; i++) {
        const struct vm *v = monitor_vm(s->monitor, i);
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "guest", vm_name(v));
        cJSON_AddStringToObject(one, "technique",
                                technique_name(vm_technique(v)));
        json_vm(one, v, stop);
        json_number(one, "others_cycles", vm_books(v)->others);
        json_number(one, "turns", vm_turns(v));
        cJSON_AddItemToArray(array, one);
    }
    if (count > 1) {
        json_print(stdout, array);
        return;
    }
    cJSON_Delete(array);
    cJSON *json = cJSON_CreateObject();
    json_vm(json, s->vm, stop);
    json_print(stdout, json);
}

/* What became of its timer's ticks, if any did not come as they should. */
static void print_ticks(const struct vm *v)
{
    const struct ticks *t = vm_ticks(v);
    char due[GROUPED_SIZE], late[GROUPED_SIZE], lost[GROUPED_SIZE],
        delay[GROUPED_SIZE];
    if (t->late) {
        complain("of %s timer ticks %s came late, by %s cycles each: another "
                 "guest had the processor",
                 grouped(t->due, due), grouped(t->late, late),
                 grouped(t->delay / t->late, delay));
    }
    if (t->lost) {
        complain("of %s timer ticks %s were lost: two that wait become one",
                 grouped(t->due, due), grouped(t->lost, lost));
    }
}

/* How it ended, and where the cycles went, on standard error. */
static void print_summary(const struct vm *v, enum monitor_stop stop)
{
    const struct books *b = vm_books(v);
    char cycles[GROUPED_SIZE], guest[GROUPED_SIZE], exits[GROUPED_SIZE],
        idle[GROUPED_SIZE], count[GROUPED_SIZE], played[GROUPED_SIZE],
        others[GROUPED_SIZE];
    if (session_vm_status(v, stop) == STATUS_FAILURE) {
        complain("%s under %s: the guest said failure (%u)", vm_name(v),
                 technique_name(vm_technique(v)), vm_exit_status(v));
    } else {
        complain("%s under %s: %s", vm_name(v), technique_name(vm_technique(v)),
                 session_reason(v, stop));
    }
    complain("%s cycles: %s in the guest%s%s, %s in %s exits, %s idle%s%s",
             grouped(b->clock - b->since, cycles), grouped(b->guest, guest),
             b->interpreted ? ", interpreting " : "",
             b->interpreted ? grouped(b->interpreted, played) : "",
             grouped(b->exits, exits), grouped(b->count, count),
             grouped(b->idle, idle), b->others ? ", others' " : "",
             b->others ? grouped(b->others, others) : "");
    print_ticks(v);
}

static void print_summaries(const struct session *s, enum monitor_stop stop)
{
    for (size_t i = 0; i < monitor_vm_count(s->monitor); i++) {
        print_summary(monitor_vm(s->monitor, i), stop);
    }
}

int cmd_run(const struct options *o)
{
    struct silent silent = {0};
    struct session s = {
        .console = o->json ? stderr : stdout,
        .last_byte = '\n',
        .watch = {.who = &silent, .exit = o->detect ? show_silent : NULL}};
    if (!session_open(&s, o, default_technique(o), o->name[0])) {
        return STATUS_USAGE;
    }
    uint64_t limit = o->limit ? o->limit : UINT64_MAX;
    enum monitor_stop stop = session_run(&s, limit);
    int status = session_status(&s, stop);
    if (s.last_byte != '\n' && !o->quiet) {
        fputc('\n', s.console);
        fflush(s.console);
    }
    if (silent.count > SILENT_SHOWN) {
        fprintf(stderr, "silent: and %u more\n", silent.count - SILENT_SHOWN);
    }
    if (o->json) {
        print_json(&s, stop);
    }
    /* Why a virtual machine was stopped is said even to the quiet. */
    if (!o->quiet || status == STATUS_STOPPED) {
        print_summaries(&s, stop);
    }
    return session_close(&s) ? status : STATUS_FAILURE;
}
