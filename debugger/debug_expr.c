/*
 * debug_expr.c - expressions, read and calculated.
 *
 * Parts:  words of the text; reading, by recursive descent; calculating.
 *
 * A text becomes a list of operations on a stack, once; that list is
 * calculated at each instruction or exit.
 */
#include "debug_expr.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum what {
    NUMBER,
    NAME,
    LOAD,
    NEGATE,
    NOT,
    INVERT,
    OR,
    AND,
    BIT_OR,
    BIT_XOR,
    BIT_AND,
    EQUAL,
    UNEQUAL,
    LESS,
    LESS_EQUAL,
    GREATER,
    GREATER_EQUAL,
    LEFT,
    RIGHT,
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    REMAINDER,
};

/* By how tightly they bind. The longer of two that begin alike comes first. */
static const struct binary {
    const char *text;
    uint8_t what, binds;
} binaries[] = {
    {"||", OR, 1},         {"&&", AND, 2},           {"|", BIT_OR, 3},
    {"^", BIT_XOR, 4},     {"&", BIT_AND, 5},        {"==", EQUAL, 6},
    {"!=", UNEQUAL, 6},    {"<<", LEFT, 8},          {">>", RIGHT, 8},
    {"<=", LESS_EQUAL, 7}, {">=", GREATER_EQUAL, 7}, {"=", EQUAL, 6},
    {"<", LESS, 7},        {">", GREATER, 7},        {"+", ADD, 9},
    {"-", SUBTRACT, 9},    {"*", MULTIPLY, 10},      {"/", DIVIDE, 10},
    {"%", REMAINDER, 10},
};
#define BINARIES (sizeof binaries / sizeof binaries[0])
#define DEEPEST 32 /* brackets and signs in each other */

struct reader {
    const char *text, *at;
    const struct expr_world *world;
    struct expr *out;
    struct expr_error *error;
    int depth;
};

/* ------------------------------------------------------------------ words */

static bool fail(struct reader *r, const char *at, const char *why)
{
    r->error->at = (size_t)(at - r->text);
    snprintf(r->error->text, sizeof r->error->text, "%s", why);
    return false;
}

static void skip(struct reader *r)
{
    r->at += strspn(r->at, " \t");
}

static bool take(struct reader *r, const char *sign)
{
    skip(r);
    size_t n = strlen(sign);
    if (strncmp(r->at, sign, n) != 0) {
        return false;
    }
    r->at += n;
    return true;
}

static bool push(struct reader *r, struct expr_op op)
{
    if (r->out->count == EXPR_MOST) {
        return fail(r, r->at, "this is too long an expression");
    }
    r->out->op[r->out->count++] = op;
    return true;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '@';
}

/* The word that begins here; `dashes`: with those inside it, as "pt-write". */
static size_t word_length(const char *at, bool dashes)
{
    size_t n = 0;
    while (word_char(at[n]) ||
           (dashes && at[n] == '-' && n && isalpha((unsigned char)at[n + 1]))) {
        n++;
    }
    return n;
}

/* 0x1f, 12, or digits of which some are hexadecimal: 7c0f. */
static bool read_number(const char *word, int64_t *out)
{
    char *end;
    errno = 0;
    *out = (int64_t)strtoull(word, &end, 0);
    if (*end) {
        *out = (int64_t)strtoull(word, &end, 16);
    }
    return isxdigit((unsigned char)*word) && !*end && !errno;
}

/* SEGMENT:OFFSET of real and virtual-8086 mode, in hexadecimal digits. */
static bool real_address(struct reader *r)
{
    unsigned segment, offset;
    int n = 0;
    if (sscanf(r->at, "%4x:%4x%n", &segment, &offset, &n) != 2 || n == 0 ||
        word_char(r->at[n]) ||
        word_length(r->at, false) != strcspn(r->at, ":")) {
        return false;
    }
    r->at += n;
    struct expr_op op = {.what = NUMBER};
    op.number = ((int64_t)segment << 4) + offset;
    return push(r, op);
}

/* ---------------------------------------------------------------- reading */

static bool read_binary(struct reader *r, int binds);

/* [A] or (A), whose sign has been taken. */
static bool read_bracket(struct reader *r, const char *close)
{
    const char *open = r->at - 1;
    if (!read_binary(r, 1)) {
        return false;
    }
    return take(r, close) || fail(r, open, "this bracket is not closed");
}

