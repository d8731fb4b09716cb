/*
 * audit.c - is everything true that types.c keeps true?
 *
 * Job:    count every reference again from the tables' contents, and compare.
 *
 * A type in use is used by somebody: by a pin, by CR3, by the lists of the
 * GDT and LDT, by the monitor's own writes (the shared info page, the console
 * ring), or by an entry of a table that is itself in use. So all references can
 * be found from the frames' rows and the tables' bytes, and the counts must
 * come out the same. On the way each entry is looked at: a frame of the guest's
 * own, and none both writable and a table.
 */
#include "para.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tally {
    uint32_t types, refs;
};

/* The first thing found wrong is the one reported. */
struct audit {
    struct para *p;
    struct tally *count; /* a guest page each, and the shared info page */
    char *err;
    size_t errsize;
    bool ok;
};

#define WRONG(a, ...)                                      \
    do {                                                   \
        if ((a)->ok)                                       \
            snprintf((a)->err, (a)->errsize, __VA_ARGS__); \
        (a)->ok = false;                                   \
    } while (0)

static struct tally *tally_of(struct audit *a, const struct frame_info *f)
{
    uint32_t page = f->at.v >> PAGE_SHIFT;
    uint32_t last = a->p->vm->pages;
    return &a->count[page < last ? page : last];
}

/* Somebody uses frame `at` as `t`; FRAME_UNTYPED: only reads it. */
static void uses(struct audit *a, mpa_t at, enum frame_type t, const char *who)
{
    const struct frame_info *f = guest_frame(a->p, at);
    if (!f) {
        WRONG(a, "%s reaches frame %x, which is not the guest's", who,
              mfn_of(at));
        return;
    }
    tally_of(a, f)->refs++;
    if (t == FRAME_UNTYPED)
        return;
    tally_of(a, f)->types++;
    if (f->type != t)
        WRONG(a, "%s uses frame %x as type %d, but it is of type %d", who,
              mfn_of(at), (int)t, (int)f->type);
}

static void page_table(struct audit *a, mpa_t table)
{
    for (uint32_t i = 0; i < ENTRIES; i++) {
        uint32_t e = entry_read(a->p, table, i);
        if (e & PTE_P)
            uses(a, (mpa_t){e & ~PAGE_MASK},
                 e & PTE_W ? FRAME_WRITABLE : FRAME_UNTYPED,
                 "a page-table entry");
    }
}

static void directory(struct audit *a, mpa_t root)
{
    for (uint32_t i = 0; i < FIRST_HOLE_SLOT; i++) {
        uint32_t e = entry_read(a->p, root, i);
        if (e & PTE_P)
            uses(a, (mpa_t){e & ~PAGE_MASK}, FRAME_L1, "a directory entry");
    }
    for (uint32_t i = FIRST_HOLE_SLOT; i < ENTRIES; i++) {
        uint32_t differs = entry_read(a->p, root, i) ^ hole_entry(a->p, i);
        if (differs & ~(PTE_A | PTE_D))
            WRONG(a, "directory %x maps the hole's slot %u otherwise",
                  mfn_of(root), i);
    }
}

static void descriptors(struct audit *a, mpa_t at)
{
    const uint8_t *bytes = frame_bytes(a->p->vm->monitor, at);
    for (uint32_t i = 0; i < PAGE_SIZE / 8; i++) {
        uint32_t d[2], was[2];
        memcpy(d, bytes + i * 8, sizeof(d));
        memcpy(was, d, sizeof(d));
        if (descriptor_check(d) != 0 || memcmp(d, was, sizeof(d)) != 0)
            WRONG(a, "descriptor %u of frame %x is not harmless", i,
                  mfn_of(at));
    }
}

/* What a frame in use uses in turn. */
static void contents(struct audit *a, mpa_t at, const struct frame_info *f)
{
    if (f->pinned)
        uses(a, at, f->type, "a pin");
    if (f->type_count == 0)
        return;
    switch (f->type) {
    case FRAME_L1:
        page_table(a, at);
        break;
    case FRAME_L2:
        directory(a, at);
        break;
    case FRAME_DESCRIPTORS:
        descriptors(a, at);
        break;
    default:
        return;
    }
    if (!f->validated)
        WRONG(a, "frame %x is in use and was not validated", mfn_of(at));
}

static void roots(struct audit *a)
{
    const struct para *p = a->p;
    uses(a, p->root, FRAME_L2, "CR3");
    uses(a, p->shared_at, FRAME_WRITABLE, "the shared info page");
    uses(a, p->console_at, FRAME_WRITABLE, "the console ring");
    for (uint32_t i = 0; i < descriptor_frames(p->gdt_entries); i++)
        uses(a, p->gdt[i], FRAME_DESCRIPTORS, "the GDT");
    for (uint32_t i = 0; i < descriptor_frames(p->ldt_entries); i++)
        uses(a, p->ldt[i], FRAME_DESCRIPTORS, "the LDT");
}

static void compare(struct audit *a, mpa_t at, const struct frame_info *f)
{
    const struct tally *n = tally_of(a, f);
    if (f->type_count != n->types || f->refs != n->refs)
        WRONG(a,
              "frame %x: %u uses of its type and %u in all are noted, "
              "%u and %u were found",
              mfn_of(at), f->type_count, f->refs, n->types, n->refs);
}

static void each_frame(struct audit *a, void (*look)(struct audit *, mpa_t,
                                                     const struct frame_info *))
{
    struct vm *v = a->p->vm;
    look(a, a->p->shared_at, guest_frame(a->p, a->p->shared_at));
    for (uint32_t i = 0; i < v->pages; i++)
        look(a, mpa_of(v->p2m[i]), guest_frame(a->p, mpa_of(v->p2m[i])));
}

bool para_audit(struct vm *v, char *err, size_t errsize)
{
    struct audit a = {para_of(v), NULL, err, errsize, true};
    a.count = calloc(v->pages + 1, sizeof(*a.count));
    if (!a.count) {
        WRONG(&a, "no memory for the audit");
        return false;
    }
    roots(&a);
    each_frame(&a, contents);
    each_frame(&a, compare);
    free(a.count);
    return a.ok;
}
