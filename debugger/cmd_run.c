/*
 * cmd_run.c - ringside run: one guest, from its first instruction to its end.
 *
 * The guest's console goes to standard output, and with --json to standard
 * error, so that the result stands alone.
 */
#include "session.h"
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

static void print_json(const struct session *s, enum monitor_stop stop)
{
    const struct books *b = vm_books(s->vm);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "status", session_status(s, stop));
    cJSON_AddStringToObject(json, "reason", session_reason(s, stop));
    json_number(json, "cycles", monitor_clock(s->monitor));
    json_number(json, "guest_cycles", b->guest);
    json_number(json, "interpreted_cycles", b->interpreted);
    json_number(json, "exit_cycles", b->exits);
    json_number(json, "idle_cycles", b->idle);
    json_number(json, "instructions", b->instructions);
    json_number(json, "interpreted_instructions", b->interpreted_instructions);
    json_number(json, "exits", b->count);
    json_print(stdout, json);
}

/* Two lines on standard error: how it ended, and where the cycles went. */
static void print_summary(const struct session *s, enum monitor_stop stop)
{
    const struct books *b = vm_books(s->vm);
    char cycles[GROUPED_SIZE], guest[GROUPED_SIZE], exits[GROUPED_SIZE],
        idle[GROUPED_SIZE], count[GROUPED_SIZE], played[GROUPED_SIZE];
    int status = session_status(s, stop);
    if (status == STATUS_FAILURE) {
        complain("%s under %s: the guest said failure (%u)", vm_name(s->vm),
                 technique_name(vm_technique(s->vm)), vm_exit_status(s->vm));
    } else {
        complain("%s under %s: %s", vm_name(s->vm),
                 technique_name(vm_technique(s->vm)), session_reason(s, stop));
    }
    complain("%s cycles: %s in the guest%s%s, %s in %s exits, %s idle",
             grouped(monitor_clock(s->monitor), cycles),
             grouped(b->guest, guest), b->interpreted ? ", interpreting " : "",
             b->interpreted ? grouped(b->interpreted, played) : "",
             grouped(b->exits, exits), grouped(b->count, count),
             grouped(b->idle, idle));
}

int cmd_run(const struct options *o)
{
    struct silent silent = {0};
    struct session s = {.console = o->json ? stderr : stdout,
                        .last_byte = '\n',
                        .watch = {.who = &silent, .exit = show_silent}};
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
        print_summary(&s, stop);
    }
    return session_close(&s) ? status : STATUS_FAILURE;
}
