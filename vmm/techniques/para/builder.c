/*
 * builder.c - the domain builder: a para guest's first memory.
 *
 * Job:    what Xen's tools do before a guest's first instruction.
 *
 * 1. The notes say where guest physical 0 is mapped: virt_base. The region
 *    from there on holds, packed, each on its page:
 *
 *        kernel | P2M list | start info | console ring | page tables | stack
 *
 *    and at least 512 KiB of nothing, up to a 4 MiB boundary.
 * 2. Page tables map the region, writable but for themselves, and for the
 *    kernel alone.
 * 3. The directory is pinned and becomes CR3: from here on types.c counts.
 * 4. ESI points to start info, ESP to the stack's top; the segments are the
 *    flat ones of ring 1; events are masked.
 *
 * Simplified: no ramdisk, and no store: its frame and port are 0.
 */
#include "notes.h"
#include "para.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define PADDING 0x80000u
#define REGION_ALIGN 0x400000u

/* The region's parts, in pages from virt_base. */
struct layout {
    struct xen_notes notes;
    uint32_t p2m, start_info, console, tables, stack; /* first pages */
    uint32_t p2m_pages, table_pages;
    uint32_t end; /* the region's pages */
};

static uint32_t pages_of(uint64_t bytes)
{
    return (uint32_t)((bytes + PAGE_MASK) >> PAGE_SHIFT);
}

static uint32_t va_of(const struct layout *l, uint32_t page)
{
    return l->notes.virt_base + (page << PAGE_SHIFT);
}

/* A directory, and a page table for each 4 MiB the region touches. */
static uint32_t tables_for(uint64_t from, uint64_t to)
{
    return (uint32_t)(1 + ((to - 1) >> 22) - (from >> 22) + 1);
}

/* Give each part its place. The tables' number depends on the region's end,
 * and the end on their number: grow until they agree. */
static void place(struct layout *l, uint32_t kernel_pages, uint32_t pages)
{
    uint64_t base = l->notes.virt_base, top;
    l->p2m = kernel_pages;
    l->p2m_pages = pages_of(pages * 4ull);
    l->start_info = l->p2m + l->p2m_pages;
    l->console = l->start_info + 1;
    l->tables = l->console + 1;
    l->table_pages = 2;
    for (;;) {
        l->stack = l->tables + l->table_pages;
        top = base + ((l->stack + 1ull) << PAGE_SHIFT) + PADDING;
        top = (top + REGION_ALIGN - 1) & ~(uint64_t)(REGION_ALIGN - 1);
        uint32_t need = tables_for(base, top);
        if (need <= l->table_pages)
            break;
        l->table_pages = need;
    }
    l->end = (uint32_t)((top - base) >> PAGE_SHIFT);
}

/* How many pages the kernel's segments take from guest physical 0 on; 0,
 * with a message, if the guest has not so many. */
static uint32_t kernel_pages(const struct vm *v, const struct image *im,
                             const struct layout *l, char *err, size_t errsize)
{
    uint32_t last = 0;
    for (size_t i = 0; i < im->segments; i++) {
        const struct image_segment *s = &im->segment[i];
        uint32_t at = s->physical - l->notes.paddr_offset;
        uint64_t end = (uint64_t)at + s->memory_size;
        if (end > (uint64_t)v->pages << PAGE_SHIFT) {
            snprintf(err, errsize,
                     "%s: segment %zu ends at %#llx, beyond the guest's "
                     "memory: give it more, or check PADDR_OFFSET",
                     im->name, i, (unsigned long long)end);
            return 0;
        }
        last = pages_of(end) > last ? pages_of(end) : last;
    }
    return last;
}

static bool plan(struct vm *v, const struct image *im, struct layout *l,
                 char *err, size_t errsize)
{
    if (!xen_notes_read(im, &l->notes, err, errsize))
        return false;
    uint32_t kernel = kernel_pages(v, im, l, err, errsize);
    if (kernel == 0)
        return false;
    place(l, kernel, v->pages);
    uint64_t base = l->notes.virt_base;
    if (base % PAGE_SIZE ||
        base + ((uint64_t)l->end << PAGE_SHIFT) > XEN_VIRT_START) {
        snprintf(err, errsize,
                 "%s: VIRT_BASE %#x is not on a page, or leaves no room "
                 "below %#x, where the monitor begins",
                 im->name, l->notes.virt_base, XEN_VIRT_START);
        return false;
    }
    if (l->stack >= v->pages) {
        snprintf(err, errsize,
                 "%s needs %u KiB of memory to start, and has %u: give it "
                 "more",
                 im->name, (l->stack + 1) * 4, v->pages * 4);
        return false;
    }
    return true;
}

/* ------------------------------------------------------------- filling */

static mpa_t frame_of(const struct vm *v, uint32_t page)
{
    return mpa_of(v->p2m[page]);
}

static void place_kernel(struct vm *v, const struct image *im,
                         const struct layout *l)
{
    for (size_t i = 0; i < im->segments; i++) {
        const struct image_segment *s = &im->segment[i];
        gpa_t at = {s->physical - l->notes.paddr_offset};
        (void)guest_write(v, at, s->bytes, s->file_size);
    }
}

