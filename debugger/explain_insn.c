/*
 * explain_insn.c - ringside explain: an instruction, all its forms.
 *
 * What the architecture says of it, what Popek and Goldberg ask, what follows
 * on each kind of processor, which of the monitor's interpreters takes it,
 * and its price.
 */
#include "explain.h"

#include "talk.h"

#include <string.h>
#include <strings.h>

/* Who takes a row when it traps, under a technique that emulates. */
static const struct {
    const char *routine;
    enum exit_reason reason;
    enum disposition became;
} interpreters[INSN_COUNT] = {
#define INTERPRETER(row, routine, reason, disposition) \
    [I_##row] = {#routine, EXIT_##reason, DISPOSITION_##disposition},
#include "../vmm/interpreters/interpreters.def"
#undef INTERPRETER
};

/* ------------------------------------------------------------- mnemonics */

/* "Jcc" is meant by "jz": its stem and then a condition. */
static bool is_conditional(const char *pattern, size_t n, const char *word)
{
    static const char *const conditions[] = {
        "o",  "no", "b",  "c",   "nae", "nb", "ae", "nc", "z",   "e",
        "nz", "ne", "be", "na",  "nbe", "a",  "s",  "ns", "p",   "pe",
        "np", "po", "l",  "nge", "nl",  "ge", "le", "ng", "nle", "g"};
    if (n < 3 || strncmp(pattern + n - 2, "cc", 2) != 0 ||
        strncasecmp(pattern, word, n - 2) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        if (strcasecmp(word + n - 2, conditions[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Does mnemonic "A|B", "A:B", "A+" or "Jcc" of a row mean `word`? */
static bool mnemonic_is(const char *mnemonic, const char *word)
{
    size_t length = strlen(word);
    while (*mnemonic) {
        size_t n = strcspn(mnemonic, "|:+");
        bool begins = length >= n && strncasecmp(mnemonic, word, n) == 0;
        if (begins && length == n) {
            return true;
        }
        if (begins && mnemonic[n] == '+' && length == n + 1 &&
            strchr("wdWD", word[n])) {
            return true;
        }
        if (is_conditional(mnemonic, n, word)) {
            return true;
        }
        mnemonic += n + (mnemonic[n] ? 1 : 0);
    }
    return false;
}

/* ------------------------------------------------------------- one form */

/* In the manual's letters: "MOV Ed,Gd". */
static void print_form(const struct insn_row *row)
{
    char form[48];
    int n = snprintf(form, sizeof form, "%s", row->mnemonic);
    for (int k = 0; k < 3 && *row->operand[k]; k++) {
        n += snprintf(form + n, sizeof form - (size_t)n, "%s%s", k ? "," : " ",
                      row->operand[k]);
    }
    printf("  %s%s%s\n", paint(stdout, STYLE_BOLD), form,
           paint(stdout, STYLE_NONE));
}

static const char *trap_text(uint8_t trap)
{
    static const char *const text[] = {
        [TRAP_NEVER] = "never for want of privilege",
        [TRAP_CPL0] = "#GP(0) outside ring 0",
        [TRAP_IOPL] = "#GP(0) where CPL > IOPL",
        [TRAP_IO] = "#GP(0) where CPL > IOPL, unless the TSS allows the port",
        [TRAP_TSD] = "#GP(0) outside ring 0 if CR4.TSD is set",
        [TRAP_VM86] = "#GP(0) in virtual-8086 mode where IOPL < 3",
        [TRAP_CPUID] = "#GP(0) outside ring 0 if the monitor hides features",
    };
    return text[trap];
}

static void print_sensitivity(const struct insn_row *row)
{
    static const char *const text[] = {
        "changes the machine's resources (control)",
        "its result depends on where in real memory it runs (location)",
        "its result depends on the ring it runs in (mode)"};
    if (row->sens == SENS_INNOCUOUS) {
        puts("    sensitive  no: innocuous");
        return;
    }
    for (int k = 0; k < 3; k++) {
        if (row->sens & 1 << k) {
            printf("    sensitive  %s\n", text[k]);
        }
    }
}

/* What Popek and Goldberg's theorem asks of it, on each processor. */
static void print_conclusion(enum insn_id id)
{
    if (insn_rows[id].sens == SENS_INNOCUOUS) {
        return;
    }
    for (int k = 0; k < CPU_KINDS; k++) {
        bool critical = insn_is_critical((enum cpu_kind)k, true, id);
        printf("    %-13s %s%s%s\n", cpu_kind_name((unsigned)k),
               paint(stdout, critical ? STYLE_BAD : STYLE_GOOD),
               critical ? "CRITICAL: deprivileged, it does not trap, and lies"
                        : "traps when deprivileged: the monitor sees it",
               paint(stdout, STYLE_NONE));
    }
}

static void print_instruction(enum insn_id id, const struct costs *c)
{
    const struct insn_row *row = &insn_rows[id];
    char cycles[GROUPED_SIZE];
    print_form(row);
    for (int k = 0; k < 3 && *row->operand[k]; k++) {
        printf("    %-10s %s\n", row->operand[k],
               operand_text(row->operand[k]) ? operand_text(row->operand[k])
                                             : "");
    }
    printf("    faults     %s\n", trap_text(row->trap));
    print_sensitivity(row);
    print_conclusion(id);
    if (interpreters[id].routine) {
        printf("    monitor    %s does it: an exit '%s', %s\n",
               interpreters[id].routine,
               exit_names[interpreters[id].reason].name,
               disposition_names[interpreters[id].became].name);
    }
    printf("    price      %s: %s cycles, before faults and walks\n",
           price_name((enum price)row->price),
           grouped(c->price[row->price], cycles));
}

bool explain_instruction(const char *word, const struct costs *c)
{
    bool found = false;
    for (int id = I_INVALID + 1; id < INSN_COUNT; id++) {
        if (mnemonic_is(insn_rows[id].mnemonic, word)) {
            if (!found) {
                heading(word, "an instruction", NULL);
            }
            found = true;
            print_instruction((enum insn_id)id, c);
        }
    }
    return found;
}

void list_critical(const struct costs *c)
{
    (void)c;
    puts("sensitive instructions that do not trap outside ring 0 on the "
         "classic processor:");
    for (int id = I_INVALID + 1; id < INSN_COUNT; id++) {
        if (insn_is_critical(CPU_CLASSIC, false, (enum insn_id)id)) {
            print_form(&insn_rows[id]);
        }
    }
}

const char *mnemonic_at(size_t i)
{
    return i + 1 < INSN_COUNT ? insn_rows[i + 1].mnemonic : NULL;
}

/* ---------------------------------------------------------------- reasons */

void list_causes(enum exit_reason reason)
{
    char line[512] = "By:";
    const char *last = "";
    size_t n = strlen(line);
    for (int id = I_INVALID + 1; id < INSN_COUNT; id++) {
        const char *mnemonic = insn_rows[id].mnemonic;
        if (interpreters[id].routine && interpreters[id].reason == reason &&
            strcmp(mnemonic, last) != 0 && n + 24 < sizeof line) {
            n += (size_t)snprintf(line + n, sizeof line - n, " %s", mnemonic);
            last = mnemonic;
        }
    }
    if (*last) {
        print_wrapped(stdout, 2, line);
    }
}
