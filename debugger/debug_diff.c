/*
 * debug_diff.c - two machines side by side: what one did that the other did
 * not.
 *
 * Parts:  what can be seen of the guests, which must be the same: output and
 *         markers; the exits of a stretch between two markers; the reasons
 *         that one alone has had.
 *
 * Exits are compared by reason and by the function in which they happened:
 * two builds of one kernel have the same names at other addresses.
 */
#include "debug.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------- what the guests did */

/* The line that byte `at` is in, without its end, as printable text. */
static void line_at(const struct kept *k, size_t at, char *buf, size_t size)
{
    size_t from = at, n = 0;
    while (from > 0 && k->bytes[from - 1] != '\n') {
        from--;
    }
    for (; from < k->size && k->bytes[from] != '\n' && n + 1 < size; from++) {
        char c = k->bytes[from];
        buf[n++] = (char)(c >= ' ' && c <= '~' ? c : '.');
    }
    buf[n] = 0;
}

static void diff_output(const struct debug *d)
{
    const struct kept *a = &d->console[0], *b = &d->beside->console[0];
    size_t least = a->size < b->size ? a->size : b->size, same = 0, line = 1;
    char text[2][56];
    while (same < least && a->bytes[same] == b->bytes[same]) {
        line += a->bytes[same++] == '\n';
    }
    if (same == a->size && same == b->size) {
        fprintf(d->out, "output   the same, %zu bytes\n", same);
        return;
    }
    if (same == least) {
        fprintf(d->out,
                "output   the same, %zu bytes; %d has printed %zu more\n", same,
                a->size > b->size ? 1 : 2,
                a->size > b->size ? a->size - same : b->size - same);
        return;
    }
    line_at(a, same, text[0], sizeof text[0]);
    line_at(b, same, text[1], sizeof text[1]);
    fprintf(d->out,
            "output   PARTS in line %zu, after %zu bytes\n"
            "         1 | %s\n         2 | %s\n",
            line, same, text[0], text[1]);
}

static void diff_markers(const struct debug *d)
{
    const struct past *a = &d->past, *b = &d->beside->past;
    unsigned here = d->session.markers, there = d->beside->session.markers;
    unsigned least = here < there ? here : there, same = 0;
    while (same < least && a->marker[same].id == b->marker[same].id) {
        same++;
    }
    if (same < least) {
        fprintf(d->out,
                "markers  PART at number %u: 1 has entered phase %u, 2 %u\n",
                same + 1, a->marker[same].id, b->marker[same].id);
    } else {
        fprintf(d->out, "markers  the same, %u", same);
        if (here != there) {
            fprintf(d->out, "; %d has passed %u more", here > there ? 1 : 2,
                    here > there ? here - there : there - here);
        }
        putc('\n', d->out);
    }
}

static const char *end_of(const struct debug *d, char *buf, size_t size)
{
    const struct vm *v = d->session.vm;
    if (vm_state(v) == VM_KILLED) {
        return vm_why(v);
    }
    if (vm_state(v) != VM_EXITED) {
        return "goes on";
    }
    snprintf(buf, size, "status %u", vm_exit_status(v));
    return buf;
}

static void diff_ends(const struct debug *d)
{
    char here[24], there[24];
    if (debug_ended(d) || debug_ended(d->beside)) {
        fprintf(d->out, "end      1: %s; 2: %s\n", end_of(d, here, sizeof here),
                end_of(d->beside, there, sizeof there));
    }
}

/* ------------------------------------------------- exits of a stretch */

#define KINDS 256 /* of reason and function; what is more is left out */
#define SHOWN 12

/* Exits of one reason in one function, of both machines. */
struct kind {
    int reason;
    const char *where;
    uint64_t count[2], cycles[2];
};
struct stretch {
    struct kind kind[KINDS];
    int kinds;
    struct kind all;
    uint64_t clock[2]; /* cycles that it took */
};

/* A function; of a hypercall what was asked for, since all of them are made in
 * one page. */
static const char *function_of(const struct debug *d, const struct past_exit *x)
{
    static const char *const hypercalls[] = {
#define HYPERCALL(number, id, ...) [number] = #id,
#include "../vmm/techniques/para/hypercalls.def"
#undef HYPERCALL
    };
    uint32_t offset;
    if (x->reason == EXIT_hypercall &&
        x->detail < sizeof hypercalls / sizeof *hypercalls &&
        hypercalls[x->detail]) {
        return hypercalls[x->detail];
    }
    const char *name = vm_symbol_at(d->session.vm, (gva_t){x->eip}, &offset);
    if (!name || offset > 0x10000) {
        return x->virtual_ring == 3 ? "(a program)" : "(no symbol)";
    }
    return name;
}

static void add(struct kind *k, int side, const struct past_exit *x)
{
    k->count[side]++;
    k->cycles[side] += x->cost;
}

static void count(struct stretch *s, int side, const struct debug *d,
                  const struct past_exit *x)
{
    const char *where = function_of(d, x);
    add(&s->all, side, x);
    for (int i = 0; i < s->kinds; i++) {
        struct kind *k = &s->kind[i];
        if (k->reason == x->reason && strcmp(k->where, where) == 0) {
            add(k, side, x);
            return;
        }
    }
    if (s->kinds < KINDS) {
        struct kind *k = &s->kind[s->kinds++];
        *k = (struct kind){.reason = x->reason, .where = where};
        add(k, side, x);
    }
}

