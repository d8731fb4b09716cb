/*
 * engine.h - inside the processor: what the engine, memory and event files
 * share. Instruction functions need exec.h alone.
 *
 * A fault unwinds by longjmp to whoever runs the processor (cpu_run,
 * cpu_step, cpu_deliver), which then delivers it; delivery may fault again
 * and comes back to the same place. `delivering` tells the two apart.
 */
#ifndef RINGSIDE_CPU_ENGINE_H
#define RINGSIDE_CPU_ENGINE_H

#include <setjmp.h>
#include <string.h>
#include "exec.h"

/* A jmp_buf that can be assigned, to nest one guarded call in another. */
struct unwind {
    jmp_buf env;
};

struct code_cache; /* decoded blocks: block.c */

/* What the last hooks that had any look at. */
struct watch {
    bool has_places;           /* no block goes on past one */
    struct code_places places; /* hooks->places */
    struct watched_stores stores;
    bool look; /* a store was seen: `after` must be told */
};

struct engine {
    struct unwind unwind; /* where a fault goes */
    enum vector fault;    /* what raise_fault raised */
    uint32_t fault_error;
    uint32_t fault_address; /* of #PF */

    bool exiting; /* the unwinding is a #VMEXIT, with: */
    enum vmexit exit_code;
    uint64_t exit_info1, exit_info2;

    uint8_t shadow;      /* enum shadow: the running instruction stands in it */
    bool delivering;     /* c->last_event is under way */
    uint32_t on_the_way; /* faults met since delivery began: a bit a vector */
    bool injecting;      /* it is EVENTINJ's, which no intercept asks about */
    bool nmi_blocked;    /* from an NMI's delivery to the next IRET */
    bool attention;      /* leave the running block: something may be due */
    bool step;           /* TF was set when the running instruction began */
    bool watched;        /* a hook or a breakpoint sees every access */
    bool aligned;        /* ring 3 must align its accesses: #AC */
    uint32_t code_tag;   /* linear page that instructions come from, | user;
                            NO_CODE_TAG when it must be looked up */
    uint32_t code_frame; /* its machine physical page */
    uint8_t *code_host;  /* its bytes, or NULL: not memory */
    bool reference;      /* run without the fast engine */
    uint32_t flat_limit; /* pages above are kept from it: fast/enter.c */
    struct code_cache *cache; /* NULL until the first block */
    struct watch watch;       /* places and stores: watch.c */
};
#define NO_CODE_TAG 0xfffu /* a page address has its low bits clear */

/* Who must see memory accesses may have changed: give or take the fast tags.
 * engine.c. */
void watch_memory(struct cpu *c);

/* --------------------------------------------------- page tables: walk.c */

/* May this access be made by what all levels grant? SDM 3A 4.6. */
bool access_allowed(const struct cpu *c, uint32_t both, enum access a,
                    bool user);
/* cpu_walk, into *w. */
void walk_tables(const struct cpu *c, gva_t at, enum access a, bool user,
                 struct walk *w);
/* PTE_W and PTE_U as all levels of a walk grant them. */
uint32_t walk_rights(const struct walk *w);
/* A permitted access was made: set A and D, SDM 3A 4.8. */
void walk_mark(struct cpu *c, struct walk *w, enum access a);
/* The offset's bits in a large page: of 4 MiB, or with PAE of 2. */
uint32_t large_page_mask(const struct cpu *c);
/* Walk the nested tables for a guest physical address. */
void walk_nested(const struct cpu *c, gpa_t at, enum access a, struct walk *w);
/* Will there be PAE paging, with these? */
static inline bool pae_paging(uint32_t cr0, uint32_t cr4)
{
    return (cr0 & CR0_PG) && (cr4 & CR4_PAE);
}
/* Load the PAE pointers. False, and nothing loaded: a reserved bit is set. */
bool pdptes_load(struct cpu *c, uint32_t cr3);

/* ------------------------------------------------ nested paging: nested.c */

