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
#include "cpu.h"

/* Is every sensitive instruction made to trap outside ring 0? */
static bool traps_sensitive(enum cpu_kind kind, bool trap_sensitive)
{
    return kind == CPU_VIRTUALIZABLE && trap_sensitive;
}

/* The `trap` column, at a ring and what the monitor or kernel has set. */
static bool traps_by_column(enum insn_trap trap, unsigned cpl, unsigned iopl,
                            bool tsd)
{
    switch (trap) {
    case TRAP_CPL0:
        return cpl > 0;
    case TRAP_IOPL:
    case TRAP_IO:
        return cpl > iopl;
    case TRAP_TSD:
        return tsd && cpl > 0;
    case TRAP_NEVER:
        break;
    }
    return false;
}

bool cpu_insn_traps(const struct cpu *c, enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];
    if (c->cpl > 0 && row->sens != SENS_INNOCUOUS &&
        traps_sensitive(c->kind, c->trap_sensitive & 1))
        return true;
    return traps_by_column((enum insn_trap)row->trap, c->cpl,
                           (c->eflags & FL_IOPL) >> 12, c->cr4 & CR4_TSD);
}

bool insn_is_critical(enum cpu_kind kind, bool trap_sensitive, enum insn_id id)
{
    const struct insn_row *row = &insn_rows[id];
    if (row->sens == SENS_INNOCUOUS || traps_sensitive(kind, trap_sensitive))
        return false;
    /* Ring 1 is the strongest that a monitor gives to a guest. */
    return !traps_by_column((enum insn_trap)row->trap, 1, 0, true);
}
