/*
 * fpu_compare.c - our x87 against the host's own, bit for bit.
 *
 *   fpu_compare CASES [SEED]
 *
 * Random cases of every x87 row of insn.def: registers of all classes
 * (fpu_generate.c), every rounding, precision and set of masks. Each runs on
 * the host's processor in this process: FRSTOR, the instruction, FNSAVE, none
 * of which waits, so that no exception is ever taken; and by our function.
 * Compared: registers, tags, control, status, EFLAGS, EAX, memory, FIP, FOP
 * and FDP. What is masked, and why, is said at the masks; docs/CONFORMANCE.md
 * lists it for people.
 *
 * Transcendental results may differ by one unit in the last place (SDM 1
 * 8.3.10); how many do is told. Exit status: 0 all agree, 1 some differ, 2
 * this host has no x87.
 */
#include "../../cpu/engine.h"
#include "fpu_generate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined __x86_64__ || defined __i386__
#include <sys/mman.h>

/* -------------------------------------------------------------- the host's */

/* SDM 1 figure 8-9 and what FNSAVE adds. */
struct image {
    uint32_t control, status, tags, ip, code, dp, data;
    uint8_t st[8][10];
};

static uint8_t *code_page, *data_page;

static void to_image(const struct fpu *f, struct image *m)
{
    *m = (struct image){.control = f->control,
                        .status = (uint32_t)(f->status | f->top << 11),
                        .ip = f->ip,
                        .code = f->cs | (uint32_t)f->opcode << 16,
                        .dp = f->dp,
                        .data = f->ds};
    for (unsigned n = 0; n < 8; n++) {
        const struct f80 *x = &f->reg[(f->top + n) & 7];
        memcpy(m->st[n], &x->frac, 8);
        memcpy(m->st[n] + 8, &x->head, 2);
        m->tags |= (f->full >> n & 1 ? 0u : 3u) << 2 * n;
    }
}

static void run_host(const struct fpu_case *k, struct fpu_outcome *out)
{
    struct image m;
    unsigned long flags = k->eflags, eax = k->eax;
    to_image(&k->fpu, &m);
    memcpy(code_page, k->code, k->length);
    code_page[k->length] = 0xc3; /* RET */
    memcpy(data_page, k->memory, FPU_MEMORY);
    __asm__ volatile("frstor %[m]\n\t"
                     "push %[flags]\n\t"
                     "popf\n\t"
                     "call *%[code]\n\t"
                     "pushf\n\t"
                     "pop %[flags]\n\t"
                     "fnsave %[m]\n\t"
                     "cld"
                     : [m] "+m"(m), [flags] "+r"(flags), "+a"(eax)
                     : [code] "r"(code_page), "D"(data_page)
                     : "memory", "cc");
    *out = (struct fpu_outcome){.control = m.control & 0xffff,
                                .status = m.status & 0xffff,
                                .tags = m.tags & 0xffff,
                                .opcode = m.code >> 16 & 0x7ff,
                                .ip = m.ip,
                                .dp = m.dp,
                                .eflags = flags & FL_ARITH,
                                .eax = (uint32_t)eax};
    for (int n = 0; n < 8; n++) {
        memcpy(&out->st[n].frac, m.st[n], 8);
        memcpy(&out->st[n].head, m.st[n] + 8, 2);
    }
    memcpy(out->memory, data_page, FPU_MEMORY);
}

static bool map_host(void)
{
    int prot = PROT_READ | PROT_WRITE | PROT_EXEC;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
    uint8_t *at =
        mmap((void *)(uintptr_t)FPU_CODE_AT, 2 * PAGE_SIZE, prot, flags, -1, 0);
    code_page = at;
    data_page = at + PAGE_SIZE;
    return at == (uint8_t *)(uintptr_t)FPU_CODE_AT;
}
#else
static void run_host(const struct fpu_case *k, struct fpu_outcome *out)
{
    (void)k, (void)out;
}

static bool map_host(void)
{
    return false;
}
#endif

/* -------------------------------------------------------------------- ours */

static uint8_t our_page[PAGE_SIZE];

static uint8_t *frame(void *wire, mpa_t page, bool *writable)
{
    (void)wire, (void)writable;
    return page.v == FPU_DATA_AT ? our_page : NULL;
}

static struct cpu *new_cpu(void)
{
    static struct costs costs;
    static struct cpu_bus bus;
    char err[100];
    bus = *bus_none();
    bus.frame = frame;
    if (costs_load(&costs, "unit", err, sizeof err) != 0)
        return NULL;
    struct cpu *c = cpu_new(CPU_CLASSIC, &costs, &bus, NULL);
    if (c)
        cpu_reset_flat32(c, FPU_CODE_AT);
    return c;
}

static void run_ours(struct cpu *c, const struct fpu_case *k,
                     struct fpu_outcome *out)
{
    c->fpu = k->fpu;
    c->reg[REG_EAX] = k->eax;
    c->reg[REG_EDI] = FPU_DATA_AT;
    cpu_set_eflags(c, k->eflags);
    memcpy(our_page, k->memory, FPU_MEMORY);
    if (setjmp(c->engine->unwind.env) == 0)
        insn_functions[k->insn.id](c, &k->insn);
    else
        printf("# %s faults: %d\n", insn_rows[k->insn.id].id, c->engine->fault);
    const struct fpu *f = &c->fpu;
    *out = (struct fpu_outcome){.control = f->control,
                                .status = (uint16_t)(f->status | f->top << 11),
                                .opcode = f->opcode,
                                .ip = f->ip,
                                .dp = f->dp,
                                .eflags = cpu_eflags(c) & FL_ARITH,
                                .eax = c->reg[REG_EAX]};
    for (unsigned n = 0; n < 8; n++)
        out->st[n] = f->reg[(f->top + n) & 7];
    memcpy(out->memory, our_page, FPU_MEMORY);
    /* The tags as FNSTENV gives them. */
    struct insn store = {.id = I_FNSTENV_M,
                         .opsize = 4,
                         .adsize = 4,
                         .base = REG_EDI,
                         .index = NO_REG,
                         .seg = SEG_DS};
    insn_functions[I_FNSTENV_M](c, &store);
    memcpy(&out->tags, our_page + 8, 2);
}

