/*
 * test_insn_faults.c - a fault leaves nothing behind: registers, flags, EIP
 * and memory are as before the instruction, and vector, error code and CR2
 * are the architecture's. Expectations are the manual's (SDM 3A 6.5: faults
 * restart; 6.15 for the error codes), tried in ring 3 with four pages:
 *
 *     a000  present, writable     c000  present, read-only
 *     b000  not present           d000  present, writable
 */
#include "cpu_fixture.h"

enum { MEMORY = 0xa000, HOLE = 0xb000, FIXED = 0xc000, MEMORY2 = 0xd000 };
#define ALL_FLAGS (FL_ARITH | FL_DF | FL_IF | FL_ONE)

static struct bench *four_pages(void)
{
    struct bench *b = bench_new(CPU_CLASSIC);
    bench_paging(b);
    poke32(b, TABLE_AT + 4 * (HOLE >> 12), 0);
    poke32(b, TABLE_AT + 4 * (FIXED >> 12), FIXED | 5);
    bench_ring3(b);
    poke32(b, TSS_AT + 100, 104u << 16); /* no I/O bitmap */
    for (uint32_t n = MEMORY; n < MEMORY2 + 0x1000; n++)
        b->ram[n] = (uint8_t)(n * 7);
    return b;
}

struct fault {
    const char *what;
    uint8_t code[10];
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    int vector;
    uint32_t error, cr2;
};

static const struct fault faults[] = {
    {"push eax",
     {0x50},
     .esp = HOLE + 8,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE + 4},
    {"push eax over an edge",
     {0x50},
     .esp = HOLE + 2,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"push [hole]",
     {0xff, 0x33},
     .ebx = HOLE,
     .esp = MEMORY + 64,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"pop eax", {0x58}, .esp = HOLE, .vector = VEC_PF, .error = 4, .cr2 = HOLE},
    {"pop [ebx], read-only",
     {0x8f, 0x03},
     .ebx = FIXED,
     .esp = MEMORY,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"pop [esp]: its address is after the pop",
     {0x8f, 0x04, 0x24},
     .esp = HOLE - 4,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"pusha, the fifth store",
     {0x60},
     .esp = MEMORY2 + 16,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = MEMORY2 - 4},
    {"popa, the fifth load",
     {0x61},
     .esp = HOLE - 16,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"pushf",
     {0x9c},
     .esp = MEMORY2,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = MEMORY2 - 4},
    {"popf",
     {0x9d},
     .esp = HOLE - 2,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"enter 0, 3 from a frame that is not there",
     {0xc8, 0, 0, 3},
     .esp = MEMORY + 64,
     .ebp = HOLE + 8,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE + 4},
    {"enter 0, 3, the second store",
     {0xc8, 0, 0, 3},
     .esp = MEMORY2 + 4,
     .ebp = MEMORY + 64,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = MEMORY2 - 4},
    {"enter 0x1000, 0: its locals",
     {0xc8, 0, 0x10, 0},
     .esp = MEMORY2 + 64,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED + 60},
    {"leave",
     {0xc9},
     .esp = MEMORY + 64,
     .ebp = HOLE,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"call +0",
     {0xe8, 0, 0, 0, 0},
     .esp = MEMORY2,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = MEMORY2 - 4},
    {"call [hole]",
     {0xff, 0x13},
     .ebx = HOLE,
     .esp = MEMORY + 64,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"ret", {0xc3}, .esp = HOLE, .vector = VEC_PF, .error = 4, .cr2 = HOLE},
    {"xchg [hole], eax",
     {0x87, 0x03},
     .eax = 1,
     .ebx = HOLE,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"xchg over an edge",
     {0x87, 0x03},
     .eax = 1,
     .ebx = HOLE - 1,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"xchg [read-only], eax",
     {0x87, 0x03},
     .eax = 1,
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"mov over an edge",
     {0x89, 0x03},
     .eax = 1,
     .ebx = HOLE - 3,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"cmpxchg that differs still writes",
     {0x0f, 0xb1, 0x0b},
     .eax = 1,
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"cmpxchg8b that differs still writes",
     {0x0f, 0xc7, 0x0f},
     .eax = 1,
     .edi = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"cmpxchg8b over an edge",
     {0x0f, 0xc7, 0x0f},
     .edi = HOLE - 4,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"xadd [read-only], ecx",
     {0x0f, 0xc1, 0x0b},
     .ecx = 5,
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"adc [read-only], ecx",
     {0x11, 0x0b},
     .ecx = 5,
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"adc ecx, [hole]",
     {0x13, 0x0b},
     .ecx = 5,
     .ebx = HOLE,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"shl [read-only], 0",
     {0xc1, 0x23, 0},
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"setc [read-only]",
     {0x0f, 0x92, 0x03},
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"cmovnc eax, [hole]: read though CF is set",
     {0x0f, 0x43, 0x03},
     .ebx = HOLE,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"bts [ebx], ecx a page further",
     {0x0f, 0xab, 0x0b},
     .ecx = 0x8000,
     .ebx = MEMORY,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"bt [ebx], ecx, back into the hole",
     {0x0f, 0xa3, 0x0b},
     .ecx = 0xffffffff,
     .ebx = FIXED,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = FIXED - 4},
    {"mul [hole]",
     {0xf7, 0x23},
     .eax = 3,
     .ebx = HOLE,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"div by 0", {0xf7, 0xf3}, .eax = 1, .vector = VEC_DE},
    {"div that overflows", {0xf7, 0xf3}, .edx = 1, .ebx = 1, .vector = VEC_DE},
    {"idiv of the least by -1",
     {0xf7, 0xfb},
     .edx = 0x80000000,
     .ebx = 0xffffffff,
     .vector = VEC_DE},
    {"idiv, quotient 2^31",
     {0xf7, 0xfb},
     .eax = 0x80000000,
     .edx = 0,
     .ebx = 1,
     .vector = VEC_DE},
    {"div bl that overflows",
     {0xf6, 0xf3},
     .eax = 0x200,
     .ebx = 2,
     .vector = VEC_DE},
    {"aam 0", {0xd4, 0}, .eax = 5, .vector = VEC_DE},
    {"lodsd", {0xad}, .esi = HOLE, .vector = VEC_PF, .error = 4, .cr2 = HOLE},
    {"stosd", {0xab}, .edi = FIXED, .vector = VEC_PF, .error = 7, .cr2 = FIXED},
    {"movsd: the load comes first",
     {0xa5},
     .esi = HOLE,
     .edi = FIXED,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE},
    {"movsd: then the store",
     {0xa5},
     .esi = MEMORY,
     .edi = FIXED,
     .vector = VEC_PF,
     .error = 7,
     .cr2 = FIXED},
    {"xlatb",
     {0xd7},
     .eax = 1,
     .ebx = HOLE,
     .vector = VEC_PF,
     .error = 4,
     .cr2 = HOLE + 1},
    {"sgdt over an edge",
     {0x0f, 0x01, 0x03},
     .ebx = HOLE - 4,
     .vector = VEC_PF,
     .error = 6,
     .cr2 = HOLE},
    {"in al, 0x20 at IOPL 0", {0xe4, 0x20}, .vector = VEC_GP},
    {"ud2", {0x0f, 0x0b}, .vector = VEC_UD},
    {"cli at IOPL 0", {0xfa}, .vector = VEC_GP},
    {"hlt in ring 3", {0xf4}, .vector = VEC_GP},
};

