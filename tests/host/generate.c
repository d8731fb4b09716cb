/*
 * generate.c - random cases of every comparable row of insn.def.
 *
 * Parts:  random numbers, with a taste for edges; which rows; the bytes of an
 *         instruction; registers and memory around it.
 *
 * An address is made to fall into the data page, or just over its edges, by
 * setting the base register or the displacement; the target of a transfer
 * into the code page, or where nothing is mapped. Nothing is left to chance
 * that could reach the oracle's own memory.
 */
#include "generate.h"
#include <string.h>

/* ---------------------------------------------------------- random numbers */

uint32_t random32(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (uint32_t)(*seed >> 16);
}

bool one_in(uint64_t *seed, uint32_t n)
{
    return random32(seed) % n == 0;
}

/* A number as they cause trouble: at the edges of the three sizes, small, or
 * any. */
static uint32_t edgy(uint64_t *seed)
{
    static const uint32_t edge[] = {
        0,      1,      2,      0x7f,       0x80,       0xff,       0x100,
        0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe,
    };
    switch (random32(seed) % 4) {
    case 0:
    case 1:
        return edge[random32(seed) % (sizeof edge / sizeof *edge)];
    case 2:
        return random32(seed) & 0x3f;
    default:
        return random32(seed);
    }
}

/* -------------------------------------------------------------- which rows */

struct encoding {
    uint8_t bytes;  /* of opcode: 1, or 2 with 0F */
    uint8_t opcode; /* the first of `forms` that follow each other */
    int8_t digit;   /* in ModRM's reg, or -1 */
    uint8_t forms;
};
#define B1(op)       \
    {                \
        1, op, -1, 1 \
    }
#define B1G(op, d)  \
    {               \
        1, op, d, 1 \
    }
#define B1R(op)      \
    {                \
        1, op, -1, 8 \
    }
#define B1R7(op)     \
    {                \
        1, op, -1, 7 \
    }
#define B1C(op)       \
    {                 \
        1, op, -1, 16 \
    }
#define B2(op)       \
    {                \
        2, op, -1, 1 \
    }
#define B2G(op, d)  \
    {               \
        2, op, d, 1 \
    }
#define B2R(op)      \
    {                \
        2, op, -1, 8 \
    }
#define B2C(op)       \
    {                 \
        2, op, -1, 16 \
    }
#define B1M(op, d) \
    {              \
        0          \
    }
#define B1S(op, d) \
    {              \
        0          \
    }
#define B1X(op, byte) \
    {                 \
        0             \
    }
#define B2X(op, byte) \
    {                 \
        0             \
    }
static const struct encoding encodings[INSN_COUNT] = {
#define INSN(id, encoding, ...) [I_##id] = encoding,
#include "../../cpu/insn.def"
#undef INSN
};

/*
 * Every row can be tried in ring 3, if only to see that it may not run there,
 * but for these.
 */
const char *row_left_out(enum insn_id id)
{
    switch (id) {
    case I_INVALID:
        return "no row";
    case I_CPUID:
        return "says which processor it is";
    case I_RDTSC:
        return "the time";
    case I_SYSENTER:
    case I_SYSEXIT:
        return "#UD on AMD's in long mode, which the host is in";
    case I_SGDT_Ms:
    case I_SIDT_Ms:
    case I_SLDT_RvMw:
    case I_STR_RvMw:
    case I_SMSW_RvMw:
        return "the host's kernel answers for it (UMIP)";
    case I_ICEBP:
        return "a debugger's: who runs the host may see it first";
    case I_FWAIT:
        return "the x87's: fpu_compare.c";
    default:
        if (insn_rows[id].attr & ATTR_SVM)
            return "guest mode: #UD where the kernel has not asked for it";
        return insn_rows[id].attr & ATTR_X87 ? "fpu_compare.c" : NULL;
    }
}

bool row_is_segments(enum insn_id id)
{
    switch (id) {
    case I_PUSH_ES:
    case I_PUSH_CS:
    case I_PUSH_SS:
    case I_PUSH_DS:
    case I_PUSH_FS:
    case I_PUSH_GS:
    case I_MOV_RvMw_Sw:
    case I_PUSHF:
    case I_POPF:
        return false;
    default:
        return insn_rows[id].sens != SENS_INNOCUOUS;
    }
}

/* ------------------------------------------------- an instruction's bytes */

static bool has_place(enum insn_id id, enum operand_place place)
{
    for (int n = 0; n < 3; n++)
        if (insn_rows[id].form[n].place == place)
            return true;
    return false;
}

