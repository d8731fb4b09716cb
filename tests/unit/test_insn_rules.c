/*
 * test_insn_rules.c - rules that no unprivileged program on the host can
 * show: POPF and PUSHF at each ring and IOPL, ports and the TSS's bitmap,
 * 16-bit forms that cut EIP, 16-bit stacks, system registers, MSRs, CPUID.
 */
#include "cpu_fixture.h"

static void set_ring(struct bench *b, unsigned ring)
{
    for (int s = 0; s < SEG_COUNT; s++) {
        b->c->seg[s].attr &= (uint16_t)~0x60u;
        b->c->seg[s].attr |= (uint16_t)(ring << 5);
    }
    b->c->cpl = (uint8_t)ring;
}

/* One instruction; the vector it raised, or -1. */
static int step(struct bench *b)
{
    b->c->last_event.kind = EVENT_NONE;
    cpu_step(b->c);
    return b->c->last_event.kind == EVENT_NONE ? -1 : b->c->last_event.vector;
}

/* ------------------------------------------------------------ POPF, PUSHF */

/* SDM 2B, POPF: IF needs CPL <= IOPL, IOPL needs CPL 0, all else is open
 * but VM, VIF and VIP, which stay, and RF, which is cleared. No faults. */
Test(insn_rules, popf_at_each_ring_and_iopl)
{
    for (unsigned ring = 0; ring < 4; ring++)
        for (unsigned iopl = 0; iopl < 4; iopl++)
            for (unsigned ones = 0; ones < 2; ones++) {
                struct bench *b = bench_new(CPU_CLASSIC);
                CODE(b, 0x9d);
                set_ring(b, ring);
                uint32_t start = ones ? 0 : FL_IF | FL_ARITH | FL_AC | FL_ID;
                cpu_set_eflags(b->c, start | iopl << 12);
                uint32_t value = ones ? 0x003f7fd5 : 0;
                poke32(b, STACK_AT, value);
                cr_assert_eq(step(b), -1);
                uint32_t got = cpu_eflags(b->c);
                unsigned new_iopl = ring ? iopl : ones * 3;
                bool new_if = ring <= iopl ? ones : !ones;
                cr_expect_eq((got & FL_IOPL) >> 12, new_iopl, "ring %u", ring);
                cr_expect_eq((got & FL_IF) != 0, new_if, "ring %u iopl %u",
                             ring, iopl);
                uint32_t rest = FL_ARITH | FL_DF | FL_NT | FL_AC | FL_ID;
                cr_expect_eq(got & rest, value & rest);
                cr_expect_eq(got & (FL_VM | FL_RF | FL_VIF | FL_VIP), 0);
                bench_free(b);
            }
}

/* The 16-bit form leaves the upper half. */
Test(insn_rules, popfw_keeps_the_upper_half)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x66, 0x9d);
    cpu_set_eflags(b->c, FL_AC | FL_ID);
    poke32(b, STACK_AT, FL_CF);
    cr_assert_eq(step(b), -1);
    cr_assert_eq(cpu_eflags(b->c), FL_AC | FL_ID | FL_CF | FL_ONE);
    cr_assert_eq(b->c->reg[REG_ESP], STACK_AT + 2);
    bench_free(b);
}

Test(insn_rules, pushf_shows_neither_vm_nor_rf)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x9c);
    cpu_set_eflags(b->c, 0x00247fd5 | FL_RF);
    b->c->eflags &= ~(uint32_t)FL_TF;
    cr_assert_eq(step(b), -1);
    cr_assert_eq(peek32(b, STACK_AT - 4), (0x00247fd5 & ~FL_TF) | FL_ONE);
    bench_free(b);
}

/* ------------------------------------------------------------------- ports */

static uint32_t answer_port(void *wire, uint16_t port, unsigned size)
{
    struct bench *b = wire;
    b->reads++;
    return port * 0x10001u + size;
}

/* Ring 3 at IOPL 0 with a TSS at `at` whose bitmap begins at its byte 104,
 * and of which `bitmap` bytes are within the limit. */
static struct bench *with_bitmap(uint32_t at, uint32_t bitmap)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    b->bus.port_in = answer_port;
    bench_ring3(b);
    b->c->tr = (struct segment){SEL_TSS, 0x8b, at, 103 + bitmap};
    poke32(b, at + 4, STACK_AT);
    poke32(b, at + 8, SEL_DATA);
    poke32(b, at + 100, 104u << 16);
    return b;
}

