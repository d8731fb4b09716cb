/*
 * gate.c - the stack that a gate leads to: the TSS's pointer for an inner
 * ring, its checks, and pushing on it before it is current (SDM 3A 5.8.5).
 *
 * All pushes are checked first and made after, so that a fault finds the old
 * stack and the old ring.
 */
#include "segment.h"

struct new_stack stack_current(const struct cpu *c)
{
    return (struct new_stack){
        .ss = c->seg[SEG_SS], .esp = c->reg[REG_ESP], .user = c->cpl == 3};
}

/* SS:ESP for ring `cpl` from the TSS; #TS(TR) if it is too short. */
static uint32_t tss_stack(struct cpu *c, unsigned cpl, uint32_t *esp)
{
    bool wide = SEG_TYPE(c->tr.attr) & TYPE_32BIT;
    unsigned size = wide ? 4 : 2;
    uint32_t off = wide ? 4 + 8 * cpl : 2 + 4 * cpl;
    uint32_t bytes = wide ? 6 : 4;
    if (!(c->tr.attr & SEG_P) || off + bytes - 1 > c->tr.limit)
        raise_fault(c, VEC_TS, sel_error(c->tr.sel));
    *esp = lin_read(c, (gva_t){c->tr.base + off}, size);
    return lin_read(c, (gva_t){c->tr.base + off + size}, 2);
}

struct new_stack stack_inner(struct cpu *c, unsigned cpl)
{
    struct new_stack s = {.user = false};
    struct descriptor d;
    uint32_t sel = tss_stack(c, cpl, &s.esp);
    if (is_null(sel))
        raise_fault(c, VEC_TS, 0);
    if (!descriptor_read(c, sel, &d) || rpl(sel) != cpl ||
        descriptor_dpl(&d) != cpl || !descriptor_is_writable_data(&d))
        raise_fault(c, VEC_TS, sel_error(sel));
    if (!descriptor_present(&d))
        raise_fault(c, VEC_SS, sel_error(sel));
    descriptor_accessed(c, &d);
    s.ss = descriptor_segment(&d, sel);
    s.ss_error = sel_error(sel);
    return s;
}

/* The host's address of the frame's lowest byte, if all of it may be written
 * at once. */
static uint8_t *frame_host(const struct cpu *c, const struct new_stack *s,
                           uint32_t bytes)
{
    uint32_t esp = s->esp & stack_mask_of(s);
    if (esp < bytes || !segment_holds(&s->ss, esp - bytes, bytes))
        return NULL;
    return lin_host(c, (gva_t){s->ss.base + esp - bytes}, bytes, true, s->user);
}

/* Checked in the order of the pushes, so that #PF has the right address. */
void stack_reserve(struct cpu *c, struct new_stack *s, unsigned size,
                   unsigned words)
{
    uint8_t *host = frame_host(c, s, size * words);
    if (host) {
        s->top = host + size * words;
        return;
    }
    uint32_t esp = s->esp, mask = stack_mask_of(s);
    for (unsigned n = 0; n < words; n++) {
        esp = (esp - size) & mask;
        if (!segment_holds(&s->ss, esp, size))
            raise_fault(c, VEC_SS, s->ss_error);
    }
    for (unsigned n = 1; n <= words; n++) {
        uint32_t off = (s->esp - n * size) & mask;
        lin_check_write(c, (gva_t){s->ss.base + off}, size, s->user);
    }
}

/* With a 16-bit segment only SP is loaded. */
void stack_commit(struct cpu *c, const struct new_stack *s)
{
    uint32_t mask = stack_mask_of(s);
    c->seg[SEG_SS] = s->ss;
    c->reg[REG_ESP] = (c->reg[REG_ESP] & ~mask) | (s->esp & mask);
}
