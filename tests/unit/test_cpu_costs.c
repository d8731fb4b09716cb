/*
 * The price list: presets are complete and sourced, and a wrong cost file is
 * refused with the line that is wrong.
 */
#include "../../cpu/cpu.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char err[256];

/* Write `text` to a file of its own and load it. */
static int load_text(const char *text, struct costs *out)
{
    char path[] = "/tmp/ringside-cost-XXXXXX.cost";
    int fd = mkstemps(path, 5);
    cr_assert(fd >= 0);
    cr_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    int status = costs_load(out, path, err, sizeof err);
    unlink(path);
    return status;
}

/* A complete price file at 1 cycle each, in `out`. */
static void complete(char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "title = t\nmhz = 7\n");
    for (int p = 0; p < PRICE_COUNT; p++) {
        n += (size_t)snprintf(out + n, size - n, "%s = 1\n",
                              price_name((enum price)p));
    }
}

Test(costs, every_preset_loads_and_prices_are_positive)
{
    struct costs c;
    size_t i = 0;
    for (; costs_preset(i); i++) {
        cr_assert_eq(costs_load(&c, costs_preset(i), err, sizeof err), 0, "%s",
                     err);
        cr_assert_str_eq(c.name, costs_preset(i));
        cr_assert(c.mhz > 0 && c.title[0]);
        for (int p = 0; p < PRICE_COUNT; p++) {
            cr_assert(c.price[p] > 0, "%s: %s is free", c.name,
                      price_name((enum price)p));
        }
    }
    cr_assert_geq(i, 5);
}

Test(costs, every_number_of_a_preset_has_its_source_behind_it)
{
    for (size_t i = 0; costs_preset(i); i++) {
        char path[64], line[512];
        snprintf(path, sizeof path, "cpu/costs/%s.cost", costs_preset(i));
        FILE *f = fopen(path, "r");
        cr_assert(f, "%s", path);
        while (fgets(line, sizeof line, f)) {
            char *equals = strchr(line, '=');
            if (line[0] == '#' || !equals || strncmp(line, "title", 5) == 0) {
                continue;
            }
            char *why = strchr(line, '#');
            cr_assert(why && strlen(why) > 4, "%s: %s", path, line);
        }
        fclose(f);
    }
}

Test(costs, published_figures_stand_in_the_p4_preset)
{
    /* Adams and Agesen 2006, figure 4, the native column. */
    struct costs c;
    cr_assert_eq(costs_load(&c, "p4-vt", err, sizeof err), 0);
    cr_assert_eq(c.price[PRICE_flag_if], 60);
    cr_assert_eq(c.price[PRICE_port_io], 3209);
    cr_assert_eq(c.price[PRICE_cr], 145);
}

Test(costs, a_wrong_file_is_refused_with_its_line)
{
    static char text[8192];
    struct costs c;
    complete(text, sizeof text);
    cr_assert_eq(load_text(text, &c), 0, "%s", err);
    cr_assert_eq(c.mhz, 7);

    static const struct {
        const char *add, *expect;
    } wrong[] = {
        {"alu = 2\n", "twice"},
        {"alhu = 2\n", "no such price"},
        {"mhz = -4\n", "not a number"},
        {"alu\n", "name = value"},
        {"mhz = 99999999999\n", "not a number"},
        {"mhz = 0\n", "missing, or zero"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        complete(text, sizeof text);
        strcat(text, wrong[i].add);
        cr_assert_eq(load_text(text, &c), -1, "%s", wrong[i].add);
        cr_assert(strstr(err, wrong[i].expect), "%s", err);
    }
    cr_assert_eq(load_text("mhz = 5\n", &c), -1);
    cr_assert(strstr(err, "missing price 'alu'"), "%s", err);
    cr_assert_eq(load_text("", &c), -1);
}

Test(costs, one_price_is_changed_and_the_title_says_so)
{
    struct costs c;
    cr_assert_eq(costs_load(&c, "p4-vt", err, sizeof err), 0);
    cr_assert_eq(costs_set(&c, "port_io = 7", err, sizeof err), 0, "%s", err);
    cr_assert_eq(costs_set(&c, "cr=5", err, sizeof err), 0, "%s", err);
    cr_assert_eq(c.price[PRICE_port_io], 7);
    cr_assert_eq(c.price[PRICE_cr], 5);
    cr_assert_str_eq(c.name, "p4-vt+");
    cr_assert(strstr(c.title, ", but port_io = 7, cr=5"), "%s", c.title);

    static const char *const wrong[] = {"", "cr", "cr=-1", "c=1", "#cr=1"};
    struct costs before = c;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_eq(costs_set(&c, wrong[i], err, sizeof err), -1);
        cr_assert(*err);
        cr_assert_eq(memcmp(&c, &before, sizeof c), 0, "'%s'", wrong[i]);
    }
}

Test(costs, an_unknown_name_lists_what_there_is)
{
    struct costs c;
    cr_assert_eq(costs_load(&c, "p5", err, sizeof err), -1);
    cr_assert(strstr(err, "p4-vt") && strstr(err, "unit"), "%s", err);
    cr_assert_eq(costs_load(&c, "./none.cost", err, sizeof err), -1);
    cr_assert(strstr(err, "none.cost") && strstr(err, "No such file"));
    cr_assert_eq(costs_load(&c, "/tmp/", err, sizeof err), -1, "a folder");
}
