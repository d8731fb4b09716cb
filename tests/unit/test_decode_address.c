/*
 * What the text of an instruction does not show: the segment a memory operand
 * is in by default (SDM 1 table 3-5), and the bytes MOV CRn takes.
 */
#include "../../cpu/cpu.h"
#include <criterion/criterion.h>

static struct insn decoded(const char *bytes, size_t n)
{
    struct insn in;
    cr_assert_eq(cpu_decode((const uint8_t *)bytes, n, true, &in), DECODE_OK);
    cr_assert_eq(in.len, n);
    return in;
}
#define SEGMENT_OF(literal) decoded(literal, sizeof(literal) - 1).seg

Test(decode_address, base_esp_or_ebp_is_in_ss)
{
    cr_assert_eq(SEGMENT_OF("\x8b\x45\x00"), SEG_SS);     /* [ebp+0] */
    cr_assert_eq(SEGMENT_OF("\x8b\x04\x24"), SEG_SS);     /* [esp] */
    cr_assert_eq(SEGMENT_OF("\x8b\x44\x05\x00"), SEG_SS); /* [ebp+eax+0] */
    cr_assert_eq(SEGMENT_OF("\x67\x8b\x02"), SEG_SS);     /* [bp+si] */
    cr_assert_eq(SEGMENT_OF("\x67\x8b\x46\x00"), SEG_SS); /* [bp+0] */
}

Test(decode_address, all_others_are_in_ds)
{
    cr_assert_eq(SEGMENT_OF("\x8b\x00"), SEG_DS);             /* [eax] */
    cr_assert_eq(SEGMENT_OF("\x8b\x04\x28"), SEG_DS);         /* [eax+ebp] */
    cr_assert_eq(SEGMENT_OF("\x8b\x05\0\0\0\0"), SEG_DS);     /* [disp32] */
    cr_assert_eq(SEGMENT_OF("\x8b\x04\x25\0\0\0\0"), SEG_DS); /* by SIB */
    cr_assert_eq(SEGMENT_OF("\x8b\x04\x6d\0\0\0\0"), SEG_DS); /* [ebp*2] */
    cr_assert_eq(SEGMENT_OF("\x67\x8b\x06\0\0"), SEG_DS);     /* [disp16] */
    cr_assert_eq(SEGMENT_OF("\x67\x8b\x07"), SEG_DS);         /* [bx] */
    cr_assert_eq(SEGMENT_OF("\xa1\0\0\0\0"), SEG_DS);         /* moffs */
    cr_assert_eq(SEGMENT_OF("\xa4"), SEG_DS);                 /* movsb */
    cr_assert_eq(SEGMENT_OF("\xd7"), SEG_DS);                 /* xlatb */
}

Test(decode_address, an_override_wins_and_the_last_counts)
{
    cr_assert_eq(SEGMENT_OF("\x26\x8b\x45\x00"), SEG_ES);
    cr_assert_eq(SEGMENT_OF("\x3e\x8b\x04\x24"), SEG_DS);
    cr_assert_eq(SEGMENT_OF("\x36\x8b\x00"), SEG_SS);
    cr_assert_eq(SEGMENT_OF("\x2e\x64\x65\x8b\x00"), SEG_GS);
    cr_assert_eq(SEGMENT_OF("\x64\xa4"), SEG_FS);
}

/* "The mod field is ignored" (SDM 2B, MOV CRn): no SIB, no displacement. */
Test(decode_address, mov_crn_is_three_bytes)
{
    struct insn in = decoded("\x0f\x20\x45", 3);
    cr_assert(in.mod == 3 && in.reg == 0 && in.rm == 5);
    in = decoded("\x0f\x22\x1c", 3); /* cr3, esp */
    cr_assert(in.mod == 3 && in.reg == 3 && in.rm == 4);
    decoded("\x0f\x21\x04", 3);
    decoded("\x0f\x23\x85", 3);
}
