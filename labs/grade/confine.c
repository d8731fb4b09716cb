/*
 * confine.c - a process that can compute, and nothing else.
 *
 * Job:    fork, put the descriptors in place, set the limits, filter the
 *         system calls, execute. All of that before the first instruction of
 *         the student's code, its constructors included.
 * Parts:  limits; the filter; starting; names.
 *
 * The filter is a list of what a static C program needs to run. The program
 * itself is executed by descriptor, which closes at that moment, and so once.
 *
 * Simplified: the filter is Linux's on x86-64 and 64-bit Arm. Elsewhere, and
 * with the sanitizers, whose run-time does what it likes, there are only the
 * limits: good enough for one's own code, not for a stranger's.
 */
#define _GNU_SOURCE /* AT_EMPTY_PATH */
#include "confine.h"
#include "transcript.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#if defined __x86_64__
#define HOST_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define HOST_ARCH AUDIT_ARCH_AARCH64
#endif
#endif
#if defined HOST_ARCH && !defined __SANITIZE_ADDRESS__
#define STRICT 1
#else
#define STRICT 0
#endif

#define CPU_SECONDS 5u
#define BYTES ((rlim_t)3 << 30) /* addresses; the monitor's pool has 1 GiB */
#define PROGRAM_FD 5

/* ---------------------------------------------------------------- limits */

/* At the first of the two the kernel says so, and of processor time a second
 * later once more (child.c, on_last); at the second it kills. */
#define LIMIT(what, most, hard) \
    (setrlimit(what, &(struct rlimit){(most), (hard)}) == 0)

static bool set_limits(void)
{
    bool ok = LIMIT(RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS + 3) &&
              LIMIT(RLIMIT_CORE, 0, 0) && LIMIT(RLIMIT_FSIZE, 0, 0);
#if STRICT
    ok = ok && LIMIT(RLIMIT_AS, BYTES, BYTES);
#endif
    return ok;
}

/* ------------------------------------------------------------- the filter */

