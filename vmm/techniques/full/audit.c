/*
 * audit.c - the shadow page tables, checked and not believed.
 *
 * Job:    hold every shadow entry against the guest's own entry as it is in
 *         memory at this moment. Every shadow page of the VM is looked at, and
 *         not only those that the processor could walk now: any may be in use
 *         after the next MOV CR3.
 *
 * Nothing here is computed by the code that made the entries: each rule is
 * asked for by itself, and has words of its own.
 */
#include "full.h"

#include <stdio.h>

static const char *const role_names[SHADOW_ROLES] = {"directory", "table",
                                                     "large page"};

/* The guest page that a guest physical address is in. */
static bool page_of(struct full *f, uint32_t at, gpa_t *page)
{
    mpa_t frame;
    return vp_memory(&f->p, (gpa_t){at & ~PAGE_MASK}, &frame) &&
           m2p(f->vm, frame, page);
}

/* What the guest's own entry says that this is the shadow of. Of a large page,
 * and of memory while there is no paging: what it comes to. */
static uint32_t guests_entry(struct full *f, const struct shadow_page *s,
                             unsigned i)
{
    uint32_t own = 0;
    if (s->role == SHADOW_LARGE || s == f->sh.flat) {
        unsigned shift = s->role == SHADOW_LARGE ? PAGE_SHIFT : 22;
        return (s->gfn + i) << shift | PTE_P | PTE_A | PTE_D | PTE_U | PTE_W;
    }
    guest_read(f->vm, (gpa_t){s->gfn << PAGE_SHIFT | i * 4}, &own, 4);
    return own;
}

/* A directory's entry: the child it leads to, and is that the guest's? */
static const char *wrong_link(struct full *f, const struct shadow_page *s,
                              unsigned i, uint32_t own)
{
    const struct shadow_page *child = s->child[i];
    bool large = s == f->sh.flat || ((own & PTE_PS) && f->sh.pse);
    gpa_t to = {own & ~(ENTRIES * PAGE_SIZE - 1)};
    if (!child || (s->entry[i] & ~PAGE_MASK) != child->frame.v) {
        return "leads to no shadow";
    }
    if (child->role != (large ? SHADOW_LARGE : SHADOW_TABLE) ||
        (!large && !page_of(f, own, &to)) || child->gfn != to.v >> PAGE_SHIFT) {
        return "leads elsewhere than the guest's own entry";
    }
    return (s->entry[i] & PTE_W) && large && !(own & PTE_D)
               ? "lets it write a large page whose D bit is clear"
               : NULL;
}

/* A page's entry: is it the guest's page, and may it be written? */
static const char *wrong_page(struct full *f, const struct shadow_page *s,
                              unsigned i, uint32_t own)
{
    gpa_t is, should;
    if (frame_guest(f->vm->monitor, (mpa_t){s->entry[i]}) != f->vm ||
        !m2p(f->vm, (mpa_t){s->entry[i] & ~PAGE_MASK}, &is)) {
        return "leads to a frame that is not the guest's";
    }
    if (!page_of(f, own, &should) || is.v != should.v) {
        return "leads elsewhere than the guest's own entry";
    }
    if (!(s->entry[i] & PTE_W)) {
        return NULL;
    }
    return !(own & PTE_D) ? "lets it write a page whose D bit is clear"
           : shadow_traced(f, is.v >> PAGE_SHIFT)
               ? "lets it write a page that is traced"
               : NULL;
}

/* What is wrong with a present entry; NULL: nothing. */
static const char *wrong(struct full *f, const struct shadow_page *s,
                         unsigned i)
{
    bool directory = s->role == SHADOW_DIRECTORY;
    uint32_t own = guests_entry(f, s, i);
    if (directory && is_hole(f->vm, i)) {
        return NULL; /* the monitor's audit has looked */
    }
    if (!(own & PTE_P)) {
        return "is there, and the guest's own entry is not present";
    }
    if (!(own & PTE_A)) {
        return "is there, and the guest's own entry has its A bit clear";
    }
    if (cpu_entry_reserved(f->p.cpu, own, directory)) {
        return "is there, and the guest's own entry has a reserved bit set";
    }
    if (s->entry[i] & ~own & (PTE_U | PTE_W)) {
        return "permits more than the guest's own entry";
    }
    return directory ? wrong_link(f, s, i, own) : wrong_page(f, s, i, own);
}

bool full_audit(struct vm *v, char *err, size_t errsize)
{
    struct full *f = full_of(v);
    for (const struct shadow_page *s = f->sh.all; s; s = s->next) {
        for (unsigned i = 0; i < ENTRIES; i++) {
            const char *what = s->entry[i] & PTE_P ? wrong(f, s, i) : NULL;
            if (what) {
                snprintf(err, errsize,
                         "%s: shadow %s of guest page %x: entry %u, %08x, %s",
                         v->name, role_names[s->role], s->gfn, i, s->entry[i],
                         what);
                return false;
            }
        }
    }
    return true;
}
