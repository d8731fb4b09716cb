/*
 * space.c - an address space, as the processor's own page tables have it at
 * this moment: on the bare machine the guest's, under a monitor its shadows.
 *
 * Each page is told by the guest physical page that it leads to, so that the
 * two can be compared. The monitor's hole is left out: no guest gets there.
 */
#include "transcript.h"

#define SLOTS 1024u
#define HOLE_SLOT 1023u
#define GUEST_PAGES 4096u /* more than any lab's guest has */

struct looker {
    const struct cpu *c;
    struct vm *v;
    uint32_t pages, frame[GUEST_PAGES]; /* of each guest page: its frame */
    uint32_t role[GUEST_PAGES];         /* of each: SEEN_TABLE ... */
    struct seen_page *to;
    size_t count, most;
};

/* The guest page in a machine frame, or its number of pages: none. */
static uint32_t page_in(const struct looker *l, uint32_t frame)
{
    uint32_t n = 0;
    while (n < l->pages && l->frame[n] != (frame & ~PAGE_MASK)) {
        n++;
    }
    return n;
}

static uint32_t entry_at(const struct looker *l, uint32_t table, unsigned i)
{
    uint32_t entry = 0;
    cpu_phys_read(l->c, (mpa_t){(table & ~PAGE_MASK) + 4 * i}, &entry, 4);
    return entry;
}

static void note_page(struct looker *l, uint32_t linear, uint32_t pde,
                      uint32_t leaf)
{
    uint32_t page = page_in(l, leaf), both = pde & leaf;
    if (l->count < l->most) {
        l->to[l->count++] = (struct seen_page){
            .linear = linear,
            .at = page < l->pages ? page << PAGE_SHIFT : SEEN_FOREIGN,
            .bits = (both & (PTE_P | PTE_W | PTE_U | PTE_A)) | (leaf & PTE_D)};
    }
}

static void note_slot(struct looker *l, unsigned slot, uint32_t pde)
{
    bool large = (pde & PTE_PS) && (l->c->cr4 & CR4_PSE);
    uint32_t first = pde & ~(SLOTS * PAGE_SIZE - 1), page = page_in(l, pde);
    if (!large && page < l->pages) {
        l->role[page] = SEEN_TABLE | slot << SEEN_SLOT;
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        uint32_t leaf = large ? (pde & PAGE_MASK) | (first + i * PAGE_SIZE)
                              : entry_at(l, pde, i);
        if (leaf & PTE_P) {
            note_page(l, slot << 22 | i << PAGE_SHIFT, pde, leaf);
        }
    }
}

size_t see_space(const struct lab_machine *lab, struct seen_page *to,
                 size_t most)
{
    struct looker l = {.c = monitor_cpu(lab->m), .v = lab->v, .to = to};
    mpa_t at;
    l.most = most;
    while (l.pages < GUEST_PAGES && l.pages < vm_memory(l.v) >> PAGE_SHIFT &&
           vm_machine(l.v, (gpa_t){l.pages << PAGE_SHIFT}, &at)) {
        l.frame[l.pages++] = at.v;
    }
    if (!(l.c->cr0 & CR0_PG)) {
        return 0;
    }
    for (unsigned slot = 0; slot < HOLE_SLOT; slot++) {
        uint32_t pde = entry_at(&l, l.c->cr3, slot);
        if (pde & PTE_P) {
            note_slot(&l, slot, pde);
        }
    }
    uint32_t root = page_in(&l, l.c->cr3);
    if (root < l.pages) {
        l.role[root] |= SEEN_ROOT;
    }
    for (size_t i = 0; i < l.count; i++) {
        uint32_t page = to[i].at >> PAGE_SHIFT;
        to[i].bits |= page < l.pages ? l.role[page] : 0;
    }
    return l.count;
}
