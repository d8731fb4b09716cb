/*
 * translate.h - inside the translate technique: binary translation of an
 * unmodified guest's kernel, after Adams and Agesen (ASPLOS 2006).
 *
 * Job:    the guest's kernel code never runs. What runs in its place, in
 *         ring 1, is code of the monitor's that has the same effect, made of
 *         it a unit at a time, when control first comes there. User code runs
 *         directly. Everything else is the full technique's: shadow page
 *         tables, the virtual processor, its interpreters, its devices.
 *
 *   translate.c  the technique's table; from a trap to who handles it
 *   enter.c      back to the guest: which code, and where in it
 *   decode.c     what instructions make a unit
 *   emit.c       what each becomes
 *   inline.c     the same, for sensitive ones that need no monitor
 *   loads.c      the same, where they load segments
 *   branch.c     the same, for those that transfer control
 *   encode.c     the bytes of all that
 *   unit.c       units: made, found, and all flushed
 *   chain.c      what leads from one to another; the dead
 *   space.c      which linear addresses their bytes are at
 *   cache.c      the machine memory in which translations stand
 *   selectors.c  which segments translated code may load
 *   recover.c    from a place in a translation to the guest's state there
 *   look.c       the same, for the debugger
 *   adapt.c      instructions that trap often become call-outs, and back
 *   audit.c      all this, checked and not believed
 *
 * The translator only copes with the usual kernel: ring 0, 32-bit code in a
 * segment from 0 to 4 GiB, a 32-bit stack, no single-stepping. Where a guest
 * leaves that, the monitor interprets it instruction by instruction.
 */
#ifndef RINGSIDE_VMM_TRANSLATE_H
#define RINGSIDE_VMM_TRANSLATE_H

#include "../full/full.h"

#define UNIT_INSNS 12u  /* as Adams and Agesen's */
#define INSN_MOST 15u   /* bytes */
#define UNIT_CODE 1024u /* bytes of translation, at most */
#define UNIT_MARKS 192u
#define CACHE_SIZE (WORLD_CACHE_PAGES * PAGE_SIZE)
#define CALLOUT_VECTOR 0xf1u /* INT of translated code: the gate's DPL is 1 */

/* ------------------------------------------------------------ state page */

/*
 * The indirect branches' hash table, behind the state page: by the low bits
 * of a guest EIP its negation, and the place in the cache where its
 * translation begins. As many slots as 16 bits of offset reach, since MOVZX
 * takes 16 bits off a register and leaves the flags alone.
 */
#define TARGETS 8192u
struct target {
    uint32_t tag, at;
};
#define TARGETS_AT PAGE_SIZE /* offset by GS */

/*
 * What translated code itself reads and writes of the virtual processor, by
 * GS: a page of the monitor's at WORLD_STATE.
 */
struct state_page {
    uint32_t vif;        /* virtual IF, in its place in EFLAGS */
    uint32_t flags_bias; /* virtual IOPL less the real IF */
    uint32_t pending;    /* an interrupt waits for IF */
    uint32_t jump;       /* where an indirect branch goes */
    uint32_t save[8];    /* the guest's registers, while ours are in them */
    uint32_t cr[5], tr, ldtr, sel[SEG_COUNT];
    uint32_t user_cs;       /* minus the CS that IRET may go to; or 1 */
    uint32_t user_if;       /* virtual IF behind such an IRET */
    uint32_t good[256];     /* by a selector's low byte: minus the selector, if
                               it may be loaded; or 1 */
    uint32_t flags_ok[256]; /* by bits 8 to 15 of a flags image: 1 and its IF,
                               if it may be loaded; or 0 */
};
#define AT(member) ((uint32_t)offsetof(struct state_page, member))

/* ----------------------------------------------------------------- units */

enum mark_kind {
    MARK_INSN,     /* on the way through an instruction */
    MARK_CALLOUT,  /* an INT: the monitor does the instruction */
    MARK_INDIRECT, /* an INT: the branch's target is not in the table */
    MARK_LINK,     /* an INT: to an address that is not chained to */
};
/*
 * What the guest's state is while the processor stands at a place of the
 * translation: from offset `at` to the next mark's.
 */
