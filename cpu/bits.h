/*
 * bits.h - the manual's numbers: bits of EFLAGS, control registers and page
 * tables, vectors, CPUID's features, model-specific registers. A part of
 * cpu.h.
 */
#ifndef RINGSIDE_CPU_BITS_H
#define RINGSIDE_CPU_BITS_H

/* EFLAGS, SDM 1 3.4.3. */
enum {
    FL_CF = 1 << 0,
    FL_ONE = 1 << 1,
    FL_PF = 1 << 2,
    FL_AF = 1 << 4,
    FL_ZF = 1 << 6,
    FL_SF = 1 << 7,
    FL_TF = 1 << 8,
    FL_IF = 1 << 9,
    FL_DF = 1 << 10,
    FL_OF = 1 << 11,
    FL_IOPL = 3 << 12,
    FL_NT = 1 << 14,
    FL_RF = 1 << 16,
    FL_VM = 1 << 17,
    FL_AC = 1 << 18,
    FL_VIF = 1 << 19,
    FL_VIP = 1 << 20,
    FL_ID = 1 << 21,
    FL_ARITH = FL_CF | FL_PF | FL_AF | FL_ZF | FL_SF | FL_OF,
};

#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)
#define CR4_VME (1u << 0)
#define CR4_PVI (1u << 1)
#define CR4_TSD (1u << 2)
#define CR4_DE (1u << 3)
#define CR4_PSE (1u << 4)
#define CR4_PAE (1u << 5)
#define CR4_MCE (1u << 6)
#define CR4_PGE (1u << 7)
#define CR4_OSFXSR (1u << 9)

/* What there is of them. */
#define CR0_KNOWN                                                            \
    (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | \
     CR0_NW | CR0_CD | CR0_PG)
#define CR4_KNOWN                                                         \
    (CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_PGE | \
     CR4_OSFXSR)

/* Page-table entry bits, SDM 3A 4.3. */
#define PTE_P 0x001u
#define PTE_W 0x002u
#define PTE_U 0x004u
#define PTE_PWT 0x008u
#define PTE_PCD 0x010u
#define PTE_A 0x020u
#define PTE_D 0x040u
#define PTE_PS 0x080u /* in a directory entry: a large page */
#define PTE_G 0x100u

/* Page-fault error code bits, SDM 3A 4.7. */
#define PF_P 1u    /* the page was present: a protection fault */
#define PF_W 2u    /* the access was a write */
#define PF_U 4u    /* the access was from ring 3 */
#define PF_RSVD 8u /* a reserved bit was set in an entry */

/* Vectors, SDM 3A table 6-1. */
enum vector {
    VEC_DE = 0,
    VEC_DB = 1,
    VEC_NMI = 2,
    VEC_BP = 3,
    VEC_OF = 4,
    VEC_BR = 5,
    VEC_UD = 6,
    VEC_NM = 7,
    VEC_DF = 8,
    VEC_TS = 10,
    VEC_NP = 11,
    VEC_SS = 12,
    VEC_GP = 13,
    VEC_PF = 14,
    VEC_MF = 16,
    VEC_AC = 17,
};

/* CPUID leaf 1, EDX: what may be there, or hidden by a monitor. */
#define FEATURE_FPU (1u << 0)
#define FEATURE_VME (1u << 1)
#define FEATURE_PSE (1u << 3)
#define FEATURE_TSC (1u << 4)
#define FEATURE_MSR (1u << 5)
#define FEATURE_PAE (1u << 6)
#define FEATURE_CX8 (1u << 8)
#define FEATURE_SEP (1u << 11)
#define FEATURE_PGE (1u << 13)
#define FEATURE_CMOV (1u << 15)
#define FEATURE_FXSR (1u << 24)

#define MSR_TSC 0x10u
#define MSR_SYSENTER_CS 0x174u
#define MSR_SYSENTER_ESP 0x175u
#define MSR_SYSENTER_EIP 0x176u
/*
 * Ours, and only on CPU_VIRTUALIZABLE: bit 0 makes every row of insn.def
 * whose `sens` is not INNOCUOUS fault with #GP(0) outside ring 0. Bit 1 does
 * so to CPUID, which is innocuous, for a monitor that offers less than there
 * is (as CPUID faulting does on later processors).
 */
#define MSR_TRAP_SENSITIVE 0x52530000u
#define TRAP_SENSITIVE_ROWS 1u
#define TRAP_SENSITIVE_CPUID 2u
/* AMD's, and only on CPU_VT (APM volume 2, 15.30). */
#define MSR_EFER 0xc0000080u
#define MSR_VM_HSAVE_PA 0xc0010117u

#endif
