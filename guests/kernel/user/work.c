/*
 * work.c - the first program: runs the workloads.
 *
 * main(which, count): workload number `which` of workloads.def, from 1, so
 * many times; 0: all of them. Each is bracketed by a marker, so that runs
 * under different techniques can be laid side by side, and says a line that
 * does not depend on time. A wrong result is a failed run.
 */
#include "user.h"

static uint32_t failures;

static void check(int good, const char *what)
{
    if (good)
        return;
    failures++;
    say("FAILED: %s\n", what);
}

/* The measured part is over; what a workload says of it is not measured. */
static void done(void)
{
    call(SYS_mark, 0, 0, 0);
}

static void nullcall(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        call(SYS_null, 0, 0, 0);
    done();
    say("nullcall: %u calls\n", count);
}

static volatile uint32_t touched; /* a page that both sides of a fork write */

static void forkwait(uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (call(SYS_fork, 0, 0, 0) == 0) {
            touched = i & 127;
            call(SYS_exit, touched, 0, 0);
        }
        touched = i;
        sum += (uint32_t)call(SYS_wait, 0, 0, 0);
    }
    done();
    say("forkwait: %u children, their statuses add up to %u\n", count, sum);
}

static void exec(uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (call(SYS_fork, 0, 0, 0) == 0) {
            call(SYS_exec, (uint32_t) "nothing", 3, 0);
            call(SYS_exit, 99, 0, 0);
        }
        sum += (uint32_t)call(SYS_wait, 0, 0, 0);
    }
    done();
    check(sum == 3 * count, "exec: the program's status");
    say("exec: %u programs\n", count);
}

/* `n` processes in a ring, each adds one to the byte that comes round. */
static void ring(uint32_t n, uint32_t rounds)
{
    int fd[8][2];
    uint8_t byte = 0;
    for (uint32_t i = 0; i < n; i++)
        check(call(SYS_pipe, (uint32_t)fd[i], 0, 0) == 0, "pipe");
    for (uint32_t i = 1; i < n; i++) {
        if (call(SYS_fork, 0, 0, 0))
            continue;
        for (uint32_t r = 0; r < rounds; r++) {
            call(SYS_read, (uint32_t)fd[i][0], (uint32_t)&byte, 1);
            byte++;
            call(SYS_write, (uint32_t)fd[(i + 1) % n][1], (uint32_t)&byte, 1);
        }
        call(SYS_exit, 0, 0, 0);
    }
    for (uint32_t r = 0; r < rounds; r++) {
        byte++;
        call(SYS_write, (uint32_t)fd[1][1], (uint32_t)&byte, 1);
        call(SYS_read, (uint32_t)fd[0][0], (uint32_t)&byte, 1);
    }
    for (uint32_t i = 0; i < n; i++) {
        call(SYS_close, (uint32_t)fd[i][0], 0, 0);
        call(SYS_close, (uint32_t)fd[i][1], 0, 0);
    }
    for (uint32_t i = 1; i < n; i++)
        call(SYS_wait, 0, 0, 0);
    done();
    check(byte == (uint8_t)(n * rounds), "the byte that went round");
    say("ctx%u: %u rounds, the byte is %u\n", n, rounds, byte);
}

static void ctx2(uint32_t count)
{
    ring(2, count);
}
static void ctx8(uint32_t count)
{
    ring(8, count);
}

static void pagefault(uint32_t count)
{
    uint32_t sum = 0;
    uint8_t *heap = (uint8_t *)call(SYS_sbrk, count * 4096, 0, 0);
    check((int)heap != -1, "sbrk");
    for (uint32_t i = 0; i < count; i++) {
        sum += heap[i * 4096];
        heap[i * 4096] = (uint8_t)i;
    }
    check(sum == 0, "new pages are zero");
    for (uint32_t i = 0; i < count; i++)
        sum += heap[i * 4096];
    done();
    say("pagefault: %u pages, their bytes add up to %u\n", count, sum);
}

static uint8_t page[4096] __attribute__((aligned(4096)));

static void protect(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        page[i % 4096]++; /* a page shared by a fork is copied by this */
        call(SYS_protect, (uint32_t)page, 0, 0);
        check(page[i % 4096] != 0, "a read-only page is readable");
        call(SYS_protect, (uint32_t)page, 1, 0);
    }
    done();
    /* A child that writes to it while it is read-only must die of it. */
    int status = 0;
    if (call(SYS_fork, 0, 0, 0) == 0) {
        page[0] = 1;
        call(SYS_protect, (uint32_t)page, 0, 0);
        page[0] = 2;
        call(SYS_exit, 1, 0, 0);
    }
    status = call(SYS_wait, 0, 0, 0);
    check(status == 128 + 14, "a write to a read-only page is a page fault");
    say("protect: %u changes\n", 2 * count);
}

static void ptebulk(uint32_t count)
{
    call(SYS_bench, 0, count, 0);
    done();
    say("ptebulk: %u times 63 pages mapped and unmapped\n", count);
}

static void portio(uint32_t count)
{
    call(SYS_bench, 1, count, 0);
    done();
    say("portio: %u bytes out and in\n", count);
}

static void console(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        say("the quick brown fox jumps over the lazy dog, for the %u time.\n",
            100 + i);
    done();
}

/* ----------------------------------------------------------- computation */

#define LIMIT 20000u
static uint8_t composite[LIMIT];

static uint32_t primes(void)
{
    uint32_t n = 0;
    memset(composite, 0, LIMIT);
    for (uint32_t i = 2; i < LIMIT; i++) {
        if (composite[i])
            continue;
        n++;
        for (uint32_t k = 2 * i; k < LIMIT; k += i)
            composite[k] = 1;
    }
    return n;
}

static uint32_t crc32(const char *s, uint32_t n)
{
    uint32_t crc = ~0u;
    while (n--) {
        crc ^= (uint8_t)*s++;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void work_out(const char *name, uint32_t count)
{
    uint32_t n = 0, crc = 0;
    for (uint32_t i = 0; i < count; i++) {
        n = primes();
        crc = crc32("123456789", 9);
    }
    done();
    /* There are 2262 primes below 20000; the CRC is the standard's own. */
    check(n == 2262 && crc == 0xcbf43926, "the computation");
    say("%s: %u primes, CRC %x\n", name, n, crc);
}

static void ticks(uint32_t count)
{
    call(SYS_timer, 8000, 0, 0);
    work_out("ticks", count);
    call(SYS_timer, 1000, 0, 0);
}

static void compute(uint32_t count)
{
    work_out("compute", count);
}

static const struct {
    void (*run)(uint32_t count);
    uint32_t count;
} workloads[] = {
#define WORKLOAD(id, name, count, text) {id, count},
#include "../workloads.def"
#undef WORKLOAD
};
#define WORKLOADS (sizeof workloads / sizeof workloads[0])

int main(uint32_t which, uint32_t count)
{
    for (uint32_t i = 0; i < WORKLOADS; i++) {
        if (which && which != i + 1)
            continue;
        call(SYS_mark, i + 1, 0, 0);
        workloads[i].run(which ? count : workloads[i].count);
    }
    return failures != 0;
}
