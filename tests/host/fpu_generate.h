/* fpu_generate.h - random cases of x87 instructions: fpu_generate.c. */
#ifndef RINGSIDE_HOST_FPU_GENERATE_H
#define RINGSIDE_HOST_FPU_GENERATE_H

#include "../../cpu/cpu.h"

#define FPU_CODE_AT 0x10000000u
#define FPU_DATA_AT (FPU_CODE_AT + PAGE_SIZE)
#define FPU_MEMORY 128u /* bytes at FPU_DATA_AT, where EDI points */

struct fpu_case {
    struct fpu fpu;
    uint32_t eax, eflags;
    uint8_t memory[FPU_MEMORY];
    uint8_t code[16];
    unsigned length;
    struct insn insn;
};

struct fpu_outcome {
    uint16_t control, status, tags, opcode;
    uint32_t ip, dp, eflags, eax;
    struct f80 st[8];
    uint8_t memory[FPU_MEMORY];
};

/* Is it an x87 row that any host has, and has in user programs? */
bool fpu_row_is_comparable(enum insn_id id);
void fpu_generate(enum insn_id id, uint64_t *seed, struct fpu_case *out);
/* May the result be a unit off? */
bool fpu_is_transcendental(const struct fpu_case *k);
/* Is its operand where the manual leaves the result undefined? F2XM1 of more
 * than 1; FYL2XP1 beyond 1 - sqrt(1/2) and sqrt(2) - 1. */
bool fpu_out_of_domain(const struct fpu_case *k);
/* Bits of the status word in which a processor may differ after it. */
uint16_t fpu_undefined(const struct fpu_case *k);

#endif
