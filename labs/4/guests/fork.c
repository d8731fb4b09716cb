/*
 * fork - processes made and ended, on a PC and on the monitor.
 *
 * A process is an address space of PAGES pages at USER. A fork copies its page
 * table and makes all pages read-only, for both; the child writes to some, and
 * the kernel copies those on the fault; at the child's end the parent's
 * become writable again. The work is the same on both; what it takes to
 * write an entry is not: there a MOV, here a place in a queue.
 */
#include "pv.h"

SEEDED;

#define FORKS (6 + SEED % 4)
#define PAGES (32 + SEED % 8)
#define WRITES (2 + SEED % 3) /* pages that a child writes to */

#define USER 0x40000000u
#define FIRST 16u /* pages of memory that nobody has */
#define KEEP (PTE_P | PTE_U)

typedef uint32_t *table_t;

static uint32_t next_page = FIRST;
static table_t kernel_directory, parent, parent_table, child, child_table;
static uint32_t parent_pages; /* the first; the others follow */
static table_t current_table; /* of USER */

static uint32_t *page_at(uint32_t number)
{
    return (uint32_t *)(number * PAGE);
}
static uint32_t number_of(const uint32_t *page)
{
    return (uint32_t)page / PAGE;
}
static uint32_t *new_page(void)
{
    uint32_t *p = page_at(next_page++), *to = p, n = PAGE / 4;
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(0) : "memory");
    return p;
}

/* ------------------------------------- entries, at once or in the queue */

#define QUEUE 128u
static struct xen_mmu_update update[QUEUE];
static struct xen_mmuext_op op[4];
static struct xen_multicall call[8];
static uint32_t updates, ops, calls;

static uint32_t machine(const void *at)
{
    uint32_t page = (uint32_t)at / PAGE;
    return (is_para ? P2M[page] : page) * PAGE | (uint32_t)at % PAGE;
}

/* One more for the call that was queued last, or for a new one. */
static void queue(uint32_t number, void *element)
{
    if (calls == 0 || call[calls - 1].op != number)
        call[calls++] = (struct xen_multicall){
            number, 0, {(uint32_t)element, 0, 0, XEN_DOMID_SELF}};
    call[calls - 1].args[1]++;
}

static void set_entry(uint32_t *at, uint32_t e)
{
    if (!is_para) {
        *at = e;
        return;
    }
    update[updates] = (struct xen_mmu_update){machine(at), e};
    queue(XEN_mmu_update, &update[updates++]);
}

static void command(uint32_t what, const uint32_t *table)
{
    op[ops] = (struct xen_mmuext_op){what, machine(table) / PAGE, 0};
    queue(XEN_mmuext_op, &op[ops++]);
}

static void flush_queue(void)
{
    if (calls && hypercall(XEN_multicall, (uint32_t)call, calls, 0, 0) != 0)
        quit(2);
    for (uint32_t i = 0; i < calls; i++)
        if (call[i].result != 0) {
            say("a request of mine was refused: %d\n", call[i].result);
            quit(3);
        }
    updates = ops = calls = 0;
}

static void load(const uint32_t *directory)
{
    if (is_para) {
        command(XEN_MMUEXT_NEW_BASEPTR, directory);
        flush_queue();
    } else {
        __asm__ volatile("mov %0, %%cr3" ::"r"(directory) : "memory");
    }
}

/* ----------------------------------------------------- tables, made and gone
 */

/* A page's own mapping, in the table that the kernel's directory has. */
static void keep_from_writing(const uint32_t *page, bool readonly)
{
    uint32_t *kernel_table = is_para ? (uint32_t *)(info->pt_base + PAGE) : 0;
    if (is_para)
        set_entry(&kernel_table[number_of(page)],
                  machine(page) | PTE_P | (readonly ? 0 : PTE_W));
}

static void tables_made(const uint32_t *directory, const uint32_t *table)
{
    keep_from_writing(directory, true);
    keep_from_writing(table, true);
    if (is_para)
        command(XEN_MMUEXT_PIN_L2_TABLE, directory);
}

