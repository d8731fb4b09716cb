/*
 * pv.c - the start, a voice, and dice.
 *
 * What differs between a PC and the monitor is here, in two lines each, as
 * in any kernel with paravirtual operations.
 */
#include "pv.h"

#include <stdarg.h>

#define CONSOLE_PORT 0xe9
#define EXIT_PORT 0xf4
#define KERNEL_CS 0xe019

bool is_para;
const struct xen_start_info *info;
uint8_t hypercall_page[PAGE] __attribute__((aligned(4096)));
uint8_t shared_page[PAGE] __attribute__((aligned(4096)));

extern const uint8_t fault_entry[];
void pc_page_fault_gate(void);
void begin(const struct xen_start_info *s);
uint32_t on_fault(uint32_t error, uint32_t eip);

void begin(const struct xen_start_info *s)
{
    is_para = s != 0;
    info = s;
    lesson();
    quit(0);
}

int hypercall(uint32_t number, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    return ask_monitor(number, a, b, c, d, 0);
}

_Noreturn void quit(uint32_t status)
{
    for (;;) {
        if (is_para)
            hypercall(XEN_arch_7, XEN_RINGSIDE_EXIT, status, 0, 0);
        else
            __asm__ volatile("outl %0, %1" ::"a"(status), "Nd"(EXIT_PORT));
    }
}

/* ---------------------------------------------------------------- saying */

static char line[128];
static uint32_t used;

static void put(char c)
{
    if (used < sizeof line)
        line[used++] = c;
    if (c != '\n')
        return;
    const char *from = line;
    uint32_t n = used;
    if (is_para)
        hypercall(XEN_console_io, XEN_CONSOLEIO_WRITE, n, (uint32_t)line, 0);
    else
        __asm__ volatile("rep outsb"
                         : "+S"(from), "+c"(n)
                         : "d"(CONSOLE_PORT)
                         : "memory");
    used = 0;
}

static void put_number(uint32_t n, uint32_t base, uint32_t least)
{
    char digit[12];
    uint32_t i = 0;
    do {
        digit[i++] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n || i < least);
    while (i)
        put(digit[--i]);
}

static void put_value(char how, va_list *ap)
{
    if (how == 's') {
        for (const char *s = va_arg(*ap, const char *); *s; s++)
            put(*s);
        return;
    }
    uint32_t n = va_arg(*ap, uint32_t);
    if (how == 'd' && (int)n < 0) {
        put('-');
        n = -n;
    }
    put_number(n, how == 'x' ? 16 : 10, how == 'x' ? 8 : 1);
}

void say(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    for (; *format; format++) {
        if (*format == '%')
            put_value(*++format, &ap);
        else
            put(*format);
    }
    va_end(ap);
}

/* ---------------------------------------------------------------- faults */

static fault_fn *fault_handler;

uint32_t on_fault(uint32_t error, uint32_t eip)
{
    uint32_t address;
    if (is_para)
        address = ((struct xen_shared_info *)(void *)shared_page)->vcpu[0].cr2;
    else
        __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    return fault_handler(address, error, eip);
}

void take_faults(fault_fn *handler)
{
    static struct xen_trap_info trap[2] = {{14, 0, KERNEL_CS, 0}};
    fault_handler = handler;
    if (!is_para) {
        pc_page_fault_gate();
        return;
    }
    trap[0].address = (uint32_t)fault_entry;
    hypercall(XEN_update_va_mapping, (uint32_t)shared_page,
              info->shared_info | PTE_P | PTE_W, 0, XEN_UVMF_INVLPG);
    hypercall(XEN_set_trap_table, (uint32_t)trap, 0, 0, 0);
}

/* ------------------------------------------------------------------ dice */

/* MINSTD; the state, never 0, begins with SEED. */
uint32_t dice(uint32_t n)
{
    static uint32_t state;
    if (state == 0)
        state = (lesson_seed * 7919 + 12345) % 2147483646 + 1;
    uint32_t low = state % 44488, high = state / 44488;
    uint32_t a = 48271 * low, b = 3399 * high;
    state = a > b ? a - b : a + 2147483647 - b;
    return state / 127 % n;
}
