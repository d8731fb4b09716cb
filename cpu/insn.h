/*
 * insn.h - instructions as data: the table insn.def, an instruction that was
 * decoded, and what it costs. A part of cpu.h.
 *
 * Parts:  the table's columns and rows; decoding; text; prices.
 */
#ifndef RINGSIDE_CPU_INSN_H
#define RINGSIDE_CPU_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---------------------------------------------------- instruction table */

/* Which processor this is: DESIGN, "Processor kinds". */
enum cpu_kind { CPU_CLASSIC, CPU_VIRTUALIZABLE, CPU_VT, CPU_KINDS };
/* "classic"; NULL past the last. */
const char *cpu_kind_name(unsigned kind);

/* insn.def's `trap` column: when the row faults outside ring 0. */
enum insn_trap {
    TRAP_NEVER, /* at no ring */
    TRAP_CPL0,  /* #GP(0) unless CPL = 0 */
    TRAP_IOPL,  /* #GP(0) if CPL > IOPL */
    TRAP_IO,    /* #GP(0) if CPL > IOPL and the TSS's I/O bitmap forbids it */
    TRAP_TSD,   /* #GP(0) if CR4.TSD = 1 and CPL > 0 */
    TRAP_VM86,  /* #GP(0) in virtual-8086 mode if IOPL < 3 */
    TRAP_CPUID, /* #GP(0) if MSR_TRAP_SENSITIVE's bit 1 = 1 and CPL > 0 */
};

/* insn.def's `sens` column: what it touches (Popek and Goldberg 1974). */
enum insn_sens {
    SENS_INNOCUOUS = 0,
    SENS_CONTROL = 1,  /* changes the machine's resources */
    SENS_LOCATION = 2, /* its result depends on where in real memory it runs */
    SENS_MODE = 4,     /* its result depends on the ring it runs in */
};

/* Every row's id, I_ADD_Eb_Gb and so on; I_INVALID is an encoding of none. */
enum insn_id {
    I_INVALID = 0,
#define INSN(id, ...) I_##id,
#include "insn.def"
#undef INSN
    INSN_COUNT
};

/* operand.def's `place` column: where an operand stands. */
enum operand_place {
    PLACE_NONE,
    PLACE_RM,     /* ModRM's mod and r/m: register or memory */
    PLACE_MEM,    /* the same, memory only */
    PLACE_NUMBER, /* memory only: an x87 number */
    PLACE_STREG,  /* ModRM's r/m: an x87 register */
    PLACE_RMREG,  /* the same, a register whatever mod says */
    PLACE_REG,    /* ModRM's reg: a general register */
    PLACE_SREG,   /* ... a segment register */
    PLACE_CREG,   /* ... a control register */
    PLACE_DREG,   /* ... a debug register */
    PLACE_OPREG,  /* the opcode's low bits: a general register; insn.reg */
    PLACE_IMM,    /* insn.imm, sign extended where the letter says so */
    PLACE_REL,    /* insn.imm: added to the next instruction's EIP */
    PLACE_FAR,    /* insn.imm2:insn.imm */
    PLACE_OFFSET, /* memory at insn.seg:insn.disp */
    PLACE_SOURCE, /* memory at insn.seg:ESI (SI) */
    PLACE_TARGET, /* memory at ES:EDI (DI) */
    PLACE_FIXED,  /* general register `number` */
    PLACE_SEGREG, /* segment register `number` */
    PLACE_ONE,    /* the number 1 */
};
enum { SIZE_V = 0xfe, SIZE_VW = 0xff };
struct operand_form {
    uint8_t place;  /* enum operand_place */
    uint8_t size;   /* bytes; SIZE_V: the operand size; SIZE_VW: the operand
                       size in a register, 2 in memory; 0: no access */
    uint8_t number; /* of a fixed register; immediates: 1 if sign extended;
                       x87: as operand.def says */
};

/* One row of insn.def as data. */
struct insn_row {
    const char *id;              /* "ADD_Eb_Gb" */
    const char *mnemonic;        /* "ADD"; "MOVSW|MOVSD" by operand size */
    const char *operand[3];      /* the manual's letters, "Eb"; "" for none */
    struct operand_form form[3]; /* what they mean */
    bool modrm;                  /* has a ModRM byte */
    uint8_t trap;                /* enum insn_trap */
    uint8_t sens;                /* bits of enum insn_sens */
    uint8_t price;               /* enum price: the cost class */
    uint16_t flags_read, flags_written, flags_undefined; /* EFLAGS bits */
    uint16_t attr; /* bits of enum insn_attr */
};
extern const struct insn_row insn_rows[INSN_COUNT];

