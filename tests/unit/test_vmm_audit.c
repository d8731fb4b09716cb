/*
 * The audits find what they are for: each test plants one wrong and wants it
 * named. An audit that always says yes would pass every other test.
 */
#include "../../vmm/world.h"
#include "toy_fixture.h"

static uint32_t *entries(struct monitor *m, uint32_t frame)
{
    return (uint32_t *)(void *)frame_bytes(m, (mpa_t){frame});
}

/* A guest after its first exit, and its page table. */
static uint32_t *guest(struct fixture *f)
{
    START(f, emulate_one_byte, 0xfa, 0xeb, 0xfe); /* cli; jmp $ */
    run(f, (struct run_until){.cycle = 50000});
    cr_assert(monitor_audit(f->m, err, sizeof err), "%s", err);
    return entries(f->m, entries(f->m, f->v->shadow_cr3)[0]);
}

static void finds(struct fixture *f, const char *expect)
{
    cr_assert_not(monitor_audit(f->m, err, sizeof err), "not found: %s",
                  expect);
    cr_assert(strstr(err, expect), "'%s' does not say '%s'", err, expect);
    monitor_free(f->m);
}

Test(audit, an_entry_to_the_monitors_own_page_table)
{
    struct fixture f;
    uint32_t *pte = guest(&f);
    pte[5] = entries(f.m, f.v->shadow_cr3)[0] | PTE_P; /* even to read */
    finds(&f, "at linear 00005000 the entry");
}

Test(audit, an_entry_to_another_guests_frame)
{
    struct fixture f;
    uint32_t *pte = guest(&f);
    struct vm *w = add(&f, (const uint8_t[]){0xf4}, 1);
    mpa_t frame;
    cr_assert(p2m(w, (gpa_t){0x3000}, &frame));
    pte[7] = frame.v | PTE_P;
    finds(&f, "does not own");
}

Test(audit, an_entry_to_a_free_frame_or_to_none)
{
    struct fixture f;
    uint32_t *pte = guest(&f);
    uint32_t kept = pte[7];
    pte[7] = (f.m->ram.size - PAGE_SIZE) | PTE_P;
    cr_assert_not(monitor_audit(f.m, err, sizeof err));
    cr_assert(strstr(err, "does not own"), "%s", err);
    pte[7] = 0xfffff000 | PTE_P;
    cr_assert_not(monitor_audit(f.m, err, sizeof err));
    cr_assert(strstr(err, "out of memory"), "%s", err);
    pte[7] = kept;
    cr_assert(monitor_audit(f.m, err, sizeof err), "%s", err);
    monitor_free(f.m);
}

Test(audit, a_shared_frame_may_be_read_and_not_written)
{
    struct fixture f;
    uint32_t *pte = guest(&f);
    mpa_t frame;
    cr_assert(frame_alloc(f.m, NULL, &frame));
    frame_info(f.m, frame)->kind = FRAME_SHARED;
    pte[9] = frame.v | PTE_P | PTE_U;
    cr_assert(monitor_audit(f.m, err, sizeof err), "%s", err);
    pte[9] |= PTE_W;
    finds(&f, "write a shared frame");
}

Test(audit, a_directory_without_the_world)
{
    struct fixture f;
    guest(&f);
    entries(f.m, f.v->shadow_cr3)[1023] = 0;
    finds(&f, "is not the monitor's world");
}

Test(audit, a_page_table_in_another_guests_frame)
{
    struct fixture f;
    guest(&f);
    struct vm *w = add(&f, (const uint8_t[]){0xf4}, 1);
    mpa_t frame;
    cr_assert(p2m(w, (gpa_t){0x3000}, &frame));
    entries(f.m, f.v->shadow_cr3)[3] = frame.v | PTE_P;
    finds(&f, "is no page table of its");
}

Test(audit, the_world_open_to_ring_3)
{
    struct fixture f;
    guest(&f);
    entries(f.m, world_pde(f.m))[WORLD_STUBS >> PAGE_SHIFT & 1023] |= PTE_U;
    finds(&f, "open to ring 3");
}

/* ------------------------------------------------- the processor itself */

