/*
 * intercept.c - what ends guest mode (APM volume 2, 15.9 to 15.15).
 *
 * Job:    ask the VMCB's intercepts about an instruction, a port, an MSR, an
 *         exception or an interrupt, and leave where one is set.
 * Parts:  instructions; ports and MSRs; exceptions; interrupts.
 *
 * Faults of the ring come before an intercept, those of the operands after it
 * (15.7). None of this is asked of an instruction that cannot be intercepted:
 * such a row is `guarded` in a decoded block, the others are not.
 */
#include "engine.h"

static const uint8_t codes[INSN_COUNT] = {
#define INTERCEPTED(row, code) [I_##row] = VMEXIT_##code + 1,
#include "intercepts.def"
#undef INTERCEPTED
};

bool is_interceptable(enum insn_id id)
{
    return codes[id] != 0;
}

bool is_intercepted(const struct cpu *c, enum vmexit code)
{
    return c->guest.on &&
           (c->guest.control[code >> 5] >> ((unsigned)code & 31) & 1);
}

static uint32_t next_eip(const struct cpu *c, const struct insn *i)
{
    return c->eip + i->len;
}

/* ----------------------------------------------------------- instructions */

static void leave_if(struct cpu *c, enum vmexit code)
{
    if (is_intercepted(c, code))
        raise_vmexit(c, code, 0, 0);
}

/* May the guest change CR0 this way, when it must not change more than TS and
 * MP (15.9)? */
static bool changes_cr0(const struct cpu *c, uint32_t value)
{
    return (c->cr0 ^ value) & ~(CR0_TS | CR0_MP);
}

static void intercept_cr0_write(struct cpu *c, const struct insn *i)
{
    if (i->id == I_MOV_Cd_Rd && changes_cr0(c, c->reg[i->rm]))
        leave_if(c, VMEXIT_CR0_SEL_WRITE);
    if (i->id == I_LMSW_Ew)
        leave_if(c, VMEXIT_CR0_SEL_WRITE);
}

/* MOV CRn and DRn: which register? */
static unsigned code_of(const struct insn *i)
{
    unsigned code = codes[i->id] - 1u;
    bool by_register = i->id == I_MOV_Rd_Cd || i->id == I_MOV_Cd_Rd ||
                       i->id == I_MOV_Rd_Dd || i->id == I_MOV_Dd_Rd;
    return by_register ? code + i->reg : code;
}

bool cpu_insn_exits(const struct cpu *c, const struct insn *i)
{
    bool cr0 = (i->id == I_MOV_Cd_Rd && i->reg == 0) || i->id == I_LMSW_Ew;
    return (is_interceptable((enum insn_id)i->id) &&
            is_intercepted(c, (enum vmexit)code_of(i))) ||
           (cr0 && is_intercepted(c, VMEXIT_CR0_SEL_WRITE));
}

static void intercept_msr(struct cpu *c, const struct insn *i);

void intercept_insn(struct cpu *c, const struct insn *i)
{
    enum vmexit code = (enum vmexit)code_of(i);
    if (code == VMEXIT_IOIO)
        return; /* by the port door */
    if (code == VMEXIT_MSR) {
        intercept_msr(c, i);
        return;
    }
    if (code == VMEXIT_CR_WRITE)
        intercept_cr0_write(c, i);
    if (!is_intercepted(c, code))
        return;
    uint64_t info1 = 0;
    if (code == VMEXIT_INVLPG)
        info1 = c->seg[i->seg].base + opr_offset(c, i);
    if (code == VMEXIT_SWINT)
        info1 = i->imm & 0xff;
    vmcb_put(c, c->guest.vmcb, VMCB_NRIP, next_eip(c, i));
    raise_vmexit(c, code, info1, 0);
}

/* ---------------------------------------------------------- ports and MSRs */

/* Bits [bit, bit + count) of a map in physical memory: is any set? Beyond
 * memory it reads as all ones. */
static bool map_has(struct cpu *c, mpa_t map, uint32_t bit, unsigned count)
{
    uint32_t low = phys_load(c, (mpa_t){map.v + bit / 8}, 1);
    uint32_t high = phys_load(c, (mpa_t){map.v + bit / 8 + 1}, 1);
    return (low | high << 8) >> bit % 8 & ((1u << count) - 1);
}

