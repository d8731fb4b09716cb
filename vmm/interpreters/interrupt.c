/*
 * interrupt.c - the virtual interrupt: when it may come, and how it goes in.
 *
 * Job:    the virtual processor's interrupt window; and what a processor does
 *         with an interrupt (SDM 3A 6.12.1), by the monitor's own hand: from
 *         the vector by the guest's IDT to its handler, with a frame on the
 *         guest's stack.
 * Parts:  the window; what the guest's tables say; the frame.
 *
 * By hand goes what kernels have: a 32-bit interrupt or trap gate to a code
 * segment of ring 0, descriptors that are marked accessed, a frame within one
 * page. Whatever else a guest has prepared, a task gate, say, or a stack that
 * is not there, is the virtual processor's, which has the manual's every
 * check: then nothing has changed here.
 */
#include "virtual.h"

/* ------------------------------------------------------------- the window */

bool vp_shadowed(const struct vp *p)
{
    /*@lab 2 vp_shadowed
     * Does the shadow of STI or MOV SS still lie on the next instruction?
     * p->cpu->shadow says that there is one, and p->cpu->shadow_eip on which
     * instruction; the guest may have run past it by itself.
     *@stub
     *  (void)p;
     *  lab_todo("vp_shadowed");
     */
    return p->cpu->shadow && p->cpu->eip == p->cpu->shadow_eip;
    /*@end*/
}

bool vp_open(const struct vp *p)
{
    /*@lab 2 vp_open
     * May the guest take an interrupt before its next instruction? Ask the
     * virtual IF, and the shadow.
     *@stub
     *  (void)p;
     *  lab_todo("vp_open");
     */
    return (p->cpu->eflags & FL_IF) && !vp_shadowed(p);
    /*@end*/
}

void vp_raise(struct vp *p)
{
    /*@lab 2 vp_raise
     * The VM's devices have been brought up to date. If its 8259 asks for an
     * interrupt now (p->vm->interrupt_line), a guest that sleeps wakes.
     *@stub
     *  (void)p;
     *  lab_todo("vp_raise");
     */
    if (p->vm->interrupt_line) {
        vm_wake(p->vm);
    }
    /*@end*/
}

/* ----------------------------------------------- what the guest's tables say
 */

/* Is the guest such that its interrupts can be done here: protected mode, no
 * virtual-8086 program, no breakpoint that a frame could hit? */
static bool is_plain(const struct vp *p)
{
    const struct cpu *c = p->cpu;
    return !p->plays && (c->cr0 & CR0_PE) && !(c->eflags & FL_VM) &&
           (c->cpl == 0 || c->cpl == 3) && !(c->dr[7] & 0xff);
}

/*@hide 2*/
struct gate {
    uint32_t sel, offset;
    bool clears_if; /* an interrupt gate, and not a trap gate */
};

/*   high | offset 31:16 | P DPL 0 D 1 1 T | 0 0 0 |   D 1: 32 bits; T 1: a trap
 *   low  |   selector   |    offset 15:0          |   gate (SDM 3A 6.11) */
static bool read_gate(struct vp *p, unsigned vector, struct gate *g)
{
    uint32_t at = vector * 8, low, high;
    const struct table_reg *idt = &p->cpu->idtr;
    if (at + 7 > idt->limit || !vp_read(p, (gva_t){idt->base + at}, 4, &low) ||
        !vp_read(p, (gva_t){idt->base + at + 4}, 4, &high)) {
        return false;
    }
    *g = (struct gate){.sel = low >> 16,
                       .offset = (high & 0xffff0000) | (low & 0xffff),
                       .clears_if = !(high & 0x100)};
    return (high & 0x8000) && (high & 0x1e00) == 0x0e00;
}

/* A descriptor of the guest's GDT (SDM 3A 3.4.5), as a register has it. */
static bool read_segment(struct vp *p, uint32_t sel, struct segment *s)
{
    uint32_t at = sel & 0xfff8, low, high;
    const struct table_reg *gdt = &p->cpu->gdtr;
    if (at == 0 || (sel & 4) || at + 7 > gdt->limit ||
        !vp_read(p, (gva_t){gdt->base + at}, 4, &low) ||
        !vp_read(p, (gva_t){gdt->base + at + 4}, 4, &high)) {
        return false;
    }
    uint32_t limit = (low & 0xffff) | (high & 0xf0000);
    s->attr = (uint16_t)((high >> 8 & 0xff) | (high >> 12 & 0xf00));
    s->sel = (uint16_t)sel;
    s->base = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000);
    s->limit = s->attr & SEG_G ? limit << 12 | 0xfff : limit;
    return (s->attr & SEG_P) && (s->attr & SEG_S) && (s->attr & 1) &&
           SEG_DPL(s->attr) == 0;
}

