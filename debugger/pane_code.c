/*
 * pane_code.c - the guest's instructions: symbols, the source lines that they
 * were made of, what just ran, what is next, where a breakpoint is (b), and
 * what Popek and Goldberg would say of each.
 */
#include "screen.h"

#include <string.h>

#define BEFORE 24 /* instructions above the next, at most */
#define ROOM 10   /* rows in which every line has room, and not one alone */

/*
 * Instructions have no boundaries backwards: decode from a symbol before
 * `here`, or from some bytes before it, and keep the last that lead to it.
 */
static int instructions_before(const struct screen *s, uint32_t here,
                               int wanted, uint32_t at[BEFORE])
{
    uint32_t offset, from = here > 64 ? here - 64 : 0;
    int n = 0;
    if (vm_symbol_at(s->debug->vm, (gva_t){here}, &offset) && offset < 4096) {
        from = here - offset;
    }
    for (uint32_t a = from; a < here;) {
        struct insn in;
        if (!look_insn(s, a, &in)) {
            a++;
            n = 0;
            continue;
        }
        if (n == wanted) {
            memmove(at, at + 1, (size_t)(n - 1) * sizeof *at);
            n--;
        }
        at[n++] = a;
        a += in.len;
        if (a > here) {
            return 0; /* not in step: better none than wrong ones */
        }
    }
    return n;
}

/*
 * 'T': it traps where it stands; 'S': it is sensitive, does not trap, and so
 * answers as the real machine, not the guest's; 's': sensitive, but whoever
 * runs it here is in ring 0 and may. In guest mode ring 0 is the guest's own,
 * and what traps is what the control block says.
 */
static char mark_of(const struct screen *s, const struct insn *in)
{
    const struct cpu *c = monitor_cpu(s->debug->session.monitor);
    bool sensitive = insn_rows[in->id].sens != SENS_INNOCUOUS;
    if (c->guest.on) {
        return cpu_insn_exits(c, in) ? 'T' : sensitive ? 's' : ' ';
    }
    bool software = strncmp(insn_rows[in->id].mnemonic, "INT", 3) == 0;
    if (c->cpl > 0 && (software || cpu_insn_traps(c, (enum insn_id)in->id))) {
        return 'T'; /* INT n goes through the real IDT, the monitor's */
    }
    if (!sensitive) {
        return ' ';
    }
    return c->cpl > 0 && s->debug->now.cpl < 3 ? 'S' : 's';
}

static void draw_label(const struct screen *s, struct box *b, uint32_t at)
{
    uint32_t offset;
    const char *name = vm_symbol_at(s->debug->vm, (gva_t){at}, &offset);
    if (name && offset == 0) {
        put_ink(b, INK_TITLE, "%s:", name);
        put_row(b);
    }
}

/* Assembly says the same again. */
static bool is_assembly(const char *file)
{
    const char *dot = strrchr(file, '.');
    return dot && (strcmp(dot, ".asm") == 0 || strcmp(dot, ".inc") == 0 ||
                   strcmp(dot, ".S") == 0 || strcmp(dot, ".s") == 0);
}

/* Above the first instruction of a source line; in a small box, and of
 * assembly, above the next instruction alone. */
static void draw_line(struct screen *s, struct box *b, uint32_t at)
{
    struct source_line l;
    size_t n;
    bool wanted = at == look_here(s);
    if (!debug_line_at(s->debug, at, &l) ||
        !(wanted || (b->h >= ROOM && at == l.from && !is_assembly(l.file)))) {
        return;
    }
    const char *text = debug_line_text(s->debug, l.file, l.line, &n);
    size_t blank = text ? strspn(text, " \t") : 0;
    box_ink(b, INK_TITLE);
    put(b, "%s:%u ", debug_base_name(l.file), l.line);
    box_ink(b, INK_FAINT);
    if (text && blank < n) {
        put(b, "%.*s", (int)(n - blank), text + blank);
    } else if (!text) {
        put(b, "(the file is not found)");
    }
    box_ink(b, INK_PLAIN);
    put_row(b);
}

static bool has_breakpoint(const struct debug *d, uint32_t at)
{
    for (int i = 0; i < d->stops; i++) {
        const struct stop *p = &d->stop[i];
        if (p->kind == ON_PLACE && p->space == 'v' && p->at == at) {
            return true;
        }
    }
    return false;
}

/* One instruction; its length, or 0. */
static unsigned draw_one(struct screen *s, struct box *b, uint32_t at)
{
    char text[80], address[16];
    struct insn in;
    bool next = at == look_here(s), ran = s->at->ran_known && at == s->at->ran;
    unsigned length = debug_instruction(s->debug, at, text, sizeof text);
    const char *prefix = next ? "=>" : ran ? "--" : "  ";
    char mark = ' ';
    draw_label(s, b, at);
    draw_line(s, b, at);
    if (length && look_insn(s, at, &in)) {
        mark = mark_of(s, &in);
    }
    box_ink(b, next ? INK_CHOSEN : ran ? INK_STRONG : INK_PLAIN);
    put(b, "%s%c%s ", prefix, has_breakpoint(s->debug, at) ? 'b' : ' ',
        debug_code_address(&s->debug->now, at, address, sizeof address));
    if (mark == 'S' && !next) {
        box_ink(b, INK_BAD);
    } else if (mark == 'T' && !next) {
        box_ink(b, INK_CHANGED);
    }
    put(b, "%c %s", mark, length ? text : "(not mapped)");
    if (next) {
        put_to(b, b->w);
    }
    box_ink(b, INK_PLAIN);
    put_row(b);
    return length;
}

void pane_code(struct screen *s, struct box *b)
{
    uint32_t at[BEFORE], here = look_here(s);
    int wanted = b->h / 3 < BEFORE ? b->h / 3 : BEFORE;
    int n = instructions_before(s, here, wanted, at);
    for (int i = 0; i < n && !box_full(b); i++) {
        draw_one(s, b, at[i]);
    }
    for (uint32_t a = here; !box_full(b);) {
        unsigned length = draw_one(s, b, a);
        if (!length) {
            break;
        }
        a += length;
    }
}
