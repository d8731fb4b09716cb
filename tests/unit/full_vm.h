/*
 * full_vm.h - a guest of a few bytes of machine code under `full`, with every
 * exit kept and the audit after each.
 *
 * The code stands at CODE in ring 0 as a Multiboot loader leaves it: paging
 * off, flat segments 8 and 16, interrupts off.
 */
#ifndef RINGSIDE_TESTS_FULL_VM_H
#define RINGSIDE_TESTS_FULL_VM_H

#include "../../vmm/vmm.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CODE 0x100000u
#define SEEN 512

struct full_vm {
    struct monitor *m;
    struct vm *v; /* the first */
    struct costs costs;
    unsigned exits;
    struct exit_record seen[SEEN];
};

static inline void full_see(void *who, struct monitor *m,
                            const struct exit_record *x)
{
    struct full_vm *f = who;
    char err[200];
    f->seen[f->exits++ % SEEN] = *x;
    cr_assert(monitor_audit(m, err, sizeof err), "%s", err);
}

static inline struct vm *full_add(struct full_vm *f, const char *technique,
                                  const uint8_t *code, size_t n)
{
    char path[] = "/tmp/ringside-full-XXXXXX", err[256];
    uint32_t header[8] = {0x1badb002, 0x10000, 0,        CODE - 32,
                          CODE - 32,  0,       0x120000, CODE};
    header[2] = 0u - header[0] - header[1];
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert(write(fd, header, sizeof header) == sizeof header);
    cr_assert(write(fd, code, n) == (ssize_t)n);
    close(fd);
    struct vm_config vm = {.technique = technique_find(technique),
                           .image = path,
                           .memory = 4u << 20};
    struct vm *v = monitor_add_vm(f->m, &vm, err, sizeof err);
    unlink(path);
    cr_assert(v, "%s", err);
    return v;
}

static inline void full_open(struct full_vm *f, const char *technique,
                             const uint8_t *code, size_t n)
{
    char err[256];
    memset(f, 0, sizeof *f);
    cr_assert_eq(costs_load(&f->costs, "p4-vt", err, sizeof err), 0);
    f->costs.mhz = 100; /* so that a turn is a million cycles */
    struct monitor_config cfg = {.kind =
                                     technique_kind(technique_find(technique)),
                                 .costs = &f->costs,
                                 .ram_size = 32u << 20,
                                 .observer = {.who = f, .exit = full_see}};
    f->m = monitor_new(&cfg, err, sizeof err);
    cr_assert(f->m, "%s", err);
    f->v = full_add(f, technique, code, n);
}

#define FULL_OPEN(f, technique, ...)                            \
    do {                                                        \
        static const uint8_t code_bytes[] = {__VA_ARGS__};      \
        full_open(f, technique, code_bytes, sizeof code_bytes); \
    } while (0)

static inline enum monitor_stop full_run(struct full_vm *f)
{
    struct run_until to = {.cycle = monitor_clock(f->m) + 100000000};
    return monitor_run(f->m, &to);
}

/* The first exit of this reason, or NULL. */
static inline const struct exit_record *full_exit(const struct full_vm *f,
                                                  enum exit_reason why)
{
    for (unsigned i = 0; i < f->exits && i < SEEN; i++) {
        if (f->seen[i].reason == why) {
            return &f->seen[i];
        }
    }
    return NULL;
}

static inline unsigned full_count(const struct full_vm *f, enum exit_reason why)
{
    return (unsigned)vm_books(f->v)->by_reason[why];
}

static inline uint32_t full_word(struct full_vm *f, uint32_t gpa)
{
    mpa_t at;
    uint32_t word;
    cr_assert(vm_machine(f->v, (gpa_t){gpa}, &at));
    cr_assert(cpu_phys_read(monitor_cpu(f->m), at, &word, 4));
    return word;
}

/* Little-endian 32 bits in a list of bytes. */
#define LE32(v) \
    (v) & 0xff, (v) >> 8 & 0xff, (v) >> 16 & 0xff, (uint8_t)((v) >> 24)
#define OUT_EXIT 0xb0, 0, 0xe6, 0xf4, 0xeb, 0xfe /* out 0xf4, 0; for ever */

#endif
