/*
 * audit.c - the shadow page tables, checked and not believed.
 *
 * Every shadow page of the VM is looked at, and not only those that the
 * processor could walk now: any may be in use after the next MOV CR3.
 */
#include "full.h"

#include <stdio.h>

static const char *const role_names[SHADOW_ROLES] = {"directory", "table",
                                                     "large page"};

static bool wrong(const struct full *f, const struct shadow_page *s, unsigned i,
                  const char *what, char *err, size_t errsize)
{
    snprintf(err, errsize, "%s: shadow %s of guest page %x: entry %u, %08x, %s",
             f->vm->name, role_names[s->role], s->gfn, i, s->entry[i], what);
    return false;
}

static bool directory_ok(struct full *f, const struct shadow_page *s,
                         unsigned i, char *err, size_t errsize)
{
    const struct shadow_page *child = s->child[i];
    if (is_hole(f->vm, i)) {
        return true; /* the monitor's audit has looked */
    }
    return (child && (s->entry[i] & ~PAGE_MASK) == child->frame.v) ||
           wrong(f, s, i, "leads to no shadow", err, errsize);
}

/* No more than what the guest's own entry says today. */
static bool leaf_ok(struct full *f, const struct shadow_page *s, unsigned i,
                    char *err, size_t errsize)
{
    uint32_t pte = 0, most, entry = s->entry[i];
    if (s->role == SHADOW_LARGE) {
        most = paging_large_leaf(f, s, i);
    } else {
        guest_read(f->vm, (gpa_t){s->gfn << PAGE_SHIFT | i * 4}, &pte, 4);
        most = paging_leaf(f, pte);
    }
    if ((entry & ~PAGE_MASK) != (most & ~PAGE_MASK) || (entry & ~most)) {
        return wrong(f, s, i, "permits more than the guest's own entry", err,
                     errsize);
    }
    return frame_guest(f->vm->monitor, (mpa_t){entry}) == f->vm ||
           wrong(f, s, i, "leads to a frame that is not the guest's", err,
                 errsize);
}

bool full_audit(struct vm *v, char *err, size_t errsize)
{
    struct full *f = full_of(v);
    for (const struct shadow_page *s = f->sh.all; s; s = s->next) {
        for (unsigned i = 0; i < ENTRIES; i++) {
            bool ok = !(s->entry[i] & PTE_P) ||
                      (s->role == SHADOW_DIRECTORY
                           ? directory_ok(f, s, i, err, errsize)
                           : leaf_ok(f, s, i, err, errsize));
            if (!ok) {
                return false;
            }
        }
    }
    return true;
}
