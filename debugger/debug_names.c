/*
 * debug_names.c - what names in expressions mean: the guest's registers, the
 * machine's, the fields of an exit, the time; memory and page tables.
 *
 * Parts:  the names; their values; memory; finding a name.
 *
 * A name's number is its place in one of three lists.
 */
#include "debug.h"

#include <string.h>

/* ------------------------------------------------------------------ names */

enum { GUEST = 0, MACHINE = 100, FIELD = 200, TIME = 300, LIST = 100 };

static const char *const registers[] = {
    "eax", "ecx", "edx",  "ebx",  "esp",  "ebp",  "esi",    "edi", "eip",
    "es",  "cs",  "ss",   "ds",   "fs",   "gs",   "eflags", "cr0", "cr2",
    "cr3", "cr4", "ring", "gdtr", "idtr", "ldtr", "tr"};
/* What gdb calls them, where the guest has no symbol of that name. */
static const struct {
    const char *name;
    uint8_t place; /* in registers */
} gdbs[] = {{"pc", 8}, {"sp", 4}, {"fp", 5}};
static const char *const fields[] = {
    "reason", "cost",   "vm",    "port",        "address",  "count", "vector",
    "error",  "detail", "start", "disposition", "realring", "ring",  "eip"};
static const char *const times[] = {"cycle", "exits", "marker", "hits"};

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
enum { REASON = FIELD, DISPOSITION = FIELD + 10 };
enum { FIELD_RING = 12 }; /* from here on an exit's own, in filters alone */

const char *debug_register_name(size_t i)
{
    return i < COUNT(registers) ? registers[i] : NULL;
}

const char *debug_name(size_t i)
{
    const size_t r = COUNT(registers), f = FIELD_RING;
    if (i < r) {
        return registers[i];
    }
    if (i < r + f) {
        return fields[i - r];
    }
    return i < r + f + COUNT(times) ? times[i - r - f] : NULL;
}

/* ------------------------------------------------------------- their values */

static int64_t register_value(const struct virtual_cpu *c, uint32_t i)
{
    const uint32_t rest[] = {c->eflags,   c->cr0,   c->cr2,       c->cr3,
                             c->cr4,      c->cpl,   c->gdtr.base, c->idtr.base,
                             c->ldtr.sel, c->tr.sel};
    if (i < 8) {
        return c->reg[i];
    }
    if (i == 8) {
        return c->eip;
    }
    return i < 9 + SEG_COUNT ? c->seg[i - 9].sel : rest[i - 9 - SEG_COUNT];
}

static int64_t field_value(const struct past_exit *x, uint32_t i)
{
    const int64_t values[] = {
        x->reason,       (int64_t)x->cost,
        x->vm,           x->reason == EXIT_io ? (int64_t)x->detail : -1,
        x->address,      x->count,
        x->vector,       x->error,
        x->detail,       (int64_t)x->start,
        x->disposition,  x->real_ring,
        x->virtual_ring, x->eip};
    return values[i];
}

/* The exit that is asked for, or the last; NULL: there was none. */
static const struct past_exit *the_exit(const struct debug *d)
{
    uint64_t n = d->last.number;
    if (d->field || n == 0 || n > d->past.exits) {
        return d->field;
    }
    return &d->past.exit[n - 1];
}

static bool value(void *who, uint32_t name, int64_t *out)
{
    struct debug *d = who;
    struct virtual_cpu c;
    const int64_t now[] = {(int64_t)debug_clock(d), (int64_t)d->last.number,
                           d->marker, d->hit ? (int64_t)d->hit->hits : 0};
    if (name >= TIME) {
        *out = now[name - TIME];
        return true;
    }
    if (name >= FIELD) {
        const struct past_exit *x = the_exit(d);
        if (x) {
            *out = field_value(x, name - FIELD);
        }
        return x != NULL;
    }
    if (name >= MACHINE) {
        virtual_cpu_of(monitor_cpu(d->session.monitor), &c);
        name -= MACHINE;
    } else {
        vm_virtual_cpu(d->vm, &c);
    }
    *out = register_value(&c, name);
    return true;
}

/* ----------------------------------------------------------------- memory */

static bool read_physical(struct debug *d, gpa_t at, unsigned size,
                          int64_t *out)
{
    mpa_t where;
    *out = 0;
    if (!vm_machine(d->vm, at, &where)) {
        return false;
    }
    watch_note(d, where, size);
    return cpu_phys_read(monitor_cpu(d->session.monitor), where, out, size);
}

