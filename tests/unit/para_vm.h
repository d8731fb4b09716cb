/*
 * para_vm.h - a small para VM to make raw hypercalls on.
 *
 * The image is made here: a kernel of eight pages whose first runs for ever
 * and whose second is the hypercall page. Nothing of it runs in these tests;
 * they call hypercall_do() as the dispatcher would, with structures placed in
 * the guest's memory, and compare everything the VM is before and after.
 */
#ifndef RINGSIDE_TESTS_PARA_VM_H
#define RINGSIDE_TESTS_PARA_VM_H

#include "../../vmm/techniques/para/para.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BASE 0xc0000000u
#define MEMORY (4u << 20)
#define KERNEL_PAGES 8u
/* Pages that nothing uses: the first ones for hypercalls' structures, which
 * snapshots leave out, the others for what a test likes. */
#define SCRATCH_PFN 600u
#define SCRATCH_PAGES 32u
#define FREE_PFN 700u
#define VA(pfn) (BASE + ((pfn) << PAGE_SHIFT))
#define SCRATCH VA(SCRATCH_PFN)

struct para_vm {
    struct monitor *m;
    struct vm *v;
    struct para *p;
    struct costs costs;
};

static inline void put32(uint8_t *at, uint32_t v)
{
    memcpy(at, &v, 4);
}

static inline size_t put_note(uint8_t *at, uint32_t type, uint32_t value)
{
    put32(at, 4);
    put32(at + 4, 4);
    put32(at + 8, type);
    memcpy(at + 12, "Xen", 4);
    put32(at + 16, value);
    return 20;
}

