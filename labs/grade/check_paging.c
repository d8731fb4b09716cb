/*
 * check_paging.c - checks of shadow paging.
 *
 *   tables            at each marker of the guest's, every page that the
 *                     processor's tables map under the monitor is one that
 *                     they map on the bare machine: the same guest page, with
 *                     no right more; none that the guest's A and D bits do
 *                     not show yet; and no table of the guest's writable
 *   most=REASON:N     at most N exits of the reason
 */
#include "grade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SAY(where, ...) snprintf(where, sizeof where, __VA_ARGS__)

static void page_text(char *to, size_t size, const struct seen_page *p)
{
    if (!p) {
        snprintf(to, size, "no page");
        return;
    }
    if (p->at == SEEN_FOREIGN) {
        snprintf(to, size, "%08x -> a frame that is not the guest's",
                 p->linear);
        return;
    }
    snprintf(to, size, "%08x -> guest page %08x%s%s%s%s%s", p->linear, p->at,
             p->bits & PTE_U ? ", U" : "", p->bits & PTE_W ? ", W" : "",
             p->bits & PTE_A ? ", A" : "", p->bits & PTE_D ? ", D" : "",
             p->bits & (SEEN_ROOT | SEEN_TABLE) ? "; a page table" : "");
}

/* Is the guest's page a table that the processor has used by now: the
 * directory, or one through which the shadow maps something? */
static bool is_table(const struct history *h, size_t i,
                     const struct seen_page *own)
{
    uint32_t slot = own->bits >> SEEN_SLOT & 0x3ff, now = h->page[i].moment;
    while (i > 0 && h->page[i - 1].moment == now) {
        i--;
    }
    while ((own->bits & SEEN_TABLE) && i < h->pages &&
           h->page[i].moment == now && h->page[i].linear >> 22 != slot) {
        i++;
    }
    return (own->bits & SEEN_ROOT) ||
           ((own->bits & SEEN_TABLE) && i < h->pages &&
            h->page[i].moment == now);
}

/* What is wrong with page i of the shadow's, given the guest's; or NULL. */
static const char *wrong_page(const struct history *h, size_t i,
                              const struct seen_page *own)
{
    const struct seen_page *shadow = &h->page[i];
    if (!own) {
        return "the guest's tables do not map the page";
    }
    if (own->at != shadow->at) {
        return "it leads to another page than the guest's tables do";
    }
    if (!(own->bits & PTE_A)) {
        return "the guest's A bits do not show its use";
    }
    if (shadow->bits & ~own->bits & PTE_U) {
        return "ring 3 may use it, and in the guest's tables it may not";
    }
    if (!(shadow->bits & PTE_W)) {
        return NULL;
    }
    return !(own->bits & PTE_W) ? "it can be written, and in the guest's "
                                  "tables it cannot"
           : !(own->bits & PTE_D)
               ? "it can be written, and on the bare machine D is clear still"
           : is_table(h, i, own)
               ? "it is a page table, and can be written unseen"
               : NULL;
}

static int before(const struct seen_page *a, const struct seen_page *b)
{
    return a->moment != b->moment   ? (a->moment < b->moment ? -1 : 1)
           : a->linear != b->linear ? (a->linear < b->linear ? -1 : 1)
                                    : 0;
}

bool check_tables(const struct trial *t, struct finding *f)
{
    const struct history *h = &t->run->h, *bare = t->bare;
    size_t k = 0;
    for (size_t i = 0; i < h->pages; i++) {
        const struct seen_page *shadow = &h->page[i], *own = NULL;
        while (k < bare->pages && before(&bare->page[k], shadow) < 0) {
            k++;
        }
        if (k < bare->pages && before(&bare->page[k], shadow) == 0) {
            own = &bare->page[k];
        }
        const char *what = wrong_page(h, i, own);
        if (what) {
            f->exit = shadow->exit;
            SAY(f->rationale, "shadow entry of %08x, at marker %u: %s",
                shadow->linear, shadow->moment, what);
            page_text(f->expected, sizeof f->expected, own);
            page_text(f->got, sizeof f->got, shadow);
            return false;
        }
    }
    return true;
}

bool check_most(const struct trial *t, struct finding *f)
{
    const char *colon = strchr(t->argument, ':');
    size_t length = colon ? (size_t)(colon - t->argument) : 0;
    uint64_t most = colon ? strtoull(colon + 1, NULL, 10) : 0;
    for (int i = 0; i < EXIT_COUNT; i++) {
        if (strlen(exit_names[i].name) != length ||
            strncmp(exit_names[i].name, t->argument, length) != 0) {
            continue;
        }
        SAY(f->rationale, "too many exits of one reason: what was known "
                          "before is found out again");
        SAY(f->expected, "at most %" PRIu64 " exits \"%s\"", most,
            exit_names[i].name);
        SAY(f->got, "%" PRIu64, t->run->by_reason[i]);
        return t->run->by_reason[i] <= most;
    }
    f->lab_is_wrong = true;
    SAY(f->rationale, "tests.txt: most=REASON:NUMBER expected, not \"%.40s\"",
        t->argument);
    return false;
}

bool count_pages(const struct history *h, const char *what, uint64_t *out)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } counted[] = {{"pages", PTE_P}, {"accessed", PTE_A}, {"dirty", PTE_D}};
    for (size_t k = 0; k < sizeof counted / sizeof *counted; k++) {
        if (strcmp(counted[k].name, what) != 0) {
            continue;
        }
        *out = 0;
        for (size_t i = 0; i < h->pages; i++) {
            const struct seen_page *p = &h->page[i];
            *out += p->moment == h->markers && p->linear >> 22 > 0 &&
                    (p->bits & counted[k].bit);
        }
        return true;
    }
    return false;
}
