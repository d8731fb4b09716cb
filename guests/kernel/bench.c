/*
 * bench.c - workloads inside the kernel.
 */
#include "kernel.h"

#define PAGES 64u
#define WINDOW 0x10000000u /* above any program's heap */

/* Map PAGES pages and unmap them, `rounds` times; all show one frame. The
 * entries are queued and flushed together: a monitor may take them in one. */
void bench_entries(uint32_t rounds)
{
    uint32_t frame = frame_take();
    struct space *s = &current->space;
    space_map(s, WINDOW, frame, PTE_P | PTE_W | PTE_U); /* its table */
    uint32_t *entry = space_entry(s, WINDOW);
    for (uint32_t r = 0; r < rounds; r++) {
        for (uint32_t i = 1; i < PAGES; i++)
            ops_set_entry(&entry[i],
                          ops_make_entry(frame, PTE_P | PTE_W | PTE_U));
        ops_flush_entries();
        for (uint32_t i = 1; i < PAGES; i++) {
            volatile uint32_t *word = (volatile uint32_t *)(WINDOW + i * PAGE);
            *word = *word + i;
        }
        for (uint32_t i = 1; i < PAGES; i++)
            ops_set_entry(&entry[i], 0);
        space_load(s); /* which forgets them all */
    }
    space_unmap(s, WINDOW);
}
