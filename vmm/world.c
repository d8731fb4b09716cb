/*
 * world.c - the monitor's own ring-0 world, in real bytes.
 *
 * Job:    what the processor needs to take a trap: a GDT, an IDT, a TSS, a
 *         stack and something to run, in frames that belong to no guest, at
 *         the same place of every address space.
 * Parts:  its frames and their page table; descriptors and gates; what is
 *         the current guest's of it. Entering and leaving: switch.c.
 *
 *     ffe00000  GDT    14 pages of the guest's, then one of ours
 *     ffe10000  LDT    16 pages, the guest's
 *     ffe20000  IDT    256 interrupt gates, gate n to stub n
 *     ffe21000  TSS    SS0:ESP0 is the stack below; no I/O bitmap
 *     ffe22000  stubs  256 x HLT, IRET, HLT
 *     ffe24000  stack  one page; each trap finds it empty
 *     ffe30000  state  17 pages  } of the technique's own,
 *     ffe50000  cache  64 pages  } where it has some
 *
 * The pages are global (CR4.PGE), so that a change of address space does not
 * cost the monitor its TLB entries, as Xen has it. They are supervisor pages
 * and guests run in ring 1, which is supervisor too: what keeps them out is
 * their segments' limits, below the hole.
 *
 * Simplified: no boot code leads here. world_build writes the processor's
 * registers as LGDT, LIDT, LTR and MOV CRn would have left them.
 */
#include "world.h"

#include <assert.h>
#include <string.h>

#define OP_HLT 0xf4
#define OP_IRET 0xcf
#define WORLD_CR0 (CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG)
#define TSS_SIZE 104u /* SDM 3A 7.2.1 */
#define GDT_LIMIT (STATE_DS | 7u)
#define HOLE_SLOT (MONITOR_BASE >> 22)
#define PAGE_OF(linear) (((linear)-MONITOR_BASE) >> PAGE_SHIFT)
#define WORLD_PTE (PTE_P | PTE_A | PTE_D | PTE_G)

/* ----------------------------------------------------------- descriptors */

/* The monitor's segments: access byte and flags as in SDM 3A 3.4.5. */
static const struct segment segments[] = {
    {.sel = MONITOR_CS, .attr = 0xc9b, .limit = 0xffffffff},
    {.sel = MONITOR_DS, .attr = 0xc93, .limit = 0xffffffff},
    {.sel = FLAT_RING1_CS, .attr = 0xcbb, .limit = FLAT_LIMIT},
    {.sel = FLAT_RING1_DS, .attr = 0xcb3, .limit = FLAT_LIMIT},
    {.sel = FLAT_RING3_CS, .attr = 0xcfb, .limit = FLAT_LIMIT},
    {.sel = FLAT_RING3_DS, .attr = 0xcf3, .limit = FLAT_LIMIT},
    {.sel = CACHE_CS,
     .attr = 0x4b9, /* execute only */
     .base = WORLD_CACHE,
     .limit = WORLD_CACHE_PAGES * PAGE_SIZE - 1},
    {.sel = STATE_DS,
     .attr = 0x4b3,
     .base = WORLD_STATE,
     .limit = WORLD_STATE_PAGES * PAGE_SIZE - 1},
};

struct segment world_segment(uint16_t sel)
{
    const struct segment *s = segments;
    while (s->sel != sel) {
        s++;
        assert(s < segments + sizeof segments / sizeof *segments);
    }
    return *s;
}

static const struct segment tss_segment = {
    .sel = MONITOR_TSS, .attr = 0x8b, .base = WORLD_TSS, .limit = TSS_SIZE - 1};

/* Write a segment's descriptor where its selector says. */
static void put_descriptor(struct world *w, const struct segment *s)
{
    uint32_t limit = s->attr & SEG_G ? s->limit >> PAGE_SHIFT : s->limit;
    uint32_t *d = &w->gdt[(s->sel & ~7u) % PAGE_SIZE / 4];
    d[0] = s->base << 16 | (limit & 0xffff);
    d[1] = (s->base & 0xff000000) | (s->attr & 0xf00u) << 12 |
           (limit & 0xf0000) | (s->attr & 0xffu) << 8 | (s->base >> 16 & 0xff);
}

/* ----------------------------------------------------------------- gates */

