/*
 * vmcb.c - registers to and from a VMCB, and what a VMCB must not say.
 *
 * Job:    move the state save area's registers; check what VMRUN was given,
 *         and name the field that is wrong.
 * Parts:  fields; segments and registers; consistency.
 *
 * The host's own registers are saved in the same layout, at VM_HSAVE_PA, where
 * AMD leaves it open.
 */
#include "block.h"
#include "guest_mode.h"

/* ------------------------------------------------------------------ fields */

/* VMRUN and VMLOAD have seen that the page is memory. */
static uint8_t *field(const struct cpu *c, mpa_t vmcb, unsigned at)
{
    bool writable;
    return phys_host(c, vmcb, &writable) + at;
}

uint32_t vmcb_get(const struct cpu *c, mpa_t vmcb, unsigned at)
{
    return host_load(field(c, vmcb, at), 4);
}

void vmcb_put(struct cpu *c, mpa_t vmcb, unsigned at, uint32_t value)
{
    blocks_written(c, (mpa_t){vmcb.v + at}, 4);
    host_store(field(c, vmcb, at), 4, value);
}

const char *vmexit_name(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *name;
    } names[] = {
#define VMEXIT(id, code, text) {(uint32_t)(code), #id},
#include "vmexits.def"
#undef VMEXIT
    };
    uint32_t base = code < VMEXIT_INTR ? code & ~15u : code;
    if (code >= VMEXIT_EXCP && code < VMEXIT_INTR)
        base = VMEXIT_EXCP;
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        if (names[n].code == base)
            return names[n].name;
    return NULL;
}

/* ------------------------------------------------- segments and registers */

static void get_segment(const struct cpu *c, mpa_t vmcb, unsigned at,
                        struct segment *s)
{
    uint32_t word = vmcb_get(c, vmcb, at);
    s->sel = (uint16_t)word;
    s->attr = (uint16_t)(word >> 16) & 0xfff;
    s->limit = vmcb_get(c, vmcb, at + VMCB_SEG_LIMIT);
    s->base = vmcb_get(c, vmcb, at + VMCB_SEG_BASE);
}

static void put_segment(struct cpu *c, mpa_t vmcb, unsigned at,
                        const struct segment *s)
{
    vmcb_put(c, vmcb, at, s->sel | (uint32_t)s->attr << 16);
    vmcb_put(c, vmcb, at + VMCB_SEG_LIMIT, s->limit);
    vmcb_put(c, vmcb, at + VMCB_SEG_BASE, s->base);
}

static void get_table(const struct cpu *c, mpa_t vmcb, unsigned at,
                      struct table_reg *t)
{
    t->limit = (uint16_t)vmcb_get(c, vmcb, at + VMCB_SEG_LIMIT);
    t->base = vmcb_get(c, vmcb, at + VMCB_SEG_BASE);
}

static void put_table(struct cpu *c, mpa_t vmcb, unsigned at,
                      const struct table_reg *t)
{
    vmcb_put(c, vmcb, at + VMCB_SEG_LIMIT, t->limit);
    vmcb_put(c, vmcb, at + VMCB_SEG_BASE, t->base);
}

/* The segments that VMRUN and #VMEXIT move, and those of VMLOAD. */
static const enum seg run_segments[] = {SEG_ES, SEG_CS, SEG_SS, SEG_DS};

void vmcb_get_state(struct cpu *c, mpa_t vmcb)
{
    for (int n = 0; n < 4; n++) {
        enum seg s = run_segments[n];
        get_segment(c, vmcb, VMCB_ES + 16u * s, &c->seg[s]);
    }
    get_table(c, vmcb, VMCB_GDTR, &c->gdtr);
    get_table(c, vmcb, VMCB_IDTR, &c->idtr);
    c->cr0 = (vmcb_get(c, vmcb, VMCB_CR0) & CR0_KNOWN) | CR0_ET;
    c->cr3 = vmcb_get(c, vmcb, VMCB_CR3);
    c->cr4 = vmcb_get(c, vmcb, VMCB_CR4);
    c->efer = vmcb_get(c, vmcb, VMCB_EFER);
    cpu_set_eflags(c, vmcb_get(c, vmcb, VMCB_RFLAGS));
    c->eip = c->next_eip = vmcb_get(c, vmcb, VMCB_RIP);
    c->reg[REG_ESP] = vmcb_get(c, vmcb, VMCB_RSP);
    c->reg[REG_EAX] = vmcb_get(c, vmcb, VMCB_RAX);
}

void vmcb_put_state(struct cpu *c, mpa_t vmcb, uint32_t eip)
{
    for (int n = 0; n < 4; n++) {
        enum seg s = run_segments[n];
        put_segment(c, vmcb, VMCB_ES + 16u * s, &c->seg[s]);
    }
    put_table(c, vmcb, VMCB_GDTR, &c->gdtr);
    put_table(c, vmcb, VMCB_IDTR, &c->idtr);
    vmcb_put(c, vmcb, VMCB_CR0, c->cr0);
    vmcb_put(c, vmcb, VMCB_CR3, c->cr3);
    vmcb_put(c, vmcb, VMCB_CR4, c->cr4);
    vmcb_put(c, vmcb, VMCB_EFER, c->efer);
    vmcb_put(c, vmcb, VMCB_RFLAGS, cpu_eflags(c));
    vmcb_put(c, vmcb, VMCB_RIP, eip);
    vmcb_put(c, vmcb, VMCB_RSP, c->reg[REG_ESP]);
    vmcb_put(c, vmcb, VMCB_RAX, c->reg[REG_EAX]);
}

