/*
 * user.h - the library of the user programs: system calls, and a little text.
 */
#ifndef USER_H
#define USER_H

#include "../types.h"

enum syscall_number {
#define SYSCALL(number, name, text) SYS_##name = number,
#include "../syscalls.def"
#undef SYSCALL
};

static inline int call(enum syscall_number n, uint32_t b, uint32_t c,
                       uint32_t d)
{
    int result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(n), "b"(b), "c"(c), "d"(d)
                     : "memory");
    return result;
}

void say(const char *format, ...); /* %s %u %x, on the console */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);

#endif