/* What a word before a bracket makes of it. False: no such word. */
static bool load_word(const char *word, size_t n, struct expr_op *op)
{
    static const struct {
        const char *word;
        uint8_t space, size;
        bool calls; /* with round brackets */
    } words[] = {
        {"byte", SPACE_VIRTUAL, 1, false}, {"word", SPACE_VIRTUAL, 2, false},
        {"v", SPACE_VIRTUAL, 4, false},    {"p", SPACE_PHYSICAL, 4, false},
        {"m", SPACE_MACHINE, 4, false},    {"pte", SPACE_PTE, 4, true},
        {"pde", SPACE_PDE, 4, true},       {"rpte", SPACE_REAL_PTE, 4, true}};
    const char *next = word + n + strspn(word + n, " \t");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) == n &&
            strncmp(words[i].word, word, n) == 0 &&
            (*next == '[' || (words[i].calls && *next == '('))) {
            op->space = words[i].space;
            op->size = words[i].size;
            return true;
        }
    }
    return false;
}

static bool read_load(struct reader *r, struct expr_op op)
{
    op.what = LOAD;
    bool square = take(r, "[");
    if (!square) {
        take(r, "(");
    }
    return read_bracket(r, square ? "]" : ")") && push(r, op);
}

/* A word of n bytes is known: as a name, or as a number. */
static bool known_word(struct reader *r, size_t n, int beside,
                       struct expr_op *op)
{
    char word[80];
    if (n >= sizeof word) {
        return false;
    }
    snprintf(word, sizeof word, "%.*s", (int)n, r->at);
    switch (
        r->world->find(r->world->who, word, beside, &op->name, &op->number)) {
    case WORD_NAME:
        op->what = NAME;
        return true;
    case WORD_NUMBER:
        op->what = NUMBER;
        return true;
    default:
        op->what = NUMBER;
        return read_number(word, &op->number);
    }
}

/* A name or a number; the longer reading first: "guest-pf". */
static bool read_word(struct reader *r, int beside)
{
    r->at += *r->at == '$' && isalpha((unsigned char)r->at[1]); /* gdb's $eip */
    size_t n = word_length(r->at, true), plain = word_length(r->at, false);
    struct expr_op op = {0};
    if (n == 0) {
        return fail(r, r->at,
                    *r->at ? "here should be a value, not this"
                           : "here a value is missing");
    }
    if (load_word(r->at, plain, &op)) {
        r->at += plain;
        return read_load(r, op);
    }
    if (real_address(r)) {
        return true;
    }
    while (n > plain && !known_word(r, n, beside, &op)) {
        do {
            n--; /* back to before the last dash */
        } while (r->at[n] != '-');
    }
    if (n == plain && !known_word(r, n, beside, &op)) {
        snprintf(r->error->word, sizeof r->error->word, "%.*s", (int)plain,
                 r->at);
        return fail(r, r->at,
                    "no register, symbol, number or field of an "
                    "exit is called so");
    }
    r->at += n;
    return push(r, op);
}

static bool read_value(struct reader *r, int beside)
{
    static const struct {
        const char *sign;
        uint8_t what;
    } signs[] = {{"-", NEGATE}, {"!", NOT}, {"~", INVERT}, {"+", NUMBER}};
    bool ok = false;
    skip(r);
    if (++r->depth > DEEPEST) {
        return fail(r, r->at, "this is nested too deeply");
    }
    if (take(r, "(")) {
        ok = read_bracket(r, ")");
    } else if (*r->at == '[') {
        ok = read_load(r, (struct expr_op){.space = SPACE_VIRTUAL, .size = 4});
    } else {
        size_t i = 0;
        while (i < 4 && !take(r, signs[i].sign)) {
            i++;
        }
        if (i == 4) {
            ok = read_word(r, beside);
        } else {
            ok = read_value(r, -1) &&
                 (signs[i].what == NUMBER ||
                  push(r, (struct expr_op){.what = signs[i].what}));
        }
    }
    r->depth--;
    return ok;
}

static const struct binary *next_binary(struct reader *r)
{
    skip(r);
    for (size_t i = 0; i < BINARIES; i++) {
        if (strncmp(r->at, binaries[i].text, strlen(binaries[i].text)) == 0) {
            return &binaries[i];
        }
    }
    return NULL;
}

/* The name that the last operation is, if it is one alone. */
static int name_since(const struct expr *e, int since)
{
    bool one = e->count == since + 1 && e->op[since].what == NAME;
    return one ? (int)e->op[since].name : -1;
}

/* Operators that bind as tightly as `binds` or more; `beside` the first. */
static bool read_chain(struct reader *r, int binds, int beside)
{
    const struct binary *b;
    int first = r->out->count;
    if (!read_value(r, beside)) {
        return false;
    }
    while ((b = next_binary(r)) && b->binds >= binds) {
        bool compares = b->binds == 6 || b->binds == 7;
        int left = compares ? name_since(r->out, first) : -1;
        r->at += strlen(b->text);
        if (!read_chain(r, b->binds + 1, left) ||
            !push(r, (struct expr_op){.what = b->what})) {
            return false;
        }
    }
    return true;
}

static bool read_binary(struct reader *r, int binds)
{
    return read_chain(r, binds, -1);
}