static bool is_string(enum insn_id id)
{
    return has_place(id, PLACE_SOURCE) || has_place(id, PLACE_TARGET);
}

static bool touches_memory(const struct insn *in)
{
    enum insn_id id = (enum insn_id)in->id;
    return (in->mod != 3 && id != I_LEA_Gv_M && id != I_NOP_Ev) ||
           has_place(id, PLACE_OFFSET) || is_string(id) || id == I_XLATB;
}

static size_t put_prefixes(enum insn_id id, uint64_t *seed, uint8_t *b)
{
    static const uint8_t overrides[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65};
    uint16_t attr = insn_rows[id].attr;
    size_t n = 0;
    if (one_in(seed, 3))
        b[n++] = 0x66;
    if (one_in(seed, 8))
        b[n++] = 0x67;
    if (one_in(seed, 5))
        b[n++] = overrides[random32(seed) % sizeof overrides];
    if ((attr & ATTR_REP) && one_in(seed, 2))
        b[n++] = one_in(seed, 2) ? 0xf2 : 0xf3;
    if ((attr & ATTR_LOCK) && one_in(seed, 8))
        b[n++] = 0xf0;
    return n;
}

/* Write `v` over the immediate, which is what an instruction ends in. */
static void put_immediate(const struct insn *in, uint8_t *code, uint32_t v)
{
    const struct insn_row *row = &insn_rows[in->id];
    for (int n = 0; n < 3; n++) {
        const struct operand_form *f = &row->form[n];
        unsigned size = f->size == SIZE_V ? in->opsize : f->size;
        if (f->place == PLACE_IMM || f->place == PLACE_REL)
            memcpy(code + in->len - size, &v, size);
    }
}

/* A near target from here: in the code page but not in the instruction
 * itself, or in the nothing around it. */
static uint32_t distance(uint64_t *seed, bool byte)
{
    uint32_t far = byte ? 0x60 : one_in(seed, 4) ? 0x10000 : 0x380;
    uint32_t d = 0x18 + random32(seed) % far;
    return one_in(seed, 2) ? d : 0 - d;
}

/* The bytes of some form of `id`; `in` is their decoding. */
static void put_instruction(enum insn_id id, uint64_t *seed, uint8_t *b,
                            struct insn *in)
{
    const struct encoding *e = &encodings[id];
    do {
        memset(b, 0xcc, 16);
        size_t n = put_prefixes(id, seed, b);
        if (e->bytes == 2)
            b[n++] = 0x0f;
        b[n++] = (uint8_t)(e->opcode + random32(seed) % e->forms);
        size_t modrm = n;
        while (n < 15)
            b[n++] = (uint8_t)random32(seed);
        if (e->digit >= 0)
            b[modrm] = (uint8_t)((b[modrm] & 0xc7) | e->digit << 3);
    } while (cpu_decode(b, 15, true, in) != DECODE_OK || in->id != id);
    bool byte = insn_rows[id].form[0].size == 1;
    bool near = has_place(id, PLACE_REL);
    put_immediate(in, b, near ? distance(seed, byte) : edgy(seed));
    memset(b + in->len, 0xcc, 16u - in->len);
    cpu_decode(b, 15, true, in);
}

/* ------------------------------------------------ registers and memory */

/* Sixty-four bytes in the middle of the case's memory, or anywhere from
 * before to behind it, or around the read-only page; `locked` keeps within one
 * cache line. */
static uint32_t somewhere(const struct host_case *c, uint64_t *seed,
                          bool locked)
{
    static const uint32_t edges[] = {CONST_AT - 4, CONST_AT + 64,
                                     CONST_AT + 0x1000 - 4};
    if (!locked && one_in(seed, 12))
        return edges[random32(seed) % 3] + random32(seed) % 8;
    uint32_t span = one_in(seed, 4) ? CASE_MEMORY + 8 : CASE_MEMORY / 2;
    uint32_t at = c->memory_at + CASE_MEMORY / 2 - span / 2;
    at += random32(seed) % span;
    return locked ? at & ~7u : at;
}

static uint32_t offset_now(const struct host_case *c, const struct insn *in)
{
    uint32_t off = in->disp;
    if (in->base != NO_REG)
        off += c->before.reg[in->base];
    if (in->index != NO_REG)
        off += c->before.reg[in->index] << in->scale;
    return in->adsize == 2 ? off & 0xffff : off;
}

