/*
 * stream.c - random instruction streams.
 *
 * Every row of insn.def is found by asking the decoder for all opcodes and
 * ModRM bytes; so a new row is in the next stream. Rows are drawn alike often,
 * what is sensitive less, for it soon ends what was going on.
 */
#include <string.h>
#include "machine.h"

/* ---------------------------------------------- all opcodes, ordered by row */

#define FORMS (2u * 256 * 256) /* with 0F or not, opcode, ModRM */

struct forms {
    uint32_t first[INSN_COUNT + 1]; /* of a row, in `form` */
    uint32_t form[FORMS];           /* 0F, opcode, ModRM: a byte each */
    uint16_t row[FORMS];
    bool ready;
};

/* The bytes of form f; returns how many. */
static uint32_t form_bytes(uint32_t f, uint8_t *b)
{
    uint32_t n = 0;
    if (f >> 16)
        b[n++] = 0x0f;
    b[n++] = (uint8_t)(f >> 8);
    b[n++] = (uint8_t)f;
    return n;
}

static uint16_t row_of(uint32_t f)
{
    static const uint8_t prefixes[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
                                       0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x0f};
    uint8_t b[15] = {0};
    struct insn in;
    form_bytes(f, b);
    if (!(f >> 16) && memchr(prefixes, b[0], sizeof prefixes))
        return I_INVALID;
    return cpu_decode(b, sizeof b, true, &in) == DECODE_OK ? in.id : I_INVALID;
}

/* A counting sort, once a process: it depends on nothing but the table. */
static const struct forms *all_forms(void)
{
    static struct forms all;
    if (all.ready)
        return &all;
    uint32_t next[INSN_COUNT] = {0};
    for (uint32_t f = 0; f < FORMS; f++)
        all.first[(all.row[f] = row_of(f)) + 1]++;
    for (uint32_t id = 0; id < INSN_COUNT; id++)
        next[id] = all.first[id + 1] += all.first[id];
    for (uint32_t id = 0; id < INSN_COUNT; id++)
        next[id] = all.first[id];
    for (uint32_t f = 0; f < FORMS; f++)
        all.form[next[all.row[f]]++] = f;
    all.ready = true;
    return &all;
}

/* -------------------------------------------------------------- addresses */

uint32_t stream_place(uint64_t *dice)
{
    static const uint32_t places[] = {
        0x20000, 0x20ff0, 0x21000, 0x22000, 0x22ff8, 0x23000,
        0x24ff4, 0x2fff0, 0x10000, 0x11ffc, 0x30000, 0x400000 + 0x20000,
        0x5020,  0x2fc0,
    };
    uint32_t n = roll(dice);
    uint32_t at = places[n % 256 * 14 / 256];
    return at + (n >> 8) % (n & 0x40000000 ? 64 : 2048) / 4 * 4 +
           (n >> 29 ? 0 : n >> 20 & 3);
}

/* ------------------------------------------------------------ instructions */

static uint32_t put32(uint8_t *b, uint32_t v)
{
    memcpy(b, &v, 4);
    return 4;
}

/* An instruction of a row drawn by lot. Returns its bytes. */
static uint32_t put_row(uint64_t *dice, uint8_t *b, bool d32)
{
    static const uint8_t prefixes[] = {0x66, 0x66, 0x66, 0x67, 0xf3, 0xf2,
                                       0x26, 0x64, 0x2e, 0x36, 0xf0, 0x66};
    const struct forms *all = all_forms();
    struct insn in;
    uint32_t id, n = 0;
    do {
        id = 1 + roll(dice) % (INSN_COUNT - 1);
    } while (insn_rows[id].sens != SENS_INNOCUOUS && roll(dice) % 4);
    if (roll(dice) % 4 == 0)
        b[n++] = prefixes[roll(dice) % sizeof prefixes];
    uint32_t forms = all->first[id + 1] - all->first[id];
    n += form_bytes(all->form[all->first[id] + roll(dice) % forms], b + n);
    uint8_t modrm = b[n - 1];
    uint32_t tail = n + ((modrm & 7) == 4);
    put32(b + n, roll(dice));
    if (insn_rows[id].modrm && modrm >> 6 == 0 && (modrm & 7) == 5)
        put32(b + tail, stream_place(dice));
    else
        put32(b + tail, roll(dice) % 64 - 32);
    put32(b + tail + 4, roll(dice) % 2 ? roll(dice) : roll(dice) % 64);
    return cpu_decode(b, 15, d32, &in) == DECODE_OK ? in.len : 1;
}

/* What makes a stream interesting, and chance makes too seldom. */
static uint32_t put_special(uint64_t *dice, uint8_t *b, uint32_t at)
{
    static const uint8_t strings[] = {0xa4, 0xa5, 0xaa, 0xab,
                                      0xa6, 0xa7, 0xae, 0xac};
    uint32_t n = roll(dice) >> 4;
    switch (roll(dice) % 7) {
    case 0: /* MOV reg, a place */
        b[0] = (uint8_t)(0xb8 + n % 8);
        return 1 + put32(b + 1, stream_place(dice));
    case 1: /* a short branch: Jcc, LOOP, JMP */
        b[0] = (uint8_t)(n % 3 ? 0x70 + n / 3 % 16 : 0xe0 + n / 3 % 4);
        b[1] = (uint8_t)(roll(dice) % 48 - 24);
        return 2;
    case 2: /* CALL or JMP near, in these 16 KiB */
        b[0] = (uint8_t)(0xe8 + n % 2);
        return 1 + put32(b + 1, MACHINE_CODE + (n >> 1) % 0x4000 - at - 5);
    case 3: /* MOV [code ahead or behind], a register or a constant */
        b[0] = (uint8_t)(0x88 + n % 2);
        b[1] = (uint8_t)(0x05 | (n >> 1) % 8 << 3);
        put32(b + 2, at - 32 + (n >> 4) % 96);
        return 6;
    case 4: /* MOV ECX, few; REP a string instruction */
        b[0] = 0xb9;
        put32(b + 1, n % 40);
        b[5] = (uint8_t)(0xf2 + n / 40 % 2);
        b[6] = strings[n / 80 % 8];
        return 7;
    case 5: /* MOV ECX, an MSR; RDMSR or WRMSR */
        b[0] = 0xb9;
        put32(b + 1, n % 2 ? MSR_SYSENTER_CS + n / 2 % 3 : MSR_TSC);
        b[5] = 0x0f;
        b[6] = n % 16 < 14 ? 0x32 : 0x30;
        return 7;
    default: /* whatever */
        return put32(b, roll(dice));
    }
}

void stream_fill(uint64_t *dice, uint8_t *code, uint32_t size, bool d32)
{
    for (uint32_t n = 0; n < size;) {
        uint8_t b[32];
        uint32_t len = roll(dice) % 3 ? put_row(dice, b, d32)
                                      : put_special(dice, b, MACHINE_CODE + n);
        if (len > size - n)
            len = size - n;
        memcpy(code + n, b, len);
        n += len;
    }
}
