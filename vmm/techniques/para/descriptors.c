/*
 * descriptors.c - the guest's GDT and LDT: real tables, checked contents.
 *
 * Job:    let the guest make descriptors for itself, none of which lets it
 *         into ring 0, into the hole, or past a gate of the monitor.
 * Parts:  the check of one descriptor and of a frame of them; set_gdt,
 *         update_descriptor, the LDT.
 *
 * The processor uses the guest's own frames (hole.c maps them), so a frame
 * in use is of type DESCRIPTORS, no one maps it writable, and each new
 * descriptor comes through update_descriptor.
 *
 * Simplified against Xen: expand-down segments are refused, and so are
 * segments with a base that reach the hole (Xen emulates some for thread
 * local storage: VMASST 4gb_segments). An LDT is mapped when it is set, not
 * page by page when it is used.
 *
 *    31      24 23 22 21 20 19   16 15 14 13 12 11   8 7       0
 *   | base     | G|DB| L|AVL| limit| P| DPL | S| type | base    |  d[1]
 *   | base               15:0      | limit               15:0   |  d[0]
 */
#include "para.h"

#include <string.h>

#define D_TYPE(hi) (((hi) >> 8) & 15u)
#define D_CODE 8u
#define D_EXPAND_DOWN 4u
#define D_CALL_GATE 12u
#define D_S (1u << 12)
#define D_DPL (3u << 13)
#define D_DPL1 (1u << 13)
#define D_P (1u << 15)
#define D_DB (1u << 22)
#define D_G (1u << 23)
#define D_GATE_RESERVED 0xe0u
#define D_LIMIT_HIGH 0x000f0000u

bool code_selector_ok(uint32_t sel)
{
    uint32_t entry = sel & ~7u;
    return sel <= 0xffff && ((sel & 4) || entry < XEN_FIRST_RESERVED_SELECTOR ||
                             entry == (XEN_FLAT_RING1_CS & ~7u) ||
                             entry == (XEN_FLAT_RING3_CS & ~7u));
}

/* A flat segment is cut to end with the M2P list; no other may reach on. */
static int limit_check(uint32_t d[2])
{
    uint32_t base = d[0] >> 16 | (d[1] & 0xff) << 16 | (d[1] & 0xff000000);
    uint32_t limit = (d[0] & 0xffff) | (d[1] & D_LIMIT_HIGH);
    if (d[1] & D_G)
        limit = limit << PAGE_SHIFT | PAGE_MASK;
    if (base + limit >= base && base + limit < XEN_M2P_END)
        return 0;
    if (base != 0)
        return -XEN_EINVAL;
    limit = XEN_FLAT_LIMIT_PAGES;
    d[0] = (d[0] & ~0xffffu) | (limit & 0xffff);
    d[1] = (d[1] & ~D_LIMIT_HIGH) | (limit & D_LIMIT_HIGH);
    return 0;
}

int descriptor_check(uint32_t d[2])
{
    uint32_t type = D_TYPE(d[1]);
    if (!(d[1] & D_P))
        return 0; /* its use faults */
    if (!(d[1] & D_S)) {
        bool gate = type == D_CALL_GATE && !(d[1] & D_GATE_RESERVED);
        if (!gate || !code_selector_ok(d[0] >> 16))
            return -XEN_EINVAL;
    } else if (!(type & D_CODE) && (type & D_EXPAND_DOWN)) {
        return -XEN_EINVAL;
    } else if (limit_check(d) != 0) {
        return -XEN_EINVAL;
    }
    if (!(d[1] & D_DPL))
        d[1] |= D_DPL1;
    return 0;
}

#define DESCRIPTORS_A_FRAME (PAGE_SIZE / 8)

int descriptors_validate(struct para *p, mpa_t at)
{
    uint32_t d[DESCRIPTORS_A_FRAME][2];
    uint8_t *bytes = frame_bytes(p->vm->monitor, at);
    memcpy(d, bytes, PAGE_SIZE);
    charge_exit(p->vm, PHASE_memory, PRICE_vmm_shadow_page, 1);
    for (unsigned i = 0; i < DESCRIPTORS_A_FRAME; i++) {
        if (d[i][1] & D_P)
            charge_exit(p->vm, PHASE_memory, PRICE_vmm_descriptor, 1);
        if (descriptor_check(d[i]) != 0)
            return -XEN_EINVAL;
    }
    memcpy(bytes, d, PAGE_SIZE);
    return 0;
}

/* ------------------------------------------------------------- the GDT */

/* Take a reference to each frame, or to none. */
static int frames_get(struct para *p, const mpa_t *frame, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        int rc = type_get(p, frame[i], FRAME_DESCRIPTORS);
        if (rc == 0)
            continue;
        while (i-- > 0)
            type_put(p, frame[i]);
        return rc;
    }
    return 0;
}

uint32_t descriptor_frames(uint32_t n)
{
    return (n + DESCRIPTORS_A_FRAME - 1) / DESCRIPTORS_A_FRAME;
}

