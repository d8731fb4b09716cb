/*
 * figure.h - bar charts as SVG, drawn by gnuplot.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_FIGURE_H
#define RINGSIDE_DEBUGGER_BENCH_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

/* Bars for `rows` things, each with `columns` values; a negative one: none. */
struct figure {
    const char *name;   /* NAME.svg in the folder */
    const char *y_axis; /* what is counted, with its unit */
    bool stacked;       /* else side by side */
    bool logarithmic;
    size_t rows, columns;
    const char *const *row, *const *column; /* their names */
    const double *value;                    /* [row][column] */
};

/* Is there a gnuplot to draw with? */
bool figure_possible(void);
/* Draw it into the folder. False if gnuplot failed. */
bool figure_draw(const char *folder, const struct figure *f);

#endif
