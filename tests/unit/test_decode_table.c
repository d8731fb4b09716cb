/*
 * The table itself: what must hold between its columns, and the price of a
 * decoded instruction.
 */
#include "../../cpu/cpu.h"
#include <criterion/criterion.h>
#include <string.h>

static struct insn decoded(const char *bytes, size_t n)
{
    struct insn in;
    cr_assert_eq(cpu_decode((const uint8_t *)bytes, n, true, &in), DECODE_OK);
    return in;
}

static enum price price_of(const char *bytes, size_t n)
{
    struct insn in = decoded(bytes, n);
    return insn_price(&in);
}
#define PRICE_OF(literal) price_of(literal, sizeof(literal) - 1)

/* An id is its mnemonic's beginning and its operands' letters. */
Test(decode_table, ids_name_their_operands)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        const struct insn_row *row = &insn_rows[id];
        char letters[32] = "";
        for (int n = 0; n < 3 && *row->operand[n]; n++)
            strcat(strcat(letters, "_"), row->operand[n]);
        const char *rest = strchr(row->id, '_');
        cr_assert(strncmp(rest ? rest : "", letters, strlen(letters)) == 0,
                  "%s has operands %s", row->id, letters);
        cr_assert(row->mnemonic[0] == row->id[0] || id == I_ICEBP ||
                      id == I_FWAIT,
                  "%s is called %s", row->id, row->mnemonic);
        for (int n = 0; n < 3; n++)
            cr_assert(!*row->operand[n] || operand_text(row->operand[n]));
    }
}

/* What traps for want of privilege is sensitive, but RDTSC and CPUID: how long
 * things take, and what a processor is called, is outside Popek and
 * Goldberg's definition. */
Test(decode_table, privileged_rows_are_sensitive)
{
    for (int id = 1; id < INSN_COUNT; id++)
        cr_assert((insn_rows[id].trap == TRAP_NEVER) ||
                      insn_rows[id].sens != SENS_INNOCUOUS || id == I_RDTSC ||
                      id == I_CPUID,
                  "%s", insn_rows[id].id);
}

/* Every branch ends a block; what may be locked has a destination. */
Test(decode_table, attributes_agree)
{
    for (int id = 1; id < INSN_COUNT; id++) {
        const struct insn_row *row = &insn_rows[id];
        if (row->attr & ATTR_BRANCH)
            cr_assert(row->attr & ATTR_ENDS, "%s", row->id);
        if (row->attr & ATTR_LOCK) {
            cr_assert(row->modrm && !(row->attr & ATTR_READS), "%s", row->id);
            cr_assert(row->form[0].place == PLACE_RM ||
                          row->form[0].place == PLACE_MEM,
                      "%s", row->id);
        }
    }
}

Test(decode_table, price_follows_memory)
{
    cr_assert_eq(PRICE_OF("\x01\xc0"), PRICE_alu);       /* add eax,eax */
    cr_assert_eq(PRICE_OF("\x01\x00"), PRICE_store);     /* add [eax],eax */
    cr_assert_eq(PRICE_OF("\x03\x00"), PRICE_load);      /* add eax,[eax] */
    cr_assert_eq(PRICE_OF("\x39\x00"), PRICE_load);      /* cmp [eax],eax */
    cr_assert_eq(PRICE_OF("\x85\x00"), PRICE_load);      /* test [eax],eax */
    cr_assert_eq(PRICE_OF("\x8d\x00"), PRICE_alu);       /* lea */
    cr_assert_eq(PRICE_OF("\x0f\x1f\x00"), PRICE_alu);   /* nop */
    cr_assert_eq(PRICE_OF("\x0f\x22\xd8"), PRICE_cr3);   /* mov cr3,eax */
    cr_assert_eq(PRICE_OF("\x0f\x20\xd8"), PRICE_cr);    /* mov eax,cr3 */
    cr_assert_eq(PRICE_OF("\x0f\x22\xc0"), PRICE_cr);    /* mov cr0,eax */
    cr_assert_eq(PRICE_OF("\xf7\x20"), PRICE_mul);       /* mul [eax] */
    cr_assert_eq(PRICE_OF("\xa1\0\0\0\0"), PRICE_load);  /* mov eax,[0] */
    cr_assert_eq(PRICE_OF("\xa3\0\0\0\0"), PRICE_store); /* mov [0],eax */
}

/* Text that does not fit is cut, and always ended. */
Test(decode_table, text_is_cut_to_its_buffer)
{
    struct insn in = decoded("\x81\x84\x8d\1\2\3\4\5\6\7\x08", 11);
    char whole[80], cut[80];
    cpu_disassemble(&in, 0, whole, sizeof whole);
    for (size_t size = 1; size < sizeof whole; size++) {
        memset(cut, '#', sizeof cut);
        cpu_disassemble(&in, 0, cut, size);
        cr_assert(strlen(cut) < size);
        cr_assert(strncmp(cut, whole, strlen(cut)) == 0);
        cr_assert_eq(cut[size], '#');
    }
    cut[0] = '#';
    cpu_disassemble(&in, 0, cut, 0);
    cr_assert_eq(cut[0], '#');
}
