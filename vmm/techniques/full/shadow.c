/*
 * shadow.c - the shadow page tables as a structure: pages and entries.
 *
 * Job:    the page tables that the real processor walks in place of the
 *         guest's. Each shadow page stands for one page of guest memory in
 *         one role, and is kept while the guest switches address spaces.
 * Parts:  entries; finding and making; dropping.
 *
 *     guest directory  ---shadowed by--->  SHADOW_DIRECTORY
 *     guest table      ---shadowed by--->  SHADOW_TABLE
 *     4 MiB of memory  ---mapped by---->   SHADOW_LARGE
 *
 * The invariants, which full_audit() checks:
 *
 *   an entry leads to a frame of the guest's own, or is not present;
 *   an entry permits no more than the guest's own entry does;
 *   no entry lets the guest write a page that is traced, that is, of which
 *   there is a SHADOW_DIRECTORY or SHADOW_TABLE, or which is watched.
 *
 * Simplified: the pool is bounded, and when it is used up everything goes.
 */
#include "full.h"

#include <string.h>

#define POOL_MOST 512u /* shadow pages a VM may have */
#define FILL_MOST 2u   /* that one fill may take */

/* ---------------------------------------------------------------- entries */

struct guest_page *shadow_writable(const struct full *f, uint32_t entry)
{
    gpa_t at;
    if (!(entry & PTE_P) || !(entry & PTE_W) ||
        !m2p(f->vm, (mpa_t){entry & ~PAGE_MASK}, &at)) {
        return NULL;
    }
    return &f->sh.page[at.v >> PAGE_SHIFT];
}

static void forget_writer(const struct full *f, uint32_t entry)
{
    struct guest_page *was = shadow_writable(f, entry);
    if (was) {
        was->writers--;
    }
}

void shadow_set(struct full *f, struct shadow_page *s, unsigned i,
                uint32_t entry)
{
    uint32_t old = s->entry[i];
    struct guest_page *is = shadow_writable(f, entry);
    if (((old ^ entry) & ~(PTE_A | PTE_D)) == 0) {
        return;
    }
    forget_writer(f, old);
    if (is) {
        is->writers++;
    }
    s->entry[i] = entry;
    f->sh.stale = f->sh.stale || (old & PTE_P);
    charge_exit(f->vm, PHASE_memory, PRICE_vmm_shadow_write, 1);
}

static void unlink_child(struct full *f, struct shadow_page *dir, unsigned i)
{
    struct shadow_page *child = dir->child[i];
    dir->child[i] = NULL;
    dir->entry[i] = 0;
    if (child && --child->parents == 0 && child->role == SHADOW_TABLE) {
        shadow_drop(f, child); /* no longer in use: it need not be traced */
    }
}

void shadow_link(struct full *f, struct shadow_page *dir, unsigned i,
                 struct shadow_page *child, uint32_t bits)
{
    uint32_t entry = child ? child->frame.v | bits : 0;
    uint32_t old = dir->entry[i];
    if (((old ^ entry) & ~(PTE_A | PTE_D)) == 0) {
        return;
    }
    if (dir->child[i] != child) {
        if (child) {
            child->parents++;
        }
        unlink_child(f, dir, i);
        dir->child[i] = child;
    }
    dir->entry[i] = entry;
    f->sh.stale = f->sh.stale || (old & PTE_P);
    charge_exit(f->vm, PHASE_memory, PRICE_vmm_shadow_write, 1);
}

/* -------------------------------------------------------- finding, making */

struct shadow_page *shadow_find(const struct full *f, enum shadow_role role,
                                uint32_t gfn)
{
    return f->sh.page[gfn].shadow[role];
}

struct shadow_page *shadow_new(struct full *f, enum shadow_role role)
{
    struct monitor *m = f->vm->monitor;
    struct shadow_page *s = pool_take(m->pool, sizeof *s);
    bool ok = s && frame_alloc(m, NULL, &s->frame);
    if (ok && role == SHADOW_DIRECTORY) {
        s->child = pool_take(m->pool, ENTRIES * sizeof *s->child);
        ok = s->child != NULL;
    }
    if (!ok) {
        if (s && s->frame.v) {
            frame_free(m, s->frame);
        }
        pool_give(m->pool, s);
        vm_kill(f->vm, "no memory for shadow page tables: give the machine "
                       "more");
        return NULL;
    }
    s->role = role;
    s->entry = (uint32_t *)(void *)frame_bytes(m, s->frame);
    if (role == SHADOW_DIRECTORY && !f->vm->vmcb.v) {
        s->entry[HOLE_SLOT] = world_pde(m);
    }
    s->next = f->sh.all;
    f->sh.all = s;
    f->sh.count++;
    charge_exit(f->vm, PHASE_memory, PRICE_vmm_shadow_page, 1);
    return s;
}

struct shadow_page *shadow_get(struct full *f, enum shadow_role role,
                               uint32_t gfn)
{
    struct guest_page *g = &f->sh.page[gfn];
    if (!g->shadow[role]) {
        struct shadow_page *s = shadow_new(f, role);
        if (!s) {
            return NULL;
        }
        s->gfn = gfn;
        g->shadow[role] = s;
        if (role != SHADOW_LARGE) {
            shadow_protect(f, gfn);
        }
    }
    return g->shadow[role];
}

/* --------------------------------------------------------------- dropping */

static void unlist(struct full *f, const struct shadow_page *s)
{
    struct shadow_page **link = &f->sh.all;
    while (*link != s) {
        link = &(*link)->next;
    }
    *link = s->next;
    f->sh.count--;
}

/* Out of every directory that leads to it. */
static void unlink_from_parents(struct full *f, const struct shadow_page *s)
{
    struct shadow_page *dir = f->sh.all;
    for (; dir && s->parents > 0; dir = dir->next) {
        for (unsigned i = 0; dir->child && i < ENTRIES; i++) {
            if (dir->child[i] == s) {
                dir->child[i]->parents--;
                dir->child[i] = NULL;
                dir->entry[i] = 0;
            }
        }
    }
}

void shadow_drop(struct full *f, struct shadow_page *s)
{
    unlink_from_parents(f, s);
    for (unsigned i = 0; i < ENTRIES; i++) {
        if (s->child) {
            unlink_child(f, s, i);
        } else {
            forget_writer(f, s->entry[i]);
        }
    }
    if (f->sh.page[s->gfn].shadow[s->role] == s) {
        f->sh.page[s->gfn].shadow[s->role] = NULL;
    }
    unlist(f, s);
    frame_free(f->vm->monitor, s->frame);
    pool_give(f->vm->monitor->pool, s->child);
    pool_give(f->vm->monitor->pool, s);
    f->sh.flush = true;
}

void shadow_drop_all(struct full *f)
{
    while (f->sh.all) {
        shadow_drop(f, f->sh.all);
    }
    f->sh.flat = f->sh.none = f->sh.current = NULL;
}

void shadow_room(struct full *f)
{
    if (f->sh.count + FILL_MOST > POOL_MOST) {
        shadow_drop_all(f);
        paging_switch(f);
    }
}

/* ------------------------------------------------------------------- life */

bool shadow_init(struct full *f)
{
    f->sh.page =
        pool_take(f->vm->monitor->pool, f->vm->pages * sizeof *f->sh.page);
    return f->sh.page != NULL;
}

void shadow_free_all(struct full *f)
{
    if (f->sh.page) {
        shadow_drop_all(f);
    }
    pool_give(f->vm->monitor->pool, f->sh.page);
}
