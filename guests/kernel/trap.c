/*
 * trap.c - where every fault, interrupt and system call arrives.
 */
#include "kernel.h"

static const char *const fault_names[] = {"divide error",
                                          "debug",
                                          "NMI",
                                          "breakpoint",
                                          "overflow",
                                          "bound",
                                          "invalid opcode",
                                          "no coprocessor",
                                          "double fault",
                                          "coprocessor segment overrun",
                                          "invalid TSS",
                                          "segment not present",
                                          "stack fault",
                                          "general protection",
                                          "page fault"};
#define FAULT_NAMES (sizeof fault_names / sizeof fault_names[0])

static int from_user(const struct trap_frame *f)
{
    return (f->cs & 3) == 3;
}

/* A fault that nobody mended: the program's end, or the kernel's. */
static void fault(struct trap_frame *f, uint32_t address)
{
    const char *name =
        f->vector < FAULT_NAMES ? fault_names[f->vector] : "unknown trap";
    /* The kernel, too, touches a program's memory: at the program's risk. */
    if (!from_user(f) &&
        !(f->vector == VECTOR_PAGE_FAULT && address < KERNEL_BASE && current))
        panic("%s at %x, error %x, address %x", name, f->eip, f->error,
              address);
    print("process %u: %s at %x, address %x\n", current->pid, name, f->eip,
          address);
    process_exit(128 + f->vector);
}

static void tick(struct trap_frame *f)
{
    timing.ticks++;
    ops_timer_done();
    if (from_user(f))
        schedule(); /* the time slice is one tick */
}

void trap(struct trap_frame *f)
{
    uint32_t address = 0;
    switch (f->vector) {
    case VECTOR_SYSCALL:
        ops_syscall_entered();
        syscall(f);
        break;
    case VECTOR_TIMER:
        tick(f);
        break;
    case VECTOR_PAGE_FAULT:
        address = ops_fault_address();
        if (current && process_fault(address, f->error) == 0)
            break;
        __attribute__((fallthrough));
    default:
        fault(f, address);
    }
}