/* What the fault pushed on the ring-0 stack: error code (if any), then this
 * far above it EIP, CS, EFLAGS and ESP. */
static void check_frame(struct bench *b, const struct fault *f, uint32_t flags)
{
    uint32_t frame = b->c->reg[REG_ESP] + (f->vector >= VEC_DF ? 4 : 0);
    cr_expect_eq(peek32(b, frame), CODE_AT, "%s: EIP", f->what);
    cr_expect_eq(peek32(b, frame + 8) & ~(uint32_t)FL_RF, flags,
                 "%s: EFLAGS %x", f->what, peek32(b, frame + 8));
    cr_expect_eq(peek32(b, frame + 12), f->esp, "%s: ESP", f->what);
    if (f->vector >= VEC_DF)
        cr_expect_eq(peek32(b, frame - 4), f->error, "%s: error %x", f->what,
                     peek32(b, frame - 4));
}

static void check_fault(struct bench *b, const struct fault *f)
{
    static uint8_t before[0x4000];
    struct cpu *c = b->c;
    uint32_t reg[8] = {f->eax, f->ecx, f->edx, f->ebx,
                       f->esp, f->ebp, f->esi, f->edi};
    memcpy(c->reg, reg, sizeof reg);
    cpu_set_eflags(c, ALL_FLAGS);
    memcpy(b->ram + CODE_AT, f->code, sizeof f->code);
    memcpy(before, b->ram + MEMORY, sizeof before);
    c->last_event.kind = EVENT_NONE;
    cpu_step(c);
    cr_assert_eq(c->last_event.kind, EVENT_FAULT, "%s: no fault", f->what);
    cr_expect_eq(c->last_event.vector, f->vector, "%s: vector %d", f->what,
                 c->last_event.vector);
    if (f->vector == VEC_PF)
        cr_expect_eq(c->cr2, f->cr2, "%s: CR2 %x", f->what, c->cr2);
    check_frame(b, f, ALL_FLAGS);
    reg[REG_ESP] = c->reg[REG_ESP];
    cr_expect_arr_eq(c->reg, reg, sizeof reg, "%s: registers", f->what);
    cr_expect_arr_eq(b->ram + MEMORY, before, sizeof before, "%s: memory",
                     f->what);
}

Test(insn_faults, nothing_has_happened)
{
    for (size_t n = 0; n < sizeof faults / sizeof *faults; n++) {
        struct bench *b = four_pages();
        check_fault(b, &faults[n]);
        bench_free(b);
    }
}

