/*
 * `ringside theorem`: every critical row has a live demonstration, of that
 * row, and each shows a difference. What the bare machine must answer is the
 * scene's own state, by the manual; only what is demonstrated is compared.
 */
#include "../../debugger/demo.h"

#include <criterion/criterion.h>
#include <string.h>

static bool shown(enum insn_id id, struct demo *out)
{
    for (size_t i = 0; demo_run(i, out); i++) {
        if (out->id == id) {
            return true;
        }
    }
    return false;
}

Test(theorem_demo, every_critical_row_is_demonstrated_and_no_other)
{
    struct demo d;
    for (int id = 1; id < INSN_COUNT; id++) {
        bool critical = insn_is_critical(CPU_CLASSIC, false, (enum insn_id)id);
        cr_expect_eq(shown((enum insn_id)id, &d), critical, "%s",
                     insn_rows[id].id);
    }
}

Test(theorem_demo, each_shows_a_difference)
{
    struct demo d;
    for (size_t i = 0; demo_run(i, &d); i++) {
        cr_expect(strcmp(d.bare, d.guest) != 0, "%s: %s", insn_rows[d.id].id,
                  d.bare);
        cr_expect(demo_kernel_deceived(&d) || d.told, "%s", d.insn);
        cr_expect_not(strncmp(d.bare, "a fault", 7) == 0, "%s", d.insn);
    }
}

/* SDM 2: PUSHF, POPF, SGDT, LAR, MOV; 3A 5.5, 5.8. */
Test(theorem_demo, the_well_known_ones_say_what_the_manual_says)
{
    struct demo d;
    cr_assert(shown(I_POPF, &d));
    cr_assert_str_eq(d.bare, "IF becomes 0");
    cr_assert_str_eq(d.guest, "IF becomes 1");
    cr_assert(shown(I_SGDT_Ms, &d));
    cr_assert_str_eq(d.bare, "base 00001000, limit 003f");
    cr_assert_str_eq(d.guest, "base 00001800, limit 00ff");
    cr_assert(shown(I_PUSH_CS, &d));
    cr_assert_str_eq(d.bare, "it pushes 00000008");
    cr_assert_str_eq(d.guest, "it pushes 00000009");
    cr_assert(shown(I_IRET, &d));
    cr_assert(d.told, "#GP: a return to an inner ring");
}

/* Robin and Irvine's are met by programs, too: those that show registers. */
Test(theorem_demo, a_program_is_deceived_by_what_shows_the_tables)
{
    static const enum insn_id yes[] = {I_SGDT_Ms, I_SIDT_Ms, I_SLDT_RvMw,
                                       I_STR_RvMw, I_SMSW_RvMw};
    static const enum insn_id no[] = {I_PUSHF, I_POPF, I_PUSH_CS, I_INT_Ib,
                                      I_LAR_Gv_Ew};
    struct demo d;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        cr_assert(shown(yes[i], &d) && demo_program_deceived(&d), "%s",
                  insn_rows[yes[i]].id);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        cr_assert(shown(no[i], &d) && !demo_program_deceived(&d), "%s",
                  insn_rows[no[i]].id);
    }
}
