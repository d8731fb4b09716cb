/*
 * system.c - system registers: MOV CRn, LMSW, SMSW, CLTS, LGDT and its kin;
 * CLI, STI, HLT; INVLPG and the cache instructions.
 *
 * Whether the ring allows an instruction was asked before it got here
 * (cpu_insn_traps). Caches do not exist, so INVD and WBINVD do nothing.
 */
#include "exec.h"

/* ------------------------------------------------------ control registers */

void op_mov_from_cr(struct cpu *c, const struct insn *i)
{
    const uint32_t *cr[8] = {
        [0] = &c->cr0, [2] = &c->cr2, [3] = &c->cr3, [4] = &c->cr4};
    if (!cr[i->reg])
        raise_fault(c, VEC_UD, 0);
    c->reg[i->rm] = *cr[i->reg];
}

static void set_cr(struct cpu *c, int n, uint32_t value)
{
    if (cpu_set_cr(c, n, value) != 0)
        raise_fault(c, VEC_GP, 0);
}

void op_mov_to_cr(struct cpu *c, const struct insn *i)
{
    if (i->reg == 1 || i->reg > 4)
        raise_fault(c, VEC_UD, 0);
    set_cr(c, i->reg, c->reg[i->rm]);
}

/* A register gets all of CR0, as processors since the Pentium Pro do;
 * memory the machine status word alone. */
void op_smsw(struct cpu *c, const struct insn *i)
{
    opr_write(c, i, 0, c->cr0);
}

/* PE, MP, EM and TS; PE can be set and not cleared (SDM 2A, LMSW). */
void op_lmsw(struct cpu *c, const struct insn *i)
{
    uint32_t all = CR0_PE | CR0_MP | CR0_EM | CR0_TS;
    uint32_t value = opr_read(c, i, 0);
    set_cr(c, 0, (c->cr0 & (~all | CR0_PE)) | (value & all));
}

void op_clts(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->cr0 &= ~CR0_TS;
}

/* ------------------------------------------------------- descriptor tables */

/* All 32 bits of the base are stored at either operand size: the manual says
 * otherwise of 16, and no processor does it. */
static void store_table(struct cpu *c, const struct insn *i,
                        const struct table_reg *t)
{
    enum seg s = (enum seg)i->seg;
    uint32_t at = opr_offset(c, i);
    mem_check_write(c, s, at, 6);
    mem_write(c, s, at, 2, t->limit);
    mem_write(c, s, at + 2, 2, t->base & 0xffff); /* aligned as the whole is */
    mem_write(c, s, at + 4, 2, t->base >> 16);
}

/* A 16-bit operand size loads 24 bits of base (SDM 2A, LGDT). */
static void load_table(struct cpu *c, const struct insn *i, struct table_reg *t)
{
    enum seg s = (enum seg)i->seg;
    uint32_t at = opr_offset(c, i);
    mem_check_read(c, s, at, 6);
    uint32_t limit = mem_read(c, s, at, 2);
    uint32_t base = mem_read(c, s, at + 2, 4);
    t->limit = (uint16_t)limit;
    t->base = i->opsize == 2 ? base & 0xffffff : base;
}

void op_sgdt(struct cpu *c, const struct insn *i)
{
    store_table(c, i, &c->gdtr);
}

void op_sidt(struct cpu *c, const struct insn *i)
{
    store_table(c, i, &c->idtr);
}

void op_lgdt(struct cpu *c, const struct insn *i)
{
    load_table(c, i, &c->gdtr);
}

void op_lidt(struct cpu *c, const struct insn *i)
{
    load_table(c, i, &c->idtr);
}

/* ----------------------------------------------------- interrupts and halt */

/* IF, or VIF where CR4 gives ring 3 that instead (vm86.c). */
void op_cli(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->eflags &= ~(uint32_t)(has_virtual_if(c) ? FL_VIF : FL_IF);
}

/* If IF was clear, no interrupt is taken before the next instruction has
 * run (SDM 2B, STI): STI; HLT cannot miss its wake-up. */
void op_sti(struct cpu *c, const struct insn *i)
{
    (void)i;
    if (has_virtual_if(c)) {
        if (c->eflags & FL_VIP) /* one waits: the monitor delivers it */
            raise_fault(c, VEC_GP, 0);
        c->eflags |= FL_VIF;
        return;
    }
    if (!(c->eflags & FL_IF)) {
        c->shadow = SHADOW_STI;
        c->shadow_eip = c->next_eip;
    }
    c->eflags |= FL_IF;
}

void op_hlt(struct cpu *c, const struct insn *i)
{
    (void)i;
    c->halted = true;
}

/* -------------------------------------------------------- TLB and caches */

/* Only the address is used: no limit, no type, no fault. */
void op_invlpg(struct cpu *c, const struct insn *i)
{
    cpu_flush_page(c, (gva_t){c->seg[i->seg].base + opr_offset(c, i)});
}

void op_invd(struct cpu *c, const struct insn *i)
{
    (void)c;
    (void)i;
}

void op_wbinvd(struct cpu *c, const struct insn *i)
{
    (void)c;
    (void)i;
}
