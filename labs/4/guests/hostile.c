/*
 * hostile - whatever a guest that wants out can think of, by chance.
 *
 * Pages are filled with entries of all kinds and declared tables of all kinds;
 * batches are mixed; nothing of it must ever go wrong in silence.
 */
#include "requests.h"

SEEDED;

#define REQUESTS 90
#define MOST 8u

/* Frames 4 to 7 are directories, if it works; their slot 0 keeps the guest
 * alive while one of them is in CR3. */
static uint32_t entry_for(uint32_t table, uint32_t slot)
{
    bool keeps_alive = slot == 0 && table >= 4 && table < TABLES;
    uint32_t frame = dice(3) ? dice(TABLES) : some_frame();
    if (keeps_alive)
        return entry(TABLE, PTE_P | PTE_W | PTE_U);
    return entry(frame, some_flags());
}

static void fills(void)
{
    uint32_t frame = dice(TABLES);
    if (!is_home_writable(frame))
        return;
    for (uint32_t i = 0; i < SLOTS; i++)
        put_entry(frame, i, dice(3) ? 0 : entry_for(frame, i));
    if (frame >= 4)
        put_entry(frame, 0, entry_for(frame, 0));
}

static uint32_t one_in_use(uint32_t table)
{
    for (uint32_t i = 0; i < TABLES; i++)
        if (type_of((table + i) % TABLES) >= L1)
            return (table + i) % TABLES;
    return table;
}

static void updates(void)
{
    struct update u[MOST];
    uint32_t n = 1 + dice(MOST), *done;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t table = dice(8) ? dice(TABLES) : FOREIGN, slot = dice(SLOTS);
        if (dice(3))
            table = one_in_use(table);
        u[i] = (struct update){.table = table,
                               .slot = slot,
                               .entry = entry_for(table, slot),
                               .command = dice(9) ? 0 : dice(4)};
    }
    say("batch of %u, the first: ", n);
    say_update(&u[0]);
    struct call c = an_update(u, n, &done);
    ask(c);
    say("done: %u\n", *done);
}

static void homes(void)
{
    uint32_t frame = dice(TABLES), flags = PTE_P | (dice(2) ? PTE_W : 0);
    say("home of %u: flags %x\n", frame, flags);
    set_home(frame, flags);
}

static void pins(void)
{
    uint32_t frame = dice(9) ? dice(TABLES) : some_frame();
    enum as level = (frame >= 4) == (dice(6) != 0) ? L2 : L1;
    if (dice(3)) {
        say("pin %s as L%u\n", name_of(frame), level - WRITABLE);
        pin(frame, level);
    } else if (frame != ROOT) {
        say("unpin %s\n", name_of(frame));
        unpin(frame);
    }
}

static void bases(void)
{
    uint32_t frame = dice(3) ? 4 + dice(4) : ROOT;
    if (frame != ROOT && !can_live_in(frame))
        return;
    say("new base: %s\n", name_of(frame));
    new_base(frame);
}

void lesson(void)
{
    static void (*const whim[])(void) = {fills, fills, updates, updates, homes,
                                         homes, pins,  pins,    pins,    bases};
    start();
    for (uint32_t i = 0; i < REQUESTS; i++)
        whim[dice(10)]();
    say_end();
}
