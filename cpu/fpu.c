/*
 * fpu.c - the x87's stack, its exceptions and its way to memory: SDM 1
 * chapter 8.
 *
 * Parts:  beginning an instruction; the register stack; results and
 *         exceptions; operands in memory; status and control words; reset.
 *
 * An exception that is not masked is reported by the next instruction that
 * waits: #MF with CR0.NE set. With NE clear the PC's way is taken: FERR#
 * goes up, which a board wires to IRQ 13, and the processor stands still
 * before that instruction until an interrupt comes, unless IGNNE# tells it
 * to go on (SDM 1 8.7.2, 3A 2.5).
 *
 * The finer tags (valid, zero, special) are not kept: as in processors since
 * the Pentium II, a bit a register says whether it is empty, and the rest is
 * read off its contents when FNSTENV asks. The data pointer is of the last
 * memory operand; a register operand leaves it.
 */
#include "fpu.h"

/* ----------------------------------------------------------------- begin */

void fpu_begin_no_wait(struct cpu *c)
{
    if (c->cr0 & (CR0_EM | CR0_TS))
        raise_fault(c, VEC_NM, 0);
}

/* Report the pending exception. */
static void report(struct cpu *c)
{
    if (c->cr0 & CR0_NE)
        raise_fault(c, VEC_MF, 0);
}

void fpu_begin(struct cpu *c)
{
    fpu_begin_no_wait(c);
    if (c->fpu.status & FPU_ES)
        report(c);
}

void op_fwait(struct cpu *c, const struct insn *i)
{
    (void)i;
    if ((c->cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS))
        raise_fault(c, VEC_NM, 0);
    if (c->fpu.status & FPU_ES)
        report(c);
}

void fpu_point(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    f->ip = c->eip;
    f->cs = c->seg[SEG_CS].sel;
    f->opcode =
        (uint16_t)((i->opcode & 7) << 8 | i->mod << 6 | i->reg << 3 | i->rm);
    if (opr_is_memory(i)) {
        f->dp = opr_offset(c, i);
        f->ds = c->seg[i->seg].sel;
    }
}

void fpu_record(struct cpu *c, const struct insn *i)
{
    fpu_point(c, i);
    c->fpu.status &= (uint16_t)~FPU_C1;
}

/* ------------------------------------------------------------------ stack */

void fpu_set(struct fpu *f, unsigned n, struct f80 value)
{
    *fpu_st(f, n) = value;
    f->full |= (uint8_t)(1u << fpu_index(f, n));
}

void fpu_free(struct fpu *f, unsigned n)
{
    f->full &= (uint8_t) ~(1u << fpu_index(f, n));
}

void fpu_pop(struct fpu *f)
{
    fpu_free(f, 0);
    f->top = (f->top + 1) & 7;
}

void fpu_push(struct fpu *f, struct f80 value)
{
    f->top = (f->top - 1) & 7;
    fpu_set(f, 0, value);
}

/* ------------------------------------------------------------- exceptions */

void fpu_summarise(struct fpu *f)
{
    f->status &= (uint16_t) ~(FPU_ES | FPU_BUSY);
    if (f->status & ~f->control & FPU_EXCEPTIONS)
        f->status |= FPU_ES | FPU_BUSY;
}

bool fpu_raise(struct fpu *f, uint16_t raised, bool up)
{
    uint16_t stopping = raised & ~f->control & FPU_BEFORE;
    if (stopping) /* what would have come after it does not */
        raised &= FPU_BEFORE | FPU_SF;
    f->status |= raised;
    if (up && !stopping)
        f->status |= FPU_C1;
    fpu_summarise(f);
    return !stopping;
}

struct answer fpu_underflow(void)
{
    return (struct answer){F80_INDEFINITE, FPU_I | FPU_SF, false};
}

bool fpu_put(struct fpu *f, unsigned n, struct answer a)
{
    if (!fpu_raise(f, a.raised, a.up))
        return false;
    fpu_set(f, n, a.value);
    return true;
}

/* C1 tells overflow from underflow (SDM 1 8.5.1.1), masked or not. */
bool fpu_put_push(struct fpu *f, struct answer a)
{
    bool overflow = !fpu_is_empty(f, 7);
    if (overflow) {
        a = fpu_underflow();
        f->status |= FPU_C1;
    }
    if (!fpu_raise(f, a.raised, a.up))
        return false;
    fpu_push(f, a.value);
    return !overflow;
}

bool fpu_begin_top(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    if (!fpu_is_empty(f, 0))
        return true;
    fpu_put(f, 0, fpu_underflow());
    return false;
}

