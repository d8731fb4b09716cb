/*
 * screen_log.c - what commands said, line by line; and the newest exits, as
 * they were booked.
 */
#include "screen.h"

#include <stdlib.h>
#include <string.h>

static void log_one(struct log *l, const char *text, size_t n)
{
    char **slot = &l->line[l->lines % LOG_LINES];
    char *line = strndup(text, n);
    if (line) {
        free(*slot);
        *slot = line;
        l->lines++;
    }
}

void log_text(struct log *l, const char *text)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        log_one(l, text, n);
        text += n + (text[n] ? 1 : 0);
    }
}

const char *log_line(const struct log *l, size_t n)
{
    bool kept = n < l->lines && l->lines - n <= LOG_LINES;
    return kept ? l->line[n % LOG_LINES] : NULL;
}

void log_free(struct log *l)
{
    for (size_t i = 0; i < LOG_LINES; i++) {
        free(l->line[i]);
    }
}

void records_note(struct records *r, const struct exit_record *x)
{
    r->slot[x->number % RECORDS] = *x;
}

const struct exit_record *records_find(const struct records *r, uint64_t number)
{
    const struct exit_record *x = &r->slot[number % RECORDS];
    return number && x->number == number ? x : NULL;
}
