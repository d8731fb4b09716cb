/*
 * cmd_theorem.c - ringside theorem: can this processor be virtualized by trap
 * and emulate, and where does it fail?
 *
 * Parts:  counting; the verdict for a kind of processor; the witnesses, each
 *         run on the spot (demo.c).
 */
#include "demo.h"
#include "options.h"
#include "talk.h"

#include <string.h>

/* -------------------------------------------------------------- counting */

struct count {
    int rows, sensitive, privileged, critical;
};

static struct count count_rows(enum cpu_kind kind)
{
    struct count n = {0};
    bool set = kind != CPU_CLASSIC;
    for (int id = 1; id < INSN_COUNT; id++) {
        bool sensitive = insn_rows[id].sens != SENS_INNOCUOUS;
        bool critical = insn_is_critical(kind, set, (enum insn_id)id);
        n.rows++;
        n.sensitive += sensitive;
        n.critical += critical;
        n.privileged += sensitive && !critical;
    }
    return n;
}

/* --------------------------------------------------------------- verdicts */

static void print_verdict(enum cpu_kind kind)
{
    struct count n = count_rows(kind);
    bool holds = n.critical == 0;
    printf("%s%s%s: %d instruction forms; %d sensitive, %d privileged, "
           "%s%d critical%s\n",
           paint(stdout, STYLE_BOLD), cpu_kind_name(kind),
           paint(stdout, STYLE_NONE), n.rows, n.sensitive, n.privileged,
           paint(stdout, holds ? STYLE_GOOD : STYLE_BAD), n.critical,
           paint(stdout, STYLE_NONE));
    print_wrapped(
        stdout, 2,
        holds ? "Every sensitive instruction traps outside ring 0, once the "
                "monitor has set the control bit: the theorem holds, and "
                "trap and emulate is enough."
              : "The critical ones are sensitive and do not trap: the theorem "
                "fails, and a monitor that waits for traps is deceived.");
    if (kind == CPU_VT) {
        print_wrapped(
            stdout, 2,
            "(The bit is here so that one machine can run guests of every "
            "technique.) It also has a guest mode, which asks for less: a "
            "kernel there has a ring 0 of its own, so that most of these act "
            "on its own state, truly, and need not trap; the rest exit where "
            "its control block says so.");
    }
}

static void print_introduction(void)
{
    print_wrapped(
        stdout, 0,
        "Popek and Goldberg (1974), theorem 1: a virtual machine monitor can "
        "be built by trap and emulate if every sensitive instruction is "
        "privileged. Sensitive: it changes the machine's resources, or its "
        "answer depends on the ring or on where in real memory it runs. "
        "Privileged: it traps outside ring 0, and not in it. Critical: "
        "sensitive, and not privileged.");
    putchar('\n');
}

/* ---------------------------------------------------------- the witnesses */

static void print_demo(const struct demo *d)
{
    bool silent = demo_kernel_deceived(d);
    printf("  %s%-23s%s %-25s %s%s%s\n", paint(stdout, STYLE_BOLD), d->insn,
           paint(stdout, STYLE_NONE), d->bare,
           paint(stdout, silent ? STYLE_BAD : STYLE_NONE), d->guest,
           paint(stdout, STYLE_NONE));
    printf("    %s%s%s%s\n", paint(stdout, STYLE_DIM), d->tells,
           silent ? "" : " (here the monitor is told)",
           paint(stdout, STYLE_NONE));
}

static void print_witnesses(void)
{
    struct demo d;
    puts("");
    print_wrapped(stdout, 0,
                  "The witnesses on classic, each run on the spot: by a kernel "
                  "on a machine of its own, in ring 0, and by the same kernel "
                  "deprivileged, in ring 1 under a monitor.");
    puts("");
    printf("  %-23s %-25s %s\n", "instruction", "ring 0, bare",
           "ring 1, under a monitor");
    for (size_t i = 0; demo_run(i, &d); i++) {
        print_demo(&d);
    }
}

/* The third theorem needs less: that no program sees a difference. */
static void print_hybrid(void)
{
    struct demo d;
    int seen = 0;
    puts("");
    print_wrapped(stdout, 0,
                  "Theorem 3: a hybrid monitor, which interprets kernels and "
                  "leaves programs alone, needs only that no instruction "
                  "deceives in ring 3. These do, and so a program that looks "
                  "sees even the hybrid monitor:");
    for (size_t i = 0; demo_run(i, &d); i++) {
        if (demo_program_deceived(&d)) {
            printf("  %-23s %-25s %s\n", d.insn, d.bare_user, d.guest_user);
            seen++;
        }
    }
    if (!seen) {
        puts("  none");
    }
}

/* ------------------------------------------------------------------ JSON */

static void print_json(void)
{
    cJSON *array = cJSON_CreateArray();
    struct demo d;
    for (size_t i = 0; demo_run(i, &d); i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "row", insn_rows[d.id].id);
        cJSON_AddStringToObject(one, "instruction", d.insn);
        cJSON_AddStringToObject(one, "tells", d.tells);
        cJSON_AddStringToObject(one, "kernel_bare", d.bare);
        cJSON_AddStringToObject(one, "kernel_deprivileged", d.guest);
        cJSON_AddStringToObject(one, "program_bare", d.bare_user);
        cJSON_AddStringToObject(one, "program_deprivileged", d.guest_user);
        cJSON_AddItemToArray(array, one);
    }
    json_print(stdout, array);
}

int cmd_theorem(const struct options *o)
{
    if (o->json) {
        print_json();
        return STATUS_SUCCESS;
    }
    print_introduction();
    for (int kind = 0; kind < CPU_KINDS; kind++) {
        print_verdict((enum cpu_kind)kind);
    }
    print_witnesses();
    print_hybrid();
    return STATUS_SUCCESS;
}
