/*
 * native.c - the oracle that is the host's own processor: a 32-bit Linux
 * program without a library (gcc or clang -m32 -nostdlib -static
 * -ffreestanding).
 *
 * Everything happens in one signal handler. Each case ends in a signal: the
 * INT3 after the instruction, or its fault. The handler finds the registers
 * in the signal's frame, saves them, puts the next case's there and returns,
 * which starts the next case.
 */
#include "case.h"

/* ------------------------------------------------------------ system calls */

enum {
    NR_EXIT = 1,
    NR_READ = 3,
    NR_WRITE = 4,
    NR_RT_SIGACTION = 174,
    NR_SIGALTSTACK = 186,
    NR_MPROTECT = 125,
    NR_MODIFY_LDT = 123,
    NR_MMAP2 = 192,
    NR_SET_THREAD_AREA = 243,
};

static long call(long n, long a, long b, long c, long d)
{
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(n), "b"(a), "c"(b), "d"(c), "S"(d)
                     : "memory");
    return result;
}

/* mmap2 has six arguments; the last, the offset, travels in EBP. */
static long map(uint32_t at, uint32_t size, long prot, long flags, long fd)
{
    long result;
    __asm__ volatile("push %%ebp\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "int $0x80\n\t"
                     "pop %%ebp"
                     : "=a"(result)
                     : "a"(NR_MMAP2), "b"(at), "c"(size), "d"(prot), "S"(flags),
                       "D"(fd)
                     : "memory");
    return result;
}

enum { PROT_READ = 1, PROT_RW = 3, PROT_RWX = 7 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 16, MAP_ANONYMOUS = 32 };

static void die(int status)
{
    for (;;)
        call(NR_EXIT, status, 0, 0, 0);
}

/* ----------------------------------------------------------- signal frames */

/* struct sigcontext of 32-bit Linux, a doubleword each. */
enum {
    SC_GS,
    SC_FS,
    SC_ES,
    SC_DS,
    SC_EDI,
    SC_ESI,
    SC_EBP,
    SC_ESP,
    SC_EBX,
    SC_EDX,
    SC_ECX,
    SC_EAX,
    SC_TRAP,
    SC_ERROR,
    SC_EIP,
    SC_CS,
    SC_EFLAGS,
    SC_ESP_AT_SIGNAL,
    SC_SS,
    SC_FPSTATE,
    SC_OLDMASK,
    SC_CR2,
    SC_COUNT
};
struct frame {
    uint32_t flags, link, stack[3];
    uint32_t context[SC_COUNT];
};

struct action {
    void (*handler)(int, void *, struct frame *);
    uint32_t flags;
    void (*restorer)(void);
    uint32_t mask[2];
};
enum {
    SA_SIGINFO = 4,
    SA_RESTORER = 0x04000000,
    SA_ONSTACK = 0x08000000,
};

void restorer(void);
__asm__("restorer: mov $173, %eax\n\tint $0x80\n");

/* ------------------------------------------------------------------- cases */

/* By register number: where it is in the frame. */
static const uint8_t place[8] = {SC_EAX, SC_ECX, SC_EDX, SC_EBX,
                                 SC_ESP, SC_EBP, SC_ESI, SC_EDI};

/* Likewise the segment registers. */
static const uint8_t selector_place[6] = {SC_ES, SC_CS, SC_SS,
                                          SC_DS, SC_FS, SC_GS};

static struct host_batch *const batch = (struct host_batch *)SHARED_AT;
static uint32_t now, started, flat, small;
static uint8_t signal_stack[16384];

static void copy(void *to, const void *from, uint32_t n)
{
    uint32_t words = n / 4;
    __asm__ volatile("cld\n\trep movsl"
                     : "+D"(to), "+S"(from), "+c"(words)
                     :
                     : "memory");
}

static void clear(void *at, uint32_t n)
{
    uint32_t words = n / 4;
    __asm__ volatile("cld\n\trep stosl"
                     : "+D"(at), "+c"(words)
                     : "a"(0)
                     : "memory");
}

static void finish(struct host_case *c, const volatile uint32_t *sc)
{
    struct host_state *s = &c->after;
    for (int n = 0; n < 8; n++)
        s->reg[n] = sc[place[n]];
    s->eflags = sc[SC_EFLAGS];
    s->eip = sc[SC_EIP];
    s->trap = sc[SC_TRAP];
    s->error = sc[SC_ERROR];
    s->cr2 = sc[SC_CR2];
    for (int n = 0; n < 6; n++)
        s->sel[n] = (uint16_t)sc[selector_place[n]];
    if (s->trap == TRAP_DONE)
        s->eip--; /* of the INT3 */
    copy(s->memory, (void *)c->memory_at, CASE_MEMORY);
    for (uint32_t n = 0; n < sizeof c->code; n++)
        ((volatile uint8_t *)CODE_ENTRY)[n] = 0xcc;
}