/* Where the guest's page table at `at` is, in a walk; or the page itself.
 * False: the walk ends in a nested page fault, and says so. */
bool nested_table(const struct cpu *c, struct walk *w, gpa_t at, mpa_t *out);
bool nested_page(const struct cpu *c, struct walk *w, enum access a);
/* Such a walk was made for a guest: set A and D in the nested tables, or
 * leave guest mode for a nested page fault. */
void nested_settle(struct cpu *c, struct walk *w, enum access a);
/* Guest physical memory, for the processor's own use: PAE's pointers. */
mpa_t nested_memory(struct cpu *c, gpa_t at);

/* -------------------------------------------------------- the TLB: paging.c */

/* Machine physical address for this access, by TLB or walk; raises #PF. */
mpa_t translate(struct cpu *c, gva_t at, enum access a, bool user);
/* Set the tags by what entries permit and who must see accesses. */
void tlb_retag_all(struct cpu *c);
/* The frame begins or ceases to hold decoded code. */
void tlb_retag_frame(struct cpu *c, uint32_t frame);
void tlb_init(struct cpu *c);
/* Use the host's TLB (0), or the guests' with the entries of this one. */
void tlb_select(struct cpu *c, unsigned asid);
/* Forget all entries of an address space, or of all guests'; or one page. */
void tlb_flush_asid(struct cpu *c, unsigned asid);
void tlb_flush_guests(struct cpu *c);
void tlb_flush_page(struct cpu *c, gva_t at, unsigned asid);

/* ------------------------------------------------------------ host memory */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "guest memory is read as the host's own words");

static inline uint32_t host_load(const uint8_t *p, unsigned size)
{
    uint16_t half;
    uint32_t word;
    switch (size) {
    case 1:
        return *p;
    case 2:
        memcpy(&half, p, 2);
        return half;
    default:
        memcpy(&word, p, 4);
        return word;
    }
}

static inline void host_store(uint8_t *p, unsigned size, uint32_t value)
{
    uint16_t half = (uint16_t)value;
    switch (size) {
    case 1:
        *p = (uint8_t)value;
        break;
    case 2:
        memcpy(p, &half, 2);
        break;
    default:
        memcpy(p, &value, 4);
    }
}

/* -------------------------------------------------------- memory: memory.c */

/* The host's bytes at a linear address, if `size` of them may be accessed at
 * once. NULL: by lin_read_as or lin_write_as, which do what is left to do. */
static inline uint8_t *lin_host(const struct cpu *c, gva_t at, unsigned size,
                                bool write, bool user)
{
    const struct tlb_entry *t =
        &c->tlb->view[user][at.v >> PAGE_SHIFT & (TLB_SIZE - 1)];
    uint32_t tag = write ? t->write_tag : t->read_tag;
    return (at.v ^ tag) <= PAGE_SIZE - size ? t->host + (at.v & PAGE_MASK)
                                            : NULL;
}
/* Machine physical memory within a page, device memory included. */
uint32_t phys_load(struct cpu *c, mpa_t at, unsigned size);
void phys_store(struct cpu *c, mpa_t at, unsigned size, uint32_t value);
uint8_t *phys_host(const struct cpu *c, mpa_t page, bool *writable);
/* Fault now as a read or write of `size` (up to 4096) bytes would. */
void lin_check_read(struct cpu *c, gva_t at, unsigned size, bool user);
void lin_check_write(struct cpu *c, gva_t at, unsigned size, bool user);
/* The host's bytes of the `size` on top of the stack, if they may be read at
 * once; NULL: each by stack_peek. stack.c. */
const uint8_t *stack_view(const struct cpu *c, unsigned size);
/*
 * The host's bytes of a string instruction's elements from segment:offset on,
 * `step` bytes from one to the next (negative: downwards), if they may be
 * accessed with no check left to make and nobody to see it. Cuts *count to
 * what one page holds; 0 and NULL where each must go by mem_read or mem_write.
 */
uint8_t *mem_run(struct cpu *c, enum seg s, uint32_t off, unsigned adsize,
                 bool write, int step, uint32_t *count);
