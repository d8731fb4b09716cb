/* test_fast_conditions.c - every condition behind every instruction that
 * makes flags the fast engine's own way: all sixteen jumps, operands at the
 * edges, as the reference engine takes them. */
#include "cpu_fixture.h"

#define CC_MOST 16
static const uint32_t edges[] = {0,      1,      0x6f,       0x7f,       0x80,
                                 0x92,   0xff,   0x7fff,     0x8000,     0xffff,
                                 0x1234, 0x8081, 0x7fffffff, 0x80000000, ~0u};
#define EDGES (sizeof edges / sizeof edges[0])

/* An instruction on EAX or [DATA_AT], and ECX. */
struct form {
    uint8_t bytes[12], count;
};

static struct form form_of(const uint8_t *bytes, size_t count, bool memory,
                           uint32_t imm, unsigned imm_size)
{
    static const uint32_t at = DATA_AT;
    struct form f = {.count = (uint8_t)count};
    memcpy(f.bytes, bytes, count);
    if (memory) {
        memcpy(f.bytes + f.count, &at, 4);
        f.count += 4;
    }
    memcpy(f.bytes + f.count, &imm, imm_size);
    f.count = (uint8_t)(f.count + imm_size);
    return f;
}

/* For each condition: the operands anew, the instruction, and a bit of EDI if
 * the jump behind it is not taken. */
static void write_program(struct bench *b, const struct form *f)
{
    static const uint8_t begin[] = {
        0x89, 0xf0,       /* mov eax, esi */
        0x89, 0xd9,       /* mov ecx, ebx */
        0x89, 0x75, 0x00, /* mov [ebp], esi */
    };
    uint8_t *p = b->ram + CODE_AT;
    for (unsigned cc = 0; cc < CC_MOST; cc++) {
        memcpy(p, begin, sizeof begin);
        p += sizeof begin;
        memcpy(p, f->bytes, f->count);
        p += f->count;
        *p++ = (uint8_t)(0x70 + cc);
        *p++ = 6;
        *p++ = 0x81; /* or edi, 1 << cc */
        *p++ = 0xcf;
        memcpy(p, &(uint32_t){1u << cc}, 4);
        p += 4;
    }
    *p = 0xf4;
}

static uint32_t conditions(struct bench *b, uint32_t x, uint32_t y, bool fast)
{
    bench_again(b);
    b->c->reg[REG_ESI] = x;
    b->c->reg[REG_EBX] = y;
    b->c->reg[REG_EBP] = DATA_AT;
    b->c->reg[REG_EDI] = 0;
    cpu_set_eflags(b->c, x & FL_ARITH);
    while (!b->c->halted)
        fast ? cpu_run(b->c, b->c->cycles + 10000) : cpu_step(b->c);
    return b->c->reg[REG_EDI];
}

static void compare(const struct form *f)
{
    struct bench *run = bench_new(CPU_CLASSIC), *step = bench_new(CPU_CLASSIC);
    write_program(run, f);
    write_program(step, f);
    for (size_t n = 0; n < EDGES * EDGES; n++) {
        uint32_t x = edges[n / EDGES], y = edges[n % EDGES];
        uint32_t fast = conditions(run, x, y, true);
        uint32_t one = conditions(step, x, y, false);
        cr_expect_eq(fast, one, "%02x %02x %02x of %x, %x: %04x, not %04x",
                     f->bytes[0], f->bytes[1], f->bytes[2], (unsigned)x,
                     (unsigned)y, (unsigned)fast, (unsigned)one);
        cr_expect_eq(cpu_eflags(run->c), cpu_eflags(step->c));
        cr_expect_eq(run->c->cycles, step->c->cycles);
    }
    bench_free(run);
    bench_free(step);
}

/* With and without 66, a register or memory. */
static void compare_all(uint8_t opcode, unsigned reg, uint32_t imm,
                        unsigned imm_size)
{
    for (unsigned n = 0; n < 4; n++) {
        bool word = n & 1, memory = n & 2;
        if (word && !(opcode & 1))
            continue;
        uint8_t modrm = (uint8_t)((memory ? 0x05 : 0xc0) | reg << 3);
        const uint8_t bytes[] = {0x66, opcode, modrm};
        unsigned size = word && imm_size == 4 ? 2 : imm_size;
        struct form f = form_of(bytes + !word, 2u + word, memory, imm, size);
        compare(&f);
    }
}

Test(fast_conditions, behind_arithmetic)
{
    for (unsigned alu = 0; alu < 8; alu++)
        for (unsigned form = 0; form < 4; form++)
            compare_all((uint8_t)(alu * 8 + form), REG_ECX, 0, 0);
    compare_all(0x84, REG_ECX, 0, 0); /* TEST */
    compare_all(0x85, REG_ECX, 0, 0);
    compare_all(0x85, REG_EAX, 0, 0);
}

Test(fast_conditions, behind_immediates)
{
    static const uint32_t imm[] = {1, 0x7f, 0x92, 0x80000000};
    for (unsigned n = 0; n < 4; n++)
        for (unsigned alu = 0; alu < 8; alu++) {
            compare_all(0x80, alu, imm[n], 1);
            compare_all(0x81, alu, imm[n], 4);
            compare_all(0x83, alu, imm[n], 1);
        }
    compare_all(0xf6, 0, 0x92, 1); /* TEST */
    compare_all(0xf7, 0, 0x8081, 4);
}

Test(fast_conditions, behind_one_operand)
{
    for (unsigned reg = 0; reg < 2; reg++) { /* INC, DEC */
        compare_all(0xfe, reg, 0, 0);
        compare_all(0xff, reg, 0, 0);
    }
    for (unsigned reg = 2; reg < 6; reg++) { /* NOT NEG MUL IMUL */
        compare_all(0xf6, reg, 0, 0);
        compare_all(0xf7, reg, 0, 0);
    }
}

Test(fast_conditions, behind_shifts)
{
    static const uint32_t counts[] = {0, 1, 7, 31};
    for (unsigned reg = 0; reg < 8; reg++)
        for (uint8_t opcode = 0xd0; opcode < 0xd4; opcode++)
            compare_all(opcode, reg, 0, 0); /* by 1, by CL */
    for (unsigned n = 0; n < 4; n++)
        for (unsigned reg = 0; reg < 8; reg++)
            compare_all(0xc1, reg, counts[n], 1);
}
