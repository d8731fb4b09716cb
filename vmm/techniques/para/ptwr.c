/*
 * ptwr.c - a guest kernel wrote to a page table of its own.
 *
 * Job:    its page tables are mapped read-only, so a plain MOV to one
 *         faults. Xen does such a write for the guest, checked like any
 *         update, so that a kernel may change single entries without a
 *         hypercall; so do we, for the forms of MOV that compilers use.
 *
 * Only a whole entry: 4 bytes, aligned, in a page table (not a directory),
 * not from ring 3. Every other write, and every refused one, is the guest's own
 * #PF.
 */
#include "para.h"

/* The entry that the faulting address is mapped by; 0 if by none. */
static uint32_t mapping(struct para *p, uint32_t va)
{
    if (va >= XEN_VIRT_START)
        return 0;
    uint32_t pde = entry_read(p, p->root, va >> 22);
    if (!(pde & PTE_P))
        return 0;
    return entry_read(p, (mpa_t){pde & ~PAGE_MASK},
                      (va >> PAGE_SHIFT) % ENTRIES);
}

/* The value that the instruction stores, if it is a MOV of 4 bytes. */
static bool stored(const struct cpu *c, const struct insn *in, uint32_t *out)
{
    switch (in->id) {
    case I_MOV_Ev_Gv:
        *out = c->reg[in->reg];
        return in->opsize == 4;
    case I_MOV_Ev_Iz:
        *out = in->imm;
        return in->opsize == 4;
    case I_MOV_Ov_eAX:
        *out = c->reg[REG_EAX];
        return in->opsize == 4;
    default:
        return false;
    }
}

bool page_table_write(struct vm *v, struct exit *x)
{
    struct para *p = para_of(v);
    uint32_t va = x->event.cr2, e = mapping(p, va), value;
    bool write = (x->event.error & (PF_P | PF_W | PF_U)) == (PF_P | PF_W);
    mpa_t table = {e & ~PAGE_MASK};
    if (!write || va % 4 != 0 || !(e & PTE_P))
        return false;
    const struct frame_info *f = guest_frame(p, table);
    if (!f || f->type != FRAME_L1 || f->type_count == 0)
        return false;
    struct insn in;
    if (!guest_insn(p, &in) || !stored(v->monitor->cpu, &in, &value) ||
        entry_replace(p, table, (va & PAGE_MASK) / 4, value) != 0)
        return false;
    charge_exit(v, PHASE_emulate, PRICE_vmm_emulate, 1);
    v->regs.eip += in.len;
    x->r.reason = EXIT_pt_write;
    x->r.disposition = DISPOSITION_traced_write;
    x->r.insn = in;
    exit_note(x, "entry %08x = %08x, checked", va, value);
    return true;
}