/* IN from DX: AL, AX or EAX. */
static int in(struct bench *b, uint16_t port, unsigned size)
{
    if (size == 1)
        CODE(b, 0xec);
    else if (size == 2)
        CODE(b, 0x66, 0xed);
    else
        CODE(b, 0xed);
    bench_ring3(b);
    b->c->reg[REG_ESP] = STACK_AT - 256;
    b->c->reg[REG_EDX] = port;
    b->c->eip = CODE_AT;
    return step(b);
}

/* SDM 1 19.5.2: all the bits of the access must be clear. */
Test(insn_rules, every_byte_of_a_port_is_asked)
{
    struct bench *b = with_bitmap(DATA_AT, 32);
    b->ram[DATA_AT + 104 + 4] = 0x80; /* port 0x27 is closed */
    b->ram[DATA_AT + 104 + 5] = 0x02; /* port 0x29 too */
    for (unsigned size = 1; size <= 4; size *= 2)
        for (uint16_t p = 0x20; p < 0x30; p++) {
            bool closed = (p <= 0x27 && p + size > 0x27) ||
                          (p <= 0x29 && p + size > 0x29);
            cr_expect_eq(in(b, p, size), closed ? VEC_GP : -1, "%x %u", p,
                         size);
        }
    bench_free(b);
}

/* "The processor reads two bytes": both must be within the limit. */
Test(insn_rules, the_bitmap_ends_with_the_limit)
{
    struct bench *b = with_bitmap(DATA_AT, 3);
    cr_expect_eq(in(b, 15, 1), -1);
    cr_expect_eq(in(b, 16, 1), VEC_GP);
    b->c->tr.limit = 103;
    cr_expect_eq(in(b, 0, 1), VEC_GP);
    b->c->tr.limit = 102; /* not even the word that says where */
    cr_expect_eq(in(b, 0, 1), VEC_GP);
    b->c->tr = (struct segment){SEL_TSS, 0x83, DATA_AT, 0x200};
    poke32(b, DATA_AT, (uint32_t)STACK_AT << 16); /* SP0, SS0 as it has them */
    poke32(b, DATA_AT + 4, SEL_DATA);
    cr_expect_eq(in(b, 0, 1), VEC_GP, "a 16-bit TSS has no bitmap");
    cr_expect_eq(b->reads, 1);
    bench_free(b);
}

/* Two bytes over a page's edge: the second page is read too, as supervisor,
 * and its absence is a page fault before the port is touched. */
Test(insn_rules, a_bitmap_over_the_edge_of_a_page)
{
    uint32_t tss = DATA_AT + 0x1000 - 104 - 4; /* ports 24 to 31: last byte */
    struct bench *b = with_bitmap(tss, 32);
    bench_paging(b);
    poke32(b, TABLE_AT + 4 * (tss >> 12), (tss & ~0xfffu) | 3);
    poke32(b, TABLE_AT + 4 * 0xb, 0);
    cr_expect_eq(in(b, 23, 1), -1);
    cr_expect_eq(b->reads, 1);
    cr_expect_eq(in(b, 24, 1), VEC_PF);
    cr_expect_eq(b->c->cr2, DATA_AT + 0x1000);
    cr_expect_eq(peek32(b, b->c->reg[REG_ESP]), 0); /* not present, read, S */
    cr_expect_eq(b->reads, 1);
    poke32(b, TABLE_AT + 4 * 0xb, 0xb003);
    cr_expect_eq(in(b, 24, 1), -1);
    b->ram[0xb000] = 1; /* port 32 */
    cr_expect_eq(in(b, 31, 1), -1);
    cr_expect_eq(in(b, 31, 2), VEC_GP);
    bench_free(b);
}

Test(insn_rules, iopl_opens_every_port)
{
    struct bench *b = with_bitmap(DATA_AT, 0);
    cpu_set_eflags(b->c, FL_IOPL);
    cr_expect_eq(in(b, 0x1234, 4), -1);
    cr_expect_eq(b->c->reg[REG_EAX], 0x12341238);
    b->c->reg[REG_EAX] = 0xaaaaaaaa;
    cr_expect_eq(in(b, 0x20, 1), -1);
    cr_expect_eq(b->c->reg[REG_EAX], 0xaaaaaa21);
    bench_free(b);
}

/* ---------------------------------------------- 16-bit forms in 32-bit code */