struct mark {
    uint32_t eip;   /* the guest's */
    int32_t esp;    /* to be added to ESP */
    uint16_t at;    /* offset from the unit's first byte */
    uint8_t kind;   /* enum mark_kind */
    uint8_t number; /* of the instruction; of MARK_LINK, of the link */
    uint8_t saved;  /* bit r: register r is in the state page */
};

/* A way out of a unit to a guest address known in advance. */
struct link {
    uint32_t target;
    uint16_t field; /* where the jump's displacement stands */
    uint16_t stub;  /* where it leads while it is not chained: to an INT */
    struct unit *owner;
    struct unit *to;
    struct link *next; /* of those that lead to the same unit */
};

/* A run of guest instructions, and its translation. */
struct unit {
    uint32_t eip, bytes; /* of the guest's code */
    uint32_t pages;      /* 2: its one instruction crosses to the next */
    uint32_t gfn[2];     /* guest physical pages of the bytes */
    uint8_t source[UNIT_INSNS * INSN_MOST]; /* those bytes */
    uint32_t at, size; /* of the translation, in the cache */
    unsigned count, marks, links;
    struct insn insn[UNIT_INSNS];
    uint16_t start[UNIT_INSNS]; /* offset of each one's translation */
    bool callout[UNIT_INSNS];   /* each is done by the monitor */
    struct mark *mark;
    struct link link[2];
    struct link *from; /* those chained to this */
    bool dead;         /* thrown away; freed with all others */
    struct unit *next_in_slot, *next_in_page, *next_crossing;
};

/* A linear page from which code is translated, and what it is mapped to. */
struct code_page {
    bool known;
    uint32_t page, gfn;
};

#define UNIT_SLOTS 1024u
#define CODE_PAGES 256u
#define SITES 256u

/* An instruction that trapped in translated code: adapt.c. */
struct site {
    uint32_t eip, gfn;
    uint8_t traps; /* so far */
    uint8_t idle;  /* times it was called out for nothing */
    bool callout;
};

/* What translated code may load: selectors.c. */
struct selectors {
    bool known;             /* what follows is what the guest's table says */
    unsigned loaded;        /* a segment register, just now; or SEG_COUNT */
    unsigned pages;         /* of the guest's GDT that are watched */
    uint32_t gfn[2];        /* which */
    uint32_t installs;      /* full.installs then */
    struct segment user_cs; /* of the program that ran last */
    struct segment segment[256]; /* behind state_page.good */
};

struct cache_counts {
    uint64_t units, insns; /* translated */
    uint64_t chained, flushes, dropped, adapted, reverted;
};

/* What the real processor is running, or is about to. */
enum running { RUN_DIRECT, RUN_TRANSLATED, RUN_INTERPRETED };

struct translator {
    struct full f; /* first: full.h's functions get this address */
    enum running running;

    mpa_t frame[WORLD_CACHE_PAGES]; /* the cache; 0: not taken yet */
    mpa_t state_frame[WORLD_STATE_PAGES];
    struct state_page *state; /* the first one's bytes */
    uint32_t iopl;            /* that its flags_ok is for */
    uint32_t used;            /* bytes of the cache */

    struct unit **unit; /* in the order of the cache, the dead too */
    uint32_t units, units_room;
    uint32_t audited, audited_slots; /* count on and on */
    struct unit *slot[UNIT_SLOTS];   /* by EIP */
    struct unit **in_page;           /* by their first guest physical page */
    struct unit *crossing;           /* those with a second */
    struct code_page space[CODE_PAGES];
    struct site site[SITES];
    struct selectors selectors;

    /* Of the exit at hand. */
    struct unit *here;  /* the unit that was left, or NULL */
    unsigned here_insn; /* and at which of its instructions */
    struct link *chain; /* to be chained to where we go; or NULL */
    bool remember;      /* where we go is an indirect branch's target */
    bool made;          /* something was translated */
    bool code_written;  /* of a watched page */
    bool gdt_written;   /* what selectors.c watches */
    bool gate[256];     /* INT n of a program arrives by its own gate */
    struct cache_counts counts;
};
static inline struct translator *translator_of(struct vm *v)
{
    return v->own;
}

/* --------------------------------------------------------------- cache.c */

bool cache_init(struct translator *t); /* false: no memory */
void cache_free(struct translator *t);
/* Its pages become the world's. */
void cache_show(struct translator *t);
/* Room for n bytes behind all others. False: flush, and ask again. */
bool cache_room(struct translator *t, uint32_t n);
/* The monitor writes translated code. */
void cache_write(struct translator *t, uint32_t at, const void *from,
                 uint32_t n);
