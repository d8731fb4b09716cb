/*
 * inline.c - sensitive instructions that need no monitor: done in line, on
 * the virtual processor's state in the state page.
 *
 *   CLI, STI, PUSHF, POPF   the virtual IF; the other flags are real
 *   MOV from CRn, MOV to CR2, SMSW, STR, SLDT, selectors read or pushed
 *   MOV to DS, ES, FS; POP  of a selector that the monitor has loaded before
 *                           and whose descriptor has not changed: selectors.c
 *   IRET to a program       whose CS is the last one's, with ordinary flags
 *
 * Whatever is not the usual case is called out, and no flag of the guest's is
 * changed to find out. Of IRET, say:
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
#define OP_PUSHF 0x9c
#define OP_POPF 0x9d
#define OP_MOV_ECX 0xb9
#define EAX (1u << REG_EAX)
#define ECX (1u << REG_ECX)

#define EMIT(e, ...)                                   \
    do {                                               \
        static const uint8_t bytes_[] = {__VA_ARGS__}; \
        emit_bytes(e, bytes_, sizeof bytes_);          \
    } while (0)

static uint32_t behind(const struct emitter *e)
{
    return e->eip + e->u->insn[e->i].len;
}

/* Registers go to the state page, and come back. */
static void take(struct emitter *e, unsigned regs, int32_t esp)
{
    for (unsigned r = 0; r < 8; r++) {
        if (regs & 1u << r) {
            emit_state(e, OP_MOV_STORE, r, AT(save[r]));
        }
    }
    emit_mark(e, MARK_INSN, e->eip, regs, esp);
}

static void give_back(struct emitter *e, unsigned regs)
{
    for (unsigned r = 0; r < 8; r++) {
        if (regs & 1u << r) {
            emit_state(e, OP_MOV_LOAD, r, AT(save[r]));
        }
    }
}

/* Call out if ECX is not 0. */
static void need_zero(struct emitter *e, unsigned saved)
{
    emit_byte(e, OP_JECXZ);
    emit_byte(e, INT_LENGTH);
    emit_callout(e, MARK_CALLOUT, saved, 0);
    emit_mark(e, MARK_INSN, e->eip, saved, 0);
}

/* Call out if ECX is 0. */
static void need_other(struct emitter *e, unsigned saved)
{
    EMIT(e, OP_JECXZ, 2, 0xeb, INT_LENGTH); /* jecxz +2; jmp +2 */
    emit_callout(e, MARK_CALLOUT, saved, 0);
    emit_mark(e, MARK_INSN, e->eip, saved, 0);
}

/* ECX = word ECX of a table in the state page. */
static void look_up(struct emitter *e, uint32_t table)
{
    EMIT(e, OP_GS, OP_MOV_LOAD, 0x0c, 0x8d); /* [gs:ecx * 4 + disp32] */
    emit_word(e, table);
}

/* ------------------------------------------------------------------ flags */

/* If an interrupt waits, STI is the monitor's. */
static void emit_sti(struct emitter *e)
{
    take(e, ECX, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(pending));
    need_zero(e, ECX);
    give_back(e, ECX);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    emit_set(e, AT(vif), FL_IF);
}

/* The real image says IF 1, IOPL 0. */
static void emit_pushf(struct emitter *e)
{
    emit_byte(e, OP_PUSHF);
    emit_mark(e, MARK_INSN, e->eip, 0, 4);
    take(e, EAX | ECX, 4);
    EMIT(e, OP_MOV_LOAD, 0x04, 0x24); /* mov eax, [esp] */
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(flags_bias));
    EMIT(e, OP_LEA, 0x04, 0x08); /* lea eax, [eax + ecx] */
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(vif));
    EMIT(e, OP_LEA, 0x04, 0x08);
    EMIT(e, OP_MOV_STORE, 0x04, 0x24); /* mov [esp], eax */
    emit_mark(e, MARK_INSN, behind(e), EAX | ECX, 0);
    give_back(e, EAX | ECX);
}

/* ECX, bits 8 to 15 of a flags image, becomes its IF, if there is nothing
 * else in it that only the monitor can do. */
static void emit_flags(struct emitter *e, unsigned saved)
{
    look_up(e, AT(flags_ok));
    need_other(e, saved);
    EMIT(e, OP_LEA, 0x49, 0xff); /* lea ecx, [ecx - 1] */
}

/* An interrupt may be waiting for IF, which is ECX. */
static void emit_window(struct emitter *e, unsigned saved)
{
    emit_byte(e, OP_JECXZ);
    unsigned over = e->n;
    emit_byte(e, 0);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(pending));
    need_zero(e, saved);
    emit_byte(e, OP_MOV_ECX);
    emit_word(e, FL_IF);
    e->code[over] = (uint8_t)(e->n - over - 1);
}

