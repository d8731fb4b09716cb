/*
 * contain.c - a hostile guest between two neighbours, on one machine.
 *
 *     contain NEIGHBOUR PARA-NEIGHBOUR [GUEST TECHNIQUE ENDS]...
 *
 * Job:    run each GUEST between the neighbours and say, as a TAP line,
 *         whether it was contained. ENDS is how it must end: "success",
 *         "limit" (it never does), or words of the reason why it is stopped.
 * Parts:  the machine; the watch; what must be true; alone; together.
 *
 * Contained means all of this:
 *
 *   it ends as it must; and an unmodified guest has said, to the byte, what
 *   it says on a bare machine of its own;
 *   both neighbours say what they say alone, and succeed;
 *   the audit finds nothing, after any exit;
 *   the bytes of the monitor that never change did not;
 *   each byte that was read, written or run outside ring 0 was the running
 *   guest's own: seen access by access, in a second run that must be the same.
 *
 * Exit status 0: all were. 1: what went wrong stands before the TAP line.
 */
#include "../../../vmm/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUESTS 3
#define ATTACKER 1 /* the second of them */
#define OUTPUT_MAX 16384
#define LIMIT 60000000u
#define AUDITED 300u /* exits that are audited whole; then every 64th */
#define MHZ 40u      /* short turns, and many of them */

struct place {
    struct monitor *m;
    struct costs costs;
    char output[GUESTS][OUTPUT_MAX];
    size_t length[GUESTS];
    char wrong[300]; /* the first thing that was; "" */
};

/* ------------------------------------------------------------ the machine */

static void see_byte(void *who, struct vm *v, enum output_channel ch,
                     uint8_t byte)
{
    struct place *p = who;
    uint32_t n = vm_id(v) - 1;
    (void)ch;
    if (p->length[n] < OUTPUT_MAX - 1) {
        p->output[n][p->length[n]++] = (char)byte;
    }
}

static void see_exit(void *who, struct monitor *m, const struct exit_record *x)
{
    struct place *p = who;
    if (!*p->wrong && (x->number < AUDITED || x->number % 64 == 0)) {
        monitor_audit(m, p->wrong, sizeof p->wrong);
    }
}

/* Of the kind that a technique of the neighbours needs: for the others it is
 * as classic. */
static struct place *place_new(void)
{
    struct place *p = calloc(1, sizeof *p);
    char err[256];
    if (!p || costs_load(&p->costs, "p4-vt", err, sizeof err) != 0) {
        exit(2);
    }
    p->costs.mhz = MHZ;
    struct monitor_config cfg = {
        .kind = CPU_VIRTUALIZABLE,
        .costs = &p->costs,
        .ram_size = 32u << 20,
        .observer = {.who = p, .exit = see_exit, .output = see_byte}};
    p->m = monitor_new(&cfg, err, sizeof err);
    return p;
}

static void place_free(struct place *p)
{
    monitor_free(p->m);
    free(p);
}

static struct vm *add(struct place *p, const char *image, const char *technique)
{
    char err[256];
    struct vm_config cfg = {.technique = technique_find(technique),
                            .image = image,
                            .memory = 8u << 20};
    struct vm *v = monitor_add_vm(p->m, &cfg, err, sizeof err);
    if (!v) {
        printf("# %s\n", err);
        exit(2);
    }
    return v;
}

/* -------------------------------------------------------------- the watch */

/* Where the processor itself goes, on its way through a gate. */
static bool is_the_processors(uint32_t at, bool write)
{
    return (!write && at < WORLD_STUBS) ||
           (at >= WORLD_STACK - PAGE_SIZE && at < WORLD_STACK) ||
           at < WORLD_IDT; /* the accessed bits of descriptors */
}

/* The frame that an access used: what the TLB has comes first, though the
 * tables may say something else by now. */
