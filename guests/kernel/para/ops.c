/*
 * ops.c, para - the operations, done by asking the monitor: Xen's x86_32
 * interface, without PAE.
 */
#include "../kernel.h"
#include "hypercall.h"

#define KERNEL_CODE 0x09 /* RPL 1: the kernel's ring */
#define KERNEL_DATA 0x11
#define MEMORY_MAX (64u << 20)
#define PAGE_ALIGNED __attribute__((aligned(4096)))

extern const uint32_t trap_entries[49];

/* The monitor's page of events and time takes this one's place. */
uint8_t shared_page[PAGE] PAGE_ALIGNED;
#define SHARED ((volatile struct xen_shared_info *)shared_page)
#define VCPU (&SHARED->vcpu[0])

static const uint32_t *p2m; /* guest frame number to machine's */
#define M2P ((const uint32_t *)XEN_VIRT_START)
static struct xen_console *ring;
static uint32_t console_port;
static uint32_t *boot_directory;

/* ------------------------------------------------------------- 1. start */

/* Where the processor finds the entry that maps a page of the kernel's. */
static uint32_t entry_of(uint32_t linear)
{
    uint32_t table = boot_directory[linear >> 22] & ~PTE_FLAGS;
    return table + ((linear >> 12) & 1023) * 4;
}

static uint32_t machine(uint32_t physical)
{
    return p2m[physical / PAGE] * PAGE;
}

static void map(uint32_t linear, uint32_t entry)
{
    if (hypercall(XEN_update_va_mapping, linear, entry, 0, XEN_UVMF_INVLPG))
        panic("cannot map %x", linear);
}

/* The monitor mapped what the kernel needs to start: map all the memory.
 * Returns the end of what that took. */
static uint32_t map_memory(uint32_t mapped, uint32_t memory, uint32_t free)
{
    for (uint32_t at = mapped; at < memory; at += 1024 * PAGE, free += PAGE) {
        uint32_t *table = kernel_address(free);
        for (uint32_t i = 0; i < 1024; i++) {
            uint32_t page = at + i * PAGE;
            table[i] = page < memory ? machine(page) | PTE_P | PTE_W : 0;
        }
        ops_table_made(free, 1);
        ops_set_entry(&boot_directory[(KERNEL_BASE + at) >> 22],
                      ops_make_entry(free, PTE_P | PTE_W));
        ops_flush_entries();
    }
    return free;
}

void ops_boot(struct boot *b, const void *loader_info)
{
    const struct xen_start_info *s = loader_info;
    p2m = (const uint32_t *)s->mfn_list;
    boot_directory = (uint32_t *)s->pt_base;
    b->memory = s->nr_pages * PAGE;
    if (b->memory > MEMORY_MAX)
        b->memory = MEMORY_MAX;
    b->command_line = s->cmd_line;
    b->directory = physical_address(boot_directory);
    map((uint32_t)shared_page, s->shared_info | PTE_P | PTE_W);
    console_port = s->console_evtchn;
    ring = kernel_address(M2P[s->console_mfn] * PAGE);
    /* One table of the monitor's maps 4 MiB; our stack is behind them. */
    uint32_t tables = s->nr_pt_frames - 1;
    uint32_t free = b->directory + (s->nr_pt_frames + 1) * PAGE;
    b->first_free = map_memory(tables * 1024 * PAGE, b->memory, free);
}

static uint32_t gdt[PAGE / 8][2] PAGE_ALIGNED = {
    {0, 0},
    {0x0000ffff, 0x00cfba00}, /* kernel code: DPL 1; the monitor cuts the */
    {0x0000ffff, 0x00cfb200}, /* kernel data   limits where it begins */
    {0x0000ffff, 0x00cffa00}, /* user code: DPL 3 */
    {0x0000ffff, 0x00cff200}, /* user data */
};

static void load_gdt(void)
{
    uint32_t frame = machine(physical_address(gdt)) / PAGE;
    map((uint32_t)gdt, frame * PAGE | PTE_P); /* or it is not taken */
    if (hypercall2(XEN_set_gdt, (uint32_t)&frame, 5))
        panic("set_gdt");
    __asm__ volatile(
        "ljmp %0, $1f\n 1:\n"
        "mov %1, %%ds\n mov %1, %%es\n mov %1, %%ss\n" ::"i"(KERNEL_CODE),
        "r"(KERNEL_DATA)
        : "memory");
}

/* Every entry masks events but the system call's, whose gate the monitor
 * can then put into the real IDT: ring 3 to ring 1, without it. */
void ops_load_tables(void)
{
    static struct xen_trap_info table[50];
    for (uint8_t v = 0; v < 48; v++)
        table[v] = (struct xen_trap_info){v, XEN_TI_MASK_EVENTS, KERNEL_CODE,
                                          trap_entries[v]};
    table[48] = (struct xen_trap_info){VECTOR_SYSCALL, 3, KERNEL_CODE,
                                       trap_entries[48]};
    load_gdt();
    if (hypercall2(XEN_set_trap_table, (uint32_t)table, 0) ||
        hypercall(XEN_set_callbacks, KERNEL_CODE, trap_entries[VECTOR_TIMER],
                  KERNEL_CODE, 0))
        panic("traps");
}

/* -------------------------------------------------------- 2. interrupts */

/* A direct gate cannot mask events: the mask is a byte in memory. */
void ops_syscall_entered(void)
{
    VCPU->upcall_mask = 1;
}
void ops_idle(void)
{
    hypercall2(XEN_sched_op, XEN_SCHED_BLOCK, 0); /* unmasks, too */
    VCPU->upcall_mask = 1;
}