static void begin(const struct host_case *c, volatile uint32_t *sc)
{
    const struct host_state *s = &c->before;
    for (int n = 0; n < 8; n++)
        sc[place[n]] = s->reg[n];
    sc[SC_EFLAGS] = s->eflags;
    sc[SC_EIP] = CODE_ENTRY;
    for (int n = 0; n < 6; n++)
        sc[selector_place[n]] = batch->selector[n];
    if (c->small_es)
        sc[SC_ES] = small;
    copy((void *)CODE_ENTRY, c->code, sizeof c->code);
    clear((void *)DATA_AT, 4096);
    copy((void *)c->memory_at, s->memory, CASE_MEMORY);
}

static void handler(int signal, void *info, struct frame *f)
{
    volatile uint32_t *sc = f->context;
    char byte = 0;
    /* NT, AC and ID of the case that ended, which a signal keeps: off. */
    __asm__ volatile("pushf\n\tandl $0xffdbbfff, (%%esp)\n\tpopf" ::: "cc");
    (void)signal;
    (void)info;
    if (started) {
        finish(&batch->cases[now++], sc);
    } else {
        started = 1;
        flat = sc[SC_DS] & 0xffff;
        uint32_t all[6] = {flat, sc[SC_CS], sc[SC_SS], flat, small, 0};
        for (int n = 0; n < 6; n++)
            batch->selector[n] = all[n] & 0xffff;
        now = batch->count;
        call(NR_WRITE, 1, (long)&byte, 1, 0);
    }
    while (now >= batch->count) {
        if (started == 2)
            call(NR_WRITE, 1, (long)&byte, 1, 0);
        if (call(NR_READ, 0, (long)&byte, 1, 0) != 1)
            die(0);
        now = 0;
        started = 2;
    }
    begin(&batch->cases[now], sc);
}

/* ------------------------------------------------------------------- set-up */

static void set_up_small(void)
{
    /* struct user_desc: entry, base, limit, flags (seg_32bit, usable). */
    uint32_t desc[4] = {0xffffffffu, SMALL_BASE, SMALL_LIMIT, 1 | 1 << 6};
    if (call(NR_SET_THREAD_AREA, (long)desc, 0, 0, 0) != 0)
        die(4);
    small = desc[0] << 3 | 3;
}

static void set_up_ldt(void)
{
    static const struct host_segment ldt[HOST_LDT_COUNT] = HOST_LDT;
    for (uint32_t n = 0; n < HOST_LDT_COUNT; n++) {
        uint32_t desc[4] = {n, ldt[n].base, ldt[n].limit, ldt[n].flags};
        if (call(NR_MODIFY_LDT, 0x11, (long)desc, sizeof desc, 0) != 0)
            die(7);
    }
}

static void set_up_signals(void)
{
    static const uint8_t signals[] = {4, 5, 7, 8, 11};
    uint32_t stack[3] = {(uint32_t)signal_stack, 0, sizeof signal_stack};
    struct action a = {
        handler, SA_SIGINFO | SA_RESTORER | SA_ONSTACK, restorer, {0, 0}};
    call(NR_SIGALTSTACK, (long)stack, 0, 0, 0);
    for (unsigned n = 0; n < sizeof signals; n++)
        if (call(NR_RT_SIGACTION, signals[n], (long)&a, 0, 8) != 0)
            die(5);
}

void _start(void)
{
    long own = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
    uint32_t size = (sizeof *batch + 4095u) & ~4095u;
    if (map(SHARED_AT, size, PROT_RW, MAP_SHARED | MAP_FIXED, 3) !=
            (long)SHARED_AT ||
        map(DATA_AT, 8192, PROT_RW, own, -1) != (long)DATA_AT ||
        map(CODE_AT, 4096, PROT_RWX, own, -1) != (long)CODE_AT)
        die(3);
    for (uint32_t n = 0; n < 4096; n++)
        ((volatile uint8_t *)CODE_AT)[n] = 0xcc;
    for (uint32_t n = 0; n < 4096; n++)
        ((volatile uint8_t *)CONST_AT)[n] = const_byte(n);
    if (call(NR_MPROTECT, CONST_AT, 4096, PROT_READ, 0) != 0)
        die(8);
    set_up_small();
    set_up_ldt();
    set_up_signals();
    __asm__ volatile("int3");
    die(6);
}
