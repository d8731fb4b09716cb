/*
 * intercepts.c - what must not go by unseen.
 *
 * Job:    tell the processor for what it shall leave the guest. The fewer, the
 *         more of the guest runs as on the bare machine; but without these it
 *         could keep the processor, reach a device or see what is not its own.
 * Parts:  for every guest; for this moment.
 *
 * Faults come first: what the guest's ring forbids is its own #GP, and no exit
 * (APM volume 2, 15.7).
 */
#include "hvm.h"

/*@hide 6*/
/* Guest mode is for both techniques; what only shadows need is the rest. A
 * task switch that a nested fault cuts short half way cannot begin again, so
 * the virtual processor does it. */
#define ALWAYS_1                                         \
    (INTERCEPT(VMEXIT_INTR) | INTERCEPT(VMEXIT_CPUID) |  \
     INTERCEPT(VMEXIT_HLT) | INTERCEPT(VMEXIT_INVLPGA) | \
     INTERCEPT(VMEXIT_IOIO) | INTERCEPT(VMEXIT_MSR) |    \
     INTERCEPT(VMEXIT_SHUTDOWN) | INTERCEPT(VMEXIT_TASK_SWITCH))
#define ALWAYS_2                                          \
    (INTERCEPT(VMEXIT_VMRUN) | INTERCEPT(VMEXIT_VMLOAD) | \
     INTERCEPT(VMEXIT_VMSAVE) | INTERCEPT(VMEXIT_STGI) |  \
     INTERCEPT(VMEXIT_CLGI))
#define SHADOW_1 (INTERCEPT(VMEXIT_CR0_SEL_WRITE) | INTERCEPT(VMEXIT_INVLPG))
#define READ(n) (1u << (n))
#define WRITTEN(n) (0x10000u << (n))
/*@end*/

void hvm_intercept_always(struct hvm *h)
{
    /*@lab 6 hvm_intercept_always
     * Once, when the VM is made: what VMCB_INTERCEPT_2 shall hold, whatever
     * happens, and, without nested paging (h->nested), the one exception that
     * shadow page tables live by, in VMCB_INTERCEPT_EXCEPTIONS.
     *@stub
     *  (void)h;
     *  lab_todo("hvm_intercept_always");
     */
    struct vm *v = h->f.vm;
    vmcb_set(v, VMCB_INTERCEPT_2, ALWAYS_2);
    if (!h->nested) {
        vmcb_set(v, VMCB_INTERCEPT_EXCEPTIONS, 1u << VEC_PF);
    }
    /*@end*/
}

/* CR0 may not be what the guest believes: then it must not look. */
static uint32_t control_registers(const struct hvm *h)
{
    /*@lab 6 control_registers
     * The word VMCB_INTERCEPT_CR: bit n, CRn is read; bit 16 + n, written.
     * Nested: none. With shadows: CR3 both ways, and writes of CR4. Either way
     * both of CR0 where the control block's VMCB_CR0 is not what the guest
     * believes to have, h->f.p.cpu->cr0.
     *@stub
     *  (void)h;
     *  lab_todo("control_registers");
     */
    uint32_t crs = h->nested ? 0 : READ(3) | WRITTEN(3) | WRITTEN(4);
    if (vmcb_look(h->f.vm, VMCB_CR0) != h->f.p.cpu->cr0) {
        crs |= READ(0) | WRITTEN(0);
    }
    return crs;
    /*@end*/
}

void hvm_intercept(struct hvm *h)
{
    /*@lab 6 hvm_intercept
     * Before every entry. VMCB_INTERCEPT_1: what every guest must leave for;
     * with shadows also INVLPG, and writes of CR0 that change more than TS and
     * MP; and VINTR if h->window says that an interrupt waits.
     * VMCB_INTERCEPT_CR. VMCB_V_INTR: V_INTR_MASKING always, and for the
     * window a virtual interrupt that is pending (V_IRQ) and of any priority
     * (V_IGN_TPR, V_INTR_PRIO).
     *@stub
     *  (void)h;
     *  (void)control_registers;
     *  lab_todo("hvm_intercept");
     */
    struct vm *v = h->f.vm;
    uint32_t one = ALWAYS_1 | (h->nested ? 0 : SHADOW_1);
    uint32_t virtual = V_INTR_MASKING;
    if (h->window) {
        one |= INTERCEPT(VMEXIT_VINTR);
        virtual |= V_IRQ | V_IGN_TPR | V_INTR_PRIO;
    }
    vmcb_set(v, VMCB_INTERCEPT_1, one);
    vmcb_set(v, VMCB_INTERCEPT_CR, control_registers(h));
    vmcb_set(v, VMCB_V_INTR, virtual);
    /*@end*/
}
