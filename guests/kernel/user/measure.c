/*
 * measure.c - the second program: runs the workloads of measures.def.
 *
 * main(which, count): workload `which` of them, from 1. What comes before
 * begin() is not measured, nor what comes after done().
 */
#include "user.h"
#include "cc.h"

#define PAGE 4096u

static uint32_t failures, phase;

static void check(int good, const char *what)
{
    if (good)
        return;
    failures++;
    say("FAILED: %s\n", what);
}

static void begin(void)
{
    call(SYS_mark, phase, 0, 0);
}
static void done(void)
{
    call(SYS_mark, 0, 0, 0);
}

/* All of them: the kernel may take and give less at a time. */
static void read_all(int fd, void *to, uint32_t n)
{
    for (uint32_t got = 0; got < n;) {
        int more = call(SYS_read, (uint32_t)fd, (uint32_t)to + got, n - got);
        if (more <= 0)
            return;
        got += (uint32_t)more;
    }
}
static void write_all(int fd, const void *from, uint32_t n)
{
    call(SYS_write, (uint32_t)fd, (uint32_t)from, n);
}

/* Two pipes: what is written into one[1] is read from one[0]. */
static void two_pipes(int to[2], int from[2])
{
    check(call(SYS_pipe, (uint32_t)to, 0, 0) == 0 &&
              call(SYS_pipe, (uint32_t)from, 0, 0) == 0,
          "pipe");
}

static void hypercall(uint32_t count)
{
    begin();
    call(SYS_bench, 2, count, 0);
    done();
    say("hypercall: %u calls\n", count);
}

/* ------------------------------------------------------------- processes */

#define MESSAGE 256u

static void answer(int in, int out)
{
    uint8_t message[MESSAGE], sum = 0;
    read_all(in, message, MESSAGE);
    for (uint32_t i = 0; i < MESSAGE; i++)
        sum = (uint8_t)(sum + message[i]);
    write_all(out, &sum, 1);
}

static void ipc(uint32_t count)
{
    int to[2], from[2];
    uint8_t message[MESSAGE], sum;
    uint32_t all = 0;
    two_pipes(to, from);
    if (call(SYS_fork, 0, 0, 0) == 0) {
        for (uint32_t i = 0; i < count; i++)
            answer(to[0], from[1]);
        call(SYS_exit, 0, 0, 0);
    }
    begin();
    for (uint32_t i = 0; i < count; i++) {
        memset(message, (int)i, MESSAGE);
        message[0]++; /* or the sum of 256 equal bytes is always 0 */
        write_all(to[1], message, MESSAGE);
        read_all(from[0], &sum, 1);
        all += sum;
    }
    done();
    call(SYS_wait, 0, 0, 0);
    check(all == count, "the answers");
    say("ipc: %u messages, their answers add up to %u\n", count, all);
}

static uint8_t *heap_of(uint32_t pages)
{
    uint8_t *heap = (uint8_t *)call(SYS_sbrk, pages * PAGE, 0, 0);
    check((int)heap != -1, "sbrk: so many pages are not to be had");
    return heap;
}

/* A page's byte: its number's lowest eight bits. */
static void fill(uint8_t *heap, uint32_t pages)
{
    for (uint32_t i = 0; i < pages; i++)
        heap[i * PAGE] = (uint8_t)i;
}
static uint32_t add_up(const volatile uint8_t *heap, uint32_t pages)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < pages; i++)
        sum += heap[i * PAGE];
    return sum;
}

#define SWITCHES 100u

static void ctxset(uint32_t pages)
{
    int to[2], from[2];
    uint8_t byte = 0;
    uint32_t sum = 0;
    uint8_t *heap = heap_of(pages);
    two_pipes(to, from);
    int child = call(SYS_fork, 0, 0, 0) == 0;
    fill(heap, pages); /* each has its own now */
    for (uint32_t i = 0; child && i <= SWITCHES; i++) {
        read_all(to[0], &byte, 1);
        add_up(heap, pages);
        write_all(from[1], &byte, 1);
    }
    if (child)
        call(SYS_exit, 0, 0, 0);
    for (uint32_t i = 0; i <= SWITCHES; i++) {
        if (i == 1)
            begin(); /* the first time the other fills its pages */
        write_all(to[1], &byte, 1);
        read_all(from[0], &byte, 1);
        sum = add_up(heap, pages);
    }
    done();
    call(SYS_wait, 0, 0, 0);
    say("ctxset: %u pages, their bytes add up to %u\n", pages, sum);
}

#define READS 65536u

static void tlbset(uint32_t pages)
{
    uint8_t *heap = heap_of(pages);
    uint32_t sum = 0, left = READS;
    fill(heap, pages);
    begin();
    for (; left >= pages; left -= pages)
        sum = add_up(heap, pages);
    done();
    say("tlbset: %u pages, their bytes add up to %u\n", pages, sum);
}

/* ------------------------------------------------------ a tree of processes */

#define JOBS 2u

struct job {
    int source[2], object[2];
};

/* As a shell does: the compiler in a child, with its two ends. */
static void start(struct job *j)
{
    two_pipes(j->source, j->object);
    if (call(SYS_fork, 0, 0, 0))
        return;
    call(SYS_exec, (uint32_t) "cc", (uint32_t)j->source[0],
         (uint32_t)j->object[1]);
    call(SYS_exit, 1, 0, 0);
}

static uint32_t finish(const struct job *j, uint32_t file)
{
    uint8_t source[SOURCE];
    uint32_t object = 0;
    for (uint32_t i = 0; i < SOURCE; i++)
        source[i] = (uint8_t)(7 * i + file);
    write_all(j->source[1], source, SOURCE);
    read_all(j->object[0], &object, sizeof object);
    for (int end = 0; end < 2; end++) {
        call(SYS_close, (uint32_t)j->source[end], 0, 0);
        call(SYS_close, (uint32_t)j->object[end], 0, 0);
    }
    return object;
}

static void compile(uint32_t files)
{
    struct job job[JOBS];
    uint32_t linked = 0, failed = 0;
    begin();
    for (uint32_t first = 0; first < files; first += JOBS) {
        uint32_t n = files - first < JOBS ? files - first : JOBS;
        for (uint32_t i = 0; i < n; i++)
            start(&job[i]);
        for (uint32_t i = 0; i < n; i++)
            linked ^= finish(&job[i], first + i);
        for (uint32_t i = 0; i < n; i++)
            failed += (uint32_t)call(SYS_wait, 0, 0, 0);
    }
    done();
    check(failed == 0, "a compiler's status");
    say("compile: %u objects, linked to %x\n", files, linked);
}

static void (*const workloads[])(uint32_t count) = {
#define WORKLOAD(id, name, count, text) id,
#include "../measures.def"
#undef WORKLOAD
};

int main(uint32_t which, uint32_t count)
{
    phase = which;
    if (which - 1 < sizeof workloads / sizeof workloads[0])
        workloads[which - 1](count);
    return failures != 0;
}
