/*
 * vm86.c - virtual-8086 mode (SDM 3A 20.2 and 20.3): an 8086 program as a task
 * of ring 3, and the processor's help for it, CR4.VME and CR4.PVI.
 *
 * Job:    the way in (an IRET of ring 0 whose EFLAGS image has VM set) and
 *         out (an interrupt's frame of nine words); whose IF is meant.
 * Parts:  in and out; the virtual interrupt flag; INT n.
 *
 * Without help a monitor in ring 0 is asked whenever the program touches IF:
 * with IOPL below 3, CLI, STI, PUSHF, POPF, INT n and IRET are #GP(0). With
 * CR4.VME they work on VIF instead, a flag that holds nobody's interrupts, and
 * only what the monitor must see still faults: when VIP says that an interrupt
 * waits for VIF to be set. INT n goes to the program's own handler where the
 * TSS's redirection bitmap says so. CR4.PVI gives CLI and STI the same flag in
 * ring 3 of protected mode.
 *
 * Segments and far transfers of the mode are real.c's.
 */
#include "segment.h"

static unsigned iopl(const struct cpu *c)
{
    return (c->eflags & FL_IOPL) >> 12;
}

static bool is_vm86(const struct cpu *c)
{
    return cpu_mode(c->cr0, c->eflags) == MODE_VM86;
}

/* -------------------------------------------------------------- in and out */

/*
 * SDM 2A, IRET, RETURN-TO-VIRTUAL-8086-MODE. From the top of the stack up:
 * EIP, CS, EFLAGS, ESP, SS, ES, DS, FS, GS, a doubleword each.
 */
void vm86_enter(struct cpu *c)
{
    static const enum seg segments[] = {SEG_SS, SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    uint32_t word[9];
    for (unsigned n = 0; n < 9; n++)
        word[n] = stack_peek(c, 4, 4 * n);
    if (word[0] > 0xffff)
        raise_fault(c, VEC_GP, 0);
    charge(c, PRICE_iret_outer);
    cpu_set_eflags(c, word[2]);
    c->cpl = 3;
    real_load(c, SEG_CS, word[1]);
    c->next_eip = word[0];
    c->reg[REG_ESP] = word[3];
    for (unsigned n = 0; n < 5; n++)
        real_load(c, segments[n], word[4 + n]);
}

void vm86_push_segments(struct cpu *c, struct new_stack *s, unsigned size)
{
    stack_push(c, s, size, c->seg[SEG_GS].sel);
    stack_push(c, s, size, c->seg[SEG_FS].sel);
    stack_push(c, s, size, c->seg[SEG_DS].sel);
    stack_push(c, s, size, c->seg[SEG_ES].sel);
}

void vm86_left(struct cpu *c)
{
    static const enum seg data[] = {SEG_ES, SEG_DS, SEG_FS, SEG_GS};
    c->eflags &= ~(uint32_t)FL_VM;
    for (unsigned n = 0; n < 4; n++)
        c->seg[data[n]] = (struct segment){.sel = 0};
}

/* ----------------------------------------------- the virtual interrupt flag */

bool has_virtual_if(const struct cpu *c)
{
    uint32_t help = is_vm86(c) ? CR4_VME : CR4_PVI;
    return c->cpl == 3 && iopl(c) < 3 && (c->cr4 & help);
}

bool vm86_has_virtual_flags(const struct cpu *c)
{
    return is_vm86(c) && has_virtual_if(c);
}

uint32_t vm86_flags_out(struct cpu *c, unsigned size)
{
    uint32_t flags = cpu_eflags(c) | FL_IOPL;
    if (size == 4)
        raise_fault(c, VEC_GP, 0);
    return c->eflags & FL_VIF ? flags | FL_IF : flags & ~(uint32_t)FL_IF;
}

uint32_t vm86_flags_in(struct cpu *c, unsigned size, uint32_t image)
{
    bool due = (image & FL_IF) && (c->eflags & FL_VIP);
    if (size == 4 || (image & FL_TF) || due)
        raise_fault(c, VEC_GP, 0);
    return image & FL_IF ? image | FL_VIF : image & ~(uint32_t)FL_VIF;
}

/* ------------------------------------------------------------------ INT n */

#define TSS_BITMAP_BASE 102u  /* the I/O bitmap's offset; before it lie ... */
#define REDIRECTION_BYTES 32u /* ... a bit a vector (SDM 3A 20.3.3) */

/* Does the program itself handle it? Its bit is clear. */
static bool is_redirected(struct cpu *c, uint8_t vector)
{
    if (!(SEG_TYPE(c->tr.attr) & TYPE_32BIT) ||
        c->tr.limit < TSS_BITMAP_BASE + 1)
        raise_fault(c, VEC_GP, 0);
    uint32_t bitmap = lin_read(c, (gva_t){c->tr.base + TSS_BITMAP_BASE}, 2);
    uint32_t at = bitmap - REDIRECTION_BYTES + vector / 8u;
    if (at > c->tr.limit)
        raise_fault(c, VEC_GP, 0);
    return !(lin_read(c, (gva_t){c->tr.base + at}, 1) >> vector % 8u & 1);
}

/* SDM 3A table 20-2. */
bool vm86_int(struct cpu *c, uint8_t vector)
{
    bool virtual_if = iopl(c) < 3;
    if (!is_vm86(c))
        return false;
    if ((c->cr4 & CR4_VME) && is_redirected(c, vector)) {
        uint32_t flags = virtual_if ? vm86_flags_out(c, 2) : cpu_eflags(c);
        real_interrupt(c, 0, vector, flags, c->next_eip);
        c->eflags &= ~(uint32_t)(FL_TF | FL_RF | (virtual_if ? FL_VIF : FL_IF));
        c->engine->step = false;
        return true;
    }
    if (virtual_if)
        raise_fault(c, VEC_GP, 0);
    return false;
}
