/*
 * compare.c - our instructions against another processor's.
 *
 *   host_compare ORACLE CASES [SEED] [--all | --translator | --rows]
 *
 * ORACLE is a program as case.h says. CASES random cases are tried, equally
 * many of every comparable row of insn.def; the first few that differ are
 * shown. --all compares undefined flags too, to see what a processor does;
 * --rows says which rows are left out, and why.
 * --translator is for Unicorn, which checks no segment limits and has its
 * own order of faults: cases that fault for us are left out, and some rows
 * that it knows less of (translator_errs, row_is_segments).
 * Exit status: 0 all agree, 1 some differ, 2 the oracle does not run.
 *
 * Compared: registers, EIP, the six flags and DF, memory, and for a fault its
 * vector, error code (but U and the like of #PF: see same_fault) and CR2.
 * Masked, beside the row's `undefined`, by the manual's page (the whole list,
 * with what the other does: docs/CONFORMANCE.md):
 *   narrower: a shift or rotate by 0 leaves nothing undefined, one by 1 not
 *     OF; BSF and BSR of 0 leave the destination (as Intel documents today).
 *   wider: CF of SHL and SHR by more than the operand's width; of SHLD and
 *     SHRD by more than 16 bits of 16, all flags and the result.
 *   wider: BSWAP of 16 bits: the result.
 *   wider: of CMPS whose operands both fault, which fault comes first; of a
 *     far return which of its stack's words.
 *   wider: after a fault, what PUSHA, ENTER and far CALL had stored and POPA
 *     loaded: processors leave some of it, we none.
 */
#include "generate.h"
#include "ours.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ------------------------------------------------------------------ masks */

/* The count of a shift or rotate, masked; or -1. */
static int shift_count(const struct host_case *k, const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    static const char *const names[] = {"ROL", "ROR", "RCL",  "RCR", "SHL",
                                        "SHR", "SAR", "SHLD", "SHRD"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        if (strcmp(row->mnemonic, names[n]) != 0)
            continue;
        const struct operand_form *f = &row->form[n >= 7 ? 2 : 1];
        return f->place == PLACE_ONE   ? 1
               : f->place == PLACE_IMM ? in->imm & 31
                                       : k->before.reg[REG_ECX] & 31;
    }
    return -1;
}

static unsigned width_of(const struct insn *in)
{
    uint8_t size = insn_rows[in->id].form[0].size;
    return size == 1 ? 8 : in->opsize * 8u;
}

static bool is_double_shift(const struct insn *in)
{
    const char *m = insn_rows[in->id].mnemonic;
    return strcmp(m, "SHLD") == 0 || strcmp(m, "SHRD") == 0;
}

/* Is the result undefined? */
static bool result_undefined(const struct host_case *k, const struct insn *in)
{
    return (is_double_shift(in) && in->opsize == 2 &&
            shift_count(k, in) > 16) ||
           (in->id == I_BSWAP_Zv && in->opsize == 2);
}

static uint32_t flags_compared(const struct host_case *k, const struct insn *in)
{
    uint32_t all = FL_ARITH | FL_DF;
    uint32_t undefined = insn_rows[in->id].flags_undefined;
    int count = shift_count(k, in);
    if (count == 0)
        return all;
    if (count == 1)
        undefined &= ~(uint32_t)FL_OF;
    if (count > (int)width_of(in) && insn_rows[in->id].mnemonic[0] == 'S')
        undefined |= is_double_shift(in) ? FL_ARITH : FL_CF;
    return all & ~undefined;
}

/* --------------------------------------------------------------- comparing */

/*
 * The host's #PF error code says how its own tables stand and CR2 is kept
 * only for #PF. A transfer that left the pages mapped is a fault of the next
 * instruction's fetch: for us, this one is done.
 */
static void settle(struct host_state *s)
{
    uint32_t at = s->eip + code_base(s->sel[SEG_CS]);
    if (s->trap == VEC_PF && s->cr2 == at && at != CODE_ENTRY)
        s->trap = TRAP_DONE;
    if (s->trap != VEC_PF)
        s->cr2 = 0;
    if (s->trap == TRAP_DONE)
        s->error = 0;
    if (s->trap == VEC_PF)
        s->error &= PF_P | PF_W | PF_U;
}

static bool moves_much(const struct insn *in)
{
    return in->id == I_PUSHA || in->id == I_POPA || in->id == I_ENTER_Iw_Ib ||
           in->id == I_CALL_Ap || in->id == I_CALL_Mp;
}

static bool both_operands_fault(const struct insn *in,
                                const struct host_state *us,
                                const struct host_state *them)
{
    return (in->id == I_CMPS_Xb_Yb || in->id == I_CMPS_Xv_Yv) &&
           us->trap != TRAP_DONE && them->trap != TRAP_DONE;
}

static bool returns_far(const struct insn *in)
{
    return in->id == I_RETF || in->id == I_RETF_Iw || in->id == I_IRET;
}

