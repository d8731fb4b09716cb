/* console.c - formatted output, and the end with a message. */
#include "kernel.h"

static void put_number(uint32_t n, uint32_t base)
{
    char digits[12];
    uint32_t i = sizeof digits;
    do {
        digits[--i] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n);
    ops_console(digits + i, (uint32_t)sizeof digits - i);
}

static void print_list(const char *format, __builtin_va_list list)
{
    for (const char *s = format; *s; s++) {
        const char *text;
        if (*s != '%') {
            ops_console(s, 1);
            continue;
        }
        switch (*++s) {
        case 's':
            text = __builtin_va_arg(list, const char *);
            ops_console(text, strlen(text));
            break;
        case 'u':
            put_number(__builtin_va_arg(list, uint32_t), 10);
            break;
        case 'x':
            put_number(__builtin_va_arg(list, uint32_t), 16);
            break;
        default:
            ops_console("?", 1);
        }
    }
}

void print(const char *format, ...)
{
    __builtin_va_list list;
    __builtin_va_start(list, format);
    print_list(format, list);
    __builtin_va_end(list);
}

void panic(const char *format, ...)
{
    __builtin_va_list list;
    __builtin_va_start(list, format);
    print("kernel panic: ");
    print_list(format, list);
    print("\n");
    __builtin_va_end(list);
    ops_exit(1);
}
