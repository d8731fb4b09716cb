/*
 * Translations as a cache: made once, chained, thrown away when the guest's
 * bytes change, flushed when there is no more room; and audited after every
 * exit (full_vm.h). That the guest cannot tell is check-translate.sh's.
 */
#include "../../vmm/techniques/translate/translate.h"
#include "full_vm.h"

#define STORE(at, v) 0xc7, 0x05, LE32(at), LE32(v) /* mov [at], v */
#define LOOP_OF(n, ...) 0xb9, LE32(n), __VA_ARGS__

static const struct cache_counts *counts(const struct full_vm *f)
{
    return &translator_of(f->v)->counts;
}

static void to_the_end(struct full_vm *f)
{
    for (int i = 0; i < 8 && full_run(f) != STOP_ALL_ENDED; i++) {
    }
    cr_assert_eq(vm_state(f->v), VM_EXITED, "%s", vm_why(f->v));
}

/* mov ecx, 100000; l: inc dword [0x310000]; loop l */
Test(translate_units, a_loop_is_translated_once_and_chained_to_itself)
{
    struct full_vm f;
    FULL_OPEN(&f, "translate",
              LOOP_OF(100000u, 0xff, 0x05, LE32(0x310000u), 0xe2, 0xf8),
              OUT_EXIT);
    to_the_end(&f);
    cr_assert_eq(full_word(&f, 0x310000), 100000);
    cr_assert_eq(full_count(&f, EXIT_chain) + full_count(&f, EXIT_translate), 2,
                 "into the loop again, and out of it");
    cr_assert_leq(counts(&f)->units, 4);
    cr_assert_leq(f.exits, 12, "%u exits", f.exits);
    monitor_free(f.m);
}

/* call f, 1000 times; f: inc eax; ret */
Test(translate_units, a_return_misses_the_table_once)
{
    struct full_vm f;
    FULL_OPEN(&f, "translate", 0xbc, LE32(0x300000u), 0x31, 0xc0,
              LOOP_OF(1000u, 0xe8, LE32(9u), 0xe2, 0xf9), 0xa3, LE32(0x310000u),
              0xeb, 2, 0x40, 0xc3, OUT_EXIT);
    to_the_end(&f);
    cr_assert_eq(full_word(&f, 0x310000), 1000);
    cr_assert_eq(full_count(&f, EXIT_indirect), 1);
    monitor_free(f.m);
}

/* The operand of an instruction of the loop grows: mov al, n. */
Test(translate_units, a_unit_whose_bytes_are_written_is_made_anew)
{
    struct full_vm f;
    FULL_OPEN(&f, "translate", 0x31, 0xdb, /* ebx = 0; ecx = 20 */
              LOOP_OF(20u, 0xb8, LE32(1u), 0x01, 0xc3, 0xff, 0x05,
                      LE32(CODE + 8), 0xe2, 0xf1),
              0x89, 0x1d, LE32(0x310000u), OUT_EXIT);
    to_the_end(&f);
    cr_assert_eq(full_word(&f, 0x310000), 20 * 21 / 2);
    cr_assert_eq(full_count(&f, EXIT_code_write), 20);
    cr_assert_geq(counts(&f)->dropped, 20);
    monitor_free(f.m);
}

/* Data in a page of code: written by the monitor, and no unit is lost. */
Test(translate_units, data_beside_code_drops_nothing)
{
    struct full_vm f;
    FULL_OPEN(&f, "translate",
              LOOP_OF(30u, 0xff, 0x05, LE32(CODE + 0x80), 0xe2, 0xf8),
              OUT_EXIT);
    to_the_end(&f);
    cr_assert_eq(full_count(&f, EXIT_code_write), 30);
    cr_assert_eq(counts(&f)->dropped, 0);
    monitor_free(f.m);
}

