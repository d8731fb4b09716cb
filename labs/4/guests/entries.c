/*
 * entries - one page-table entry after the other, good ones and bad ones.
 *
 * Two page tables, pinned. Each entry in turn is asked to map a page of the
 * guest's, a page table, a directory, a frame of somebody else; writable or
 * not; by mmu_update or by update_va_mapping.
 */
#include "model.h"

SEEDED;

#define REQUESTS 40

static uint32_t some_frame(void)
{
    return dice(4) ? dice(POOL) : POOL + dice(ALL_FRAMES - POOL);
}

static uint32_t some_flags(void)
{
    static const uint32_t flags[] = {PTE_P,
                                     PTE_P | PTE_W,
                                     PTE_P | PTE_W,
                                     0,
                                     PTE_P | PTE_W | PTE_U,
                                     PTE_P | PTE_U,
                                     PTE_P | PTE_G,
                                     PTE_P | PTE_W | PTE_PS,
                                     PTE_P | PTE_PWT};
    return flags[dice(9)];
}

static void by_update(void)
{
    uint32_t table = dice(8) ? dice(2) : some_frame(), slot = dice(SLOTS);
    uint32_t e = entry(some_frame(), some_flags());
    if (table == SHARED || table == ROOT || table == TABLE)
        table = 0; /* the guest itself lives by these */
    say("mmu_update: table %s, slot %u = frame %s, flags %x\n", name_of(table),
        slot_number(table, slot), name_of(e >> 12), e & 0xfff);
    update_one(table, slot, e);
}

static void by_mapping(void)
{
    uint32_t frame = TABLES + dice(POOL - TABLES);
    uint32_t e = entry(dice(2) ? frame : some_frame(), some_flags() | PTE_P);
    say("update_va_mapping: home of %u = frame %s, flags %x\n", frame,
        name_of(e >> 12), e & 0xfff);
    ask(a_mapping(frame, e));
    set_home(frame, PTE_P);
}

void lesson(void)
{
    model_start();
    for (uint32_t table = 0; table < 4; table++) {
        say("frame %u: no longer writable, and pinned as a table\n", table);
        set_home(table, PTE_P);
        pin(table, table < 3 ? L1 : L2);
    }
    for (uint32_t i = 0; i < REQUESTS; i++) {
        if (dice(3))
            by_update();
        else
            by_mapping();
    }
    say("tables %x\n", digest());
}