/* A far return to an inner ring, which is #GP, and for an AMD after it has
 * looked at the stack that it would have gone to. */
static bool inner_return(const struct insn *in, const struct host_state *us,
                         const struct host_state *them)
{
    return returns_far(in) && us->trap == VEC_GP &&
           (them->trap == VEC_PF || them->trap == VEC_SS ||
            them->trap == VEC_AC);
}

static const char *difference(const struct host_case *k, const struct insn *in,
                              const struct host_state *us,
                              const struct host_state *them, uint32_t flags)
{
    if (both_operands_fault(in, us, them) || inner_return(in, us, them))
        return NULL;
    if (us->trap != them->trap)
        return "vector";
    if (us->error != them->error)
        return "error code";
    if (us->cr2 != them->cr2 && !returns_far(in))
        return "CR2";
    if (us->eip != them->eip)
        return "EIP";
    if ((us->eflags ^ them->eflags) & flags)
        return "flags";
    if (result_undefined(k, in))
        return NULL;
    if (us->trap != TRAP_DONE && moves_much(in))
        return NULL;
    if (memcmp(us->reg, them->reg, sizeof us->reg) != 0)
        return "registers";
    if (memcmp(us->sel, them->sel, sizeof us->sel) != 0)
        return "selectors";
    if (memcmp(us->memory, them->memory, CASE_MEMORY) != 0)
        return "memory";
    return NULL;
}

static void show_state(const char *who, const struct host_state *s)
{
    static const char *const names[] = {"eax", "ecx", "edx", "ebx",
                                        "esp", "ebp", "esi", "edi"};
    printf("#   %-6s", who);
    for (int n = 0; n < 8; n++)
        printf(" %s %08x", names[n], s->reg[n]);
    printf(" eip %08x fl %03x trap %u error %x cr2 %08x\n", s->eip,
           s->eflags & 0xfff, s->trap, s->error, s->cr2);
    printf("#          es %04x cs %04x ss %04x ds %04x fs %04x gs %04x\n",
           s->sel[0], s->sel[1], s->sel[2], s->sel[3], s->sel[4], s->sel[5]);
}

static void show(const char *what, const struct host_case *k,
                 const struct insn *in, const struct host_state *us,
                 const struct host_state *them)
{
    char text[80];
    printf("# %s: %s differ%s, memory at %08x\n",
           cpu_disassemble(in, CODE_ENTRY, text, sizeof text), what,
           what[strlen(what) - 1] == 's' ? "" : "s", k->memory_at);
    show_state("before", &k->before);
    show_state("ours", us);
    show_state("oracle", them);
    for (uint32_t n = 0; n < CASE_MEMORY; n++)
        if (us->memory[n] != them->memory[n])
            printf("#   byte %08x: before %02x ours %02x oracle %02x\n",
                   k->memory_at + n, k->before.memory[n], us->memory[n],
                   them->memory[n]);
}

/* ---------------------------------------------------------------- the run */

/* How often a batch is tried before what differs counts. */
#define TURNS 3

struct run {
    struct ours ours;
    const char *oracle;
    struct host_batch *batch;
    int file;     /* the batch's */
    int to, from; /* pipes */
    bool all_flags, translator, show_rows;
    uint64_t seed;
    enum insn_id next; /* row */
    struct insn insn[BATCH];
    unsigned long tried, differ;
    unsigned rows, shown;
};

/* Of what is about segments and privileges, the translator knows less. */
static bool is_tried(const struct run *r, enum insn_id id)
{
    return !row_left_out(id) && !(r->translator && row_is_segments(id));
}

static void choose(struct run *r)
{
    do {
        r->next = (enum insn_id)((r->next + 1u) % INSN_COUNT);
    } while (!is_tried(r, r->next));
}

static bool oracle_turn(struct run *r)
{
    char byte = 0;
    return write(r->to, &byte, 1) == 1 && read(r->from, &byte, 1) == 1;
}

/* TEST's second encoding is unknown to it, LOCK NEG gives the flags of its
 * operand, RET takes its count as signed, and ARPL writes what it does not
 * change. */
static bool translator_errs(const struct insn *in)
{
    return in->id == I_TEST_Eb_Ib_1 || in->id == I_TEST_Ev_Iz_1 ||
           in->id == I_ARPL_Ew_Gw ||
           (in->lock && (in->id == I_NEG_Eb || in->id == I_NEG_Ev)) ||
           (in->id == I_RET_Iw && in->imm >= 0x8000);
}

/* What differs in case n, or NULL; *us is ours. */
static const char *judge(struct run *r, uint32_t n, struct host_state *us)
{
    struct host_case *k = &r->batch->cases[n];
    const struct insn *in = &r->insn[n];
    *us = (struct host_state){0};
    ours_run(&r->ours, k, us);
    if (in->id == I_INT3 || in->id == I_INT_Ib)
        us->eip -= us->trap == TRAP_DONE; /* as the oracle's was made */
    settle(us);
    settle(&k->after);
    uint32_t flags =
        r->all_flags ? (uint32_t)(FL_ARITH | FL_DF) : flags_compared(k, in);
    if (r->translator && (us->trap != TRAP_DONE || translator_errs(in)))
        return NULL;
    return difference(k, in, us, &k->after, flags);
}