enum insn_attr {
    ATTR_LOCK = 1,   /* LOCK is legal with a memory destination */
    ATTR_REP = 2,    /* a string instruction: REP repeats it */
    ATTR_BRANCH = 4, /* may change EIP other than by falling through */
    ATTR_ENDS = 8,   /* ends a decoded block: may change mode, IF or mapping */
    ATTR_READS = 16, /* operand 0 is only read, or only its address is used */
    ATTR_PROTECTED = 32, /* #UD in real-address and virtual-8086 mode */
    ATTR_X87 = 64,       /* an x87 instruction, WAIT apart */
    ATTR_SEGMENT = 128,  /* loads a segment register, not CS; and SS only MOV */
    ATTR_SVM = 256,      /* #UD unless CPU_VT, with EFER.SVME set */
};

/* A decoded instruction. Plain data: it may be kept and run again. */
struct insn {
    uint16_t id;    /* enum insn_id */
    uint8_t len;    /* bytes, prefixes included; at most 15 */
    uint8_t opcode; /* last opcode byte: its low nibble is the condition */
    uint8_t opsize; /* operand size in bytes: 2 or 4 */
    uint8_t adsize; /* address size in bytes: 2 or 4 */
    uint8_t rep;    /* 0, 0xf2 (REPNE) or 0xf3 (REP, REPE) */
    uint8_t lock;   /* LOCK given */
    uint8_t mod, reg, rm; /* ModRM's fields; reg also for opcode+r forms */
    uint8_t base, index, scale; /* REG_x or NO_REG; shift count */
    uint8_t seg;      /* segment of the memory operand, overrides applied */
    uint8_t override; /* the override prefix's segment or NO_REG */
    uint8_t code32;   /* CS.D when it was decoded: for the text */
    uint32_t disp;
    uint32_t imm;  /* immediate, sign extended where the row says so;
                      relative branches: the displacement */
    uint32_t imm2; /* ENTER's second, a far pointer's selector */
};
#define NO_REG 0xff

/* What decoding said: it consumes bytes through a cursor. */
enum decode_status {
    DECODE_OK,
    DECODE_INVALID,   /* #UD: no such instruction, or LOCK where illegal */
    DECODE_TOO_LONG,  /* #GP(0): over 15 bytes */
    DECODE_TRUNCATED, /* `size` bytes were not enough */
};

/*
 * Decode one instruction from bytes[0..size). `code32` is CS.D. On
 * DECODE_TRUNCATED the caller must fetch more bytes and call again.
 * On DECODE_INVALID, out->len is the count of bytes looked at.
 */
enum decode_status cpu_decode(const uint8_t *bytes, size_t size, bool code32,
                              struct insn *out);

/*
 * Write `in` as text in NASM's syntax (as ndisasm prints it) into
 * buf[0..size), always terminated. `eip` is the instruction's own address,
 * for the targets of relative branches. Returns buf.
 */
char *cpu_disassemble(const struct insn *in, uint32_t eip, char *buf,
                      size_t size);

/* The mnemonic at this operand size, in lower case, into buf. Returns buf. */
char *insn_mnemonic(const struct insn *in, char *buf, size_t size);

/* An operand's letters in words: "Eb" is "byte register or memory, by ModRM".
 * NULL if no row uses such letters. */
const char *operand_text(const char *letters);

/* --------------------------------------------------------------- prices */

/*
 * What things cost, in simulated cycles. One row a price in costs.def; a
 * preset file under cpu/costs/ gives each row its number and its source.
 */
enum price {
#define PRICE(id, group, text) PRICE_##id,
#include "costs.def"
#undef PRICE
    PRICE_COUNT
};

struct costs {
    char name[32];               /* "p4-vt" */
    char title[160];             /* "Pentium 4 672 with VT, 3.8 GHz, 2005" */
    uint32_t mhz;                /* the clock's rate: simulated time */
    uint32_t price[PRICE_COUNT]; /* cycles */
};

/*
 * Load a preset by name ("p4-vt": looked for among the built-in presets) or
 * by path (it holds a '/' or ends in ".cost"). Returns 0, or -1 with a
 * message of what is wrong, file and line, in err[0..errsize).
 */
int costs_load(struct costs *out, const char *name_or_path, char *err,
               size_t errsize);
/*
 * Give one row another price, "port_io = 3000": a question of "what if". The
 * costs' name then ends in '+', and their title says it. Returns 0, or -1 with
 * a message, and nothing changed.
 */
int costs_set(struct costs *out, const char *row, char *err, size_t errsize);
const char *price_name(enum price p); /* "alu" */
const char *price_text(enum price p); /* one sentence for people */
/* Built-in preset number i's name, or NULL past the last. */
const char *costs_preset(size_t i);

/*
 * What an instruction costs before it runs: its row's class, but a row of
 * class `alu` whose ModRM operand is in memory is a load or a store, and MOV
 * to CR3 has its own price. What depends on the run comes on top.
 */
enum price insn_price(const struct insn *in);

#endif
