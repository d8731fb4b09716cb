/*
 * memory.c - kernels whose cost is where memory is: a pointer chase over so
 * many bytes of data, and straight code of so many bytes.
 */
#include "kernels.h"

/* ----------------------------------------------------------- pointer chase */

#define LINE 64u
#define STEPS 100000u

static uint32_t *line(uint32_t n)
{
    return ARENA + n * (LINE / 4);
}

/*
 * Each line of 64 bytes points to the next of a cycle through all lines. A
 * linear congruence whose modulus is a power of two goes through every
 * number once (Knuth 2, 3.2.1.2: increment odd, multiplier 4 k + 1).
 */
void chase_prepare(uint32_t size)
{
    uint32_t lines = size / LINE, at = 0;
    for (uint32_t i = 0; i < lines; i++) {
        uint32_t next = (at * 1664525u + 1013904223u) & (lines - 1);
        *line(at) = (uint32_t)line(next);
        at = next;
    }
}

/* One load depends on the one before it; four instructions a step. Every
 * round goes the same way, which a host's cache sees only if it fits. */
uint32_t chase(uint32_t size)
{
    const uint32_t *at = ARENA;
    uint32_t steps = size > 64 * STEPS ? size / LINE : STEPS, sum = 0;
    if (steps > 10 * STEPS)
        steps = 10 * STEPS;
    for (uint32_t i = 0; i < steps; i++) {
        at = (const uint32_t *)*at;
        sum ^= (uint32_t)at + i;
    }
    return sum;
}

/* ----------------------------------------------------------- straight code */

/* An instruction of two registers, or a register and [ebx + offset], by
 * opcode: ModRM, and the displacement. */
static uint8_t *emit_registers(uint8_t *at, uint32_t opcode, uint32_t reg,
                               uint32_t rm)
{
    *at++ = (uint8_t)opcode;
    *at++ = (uint8_t)(0xc0 | reg << 3 | rm);
    return at;
}

static uint8_t *emit_memory(uint8_t *at, uint32_t opcode, uint32_t reg,
                            uint32_t offset)
{
    *at++ = (uint8_t)opcode;
    *at++ = (uint8_t)(0x43 | reg << 3);
    *at++ = (uint8_t)offset;
    return at;
}

static uint8_t *emit_long(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(value >> 8 * i);
    return at;
}

/*
 * One or two instructions, of kinds about as frequent as compiled code has
 * them: of 16, seven touch memory, three branch. Registers: not EBX, which
 * points to data, nor ESP.
 */
static uint8_t *emit(uint8_t *at, uint32_t seed)
{
    static const uint8_t regs[8] = {0, 1, 2, 5, 6, 7, 0, 1};
    static const uint8_t arithmetic[4] = {0x01, 0x21, 0x29, 0x31};
    uint32_t a = regs[seed >> 8 & 7], b = regs[seed >> 11 & 7];
    uint32_t offset = seed >> 14 & 0x7c, kind = seed >> 28;
    switch (kind) {
    case 0: /* mov a, [ebx + offset] */
    case 1:
    case 2:
    case 3:
        return emit_memory(at, 0x8b, a, offset);
    case 4: /* mov [ebx + offset], a */
    case 5:
        return emit_memory(at, 0x89, a, offset);
    case 6: /* add a, [ebx + offset] */
        return emit_memory(at, 0x03, a, offset);
    case 7: /* add a, offset */
        at = emit_registers(at, 0x83, 0, a);
        *at++ = (uint8_t)offset;
        return at;
    case 8:
        *at++ = (uint8_t)(0xb8 | a); /* mov a, seed */
        return emit_long(at, seed);
    case 9: /* shl a, 3 or shr a, 3 */
        at = emit_registers(at, 0xc1, offset & 4 ? 4 : 5, a);
        *at++ = 3;
        return at;
    case 10: /* cmp a, b; jnz over what follows, an INC */
    case 11:
    case 12:
        at = emit_registers(at, 0x39, b, a);
        *at++ = kind == 10 ? 0x75 : 0x72; /* or jc */
        *at++ = 1;
        *at++ = (uint8_t)(0x40 | a);
        return at;
    default: /* add, and, sub, xor a, b */
        return emit_registers(at, arithmetic[seed >> 17 & 3], b, a);
    }
}

/* A function of `size` bytes of code at ARENA: run once, each instruction in
 * it runs once. EAX in and out. */
void code_prepare(uint32_t size)
{
    uint8_t *at = (uint8_t *)ARENA;
    uint32_t seed = size;
    while (at < (uint8_t *)ARENA + size - 16)
        at = emit(at, random_next(&seed));
    *at = 0xc3; /* ret */
}

/* Again and again, until about a million bytes of it have run. */
uint32_t code_run(uint32_t size)
{
    static uint32_t data[64];
    uint32_t sum = 0, times = size < 1u << 20 ? (1u << 20) / size : 1;
    for (int i = 0; i < 64; i++)
        data[i] = (uint32_t)i * 0x9e3779b9u;
    for (uint32_t i = 0; i < times; i++)
        sum = call_code(ARENA, data, sum);
    return sum;
}
