/*
 * fpu_image.c - the x87's state in memory: FNSTENV, FLDENV, FNSAVE, FRSTOR,
 * FXSAVE, FXRSTOR (SDM 1 8.1.10 and 10.5; 2A).
 *
 * The environment, by operand size and mode (SDM 1 figures 8-9 to 8-12):
 *
 *      32 bits, protected   32 bits, real          16 bits, the same words
 *   0  control              control                control
 *   4  status               status                 status
 *   8  tags                 tags                   tags
 *  12  FIP                  FIP 15:0               FIP 15:0
 *  16  FOP, FCS             FIP 31:16 << 12, FOP   FCS / FIP 19:16 << 12, FOP
 *  20  FDP                  FDP 15:0               FDP 15:0
 *  24  FDS                  FDP 31:16 << 12        FDS / FDP 19:16 << 12
 *
 * In real and virtual-8086 mode FIP and FDP are stored as linear addresses.
 * Reserved upper halves are stored as ones, as processors do.
 *
 * FXSAVE's 512 bytes: control at 0, status at 2, a bit a register for tags at
 * 4, FOP at 6, FIP at 8, FCS at 12, FDP at 16, FDS at 20, and the registers
 * at 32, 16 bytes each. Simplified: this processor has no SSE, and leaves
 * what is SSE's (MXCSR at 24, 160 and beyond) as it was.
 */
#include "fpu.h"

#define REGISTERS_SIZE 80u
#define FX_SIZE 512u
#define FX_REGISTERS 32u

/* Where the image goes, value by value. */
struct place {
    struct cpu *c;
    enum seg seg;
    uint32_t at;
};

static void put(struct place *p, unsigned size, uint32_t value)
{
    mem_write(p->c, p->seg, p->at, size, value);
    p->at += size;
}

static uint32_t get(struct place *p, unsigned size)
{
    uint32_t value = mem_read(p->c, p->seg, p->at, size);
    p->at += size;
    return value;
}

static struct place operand(struct cpu *c, const struct insn *i)
{
    return (struct place){c, (enum seg)i->seg, opr_offset(c, i)};
}

/* Word by word: the image alone must be aligned (SDM 3A table 6-7), and its
 * registers are ten bytes apart. */
static void put_register(struct place *p, struct f80 x)
{
    for (unsigned n = 0; n < 64; n += 16)
        put(p, 2, x.frac >> n & 0xffff);
    put(p, 2, x.head);
}

static struct f80 get_register(struct place *p)
{
    uint64_t frac = 0;
    for (unsigned n = 0; n < 64; n += 16)
        frac |= (uint64_t)get(p, 2) << n;
    return (struct f80){frac, (uint16_t)get(p, 2)};
}

/* ---------------------------------------------------------- environments */

static bool stores_linear(const struct cpu *c)
{
    return !(c->cr0 & CR0_PE) || (c->eflags & FL_VM);
}

static uint32_t environment_size(const struct insn *i)
{
    return i->opsize == 4 ? 28 : 14;
}

/* A word of the environment; in the 32-bit form ones above it. */
static void put_word(struct place *p, unsigned size, uint32_t word)
{
    put(p, size, word | 0xffff0000);
}

static void put_environment(struct place *p, unsigned size)
{
    const struct fpu *f = &p->c->fpu;
    put_word(p, size, f->control);
    put_word(p, size, fpu_status(f));
    put_word(p, size, fpu_tags(f));
    if (stores_linear(p->c)) {
        uint32_t ip = f->ip + f->cs * 16u, dp = f->dp + f->ds * 16u;
        put_word(p, size, ip & 0xffff);
        put(p, size, ip >> 16 << 12 | f->opcode);
        put_word(p, size, dp & 0xffff);
        put(p, size, dp >> 16 << 12);
    } else {
        put(p, size, f->ip);
        put(p, size, (uint32_t)f->opcode << 16 | f->cs);
        put(p, size, f->dp);
        put_word(p, size, f->ds);
    }
}

static void load_tags(struct fpu *f, uint32_t tags)
{
    f->full = 0;
    for (unsigned n = 0; n < 8; n++)
        if ((tags >> 2 * n & 3) != 3)
            f->full |= (uint8_t)(1u << n);
}