/*
 * 20000 units, `inc eax; jmp +0`, made at 2 MiB and run three times: more
 * than the cache or the list of units holds.
 *
 *     edi = 0x200000; ecx = 20000; eax = 0x0000eb40
 *     l: stosd; dec edi; loop l; mov byte [edi], 0xc3
 *     xor eax, eax; esi = 3; m: call 0x200000; dec esi; jnz m
 */
Test(translate_units, a_full_cache_is_flushed_and_all_goes_on)
{
    struct full_vm f;
    FULL_OPEN(&f, "translate", 0xbc, LE32(0x180000u), 0xbf, LE32(0x200000u),
              0xb8, LE32(0x0000eb40u), LOOP_OF(20000u, 0xab, 0x4f, 0xe2, 0xfc),
              0xc6, 0x07, 0xc3, 0x31, 0xc0, 0xbe, LE32(3u), 0xbb,
              LE32(0x200000u), 0xff, 0xd3, 0x4e, 0x75, 0xfb, 0xa3,
              LE32(0x310000u), OUT_EXIT);
    to_the_end(&f);
    cr_assert_eq(full_word(&f, 0x310000), 60000);
    cr_assert_geq(counts(&f)->flushes, 3);
    monitor_free(f.m);
}

/* A fault in the middle of a unit: the record has the guest's own address. */
Test(translate_units, a_fault_is_at_the_guests_instruction)
{
    struct full_vm f;
    /* nop; nop; mov eax, [0xffff0000]: no memory there; out */
    FULL_OPEN(&f, "translate", 0x90, 0x90, 0xa1, LE32(0xffff0000u), 0xa3,
              LE32(0x310000u), OUT_EXIT);
    to_the_end(&f);
    const struct exit_record *x = full_exit(&f, EXIT_limit);
    cr_assert(x);
    cr_assert_eq(x->eip, CODE + 2);
    cr_assert_eq(x->cs, 8, "the selector that the guest believes in");
    cr_assert_eq(x->insn.id, I_MOV_eAX_Ov);
    cr_assert_eq(full_word(&f, 0x310000), 0xffffffff);
    monitor_free(f.m);
}

/*
 * The timer comes every few hundred instructions, wherever the processor is:
 * in a look-up with the guest's registers put away, behind a push that is not
 * done yet. The handler counts in EBX; the sums must be right.
 *
 *     8254 at 20 kHz to vector 8; ESI = 50000
 *     l: call f; dec esi; jnz l        f: push ecx; call g; pop ecx; ret
 *     g: inc dword [0x310000]; ret
 */
Test(translate_units, an_interrupt_may_come_anywhere)
{
    struct full_vm f;
    /* clang-format off */
    static const uint8_t code[] = {
        0xbc, LE32(0x300000u),                             /* mov esp */
        0xc7, 0x05, LE32(0x1000u + 64), LE32(0x00080080u), /* gate 8 */
        0x66, 0xc7, 0x05, LE32(0x1000u + 66), 0x08, 0x00,
        0xc7, 0x05, LE32(0x1000u + 68), LE32(0x00108e00u),
        0x0f, 0x01, 0x1d, LE32(CODE + 0xa0u),              /* lidt */
        0x0f, 0x01, 0x15, LE32(CODE + 0xa8u),              /* lgdt */
        0xb0, 0x11, 0xe6, 0x20, 0xb0, 0x08, 0xe6, 0x21,    /* the 8259 */
        0xb0, 0x04, 0xe6, 0x21, 0xb0, 0x01, 0xe6, 0x21,
        0xb0, 0xfe, 0xe6, 0x21,
        0xb0, 0x34, 0xe6, 0x43,                            /* the 8254 */
        0xb0, 0x00, 0xe6, 0x40, 0xb0, 0x01, 0xe6, 0x40,
        0x31, 0xdb, 0xbe, LE32(50000u), 0xb9, LE32(77u),
        0xfb,                                              /* sti */
        0xe8, LE32(0x0fu), 0x4e, 0x75, 0xf8,               /* l */
        0xfa, 0x89, 0x1d, LE32(0x310004u),                 /* cli, and out */
        0xb0, 0, 0xe6, 0xf4, 0xf4,
        0x51, 0xe8, LE32(2u), 0x59, 0xc3,                  /* f */
        0xff, 0x05, LE32(0x310000u), 0xc3,                 /* g */
    };
    /* clang-format on */
    uint8_t all[0xd0] = {0};
    memcpy(all, code, sizeof code);
    cr_assert_leq(sizeof code, 0x80);
    /* the handler: push eax; mov al, 0x20; out 0x20, al; pop eax; inc ebx;
     * iret */
    memcpy(all + 0x80, "\x50\xb0\x20\xe6\x20\x58\x43\xcf", 8);
    memcpy(all + 0xa0, "\xff\x07\x00\x10\x00\x00", 6);
    memcpy(all + 0xa8, "\x17\x00\xb0\x00\x10\x00", 6);
    memcpy(all + 0xb8, "\xff\xff\x00\x00\x00\x9a\xcf\x00", 8);
    memcpy(all + 0xc0, "\xff\xff\x00\x00\x00\x92\xcf\x00", 8);
    full_open(&f, "translate", all, sizeof all);
    to_the_end(&f);
    cr_assert_eq(full_word(&f, 0x310000), 50000);
    cr_assert_gt(full_word(&f, 0x310004), 20, "ticks came: %u",
                 full_word(&f, 0x310004));
    monitor_free(f.m);
}

