/*
 * demo.h - one critical instruction, run where it is right and where it lies.
 */
#ifndef RINGSIDE_DEBUGGER_DEMO_H
#define RINGSIDE_DEBUGGER_DEMO_H

#include "../cpu/cpu.h"

#define DEMO_TEXT 40
struct demo {
    enum insn_id id;
    const char *tells; /* what the difference tells */
    char insn[48];     /* as text */
    /* What it answered on a machine of its own, and deprivileged: the
     * kernel's in ring 0 and ring 1, a program's in ring 3 of both. */
    char bare[DEMO_TEXT], guest[DEMO_TEXT];
    char bare_user[DEMO_TEXT], guest_user[DEMO_TEXT];
    /* Did it lead to the monitor, by a fault or into its ring? */
    bool told, told_user;
};

/* Demonstration number i. False past the last, or without memory. */
bool demo_run(size_t i, struct demo *out);
/* The row that demonstration number i is of; I_INVALID past the last. */
enum insn_id demo_row(size_t i);
/* Is a kernel deceived, with nobody told; and is a program? */
bool demo_kernel_deceived(const struct demo *d);
bool demo_program_deceived(const struct demo *d);

#endif
