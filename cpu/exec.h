/*
 * exec.h - inside the processor: what an instruction's function may use.
 *
 * Every row of insn.def names a function `void op_NAME(struct cpu *c, const
 * struct insn *i)`. Its only ways to the outside are the doors below:
 * registers, memory, ports and faults. Hooks, prices and audits stand at the
 * doors, so that no function has to think of them.
 *
 * The rule of precise faults: a function does everything that may fault
 * before it changes anything. A fault never returns: it unwinds to the
 * engine, which delivers the event with EIP at the failing instruction.
 * Registers, flags and next_eip are therefore written last.
 */
#ifndef RINGSIDE_CPU_EXEC_H
#define RINGSIDE_CPU_EXEC_H

#include "cpu.h"

typedef void insn_fn(struct cpu *c, const struct insn *i);
#define INSN(id, enc, mnemonic, a, b, c, function, ...) insn_fn function;
#include "insn.def"
#undef INSN
extern insn_fn *const insn_functions[INSN_COUNT];

/* ---------------------------------------------------------- fault door */

/*
 * Raise a fault with its error code (pass 0 where the vector has none: the
 * engine knows which vectors push one). For #PF set c->cr2 first.
 */
_Noreturn void raise_fault(struct cpu *c, enum vector v, uint32_t error);

/* --------------------------------------------------------- memory door */

/*
 * Read or write `size` bytes (1, 2 or 4) at segment:offset with every check:
 * null selector, type, limit (#GP(0), for SS #SS(0)), then paging at the
 * present CPL. A write that crosses a page is checked on both pages before
 * either is changed. memory.c.
 */
uint32_t mem_read(struct cpu *c, enum seg s, uint32_t off, unsigned size);
void mem_write(struct cpu *c, enum seg s, uint32_t off, unsigned size,
               uint32_t value);
/* Fault now as that write would; change nothing. For read-modify-write,
 * and for functions with several stores. `size` may be up to 64 here. */
void mem_check_write(struct cpu *c, enum seg s, uint32_t off, unsigned size);
void mem_check_read(struct cpu *c, enum seg s, uint32_t off, unsigned size);

/* By linear address as supervisor: descriptor tables, TSS (SDM 3A 4.6). */
uint32_t lin_read(struct cpu *c, gva_t at, unsigned size);
void lin_write(struct cpu *c, gva_t at, unsigned size, uint32_t value);
/* By linear address with a chosen privilege. */
uint32_t lin_read_as(struct cpu *c, gva_t at, unsigned size, bool user);
void lin_write_as(struct cpu *c, gva_t at, unsigned size, uint32_t value,
                  bool user);

/* ------------------------------------------------- operands: operand.c */

/*
 * Operand n (0, 1, 2) of the row, by the manual's letters. Sizes come from
 * the letter: b 1; w 2; d 4; v the operand size; z the operand size for
 * immediates. opr_size tells. opr_rmw reads an operand that will be written
 * back with opr_write: it checks a memory operand for writing first.
 */
unsigned opr_size(const struct insn *i, int n);
uint32_t opr_read(struct cpu *c, const struct insn *i, int n);
uint32_t opr_rmw(struct cpu *c, const struct insn *i, int n);
void opr_write(struct cpu *c, const struct insn *i, int n, uint32_t value);
/* Is the ModRM operand in memory? */
static inline bool opr_is_memory(const struct insn *i)
{
    return i->mod != 3;
}
/* The memory operand's offset, wrapped to the address size. */
uint32_t opr_offset(const struct cpu *c, const struct insn *i);

/* A register by number and size: AL CL DL BL AH CH DH BH for size 1. */
uint32_t reg_read(const struct cpu *c, unsigned n, unsigned size);
void reg_write(struct cpu *c, unsigned n, unsigned size, uint32_t value);

/* ------------------------------------------------------ stack: stack.c */

/* Push or pop `size` bytes (2 or 4) through SS; ESP or SP by SS.B. */
void push(struct cpu *c, unsigned size, uint32_t value);
uint32_t pop(struct cpu *c, unsigned size);
/* The value `depth` bytes above the top, not popped; then drop them. */
uint32_t stack_peek(struct cpu *c, unsigned size, uint32_t depth);
void stack_drop(struct cpu *c, uint32_t bytes);

/* Set next_eip to a near target: #GP(0) beyond CS's limit; 16-bit operand
 * size cuts it to 16 bits. */
void jump_near(struct cpu *c, const struct insn *i, uint32_t target);

/* ----------------------------------- events and segments: core's others */

/* Does the processor go by descriptors? Not in real and virtual-8086 mode. */
static inline bool in_protected_mode(const struct cpu *c)
{
    return cpu_mode(c->cr0, c->eflags) == MODE_PROTECTED;
}

/* INT n, INT3, INTO: software interrupts check the gate's DPL. */
void software_interrupt(struct cpu *c, enum vector v);
/* A data or stack segment load with MOV's checks; raises on failure. */
void load_segment(struct cpu *c, enum seg s, uint16_t sel);

/* ------------------------------------------ whose IF is meant: vm86.c */

/* Do CLI and STI work on VIF? IOPL withholds IF, and CR4.VME or PVI helps. */
bool has_virtual_if(const struct cpu *c);
/* And PUSHF, POPF, INT n and IRET too? In virtual-8086 mode. */
bool vm86_has_virtual_flags(const struct cpu *c);
/* Then: what PUSHF pushes, with VIF as its IF; and what POPF or IRET makes of
 * an image, with its IF as VIF. #GP(0) where the monitor must be asked. */
uint32_t vm86_flags_out(struct cpu *c, unsigned size);
uint32_t vm86_flags_in(struct cpu *c, unsigned size, uint32_t image);
/* The bits of EFLAGS that POPF may change, and IRET too (stack.c). */
uint32_t flags_allowed(const struct cpu *c, unsigned size);

static inline void charge(struct cpu *c, enum price p)
{
    cpu_charge(c, p, 1);
}

/* The six arithmetic flags: flags.h. */
#include "flags.h"

#endif
