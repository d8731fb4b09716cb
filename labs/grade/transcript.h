/*
 * transcript.h - what the confined child tells the grader: a stream of events
 * of one size each, on descriptor TRANSCRIPT_FD.
 *
 * The child is not believed. It sends what happened, never a verdict; the
 * grader (checks.c) compares that with a run of the bare machine of its own.
 */
#ifndef RINGSIDE_LABS_TRANSCRIPT_H
#define RINGSIDE_LABS_TRANSCRIPT_H

#include "../../vmm/vmm.h"

#define TRANSCRIPT_FD 3
#define IMAGE_FD 4

enum told_kind {
    TOLD_EXIT = 1, /* an exit is complete */
    TOLD_OUTPUT,   /* `text`, `count` bytes of it, by the guest */
    TOLD_COUNT,    /* lab 0: `row` of its table, reason `count`'s */
    TOLD_AUDIT,    /* the audit failed: `text` */
    TOLD_TODO,     /* this function is not written yet: `text` */
    TOLD_ASSERT,   /* an assertion failed: `text` */
    TOLD_SYSCALL,  /* number `count` was tried, and is forbidden */
    TOLD_BROKEN,   /* the harness itself could not go on: `text` */
    TOLD_PAGES,    /* `count` of `page`: what it maps at a marker */
    TOLD_WALK,     /* `walk`, which a guest asked for */
    TOLD_WHY,      /* the monitor stopped the guest: `text` */
    TOLD_MEMORY,   /* `count` of `sum`: the guest's memory at the end */
    TOLD_VECTOR,   /* the 8259 gave one up: `taking` */
    TOLD_END,      /* of the run: nothing follows */
};

/*
 * A guest may ask for a mistake, by this and a VMCB's offset at the marker
 * port: the word there becomes what it must not be. Without guest mode, and on
 * the bare machine, nothing happens.
 */
#define MARKER_SPOIL 0x5b010000u
static inline bool is_spoil(uint32_t id)
{
    return (id & 0xffff0000u) == MARKER_SPOIL;
}

/* Or for a walk in two dimensions, of the linear address in EBX. */
#define MARKER_WALK 0x5b020000u
struct seen_walk {
    uint32_t linear, end, legs, references; /* as struct walk_2d has them */
    uint32_t at[3];                         /* guest physical: the legs' */
};

/* The guest's processor as its own programs can see it. */
struct seen_cpu {
    uint32_t reg[8], eip, eflags, cr0, cr2, cr3;
    uint32_t cpl;
    uint32_t stack[4]; /* words at ESP, if memory is there */
};

struct told_exit {
    uint64_t number, guest_cycles, cost;
    uint32_t reason, disposition, vector, address, detail;
    uint32_t insn, rep, eip, virtual_ring;
    uint32_t waiting; /* the 8259 asks for an interrupt, behind the exit */
    struct seen_cpu after;
};

/* The monitor acknowledged an interrupt: what the guest's processor was. */
struct told_taking {
    uint32_t vector, eip, eflags;
};

struct told_end {
    uint64_t guest_cycles, exit_cycles, idle_cycles, clock, exits;
    uint32_t state, status, stopped;
    uint32_t ticks, lost;  /* of the 8254: due, and made one with another */
    uint32_t by_processor; /* interrupts that the monitor had it deliver */
};

/* What lab 0's functions say of exit reason r, and of the r-th dearest. */
struct told_row {
    uint64_t count, cycles;
    uint32_t spread[COST_BUCKETS];
    int32_t median, dearest;
};

/* A page of an address space: space.c. */
#define SEEN_FOREIGN 0xffffffffu
#define SEEN_ROOT 0x80000000u  /* it is the directory of this very space */
#define SEEN_TABLE 0x40000000u /* or a table of it, ... */
#define SEEN_SLOT 16           /* ... bits 25 to 16: of this entry */
struct seen_page {
    uint32_t moment; /* the marker's number, from 1 */
    uint32_t linear;
    uint32_t at;   /* guest physical; or SEEN_FOREIGN */
    uint32_t bits; /* P, U, W and A as both levels have them; D; SEEN_ */
    uint64_t exit; /* number of the last one, in a transcript */
};
#define PAGES_TOLD 5u

/* What is in a page of guest memory. */
struct page_sum {
    uint32_t at; /* guest physical */
    uint64_t hash;
};
#define SUMS_TOLD 7u

struct told {
    uint32_t kind, count;
    union {
        struct told_exit exit;
        struct told_end end;
        struct told_row row;
        struct told_taking taking;
        struct seen_page page[PAGES_TOLD];
        struct page_sum sum[SUMS_TOLD];
        struct seen_walk walk;
        char text[120];
    };
};

/* A monitor and one guest. */
struct lab_machine {
    struct costs costs;
    struct monitor *m;
    struct vm *v;
};
/* The same on both sides. False with a message. */
bool lab_machine(struct lab_machine *l, const char *technique,
                 const char *image, const struct monitor_observer *watch,
                 char *err, size_t errsize);
/* Hashes of all guest memory that is not 0, by rising addresses. */
#define SUMS_MOST 4096u
size_t lab_memory(const struct lab_machine *l, struct page_sum *to,
                  size_t most);
/* Does the exception push one? Then stack[0] is it, as its handler begins:
 * what the real processor said of the exit is often another. */
bool has_error_code(uint32_t vector);
void see_cpu(struct vm *v, struct seen_cpu *out);
/* What the processor's tables map now, by rising addresses; at most `most`. */
#define SPACE_MOST 4096u
size_t see_space(const struct lab_machine *l, struct seen_page *to,
                 size_t most);

#endif
