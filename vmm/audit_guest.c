/*
 * audit_guest.c - guest mode, checked and not believed.
 *
 * Job:    look at what decides where a guest in guest mode can get, apart
 *         from the page tables: its control block, and what the guests' TLB
 *         holds. audit_world.c does the same for guests in rings 1 and 3.
 *
 * In guest mode no ring and no segment keeps a guest out of anything. What
 * does is that the tables the processor walks for it are the monitor's, and
 * that no instruction can change that without an exit.
 */
#include "world.h"

#include <stdio.h>

/* Without these a guest could keep the processor, or reach a port, an MSR or
 * a control block. */
#define NEEDED_1                                                               \
    (INTERCEPT(VMEXIT_INTR) | INTERCEPT(VMEXIT_HLT) | INTERCEPT(VMEXIT_IOIO) | \
     INTERCEPT(VMEXIT_MSR) | INTERCEPT(VMEXIT_INVLPGA) |                       \
     INTERCEPT(VMEXIT_SHUTDOWN))
#define NEEDED_2                                          \
    (INTERCEPT(VMEXIT_VMRUN) | INTERCEPT(VMEXIT_VMLOAD) | \
     INTERCEPT(VMEXIT_VMSAVE) | INTERCEPT(VMEXIT_STGI) |  \
     INTERCEPT(VMEXIT_CLGI))
/* And without nested paging: CR3 and the switch of a task load page tables. */
#define NEEDED_SHADOW (INTERCEPT(VMEXIT_TASK_SWITCH))
#define CR3_WRITTEN (0x10000u << 3)

static bool wrong(const struct vm *v, const char *what, uint32_t at,
                  uint32_t is, char *err, size_t errsize)
{
    snprintf(err, errsize, "%s in guest mode: %s (%08x: %08x)", v->name, what,
             at, is);
    return false;
}

static bool lacks(const struct vm *v, unsigned field, uint32_t needed)
{
    return (vmcb_look(v, field) & needed) != needed;
}

/* Is bit [first, last] alone clear in a permission map of the monitor's? */
static bool map_ok(const struct vm *v, unsigned field, uint32_t size,
                   const uint32_t open[2], char *err, size_t errsize)
{
    struct monitor *m = v->monitor;
    for (uint32_t at = 0; at < size; at++) {
        mpa_t where = {(vmcb_look(v, field) & ~PAGE_MASK) + at};
        if (at % PAGE_SIZE == 0) {
            const struct frame_info *f = frame_info(m, where);
            if (!f || f->kind != FRAME_MONITOR) {
                return wrong(v,
                             "a permission map is no frame of the "
                             "monitor's",
                             field, where.v, err, errsize);
            }
        }
        uint8_t clear = (uint8_t)~m->ram.bytes[where.v];
        for (uint32_t bit = at * 8; clear; bit++, clear >>= 1) {
            if ((clear & 1) && (bit < open[0] || bit > open[1])) {
                return wrong(v,
                             "a permission map lets it have what it may "
                             "not",
                             field, bit, err, errsize);
            }
        }
    }
    return true;
}

static bool maps_ok(const struct vm *v, char *err, size_t errsize)
{
    static const uint32_t ports[] = {DELAY_PORT, DELAY_PORT};
    static const uint32_t msrs[] = {2 * MSR_SYSENTER_CS,
                                    2 * MSR_SYSENTER_EIP + 1};
    return map_ok(v, VMCB_IOPM_BASE, IOPM_SIZE, ports, err, errsize) &&
           map_ok(v, VMCB_MSRPM_BASE, MSRPM_SIZE, msrs, err, errsize);
}

static bool tables_are_ours(const struct vm *v, char *err, size_t errsize)
{
    bool nested = vmcb_look(v, VMCB_NP_ENABLE) & 1;
    unsigned field = nested ? VMCB_N_CR3 : VMCB_CR3;
    if (vmcb_look(v, field) != v->shadow_cr3) {
        return wrong(v, "its tables are not the monitor's", field,
                     vmcb_look(v, field), err, errsize);
    }
    if (!nested && (lacks(v, VMCB_INTERCEPT_CR, CR3_WRITTEN) ||
                    lacks(v, VMCB_INTERCEPT_1, NEEDED_SHADOW) ||
                    lacks(v, VMCB_INTERCEPT_EXCEPTIONS, 1u << VEC_PF) ||
                    lacks(v, VMCB_CR0, CR0_PG | CR0_WP) ||
                    (vmcb_look(v, VMCB_CR4) & CR4_PAE))) {
        return wrong(v, "it could load page tables of its own", VMCB_CR0,
                     vmcb_look(v, VMCB_CR0), err, errsize);
    }
    return true;
}

static bool control_ok(const struct vm *v, char *err, size_t errsize)
{
    if (lacks(v, VMCB_INTERCEPT_1, NEEDED_1) ||
        lacks(v, VMCB_INTERCEPT_2, NEEDED_2) ||
        lacks(v, VMCB_V_INTR, V_INTR_MASKING)) {
        return wrong(v, "an intercept is missing", VMCB_INTERCEPT_1,
                     vmcb_look(v, VMCB_INTERCEPT_1), err, errsize);
    }
    const struct frame_info *f = frame_info(v->monitor, v->vmcb);
    if (!f || f->kind != FRAME_MONITOR) {
        return wrong(v, "its control block is no frame of the monitor's", 0,
                     v->vmcb.v, err, errsize);
    }
    return tables_are_ours(v, err, errsize);
}

/* Each entry's frame belongs to a guest with the entry's identifier. */
static bool tlb_ok(struct monitor *m, const struct vm *v, char *err,
                   size_t errsize)
{
    const struct tlb *t = &m->cpu->guest_tlb;
    for (uint32_t n = 0; n < t->used_count; n++) {
        unsigned slot = t->used[n];
        uint32_t bits = t->frame[slot];
        const struct vm *owner = frame_guest(m, (mpa_t){bits});
        uint32_t asid = (bits & TLB_ASID) >> TLB_ASID_SHIFT;
        if ((bits & TLB_VALID) &&
            !(owner && owner->vmcb.v && vmcb_look(owner, VMCB_ASID) == asid)) {
            return wrong(v, "the TLB has a frame of others'", t->page[slot],
                         bits, err, errsize);
        }
    }
    return true;
}

bool guest_mode_audit(struct monitor *m, char *err, size_t errsize)
{
    for (size_t i = 0; i < m->vm_count; i++) {
        const struct vm *v = m->vms[i];
        if (v->vmcb.v && !vm_ended(v) &&
            !(control_ok(v, err, errsize) && maps_ok(v, err, errsize) &&
              tlb_ok(m, v, err, errsize))) {
            return false;
        }
    }
    return true;
}