/* Make the ModRM or moffs operand fall on `off`. False if it cannot. */
static bool aim(struct host_case *c, struct insn *in, uint32_t off)
{
    uint32_t by = off - offset_now(c, in);
    if (in->base != NO_REG && in->index != in->base) {
        c->before.reg[in->base] += by;
    } else {
        /* The displacement stands before the immediate. */
        uint32_t disp = in->disp + by;
        unsigned size = in->adsize;
        for (unsigned n = in->len > size ? in->len - size : 0; n > 0; n--) {
            struct insn again;
            uint8_t b[16];
            memcpy(b, c->code, 16);
            memcpy(b + n, &disp, size);
            if (cpu_decode(b, 15, true, &again) == DECODE_OK &&
                again.id == in->id && again.disp == disp &&
                again.imm == in->imm && again.len == in->len) {
                memcpy(c->code, b, 16);
                *in = again;
                break;
            }
        }
    }
    return offset_now(c, in) == (in->adsize == 2 ? off & 0xffff : off);
}

static void fill_registers(struct host_case *c, uint64_t *seed)
{
    uint32_t *reg = c->before.reg;
    for (int n = 0; n < 8; n++)
        reg[n] = edgy(seed);
    reg[REG_ESP] = somewhere(c, seed, false);
    if (one_in(seed, 2))
        reg[REG_EBP] = somewhere(c, seed, false);
    if (one_in(seed, 3)) /* a dividend that divides */
        reg[REG_EDX] = one_in(seed, 2) ? 0 : UINT32_MAX;
    uint32_t may = FL_ARITH | FL_DF | (one_in(seed, 8) ? FL_AC : 0);
    c->before.eflags = (random32(seed) & may) | FL_IF | FL_ONE;
}

static void fill_memory(struct host_case *c, uint64_t *seed)
{
    for (uint32_t n = 0; n < CASE_MEMORY; n += 4) {
        uint32_t v = edgy(seed);
        memcpy(c->before.memory + n, &v, 4);
    }
}

void poke(struct host_case *c, uint32_t at, uint32_t v, uint32_t size)
{
    for (uint32_t n = at - c->memory_at; size > 0; n++, size--, v >>= 8)
        if (n < CASE_MEMORY)
            c->before.memory[n] = (uint8_t)v;
}

static void aim_strings(struct host_case *c, struct insn *in, uint64_t *seed)
{
    uint32_t *reg = c->before.reg;
    uint32_t from = somewhere(c, seed, false), to = somewhere(c, seed, false);
    if (in->seg == SEG_FS)
        from -= SMALL_BASE;
    if (c->small_es)
        to -= SMALL_BASE;
    if (in->id == I_XLATB) {
        reg[REG_EBX] = from - (reg[REG_EAX] & 0xff);
        return;
    }
    reg[REG_ESI] = from;
    reg[REG_EDI] = to;
    if (in->rep)
        reg[REG_ECX] = random32(seed) % (one_in(seed, 4) ? 40 : 8);
    if (in->adsize == 2) /* the upper halves are nobody's */
        for (int n = 0; n < 8; n++)
            if (n == REG_ESI || n == REG_EDI || n == REG_ECX)
                reg[n] = (reg[n] & 0xffff) | (random32(seed) << 16);
}

uint32_t code_target(uint64_t *seed)
{
    return CODE_ENTRY + distance(seed, false);
}

/* Where a near indirect transfer or a return goes. */
static void aim_target(struct host_case *c, const struct insn *in, uint32_t at,
                       uint64_t *seed)
{
    uint32_t to = CODE_ENTRY + distance(seed, false);
    bool returns = in->id == I_RET || in->id == I_RET_Iw;
    if (returns)
        poke(c, c->before.reg[REG_ESP], to, 4);
    else if (in->mod == 3) /* CALL ESP would push over the code */
        c->before.reg[in->rm] = in->rm == REG_ESP ? to + 0x20000 : to;
    else
        poke(c, at, to, 4);
}

/* Is the register part of the address? */
static bool uses(const struct insn *in, enum reg r)
{
    return in->base == r || in->index == r;
}

