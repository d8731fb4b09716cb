/*
 * virtual.h - the virtual processor, and Popek and Goldberg's v_i.
 *
 * Job:    what a guest believes of its processor is kept in a second struct
 *         cpu, wired to guest physical memory and to the VM's own devices.
 *         The routines here do on it what an instruction that trapped would
 *         have done on a processor of the guest's own.
 * Parts:  the virtual processor (processor.c), and its interrupts
 *         (interrupt.c); the table of interpreters
 *         (interpreters.def, interpreters.c) and their routines, one file a
 *         family; playing the guest (play.c).
 *
 * Two ways to do an instruction. Where the work is a line or two, the
 * routine does it on the state. Where it is exactly what a processor does,
 * with all the manual's checks (IRET, a far call, MOV to DS), the virtual
 * processor runs that one instruction, vp_step(), and the routine looks after
 * what follows from it. Either way faults are the guest's own: they go
 * through its IDT, onto its stack, a double or triple fault included.
 *
 * What the monitor pays for is counted at the virtual processor's doors: the
 * page-table reads of its walks, and its accesses to memory and to devices.
 *
 * Where a technique has the monitor run whole stretches of the guest, the
 * virtual processor plays them (play.c): then it is a processor like the
 * real one, but for its prices, which are those of an interpreter.
 */
#ifndef RINGSIDE_VMM_VIRTUAL_H
#define RINGSIDE_VMM_VIRTUAL_H

#include "../monitor.h"

struct vp;

/* What a technique is told when the guest has changed something. */
struct vp_ops {
    /* CR3 was loaded, by a task switch too, or CR0 or CR4 changed what page
     * tables mean. */
    void (*space_changed)(struct vp *p);
    /* INVLPG of this linear address. */
    void (*invalidated)(struct vp *p, gva_t at);
    /* LGDT: every descriptor may be another. */
    void (*gdt_changed)(struct vp *p);
    /* The A20 gate moved: guest physical addresses mean other memory. */
    void (*a20_changed)(struct vp *p);
    /* `size` bytes at `at`, in one page of memory, were `old`. NULL: the real
     * processor never uses the guest's memory, and nothing is traced. */
    void (*written)(struct vp *p, gpa_t at, unsigned size, uint32_t old);
    /* Have the real processor deliver an event on its way back to the guest.
     * NULL: it cannot, and the virtual one does it at once. */
    void (*inject)(struct vp *p, const struct event *e);
};

struct vp {
    struct vm *vm;
    struct cpu *cpu; /* the guest's processor as it believes it to be */
    const struct vp_ops *ops;
    bool plays;          /* it runs the guest's code, and not one instruction
                            for each exit */
    struct costs prices; /* if it plays: of an interpreter in software; else
                            its clock counts page-table reads alone */
    struct cpu_hooks hooks;
    uint32_t accesses; /* of memory, since they were last charged */
    uint32_t tasks;    /* its task switches before this one step */
    uint32_t missed;   /* of where no memory is, so far */
    uint64_t booked;   /* instructions, while it plays */
};

/* Make p->cpu, in its reset state. False: no memory. */
bool vp_init(struct vp *p, struct vm *v, bool plays, const struct vp_ops *ops);
void vp_free(struct vp *p);
/* As a Multiboot loader leaves the machine (0.6.96, 3.2), the image placed
 * in guest memory. False with a message. */
bool vp_boot(struct vp *p, const struct image *im, char *err, size_t errsize);
/*
 * Run the guest until cycle `deadline`, for one instruction, or until it
 * sleeps, ends, has used a device, or comes to ring 3 where its processor's
 * stop_in_user asks for that; with its interrupts taken: play.c. For
 * technique.interpret.
 */
void vp_play(struct vp *p, uint64_t deadline, bool one_step);
/* By the guest's page tables: for technique.translate. */
bool vp_translate(const struct vp *p, gva_t at, gpa_t *out);

/* The exit that pays. */
static inline struct exit *vp_exit(struct vp *p)
{
    return &p->vm->exit;
}

/*
 * Decode the instruction at the virtual CS:EIP, as bytes in guest memory are
 * now. False: they cannot be read, or are no instruction; then vp_step()
 * makes that the guest's fault.
 */
bool vp_decode(struct vp *p, struct insn *in);
/*
 * Run one instruction, or one iteration of a REP, and charge for it. True: it
 * completed. False: an event went to the guest's handler in its place (or
 * INT n did what it is for): p->cpu->last_event says which.
 */
bool vp_step(struct vp *p);
/* The guest's x87 registers are the virtual processor's only while it runs:
 * vp_step does this, and whoever else runs it. */
void vp_lend_fpu(struct vp *p);
void vp_return_fpu(struct vp *p);
/* The instruction `in` has been done by hand: on to the next. */
void vp_next(struct vp *p, const struct insn *in);
/* Deliver an event through the guest's IDT, at its present EIP: however the
 * technique does it, or by the virtual processor. */
void vp_deliver(struct vp *p, const struct event *e);
void vp_deliver_now(struct vp *p, const struct event *e);
/* Deliver a hardware interrupt: by hand, or if that cannot be, by the virtual
 * processor. */
void vp_interrupt(struct vp *p, uint8_t vector);
/* The exit's record: what just happened was reflected into the guest. */
void vp_reflected(struct vp *p);

/* Guest physical memory with the A20 gate applied; false: none is there. */
bool vp_memory(struct vp *p, gpa_t at, mpa_t *out);
/* Write a page-table entry as the processor does to set A or D. */
void vp_store(struct vp *p, gpa_t at, uint32_t value);

/* ---------------------------------------------- interrupts: interrupt.c */

/* Could it take an interrupt, IF and the shadow of STI and MOV SS asked? */
bool vp_open(const struct vp *p);
/* Are we between STI or MOV SS and the instruction that they protect? */
bool vp_shadowed(const struct vp *p);
/* The VM's devices have caught up with the time: wake it for an interrupt. */
void vp_raise(struct vp *p);
/*
 * An interrupt, by hand: the virtual processor stands before the handler's
 * first instruction, the frame is on the guest's stack. False: what the guest
 * has prepared is nothing for this, and nothing has changed. vp_interrupt()
 * charges for it, and ends HLT and the shadow.
 */
bool vp_enter_handler(struct vp *p, uint8_t vector);
/* An access of it, as the virtual processor itself makes them in ring 0: by
 * the guest's page tables. False: it would fault; nothing was done. */
bool vp_read(struct vp *p, gva_t at, unsigned size, uint32_t *value);
bool vp_write(struct vp *p, gva_t at, unsigned size, uint32_t value);

/* ----------------------------------------------------- the interpreters */

typedef void vp_routine(struct vp *p, const struct insn *in);
struct interpreter {
    vp_routine *run;
    enum exit_reason reason;
    enum disposition disposition;
};
/* For row `id` of insn.def, or NULL: it is innocuous and never traps. */
const struct interpreter *interpreter_of(enum insn_id id);
/*
 * The instruction at the virtual EIP trapped because it is sensitive: do it.
 * False if it is none of those: nothing was done but decoding.
 */
bool interpret(struct vp *p);
/* The same of an instruction that has been decoded before. */
bool interpret_decoded(struct vp *p, const struct insn *in);

#define INTERPRETER(id, routine, ...) vp_routine routine;
#include "interpreters.def"
#undef INTERPRETER

#endif