Test(insn_faults, rep_stops_at_the_element_that_faults)
{
    struct bench *b = four_pages();
    struct cpu *c = b->c;
    CODE(b, 0xf3, 0xa5); /* rep movsd */
    c->reg[REG_ECX] = 4;
    c->reg[REG_ESI] = MEMORY;
    c->reg[REG_EDI] = HOLE - 8;
    cr_assert_eq(bench_run(b), VEC_PF);
    cr_assert_eq(c->cr2, HOLE);
    cr_assert_eq(c->reg[REG_ECX], 2);
    cr_assert_eq(c->reg[REG_ESI], MEMORY + 8);
    cr_assert_eq(c->reg[REG_EDI], HOLE);
    cr_assert_arr_eq(b->ram + HOLE - 8, b->ram + MEMORY, 8);
    cr_assert_eq(peek32(b, c->reg[REG_ESP] + 4), CODE_AT);
    bench_free(b);
}

/* The page comes, and the instruction goes on where it stood. */
Test(insn_faults, rep_goes_on_after_its_fault)
{
    struct bench *b = four_pages();
    struct cpu *c = b->c;
    CODE(b, 0xf3, 0xab, 0xf4); /* rep stosd */
    c->reg[REG_EAX] = 0x5a5a5a5a;
    c->reg[REG_ECX] = 3;
    c->reg[REG_EDI] = HOLE - 4;
    cpu_step(c);
    cr_assert_eq(c->reg[REG_ECX], 2);
    poke32(b, TABLE_AT + 4 * (HOLE >> 12), HOLE | 7);
    cr_assert_eq(bench_run(b), VEC_GP); /* the HLT, in ring 3 */
    cr_assert_eq(c->reg[REG_ECX], 0);
    cr_assert_eq(c->reg[REG_EDI], HOLE + 8);
    for (uint32_t at = HOLE - 4; at < HOLE + 8; at += 4)
        cr_assert_eq(peek32(b, at), 0x5a5a5a5a);
    bench_free(b);
}

/* A port that is read twice may lose a byte: the store is asked first. */
static uint32_t count_in(void *wire, uint16_t port, unsigned size)
{
    (void)port, (void)size;
    struct bench *b = wire;
    b->reads++;
    return 0x41;
}

Test(insn_faults, ins_reads_no_port_that_it_cannot_store)
{
    struct bench *b = four_pages();
    b->bus.port_in = count_in;
    CODE(b, 0x6c); /* insb */
    cpu_set_eflags(b->c, FL_IOPL);
    b->c->reg[REG_EDI] = FIXED;
    cr_assert_eq(bench_run(b), VEC_PF);
    cr_assert_eq(b->reads, 0);
    bench_free(b);
}

/* A transfer beyond CS's limit faults as itself: ESP and ECX are not moved. */
Test(insn_faults, a_target_beyond_the_limit)
{
    static const uint8_t codes[][6] = {
        {0xe9, 0, 0x20, 0, 0}, /* jmp +0x2000 */
        {0xe8, 0, 0x20, 0, 0}, /* call +0x2000 */
        {0x0f, 0x82, 0, 0x20}, /* jc */
        {0xe2, 0x80},          /* loop -0x80 */
        {0xe3, 0x80},          /* jecxz -0x80: not taken */
        {0xff, 0xe0},          /* jmp eax */
        {0xff, 0xd0},          /* call eax */
        {0xc3},                /* ret */
        {0xc2, 8, 0},          /* ret 8 */
    };
    for (size_t n = 0; n < sizeof codes / sizeof *codes; n++) {
        struct bench *b = four_pages();
        struct cpu *c = b->c;
        memcpy(b->ram + CODE_AT, codes[n], sizeof codes[n]);
        c->seg[SEG_CS].limit = CODE_AT + 0xfff;
        if (codes[n][0] == 0xe2)
            c->seg[SEG_CS].base = CODE_AT, c->eip = 0;
        cpu_set_eflags(c, FL_CF);
        c->reg[REG_EAX] = 0x3000;
        c->reg[REG_ECX] = 7;
        c->reg[REG_ESP] = MEMORY + 64;
        poke32(b, MEMORY + 60, 0x5a5a5a5a); /* where CALL would push */
        poke32(b, MEMORY + 64, 0x3000);
        c->last_event.kind = EVENT_NONE;
        uint32_t eip = c->eip;
        cpu_step(c);
        if (codes[n][0] == 0xe3) {
            cr_expect_eq(c->last_event.kind, EVENT_NONE);
        } else {
            cr_expect_eq(c->last_event.vector, VEC_GP, "code %zu", n);
            cr_expect_eq(peek32(b, c->reg[REG_ESP] + 4), eip, "code %zu", n);
            cr_expect_eq(peek32(b, c->reg[REG_ESP] + 16), MEMORY + 64);
            cr_expect_eq(peek32(b, MEMORY + 60), 0x5a5a5a5a);
        }
        cr_expect_eq(c->reg[REG_ECX], 7, "code %zu", n);
        bench_free(b);
    }
}