enum { HIGH = 0x21000 }; /* code whose EIP has more than 16 bits */

static struct bench *high_code(const uint8_t *code, size_t n)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    memcpy(b->ram + HIGH, code, n);
    b->c->eip = HIGH;
    b->c->reg[REG_ESP] = 0x3000;
    poke32(b, 0x3000, 0x00024321);
    b->c->reg[REG_EAX] = 0x00025678;
    return b;
}

Test(insn_rules, sixteen_bit_transfers_cut_eip)
{
    static const struct {
        uint8_t code[6];
        uint32_t eip, esp;
    } cases[] = {
        {{0x66, 0xe9, 0x10, 0x00}, 0x1014, 0x3000},   /* jmp */
        {{0x66, 0xeb, 0x10}, 0x1013, 0x3000},         /* jmp short */
        {{0x66, 0x75, 0x10}, 0x1013, 0x3000},         /* jnz, taken */
        {{0x66, 0x74, 0x10}, HIGH + 3, 0x3000},       /* jz, not taken */
        {{0x66, 0xe8, 0x10, 0x00}, 0x1014, 0x2ffe},   /* call */
        {{0x66, 0xff, 0xd0}, 0x5678, 0x2ffe},         /* call ax */
        {{0x66, 0xff, 0xe0}, 0x5678, 0x3000},         /* jmp ax */
        {{0x66, 0xc3}, 0x4321, 0x3002},               /* ret */
        {{0x66, 0xc2, 0x06, 0x00}, 0x4321, 0x3008},   /* ret 6 */
        {{0x66, 0xe2, 0x10}, 0x1013, 0x3000},         /* loop */
        {{0xe8, 0x10, 0, 0, 0}, HIGH + 0x15, 0x2ffc}, /* in 32 bits */
    };
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct bench *b = high_code(cases[n].code, sizeof cases[n].code);
        cr_assert_eq(step(b), -1);
        cr_expect_eq(b->c->eip, cases[n].eip, "%zu: %x", n, b->c->eip);
        cr_expect_eq(b->c->reg[REG_ESP], cases[n].esp, "%zu", n);
        bench_free(b);
    }
}

/* SS.B clear: SP moves and wraps, the upper half of ESP stays. */
Test(insn_rules, a_sixteen_bit_stack)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    b->c->seg[SEG_SS].attr &= (uint16_t)~SEG_DB;
    b->c->reg[REG_ESP] = 0xabcd0000;
    b->c->reg[REG_EAX] = 0x11223344;
    b->c->reg[REG_EBP] = 0x99998888;
    CODE(b, 0x50, 0x59, 0xc8, 4, 0, 0, 0xc9); /* push, pop, enter, leave */
    cr_assert_eq(step(b), -1);
    cr_assert_eq(b->c->reg[REG_ESP], 0xabcdfffc);
    cr_assert_eq(peek32(b, 0xfffc), 0x11223344);
    cr_assert_eq(step(b), -1);
    cr_assert_eq(b->c->reg[REG_ESP], 0xabcd0000);
    cr_assert_eq(b->c->reg[REG_ECX], 0x11223344);
    cr_assert_eq(step(b), -1);
    cr_assert_eq(b->c->reg[REG_ESP], 0xabcdfff8);
    cr_assert_eq(b->c->reg[REG_EBP], 0xabcdfffc);
    cr_assert_eq(step(b), -1);
    cr_assert_eq(b->c->reg[REG_ESP], 0xabcd0000);
    cr_assert_eq(b->c->reg[REG_EBP], 0x99998888);
    bench_free(b);
}

/* -------------------------------------------------------- system registers */

Test(insn_rules, lmsw_sets_pe_and_never_clears_it)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x01, 0xf0, 0x0f, 0x01, 0xe1, 0x0f, 0x06);
    b->c->cr0 = CR0_PE | CR0_ET | CR0_WP;
    b->c->reg[REG_EAX] = 0xfffe; /* lmsw ax */
    cr_assert_eq(step(b), -1);
    cr_assert_eq(b->c->cr0,
                 CR0_PE | CR0_ET | CR0_WP | CR0_MP | CR0_EM | CR0_TS);
    cr_assert_eq(step(b), -1); /* smsw ecx */
    cr_assert_eq(b->c->reg[REG_ECX], b->c->cr0);
    cr_assert_eq(step(b), -1); /* clts */
    cr_assert_eq(b->c->cr0 & CR0_TS, 0);
    bench_free(b);
}