/* Is [off, off + size) within the segment's limit? */
bool segment_holds(const struct segment *g, uint32_t off, uint32_t size);
/* Do its type and presence allow the access? */
bool segment_allows(const struct segment *g, bool write);

/* --------------------------------------------------------- events: event.c */

/* Deliver c->last_event through the IDT: on success next_eip is the handler. */
void event_deliver(struct cpu *c, uint32_t return_eip);
/* After a fault unwound: make it the event to deliver, or a double fault, or
 * shutdown (then false). */
bool event_from_fault(struct cpu *c);
/* Begin an event of this kind now, at the instruction `eip`. */
void event_begin(struct cpu *c, enum event_kind kind, enum vector v,
                 uint32_t eip);

/* ------------------------------------------------ between two: engine.c */

/* Is there nothing to do before the next instruction: no stop, no interrupt,
 * no single step, and nobody who watches? */
bool engine_goes_on(const struct cpu *c);

/* ------------------------------------------- many at a time: string_run.c */

/*
 * What an engine that nobody watches runs for the row: insn_functions' own, or
 * for a repeated string instruction a function that does many iterations in
 * one call. It charges and counts all but the first, which the engine has
 * charged, and stops by itself at c->deadline.
 */
insn_fn *insn_runner(const struct insn *i);

/* -------------------------------------------------------- engine: engine.c */

/* #GP(0) where the ring forbids the row. */
void check_privilege(struct cpu *c, const struct insn *i);

/* ------------------------------------------- what is looked at: watch.c */

/* cpu_run begins: note what its hooks look at. */
void watch_begin(struct cpu *c);
/* Do they look at instructions at this offset of a page? */
bool watch_is_place(const struct cpu *c, uint32_t at);
/* Must they look now, before CS:EIP? */
bool watch_is_here(const struct cpu *c);
/* Do they look at stores to this frame? */
bool watch_in_frame(const struct cpu *c, uint32_t page);
/* Bytes of a frame are about to change; the mapping has changed. */
void watch_written(struct cpu *c, mpa_t at, uint32_t size);
void watch_remapped(struct cpu *c);
/* Have them look; `in` has just run, or is not known. */
void watch_tell(struct cpu *c, const struct insn *in);

/* ----------------------------------------------- decoding: fetch.c, block.c */

/* Point the code latch at the page of linear address `at`; raises #PF. */
void code_latch(struct cpu *c, gva_t at);
/* Fetch and decode the instruction at CS:EIP; raises its faults. */
void fetch_decode(struct cpu *c, struct insn *out);
/* Are there decoded blocks in this machine physical page? */
bool code_in_frame(const struct cpu *c, uint32_t page);

/* --------------------------------- guest mode: guest_mode.c, intercept.c */

/* Leave guest mode: unwinds, like a fault. */
_Noreturn void raise_vmexit(struct cpu *c, enum vmexit code, uint64_t info1,
                            uint64_t info2);
/* After that unwinding: to the host. */
void guest_leave(struct cpu *c);
/* Is the row one that can be intercepted? */
bool is_interceptable(enum insn_id id);
/* #VMEXIT where the guest's instruction, allowed by its ring, is intercepted;
 * its port, of so many bytes; its event; its switch to a task. */
void intercept_insn(struct cpu *c, const struct insn *i);
void intercept_port(struct cpu *c, const struct insn *i, uint16_t port,
                    unsigned size);
void intercept_exception(struct cpu *c, enum vector v, uint32_t error);
bool is_intercepted(const struct cpu *c, enum vmexit code);
/* In guest mode: may an interrupt, physical or virtual, be taken here? And
 * take it. */
bool guest_interrupt_due(const struct cpu *c);
void guest_take_interrupt(struct cpu *c);
/* The VMCB's fields. */
uint32_t vmcb_get(const struct cpu *c, mpa_t vmcb, unsigned field);
void vmcb_put(struct cpu *c, mpa_t vmcb, unsigned field, uint32_t value);

#endif
