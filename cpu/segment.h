/*
 * segment.h - inside the processor: descriptors, and building a stack that
 * is not yet the current one.
 *
 * A segment descriptor (SDM 3A 3.4.5), two words:
 *
 *   high | base 31:24 | G D/B L AVL | limit 19:16 | P DPL S type | base 23:16 |
 *   low  |            base 15:0                   |       limit 15:0          |
 *
 * Its 12 bits of G ... AVL and P ... type are a struct segment's `attr`.
 */
#ifndef RINGSIDE_CPU_SEGMENT_H
#define RINGSIDE_CPU_SEGMENT_H

#include "engine.h"

/* Types of descriptors with S clear (SDM 3A table 3-2). */
enum system_type {
    TYPE_TSS16 = 1,
    TYPE_LDT = 2,
    TYPE_TSS16_BUSY = 3,
    TYPE_CALL_GATE16 = 4,
    TYPE_TASK_GATE = 5,
    TYPE_INT_GATE16 = 6,
    TYPE_TRAP_GATE16 = 7,
    TYPE_TSS32 = 9,
    TYPE_TSS32_BUSY = 11,
    TYPE_CALL_GATE32 = 12,
    TYPE_INT_GATE32 = 14,
    TYPE_TRAP_GATE32 = 15,
    TYPE_32BIT = 8, /* the bit that makes a gate or TSS one of the 386's */
};
#define TYPE_ACCESSED 1u
#define TYPE_RW 2u         /* data: writable; code: readable */
#define TYPE_CONFORMING 4u /* of code; of data: expands down */
#define TYPE_CODE 8u

struct descriptor {
    uint32_t low, high;
    gva_t at;
};

static inline unsigned rpl(uint32_t sel)
{
    return sel & 3;
}
static inline bool is_null(uint32_t sel)
{
    return (sel & 0xfffc) == 0;
}
/* A selector as an error code: RPL's bits are EXT and IDT, both 0 here. */
static inline uint32_t sel_error(uint32_t sel)
{
    return sel & 0xfffc;
}

static inline uint16_t descriptor_attr(const struct descriptor *d)
{
    return (uint16_t)((d->high >> 8 & 0xff) | (d->high >> 12 & 0xf00));
}
static inline unsigned descriptor_type(const struct descriptor *d)
{
    return d->high >> 8 & 15;
}
static inline unsigned descriptor_dpl(const struct descriptor *d)
{
    return d->high >> 13 & 3;
}
static inline bool descriptor_present(const struct descriptor *d)
{
    return d->high >> 15 & 1;
}
/* Code or data, not a system descriptor. */
static inline bool descriptor_is_memory(const struct descriptor *d)
{
    return d->high >> 12 & 1;
}
static inline bool descriptor_is_code(const struct descriptor *d)
{
    return descriptor_is_memory(d) && (descriptor_type(d) & TYPE_CODE);
}
static inline bool descriptor_is_conforming(const struct descriptor *d)
{
    return descriptor_type(d) & TYPE_CONFORMING;
}
static inline bool descriptor_is_writable_data(const struct descriptor *d)
{
    return descriptor_is_memory(d) && !(descriptor_type(d) & TYPE_CODE) &&
           (descriptor_type(d) & TYPE_RW);
}

/* Read a selector's descriptor from the GDT or LDT. False: beyond the
 * table's end. Raises #PF alone. */
bool descriptor_read(struct cpu *c, uint32_t sel, struct descriptor *d);
/* The same, but #GP(selector) beyond the end. */
void descriptor_fetch(struct cpu *c, uint32_t sel, struct descriptor *d);
/* Read the eight bytes at d->at. */
static inline void descriptor_load(struct cpu *c, struct descriptor *d)
{
    const uint8_t *host = lin_host(c, d->at, 8, false, false);
    gva_t second = {d->at.v + 4};
    d->low = host ? host_load(host, 4) : lin_read(c, d->at, 4);
    d->high = host ? host_load(host + 4, 4) : lin_read(c, second, 4);
}
static inline uint32_t descriptor_base(const struct descriptor *d)
{
    return d->low >> 16 | (d->high & 0xff) << 16 | (d->high & 0xff000000);
}
/* In bytes. */
static inline uint32_t descriptor_limit(const struct descriptor *d)
{
    uint32_t limit = (d->low & 0xffff) | (d->high & 0xf0000);
    return descriptor_attr(d) & SEG_G ? limit << 12 | 0xfff : limit;
}
/* As a segment register's contents. */
static inline struct segment descriptor_segment(const struct descriptor *d,
                                                uint32_t sel)
{
    return (struct segment){.sel = (uint16_t)sel,
                            .attr = descriptor_attr(d),
                            .base = descriptor_base(d),
                            .limit = descriptor_limit(d)};
}
/* Set the accessed bit in memory; before the register is loaded, for the
 * write may fault. */