/* The exits up to marker n (0: the beginning), and its clock; behind the last
 * one: up to here. */
static uint64_t exits_at(const struct debug *d, unsigned n, uint64_t *clock)
{
    bool known = n <= d->session.markers;
    *clock = n == 0 ? 0 : known ? d->past.marker[n - 1].clock : debug_clock(d);
    return n == 0 ? 0 : known ? d->past.marker[n - 1].exits : d->last.number;
}

static void measure(struct stretch *s, int side, const struct debug *d,
                    unsigned end)
{
    uint64_t began, ended, from = exits_at(d, end - 1, &began);
    uint64_t to = exits_at(d, end, &ended);
    s->clock[side] = ended - began;
    for (uint64_t n = from; n < to && n < d->past.exits; n++) {
        count(s, side, d, &d->past.exit[n]);
    }
}

static uint64_t apart(const struct kind *k)
{
    return k->cycles[0] > k->cycles[1] ? k->cycles[0] - k->cycles[1]
                                       : k->cycles[1] - k->cycles[0];
}

static int by_difference(const void *a, const void *b)
{
    uint64_t x = apart(a), y = apart(b);
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_kind(const struct debug *d, const struct kind *k)
{
    char n[4][GROUPED_SIZE];
    fprintf(d->out, "  %-12s %-20.20s %7s %7s %12s %12s %s\n",
            exit_names[k->reason].name, k->where, grouped(k->count[0], n[0]),
            grouped(k->count[1], n[1]), grouped(k->cycles[0], n[2]),
            grouped(k->cycles[1], n[3]),
            !k->count[1]   ? "1"
            : !k->count[0] ? "2"
                           : "");
}

static void print_stretch(struct debug *d, struct stretch *s)
{
    char a[GROUPED_SIZE], b[GROUPED_SIZE];
    int shown = 0, differ = 0;
    fprintf(d->out, "  %s / %s cycles, %llu / %llu exits. Where they differ:\n",
            grouped(s->clock[0], a), grouped(s->clock[1], b),
            (unsigned long long)s->all.count[0],
            (unsigned long long)s->all.count[1]);
    fprintf(d->out, "  %-12s %-20s %7s %7s %12s %12s alone\n", "reason",
            "in function", "exits 1", "2", "cycles 1", "2");
    qsort(s->kind, (size_t)s->kinds, sizeof s->kind[0], by_difference);
    for (int i = 0; i < s->kinds; i++) {
        if (s->kind[i].count[0] == s->kind[i].count[1]) {
            continue;
        }
        differ++;
        if (shown < SHOWN) {
            print_kind(d, &s->kind[i]);
            shown++;
        }
    }
    if (differ == 0) {
        say(d, "  nowhere: each kind of exit was as frequent in both");
    } else if (differ > shown) {
        fprintf(d->out, "  ... and %d kinds more, which cost less\n",
                differ - shown);
    }
}

/* The stretch that ends at marker `end`. */
static void diff_stretch(struct debug *d, unsigned end)
{
    struct stretch *s = calloc(1, sizeof *s);
    if (!s) {
        wrong(d, "no memory to count them");
        return;
    }
    measure(s, 0, d, end);
    measure(s, 1, d->beside, end);
    if (d->session.markers == 0) {
        say(d, "exits from the beginning to here");
    } else if (end == 1) {
        say(d, "exits from the beginning to marker 1");
    } else {
        fprintf(d->out, "exits from marker %u to marker %u (phase %u)\n",
                end - 1, end, d->past.marker[end - 2].id);
    }
    print_stretch(d, s);
    free(s);
}

/* ------------------------------------------------------------ altogether */

/* The reasons that only `one` has had. */
static void print_alone(const struct debug *d, int side,
                        const struct books *one, const struct books *other)
{
    char text[EXIT_COUNT * (GROUPED_SIZE + 16)], n[GROUPED_SIZE];
    int at = snprintf(text, sizeof text, "%d alone:", side), start = at;
    for (int r = 0; r < EXIT_COUNT; r++) {
        if (one->by_reason[r] && !other->by_reason[r]) {
            at += snprintf(text + at, sizeof text - (size_t)at, "%s %s %s",
                           at > start ? "," : "", grouped(one->by_reason[r], n),
                           exit_names[r].name);
        }
    }
    if (at == start) {
        snprintf(text + at, sizeof text - (size_t)at, " no reason");
    }
    print_wrapped(d->out, 2, text);
}

void do_diff(struct debug *d, const struct words *w)
{
    uint64_t end;
    const struct debug *b = d->beside;
    if (!b) {
        wrong(d, "there is nothing beside this: 'beside para' first, say");
        return;
    }
    unsigned here = d->session.markers, there = b->session.markers;
    unsigned least = here < there ? here : there;
    if (!debug_count(d, w, 1, least ? least : 1, &end)) {
        return;
    }
    if (end > least && w->count > 1) {
        wrong(d, "both have passed %u marker%s only", least,
              least == 1 ? "" : "s");
        return;
    }
    diff_output(d);
    diff_markers(d);
    diff_ends(d);
    diff_stretch(d, (unsigned)end);
    say(d, "reasons altogether");
    print_alone(d, 1, vm_books(d->session.vm), vm_books(b->session.vm));
    print_alone(d, 2, vm_books(b->session.vm), vm_books(d->session.vm));
}