/* VMLOAD and VMSAVE: FS, GS, TR, LDTR and SYSENTER's (15.5.2). */
void vmcb_get_rest(struct cpu *c, mpa_t vmcb)
{
    get_segment(c, vmcb, VMCB_FS, &c->seg[SEG_FS]);
    get_segment(c, vmcb, VMCB_GS, &c->seg[SEG_GS]);
    get_segment(c, vmcb, VMCB_TR, &c->tr);
    get_segment(c, vmcb, VMCB_LDTR, &c->ldtr);
    c->sysenter_cs = vmcb_get(c, vmcb, VMCB_SYSENTER_CS);
    c->sysenter_esp = vmcb_get(c, vmcb, VMCB_SYSENTER_ESP);
    c->sysenter_eip = vmcb_get(c, vmcb, VMCB_SYSENTER_EIP);
}

void vmcb_put_rest(struct cpu *c, mpa_t vmcb)
{
    put_segment(c, vmcb, VMCB_FS, &c->seg[SEG_FS]);
    put_segment(c, vmcb, VMCB_GS, &c->seg[SEG_GS]);
    put_segment(c, vmcb, VMCB_TR, &c->tr);
    put_segment(c, vmcb, VMCB_LDTR, &c->ldtr);
    vmcb_put(c, vmcb, VMCB_SYSENTER_CS, c->sysenter_cs);
    vmcb_put(c, vmcb, VMCB_SYSENTER_ESP, c->sysenter_esp);
    vmcb_put(c, vmcb, VMCB_SYSENTER_EIP, c->sysenter_eip);
}

/* ------------------------------------------------------------- consistency */

/* Upper halves that must be zero, or that the processor has no use for. */
static bool has_upper(const struct cpu *c, mpa_t vmcb, unsigned at)
{
    return vmcb_get(c, vmcb, at + 4) != 0;
}

static bool event_impossible(uint32_t event)
{
    uint32_t type = event & INJECT_TYPE, vector = event & 0xff;
    if (!(event & INJECT_VALID))
        return false;
    if (type == INJECT_EXCEPTION)
        return vector == VEC_NMI || vector > 31;
    return type == 0x100 || type > INJECT_SOFTWARE;
}

/* Where three maps' pages lie within what 32 bits reach. */
static bool map_fits(const struct cpu *c, mpa_t vmcb, unsigned at,
                     uint32_t size)
{
    uint32_t base = vmcb_get(c, vmcb, at) & ~PAGE_MASK;
    return !has_upper(c, vmcb, at) && base + size > base;
}

static const char *bad_control(const struct cpu *c, mpa_t vmcb)
{
    if (!(vmcb_get(c, vmcb, VMCB_INTERCEPT_2) & INTERCEPT(VMEXIT_VMRUN)))
        return "INTERCEPT_2: VMRUN must be intercepted";
    uint32_t asid = vmcb_get(c, vmcb, VMCB_ASID);
    if (asid == 0 || asid >= ASID_COUNT)
        return "ASID: 1 to 15 are a guest's";
    if (!map_fits(c, vmcb, VMCB_IOPM_BASE, IOPM_SIZE))
        return "IOPM_BASE: the map lies beyond physical memory";
    if (!map_fits(c, vmcb, VMCB_MSRPM_BASE, MSRPM_SIZE))
        return "MSRPM_BASE: the map lies beyond physical memory";
    if (event_impossible(vmcb_get(c, vmcb, VMCB_EVENTINJ)))
        return "EVENTINJ: no such type, or no exception of this vector";
    bool nested = vmcb_get(c, vmcb, VMCB_NP_ENABLE) & 1;
    if (nested && !(c->cr0 & CR0_PG))
        return "NP_ENABLE: the host itself does not page";
    return NULL;
}

static const char *bad_state(const struct cpu *c, mpa_t vmcb)
{
    static const unsigned upper[] = {VMCB_CR0, VMCB_CR4, VMCB_DR6, VMCB_DR7,
                                     VMCB_EFER};
    static const char *const names[] = {
        "CR0: bits 63:32 are set", "CR4: a bit of no meaning is set",
        "DR6: bits 63:32 are set", "DR7: bits 63:32 are set",
        "EFER: a bit of no meaning is set"};
    for (int n = 0; n < 5; n++)
        if (has_upper(c, vmcb, upper[n]))
            return names[n];
    uint32_t cr0 = vmcb_get(c, vmcb, VMCB_CR0);
    if (!(vmcb_get(c, vmcb, VMCB_EFER) & EFER_SVME))
        return "EFER: SVME is clear";
    if (vmcb_get(c, vmcb, VMCB_EFER) & ~EFER_SVME)
        return names[4];
    if ((cr0 & CR0_NW) && !(cr0 & CR0_CD))
        return "CR0: NW without CD";
    if (vmcb_get(c, vmcb, VMCB_CR4) & ~CR4_KNOWN)
        return names[1];
    return NULL;
}

const char *cpu_vmcb_invalid(const struct cpu *c, mpa_t vmcb)
{
    const char *control = bad_control(c, vmcb);
    return control ? control : bad_state(c, vmcb);
}