/* ------------------------------------------------------------- the audit */

/* Run into a loop and stop there; then the test spoils something. */
static void loop_for_a_while(struct full_vm *f)
{
    FULL_OPEN(f, "translate", 0xff, 0x05, LE32(0x310000u), 0xeb, 0xf8);
    struct run_until to = {.cycle = 1000000};
    cr_assert_eq(monitor_run(f->m, &to), STOP_LIMIT);
}

static bool sound(struct full_vm *f)
{
    char err[200];
    bool ok = true;
    for (int i = 0; i < 4; i++) {
        ok = ok && monitor_audit(f->m, err, sizeof err);
    }
    return ok;
}

Test(translate_units, the_audit_sees_a_sensitive_instruction_in_the_cache)
{
    struct full_vm f;
    loop_for_a_while(&f);
    struct translator *t = translator_of(f.v);
    cr_assert(sound(&f));
    cache_write(t, t->unit[t->units - 1]->at, "\x9c", 1); /* pushf */
    cr_assert_not(sound(&f));
    monitor_free(f.m);
}

Test(translate_units, the_audit_sees_a_page_that_is_not_watched)
{
    struct full_vm f;
    loop_for_a_while(&f);
    shadow_watch(&translator_of(f.v)->f, CODE >> PAGE_SHIFT, false);
    cr_assert_not(sound(&f));
    monitor_free(f.m);
}

Test(translate_units, no_entry_lets_ring_1_write_the_cache)
{
    struct full_vm f;
    loop_for_a_while(&f);
    for (uint32_t i = 0; i < WORLD_CACHE_PAGES; i++) {
        gva_t at = {WORLD_CACHE + i * PAGE_SIZE};
        cr_assert_not(cpu_walk(monitor_cpu(f.m), at, ACCESS_WRITE, false).ok);
    }
    for (int s = 0; s < SEG_COUNT; s++) { /* in the guest, at this moment */
        const struct segment *g = &monitor_cpu(f.m)->seg[s];
        bool ours = s == SEG_CS || s == SEG_GS;
        cr_assert(ours || !(g->attr & SEG_P) ||
                      g->base + g->limit < MONITOR_BASE,
                  "segment %d reaches the hole", s);
    }
    cr_assert_eq(monitor_cpu(f.m)->seg[SEG_CS].sel, CACHE_CS);
    cr_assert_not(monitor_cpu(f.m)->seg[SEG_CS].attr & 2, "it may be read");
    monitor_free(f.m);
}