#define GATE_INTERRUPT 0x0e00u /* 32 bits; clears IF */
#define GATE_TRAP 0x0f00u      /* leaves it */
#define GATE_P 0x8000u

static void put_gate(struct monitor *m, unsigned vector, uint16_t cs,
                     uint32_t eip, uint32_t type, unsigned dpl)
{
    uint32_t *gate = &m->world->idt[vector * 2];
    gate[0] = (uint32_t)cs << 16 | (eip & 0xffff);
    gate[1] = (eip & 0xffff0000) | GATE_P | dpl << 13 | type;
}

void world_open_gate(struct monitor *m, unsigned vector, unsigned dpl)
{
    put_gate(m, vector, MONITOR_CS, WORLD_STUBS + vector, GATE_INTERRUPT, dpl);
}

void world_direct_gate(struct monitor *m, unsigned vector, uint16_t cs,
                       uint32_t eip, unsigned dpl)
{
    assert((cs & 3) != 0);
    put_gate(m, vector, cs, eip, GATE_TRAP, dpl);
}

void world_ring1_stack(struct monitor *m, uint16_t ss, uint32_t esp)
{
    m->world->tss[3] = esp; /* SDM 3A figure 7-2 */
    m->world->tss[4] = ss;
}

/* ------------------------------------------------------- tables by pages */

static void map(struct monitor *m, uint32_t linear, uint32_t pte)
{
    uint32_t *at = &m->world->table[PAGE_OF(linear)];
    if (*at != pte) {
        *at = pte;
        cpu_flush_page(m->cpu, (gva_t){linear});
    }
}

static void map_table(struct monitor *m, uint32_t table, unsigned page,
                      mpa_t frame)
{
    map(m, table + page * PAGE_SIZE,
        (frame.v & ~PAGE_MASK) | WORLD_PTE | PTE_W);
}

/* Where nothing is mapped, a page of null descriptors is. */
static void unmap_table(struct monitor *m, uint32_t table, unsigned page)
{
    map(m, table + page * PAGE_SIZE, m->world->null_page.v | WORLD_PTE);
}

void world_map_gdt(struct monitor *m, unsigned page, mpa_t frame)
{
    assert(page < WORLD_GDT_PAGES);
    map_table(m, WORLD_GDT, page, frame);
}

void world_unmap_gdt(struct monitor *m, unsigned page)
{
    assert(page < WORLD_GDT_PAGES);
    unmap_table(m, WORLD_GDT, page);
}

void world_map_ldt(struct monitor *m, unsigned page, mpa_t frame)
{
    assert(page < WORLD_LDT_PAGES);
    map_table(m, WORLD_LDT, page, frame);
}

void world_unmap_ldt(struct monitor *m, unsigned page)
{
    assert(page < WORLD_LDT_PAGES);
    unmap_table(m, WORLD_LDT, page);
}

void world_map_own(struct monitor *m, uint32_t linear, mpa_t frame,
                   bool writable)
{
    assert(linear - WORLD_STATE < WORLD_STATE_PAGES * PAGE_SIZE ||
           linear - WORLD_CACHE < WORLD_CACHE_PAGES * PAGE_SIZE);
    map(m, linear, (frame.v & ~PAGE_MASK) | WORLD_PTE | (writable ? PTE_W : 0));
}

/* Nobody's own: not present. */
static void unmap_own(struct monitor *m)
{
    for (unsigned page = 0; page < WORLD_STATE_PAGES; page++) {
        map(m, WORLD_STATE + page * PAGE_SIZE, 0);
    }
    for (unsigned page = 0; page < WORLD_CACHE_PAGES; page++) {
        map(m, WORLD_CACHE + page * PAGE_SIZE, 0);
    }
}

void world_load_ldt(struct monitor *m, uint32_t entries)
{
    struct segment ldt = {.sel = MONITOR_LDT, .attr = 0x82, .base = WORLD_LDT};
    if (entries == 0) {
        m->cpu->ldtr = (struct segment){0};
        return;
    }
    ldt.limit = entries * 8 - 1;
    put_descriptor(m->world, &ldt);
    m->cpu->ldtr = ldt;
}

