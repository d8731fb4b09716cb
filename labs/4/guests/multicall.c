/*
 * multicall - several calls in one: each has an answer of its own.
 */
#include "requests.h"

SEEDED;

#define ROUNDS (2 + SEED % 3)

/* Good ones, bad ones, and those that cannot be one of several. */
static struct call some_call(void)
{
    static const struct call all[] = {
        {XEN_xen_version, XENVER_PAGESIZE, 0, 0, 0, PAGE},
        {XEN_xen_version, 99, 0, 0, 0, -XEN_ENOSYS},
        {XEN_fpu_taskswitch, 0, 0, 0, 0, 0},
        {XEN_vm_assist, 0, 77, 0, 0, -XEN_EINVAL},
        {11, 0, 0, 0, 0, -XEN_ENOSYS},
        {XEN_multicall, 0, 0, 0, 0, -XEN_EINVAL},
        {XEN_iret, 0, 0, 0, 0, -XEN_EINVAL}};
    return all[dice(7)];
}

static void several(void)
{
    struct call c[CALLS_MOST];
    uint32_t n = 2 + dice(CALLS_MOST - 2);
    for (uint32_t i = 0; i < n; i++)
        c[i] = some_call();
    say("multicall of %u\n", n);
    int rc = ask_all(c, n);
    say("= %d:", rc);
    for (uint32_t i = 0; i < n; i++)
        say(" %d", c[i].answer);
    say("\n");
}

static void wrong_as_a_whole(void)
{
    say("multicall of none\n");
    ask((struct call){XEN_multicall, XEN_VIRT_START, 0, 0, 0, 0});
    say("multicall of calls where the guest has no memory\n");
    ask((struct call){XEN_multicall, XEN_VIRT_START, 1, 0, 0, -XEN_EFAULT});
    say("multicall of too many\n");
    ask((struct call){XEN_multicall, 0, XEN_MMU_BATCH + 1 + dice(9), 0, 0,
                      -XEN_EINVAL});
}

/* The second answer could not be written: nothing is done, and not the first
 * call either. */
static void nowhere_to_answer(void)
{
    struct xen_multicall *call =
        (struct xen_multicall *)(void *)(home(POOL - 1) - 8);
    *call = (struct xen_multicall){XEN_xen_version, 7, {XENVER_PAGESIZE}};
    set_home(POOL - 1, PTE_P);
    say("multicall of 2, the second on a read-only page\n");
    ask((struct call){XEN_multicall, (uint32_t)call, 2, 0, 0, -XEN_EFAULT});
    say("the first one's result: %u\n", call->result);
    set_home(POOL - 1, PTE_P | PTE_W);
}

void lesson(void)
{
    start();
    for (uint32_t i = 0; i < ROUNDS; i++)
        several();
    wrong_as_a_whole();
    nowhere_to_answer();
    say_end();
}
