/*
 * cmd_explain.c - ringside explain: what a name means.
 *
 * Parts:  each kind's page (instructions': explain_insn.c); the table of
 *         kinds; lists.
 *
 * Every fact comes from the tables that the machine and the monitor run by;
 * nothing is told here that they do not do.
 */
#include "explain.h"
#include "guests.h"
#include "options.h"
#include "talk.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void heading(const char *name, const char *kind, const char *title)
{
    printf("%s%s%s: %s%s%s\n\n", paint(stdout, STYLE_BOLD), name,
           paint(stdout, STYLE_NONE), kind, title ? ": " : "",
           title ? title : "");
}

/* ------------------------------------------- reasons, dispositions, phases */

static const char *reason_name(size_t i)
{
    return i < EXIT_COUNT ? exit_names[i].name : NULL;
}

static const char *disposition_name(size_t i)
{
    return i < DISPOSITION_COUNT ? disposition_names[i].name : NULL;
}

static const char *phase_name(size_t i)
{
    return i < PHASE_COUNT ? phase_names[i].name : NULL;
}

/* Which of the guests has such exits, and how. NULL: none of them. */
static const char *seen_in(enum exit_reason r)
{
    static const char *const where[EXIT_COUNT] = {
        [EXIT_iret] = "kernel",
        [EXIT_int] = "kernel",
        [EXIT_segment] = "kernel",
        [EXIT_far] = "kernel",
        [EXIT_table] = "kernel",
        [EXIT_cr] = "kernel",
        [EXIT_cr3] = "kernel",
        [EXIT_invlpg] = "kernel",
        [EXIT_io] = "kernel",
        [EXIT_shadow_fill] = "kernel",
        [EXIT_pt_write] = "kernel",
        [EXIT_guest_pf] = "kernel",
        [EXIT_interrupt] = "kernel",
        [EXIT_schedule] = "kernel",
        [EXIT_window] = "kernel",
        [EXIT_flags] = "cli-sti",
        [EXIT_tsc] = "rdtsc",
        [EXIT_cpuid] = "nano-cpuid",
        [EXIT_hlt] = "hlt-cli",
        [EXIT_exception] = "invalid-opcode",
        [EXIT_nested_fill] = "kernel --technique hvm",
        [EXIT_hypercall] = "kernel --technique para",
        [EXIT_translate] = "kernel --technique translate",
        [EXIT_chain] = "kernel --technique translate",
        [EXIT_indirect] = "kernel --technique translate",
        [EXIT_callout] = "kernel --technique translate",
        [EXIT_interpret] = "vm86 --technique translate",
        [EXIT_code_write] = "vm86 --technique translate",
        [EXIT_gdt_write] = "ring-change --technique translate",
        [EXIT_silent] = "sgdt-tells --cpu classic --detect",
    };
    return where[r];
}

static void explain_reason(size_t i, const struct costs *c)
{
    (void)c;
    heading(exit_names[i].name, "a reason to exit", exit_names[i].title);
    print_wrapped(stdout, 2, exit_names[i].text);
    list_causes((enum exit_reason)i);
    const char *where = seen_in((enum exit_reason)i);
    if (where) {
        printf("\n  To see some: ringside debug %s --plain\n"
               "               then: exit %s\n",
               where, exit_names[i].name);
    }
}

static void explain_disposition(size_t i, const struct costs *c)
{
    (void)c;
    heading(disposition_names[i].name, "a disposition",
            "what became of an exit");
    print_wrapped(stdout, 2, disposition_names[i].text);
}

static void explain_phase(size_t i, const struct costs *c)
{
    (void)c;
    heading(phase_names[i].name, "a phase of an exit", "where its cycles go");
    print_wrapped(stdout, 2, phase_names[i].text);
}

/* -------------------------------------------------------------- techniques */

static const char *technique_name_at(size_t i)
{
    const struct technique *t = technique_at(i);
    return t ? technique_name(t) : NULL;
}

static void explain_technique(size_t i, const struct costs *c)
{
    const struct technique *t = technique_at(i);
    (void)c;
    heading(technique_name(t), "a technique", NULL);
    print_wrapped(stdout, 2, technique_text(t));
    printf("\n  It asks for a %s processor.\n",
           cpu_kind_name(technique_kind(t)));
}

/* ------------------------------------------------------------------ prices */

static const char *price_name_at(size_t i)
{
    return i < PRICE_COUNT ? price_name((enum price)i) : NULL;
}

