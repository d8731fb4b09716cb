/*
 * snapshot.c - a processor's state, saved and put back.
 *
 * Saved is what the guest can see, now or by the clock: the TLB too, since
 * each miss of it costs a walk, and the page that instructions come from,
 * which is remembered when the TLB has forgotten it. What was decoded is
 * made anew. The wires, the hooks and the prices are the owner's and stay.
 */
#include "block.h"

struct saved {
    struct cpu cpu;
    bool delivering, nmi_blocked, step;
    uint32_t code_tag, code_frame;
    uint8_t *code_host;
};

size_t cpu_state_size(void)
{
    return sizeof(struct saved);
}

void cpu_save(const struct cpu *c, void *to)
{
    const struct engine *e = c->engine;
    struct saved *s = to;
    s->cpu = *c;
    s->delivering = e->delivering;
    s->nmi_blocked = e->nmi_blocked;
    s->step = e->step;
    s->code_tag = e->code_tag;
    s->code_frame = e->code_frame;
    s->code_host = e->code_host;
}

void cpu_restore(struct cpu *c, const void *from)
{
    const struct saved *s = from;
    struct engine *e = c->engine;
    struct cpu now = *c;
    blocks_drop(c);
    *c = s->cpu;
    c->costs = now.costs;
    c->bus = now.bus;
    c->wire = now.wire;
    c->hooks = now.hooks;
    c->fast = now.fast;
    c->engine = e;
    c->stop_soon = false;
    e->delivering = s->delivering;
    e->on_the_way = 0;
    e->nmi_blocked = s->nmi_blocked;
    e->step = s->step;
    e->code_tag = s->code_tag;
    e->code_frame = s->code_frame;
    e->code_host = s->code_host;
    e->attention = true;
    tlb_init(c);
    watch_memory(c);
}

/* ------------------------------------------------------------ the number */

/* FNV-1a, by words. */
uint64_t state_hash(uint64_t h, uint64_t word)
{
    return (h ^ word) * 0x100000001b3u;
}

static uint64_t hash_segment(uint64_t h, const struct segment *s)
{
    h = state_hash(h, s->sel | (uint32_t)s->attr << 16);
    return state_hash(h, s->base | (uint64_t)s->limit << 32);
}

static uint64_t hash_fpu(uint64_t h, const struct fpu *f)
{
    for (int i = 0; i < 8; i++) {
        h = state_hash(state_hash(h, f->reg[i].frac), f->reg[i].head);
    }
    h = state_hash(h, f->top | (uint32_t)f->full << 8);
    h = state_hash(h, f->control | (uint32_t)f->status << 16);
    h = state_hash(h,
                   f->opcode | (uint64_t)f->cs << 16 | (uint64_t)f->ds << 32);
    return state_hash(h, f->ip | (uint64_t)f->dp << 32);
}

static uint64_t hash_tlb(uint64_t h, const struct tlb *t)
{
    for (unsigned i = 0; i < TLB_SIZE; i++) {
        if (t->frame[i] & TLB_VALID) {
            h = state_hash(h, i);
            h = state_hash(h, t->page[i] | (uint64_t)t->frame[i] << 32);
        }
    }
    return h;
}

/* The rest of it is in the VMCB. */
static uint64_t hash_guest_mode(uint64_t h, const struct cpu *c)
{
    const struct guest_mode *g = &c->guest;
    h = state_hash(h, c->efer | (uint64_t)c->vm_hsave << 32);
    uint32_t bits =
        g->on | (uint32_t)g->virtual_irq << 1 | (uint32_t)c->gif << 2;
    return state_hash(h, bits | (uint64_t)g->vmcb.v << 32);
}

uint64_t cpu_hash(const struct cpu *c, uint64_t h)
{
    for (int i = 0; i < 8; i++) {
        h = state_hash(h, c->reg[i] | (uint64_t)c->dr[i] << 32);
        h = state_hash(h, c->pdpte[i % 4]);
    }
    for (int s = 0; s < SEG_COUNT; s++) {
        h = hash_segment(h, &c->seg[s]);
    }
    h = hash_segment(hash_segment(h, &c->ldtr), &c->tr);
    h = state_hash(h, c->gdtr.base | (uint64_t)c->gdtr.limit << 32);
    h = state_hash(h, c->idtr.base | (uint64_t)c->idtr.limit << 32);
    h = state_hash(h, c->eip | (uint64_t)cpu_eflags(c) << 32);
    h = state_hash(h, c->cr0 | (uint64_t)c->cr2 << 32);
    h = state_hash(h, c->cr3 | (uint64_t)c->cr4 << 32);
    h = state_hash(h, c->sysenter_cs | (uint64_t)c->sysenter_esp << 32);
    h = state_hash(h, c->sysenter_eip | (uint64_t)c->trap_sensitive << 32);
    h = state_hash(
        h, (uint64_t)c->cpl | (uint64_t)c->shadow << 8 |
               (uint64_t)c->halted << 16 | (uint64_t)c->shutdown << 17 |
               (uint64_t)c->interrupt_line << 18 | (uint64_t)c->nmi_line << 19 |
               (uint64_t)c->engine->nmi_blocked << 20);
    h = state_hash(h, c->debug_traps);
    h = state_hash(h, c->tsc_offset);
    h = state_hash(h, c->instructions);
    h = hash_guest_mode(hash_fpu(h, &c->fpu), c);
    h = hash_tlb(hash_tlb(h, &c->host_tlb), &c->guest_tlb);
    return state_hash(h, c->engine->code_tag);
}