static bool frame_used(const struct cpu *c, uint32_t at, enum access a,
                       mpa_t *out)
{
    unsigned slot = at >> PAGE_SHIFT & (TLB_SIZE - 1);
    struct walk w = cpu_walk(c, (gva_t){at}, a, false);
    *out = w.frame;
    if ((c->tlb->frame[slot] & TLB_VALID) &&
        c->tlb->page[slot] == (at & ~PAGE_MASK)) {
        out->v = c->tlb->frame[slot];
        return true;
    }
    return w.ok;
}

/* May the running guest use the page of `at`? */
static bool is_its(struct monitor *m, uint32_t at, enum access a)
{
    mpa_t frame;
    if (!frame_used(m->cpu, at, a, &frame)) {
        return false;
    }
    const struct frame_info *f = frame_info(m, frame);
    return f && ((f->kind == FRAME_GUEST && f->owner == m->current) ||
                 (f->kind == FRAME_SHARED && a == ACCESS_READ));
}

static void note_escape(struct place *p, const struct cpu *c, const char *what,
                        uint32_t at)
{
    if (!*p->wrong) {
        snprintf(p->wrong, sizeof p->wrong,
                 "in ring %u at %08x, VM %u %s %08x, which is not its", c->cpl,
                 c->eip, p->m->current->id, what, at);
    }
}

static void see_access(void *who, struct cpu *c, gva_t at, unsigned size,
                       bool write, uint32_t value)
{
    struct place *p = who;
    uint32_t state = at.v - WORLD_STATE; /* translated code's, by GS */
    (void)size;
    (void)value;
    if (c->cpl == 0 || c != p->m->cpu) {
        return;
    }
    bool own =
        state < WORLD_STATE_PAGES * PAGE_SIZE && c->seg[SEG_CS].sel == CACHE_CS;
    if (own || (at.v >= MONITOR_BASE && is_the_processors(at.v, write))) {
        return;
    }
    if (!is_its(p->m, at.v, write ? ACCESS_WRITE : ACCESS_READ)) {
        note_escape(p, c, write ? "writes" : "reads", at.v);
    }
}

static void see_instruction(void *who, struct cpu *c, const struct insn *in)
{
    struct place *p = who;
    uint32_t at = c->seg[SEG_CS].base + c->eip;
    (void)in;
    if (c->cpl == 0 || c != p->m->cpu || c->seg[SEG_CS].sel == CACHE_CS) {
        return;
    }
    if (!is_its(p->m, at, ACCESS_READ)) {
        note_escape(p, c, "runs", at);
    }
}

/* ------------------------------------------------------ what must be true */

static void fail(bool *ok, const char *what, const char *more)
{
    printf("# %s%s%s\n", what, *more ? ": " : "", more);
    *ok = false;
}

static void check_end(const struct vm *v, const char *ends, bool *ok)
{
    char end[200];
    if (vm_state(v) == VM_EXITED) {
        snprintf(end, sizeof end, "%s",
                 vm_exit_status(v) == 0 ? "success" : "failure");
    } else {
        snprintf(end, sizeof end, "%s", *vm_why(v) ? vm_why(v) : "limit");
    }
    if (!strstr(end, ends)) {
        fail(ok, "the hostile guest's end", end);
    }
}

/* What no run changes: the stubs, and the page of null descriptors. */
static uint32_t sum_of(struct monitor *m)
{
    const mpa_t page[] = {
        {m->world->table[(WORLD_STUBS - MONITOR_BASE) >> PAGE_SHIFT]},
        m->world->null_page};
    uint32_t sum = 0;
    for (size_t k = 0; k < sizeof page / sizeof *page; k++) {
        const uint8_t *byte = frame_bytes(m, page[k]);
        for (uint32_t i = 0; i < PAGE_SIZE; i++) {
            sum = sum * 31 + byte[i];
        }
    }
    return sum;
}

static bool neighbours_ended(const struct place *p)
{
    return vm_state(monitor_vm(p->m, 0)) >= VM_EXITED &&
           vm_state(monitor_vm(p->m, 2)) >= VM_EXITED;
}