static void explain_price(size_t i, const struct costs *c)
{
    char cycles[GROUPED_SIZE];
    heading(price_name_at(i), "a price", c->title);
    print_wrapped(stdout, 2, price_text((enum price)i));
    printf("\n  %s cycles\n", grouped(c->price[i], cycles));
}

static void list_prices(const struct costs *c)
{
    printf("prices in cycles, %s (--cost chooses another)\n", c->title);
    for (int i = 0; i < PRICE_COUNT; i++) {
        char cycles[GROUPED_SIZE];
        printf("  %-16s %8s  %s\n", price_name((enum price)i),
               grouped(c->price[i], cycles), price_text((enum price)i));
    }
    printf("presets:");
    for (size_t i = 0; costs_preset(i); i++) {
        printf(" %s", costs_preset(i));
    }
    putchar('\n');
}

/* ----------------------------------------------------------------- devices */

static const char *device_name_at(size_t i)
{
    return i + 1 < DEVICE_COUNT ? device_name((enum device_id)(i + 1)) : NULL;
}

static void explain_device(size_t i, const struct costs *c)
{
    (void)c;
    heading(device_name_at(i), "a device", NULL);
    print_wrapped(stdout, 2, device_text((enum device_id)(i + 1)));
}

/* ------------------------------------------------------------------- lists */

static void list_guests(const struct costs *c)
{
    (void)c;
    guests_print();
}

/* Kinds of thing that have names. */
static const struct {
    const char *list; /* "reasons": what 'explain' calls all of them */
    const char *(*name)(size_t i);
    void (*explain)(size_t i, const struct costs *c);
} kinds[] = {
    {"reasons", reason_name, explain_reason},
    {"techniques", technique_name_at, explain_technique},
    {"dispositions", disposition_name, explain_disposition},
    {"phases", phase_name, explain_phase},
    {"costs", price_name_at, explain_price},
    {"devices", device_name_at, explain_device},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

/* Lists that are more than names. */
static const struct {
    const char *name;
    void (*print)(const struct costs *c);
} lists[] = {
    {"costs", list_prices},
    {"guests", list_guests},
    {"critical", list_critical},
};
#define LISTS (sizeof lists / sizeof lists[0])

static void print_names(FILE *to, size_t kind)
{
    char line[1024];
    int n = snprintf(line, sizeof line, "%s:", kinds[kind].list);
    for (size_t i = 0; kinds[kind].name(i) && n < 960; i++) {
        n += snprintf(line + n, sizeof line - (size_t)n, " %s",
                      kinds[kind].name(i));
    }
    print_wrapped(to, 2, line);
}

static void print_all(void)
{
    fputs("What can be explained, besides every instruction by its "
          "mnemonic:\n\n",
          stdout);
    for (size_t k = 0; k < KINDS; k++) {
        print_names(stdout, k);
    }
    puts("  lists: costs guests critical");
}

/* A name may mean several things ("cr3" a reason and a price): all of them. */
static bool explain_names(const char *word, const struct costs *c)
{
    bool found = false;
    for (size_t k = 0; k < KINDS; k++) {
        for (size_t i = 0; kinds[k].name(i); i++) {
            if (strcasecmp(kinds[k].name(i), word) == 0) {
                if (found) {
                    putchar('\n');
                }
                kinds[k].explain(i, c);
                found = true;
            }
        }
    }
    return found;
}

static bool explain_list(const char *word, const struct costs *c)
{
    for (size_t i = 0; i < LISTS; i++) {
        if (strcmp(lists[i].name, word) == 0) {
            lists[i].print(c);
            return true;
        }
    }
    for (size_t k = 0; k < KINDS; k++) {
        if (strcmp(kinds[k].list, word) == 0) {
            print_names(stdout, k);
            return true;
        }
    }
    return false;
}

static void explain_nothing(const char *word)
{
    char upper[32];
    snprintf(upper, sizeof upper, "%s", word);
    for (char *p = upper; *p; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    complain("nothing is called '%s'", word);
    for (size_t k = 0; k < KINDS; k++) {
        suggest(stderr, word, kinds[k].name);
    }
    suggest(stderr, upper, mnemonic_at);
    complain("'ringside explain' lists all that can be explained");
}

int cmd_explain(const struct options *o)
{
    if (!o->names) {
        print_all();
        return STATUS_SUCCESS;
    }
    const char *word = o->name[0];
    if (explain_list(word, &o->costs)) {
        return STATUS_SUCCESS;
    }
    bool found = explain_names(word, &o->costs);
    if (found) {
        putchar('\n');
    }
    if (!explain_instruction(word, &o->costs) && !found) {
        explain_nothing(word);
        return STATUS_USAGE;
    }
    return STATUS_SUCCESS;
}
