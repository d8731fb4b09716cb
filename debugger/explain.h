/*
 * explain.h - the pages of `ringside explain`.
 */
#ifndef RINGSIDE_DEBUGGER_EXPLAIN_H
#define RINGSIDE_DEBUGGER_EXPLAIN_H

#include "options.h"

/* "cr3: a reason to exit: address-space switch", and an empty line. */
void heading(const char *name, const char *kind, const char *title);

/* All forms of the instruction with that mnemonic. False if there is none. */
bool explain_instruction(const char *word, const struct costs *c);
/* Row i's mnemonic from 0, or NULL past the last. */
const char *mnemonic_at(size_t i);
/* The instructions whose emulation is an exit of that reason, if any. */
void list_causes(enum exit_reason reason);
void list_critical(const struct costs *c);

#endif
