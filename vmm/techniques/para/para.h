/*
 * para.h - inside the para technique: its state and what its files share.
 *
 * The guest's kernel knows it is a guest. It runs in ring 1 on segments that
 * end below the hole, its users in ring 3, and the real interrupt flag is
 * always 1: its own is a byte of the shared info page. The processor walks
 * the guest's own page tables, which hold machine addresses and which the
 * guest cannot write: it asks by hypercall, and types.c says whether.
 *
 * Functions of type hypercall_fn and those that return int answer 0 or
 * more, or a negative xen_errno; then nothing has changed.
 */
#ifndef RINGSIDE_PARA_H
#define RINGSIDE_PARA_H

#include "../../monitor.h"
#include "xen.h"

#define ENTRIES 1024u /* of a page table or directory */
/* Slots of a page directory from here on are the monitor's. */
#define FIRST_HOLE_SLOT (XEN_VIRT_START >> 22)
/* Bits a guest may not set: PWT, PCD, 4 MiB or PAT, global. */
#define PTE_FORBIDDEN (PTE_PWT | PTE_PCD | PTE_PS | PTE_G)

struct channel {
    uint8_t status; /* enum xen_channel_status */
    uint8_t virq;   /* of XEN_CHANNEL_VIRQ */
};

struct para {
    struct vm *vm;

    /* Traps: traps.c. */
    struct xen_trap_info trap[256]; /* address 0: none */
    struct xen_callback event, failsafe;
    uint32_t kernel_ss, kernel_esp; /* for entries from ring 3 */

    /* Memory: types.c, mmu.c, descriptors.c. */
    mpa_t root;       /* page directory in use: CR3 */
    mpa_t m2p_table;  /* page table of the M2P list, in every root */
    uint32_t flushes; /* whole flushes of the TLB so far */
    mpa_t gdt[XEN_GDT_FRAMES], ldt[XEN_LDT_FRAMES];
    uint32_t gdt_entries, ldt_entries;

    /* Events and time: events.c, time.c. */
    mpa_t shared_at;
    uint64_t born;                  /* cycle at which system time was 0 */
    struct xen_shared_info *shared; /* the shared info page's bytes */
    struct channel channel[XEN_CHANNELS];
    uint32_t virq_port[XEN_VIRQS]; /* 0: not bound */
    uint64_t oneshot, periodic;    /* ns of the next; UINT64_MAX: none */
    uint64_t period;               /* ns; 0: none */
    uint64_t poll_until;           /* ns: end of a poll's sleep, or none */
    bool polling;

    /* Console: console.c. */
    mpa_t console_at;
    struct xen_console *console; /* the ring's bytes */
    uint32_t console_port;

    bool task_switched; /* virtual CR0.TS */
    uint32_t dr[8];     /* virtual DR0-DR3, DR6, DR7: debug.c */
};

static inline struct para *para_of(struct vm *v)
{
    return v->own;
}
static inline uint32_t mfn_of(mpa_t at)
{
    return at.v >> PAGE_SHIFT;
}
static inline mpa_t mpa_of(uint32_t mfn)
{
    return (mpa_t){mfn << PAGE_SHIFT};
}

/* ------------------------------------------------- hypercalls: hypercall.c */

typedef int64_t hypercall_fn(struct para *p, const uint32_t *arg);
struct hypercall {
    const char *name, *text;
    hypercall_fn *run; /* NULL: -ENOSYS */
};
/* The row of a number, or NULL where Xen has none. */
const struct hypercall *hypercall_row(uint32_t number);
/* Do it, by number: also multicall's and the tests' way in. */
int32_t hypercall_do(struct para *p, uint32_t number, const uint32_t arg[6]);
/* Fill a page with the 128 stubs. */
void hypercall_page(uint8_t page[PAGE_SIZE]);

#define HYPERCALL(number, id, function, text) hypercall_fn function;
#define missing missing_hypercall
#include "hypercalls.def"
#undef missing
#undef HYPERCALL

/* ------------------------------------------- debug registers: debug.c */

/* The VM becomes current: arm what it has armed. */
void debug_enter(struct para *p);
/* A #DB arrived: keep what the real DR6 says. */
void debug_trapped(struct para *p);
/* A debug register, by number; debug_read's must be one that there is. */
int debug_write(struct para *p, uint32_t n, uint32_t value);
uint32_t debug_read(const struct para *p, uint32_t n);

/* ------------------------------------- the guest's memory: guest_memory.c */

/* Copy by linear address below the hole, as the guest's kernel would access
 * it (A and D bits included). 0 or -EFAULT; of a copy out nothing is
 * written unless all of it can be. */
int copy_in(struct para *p, void *to, uint32_t from, uint32_t n);
int copy_out(struct para *p, uint32_t to, const void *from, uint32_t n);
/* Would that copy out succeed? */
int may_write(struct para *p, uint32_t at, uint32_t n);

