/*
 * debug_teach.c - commands for those who learn: why, predict, tour, lock.
 *
 * Parts:  by which rule it happened; predictions and their score; the tour;
 *         what an instructor has locked.
 */
#include "debug.h"

#include <stdlib.h>
#include <string.h>

/* -------------------------------------------------------------------- why */

/* Why the row faults outside ring 0: insn.def's column `trap` in words. */
static const char *const trap_rules[] = {
    [TRAP_NEVER] = "it traps at no ring by itself; but on the virtualizable "
                   "processor every sensitive instruction traps outside ring "
                   "0, since the monitor has set that bit (cpu.h, "
                   "MSR_TRAP_SENSITIVE). On a classic one it would have run, "
                   "and lied",
    [TRAP_CPL0] = "it is privileged: #GP(0) unless CPL is 0, and the guest's "
                  "kernel is in truth not in ring 0 (SDM 3A 5.9)",
    [TRAP_IOPL] = "#GP(0) if CPL is above IOPL, and the monitor keeps the "
                  "real IOPL at 0 (SDM 3A 2.3)",
    [TRAP_IO] = "#GP(0) if CPL is above IOPL and the TSS's bitmap does not "
                "permit the port; the monitor's permits none (SDM 1, "
                "Input/Output, protection)",
    [TRAP_TSD] = "#GP(0) outside ring 0 while CR4.TSD is set (SDM 3A 2.5)",
    [TRAP_VM86] = "#GP(0) in virtual-8086 mode with IOPL below 3 (SDM 3A 20.3)",
    [TRAP_CPUID] = "the monitor has made CPUID trap, to offer less than there "
                   "is"};

/* Out of guest mode: no vector, no IDT, but the control block's word for it. */
static const char *guest_mode_rule(const struct exit_record *x)
{
    return x->reason == EXIT_nested_fill
               ? "the nested page tables do not permit the access, and that "
                 "ends guest mode: #VMEXIT, through no IDT (APM 2 15.25)"
               : "the control block has it end guest mode: #VMEXIT, through "
                 "no IDT (APM 2 15.6); 'control' shows what else it intercepts";
}

static const char *rule_of(const struct debug *d, const struct exit_record *x)
{
    mpa_t block;
    if (x->reason == EXIT_silent) {
        return "none: it is sensitive, and no ring makes it trap "
               "('ringside theorem')";
    }
    if (vm_control_block(monitor_vm(d->session.monitor, x->vm - 1), &block)) {
        return guest_mode_rule(x);
    }
    switch (x->vector) {
    case VEC_PF:
        return "the page tables that the processor really walks do not permit "
               "the access: they are the monitor's (SDM 3A 4.7)";
    case VEC_NM:
        return "an x87 instruction while CR0.TS or CR0.EM is set (SDM 3A 2.5)";
    case VEC_GP:
        return x->insn.id != I_INVALID ? trap_rules[insn_rows[x->insn.id].trap]
                                       : "general protection (SDM 3A 6.15)";
    case VEC_DB:
    case VEC_BP:
        return "a debug exception (SDM 3A 17.3)";
    default:
        return x->vector < 32
                   ? "an exception (SDM 3A 6.15): through the real IDT, and "
                     "its gates are the monitor's"
                   : "INT n or an interrupt goes through the real IDT, and "
                     "its gates are the monitor's (SDM 3A 6.12)";
    }
}

/* Who had the last word. */
static const char *layer_of(const struct exit_record *x)
{
    switch (x->disposition) {
    case DISPOSITION_reflected:
        return "the guest's own kernel takes it: the monitor only passed it on";
    case DISPOSITION_injected:
        return "the guest's kernel takes it, as if a chip had interrupted";
    case DISPOSITION_device:
        return "a virtual device took it, inside the monitor";
    case DISPOSITION_silent:
        return "nobody: that is what the detector complains of";
    default:
        return "the monitor took it by itself";
    }
}

void do_why(struct debug *d, const struct words *w)
{
    const struct exit_record *x = &d->last;
    char line[600];
    (void)w;
    if (x->number == 0) {
        say(d, technique_is_bare(vm_technique(d->vm))
                   ? "the guest owns the machine: its traps are its own, and "
                     "no monitor sees them"
                   : "nothing has trapped yet; 'exit' runs to the first");
        return;
    }
    tell_exit(d, x);
    snprintf(line, sizeof line, "what: %s", exit_names[x->reason].text);
    print_wrapped(d->out, 2, line);
    if (x->reason != EXIT_schedule) {
        snprintf(line, sizeof line, "rule: %s.", rule_of(d, x));
        print_wrapped(d->out, 2, line);
    }
    snprintf(line, sizeof line, "layer: %s.", layer_of(x));
    print_wrapped(d->out, 2, line);
    fprintf(d->out, "  more: 'last' for its cost, 'ringside explain %s'\n",
            exit_names[x->reason].name);
}

/* ---------------------------------------------------------------- predict */

/* Who handles it: what may be answered. */
enum handler { NOBODY, MONITOR, GUEST };
static const char *const handlers[] = {"nobody", "monitor", "guest"};

static enum handler handler_of(const struct exit_record *x)
{
    bool guest = x->disposition == DISPOSITION_reflected ||
                 x->disposition == DISPOSITION_injected;
    return guest ? GUEST : MONITOR;
}

static void tell_score(const struct debug *d)
{
    fprintf(d->out, "  score: %u of %u points\n", d->points, d->asked * 3);
}

