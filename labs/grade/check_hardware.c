/*
 * check_hardware.c - what must end guest mode, and nothing else may: lab 6.
 *
 *   hardware       each instruction that needs the monitor is one exit, in
 *                  order, and leaves the guest's processor as the bare one;
 *                  nothing else is an exit
 *   tally          only how many, by reason: for guests that are interrupted
 *                  at moments of their own
 *   windows=all    the guest is told of each of its interrupts by one window
 *   windows=none   and here by none: it slept, or could take it at once
 *   refused        a control block that cannot be is named, and not entered
 *
 * The bare machine's own steps say which these are: what guest mode lets a
 * guest do by itself is in must_exit().
 */
#include "../../vmm/monitor.h"
#include "grade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)

/* The reason of the exit that the step must be; EXIT_COUNT: none. */
static enum exit_reason must_exit(const struct step *s)
{
    bool own = s->ecx >= MSR_SYSENTER_CS && s->ecx <= MSR_SYSENTER_EIP;
    if (s->faulted) {
        return EXIT_COUNT; /* the ring's faults come first */
    }
    switch (s->insn) {
    case I_HLT:
        return EXIT_hlt;
    case I_RDMSR:
    case I_WRMSR:
        return own ? EXIT_COUNT : EXIT_msr;
    default:
        return insn_rows[s->insn].trap == TRAP_IO &&
                       !(s->port == DELAY_PORT && s->size == 1)
                   ? EXIT_io
                   : EXIT_COUNT;
    }
}

uint64_t hardware_exits(const struct history *h)
{
    uint64_t n = h->cpuids;
    for (size_t i = 0; i < h->steps; i++) {
        n += must_exit(&h->step[i]) != EXIT_COUNT;
    }
    return n;
}

/* ------------------------------------------------------------------ tally */

/* Not the guest's instructions: the monitor's own affairs. */
static bool is_free(enum exit_reason why)
{
    return why == EXIT_nested_fill || why == EXIT_interrupt ||
           why == EXIT_window || why == EXIT_schedule;
}

bool check_tally(const struct trial *t, struct finding *f)
{
    uint64_t want[EXIT_COUNT] = {[EXIT_cpuid] = t->bare->cpuids};
    for (size_t i = 0; i < t->bare->steps; i++) {
        enum exit_reason why = must_exit(&t->bare->step[i]);
        if (why != EXIT_COUNT) {
            want[why]++;
        }
    }
    for (int why = 0; why < EXIT_COUNT; why++) {
        uint64_t got = t->run->by_reason[why];
        if (is_free((enum exit_reason)why) || got == want[why]) {
            continue;
        }
        SAY(f->rationale, "exits of reason \"%s\": %s", exit_names[why].name,
            got > want[why] ? "what the guest may do by itself leaves it"
                            : "what the monitor must do goes by without it");
        SAY(f->expected, "%" PRIu64 ", counted on the bare machine", want[why]);
        SAY(f->got, "%" PRIu64, got);
        return false;
    }
    return true;
}

struct history hardware_of(const struct history *h)
{
    struct history out = {.state = h->state, .status = h->status};
    out.step = calloc(h->steps + 1, sizeof *out.step);
    for (size_t i = 0; out.step && i < h->steps; i++) {
        if (must_exit(&h->step[i]) != EXIT_COUNT) {
            out.step[out.steps++] = h->step[i];
        }
    }
    return out;
}

/* The finding is that another instruction is the exit: in guest mode's words.
 */
static void say_which(const struct history *must, const struct history *h,
                      struct finding *f)
{
    for (size_t i = 0; i < must->steps && i < h->steps; i++) {
        const struct step *want = &must->step[i], *got = &h->step[i];
        if (got->exit == f->exit &&
            (want->eip != got->eip || want->insn != got->insn)) {
            SAY(f->rationale,
                "%s at %08x leaves guest mode; the next that must is %s at "
                "%08x",
                insn_rows[got->insn].mnemonic, got->eip,
                insn_rows[want->insn].mnemonic, want->eip);
            return;
        }
    }
}

bool check_hardware(const struct trial *t, struct finding *f)
{
    struct history must = hardware_of(t->bare);
    bool same = must.step && same_steps(&must, &t->run->h, f);
    if (!same) {
        say_which(&must, &t->run->h, f);
    }
    free(must.step);
    return same && check_tally(t, f);
}

/* ------------------------------------------------- windows; a bad entry */

bool check_windows(const struct trial *t, struct finding *f)
{
    bool all = strcmp(t->argument, "all") == 0;
    uint64_t want = all ? t->bare->interrupts : 0;
    uint64_t got = t->run->by_reason[EXIT_window];
    SAY(f->rationale, "%s",
        all ? "each interrupt comes while the guest has IF clear, and is one "
              "exit \"window\" when it sets it"
            : "the guest can take each interrupt as it comes: no window");
    SAY(f->expected, "%" PRIu64 " exits \"window\"", want);
    SAY(f->got, "%" PRIu64, got);
    return got == want;
}

static const char *field_name(uint32_t offset)
{
    static const struct {
        uint32_t offset, size;
        const char *name;
    } fields[] = {
#define FIELD(id, offset, size, text) {offset, size, #id},
#include "../../cpu/vmcb.def"
#undef FIELD
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (offset - fields[i].offset < 8) {
            return fields[i].name;
        }
    }
    return "?";
}

bool check_refused(const struct trial *t, struct finding *f)
{
    const struct run *r = t->run;
    const char *name = field_name(t->bare->spoilt & PAGE_MASK);
    bool named = r->h.state == VM_KILLED && strstr(r->killed, name);
    SAY(f->expected, "exit \"invalid\", and it is stopped: \"%s: ...\"", name);
    if (r->h.output_size > t->bare->spoilt_at) {
        SAY(f->rationale,
            "VMRUN refuses the control block (its %s was "
            "spoilt), and yet the guest goes on",
            name);
        SAY(f->got, "it prints %zu bytes more",
            r->h.output_size - t->bare->spoilt_at);
        return false;
    }
    SAY(f->rationale,
        "VMRUN refuses the control block (its %s was spoilt): "
        "VMEXIT_INVALID",
        name);
    SAY(f->got, "exit \"%s\", \"%.100s\"", exit_names[r->last_reason].name,
        r->killed);
    return named && r->last_reason == EXIT_invalid;
}
