/*
 * segments.c - selectors and far targets for the rows that take them: most
 * name the LDT (case.h), in which each kind of segment stands once, some are
 * null, some beyond their table, some the oracle's own.
 */
#include "generate.h"

static const struct host_segment ldt[HOST_LDT_COUNT] = HOST_LDT;

static uint32_t random_selector(const uint32_t own[6], uint64_t *seed)
{
    uint32_t rpl = one_in(seed, 4) ? random32(seed) % 4 : 3;
    switch (random32(seed) % 10) {
    case 0:
        return random32(seed) % 4; /* null */
    case 1:
        return own[random32(seed) % 6];
    case 2:
        return 0xfff8 | (random32(seed) & 4) | rpl; /* beyond */
    default:
        return (random32(seed) % (HOST_LDT_COUNT + 1)) << 3 | 4 | rpl;
    }
}

uint32_t code_base(uint32_t sel)
{
    uint32_t n = sel >> 3;
    return sel & 4 && n < HOST_LDT_COUNT ? ldt[n].base : 0;
}

/* Write the instruction's last bytes: a far pointer's offset and selector. */
static void put_pointer(struct host_case *c, const struct insn *in,
                        uint32_t off, uint32_t sel)
{
    uint8_t *end = c->code + in->len;
    end[-1] = (uint8_t)(sel >> 8);
    end[-2] = (uint8_t)sel;
    for (int n = 0; n < in->opsize; n++)
        end[-2 - in->opsize + n] = (uint8_t)(off >> 8 * n);
}

/* The images that IRET and RETF take from the stack, and CALL and JMP from
 * memory: offset, selector, and perhaps flags that outlive no case. */
static void poke_pointer(struct host_case *c, const struct insn *in,
                         uint32_t at, uint32_t off, uint32_t sel,
                         uint64_t *seed)
{
    bool iret = in->id == I_IRET;
    bool slots = iret || in->id == I_RETF || in->id == I_RETF_Iw;
    uint32_t size = in->opsize;
    poke(c, at, off, size);
    poke(c, at + size, sel, slots ? size : 2);
    if (iret)
        poke(c, at + 2 * size,
             random32(seed) & (FL_ARITH | FL_DF | FL_IF | FL_IOPL | 0x802a),
             size);
}

void aim_segments(struct host_case *c, const struct insn *in, uint32_t at,
                  const uint32_t selector[6], uint64_t *seed)
{
    uint32_t sel = random_selector(selector, seed);
    uint32_t off = code_target(seed) - code_base(sel);
    uint32_t *reg = c->before.reg;
    switch (in->id) {
    case I_JMP_Ap:
    case I_CALL_Ap:
        put_pointer(c, in, off, sel);
        break;
    case I_JMP_Mp:
    case I_CALL_Mp:
    case I_LES_Gv_Mp:
    case I_LDS_Gv_Mp:
    case I_LSS_Gv_Mp:
    case I_LFS_Gv_Mp:
    case I_LGS_Gv_Mp:
        poke_pointer(c, in, at, off, sel, seed);
        break;
    case I_RETF:
    case I_RETF_Iw:
    case I_IRET:
        poke_pointer(c, in, reg[REG_ESP], off, sel, seed);
        break;
    case I_POP_ES:
    case I_POP_SS:
    case I_POP_DS:
    case I_POP_FS:
    case I_POP_GS:
        poke(c, reg[REG_ESP], sel, 2);
        break;
    default: /* a selector by ModRM, or none */
        if (in->mod == 3 && in->rm != REG_ESP)
            reg[in->rm] = (reg[in->rm] & 0xffff0000) | sel;
        else if (in->mod != 3)
            poke(c, at, sel, 2);
    }
}
