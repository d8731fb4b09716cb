/*
 * decode_known.c - differences between our reading and ndisasm's that are
 * known: of spelling, which are taken away, and those where the manual is
 * with us, which are named, narrowly, and counted.
 */
#include "decode_known.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------- differences of spelling */

/* Put `by` in the place of `word`, if text holds it. */
static void replace(char *text, const char *word, const char *by)
{
    char *at = strstr(text, word), rest[128];
    if (!at)
        return;
    snprintf(rest, sizeof rest, "%s", at + strlen(word));
    sprintf(at, "%s%s", by, rest);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* What is said of segments, below, for each of them. */
static void normalise_segments(char *text)
{
    static const char segments[][3] = {"es", "cs", "ss", "ds", "fs", "gs"};
    for (int n = 0; n < 12; n++) {
        const char *segment = segments[n / 2], *size = n & 1 ? "dword" : "word";
        char theirs[16], ours[16];
        snprintf(theirs, sizeof theirs, "[%s:%s 0x", segment, size);
        snprintf(ours, sizeof ours, "[%s %s:0x", size, segment);
        replace(text, theirs, ours);
        snprintf(theirs, sizeof theirs, "mov %s,e", segment);
        snprintf(ours, sizeof ours, "mov %s,", segment);
        replace(text, theirs, ours);
        snprintf(theirs, sizeof theirs, "[dword %s:e", segment);
        snprintf(ours, sizeof ours, "[%s:e", segment);
        replace(text, theirs, ours);
        for (int bits = 16; bits <= 32; bits += 16) {
            snprintf(theirs, sizeof theirs, "o%d mov %s,", bits, segment);
            replace(text, theirs, theirs + 4);
        }
    }
}

/*
 * Both texts in one spelling. Nothing that tells instructions apart is lost:
 * - F2 and F3 before LOCK or a branch have got new names (TSX, MPX).
 * - RETN is RET.
 * - AAM and AAD without operand have ten.
 * - An immediate whose size the other operand tells needs no "byte".
 * - MOV Sw, Ew has a word operand (SDM 2B MOV); ndisasm writes the register
 *   with the operand size, so that 66 is not seen.
 * - Registers in an address tell its size.
 * - MOVZX and MOVSX to a word can but have a byte in memory.
 * - XCHG is symmetric: its register operand is put first.
 * - "[es:word 0x1]" and "[word es:0x1]" are both NASM's.
 */
void normalise(char *text)
{
    char *xchg, *comma, a[64], b[64];
    replace(text, "xacquire ", "repne ");
    replace(text, "xrelease ", "rep ");
    replace(text, "bnd ", "repne ");
    replace(text, "retnw ", "retw ");
    replace(text, "retnd ", "retd ");
    char *ten = strstr(text, " 0xa");
    if (ten && ten[4] == '\0' && (strstr(text, "aam") || strstr(text, "aad")))
        *ten = '\0';
    replace(text, ",byte 0x", ",0x");
    replace(text, ",word 0x", ",0x");
    replace(text, ",dword 0x", ",0x");
    if (strchr(text, ':') || strstr(text, "mov "))
        normalise_segments(text);
    replace(text, "[dword e", "[e");
    if (strstr(text, "movzx ") || strstr(text, "movsx "))
        replace(text, ",byte [", ",[");
    if ((xchg = strstr(text, "xchg ")) && (comma = strchr(xchg, ','))) {
        snprintf(a, sizeof a, "%.*s", (int)(comma - xchg) - 5, xchg + 5);
        snprintf(b, sizeof b, "%s", comma + 1);
        sprintf(xchg + 5, "%s,%s", strcmp(a, b) < 0 ? a : b,
                strcmp(a, b) < 0 ? b : a);
    }
}

/* ---------------------------------------------------- differences that stay */

const char *const known_why[KNOWN_COUNT] = {
    [SAME] = "the same length and text",
    [UNDEFINED_TO_BOTH] = "undefined to both",
    [NOT_OURS] = "MMX, SSE and later: a mnemonic of no row",
    [LOCK_ILLEGAL] = "#UD: LOCK on what it does not go with (SDM 2A LOCK)",
    [REGISTER_ILLEGAL] = "#UD: no such segment or control register (SDM 2B "
                         "MOV)",
    [TOO_LONG] = "#GP: longer than 15 bytes (SDM 2A 2.3.11)",
    [TWINS] =
        "shift /6, 82, TEST /1, some of x87: undocumented twins ndisasm lacks "
        "(objdump has them)",
    [REDUNDANT_SIZE] =
        "MOVZX, MOVSX, BSWAP, FXSAVE at operand size 16: ndisasm lacks "
        "them (objdump has them)",
    [FIELD_IGNORED] = "SETcc ignores ModRM's reg, MOV CRn and DRn its mod "
                      "(objdump knows)",
    [WAIT] = "WAIT is an instruction, not a prefix (SDM 2B WAIT)",
    [WRAPS] = "a near target is cut to 16 bits at operand size 16, not at 32 "
              "(SDM 2A JMP); ndisasm goes by the segment's",
    [ADDRESS_SIZE] = "an address-size prefix that nothing uses",
    [NOPS] = "90 is NOP, not XCHG, at any size (SDM 2B NOP)",
    [BOTH_REGISTERS] =
        "x87 with 67 in 16-bit code, INVLPGA: ndisasm names implied registers",
    [REP_LATER] = "F3 before BSF, BSR, WBINVD: TZCNT, LZCNT, WBNOINVD later",
};

/* The word after the prefixes. */
static void mnemonic_of(const char *text, char *word)
{
    static const char prefixes[] = " es cs ss ds fs gs rep repe repne lock o16 "
                                   "o32 a16 a32 ";
    char padded[64];
    do {
        int n = 0;
        if (sscanf(text, "%31s %n", word, &n) < 1)
            word[0] = '\0';
        text += n;
        snprintf(padded, sizeof padded, " %s ", word);
    } while (*text && strstr(prefixes, padded));
}

/* Every row's mnemonic in each size and condition, once. */
static char names[512][16];
static int name_count;

static bool is_listed(const char *mnemonic)
{
    for (int n = 0; n < name_count; n++)
        if (strcmp(mnemonic, names[n]) == 0)
            return true;
    return false;
}

static void list_names(void)
{
    for (int n = 64; n < INSN_COUNT * 64; n++) {
        struct insn in = {.id = (uint16_t)(n / 64),
                          .opcode = n & 15,
                          .opsize = n & 16 ? 4 : 2,
                          .adsize = n & 16 ? 4 : 2,
                          .code32 = (n & 32) != 0};
        char name[16];
        if (!is_listed(insn_mnemonic(&in, name, sizeof name)))
            memcpy(names[name_count++], name, sizeof name);
    }
}

static bool is_ours(const char *mnemonic)
{
    if (name_count == 0)
        list_names();
    return is_listed(mnemonic);
}

/* SSE's MOVSD and CMPSD, which have operands. */
static bool is_sse(const char *text)
{
    return strstr(text, "movsd ") || strstr(text, "cmpsd ");
}

/* Are the texts equal but for the upper half of a near target? */
static bool is_same_but_wrapped(const struct insn *in, const char *ours,
                                const char *theirs)
{
    const char *a = strstr(ours, "0x"), *b = strstr(theirs, "0x");
    return insn_rows[in->id].form[0].place == PLACE_REL && a && b &&
           a - ours == b - theirs &&
           strncmp(ours, theirs, (size_t)(a - ours)) == 0 &&
           ((strtoul(a, NULL, 16) ^ strtoul(b, NULL, 16)) & 0xffff) == 0 &&
           (in->opsize == 2 || !in->code32);
}

/* "fmul to st4" as "fmul st4,st0", and "fmul st4" as "fmul st0,st4". */
static bool is_with_both(const struct insn *in, const char *ours,
                         const char *theirs)
{
    char expected[128];
    const char *to = strstr(ours, "to st"), *st = ours + strlen(ours) - 3;
    if (insn_rows[in->id].form[0].place != PLACE_STREG)
        return false;
    bool first = to || in->opcode == 0xde || strstr(ours, "fxch");
    snprintf(expected, sizeof expected, "%.*s%s,%s",
             (int)((to ? to : st) - ours), ours, first ? st : "st0",
             first ? "st0" : st);
    return strcmp(expected, theirs) == 0;
}

/* Would the string without its LOCK prefixes be the same, LOCK apart? */
static bool is_but_for_lock(const uint8_t *slot, unsigned long at, bool code32,
                            const char *theirs)
{
    uint8_t rest[SLOT] = {0};
    char text[128], unlocked[128];
    struct insn in;
    size_t n = 0, locks = 0;
    bool prefix = true;
    for (size_t i = 0; i < SLOT; i++) {
        if (prefix && slot[i] == 0xf0)
            locks++;
        else
            rest[n++] = slot[i];
        prefix = prefix && strchr("\x26\x2e\x36\x3e\x64\x65\x66\x67\xf0\xf2"
                                  "\xf3",
                                  slot[i]);
    }
    if (!locks || cpu_decode(rest, n, code32, &in) != DECODE_OK)
        return false;
    cpu_disassemble(&in, (uint32_t)(at + locks), text, sizeof text);
    snprintf(unlocked, sizeof unlocked, "%s", theirs);
    replace(unlocked, "lock ", "");
    replace(unlocked, "a32 ", "");
    replace(text, "a32 ", "");
    normalise(text);
    return strcmp(text, unlocked) == 0 || in.id == I_NOP ||
           is_with_both(&in, text, unlocked) ||
           is_same_but_wrapped(&in, text, unlocked);
}

/* What ndisasm wrote is no instruction: a byte, or prefixes alone. */
static bool is_nothing(const char *theirs)
{
    char word[32];
    mnemonic_of(theirs, word);
    return strcmp(word, "db") == 0 ||
           (strlen(word) <= 5 && strstr("es cs ss ds fs gs rep repe repne "
                                        "lock o16 o32 a16 a32",
                                        word));
}

enum known why_invalid(const uint8_t *slot, unsigned long at, bool code32,
                       const char *theirs)
{
    char mnemonic[32];
    unsigned n;
    mnemonic_of(theirs, mnemonic);
    if (is_nothing(theirs))
        return UNDEFINED_TO_BOTH;
    if (!is_ours(mnemonic) || is_sse(theirs))
        return NOT_OURS;
    if (strstr(theirs, "wait lock")) /* F0 9B: ndisasm takes two prefixes */
        return LOCK_ILLEGAL;
    if (is_but_for_lock(slot, at, code32, theirs))
        return LOCK_ILLEGAL;
    const char *cr = strstr(theirs, "cr");
    if (strcmp(mnemonic, "mov") == 0 &&
        ((cr && sscanf(cr, "cr%u", &n) == 1 && (n == 1 || n > 4)) ||
         strstr(theirs, "mov cs,") || strstr(theirs, "segr")))
        return REGISTER_ILLEGAL;
    return DIFFERENT;
}

enum known why_different(const struct insn *in, const char *ours,
                         const char *theirs, int their_length)
{
    const char *id = insn_rows[in->id].id;
    const char *ending = strrchr(id, '_');
    char mnemonic[32];
    mnemonic_of(theirs, mnemonic);
    if (is_nothing(theirs)) {
        if (ending && (strcmp(ending, "_82") == 0 ||
                       strcmp(ending, "_6") == 0 || strcmp(ending, "_1") == 0))
            return TWINS;
        if ((insn_rows[in->id].attr & ATTR_X87) && ending && ending[1] == 'D')
            return TWINS;
        if (in->opsize == 2 &&
            (begins(id, "MOVZX") || begins(id, "MOVSX") || begins(id, "BSWAP")))
            return REDUNDANT_SIZE;
        if (in->id == I_FXSAVE_M || in->id == I_FXRSTOR_M)
            return REDUNDANT_SIZE;
        if (in->id == I_SETcc_Eb
                ? in->reg != 0
                : insn_rows[in->id].form[0].place == PLACE_RMREG ||
                      insn_rows[in->id].form[1].place == PLACE_RMREG)
            return FIELD_IGNORED;
    }
    if (in->id == I_FWAIT &&
        (is_nothing(theirs) || begins(mnemonic, "wait") || mnemonic[0] == 'f'))
        return WAIT;
    if (in->len != their_length)
        return DIFFERENT;
    if (in->id == I_NOP &&
        (strcmp(mnemonic, "xchg") == 0 || strcmp(mnemonic, "pause") == 0))
        return NOPS;
    if (in->rep == 0xf3 &&
        (strcmp(mnemonic, "tzcnt") == 0 || strcmp(mnemonic, "lzcnt") == 0 ||
         strcmp(mnemonic, "wbnoinvd") == 0))
        return REP_LATER;
    if (is_same_but_wrapped(in, ours, theirs))
        return WRAPS;
    if (is_with_both(in, ours, theirs) ||
        (in->id == I_INVLPGA && strstr(theirs, "invlpga ")))
        return BOTH_REGISTERS;
    char without[128];
    snprintf(without, sizeof without, "%s", theirs);
    replace(without, "a32 ", "");
    if (strcmp(ours, without) == 0)
        return ADDRESS_SIZE;
    return DIFFERENT;
}
