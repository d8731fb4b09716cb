/*
 * cpuid.c - what the processor says of itself: CPUID, RDTSC, RDMSR, WRMSR.
 *
 * The feature bits are exactly what is there. What a Pentium Pro has beyond
 * them is not: no local APIC, no MTRRs, no machine check, no performance
 * counters (RDPMC is #UD), no descriptors of caches that do not exist (leaf
 * 2). FXSR is the Pentium II's; there is no MMX, and no SSE.
 * The signature is that of family 6, model 3, stepping 3: the least that
 * kernels believe when it claims SYSENTER.
 */
#include "exec.h"

#define SIGNATURE 0x00000633u
#define FEATURES                                                            \
    (FEATURE_FPU | FEATURE_VME | FEATURE_PSE | FEATURE_TSC | FEATURE_MSR |  \
     FEATURE_PAE | FEATURE_CX8 | FEATURE_SEP | FEATURE_PGE | FEATURE_CMOV | \
     FEATURE_FXSR)

/* Four letters as a register holds them, the first lowest. */
#define LETTERS(a, b, c, d)                                     \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | \
     (uint32_t)(d) << 24)

/* Leaf 0: the greatest leaf, and the vendor "RingsideIA32" in EBX, EDX, ECX.
 * Leaf 1, and any leaf over the greatest: signature and features. */
void op_cpuid(struct cpu *c, const struct insn *i)
{
    (void)i;
    bool vendor = c->reg[REG_EAX] == 0;
    uint32_t features = FEATURES & ~c->hidden_features;
    c->reg[REG_EAX] = vendor ? 1 : SIGNATURE;
    c->reg[REG_EBX] = vendor ? LETTERS('R', 'i', 'n', 'g') : 0;
    c->reg[REG_EDX] = vendor ? LETTERS('s', 'i', 'd', 'e') : features;
    c->reg[REG_ECX] = vendor ? LETTERS('I', 'A', '3', '2') : 0;
}

static uint64_t tsc(const struct cpu *c)
{
    return c->cycles + c->tsc_offset;
}

static void give_edx_eax(struct cpu *c, uint64_t value)
{
    c->reg[REG_EAX] = (uint32_t)value;
    c->reg[REG_EDX] = (uint32_t)(value >> 32);
}

void op_rdtsc(struct cpu *c, const struct insn *i)
{
    (void)i;
    give_edx_eax(c, tsc(c));
}

/* The 32-bit register behind MSR `n`, or NULL. */
static uint32_t *simple_msr(struct cpu *c, uint32_t n)
{
    switch (n) {
    case MSR_SYSENTER_CS:
        return &c->sysenter_cs;
    case MSR_SYSENTER_ESP:
        return &c->sysenter_esp;
    case MSR_SYSENTER_EIP:
        return &c->sysenter_eip;
    case MSR_TRAP_SENSITIVE:
        return c->kind != CPU_CLASSIC ? &c->trap_sensitive : NULL;
    case MSR_EFER:
        return c->kind == CPU_VT ? &c->efer : NULL;
    case MSR_VM_HSAVE_PA:
        return c->kind == CPU_VT ? &c->vm_hsave : NULL;
    default:
        return NULL;
    }
}

/* May this one hold that? */
static bool msr_allows(const struct cpu *c, uint32_t n, uint64_t value)
{
    uint8_t byte;
    switch (n) {
    case MSR_TRAP_SENSITIVE:
        return value <= 3;
    case MSR_EFER:
        return (value & ~(uint64_t)EFER_SVME) == 0;
    case MSR_VM_HSAVE_PA:
        return (value & PAGE_MASK) == 0 && value >> 32 == 0 &&
               cpu_phys_read(c, (mpa_t){(uint32_t)value}, &byte, 1);
    default:
        return true;
    }
}

/* An MSR that does not exist is #GP(0), read or written. */
void op_rdmsr(struct cpu *c, const struct insn *i)
{
    (void)i;
    uint32_t n = c->reg[REG_ECX];
    const uint32_t *msr = simple_msr(c, n);
    if (msr)
        give_edx_eax(c, *msr);
    else if (n == MSR_TSC)
        give_edx_eax(c, tsc(c));
    else
        raise_fault(c, VEC_GP, 0);
}

void op_wrmsr(struct cpu *c, const struct insn *i)
{
    (void)i;
    uint32_t n = c->reg[REG_ECX];
    uint32_t low = c->reg[REG_EAX], high = c->reg[REG_EDX];
    uint32_t *msr = simple_msr(c, n);
    if (n == MSR_TSC) {
        c->tsc_offset = ((uint64_t)high << 32 | low) - c->cycles;
        return;
    }
    if (!msr || !msr_allows(c, n, (uint64_t)high << 32 | low))
        raise_fault(c, VEC_GP, 0);
    *msr = low;
}
