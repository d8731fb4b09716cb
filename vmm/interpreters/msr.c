/*
 * msr.c - RDMSR, WRMSR, RDTSC, CPUID.
 *
 * The virtual processor's clock is the machine's, with the guest's own
 * offset, so that time goes on for a guest while the monitor works for it.
 * RDTSC traps only where the guest's kernel has set CR4.TSD. CPUID is the
 * virtual processor's, from which the technique hides what it cannot play.
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

void v_cpuid(struct vp *p, const struct insn *in)
{
    uint32_t leaf = p->cpu->reg[REG_EAX];
    (void)in;
    vp_exit(p)->r.detail = leaf;
    vp_step(p);
    exit_note(vp_exit(p), "CPUID leaf 0x%x: EDX is %08x", leaf,
              p->cpu->reg[REG_EDX]);
}
