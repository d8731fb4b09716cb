/*
 * process.c - processes: made, loaded, grown, ended, waited for.
 *
 * A fork shares every page, copied when one of the two writes (process_fault);
 * the heap and the stack are given zeroed pages when they are first touched.
 */
#include "kernel.h"

struct process processes[PROCESSES];
struct process *current;

#define ROUND_UP(n) (((n) + PAGE - 1) & ~(PAGE - 1))
#define USER_FLAGS 0x202u /* EFLAGS: interrupts on */

static struct process *process_new(void)
{
    static uint32_t last_pid;
    for (uint32_t i = 0; i < PROCESSES; i++) {
        struct process *p = &processes[i];
        if (p->state != FREE)
            continue;
        memset(p, 0, sizeof *p);
        p->pid = ++last_pid;
        p->stack = kernel_address(frame_take());
        return p;
    }
    return NULL;
}

/* A new process's kernel stack: it will return from a trap with frame f. */
static void prepare_stack(struct process *p, const struct trap_frame *f)
{
    struct trap_frame *top = (struct trap_frame *)(p->stack + PAGE - sizeof *f);
    *top = *f;
    uint32_t *esp = (uint32_t *)top;
    *--esp = (uint32_t)return_from_trap; /* where switch_stacks returns to */
    esp -= 4;                            /* EBX, ESI, EDI, EBP: any value */
    p->esp = (uint32_t)esp;
}

/* Map a program's pages and say where it starts. Returns 0, or -1. */
static int load(struct process *p, const char *name)
{
    for (const struct program *g = programs; g->name; g++) {
        if (strcmp(g->name, name) != 0)
            continue;
        uint32_t at = USER_BASE;
        for (const uint8_t *from = g->start; from < g->end; from += PAGE) {
            uint32_t n = (uint32_t)(g->end - from);
            uint32_t frame = frame_take();
            memcpy(kernel_address(frame), from, n < PAGE ? n : PAGE);
            space_map(&p->space, at, frame, PTE_P | PTE_W | PTE_U);
            at += PAGE;
        }
        /* Its second word is where its zeroed data end: user.ld. */
        p->heap = p->brk = ROUND_UP(((const uint32_t *)g->start)[1]);
        return 0;
    }
    return -1;
}

/* A frame that starts the program with EAX = a, EBX = b. */
static struct trap_frame start_frame(uint32_t a, uint32_t b)
{
    return (struct trap_frame){.eax = a,
                               .ebx = b,
                               .eip = USER_BASE,
                               .cs = SEL_USER_CODE,
                               .eflags = USER_FLAGS,
                               .esp = USER_STACK_TOP,
                               .ss = SEL_USER_DATA};
}

void process_first(const char *program, uint32_t a, uint32_t b)
{
    struct process *p = process_new();
    struct trap_frame f = start_frame(a, b);
    space_new(&p->space);
    if (load(p, program))
        panic("no program is called '%s'", program);
    prepare_stack(p, &f);
    p->state = READY;
}

int process_fork(struct trap_frame *f)
{
    struct process *p = process_new();
    if (!p)
        return -1;
    p->parent = current->pid;
    p->heap = current->heap;
    p->brk = current->brk;
    for (int i = 0; i < FILES; i++) {
        p->file[i] = current->file[i];
        file_share(&p->file[i]);
    }
    space_copy(&p->space, &current->space);
    struct trap_frame child = *f;
    child.eax = 0;
    prepare_stack(p, &child);
    p->state = READY;
    return (int)p->pid;
}

int process_exec(struct trap_frame *f, const char *name, uint32_t a, uint32_t b)
{
    struct space old = current->space;
    struct process loaded = *current;
    space_new(&loaded.space);
    if (load(&loaded, name)) {
        space_free(&loaded.space);
        return -1;
    }
    current->space = loaded.space;
    current->heap = loaded.heap;
    current->brk = loaded.brk;
    space_load(&current->space);
    space_free(&old);
    *f = start_frame(a, b);
    return (int)a; /* becomes EAX */
}

void process_exit(uint32_t status)
{
    for (int i = 0; i < FILES; i++)
        file_close(&current->file[i]);
    current->status = status;
    current->state = DEAD;
    if (current->parent == 0) {
        print("ringside kernel: done, status %u\n", status);
        ops_exit(status);
    }
    wake(&processes); /* whoever waits for a child */
    schedule();
    panic("a dead process runs");
}

int process_wait(void)
{
    for (;;) {
        int children = 0;
        for (uint32_t i = 0; i < PROCESSES; i++) {
            struct process *p = &processes[i];
            if (p->state == FREE || p->parent != current->pid)
                continue;
            children = 1;
            if (p->state == DEAD) {
                space_free(&p->space);
                frame_drop(physical_address(p->stack));
                p->state = FREE;
                return (int)p->status;
            }
        }
        if (!children)
            return -1;
        wait_for(&processes);
    }
}

int process_sbrk(uint32_t bytes)
{
    uint32_t old = current->brk;
    if (bytes > USER_HEAP_TOP - old)
        return -1;
    current->brk = old + bytes;
    return (int)old;
}

/* May the program have a zeroed page at `linear`? */
static int may_grow(uint32_t linear)
{
    if (linear >= USER_STACK_LOW && linear < USER_STACK_TOP)
        return 1;
    return linear >= USER_BASE && linear < ROUND_UP(current->brk);
}

/* A write to a page that a fork shares: make it our own. */
static void copy_page(uint32_t linear, uint32_t entry)
{
    uint32_t old = ops_entry_address(entry), made = frame_take();
    memcpy(kernel_address(made), kernel_address(old), PAGE);
    ops_set_entry(space_entry(&current->space, linear),
                  ops_make_entry(made, PTE_P | PTE_W | PTE_U));
    ops_flush_page(linear);
    ops_flush_entries();
    frame_drop(old);
}

int process_fault(uint32_t linear, uint32_t error)
{
    uint32_t page = linear & ~(PAGE - 1);
    uint32_t *entry = space_entry(&current->space, page);
    if (page >= KERNEL_BASE)
        return -1;
    if (!entry || !(*entry & PTE_P)) {
        if (!may_grow(page))
            return -1;
        space_map(&current->space, page, frame_take(), PTE_P | PTE_W | PTE_U);
        return 0;
    }
    if ((error & 2) && (*entry & PTE_COW)) {
        copy_page(page, *entry);
        return 0;
    }
    return -1;
}