static void ask(struct debug *d)
{
    say(d, "  does it trap (yes or no)? who handles it (monitor, guest or "
           "nobody)?\n  what does it cost, in cycles? 'predict yes monitor "
           "3000', say; or\n  'predict exit' goes to before the next exit.");
    if (d->asked) {
        tell_score(d);
    }
}

/* To the instruction that will exit next. */
static void before_next_exit(struct debug *d)
{
    struct run_until until = {.cycle = debug_limit(d), .one_exit = true};
    uint64_t to;
    if (!debug_begin(d)) {
        return;
    }
    d->looking = false;
    if (past_run(d, &until) == STOP_EXIT &&
        debug_steps_before(d, debug_clock(d), 1, &to)) {
        debug_arrive_at(d, to, false);
        ask(d);
    } else {
        say(d, "there is no further exit");
        debug_finish(d, STOP_ASKED);
    }
}

static void mark_answer(struct debug *d, const char *question, bool right)
{
    d->points += right;
    fprintf(d->out, "  %-8s %s\n", question, right ? "right" : "wrong");
}

/* One step, and what was answered beside what happened. */
static void reveal(struct debug *d, bool traps, enum handler who, uint64_t cost)
{
    uint64_t before = debug_clock(d);
    if (!debug_begin(d)) {
        return;
    }
    enum monitor_stop stop = debug_go(d, debug_limit(d), false, true);
    uint64_t took = debug_clock(d) - before;
    bool trapped = d->exits_seen > 0;
    enum handler took_it = trapped ? handler_of(&d->last) : NOBODY;
    char count[GROUPED_SIZE];
    d->asked++;
    if (trapped) {
        tell_exit(d, &d->last);
    } else {
        say(d, "it ran without a trap");
    }
    fprintf(d->out, "it %s; %s handled it; %s cycles\n",
            trapped ? "trapped" : "did not trap", handlers[took_it],
            grouped(took, count));
    mark_answer(d, "trap:", traps == trapped);
    mark_answer(d, "who:", who == took_it);
    mark_answer(d, "cost:", cost <= 2 * took && took <= 2 * cost);
    tell_score(d);
    debug_finish(d, stop);
}

void do_predict(struct debug *d, const struct words *w)
{
    uint64_t cost;
    int who = 0;
    if (w->count < 2) {
        tell_place(d);
        ask(d);
        return;
    }
    if (strcmp(w->word[1], "exit") == 0) {
        before_next_exit(d);
        return;
    }
    bool yes = strcmp(w->word[1], "yes") == 0;
    while (who < 3 && w->count > 2 && strcmp(w->word[2], handlers[who]) != 0) {
        who++;
    }
    if (w->count != 4 || (!yes && strcmp(w->word[1], "no") != 0) || who == 3) {
        wrong(d, "three answers: yes or no; monitor, guest or nobody; cycles");
    } else if (debug_count(d, w, 3, 1, &cost)) {
        reveal(d, yes, (enum handler)who, cost);
    }
}

/* ------------------------------------------------------------------- tour */

static const struct {
    const char *text, *command;
} tour[] = {
    {"A guest runs on a machine that a monitor owns. Whenever it does what "
     "the monitor must see, the processor traps: an exit. Here is one.",
     "exit if reason != schedule"},
    {"What happened, by which rule, and who took it:", "why"},
    {"An exit costs. Its phases add up:", "last"},
    {"What the guest believes stands on the left, what the machine holds on "
     "the right. Where they differ, somebody is being deceived.",
     "regs"},
    {"Exits can be chosen. The next one that took over 2000 cycles:",
     "exit if cost > 2000"},
    {"One step too far? Every motion has its reverse.", "rexit"},
    {"A place in time can have a name, and be gone to again.", "mark here"},
    {"Run to an event: the next change of the guest's ring.", "run to ring"},
    {"Where the cycles went so far:", "books"},
    {"And back to the mark.", "goto here"},
};
#define TOUR (sizeof tour / sizeof tour[0])

void do_tour(struct debug *d, const struct words *w)
{
    (void)w;
    if (d->toured == TOUR) {
        say(d, "That was the tour; 'tour' begins it anew, 'help' lists all "
               "there is.");
        d->toured = 0;
        return;
    }
    char text[400];
    snprintf(text, sizeof text, "%u of %zu. %s", d->toured + 1, TOUR,
             tour[d->toured].text);
    print_wrapped(d->out, 0, text);
    fprintf(d->out, "(ringside) %s\n", tour[d->toured].command);
    const char *command = tour[d->toured++].command;
    debug_execute(d, command);
    if (d->toured < TOUR) {
        say(d, "-- 'tour' goes on; try anything else in between.");
    }
}

/* ------------------------------------------------------------------- lock */

void do_lock(struct debug *d, const struct words *w)
{
    for (int i = 1; i < w->count; i++) {
        const struct debug_command *c = debug_command_find(d, w->word[i]);
        if (c && strcmp(c->name, "quit") != 0) {
            d->locked |= (uint64_t)1 << (c - debug_commands);
        }
    }
    fputs("  locked:", d->out);
    for (size_t i = 0; debug_command_name(i); i++) {
        if (d->locked & (uint64_t)1 << i) {
            fprintf(d->out, " %s", debug_command_name(i));
        }
    }
    fprintf(d->out, "%s\n", d->locked ? "" : " nothing");
}
