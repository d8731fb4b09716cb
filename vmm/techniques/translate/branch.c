/*
 * branch.c - what near branches become.
 *
 * A direct one leads to a guest address that is known now: a link, a JMP that
 * first leads to an INT, and once there is a translation of the target, to
 * that (Adams and Agesen's chaining). CALL pushes the guest's return address,
 * so that the guest's stack is what the guest believes it to be.
 *
 * An indirect one, RET too, leads to a guest address that is known when it
 * gets there: it is looked up in a table, and goes on by what that says. For
 * RET:
 *
 *         mov [gs:save.eax], eax       these two registers are ours now
 *         mov [gs:save.ecx], ecx
 *         mov eax, [esp]               the guest's target
 *         lea ecx, [eax * 8]
 *         movzx ecx, cx                its slot in the table
 *         mov ecx, [gs:ecx + tag]      minus the guest address in it
 *         lea ecx, [eax + ecx]         a comparison that changes no flag
 *         jecxz hit
 *         int CALLOUT                  the monitor does the RET
 *    hit: lea ecx, [eax * 8]
 *         movzx ecx, cx
 *         mov ecx, [gs:ecx + at]
 *         mov [gs:jump], ecx
 *         mov eax, [gs:save.eax]
 *         mov ecx, [gs:save.ecx]
 *         lea esp, [esp + 4]
 *         jmp [gs:jump]
 *
 * Whatever happens on the way, it is undone and the branch begins again.
 */
#include "translate.h"

#define OP_PUSH_IMM 0x68
#define OP_JMP 0xe9
#define OP_JCC 0x80 /* behind 0F */
#define JMP_LENGTH 5
#define OURS (1u << REG_EAX | 1u << REG_ECX)

/* ---------------------------------------------------------------- direct */

static void link_here(struct emitter *e, uint32_t target)
{
    e->u->link[e->u->links++] =
        (struct link){.owner = e->u, .target = target, .field = (uint16_t)e->n};
    emit_word(e, 0); /* emit_stubs() knows */
}

void emit_link(struct emitter *e, uint32_t target)
{
    emit_mark(e, MARK_INSN, target, 0, 0);
    emit_byte(e, OP_JMP);
    link_here(e, target);
}

static void emit_jcc(struct emitter *e, const struct insn *in, uint32_t next)
{
    /*@lab 5 emit_jcc
     * 0F 8x, with the condition in the low four bits as in in->opcode, and a
     * displacement of four bytes: link_here() to the target, which is in->imm
     * behind `next`. Then a jump to `next`.
     *@stub
     *  (void)e;
     *  (void)in;
     *  (void)next;
     *  lab_todo("emit_jcc");
     */
    emit_byte(e, 0x0f);
    emit_byte(e, OP_JCC | (in->opcode & 15));
    link_here(e, next + in->imm);
    emit_link(e, next);
    /*@end*/
}

/* LOOP and JECXZ only have short forms: over a jump to the next. */
static void emit_counted(struct emitter *e, const struct insn *in,
                         uint32_t next)
{
    /*@lab 5 emit_counted
     * LOOP, LOOPE, LOOPNE, JECXZ: only short forms exist (in->opcode and one
     * byte of displacement). Let it jump over a JMP to `next`, JMP_LENGTH, to
     * another to the target. With in->adsize 2, a prefix 0x67 goes before: CX
     * counts.
     *@stub
     *  (void)e;
     *  (void)in;
     *  (void)next;
     *  lab_todo("emit_counted");
     */
    if (in->adsize == 2) {
        emit_byte(e, 0x67); /* CX counts */
    }
    emit_byte(e, in->opcode);
    emit_byte(e, JMP_LENGTH);
    emit_link(e, next);
    emit_link(e, next + in->imm);
    /*@end*/
}

/* -------------------------------------------------------------- indirect */

/* EAX = the target: MOV from the branch's own operand, by its own bytes with
 * another opcode. */
static void emit_operand(struct emitter *e, const struct insn *in)
{
    unsigned opcode = 0;
    while (e->bytes[opcode] != OP_GROUP5) {
        opcode++; /* prefixes */
    }
    emit_bytes(e, e->bytes, opcode);
    emit_byte(e, OP_MOV_LOAD);
    emit_byte(e, e->bytes[opcode + 1] & 0xc7u); /* reg: EAX */
    emit_bytes(e, e->bytes + opcode + 2, in->len - opcode - 2);
}

/* ECX = a word of the target's slot: the low 13 bits of EAX, times 8. */
static void emit_slot(struct emitter *e, uint32_t word)
{
    EMIT(e, OP_LEA, 0x0c, 0xc5, 0, 0, 0, 0); /* lea ecx, [eax * 8] */
    EMIT(e, 0x0f, 0xb7, 0xc9);               /* movzx ecx, cx */
    EMIT(e, OP_GS, OP_MOV_LOAD, 0x89);       /* mov ecx, [gs:ecx + disp32] */
    emit_word(e, TARGETS_AT + word);
}

