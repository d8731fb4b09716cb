/*
 * run.c - one run of the confined child, received.
 *
 * Job:    start it, read what it tells, and end it when it has told enough.
 *         Every number is held against what is possible before it is used:
 *         a list index is in its range, exits are numbered in order, the
 *         sums of what was told are what the end says they are.
 *
 * The simulated limits are the child's own to keep, and so that a run is the
 * same everywhere. Behind them stand the host's: events, bytes, processor
 * time, and last a clock on the wall, for a host that has stopped.
 */
#include "grade.h"
#include "confine.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PRINTED_MOST 65536u
#define WALL_SECONDS 120

static void ends(struct run *r, enum ending how, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void ends(struct run *r, enum ending how, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    r->ending = how;
    vsnprintf(r->why, sizeof r->why, fmt, ap);
    va_end(ap);
}

/* ----------------------------------------------------------------- events */

/* Text from a stranger: it ends, and is printable. */
static const char *clean(char *text, size_t size)
{
    text[size - 1] = 0;
    for (char *c = text; *c; c++) {
        if (*c < ' ' || *c > '~') {
            *c = '?';
        }
    }
    return text;
}

/* A nested fault: the guest touched a page for the first time. */
static void note_fill(struct history *h, const struct told_exit *x)
{
    uint32_t page = x->address >> PAGE_SHIFT;
    if (x->reason == EXIT_nested_fill && page < TOUCH_PAGES) {
        h->touched[page]++;
    }
}

static bool take_exit(struct run *r, const struct told_exit *x)
{
    if (x->number != r->last_exit + 1 || x->number > EXITS_MOST ||
        x->reason >= EXIT_COUNT || x->disposition >= DISPOSITION_COUNT ||
        x->insn >= INSN_COUNT || x->cost > UINT32_MAX) {
        ends(r, FORGED, "exit %" PRIu64 " of the transcript cannot be",
             x->number);
        return false;
    }
    r->last_exit = x->number;
    r->last_eip = x->eip;
    note_waiting(&r->irq, x);
    for (size_t i = r->h.saids; i > 0 && r->h.said[i - 1].exit == x->number;
         i--) {
        r->h.said[i - 1].eip = x->eip;
    }
    r->last_reason = x->reason;
    note_fill(&r->h, x);
    r->by_reason[x->reason]++;
    r->cycles_by_reason[x->reason] += x->cost;
    bool gone = x->disposition == DISPOSITION_reflected;
    bool trap = gone && x->detail == VEC_DB;
    bool fault = gone && !trap && x->reason != EXIT_int;
    if (fault) {
        struct taken t = {.vector = x->detail,
                          .error =
                              has_error_code(x->detail) ? x->after.stack[0] : 0,
                          .address = x->detail == VEC_PF ? x->after.cr2 : 0,
                          .eip = x->eip,
                          .exit = x->number,
                          .entered = true,
                          .after = x->after};
        history_take(&r->h, &t);
    }
    note_call(&r->h, x);
    if (is_sensitive(x->insn)) {
        struct step s = {.eip = x->eip,
                         .insn = x->insn,
                         .faulted = fault,
                         .went_on =
                             trap || x->disposition == DISPOSITION_injected,
                         .vector = gone ? x->detail : 0,
                         .exit = x->number,
                         .after = x->after};
        history_step(&r->h, &s);
    }
    return true;
}

static void take_output(struct run *r, const struct told *t)
{
    size_t n = t->count < sizeof t->text ? t->count : sizeof t->text;
    size_t room = OUTPUT_MOST - r->h.output_size;
    memcpy(r->h.output + r->h.output_size, t->text, n < room ? n : room);
    r->h.output_size += n < room ? n : room;
    struct said s = {.until = r->h.output_size, .exit = r->last_exit + 1};
    history_say(&r->h, &s); /* told before the exit that it came by */
}

static bool take_pages(struct run *r, const struct told *t)
{
    struct history *h = &r->h;
    for (uint32_t i = 0; i < t->count; i++) {
        struct seen_page p = t->count <= PAGES_TOLD ? t->page[i] : *t->page;
        const struct seen_page *last = h->pages ? &h->page[h->pages - 1] : NULL;
        if (t->count > PAGES_TOLD || h->pages == PAGES_MOST ||
            (last && (p.moment < last->moment || (p.moment == last->moment &&
                                                  p.linear <= last->linear)))) {
            ends(r, FORGED, "a page of the transcript cannot be: %08x",
                 p.linear);
            return false;
        }
        p.exit = r->last_exit;
        history_page(h, &p);
    }
    return true;
}

static bool take_memory(struct run *r, const struct told *t)
{
    struct history *h = &r->h;
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->count > SUMS_TOLD || h->sums == SUMS_MOST ||
            (h->sums > 0 && t->sum[i].at <= h->sum[h->sums - 1].at)) {
            ends(r, FORGED, "memory of the transcript cannot be");
            return false;
        }
        history_sum(h, &t->sum[i]);
    }
    return true;
}

