/*
 * syscall.c - INT 0x80: syscalls.def's rows, one function each.
 */
#include "kernel.h"

#define CONSOLE 1

/* Is [at, at + n) the program's? The page fault handler does the rest. */
static int user_range(uint32_t at, uint32_t n)
{
    return at >= USER_BASE && at < KERNEL_BASE && n <= KERNEL_BASE - at;
}

static struct file *file_of(uint32_t fd)
{
    return fd < FILES && current->file[fd].pipe ? &current->file[fd] : NULL;
}

/* Copies an argument's text; empty where it is not the program's. */
static void copy_name(char out[16], uint32_t at)
{
    uint32_t n = 0;
    if (user_range(at, 16))
        while (n < 15 && ((const char *)at)[n]) {
            out[n] = ((const char *)at)[n];
            n++;
        }
    out[n] = 0;
}

static int sys_null(struct trap_frame *f)
{
    (void)f;
    return 0;
}
static int sys_exit(struct trap_frame *f)
{
    process_exit(f->ebx);
}
static int sys_fork(struct trap_frame *f)
{
    return process_fork(f);
}
static int sys_exec(struct trap_frame *f)
{
    char name[16];
    copy_name(name, f->ebx);
    return process_exec(f, name, f->ecx, f->edx);
}
static int sys_wait(struct trap_frame *f)
{
    (void)f;
    return process_wait();
}
static int sys_write(struct trap_frame *f)
{
    if (!user_range(f->ecx, f->edx))
        return -1;
    if (f->ebx == CONSOLE) {
        ops_console((const char *)f->ecx, f->edx);
        return (int)f->edx;
    }
    struct file *file = file_of(f->ebx);
    return file ? pipe_write(file, (const uint8_t *)f->ecx, f->edx) : -1;
}
static int sys_read(struct trap_frame *f)
{
    struct file *file = file_of(f->ebx);
    if (!file || !user_range(f->ecx, f->edx))
        return -1;
    return pipe_read(file, (uint8_t *)f->ecx, f->edx);
}
static int sys_pipe(struct trap_frame *f)
{
    int fd[2];
    if (!user_range(f->ebx, sizeof fd) || pipe_new(fd))
        return -1;
    memcpy((void *)f->ebx, fd, sizeof fd);
    return 0;
}
static int sys_close(struct trap_frame *f)
{
    struct file *file = file_of(f->ebx);
    if (!file)
        return -1;
    file_close(file);
    return 0;
}
static int sys_yield(struct trap_frame *f)
{
    (void)f;
    schedule();
    return 0;
}
static int sys_sbrk(struct trap_frame *f)
{
    return process_sbrk(f->ebx);
}
static int sys_protect(struct trap_frame *f)
{
    if (!user_range(f->ebx, 1))
        return -1;
    return space_protect(&current->space, f->ebx & ~(PAGE - 1), f->ecx != 0);
}
static int sys_getpid(struct trap_frame *f)
{
    (void)f;
    return (int)current->pid;
}
static int sys_mark(struct trap_frame *f)
{
    ops_marker(f->ebx);
    return 0;
}
static int sys_bench(struct trap_frame *f)
{
    if (f->ebx == 0)
        bench_entries(f->ecx);
    else if (f->ebx == 1)
        ops_port_bench(f->ecx);
    else
        ops_call_bench(f->ecx);
    return 0;
}
static int sys_timer(struct trap_frame *f)
{
    if (f->ebx < 19 || f->ebx > 100000) /* the 8254 counts to 65536 */
        return -1;
    ops_timer_start(f->ebx);
    return 0;
}

static int (*const calls[])(struct trap_frame *) = {
#define SYSCALL(number, name, text) [number] = sys_##name,
#include "syscalls.def"
#undef SYSCALL
};

void syscall(struct trap_frame *f)
{
    if (f->eax < sizeof calls / sizeof calls[0])
        f->eax = (uint32_t)calls[f->eax](f);
    else
        f->eax = (uint32_t)-1;
}
