/*
 * Adaptive translation: what traps often is called out, and copied again when
 * that is for nothing.
 */
#include "../../vmm/techniques/translate/translate.h"
#include "full_vm.h"

/* Page tables at 0x200000 and 0x201000, 4 MiB as they are; paging on. */
#define PAGING                                                                 \
    0xbf, LE32(0x201000u), 0xb8, LE32(7u), 0xb9, LE32(1024u), 0xab, 0x05,      \
        LE32(4096u), 0xe2, 0xf8, 0xc7, 0x05, LE32(0x200000u), LE32(0x201007u), \
        0xb8, LE32(0x200000u), 0x0f, 0x22, 0xd8, 0x0f, 0x20, 0xc0, 0x0d,       \
        LE32(0x80010000u), 0x0f, 0x22, 0xc0

/*
 * One instruction writes 100 words into a page-table entry in use, and then
 * so many at `second`: mov esi, at; mov ecx, n; call writer, twice.
 */
static void open_writer(struct full_vm *f, uint32_t second, uint32_t times)
{
    static const uint8_t head[] = {PAGING, 0xbc, LE32(0x180000u)};
    const uint32_t part[2][2] = {{0x201c40u, 100}, {second, times}};
    uint8_t code[256];
    size_t n = sizeof head;
    memcpy(code, head, n);
    for (int i = 0; i < 2; i++) {
        uint32_t to = 200 - ((uint32_t)n + 15);
        const uint8_t call[] = {0xbe, LE32(part[i][0]), 0xb9, LE32(part[i][1]),
                                0xe8, LE32(to)};
        memcpy(code + n, call, sizeof call);
        n += sizeof call;
    }
    memcpy(code + n, "\xb0\x00\xe6\xf4", 4);       /* out 0xf4, 0 */
    memcpy(code + 200, "\x89\x16\xe2\xfc\xc3", 5); /* l: mov [esi], edx */
    full_open(f, "translate", code, 205);
    cr_assert_eq(full_run(f), STOP_ALL_ENDED);
    cr_assert_eq(vm_state(f->v), VM_EXITED, "%s", vm_why(f->v));
}

Test(translate_adapt, what_traps_often_is_called_out)
{
    struct full_vm f;
    unsigned faults = 0, callouts = 0;
    open_writer(&f, 0x201c44, 1);
    for (unsigned i = 0; i < f.exits && i < SEEN; i++) {
        const struct exit_record *x = &f.seen[i];
        if (x->reason == EXIT_pt_write && x->eip == CODE + 200) {
            faults += x->vector == VEC_PF;
            callouts += x->vector == CALLOUT_VECTOR;
        }
    }
    cr_assert_eq(faults, 8);
    cr_assert_eq(callouts, 93);
    cr_assert_eq(translator_of(f.v)->counts.adapted, 1);
    cr_assert_eq(translator_of(f.v)->counts.reverted, 0);
    monitor_free(f.m);
}

/* The second time it writes ordinary memory. */
Test(translate_adapt, and_copied_again_when_that_is_for_nothing)
{
    struct full_vm f;
    open_writer(&f, 0x320000, 1000);
    cr_assert_eq(translator_of(f.v)->counts.adapted, 1);
    cr_assert_eq(translator_of(f.v)->counts.reverted, 1);
    cr_assert_eq(full_count(&f, EXIT_callout), 16);
    monitor_free(f.m);
}
