/*
 * machine.c - the bare machine: a processor, its memory and its board.
 *
 * Job:    wire the three together, and let time pass while the processor
 *         sleeps.
 * Parts:  memory; the processor's bus; the board's owner; running.
 *
 * Simplified: RAM is one piece from address 0; the hole between 640 KiB and
 * 1 MiB, where a PC has its video memory and ROM, is RAM as well. Above RAM
 * nothing answers: reads give all ones, writes are lost. A reset asked for
 * by a chip is passed to the sink, which decides what becomes of it.
 */
#include "devices.h"

#include <stdlib.h>
#include <sys/mman.h>

#define A20_BIT (1u << 20)

/* ---------------------------------------------------------------- memory */

/*
 * In pages as large as the host has them, so that the host's own TLB misses
 * seldom; and between two stretches that nobody may touch, so that an access
 * of ours beyond the memory ends us there and then.
 */
#define HUGE ((size_t)2 << 20)
#define GUARD ((size_t)64 << 10) /* no host's small pages are larger */

/* Bytes mapped for the memory alone. */
static size_t ram_span(const struct ram *r)
{
    size_t size = r->size ? r->size : 1;
    return (size + GUARD - 1) / GUARD * GUARD;
}

bool ram_new(struct ram *r, uint32_t size)
{
    *r = (struct ram){.size = size & ~PAGE_MASK};
    size_t span = ram_span(r), whole = HUGE + GUARD + span + GUARD;
    uint8_t *at = mmap(NULL, whole, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED)
        return false;
    size_t before = HUGE - ((uintptr_t)at + GUARD) % HUGE;
    if (before > 0)
        munmap(at, before);
    if (before < HUGE)
        munmap(at + before + GUARD + span + GUARD, HUGE - before);
    r->bytes = at + before + GUARD;
    if (mprotect(r->bytes, span, PROT_READ | PROT_WRITE) != 0) {
        ram_free(r);
        return false;
    }
#ifdef MADV_HUGEPAGE
    madvise(r->bytes, span, MADV_HUGEPAGE);
#endif
    return true;
}

void ram_free(struct ram *r)
{
    if (r->bytes)
        munmap(r->bytes - GUARD, GUARD + ram_span(r) + GUARD);
    *r = (struct ram){0};
}

/* ------------------------------------------------------ processor's bus */

/* With A20 held low, odd mebibytes are the even ones below them. */
static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    const struct machine *m = wire;
    uint32_t at = page.v;
    (void)writable; /* all of it is */
    if (m->board && !board_a20(m->board)) {
        at &= ~A20_BIT;
    }
    return at < m->ram.size ? m->ram.bytes + at : NULL;
}

static uint32_t mem_read(void *wire, mpa_t at, unsigned size)
{
    (void)wire;
    (void)at;
    return size == 4 ? UINT32_MAX : (1u << 8 * size) - 1;
}

static void mem_write(void *wire, mpa_t at, unsigned size, uint32_t value)
{
    (void)wire;
    (void)at;
    (void)size;
    (void)value;
}

static uint32_t port_in(void *wire, uint16_t port, unsigned size)
{
    struct machine *m = wire;
    return m->board ? board_in(m->board, port, size)
                    : mem_read(wire, (mpa_t){port}, size);
}

static void port_out(void *wire, uint16_t port, unsigned size, uint32_t value)
{
    struct machine *m = wire;
    if (!m->board) {
        return;
    }
    bool a20 = board_a20(m->board);
    board_out(m->board, port, size, value);
    if (board_a20(m->board) != a20) {
        cpu_frames_remapped(m->cpu);
    }
}

static uint8_t acknowledge(void *wire)
{
    struct machine *m = wire;
    return m->board ? board_acknowledge(m->board) : 0xff;
}

static const struct cpu_bus machine_bus = {.frame = frame,
                                           .mem_read = mem_read,
                                           .mem_write = mem_write,
                                           .port_in = port_in,
                                           .port_out = port_out,
                                           .acknowledge = acknowledge};

/* --------------------------------------------------------- board's owner */

static uint64_t now(void *owner)
{
    const struct machine *m = owner;
    return m->cpu->cycles;
}

static void interrupt_line(void *owner, bool up)
{
    struct machine *m = owner;
    m->cpu->interrupt_line = up;
}