int64_t do_set_gdt(struct para *p, const uint32_t *arg)
{
    uint32_t entries = arg[1], n = descriptor_frames(entries);
    uint32_t mfn[XEN_GDT_FRAMES];
    mpa_t frame[XEN_GDT_FRAMES];
    exit_note(&p->vm->exit, "set_gdt: %u descriptors", entries);
    if (entries > XEN_GDT_FRAMES * DESCRIPTORS_A_FRAME)
        return -XEN_EINVAL;
    int rc = copy_in(p, mfn, arg[0], n * 4);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < n; i++) {
        frame[i] = mpa_of(mfn[i]);
        if (mfn_of(frame[i]) != mfn[i])
            return -XEN_EINVAL;
    }
    rc = frames_get(p, frame, n);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < descriptor_frames(p->gdt_entries); i++)
        type_put(p, p->gdt[i]);
    memcpy(p->gdt, frame, n * sizeof(frame[0]));
    p->gdt_entries = entries;
    hole_map_gdt(p);
    return 0;
}

int64_t do_update_descriptor(struct para *p, const uint32_t *arg)
{
    mpa_t at = {arg[0]};
    uint32_t d[2] = {arg[2], arg[3]};
    exit_note(&p->vm->exit, "update_descriptor: %08x%08x", d[1], d[0]);
    if (arg[1] != 0 || at.v % 8 != 0)
        return -XEN_EINVAL;
    struct frame_info *f = guest_frame(p, at);
    if (!f)
        return -XEN_EPERM;
    bool table = f->type == FRAME_L1 || f->type == FRAME_L2;
    if (f->type_count != 0 && table)
        return -XEN_EINVAL;
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_descriptor, 1);
    if (descriptor_check(d) != 0)
        return -XEN_EINVAL;
    cpu_phys_write(p->vm->monitor->cpu, at, d, sizeof(d));
    return 0;
}

/* ------------------------------------------------------------- the LDT */

/* The frames that a page-aligned range of linear addresses maps now. */
static int frames_mapped(struct para *p, uint32_t va, mpa_t *frame, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++, va += PAGE_SIZE) {
        uint32_t pde =
            va < XEN_VIRT_START ? entry_read(p, p->root, va >> 22) : 0;
        if (!(pde & PTE_P))
            return -XEN_EFAULT;
        uint32_t pte = entry_read(p, (mpa_t){pde & ~PAGE_MASK},
                                  (va >> PAGE_SHIFT) % ENTRIES);
        if (!(pte & PTE_P))
            return -XEN_EFAULT;
        frame[i].v = pte & ~PAGE_MASK;
    }
    return 0;
}

int ldt_set(struct para *p, uint32_t base, uint32_t entries)
{
    mpa_t frame[XEN_LDT_FRAMES];
    uint32_t n = descriptor_frames(entries);
    if (n > XEN_LDT_FRAMES || base % PAGE_SIZE != 0)
        return -XEN_EINVAL;
    int rc = frames_mapped(p, base, frame, n);
    if (rc == 0)
        rc = frames_get(p, frame, n);
    if (rc != 0)
        return rc;
    for (uint32_t i = 0; i < descriptor_frames(p->ldt_entries); i++)
        type_put(p, p->ldt[i]);
    memcpy(p->ldt, frame, n * sizeof(frame[0]));
    p->ldt_entries = entries;
    hole_map_ldt(p);
    return 0;
}

/* The reserved entries a guest may use: flat, and ended by the M2P list. */
static bool flat_descriptor(uint32_t sel, uint32_t d[2])
{
    static const struct {
        uint32_t sel, access;
    } row[] = {
        {XEN_FLAT_RING1_CS, 0xba},
        {XEN_FLAT_RING1_DS, 0xb2},
        {XEN_FLAT_RING3_CS, 0xfa},
        {XEN_FLAT_RING3_DS, 0xf2},
    };
    for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if ((row[i].sel | 3) == (sel | 3)) {
            d[0] = XEN_FLAT_LIMIT_PAGES & 0xffff;
            d[1] = D_G | D_DB | (XEN_FLAT_LIMIT_PAGES & D_LIMIT_HIGH) |
                   row[i].access << 8;
            return true;
        }
    return false;
}

bool guest_descriptor(struct para *p, uint32_t sel, uint32_t d[2])
{
    bool local = (sel & 4) != 0;
    uint32_t i = (sel & 0xffff) >> 3;
    if (!local && i >= XEN_FIRST_RESERVED_SELECTOR >> 3)
        return flat_descriptor(sel, d);
    if (i >= (local ? p->ldt_entries : p->gdt_entries) || (!local && !i))
        return false;
    const mpa_t *list = local ? p->ldt : p->gdt;
    mpa_t frame = list[i / DESCRIPTORS_A_FRAME];
    const uint8_t *bytes = frame_bytes(p->vm->monitor, frame);
    memcpy(d, bytes + i % DESCRIPTORS_A_FRAME * 8, 8);
    return true;
}