/* ----------------------------------------------------------------- comparing
 */

static struct {
    unsigned long cases, differ, trans, trans_equal, shown;
} count;

/* One unit apart, as 80-bit numbers of one sign? */
static bool is_near(struct f80 a, struct f80 b)
{
    if (a.head == b.head)
        return a.frac - b.frac + 1 <= 2;
    return (uint16_t)(a.head - b.head + 1) <= 2 && (a.frac << 1) + 2 <= 4 &&
           (b.frac << 1) + 2 <= 4;
}

static const char *difference(const struct fpu_case *k,
                              const struct fpu_outcome *us,
                              const struct fpu_outcome *them)
{
    uint16_t status = 0xffff & (uint16_t)~fpu_undefined(k);
    bool near = fpu_is_transcendental(k);
    if (near) /* C1: rounded up, or another way */
        status &= (uint16_t)~0x0200;
    if (us->control != them->control)
        return "control";
    if ((us->status ^ them->status) & status)
        return "status";
    if (us->tags != them->tags && !near) /* the least normal, or below */
        return "tags";
    for (int n = 0; n < 8; n++) {
        bool equal = memcmp(&us->st[n], &them->st[n], 10) == 0;
        if (!equal && !(near && n < 2 && is_near(us->st[n], them->st[n])))
            return "registers";
    }
    if (memcmp(us->memory, them->memory, FPU_MEMORY) != 0)
        return "memory";
    if (us->eflags != them->eflags || us->eax != them->eax)
        return "EFLAGS or EAX";
    if (us->ip != them->ip || us->dp != them->dp)
        return "pointers";
    if (us->opcode != them->opcode)
        return "opcode";
    return NULL;
}

static void show_outcome(const char *who, const struct fpu_outcome *o)
{
    printf("#   %-6s cw %04x sw %04x tags %04x fl %03x ip %x dp %x op %03x\n",
           who, o->control, o->status, o->tags, o->eflags, o->ip, o->dp,
           o->opcode);
    printf("#         st0 %04x:%016llx st1 %04x:%016llx st7 %04x:%016llx\n",
           o->st[0].head, (unsigned long long)o->st[0].frac, o->st[1].head,
           (unsigned long long)o->st[1].frac, o->st[7].head,
           (unsigned long long)o->st[7].frac);
    printf("#         memory");
    for (int n = 0; n < 28; n++)
        printf(" %02x", o->memory[n]);
    printf("\n");
}

static void show(const char *what, const struct fpu_case *k,
                 const struct fpu_outcome *us, const struct fpu_outcome *them)
{
    struct fpu_outcome before = {
        .control = k->fpu.control,
        .status = (uint16_t)(k->fpu.status | k->fpu.top << 11),
        .tags = k->fpu.full,
        .eflags = k->eflags,
        .ip = k->fpu.ip,
        .dp = k->fpu.dp,
        .opcode = k->fpu.opcode};
    char text[80];
    for (unsigned n = 0; n < 8; n++)
        before.st[n] = k->fpu.reg[(k->fpu.top + n) & 7];
    memcpy(before.memory, k->memory, FPU_MEMORY);
    printf("# %s: %s\n", cpu_disassemble(&k->insn, 0, text, sizeof text), what);
    show_outcome("before", &before);
    show_outcome("ours", us);
    show_outcome("host", them);
}

static void try_one(struct cpu *c, const struct fpu_case *k, unsigned long most)
{
    struct fpu_outcome us, them;
    static unsigned shown[INSN_COUNT];
    memset(&us, 0, sizeof us);
    run_ours(c, k, &us);
    run_host(k, &them);
    count.cases++;
    if (fpu_out_of_domain(k))
        return;
    if (fpu_is_transcendental(k)) {
        count.trans++;
        count.trans_equal += memcmp(us.st, them.st, sizeof us.st) == 0;
    }
    const char *what = difference(k, &us, &them);
    /* The pointers do not survive a context switch of the host's. */
    for (int n = 0; n < 3 && what; n++) {
        run_host(k, &them);
        what = difference(k, &us, &them);
    }
    if (!what)
        return;
    count.differ++;
    if (shown[k->insn.id]++ < most && count.shown++ < 60)
        show(what, k, &us, &them);
}

int main(int argc, char **argv)
{
    unsigned long cases = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0x52494e47;
    static struct fpu_case k;
    struct cpu *c = new_cpu();
    if (argc < 2 || !c) {
        fprintf(stderr, "use: fpu_compare CASES [SEED]\n");
        return 2;
    }
    if (!map_host()) {
        fprintf(stderr, "this host has no x87 to compare with\n");
        return 2;
    }
    int id = 0;
    while (count.cases < cases) {
        do
            id = (id + 1) % INSN_COUNT;
        while (!fpu_row_is_comparable((enum insn_id)id));
        fpu_generate((enum insn_id)id, &seed, &k);
        try_one(c, &k, 2);
    }
    printf("# %lu cases, %lu differ; of %lu transcendental results %lu are "
           "the same to the bit\n",
           count.cases, count.differ, count.trans, count.trans_equal);
    cpu_free(c);
    return count.differ != 0;
}
