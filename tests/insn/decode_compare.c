/*
 * decode_compare.c - our decoder and disassembler against ndisasm and objdump.
 *
 *   decode_compare forms 32 FILE     write every row's encodings to FILE
 *   decode_compare random 32 FILE    write 100,000 random byte strings
 *   ndisasm -b32 FILE | decode_compare text 32 FILE
 *   objdump ... | decode_compare length 32 FILE
 *
 * FILE is a sequence of slots of 32 bytes: 16 of the byte string, 16 NOPs.
 * An instruction ends at most 15 bytes after it starts, so that in the NOPs
 * every disassembler falls into step again and each slot's first line is its
 * reading of the string. Exit status 1 if a reading differs.
 */
#include "../../cpu/cpu.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT 32
#define STRING 16

/* --------------------------------------------------------- writing strings */

static uint32_t seed = 20;

static uint32_t random32(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void write_slot(FILE *f, const uint8_t *bytes, size_t n)
{
    uint8_t slot[SLOT];
    memset(slot, 0x90, sizeof slot);
    for (size_t i = 0; i < STRING; i++)
        slot[i] = i < n ? bytes[i] : (uint8_t)random32();
    fwrite(slot, sizeof slot, 1, f);
}

/* Has an opcode (from 256: after 0F) a ModRM byte? Where not, trying all its
 * values would be 256 times the same. */
static bool has_modrm(unsigned opcode)
{
    for (unsigned digit = 0; digit < 8; digit++) {
        uint8_t one[10] = {(uint8_t)opcode, (uint8_t)(digit << 3)};
        uint8_t two[10] = {0x0f, (uint8_t)opcode, (uint8_t)(digit << 3)};
        struct insn in;
        if (cpu_decode(opcode < 256 ? one : two, 10, true, &in) == DECODE_OK &&
            insn_rows[in.id].modrm)
            return true;
    }
    return false;
}

/*
 * Every opcode of both maps, with every prefix of the list, and a set of
 * ModRM and SIB shapes: all of mod, reg and rm; the SIB bytes that have no
 * index, no base, both, and a scale. Opcodes without ModRM read the same
 * bytes as immediates.
 */
static void write_forms(FILE *f)
{
    static const uint8_t prefixes[][3] = {
        {0, 0, 0},       {1, 0x66, 0}, {1, 0x67, 0},
        {2, 0x66, 0x67}, {1, 0x26, 0}, {2, 0x64, 0x67},
        {1, 0xf0, 0},    {1, 0xf2, 0}, {1, 0xf3, 0},
    };
    static const uint8_t sibs[] = {0x00, 0x24, 0x25, 0x65, 0x8d, 0xe5, 0xcc};
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++)
        for (unsigned opcode = 0; opcode < 512; opcode++)
            for (unsigned modrm = 0; modrm < 256; modrm++) {
                uint8_t b[8];
                size_t n = 0;
                /* With prefixes, only some of the registers; and where
                 * there is no ModRM, only some of the immediates. */
                if (p > 3 && (modrm & 7) != 4 && (modrm & 7) != 5)
                    continue;
                if (!has_modrm(opcode) && modrm % 37 != 0)
                    continue;
                for (; n < prefixes[p][0]; n++)
                    b[n] = prefixes[p][1 + n];
                if (opcode >= 256)
                    b[n++] = 0x0f;
                b[n++] = (uint8_t)opcode;
                b[n++] = (uint8_t)modrm;
                if ((modrm & 7) == 4)
                    b[n++] = sibs[random32() % sizeof sibs];
                write_slot(f, b, n);
            }
}

