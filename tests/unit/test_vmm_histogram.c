/*
 * The table that `stat` prints: where buckets begin and end, the median of an
 * even and an odd number, the order of equal reasons; one exit is counted
 * once, with all its phases.
 */
#include "../../vmm/vmm.h"

#include <criterion/criterion.h>

Test(histogram, a_bucket_begins_at_a_power_of_two)
{
    cr_assert_eq(histogram_bucket(0), 0);
    cr_assert_eq(histogram_bucket(1), 0);
    for (unsigned k = 1; k < COST_BUCKETS; k++) {
        cr_assert_eq(histogram_bucket(UINT64_C(1) << k), k);
        cr_assert_eq(histogram_bucket((UINT64_C(1) << k) - 1), k - 1);
    }
    cr_assert_eq(histogram_bucket(UINT64_C(1) << COST_BUCKETS),
                 COST_BUCKETS - 1);
    cr_assert_eq(histogram_bucket(UINT64_MAX), COST_BUCKETS - 1);
}

Test(histogram, an_exit_costs_the_sum_of_its_phases)
{
    struct histogram h = {.count = {0}};
    struct exit_record x = {.reason = EXIT_io};
    for (unsigned ph = 0; ph < PHASE_COUNT; ph++) {
        x.phase[ph] = ph + 1;
    }
    uint64_t cost = PHASE_COUNT * (PHASE_COUNT + 1) / 2;
    histogram_exit(&h, &x);
    histogram_exit(&h, &x);
    cr_assert_eq(h.count[EXIT_io], 2);
    cr_assert_eq(h.cycles[EXIT_io], 2 * cost);
    cr_assert_eq(h.spread[EXIT_io][histogram_bucket(cost)], 2);
    cr_assert_eq(h.count[EXIT_hlt], 0);
}

Test(histogram, the_median_is_the_lower_of_two)
{
    struct histogram h = {.count = {0}};
    cr_assert_eq(histogram_median(&h, EXIT_io), -1, "none occurred");
    h.count[EXIT_io] = 4;
    h.spread[EXIT_io][3] = 2;
    h.spread[EXIT_io][9] = 2;
    cr_assert_eq(histogram_median(&h, EXIT_io), 3, "the second of four");
    h.count[EXIT_io] = 5;
    h.spread[EXIT_io][20] = 1;
    cr_assert_eq(histogram_median(&h, EXIT_io), 9, "the third of five");
}

Test(histogram, the_dearest_is_first_and_equals_keep_their_order)
{
    uint64_t count[EXIT_COUNT] = {0}, cycles[EXIT_COUNT] = {0};
    cr_assert_eq(dearest_reason(count, cycles, 0), -1);
    count[EXIT_io] = count[EXIT_hlt] = count[EXIT_iret] = 1;
    cycles[EXIT_io] = 100;
    cycles[EXIT_hlt] = cycles[EXIT_iret] = 700;
    cycles[EXIT_cr] = 9000; /* and no exit: it has no place */
    cr_assert_eq(dearest_reason(count, cycles, 0), EXIT_iret);
    cr_assert_eq(dearest_reason(count, cycles, 1), EXIT_hlt);
    cr_assert_eq(dearest_reason(count, cycles, 2), EXIT_io);
    cr_assert_eq(dearest_reason(count, cycles, 3), -1);
}
