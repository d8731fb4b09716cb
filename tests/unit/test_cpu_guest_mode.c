/* test_cpu_guest_mode.c - guest mode: who may VMRUN, what it refuses, and what
 * leaves guest mode. APM volume 2, 15.5 to 15.11. */
#include "guest_mode_fixture.h"

Test(cpu_guest_mode, vmrun_outside_ring_0_is_gp)
{
    struct bench *b = guest_new();
    bench_ring3(b);
    b->c->reg[REG_EAX] = VMCB_AT;
    cr_assert_eq(bench_run(b), VEC_GP);
    bench_free(b);
}

Test(cpu_guest_mode, vmrun_without_the_feature_is_ud)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x01, 0xd8, 0xf4);
    cr_assert_eq(bench_run(b), VEC_UD, "classic");
    bench_free(b);
    b = guest_new();
    b->c->efer = 0;
    host_again(b);
    cr_assert_eq(bench_run(b), VEC_UD, "EFER.SVME clear");
    bench_free(b);
}

Test(cpu_guest_mode, a_vmcb_is_a_page)
{
    struct bench *b = guest_new();
    host_again(b);
    b->c->reg[REG_EAX] = VMCB_AT + 8;
    cr_assert_eq(bench_run(b), VEC_GP);
    bench_free(b);
}

/* 15.5.1: the field, what is put there, and the name that must come back. */
static const struct {
    uint32_t field, value;
    const char *name;
} refused[] = {
    {0x010, 0, "INTERCEPT_2"},         /* VMRUN is not intercepted */
    {0x058, 0, "ASID"},                /* the host's */
    {0x058, 16, "ASID"},               /* more than there are */
    {0x040, 0xfffff000, "IOPM_BASE"},  /* its end is beyond 4 GiB */
    {0x044, 1, "IOPM_BASE"},           /* all of it is */
    {0x048, 0xfffff000, "MSRPM_BASE"}, /* two pages */
    {0x04c, 1, "MSRPM_BASE"},
    {0x0a8, 0x80000130, "EVENTINJ"}, /* type 1 is reserved */
    {0x0a8, 0x80000530, "EVENTINJ"}, /* and types above 4 */
    {0x0a8, 0x80000302, "EVENTINJ"}, /* vector 2 is no exception */
    {0x0a8, 0x80000320, "EVENTINJ"}, /* nor is 32 */
    {0x4d0, 0, "EFER"},              /* SVME is clear */
    {0x4d0, 0x1002, "EFER"},         /* a reserved bit */
    {0x4d4, 1, "EFER"},
    {0x558, 0x20000011, "CR0"}, /* NW without CD */
    {0x55c, 1, "CR0"},
    {0x548, 0x80000000, "CR4"},
    {0x54c, 1, "CR4"},
    {0x56c, 1, "DR6"},
    {0x564, 1, "DR7"},
    {0x090, 1, "NP_ENABLE"}, /* and the host does not page */
};

Test(cpu_guest_mode, vmrun_names_the_field_that_it_refuses)
{
    for (size_t n = 0; n < sizeof refused / sizeof *refused; n++) {
        struct bench *b = guest_new();
        GUEST(b, 0xf4);
        mpa_t vmcb = {VMCB_AT};
        cr_assert_null(cpu_vmcb_invalid(b->c, vmcb));
        vmcb_poke(b, refused[n].field, refused[n].value);
        const char *name = refused[n].name;
        const char *why = cpu_vmcb_invalid(b->c, vmcb);
        cr_assert(why && strncmp(why, name, strlen(name)) == 0, "%s: got %s",
                  name, why ? why : "nothing");
        cr_assert_eq(guest_run(b), 0xffffffff, "%s: VMEXIT_INVALID", name);
        cr_assert_eq(vmcb_word(b, 0x74), 0xffffffff, "all 64 bits");
        bench_free(b);
    }
}

