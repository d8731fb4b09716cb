/*
 * full.h - inside the full technique: an unmodified guest kernel in ring 1.
 *
 * Job:    trap and emulate. Each hazard of running a kernel outside ring 0
 *         has its file:
 *
 *   full.c      the technique's table; from a trap to who handles it
 *   virtual.c   state between the real processor and the virtual one
 *   segments.c  ring compression: shadow descriptors in the real GDT
 *   shadow.c    shadow page tables: pages and entries
 *   paging.c    filling them from the guest's tables
 *   tracing.c   keeping them true when the guest writes its tables
 *   audit.c     the shadows, checked and not believed
 *   inject.c    the virtual IF and its window: delivering interrupts
 *   debug.c     the guest's breakpoints in the real debug registers
 *
 * The instructions themselves are in ../../interpreters.
 */
#ifndef RINGSIDE_VMM_FULL_H
#define RINGSIDE_VMM_FULL_H

#include "../../interpreters/virtual.h"

/* --------------------------------------------------- shadow page tables */

#define ENTRIES 1024u
#define HOLE_SLOT (MONITOR_BASE >> 22)
/* Is the directory's slot the monitor's? In guest mode none is. */
static inline bool is_hole(const struct vm *v, unsigned slot)
{
    return slot == HOLE_SLOT && !v->vmcb.v;
}

/* What a shadow page stands for. */
enum shadow_role {
    SHADOW_DIRECTORY, /* a guest page directory */
    SHADOW_TABLE,     /* a guest page table */
    SHADOW_LARGE,     /* 4 MiB of guest physical memory: a large page, or a
                         piece of all memory while the guest's paging is off */
    SHADOW_ROLES
};

struct shadow_page {
    enum shadow_role role;
    uint32_t gfn;    /* of the guest's page; of the first of the 1024 */
    mpa_t frame;     /* the monitor's, which the processor walks */
    uint32_t *entry; /* its bytes */
    struct shadow_page **child; /* a directory's: what each entry leads to */
    uint32_t parents;           /* entries that lead here */
    struct shadow_page *next;   /* in the list of all */
};

/* What is known of one page of guest physical memory. */
struct guest_page {
    struct shadow_page *shadow[SHADOW_ROLES]; /* LARGE: of the 1024 from it */
    uint32_t writers; /* shadow entries through which it can be written */
    bool watched;     /* every write of the guest's must come by here */
};

struct shadows {
    struct guest_page *page; /* one a page of the guest's memory */
    struct shadow_page *all; /* a list */
    uint32_t count;
    struct shadow_page *flat;    /* directory while the guest's paging is off */
    struct shadow_page *none;    /* empty: CR3 is where no memory is */
    struct shadow_page *current; /* directory in use */
    bool flush; /* the real TLB may permit more than the shadows allow */
    bool stale; /* it may, but not more than the guest's own TLB could */
    bool pse;   /* the guest's CR4.PSE, as the shadows understand it */
    uint32_t traced_writes; /* so far */
};

#define SHADOWS_MOST 32u /* shadow descriptors; then all are dropped */

struct full {
    struct vp p; /* first: the interpreters' operations get this address */
    struct vm *vm;
    struct shadows sh;
    mpa_t gdt[WORLD_GDT_PAGES];    /* shadow GDT pages; 0: not made yet */
    uint16_t shadow[SHADOWS_MOST]; /* entries of it that are not empty */
    unsigned shadowed;
    uint32_t installs;              /* changes of any entry, so far */
    struct segment made[SEG_COUNT]; /* shadows, as last made */
    struct segment real[SEG_COUNT]; /* the same, as put into the registers */
    uint64_t retired;               /* guest instructions at the last entry */
};
static inline struct full *full_of(struct vm *v)
{
    return v->own;
}
static inline struct full *full_of_vp(struct vp *p)
{
    return (struct full *)(void *)p;
}

/* ------------------------------------------------------------- virtual.c */

/* At an exit: what the guest changed by itself becomes virtual state. */
void state_in(struct full *f);
/* Before an entry: the real processor, or the VM's context while another is
 * current, gets what the virtual state comes to. */
void state_out(struct full *f);
void full_virtual_cpu(struct vm *v, struct virtual_cpu *out);
bool full_translate(struct vm *v, gva_t at, gpa_t *out);

/* --------------------------------------------------------------- debug.c */

/* A real #DB arrived: what DR6 says of it becomes virtual, and is returned. */
uint32_t debug_in(struct full *f);
/* Before an entry: arm in the real registers what the guest has armed. */
void debug_out(struct full *f);

/* ------------------------------------------------------------ segments.c */

static inline bool segment_same(const struct segment *a,
                                const struct segment *b)
{
    return a->sel == b->sel && a->attr == b->attr && a->base == b->base &&
           a->limit == b->limit;
}

/* A selector's ring, compressed: 0, 1 and 2 are ring 1. */
static inline unsigned real_ring(unsigned ring)
{
    return ring == 3 ? 3 : 1;
}
/* The shadow of segment register s: descriptor, ring and limit. */
struct segment segment_shadow(const struct full *f, enum seg s);
/* Put f->made[s] into the real GDT, where its selector says, and return the
 * selector that finds it. */
