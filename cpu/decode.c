/*
 * decode.c - from bytes to a struct insn.
 *
 * Job:    prefixes, opcode, ModRM and SIB, displacement, immediates, in the
 *         order of SDM 2A 2.1; then what an encoding forbids.
 * Parts:  the index from opcode to row, filled by insn.def's encoding
 *         column; the cursor; addressing; operands; cpu_decode.
 *
 * Simplified: only the instructions of insn.def exist. Prefixes that
 * later processors gave a meaning (F3 0F BC is TZCNT) keep their old one.
 */
#include "cpu.h"

#define MAX_LENGTH 15

/* ------------------------------------------------- opcode to row, by map */

/*
 * [map][opcode][ModRM's reg]: map 1 is what follows 0F. An opcode that does
 * not use ModRM's reg as opcode has its row in all eight places; so two rows
 * of one encoding initialise one element twice, and the compiler says so.
 * Map 2 is for x87's register forms: the opcode's low three bits and ModRM's
 * reg in the opcode's place, ModRM's r/m in reg's. Map 3 is for 0F 01's
 * register forms that are no operands: ModRM's reg and r/m.
 */
#define X87_REGISTERS 2
#define GROUP7_REGISTERS 3
#define X87_OP(op, reg) (((op)&7u) << 3 | (reg))
/* clang-format off */
#define ALL(id) \
    { I_##id, I_##id, I_##id, I_##id, I_##id, I_##id, I_##id, I_##id }
#define OP(id, map, op, unused)    [map][op] = ALL(id),
#define DIGIT(id, map, op, digit)  [map][op][digit] = I_##id,
#define REGS7(id, map, op, unused) \
    OP(id, map, (op), )     OP(id, map, (op) + 1, ) OP(id, map, (op) + 2, ) \
    OP(id, map, (op) + 3, ) OP(id, map, (op) + 4, ) OP(id, map, (op) + 5, ) \
    OP(id, map, (op) + 6, )
#define REGS(id, map, op, unused)  REGS7(id, map, op, ) OP(id, map, (op) + 7, )
#define CONDS(id, map, op, unused) REGS(id, map, op, ) REGS(id, map, (op) + 8, )
/* clang-format on */

#define B1(op) OP, 0, op,
#define B1G(op, digit) DIGIT, 0, op, digit
#define B1R(op) REGS, 0, op,
#define B1R7(op) REGS7, 0, op,
#define B1C(op) CONDS, 0, op,
#define B1M(op, digit) DIGIT, 0, op, digit
#define B1S(op, digit) OP, X87_REGISTERS, X87_OP(op, digit),
#define B1X(op, modrm) \
    DIGIT, X87_REGISTERS, X87_OP(op, (modrm) >> 3 & 7), (modrm)&7
#define B2(op) OP, 1, op,
#define B2X(op, modrm) DIGIT, GROUP7_REGISTERS, ((modrm) >> 3 & 7), (modrm)&7
#define B2G(op, digit) DIGIT, 1, op, digit
#define B2R(op) REGS, 1, op,
#define B2C(op) CONDS, 1, op,

/* The encoding expands to what fills its places, and their coordinates. */
#define FILL(id, how, map, op, arg) how(id, map, op, arg)
#define FILL_BY(...) FILL(__VA_ARGS__)

static const uint16_t rows_of[4][256][8] = {
#define INSN(id, encoding, ...) FILL_BY(id, encoding)
#include "insn.def"
#undef INSN
};

/* ------------------------------------------------------------- the cursor */

struct cursor {
    const uint8_t *bytes;
    size_t size, at;
    bool code32;
    enum decode_status status; /* the first failure stays */
};

/* The next byte, or 0 with the status set. */
static uint8_t fetch(struct cursor *c)
{
    if (c->at < c->size && c->at < MAX_LENGTH)
        return c->bytes[c->at++];
    if (c->status == DECODE_OK)
        c->status = c->at < MAX_LENGTH ? DECODE_TRUNCATED : DECODE_TOO_LONG;
    return 0;
}

/* `size` bytes, least significant first; not extended. */
static uint32_t fetch_value(struct cursor *c, unsigned size)
{
    uint32_t value = 0;
    for (unsigned n = 0; n < size; n++)
        value |= (uint32_t)fetch(c) << (8 * n);
    return value;
}

static uint32_t extend(uint32_t value, unsigned size)
{
    return size == 1   ? (uint32_t)(int8_t)value
           : size == 2 ? (uint32_t)(int16_t)value
                       : value;
}

/* ------------------------------------------------- prefixes and addressing */

/* Take the prefixes, in any order; of one kind the last counts. Returns the
 * first byte that is none. */
static uint8_t fetch_prefixes(struct cursor *c, struct insn *in)
{
    unsigned other = c->code32 ? 2 : 4;
    for (;;) {
        uint8_t byte = fetch(c);
        switch (byte) {
        case 0x26:
            in->override = SEG_ES;
            break;
        case 0x2e:
            in->override = SEG_CS;
            break;
        case 0x36:
            in->override = SEG_SS;
            break;
        case 0x3e:
            in->override = SEG_DS;
            break;
        case 0x64:
            in->override = SEG_FS;
            break;
        case 0x65:
            in->override = SEG_GS;
            break;
        case 0x66:
            in->opsize = (uint8_t)other;
            break;
        case 0x67:
            in->adsize = (uint8_t)other;
            break;
        case 0xf0:
            in->lock = 1;
            break;
        case 0xf2:
        case 0xf3:
            in->rep = byte;
            break;
        default:
            return byte;
        }
    }
}

/* SDM 2A table 2-1: 16-bit addressing forms. */
static void decode_address16(struct cursor *c, struct insn *in)
{
    static const uint8_t base[8] = {REG_EBX, REG_EBX, REG_EBP, REG_EBP,
                                    REG_ESI, REG_EDI, REG_EBP, REG_EBX};
    static const uint8_t index[8] = {REG_ESI, REG_EDI, REG_ESI, REG_EDI,
                                     NO_REG,  NO_REG,  NO_REG,  NO_REG};
    in->base = base[in->rm];
    in->index = index[in->rm];
    if (in->mod == 0 && in->rm == 6) {
        in->base = NO_REG;
        in->disp = fetch_value(c, 2);
    } else if (in->mod == 1) {
        in->disp = extend(fetch(c), 1);
    } else if (in->mod == 2) {
        in->disp = fetch_value(c, 2);
    }
}

/* SDM 2A tables 2-2 and 2-3: 32-bit addressing forms and SIB. */
static void decode_address32(struct cursor *c, struct insn *in)
{
    in->base = in->rm;
    if (in->rm == 4) {
        uint8_t sib = fetch(c);
        in->scale = sib >> 6;
        in->index = (sib >> 3) & 7;
        in->base = sib & 7;
        if (in->index == REG_ESP)
            in->index = NO_REG;
    }
    if (in->mod == 0 && in->base == REG_EBP) {
        in->base = NO_REG;
        in->disp = fetch_value(c, 4);
    } else if (in->mod == 1) {
        in->disp = extend(fetch(c), 1);
    } else if (in->mod == 2) {
        in->disp = fetch_value(c, 4);
    }
}

static void decode_modrm(struct cursor *c, struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    uint8_t byte = fetch(c);
    in->mod = byte >> 6;
    in->reg = (byte >> 3) & 7;
    in->rm = byte & 7;
    if (row->form[0].place == PLACE_RMREG || row->form[1].place == PLACE_RMREG)
        in->mod = 3; /* MOV CRn and DRn: "mod is ignored" */
    if (in->mod == 3)
        return;
    if (in->adsize == 2)
        decode_address16(c, in);
    else
        decode_address32(c, in);
    if (in->base == REG_ESP || in->base == REG_EBP)
        in->seg = SEG_SS;
}

/* ------------------------------------------------------ opcode to operands */

/* The row of an opcode; for a group by the ModRM byte that comes next. */
static uint16_t find_row(const struct cursor *c, unsigned map, uint8_t opcode)
{
    const uint16_t *rows = rows_of[map][opcode];
    if (c->at < c->size) {
        unsigned modrm = c->bytes[c->at], reg = modrm >> 3 & 7;
        bool x87 = map == 0 && (opcode & 0xf8) == 0xd8;
        if (x87 && modrm >= 0xc0)
            return rows_of[X87_REGISTERS][X87_OP(opcode, reg)][modrm & 7];
        bool group7 = map == 1 && opcode == 0x01;
        if (group7 && modrm >= 0xc0 &&
            rows_of[GROUP7_REGISTERS][reg][modrm & 7])
            return rows_of[GROUP7_REGISTERS][reg][modrm & 7];
        return rows[reg];
    }
    /* No more bytes. Any row of a group will do: its ModRM is missing. */
    for (int digit = 0; digit < 8; digit++)
        if (rows[digit] != I_INVALID)
            return rows[digit];
    return I_INVALID;
}

/* The bytes of operand n after ModRM, and the register in the opcode. */
static void decode_operand(struct cursor *c, struct insn *in, int n)
{
    const struct operand_form *form = &insn_rows[in->id].form[n];
    unsigned size = form->size == SIZE_V ? in->opsize : form->size;
    switch (form->place) {
    case PLACE_OPREG:
        in->reg = in->opcode & 7;
        break;
    case PLACE_IMM:
        if (n > 0 && form[-1].place == PLACE_IMM)
            in->imm2 = fetch_value(c, size); /* ENTER's level */
        else
            in->imm = fetch_value(c, size);
        if (form->number)
            in->imm = extend(in->imm, size);
        break;
    case PLACE_REL:
        in->imm = extend(fetch_value(c, size), size);
        break;
    case PLACE_FAR:
        in->imm = fetch_value(c, size);
        in->imm2 = fetch_value(c, 2);
        break;
    case PLACE_OFFSET:
        in->disp = fetch_value(c, in->adsize);
        break;
    default:
        break;
    }
}

/* Is operand n one that the manual answers with #UD? */
static bool forbidden_operand(const struct insn *in, int n)
{
    switch (insn_rows[in->id].form[n].place) {
    case PLACE_MEM: /* LEA, LDS, LGDT ... of a register */
        return in->mod == 3;
    case PLACE_SREG: /* there are six; and MOV CS, Ew is none */
        return in->reg >= SEG_COUNT || (n == 0 && in->reg == SEG_CS);
    case PLACE_CREG: /* CR1, CR5, CR6, CR7 */
        return in->reg == 1 || in->reg > 4;
    default:
        return false;
    }
}

/* No row, a forbidden operand, or LOCK without a row that allows it and a
 * destination in memory. */
static bool forbidden(const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    if (in->lock && !((row->attr & ATTR_LOCK) && in->mod != 3))
        return true;
    return in->id == I_INVALID || forbidden_operand(in, 0) ||
           forbidden_operand(in, 1);
}

enum decode_status cpu_decode(const uint8_t *bytes, size_t size, bool code32,
                              struct insn *out)
{
    struct cursor c = {.bytes = bytes, .size = size, .code32 = code32};
    uint8_t word = code32 ? 4 : 2;
    *out = (struct insn){.opsize = word,
                         .adsize = word,
                         .mod = 3, /* no operand in memory, so far */
                         .base = NO_REG,
                         .index = NO_REG,
                         .seg = SEG_DS,
                         .override = NO_REG,
                         .code32 = code32};

    unsigned map = 0;
    out->opcode = fetch_prefixes(&c, out);
    if (out->opcode == 0x0f && c.status == DECODE_OK) {
        map = 1;
        out->opcode = fetch(&c);
    }
    if (c.status == DECODE_OK) {
        out->id = find_row(&c, map, out->opcode);
        if (insn_rows[out->id].modrm)
            decode_modrm(&c, out);
        for (int n = 0; n < 3; n++)
            decode_operand(&c, out, n);
    }
    if (c.status == DECODE_OK && forbidden(out))
        c.status = DECODE_INVALID;
    if (c.status != DECODE_OK)
        out->id = I_INVALID;
    if (out->override != NO_REG)
        out->seg = out->override;
    out->len = (uint8_t)c.at;
    return c.status;
}
