/*
 * figure.c - bar charts as SVG, drawn by gnuplot.
 *
 * gnuplot reads its commands from a pipe, data included. The same numbers
 * give the same bytes: it writes no date into an SVG file.
 */
#include "figure.h"

#include "../talk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Told apart without colour vision as well (Okabe and Ito 2008). */
static const char *const colours[] = {"#0072b2", "#e69f00", "#009e73",
                                      "#cc79a7", "#56b4e9", "#d55e00",
                                      "#f0e442", "#999999", "#444444"};
#define COLOURS (sizeof colours / sizeof *colours)

bool figure_possible(void)
{
    return system("gnuplot --version > /dev/null 2>&1") == 0;
}

/* A quoted string for gnuplot: ours hold no quotes. */
static void put_string(FILE *to, const char *s)
{
    fprintf(to, "\"%s\"", s);
}

static void put_data(FILE *to, const struct figure *f)
{
    fputs("$data << END\n-", to);
    for (size_t c = 0; c < f->columns; c++) {
        putc(' ', to);
        put_string(to, f->column[c]);
    }
    putc('\n', to);
    for (size_t r = 0; r < f->rows; r++) {
        put_string(to, f->row[r]);
        for (size_t c = 0; c < f->columns; c++) {
            double v = f->value[r * f->columns + c];
            if (v < 0) {
                fputs(" NaN", to);
            } else {
                fprintf(to, " %.6g", v);
            }
        }
        putc('\n', to);
    }
    fputs("END\n", to);
}

static void put_commands(FILE *to, const struct figure *f, const char *path)
{
    fprintf(to,
            "set terminal svg size 900,420 dynamic font 'sans-serif,13'\n"
            "set output '%s'\nset style data histogram\n"
            "set style histogram %s\nset style fill solid 0.9 noborder\n"
            "set boxwidth %s\nset key outside right top vertical Left reverse "
            "noenhanced\nset xtics rotate by -40 noenhanced nomirror\n"
            "set ytics nomirror\nset border 3\nset grid ytics lc '#cccccc'\n"
            "set ylabel '%s'\n%s",
            path, f->stacked ? "rowstacked" : "clustered gap 1",
            f->stacked ? "0.7 relative" : "1", f->y_axis,
            f->logarithmic ? "set logscale y\nset yrange [0.1:*]\n"
                           : "set yrange [0:*]\n");
    fputs("plot ", to);
    for (size_t c = 0; c < f->columns; c++) {
        fprintf(to, "%s$data using %zu%s title columnheader(%zu) lc '%s'",
                c ? ", " : "", c + 2, c ? "" : ":xtic(1)", c + 2,
                colours[c % COLOURS]);
    }
    putc('\n', to);
}

bool figure_draw(const char *folder, const struct figure *f)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s.svg", folder, f->name);
    FILE *to = popen("gnuplot", "w");
    if (!to) {
        complain("gnuplot: %s", strerror(errno));
        return false;
    }
    put_data(to, f);
    put_commands(to, f, path);
    if (pclose(to)) {
        complain("gnuplot could not draw %s", path);
        return false;
    }
    return true;
}
