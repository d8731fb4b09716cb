/*
 * silent.c - the detector of critical instructions.
 *
 * Job:    report each sensitive instruction that ran deprivileged and did
 *         not trap, with what it answered and what the bare machine would
 *         have answered: where trap-and-emulate goes wrong on `classic`.
 * Parts:  the sites already reported; what was answered; the hook.
 *
 * Each makes an exit record that costs nothing, because nothing happened.
 * A site (CS:EIP) is shown to the observer the first time, and counted every
 * time.
 *
 * The processor has one table of hooks, perhaps a debugger's. While guests
 * run ours takes its place and passes everything on.
 */
#include "silent.h"

#include <string.h>

#define SITES 1024u /* a hash table; sites beyond it are counted only */

struct silent {
    const struct cpu_hooks *user; /* or NULL */
    struct cpu_hooks ours;
    struct {
        uint16_t cs;
        uint32_t eip;
        bool used;
    } site[SITES];
};

/* ----------------------------------------------------------------- sites */

/* Is this the first time that the instruction at cs:eip is seen? */
static bool is_new(struct silent *s, uint16_t cs, uint32_t eip)
{
    uint32_t at = eip * 2654435761u >> 16;
    for (uint32_t i = 0; i < SITES; i++, at++) {
        if (!s->site[at % SITES].used) {
            s->site[at % SITES].used = true;
            s->site[at % SITES].cs = cs;
            s->site[at % SITES].eip = eip;
            return true;
        }
        if (s->site[at % SITES].eip == eip && s->site[at % SITES].cs == cs) {
            return false;
        }
    }
    return false;
}

/* --------------------------------------------------------------- answers */

/* The instruction has just run: c is what it saw, v what it believed. */
typedef void note_fn(struct exit *x, const struct cpu *c,
                     const struct virtual_cpu *v, const struct insn *in);

static void table(struct exit *x, const struct table_reg *got,
                  const struct table_reg *bare)
{
    exit_note(x, "answered base %08x limit %04x; bare: %08x %04x", got->base,
              got->limit, bare->base, bare->limit);
}

static void word(struct exit *x, uint32_t got, uint32_t bare)
{
    exit_note(x, "answered %04x; bare: %04x", got & 0xffff, bare & 0xffff);
}

static void note_gdtr(struct exit *x, const struct cpu *c,
                      const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    table(x, &c->gdtr, &v->gdtr);
}

static void note_idtr(struct exit *x, const struct cpu *c,
                      const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    table(x, &c->idtr, &v->idtr);
}

static void note_ldtr(struct exit *x, const struct cpu *c,
                      const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    word(x, c->ldtr.sel, v->ldtr.sel);
}

static void note_tr(struct exit *x, const struct cpu *c,
                    const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    word(x, c->tr.sel, v->tr.sel);
}

static void note_msw(struct exit *x, const struct cpu *c,
                     const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    word(x, c->cr0, v->cr0);
}

static void note_pushf(struct exit *x, const struct cpu *c,
                       const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    exit_note(x, "answered %08x; bare: %08x", cpu_eflags(c), v->eflags);
}

static void note_popf(struct exit *x, const struct cpu *c,
                      const struct virtual_cpu *v, const struct insn *in)
{
    (void)c;
    (void)v;
    (void)in;
    exit_note(x, "left IF and IOPL as they were; bare: loads them");
}

static void note_look(struct exit *x, const struct cpu *c,
                      const struct virtual_cpu *v, const struct insn *in)
{
    (void)c;
    (void)v;
    (void)in;
    exit_note(x, "looked at a descriptor of the monitor's; bare: its own");
}

/* Far transfers. */
static void note_transfer(struct exit *x, const struct cpu *c,
                          const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    exit_note(x, "CS became %04x; bare: %04x", c->seg[SEG_CS].sel,
              v->seg[SEG_CS].sel);
}

/* FNSAVE and its like: the CS of the last x87 instruction, mostly this. */
static void note_fpu(struct exit *x, const struct cpu *c,
                     const struct virtual_cpu *v, const struct insn *in)
{
    (void)in;
    word(x, c->seg[SEG_CS].sel, v->seg[SEG_CS].sel);
}

/* The segment register that operand i names, or SEG_COUNT. */
static unsigned segment_operand(const struct insn *in, int i)
{
    const struct operand_form *f = &insn_rows[in->id].form[i];
    return f->place == PLACE_SREG     ? in->reg
           : f->place == PLACE_SEGREG ? f->number
                                      : SEG_COUNT;
}

/* Moves of segment registers: out of one, it tells; into one, it checks. */
static void note_move(struct exit *x, const struct cpu *c,
                      const struct virtual_cpu *v, const struct insn *in)
{
    bool push = strcmp(insn_rows[in->id].mnemonic, "PUSH") == 0;
    unsigned from = segment_operand(in, push ? 0 : 1);
    if (from < SEG_COUNT) {
        word(x, c->seg[from].sel, v->seg[from].sel);
    } else {
        exit_note(x, "loaded a descriptor of the monitor's; bare: its own");
    }
}

