/*
 * figure.c - charts of bars and of lines as SVG, drawn by gnuplot.
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

/* Told apart without colour vision as well: Okabe and Ito's (2008), and for a
 * chart of more parts some of Tol's (2021). */
static const char *const colours[] = {
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9",
    "#d55e00", "#f0e442", "#999999", "#444444", "#882255",
    "#44aa99", "#ddcc77", "#332288", "#aa4499"};
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
        if (f->x) {
            fprintf(to, "%.6g", f->x[r]);
        } else {
            put_string(to, f->row[r]);
        }
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

/* A figure's name is that of its SVG's parts, where '-' may not be. */
static void put_terminal(FILE *to, const char *name)
{
    fputs("set terminal svg name '", to);
    for (; *name; name++) {
        putc(*name == '-' ? '_' : *name, to);
    }
    fputs("' size 900,420 dynamic font 'sans-serif,13'\n", to);
}

/* What bars and lines have in common. */
static void put_frame(FILE *to, const struct figure *f, const char *path)
{
    put_terminal(to, f->name);
    fprintf(to,
            "set output '%s'\nset key above left horizontal Left reverse "
            "noenhanced\nset ytics nomirror\nset border 3\n"
            "set grid ytics lc '#cccccc'\nset ylabel '%s'\n%s",
            path, f->y_axis,
            f->logarithmic ? "set logscale y\nset yrange [0.1:*]\n"
            : f->stacked   ? "set yrange [0:100]\n"
                           : "set yrange [0:*]\n");
}

static void put_style(FILE *to, const struct figure *f)
{
    if (f->x) {
        fprintf(to,
                "set style data linespoints\nset xlabel '%s'\n"
                "set xtics nomirror\n%s",
                f->x_axis, f->x_logarithmic ? "set logscale x 2\n" : "");
        return;
    }
    fprintf(to,
            "set style data histogram\nset style histogram %s\n"
            "set style fill solid 0.9 noborder\nset boxwidth %s\n"
            "set xtics rotate by -40 noenhanced nomirror\n",
            f->stacked ? "rowstacked" : "clustered gap 1",
            f->stacked ? "0.7 relative" : "1");
}

static bool has_values(const struct figure *f, size_t column)
{
    for (size_t r = 0; r < f->rows; r++) {
        if (f->value[r * f->columns + column] > 0) {
            return true;
        }
    }
    return false;
}

static void put_plot(FILE *to, const struct figure *f)
{
    const char *before = "plot ";
    for (size_t c = 0; c < f->columns; c++) {
        if (!has_values(f, c)) {
            continue;
        }
        fprintf(to, "%s$data using %s%zu%s title columnheader(%zu) lc '%s'%s",
                before, f->x ? "1:" : "", c + 2, f->x ? "" : ":xtic(1)", c + 2,
                colours[c % COLOURS], f->x ? " lw 2" : "");
        before = ", ";
    }
    putc('\n', to);
}

bool figure_draw(const char *folder, const struct figure *f)
{
    char path[4200];
    size_t drawn = 0;
    for (size_t c = 0; c < f->columns; c++) {
        drawn += has_values(f, c);
    }
    if (drawn == 0) {
        return false;
    }
    snprintf(path, sizeof path, "%s/%s.svg", folder, f->name);
    FILE *to = popen("gnuplot", "w");
    if (!to) {
        complain("gnuplot: %s", strerror(errno));
        return false;
    }
    put_data(to, f);
    put_frame(to, f, path);
    put_style(to, f);
    put_plot(to, f);
    if (pclose(to)) {
        complain("gnuplot could not draw %s", path);
        return false;
    }
    return true;
}