/* EAX and EBX are GUEST_STACK: a table, a mask, an address. */
static const struct {
    uint32_t code;
    uint8_t bytes[3], length;
    uint32_t then; /* else: EIP of the HLT, or 0 for the next one */
} instructions[] = {
    {0x000, {0x0f, 0x20, 0xc0}, 3, 0},                      /* mov eax, cr0 */
    {0x003, {0x0f, 0x20, 0xd8}, 3, 0},                      /* mov eax, cr3 */
    {0x013, {0x0f, 0x22, 0xd8}, 3, 0},                      /* mov cr3, eax */
    {0x010, {0x0f, 0x06}, 2, 0},                            /* clts */
    {0x027, {0x0f, 0x21, 0xf8}, 3, 0},                      /* mov eax, dr7 */
    {0x032, {0x0f, 0x23, 0xd0}, 3, 0},                      /* mov dr2, eax */
    {0x066, {0x0f, 0x01, 0x0b}, 3, 0},                      /* sidt [ebx] */
    {0x067, {0x0f, 0x01, 0x03}, 3, 0},                      /* sgdt [ebx] */
    {0x068, {0x0f, 0x00, 0xc0}, 3, 0},                      /* sldt eax */
    {0x069, {0x0f, 0x00, 0xc8}, 3, 0},                      /* str eax */
    {0x06e, {0x0f, 0x31}, 2, 0},                            /* rdtsc */
    {0x070, {0x9c}, 1, 0},                                  /* pushf */
    {0x072, {0x0f, 0xa2}, 2, 0},                            /* cpuid */
    {0x075, {0xcd, 0x81}, 2, HANDLERS + 0x810},             /* int 81h */
    {0x076, {0x0f, 0x08}, 2, 0},                            /* invd */
    {0x079, {0x0f, 0x01, 0x3b}, 3, 0},                      /* invlpg [ebx] */
    {0x07a, {0x0f, 0x01, 0xdf}, 3, 0},                      /* invlpga */
    {0x081, {0x0f, 0x01, 0xd9}, 3, HANDLERS + 16 * VEC_UD}, /* vmmcall */
    {0x084, {0x0f, 0x01, 0xdc}, 3, 0},                      /* stgi */
    {0x089, {0x0f, 0x09}, 2, 0},                            /* wbinvd */
};

Test(cpu_guest_mode, an_instruction_exits_if_its_bit_is_set_and_only_then)
{
    for (size_t n = 0; n < sizeof instructions / sizeof *instructions; n++) {
        uint32_t code = instructions[n].code, then = instructions[n].then;
        struct bench *b = guest_new();
        const uint8_t *i = instructions[n].bytes;
        GUEST(b, 0x90, 0x90, 0x90, 0xf4);
        memcpy(b->ram + GUEST_AT, i, instructions[n].length);
        b->c->reg[REG_EBX] = GUEST_STACK;
        vmcb_poke(b, 0x5f8, GUEST_STACK);
        cr_assert_eq(guest_run(b), 0x78, "%03x: not asked for", code);
        cr_assert_eq(guest_eip(b), then ? then : GUEST_AT + 3, "%03x", code);
        vmcb_poke(b, 0x5f8, GUEST_STACK);
        set_intercept(b, code, true);
        cr_assert_eq(guest_run(b), code, "%03x: got %03x", code,
                     vmcb_word(b, 0x70));
        cr_assert_eq(guest_eip(b), GUEST_AT, "it has not run");
        cr_assert_eq(vmcb_word(b, 0xc8), GUEST_AT + instructions[n].length,
                     "%03x: nRIP (15.7.1)", code);
        bench_free(b);
    }
}

Test(cpu_guest_mode, a_selective_cr0_write_lets_ts_and_mp_pass)
{
    struct bench *b = guest_new();
    GUEST(b, 0x0f, 0x22, 0xc0, 0xf4); /* mov cr0, eax */
    set_intercept(b, 0x65, true);
    vmcb_poke(b, 0x5f8, 0x1b);
    cr_assert_eq(guest_run(b), 0x78, "TS and MP");
    vmcb_poke(b, 0x5f8, 0x10011);
    cr_assert_eq(guest_run(b), 0x65, "WP");
    bench_free(b);
}

