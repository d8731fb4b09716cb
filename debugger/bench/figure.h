/*
 * figure.h - charts of bars and of lines as SVG, drawn by gnuplot.
 */
#ifndef RINGSIDE_DEBUGGER_BENCH_FIGURE_H
#define RINGSIDE_DEBUGGER_BENCH_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Bars for `rows` things, each with `columns` values; a negative one: none. Or
 * a line for each column, over the x of each row. A column without any value
 * but 0 is left out; its colour stays its own, so that many figures agree.
 */
struct figure {
    const char *name;   /* NAME.svg in the folder */
    const char *y_axis; /* what is counted, with its unit */
    bool stacked;       /* shares of 100 percent; else side by side */
    bool logarithmic;
    const double *x;    /* NULL: bars, not lines */
    const char *x_axis; /* of lines; their axis is logarithmic: */
    bool x_logarithmic;
    size_t rows, columns;
    const char *const *row, *const *column; /* their names */
    const double *value;                    /* [row][column] */
};

/* Is there a gnuplot to draw with? */
bool figure_possible(void);
/* Draw it into the folder. False: there is nothing to draw, or gnuplot failed,
 * which is said. */
bool figure_draw(const char *folder, const struct figure *f);

#endif