static const struct {
    const char *mnemonic; /* begins with it */
    note_fn *note;
} notes[] = {
    {"SGDT", note_gdtr},    {"SIDT", note_idtr},     {"SLDT", note_ldtr},
    {"STR", note_tr},       {"SMSW", note_msw},      {"PUSHF", note_pushf},
    {"POPF", note_popf},    {"LAR", note_look},      {"LSL", note_look},
    {"VERR", note_look},    {"VERW", note_look},     {"CALL", note_transfer},
    {"JMP", note_transfer}, {"RETF", note_transfer}, {"IRET", note_transfer},
    {"INT", note_transfer}, {"FN", note_fpu},        {"FXSAVE", note_fpu},
    {"", note_move},
};

static note_fn *note_of(const struct insn *in)
{
    const char *mnemonic = insn_rows[in->id].mnemonic;
    size_t i = 0;
    while (strncmp(mnemonic, notes[i].mnemonic, strlen(notes[i].mnemonic)) !=
           0) {
        i++;
    }
    return notes[i].note;
}

/* Selectors and descriptors are the truth where they are the guest's own. */
static bool is_true(const struct vm *v, const struct insn *in)
{
    note_fn *note = note_of(in);
    return v->technique->own_descriptors &&
           (note == note_look || note == note_transfer || note == note_move ||
            note == note_fpu);
}

/* In the cache is code of the monitor's own, which knows what it does. (Its
 * IRET has left it by now: that it was there, its offset tells.) */
static bool is_monitors(const struct vm *v, const struct cpu *c,
                        const struct insn *in)
{
    return c->seg[SEG_CS].sel == CACHE_CS ||
           (v->technique->moves_code && in->id == I_IRET &&
            c->eip < WORLD_CACHE_PAGES * PAGE_SIZE);
}

/* ------------------------------------------------------------------ hook */

static struct silent *silent_of(void *who)
{
    struct monitor *m = who;
    return m->silent;
}

static void report(struct monitor *m, const struct cpu *c,
                   const struct insn *in)
{
    struct vm *v = m->current;
    struct event e = {.cs = c->seg[SEG_CS].sel,
                      .eip = c->eip,
                      .cpl = c->cpl,
                      .cycle = c->cycles};
    struct virtual_cpu virtual;
    vm_virtual_cpu(v, &virtual);
    book_guest(v, c->cycles, c->instructions - m->instructions);
    m->instructions = c->instructions;
    struct exit *x = exit_open(v, &e, c->cycles);
    x->r.reason = EXIT_silent;
    x->r.disposition = DISPOSITION_silent;
    x->r.insn = *in;
    x->r.virtual_ring = virtual.cpl;
    note_of(in)(x, c, &virtual, in);
    exit_close(v);
}

static void silent(void *who, struct cpu *c, const struct insn *in)
{
    struct monitor *m = who;
    const struct cpu_hooks *user = m->silent->user;
    if (user && user->silent) {
        user->silent(user->who, c, in);
    }
    if (is_true(m->current, in) || is_monitors(m->current, c, in)) {
        return;
    }
    if (is_new(m->silent, c->seg[SEG_CS].sel, c->eip)) {
        report(m, c, in);
    } else {
        exit_count_silent(m->current);
    }
}

/* ---------------------------------------------------------- passing on */

static void before(void *who, struct cpu *c, const struct insn *in)
{
    const struct cpu_hooks *user = silent_of(who)->user;
    user->before(user->who, c, in);
}

static void after(void *who, struct cpu *c, const struct insn *in)
{
    const struct cpu_hooks *user = silent_of(who)->user;
    user->after(user->who, c, in);
}

static void event(void *who, struct cpu *c, const struct event *e)
{
    const struct cpu_hooks *user = silent_of(who)->user;
    user->event(user->who, c, e);
}

static void memory(void *who, struct cpu *c, gva_t at, unsigned size,
                   bool write, uint32_t value)
{
    const struct cpu_hooks *user = silent_of(who)->user;
    user->memory(user->who, c, at, size, write, value);
}

static void port(void *who, struct cpu *c, uint16_t number, unsigned size,
                 bool out, uint32_t value)
{
    const struct cpu_hooks *user = silent_of(who)->user;
    user->port(user->who, c, number, size, out, value);
}

static void charged(void *who, struct cpu *c, enum price p, uint64_t n)
{
    const struct cpu_hooks *user = silent_of(who)->user;
    user->charged(user->who, c, p, n);
}

void silent_watch(struct monitor *m)
{
    if (!m->config.detect_silent || !m->world) {
        return;
    }
    if (!m->silent && !(m->silent = pool_take(m->pool, sizeof *m->silent))) {
        return; /* no memory: nothing is detected, all else works */
    }
    const struct cpu_hooks *u = m->cpu->hooks;
    m->silent->user = u;
    m->silent->ours =
        (struct cpu_hooks){.who = m,
                           .before = u && u->before ? before : NULL,
                           .after = u && u->after ? after : NULL,
                           .event = u && u->event ? event : NULL,
                           .memory = u && u->memory ? memory : NULL,
                           .port = u && u->port ? port : NULL,
                           .silent = silent,
                           .charged = u && u->charged ? charged : NULL};
    m->cpu->hooks = &m->silent->ours;
}

void silent_unwatch(struct monitor *m)
{
    if (m->silent && m->cpu->hooks == &m->silent->ours) {
        m->cpu->hooks = m->silent->user;
    }
}

const struct cpu_hooks *silent_user(const struct monitor *m)
{
    const struct cpu_hooks *now = m->cpu->hooks;
    return m->silent && now == &m->silent->ours ? m->silent->user : now;
}