/* An ELF file of one PT_LOAD and one PT_NOTE segment. */
static inline size_t make_image(uint8_t *f)
{
    enum { PH = 52, NOTES = 256, TEXT = 4096, SIZE = KERNEL_PAGES * PAGE_SIZE };
    static const uint8_t ident[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    memset(f, 0, TEXT + SIZE);
    memcpy(f, ident, sizeof(ident));
    put32(f + 16, 2 | 3 << 16); /* ET_EXEC, EM_386 */
    put32(f + 20, 1);
    put32(f + 24, BASE);
    put32(f + 28, PH);
    put32(f + 40, 52 | 32 << 16);
    put32(f + 44, 2 | 40 << 16);
    const uint32_t load[8] = {1, TEXT, BASE, 0, SIZE, SIZE, 7, 4096};
    memcpy(f + PH, load, sizeof(load));
    size_t n = put_note(f + NOTES, XEN_NOTE_VIRT_BASE, BASE);
    n += put_note(f + NOTES + n, XEN_NOTE_ENTRY, BASE);
    n += put_note(f + NOTES + n, XEN_NOTE_HYPERCALL_PAGE, BASE + PAGE_SIZE);
    const uint32_t note[8] = {4, NOTES, 0, 0, (uint32_t)n, 0, 4, 4};
    memcpy(f + PH + 32, note, sizeof(note));
    f[TEXT] = 0xeb; /* jmp $ */
    f[TEXT + 1] = 0xfe;
    return TEXT + SIZE;
}

/* A VM from these bytes; NULL with the monitor's message. */
static inline struct vm *add_vm_of(struct monitor *m, const uint8_t *file,
                                   size_t n, char *err, size_t errsize)
{
    char path[] = "/tmp/ringside-para-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, file, n) == (ssize_t)n);
    close(fd);
    struct vm_config cfg = {.name = "para",
                            .technique = &technique_para,
                            .image = path,
                            .memory = MEMORY};
    struct vm *v = monitor_add_vm(m, &cfg, err, errsize);
    unlink(path);
    return v;
}

static uint8_t para_image[4096 + KERNEL_PAGES * PAGE_SIZE];

static inline struct vm *add_para_vm(struct monitor *m)
{
    char err[200] = "";
    size_t n = make_image(para_image);
    struct vm *v = add_vm_of(m, para_image, n, err, sizeof(err));
    cr_assert(v, "%s", err);
    return v;
}

static inline struct para_vm para_vm_new(void)
{
    static struct costs costs;
    char err[200] = "";
    struct para_vm t = {0};
    cr_assert(costs_load(&costs, "unit", err, sizeof(err)) == 0, "%s", err);
    struct monitor_config cfg = {
        .kind = CPU_CLASSIC, .costs = &costs, .ram_size = 16u << 20};
    t.m = monitor_new(&cfg, err, sizeof(err));
    cr_assert(t.m, "%s", err);
    t.v = add_para_vm(t.m);
    t.p = para_of(t.v);
    return t;
}

/* ------------------------------------------------------- guest memory */

static inline uint32_t mfn(struct para_vm *t, uint32_t pfn)
{
    return t->v->p2m[pfn];
}

static inline void poke(struct para_vm *t, uint32_t va, const void *from,
                        size_t n)
{
    cr_assert(guest_write(t->v, (gpa_t){va - BASE}, from, n));
}

static inline uint32_t peek32(struct para_vm *t, uint32_t va)
{
    uint32_t v;
    cr_assert(guest_read(t->v, (gpa_t){va - BASE}, &v, 4));
    return v;
}

/* The page table that maps a scratch page, and the entry's address in it. */
static inline mpa_t table_of(struct para_vm *t, uint32_t va)
{
    return (mpa_t){entry_read(t->p, t->p->root, va >> 22) & ~PAGE_MASK};
}

static inline uint64_t pte_address(struct para_vm *t, uint32_t va)
{
    return table_of(t, va).v + ((va >> PAGE_SHIFT) % ENTRIES) * 4;
}

/* ----------------------------------------------------------- hypercalls */

static inline int32_t call(struct para_vm *t, uint32_t number, uint32_t a,
                           uint32_t b, uint32_t c, uint32_t d)
{
    const uint32_t arg[6] = {a, b, c, d, 0, 0};
    return hypercall_do(t->p, number, arg);
}

static inline int32_t mmu_update(struct para_vm *t, uint64_t ptr, uint64_t val)
{
    struct xen_mmu_update u = {ptr, val};
    poke(t, SCRATCH, &u, sizeof(u));
    return call(t, XEN_mmu_update, SCRATCH, 1, 0, XEN_DOMID_SELF);
}

static inline int32_t mmuext(struct para_vm *t, uint32_t cmd, uint32_t arg1,
                             uint32_t arg2)
{
    struct xen_mmuext_op op = {cmd, arg1, arg2};
    poke(t, SCRATCH, &op, sizeof(op));
    return call(t, XEN_mmuext_op, SCRATCH, 1, 0, XEN_DOMID_SELF);
}

static inline int32_t map(struct para_vm *t, uint32_t va, uint32_t pte)
{
    return call(t, XEN_update_va_mapping, va, pte, 0, XEN_UVMF_INVLPG);
}

static inline uint32_t read_only(struct para_vm *t, uint32_t pfn)
{
    return mfn(t, pfn) << PAGE_SHIFT | PTE_P | PTE_A | PTE_D;
}

static inline uint32_t writable(struct para_vm *t, uint32_t pfn)
{
    return read_only(t, pfn) | PTE_W;
}

/* ------------------------------------------------------- all of a VM */

struct snapshot {
    struct para para;
    struct frame_regs regs;
    struct frame_info *frames;
    uint8_t *memory;
    enum vm_state state;
};

/* What a count of 0 leaves behind does not matter; nor do the stamps. */
static inline struct frame_info plain(struct frame_info f)
{
    if (f.type_count == 0)
        f.type = FRAME_UNTYPED;
    f.flush_stamp = 0;
    return f;
}

static inline struct snapshot snapshot_take(struct para_vm *t)
{
    struct snapshot s = {.para = *t->p, .regs = t->v->regs};
    s.state = t->v->state;
    s.frames = calloc(t->m->frame_count, sizeof(*s.frames));
    s.memory = malloc(t->m->ram.size);
    for (uint32_t i = 0; i < t->m->frame_count; i++)
        s.frames[i] = plain(t->m->frames[i]);
    memcpy(s.memory, t->m->ram.bytes, t->m->ram.size);
    s.para.flushes = 0;
    return s;
}

static inline bool is_scratch(const struct para_vm *t, uint32_t frame)
{
    const struct frame_info *f = &t->m->frames[frame];
    uint32_t pfn = f->at.v >> PAGE_SHIFT;
    return f->owner == t->v && pfn - SCRATCH_PFN < SCRATCH_PAGES;
}

/* Is all as it was? Frees the snapshot. */
static inline void snapshot_check(struct para_vm *t, struct snapshot *s,
                                  const char *what)
{
    struct snapshot now = snapshot_take(t);
    cr_expect(memcmp(&now.para, &s->para, sizeof(now.para)) == 0,
              "%s: the VM's state changed", what);
    cr_expect(memcmp(&now.regs, &s->regs, sizeof(now.regs)) == 0,
              "%s: the registers changed", what);
    cr_expect(now.state == s->state, "%s: the VM's life changed", what);
    for (uint32_t i = 0; i < t->m->frame_count; i++)
        cr_expect(
            memcmp(&now.frames[i], &s->frames[i], sizeof(now.frames[i])) == 0,
            "%s: frame %x's row changed", what, i);
    for (uint32_t i = 0; i < t->m->frame_count; i++) {
        size_t at = (size_t)i * PAGE_SIZE;
        cr_expect(is_scratch(t, i) ||
                      memcmp(now.memory + at, s->memory + at, PAGE_SIZE) == 0,
                  "%s: the memory of frame %x changed", what, i);
    }
    free(now.frames);
    free(now.memory);
    free(s->frames);
    free(s->memory);
}

static inline void audit(struct para_vm *t)
{
    char err[200] = "";
    cr_expect(para_audit(t->v, err, sizeof(err)), "audit: %s", err);
}

/* The tests' copies would set A and D bits: set them before. */
static inline void touch_all(struct para_vm *t)
{
    mpa_t table = table_of(t, BASE);
    uint32_t *e = (uint32_t *)(void *)frame_bytes(t->m, table);
    for (uint32_t i = 0; i < ENTRIES; i++)
        e[i] |= e[i] & PTE_P ? PTE_A | PTE_D : 0;
    uint32_t *root = (uint32_t *)(void *)frame_bytes(t->m, t->p->root);
    root[BASE >> 22] |= PTE_A;
}

#endif