static void write_random(FILE *f)
{
    for (int n = 0; n < 100000; n++)
        write_slot(f, (const uint8_t *)"", 0);
}

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
static void normalise(char *text)
{
    static const char segments[][3] = {"es", "cs", "ss", "ds", "fs", "gs"};
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

enum known {
    SAME,
    UNDEFINED_TO_BOTH,
    NOT_OURS,
    LOCK_ILLEGAL,
    REGISTER_ILLEGAL,
    TOO_LONG,
    TWINS,
    REDUNDANT_SIZE,
    FIELD_IGNORED,
    WAIT,
    WRAPS,
    ADDRESS_SIZE,
    NOPS,
    REP_LATER,
    DIFFERENT,
    KNOWN_COUNT
};
static const char *const why[KNOWN_COUNT] = {
    [SAME] = "the same length and text",
    [UNDEFINED_TO_BOTH] = "undefined to both",
    [NOT_OURS] = "x87, MMX, SSE and later: a mnemonic of no row",
    [LOCK_ILLEGAL] = "#UD: LOCK on what it does not go with (SDM 2A LOCK)",
    [REGISTER_ILLEGAL] = "#UD: no such segment or control register (SDM 2B "
                         "MOV)",
    [TOO_LONG] = "#GP: longer than 15 bytes (SDM 2A 2.3.11)",
    [TWINS] = "shift /6, 82, TEST /1: undocumented twins ndisasm lacks "
              "(objdump has them)",
    [REDUNDANT_SIZE] = "MOVZX, MOVSX, BSWAP at operand size 16: ndisasm lacks "
                       "them (objdump has them)",
    [FIELD_IGNORED] = "SETcc ignores ModRM's reg, MOV CRn and DRn its mod "
                      "(objdump knows)",
    [WAIT] = "WAIT is an instruction, not a prefix (SDM 2B WAIT)",
    [WRAPS] = "a near target is cut to 16 bits at operand size 16, not at 32 "
              "(SDM 2A JMP); ndisasm goes by the segment's",
    [ADDRESS_SIZE] = "an address-size prefix that nothing uses",
    [NOPS] = "90 is NOP, not XCHG, at any size (SDM 2B NOP)",
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

/* Is it the mnemonic of some row, in some size and condition? */
static bool is_ours(const char *mnemonic)
{
    static char names[INSN_COUNT * 64][16];
    if (!names[0][0])
        for (int n = 0; n < INSN_COUNT * 64; n++) {
            struct insn in = {.id = (uint16_t)(n / 64),
                              .opcode = n & 15,
                              .opsize = n & 16 ? 4 : 2,
                              .adsize = n & 16 ? 4 : 2,
                              .code32 = (n & 32) != 0};
            insn_mnemonic(&in, names[n], sizeof names[n]);
        }
    for (int n = 0; n < INSN_COUNT * 64; n++)
        if (strcmp(mnemonic, names[n]) == 0)
            return true;
    return false;
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

static enum known why_invalid(const uint8_t *slot, unsigned long at,
                              bool code32, const char *theirs)
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

static enum known why_different(const struct insn *in, const char *ours,
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
        if (in->opsize == 2 &&
            (begins(id, "MOVZX") || begins(id, "MOVSX") || begins(id, "BSWAP")))
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
    char without[128];
    snprintf(without, sizeof without, "%s", theirs);
    replace(without, "a32 ", "");
    if (strcmp(ours, without) == 0)
        return ADDRESS_SIZE;
    return DIFFERENT;
}

/* ---------------------------------------------------------------- comparing */

static unsigned long counts[KNOWN_COUNT];

static void complain(const uint8_t *slot, unsigned long at, const char *ours,
                     int our_length, const char *theirs, int their_length)
{
    printf("# %08lx ", at);
    for (int i = 0; i < (our_length > 2 ? our_length : 2); i++)
        printf("%02x", slot[i]);
    printf(" ours %d %s || theirs %d %s\n", our_length, ours, their_length,
           theirs);
}

static void compare_slot(const uint8_t *slot, unsigned long at, bool code32,
                         char *theirs, int their_length)
{
    char ours[128] = "(bad)";
    struct insn in;
    enum known k;
    normalise(theirs);
    switch (cpu_decode(slot, SLOT, code32, &in)) {
    case DECODE_INVALID:
        k = why_invalid(slot, at, code32, theirs);
        break;
    case DECODE_TOO_LONG:
        k = TOO_LONG;
        break;
    default:
        normalise(cpu_disassemble(&in, (uint32_t)at, ours, sizeof ours));
        k = strcmp(ours, theirs) == 0 && in.len == their_length
                ? SAME
                : why_different(&in, ours, theirs, their_length);
    }
    if (k == DIFFERENT && counts[k] < 2000)
        complain(slot, at, ours, in.len, theirs, their_length);
    counts[k]++;
}

/* Lines "00000020  8B4080            mov eax,[eax-0x80]"; more than eight
 * bytes go on in lines "         -90ACF526". */
static void compare_text(FILE *f, bool code32)
{
    char line[256], text[256] = "";
    unsigned long at = 0, next = 0;
    int length = 0;
    bool more = true;
    uint8_t slot[SLOT];
    while (more) {
        unsigned long here;
        char hex[64];
        int n = 0;
        more = fgets(line, sizeof line, stdin) != NULL;
        if (more && sscanf(line, " -%63s", hex) == 1) {
            length += at == next - SLOT ? (int)strlen(hex) / 2 : 0;
            continue;
        }
        if (*text && (fseek(f, (long)at, SEEK_SET) == 0) &&
            fread(slot, SLOT, 1, f) == 1)
            compare_slot(slot, at, code32, text, length);
        *text = '\0';
        if (!more || sscanf(line, "%lx %63s %n", &here, hex, &n) < 2)
            continue;
        at = here;
        if (at != next)
            continue;
        snprintf(text, sizeof text, "%s", line + n);
        for (char *end = strchr(text, '\n'); end >= text && *end <= ' ';)
            *end-- = '\0';
        length = (int)strlen(hex) / 2;
        next = at + SLOT;
    }
    for (int k = 0; k < KNOWN_COUNT - 1; k++)
        if (counts[k])
            printf("# %7lu %s\n", counts[k], why[k]);
    printf("# %7lu different\n", counts[DIFFERENT]);
}

/* Prefixes alone, or "(bad)". */
static bool is_silent(const char *text)
{
    static const char *const words[] = {
        "(bad)", "data16", "data32", "addr16", "addr32", "lock", "rep", "repz",
        "repnz", "fwait",  "es",     "cs",     "ss",     "ds",   "fs",  "gs"};
    char first[32] = "";
    sscanf(text, "%31s", first);
    for (size_t n = 0; n < sizeof words / sizeof *words; n++)
        if (strcmp(first, words[n]) == 0)
            return true;
    return false;
}

/* Lines "  20:\t66 8b 40 80          \tmov ax,..." of objdump -w: the lengths
 * alone. Where it splits prefixes off, or gives up, it says nothing. */
static void compare_length(FILE *f, bool code32)
{
    char line[256];
    uint8_t slot[SLOT];
    while (fgets(line, sizeof line, stdin)) {
        unsigned long at;
        int n = 0, length = 0;
        struct insn in;
        if (sscanf(line, " %lx:%n", &at, &n) < 1 || n == 0 || at % SLOT)
            continue;
        if (fseek(f, (long)at, SEEK_SET) || fread(slot, SLOT, 1, f) != 1 ||
            cpu_decode(slot, SLOT, code32, &in) != DECODE_OK)
            continue;
        char *text = line + n + 1;
        for (; isxdigit((unsigned char)text[0]) &&
               isxdigit((unsigned char)text[1]) && text[2] == ' ';
             text += 3)
            length++;
        text += strspn(text, " \t");
        if (in.id == I_FWAIT) /* objdump takes it for a prefix too */
            continue;
        enum known k = in.len == length  ? SAME
                       : is_silent(text) ? NOT_OURS
                                         : DIFFERENT;
        if (k == DIFFERENT)
            complain(slot, at, insn_rows[in.id].id, in.len, text, length);
        counts[k]++;
    }
    printf("# objdump: %lu the same length, %lu not read, %lu different\n",
           counts[SAME], counts[NOT_OURS], counts[DIFFERENT]);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: decode_compare forms|random|text|length "
                        "16|32 FILE\n");
        return 2;
    }
    bool writes =
        strcmp(argv[1], "forms") == 0 || strcmp(argv[1], "random") == 0;
    bool code32 = strcmp(argv[2], "32") == 0;
    FILE *f = fopen(argv[3], writes ? "wb" : "rb");
    if (!f) {
        perror(argv[3]);
        return 2;
    }
    if (strcmp(argv[1], "forms") == 0)
        write_forms(f);
    else if (strcmp(argv[1], "random") == 0)
        write_random(f);
    else if (strcmp(argv[1], "length") == 0)
        compare_length(f, code32);
    else
        compare_text(f, code32);
    fclose(f);
    return counts[DIFFERENT] != 0;
}
