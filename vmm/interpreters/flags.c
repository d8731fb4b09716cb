/*
 * flags.c - CLI, STI, PUSHF, POPF: the guest's interrupt flag.
 *
 * The real IF is the monitor's, and 1 whenever a guest runs, or a guest
 * could keep the processor. The guest's is a bit of the virtual processor,
 * which only says whether the monitor may deliver it an interrupt. A window
 * that these open is used on the way back to the guest.
 */
#include "virtual.h"

static unsigned virtual_if(const struct vp *p)
{
    return p->cpu->eflags & FL_IF ? 1 : 0;
}

/* A program whose CLI and STI change VIF instead (SDM 3B 20.4). */
static bool has_own_if(const struct vp *p)
{
    return p->cpu->cpl == 3 && (p->cpu->cr4 & CR4_PVI);
}

static void note_if(struct vp *p, unsigned before)
{
    exit_note(vp_exit(p), "IF %u -> %u", before, virtual_if(p));
}

void v_cli(struct vp *p, const struct insn *in)
{
    /*@lab 1 v_cli
     * Clear the virtual IF, leave a note, and go on behind the instruction:
     * vp_next(). A program with an IF of its own: vp_step() knows that, and
     * STI has the same case.
     *@stub
     *  (void)p;
     *  (void)in;
     *  (void)has_own_if;
     *  (void)note_if;
     *  lab_todo("v_cli");
     */
    unsigned before = virtual_if(p);
    if (has_own_if(p)) {
        vp_step(p);
        return;
    }
    p->cpu->eflags &= ~(uint32_t)FL_IF;
    note_if(p, before);
    vp_next(p, in);
    /*@end*/
}

/* If IF was clear, no interrupt comes before the next instruction has run
 * (SDM 2B, STI). */
void v_sti(struct vp *p, const struct insn *in)
{
    /*@lab 1 v_sti
     * Set it; and if it was clear, no interrupt may come before the next
     * instruction has run: p->cpu->shadow is SHADOW_STI, at that one's
     * p->cpu->shadow_eip. Mind the order: vp_next() ends whatever shadow
     * there was. If that delivered a single-step trap (p->cpu->last_event),
     * there is no shadow to keep.
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_sti");
     */
    unsigned before = virtual_if(p);
    if (has_own_if(p)) {
        vp_step(p);
        return;
    }
    p->cpu->eflags |= FL_IF;
    note_if(p, before);
    vp_next(p, in);
    if (!before && p->cpu->last_event.kind == EVENT_NONE) {
        p->cpu->shadow = true;
        p->cpu->shadow_eip = p->cpu->eip;
    }
    /*@end*/
}

/* The image shows the guest's IF and IOPL. */
void v_pushf(struct vp *p, const struct insn *in)
{
    /*@lab 1 v_pushf
     * The image that is pushed must show the virtual IF and IOPL: which
     * processor has to run it?
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_pushf");
     */
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "pushed the virtual EFLAGS, %08x",
              cpu_eflags(p->cpu));
    /*@end*/
}

/* Loads IF and IOPL as the virtual CPL allows. */
void v_popf(struct vp *p, const struct insn *in)
{
    /*@lab 1 v_popf
     * The same question, and a note of what became of IF.
     *@stub
     *  (void)p;
     *  (void)in;
     *  lab_todo("v_popf");
     */
    unsigned before = virtual_if(p);
    (void)in;
    vp_step(p);
    note_if(p, before);
    /*@end*/
}
