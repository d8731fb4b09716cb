/*
 * hypercall.c - from a number in EAX to the function that does it.
 *
 * Job:    the hypercall page, the table, the call, multicall.
 *
 * A guest calls stub n of the hypercall page:
 *
 *   n * 32:   b8 nn nn nn nn   mov eax, n
 *             cd 82            int 0x82      its gate has DPL 1
 *             c3               ret
 *
 * but iret's stub pushes EAX first and never returns. Arguments are in EBX,
 * ECX, EDX, ESI and EDI; the answer comes in EAX.
 */
#include "para.h"

#include <string.h>

#define STUBS (PAGE_SIZE / XEN_HYPERCALL_STUB)

static const struct hypercall rows[STUBS] = {
#define missing NULL
#define HYPERCALL(number, id, function, text) [number] = {#id, text, function},
#include "hypercalls.def"
#undef HYPERCALL
#undef missing
};

const struct hypercall *hypercall_row(uint32_t number)
{
    return number < STUBS && rows[number].name ? &rows[number] : NULL;
}

int32_t hypercall_do(struct para *p, uint32_t number, const uint32_t arg[6])
{
    charge_exit(p->vm, PHASE_emulate, PRICE_vmm_hypercall, 1);
    /*@lab 4 hypercall_do
     * Find the row, note its name (exit_note), run it. No row, or a row that
     * has no function: -XEN_ENOSYS.
     *@stub
     *  (void)number;
     *  (void)arg;
     *  lab_todo("hypercall_do");
     */
    const struct hypercall *h = hypercall_row(number);
    if (!h || !h->run) {
        exit_note(&p->vm->exit, "%s: we lack it, -ENOSYS",
                  h ? h->name : "no such hypercall");
        return -XEN_ENOSYS;
    }
    exit_note(&p->vm->exit, "%s", h->name);
    return (int32_t)h->run(p, arg);
    /*@end*/
}

void hypercall_page(uint8_t page[PAGE_SIZE])
{
    static const uint8_t stub[] = {0xb8, 0, 0, 0, 0, 0xcd, 0x82, 0xc3};
    static const uint8_t iret[] = {0x50, 0xb8, XEN_iret, 0, 0, 0, 0xcd, 0x82};
    memset(page, 0xcc, PAGE_SIZE);
    for (unsigned i = 0; i < STUBS; i++) {
        uint8_t *at = page + i * XEN_HYPERCALL_STUB;
        memcpy(at, stub, sizeof(stub));
        at[1] = (uint8_t)i;
    }
    memcpy(page + XEN_iret * XEN_HYPERCALL_STUB, iret, sizeof(iret));
}

/* Those that leave the caller cannot be one of several. */
static bool may_be_one_of_many(uint32_t number)
{
    return number != XEN_multicall && number != XEN_iret;
}

/* Each entry's answer goes into the entry; the array's end is checked for
 * writing before anything is done. */
int64_t do_multicall(struct para *p, const uint32_t *arg)
{
    /*@lab 4 do_multicall
     * arg: the address of an array of struct xen_multicall, and how many.
     * More than XEN_MMU_BATCH: -XEN_EINVAL. An array that cannot be written
     * to its end (may_write): -XEN_EFAULT, and nothing is done. Then, one
     * after the other: copy_in the call, hypercall_do it if it
     * may_be_one_of_many (else it is -XEN_EINVAL), and put its answer into its
     * own `result`, and nowhere else. One that fails stops none behind it.
     *@stub
     *  (void)may_be_one_of_many;
     *  (void)p;
     *  (void)arg;
     *  lab_todo("do_multicall");
     */
    struct xen_multicall call;
    uint32_t at = arg[0], n = arg[1];
    if (n > XEN_MMU_BATCH)
        return -XEN_EINVAL;
    int rc = may_write(p, at, n * (uint32_t)sizeof(call));
    for (uint32_t i = 0; rc == 0 && i < n; i++, at += (uint32_t)sizeof(call)) {
        rc = copy_in(p, &call, at, sizeof(call));
        if (rc != 0)
            return rc;
        int32_t answer = may_be_one_of_many(call.op)
                             ? hypercall_do(p, call.op, call.args)
                             : -XEN_EINVAL;
        uint32_t at_result =
            at + (uint32_t)offsetof(struct xen_multicall, result);
        rc = copy_out(p, at_result, &answer, sizeof(answer));
    }
    exit_note(&p->vm->exit, "multicall: %u calls", n);
    return rc;
    /*@end*/
}