static void take_end(struct run *r, const struct told_end *e)
{
    uint64_t cycles = 0;
    for (int i = 0; i < EXIT_COUNT; i++) {
        cycles += r->cycles_by_reason[i];
    }
    r->end = *e;
    r->h.state = e->state;
    r->h.status = e->status;
    if (e->exits != r->last_exit || e->exit_cycles != cycles ||
        e->guest_cycles + e->exit_cycles + e->idle_cycles != e->clock) {
        ends(r, FORGED,
             "its books do not balance: %" PRIu64 " exits of %" PRIu64
             " cycles were told, %" PRIu64 " of %" PRIu64 " are claimed",
             r->last_exit, cycles, e->exits, e->exit_cycles);
    } else if (e->stopped != STOP_ALL_ENDED) {
        ends(r, HUNG,
             "stopped at a limit: %" PRIu64 " cycles, %" PRIu64
             " exits, and the guest %s",
             e->clock, e->exits,
             e->state == VM_BLOCKED ? "sleeps: nothing has woken it"
                                    : "has not ended");
    } else {
        ends(r, ENDED, "ended");
    }
}

static bool take_row(struct run *r, const struct told *t)
{
    if (t->count >= EXIT_COUNT) {
        ends(r, FORGED, "a count for exit reason %u: there is none", t->count);
        return false;
    }
    r->row[t->count] = t->row;
    return true;
}

static void take_walk(struct run *r, const struct told *t)
{
    struct history *h = &r->h;
    if (h->walks < WALKS_MOST) {
        h->walk_exit[h->walks] = r->last_exit + 1;
        h->walk[h->walks++] = t->walk;
    }
}

/* Nothing follows. */
static void take_last(struct run *r, struct told *t)
{
    const char *text = clean(t->text, sizeof t->text), *name;
    switch (t->kind) {
    case TOLD_AUDIT:
        ends(r, strstr(text, "books do not balance") ? FORGED : REFUSED,
             "audit: %s", text);
        break;
    case TOLD_TODO:
        ends(r, UNWRITTEN, "%s() is not written yet", text);
        break;
    case TOLD_ASSERT:
        ends(r, CRASHED, "an assertion fails: %s", text);
        break;
    case TOLD_SYSCALL:
        name = syscall_name(t->count);
        ends(r, FORBIDDEN, "it tried the system call %s (%u)",
             name ? name : "number", t->count);
        break;
    case TOLD_BROKEN:
        ends(r, UNSTARTED, "%s", text);
        break;
    default:
        ends(r, FORGED, "an event of kind %u: there is none", t->kind);
    }
}

/* False: enough has been heard. */
static bool take(struct run *r, struct told *t)
{
    switch (t->kind) {
    case TOLD_EXIT:
        return take_exit(r, &t->exit);
    case TOLD_OUTPUT:
        take_output(r, t);
        return true;
    case TOLD_COUNT:
        return take_row(r, t);
    case TOLD_WALK:
        take_walk(r, t);
        return true;
    case TOLD_WHY:
        snprintf(r->killed, sizeof r->killed, "%s",
                 clean(t->text, sizeof t->text));
        return true;
    case TOLD_PAGES:
        return take_pages(r, t);
    case TOLD_MEMORY:
        return take_memory(r, t);
    case TOLD_VECTOR:
        note_vector(&r->irq, &t->taking, r->last_exit + 1);
        return true;
    case TOLD_END:
        take_end(r, &t->end);
        return false;
    default:
        take_last(r, t);
        return false;
    }
}