void cache_read(const struct translator *t, uint32_t at, void *to, uint32_t n);

/* ---------------------------------------------------------------- unit.c */

bool unit_init(struct translator *t); /* false: no memory */
void unit_free_all(struct translator *t);
/*
 * The place in the cache for guest address `eip`: inside the unit that was
 * left, or a unit's beginning, which is made if need be. False: no
 * instruction can be fetched there, or the VM was killed.
 */
bool unit_place(struct translator *t, uint32_t eip, uint32_t *at);
/* Are there units of this page of the guest's? */
bool page_used(const struct translator *t, uint32_t gfn);
/* The unit whose translation holds this place; NULL: the stub's. */
struct unit *unit_at(const struct translator *t, uint32_t at);
/* The guest address of its instruction `n`, or behind them all. */
uint32_t unit_eip(const struct unit *u, unsigned n);
/* Its guest bytes as they are now. */
void unit_source(const struct translator *t, const struct unit *u, uint8_t *to);
/* It is found no more. */
void unit_unlist(struct translator *t, struct unit *u);
/* Throw everything away, and begin anew. */
void unit_flush(struct translator *t);

/* --------------------------------------------------------------- chain.c */

/* It is dead. */
void unit_drop(struct translator *t, struct unit *u);
/* No branch leads to it any more without asking; it stays. */
void unit_detach(struct translator *t, struct unit *u);
/* Guest memory was written. */
void unit_written(struct translator *t, gpa_t at, unsigned size);
/* Chain the branch that was left to the unit at `at`. */
void unit_chain(struct translator *t, uint32_t at);
/* The indirect branches' table. */
struct target *target_of(const struct translator *t, uint32_t slot);
void targets_put(struct translator *t, uint32_t eip, uint32_t at);
void targets_clear(struct translator *t);

/* --------------------------------------------------------------- space.c */

/* The guest physical page of `eip`; false: it cannot be fetched. */
bool space_page(struct translator *t, uint32_t eip, uint32_t *gfn);
/* Are the unit's bytes where it believes them, as far as is known? */
bool space_holds(const struct translator *t, const struct unit *u);
/* Mappings may have changed: of one address, or of any. */
void space_check_page(struct translator *t, uint32_t eip);
void space_check(struct translator *t);

/* -------------------------------------------------------------- decode.c */

/* Fill u->insn from u->eip on, within its page if it is not the first that
 * crosses. False: not even one can be fetched. */
bool unit_decode(struct translator *t, struct unit *u);
/* Does control never go on behind it? */
bool ends_unit(const struct insn *in);

/* ----------------------------------------------------------- selectors.c */

void selectors_forget(struct translator *t); /* every permission */
/* Is it a page of the GDT's that is watched? */
bool selectors_use(const struct translator *t, uint32_t gfn);
void selectors_check(struct translator *t); /* mappings may have changed */
void selectors_written(struct translator *t, gpa_t at, unsigned size);
/* The guest is entered: permit what it has just loaded. */
void selectors_learn(struct translator *t);
/* A program is entered. */
void selectors_program(struct translator *t);
/* What translated code has loaded becomes virtual state. */
void selectors_recover(struct translator *t);

/* -------------------------------------------------------------- encode.c */

enum opcode {
    OP_GS = 0x65,
    OP_MOV_STORE = 0x89,
    OP_MOV_LOAD = 0x8b,
    OP_LEA = 0x8d,
    OP_MOV_IMM = 0xc7,
    OP_INT = 0xcd,
    OP_JECXZ = 0xe3,
    OP_GROUP5 = 0xff, /* /4: JMP, /6: PUSH */
};
#define RM_DISP32 5u /* ModRM with mod 0: a displacement alone */
#define INT_LENGTH 2

struct emitter {
    struct unit *u;
    unsigned i;           /* the instruction being translated */
    uint32_t eip;         /* its address */
    const uint8_t *bytes; /* the guest's */
    unsigned n;           /* bytes of code so far */
    uint8_t code[UNIT_CODE];
    unsigned marks;
    struct mark mark[UNIT_MARKS];
};
void emit_byte(struct emitter *e, unsigned byte);
void emit_word(struct emitter *e, uint32_t word);
void emit_bytes(struct emitter *e, const uint8_t *from, unsigned n);
/* From here on the guest's state is this one. */
void emit_mark(struct emitter *e, enum mark_kind kind, uint32_t eip,
               unsigned saved, int32_t esp);
