/*
 * batch - many requests in one hypercall, and one of them bad.
 *
 * What is promised, as by Xen: each request is done or not done, whole; a
 * batch stops at its first bad one; what was done before it stays, and the
 * count says how many that are, exactly. Of a multicall, each call has an
 * answer of its own, and one that fails stops nothing.
 */
#include "requests.h"

SEEDED;

#define GOOD (PTE_P | PTE_W)
#define MOST 12u

/* Good ones, but for number `bad`. */
static uint32_t write_batch(struct update *u, uint32_t bad)
{
    uint32_t n = 4 + dice(MOST - 4);
    for (uint32_t i = 0; i < n; i++)
        u[i] =
            (struct update){.table = dice(2),
                            .slot = dice(SLOTS),
                            .entry = entry(TABLES + dice(POOL - TABLES), GOOD)};
    if (bad < n)
        u[bad].entry = dice(2) ? entry(FOREIGN, PTE_P) : entry(ROOT, GOOD);
    return n;
}

static void one_batch(uint32_t bad)
{
    struct update u[MOST];
    uint32_t n = write_batch(u, bad), *done;
    say("mmu_update: %u requests, number %u is bad\n", n, bad);
    struct call c = an_update(u, n, &done);
    ask(c);
    say("of them are done: %u\n", *done);
}

static void batch_of_pins(void)
{
    struct op o[4] = {{XEN_MMUEXT_PIN_L1_TABLE, 2},
                      {XEN_MMUEXT_PIN_L1_TABLE, 3},
                      {XEN_MMUEXT_UNPIN_TABLE, 0},
                      {XEN_MMUEXT_UNPIN_TABLE, 1}};
    uint32_t *done, bad = 1 + dice(3);
    set_home(2, PTE_P);
    set_home(3, PTE_P);
    o[bad].frame = NOWHERE;
    say("mmuext_op: 4 requests, number %u is bad\n", bad);
    struct call c = some_ops(o, 4, &done);
    ask(c);
    say("of them are done: %u\n", *done);
}

/* Arguments that are wrong as a whole: nothing at all is done. */
static void nothing_done(void)
{
    struct update u = {.entry = entry(TABLES, GOOD)};
    static const struct xen_mmu_update none[1];
    uint32_t array = (uint32_t)none, hole = XEN_VIRT_START;
    say("mmu_update of another domain\n");
    ask((struct call){XEN_mmu_update, array, 1, 0, dice(100), -XEN_ESRCH});
    say("mmu_update of too many\n");
    ask((struct call){XEN_mmu_update, array, XEN_MMU_BATCH + 1 + dice(9), 0,
                      XEN_DOMID_SELF, -XEN_EINVAL});
    say("mmu_update of none\n");
    ask((struct call){XEN_mmu_update, array, 0, 0, XEN_DOMID_SELF, 0});
    say("mmu_update: the requests are where the guest has no memory\n");
    ask((struct call){XEN_mmu_update, hole, 1, 0, XEN_DOMID_SELF, -XEN_EFAULT});
    say("mmuext_op: the count can be written nowhere\n");
    ask((struct call){XEN_mmuext_op, array, 1, hole, XEN_DOMID_SELF,
                      -XEN_EFAULT});
    say("mmu_update: the count would go to a page that is read-only\n");
    set_home(POOL - 1, PTE_P);
    uint32_t before = get_entry(0, 0);
    struct call c = {XEN_mmu_update,
                     (uint32_t)real_request(&u),
                     1,
                     (uint32_t)home(POOL - 1),
                     XEN_DOMID_SELF,
                     -XEN_EFAULT};
    ask(c);
    say("entry 0: %s\n", get_entry(0, 0) == before ? "as it was" : "changed");
    set_home(POOL - 1, GOOD);
}

static void several_calls(void)
{
    struct update u[MOST];
    uint32_t bad = dice(4), n = write_batch(u, bad), *done;
    struct call c[5];
    c[0] = a_mapping(POOL - 2, entry(POOL - 2, PTE_P));
    c[1] = an_update(u, n, &done);
    c[2] = a_pin(POOL - 2, L1);
    c[3] = (struct call){XEN_multicall, 0, 0, 0, 0, -XEN_EINVAL};
    c[4] = an_unpin(POOL - 2);
    say("multicall: a mapping; mmu_update, its number %u bad; pin; multicall; "
        "unpin\n",
        bad);
    ask_all(c, 5);
    for (uint32_t i = 0; i < 5; i++)
        say("call %u: %d\n", i, c[i].answer);
    say("updates done: %u\n", *done);
}

void lesson(void)
{
    start();
    for (uint32_t table = 0; table < 2; table++) {
        set_home(table, PTE_P);
        pin(table, L1);
    }
    for (uint32_t i = 0; i < 3 + SEED % 4; i++)
        one_batch(dice(8));
    nothing_done();
    several_calls();
    batch_of_pins();
    say_end();
}
