/* lib.c - text for user programs: a line is one write. */
#include "user.h"

struct line {
    char text[120];
    uint32_t n;
};

static void put(struct line *l, char c)
{
    if (l->n < sizeof l->text)
        l->text[l->n++] = c;
}

static void put_number(struct line *l, uint32_t v, uint32_t base)
{
    char digits[12];
    uint32_t i = 0;
    do {
        digits[i++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    while (i)
        put(l, digits[--i]);
}

void say(const char *format, ...)
{
    struct line l;
    __builtin_va_list list;
    l.n = 0;
    __builtin_va_start(list, format);
    for (const char *s = format; *s; s++) {
        if (*s != '%') {
            put(&l, *s);
            continue;
        }
        s++;
        if (*s == 's')
            for (const char *t = __builtin_va_arg(list, char *); *t; t++)
                put(&l, *t);
        else
            put_number(&l, __builtin_va_arg(list, uint32_t),
                       *s == 'x' ? 16 : 10);
    }
    __builtin_va_end(list);
    call(SYS_write, 1, (uint32_t)l.text, l.n);
}

void *memset(void *to, int byte, size_t n)
{
    for (uint8_t *p = to; n--; p++)
        *p = (uint8_t)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    const uint8_t *s = from;
    for (uint8_t *p = to; n--; p++)
        *p = *s++;
    return to;
}