Test(insn_rules, table_registers_by_operand_size)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x01, 0x13, 0x66, 0x0f, 0x01, 0x1b, 0x66, 0x0f, 0x01, 0x01);
    poke32(b, DATA_AT, 0x56781234);
    poke32(b, DATA_AT + 4, 0x9abc);
    b->c->reg[REG_EBX] = DATA_AT;
    b->c->reg[REG_ECX] = DATA_AT + 16;
    cr_assert_eq(step(b), -1); /* lgdt: 32 bits of base */
    cr_assert_eq(b->c->gdtr.limit, 0x1234);
    cr_assert_eq(b->c->gdtr.base, 0x9abc5678);
    cr_assert_eq(step(b), -1); /* o16 lidt: 24 */
    cr_assert_eq(b->c->idtr.base, 0x00bc5678);
    cr_assert_eq(step(b), -1); /* o16 sgdt: all 32 */
    cr_assert_eq(peek32(b, DATA_AT + 18), 0x9abc5678);
    bench_free(b);
}

Test(insn_rules, control_and_debug_registers_that_are_not_there)
{
    static const uint8_t bad[][3] = {
        {0x0f, 0x20, 0xc8}, {0x0f, 0x22, 0xc8}, /* CR1 */
        {0x0f, 0x20, 0xe8}, {0x0f, 0x22, 0xf8}, /* CR5, CR7 */
        {0x0f, 0x21, 0xe0}, {0x0f, 0x23, 0xe8}, /* DR4, DR5 with CR4.DE */
    };
    for (size_t n = 0; n < sizeof bad / sizeof *bad; n++) {
        struct bench *b = bench_new(CPU_CLASSIC);
        memcpy(b->ram + CODE_AT, bad[n], 3);
        b->c->cr4 = CR4_DE;
        cr_expect_eq(step(b), VEC_UD, "%zu", n);
        bench_free(b);
    }
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x23, 0xe8, 0x0f, 0x21, 0xf9); /* DR5 is DR7 */
    b->c->reg[REG_EAX] = 0xffffdf00;             /* arms nothing */
    cr_assert_eq(step(b), -1);
    cr_assert_eq(step(b), -1);
    cr_assert_eq(b->c->reg[REG_ECX], 0xffff0700);
    bench_free(b);
}

/* -------------------------------------------------------------- CPUID, MSRs */

Test(insn_rules, cpuid_claims_what_is_there)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    uint32_t *r = b->c->reg;
    CODE(b, 0x0f, 0xa2, 0x0f, 0xa2, 0x0f, 0xa2);
    r[REG_EAX] = 0;
    cr_assert_eq(step(b), -1);
    char vendor[13] = "";
    memcpy(vendor, &r[REG_EBX], 4);
    memcpy(vendor + 4, &r[REG_EDX], 4);
    memcpy(vendor + 8, &r[REG_ECX], 4);
    cr_assert_str_eq(vendor, "RingsideIA32");
    cr_assert_eq(r[REG_EAX], 1);
    cr_assert_eq(step(b), -1);
    uint32_t features = r[REG_EDX];
    /* FPU, VME, PSE, TSC, MSR, PAE, CX8, SEP, PGE, CMOV, FXSR; not APIC, MMX,
     * SSE. */
    cr_assert_eq(features, 1u << 0 | 1u << 1 | 1u << 3 | 1u << 4 | 1u << 5 |
                               1u << 6 | 1u << 8 | 1u << 11 | 1u << 13 |
                               1u << 15 | 1u << 24);
    r[REG_EAX] = 0x80000000;
    cr_assert_eq(step(b), -1);
    cr_assert(r[REG_EAX] < 0x80000001, "no extended leaves");
    bench_free(b);
}

Test(insn_rules, the_time_stamp_is_the_clock)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0x31, 0x0f, 0x30, 0x0f, 0x31);
    b->c->cycles = 0x1234567890;
    uint32_t *r = b->c->reg;
    cr_assert_eq(step(b), -1);
    uint64_t tsc = (uint64_t)r[REG_EDX] << 32 | r[REG_EAX];
    cr_assert_eq(tsc, b->c->cycles);
    r[REG_ECX] = MSR_TSC;
    r[REG_EAX] = 5;
    r[REG_EDX] = 1;
    cr_assert_eq(step(b), -1);
    uint64_t then = b->c->cycles;
    cr_assert_eq(step(b), -1);
    tsc = (uint64_t)r[REG_EDX] << 32 | r[REG_EAX];
    cr_assert_eq(tsc, 0x100000005 + b->c->cycles - then);
    bench_free(b);
}

