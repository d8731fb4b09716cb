/*
 * version.c - the hypercalls that answer questions or only take note.
 *
 * Job:    xen_version, memory_op's questions, vm_assist, fpu_taskswitch,
 *         physdev_op.
 *
 * The answers say what this interface is: Xen 3.0's for x86_32 without PAE,
 * page tables written by hypercall, A and D bits kept when asked.
 */
#include "para.h"

#include <stdio.h>

#define VERSION_MAJOR 3u
#define VERSION_MINOR 0u

/* The text's whole fixed-size field, zeros after it. */
static int answer_text(struct para *p, uint32_t at, const char *text,
                       uint32_t size)
{
    char field[1024] = {0};
    snprintf(field, sizeof(field), "%s", text);
    return copy_out(p, at, field, size);
}

static int answer_features(struct para *p, uint32_t at)
{
    struct xen_features f;
    int rc = copy_in(p, &f, at, sizeof(f));
    if (rc != 0)
        return rc;
    if (f.index > 0)
        return -XEN_EINVAL;
    f.bits = 1u << XEN_FEATURE_PRESERVE_AD;
    return copy_out(p, at, &f, sizeof(f));
}

int64_t do_xen_version(struct para *p, const uint32_t *arg)
{
    static const uint32_t virt_start = XEN_VIRT_START;
    exit_note(&p->vm->exit, "xen_version: question %u", arg[0]);
    switch (arg[0]) {
    case XENVER_VERSION:
        return VERSION_MAJOR << 16 | VERSION_MINOR;
    case XENVER_EXTRAVERSION:
        return answer_text(p, arg[1], "-ringside", 16);
    case XENVER_CAPABILITIES:
        return answer_text(p, arg[1], XEN_MAGIC, 1024);
    case XENVER_CHANGESET:
        return answer_text(p, arg[1], "unavailable", 64);
    case XENVER_PLATFORM_PARAMETERS:
        return copy_out(p, arg[1], &virt_start, sizeof(virt_start));
    case XENVER_GET_FEATURES:
        return answer_features(p, arg[1]);
    case XENVER_PAGESIZE:
        return PAGE_SIZE;
    default:
        return -XEN_ENOSYS;
    }
}

int64_t do_memory_op(struct para *p, const uint32_t *arg)
{
    uint32_t last = p->vm->monitor->ram.size / PAGE_SIZE - 1;
    struct xen_machphys_mapping map = {XEN_VIRT_START, XEN_M2P_END, last};
    exit_note(&p->vm->exit, "memory_op: question %u", arg[0]);
    switch (arg[0]) {
    case XENMEM_MAXIMUM_RAM_PAGE:
        return last;
    case XENMEM_CURRENT_RESERVATION:
    case XENMEM_MAXIMUM_RESERVATION:
        return p->vm->pages;
    case XENMEM_MACHPHYS_MAPPING:
        return copy_out(p, arg[1], &map, sizeof(map));
    default:
        return -XEN_ENOSYS;
    }
}

/* Both assists that exist here are always on: flat segments are cut at the
 * hole (descriptors.c), and writes to page tables may be emulated. */
int64_t do_vm_assist(struct para *p, const uint32_t *arg)
{
    bool known = arg[1] == XEN_VMASST_4GB_SEGMENTS ||
                 arg[1] == XEN_VMASST_WRITABLE_PAGE_TABLES;
    (void)p;
    if (arg[0] > XEN_VMASST_DISABLE)
        return -XEN_ENOSYS;
    return known ? 0 : -XEN_EINVAL;
}

int64_t do_fpu_taskswitch(struct para *p, const uint32_t *arg)
{
    set_task_switched(p, arg[0] != 0);
    return 0;
}

/* Linux asks for IOPL 1 as it starts. No port is any guest's, so the
 * answer changes nothing. */
int64_t do_physdev_op(struct para *p, const uint32_t *arg)
{
    uint32_t iopl;
    if (arg[0] != XEN_PHYSDEV_SET_IOPL)
        return -XEN_ENOSYS;
    int rc = copy_in(p, &iopl, arg[1], sizeof(iopl));
    if (rc != 0)
        return rc;
    return iopl <= 3 ? 0 : -XEN_EINVAL;
}
