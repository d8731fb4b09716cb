/*
 * disasm.c - a decoded instruction as text, in NASM's syntax.
 *
 * The text is what ndisasm prints: prefixes that the operands do not show
 * come first (es rep lock o16 a16), memory has a size where no register
 * tells it, a sign extended byte says so. Reading the table's letters is all
 * it needs; what is peculiar to an instruction is in `says_size`.
 */
#include "cpu.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------ a text so far */

struct text {
    char *buf;
    size_t size, at;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t,
                                                      const char *format, ...)
{
    va_list args;
    if (t->at + 1 >= t->size)
        return; /* full: the rest is cut off */
    va_start(args, format);
    int n = vsnprintf(t->buf + t->at, t->size - t->at, format, args);
    va_end(args);
    if (n > 0)
        t->at += (size_t)n;
}

/* ---------------------------------------------------------------- mnemonic */

static const char *const conditions[16] = {"o",  "no", "c",  "nc", "z",  "nz",
                                           "na", "a",  "s",  "ns", "pe", "po",
                                           "l",  "nl", "ng", "g"};

char *insn_mnemonic(const struct insn *in, char *buf, size_t size)
{
    const char *from = insn_rows[in->id].mnemonic;
    const char *bar = strpbrk(from, "|:");
    unsigned chooser = bar && *bar == ':' ? in->adsize : in->opsize;
    if (bar && chooser == 4)
        from = bar + 1;
    struct text t = {.buf = buf, .size = size};
    if (size > 0)
        buf[0] = '\0';
    for (; *from && *from != '|' && *from != ':'; from++) {
        if (*from == '+') {
            if ((in->opsize == 4) != (in->code32 != 0))
                put(&t, "%c", in->opsize == 4 ? 'd' : 'w');
        } else if (*from == 'c') {
            put(&t, "%s", conditions[in->opcode & 15]);
            from++; /* "cc" */
        } else {
            put(&t, "%c", tolower((unsigned char)*from));
        }
    }
    return buf;
}

/* ---------------------------------------------------------------- operands */

static const char *const segments[8] = {"es", "cs", "ss", "ds",
                                        "fs", "gs", "?",  "?"};