/* The guest's own tables, as SDM 3A 4.3 and 4.4 have them; both levels. */
static bool guest_entry(struct debug *d, uint32_t at, bool table, int64_t *out)
{
    struct virtual_cpu c;
    gpa_t entry;
    vm_virtual_cpu(d->vm, &c);
    bool pae = c.cr4 & CR4_PAE;
    unsigned size = pae ? 8 : 4, shift = pae ? 21 : 22;
    uint32_t mask = pae ? 511 : 1023;
    if (!(c.cr0 & CR0_PG)) {
        return false;
    }
    entry.v = c.cr3 & ~PAGE_MASK;
    if (pae) {
        gpa_t pointer = {(c.cr3 & ~31u) + (at >> 30) * 8};
        if (!read_physical(d, pointer, 8, out) || !(*out & PTE_P)) {
            return false;
        }
        entry.v = (uint32_t)*out & ~PAGE_MASK;
    }
    entry.v += (at >> shift & mask) * size;
    if (!read_physical(d, entry, size, out) || !table) {
        return !table && *out >= 0;
    }
    if (!(*out & PTE_P) || (*out & PTE_PS)) {
        *out = 0; /* no table: no entry */
        return true;
    }
    entry.v = ((uint32_t)*out & ~PAGE_MASK) + (at >> PAGE_SHIFT & mask) * size;
    return read_physical(d, entry, size, out);
}

/* Of one page: the bytes, and the guest's entries that lead there. */
static void note_virtual(struct debug *d, uint32_t at, unsigned size)
{
    int64_t entry;
    gpa_t physical;
    mpa_t where;
    guest_entry(d, at, true, &entry);
    if (vm_translate(d->vm, (gva_t){at}, &physical) &&
        vm_machine(d->vm, physical, &where)) {
        watch_note(d, where, size);
    }
}

static bool read_virtual(struct debug *d, uint32_t at, unsigned size,
                         int64_t *out)
{
    unsigned room = PAGE_SIZE - (at & PAGE_MASK);
    unsigned first = size < room ? size : room;
    if (d->noting) {
        note_virtual(d, at, first);
    }
    if (d->noting && first < size) {
        note_virtual(d, at + first, size - first);
    }
    return vm_peek(d->vm, (gva_t){at}, out, size) == size;
}

static bool load(void *who, enum expr_space space, uint32_t at, unsigned size,
                 int64_t *out)
{
    struct debug *d = who;
    const struct cpu *c = monitor_cpu(d->session.monitor);
    *out = 0;
    switch (space) {
    case SPACE_VIRTUAL:
        return read_virtual(d, at, size, out);
    case SPACE_PHYSICAL:
        return read_physical(d, (gpa_t){at}, size, out);
    case SPACE_MACHINE:
        watch_note(d, (mpa_t){at}, size);
        return cpu_phys_read(c, (mpa_t){at}, out, size);
    case SPACE_REAL_PTE:
        *out = (int64_t)cpu_walk(c, (gva_t){at}, ACCESS_READ, false).pte;
        return true;
    default:
        return guest_entry(d, at, space == SPACE_PTE, out);
    }
}

/* ---------------------------------------------------------- finding a name */

/* Its place in the list, or -1. */
static int place_in(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], word) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool found(int place, uint32_t list, uint32_t *name)
{
    *name = list + (uint32_t)place;
    return place >= 0;
}

/* A reason's or a disposition's name stands for its number. */
static bool listed(const struct name_text *names, int count, const char *word,
                   int64_t *number)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i].name, word) == 0) {
            *number = i;
            return true;
        }
    }
    return false;
}

static bool reason_called(const char *word, int64_t *number)
{
    *number = EXIT_guest_pf;
    return strcmp(word, "pf") == 0 ||
           listed(exit_names, EXIT_COUNT, word, number);
}

/* A symbol of the guest comes before what an exit's fields are called, but
 * in a filter of exits. */
static enum expr_word find(void *who, const char *word, int beside,
                           uint32_t *name, int64_t *number)
{
    struct debug *d = who;
    gva_t at;
    if ((beside == REASON && reason_called(word, number)) ||
        (beside == DISPOSITION &&
         listed(disposition_names, DISPOSITION_COUNT, word, number))) {
        return WORD_NUMBER;
    }
    if ((d->filtering &&
         found(place_in(fields, COUNT(fields), word), FIELD, name)) ||
        found(place_in(registers, COUNT(registers), word), GUEST, name) ||
        (strncmp(word, "real.", 5) == 0 &&
         found(place_in(registers, COUNT(registers), word + 5), MACHINE,
               name))) {
        return WORD_NAME;
    }
    if (vm_symbol(d->vm, word, &at) || debug_program_name(d, word, &at.v)) {
        *number = at.v;
        return WORD_NUMBER;
    }
    if (found(place_in(fields, FIELD_RING, word), FIELD, name) ||
        found(place_in(times, COUNT(times), word), TIME, name)) {
        return WORD_NAME;
    }
    for (size_t i = 0; i < COUNT(gdbs); i++) {
        if (strcmp(gdbs[i].name, word) == 0) {
            *name = GUEST + gdbs[i].place;
            return WORD_NAME;
        }
    }
    return reason_called(word, number) ? WORD_NUMBER : WORD_NONE;
}

struct expr_world names_world(struct debug *d)
{
    return (struct expr_world){
        .who = d, .find = find, .value = value, .load = load};
}

static bool is_state(uint32_t name)
{
    return name < FIELD || name >= TIME;
}

bool expr_needs_state(const struct expr *e)
{
    return expr_any(e, is_state);
}