bool expr_parse(const char *text, const struct expr_world *w, struct expr *out,
                struct expr_error *error)
{
    struct reader r = {
        .text = text, .at = text, .world = w, .out = out, .error = error};
    *error = (struct expr_error){0};
    out->count = 0;
    if (!read_binary(&r, 1)) {
        return false;
    }
    skip(&r);
    return !*r.at || fail(&r, r.at, "here the expression should have ended");
}

/* ------------------------------------------------------------ calculating */

static bool compare(uint8_t what, int64_t x, int64_t y)
{
    switch (what) {
    case EQUAL:
        return x == y;
    case UNEQUAL:
        return x != y;
    case LESS:
        return x < y;
    case LESS_EQUAL:
        return x <= y;
    case GREATER:
        return x > y;
    default:
        return x >= y;
    }
}

static bool calculate(uint8_t what, int64_t x, int64_t y, int64_t *out)
{
    uint64_t a = (uint64_t)x, b = (uint64_t)y;
    if (what >= EQUAL && what <= GREATER_EQUAL) {
        *out = compare(what, x, y);
        return true;
    }
    switch (what) {
    case OR:
        *out = x || y;
        return true;
    case AND:
        *out = x && y;
        return true;
    case BIT_OR:
        *out = x | y;
        return true;
    case BIT_XOR:
        *out = x ^ y;
        return true;
    case BIT_AND:
        *out = x & y;
        return true;
    case LEFT:
        *out = b < 64 ? (int64_t)(a << b) : 0;
        return true;
    case RIGHT:
        *out = b < 64 ? (int64_t)(a >> b) : 0;
        return true;
    case ADD:
        *out = (int64_t)(a + b);
        return true;
    case SUBTRACT:
        *out = (int64_t)(a - b);
        return true;
    case MULTIPLY:
        *out = (int64_t)(a * b);
        return true;
    default: /* DIVIDE, REMAINDER; of the smallest number by -1 no host can */
        if (y == 0 || (y == -1 && x == INT64_MIN)) {
            return false;
        }
        *out = what == DIVIDE ? x / y : x % y;
        return true;
    }
}

/* An operation on the top of the stack alone, or a new top. */
static bool simple(const struct expr_op *op, const struct expr_world *w,
                   int64_t *top, bool *pushes, int64_t *pushed)
{
    *pushes = op->what == NUMBER || op->what == NAME;
    switch (op->what) {
    case NUMBER:
        *pushed = op->number;
        return true;
    case NAME:
        return w->value(w->who, op->name, pushed);
    case LOAD:
        return w->load(w->who, (enum expr_space)op->space, (uint32_t)*top,
                       op->size, top);
    case NEGATE:
        *top = (int64_t)(0 - (uint64_t)*top);
        return true;
    case NOT:
        *top = !*top;
        return true;
    default: /* INVERT */
        *top = ~*top;
        return true;
    }
}

bool expr_value(const struct expr *e, const struct expr_world *w, int64_t *out)
{
    int64_t stack[EXPR_MOST + 1] = {0}, pushed = 0;
    int n = 0; /* values on it; stack[0] is nobody's */
    for (int i = 0; i < e->count; i++) {
        const struct expr_op *op = &e->op[i];
        bool pushes = false;
        if (op->what >= OR) {
            n--;
            if (!calculate(op->what, stack[n], stack[n + 1], &stack[n])) {
                return false;
            }
        } else if (!simple(op, w, &stack[n], &pushes, &pushed)) {
            return false;
        } else if (pushes) {
            stack[++n] = pushed;
        }
    }
    *out = stack[n];
    return n == 1;
}

/* ------------------------------------------------------------ what is it? */

bool expr_is_name(const struct expr *e, uint32_t *name)
{
    *name = e->count ? e->op[0].name : 0;
    return e->count == 1 && e->op[0].what == NAME;
}

bool expr_is_memory(const struct expr *e)
{
    return e->count > 1 && e->op[e->count - 1].what == LOAD;
}

bool expr_is_virtual(const struct expr *e)
{
    return expr_is_memory(e) && e->op[e->count - 1].space == SPACE_VIRTUAL;
}

void expr_point(struct expr *e)
{
    if (e->count < EXPR_MOST) {
        e->op[e->count++] =
            (struct expr_op){.what = LOAD, .space = SPACE_VIRTUAL, .size = 4};
    }
}

bool expr_any(const struct expr *e, bool (*match)(uint32_t name))
{
    for (int i = 0; i < e->count; i++) {
        if (e->op[i].what == LOAD ||
            (e->op[i].what == NAME && match(e->op[i].name))) {
            return true;
        }
    }
    return false;
}

bool expr_only_loads(const struct expr *e, unsigned spaces)
{
    for (int i = 0; i < e->count; i++) {
        const struct expr_op *op = &e->op[i];
        if (op->what == NAME ||
            (op->what == LOAD && !(spaces >> op->space & 1))) {
            return false;
        }
    }
    return true;
}
