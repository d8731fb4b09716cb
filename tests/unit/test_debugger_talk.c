/* How the program speaks: numbers, near names, wrapped text, bars. */
#include "../../debugger/talk.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What `print` writes, as a string to be freed. */
static char *written(void (*print)(FILE *to))
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    cr_assert(f);
    print(f);
    fclose(f);
    return text;
}

Test(talk, numbers_are_grouped_by_thousands)
{
    char buf[GROUPED_SIZE];
    cr_assert_str_eq(grouped(0, buf), "0");
    cr_assert_str_eq(grouped(999, buf), "999");
    cr_assert_str_eq(grouped(1000, buf), "1,000");
    cr_assert_str_eq(grouped(UINT64_MAX, buf), "18,446,744,073,709,551,615");
}

Test(talk, distance_is_levenshteins)
{
    cr_assert_eq(distance("", ""), 0);
    cr_assert_eq(distance("", "abc"), 3);
    cr_assert_eq(distance("kitten", "sitting"), 3);
    cr_assert_eq(distance("compare", "comprae"), 2);
    char longer[100];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    cr_assert_geq(distance(longer, "x"), 32);
    cr_assert_geq(distance("x", longer), 32);
}

static const char *fruit(size_t i)
{
    static const char *const names[] = {"apple", "pear", "plum"};
    return i < 3 ? names[i] : NULL;
}
static void misspelt(FILE *to)
{
    suggest(to, "paer", fruit);
}
static void cut_short(FILE *to)
{
    suggest(to, "ap", fruit);
}
static void far_off(FILE *to)
{
    suggest(to, "zucchini", fruit);
}

Test(talk, near_names_are_suggested_and_far_ones_not)
{
    char *text = written(misspelt);
    cr_assert_str_eq(text, "  did you mean 'pear'?\n");
    free(text);
    text = written(cut_short);
    cr_assert_str_eq(text, "  did you mean 'apple'?\n");
    free(text);
    text = written(far_off);
    cr_assert_str_eq(text, "");
    free(text);
}

static void three_lines(FILE *to)
{
    print_wrapped(to, 10,
                  "The quick brown fox jumps over the lazy dog, and the lazy "
                  "dog sleeps on as if nothing had been the matter with "
                  "anybody's jumping over anybody else at all.");
}
static void one_long_word(FILE *to)
{
    print_wrapped(to, 78, "unbreakable");
}

Test(talk, text_keeps_to_eighty_columns_and_its_indent)
{
    char *text = written(three_lines), *rest = NULL;
    int lines = 0;
    for (char *l = strtok_r(text, "\n", &rest); l;
         l = strtok_r(NULL, "\n", &rest), lines++) {
        cr_assert_leq(strlen(l), 80);
        cr_assert_eq(strspn(l, " "), 10);
    }
    cr_assert_eq(lines, 3);
    free(text);
    text = written(one_long_word);
    cr_assert_str_eq(strstr(text, "unbreakable"), "unbreakable\n");
    free(text);
}

static void bars(FILE *to)
{
    print_bar(to, 0, 100, 10);
    fputc('|', to);
    print_bar(to, 1, 1000000, 10);
    fputc('|', to);
    print_bar(to, 50, 100, 10);
    fputc('|', to);
    print_bar(to, 300, 100, 10);
    fputc('|', to);
    print_bar(to, 5, 0, 10);
}

Test(talk, bars_show_the_least_part_and_end_at_their_width)
{
    char *text = written(bars); /* no locale is set: plain characters */
    cr_assert_str_eq(text, "|#|#####|##########|");
    free(text);
}

Test(talk, json_numbers_are_exact)
{
    cJSON *o = cJSON_CreateObject();
    json_number(o, "n", UINT64_MAX - 1);
    char *text = cJSON_PrintUnformatted(o);
    cr_assert_str_eq(text, "{\"n\":18446744073709551614}");
    cJSON_free(text);
    cJSON_Delete(o);
}
