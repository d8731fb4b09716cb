/*
 * check_para.c - hypercalls, compared: lab 4.
 *
 *   calls          each hypercall has the number, the answer and the digest
 *                  of the guest's page tables before it that it should have
 *   fewer=full:8   at most an eighth of the exits that the same guest has
 *                  under that technique
 *
 * No PC answers hypercalls. But the lab's guests run on one, too, and there a
 * model of the rules, written into the guest, says what must come of each
 * request; the guest tells it by an OUT to a port where nobody is: number in
 * EAX, answer in ECX, digest in EBP. To the monitor it gives the digest in
 * EBP, which no hypercall takes. A digest of 0: not to be compared.
 *
 * The digest before request n + 1 shows what request n has left behind: a
 * refused one nothing, a batch what its count says.
 */
#include "grade.h"
#include "../../vmm/techniques/para/xen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)
#define CALL_PORT 0x2f0u

/* ------------------------------------------------------------- both sides */

void note_call(struct history *h, const struct told_exit *x)
{
    if (x->reason == EXIT_hypercall && x->after.reg[REG_EBP] != 0) {
        struct called c = {.number = x->detail,
                           .digest = x->after.reg[REG_EBP],
                           .answer = (int32_t)x->after.reg[REG_EAX],
                           .eip = x->eip,
                           .exit = x->number,
                           .said = h->output_size};
        history_call(h, &c);
    }
}

void note_bare_call(struct history *h, const struct step *s)
{
    const uint32_t *reg = s->after.reg;
    if (s->insn == I_OUT_DX_eAX && reg[REG_EDX] == CALL_PORT) {
        struct called c = {.number = reg[REG_EAX],
                           .digest = reg[REG_EBP],
                           .answer = (int32_t)reg[REG_ECX],
                           .eip = s->eip,
                           .said = h->output_size};
        history_call(h, &c);
    }
}

/* ---------------------------------------------------------------- in words */

static const struct {
    uint32_t number;
    const char *name;
} hypercalls[] = {
#define HYPERCALL(number, id, ...) {number, #id},
#include "../../vmm/techniques/para/hypercalls.def"
#undef HYPERCALL
};

static const char *hypercall_text(uint32_t number)
{
    for (size_t i = 0; i < sizeof hypercalls / sizeof *hypercalls; i++) {
        if (hypercalls[i].number == number) {
            return hypercalls[i].name;
        }
    }
    return "no such hypercall";
}

static const char *error_text(int32_t answer)
{
    static const struct {
        int32_t error;
        const char *name;
    } rows[] = {{XEN_EPERM, "-EPERM"},   {XEN_ESRCH, "-ESRCH"},
                {XEN_EFAULT, "-EFAULT"}, {XEN_EBUSY, "-EBUSY"},
                {XEN_EINVAL, "-EINVAL"}, {XEN_ENOSYS, "-ENOSYS"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].error == -answer) {
            return rows[i].name;
        }
    }
    return answer < 0 ? "an error" : "done";
}

static void call_text(char *to, size_t size, const struct called *c)
{
    snprintf(to, size, "%s (%u) = %d, %s; tables %08x",
             hypercall_text(c->number), c->number, c->answer,
             error_text(c->answer), c->digest);
}

/* The line that the guest printed last, before call `i`. */
static int request_line(const struct history *h, size_t i, const char **from)
{
    size_t end = h->call[i].said, begin;
    end -= end > 0;
    for (begin = end; begin > 0 && h->output[begin - 1] != '\n'; begin--) {
    }
    *from = h->output + begin;
    return (int)(end - begin < 90 ? end - begin : 90);
}

/* ---------------------------------------------------------------- compared */

static bool same_call(const struct called *a, const struct called *b)
{
    return a->number == b->number && a->answer == b->answer &&
           a->digest == b->digest;
}

static size_t first_difference(const struct history *a, const struct history *b)
{
    size_t i = 0;
    while (i < a->calls && i < b->calls &&
           same_call(&a->call[i], &b->call[i])) {
        i++;
    }
    return i;
}

