/*
 * space.c - which linear addresses the translated code's bytes are at.
 *
 * A translation belongs to bytes of guest physical memory at a linear
 * address: it holds the address (a call pushes it), and the bytes. Branches
 * between translations know the address alone. So they may lead to a unit
 * only while the guest's tables map that address to those bytes.
 *
 * For each linear page that translated code runs from we know what it is
 * mapped to, and look again when the guest might have changed that: at a
 * load of CR3, a change of CR0 or CR4 that matters, INVLPG. Before that the
 * guest's own processor, too, could go by what its TLB holds. If a page is
 * somewhere else now, no branch leads to units of the old one any more; they
 * stay, and are found again when it comes back. Nothing needs to be thrown
 * away for a change of address spaces whose kernel is the same.
 *
 * Accessed bits: a unit is made and found only while A is set, and the look
 * at a page whose A the guest has cleared ends its being known, too.
 */
#include "translate.h"

static struct code_page *entry_of(struct translator *t, uint32_t page)
{
    return &t->space[page % CODE_PAGES];
}

/* Units of that linear page: no branch leads to them any more. */
static void leave(struct translator *t, struct code_page *p)
{
    p->known = false;
    for (uint32_t i = 0; i < t->units; i++) {
        uint32_t page = t->unit[i]->eip >> PAGE_SHIFT;
        if (page == p->page ||
            (t->unit[i]->pages == 2 && page + 1 == p->page)) {
            unit_detach(t, t->unit[i]);
        }
    }
    targets_clear(t);
}

bool space_page(struct translator *t, uint32_t eip, uint32_t *gfn)
{
    uint32_t page = eip >> PAGE_SHIFT;
    struct code_page *p = entry_of(t, page);
    if (!p->known || p->page != page) {
        if (!paging_fetch(&t->f, (gva_t){eip}, gfn)) {
            return false;
        }
        if (p->known) {
            leave(t, p);
        }
        *p = (struct code_page){.known = true, .page = page, .gfn = *gfn};
    }
    *gfn = p->gfn;
    return true;
}

static bool page_holds(const struct translator *t, uint32_t page, uint32_t gfn)
{
    const struct code_page *p = &t->space[page % CODE_PAGES];
    return p->known && p->page == page && p->gfn == gfn;
}

bool space_holds(const struct translator *t, const struct unit *u)
{
    uint32_t page = u->eip >> PAGE_SHIFT;
    return page_holds(t, page, u->gfn[0]) &&
           (u->pages == 1 || page_holds(t, page + 1, u->gfn[1]));
}

/* ------------------------------------------------------------- checking */

/* Is it mapped as it was, and marked accessed? */
static bool still(struct translator *t, const struct code_page *p)
{
    gva_t at = {p->page << PAGE_SHIFT};
    struct walk w = cpu_walk(t->f.p.cpu, at, ACCESS_FETCH, false);
    uint64_t leaf = w.large ? w.pde : w.pte;
    mpa_t frame;
    gpa_t back;
    charge_exit(t->f.vm, PHASE_memory, PRICE_vmm_walk_ref,
                (unsigned)w.references);
    return w.ok && (w.references == 0 || (leaf & w.pde & PTE_A)) &&
           vp_memory(&t->f.p, (gpa_t){w.frame.v}, &frame) &&
           m2p(t->f.vm, frame, &back) && back.v >> PAGE_SHIFT == p->gfn;
}

void space_check_page(struct translator *t, uint32_t eip)
{
    struct code_page *p = entry_of(t, eip >> PAGE_SHIFT);
    if (t->f.p.cpu->cr4 & CR4_PSE) {
        space_check(t); /* of a large page, all */
        return;
    }
    selectors_check(t);
    if (p->known && p->page == eip >> PAGE_SHIFT && !still(t, p)) {
        leave(t, p);
    }
}

void space_check(struct translator *t)
{
    selectors_check(t);
    for (unsigned i = 0; i < CODE_PAGES; i++) {
        struct code_page *p = &t->space[i];
        if (p->known && !still(t, p)) {
            leave(t, p);
        }
    }
}
