/*
 * dispatch - the way in: numbers that are hypercalls, and numbers that are
 * not.
 */
#include "requests.h"

SEEDED;

#define ROUNDS (5 + SEED % 4)
#define VERSION_3_0 0x30000

/* Numbers at the seams, and any. */
static void no_such(void)
{
    static const uint32_t none[] = {11, 38, 47, 56, 127, 128, 0x7fffffff, ~0u};
    uint32_t number = dice(3) ? none[dice(8)] : 128 + dice(100000);
    say("hypercall %u: there is none\n", number);
    ask((struct call){number, 1, 2, 3, 4, -XEN_ENOSYS});
}

static void not_here(void)
{
    static const uint32_t lacking[] = {7,  19, 20, 22, 25, 27, 28,
                                       31, 34, 35, 36, 37, 48, 54};
    uint32_t number = lacking[dice(14)];
    say("hypercall %u: Xen has it, this monitor has not\n", number);
    ask((struct call){number, 0, 0, 0, 0, -XEN_ENOSYS});
}

static void asks(void)
{
    static const struct call all[] = {
        {XEN_xen_version, XENVER_VERSION, 0, 0, 0, VERSION_3_0},
        {XEN_xen_version, XENVER_PAGESIZE, 0, 0, 0, PAGE},
        {XEN_xen_version, 99, 0, 0, 0, -XEN_ENOSYS},
        {XEN_xen_version, XENVER_CAPABILITIES, XEN_VIRT_START, 0, 0,
         -XEN_EFAULT},
        {XEN_sched_op, XEN_SCHED_YIELD, 0, 0, 0, 0},
        {XEN_fpu_taskswitch, 0, 0, 0, 0, 0},
        {XEN_vm_assist, 0, 77, 0, 0, -XEN_EINVAL}};
    struct call c = all[dice(7)];
    say("hypercall %u with %x, %x\n", c.op, c.a, c.b);
    ask(c);
}

void lesson(void)
{
    start();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        no_such();
        not_here();
        asks();
        asks();
    }
    say_end();
}