Test(cpu_guest_mode, the_guests_ring_is_asked_before_the_intercept)
{
    struct bench *b = guest_new(); /* 15.7: #GP of the ring comes first */
    GUEST(b, 0x0f, 0x08, 0xf4);    /* invd */
    set_intercept(b, 0x76, true);
    set_intercept(b, 0x40 + VEC_GP, true);
    vmcb_segment(b, 0x410, SEL_CODE3, 0xcfb);
    vmcb_segment(b, 0x420, SEL_DATA3, 0xcf3);
    vmcb_poke(b, 0x4c8, 3u << 24);
    cr_assert_eq(guest_run(b), 0x40 + VEC_GP);
    bench_free(b);
}

/* A bit a port; EXITINFO1 is the access, EXITINFO2 the next EIP (15.10). */
Test(cpu_guest_mode, the_io_map_guards_its_ports)
{
    struct bench *b = guest_new();
    set_intercept(b, 0x7b, true);
    b->ram[IOPM_AT + 0x80 / 8] = 1; /* port 80h */
    GUEST(b, 0xe4, 0x7f, 0xf4);     /* in al, 7fh */
    cr_assert_eq(guest_run(b), 0x78, "the port below");
    GUEST(b, 0xe6, 0x80, 0xf4); /* out 80h, al */
    cr_assert_eq(guest_run(b), 0x7b);
    cr_assert_eq(vmcb_word(b, 0x78), 0x00800110);
    cr_assert_eq(vmcb_word(b, 0x80), GUEST_AT + 2);
    GUEST(b, 0x66, 0xe5, 0x7f, 0xf4); /* in ax, 7fh: 80h is its second byte */
    cr_assert_eq(guest_run(b), 0x7b);
    cr_assert_eq(vmcb_word(b, 0x78), 0x007f0121);
    cr_assert_eq(vmcb_word(b, 0x80), GUEST_AT + 3);
    GUEST(b, 0xf3, 0x6f, 0xf4); /* rep outsd */
    b->c->reg[REG_EDX] = 0x80;
    b->c->reg[REG_ECX] = 2;
    b->c->reg[REG_ESI] = DATA_AT;
    cr_assert_eq(guest_run(b), 0x7b);
    cr_assert_eq(vmcb_word(b, 0x78), 0x0080014c, "STR, REP, SZ32, A32");
    bench_free(b);
}

Test(cpu_guest_mode, the_io_maps_third_page_is_for_what_reaches_over_ffff)
{
    struct bench *b = guest_new();
    set_intercept(b, 0x7b, true);
    GUEST(b, 0xed, 0xf4); /* in eax, dx */
    b->c->reg[REG_EDX] = 0xffff;
    cr_assert_eq(guest_run(b), 0x78);
    b->ram[IOPM_AT + 0x2000] = 4;
    cr_assert_eq(guest_run(b), 0x7b);
    b->ram[IOPM_AT + 0x2000] = 8;
    cr_assert_eq(guest_run(b), 0x78, "the fifth byte is not accessed");
    bench_free(b);
}

/* Two bits an MSR, to read and to write (15.11). */
Test(cpu_guest_mode, the_msr_map_guards_reading_and_writing)
{
    struct bench *b = guest_new();
    uint8_t *bits = b->ram + MSRPM_AT + 0x174 / 4; /* SYSENTER_CS */
    set_intercept(b, 0x7c, true);
    b->c->reg[REG_ECX] = 0x174;
    for (unsigned guarded = 0; guarded < 4; guarded++) {
        *bits = (uint8_t)guarded;
        GUEST(b, 0x0f, 0x32, 0xf4); /* rdmsr */
        cr_assert_eq(guest_run(b), guarded & 1 ? 0x7c : 0x78);
        cr_assert_eq(vmcb_word(b, 0x78), 0);
        b->c->reg[REG_EDX] = 0;
        GUEST(b, 0x0f, 0x30, 0xf4); /* wrmsr */
        cr_assert_eq(guest_run(b), guarded & 2 ? 0x7c : 0x78);
        cr_assert_eq(vmcb_word(b, 0x78), guarded >> 1);
    }
    b->c->reg[REG_ECX] = 0x40000000;
    cr_assert_eq(guest_run(b), 0x7c, "in none of the map's ranges");
    bench_free(b);
}