void world_reset_guest_part(struct monitor *m)
{
    for (unsigned n = 0; n < 256; n++) {
        world_open_gate(m, n, 0);
    }
    for (unsigned page = 0; page < WORLD_GDT_PAGES; page++) {
        world_unmap_gdt(m, page);
    }
    for (unsigned page = 0; page < WORLD_LDT_PAGES; page++) {
        world_unmap_ldt(m, page);
    }
    unmap_own(m);
    world_load_ldt(m, 0);
    world_ring1_stack(m, 0, 0);
    cpu_set_cr(m->cpu, 0, WORLD_CR0 | CR0_MP | CR0_TS);
    cpu_set_cr(m->cpu, 4, CR4_PGE);
    m->cpu->tsc_offset = 0;
    m->cpu->tr = tss_segment; /* guest mode leaves its own behind */
    m->cpu->sysenter_cs = 0;
}

/* -------------------------------------------------------------- building */

uint32_t world_pde(const struct monitor *m)
{
    return m->world->table_frame.v | PTE_P | PTE_W | PTE_A;
}

/* Take a frame; map it at `linear` if that is not 0. */
static void *new_frame(struct monitor *m, uint32_t linear, uint32_t writable,
                       mpa_t *out)
{
    mpa_t frame;
    if (!frame_alloc(m, NULL, &frame)) {
        return NULL;
    }
    if (linear) {
        m->world->table[PAGE_OF(linear)] = frame.v | WORLD_PTE | writable;
    }
    if (out) {
        *out = frame;
    }
    return frame_bytes(m, frame);
}

/* VMLOAD, VMRUN, VMSAVE, HLT: APM volume 3. */
static const uint8_t guest_stub[] = {0x0f, 0x01, 0xda, 0x0f, 0x01,
                                     0xd8, 0x0f, 0x01, 0xdb, OP_HLT};

static bool take_frames(struct monitor *m)
{
    struct world *w = m->world;
    uint32_t *directory = new_frame(m, 0, 0, &w->directory);
    w->table = new_frame(m, 0, 0, &w->table_frame);
    if (!directory || !w->table) {
        return false;
    }
    directory[HOLE_SLOT] = world_pde(m);
    w->gdt = new_frame(m, WORLD_GDT + WORLD_GDT_PAGES * PAGE_SIZE, PTE_W, NULL);
    w->idt = new_frame(m, WORLD_IDT, PTE_W, NULL);
    w->tss = new_frame(m, WORLD_TSS, PTE_W, NULL);
    w->stack = new_frame(m, WORLD_STACK - PAGE_SIZE, PTE_W, NULL);
    uint8_t *stubs = new_frame(m, WORLD_STUBS, 0, NULL);
    if (!w->gdt || !w->idt || !w->tss || !w->stack || !stubs ||
        !new_frame(m, 0, 0, &w->null_page)) {
        return false;
    }
    memset(stubs, OP_HLT, STUB_SLEEP + 1);
    stubs[STUB_IRET] = OP_IRET;
    memcpy(stubs + STUB_GUEST, guest_stub, sizeof guest_stub);
    return true;
}

static void put_tables(struct world *w)
{
    for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
        put_descriptor(w, &segments[i]);
    }
    put_descriptor(w, &tss_segment);
    w->tss[1] = WORLD_STACK;     /* ESP0, SDM 3A figure 7-2 */
    w->tss[2] = MONITOR_DS;      /* SS0 */
    w->tss[25] = TSS_SIZE << 16; /* I/O map base: beyond the limit, none */
}

/* The processor as the monitor's boot code would have left it. */
static void start(struct monitor *m)
{
    struct cpu *c = m->cpu;
    cpu_reset_flat32(c, WORLD_STUBS + STUB_SLEEP);
    c->gdtr = (struct table_reg){WORLD_GDT, GDT_LIMIT};
    c->idtr = (struct table_reg){WORLD_IDT, 256 * 8 - 1};
    c->tr = tss_segment;
    c->seg[SEG_CS] = world_segment(MONITOR_CS);
    c->seg[SEG_SS] = world_segment(MONITOR_DS);
    cpu_set_cr(c, 3, m->world->directory.v);
    cpu_set_cr(c, 0, WORLD_CR0);
    world_reset_guest_part(m);
}

bool world_build(struct monitor *m)
{
    if (m->world) {
        return true;
    }
    m->world = pool_take(m->pool, sizeof *m->world);
    if (!m->world || !take_frames(m)) {
        return false;
    }
    put_tables(m->world);
    start(m);
    return true;
}