/* -------------------------------------------------- frame types: types.c */

/* The frame's row if it is this guest's, or NULL. */
struct frame_info *guest_frame(struct para *p, mpa_t at);
int type_get(struct para *p, mpa_t at, enum frame_type t);
void type_put(struct para *p, mpa_t at);
/* Replace entry `slot` of the page table or directory at `table`. */
int entry_replace(struct para *p, mpa_t table, uint32_t slot, uint32_t e);
uint32_t entry_read(struct para *p, mpa_t table, uint32_t slot);
/* Flush all of the TLB, and remember that it was. */
void flush_all(struct para *p);

/* ----------------------------------------------------- the hole: hole.c */

bool hole_make(struct para *p); /* false: no memory */
void hole_free(struct para *p);
/* What slot `slot` of every page directory holds. */
uint32_t hole_entry(const struct para *p, uint32_t slot);
/* Where the M2P list has its entry for a frame. */
mpa_t m2p_entry(const struct para *p, uint32_t mfn);
/* Put into the processor's tables what struct para says, if the VM is
 * current; when it becomes current, all of it goes there. */
void hole_map_gdt(struct para *p);
void hole_map_ldt(struct para *p);
void hole_fast_trap(struct para *p);
void hole_kernel_stack(struct para *p);
void hole_enter(struct vm *v);
/* Walk from this page directory from now on. */
void set_root(struct para *p, mpa_t root);
void flush_page(struct para *p, uint32_t va);

/* ------------------------------------------ descriptors: descriptors.c */

/* Check a descriptor; raise its DPL and cut its limit where that is enough
 * to make it harmless. 0 or -EINVAL. */
int descriptor_check(uint32_t d[2]);
/* Check all of a frame, then write what was made harmless. */
int descriptors_validate(struct para *p, mpa_t at);
/* Is this selector a code segment a guest may name in a gate? */
bool code_selector_ok(uint32_t sel);
/* The descriptor a selector names now; false where there is none. */
bool guest_descriptor(struct para *p, uint32_t sel, uint32_t d[2]);
/* Frames that hold so many descriptors. */
uint32_t descriptor_frames(uint32_t n);
int ldt_set(struct para *p, uint32_t base, uint32_t entries);

/* ------------------------------------------------------- traps: traps.c */

/* Enter the guest's handler: a frame on its kernel stack, and below it n
 * words (an error code, say), extra[0] lowest. */
void bounce(struct vm *v, struct xen_callback to, bool mask_events,
            const uint32_t *extra, uint32_t n);
/* The IRET to the guest's registers faulted: the failsafe callback. */
void failsafe(struct vm *v, struct exit *x);
uint32_t segment_base(struct para *p, uint32_t sel);
/* Give an exception to the guest's kernel, or stop the VM if it has no
 * handler. */
void reflect(struct vm *v, struct exit *x, unsigned vector, bool has_error,
             uint32_t error);

/* ------------------------------------ events: events.c; time: time.c */

void event_raise(struct para *p, uint32_t port);
void event_raise_virq(struct para *p, enum xen_virq q);
bool event_pending(const struct para *p, uint32_t port);
bool event_deliverable(const struct para *p);
/* A free port, bound; 0 if there is none. */
uint32_t channel_new(struct para *p, enum xen_channel_status s);

/* For whoever looks: vm_upcall, vm_channel. */
void events_upcall(struct vm *v, struct vm_upcall *out);
bool events_channel(struct vm *v, uint32_t port, struct vm_channel *out);

uint64_t system_time(const struct para *p); /* ns since the VM was made */
void time_update(struct para *p);           /* vcpu_time_info */
void timers_start(struct para *p);
void timers_run(struct para *p);    /* raise what is due */
uint64_t timers_next(struct vm *v); /* cycle of the next; UINT64_MAX none */

/* --------------------------------------------------- the rest of a VM */

void wake(struct para *p); /* sched.c: an event has come */
void console_drain(struct para *p);
bool console_in(struct para *p, uint8_t byte); /* false: the ring is full */
/* The instruction at the guest's EIP; false if its bytes are not there. */
bool guest_insn(struct para *p, struct insn *in);
bool emulate_privileged(struct vm *v, struct exit *x); /* emulate.c */
/* Set the virtual CR0.TS; what it asks of the real CR0, for fpu_guard. */
void set_task_switched(struct para *p, bool switched);
uint32_t task_wishes(const struct para *p);
bool page_table_write(struct vm *v, struct exit *x); /* ptwr.c */
bool para_build(struct vm *v, const struct image *im, char *err,
                size_t errsize);                          /* builder.c */
bool para_audit(struct vm *v, char *err, size_t errsize); /* audit.c */

#endif