static void tables_gone(const uint32_t *directory, const uint32_t *table)
{
    if (is_para)
        command(XEN_MMUEXT_UNPIN_TABLE, directory);
    keep_from_writing(directory, false);
    keep_from_writing(table, false);
    flush_queue();
}

static void new_space(table_t *directory, table_t *table)
{
    *directory = new_page();
    *table = new_page();
    (*directory)[0] = kernel_directory[0];
    (*directory)[USER >> 22] = machine(*table) | PTE_P | PTE_W | PTE_U;
}

/* ---------------------------------------------------------------- processes */

static uint32_t first_free; /* what the child takes is given back */

static void forks(void)
{
    first_free = next_page;
    new_space(&child, &child_table);
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t e = machine(page_at(parent_pages + i)) | KEEP;
        child_table[i] = e;
        set_entry(&parent_table[i], e);
    }
    tables_made(child, child_table);
    current_table = child_table;
    load(child);
}

static void child_ends(void)
{
    for (uint32_t i = 0; i < PAGES; i++)
        set_entry(&parent_table[i],
                  machine(page_at(parent_pages + i)) | KEEP | PTE_W);
    current_table = parent_table;
    load(parent);
    tables_gone(child, child_table);
    next_page = first_free;
}

/* Copy on write. */
static uint32_t on_write(uint32_t address, uint32_t error, uint32_t eip)
{
    uint32_t slot = (address - USER) / PAGE;
    if (error != 3 || slot >= PAGES) {
        say("page fault at %x, error %x\n", address, error);
        quit(4);
    }
    uint32_t *copy = page_at(next_page++), *to = copy, n = PAGE / 4;
    const uint32_t *from = page_at(parent_pages + slot);
    __asm__ volatile("rep movsl" : "+S"(from), "+D"(to), "+c"(n)::"memory");
    uint32_t e = machine(copy) | KEEP | PTE_W;
    if (is_para) {
        hypercall(XEN_update_va_mapping, address, e, 0, XEN_UVMF_INVLPG);
    } else {
        current_table[slot] = e;
        __asm__ volatile("invlpg (%0)" ::"r"(address) : "memory");
    }
    return eip;
}

static uint32_t seen; /* of everything that anybody saw, in order */

static uint32_t sum_of_all(void)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < PAGES; i++)
        sum = sum * 31 + *(volatile uint32_t *)(USER + i * PAGE + 4 * i);
    return sum;
}

static void child_runs(uint32_t number)
{
    uint32_t at = dice(PAGES);
    for (uint32_t i = 0; i < WRITES; i++) {
        uint32_t page = (at + 5 * i) % PAGES;
        *(volatile uint32_t *)(USER + page * PAGE + 4 * page) = number * 1000;
    }
    seen = seen * 31 + sum_of_all();
}

/* ------------------------------------------------------------------- start */

/* On a PC the kernel makes what the monitor makes for the other: a table of
 * the first 4 MiB; and turns paging on, with CR0.WP. */
static void start_paging(void)
{
    if (is_para) {
        kernel_directory = (uint32_t *)info->pt_base;
        return;
    }
    kernel_directory = new_page();
    uint32_t *table = new_page(), cr0;
    for (uint32_t i = 0; i < 1024; i++)
        table[i] = i * PAGE | PTE_P | PTE_W;
    kernel_directory[0] = machine(table) | PTE_P | PTE_W;
    load(kernel_directory);
    __asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("mov %0, %%cr0" ::"r"(cr0 | 0x80010000) : "memory");
}

static void first_process(void)
{
    new_space(&parent, &parent_table);
    parent_pages = next_page;
    for (uint32_t i = 0; i < PAGES; i++) {
        uint32_t *page = new_page();
        page[i] = dice(1000000);
        parent_table[i] = machine(page) | KEEP | PTE_W;
    }
    tables_made(parent, parent_table);
    current_table = parent_table;
    load(parent);
}

void lesson(void)
{
    take_faults(on_write);
    start_paging();
    first_process();
    for (uint32_t i = 0; i < FORKS; i++) {
        forks();
        child_runs(i + 1);
        child_ends();
        *(volatile uint32_t *)USER += i;
        seen = seen * 31 + sum_of_all();
    }
    say("%x\n", seen);
}
