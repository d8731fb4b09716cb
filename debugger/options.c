/*
 * options.c - the command line, read: one table of options, one of commands.
 *
 * Parts:  names; values; help; parsing.
 *
 * An option is --name, --name VALUE or --name=VALUE; options and names mix;
 * after -- all are names. What is wrong is said as: what, where, what to do.
 */
#include "options.h"

#include "talk.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ON(command) (1u << CMD_##command)
#define DEFAULT_PRICES "p4-vt"
#define MIB (1u << 20)

enum option_id {
#define OPTION(id, ...) OPT_##id,
#include "options.def"
#undef OPTION
    OPTION_COUNT
};

static const struct {
    const char *name, *arg;
    unsigned commands;
    const char *text;
} options[OPTION_COUNT] = {
#define OPTION(id, name, arg, commands, text) {name, arg, commands, text},
#include "options.def"
#undef OPTION
};

static const struct {
    const char *name, *args;
    int names; /* at most */
    const char *text;
} commands[COMMAND_COUNT] = {
#define COMMAND(id, name, args, names, text) {name, args, names, text},
#include "commands.def"
#undef COMMAND
};

/* ----------------------------------------------------------------- names */

static const char *command_name(size_t i)
{
    return i < COMMAND_COUNT ? commands[i].name : NULL;
}

static const char *option_name(size_t i)
{
    return i < OPTION_COUNT ? options[i].name : NULL;
}

static const char *technique_name_at(size_t i)
{
    const struct technique *t = technique_at(i);
    return t ? technique_name(t) : NULL;
}

static const char *kind_name(size_t i)
{
    return cpu_kind_name((unsigned)i);
}

