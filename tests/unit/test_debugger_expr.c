/*
 * Expressions of the debugger. The expectations are C's: each text is also
 * compiled here, by the same words. And errors, each with its place.
 */
#include "../../debugger/debug_expr.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EAX, ESP, REASON, COST };
static const int64_t eax = 7, esp = 0x1000, cost = 5001, reason = 3;
static const int64_t guest_pf = 3, guest = 90, pf = 50;

static enum expr_word find(void *who, const char *word, int beside,
                           uint32_t *name, int64_t *number)
{
    static const char *const names[] = {"eax", "esp", "reason", "cost"};
    (void)who;
    for (uint32_t i = 0; i < 4; i++) {
        if (strcmp(word, names[i]) == 0) {
            *name = i;
            return WORD_NAME;
        }
    }
    if (strcmp(word, "guest-pf") == 0 && beside == REASON) {
        *number = guest_pf;
        return WORD_NUMBER;
    }
    if (strcmp(word, "guest") == 0 || strcmp(word, "pf") == 0) {
        *number = *word == 'g' ? guest : pf;
        return WORD_NUMBER;
    }
    return WORD_NONE;
}

static bool value(void *who, uint32_t name, int64_t *out)
{
    const int64_t values[] = {eax, esp, reason, cost};
    (void)who;
    *out = values[name];
    return true;
}

/* Memory holds its own address, and the size and the space above it. */
static bool load(void *who, enum expr_space space, uint32_t at, unsigned size,
                 int64_t *out)
{
    (void)who;
    *out = at | (int64_t)size << 32 | (int64_t)space << 40;
    return at < 0x8000;
}

static const struct expr_world world = {
    .find = find, .value = value, .load = load};

static struct expr parsed(const char *text)
{
    struct expr e;
    struct expr_error error;
    cr_assert(expr_parse(text, &world, &e, &error), "%s: at %zu: %s", text,
              error.at, error.text);
    return e;
}

static void is(const char *text, int64_t expected)
{
    struct expr e = parsed(text);
    int64_t got = 0;
    cr_assert(expr_value(&e, &world, &got), "%s has no value", text);
    cr_assert_eq(got, expected, "%s is %lld, not %lld", text,
                 (long long)expected, (long long)got);
}
#pragma GCC diagnostic ignored "-Wparentheses"
#define AS_C(...) is(#__VA_ARGS__, __VA_ARGS__)

Test(expr, operators_and_their_order_are_those_of_c)
{
    AS_C((eax + 3 * 4 - 1));
    AS_C((-eax + 10));
    AS_C((!eax || cost > 5000 && esp == 4096));
    AS_C((1 | 2 ^ 3 & 6));
    AS_C((eax << 4 >> 1 + 1));
    AS_C((100 / 7 % 5 - -3));
    AS_C((~eax & 0xff));
    AS_C((1 < 2 == 1));
    AS_C((eax != 7) + (eax <= 7) * 2 + (eax >= 8) * 4 + (eax < 8) * 8);
    AS_C(((((eax)))));
    is("10-2-3", 5);
    is("1 << 64", 0);
    is("reason=3 && cost=5001", 1);
}

Test(expr, numbers_and_places)
{
    is("7c0", 0x7c0);
    is("0x10", 16);
    is("10", 10);
    is("ffff:10", 0x100000);
    is("7c0:0 + 2", 0x7c02);
    is("[esp]", esp | 4LL << 32);
    is("[esp + 4]", (esp + 4) | 4LL << 32);
    is("byte [esp]", esp | 1LL << 32);
    is("word[2+2]", 4 | 2LL << 32);
    is("p [16]", 16 | 4LL << 32 | 1LL << 40);
    is("m[16]", 16 | 4LL << 32 | 2LL << 40);
    is("pte(0x1000)", 0x1000 | 4LL << 32 | 3LL << 40);
    is("pde(0x1000)", 0x1000 | 4LL << 32 | 4LL << 40);
    is("rpte(0x1000)", 0x1000 | 4LL << 32 | 5LL << 40);
    is("[[16] & 0xffff]", 16 | 4LL << 32);
}

Test(expr, a_dash_is_part_of_a_name_only_where_there_is_such_a_name)
{
    is("reason=guest-pf", 1);
    is("guest-pf", guest - pf);
    is("reason=guest-pf && 1", 1);
    is("eax-esp", eax - esp);
}

/* What is wrong with it, and where. */
static void wrong(const char *text, size_t at, const char *says)
{
    struct expr e;
    struct expr_error error;
    cr_assert_not(expr_parse(text, &world, &e, &error), "%s", text);
    cr_assert_eq(error.at, at, "%s: %zu, %s", text, error.at, error.text);
    cr_assert(strstr(error.text, says), "%s: %s", text, error.text);
}

Test(expr, an_error_has_its_place)
{
    wrong("", 0, "missing");
    wrong("eax +", 5, "missing");
    wrong("eax == ecks", 7, "called so");
    wrong("(eax + 1", 0, "not closed");
    wrong("1 + [esp", 4, "not closed");
    wrong("eax esp", 4, "ended");
    wrong("eax == )", 7, "should be a value");
    wrong("99999999999999999999", 0, "called so");
    wrong("1g", 0, "called so");
}

Test(expr, no_value_where_there_is_none)
{
    static const char *const texts[] = {"1/0", "1%(eax-7)", "[0x9000]",
                                        "1 || [0x9000]"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct expr e = parsed(texts[i]);
        int64_t got;
        cr_assert_not(expr_value(&e, &world, &got), "%s", texts[i]);
    }
}

Test(expr, what_it_is)
{
    uint32_t name;
    struct expr e = parsed("esp");
    cr_assert(expr_is_name(&e, &name));
    cr_assert_eq(name, ESP);
    e = parsed("[esp]");
    cr_assert(expr_is_memory(&e));
    e = parsed("[esp]+1");
    cr_assert_not(expr_is_memory(&e));
    e = parsed("esp+4");
    expr_point(&e);
    int64_t got;
    cr_assert(expr_value(&e, &world, &got));
    cr_assert_eq(got, (esp + 4) | 4LL << 32);
}

Test(expr, nonsense_of_any_kind_is_answered)
{
    static const char signs[] = "()[]+-*/%<>=!~&|^ eax0x1fpte:.#,'\"\\";
    srand(3);
    for (int n = 0; n < 200000; n++) {
        char text[200];
        size_t length = (size_t)rand() % (n % 100 ? 24 : sizeof text);
        for (size_t i = 0; i < length; i++) {
            text[i] = signs[(size_t)rand() % (sizeof signs - 1)];
        }
        text[length] = 0;
        struct expr e;
        struct expr_error error;
        int64_t got;
        if (expr_parse(text, &world, &e, &error)) {
            expr_value(&e, &world, &got);
        } else {
            cr_assert_leq(error.at, length);
            cr_assert_neq(error.text[0], 0);
        }
    }
}