static bool place_hypercall_page(struct vm *v, const struct layout *l,
                                 char *err, size_t errsize)
{
    uint8_t page[PAGE_SIZE];
    gpa_t at = {l->notes.hypercall_page - l->notes.virt_base};
    if (l->notes.hypercall_page == 0)
        return true;
    hypercall_page(page);
    if (at.v % PAGE_SIZE == 0 && at.v >> PAGE_SHIFT < l->p2m &&
        guest_write(v, at, page, PAGE_SIZE))
        return true;
    snprintf(err, errsize,
             "HYPERCALL_PAGE %#x is not a page of the kernel's own image",
             l->notes.hypercall_page);
    return false;
}

static void place_p2m(struct vm *v, const struct layout *l)
{
    gpa_t at = {l->p2m << PAGE_SHIFT};
    (void)guest_write(v, at, v->p2m, v->pages * sizeof(v->p2m[0]));
}

static void place_start_info(struct vm *v, const struct layout *l)
{
    struct para *p = para_of(v);
    struct xen_start_info s = {
        .magic = XEN_MAGIC,
        .nr_pages = v->pages,
        .shared_info = p->shared_at.v,
        .console_mfn = mfn_of(frame_of(v, l->console)),
        .console_evtchn = p->console_port,
        .pt_base = va_of(l, l->tables),
        .nr_pt_frames = l->table_pages,
        .mfn_list = va_of(l, l->p2m),
        .first_p2m_pfn = l->p2m,
        .nr_p2m_frames = l->p2m_pages,
    };
    gpa_t at = {l->start_info << PAGE_SHIFT};
    snprintf(s.cmd_line, sizeof(s.cmd_line), "%s", v->command_line);
    (void)guest_write(v, at, &s, sizeof(s));
}

/* Map the region, its own tables read-only; what memory there is of it. */
static void place_tables(struct vm *v, const struct layout *l)
{
    struct monitor *m = v->monitor;
    uint32_t *root = (uint32_t *)(void *)frame_bytes(m, frame_of(v, l->tables));
    uint32_t first = l->notes.virt_base >> 22;
    for (uint32_t page = 0; page < l->end && page < v->pages; page++) {
        uint32_t va = va_of(l, page), slot = va >> 22;
        mpa_t table = frame_of(v, l->tables + 1 + slot - first);
        uint32_t *e = (uint32_t *)(void *)frame_bytes(m, table);
        bool own = page - l->tables < l->table_pages;
        root[slot] = table.v | PTE_P | PTE_W | PTE_U;
        e[(va >> PAGE_SHIFT) % ENTRIES] =
            frame_of(v, page).v | PTE_P | (own ? 0 : PTE_W);
    }
}

static void start_registers(struct vm *v, const struct layout *l)
{
    struct vm_context *c = &v->context;
    v->regs = (struct frame_regs){
        .eip = l->notes.entry,
        .cs = XEN_FLAT_RING1_CS,
        .eflags = FL_ONE | FL_IF,
        .esp = va_of(l, l->stack + 1),
        .ss = XEN_FLAT_RING1_DS,
    };
    c->reg[REG_ESI] = va_of(l, l->start_info);
    c->seg[SEG_ES] = c->seg[SEG_DS] = c->seg[SEG_FS] = c->seg[SEG_GS] =
        world_segment(XEN_FLAT_RING1_DS);
}

/* The monitor, too, writes to these two: they must stay writable, and never
 * become tables whose entries it would then overwrite. */
static void hold_shared_pages(struct para *p)
{
    int shared = type_get(p, p->shared_at, FRAME_WRITABLE);
    int console = type_get(p, p->console_at, FRAME_WRITABLE);
    assert(shared == 0 && console == 0); /* fresh: nobody uses them yet */
}

/* Pinned, and in CR3: two references, as Xen's builder leaves it. */
static void use_tables(struct para *p, mpa_t root)
{
    bool ok = type_get(p, root, FRAME_L2) == 0;
    ok = type_get(p, root, FRAME_L2) == 0 && ok;
    assert(ok); /* place_tables made them: nothing in them is the guest's */
    frame_info(p->vm->monitor, root)->pinned = true;
    set_root(p, root);
}

bool para_build(struct vm *v, const struct image *im, char *err, size_t errsize)
{
    struct para *p = para_of(v);
    struct layout l = {0};
    if (!plan(v, im, &l, err, errsize))
        return false;
    if (!frame_alloc(v->monitor, v, &p->shared_at) || !hole_make(p)) {
        snprintf(err, errsize, "the machine has no memory left for %s",
                 im->name);
        return false;
    }
    p->shared =
        (struct xen_shared_info *)(void *)frame_bytes(v->monitor, p->shared_at);
    p->shared->vcpu[0].upcall_mask = 1;
    p->console_at = frame_of(v, l.console);
    p->console =
        (struct xen_console *)(void *)frame_bytes(v->monitor, p->console_at);
    hold_shared_pages(p);
    p->console_port = channel_new(p, XEN_CHANNEL_INTERDOMAIN);
    timers_start(p);

    place_kernel(v, im, &l);
    if (!place_hypercall_page(v, &l, err, errsize))
        return false;
    place_p2m(v, &l);
    place_start_info(v, &l);
    place_tables(v, &l);
    start_registers(v, &l);
    use_tables(p, frame_of(v, l.tables));
    return true;
}