/* What some rows need to be worth trying, or to be safe. */
static void adjust(struct host_case *c, const struct insn *in, uint32_t at,
                   uint64_t *seed)
{
    uint32_t *reg = c->before.reg;
    uint32_t n = at - c->memory_at;
    switch (in->id) {
    case I_JMP_Ev:
    case I_CALL_Ev:
    case I_RET:
    case I_RET_Iw:
        aim_target(c, in, at, seed);
        break;
    case I_POPF: /* not TF, NT, AC and ID: they would outlive the case */
        reg[REG_ESP] = c->memory_at + random32(seed) % (CASE_MEMORY - 4);
        poke(c, reg[REG_ESP], random32(seed) & (0x8ff | FL_DF | 0x3200), 4);
        break;
    case I_CMPXCHG_Ev_Gv:
    case I_CMPXCHG_Eb_Gb:
    case I_CMPXCHG8B_Mq: /* equal, half the time */
        if (n <= CASE_MEMORY - 8 && !uses(in, REG_EAX) && !uses(in, REG_EDX) &&
            one_in(seed, 2)) {
            memcpy(&reg[REG_EAX], c->before.memory + n, 4);
            memcpy(&reg[REG_EDX], c->before.memory + n + 4, 4);
        }
        break;
    default:
        break;
    }
}

static bool takes_bit_offset(const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    return row->mnemonic[0] == 'B' && row->mnemonic[1] == 'T' &&
           row->form[1].place == PLACE_REG;
}

static bool near_data(uint32_t at)
{
    return at - (DATA_AT - 0x10000) < 0x20000;
}

/*
 * Could this case reach what the oracle lives in? Not if the stack is near
 * the data page, and a bit offset is small or an address itself (an eighth
 * of which is added to another).
 */
static bool is_safe(const struct host_case *c, const struct insn *in)
{
    const uint32_t *reg = c->before.reg;
    bool calls_esp = in->mod == 3 && in->rm == REG_ESP &&
                     (in->id == I_CALL_Ev || in->id == I_JMP_Ev);
    if (!near_data(reg[REG_ESP]) && !calls_esp)
        return false;
    if ((in->id == I_LEAVE || in->id == I_ENTER_Iw_Ib) &&
        !near_data(reg[REG_EBP]))
        return false;
    return !takes_bit_offset(in) || in->mod == 3 || near_data(reg[in->reg]) ||
           reg[in->reg] + 0x10000 < 0x20000;
}

/* A selector of the GDT that segments.c did not choose: it would show what the
 * host has there. */
static bool is_stray(const struct host_case *c, const struct insn *in)
{
    return row_is_segments((enum insn_id)in->id) && in->mod == 3 &&
           in->rm == REG_ESP && !(c->before.reg[REG_ESP] & 4);
}

/* What a program may ask its kernel for by INT. */
static bool is_system_call(const struct insn *in)
{
    return in->id == I_INT_Ib && in->imm == 0x80;
}

void generate(enum insn_id id, uint64_t *seed, const uint32_t selector[6],
              struct host_case *out, struct insn *in)
{
    static const uint32_t places[] = {0, 1024, 4096 - CASE_MEMORY};
    bool ok;
    do {
        put_instruction(id, seed, out->code, in);
        out->memory_at = DATA_AT + places[random32(seed) % 3];
        out->small_es = in->adsize == 2 && is_string(id);
        fill_registers(out, seed);
        fill_memory(out, seed);
        if (takes_bit_offset(in))
            out->before.reg[in->reg] = random32(seed) % 1024 - 512;
        bool locked = in->lock || id == I_XCHG_Eb_Gb || id == I_XCHG_Ev_Gv;
        uint32_t at = somewhere(out, seed, locked);
        uint32_t off = in->seg == SEG_FS ? at - SMALL_BASE : at;
        ok = true;
        if (touches_memory(in) && in->adsize == 2 && in->seg != SEG_FS)
            ok = false; /* 16 bits reach the data page by FS alone */
        else if (is_string(id) || id == I_XLATB)
            aim_strings(out, in, seed);
        else if (touches_memory(in))
            ok = aim(out, in, off);
        adjust(out, in, at, seed);
        if (row_is_segments(id))
            aim_segments(out, in, at, selector, seed);
    } while (!ok || !is_safe(out, in) || is_system_call(in) ||
             is_stray(out, in));
}

/* To an AMD, LOCK MOV CR0 is MOV CR8; and some run LOCK VERW. */
static bool locks_otherwise(const struct insn *in)
{
    return in->id == I_VERW_Ew || in->id == I_MOV_Rd_Cd ||
           in->id == I_MOV_Cd_Rd;
}

void put_bad_lock(struct host_case *c, const struct insn *in, uint64_t *seed)
{
    uint8_t b[16] = {0xf0};
    struct insn locked;
    memcpy(b + 1, c->code, 15);
    if (one_in(seed, 40) && !locks_otherwise(in) &&
        cpu_decode(b, 15, true, &locked) == DECODE_INVALID)
        memcpy(c->code, b, 16);
}
