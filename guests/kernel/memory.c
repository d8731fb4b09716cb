/*
 * memory.c - physical frames, and address spaces made of them.
 *
 * A frame may be shared by several spaces after a fork: it has a count. The
 * upper quarter of every space is the kernel's: the same tables in each, all
 * of physical memory at KERNEL_BASE. Page tables are read directly, through
 * that window, and written by ops_set_entry: a paravirtual kernel may look
 * at its tables, but not write them.
 */
#include "kernel.h"

#define FRAMES_MAX 16384u /* 64 MiB */

static uint8_t count[FRAMES_MAX]; /* uses of each frame; 255: not ours */
static uint32_t frames;           /* how many there are */
static uint32_t next;             /* where to look first */
static uint32_t unused;
static uint32_t boot_directory;

void memory_init(const struct boot *b)
{
    frames = b->memory / PAGE;
    if (frames > FRAMES_MAX)
        frames = FRAMES_MAX;
    next = (b->first_free + PAGE - 1) / PAGE;
    memset(count, 255, next);
    unused = frames - next;
    boot_directory = b->directory;
}

uint32_t frames_free(void)
{
    return unused;
}

uint32_t frame_take(void)
{
    for (uint32_t tries = 0; tries < frames; tries++) {
        uint32_t f = next;
        next = next + 1 < frames ? next + 1 : 0;
        if (count[f] == 0) {
            count[f] = 1;
            unused--;
            memset(kernel_address(f * PAGE), 0, PAGE);
            return f * PAGE;
        }
    }
    panic("out of memory: all %u frames are in use", frames);
}

void frame_share(uint32_t frame)
{
    count[frame / PAGE]++;
}

void frame_drop(uint32_t frame)
{
    if (--count[frame / PAGE] == 0)
        unused++;
}

/* ---------------------------------------------------------------- spaces */

#define DIRECTORY_INDEX(linear) ((linear) >> 22)
#define TABLE_INDEX(linear) (((linear) >> 12) & 1023)
#define KERNEL_INDEX DIRECTORY_INDEX(KERNEL_BASE)

/* The table behind directory entry `index`, in the kernel's window. */
static uint32_t *table_of(const struct space *s, uint32_t index)
{
    const uint32_t *directory = kernel_address(s->directory);
    if (!(directory[index] & PTE_P))
        return NULL;
    return kernel_address(ops_entry_address(directory[index]));
}

uint32_t *space_entry(const struct space *s, uint32_t linear)
{
    uint32_t *table = table_of(s, DIRECTORY_INDEX(linear));
    return table ? &table[TABLE_INDEX(linear)] : NULL;
}

void space_new(struct space *s)
{
    s->directory = frame_take();
    uint32_t *to = kernel_address(s->directory);
    const uint32_t *from = kernel_address(boot_directory);
    memcpy(to + KERNEL_INDEX, from + KERNEL_INDEX, (1024 - KERNEL_INDEX) * 4);
    ops_table_made(s->directory, 2);
}

/* Give `linear` a page table, if it has none yet. */
static void need_table(struct space *s, uint32_t linear)
{
    uint32_t index = DIRECTORY_INDEX(linear);
    uint32_t *directory = kernel_address(s->directory);
    if (directory[index] & PTE_P)
        return;
    uint32_t table = frame_take();
    ops_table_made(table, 1);
    ops_set_entry(&directory[index],
                  ops_make_entry(table, PTE_P | PTE_W | PTE_U));
    ops_flush_entries();
}

void space_map(struct space *s, uint32_t linear, uint32_t frame, uint32_t flags)
{
    need_table(s, linear);
    ops_set_entry(space_entry(s, linear), ops_make_entry(frame, flags));
    ops_flush_entries();
}

void space_unmap(struct space *s, uint32_t linear)
{
    uint32_t *entry = space_entry(s, linear);
    uint32_t old = entry ? *entry : 0;
    if (!(old & PTE_P))
        return;
    ops_set_entry(entry, 0);
    ops_flush_page(linear);
    ops_flush_entries();
    frame_drop(ops_entry_address(old));
}

/* Share one table's pages: both sides read-only, until one of them writes. */
static void share_table(struct space *to, uint32_t *table, uint32_t base)
{
    uint32_t made = frame_take();
    uint32_t *copy = kernel_address(made);
    for (uint32_t i = 0; i < 1024; i++) {
        uint32_t entry = table[i];
        if (!(entry & PTE_P))
            continue;
        if (entry & PTE_W) {
            entry = (entry & ~PTE_W) | PTE_COW;
            ops_set_entry(&table[i], entry);
        }
        copy[i] = entry & ~(PTE_A | PTE_D);
        frame_share(ops_entry_address(entry));
    }
    ops_table_made(made, 1);
    uint32_t *directory = kernel_address(to->directory);
    ops_set_entry(&directory[base],
                  ops_make_entry(made, PTE_P | PTE_W | PTE_U));
}

void space_copy(struct space *to, const struct space *from)
{
    space_new(to);
    for (uint32_t i = 0; i < KERNEL_INDEX; i++) {
        uint32_t *table = table_of(from, i);
        if (table)
            share_table(to, table, i);
    }
    space_load(from); /* its writable pages have become read-only */
}

/* Must not be the one in use. */
void space_free(struct space *s)
{
    uint32_t tables[16], n = 0;
    for (uint32_t i = 0; i < KERNEL_INDEX; i++) {
        uint32_t *table = table_of(s, i);
        if (!table)
            continue;
        for (uint32_t k = 0; k < 1024; k++)
            if (table[k] & PTE_P)
                frame_drop(ops_entry_address(table[k]));
        tables[n++] = physical_address(table);
    }
    ops_table_dropped(s->directory, 2);
    frame_drop(s->directory);
    for (uint32_t i = 0; i < n; i++) {
        ops_table_dropped(tables[i], 1);
        frame_drop(tables[i]);
    }
    ops_flush_entries();
}

void space_load(const struct space *s)
{
    ops_load_directory(s->directory);
}

int space_protect(struct space *s, uint32_t linear, int writable)
{
    uint32_t *entry = space_entry(s, linear);
    if (!entry || !(*entry & PTE_P) || (*entry & PTE_COW))
        return -1;
    ops_set_entry(entry, writable ? *entry | PTE_W : *entry & ~PTE_W);
    ops_flush_page(linear);
    ops_flush_entries();
    return 0;
}
