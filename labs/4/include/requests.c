/*
 * requests.c - asked of the monitor, and of the model.
 *
 * Job:    make a hypercall, and know what must come of it. On a PC nobody
 *         answers, and what the model says is told to the grader.
 */
#include "requests.h"

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
    to->val = keeps ? M2P[frame_number(u->table)] : real_entry(u->entry);
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
                         real_entry(e),         0,
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
    uint32_t e = frame < TABLES ? model_entry(frame, 0) : 0;
    return e >> 12 == TABLE && (e & PTE_W);
}

void say_update(const struct update *u)
{
    static const char *const command[] = {"", " (M2P)", " (keep A, D)", " (?)"};
    say("mmu_update%s: table %s, slot %u = frame %s, flags %x%s\n",
        command[u->command], name_of(u->table), slot_number(u->table, u->slot),
        name_of(u->entry >> 12), u->entry & 0xfff, u->too_high ? ", high" : "");
}
