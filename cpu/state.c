/*
 * state.c - making a processor, resetting it, and setting control registers
 * (SDM 3A 9.1, 2.5).
 */
#include <stdlib.h>
#include "segment.h"
#include "block.h"
#include "fpu.h"

/* -------------------------------------------------------------- no machine */

static uint8_t *no_frame(void *wire, mpa_t page, bool *writable)
{
    (void)wire, (void)page, (void)writable;
    return NULL;
}
static uint32_t no_read(void *wire, mpa_t at, unsigned size)
{
    (void)wire, (void)at, (void)size;
    return UINT32_MAX;
}
static void no_write(void *wire, mpa_t at, unsigned size, uint32_t value)
{
    (void)wire, (void)at, (void)size, (void)value;
}
static uint32_t no_in(void *wire, uint16_t port, unsigned size)
{
    (void)wire, (void)port, (void)size;
    return UINT32_MAX;
}
static void no_out(void *wire, uint16_t port, unsigned size, uint32_t value)
{
    (void)wire, (void)port, (void)size, (void)value;
}
static uint8_t no_acknowledge(void *wire)
{
    (void)wire;
    return 0xff;
}

const struct cpu_bus *bus_none(void)
{
    static const struct cpu_bus none = {no_frame, no_read, no_write,
                                        no_in,    no_out,  no_acknowledge};
    return &none;
}

/* ----------------------------------------------------------- life and reset */

struct cpu *cpu_new(enum cpu_kind kind, const struct costs *costs,
                    const struct cpu_bus *bus, void *wire)
{
    struct cpu *c = calloc(1, sizeof *c);
    struct engine *e = calloc(1, sizeof *e);
    if (!c || !e) {
        free(c);
        free(e);
        return NULL;
    }
    c->kind = kind;
    c->costs = costs;
    c->bus = bus;
    c->wire = wire;
    c->engine = e;
    tlb_init(c);
    cpu_reset(c);
    return c;
}

void cpu_free(struct cpu *c)
{
    if (!c)
        return;
    c->engine->watch.stores.count = 0; /* its memory is no more */
    blocks_free(c);
    free(c->fast);
    free(c->engine);
    free(c);
}

static void reset_common(struct cpu *c)
{
    for (int n = 0; n < 8; n++)
        c->reg[n] = c->dr[n] = 0;
    c->dr[6] = 0xffff0ff0;
    c->dr[7] = 0x00000400;
    cpu_set_eflags(c, 0);
    c->ldtr = c->tr = (struct segment){.limit = 0xffff};
    c->gdtr = c->idtr = (struct table_reg){.limit = 0xffff};
    c->cr2 = c->cr3 = c->cr4 = 0;
    c->sysenter_cs = c->sysenter_esp = c->sysenter_eip = 0;
    c->trap_sensitive = 0;
    c->efer = c->vm_hsave = 0;
    c->guest = (struct guest_mode){.on = false};
    c->gif = true;
    tlb_select(c, 0);
    fpu_reset(&c->fpu);
    c->cpl = 0;
    c->halted = c->shutdown = false;
    c->shadow = SHADOW_NONE;
    c->debug_traps = 0;
    c->last_event = (struct event){.kind = EVENT_NONE};
    c->engine->delivering = c->engine->nmi_blocked = false;
    c->engine->on_the_way = 0;
    c->engine->exiting = c->engine->injecting = false;
    c->engine->shadow = SHADOW_NONE;
    c->engine->flat_limit = UINT32_MAX;
    cpu_flush_tlb(c, true);
}

void cpu_reset(struct cpu *c)
{
    const uint16_t data = SEG_P | SEG_S | TYPE_RW | TYPE_ACCESSED;
    reset_common(c);
    c->cr0 = CR0_CD | CR0_NW | CR0_ET;
    c->reg[REG_EDX] = 0x600; /* family 6 */
    for (int s = 0; s < SEG_COUNT; s++)
        c->seg[s] = (struct segment){.attr = data, .limit = 0xffff};
    c->seg[SEG_CS].sel = 0xf000;
    c->seg[SEG_CS].base = 0xffff0000;
    c->eip = 0xfff0;
}

void cpu_reset_flat32(struct cpu *c, uint32_t entry)
{
    const uint16_t data =
        SEG_P | SEG_S | SEG_DB | SEG_G | TYPE_RW | TYPE_ACCESSED;
    reset_common(c);
    c->cr0 = CR0_PE | CR0_ET;
    fpu_init(&c->fpu); /* as a PC's BIOS does */
    for (int s = 0; s < SEG_COUNT; s++)
        c->seg[s] =
            (struct segment){.sel = 16, .attr = data, .limit = UINT32_MAX};
    c->seg[SEG_CS].sel = 8;
    c->seg[SEG_CS].attr |= TYPE_CODE;
    c->eip = entry;
}

/* -------------------------------------------------------- control registers */

/* Changes that drop every translation: SDM 3A 4.10.4.1, and our WP. */
#define CR0_FLUSHES (CR0_PE | CR0_PG | CR0_WP)
#define CR4_FLUSHES (CR4_PSE | CR4_PAE | CR4_PGE)
/* Changes that load the PAE pointers: SDM 3A 4.4.1. */
#define CR0_POINTERS (CR0_PG | CR0_CD | CR0_NW)
#define CR4_POINTERS (CR4_PSE | CR4_PAE | CR4_PGE)

/* Unknown bits are ignored: SDM 2B, MOV CRn. */
static int set_cr0(struct cpu *c, uint32_t value)
{
    uint32_t changed = c->cr0 ^ value;
    if (((value & CR0_PG) && !(value & CR0_PE)) ||
        ((value & CR0_NW) && !(value & CR0_CD)))
        return VEC_GP;
    if ((changed & CR0_POINTERS) && pae_paging(value, c->cr4) &&
        !pdptes_load(c, c->cr3))
        return VEC_GP;
    c->cr0 = (value & CR0_KNOWN) | CR0_ET;
    if (changed & ~value & CR0_PE)
        real_entered(c);
    if (changed & CR0_FLUSHES)
        cpu_flush_tlb(c, true);
    return 0;
}

static int set_cr3(struct cpu *c, uint32_t value)
{
    if (pae_paging(c->cr0, c->cr4) && !pdptes_load(c, value))
        return VEC_GP;
    c->cr3 = value;
    cpu_flush_tlb(c, false);
    return 0;
}

/* Unknown bits are refused. */
static int set_cr4(struct cpu *c, uint32_t value)
{
    uint32_t changed = c->cr4 ^ value;
    if (value & ~CR4_KNOWN)
        return VEC_GP;
    if ((value & CR4_PAE) && (c->hidden_features & FEATURE_PAE))
        return VEC_GP;
    if ((changed & CR4_POINTERS) && pae_paging(c->cr0, value) &&
        !pdptes_load(c, c->cr3))
        return VEC_GP;
    c->cr4 = value;
    if (changed & CR4_FLUSHES)
        cpu_flush_tlb(c, true);
    return 0;
}

int cpu_set_cr(struct cpu *c, int n, uint32_t value)
{
    switch (n) {
    case 0:
        return set_cr0(c, value);
    case 2:
        c->cr2 = value;
        return 0;
    case 3:
        return set_cr3(c, value);
    case 4:
        return set_cr4(c, value);
    default:
        return VEC_GP;
    }
}