/* The same, by the audit after every exit. */
static void walk_finds(struct fixture *f, const char *expect)
{
    cr_assert_not(walk_audit(f->v, err, sizeof err), "not found: %s", expect);
    cr_assert(strstr(err, expect), "'%s' does not say '%s'", err, expect);
    monitor_free(f->m);
}

Test(audit, a_translation_that_outlived_its_frame)
{
    struct fixture f;
    guest(&f);
    struct tlb *t = monitor_cpu(f.m)->tlb;
    unsigned slot = 0; /* of the guest's code */
    while (!(t->frame[slot] & TLB_VALID) || t->page[slot] >= MONITOR_BASE) {
        slot++;
    }
    cr_assert(walk_audit(f.v, err, sizeof err), "%s", err);
    struct vm *w = add(&f, (const uint8_t[]){0xf4}, 1);
    frame_info(f.m, (mpa_t){t->frame[slot]})->owner = w; /* the table, too */
    walk_finds(&f, "TLB has a frame of others'");
}

Test(audit, an_address_space_that_is_not_its_own)
{
    struct fixture f;
    guest(&f);
    monitor_cpu(f.m)->cr3 += PAGE_SIZE;
    walk_finds(&f, "CR3 is not the current VM's");
}

Test(audit, tables_that_the_processor_would_walk_otherwise)
{
    struct fixture f;
    guest(&f);
    monitor_cpu(f.m)->cr4 |= CR4_PSE; /* entries become 4 MiB pages */
    walk_finds(&f, "large pages");
}

Test(audit, a_segment_that_reaches_into_the_hole)
{
    struct fixture f;
    guest(&f);
    monitor_cpu(f.m)->seg[SEG_DS].limit = 0xffffffff;
    walk_finds(&f, "reaches into the hole");
}

Test(audit, a_guest_with_its_own_ports)
{
    struct fixture f;
    guest(&f);
    monitor_cpu(f.m)->eflags |= FL_IOPL;
    walk_finds(&f, "IOPL");
}

Test(audit, a_call_gate_to_ring_0)
{
    struct fixture f;
    mpa_t page;
    guest(&f);
    cr_assert(frame_alloc(f.m, NULL, &page));
    world_map_gdt(f.m, 0, page);
    cr_assert(walk_audit(f.v, err, sizeof err), "%s", err);
    uint32_t *d = entries(f.m, page.v);
    d[2] = MONITOR_CS << 16;
    d[3] = (WORLD_STUBS & 0xffff0000) | 0xec00;
    walk_finds(&f, "a gate or system segment");
}

Test(audit, a_descriptor_of_ring_0)
{
    struct fixture f;
    mpa_t page;
    guest(&f);
    cr_assert(frame_alloc(f.m, NULL, &page));
    world_map_ldt(f.m, 3, page);
    uint32_t *d = entries(f.m, page.v);
    d[8] = 0x0000ffff;
    d[9] = 0x00409300; /* DPL 0, 64 KiB at 0 */
    walk_finds(&f, "opens ring 0");
}

Test(audit, a_gate_into_the_middle_of_the_monitor)
{
    struct fixture f;
    guest(&f);
    f.m->world->idt[0x80 * 2] ^= 1;
    walk_finds(&f, "a gate of the IDT");
}

/* ----------------------------------------------------------------- books */

Test(audit, a_cycle_that_nobody_booked)
{
    struct fixture f;
    guest(&f);
    monitor_cpu(f.m)->cycles++;
    finds(&f, "the machine's books do not balance");
}

Test(audit, a_cycle_booked_twice)
{
    struct fixture f;
    guest(&f);
    f.v->books.guest++;
    finds(&f, "guest, interpreted, exits, idle and others");
}

Test(audit, a_phase_that_does_not_add_up)
{
    struct fixture f;
    guest(&f);
    f.v->books.cycles_by_phase[PHASE_memory]++;
    finds(&f, "cycles by phase");
}

Test(audit, an_exit_not_counted)
{
    struct fixture f;
    guest(&f);
    f.m->books.by_reason[EXIT_flags]--;
    finds(&f, "exits by reason");
}
