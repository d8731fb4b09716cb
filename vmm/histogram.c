/*
 * histogram.c - exits read as cost: by reason, how many, how dear, how spread.
 *
 * Job:    what `ringside stat` prints of a run, and in what order. It sees
 *         exits only after they are complete, and changes nothing of the run.
 *
 * Simplified: buckets are powers of two, so a median is known to a factor of
 * two. The books (ledger.c) have each reason's least and most exactly.
 */
#include "vmm.h"

void histogram_exit(struct histogram *h, const struct exit_record *x)
{
    /*@lab 0 histogram_exit
     * Count one exit: its reason's count, its reason's cycles (an exit costs
     * the sum of its phases), and the bucket of its reason that it falls in.
     *@stub
     *  (void)h;
     *  (void)x;
     *  lab_todo("histogram_exit");
     */
    uint64_t cost = exit_cost(x);
    h->count[x->reason]++;
    h->cycles[x->reason] += cost;
    h->spread[x->reason][histogram_bucket(cost)]++;
    /*@end*/
}

unsigned histogram_bucket(uint64_t cost)
{
    /*@lab 0 histogram_bucket
     * The k for which 2^k <= cost < 2^(k+1); 0 for a cost of 0; and the last
     * bucket, COST_BUCKETS - 1, for all that is dearer. Until you write it,
     * everything is in bucket 0.
     *@stub
     *  (void)cost;
     *  return 0;
     */
    unsigned k = 0;
    while (k + 1 < COST_BUCKETS && cost >> (k + 1)) {
        k++;
    }
    return k;
    /*@end*/
}

int histogram_median(const struct histogram *h, enum exit_reason reason)
{
    /*@lab 0 histogram_median
     * The bucket of the median exit of that reason. Of n exits in the order
     * of their costs it is number (n + 1) / 2, counted from 1: the third of
     * five, and of four the second. -1 if there was none.
     *@stub
     *  (void)h;
     *  (void)reason;
     *  return -1;
     */
    uint64_t seen = 0, middle = (h->count[reason] + 1) / 2;
    for (int k = 0; k < COST_BUCKETS && middle > 0; k++) {
        seen += h->spread[reason][k];
        if (seen >= middle) {
            return k;
        }
    }
    return -1;
    /*@end*/
}

/*@hide 0*/
/* Does `a` come before `b`? */
static bool is_dearer(const uint64_t cycles[], int a, int b)
{
    return cycles[a] != cycles[b] ? cycles[a] > cycles[b] : a < b;
}
/*@end*/

int dearest_reason(const uint64_t count[EXIT_COUNT],
                   const uint64_t cycles[EXIT_COUNT], int n)
{
    /*@lab 0 dearest_reason
     * The reason whose exits took the n-th most cycles together, n from 0.
     * Only reasons with a count are in the order; of two that took the same
     * the lower number comes first. -1 if n of them or fewer occurred.
     *@stub
     *  (void)count;
     *  (void)cycles;
     *  (void)n;
     *  return -1;
     */
    for (int r = 0; r < EXIT_COUNT; r++) {
        int before = 0;
        for (int other = 0; other < EXIT_COUNT; other++) {
            before += count[other] > 0 && is_dearer(cycles, other, r);
        }
        if (count[r] > 0 && before == n) {
            return r;
        }
    }
    return -1;
    /*@end*/
}
