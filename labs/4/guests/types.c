/*
 * types - what a frame is in use as, and how it stops being that.
 *
 * Tables are written while they are still plain pages, and then declared
 * tables: all of them good, or one entry bad, in which case nothing must be
 * left of the good ones before it.
 */
#include "requests.h"

SEEDED;

#define GOOD (PTE_P | PTE_W)

/* A table of a few good entries: data pages, read-only tables. */
static void write_table(uint32_t table)
{
    for (uint32_t i = 0; i < HOLE; i++)
        if (dice(3) == 0)
            put_entry(table, i,
                      entry(TABLES + dice(POOL - TABLES), GOOD | dice(2) * 4));
    put_entry(table, dice(HOLE), entry(ROOT, PTE_P));
}

static void write_directory(uint32_t directory)
{
    put_entry(directory, 0, entry(TABLE, GOOD | PTE_U));
}

static void pins(uint32_t frame, enum as level)
{
    say("pin %s as L%u\n", name_of(frame), level - WRITABLE);
    pin(frame, level);
}
static void unpins(uint32_t frame)
{
    say("unpin %s\n", name_of(frame));
    unpin(frame);
}
static void homes(uint32_t frame, uint32_t flags)
{
    say("home of %u: %s\n", frame, flags & PTE_W ? "writable" : "read-only");
    set_home(frame, flags);
}
static void bases(uint32_t frame)
{
    say("new base: %s\n", name_of(frame));
    new_base(frame);
}

/* A frame is one thing at a time. */
static void one_thing(void)
{
    write_table(0);
    pins(0, L1);
    homes(0, PTE_P);
    pins(0, L1);
    pins(0, L1);
    pins(0, L2);
    homes(0, GOOD);
    bases(0);
    pins(FOREIGN + dice(2), L1 + dice(2));
    pins(SHARED, L1);
    unpins(1 + dice(3));
    unpins(0);
    homes(0, GOOD);
}

/* The entry at `slot` is bad: those before it must be free again. */
static void one_bad_entry(void)
{
    static const uint32_t bad[] = {FOREIGN, NOWHERE, ROOT, TABLE, TABLES};
    uint32_t which = dice(5), slot = 5 + dice(HOLE - 5), free = POOL - 1;
    homes(1, PTE_P);
    homes(free, PTE_P);
    homes(1, GOOD);
    write_table(1);
    put_entry(1, dice(4), entry(free, GOOD));
    put_entry(1, slot - 1, entry(TABLES, GOOD));
    put_entry(1, slot, entry(bad[which], which == 4 ? GOOD | PTE_PS : GOOD));
    homes(1, PTE_P);
    pins(1, L1);
    pins(free, L1); /* writable nowhere, if pin 1 left nothing behind */
    unpins(free);
    homes(1, GOOD);
    homes(free, GOOD);
}

/* A directory makes its page tables tables; and lets them go. */
static void nested(void)
{
    uint32_t slot = 1 + dice(HOLE - 3);
    write_directory(4);
    write_table(2);
    write_table(3);
    put_entry(4, slot, entry(2, GOOD));
    put_entry(4, slot + 1, entry(3, GOOD));
    homes(4, PTE_P);
    homes(2, PTE_P);
    pins(4, L2);    /* 3 is still writable */
    homes(2, GOOD); /* and so 2 is no table either */
    homes(2, PTE_P);
    homes(3, PTE_P);
    pins(4, L2);
    homes(2 + dice(2), GOOD);
    pins(2, L1);
    unpins(4);
    homes(3, GOOD);
    homes(2, GOOD); /* pinned */
    unpins(2);
    homes(2, GOOD);
    homes(4, GOOD);
}

/* CR3 is a use like any other. */
static void in_use(void)
{
    uint32_t self = 1 + dice(HOLE - 2);
    write_directory(5);
    homes(5, PTE_P);
    pins(5, L2);
    bases(5);
    unpins(5);
    homes(5, GOOD);
    say("entry of the directory itself in it\n");
    update_one(5, self, entry(5, PTE_P));
    bases(ROOT);
    homes(5, GOOD);
    bases(NOWHERE);
}

void lesson(void)
{
    start();
    one_thing();
    for (uint32_t i = 0; i < 2 + SEED % 3; i++)
        one_bad_entry();
    nested();
    in_use();
    say_end();
}