Test(insn_rules, msrs)
{
    for (int kind = CPU_CLASSIC; kind <= CPU_VIRTUALIZABLE; kind++) {
        struct bench *b = bench_new((enum cpu_kind)kind);
        uint32_t *r = b->c->reg;
        CODE(b, 0x0f, 0x30, 0x0f, 0x32);
        r[REG_ECX] = MSR_SYSENTER_EIP;
        r[REG_EAX] = 0xc0001000;
        r[REG_EDX] = 0;
        cr_expect_eq(step(b), -1);
        r[REG_EAX] = 0;
        cr_expect_eq(step(b), -1);
        cr_expect_eq(r[REG_EAX], 0xc0001000);

        bench_again(b);
        bool ours = kind == CPU_VIRTUALIZABLE;
        r[REG_ECX] = MSR_TRAP_SENSITIVE;
        r[REG_EAX] = 1;
        cr_expect_eq(step(b), ours ? -1 : VEC_GP);
        cr_expect_eq(b->c->trap_sensitive, ours);
        bench_again(b);
        r[REG_EAX] = 4; /* a bit that means nothing */
        cr_expect_eq(step(b), VEC_GP);
        bench_again(b);
        r[REG_ECX] = 0x12345;
        cr_expect_eq(step(b), VEC_GP);
        bench_free(b);
    }
}

/* So that a kernel can switch the x87 lazily (SDM 3A 2.5). */
Test(insn_rules, wait_faults_when_mp_and_ts)
{
    for (uint32_t n = 0; n < 4; n++) {
        struct bench *b = bench_new(CPU_CLASSIC);
        CODE(b, 0x9b);
        b->c->cr0 |= (n & 1 ? CR0_MP : 0) | (n & 2 ? CR0_TS : 0);
        cr_expect_eq(step(b), n == 3 ? VEC_NM : -1);
        bench_free(b);
    }
}

/* ------------------------------------------------------- bits in memory */

/* SDM 2A, BT: the offset in a register is signed. */
Test(insn_rules, bit_offsets_reach_backwards)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    CODE(b, 0x0f, 0xab, 0x0b, 0x0f, 0xb3, 0x0b, 0x66, 0x0f, 0xbb, 0x0b);
    b->c->reg[REG_EBX] = DATA_AT + 64;
    b->c->reg[REG_ECX] = (uint32_t)-1;
    cr_assert_eq(step(b), -1); /* bts: the top bit of the doubleword before */
    cr_assert_eq(peek32(b, DATA_AT + 60), 0x80000000);
    cr_assert_eq(b->c->reg[REG_ECX], (uint32_t)-1);
    cr_assert_eq(step(b), -1); /* btr */
    cr_assert(cpu_eflags(b->c) & FL_CF);
    cr_assert_eq(peek32(b, DATA_AT + 60), 0);
    b->c->reg[REG_ECX] = 0x7777ffef; /* CX: -17: bit 15, two words back */
    cr_assert_eq(step(b), -1);       /* btc word */
    cr_assert_eq(peek32(b, DATA_AT + 60), 0x00008000);
    bench_free(b);
}

/* Whoever sees a store sees its own bits alone, not the whole register. */
static void see_store(void *who, struct cpu *c, gva_t at, unsigned size,
                      bool write, uint32_t value)
{
    (void)c, (void)at, (void)size;
    if (write)
        *(uint32_t *)who = value;
}

Test(insn_rules, a_store_is_seen_cut_to_its_size)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    uint32_t seen = 0;
    b->hooks = (struct cpu_hooks){.who = &seen, .memory = see_store};
    b->c->hooks = &b->hooks;
    b->c->reg[REG_EBX] = DATA_AT;
    CODE(b, 0xf6, 0x13, 0x66, 0xf7, 0x13, 0x66, 0x6a, 0xff);
    cr_assert_eq(step(b), -1); /* not byte [ebx] */
    cr_assert_eq(seen, 0xff);
    cr_assert_eq(step(b), -1); /* not word [ebx] */
    cr_assert_eq(seen, 0xff00);
    cr_assert_eq(step(b), -1); /* o16 push byte -1 */
    cr_assert_eq(seen, 0xffff);
    bench_free(b);
}
