/*
 * model.c - who uses what as what.
 *
 * Job:    say what Xen's rules of page types make of a request
 * (docs/PARAVIRT.md), in the plainest way; ask the monitor the same. Parts: the
 * list of uses; tables; requests by the model; the same frames on this machine;
 * requests.
 */
#include "model.h"

enum { BY_PIN = ALL_FRAMES, BY_CR3, BY_MONITOR };
#define USES_MOST 512u
#define FIRST_HOME 16u /* page number */
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

static uint32_t slots_of(enum as level)
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

static int model_replace(uint32_t table, uint32_t slot, uint32_t e)
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

static int model_update(const struct update *u)
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

/* ------------------------------------------ the frames, on this machine */

static uint32_t foreign; /* a frame's number */

uint32_t frame_number(uint32_t frame)
{
    const uint32_t *directory = (const uint32_t *)info->pt_base;
    switch (frame) {
    case TABLE:
        return directory[0] >> 12;
    case ROOT:
        return P2M[info->pt_base / PAGE];
    case SHARED:
        return info->shared_info / PAGE;
    case FOREIGN:
        return foreign;
    case NOWHERE:
        return 0xffff0;
    default:
        return P2M[FIRST_HOME + frame];
    }
}

static uint32_t frame_of(uint32_t number)
{
    for (uint32_t i = 0; i < ALL_FRAMES; i++)
        if (frame_number(i) == number)
            return i;
    return 0xff;
}

const char *name_of(uint32_t frame)
{
    static const char *const name[] = {
        "0",  "1",  "2",     "3",    "4",      "5",       "6",
        "7",  "8",  "9",     "10",   "11",     "12",      "13",
        "14", "15", "TABLE", "ROOT", "SHARED", "FOREIGN", "NOWHERE"};
    return name[frame];
}

uint32_t slot_number(uint32_t table, uint32_t slot)
{
    static const uint16_t number[SLOTS] = {
        0, 1, 2, 3, 7, 8, 64, 100, 255, 256, 511, 512, 900, 1007, 1008, 1023};
    return table == TABLE ? FIRST_HOME + slot : number[slot];
}

uint32_t *home(uint32_t frame)
{
    return (uint32_t *)((FIRST_HOME + frame) * PAGE);
}

bool is_home_writable(uint32_t frame)
{
    return content[TABLE][frame] & PTE_W;
}

/* To what the processor reads, and back. */
static uint32_t real(uint32_t e)
{
    return e & PTE_P ? frame_number(e >> 12) << 12 | (e & 0xfff) : e;
}
static uint32_t unreal(uint32_t e)
{
    return e & PTE_P ? entry(frame_of(e >> 12), e & 0xfff) : e;
}

void put_entry(uint32_t frame, uint32_t slot, uint32_t e)
{
    content[frame][slot] = e;
    if (is_para)
        home(frame)[slot_number(frame, slot)] = real(e);
}

static uint32_t *table_bytes(uint32_t frame)
{
    switch (frame) {
    case TABLE:
        return (uint32_t *)(info->pt_base + PAGE);
    case ROOT:
        return (uint32_t *)info->pt_base;
    default:
        return home(frame);
    }
}

uint32_t get_entry(uint32_t frame, uint32_t slot)
{
    if (!is_para)
        return content[frame][slot];
    return unreal(table_bytes(frame)[slot_number(frame, slot)]);
}

void model_start(void)
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
    while (is_para &&
           (M2P[foreign] != 0xffffffffu || foreign == info->shared_info / PAGE))
        foreign++;
}

/* --------------------------------------------------------- the digest */

/* Of what all tables hold, but for bits that the processor sets. Never 0. */
static uint32_t digest(void)
{
    uint32_t sum = 1;
    for (uint32_t f = 0; f < ROOT + 1; f++) {
        if (f == TABLES)
            f = POOL; /* what windows show is not what is in them */
        uint32_t n = slots_of(type_of(f));
        for (uint32_t i = 0; i < n; i++) {
            uint32_t e = get_entry(f, i);
            if (f >= POOL || e >> 12 == TABLE)
                e &= ~(PTE_A | PTE_D);
            sum = (sum << 5 | sum >> 27) * 33 ^ e;
        }
    }
    return sum ? sum : 1;
}

/* ------------------------------------------------------------ requests */

#define UPDATES_MOST 64u
static uint32_t before; /* the digest, until the request is made */
static struct xen_mmu_update real_update[UPDATES_MOST];
static uint32_t updates;
static struct xen_mmuext_op real_op[UPDATES_MOST];
static uint32_t ops;
static uint32_t count[CALLS_MOST], counts;

/* The model is about to do something that is not asked for yet. */
static void prepare(void)
{
    if (before == 0)
        before = digest();
}

static void made(void)
{
    before = updates = ops = counts = 0;
}

static void fill_update(struct xen_mmu_update *to, const struct update *u)
{
    uint32_t slot = slot_number(u->table, u->slot) * 4;
    bool keeps = u->command == XEN_MMU_MACHPHYS_UPDATE && u->table < FRAMES;
    to->ptr = (uint64_t)u->too_high << 32 |
              (frame_number(u->table) << 12 | slot | u->command);
    to->val = keeps ? M2P[frame_number(u->table)] : real(u->entry);
}