/* Let the processor return in time for a timer that is nearer now. */
static void rescheduled(void *owner)
{
    struct machine *m = owner;
    if (!m->board) {
        return; /* it is being made */
    }
    uint64_t next = board_next_event(m->board);
    if (next < m->cpu->deadline) {
        m->cpu->deadline = next;
    }
}

static void serial_out(void *owner, uint8_t byte)
{
    struct machine *m = owner;
    m->sink.serial_out(m->sink.owner, byte);
}

static void debug_out(void *owner, uint8_t byte)
{
    struct machine *m = owner;
    m->sink.debug_out(m->sink.owner, byte);
}

static void exit_port(void *owner, uint32_t value)
{
    struct machine *m = owner;
    m->sink.exit_port(m->sink.owner, value);
}

static void marker(void *owner, uint32_t id)
{
    struct machine *m = owner;
    m->sink.marker(m->sink.owner, id);
}

static void reset(void *owner)
{
    struct machine *m = owner;
    m->sink.reset(m->sink.owner);
}

bool machine_wire(struct machine *m, struct cpu *cpu, struct ram ram,
                  const struct board_owner *sink)
{
    struct board_owner owner = {.owner = m,
                                .now = now,
                                .interrupt_line = interrupt_line,
                                .rescheduled = rescheduled,
                                .serial_out = serial_out,
                                .debug_out = debug_out,
                                .exit_port = exit_port,
                                .marker = marker,
                                .reset = reset};
    *m = (struct machine){.cpu = cpu, .ram = ram, .sink = *sink};
    cpu->bus = &machine_bus;
    cpu->wire = m;
    m->board = board_new(&owner, cpu->costs->mhz);
    return m->board != NULL;
}

struct machine *machine_new(enum cpu_kind kind, const struct costs *costs,
                            uint32_t ram_size, const struct board_owner *sink)
{
    struct machine *m = calloc(1, sizeof *m);
    struct ram ram = {0};
    if (!m) {
        return NULL;
    }
    m->cpu = cpu_new(kind, costs, &machine_bus, m);
    if (!m->cpu || !ram_new(&ram, ram_size) ||
        !machine_wire(m, m->cpu, ram, sink)) {
        m->ram = ram;
        machine_free(m);
        return NULL;
    }
    return m;
}

void machine_free(struct machine *m)
{
    if (m) {
        board_free(m->board);
        ram_free(&m->ram);
        if (m->cpu) {
            cpu_free(m->cpu);
        }
        free(m);
    }
}

/* --------------------------------------------------------------- running */

/* When must the processor be left, at the latest? */
static uint64_t next_stop(const struct machine *m, uint64_t until)
{
    uint64_t next = m->board ? board_next_event(m->board) : UINT64_MAX;
    return next < until ? next : until;
}

/*
 * The processor sleeps: skip to what may wake it, but not past `until`.
 * False if nothing will: interrupts are off, or no chip has one ahead.
 */
static bool sleep_until(struct machine *m, uint64_t until)
{
    bool deaf = !(cpu_eflags(m->cpu) & FL_IF);
    uint64_t next = next_stop(m, UINT64_MAX);
    if (deaf || next == UINT64_MAX) {
        return false;
    }
    next = next < until ? next : until;
    if (next > m->cpu->cycles) {
        m->idle += next - m->cpu->cycles;
        m->cpu->cycles = next;
    }
    return true;
}

static void catch_up(struct machine *m)
{
    if (m->board) {
        board_advance(m->board);
    }
}

enum cpu_stop machine_run(struct machine *m, uint64_t until)
{
    while (m->cpu->cycles < until) {
        catch_up(m);
        enum cpu_stop stop = cpu_run(m->cpu, next_stop(m, until));
        if (m->cpu->stop_soon) { /* asked for while it slept */
            m->cpu->stop_soon = false;
            stop = CPU_ASKED;
        }
        bool slept = stop == CPU_HALTED && sleep_until(m, until);
        if (stop != CPU_DEADLINE && !slept) {
            return stop;
        }
    }
    catch_up(m);
    return CPU_DEADLINE;
}

enum cpu_stop machine_step(struct machine *m)
{
    catch_up(m);
    enum cpu_stop stop = cpu_step(m->cpu);
    if (stop == CPU_HALTED && sleep_until(m, UINT64_MAX)) {
        stop = CPU_DEADLINE;
    }
    catch_up(m);
    return stop;
}
