/*
 * loads.c - in line: segment registers loaded, IRET; and which word of the
 * state page an instruction reads.
 *
 *   MOV to DS, ES, FS; POP  of a selector that the monitor has loaded before
 *                           and whose descriptor has not changed: selectors.c
 *   IRET to a program       whose CS is the last one's, with ordinary flags
 *
 * Of IRET:
 *
 *         mov [gs:save.eax], eax       these two registers are ours now
 *         mov [gs:save.ecx], ecx
 *         mov ecx, [esp + 4]           CS on the stack
 *         mov eax, [gs:user_cs]        minus the one that may be
 *         lea ecx, [eax + ecx]         a comparison that changes no flag
 *         jecxz 1f
 *         int CALLOUT
 *     1:  movzx ecx, word [esp + 10]   RF, VM, AC, ID: all clear
 *         jecxz 2f
 *         int CALLOUT
 *     2:  movzx ecx, byte [esp + 9]    TF, IF, IOPL: by a table
 *         mov ecx, [gs:ecx * 4 + flags_ok]
 *         ...
 *         iret                         from ring 1 to ring 3, and the real
 *                                      processor checks all the rest
 */
#include "translate.h"

#define OP_IRET 0xcf
#define OP_MOV_ECX 0xb9
#define EAX (1u << REG_EAX)
#define ECX (1u << REG_ECX)

/* -------------------------------------------------------- flags, as loaded */

void emit_flags(struct emitter *e, unsigned saved)
{
    emit_word_of_table(e, AT(flags_ok));
    emit_need_other(e, saved);
    EMIT(e, OP_LEA, 0x49, 0xff); /* lea ecx, [ecx - 1] */
}

void emit_window(struct emitter *e, unsigned saved)
{
    emit_byte(e, OP_JECXZ);
    unsigned over = e->n;
    emit_byte(e, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(pending));
    emit_need_zero(e, saved);
    emit_byte(e, OP_MOV_ECX);
    emit_word(e, FL_IF);
    e->code[over] = (uint8_t)(e->n - over - 1);
}

/* --------------------------------------------------------------- segments */

/* EAX is a selector for `s`. */
static void emit_selector(struct emitter *e, unsigned s)
{
    EMIT(e, 0x0f, 0xb6, 0xc8); /* movzx ecx, al */
    emit_word_of_table(e, AT(good));
    EMIT(e, OP_LEA, 0x0c, 0x08); /* lea ecx, [eax + ecx] */
    emit_need_zero(e, EAX | ECX);
    emit_byte(e, 0x8e); /* mov s, ax */
    emit_byte(e, 0xc0 | s << 3);
    emit_state(e, OP_MOV_STORE, REG_EAX, AT(sel) + s * 4);
    emit_give_back(e, EAX | ECX);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
}

static void emit_mov_to_segment(struct emitter *e, const struct insn *in)
{
    emit_take(e, EAX | ECX, 0);
    EMIT(e, 0x0f, 0xb7); /* movzx eax, r16 */
    emit_byte(e, 0xc0u | in->rm);
    emit_selector(e, in->reg);
}

static void emit_pop_segment(struct emitter *e, unsigned s)
{
    emit_take(e, EAX | ECX, 0);
    EMIT(e, OP_MOV_LOAD, 0x04, 0x24); /* mov eax, [esp] */
    EMIT(e, 0x0f, 0xb7, 0xc0);        /* movzx eax, ax */
    emit_selector(e, s);
    EMIT(e, OP_LEA, 0x64, 0x24, 4); /* lea esp, [esp + 4] */
}

/* Which segment register does it pop? SEG_COUNT: none. */
static unsigned popped_segment(const struct insn *in)
{
    switch (in->opsize == 4 ? in->id : I_INVALID) {
    case I_POP_ES:
        return SEG_ES;
    case I_POP_DS:
        return SEG_DS;
    case I_POP_FS:
        return SEG_FS;
    default:
        return SEG_COUNT;
    }
}

unsigned pushed_segment(const struct insn *in)
{
    switch (in->opsize == 4 ? in->id : I_INVALID) {
    case I_PUSH_ES:
        return SEG_ES;
    case I_PUSH_CS:
        return SEG_CS;
    case I_PUSH_SS:
        return SEG_SS;
    case I_PUSH_DS:
        return SEG_DS;
    case I_PUSH_FS:
        return SEG_FS;
    case I_PUSH_GS:
        return SEG_GS;
    default:
        return SEG_COUNT;
    }
}

unsigned loaded_segment(const struct insn *in)
{
    return in->id == I_MOV_Sw_Ew ? in->reg : popped_segment(in);
}

static bool is_data_register(unsigned s)
{
    return s == SEG_DS || s == SEG_ES || s == SEG_FS; /* GS is ours */
}

/* ------------------------------------------------------------------- IRET */

static void emit_iret(struct emitter *e)
{
    const unsigned saved = EAX | ECX;
    emit_take(e, saved, 0);
    EMIT(e, OP_MOV_LOAD, 0x0c, 0x24);    /* mov ecx, [esp]: is it there? */
    EMIT(e, OP_MOV_LOAD, 0x4c, 0x24, 4); /* mov ecx, [esp + 4] */
    emit_state(e, OP_MOV_LOAD, REG_EAX, AT(user_cs));
    EMIT(e, OP_LEA, 0x0c, 0x08);
    emit_need_zero(e, saved);
    EMIT(e, 0x0f, 0xb7, 0x4c, 0x24, 10); /* movzx ecx, word [esp + 10] */
    emit_need_zero(e, saved);
    EMIT(e, 0x0f, 0xb6, 0x4c, 0x24, 9); /* movzx ecx, byte [esp + 9] */
    emit_flags(e, saved);
    emit_state(e, OP_MOV_STORE, REG_ECX, AT(user_if));
    emit_window(e, saved);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(sel) + SEG_GS * 4);
    emit_need_zero(e, saved); /* the real GS, ours, will be null */
    emit_give_back(e, saved);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    emit_byte(e, OP_IRET);
}

/* ------------------------------------------------------ words of the state */

uint32_t state_word_of(const struct insn *in)
{
    bool to_register = in->mod == 3 && in->opsize == 4;
    switch (in->id) {
    case I_MOV_Rd_Cd:
        return in->reg <= 4 && in->reg != 1
                   ? AT(cr) + in->reg * (uint32_t)sizeof(uint32_t)
                   : 0;
    case I_SMSW_RvMw:
        return to_register ? AT(cr[0]) : 0;
    case I_STR_RvMw:
        return to_register ? AT(tr) : 0;
    case I_SLDT_RvMw:
        return to_register ? AT(ldtr) : 0;
    case I_MOV_RvMw_Sw:
        return to_register && in->reg < SEG_COUNT
                   ? AT(sel) + in->reg * (uint32_t)sizeof(uint32_t)
                   : 0;
    default:
        return 0;
    }
}

/* -------------------------------------------------------------------- all */

bool emit_load(struct emitter *e, const struct insn *in)
{
    if (in->id == I_MOV_Sw_Ew && in->mod == 3 && is_data_register(in->reg)) {
        emit_mov_to_segment(e, in);
    } else if (popped_segment(in) < SEG_COUNT) {
        emit_pop_segment(e, popped_segment(in));
    } else if (in->id == I_IRET && in->opsize == 4) {
        emit_iret(e);
    } else {
        return false;
    }
    return true;
}
