/*
 * talk.c - how the program speaks: messages, numbers, bars, colours, JSON.
 */
#include "talk.h"

#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void complain(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("ringside: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

/* ---------------------------------------------------------- near matches */

#define WORD_MAX 32

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

/* Levenshtein's distance, one row of the table at a time. */
unsigned distance(const char *a, const char *b)
{
    unsigned row[WORD_MAX + 1];
    size_t n = strlen(b);
    if (n > WORD_MAX || strlen(a) > WORD_MAX) {
        return WORD_MAX;
    }
    for (unsigned j = 0; j <= n; j++) {
        row[j] = j;
    }
    for (unsigned i = 0; a[i]; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            unsigned above = row[j + 1];
            row[j + 1] =
                least(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[n];
}

/* Is b what somebody may have meant by a? */
static bool near(const char *a, const char *b)
{
    size_t n = strlen(a);
    if (n >= 2 && strncmp(a, b, n) == 0) {
        return true; /* cut short */
    }
    return distance(a, b) <= (n < 4 ? 1u : 2u);
}

#define SUGGESTED_MAX 4

static bool is_among(const char *name, const char *const *list, int count)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

void suggest(FILE *to, const char *word, const char *(*name)(size_t i))
{
    const char *said[SUGGESTED_MAX];
    int count = 0;
    for (size_t i = 0; name(i) && count < SUGGESTED_MAX; i++) {
        if (near(word, name(i)) && !is_among(name(i), said, count)) {
            fprintf(to, count ? " or '%s'" : "  did you mean '%s'", name(i));
            said[count++] = name(i);
        }
    }
    if (count) {
        fputs("?\n", to);
    }
}

/* --------------------------------------------------------------- numbers */

char *grouped(uint64_t n, char buf[GROUPED_SIZE])
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, n);
    char *out = buf;
    for (int i = 0; i < count; i++) {
        if (i && (count - i) % 3 == 0) {
            *out++ = ',';
        }
        *out++ = digits[i];
    }
    *out = 0;
    return buf;
}

/* ------------------------------------------------------------------ bars */

static bool utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* In eighths of a column where the terminal can show them. */
void print_bar(FILE *to, uint64_t part, uint64_t whole, int width)
{
    static const char *const eighth[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (whole == 0) {
        return;
    }
    double share = (double)part / (double)whole;
    int eighths = (int)((share > 1 ? 1 : share) * width * 8 + 0.5);
    if (part > 0 && eighths == 0) {
        eighths = 1;
    }
    if (!utf8()) {
        for (int i = 0; i < (eighths + 4) / 8 || (i == 0 && part > 0); i++) {
            fputc('#', to);
        }
        return;
    }
    for (int i = 0; i < eighths / 8; i++) {
        fputs("█", to);
    }
    fputs(eighth[eighths % 8], to);
}

/* ------------------------------------------------------------------ text */

void print_hanging(FILE *to, const char *head, int indent, const char *text)
{
    int at = fprintf(to, "%-*s", indent, head); /* columns used */
    bool first = true;
    while (*text) {
        int word = (int)strcspn(text, " \n");
        if (!first && at + 1 + word > COLUMNS) {
            fprintf(to, "\n%*s", indent, "");
            at = indent;
            first = true;
        }
        at += fprintf(to, "%s%.*s", first ? "" : " ", word, text);
        first = false;
        text += word;
        text += strspn(text, " \n");
    }
    fputc('\n', to);
}

void print_wrapped(FILE *to, int indent, const char *text)
{
    print_hanging(to, "", *text ? indent : 0, text);
}

const char *paint(FILE *to, enum style s)
{
    /* Red and magenta are read on light and dark; green and yellow are not. */
    static const char *const sequence[] = {
        [STYLE_NONE] = "\033[0m", [STYLE_BOLD] = "\033[1m",
        [STYLE_DIM] = "\033[2m",  [STYLE_GOOD] = "\033[1m",
        [STYLE_BAD] = "\033[31m", [STYLE_NOTE] = "\033[35m",
    };
    const char *off = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    bool dumb = !terminal || strcmp(terminal, "dumb") == 0;
    return (off && *off) || dumb || !isatty(fileno(to)) ? "" : sequence[s];
}

/* ------------------------------------------------------------------ JSON */

void json_number(cJSON *object, const char *name, uint64_t n)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, n);
    cJSON_AddRawToObject(object, name, digits);
}

void json_print(FILE *to, cJSON *json)
{
    char *text = cJSON_Print(json);
    if (text) {
        fprintf(to, "%s\n", text);
        cJSON_free(text);
    }
    cJSON_Delete(json);
}