void emit_callout(struct emitter *e, enum mark_kind kind, unsigned saved,
                  int32_t esp);
/* MOV between a register and the state page: opcode 0x89 stores. */
void emit_state(struct emitter *e, unsigned opcode, unsigned reg, uint32_t at);
void emit_set(struct emitter *e, uint32_t at, uint32_t value);
#define EMIT(e, ...)                                   \
    do {                                               \
        static const uint8_t bytes_[] = {__VA_ARGS__}; \
        emit_bytes(e, bytes_, sizeof bytes_);          \
    } while (0)
/* Of `regs` (bit r: register r): the guest's values go to the state page, and
 * come back. */
void emit_take(struct emitter *e, unsigned regs, int32_t esp);
void emit_give_back(struct emitter *e, unsigned regs);
/* Call out if ECX is not 0; if it is 0. `saved` registers are taken. */
void emit_need_zero(struct emitter *e, unsigned saved);
void emit_need_other(struct emitter *e, unsigned saved);
/* ECX = word ECX of a table in the state page. */
void emit_word_of_table(struct emitter *e, uint32_t table);

/* --------------------------------------------- emit.c, inline.c, branch.c */

void emit_unit(struct emitter *e, struct unit *u); /* from u->source */
/* A sensitive instruction. False: the monitor has to do it. */
bool emit_inline(struct emitter *e, const struct insn *in);
/* JMP to a guest address. */
void emit_link(struct emitter *e, uint32_t target);
/* A near branch. False: it is none that can be translated. */
bool emit_branch(struct emitter *e, const struct insn *in);

/* --------------------------------------------------------------- loads.c */

/* A segment register's load, or IRET. False: the monitor has to do it. */
bool emit_load(struct emitter *e, const struct insn *in);
/* ECX, bits 8 to 15 of a flags image, becomes its IF, if there is nothing
 * else in it that only the monitor can do. */
void emit_flags(struct emitter *e, unsigned saved);
/* An interrupt may be waiting for IF, which is ECX. */
void emit_window(struct emitter *e, unsigned saved);
/* The segment register that it pushes, or SEG_COUNT; that it loads, of MOV's
 * and POP's. */
unsigned pushed_segment(const struct insn *in);
unsigned loaded_segment(const struct insn *in);
/* Where in the state page is what this instruction puts into its register
 * operand? 0: it is none of these. */
uint32_t state_word_of(const struct insn *in);

/* ------------------------------------------------------ recover.c, look.c */

/* The mark for a place in a unit's translation. */
const struct mark *recover_mark(const struct unit *u, uint32_t at);
/* The guest's registers there: those that are in the state page. */
void recover_registers(const struct translator *t, const struct mark *m,
                       uint32_t reg[8]);
/* The real registers, caught in translated code, become those that the guest
 * would have: as if its code ran directly. */
void recover(struct translator *t);
/* The same for whoever looks, while the processor stands there. */
void translate_virtual_cpu(struct vm *v, struct virtual_cpu *out);
bool translate_translated(struct vm *v, gva_t at, unsigned i,
                          struct translated *out);

/* --------------------------------------------------------------- enter.c */

/* Is it code that is translated? That runs directly? Else: interpreted. */
bool translates(const struct cpu *c);
bool runs_directly(const struct cpu *c);
/* The virtual state goes to the real processor, as if the guest's own code
 * were to run there, if that or its translation is to run at all. */
void guest_out(struct translator *t);
/* The virtual processor says where the guest goes on: put the real one
 * there. */
void enter_guest(struct translator *t, struct exit *x);

/* --------------------------------------------------------------- adapt.c */

/* The instruction at hand trapped for its memory's sake: often? */
void adapt_trapped(struct translator *t);
/* It was called out; did it need to be? */
void adapt_called(struct translator *t, uint32_t eip, bool needed);
/* Is the instruction at eip, in this page, to be called out? */
bool adapt_callout(const struct translator *t, uint32_t eip, uint32_t gfn);

/* --------------------------------------------------------------- audit.c */

bool translate_audit(struct vm *v, char *err, size_t errsize);

#endif
