/*
 * document.h - a report in Markdown and HTML, written at once.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_DOCUMENT_H
#define RINGSIDE_DEBUGGER_BENCH_DOCUMENT_H

#include <stdbool.h>
#include <stdio.h>

#define HEADINGS_MOST 40

struct document {
    FILE *md, *html;
    const char *folder; /* where figures lie */
    int columns;        /* of the table that is open */
    /* The page: its contents come before its body, which is written first. */
    FILE *page;
    const char *title;
    char *body;
    size_t size;
    char heading[HEADINGS_MOST][80];
    size_t headings;
};

/*
 * Both files' beginnings and ends; the HTML one needs nothing beside it. The
 * title must stay till the end. False: no memory, and nothing is begun.
 */
bool document_begin(struct document *d, const char *title);
void document_end(struct document *d);

void document_heading(struct document *d, const char *text);
void document_text(struct document *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A command, as one types it. */
void document_command(struct document *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A table: its head, the first column left and the others right; then cells,
 * row by row: after the last of a row a new row begins by itself.
 */
void document_table(struct document *d, int columns, const char *const *head);
void document_cell(struct document *d, int column, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void document_table_end(struct document *d);

/*
 * In the HTML alone: a slider over a table of numbers a / c + b / c * x, where
 * x is what the slider says, in percent. Cells follow by document_slider_cell,
 * head and rows as in a table.
 */
void document_slider(struct document *d, const char *label, int columns,
                     const char *const *head);
void document_slider_cell(struct document *d, int column, const char *name,
                          double fixed, double scaled, double over);
void document_slider_end(struct document *d);

/*
 * A figure that lies in the folder as NAME.svg: into the HTML it goes whole.
 * The caption says in a sentence what it shows.
 */
void document_figure(struct document *d, const char *name, const char *caption);

#endif
