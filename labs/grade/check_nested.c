/*
 * check_nested.c - nested paging: lab 7.
 *
 *   touched          a nested fault for each page that the guest touches for
 *                    the first time, page tables included, and no other; and
 *                    one exit for each access to where it has no memory
 *   walks            at each MARKER_WALK the walk in two dimensions goes where
 *                    it must, and takes as many references: (g+1)(n+1)-1
 *   against=T:cheaper, against=T:dearer
 *                    than the same guest under technique T
 */
#include "grade.h"

#include <inttypes.h>
#include <string.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)
#define LIMIT 2000000000u

/* ---------------------------------------------------------------- touched */

bool check_touched(const struct trial *t, struct finding *f)
{
    const struct history *bare = t->bare;
    for (uint32_t page = 0; page < TOUCH_PAGES; page++) {
        uint32_t want = bare->touched[page], got = t->run->h.touched[page];
        if (want != got) {
            SAY(f->rationale, "guest physical page %08x: %s",
                page << PAGE_SHIFT,
                got > want ? "a nested fault too many: it is mapped already, "
                             "or nobody needs it"
                           : "the guest touches it for the first time, and "
                             "there is no nested fault");
            SAY(f->expected, "%u nested-fill", want);
            SAY(f->got, "%u", got);
            return false;
        }
    }
    if (bare->beyond != t->run->by_reason[EXIT_mmio]) {
        SAY(f->rationale, "accesses to where the guest has no memory: each is "
                          "one exit \"mmio\", done by the virtual processor");
        SAY(f->expected, "%" PRIu64, bare->beyond);
        SAY(f->got, "%" PRIu64, t->run->by_reason[EXIT_mmio]);
        return false;
    }
    return true;
}

/* ------------------------------------------------------------------ walks */

static void walk_text(char *to, size_t size, const struct seen_walk *w)
{
    static const char *const ends[] = {[WALK_FOUND] = "found",
                                       [WALK_GUEST_FAULT] = "the guest's fault",
                                       [WALK_NESTED_FAULT] = "nested fault"};
    int n = snprintf(to, size, "%u references, %s; legs to", w->references,
                     w->end <= WALK_NESTED_FAULT ? ends[w->end] : "?");
    for (unsigned i = 0; i < w->legs && i < 3 && (size_t)n < size; i++) {
        n += snprintf(to + n, size - (size_t)n, " %08x", w->at[i]);
    }
}

bool check_walks(const struct trial *t, struct finding *f)
{
    const struct history *bare = t->bare, *h = &t->run->h;
    for (uint32_t i = 0; i < bare->walks; i++) {
        if (i < h->walks &&
            memcmp(&bare->walk[i], &h->walk[i], sizeof *h->walk) == 0) {
            continue;
        }
        SAY(f->rationale, "walk %u, of linear %08x, goes elsewhere", i + 1,
            bare->walk[i].linear);
        walk_text(f->expected, sizeof f->expected, &bare->walk[i]);
        if (i < h->walks) {
            f->exit = h->walk_exit[i];
            walk_text(f->got, sizeof f->got, &h->walk[i]);
        } else {
            SAY(f->got, "no walk");
        }
        return false;
    }
    return bare->walks > 0;
}

/* ------------------------------------------------------------ predictions */

bool nested_truth(const struct history *bare, const char *what, uint64_t *out)
{
    unsigned n;
    *out = 0;
    if (strcmp(what, "touched") == 0) {
        for (uint32_t page = 0; page < TOUCH_PAGES; page++) {
            *out += bare->touched[page];
        }
        return true;
    }
    if (strcmp(what, "beyond") == 0) {
        *out = bare->beyond;
        return true;
    }
    if (sscanf(what, "walk%u", &n) != 1 || n == 0 || n > bare->walks) {
        return false;
    }
    *out = bare->walk[n - 1].references;
    return true;
}

/* ---------------------------------------------------------------- against */

/* The guest's cycles under another technique; 0: it does not end well. */
static uint64_t cycles_under(const char *technique, const char *image)
{
    struct lab_machine l;
    struct monitor_observer nobody = {0};
    struct run_until until = {.cycle = LIMIT};
    char err[256];
    uint64_t cycles = 0;
    if (lab_machine(&l, technique, image, &nobody, err, sizeof err)) {
        monitor_run(l.m, &until);
        cycles = vm_state(l.v) == VM_EXITED ? monitor_clock(l.m) : 0;
    }
    if (l.m) {
        monitor_free(l.m);
    }
    return cycles;
}

bool check_against(const struct trial *t, struct finding *f)
{
    char technique[16] = "", how[8] = "";
    uint64_t other = 0, mine = t->run->end.clock;
    if (sscanf(t->argument, "%15[a-z-]:%7s", technique, how) == 2) {
        other = cycles_under(technique, t->image);
    }
    bool cheaper = strcmp(how, "cheaper") == 0;
    if (other == 0 || (!cheaper && strcmp(how, "dearer") != 0)) {
        f->lab_is_wrong = true;
        SAY(f->rationale,
            "tests.txt: against=TECHNIQUE:cheaper|dearer, and "
            "the guest ends well under it: \"%s\"",
            t->argument);
        return false;
    }
    SAY(f->rationale, "the same guest under %s takes %" PRIu64 " cycles",
        technique, other);
    SAY(f->expected, "%s than %" PRIu64, cheaper ? "fewer" : "more", other);
    SAY(f->got, "%" PRIu64, mine);
    if (cheaper ? mine >= other : mine <= other) {
        return false;
    }
    f->rationale[0] = f->expected[0] = f->got[0] = 0;
    return true;
}
