/*
 * msr.c - RDMSR, WRMSR, RDTSC.
 *
 * The virtual processor's clock is the machine's, with the guest's own
 * offset, so that time goes on for a guest while the monitor works for it.
 * RDTSC traps only where the guest's kernel has set CR4.TSD.
 */
#include "virtual.h"

static uint64_t edx_eax(const struct cpu *c)
{
    return (uint64_t)c->reg[REG_EDX] << 32 | c->reg[REG_EAX];
}

void v_rdmsr(struct vp *p, const struct insn *in)
{
    uint32_t n = p->cpu->reg[REG_ECX];
    (void)in;
    vp_exit(p)->r.detail = n;
    vp_step(p);
    exit_note(vp_exit(p), "MSR 0x%x is 0x%llx", n,
              (unsigned long long)edx_eax(p->cpu));
}

void v_wrmsr(struct vp *p, const struct insn *in)
{
    uint32_t n = p->cpu->reg[REG_ECX];
    (void)in;
    vp_exit(p)->r.detail = n;
    vp_step(p);
    exit_note(vp_exit(p), "MSR 0x%x = 0x%llx", n,
              (unsigned long long)edx_eax(p->cpu));
}

void v_rdtsc(struct vp *p, const struct insn *in)
{
    (void)in;
    vp_step(p);
    exit_note(vp_exit(p), "TSC is %llu", (unsigned long long)edx_eax(p->cpu));
}
