/*
 * ops.h - the operations in which a native and a paravirtual kernel differ.
 *
 * The rest of the kernel is the same source for both, and reaches the
 * machine only through these; native/ops.c does them by instructions,
 * para/ops.c by asking the monitor. (Linux calls its own list pv_ops.) Entry
 * from the loader and the way out of a trap are assembly: entry.asm and the
 * macros of ops.inc.
 */
#ifndef KERNEL_OPS_H
#define KERNEL_OPS_H

#include "types.h"

/* What the machine told us at the start. */
struct boot {
    uint32_t memory;     /* bytes of RAM, from physical 0 */
    uint32_t first_free; /* physical: above the kernel and what came with it */
    const char *command_line;
    uint32_t directory; /* physical: the page directory we run on */
};

/* 1. Start: read what the loader left; load GDT, IDT and TSS. */
void ops_boot(struct boot *b, const void *loader_info);
void ops_load_tables(void);

/* 2. Interrupts. The kernel runs with them off but while it idles. */
void ops_syscall_entered(void); /* turn them off if the gate did not */
void ops_idle(void); /* turn them on, sleep until one came, turn them off */

/* 3. Page tables. Entries hold machine addresses; the kernel thinks in
 * physical ones. A page becomes a table with its first contents in place. */
uint32_t ops_make_entry(uint32_t physical, uint32_t flags);
uint32_t ops_entry_address(uint32_t entry);
void ops_table_made(uint32_t physical, int level); /* 1 or 2 */
/* May be queued, in order: ... */
void ops_table_dropped(uint32_t physical, int level); /* plain RAM again */
void ops_set_entry(uint32_t *at, uint32_t entry);
void ops_flush_page(uint32_t linear);
/* ... until one of these. */
void ops_flush_entries(void);
void ops_load_directory(uint32_t physical);

/* 4. Traps. */
void ops_set_kernel_stack(uint32_t esp); /* for entries from user mode */
uint32_t ops_fault_address(void);

/* 5. Devices. */
void ops_timer_start(uint32_t hz);
void ops_timer_done(void); /* acknowledge its interrupt */
void ops_console(const char *s, uint32_t n);
void ops_port_bench(uint32_t count); /* write and read port 0x80 */
void ops_call_bench(uint32_t count); /* call down, for nothing */

/* 6. To whoever watches, and the end. */
void ops_marker(uint32_t id);
void ops_exit(uint32_t status) __attribute__((noreturn));

#endif
