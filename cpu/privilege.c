/*
 * privilege.c - from what the table says to what follows from it.
 *
 * Popek and Goldberg (1974): an instruction is privileged if it traps outside
 * the supervisor's mode and does not trap in it; it is sensitive if it touches
 * the machine's resources or its answer depends on them; it is critical if it
 * is sensitive and not privileged. A machine with a critical instruction
 * cannot be virtualized by trap and emulate alone.
 *
 * insn.def holds the premises (`trap`, `sens`); here are the conclusions.
 */
#include "exec.h"

/* Is every sensitive instruction made to trap outside ring 0, by this bit of
 * MSR_TRAP_SENSITIVE? And likewise CPUID by its own. */
static bool traps_sensitive(enum cpu_kind kind, bool bit)
{
    return kind != CPU_CLASSIC && bit;
}

const char *cpu_kind_name(unsigned kind)
{
    static const char *const names[CPU_KINDS] = {[CPU_CLASSIC] = "classic",
                                                 [CPU_VIRTUALIZABLE] =
                                                     "virtualizable",
                                                 [CPU_VT] = "vt"};
    return kind < CPU_KINDS ? names[kind] : NULL;
}

/* Who runs it, and what the monitor or kernel has set. */
struct situation {
    unsigned cpl, iopl;
    bool vm86;       /* virtual-8086 mode */
    bool virtual_if; /* CR4.VME or PVI gives it an IF of its own */
    bool tsd;        /* CR4.TSD */
    bool hides;      /* MSR_TRAP_SENSITIVE's bit for CPUID */
};

static bool traps_by_column(enum insn_trap trap, const struct situation *s)
{
    switch (trap) {
    case TRAP_CPL0:
        return s->cpl > 0;
    case TRAP_IOPL:
        return s->cpl > s->iopl && !s->virtual_if;
    case TRAP_IO:
        return s->cpl > s->iopl || s->vm86;
    case TRAP_TSD:
        return s->tsd && s->cpl > 0;
    case TRAP_VM86:
        return s->vm86 && s->iopl < 3 && !s->virtual_if;
    case TRAP_CPUID:
        return s->hides && s->cpl > 0;
    case TRAP_NEVER:
        break;
    }
    return false;
}

bool cpu_insn_traps(const struct cpu *c, enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];
    uint32_t set = c->trap_sensitive;
    const struct situation now = {
        .cpl = c->cpl,
        .iopl = (c->eflags & FL_IOPL) >> 12,
        .vm86 = c->eflags & FL_VM,
        .virtual_if = has_virtual_if(c),
        .tsd = c->cr4 & CR4_TSD,
        .hides = traps_sensitive(c->kind, set & TRAP_SENSITIVE_CPUID)};
    if (c->cpl > 0 && row->sens != SENS_INNOCUOUS &&
        traps_sensitive(c->kind, set & TRAP_SENSITIVE_ROWS))
        return true;
    return traps_by_column((enum insn_trap)row->trap, &now);
}

bool insn_is_critical(enum cpu_kind kind, bool trap_sensitive, enum insn_id id)
{
    /* Ring 1 is the strongest that a monitor gives to a guest. */
    static const struct situation guest = {.cpl = 1, .iopl = 0, .tsd = true};
    const struct insn_row *row = &insn_rows[id];
    if (row->sens == SENS_INNOCUOUS || traps_sensitive(kind, trap_sensitive))
        return false;
    return !traps_by_column((enum insn_trap)row->trap, &guest);
}
