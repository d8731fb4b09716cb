/*
 * decode_known.h - what ndisasm is known to read otherwise than the manual.
 */
#ifndef RINGSIDE_TESTS_DECODE_KNOWN_H
#define RINGSIDE_TESTS_DECODE_KNOWN_H

#include "../../cpu/cpu.h"

#define SLOT 32 /* bytes: an instruction, and NOPs */

enum known {
    SAME,
    UNDEFINED_TO_BOTH,
    NOT_OURS,
    LOCK_ILLEGAL,
    REGISTER_ILLEGAL,
    TOO_LONG,
    TWINS,
    REDUNDANT_SIZE,
    FIELD_IGNORED,
    WAIT,
    WRAPS,
    ADDRESS_SIZE,
    NOPS,
    REP_LATER,
    BOTH_REGISTERS,
    DIFFERENT,
    KNOWN_COUNT
};

/* The rule behind each, for people. */
extern const char *const known_why[KNOWN_COUNT];

/* Bring a text into the one spelling in which texts are compared. */
void normalise(char *text);

/* Why ndisasm reads `theirs` where we say #UD; DIFFERENT if it should not. */
enum known why_invalid(const uint8_t *slot, unsigned long at, bool code32,
                       const char *theirs);

/* Why it reads `theirs` where we read `in`, `ours`. */
enum known why_different(const struct insn *in, const char *ours,
                         const char *theirs, int their_length);

#endif