static uint32_t differing(struct run *r)
{
    struct host_state us;
    uint32_t sum = 0;
    for (uint32_t n = 0; n < r->batch->count; n++)
        sum += judge(r, n, &us) != NULL;
    return sum;
}

/* Start the oracle, perhaps anew, with the batch as its descriptor 3. */
static bool launch(struct run *r)
{
    char byte;
    int to[2], from[2];
    if (pipe(to) || pipe(from))
        return false;
    if (fork() == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        dup2(r->file, 3);
        close(to[1]);
        execl(r->oracle, r->oracle, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    r->to = to[1];
    r->from = from[0];
    if (read(r->from, &byte, 1) != 1)
        return false;
    ours_selectors(&r->ours, r->batch->selector);
    return true;
}

/* A transfer to itself would keep the oracle busy for ever. */
static bool never_ends(struct run *r, const struct host_case *k)
{
    struct host_state us;
    ours_run(&r->ours, k, &us);
    return us.trap == TRAP_DONE && us.eip == CODE_ENTRY;
}

static bool run_batch(struct run *r, unsigned long cases)
{
    uint32_t count = cases < BATCH ? (uint32_t)cases : BATCH;
    r->batch->count = count;
    for (uint32_t n = 0; n < count; n++) {
        struct host_case *k = &r->batch->cases[n];
        choose(r);
        do
            generate(r->next, &r->seed, r->batch->selector, k, &r->insn[n]);
        while (never_ends(r, k));
        if (!r->translator) /* it would be the end of it */
            put_bad_lock(k, &r->insn[n], &r->seed);
    }
    /*
     * The host's own interrupts may fall between a case and its trap, and
     * their IRET makes null selectors zero, for one thing; or the oracle may
     * not survive one. What differs does so again, else it was that.
     */
    for (int turn = 0; turn < TURNS; turn++) {
        if (!oracle_turn(r)) {
            if (turn + 1 == TURNS || !launch(r))
                return false;
        } else if (differing(r) == 0) {
            break;
        }
    }
    r->tried += count;
    for (uint32_t n = 0; n < count; n++) {
        struct host_state us;
        const char *what = judge(r, n, &us);
        r->differ += what != NULL;
        if (what && r->shown++ < 20)
            show(what, &r->batch->cases[n], &r->insn[n], &us,
                 &r->batch->cases[n].after);
    }
    return true;
}

static bool prepare(struct run *r)
{
    char path[] = "/tmp/ringside-host-XXXXXX";
    r->file = mkstemp(path);
    if (r->file < 0 || unlink(path) != 0 ||
        ftruncate(r->file, sizeof *r->batch) != 0)
        return false;
    r->batch = mmap(NULL, sizeof *r->batch, PROT_READ | PROT_WRITE, MAP_SHARED,
                    r->file, 0);
    return r->batch != MAP_FAILED;
}

int main(int argc, char **argv)
{
    static struct run r;
    signal(SIGPIPE, SIG_IGN); /* a dead oracle is reported, not died of */
    if (argc < 3) {
        fprintf(stderr, "use: host_compare ORACLE CASES [SEED] "
                        "[--all | --translator | --rows]\n");
        return 2;
    }
    unsigned long cases = strtoul(argv[2], NULL, 0);
    r.seed = argc > 3 ? strtoul(argv[3], NULL, 0) : 0x52494e47;
    r.all_flags = argc > 4 && strcmp(argv[4], "--all") == 0;
    r.show_rows = argc > 4 && strcmp(argv[4], "--rows") == 0;
    r.translator = argc > 4 && strcmp(argv[4], "--translator") == 0;
    r.oracle = argv[1];
    if (!ours_new(&r.ours) || !prepare(&r) || !launch(&r)) {
        fprintf(stderr, "%s does not run here\n", argv[1]);
        return 2;
    }
    for (int id = 0; id < INSN_COUNT; id++)
        r.rows += is_tried(&r, (enum insn_id)id);
    while (r.tried < cases)
        if (!run_batch(&r, cases - r.tried)) {
            printf("# the oracle ended after about %lu cases\n", r.tried);
            return 1;
        }
    printf("# %u rows, %lu cases, %lu differ\n", r.rows, r.tried, r.differ);
    for (int id = 1; id < INSN_COUNT; id++)
        if (r.show_rows && row_left_out((enum insn_id)id))
            printf("# left out: %s: %s\n", insn_rows[id].id,
                   row_left_out((enum insn_id)id));
    ours_free(&r.ours);
    return r.differ != 0;
}
