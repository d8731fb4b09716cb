/*
 * hypercall.h - asking the monitor: Xen's x86_32 interface.
 *
 * A call goes through the page that the monitor filled: stub n is
 * "mov eax, n; int 0x82; ret". The answer is in EAX, an error if negative.
 */
#ifndef KERNEL_HYPERCALL_H
#define KERNEL_HYPERCALL_H

#include "../../../vmm/techniques/para/xen.h"

extern uint8_t hypercall_page[128][XEN_HYPERCALL_STUB];

static inline int hypercall(uint32_t number, uint32_t a, uint32_t b, uint32_t c,
                            uint32_t d)
{
    int answer;
    __asm__ volatile("call *%5"
                     : "=a"(answer), "+b"(a), "+c"(b), "+d"(c), "+S"(d)
                     : "0"(hypercall_page[number])
                     : "memory");
    return answer;
}
static inline int hypercall2(uint32_t number, uint32_t a, uint32_t b)
{
    return hypercall(number, a, b, 0, 0);
}

/* queue.c: calls that may wait, and go in one multicall. */
void queue_entry(uint32_t machine, uint32_t entry);
void queue_mapping(uint32_t linear, uint32_t entry); /* and flushes it */
void queue_mmu(uint32_t command, uint32_t argument);
void queue_stack(uint32_t esp);
void queue_flush(void);

#endif