void fpu_put_two(struct fpu *f, struct answer first, struct answer second)
{
    uint16_t raised = first.raised | second.raised;
    if (!fpu_raise(f, raised, first.up || second.up))
        return;
    fpu_set(f, 0, first.value);
    fpu_push(f, second.value);
}

bool fpu_begin_two(struct cpu *c, const struct insn *i)
{
    struct fpu *f = &c->fpu;
    fpu_begin(c);
    fpu_record(c, i);
    bool underflow = fpu_is_empty(f, 0), overflow = !fpu_is_empty(f, 7);
    if (!underflow && !overflow)
        return true;
    if (!underflow)
        f->status |= FPU_C1;
    fpu_put_two(f, fpu_underflow(), fpu_underflow());
    return false;
}

/* ----------------------------------------------------------------- memory */

static uint64_t read_bits(struct cpu *c, enum seg s, uint32_t at, unsigned size)
{
    if (size <= 4)
        return mem_read(c, s, at, size);
    mem_check_read(c, s, at, size);
    uint64_t low = mem_read(c, s, at, 4);
    return low | (uint64_t)mem_read(c, s, at + 4, 4) << 32;
}

static int64_t extend_bits(uint64_t v, unsigned size)
{
    return size == 2 ? (int16_t)v : size == 4 ? (int32_t)v : (int64_t)v;
}

struct number fpu_read(struct cpu *c, const struct insn *i)
{
    const struct operand_form *form = &insn_rows[i->id].form[0];
    uint64_t v = read_bits(c, (enum seg)i->seg, opr_offset(c, i), form->size);
    return form->number ? number_of_integer(extend_bits(v, form->size))
                        : number_of_real(v, form->size);
}

struct f80 fpu_read_f80(struct cpu *c, const struct insn *i)
{
    enum seg s = (enum seg)i->seg;
    uint32_t at = opr_offset(c, i);
    mem_check_read(c, s, at, 10);
    uint64_t frac = read_bits(c, s, at, 8);
    return (struct f80){frac, (uint16_t)mem_read(c, s, at + 8, 2)};
}

static void write_bits(struct cpu *c, enum seg s, uint32_t at, unsigned size,
                       uint64_t bits)
{
    if (size <= 4) {
        mem_write(c, s, at, size, (uint32_t)bits);
        return;
    }
    mem_check_write(c, s, at, size);
    mem_write(c, s, at, 4, (uint32_t)bits);
    mem_write(c, s, at + 4, 4, (uint32_t)(bits >> 32));
}

void fpu_write(struct cpu *c, const struct insn *i, unsigned size,
               uint64_t bits)
{
    write_bits(c, (enum seg)i->seg, opr_offset(c, i), size, bits);
}

void fpu_write_f80(struct cpu *c, const struct insn *i, struct f80 value)
{
    enum seg s = (enum seg)i->seg;
    uint32_t at = opr_offset(c, i);
    mem_check_write(c, s, at, 10);
    write_bits(c, s, at, 8, value.frac);
    mem_write(c, s, at + 8, 2, value.head);
}

/* ------------------------------------------------------ words, and reset */

/* 0 valid, 1 zero, 2 special, 3 empty (SDM 1 8.1.7). */
static unsigned tag_of(struct f80 x)
{
    if (x.frac == 0 && (x.head & 0x7fff) == 0)
        return 1;
    bool special = (x.head & 0x7fff) == 0x7fff || !(x.frac >> 63) ||
                   (x.head & 0x7fff) == 0;
    return special ? 2 : 0;
}

uint16_t fpu_tags(const struct fpu *f)
{
    unsigned tags = 0;
    for (unsigned n = 0; n < 8; n++)
        tags |= (f->full >> n & 1 ? tag_of(f->reg[n]) : 3u) << 2 * n;
    return (uint16_t)tags;
}

void fpu_set_status(struct fpu *f, uint16_t word)
{
    f->top = word >> 11 & 7;
    f->status = word & (FPU_EXCEPTIONS | FPU_SF | FPU_CC | FPU_C1);
    fpu_summarise(f);
}

void fpu_set_control(struct fpu *f, uint16_t word)
{
    f->control = (word & FPU_CONTROL_KNOWN) | FPU_CONTROL_ONE;
    fpu_summarise(f);
}

/* The registers keep what they hold. */
void fpu_init(struct fpu *f)
{
    struct fpu fresh = {.control = 0x037f};
    for (int n = 0; n < 8; n++)
        fresh.reg[n] = f->reg[n];
    *f = fresh;
}

void fpu_reset(struct fpu *f)
{
    *f = (struct fpu){.control = 0x0040, .full = 0xff};
}