/* Where the frame goes: on, in ring 0; and from ring 3 to the stack that the
 * TSS has for ring 0 (SDM 3A 7.2.1). Data, writable, upwards, 32 bits wide. */
static bool find_stack(struct vp *p, struct segment *ss, uint32_t *esp)
{
    const struct cpu *c = p->cpu;
    uint32_t sel;
    *ss = c->seg[SEG_SS];
    *esp = c->reg[REG_ESP];
    if (c->cpl == 3 &&
        (!(c->tr.attr & SEG_P) || !(c->tr.attr & 8) || c->tr.limit < 9 ||
         !vp_read(p, (gva_t){c->tr.base + 4}, 4, esp) ||
         !vp_read(p, (gva_t){c->tr.base + 8}, 2, &sel) || (sel & 3) != 0 ||
         !read_segment(p, sel, ss))) {
        return false;
    }
    return (ss->attr & SEG_P) && (ss->attr & 0xe) == 2 && (ss->attr & SEG_DB);
}

/* -------------------------------------------------------------- the frame */

/* All of it, or nothing: it is within one page, so the first word that can be
 * written says that all can. */
static bool push(struct vp *p, const struct segment *ss, uint32_t *esp,
                 const uint32_t *word, unsigned words)
{
    uint32_t bytes = 4 * words, last = *esp - 1;
    uint32_t from = ss->base + *esp - bytes, to = ss->base + last;
    if (*esp < bytes || last > ss->limit ||
        from / PAGE_SIZE != to / PAGE_SIZE) {
        return false;
    }
    for (unsigned i = 0; i < words; i++) {
        *esp -= 4;
        if (!vp_write(p, (gva_t){ss->base + *esp}, 4, word[i])) {
            return false;
        }
    }
    return true;
}

/*   inner ring   SS ESP EFLAGS CS EIP      the last is where ESP points
 *   ring 0              EFLAGS CS EIP                                     */
static bool push_frame(struct vp *p, const struct segment *ss, uint32_t *esp)
{
    struct cpu *c = p->cpu;
    const uint32_t frame[] = {c->seg[SEG_SS].sel, c->reg[REG_ESP],
                              cpu_eflags(c), c->seg[SEG_CS].sel, c->eip};
    return c->cpl == 3 ? push(p, ss, esp, frame, 5)
                       : push(p, ss, esp, frame + 2, 3);
}

static bool is_kernel_code(const struct segment *s)
{
    return (s->attr & 0xc) == 8; /* code, not conforming */
}
/*@end*/

bool vp_enter_handler(struct vp *p, uint8_t vector)
{
    /*@lab 2 vp_enter_handler
     * What a processor does with an interrupt `vector`, on the virtual one:
     * SDM 3A 6.12.1. True: its next instruction is the handler's first.
     * False: the guest's tables are not what the handout calls plain, and
     * nothing has changed; the processor's own way is taken instead.
     *
     * First look, then write: read the gate from the guest's IDT, the code
     * segment from its GDT, the stack from its TSS if it is in ring 3. Only
     * when nothing can go wrong any more, push the frame and change p->cpu.
     *@stub
     *  (void)p;
     *  (void)vector;
     *  (void)is_plain;
     *  lab_todo("vp_enter_handler");
     */
    struct cpu *c = p->cpu;
    struct gate g;
    struct segment cs, ss;
    uint32_t esp;
    if (!is_plain(p) || !read_gate(p, vector, &g) ||
        !read_segment(p, g.sel, &cs) || !is_kernel_code(&cs) ||
        !find_stack(p, &ss, &esp) || g.offset > cs.limit ||
        !push_frame(p, &ss, &esp)) {
        return false;
    }
    c->seg[SEG_SS] = ss;
    c->reg[REG_ESP] = esp;
    c->seg[SEG_CS] = cs;
    c->seg[SEG_CS].sel &= 0xfffc;
    c->cpl = 0;
    c->eip = g.offset;
    c->eflags &= ~(uint32_t)(FL_TF | FL_NT | FL_RF);
    if (g.clears_if) {
        c->eflags &= ~(uint32_t)FL_IF;
    }
    return true;
    /*@end*/
}