static void say_calls_differ(const struct history *bare,
                             const struct history *h, size_t i,
                             struct finding *f)
{
    const struct called *want = &bare->call[i], *got = &h->call[i];
    const char *line;
    bool by_tables =
        want->number == got->number && i > 0 && want->digest != got->digest;
    int n = request_line(bare, by_tables ? i - 1 : i, &line);
    f->exit = by_tables ? h->call[i - 1].exit : got->exit;
    f->eip = got->eip;
    if (by_tables) {
        SAY(f->rationale,
            "after %s the guest's page tables hold something "
            "else than they should",
            hypercall_text(want[-1].number));
        SAY(f->expected, "what \"%.*s\" leaves when it answers %d", n, line,
            want[-1].answer);
        SAY(f->got, "answered %d, and left another content",
            h->call[i - 1].answer);
    } else {
        SAY(f->rationale, "%s gives the wrong answer",
            hypercall_text(want->number));
        SAY(f->expected, "%d, %s, to \"%.*s\"", want->answer,
            error_text(want->answer), n, line);
        SAY(f->got, "%d, %s%s", got->answer, error_text(got->answer),
            want->number == got->number ? "" : ", to another hypercall");
    }
}

bool check_calls(const struct trial *t, struct finding *f)
{
    const struct history *bare = t->bare, *h = &t->run->h;
    size_t i = first_difference(bare, h);
    if (i < bare->calls && i < h->calls) {
        say_calls_differ(bare, h, i, f);
        return false;
    }
    if (bare->calls != h->calls) {
        SAY(f->rationale, "the guest makes other hypercalls than it should");
        SAY(f->expected, "%zu", bare->calls);
        SAY(f->got, "%zu", h->calls);
        return false;
    }
    return true;
}

bool show_calls(const struct run *r, const struct history *bare)
{
    const struct history *h = &r->h;
    size_t at = first_difference(bare, h);
    size_t most = bare->calls > h->calls ? bare->calls : h->calls;
    if (bare->calls == 0) {
        return false;
    }
    if (r->ending != ENDED) {
        printf("The run: %s.\n", r->why);
    }
    if (at == most) {
        printf("All %zu hypercalls went as they should.\n", most);
        return true;
    }
    printf("The first difference is at hypercall %zu.\n", at + 1);
    for (size_t i = at < 4 ? 0 : at - 4; i < at + 3 && i < most; i++) {
        char text[TEXT_MOST];
        const char *line = "";
        int n = i < bare->calls ? request_line(bare, i, &line) : 0;
        printf("%c %.*s\n", i == at ? '>' : ' ', n, line);
        const struct history *side[] = {bare, h};
        for (int k = 0; k < 2; k++) {
            SAY(text, "(none)");
            if (i < side[k]->calls) {
                call_text(text, sizeof text, &side[k]->call[i]);
            }
            printf("    %s %s\n", k == 0 ? "rules" : "yours", text);
        }
    }
    return true;
}

bool count_calls(const struct history *bare, const char *what, uint64_t *out)
{
    bool all = strcmp(what, "calls") == 0;
    bool refused = strcmp(what, "refused") == 0, known = all || refused;
    *out = 0;
    for (size_t i = 0; i < bare->calls; i++) {
        const struct called *c = &bare->call[i];
        *out += all || (refused && c->answer < 0) ||
                strcmp(what, hypercall_text(c->number)) == 0;
    }
    return known || *out > 0;
}

/* -------------------------------------------------------------------- fewer */

#define LIMIT 2000000000u

/* The guest's exits under another technique; 0: it does not end well. */
static uint64_t exits_under(const char *technique, const char *image)
{
    struct lab_machine l;
    struct monitor_observer nobody = {0};
    struct run_until until = {.cycle = LIMIT};
    char err[256];
    uint64_t exits = 0;
    if (lab_machine(&l, technique, image, &nobody, err, sizeof err)) {
        monitor_run(l.m, &until);
        exits = vm_state(l.v) == VM_EXITED ? vm_books(l.v)->count : 0;
    }
    if (l.m) {
        monitor_free(l.m);
    }
    return exits;
}

bool check_fewer(const struct trial *t, struct finding *f)
{
    char technique[16] = "";
    unsigned times = 0;
    uint64_t other = 0, mine = t->run->end.exits;
    if (sscanf(t->argument, "%15[a-z-]:%u", technique, &times) == 2) {
        other = exits_under(technique, t->image);
    }
    if (other == 0 || times == 0) {
        f->lab_is_wrong = true;
        SAY(f->rationale,
            "tests.txt: fewer=TECHNIQUE:TIMES, and the guest "
            "ends well under it: \"%s\"",
            t->argument);
        return false;
    }
    SAY(f->rationale,
        "too many exits: the same work has %" PRIu64 " under technique %s",
        other, technique);
    SAY(f->expected, "at most %" PRIu64 ", a %uth of them", other / times,
        times);
    SAY(f->got, "%" PRIu64, mine);
    if (mine > other / times) {
        return false;
    }
    f->rationale[0] = f->expected[0] = f->got[0] = 0;
    return true;
}
