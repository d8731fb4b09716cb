/*
 * rows.c - insn.def and operand.def as data: the rows, their functions, and
 * the price of a decoded instruction.
 *
 * The columns are turned into constants by name: a trap `CPL0` is TRAP_CPL0,
 * an operand `Eb` has PLACE_OF_Eb, flags `OSZPC` are FLAGSET_OSZPC. A word in
 * the table that does not exist is therefore a compile error.
 */
#include "exec.h"
#include <string.h>

/* ------------------------------------------------------ column vocabulary */

enum {
    SIZE_0 = 0,
    SIZE_1 = 1,
    SIZE_2 = 2,
    SIZE_4 = 4,
    SIZE_6 = 6,
    SIZE_8 = 8,
    SIZE_10 = 10,
};

enum {
#define OPERAND(letters, place, size, number, text)                      \
    PLACE_OF_##letters = PLACE_##place, SIZE_OF_##letters = SIZE_##size, \
    NUMBER_OF_##letters = (number),                                      \
    MODRM_OF_##letters =                                                 \
        PLACE_##place >= PLACE_RM && PLACE_##place <= PLACE_DREG,
#include "operand.def"
#undef OPERAND
    /* An empty column. */
    PLACE_OF_ = PLACE_NONE,
    SIZE_OF_ = 0,
    NUMBER_OF_ = 0,
    MODRM_OF_ = 0,
};

/* Every set of flags that the table names. */
enum {
    FLAGSET_ = 0,
    FLAGSET_A = FL_AF,
    FLAGSET_C = FL_CF,
    FLAGSET_D = FL_DF,
    FLAGSET_I = FL_IF,
    FLAGSET_O = FL_OF,
    FLAGSET_P = FL_PF,
    FLAGSET_Z = FL_ZF,
    FLAGSET_ZC = FL_ZF | FL_CF,
    FLAGSET_AC = FL_AF | FL_CF,
    FLAGSET_OA = FL_OF | FL_AF,
    FLAGSET_OC = FL_OF | FL_CF,
    FLAGSET_OAC = FL_OF | FL_AF | FL_CF,
    FLAGSET_SZP = FL_SF | FL_ZF | FL_PF,
    FLAGSET_SZAP = FLAGSET_SZP | FL_AF,
    FLAGSET_SZAPC = FLAGSET_SZAP | FL_CF,
    FLAGSET_OSAP = FL_OF | FL_SF | FL_AF | FL_PF,
    FLAGSET_OSZP = FL_OF | FLAGSET_SZP,
    FLAGSET_OSAPC = FLAGSET_OSAP | FL_CF,
    FLAGSET_OSZAP = FLAGSET_OSZP | FL_AF,
    FLAGSET_OSZPC = FLAGSET_OSZP | FL_CF,
    FLAGSET_OSZAPC = FL_ARITH,
    FLAGSET_NIT = FL_NT | FL_IF | FL_TF,
    FLAGSET_ALL = FL_ARITH | FL_TF | FL_IF | FL_DF | FL_IOPL | FL_NT,
};

enum {
    INNOCUOUS = SENS_INNOCUOUS,
    CONTROL = SENS_CONTROL,
    LOCATION = SENS_LOCATION,
    MODE = SENS_MODE,
};

enum {
    LOCK = ATTR_LOCK,
    REP = ATTR_REP,
    BRANCH = ATTR_BRANCH,
    ENDS = ATTR_ENDS,
    SEGMENT = ATTR_SEGMENT,
    READS = ATTR_READS,
    PROTECTED = ATTR_PROTECTED,
    X87 = ATTR_X87,
    SVM = ATTR_SVM,
};

/* -------------------------------------------------------------- the rows */

#define FORM(letters)                                              \
    {                                                              \
        PLACE_OF_##letters, SIZE_OF_##letters, NUMBER_OF_##letters \
    }

const struct insn_row insn_rows[INSN_COUNT] = {
    [I_INVALID] = {.id = "INVALID",
                   .mnemonic = "(BAD)",
                   .operand = {"", "", ""}},
#define INSN(name, enc, mnem, a, b, c, fn, cost, trp, sns, rd, wr, undef, at) \
    [I_##name] = {.id = #name,                                                \
                  .mnemonic = (mnem),                                         \
                  .operand = {#a, #b, #c},                                    \
                  .form = {FORM(a), FORM(b), FORM(c)},                        \
                  .modrm = MODRM_OF_##a | MODRM_OF_##b | MODRM_OF_##c |       \
                           (((at) & (ATTR_X87 | ATTR_SVM)) != 0),             \
                  .trap = TRAP_##trp,                                         \
                  .sens = (sns),                                              \
                  .price = PRICE_##cost,                                      \
                  .flags_read = FLAGSET_##rd,                                 \
                  .flags_written = FLAGSET_##wr,                              \
                  .flags_undefined = FLAGSET_##undef,                         \
                  .attr = (at)},
#include "insn.def"
#undef INSN
};

/* --------------------------------------------------------- the functions */

insn_fn *const insn_functions[INSN_COUNT] = {
#define INSN(name, enc, mnem, a, b, c, fn, ...) [I_##name] = fn,
#include "insn.def"
#undef INSN
};

/* --------------------------------------------------------------- looking */

const char *operand_text(const char *letters)
{
    static const struct {
        const char *letters, *text;
    } texts[] = {
#define OPERAND(l, place, size, number, t) {#l, t},
#include "operand.def"
#undef OPERAND
    };
    for (size_t n = 0; n < sizeof texts / sizeof *texts; n++)
        if (strcmp(texts[n].letters, letters) == 0)
            return texts[n].text;
    return NULL;
}

enum price insn_price(const struct insn *in)
{
    const struct insn_row *row = &insn_rows[in->id];
    if (row->price == PRICE_cr && in->reg == 3 &&
        row->form[0].place == PLACE_CREG)
        return PRICE_cr3;
    if (row->price != PRICE_alu || !row->modrm || in->mod == 3)
        return row->price;
    /* LEA and NOP have an address, and no access. */
    for (int n = 0; n < 3; n++)
        if (row->form[n].place == PLACE_RM || row->form[n].place == PLACE_MEM) {
            if (row->form[n].size == 0 || in->id == I_NOP_Ev)
                return PRICE_alu;
            return n == 0 && !(row->attr & ATTR_READS) ? PRICE_store
                                                       : PRICE_load;
        }
    return PRICE_alu;
}
