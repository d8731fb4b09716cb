/*
 * model.c - who uses what as what.
 *
 * Job:    say what Xen's rules of page types make of a request
 *         (docs/PARAVIRT.md), in the plainest way. Nothing here asks anybody.
 * Parts:  the list of uses; requests.
 */
#include "model.h"

enum { BY_PIN = ALL_FRAMES, BY_CR3, BY_MONITOR };
#define USES_MOST 512u
#define FORBIDDEN (PTE_PWT | 0x10u | PTE_PS | PTE_G)

/* ---------------------------------------------------------- the uses */

static struct use {
    uint8_t by, what, as;
} use[USES_MOST];
static uint32_t uses;
static uint32_t content[FRAMES][SLOTS];
static uint32_t root = ROOT;

static bool is_ours(uint32_t frame)
{
    return frame < FRAMES;
}

enum as type_of(uint32_t frame)
{
    for (uint32_t i = 0; i < uses; i++)
        if (use[i].what == frame && use[i].as != READ)
            return use[i].as;
    return READ;
}

bool is_pinned(uint32_t frame)
{
    for (uint32_t i = 0; i < uses; i++)
        if (use[i].what == frame && use[i].by == BY_PIN)
            return true;
    return false;
}

static void add(uint32_t by, uint32_t what, enum as as)
{
    if (uses == USES_MOST)
        quit(9);
    use[uses++] = (struct use){(uint8_t)by, (uint8_t)what, (uint8_t)as};
}

static int take(uint32_t by, uint32_t what, enum as as);

/* What an entry of a table uses. */
static int take_entry(uint32_t table, enum as level, uint32_t e)
{
    if (!(e & PTE_P))
        return 0;
    if (e & FORBIDDEN)
        return -XEN_EINVAL;
    if (level == L2)
        return take(table, e >> 12, L1);
    return take(table, e >> 12, e & PTE_W ? WRITABLE : READ);
}

uint32_t slots_of(enum as level)
{
    return level == L2 ? HOLE : SLOTS;
}

/* All that a table's entries use, or nothing. */
static int take_all(uint32_t table, enum as level)
{
    uint32_t before = uses;
    for (uint32_t i = 0; i < slots_of(level); i++) {
        int rc = take_entry(table, level, content[table][i]);
        if (rc != 0) {
            uses = before;
            return rc;
        }
    }
    return 0;
}

static int take(uint32_t by, uint32_t what, enum as as)
{
    enum as now = is_ours(what) ? type_of(what) : READ;
    if (!is_ours(what))
        return -XEN_EPERM;
    if (as != READ && now != READ && now != as)
        return -XEN_EBUSY;
    add(by, what, as);
    if (as == READ || as == WRITABLE || now == as)
        return 0;
    int rc = take_all(what, as);
    if (rc != 0)
        uses--;
    return rc;
}

static void forget(uint32_t i)
{
    uses--;
    for (; i < uses; i++)
        use[i] = use[i + 1];
}

/* One use goes; a table's last one takes what it uses with it. */
static void drop(uint32_t by, uint32_t what, enum as as)
{
    uint32_t i = 0;
    while (use[i].by != by || use[i].what != what || use[i].as != as)
        i++;
    forget(i);
    if (as < L1 || type_of(what) != READ)
        return;
    for (i = 0; i < uses;) {
        struct use u = use[i];
        if (u.by == what) {
            drop(u.by, u.what, (enum as)u.as);
            i = 0;
        } else {
            i++;
        }
    }
    for (i = HOLE; as == L2 && i < SLOTS; i++)
        content[what][i] = 0; /* the monitor's entries go again */
}

/* -------------------------------------------- requests, by the model */

int model_replace(uint32_t table, uint32_t slot, uint32_t e)
{
    if (!is_ours(table))
        return -XEN_EPERM;
    enum as level = type_of(table);
    if (level < L1)
        return -XEN_EINVAL;
    if (slot >= slots_of(level))
        return -XEN_EPERM;
    uint32_t old = content[table][slot];
    int rc = take_entry(table, level, e);
    if (rc != 0)
        return rc;
    content[table][slot] = e;
    if (!(old & PTE_P))
        return 0;
    drop(table, old >> 12,
         level == L2           ? L1
         : (old & PTE_W) != 0u ? WRITABLE
                               : READ);
    return 0;
}

int model_update(const struct update *u)
{
    uint32_t e = u->entry;
    if (u->too_high)
        return -XEN_EINVAL;
    if (u->command == XEN_MMU_MACHPHYS_UPDATE)
        return is_ours(u->table) ? 0 : -XEN_EPERM;
    if (u->command > XEN_MMU_PT_UPDATE_PRESERVE_AD)
        return -XEN_ENOSYS;
    if (u->command == XEN_MMU_PT_UPDATE_PRESERVE_AD && is_ours(u->table))
        e |= content[u->table][u->slot] & (PTE_A | PTE_D);
    return model_replace(u->table, u->slot, e);
}

static int model_pin(uint32_t frame, enum as level)
{
    if (!is_ours(frame))
        return -XEN_EPERM;
    return is_pinned(frame) ? -XEN_EINVAL : take(BY_PIN, frame, level);
}

static int model_unpin(uint32_t frame)
{
    if (!is_ours(frame))
        return -XEN_EPERM;
    if (!is_pinned(frame))
        return -XEN_EINVAL;
    drop(BY_PIN, frame, type_of(frame));
    return 0;
}

static int model_base(uint32_t frame)
{
    int rc = take(BY_CR3, frame, L2);
    if (rc != 0)
        return rc;
    drop(BY_CR3, root, L2);
    root = frame;
    return 0;
}

int model_op(const struct op *o)
{
    switch (o->command) {
    case XEN_MMUEXT_PIN_L1_TABLE:
        return model_pin(o->frame, L1);
    case XEN_MMUEXT_PIN_L2_TABLE:
        return model_pin(o->frame, L2);
    case XEN_MMUEXT_UNPIN_TABLE:
        return model_unpin(o->frame);
    case XEN_MMUEXT_NEW_BASEPTR:
        return model_base(o->frame);
    default:
        return -XEN_ENOSYS;
    }
}

void model_begin(void)
{
    add(BY_PIN, ROOT, L2);
    add(BY_CR3, ROOT, L2);
    add(ROOT, TABLE, L1);
    add(BY_MONITOR, SHARED, WRITABLE);
    content[ROOT][0] = entry(TABLE, PTE_P | PTE_W | PTE_U);
    for (uint32_t i = 0; i < POOL; i++) {
        content[TABLE][i] = entry(i, PTE_P | PTE_W);
        add(TABLE, i, WRITABLE);
    }
}

uint32_t model_entry(uint32_t frame, uint32_t slot)
{
    return content[frame][slot];
}

void model_put(uint32_t frame, uint32_t slot, uint32_t e)
{
    content[frame][slot] = e;
}
