/*
 * devices.h - the machine's chips, and the machine that they make up.
 *
 * Job:    the PC around the processor: memory, an I/O bus, and one file a
 *         chip, named by the chip.
 * Parts:  board (the chips and their bus), machine (a board, a processor and
 *         memory).
 *
 * A board knows no processor: it is told the time in cycles, drives one
 * interrupt line through a callback, and says when it next wants to be
 * woken. So the same board serves the bare machine's processor, and each
 * virtual machine's virtual processor.
 */
#ifndef RINGSIDE_DEVICES_H
#define RINGSIDE_DEVICES_H

#include "../cpu/cpu.h"

/* What a board asks of its owner. All set but `ticks`. */
struct board_owner {
    void *owner;                                  /* passed back */
    uint64_t (*now)(void *owner);                 /* cycles */
    void (*interrupt_line)(void *owner, bool up); /* the 8259's INTR */
    /* The guest changed a timer: board_next_event() may be sooner now. */
    void (*rescheduled)(void *owner);
    /* A byte left the machine: by COM1, or by the debug console 0xE9. */
    void (*serial_out)(void *owner, uint8_t byte);
    void (*debug_out)(void *owner, uint8_t byte);
    /* Port 0xF4 was written: QEMU's isa-debug-exit; the run is over. */
    void (*exit_port)(void *owner, uint32_t value);
    /* Port 0xF8, ours: the guest enters phase `id` (0 ends it). Any other
     * PC ignores the write. */
    void (*marker)(void *owner, uint32_t id);
    /* Reset by the keyboard controller (0xFE to port 0x64), or port 0x92. */
    void (*reset)(void *owner);
    /*
     * The 8254 ticked `n` times by IRQ 0 since the board was last advanced,
     * first at cycle `first`; `waiting`: an earlier tick is still waiting to
     * be taken. All that wait at one time are one interrupt.
     */
    void (*ticks)(void *owner, uint64_t first, uint64_t n, bool waiting);
};

/* For whoever observes a port access: which chip took it. */
enum device_id {
#define DEVICE(id, text) DEVICE_##id,
#include "devices.def"
#undef DEVICE
    DEVICE_COUNT
};
const char *device_name(enum device_id d); /* "i8259", "i8254" ... */
const char *device_text(enum device_id d); /* one sentence */
enum device_id device_at(uint16_t port);   /* DEVICE_none where nothing is */

struct board;
/* `mhz` relates cycles to the chips' own crystals. NULL without memory. */
struct board *board_new(const struct board_owner *owner, uint32_t mhz);
void board_free(struct board *b);
void board_reset(struct board *b);
uint32_t board_in(struct board *b, uint16_t port, unsigned size);
void board_out(struct board *b, uint16_t port, unsigned size, uint32_t value);
uint8_t board_acknowledge(struct board *b); /* INTA: the vector */
/* The cycle at which the board next changes by itself; UINT64_MAX: never. */
uint64_t board_next_event(const struct board *b);
/* Bring timers up to owner.now(): may raise interrupts. */
void board_advance(struct board *b);
/* A byte arrives at COM1. False when its FIFO is full. */
bool board_serial_in(struct board *b, uint8_t byte);
bool board_a20(const struct board *b); /* is A20 passed through? */
/* What an 8259 holds, for whoever looks: the master's is 0, the slave's 1. */
struct pic_state {
    uint8_t irr, isr, imr; /* requests, in service, masked */
    uint8_t base;          /* the vector of its input 0 */
    bool ready;            /* it has been initialized */
    bool auto_eoi;
};
struct pic_state board_pic(const struct board *b, unsigned n);
/* The chips' state, to and from board_state_size() bytes; its owner stays.
 * And a number that is another where the state is, mixed with `h`. */
size_t board_state_size(void);
void board_save(const struct board *b, void *to);
void board_restore(struct board *b, const void *from);
uint64_t board_hash(const struct board *b, uint64_t h);

/* Machine memory. */
struct ram {
    uint8_t *bytes;
    uint32_t size; /* bytes, a multiple of PAGE_SIZE */
};
bool ram_new(struct ram *r, uint32_t size); /* zeroed; false: no memory */
void ram_free(struct ram *r);

/*
 * The bare machine: a processor with RAM at 0 and a board on its bus.
 * `sink` receives what leaves it; its now, interrupt_line and rescheduled
 * are the machine's own and ignored.
 */
struct machine {
    struct cpu *cpu;
    struct ram ram;
    struct board *board; /* NULL: no chips (a monitor owns the machine) */
    struct board_owner sink;
    uint64_t idle; /* cycles spent halted */
};
struct machine *machine_new(enum cpu_kind kind, const struct costs *costs,
                            uint32_t ram_size, const struct board_owner *sink);
void machine_free(struct machine *m);
/*
 * The same of a processor and memory that are there already and stay their
 * owner's: a monitor that steps aside. Then free m->board alone. False: no
 * memory.
 */
bool machine_wire(struct machine *m, struct cpu *cpu, struct ram ram,
                  const struct board_owner *sink);
/*
 * Run until the clock reaches `until`, a halt that nothing will end
 * (CPU_HALTED), shutdown, or cpu_stop_soon(). While the processor is halted
 * the clock skips to the board's next event, and `idle` counts what it
 * skipped.
 */
enum cpu_stop machine_run(struct machine *m, uint64_t until);
/* One instruction or event, for the debugger; time passes alike. */
enum cpu_stop machine_step(struct machine *m);

#endif
