/*
 * The walk in two dimensions that the monitor makes in software, against the
 * one that the processor makes in guest mode: same page, as many references.
 */
#include "../../vmm/monitor.h"
#include "full_vm.h"

/* A guest that pages, and then runs in a circle: 4 MiB as they are, by a large
 * page at 0 and again, by a table, from 4 MiB on. */
static const uint8_t pages[] = {
    0xc7,           0x05,
    LE32(0x110000), LE32(0x83), /* PDE 0: large */
    0xc7,           0x05,
    LE32(0x110004), LE32(0x111003), /* PDE 1: a table */
    0xc7,           0x05,
    LE32(0x111000), LE32(0x112003), /* its entry 0 */
    0xc7,           0x05,
    LE32(0x111004), LE32(0x113003), /* 1: never touched */
    0xb8,           LE32(0x110000), /* mov eax, directory */
    0x0f,           0x22,
    0xd8, /* mov cr3, eax */
    0x0f,           0x20,
    0xe0,                 /* mov eax, cr4 */
    0x0c,           0x10, /* or al, PSE */
    0x0f,           0x22,
    0xe0, /* mov cr4, eax */
    0x0f,           0x20,
    0xc0,                             /* mov eax, cr0 */
    0x0d,           LE32(0x80000000), /* or eax, PG */
    0x0f,           0x22,
    0xc0,                           /* mov cr0, eax */
    0xa1,           LE32(0x400000), /* mov eax, [4 MiB] */
    0xeb,           0xfe,           /* jmp $ */
};

static struct walk_2d walk(struct full_vm *f, uint32_t at)
{
    struct walk_2d w;
    cr_assert(vm_walk_2d(f->v, (gva_t){at}, &w));
    return w;
}

Test(hvm_nested, walks_as_the_processor_does)
{
    static const uint32_t some[] = {CODE, 0x110000, 0x400123};
    struct full_vm f;
    full_open(&f, "hvm", pages, sizeof pages);
    full_run(&f);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        struct walk_2d w = walk(&f, some[i]);
        struct walk real =
            cpu_walk(monitor_cpu(f.m), (gva_t){some[i]}, ACCESS_READ, false);
        cr_assert(monitor_cpu(f.m)->guest.on && real.ok);
        cr_assert_eq(w.end, WALK_FOUND);
        cr_assert_eq(w.leg[w.legs - 1].where.v, real.frame.v);
        cr_assert_eq(w.references, (unsigned)real.references);
    }
    cr_assert_eq(walk(&f, CODE).references, 5);     /* (1+1)(2+1)-1 */
    cr_assert_eq(walk(&f, 0x400000).references, 8); /* (2+1)(2+1)-1 */
    monitor_free(f.m);
}

/* Which of the two tables lacks it decides whose fault it is. */
Test(hvm_nested, tells_the_guests_fault_from_the_monitors)
{
    struct full_vm f;
    full_open(&f, "hvm", pages, sizeof pages);
    full_run(&f);
    struct walk_2d w = walk(&f, 0x402000);
    cr_assert_eq(w.end, WALK_GUEST_FAULT);
    cr_assert_eq(w.legs, 2);
    w = walk(&f, 0x401000);
    cr_assert_eq(w.end, WALK_NESTED_FAULT);
    cr_assert_eq(w.leg[2].at.v, 0x113000);
    cr_assert_eq(w.references, 8);
    monitor_free(f.m);
}

Test(hvm_nested, there_is_one_dimension_elsewhere)
{
    struct full_vm f;
    struct walk_2d w;
    full_open(&f, "hvm-shadow", pages, sizeof pages);
    full_run(&f);
    cr_assert_not(vm_walk_2d(f.v, (gva_t){CODE}, &w));
    monitor_free(f.m);
}
