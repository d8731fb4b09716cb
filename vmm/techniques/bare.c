/*
 * bare.c - no virtualization: the guest owns the machine.
 *
 * Job:    the baseline. The guest's kernel runs in ring 0 of the real
 *         processor on the machine's own devices, its traps go through its
 *         own IDT, and the monitor waits for it to end.
 * Parts:  wiring; running; looking.
 *
 * There is no exit, so the books are guest + idle = clock.
 */
#include "../firmware.h"
#include "../monitor.h"

#include <stdio.h>

struct bare {
    struct machine hw;
    uint64_t idle, instructions; /* of the machine's, booked so far */
};

static struct bare *bare_of(struct vm *v)
{
    return v->own;
}

/* Book what passed since the last time: the machine counts its sleep. */
static void book(struct vm *v)
{
    struct bare *b = bare_of(v);
    const struct cpu *c = b->hw.cpu;
    uint64_t slept = b->hw.idle - b->idle;
    book_guest(v, c->cycles - slept, c->instructions - b->instructions);
    book_idle(v->monitor, c->cycles);
    b->idle = b->hw.idle;
    b->instructions = c->instructions;
}

/* Whoever watches markers reads the books then. */
static void marker(void *owner, uint32_t id)
{
    book(owner);
    vm_marker(owner, id);
}

/* ---------------------------------------------------------------- wiring */

static bool create(struct vm *v, const struct image *im, char *err,
                   size_t errsize)
{
    struct monitor *m = v->monitor;
    struct ram ram = {m->ram.bytes, vm_memory(v)};
    struct board_owner sink = vm_board_owner(v);
    gpa_t info;
    struct bare *b = v->own = pool_take(m->pool, sizeof *b);
    sink.marker = marker;
    if (!b || !machine_wire(&b->hw, m->cpu, ram, &sink)) {
        snprintf(err, errsize, "no memory for the devices");
        return false;
    }
    v->board = b->hw.board;
    if (im->disk) {
        return firmware_boot(v, im, m->cpu, err, errsize);
    }
    if (!image_place(v, im, err, errsize) ||
        !multiboot_info(v, im, v->command_line, &info, err, errsize)) {
        return false;
    }
    cpu_reset_flat32(m->cpu, im->entry);
    m->cpu->reg[REG_EAX] = MULTIBOOT_BOOTED;
    m->cpu->reg[REG_EBX] = info.v;
    return true;
}

static void destroy(struct vm *v)
{
    pool_give(v->monitor->pool, v->own); /* the board is the VM's */
}

/* --------------------------------------------------------------- running */

/* It halts, and nothing will end that. */
static void halted_for_good(struct vm *v)
{
    if (cpu_eflags(v->monitor->cpu) & FL_IF) {
        vm_kill(v, "halted: no timer is set that would wake it");
    } else {
        vm_kill(v, "halted with interrupts off: nothing can wake it");
    }
}

/* The processor came back. Did the guest end, or is it asleep for ever? */
static void look_after(struct vm *v, enum cpu_stop stop, uint64_t limit)
{
    struct machine *hw = &bare_of(v)->hw;
    bool deaf = !(cpu_eflags(hw->cpu) & FL_IF);
    if (stop == CPU_SHUTDOWN) {
        vm_kill(v, "triple fault: it could not deliver a double fault");
    } else if (stop == CPU_HALTED && (deaf || limit == UINT64_MAX)) {
        halted_for_good(v);
    } else if (stop == CPU_HALTED) { /* a byte may yet come by COM1 */
        hw->idle += limit - hw->cpu->cycles;
        hw->cpu->cycles = limit;
    }
}

static enum monitor_stop run(struct vm *v, const struct run_until *u)
{
    struct machine *hw = &bare_of(v)->hw;
    uint64_t back = u->look && u->look < u->cycle ? u->look : u->cycle;
    if (hw->cpu->cycles >= back) {
        return STOP_LIMIT;
    }
    enum cpu_stop stop = u->one_step ? machine_step(hw) : machine_run(hw, back);
    look_after(v, stop, u->cycle);
    book(v);
    v->closed = vm_ended(v);
    if (v->closed) {
        return STOP_ALL_ENDED;
    }
    if (stop == CPU_ASKED) {
        v->monitor->asked = 0;
        return STOP_ASKED;
    }
    return u->one_step ? STOP_STEP : STOP_LIMIT;
}

/* --------------------------------------------------------------- looking */

static void virtual_cpu(struct vm *v, struct virtual_cpu *out)
{
    virtual_cpu_of(v->monitor->cpu, out);
}

static bool translate(struct vm *v, gva_t at, gpa_t *out)
{
    struct walk w = cpu_walk(v->monitor->cpu, at, ACCESS_READ, false);
    out->v = w.frame.v;
    return w.ok;
}

const struct technique technique_bare = {
    .name = "bare",
    .text = "the guest runs on the machine itself: the baseline",
    .kind = CPU_CLASSIC,
    .real_mode = true,
    .create = create,
    .destroy = destroy,
    .virtual_cpu = virtual_cpu,
    .translate = translate,
    .run = run,
};