static const char *schedule_name(size_t i)
{
    static const char *const names[] = {"round-robin", "share"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static const char *hosting_name(size_t i)
{
    static const char *const names[] = {"type1", "type2"};
    return i < sizeof names / sizeof *names ? names[i] : NULL;
}

static const char *engine_name(size_t i)
{
    static const char *const names[] = {"fast", "reference"};
    return i < 2 ? names[i] : NULL;
}

/* The index of `word` among the names, or -1. */
static int find(const char *word, const char *(*name)(size_t i))
{
    for (size_t i = 0; name(i); i++) {
        if (strcmp(word, name(i)) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* ---------------------------------------------------------------- values */

static bool unknown(const char *what, const char *word, const char *option,
                    const char *(*name)(size_t i))
{
    fprintf(stderr, "ringside: unknown %s '%s' after --%s; there is", what,
            word, option);
    for (size_t i = 0; name(i); i++) {
        fprintf(stderr, "%s %s", i ? "," : "", name(i));
    }
    fputc('\n', stderr);
    suggest(stderr, word, name);
    return false;
}

/* One of the option's own words. */
static bool choose(const char *word, const char *option,
                   const char *(*name)(size_t i), int *out)
{
    *out = find(word, name);
    return *out >= 0 || unknown(option, word, option, name);
}

/* A positive number, k, M and G being thousands. */
static bool number(const char *word, const char *option, uint64_t max,
                   uint64_t *out)
{
    static const char suffix[] = "kMG";
    char *end;
    errno = 0;
    unsigned long long n = strtoull(word, &end, 10);
    const char *s = *end ? strchr(suffix, *end) : NULL;
    uint64_t unit = 1;
    for (const char *p = suffix; s && p <= s; p++) {
        unit *= 1000;
    }
    end += s ? 1 : 0;
    if (!isdigit((unsigned char)*word) || *end || errno || n == 0 ||
        n > max / unit) {
        complain("--%s takes a number from 1 to %llu%s; it got '%s'", option,
                 (unsigned long long)max, max > 5000000 ? ", such as 5M" : "",
                 word);
        return false;
    }
    *out = n * unit;
    return true;
}

/* "2,1,1": a number for each guest, in their order. */
static bool numbers(const char *words, const char *option, uint64_t max,
                    uint32_t out[GUESTS_MAX])
{
    char word[16];
    for (int i = 0; i < GUESTS_MAX; i++) {
        size_t n = strcspn(words, ",");
        uint64_t value;
        snprintf(word, sizeof word, "%.*s", (int)n, words);
        if (!number(word, option, max, &value)) {
            return false;
        }
        out[i] = (uint32_t)value;
        if (!words[n]) {
            return true;
        }
        words += n + 1;
    }
    complain("--%s: there are at most %d guests", option, GUESTS_MAX);
    return false;
}

static bool set_prices(struct options *o, const char *word)
{
    char err[256];
    if (costs_load(&o->costs, word, err, sizeof err) == 0) {
        return true;
    }
    complain("%s", err);
    suggest(stderr, word, costs_preset);
    return false;
}

static const char *price_name_at(size_t i)
{
    return i < PRICE_COUNT ? price_name((enum price)i) : NULL;
}

/* What --set said, over the prices whichever came first. */
static bool change_prices(struct options *o)
{
    char err[256], name[32];
    for (int i = 0; i < o->sets; i++) {
        if (costs_set(&o->costs, o->set[i], err, sizeof err) == 0) {
            continue;
        }
        complain("--set %s", err);
        snprintf(name, sizeof name, "%.*s", (int)strcspn(o->set[i], " ="),
                 o->set[i]);
        if (find(name, price_name_at) < 0) {
            suggest(stderr, name, price_name_at);
        }
        return false;
    }
    return true;
}

static bool keep_set(struct options *o, const char *value)
{
    if (o->sets == PRICE_COUNT) {
        complain("--set: there are only %d prices", (int)PRICE_COUNT);
        return false;
    }
    o->set[o->sets++] = value;
    return true;
}

/* "2/4": the second of four. */
static bool set_part(struct options *o, const char *word)
{
    char end;
    if (sscanf(word, "%u/%u%c", &o->part, &o->parts, &end) == 2 &&
        o->part >= 1 && o->part <= o->parts && o->parts <= 1000) {
        o->part--;
        return true;
    }
    complain("--part takes K/N, such as 1/4 for the first of four; it got "
             "'%s'",
             word);
    return false;
}

/* An option without a value. */
static bool set_flag(struct options *o, enum option_id id)
{
    bool *const flag[OPTION_COUNT] = {
        [OPT_detect] = &o->detect, [OPT_sites] = &o->sites,
        [OPT_spread] = &o->spread, [OPT_json] = &o->json,
        [OPT_quiet] = &o->quiet,   [OPT_plain] = &o->plain,
    };
    if (flag[id]) {
        *flag[id] = true;
    }
    return true;
}

static bool set_option(struct options *o, enum option_id id, const char *value)
{
    uint64_t n;
    int which;
    bool ok;
    switch (id) {
    case OPT_technique:
        o->technique = technique_find(value);
        return o->technique ||
               unknown("technique", value, "technique", technique_name_at);
    case OPT_cpu:
        ok = choose(value, "cpu", kind_name, &which);
        o->kind_given = true;
        o->kind = (enum cpu_kind)which;
        return ok;
    case OPT_engine:
        ok = choose(value, "engine", engine_name, &which);
        o->reference_engine = which == 1;
        return ok;
    case OPT_cost:
        return set_prices(o, value);
    case OPT_set:
        return keep_set(o, value);
    case OPT_append:
        o->append = value;
        return true;
    case OPT_memory:
        if (!number(value, "memory", 1024, &n)) {
            return false;
        }
        o->memory = (uint32_t)n * MIB;
        return true;
    case OPT_limit:
        return number(value, "limit", INT64_MAX, &o->limit);
    case OPT_schedule:
        ok = choose(value, "schedule", schedule_name, &which);
        o->schedule = (enum schedule)which;
        return ok;
    case OPT_hosting:
        ok = choose(value, "hosting", hosting_name, &which);
        o->hosting = (enum hosting)which;
        return ok;
    case OPT_weight:
        return numbers(value, "weight", WEIGHT_MOST, o->weight);
    case OPT_cap:
        return numbers(value, "cap", 100, o->cap);
    case OPT_out:
        o->out = value;
        return true;
    case OPT_jobs:
        if (!number(value, "jobs", 1024, &n)) {
            return false;
        }
        o->jobs = (unsigned)n;
        return true;
    case OPT_part:
        return set_part(o, value);
    case OPT_trace:
        o->trace = value;
        return true;
    case OPT_gdb:
        o->gdb = value;
        return true;
    case OPT_beside:
        o->beside = value;
        return true;
    case OPT_setup:
        o->setup = value;
        return true;
    case OPT_evidence:
        o->evidence = value;
        return true;
    case OPT_batch:
        o->batch = value;
        return true;
    default:
        return set_flag(o, id);
    }
}

/* ------------------------------------------------------------------ help */

static void print_option(int i)
{
    char left[40];
    snprintf(left, sizeof left, "--%s%s%s", options[i].name,
             *options[i].arg ? " " : "", options[i].arg);
    printf("  %-18s %s\n", left, options[i].text);
}

static void help_command(enum command c)
{
    printf("Usage: ringside %s [OPTION ...]%s%s\n\n", commands[c].name,
           *commands[c].args ? " " : "", commands[c].args);
    printf("%c%s.\n\n", toupper((unsigned char)commands[c].text[0]),
           commands[c].text + 1);
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (options[i].commands & 1u << c) {
            print_option(i);
        }
    }
    if (commands[c].args[0] == '[' && c != CMD_compare) {
        puts(c == CMD_bench ? "\nSWEEP is a file that says what to run: see "
                              "bench/sweeps. None: all of it."
                            : "\nNAME is any that 'ringside explain' lists.");
        return;
    }
    if (!*commands[c].args) {
        return;
    }
    puts("\nGUEST is a file, or a guest's or a workload's name; 'ringside "
         "explain guests'\nlists them. GUEST@TECHNIQUE gives it a technique "
         "of its own.\nExit status: 0 the guest said success, 1 it failed, 2 "
         "bad use, 3 the virtual\nmachine was stopped, 124 the limit was "
         "reached, 130 Ctrl-C.");
}

static void help_all(FILE *to)
{
    fputs("Usage: ringside COMMAND [OPTION ...] [NAME]\n\n", to);
    for (int i = 0; i < COMMAND_COUNT; i++) {
        fprintf(to, "  %-8s %-17s %s\n", commands[i].name, commands[i].args,
                commands[i].text);
    }
    fputs("\n'ringside COMMAND --help' tells each command's options.\n"
          "To begin:  ringside compare\n",
          to);
}

/* --------------------------------------------------------------- parsing */

/* argv as it is consumed. */
struct words {
    int count, next;
    char **word;
};

static bool option_word(struct words *w, const char *word, struct options *o,
                        bool *help)
{
    char name[32];
    const char *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    snprintf(name, sizeof name, "%.*s", (int)n, word);
    int id = find(name, option_name);
    const char *command = commands[o->command].name;
    if (id < 0 || n >= sizeof name ||
        !(options[id].commands & 1u << o->command)) {
        complain("%s option '--%s'; 'ringside %s --help' lists its options",
                 id < 0 ? "unknown" : "this command does not take the", name,
                 command);
        if (id < 0) {
            suggest(stderr, name, option_name);
        }
        return false;
    }
    const char *value = equals ? equals + 1 : NULL;
    if (*options[id].arg && !value) {
        value = w->next < w->count ? w->word[w->next++] : NULL;
        if (!value) {
            complain("--%s needs a value: --%s %s", name, name,
                     options[id].arg);
            return false;
        }
    } else if (!*options[id].arg && value) {
        complain("--%s takes no value, but got '%s'", name, value);
        return false;
    }
    *help |= id == OPT_help;
    return set_option(o, (enum option_id)id, value ? value : "");
}

static bool name_word(const char *word, struct options *o)
{
    if (o->names == commands[o->command].names) {
        complain("'%s' is one name too many: ringside %s%s%s", word,
                 commands[o->command].name,
                 *commands[o->command].args ? " " : "",
                 commands[o->command].args);
        return false;
    }
    o->name[o->names++] = word;
    return true;
}

static bool parse_rest(struct words *w, struct options *o, bool *help)
{
    bool only_names = false;
    while (w->next < w->count && !*help) {
        const char *word = w->word[w->next++];
        bool ok;
        if (only_names || word[0] != '-' || !word[1]) {
            ok = name_word(word, o);
        } else if (strcmp(word, "--") == 0) {
            ok = only_names = true;
        } else if (strcmp(word, "-h") == 0) {
            ok = *help = true;
        } else if (word[1] == '-') {
            ok = option_word(w, word + 2, o, help);
        } else {
            complain("options begin with two dashes: '%s' does not", word);
            ok = false;
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* A command whose arguments begin with no '[' needs a name. */
static bool name_missing(const struct options *o)
{
    if (o->names > 0 || o->evidence || commands[o->command].names == 0 ||
        commands[o->command].args[0] == '[') {
        return false;
    }
    complain("%s what? A guest is missing: ringside %s %s",
             commands[o->command].name, commands[o->command].name,
             commands[o->command].args);
    complain("'ringside explain guests' lists the guests");
    return true;
}

bool options_parse(int argc, char **argv, struct options *out, int *status)
{
    struct words w = {argc, 2, argv};
    const char *word = argc > 1 ? argv[1] : "";
    int command = find(word, command_name);
    bool help = false;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *out = (struct options){.command = (enum command)command,
                            .out = "bench-out",
                            .jobs = cores > 0 ? (unsigned)cores : 1,
                            .parts = 1};
    *status = STATUS_USAGE;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
        strcmp(word, "help") == 0) {
        int about = argc > 2 ? find(argv[2], command_name) : -1;
        if (about < 0) {
            help_all(stdout);
        } else {
            help_command((enum command)about);
        }
        *status = STATUS_SUCCESS;
        return false;
    }
    if (command < 0) {
        if (*word) {
            complain("unknown command '%s'", word);
            suggest(stderr, word, command_name);
        }
        help_all(stderr);
        return false;
    }
    if (!set_prices(out, DEFAULT_PRICES) || !parse_rest(&w, out, &help)) {
        return false;
    }
    if (help) {
        help_command((enum command)command);
        *status = STATUS_SUCCESS;
        return false;
    }
    return change_prices(out) && !name_missing(out);
}
