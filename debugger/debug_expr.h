/*
 * debug_expr.h - expressions: what a condition, a place or a watch is.
 *
 *     eax == 3 && [esp+4] > 0x1000       reason=cr3 || cost > 5000
 *
 * Operators and their order are C's; one '=' is equal, too. [A] is four bytes
 * at guest virtual A; byte [A] and word [A] fewer; p [A] guest physical, m [A]
 * machine. pte(A), pde(A) are the entries that map A in the guest's own page
 * tables, rpte(A) the one that the processor really uses. What names mean is
 * up to whoever asks.
 */
#ifndef RINGSIDE_DEBUGGER_DEBUG_EXPR_H
#define RINGSIDE_DEBUGGER_DEBUG_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where LOAD looks. */
enum expr_space {
    SPACE_VIRTUAL,
    SPACE_PHYSICAL,
    SPACE_MACHINE,
    SPACE_PTE,
    SPACE_PDE,
    SPACE_REAL_PTE,
};

#define EXPR_MOST 64 /* operations */

/* A step of the calculation, on a stack. */
struct expr_op {
    uint8_t what;  /* enum in debug_expr.c */
    uint8_t space; /* of a load: enum expr_space */
    uint8_t size;  /* of a load: bytes */
    uint32_t name; /* of a name: the asker's number for it */
    int64_t number;
};
struct expr {
    struct expr_op op[EXPR_MOST];
    int count;
};

/* What a word stands for. */
enum expr_word { WORD_NONE, WORD_NAME, WORD_NUMBER };

/* Whoever asks. */
struct expr_world {
    void *who;
    /*
     * What is `word`? A name with a number of the asker's own in *name, whose
     * value is found each time; or a number that stays. `beside` is the name
     * that it is compared with ("reason=cr3": `reason`'s), or -1.
     */
    enum expr_word (*find)(void *who, const char *word, int beside,
                           uint32_t *name, int64_t *number);
    /* False: it has no value now. */
    bool (*value)(void *who, uint32_t name, int64_t *out);
    bool (*load)(void *who, enum expr_space space, uint32_t at, unsigned size,
                 int64_t *out);
};

struct expr_error {
    size_t at;     /* bytes into the text */
    char text[96]; /* what is wrong */
    char word[48]; /* the word that nobody knows, or "" */
};

/* True, or false with the reason and the place of the error. */
bool expr_parse(const char *text, const struct expr_world *w, struct expr *out,
                struct expr_error *error);
/* False where a name has no value, memory is not there, or for x / 0. */
bool expr_value(const struct expr *e, const struct expr_world *w, int64_t *out);
/* Is it nothing but a name, or one place in memory? */
bool expr_is_name(const struct expr *e, uint32_t *name);
bool expr_is_memory(const struct expr *e);
bool expr_is_virtual(const struct expr *e); /* the same, at guest virtual */
/* The same as a place in memory: four bytes at what it says. */
void expr_point(struct expr *e);
/* Does `match` know any of its names, or does it load? */
bool expr_any(const struct expr *e, bool (*match)(uint32_t name));
/* Does its value depend on memory alone, loaded from these spaces, a bit
 * each? */
bool expr_only_loads(const struct expr *e, unsigned spaces);

#endif