/* ------------------------------------------------------- 3. page tables */

uint32_t ops_make_entry(uint32_t physical, uint32_t flags)
{
    return machine(physical) | flags;
}
uint32_t ops_entry_address(uint32_t entry)
{
    return M2P[entry / PAGE] * PAGE;
}

/* A table is read-only in the kernel's window. To be in use makes a page
 * table of it; a directory is pinned, so that it stays one. */
void ops_table_made(uint32_t physical, int level)
{
    uint32_t linear = (uint32_t)kernel_address(physical);
    queue_entry(entry_of(linear), machine(physical) | PTE_P);
    if (level == 2)
        queue_mmu(XEN_MMUEXT_PIN_L2_TABLE, machine(physical) / PAGE);
    queue_flush();
}
void ops_table_dropped(uint32_t physical, int level)
{
    if (level == 2)
        queue_mmu(XEN_MMUEXT_UNPIN_TABLE, machine(physical) / PAGE);
    queue_mapping((uint32_t)kernel_address(physical),
                  machine(physical) | PTE_P | PTE_W);
}
void ops_set_entry(uint32_t *at, uint32_t entry)
{
    queue_entry(machine(physical_address(at)) | ((uint32_t)at % PAGE), entry);
}
void ops_flush_entries(void)
{
    queue_flush();
}
void ops_load_directory(uint32_t physical)
{
    queue_mmu(XEN_MMUEXT_NEW_BASEPTR, machine(physical) / PAGE);
    queue_flush();
}
void ops_flush_page(uint32_t linear)
{
    queue_mmu(XEN_MMUEXT_INVLPG_LOCAL, linear);
}

/* ------------------------------------------------------------- 4. traps */

void ops_set_kernel_stack(uint32_t esp)
{
    queue_stack(esp); /* the new address space follows */
}
uint32_t ops_fault_address(void)
{
    return VCPU->cr2;
}

/* ----------------------------------------------------------- 5. devices */

/* The monitor's time in nanoseconds, without asking: what the cycle counter
 * counted since the stamp, by the rate beside it. */
static uint64_t now(void)
{
    uint64_t tsc;
    __asm__ volatile("rdtsc" : "=A"(tsc));
    uint64_t cycles = (tsc - VCPU->time.tsc_timestamp) << VCPU->time.tsc_shift;
    uint64_t high = (cycles >> 32) * VCPU->time.tsc_to_system_mul;
    uint64_t low = (uint64_t)(uint32_t)cycles * VCPU->time.tsc_to_system_mul;
    return VCPU->time.system_time + high + (low >> 32);
}

#define LEAST_PERIOD 1000000u /* ns: the monitor refuses shorter ones */
static uint64_t next_tick;    /* with a shorter one we ask for each */
static uint32_t period;

static void ask_for_tick(void)
{
    next_tick += period;
    if (next_tick < now())
        next_tick = now() + period; /* ticks were lost */
    hypercall2(XEN_set_timer_op, (uint32_t)next_tick,
               (uint32_t)(next_tick >> 32));
}

void ops_timer_start(uint32_t hz)
{
    static struct xen_bind_virq bind = {XEN_VIRQ_TIMER, 0, 0};
    if (bind.port == 0 &&
        hypercall2(XEN_event_channel_op, XEN_EVTCHN_BIND_VIRQ, (uint32_t)&bind))
        panic("no timer");
    period = 1000000000u / hz;
    if (period < LEAST_PERIOD) {
        hypercall2(XEN_vcpu_op, XEN_VCPU_STOP_PERIODIC_TIMER, 0);
        next_tick = now();
        ask_for_tick();
    } else {
        struct xen_periodic_timer timer = {period};
        hypercall2(XEN_set_timer_op, 0, 0);
        hypercall(XEN_vcpu_op, XEN_VCPU_SET_PERIODIC_TIMER, 0, (uint32_t)&timer,
                  0);
    }
}
/* The console's port tells that there is room again: nobody waits for it. */
void ops_timer_done(void)
{
    VCPU->upcall_pending = 0;
    VCPU->pending_sel = 0;
    SHARED->evtchn_pending[0] = 0;
    if (period < LEAST_PERIOD)
        ask_for_tick();
}

/* The ring is read out when we say so: at the end of a line. */
static void notify(void)
{
    hypercall2(XEN_event_channel_op, XEN_EVTCHN_SEND, (uint32_t)&console_port);
}
void ops_console(const char *s, uint32_t n)
{
    int line = 0;
    while (n--) {
        if (ring->out_prod - ring->out_cons == sizeof ring->out)
            notify();
        ring->out[ring->out_prod++ % sizeof ring->out] = *s;
        line |= *s++ == '\n';
    }
    if (line)
        notify();
}
/* No port is ours. What there is in place of one is a hypercall. */
void ops_port_bench(uint32_t count)
{
    while (count--) {
        hypercall2(XEN_xen_version, XENVER_VERSION, 0);
        hypercall2(XEN_xen_version, XENVER_VERSION, 0);
    }
}
void ops_call_bench(uint32_t count)
{
    while (count--)
        hypercall2(XEN_xen_version, XENVER_VERSION, 0);
}

/* ----------------------------------------------------------- 6. the end */

void ops_marker(uint32_t id)
{
    hypercall2(XEN_arch_7, XEN_RINGSIDE_MARKER, id);
}
void ops_exit(uint32_t status)
{
    for (;;)
        hypercall2(XEN_arch_7, XEN_RINGSIDE_EXIT, status);
}
