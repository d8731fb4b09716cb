/*
 * fpu_generate.c - random cases of every x87 row of insn.def.
 *
 * Parts:  random numbers, with a taste for edges: every class of operand,
 *         exponents close to each other, short significands (so that results
 *         are exact, or half way), values near the limits of the shorter
 *         formats; the state around the instruction; its bytes.
 */
#include "fpu_generate.h"
#include <string.h>

/* ---------------------------------------------------------- random numbers */

static uint32_t random32(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

static uint64_t random64(uint64_t *seed)
{
    return (uint64_t)random32(seed) << 32 | random32(seed);
}

static bool one_in(uint64_t *seed, uint32_t n)
{
    return random32(seed) % n == 0;
}

static unsigned pick(uint64_t *seed, unsigned n)
{
    return random32(seed) % n;
}

/* A significand without its integer bit: few bits, many ones, half way
 * between shorter ones, or any. */
static uint64_t edgy_fraction(uint64_t *seed)
{
    static const int widths[] = {24, 53, 64, 32, 16};
    int width = widths[pick(seed, 5)];
    uint64_t unit = (uint64_t)1 << (64 - width), any = random64(seed);
    switch (pick(seed, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX >> 1;
    case 2: /* just around a rounding boundary */
        return ((any & ~(2 * unit - 1)) | unit / 2) + pick(seed, 3) - 1;
    case 3:
        return (any & ~(unit - 1)) + unit * pick(seed, 2);
    case 4:
        return any << 48 << pick(seed, 16);
    case 5:
        return pick(seed, 4);
    default:
        return any;
    }
}

/* Exponents that matter: of 1, of the formats' limits, of integers. */
static int edgy_exponent(uint64_t *seed)
{
    static const int near_these[] = {0,    63,    31,     15,    -126, 127,
                                     1023, -1022, -16382, 16383, -63,  62,
                                     -149, -1074, 8192,   -8191, 24,   53};
    int e;
    switch (pick(seed, 4)) {
    case 0:
        e = near_these[pick(seed, 18)] + (int)pick(seed, 5) - 2;
        break;
    case 1:
        e = (int)pick(seed, 0x7ffe) - 16382;
        break;
    case 2:
        e = (int)pick(seed, 130) - 65;
        break;
    default:
        e = (int)pick(seed, 7) - 3;
    }
    return e < -16382 ? -16382 : e > 16383 ? 16383 : e;
}

static struct f80 edgy(uint64_t *seed)
{
    const uint64_t top = (uint64_t)1 << 63;
    uint16_t sign = one_in(seed, 2) ? 0x8000 : 0;
    uint64_t frac = edgy_fraction(seed) & (top - 1);
    uint16_t head = (uint16_t)(edgy_exponent(seed) + 16383);
    switch (pick(seed, 24)) {
    case 0:
        return (struct f80){0, sign};
    case 1: /* denormal */
        return (struct f80){frac >> pick(seed, 63), sign};
    case 2: /* pseudo-denormal */
        return (struct f80){frac | top, sign};
    case 3: /* infinity */
        return (struct f80){top, sign | 0x7fff};
    case 4:
    case 5: /* QNaN */
        return (struct f80){frac | top | top >> 1, sign | 0x7fff};
    case 6: /* SNaN */
        return (struct f80){(frac & ~(top >> 1)) | top | 1, sign | 0x7fff};
    case 7: /* unnormal, pseudo-NaN, pseudo-infinity */
        return (struct f80){one_in(seed, 3) ? 0 : frac,
                            one_in(seed, 2) ? sign | 0x7fff : sign | head};
    case 8: /* a small integer */
        return (struct f80){top | (uint64_t)pick(seed, 256) << 55,
                            sign | (uint16_t)(16383 + pick(seed, 9))};
    default:
        return (struct f80){frac | top, sign | head};
    }
}

/* ------------------------------------------------------------------- state */

static void fill_registers(struct fpu *f, uint64_t *seed)
{
    for (int n = 0; n < 8; n++)
        f->reg[n] = edgy(seed);
    struct f80 *st = &f->reg[f->top], *next = &f->reg[(f->top + 1) & 7];
    if (one_in(seed, 3)) /* like exponents: cancellation, small quotients */
        next->head = (uint16_t)(st->head + pick(seed, 9) - 4);
    if (one_in(seed, 8))
        *next = *st;
}

static void fill_state(struct fpu *f, uint64_t *seed)
{
    *f = (struct fpu){.top = (uint8_t)pick(seed, 8)};
    uint16_t masks = one_in(seed, 3) ? (uint16_t)pick(seed, 64) : 0x3f;
    f->control = (uint16_t)(0x40 | masks | pick(seed, 16) << 8 |
                            (one_in(seed, 9) ? 0x1000 : 0));
    f->status = (uint16_t)(pick(seed, 128) | pick(seed, 8) << 8 |
                           (one_in(seed, 2) ? 0x4000 : 0));
    f->status &= masks | 0x4740; /* nothing pending */
    f->full = one_in(seed, 4) ? (uint8_t)pick(seed, 256) : 0;
    /* What the instruction needs is there, mostly. */
    if (!one_in(seed, 8))
        f->full |= (uint8_t)(7u << f->top | 7u >> (8 - f->top));
    f->opcode = pick(seed, 2048) & 0x7ff;
    f->ip = random32(seed);
    f->dp = random32(seed);
    fill_registers(f, seed);
}

static void put_real(uint8_t *to, struct f80 x, unsigned size)
{
    int bits = size == 4 ? 23 : 52, most = size == 4 ? 0xff : 0x7ff;
    int head = x.head & 0x7fff, exp = head - 16383 + most / 2;
    uint64_t frac = x.frac << 1 >> (64 - bits);
    if (head == 0x7fff || exp > most)
        exp = most;
    else if (exp < 0)
        exp = 0;
    uint64_t v = (uint64_t)(x.head >> 15) << (size * 8 - 1) |
                 (uint64_t)exp << bits | frac;
    memcpy(to, &v, size);
}

static void put_bcd(uint8_t *to, uint64_t *seed)
{
    for (int n = 0; n < 9; n++)
        to[n] = (uint8_t)(pick(seed, 10) << 4 | pick(seed, 10));
    to[9] = (uint8_t)random32(seed);
    if (one_in(seed, 3))
        memset(to + 1 + pick(seed, 8), 0, 2);
}

/* The whole state for FLDENV and FRSTOR, of 16 or 32 bits. */
static void put_state(uint8_t *to, bool wide, uint64_t *seed)
{
    struct fpu f;
    fill_state(&f, seed);
    uint32_t words[7] = {random32(seed), random32(seed), random32(seed), f.ip,
                         random32(seed), f.dp,           random32(seed)};
    unsigned size = wide ? 4 : 2;
    for (unsigned n = 0; n < 7; n++)
        memcpy(to + n * size, &words[n], size);
    for (unsigned n = 0; n < 8; n++) {
        memcpy(to + 7 * size + 10 * n, &f.reg[n].frac, 8);
        memcpy(to + 7 * size + 10 * n + 8, &f.reg[n].head, 2);
    }
}

static void fill_memory(struct fpu_case *k, uint64_t *seed)
{
    const struct operand_form *form = &insn_rows[k->insn.id].form[0];
    for (unsigned n = 0; n < FPU_MEMORY; n++)
        k->memory[n] = (uint8_t)random32(seed);
    struct f80 x = edgy(seed);
    enum insn_id id = (enum insn_id)k->insn.id;
    if (id == I_FLDENV_M || id == I_FRSTOR_M)
        put_state(k->memory, k->insn.opsize == 4, seed);
    else if (form->place == PLACE_NUMBER && form->size == 10 && form->number)
        put_bcd(k->memory, seed);
    else if (form->place == PLACE_NUMBER && form->size == 10) {
        memcpy(k->memory, &x.frac, 8);
        memcpy(k->memory + 8, &x.head, 2);
    } else if (form->place == PLACE_NUMBER && !form->number)
        put_real(k->memory, x, form->size);
    else if (one_in(seed, 3))
        memset(k->memory, one_in(seed, 2) ? 0xff : 0, 2 + pick(seed, 6));
}

/* --------------------------------------------------------- the instruction */

#define NONE 0xff /* any ModRM, memory; any register */
struct encoding {
    uint8_t opcode, modrm, forms;
};
#define B1(op)   \
    {            \
        op, 0, 0 \
    }
#define B1G(op, d) \
    {              \
        op, 0, 0   \
    }
#define B1R(op)  \
    {            \
        op, 0, 0 \
    }
#define B1R7(op) \
    {            \
        op, 0, 0 \
    }
#define B1C(op)  \
    {            \
        op, 0, 0 \
    }
#define B2X(op, modrm) \
    {                  \
        op, 0, 0       \
    }
#define B2(op)   \
    {            \
        op, 0, 0 \
    }
#define B2G(op, d) \
    {              \
        op, 0, 0   \
    }
#define B2R(op)  \
    {            \
        op, 0, 0 \
    }
#define B2C(op)  \
    {            \
        op, 0, 0 \
    }
#define B1M(op, d)          \
    {                       \
        op, (d) << 3 | 7, 1 \
    } /* [EDI] */
#define B1S(op, d)             \
    {                          \
        op, 0xc0 | (d) << 3, 8 \
    }
#define B1X(op, modrm) \
    {                  \
        op, modrm, 1   \
    }
static const struct encoding encodings[INSN_COUNT] = {
#define INSN(id, encoding, ...) [I_##id] = encoding,
#include "../../cpu/insn.def"
#undef INSN
};

bool fpu_row_is_comparable(enum insn_id id)
{
    return encodings[id].forms != 0;
}

static bool has_layouts(enum insn_id id)
{
    return id == I_FNSTENV_M || id == I_FLDENV_M || id == I_FNSAVE_M ||
           id == I_FRSTOR_M;
}

void fpu_generate(enum insn_id id, uint64_t *seed, struct fpu_case *k)
{
    const struct encoding *e = &encodings[id];
    *k = (struct fpu_case){.eax = random32(seed)};
    k->eflags = (random32(seed) & FL_ARITH) | FL_IF | FL_ONE;
    if (has_layouts(id) && one_in(seed, 3))
        k->code[k->length++] = 0x66;
    k->code[k->length++] = e->opcode;
    k->code[k->length++] = (uint8_t)(e->modrm + pick(seed, e->forms));
    cpu_decode(k->code, k->length, true, &k->insn);
    fill_state(&k->fpu, seed);
    fill_memory(k, seed);
}

bool fpu_is_transcendental(const struct fpu_case *k)
{
    return insn_rows[k->insn.id].price == PRICE_fpu_long;
}

/* FCOMI clears C1 (SDM 2A FCOMI); AMD's leave it. */
uint16_t fpu_undefined(const struct fpu_case *k)
{
    switch (k->insn.id) {
    case I_FCOMI_ST:
    case I_FCOMIP_ST:
    case I_FUCOMI_ST:
    case I_FUCOMIP_ST:
        return 0x0200;
    default:
        return 0;
    }
}

bool fpu_out_of_domain(const struct fpu_case *k)
{
    struct f80 x = k->fpu.reg[k->fpu.top];
    unsigned head = x.head & 0x7fff;
    bool full = k->fpu.full >> k->fpu.top & 1;
    if (!full || head == 0x7fff || !(x.frac >> 63))
        return false;
    if (k->insn.id == I_F2XM1)
        return head > 0x3fff || (head == 0x3fff && x.frac << 1 != 0);
    return k->insn.id == I_FYL2XP1 && head >= 0x3ffd &&
           (head > 0x3ffd ||
            x.frac > (x.head >> 15 ? 0x95f619980c4336f7 : 0xd413cccfe7799211));
}