static bool run_all(struct place *p, const char *ends)
{
    struct monitor *m = p->m;
    uint32_t sum = sum_of(m);
    bool ok = true;
    while (monitor_clock(m) < LIMIT) {
        struct run_until u = {.cycle = monitor_clock(m) + LIMIT / 20};
        bool over = monitor_run(m, &u) == STOP_ALL_ENDED;
        if (over || (neighbours_ended(p) && strcmp(ends, "limit") == 0)) {
            break;
        }
    }
    if (!*p->wrong) {
        monitor_audit(m, p->wrong, sizeof p->wrong);
    }
    if (*p->wrong) {
        fail(&ok, "not contained", p->wrong);
    }
    if (sum_of(m) != sum) {
        fail(&ok, "bytes of the monitor's have changed", "");
    }
    check_end(monitor_vm(m, ATTACKER), ends, &ok);
    return ok;
}

/* What guest n said must be what it said there. */
static void compare(const struct place *p, int n, const struct place *there,
                    int k, const char *what, bool *ok)
{
    if (strcmp(p->output[n], there->output[k]) != 0) {
        fail(ok, what, p->output[n]);
        printf("# and not: %s\n", there->output[k]);
    }
}

/* ------------------------------------------------------------------ alone */

static struct place *run_alone(const char *image, const char *technique)
{
    struct place *p = place_new();
    struct run_until u = {.cycle = LIMIT};
    add(p, image, technique);
    monitor_run(p->m, &u);
    return p;
}

/* --------------------------------------------------------------- together */

/* The neighbours: what they are, and what they say alone. */
struct neighbours {
    const char *image[2], *technique[2];
    struct place *alone[2];
};

static struct place *together(const struct neighbours *n, const char *image,
                              const char *technique)
{
    struct place *p = place_new();
    add(p, n->image[0], n->technique[0]);
    add(p, image, technique);
    add(p, n->image[1], n->technique[1]);
    return p;
}

static bool check(const struct neighbours *n, const char *image,
                  const char *technique, const char *ends)
{
    struct place *p = together(n, image, technique);
    struct place *seen = together(n, image, technique);
    struct cpu_hooks hooks = {
        .who = seen, .before = see_instruction, .memory = see_access};
    seen->m->cpu->hooks = &hooks;
    bool ok = run_all(p, ends);
    bool runs = strcmp(technique, "emulate") != 0; /* on the processor */
    ok = (!runs || run_all(seen, ends)) && ok;
    compare(p, 0, n->alone[0], 0, "a neighbour says", &ok);
    compare(p, 2, n->alone[1], 0, "a neighbour says", &ok);
    if (runs && strcmp(ends, "limit") != 0) {
        compare(seen, ATTACKER, p, ATTACKER, "watched, it says", &ok);
    }
    if (strcmp(ends, "limit") != 0 && strcmp(technique, "para") != 0) {
        struct place *bare = run_alone(image, "bare");
        compare(p, ATTACKER, bare, 0, "it says", &ok);
        place_free(bare);
    }
    place_free(p);
    place_free(seen);
    return ok;
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
    bool all = argc > 3 && argc % 3 == 0;
    if (!all) {
        fputs("contain NEIGHBOUR PARA-NEIGHBOUR [GUEST TECHNIQUE ENDS]...\n",
              stderr);
        return 2;
    }
    struct neighbours n = {.image = {argv[1], argv[2]},
                           .technique = {"full", "para"}};
    for (int i = 0; i < 2; i++) {
        n.alone[i] = run_alone(n.image[i], n.technique[i]);
    }
    for (int i = 3; i < argc; i += 3) {
        bool ok = check(&n, argv[i], argv[i + 1], argv[i + 2]);
        printf("%s %d - %.*s under %s: contained\n", ok ? "ok" : "not ok",
               i / 3, (int)strcspn(name_of(argv[i]), "."), name_of(argv[i]),
               argv[i + 1]);
        fflush(stdout);
        all = all && ok;
    }
    place_free(n.alone[0]);
    place_free(n.alone[1]);
    return all ? 0 : 1;
}
