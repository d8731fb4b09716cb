/*
 * vmcb.h - the virtual machine control block (APM volume 2, appendix B), the
 * page of memory by which a monitor and guest mode speak to each other. A
 * part of cpu.h.
 *
 * Parts:  where its fields are; bits of them; exit codes; looking at one.
 *
 *     000  control area      what to intercept, why the guest stopped
 *     400  state save area   the guest's registers while it does not run
 *
 * Fields of 64 bits are used by their lower half, but for the TSC's offset:
 * the processor has no long mode. Those of features that it lacks are not
 * looked at.
 */
#ifndef RINGSIDE_CPU_VMCB_H
#define RINGSIDE_CPU_VMCB_H

/* Offsets. FIELD(id, offset, size in bytes, name): vmcb.def. */
enum vmcb_field {
#define FIELD(id, offset, size, text) VMCB_##id = offset,
#include "vmcb.def"
#undef FIELD
};
/* A segment register's place: selector, attributes, limit, base. GDTR and
 * IDTR have limit and base. */
enum {
    VMCB_SEG_SEL = 0,
    VMCB_SEG_ATTR = 2,
    VMCB_SEG_LIMIT = 4,
    VMCB_SEG_BASE = 8
};

/* Of VMCB_INTERCEPT_1 and _2: bit n is exit code 0x60 + n and 0x80 + n. */
#define INTERCEPT(code) (1u << ((code)&31))

/* Exit codes. EXITCODE(id, code, text): vmexits.def. */
enum vmexit {
#define VMEXIT(id, code, text) VMEXIT_##id = code,
#include "vmexits.def"
#undef VMEXIT
};
/* From which of the control area's words is the code, below NPF, asked? */
static inline enum vmcb_field vmexit_word(enum vmexit code)
{
    return (enum vmcb_field)((unsigned)code >> 5 << 2);
}

/* VMCB_TLB_CONTROL. */
enum { TLB_KEEP = 0, TLB_FLUSH_ALL = 1, TLB_FLUSH_ASID = 3 };
/* VMCB_V_INTR. */
#define V_TPR 0x000000ffu
#define V_IRQ 0x00000100u
#define V_INTR_PRIO 0x000f0000u
#define V_IGN_TPR 0x00100000u
#define V_INTR_MASKING 0x01000000u
/* VMCB_EVENTINJ and VMCB_EXITINTINFO: the vector in bits 7:0, and */
#define INJECT_TYPE 0x700u
#define INJECT_INTR 0x000u
#define INJECT_NMI 0x200u
#define INJECT_EXCEPTION 0x300u
#define INJECT_SOFTWARE 0x400u
#define INJECT_ERROR 0x800u /* the upper half of the field is its code */
#define INJECT_VALID 0x80000000u
/* EXITINFO1 of IOIO: the port in bits 31:16, and */
#define IOIO_IN 1u
#define IOIO_STRING 4u
#define IOIO_REP 8u
#define IOIO_SIZE_SHIFT 4    /* bits 6:4: 1, 2 or 4 bytes */
#define IOIO_ADDRESS_SHIFT 6 /* bits 8:7: addresses of 2 or 4 bytes */
/* EXITINFO1 of NPF: a #PF's error code; in its upper half: */
#define NPF_FINAL 1u /* the guest's own access */
#define NPF_TABLE 2u /* the processor's to the guest's page tables */

#define IOPM_SIZE 0x3000u /* bytes: three pages */
#define MSRPM_SIZE 0x2000u

#define EFER_SVME 0x1000u
#define ASID_COUNT 16u /* 0 is the host's */

/* "HLT", or NULL: not a code of this processor. */
const char *vmexit_name(uint32_t code);

#endif
