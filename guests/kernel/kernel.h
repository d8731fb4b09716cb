/*
 * kernel.h - everything the kernel's files share.
 *
 * Job:    a small multitasking kernel: processes with their own address
 *         spaces, pipes, a console, a timer; one processor.
 * Parts:  memory, traps, processes, pipes, console, system calls.
 *
 * The kernel is not preemptible: it runs with interrupts off but while idle.
 *
 * Memory:  0x00400000  a program: text, data, heap
 *          0x7fffc000  its stack, 16 KiB, growing down from 0x80000000
 *          0xc0000000  the kernel: all of physical memory
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "ops.h"

#define PAGE 4096u
#define KERNEL_BASE 0xc0000000u
#define USER_BASE 0x00400000u
#define USER_STACK_TOP 0x80000000u
#define USER_STACK_LOW 0x7fffc000u
#define USER_HEAP_TOP 0x02000000u /* so a program has few tables */

/* Page-table entries, SDM 3A 4.3; bit 9 is for the kernel's use. */
#define PTE_P 0x001u
#define PTE_W 0x002u
#define PTE_U 0x004u
#define PTE_A 0x020u
#define PTE_D 0x040u
#define PTE_COW 0x200u /* writable once it is copied */
#define PTE_FLAGS 0xfffu

/* A program's selectors. The kernel's own are each variant's, for their RPL
 * is its ring: ops.inc. */
#define SEL_USER_CODE 0x1bu
#define SEL_USER_DATA 0x23u

static inline void *kernel_address(uint32_t physical)
{
    return (void *)(physical + KERNEL_BASE);
}
static inline uint32_t physical_address(const void *p)
{
    return (uint32_t)p - KERNEL_BASE;
}

/* string.c */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

/* memory.c: frames, and address spaces made of them. */
struct space {
    uint32_t directory; /* physical */
};
void memory_init(const struct boot *b);
uint32_t frame_take(void); /* physical, zeroed; panics when none is left */
void frame_share(uint32_t frame);
void frame_drop(uint32_t frame);
uint32_t frames_free(void);
void space_new(struct space *s);
void space_copy(struct space *to, const struct space *from); /* on write */
void space_free(struct space *s);
void space_load(const struct space *s);
void space_map(struct space *s, uint32_t linear, uint32_t frame,
               uint32_t flags);
void space_unmap(struct space *s, uint32_t linear);
/* The entry that maps `linear`, or NULL where there is no table. */
uint32_t *space_entry(const struct space *s, uint32_t linear);
int space_protect(struct space *s, uint32_t linear, int writable);

/* trap.c */
struct trap_frame { /* as trap.asm pushes it */
    uint32_t edi, esi, ebp, unused, ebx, edx, ecx, eax;
    uint32_t vector, error;
    uint32_t eip, cs, eflags, esp, ss;
};
#define VECTOR_PAGE_FAULT 14
#define VECTOR_TIMER 32
#define VECTOR_SYSCALL 0x80
void trap(struct trap_frame *f);
void syscall(struct trap_frame *f); /* syscall.c */
/* schedule.c. What depends on time stands apart: see kernel.ld. */
extern struct timing {
    uint32_t ticks;
} timing;

/* process.c, schedule.c */
enum process_state { FREE, READY, WAITING, DEAD };
#define FILES 24
#define PROCESSES 16
struct file {
    struct pipe *pipe; /* NULL: closed */
    int writes;
};
struct process {
    enum process_state state;
    uint32_t pid, parent;
    struct space space;
    uint32_t brk, heap; /* the heap is [heap, brk) */
    uint8_t *stack;     /* its kernel stack, one page */
    uint32_t esp;       /* saved while it does not run */
    const void *waits_for;
    uint32_t status; /* of DEAD */
    struct file file[FILES];
};
extern struct process processes[PROCESSES];
extern struct process *current;
void process_first(const char *program, uint32_t a, uint32_t b);
int process_fork(struct trap_frame *f);
int process_exec(struct trap_frame *f, const char *name, uint32_t a,
                 uint32_t b);
void process_exit(uint32_t status) __attribute__((noreturn));
int process_wait(void);
int process_fault(uint32_t linear, uint32_t error); /* 0: mended */
int process_sbrk(uint32_t bytes);
void schedule(void);             /* give the processor to the next */
void wait_for(const void *what); /* until wake(what) */
void wake(const void *what);
void start_scheduling(void) __attribute__((noreturn));
/* trap.asm */
void switch_stacks(uint32_t *save_esp, uint32_t load_esp);
void return_from_trap(void);

/* pipe.c */
int pipe_new(int fd[2]);
int pipe_read(struct file *f, uint8_t *to, uint32_t n);
int pipe_write(struct file *f, const uint8_t *from, uint32_t n);
void file_close(struct file *f);
void file_share(const struct file *f);

/* console.c: %s %u %x */
void print(const char *format, ...);
void panic(const char *format, ...) __attribute__((noreturn));

/* bench.c: workloads that run in the kernel. */
void bench_entries(uint32_t count);

/* programs.asm: the user programs, as loaded at USER_BASE. */
struct program {
    const char *name;
    const uint8_t *start, *end;
};
extern const struct program programs[];

#endif