#if STRICT
#define LOAD(field) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, what)
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)
#define REFUSE ANSWER(SECCOMP_RET_TRAP)
/* Skip `skip` statements unless the loaded word is `value`. */
#define UNLESS(value, skip) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, skip)
#define ALLOWED(name) UNLESS(SYS_##name, 1), ALLOW
/* Its first argument must be `value`, or it is refused. */
#define ALLOWED_ON(name, value) \
    UNLESS(SYS_##name, 4), LOAD(args[0]), UNLESS(value, 1), ALLOW, REFUSE
/* No memory that is executed: args[2] of mmap and mprotect. */
#define ALLOWED_DATA(name)                \
    UNLESS(SYS_##name, 4), LOAD(args[2]), \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0), ALLOW, REFUSE
/* It does no harm, but says nothing either. */
#define DENIED(name) UNLESS(SYS_##name, 1), ANSWER(SECCOMP_RET_ERRNO | EPERM)

static bool filter_calls(void)
{
    struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HOST_ARCH, 1, 0),
        ANSWER(SECCOMP_RET_KILL_PROCESS),
        LOAD(nr),
        ALLOWED(exit_group),
        ALLOWED(exit),
        ALLOWED(brk),
        ALLOWED(munmap),
        ALLOWED(madvise),
        ALLOWED(mremap),
        ALLOWED(futex),
        ALLOWED(clock_gettime),
        ALLOWED(getrandom),
        ALLOWED(set_tid_address),
        ALLOWED(set_robust_list),
        ALLOWED(rseq),
        ALLOWED(rt_sigreturn),
        ALLOWED(rt_sigaction),
        ALLOWED(rt_sigprocmask),
        ALLOWED(write),
        ALLOWED(writev),
        ALLOWED(fstat),
        ALLOWED(newfstatat),
#ifdef SYS_arch_prctl
        ALLOWED(arch_prctl),
#endif
        DENIED(prlimit64),
        DENIED(sysinfo), /* qsort: how much memory is there? */
#ifdef SYS_readlink
        DENIED(readlink),
#endif
        DENIED(readlinkat),
        ALLOWED_ON(fcntl, IMAGE_FD),
        ALLOWED_ON(read, IMAGE_FD),
        ALLOWED_ON(lseek, IMAGE_FD),
        ALLOWED_ON(close, IMAGE_FD),
        ALLOWED_ON(execveat, PROGRAM_FD),
        ALLOWED_DATA(mmap),
        ALLOWED_DATA(mprotect),
        REFUSE,
    };
    struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
#endif

bool confined_strictly(void)
{
    return STRICT;
}

/* --------------------------------------------------------------- starting */

static bool move_to(int from, int to)
{
    return from == to || dup2(from, to) == to;
}

/* In the child: never returns but with the number of what failed. */
static int become(const char *program, char *const argv[], const char *image,
                  int transcript, int printed)
{
    static char *no_environment[] = {NULL};
    int code = open(program, O_RDONLY);
    int guest = open(image, O_RDONLY), none = open("/dev/null", O_RDONLY);
    code = fcntl(code, F_DUPFD, 20); /* out of the way of 0 to 5 */
    guest = fcntl(guest, F_DUPFD, 20);
    transcript = fcntl(transcript, F_DUPFD, 20);
    printed = fcntl(printed, F_DUPFD, 20);
    if (code < 0 || guest < 0 || none < 0 || !move_to(none, 0) ||
        !move_to(printed, 1) || !move_to(printed, 2) ||
        !move_to(transcript, TRANSCRIPT_FD) || !move_to(guest, IMAGE_FD) ||
        !move_to(code, PROGRAM_FD)) {
        return 1;
    }
    for (int fd = PROGRAM_FD + 1; fd < 64; fd++) {
        close(fd);
    }
    fcntl(PROGRAM_FD, F_SETFD, FD_CLOEXEC);
    setpgid(0, 0);
    if (!set_limits()) {
        return 2;
    }
#if STRICT
    if (!filter_calls()) {
        return 3;
    }
    syscall(SYS_execveat, PROGRAM_FD, "", argv, no_environment, AT_EMPTY_PATH);
#else
    execve(program, argv, no_environment);
#endif
    return 4;
}

pid_t confined_start(const char *program, char *const argv[], const char *image,
                     int *transcript, int *printed)
{
    int told[2], said[2];
    if (pipe(told) != 0 || pipe(said) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        _exit(100 + become(program, argv, image, told[1], said[1]));
    }
    close(told[1]);
    close(said[1]);
    *transcript = told[0];
    *printed = said[0];
    return pid;
}

/* ------------------------------------------------------------------ names */

const char *syscall_name(unsigned number)
{
    static const struct {
        unsigned number;
        const char *name;
    } known[] = {
#ifdef __linux__
#ifdef SYS_open
        {SYS_open, "open"},
        {SYS_fork, "fork"},
        {SYS_vfork, "vfork"},
        {SYS_unlink, "unlink"},
        {SYS_pause, "pause"},
        {SYS_alarm, "alarm"},
        {SYS_getppid, "getppid"},
#endif
        {SYS_openat, "openat"},
        {SYS_clone, "clone"},
        {SYS_clone3, "clone3"},
        {SYS_ptrace, "ptrace"},
        {SYS_socket, "socket"},
        {SYS_kill, "kill"},
        {SYS_tgkill, "tgkill"},
        {SYS_execve, "execve"},
        {SYS_execveat, "execveat"},
        {SYS_clock_nanosleep, "clock_nanosleep"},
        {SYS_process_vm_readv, "process_vm_readv"},
        {SYS_process_vm_writev, "process_vm_writev"},
        {SYS_read, "read"},
        {SYS_close, "close"},
        {SYS_mmap, "mmap of executable memory"},
        {SYS_mprotect, "mprotect to executable memory"},
        {SYS_setrlimit, "setrlimit"},
        {SYS_dup2, "dup2"},
        {SYS_pipe2, "pipe2"},
#endif
        {UINT32_MAX, NULL}};
    for (size_t i = 0; known[i].name; i++) {
        if (known[i].number == number) {
            return known[i].name;
        }
    }
    return NULL;
}