struct call an_update(const struct update *u, uint32_t n, uint32_t **done)
{
    struct call c = {XEN_mmu_update,
                     (uint32_t)&real_update[updates],
                     n,
                     (uint32_t)&count[counts],
                     XEN_DOMID_SELF,
                     0};
    prepare();
    *done = &count[counts++];
    for (uint32_t i = 0; is_para && i < n; i++)
        fill_update(&real_update[updates++], &u[i]);
    uint32_t good = 0;
    while (good < n && (c.answer = model_update(&u[good])) == 0)
        good++;
    **done = is_para ? ~0u : good;
    return c;
}

const void *real_request(const struct update *u)
{
    if (is_para)
        fill_update(&real_update[0], u);
    return &real_update[0];
}

static int model_op(const struct op *o)
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

struct call some_ops(const struct op *o, uint32_t n, uint32_t **done)
{
    struct call c = {XEN_mmuext_op,
                     (uint32_t)&real_op[ops],
                     n,
                     (uint32_t)&count[counts],
                     XEN_DOMID_SELF,
                     0};
    prepare();
    *done = &count[counts++];
    for (uint32_t i = 0; is_para && i < n; i++)
        real_op[ops++] =
            (struct xen_mmuext_op){o[i].command, frame_number(o[i].frame), 0};
    uint32_t good = 0;
    while (good < n && (c.answer = model_op(&o[good])) == 0)
        good++;
    **done = is_para ? ~0u : good;
    return c;
}

static struct call an_op(uint32_t command, uint32_t frame)
{
    struct op o = {command, frame};
    uint32_t *done;
    return some_ops(&o, 1, &done);
}

struct call a_pin(uint32_t frame, enum as level)
{
    return an_op(
        level == L1 ? XEN_MMUEXT_PIN_L1_TABLE : XEN_MMUEXT_PIN_L2_TABLE, frame);
}
struct call an_unpin(uint32_t frame)
{
    return an_op(XEN_MMUEXT_UNPIN_TABLE, frame);
}
struct call a_base(uint32_t frame)
{
    return an_op(XEN_MMUEXT_NEW_BASEPTR, frame);
}

struct call a_mapping(uint32_t frame, uint32_t e)
{
    prepare();
    return (struct call){XEN_update_va_mapping, (uint32_t)home(frame),
                         is_para ? real(e) : e, 0,
                         XEN_UVMF_INVLPG,       model_replace(TABLE, frame, e)};
}

static uint32_t answers; /* a sum of all */

int ask(struct call c)
{
    prepare();
    uint32_t was = before;
    int answer = c.answer;
    made();
    if (is_para)
        answer = ask_monitor(c.op, c.a, c.b, c.c, c.d, was);
    else
        tell_grader(c.op, answer, was);
    answers = answers * 31 + (uint32_t)answer;
    return answer;
}

void say_end(void)
{
    say("tables %x, answers %x\n", digest(), answers);
}

int ask_all(struct call *c, uint32_t n)
{
    static struct xen_multicall real_call[CALLS_MOST];
    for (uint32_t i = 0; i < n; i++)
        real_call[i] = (struct xen_multicall){
            c[i].op, 0x5a5a5a5a, {c[i].a, c[i].b, c[i].c, c[i].d}};
    int rc = ask((struct call){XEN_multicall, (uint32_t)real_call, n, 0, 0, 0});
    for (uint32_t i = 0; is_para && i < n; i++)
        c[i].answer = (int)real_call[i].result;
    return rc;
}

int update_one(uint32_t table, uint32_t slot, uint32_t e)
{
    struct update u = {table, slot, e, XEN_MMU_NORMAL_PT_UPDATE, 0};
    uint32_t *done;
    return ask(an_update(&u, 1, &done));
}
int set_home(uint32_t frame, uint32_t flags)
{
    return ask(a_mapping(frame, entry(frame, flags)));
}
int pin(uint32_t frame, enum as level)
{
    return ask(a_pin(frame, level));
}
int unpin(uint32_t frame)
{
    return ask(an_unpin(frame));
}
int new_base(uint32_t frame)
{
    return ask(a_base(frame));
}

uint32_t real_entry(uint32_t e)
{
    return is_para ? real(e) : e;
}

bool by_plain_write(uint32_t table, uint32_t slot, uint32_t e)
{
    return type_of(table) == L1 && model_replace(table, slot, e) == 0;
}

/* -------------------------------------------------------------- by chance */

uint32_t some_frame(void)
{
    return dice(4) ? dice(POOL) : POOL + dice(ALL_FRAMES - POOL);
}

uint32_t some_flags(void)
{
    static const uint32_t flags[] = {PTE_P,
                                     PTE_P | PTE_W,
                                     PTE_P | PTE_W,
                                     0,
                                     PTE_P | PTE_W | PTE_U,
                                     PTE_P | PTE_U,
                                     PTE_P | PTE_G,
                                     PTE_P | PTE_W | PTE_PS,
                                     PTE_P | PTE_PWT};
    return flags[dice(9)];
}

bool can_live_in(uint32_t frame)
{
    uint32_t e = frame < TABLES ? content[frame][0] : 0;
    return e >> 12 == TABLE && (e & PTE_W);
}

void say_update(const struct update *u)
{
    static const char *const command[] = {"", " (M2P)", " (keep A, D)", " (?)"};
    say("mmu_update%s: table %s, slot %u = frame %s, flags %x%s\n",
        command[u->command], name_of(u->table), slot_number(u->table, u->slot),
        name_of(u->entry >> 12), u->entry & 0xfff, u->too_high ? ", high" : "");
}
