/*
 * debug_where.c - who called: the chain of functions, from the guest's stack.
 *
 * Parts:  the stack; return addresses; interrupts; one function up; telling.
 *
 * What a compiler made has call frame information: the way up is exact. Other
 * code, assembly above all, has none. If it begins by setting up EBP, EBP
 * leads on; else the next word of the stack that a CALL or an interrupt can
 * have put there, and the row says so by a question mark.
 */
#include "debug.h"

#include <string.h>

#define FRAMES_MOST 64
#define WORDS_SEEN 64 /* of the stack, for a return address */

struct chain {
    struct debug *d;
    struct source_frame frame;
    uint8_t ring;
    bool guessed, interrupted; /* how this frame was found */
};

/* -------------------------------------------------------------- the stack */

static bool word_at(void *who, uint32_t at, uint32_t *out)
{
    struct debug *d = who;
    return vm_peek(d->vm, (gva_t){at}, out, sizeof *out) == sizeof *out;
}

/* ------------------------------------------------------- return addresses */

/* Does a CALL end right before `at`? They are 2 to 7 bytes long. */
static bool follows_call(struct debug *d, uint32_t at)
{
    for (uint32_t n = 2; n <= 7; n++) {
        struct insn in;
        if (debug_decode(d, at - n, &in) && in.len == n &&
            strncmp(insn_rows[in.id].mnemonic, "CALL", 4) == 0) {
            return true;
        }
    }
    return false;
}

/* Push EBP, then MOV EBP, ESP in either encoding: has it run to its end? */
static bool has_frame(struct debug *d, uint32_t at)
{
    uint8_t code[3];
    uint32_t offset;
    const char *name = vm_symbol_at(d->vm, (gva_t){at}, &offset);
    return name && offset >= sizeof code &&
           vm_peek(d->vm, (gva_t){at - offset}, code, 3) == 3 &&
           code[0] == 0x55 &&
           ((code[1] == 0x89 && code[2] == 0xe5) ||
            (code[1] == 0x8b && code[2] == 0xec));
}

/* ------------------------------------------------------------- interrupts */

/* EIP, CS and EFLAGS as an interrupt pushes them, and ESP and SS from an
 * outer ring (SDM 3A 6.12.1)? Then that is where it came into. */
static bool is_interrupt(struct chain *k, uint32_t at)
{
    uint32_t eip, cs, flags, esp = at + 12;
    struct insn in;
    struct debug *d = k->d;
    if (!word_at(d, at, &eip) || !word_at(d, at + 4, &cs) ||
        !word_at(d, at + 8, &flags)) {
        return false;
    }
    bool selector = (cs & ~7u) != 0 && cs <= 0xffff;
    bool plausible = (flags & 0xffc08028u) == 0 && (flags & 2);
    if (!selector || !plausible || !debug_decode(d, eip, &in) ||
        ((cs & 3) > k->ring && !word_at(d, at + 12, &esp))) {
        return false;
    }
    k->frame.eip = eip;
    k->frame.reg[REG_ESP] = esp;
    k->frame.caller = false;
    k->ring = cs & 3;
    k->interrupted = true;
    return true;
}

/* ---------------------------------------------------------- one function up */

static bool by_ebp(struct chain *k)
{
    uint32_t ebp = k->frame.reg[REG_EBP], up, back;
    if (!has_frame(k->d, k->frame.eip) || ebp < k->frame.reg[REG_ESP] ||
        !word_at(k->d, ebp, &up) || !word_at(k->d, ebp + 4, &back) ||
        !follows_call(k->d, back)) {
        return false;
    }
    k->frame.reg[REG_EBP] = up;
    k->frame.reg[REG_ESP] = ebp + 8;
    k->frame.eip = back;
    k->frame.caller = true;
    return true;
}

static bool by_search(struct chain *k)
{
    uint32_t at = k->frame.reg[REG_ESP], word;
    k->guessed = true;
    for (int i = 0; i < WORDS_SEEN && word_at(k->d, at, &word); i++) {
        if (is_interrupt(k, at)) {
            return true;
        }
        if (follows_call(k->d, word)) {
            k->frame.eip = word;
            k->frame.reg[REG_ESP] = at + 4;
            k->frame.caller = true;
            return true;
        }
        at += 4;
    }
    return false;
}

static bool up(struct chain *k)
{
    struct source_memory m = {.who = k->d, .word = word_at};
    uint32_t esp = k->frame.reg[REG_ESP];
    k->guessed = k->interrupted = false;
    bool found = debug_caller(k->d, &m, &k->frame) || by_ebp(k) || by_search(k);
    return found && (k->frame.reg[REG_ESP] > esp || k->interrupted);
}

/* ---------------------------------------------------------------- telling */

static void tell_frame(struct chain *k, int number)
{
    struct debug *d = k->d;
    struct source_line l;
    char name[64];
    uint32_t at = k->frame.eip;
    bool line = debug_line_at(d, at - k->frame.caller, &l);
    if (k->interrupted) {
        fprintf(d->out, "    from ring %u:\n", k->ring);
    }
    fprintf(d->out, "%s#%-2d %08x %s",
            k->guessed && !k->interrupted ? "?" : " ", number, at,
            debug_place_name(d, at, name, sizeof name));
    if (line) {
        fprintf(d->out, " at %s:%u", debug_base_name(l.file), l.line);
    }
    putc('\n', d->out);
}

void do_where(struct debug *d, const struct words *w)
{
    const struct virtual_cpu *c = &d->now;
    struct chain k = {.d = d, .frame.eip = c->seg[SEG_CS].base + c->eip};
    (void)w;
    if (cpu_mode(c->cr0, c->eflags) != MODE_PROTECTED) {
        wrong(d, "who called can be told in protected mode alone; 'x' shows "
                 "the stack");
        return;
    }
    memcpy(k.frame.reg, c->reg, sizeof k.frame.reg);
    k.frame.reg[REG_ESP] += c->seg[SEG_SS].base;
    k.ring = c->cpl;
    tell_frame(&k, 0);
    for (int i = 1; i < FRAMES_MOST && up(&k); i++) {
        tell_frame(&k, i);
    }
    if (!debug_has_lines(d)) {
        fprintf(d->out,
                "%s was built without debug information: rows with ? "
                "are guesses\n",
                vm_name(d->vm));
    }
}