static void get_environment(struct place *p, unsigned size)
{
    struct fpu *f = &p->c->fpu;
    uint32_t control = get(p, size), status = get(p, size);
    uint32_t tags = get(p, size);
    uint32_t ip = get(p, size), code = get(p, size);
    uint32_t dp = get(p, size), data = get(p, size);
    if (stores_linear(p->c)) {
        f->opcode = code & 0x7ff;
        f->ip = (ip & 0xffff) | (code & 0x0ffff000) << 4;
        f->dp = (dp & 0xffff) | (data & 0x0ffff000) << 4;
        f->cs = f->ds = 0;
    } else {
        f->opcode = size == 4 ? code >> 16 & 0x7ff : 0;
        f->ip = ip;
        f->dp = dp;
        f->cs = (uint16_t)code;
        f->ds = (uint16_t)data;
    }
    f->control = (control & FPU_CONTROL_KNOWN) | FPU_CONTROL_ONE;
    fpu_set_status(f, (uint16_t)status);
    load_tags(f, tags);
}

/* All exceptions are masked once their masks are saved. */
void op_fnstenv(struct cpu *c, const struct insn *i)
{
    struct place p = operand(c, i);
    fpu_begin_no_wait(c);
    mem_check_write(c, p.seg, p.at, environment_size(i));
    put_environment(&p, i->opsize);
    fpu_set_control(&c->fpu, c->fpu.control | FPU_EXCEPTIONS);
}

void op_fldenv(struct cpu *c, const struct insn *i)
{
    struct place p = operand(c, i);
    fpu_begin(c);
    mem_check_read(c, p.seg, p.at, environment_size(i));
    get_environment(&p, i->opsize);
}

/* ------------------------------------------------------------ whole states */

void op_fnsave(struct cpu *c, const struct insn *i)
{
    struct place p = operand(c, i);
    fpu_begin_no_wait(c);
    mem_check_write(c, p.seg, p.at, environment_size(i) + REGISTERS_SIZE);
    put_environment(&p, i->opsize);
    for (unsigned n = 0; n < 8; n++)
        put_register(&p, *fpu_st(&c->fpu, n));
    fpu_init(&c->fpu);
}

void op_frstor(struct cpu *c, const struct insn *i)
{
    struct place p = operand(c, i);
    fpu_begin(c);
    mem_check_read(c, p.seg, p.at, environment_size(i) + REGISTERS_SIZE);
    get_environment(&p, i->opsize);
    for (unsigned n = 0; n < 8; n++)
        *fpu_st(&c->fpu, n) = get_register(&p);
}

/* ------------------------------------------------------- FXSAVE, FXRSTOR */

static struct place fx_operand(struct cpu *c, const struct insn *i)
{
    struct place p = operand(c, i);
    fpu_begin_no_wait(c);
    if ((c->seg[p.seg].base + p.at) & 15)
        raise_fault(c, VEC_GP, 0);
    return p;
}

void op_fxsave(struct cpu *c, const struct insn *i)
{
    const struct fpu *f = &c->fpu;
    struct place p = fx_operand(c, i);
    uint32_t base = p.at;
    mem_check_write(c, p.seg, base, FX_SIZE);
    put(&p, 2, f->control);
    put(&p, 2, fpu_status(f));
    put(&p, 2, f->full);
    put(&p, 2, f->opcode);
    put(&p, 4, f->ip);
    put(&p, 4, f->cs);
    put(&p, 4, f->dp);
    put(&p, 4, f->ds);
    for (unsigned n = 0; n < 8; n++) {
        p.at = base + FX_REGISTERS + 16 * n;
        put_register(&p, f->reg[fpu_index(f, n)]);
        put(&p, 2, 0);
        put(&p, 4, 0);
    }
}

void op_fxrstor(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    struct place p = fx_operand(c, i);
    uint32_t base = p.at;
    mem_check_read(c, p.seg, base, FX_SIZE);
    f->control = (get(&p, 2) & FPU_CONTROL_KNOWN) | FPU_CONTROL_ONE;
    fpu_set_status(f, (uint16_t)get(&p, 2));
    f->full = (uint8_t)get(&p, 2);
    f->opcode = get(&p, 2) & 0x7ff;
    f->ip = get(&p, 4);
    f->cs = (uint16_t)get(&p, 4);
    f->dp = get(&p, 4);
    f->ds = (uint16_t)get(&p, 4);
    for (unsigned n = 0; n < 8; n++) {
        p.at = base + FX_REGISTERS + 16 * n;
        *fpu_st(f, n) = get_register(&p);
    }
}