/* ---------------------------------------------------------------- reading */

struct pipes {
    int transcript, printed;
    size_t printed_size, have;
    struct told next;
};

/* True while more may come. */
static bool read_transcript(struct run *r, struct pipes *p)
{
    char *at = (char *)&p->next + p->have;
    ssize_t n = read(p->transcript, at, sizeof p->next - p->have);
    if (n <= 0) {
        return n < 0 && errno == EINTR;
    }
    p->have += (size_t)n;
    if (p->have < sizeof p->next) {
        return true;
    }
    p->have = 0;
    return take(r, &p->next);
}

static bool read_printed(struct run *r, struct pipes *p)
{
    char buf[4096];
    ssize_t n = read(p->printed, buf, sizeof buf);
    p->printed_size += n > 0 ? (size_t)n : 0;
    if (p->printed_size > PRINTED_MOST) {
        ends(r, HUNG, "it printed more than %u bytes", PRINTED_MOST);
        return false;
    }
    if (n <= 0) {
        close(p->printed);
        p->printed = -1;
    }
    return true;
}

static void listen(struct run *r, struct pipes *p)
{
    bool more = true;
    while (more) {
        struct pollfd fd[2] = {{.fd = p->transcript, .events = POLLIN},
                               {.fd = p->printed, .events = POLLIN}};
        int n = poll(fd, 2, WALL_SECONDS * 1000);
        if (n == 0) {
            ends(r, HUNG, "silent for %d seconds", WALL_SECONDS);
            return;
        }
        if (n > 0 && fd[1].revents) {
            more = read_printed(r, p);
        }
        if (n > 0 && fd[0].revents) {
            more = more && read_transcript(r, p);
        }
    }
}

/* How it went, where it has not said so itself. */
static void judge_silence(struct run *r, int status)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        ends(r, SPENT, "used up its processor time, behind exit %" PRIu64,
             r->last_exit);
    } else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
        ends(r, FORBIDDEN, "it tried a system call that it may not have");
    } else if (WIFSIGNALED(status)) {
        ends(r, CRASHED, "%s, behind exit %" PRIu64,
             strsignal(WTERMSIG(status)), r->last_exit);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) >= 100) {
        ends(r, UNSTARTED, "the child could not be started (step %d)",
             WEXITSTATUS(status) - 100);
    } else {
        ends(r, LEFT,
             "ended with exit(%d) behind exit %" PRIu64 ", and told no end",
             WEXITSTATUS(status), r->last_exit);
    }
}

void run_child(struct run *r, const char *program, const char *technique,
               const char *image, const struct limits *most, bool counts)
{
    char cycles[24], exits[24];
    struct pipes p = {.transcript = -1};
    int status = 0;
    memset(r, 0, sizeof *r);
    snprintf(cycles, sizeof cycles, "%" PRIu64, most->cycles);
    snprintf(exits, sizeof exits, "%" PRIu64, most->exits);
    char name[] = "child", kind[16], table[] = {counts ? '1' : '0', 0};
    snprintf(kind, sizeof kind, "%s", technique);
    char *argv[] = {name, kind, cycles, exits, table, NULL};
    pid_t pid = confined_start(program, argv, image, &p.transcript, &p.printed);
    if (pid < 0) {
        ends(r, UNSTARTED, "%s: %s", program, strerror(errno));
        return;
    }
    r->ending = LEFT;
    listen(r, &p);
    bool told = r->why[0] != 0;
    if (told) {
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!told) {
        judge_silence(r, status);
    }
    r->last_cycle = r->end.clock;
    close(p.transcript);
    if (p.printed >= 0) {
        close(p.printed);
    }
}