uint16_t segment_install(struct full *f, enum seg s);
/* Before an entry: drop those of which the guest's table says otherwise. */
void segments_check(struct full *f);
/* Does the guest's table say of this entry what its shadow does? And of all
 * that have one, none of them beyond `limit`? */
bool segments_true(const struct full *f, uint32_t entry);
bool segments_all_true(const struct full *f, uint32_t limit);
void segments_forget(struct full *f); /* every shadow descriptor */
void segments_enter(struct full *f);  /* the GDT's pages become the world's */

/* -------------------------------------------------------------- shadow.c */

bool shadow_init(struct full *f);
void shadow_free_all(struct full *f);
/* An empty page of no guest page. NULL: no memory, and the VM is killed. */
struct shadow_page *shadow_new(struct full *f, enum shadow_role role);
/* The shadow of page `gfn` in this role, made if need be and then empty.
 * NULL: no memory, and the VM is killed. */
struct shadow_page *shadow_get(struct full *f, enum shadow_role role,
                               uint32_t gfn);
struct shadow_page *shadow_find(const struct full *f, enum shadow_role role,
                                uint32_t gfn);
void shadow_drop(struct full *f, struct shadow_page *s);
void shadow_drop_all(struct full *f);
/* Make room for the pages that one fill may take. */
void shadow_room(struct full *f);
/* Change an entry of a table; of a directory, with what it leads to. */
void shadow_set(struct full *f, struct shadow_page *s, unsigned i,
                uint32_t entry);
void shadow_link(struct full *f, struct shadow_page *dir, unsigned i,
                 struct shadow_page *child, uint32_t bits);
/* The page that an entry lets the guest write, or NULL. */
struct guest_page *shadow_writable(const struct full *f, uint32_t entry);

/* -------------------------------------------------------------- paging.c */

/* A page fault arrived: hidden, traced, or the guest's own. */
void page_fault(struct full *f, struct exit *x);
/* The guest's address space is another: give the processor its shadow. */
void paging_switch(struct full *f);
/* The guest executed INVLPG; or its A20 gate moved. */
void paging_invalidate(struct full *f, gva_t at);
void paging_a20(struct full *f);
/* Which page of guest memory would an instruction be fetched from? Sets A as
 * the processor does. False: a page fault, or no memory is there. */
bool paging_fetch(struct full *f, gva_t at, uint32_t *gfn);
/* Give the real processor's TLB what became of the entries. */
void shadow_settle(struct full *f);

/* The shadow of a guest's table entry; 0: none yet, or no memory is there. */
uint32_t paging_leaf(struct full *f, uint32_t pte);
/* What a directory entry of the guest leads to, and with which rights. */
struct shadow_goal {
    enum shadow_role role; /* SHADOW_TABLE or SHADOW_LARGE */
    uint32_t gfn, bits;
};
/* False: to nothing, or to where no memory is. */
bool paging_link(struct full *f, uint32_t pde, struct shadow_goal *to);

/* ------------------------------------------------------------- tracing.c */

/* Is the guest's page a table that has a shadow, or watched? Then no entry
 * lets the guest write it. */
bool shadow_traced(const struct full *f, uint32_t gfn);
/* From now on, or no longer, have every write to the page reported by
 * vp_ops.written: a technique keeps something that was made of its bytes. */
void shadow_watch(struct full *f, uint32_t gfn, bool on);
/* Take the right to write the page out of every entry that has it. */
void shadow_protect(struct full *f, uint32_t gfn);
/* Memory was written: if it is a shadowed table, keep the shadow true. */
void paging_written(struct full *f, gpa_t at, unsigned size, uint32_t old);
/* The fault `x` is a write to a traced page. True: the write was done, and
 * the exit is. False: the page is no longer traced. */
bool trace_write(struct full *f, struct exit *x, uint32_t gfn);

/* --------------------------------------------------------------- audit.c */

bool full_audit(struct vm *v, char *err, size_t errsize);

/* -------------------------------------------------------------- inject.c */

/* If an interrupt waits and the guest can take it, deliver it. True: there
 * is a new virtual state, which has to go out. */
bool full_inject(struct full *f, struct exit *x);
void full_deliver(struct vm *v, struct exit *x);

/* ---------------------------------------------------------------- full.c */

/* What a technique makes of this one. */
struct full_config {
    size_t size; /* of v->own, which begins with a struct full */
    bool plays;  /* its virtual processor plays, or only helps (virtual.h) */
    const struct vp_ops *ops;
};
/* Build v, all but state_out. */
bool full_build(struct vm *v, const struct full_config *cfg,
                const struct image *im, char *err, size_t errsize);
/* What full does when the guest has changed something. */
extern const struct vp_ops full_operations;
void full_destroy(struct vm *v);
/* What the exit comes to, all but making the real processor's state of it. */
void full_take(struct full *f, struct exit *x);

/* The instruction at the guest's EIP could not be run in its ring. */
void run_virtually(struct full *f, struct exit *x);

#endif