static bool reads_port(const struct insn *i)
{
    switch (i->id) {
    case I_IN_AL_Ib:
    case I_IN_eAX_Ib:
    case I_IN_AL_DX:
    case I_IN_eAX_DX:
    case I_INS_Yb_DX:
    case I_INS_Yv_DX:
        return true;
    default:
        return false;
    }
}

/* 15.10.2. The map's third page is for what reaches over port FFFF. */
void intercept_port(struct cpu *c, const struct insn *i, uint16_t port,
                    unsigned size)
{
    bool string = insn_rows[i->id].attr & ATTR_REP;
    if (!is_intercepted(c, VMEXIT_IOIO) ||
        !map_has(c, c->guest.iopm, port, size))
        return;
    uint32_t info = (uint32_t)port << 16 | size << IOIO_SIZE_SHIFT |
                    (uint32_t)i->adsize << IOIO_ADDRESS_SHIFT;
    info |= (reads_port(i) ? IOIO_IN : 0) | (string ? IOIO_STRING : 0) |
            (i->rep ? IOIO_REP : 0);
    raise_vmexit(c, VMEXIT_IOIO, info, next_eip(c, i));
}

/* 15.11: two bits an MSR, to be read and to be written, in three ranges of
 * 8192 MSRs. What is in none is always intercepted. */
static bool msr_guarded(struct cpu *c, uint32_t n, bool write)
{
    static const uint32_t first[] = {0, 0xc0000000, 0xc0010000};
    for (uint32_t range = 0; range < 3; range++)
        if (n - first[range] < 0x2000)
            return map_has(c, c->guest.msrpm,
                           range * 0x4000 + 2 * (n - first[range]) + write, 1);
    return true;
}

static void intercept_msr(struct cpu *c, const struct insn *i)
{
    bool write = i->id == I_WRMSR;
    if (!is_intercepted(c, VMEXIT_MSR) ||
        !msr_guarded(c, c->reg[REG_ECX], write))
        return;
    vmcb_put(c, c->guest.vmcb, VMCB_NRIP, next_eip(c, i));
    raise_vmexit(c, VMEXIT_MSR, write, 0);
}

/* -------------------------------------------------------------- exceptions */

/* 15.12: before it is delivered or becomes a double fault. CR2 stays, and the
 * address is told by EXITINFO2. */
void intercept_exception(struct cpu *c, enum vector v, uint32_t error)
{
    enum vmexit code = (enum vmexit)(VMEXIT_EXCP + v);
    uint32_t at = v == VEC_PF ? c->engine->fault_address : 0;
    if (is_intercepted(c, code))
        raise_vmexit(c, code, error, at);
}

/* -------------------------------------------------------------- interrupts */

static bool shadowed(const struct cpu *c)
{
    return c->shadow && c->eip == c->shadow_eip;
}

/* With V_INTR_MASKING the guest's IF is for virtual interrupts, and physical
 * ones ask the host's (15.21.1). */
static bool physical_due(const struct cpu *c)
{
    if (!c->interrupt_line)
        return false;
    return c->guest.masks ? c->guest.host_if
                          : (c->eflags & FL_IF) && !shadowed(c);
}

static bool virtual_due(const struct cpu *c)
{
    return c->guest.virtual_irq && (c->eflags & FL_IF) && !shadowed(c);
}

bool guest_interrupt_due(const struct cpu *c)
{
    return physical_due(c) || virtual_due(c);
}

void guest_take_interrupt(struct cpu *c)
{
    enum vector v;
    if (physical_due(c)) {
        leave_if(c, VMEXIT_INTR);
        v = (enum vector)c->bus->acknowledge(c->wire);
    } else {
        leave_if(c, VMEXIT_VINTR);
        mpa_t vmcb = c->guest.vmcb;
        v = (enum vector)(vmcb_get(c, vmcb, VMCB_V_INTR_VECTOR) & 0xff);
        c->guest.virtual_irq = false;
        uint32_t intr = vmcb_get(c, vmcb, VMCB_V_INTR);
        vmcb_put(c, vmcb, VMCB_V_INTR, intr & ~V_IRQ);
    }
    event_begin(c, EVENT_INTERRUPT, v, c->eip);
    event_deliver(c, c->eip);
    c->eip = c->next_eip;
}