static const char *register_name(unsigned number, unsigned size)
{
    static const char *const names[3][8] = {
        {"al", "cl", "dl", "bl", "ah", "ch", "dh", "bh"},
        {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"},
        {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"}};
    return names[size == 1 ? 0 : size == 2 ? 1 : 2][number & 7];
}

static const char *size_name(unsigned size)
{
    return size == 1   ? "byte"
           : size == 2 ? "word"
           : size == 4 ? "dword"
           : size == 8 ? "qword"
                       : "tword";
}

static unsigned size_of(const struct insn *in, const struct operand_form *form)
{
    return form->size == SIZE_V || form->size == SIZE_VW ? in->opsize
                                                         : form->size;
}

/* Is the operand size other than the code segment's? */
static bool odd_opsize(const struct insn *in)
{
    return (in->opsize == 4) != (in->code32 != 0);
}

static bool odd_adsize(const struct insn *in)
{
    return (in->adsize == 4) != (in->code32 != 0);
}

/* Must a memory operand of this form say its size? Yes where no register
 * operand tells it; and ndisasm leaves it out where there is but one. */
static bool says_size(const struct insn *in, const struct operand_form *form)
{
    const struct insn_row *row = &insn_rows[in->id];
    switch (in->id) {
    case I_MOVZX_Gv_Eb:
    case I_MOVZX_Gv_Ew:
    case I_MOVSX_Gv_Eb:
    case I_MOVSX_Gv_Ew:
        return true; /* the register's size is another one */
    case I_SETcc_Eb:
        return false;
    default:
        break;
    }
    if (form->place == PLACE_NUMBER)
        return true;
    if (row->attr & ATTR_BRANCH) /* CALL, JMP */
        return odd_opsize(in);
    if (form->size == 2 || form->size == SIZE_VW ||
        (form->place == PLACE_MEM && form->size != 8))
        return false;
    return row->form[0].place != PLACE_REG && row->form[1].place != PLACE_REG;
}

/* A displacement after a register: signed by the address size. */
static void put_displacement(struct text *t, const struct insn *in)
{
    int32_t disp = in->adsize == 2 ? (int16_t)in->disp : (int32_t)in->disp;
    if (disp < 0)
        put(t, "-0x%x", 0u - (uint32_t)disp);
    else
        put(t, "+0x%x", (uint32_t)disp);
}

/* [segment:base+index*scale+displacement] */
static void put_address(struct text *t, const struct insn *in)
{
    bool registers = in->base != NO_REG || in->index != NO_REG;
    bool plain_disp32 = in->adsize == 4 && in->mod == 0 && in->rm == 5;
    put(t, "[");
    if (!registers && (plain_disp32 || odd_adsize(in)))
        put(t, "%s ", size_name(in->adsize));
    if (in->override != NO_REG)
        put(t, "%s:", segments[in->override]);
    if (in->base != NO_REG)
        put(t, "%s", register_name(in->base, in->adsize));
    if (in->index != NO_REG) {
        put(t, "%s%s", in->base != NO_REG ? "+" : "",
            register_name(in->index, in->adsize));
        if (in->scale)
            put(t, "*%d", 1 << in->scale);
    }
    if (!registers)
        put(t, "0x%x", in->disp);
    else if (in->mod != 0 || in->base == NO_REG)
        put_displacement(t, in);
    put(t, "]");
}

static void put_memory(struct text *t, const struct insn *in,
                       const struct operand_form *form)
{
    bool far_pointer =
        form->place == PLACE_MEM && (insn_rows[in->id].attr & ATTR_BRANCH);
    if (says_size(in, form))
        put(t, "%s ", size_name(size_of(in, form)));
    if (far_pointer)
        put(t, "far ");
    put_address(t, in);
}

static void put_immediate(struct text *t, const struct insn *in, int n)
{
    const struct insn_row *row = &insn_rows[in->id];
    uint32_t value =
        n > 0 && row->form[n - 1].place == PLACE_IMM ? in->imm2 : in->imm;
    if (row->form[n].number) /* a sign extended byte */
        put(t, "byte %c0x%x", (int32_t)value < 0 ? '-' : '+',
            (int32_t)value < 0 ? 0u - value : value);
    else if (in->id == I_PUSH_Iz)
        put(t, "%s 0x%x", size_name(in->opsize), value);
    else
        put(t, "0x%x", value);
}

/* A near target. Outside 32-bit code it wraps at 64 KiB. */
static void put_target(struct text *t, const struct insn *in, uint32_t eip,
                       const struct operand_form *form)
{
    uint32_t target = eip + in->len + in->imm;
    bool is_near = form->size == SIZE_V;
    if (in->id == I_JMP_Jb)
        put(t, "short ");
    if (is_near && odd_opsize(in))
        put(t, "%s ", size_name(in->opsize));
    else if (in->id == I_Jcc_Jz)
        put(t, "near ");
    put(t, "0x%x", in->opsize == 2 ? target & 0xffff : target);
    if (insn_rows[in->id].mnemonic[0] == 'L' && odd_adsize(in)) /* LOOP */
        put(t, ",%s", register_name(REG_ECX, in->adsize));
}

static void put_operand(struct text *t, const struct insn *in, int n,
                        uint32_t eip)
{
    const struct operand_form *form = &insn_rows[in->id].form[n];
    unsigned size = size_of(in, form);
    switch ((enum operand_place)form->place) {
    case PLACE_RM:
    case PLACE_MEM:
    case PLACE_NUMBER:
    case PLACE_RMREG:
        if (in->mod != 3)
            put_memory(t, in, form);
        else
            put(t, "%s", register_name(in->rm, size));
        break;
    case PLACE_STREG:
        put(t, "%sst%d", form->number ? "to " : "", in->rm);
        break;
    case PLACE_REG:
    case PLACE_OPREG:
        put(t, "%s", register_name(in->reg, size));
        break;
    case PLACE_SREG:
        put(t, "%s", segments[in->reg]);
        break;
    case PLACE_CREG:
        put(t, "cr%d", in->reg);
        break;
    case PLACE_DREG:
        put(t, "dr%d", in->reg);
        break;
    case PLACE_IMM:
        put_immediate(t, in, n);
        break;
    case PLACE_REL:
        put_target(t, in, eip, form);
        break;
    case PLACE_FAR:
        put(t, "%s%s0x%x:0x%x", odd_opsize(in) ? size_name(in->opsize) : "",
            odd_opsize(in) ? " " : "", in->imm2, in->imm);
        break;
    case PLACE_OFFSET:
        put_address(t, in);
        break;
    case PLACE_FIXED:
        put(t, "%s", register_name(form->number, size));
        break;
    case PLACE_SEGREG:
        put(t, "%s", segments[form->number]);
        break;
    case PLACE_ONE:
        put(t, "1");
        break;
    case PLACE_SOURCE: /* the mnemonic says it all */
    case PLACE_TARGET:
    case PLACE_NONE:
        break;
    }
}

/* ---------------------------------------------------------------- prefixes */

/* Does the text show the operand size without a prefix? */
static bool shows_opsize(const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    if (strpbrk(row->mnemonic, "|+"))
        return true;
    for (int n = 0; n < 3; n++)
        if (row->form[n].size == SIZE_V ||
            (row->form[n].size == SIZE_VW && in->mod == 3))
            return true;
    return false;
}

/* Is operand n written? A string instruction's mnemonic says it all. */
static bool is_written(const struct insn *in, int n)
{
    const struct insn_row *row = &insn_rows[in->id];
    return row->form[n].place != PLACE_NONE && !(row->attr & ATTR_REP);
}

/* Is the memory operand written, and the segment override with it? */
static bool has_memory(const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    return in->mod != 3 || row->form[0].place == PLACE_OFFSET ||
           row->form[1].place == PLACE_OFFSET;
}

static void put_prefixes(struct text *t, const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    bool compares = (row->attr & ATTR_REP) && row->flags_written;
    if (in->override != NO_REG && !has_memory(in))
        put(t, "%s ", segments[in->override]);
    if (in->rep == 0xf2)
        put(t, "repne ");
    else if (in->rep == 0xf3)
        put(t, compares ? "repe " : "rep ");
    if (in->lock)
        put(t, "lock ");
    if (odd_opsize(in) && !shows_opsize(in))
        put(t, "o%d ", in->opsize * 8);
    if (odd_adsize(in) && !is_written(in, 0))
        put(t, "a%d ", in->adsize * 8);
}

char *cpu_disassemble(const struct insn *in, uint32_t eip, char *buf,
                      size_t size)
{
    struct text t = {.buf = buf, .size = size};
    char mnemonic[16];
    if (size > 0)
        buf[0] = '\0';
    put_prefixes(&t, in);
    put(&t, "%s", insn_mnemonic(in, mnemonic, sizeof mnemonic));
    for (int n = 0; n < 3 && is_written(in, n); n++) {
        put(&t, n == 0 ? " " : ",");
        put_operand(&t, in, n, eip);
    }
    return buf;
}
