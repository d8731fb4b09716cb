/*
 * guest_mode_fixture.h - cpu_fixture.h's machine as a host, and a guest that
 * has the same memory, GDT and IDT. The host executes VMRUN and HLT; a guest
 * ends with HLT, which is intercepted, as do all of its handlers. Offsets and
 * numbers are those of APM volume 2, chapter 15 and appendices B and C.
 *
 *     10000  guest's code       20000  VMCB       25000  MSRPM
 *     11000  guest's stack      21000  host save  28000  nested directory
 *     30000  guest's directory  22000  IOPM       29000  nested table
 *     31000  guest's table
 */
#ifndef RINGSIDE_TESTS_GUEST_MODE_FIXTURE_H
#define RINGSIDE_TESTS_GUEST_MODE_FIXTURE_H

#include "cpu_fixture.h"

enum {
    GUEST_AT = 0x10000,
    GUEST_STACK = 0x11000,
    VMCB_AT = 0x20000,
    HSAVE_AT = 0x21000,
    IOPM_AT = 0x22000,
    MSRPM_AT = 0x25000,
    NDIR_AT = 0x28000,
    NTABLE_AT = 0x29000,
    GDIR_AT = 0x30000,
    GTABLE_AT = 0x31000,
};

static inline uint32_t vmcb_word(const struct bench *b, uint32_t field)
{
    return peek32(b, VMCB_AT + field);
}
static inline void vmcb_poke(struct bench *b, uint32_t field, uint32_t value)
{
    poke32(b, VMCB_AT + field, value);
}
/* Exit codes below 80h and some above are bit numbers from offset 0 on. */
static inline void set_intercept(struct bench *b, uint32_t code, bool on)
{
    uint32_t word = vmcb_word(b, code / 32 * 4), bit = 1u << code % 32;
    vmcb_poke(b, code / 32 * 4, on ? word | bit : word & ~bit);
}
static inline void vmcb_segment(struct bench *b, uint32_t field, uint32_t sel,
                                uint32_t attr)
{
    vmcb_poke(b, field, attr << 16 | sel);
    vmcb_poke(b, field + 4, 0xffffffff);
    vmcb_poke(b, field + 8, 0);
}

#define GUEST(b, ...)                                       \
    do {                                                    \
        const uint8_t bytes_[] = {__VA_ARGS__};             \
        memcpy((b)->ram + GUEST_AT, bytes_, sizeof bytes_); \
        cpu_frame_changed((b)->c, (mpa_t){GUEST_AT});       \
    } while (0)

/* A flat ring-0 guest with interrupts and paging off. */
static inline void guest_state(struct bench *b)
{
    vmcb_segment(b, 0x410, SEL_CODE, 0xc9b);
    for (uint32_t at = 0x400; at <= 0x430; at += 0x10)
        if (at != 0x410)
            vmcb_segment(b, at, SEL_DATA, 0xc93);
    vmcb_poke(b, 0x460 + 4, 0x3f);
    vmcb_poke(b, 0x460 + 8, GDT_AT);
    vmcb_poke(b, 0x480 + 4, 0x7ff);
    vmcb_poke(b, 0x480 + 8, IDT_AT);
    vmcb_poke(b, 0x4d0, 0x1000); /* EFER.SVME */
    vmcb_poke(b, 0x558, 0x11);   /* CR0: ET, PE */
    vmcb_poke(b, 0x570, 2);      /* RFLAGS */
    vmcb_poke(b, 0x578, GUEST_AT);
    vmcb_poke(b, 0x5d8, GUEST_STACK);
}
static inline struct bench *guest_new(void)
{
    struct bench *b = bench_new(CPU_VT);
    CODE(b, 0x0f, 0x01, 0xd8, 0xf4); /* vmrun; hlt */
    b->c->efer = 0x1000;
    b->c->vm_hsave = HSAVE_AT;
    vmcb_poke(b, 0x40, IOPM_AT);
    vmcb_poke(b, 0x48, MSRPM_AT);
    vmcb_poke(b, 0x58, 1);        /* ASID */
    set_intercept(b, 0x78, true); /* HLT */
    set_intercept(b, 0x7f, true); /* shutdown */
    set_intercept(b, 0x80, true); /* VMRUN */
    guest_state(b);
    return b;
}
/* To the host's VMRUN. */
static inline void host_again(struct bench *b)
{
    bench_again(b);
    b->c->reg[REG_EAX] = VMCB_AT;
}
/* Into the guest, from its start, and out of it: the exit code. */
static inline uint32_t guest_run(struct bench *b)
{
    vmcb_poke(b, 0x578, GUEST_AT);
    vmcb_poke(b, 0x5d8, GUEST_STACK);
    host_again(b);
    bench_run(b);
    cr_assert_eq(b->c->eip, CODE_AT + 4, "the host goes on behind VMRUN");
    cr_assert_not(b->c->guest.on);
    return vmcb_word(b, 0x70);
}
static inline uint32_t guest_eip(const struct bench *b)
{
    return vmcb_word(b, 0x578);
}
/* The guest's own page tables, all of the first 4 MiB as it is. */
static inline void guest_paging(struct bench *b)
{
    poke32(b, GDIR_AT, GTABLE_AT | 7);
    for (uint32_t n = 0; n < 1024; n++)
        poke32(b, GTABLE_AT + 4 * n, n << 12 | 7);
    vmcb_poke(b, 0x550, GDIR_AT);
    vmcb_poke(b, 0x558, 0x80000011);
}
/* And nested ones, for which the host must page too. */
static inline void guest_nested(struct bench *b)
{
    bench_paging(b);
    guest_paging(b);
    poke32(b, NDIR_AT, NTABLE_AT | 7);
    for (uint32_t n = 0; n < 1024; n++)
        poke32(b, NTABLE_AT + 4 * n, n << 12 | 7);
    vmcb_poke(b, 0x90, 1);
    vmcb_poke(b, 0xb0, NDIR_AT);
}

#endif