static inline void descriptor_accessed(struct cpu *c, struct descriptor *d)
{
    if (d->high & TYPE_ACCESSED << 8)
        return;
    d->high |= TYPE_ACCESSED << 8;
    lin_write(c, (gva_t){d->at.v + 4}, 4, d->high);
}

/* May a data segment register hold it? Data, or code that can be read; and
 * unless it conforms, no inner ring's. */
bool data_allowed(const struct cpu *c, uint32_t sel,
                  const struct descriptor *d);

/* Load CS: the selector's RPL becomes `cpl`, which is the new CPL. */
void load_cs(struct cpu *c, const struct descriptor *d, uint32_t sel,
             unsigned cpl);

/* ------------------------------------------------ a stack to be: gate.c */

/* Where an event, a call gate or a far call pushes: on the current stack, or
 * on an inner one that becomes current when all is well. */
struct new_stack {
    struct segment ss;
    uint32_t esp;
    bool user;         /* its ring is 3 */
    uint8_t *top;      /* the host's address of ESP, once all of it is checked,
                          if it may be written at once; or NULL */
    uint32_t ss_error; /* of the #SS when it is too small */
};
/* The stack as it is. */
struct new_stack stack_current(const struct cpu *c);
/* Ring `cpl`'s stack by the TSS, checked: #TS, #NP, #SS. */
struct new_stack stack_inner(struct cpu *c, unsigned cpl);
/* Raise what pushing `words` of `size` bytes would; change nothing. */
void stack_reserve(struct cpu *c, struct new_stack *s, unsigned size,
                   unsigned words);
static inline uint32_t stack_mask_of(const struct new_stack *s)
{
    return s->ss.attr & SEG_DB ? UINT32_MAX : 0xffff;
}
/* Push onto it, after stack_reserve, with no other access between. */
static inline void stack_push(struct cpu *c, struct new_stack *s, unsigned size,
                              uint32_t value)
{
    uint32_t mask = stack_mask_of(s);
    s->esp = (s->esp & ~mask) | ((s->esp - size) & mask);
    if (s->top)
        host_store(s->top -= size, size, value);
    else
        lin_write_as(c, (gva_t){s->ss.base + (s->esp & mask)}, size, value,
                     s->user);
}
/* It becomes SS:ESP. */
void stack_commit(struct cpu *c, const struct new_stack *s);

/* ------------------------------ without descriptors: real.c, and vm86.c */

/* Load a segment register, CS too, as real and virtual-8086 mode do. */
void real_load(struct cpu *c, enum seg s, uint32_t sel);
/* CR0.PE was cleared: CS is writable, whatever it was. */
void real_entered(struct cpu *c);
/* Far transfers. `size` is the operand's. */
void real_jump(struct cpu *c, uint32_t sel, uint32_t eip);
void real_call(struct cpu *c, uint32_t sel, uint32_t eip, unsigned size);
void real_retf(struct cpu *c, unsigned size, uint32_t drop);
/* Returns the image for EFLAGS; what it may change is the caller's to say. */
uint32_t real_iret(struct cpu *c, unsigned size);
/* Deliver c->last_event through the real-mode table. */
void real_deliver(struct cpu *c, uint32_t return_ip);
/* Push FLAGS, CS, IP and go where the table of far pointers says. */
void real_interrupt(struct cpu *c, uint32_t table, uint8_t vector,
                    uint32_t flags, uint32_t return_ip);

/* IRET to virtual-8086 mode: the frame is on the stack. */
void vm86_enter(struct cpu *c);
/* An interrupt leaves it: GS, FS, DS, ES go below SS on the handler's stack,
 * and become null. */
void vm86_push_segments(struct cpu *c, struct new_stack *s, unsigned size);
void vm86_left(struct cpu *c);
/* INT n: was it the virtual-8086 program's own to handle? Raises #GP(0) if
 * the monitor is to be asked. */
bool vm86_int(struct cpu *c, uint8_t vector);

#endif
