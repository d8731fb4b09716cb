/*
 * entries - one page-table entry after the other, good ones and bad ones.
 *
 * Three page tables, pinned, and a directory. Entries are asked to map a page
 * of the guest's, a page table, a directory, a frame of somebody else;
 * writable or not; by mmu_update or by update_va_mapping.
 */
#include "requests.h"

SEEDED;

#define REQUESTS 24
#define L1_TABLES 3u

/* The guest itself lives by ROOT and TABLE: it leaves them as they are. */
static uint32_t some_table(void)
{
    uint32_t frame = some_frame();
    return dice(6) && frame != FOREIGN && frame != NOWHERE ? dice(L1_TABLES + 1)
           : frame >= POOL && frame < FRAMES               ? SHARED
                                                           : frame;
}

static void by_update(void)
{
    struct update u = {.table = some_table(),
                       .slot = dice(SLOTS),
                       .entry = entry(some_frame(), some_flags()),
                       .command = dice(6) ? XEN_MMU_NORMAL_PT_UPDATE : dice(4),
                       .too_high = dice(20) == 0};
    uint32_t *done;
    say_update(&u);
    ask(an_update(&u, 1, &done));
}

/* The homes of pages without entries in them are free to show others. */
static void by_mapping(void)
{
    uint32_t frame = TABLES + dice(POOL - TABLES);
    uint32_t e = entry(dice(2) ? frame : some_frame(), some_flags());
    say("update_va_mapping: home of %u = frame %s, flags %x\n", frame,
        name_of(e >> 12), e & 0xfff);
    ask(a_mapping(frame, e));
}

/* Each rule once, in an order of SEED's. */
static void each_rule(void)
{
    static const struct {
        uint8_t table, frame;
        uint16_t flags;
    } rule[] = {{0, FOREIGN, PTE_P},
                {1, FOREIGN, PTE_P | PTE_W},
                {2, NOWHERE, PTE_P},
                {L1_TABLES, FOREIGN, PTE_P},
                {0, 1, PTE_P},
                {0, 1, PTE_P | PTE_W},
                {1, 1, PTE_P | PTE_W},
                {2, ROOT, PTE_P},
                {2, ROOT, PTE_P | PTE_W},
                {0, SHARED, PTE_P | PTE_W},
                {0, TABLES, PTE_P | PTE_W | PTE_G},
                {1, TABLES, PTE_P | PTE_PS},
                {L1_TABLES, 0, PTE_P | PTE_W | PTE_U},
                {L1_TABLES, TABLES, PTE_P},
                {L1_TABLES, L1_TABLES, PTE_P},
                {FOREIGN, TABLES, PTE_P},
                {TABLES, TABLES, PTE_P}};
    uint32_t n = sizeof rule / sizeof *rule, first = dice(n), *done;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = (first + 5 * i) % n; /* n has no divisor 5 */
        struct update u = {.table = rule[k].table,
                           .slot = dice(HOLE),
                           .entry = entry(rule[k].frame, rule[k].flags)};
        say_update(&u);
        ask(an_update(&u, 1, &done));
    }
    struct update u = {L1_TABLES, HOLE + dice(2), 0, 0, 0};
    say_update(&u);
    ask(an_update(&u, 1, &done));
}

/* What the processor has set, a request may ask to keep. */
static void keep_a_and_d(uint32_t slot)
{
    struct update u = {.slot = slot,
                       .entry = entry(TABLES, PTE_P | PTE_W | PTE_A | PTE_D)};
    uint32_t *done;
    say_update(&u);
    ask(an_update(&u, 1, &done));
    u.entry = entry(TABLES, PTE_P);
    u.command = XEN_MMU_PT_UPDATE_PRESERVE_AD;
    say_update(&u);
    ask(an_update(&u, 1, &done));
}

void lesson(void)
{
    start();
    for (uint32_t table = 0; table <= L1_TABLES; table++) {
        say("frame %u: no longer writable, and pinned as a table\n", table);
        set_home(table, PTE_P);
        pin(table, table < L1_TABLES ? L1 : L2);
    }
    each_rule();
    keep_a_and_d(dice(SLOTS));
    for (uint32_t i = 0; i < REQUESTS; i++) {
        if (dice(3))
            by_update();
        else
            by_mapping();
    }
    say_end();
}