/*
 * EAX is the target. `pushed` bytes are on the stack that were not; `popped`
 * are to go from it.
 */
static void emit_look_up(struct emitter *e, int32_t pushed, uint32_t popped)
{
    /*@lab 5 emit_look_up
     * EAX is a guest address; EAX and ECX are taken (OURS). Go on at its
     * translation if the table knows it, else call out, of MARK_INDIRECT. The
     * listing at the head of this file, from its slot on. `pushed` bytes are
     * on the stack that were not when the instruction began, and every mark
     * says so; `popped` go from it before the last jump: by LEA.
     *@stub
     *  (void)e;
     *  (void)pushed;
     *  (void)popped;
     *  (void)emit_slot;
     *  lab_todo("emit_look_up");
     */
    emit_slot(e, offsetof(struct target, tag));
    EMIT(e, OP_LEA, 0x0c, 0x08); /* lea ecx, [eax + ecx] */
    emit_byte(e, OP_JECXZ);
    emit_byte(e, INT_LENGTH);
    emit_callout(e, MARK_INDIRECT, OURS, pushed);
    emit_mark(e, MARK_INSN, e->eip, OURS, pushed);
    emit_slot(e, offsetof(struct target, at));
    emit_state(e, OP_MOV_STORE, REG_ECX, AT(jump));
    emit_give_back(e, OURS);
    if (popped) {
        EMIT(e, OP_LEA, 0xa4, 0x24); /* lea esp, [esp + disp32] */
        emit_word(e, popped);
    }
    emit_mark(e, MARK_INSN, e->eip, 0, pushed - (int32_t)popped);
    emit_state(e, OP_GROUP5, 4, AT(jump));
    /*@end*/
}

/*@hide 5*/
static void emit_indirect(struct emitter *e, const struct insn *in,
                          uint32_t next)
{
    bool call = in->id == I_CALL_Ev;
    emit_take(e, OURS, 0);
    emit_operand(e, in);
    if (call) {
        emit_byte(e, OP_PUSH_IMM);
        emit_word(e, next);
        emit_mark(e, MARK_INSN, e->eip, OURS, 4);
    }
    emit_look_up(e, call ? 4 : 0, 0);
}

static void emit_ret(struct emitter *e, const struct insn *in)
{
    emit_take(e, OURS, 0);
    EMIT(e, OP_MOV_LOAD, 0x04, 0x24); /* mov eax, [esp] */
    emit_look_up(e, 0, 4 + (in->id == I_RET_Iw ? in->imm & 0xffff : 0));
}
/*@end*/

/* ------------------------------------------------------------------- all */

bool emit_branch(struct emitter *e, const struct insn *in)
{
    /*@lab 5 emit_branch
     * False if it is not one of these, or if in->opsize is not 4 (EIP would be
     * cut to 16 bits): the monitor does it. `next` is the address behind it.
     *   I_Jcc_Jb, I_Jcc_Jz     emit_jcc()
     *   I_LOOPNE_Jb, I_LOOPE_Jb,
     *   I_LOOP_Jb, I_JCXZ_Jb   emit_counted()
     *   I_JMP_Jb, I_JMP_Jz     emit_link() to next + in->imm
     *   I_CALL_Jz              push the guest's `next`, then the same
     *   I_RET, I_RET_Iw        emit_take() OURS; EAX = [esp]; look it up: 4
     *                          bytes are popped, and I_RET_Iw's imm more
     *   I_JMP_Ev, I_CALL_Ev    emit_take(); emit_operand(); look it up. CALL
     *                          pushes `next` before that, and a mark says so.
     *                          False if in->mod is not 3 and the override is
     *                          GS or CS
     * Until it is written all are the monitor's: right, and dear.
     *@stub
     *  (void)e;
     *  (void)in;
     *  (void)emit_jcc;
     *  (void)emit_counted;
     *  (void)emit_operand;
     *  (void)emit_look_up;
     *  return false;
     */
    uint32_t next = e->eip + in->len;
    bool elsewhere = in->override == SEG_GS || in->override == SEG_CS;
    if (in->opsize != 4) {
        return false; /* EIP would be cut to 16 bits */
    }
    switch (in->id) {
    case I_Jcc_Jb:
    case I_Jcc_Jz:
        emit_jcc(e, in, next);
        break;
    case I_LOOPNE_Jb:
    case I_LOOPE_Jb:
    case I_LOOP_Jb:
    case I_JCXZ_Jb:
        emit_counted(e, in, next);
        break;
    case I_JMP_Jb:
    case I_JMP_Jz:
        emit_link(e, next + in->imm);
        break;
    case I_CALL_Jz:
        emit_byte(e, OP_PUSH_IMM);
        emit_word(e, next);
        emit_link(e, next + in->imm);
        break;
    case I_JMP_Ev:
    case I_CALL_Ev:
        if (in->mod != 3 && elsewhere) {
            return false;
        }
        emit_indirect(e, in, next);
        break;
    case I_RET:
    case I_RET_Iw:
        emit_ret(e, in);
        break;
    default:
        return false;
    }
    return true;
    /*@end*/
}
