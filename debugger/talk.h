/*
 * talk.h - how the program speaks: messages, numbers, bars, colours, JSON.
 */
#ifndef RINGSIDE_DEBUGGER_TALK_H
#define RINGSIDE_DEBUGGER_TALK_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define COLUMNS 80

/* "ringside: ...", to standard error. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Say what else `word` may have meant: the names nearest to it, as "did you
 * mean 'cr3'?", or nothing. `name(i)` is the i-th name, NULL past the last.
 */
void suggest(FILE *to, const char *word, const char *(*name)(size_t i));
/* How many letters must change to make b of a. */
unsigned distance(const char *a, const char *b);

/* 12,345,678 in buf. Returns buf. */
#define GROUPED_SIZE 28
char *grouped(uint64_t n, char buf[GROUPED_SIZE]);

/* A bar of `part` of `whole`, at most `width` columns wide. */
void print_bar(FILE *to, uint64_t part, uint64_t whole, int width);
/* Text broken into lines of 80 columns, each indented. */
void print_wrapped(FILE *to, int indent, const char *text);
/* The same, but `head` stands where the first line's indent would. */
void print_hanging(FILE *to, const char *head, int indent, const char *text);

/*
 * Colour on this stream? Only on a terminal, and not if NO_COLOR is set.
 * paint() gives the escape sequence of a style, or "" where there is none.
 */
enum style {
    STYLE_NONE,
    STYLE_BOLD,
    STYLE_DIM,
    STYLE_GOOD,
    STYLE_BAD,
    STYLE_NOTE
};
const char *paint(FILE *to, enum style s);

/* A number of 64 bits, exactly; cJSON's own are doubles. */
void json_number(cJSON *object, const char *name, uint64_t n);
/* Print and free. */
void json_print(FILE *to, cJSON *json);

#endif
