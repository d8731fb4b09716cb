/*
 * The decoder's edges: what it says of bytes that end too soon, go on too
 * long, or are no instruction; and that it never looks past their end.
 * What instructions it reads, and how, check-decode.sh asks ndisasm.
 */
#include "../../cpu/cpu.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Decode from a heap block of exactly n bytes: a byte too far is a fault
 * under ASan. */
static enum decode_status decode(const uint8_t *bytes, size_t n, bool code32,
                                 struct insn *in)
{
    uint8_t *exact = calloc(1, n ? n : 1);
    memcpy(exact, bytes, n);
    enum decode_status s = cpu_decode(exact, n, code32, in);
    free(exact);
    return s;
}

static enum decode_status status32(const char *bytes, size_t n)
{
    struct insn in;
    return decode((const uint8_t *)bytes, n, true, &in);
}
#define STATUS32(literal) status32(literal, sizeof(literal) - 1)

Test(decode_limits, nothing_is_truncated)
{
    cr_assert_eq(STATUS32(""), DECODE_TRUNCATED);
}

/* Every beginning of an instruction is truncated, whatever is missing. */
Test(decode_limits, each_beginning_is_truncated)
{
    static const char *const whole[] = {
        "\x66\x67\x26\x81\x80\x01\x02\x03\x04", /* add word [es:bx+si+..] */
        "\x81\x84\x8d\x01\x02\x03\x04\x05\x06\x07\x08",
        "\x0f\xba\xe0\x05",
        "\xc8\x01\x02\x03",
        "\x9a\x01\x02\x03\x04\x05\x06",
        "\xa1\x01\x02\x03\x04",
        "\x0f\x8f\x01\x02\x03\x04",
        "\xf7\x05\x01\x02\x03\x04\x05\x06\x07\x08",
        "\x0f\xb6\x45\x01",
        "\x6b\xc0\x01",
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        struct insn in;
        size_t n = strlen(whole[i]);
        const uint8_t *bytes = (const uint8_t *)whole[i];
        for (size_t some = 0; some < n; some++)
            if (decode(bytes, some, true, &in) != DECODE_TRUNCATED)
                cr_assert(some >= in.len, "%zu of string %zu", some, i);
        cr_assert_eq(decode(bytes, n, true, &in), DECODE_OK, "string %zu", i);
    }
}

/* SDM 2A 2.3.11: 15 bytes are the limit, and redundant prefixes count. */
Test(decode_limits, fifteen_bytes)
{
    uint8_t bytes[32];
    struct insn in;
    memset(bytes, 0x66, sizeof bytes);
    bytes[14] = 0x90;
    cr_assert_eq(decode(bytes, 15, true, &in), DECODE_OK);
    cr_assert_eq(in.len, 15);
    bytes[14] = 0x66;
    bytes[15] = 0x90;
    cr_assert_eq(decode(bytes, 32, true, &in), DECODE_TOO_LONG);
    cr_assert_eq(decode(bytes, 15, true, &in), DECODE_TOO_LONG);
    cr_assert_eq(decode(bytes, 14, true, &in), DECODE_TRUNCATED);
}

/* An immediate that crosses the limit makes the instruction too long. */
Test(decode_limits, sixteenth_byte_in_an_immediate)
{
    uint8_t bytes[20];
    struct insn in;
    memset(bytes, 0x3e, sizeof bytes);
    bytes[10] = 0xb8;
    cr_assert_eq(decode(bytes, 20, true, &in), DECODE_OK);
    bytes[10] = 0x3e;
    bytes[11] = 0xb8;
    cr_assert_eq(decode(bytes, 20, true, &in), DECODE_TOO_LONG);
}

/* Undefined opcodes are known as such from their own bytes. */
Test(decode_limits, undefined_needs_no_further_byte)
{
    cr_assert_eq(STATUS32("\xd9\xd1"), DECODE_INVALID); /* by FNOP */
    cr_assert_eq(STATUS32("\x0f\x0a"), DECODE_INVALID);
    cr_assert_eq(STATUS32("\x0f\xff"), DECODE_INVALID);
    cr_assert_eq(STATUS32("\xfe\x38"), DECODE_INVALID); /* FE /7 */
    cr_assert_eq(STATUS32("\x0f\xc7\x00\x00"), DECODE_INVALID);
}

Test(decode_limits, invalid_says_how_far_it_looked)
{
    struct insn in;
    cr_assert_eq(decode((const uint8_t *)"\x66\x0f\x0a\x90", 4, true, &in),
                 DECODE_INVALID);
    cr_assert_eq(in.len, 3);
    cr_assert_eq(in.id, I_INVALID);
}

/* SDM 2A "LOCK": #UD but for a list of instructions, and for memory. */
Test(decode_limits, lock)
{
    cr_assert_eq(STATUS32("\xf0\x01\x00"), DECODE_OK);      /* add [eax],eax */
    cr_assert_eq(STATUS32("\xf0\x01\xc0"), DECODE_INVALID); /* a register */
    cr_assert_eq(STATUS32("\xf0\x03\x00"), DECODE_INVALID); /* a source */
    cr_assert_eq(STATUS32("\xf0\x39\x00"), DECODE_INVALID); /* cmp */
    cr_assert_eq(STATUS32("\xf0\x0f\xc7\x08"), DECODE_OK);  /* cmpxchg8b */
    cr_assert_eq(STATUS32("\xf0\x0f\xba\x28\x01"), DECODE_OK);      /* bts */
    cr_assert_eq(STATUS32("\xf0\x0f\xba\x20\x01"), DECODE_INVALID); /* bt */
    cr_assert_eq(STATUS32("\xf0\x89\x00"), DECODE_INVALID);         /* mov */
    cr_assert_eq(STATUS32("\xf0\x90"), DECODE_INVALID);
}

/* Memory-only operands refuse a register; MOV CRn ignores mod. */
Test(decode_limits, forbidden_operands)
{
    cr_assert_eq(STATUS32("\x8d\xc0"), DECODE_INVALID);     /* lea */
    cr_assert_eq(STATUS32("\xc5\xc0"), DECODE_INVALID);     /* lds */
    cr_assert_eq(STATUS32("\x0f\x01\xf8"), DECODE_INVALID); /* invlpg */
    cr_assert_eq(STATUS32("\x8e\xc8"), DECODE_INVALID);     /* mov cs,ax */
    cr_assert_eq(STATUS32("\x8c\xc8"), DECODE_OK);          /* mov ax,cs */
    cr_assert_eq(STATUS32("\x8c\xf0"), DECODE_INVALID);     /* a 7th one */
    cr_assert_eq(STATUS32("\x0f\x20\xc8"), DECODE_INVALID); /* cr1 */
    cr_assert_eq(STATUS32("\x0f\x22\xe0"), DECODE_OK);      /* cr4 */
    cr_assert_eq(STATUS32("\x0f\x20\x05"), DECODE_OK);      /* mod 0: eax.. */
}

/* A million random strings of every length: no byte read past the end (ASan
 * looks), no length beyond the bytes given or 15. */
Test(decode_limits, random_strings_stay_inside)
{
    uint32_t seed = 7;
    for (int n = 0; n < 1000000; n++) {
        uint8_t bytes[17];
        struct insn in;
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(seed >> 24);
        }
        size_t size = bytes[16] % 17;
        enum decode_status s =
            cpu_decode(bytes + 16 - size, size, seed & 0x10000, &in);
        cr_assert(in.len <= size && in.len <= 15);
        cr_assert(s != DECODE_OK || in.id != I_INVALID);
    }
}