static void emit_popf(struct emitter *e)
{
    take(e, ECX, 0);
    EMIT(e, OP_MOV_LOAD, 0x0c, 0x24); /* mov ecx, [esp] */
    EMIT(e, 0x0f, 0xb6, 0xcd);        /* movzx ecx, ch */
    emit_flags(e, ECX);
    emit_window(e, ECX);
    emit_byte(e, OP_POPF);
    emit_mark(e, MARK_INSN, e->eip, ECX, -4);
    emit_state(e, OP_MOV_STORE, REG_ECX, AT(vif));
    emit_mark(e, MARK_INSN, behind(e), ECX, 0);
    give_back(e, ECX);
}

/* --------------------------------------------------------------- segments */

/* EAX is a selector for `s`. */
static void emit_selector(struct emitter *e, unsigned s)
{
    EMIT(e, 0x0f, 0xb6, 0xc8); /* movzx ecx, al */
    look_up(e, AT(good));
    EMIT(e, OP_LEA, 0x0c, 0x08); /* lea ecx, [eax + ecx] */
    need_zero(e, EAX | ECX);
    emit_byte(e, 0x8e); /* mov s, ax */
    emit_byte(e, 0xc0 | s << 3);
    emit_state(e, OP_MOV_STORE, REG_EAX, AT(sel) + s * 4);
    give_back(e, EAX | ECX);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
}

static void emit_mov_to_segment(struct emitter *e, const struct insn *in)
{
    take(e, EAX | ECX, 0);
    EMIT(e, 0x0f, 0xb7); /* movzx eax, r16 */
    emit_byte(e, 0xc0u | in->rm);
    emit_selector(e, in->reg);
}

static void emit_pop_segment(struct emitter *e, unsigned s)
{
    take(e, EAX | ECX, 0);
    EMIT(e, OP_MOV_LOAD, 0x04, 0x24); /* mov eax, [esp] */
    EMIT(e, 0x0f, 0xb7, 0xc0);        /* movzx eax, ax */
    emit_selector(e, s);
    EMIT(e, OP_LEA, 0x64, 0x24, 4); /* lea esp, [esp + 4] */
}

/* Which segment register does it pop, or push? SEG_COUNT: none. */
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

static unsigned pushed_segment(const struct insn *in)
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
    take(e, saved, 0);
    EMIT(e, OP_MOV_LOAD, 0x0c, 0x24);    /* mov ecx, [esp]: is it there? */
    EMIT(e, OP_MOV_LOAD, 0x4c, 0x24, 4); /* mov ecx, [esp + 4] */
    emit_state(e, OP_MOV_LOAD, REG_EAX, AT(user_cs));
    EMIT(e, OP_LEA, 0x0c, 0x08);
    need_zero(e, saved);
    EMIT(e, 0x0f, 0xb7, 0x4c, 0x24, 10); /* movzx ecx, word [esp + 10] */
    need_zero(e, saved);
    EMIT(e, 0x0f, 0xb6, 0x4c, 0x24, 9); /* movzx ecx, byte [esp + 9] */
    emit_flags(e, saved);
    emit_state(e, OP_MOV_STORE, REG_ECX, AT(user_if));
    emit_window(e, saved);
    emit_state(e, OP_MOV_LOAD, REG_ECX, AT(sel) + SEG_GS * 4);
    need_zero(e, saved); /* the real GS, ours, will be null */
    give_back(e, saved);
    emit_mark(e, MARK_INSN, e->eip, 0, 0);
    emit_byte(e, OP_IRET);
}

/* --------------------------------------------------------------- all others */

/* Where in the state page is what this instruction puts into its register
 * operand? 0: it is none of these. */
static uint32_t answer_of(const struct insn *in)
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

/* Instructions that only read, or write, a word of the state page. */
static bool emit_word_of_state(struct emitter *e, const struct insn *in)
{
    unsigned s = pushed_segment(in);
    if (answer_of(in)) {
        emit_state(e, OP_MOV_LOAD, in->rm, answer_of(in));
    } else if (s < SEG_COUNT) {
        emit_state(e, OP_GROUP5, 6, AT(sel) + s * (uint32_t)sizeof(uint32_t));
    } else if (in->id == I_CLI) {
        emit_set(e, AT(vif), 0);
    } else if (in->id == I_MOV_Cd_Rd && in->reg == 2) {
        emit_state(e, OP_MOV_STORE, in->rm, AT(cr[2]));
    } else {
        return false;
    }
    return true;
}

bool emit_inline(struct emitter *e, const struct insn *in)
{
    if (in->id == I_STI && e->i + 1 < e->u->count) {
        emit_sti(e); /* what it protects is behind it */
    } else if (in->id == I_PUSHF && in->opsize == 4) {
        emit_pushf(e);
    } else if (in->id == I_POPF && in->opsize == 4) {
        emit_popf(e);
    } else if (in->id == I_IRET && in->opsize == 4) {
        emit_iret(e);
    } else if (in->id == I_MOV_Sw_Ew && in->mod == 3 &&
               is_data_register(in->reg)) {
        emit_mov_to_segment(e, in);
    } else if (popped_segment(in) < SEG_COUNT) {
        emit_pop_segment(e, popped_segment(in));
    } else {
        return emit_word_of_state(e, in);
    }
    return true;
}
