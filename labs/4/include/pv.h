/*
 * pv.h - what every guest of this lab stands on: one kernel that runs on a
 * PC and on the monitor, says things, and asks for things.
 *
 * A guest is one C file with a function lesson(); SEED is its number.
 */
#ifndef PV_H
#define PV_H

#include "../../../vmm/techniques/para/xen.h"

#include <stdbool.h>

#define PAGE 4096u
#define PTE_P 0x001u
#define PTE_W 0x002u
#define PTE_U 0x004u
#define PTE_PWT 0x008u
#define PTE_A 0x020u
#define PTE_D 0x040u
#define PTE_PS 0x080u
#define PTE_G 0x100u

/* A guest of the monitor, or on a PC? */
extern bool is_para;
extern const struct xen_start_info *info; /* if so */
#define P2M ((const uint32_t *)info->mfn_list)
#define M2P ((const uint32_t *)XEN_VIRT_START)
extern uint8_t shared_page[PAGE]; /* once faults are taken */

void lesson(void);
extern const uint32_t lesson_seed; /* SEEDED makes it of the guest's SEED */
#define SEEDED const uint32_t lesson_seed = SEED

/* %u, %x (8 digits), %d, %s; a line is one hypercall. */
void say(const char *format, ...);
_Noreturn void quit(uint32_t status);

/* A hypercall that no test looks at. */
int hypercall(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d);
/* One that the grader compares: its number, its answer, and the digest, of
 * what the guest's tables hold before it. On a PC, what must come of it. */
int ask_monitor(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                uint32_t digest);
void tell_grader(uint32_t number, int answer, uint32_t digest);

/* Take page faults: what `handler` returns is where the guest goes on. */
typedef uint32_t fault_fn(uint32_t address, uint32_t error, uint32_t eip);
void take_faults(fault_fn *handler);

/* Numbers that follow from SEED: 0 to n - 1. */
uint32_t dice(uint32_t n);

#endif
