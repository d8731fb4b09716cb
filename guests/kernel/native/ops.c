/*
 * ops.c, native - the operations, done by instructions of ring 0.
 */
#include "../kernel.h"

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define TASK 0x28
#define MEMORY_MAX (64u << 20) /* what entry.asm maps */

extern uint32_t boot_directory[1024];
extern const uint32_t trap_entries[49];
extern char kernel_end[];

static inline void out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}
static inline void out32(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}
static inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/* ------------------------------------------------------------- 1. start */

/* Multiboot 1, section 3.3; only what is used. */
struct multiboot {
    uint32_t flags, lower, upper, boot_device, command_line;
};

void ops_boot(struct boot *b, const void *loader_info)
{
    static char line[128];
    const struct multiboot *m = kernel_address((uint32_t)loader_info);
    b->memory = 16u << 20;
    if (m->flags & 1)
        b->memory = (1u << 20) + m->upper * 1024;
    if (b->memory > MEMORY_MAX)
        b->memory = MEMORY_MAX;
    if (m->flags & 4) {
        const char *from = kernel_address(m->command_line);
        for (size_t i = 0; i + 1 < sizeof line && from[i]; i++)
            line[i] = from[i];
    }
    b->command_line = line;
    b->first_free = physical_address(kernel_end);
    b->directory = physical_address(boot_directory);
    out8(0x3fb, 0x03); /* COM1: 8 bits, no parity */
}

static uint32_t gdt[6][2] = {
    {0, 0},
    {0x0000ffff, 0x00cf9a00}, /* kernel code: 4 GiB, DPL 0 */
    {0x0000ffff, 0x00cf9200}, /* kernel data */
    {0x0000ffff, 0x00cffa00}, /* user code: DPL 3 */
    {0x0000ffff, 0x00cff200}, /* user data */
};
static uint32_t idt[256][2];
static struct {
    uint32_t link, esp0, ss0, unused[22];
    uint16_t trap, map;
} task;

/* An interrupt gate: it clears IF on the way in. */
static void set_gate(uint32_t vector, uint32_t entry, uint32_t type)
{
    idt[vector][0] = (KERNEL_CODE << 16) | (entry & 0xffff);
    idt[vector][1] = (entry & 0xffff0000) | type;
}

/* The pair of 8259s: IRQ 0 to 15 become vectors 32 to 47; all masked but
 * the timer's. */
static void start_8259(void)
{
    out8(0x20, 0x11);
    out8(0xa0, 0x11);
    out8(0x21, 32);
    out8(0xa1, 40);
    out8(0x21, 4);
    out8(0xa1, 2);
    out8(0x21, 1);
    out8(0xa1, 1);
    out8(0x21, 0xfe);
    out8(0xa1, 0xff);
}

void ops_load_tables(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) gdtr = {sizeof gdt - 1, (uint32_t)gdt},
                              idtr = {sizeof idt - 1, (uint32_t)idt};
    uint32_t at = (uint32_t)&task;
    gdt[TASK / 8][0] = (at << 16) | (sizeof task - 1);
    gdt[TASK / 8][1] = (at & 0xff000000) | 0x8900 | ((at >> 16) & 0xff);
    task.ss0 = KERNEL_DATA;
    task.map = sizeof task;
    for (uint32_t v = 0; v < 48; v++)
        set_gate(v, trap_entries[v], 0x8e00);
    set_gate(VECTOR_SYSCALL, trap_entries[48], 0xee00); /* DPL 3 */
    start_8259();
    __asm__ volatile("lgdt %0\n lidt %1\n"
                     "ljmp %2, $1f\n 1:\n"
                     "mov %3, %%ds\n mov %3, %%es\n mov %3, %%ss\n"
                     "ltr %w4" ::"m"(gdtr),
                     "m"(idtr), "i"(KERNEL_CODE), "r"(KERNEL_DATA), "r"(TASK)
                     : "memory");
}

/* -------------------------------------------------------- 2. interrupts */

void ops_syscall_entered(void)
{
    /* Its interrupt gate has cleared IF. */
}
void ops_idle(void)
{
    __asm__ volatile("sti\n hlt\n cli" ::: "memory");
}

/* ------------------------------------------------------- 3. page tables */

uint32_t ops_make_entry(uint32_t physical, uint32_t flags)
{
    return physical | flags;
}
uint32_t ops_entry_address(uint32_t entry)
{
    return entry & ~PTE_FLAGS;
}
void ops_table_made(uint32_t physical, int level)
{
    (void)physical;
    (void)level;
}
void ops_table_dropped(uint32_t physical, int level)
{
    (void)physical;
    (void)level;
}
void ops_set_entry(uint32_t *at, uint32_t entry)
{
    *(volatile uint32_t *)at = entry;
}
void ops_flush_entries(void)
{
}
void ops_load_directory(uint32_t physical)
{
    __asm__ volatile("mov %0, %%cr3" ::"r"(physical) : "memory");
}
void ops_flush_page(uint32_t linear)
{
    __asm__ volatile("invlpg (%0)" ::"r"(linear) : "memory");
}

/* ------------------------------------------------------------- 4. traps */

void ops_set_kernel_stack(uint32_t esp)
{
    task.esp0 = esp;
}
uint32_t ops_fault_address(void)
{
    uint32_t address;
    __asm__ volatile("mov %%cr2, %0" : "=r"(address));
    return address;
}

/* ----------------------------------------------------------- 5. devices */

void ops_timer_start(uint32_t hz)
{
    uint32_t divisor = 1193182 / hz;
    out8(0x43, 0x34); /* 8254, channel 0: rate generator */
    out8(0x40, (uint8_t)divisor);
    out8(0x40, (uint8_t)(divisor >> 8));
}
void ops_timer_done(void)
{
    out8(0x20, 0x20);
}
void ops_console(const char *s, uint32_t n)
{
    while (n--) {
        while (!(in8(0x3fd) & 0x20))
            ;
        out8(0x3f8, (uint8_t)*s++);
    }
}
void ops_port_bench(uint32_t count)
{
    while (count--) {
        out8(0x80, (uint8_t)count);
        in8(0x80);
    }
}
/* Whoever is below answers CPUID, be it the processor. */
void ops_call_bench(uint32_t count)
{
    while (count--) {
        uint32_t a = 0, b, c, d;
        __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
    }
}

/* ----------------------------------------------------------- 6. the end */

void ops_marker(uint32_t id)
{
    out32(0xf8, id);
}
void ops_exit(uint32_t status)
{
    out32(0xf4, status);
    for (;;) /* where no exit port is: stop */
        __asm__ volatile("cli\n hlt");
}
