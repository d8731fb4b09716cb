/*
 * debug_control.c - the control block of guest mode, in words: the page by
 * which a monitor and the processor speak to each other (cpu/vmcb.h).
 *
 * Parts:  fields and what changed; why the guest stopped; events; what ends
 *         guest mode; the guest's state; the command.
 *
 * The numbers are the manual's, AMD's volume 2, chapter 15 and appendices B
 * and C; so are the names. A line that begins with * has a field that changed
 * since the last stop, and of the guest's state each field has its own.
 */
#include "debug.h"

#include <stdarg.h>
#include <string.h>

#define LABEL 14 /* columns */

/* ------------------------------------------------ fields; what changed */

static uint32_t field(const struct debug *d, unsigned at)
{
    uint32_t word;
    memcpy(&word, d->block.byte + at, sizeof word);
    return word;
}

static bool changed(const struct debug *d, unsigned at, unsigned size)
{
    return d->block_before.there &&
           memcmp(d->block.byte + at, d->block_before.byte + at, size) != 0;
}

/* "* EXITCODE   text", broken into lines. */
static void line(const struct debug *d, bool mark, const char *label,
                 const char *text)
{
    int column = fprintf(d->out, "%c %-11s ", mark ? '*' : ' ', label);
    bool first = true;
    while (*text) {
        int word = (int)strcspn(text, " ");
        if (!first && column + 1 + word > COLUMNS) {
            fprintf(d->out, "\n%*s", LABEL, "");
            column = LABEL;
            first = true;
        }
        column += fprintf(d->out, "%s%.*s", first ? "" : " ", word, text);
        first = false;
        text += word;
        text += strspn(text, " ");
    }
    putc('\n', d->out);
}

/* More text at the end of what is in buf. */
static void more(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void more(char *buf, size_t size, const char *fmt, ...)
{
    size_t n = strlen(buf);
    va_list args;
    va_start(args, fmt);
    vsnprintf(buf + n, size - n, fmt, args);
    va_end(args);
}

/* ------------------------------------------------ why the guest stopped */

/* Codes below INTR are sixteen or thirty-two of a kind: its first. */
static uint32_t kind_of(uint32_t code)
{
    if (code >= VMEXIT_EXCP && code < VMEXIT_INTR) {
        return VMEXIT_EXCP;
    }
    return code < VMEXIT_EXCP ? code & ~15u : code;
}

static const char *code_text(uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *text;
    } texts[] = {
#define VMEXIT(id, number, what) {(uint32_t)(number), what},
#include "../cpu/vmexits.def"
#undef VMEXIT
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].code == kind_of(code)) {
            return texts[i].text;
        }
    }
    return "no code of this processor";
}

/* Code 0 stands there from the beginning: it is one if its own intercept is
 * set. */
static bool has_stopped(const struct debug *d)
{
    uint32_t code = field(d, VMCB_EXITCODE);
    return code != 0 ||
           (field(d, vmexit_word((enum vmexit)code)) & INTERCEPT(code));
}

static void tell_code(const struct debug *d)
{
    uint32_t code = field(d, VMCB_EXITCODE);
    const char *name = vmexit_name(code);
    char text[160];
    if (!has_stopped(d)) {
        line(d, false, "EXITCODE", "none yet: the guest has not stopped");
        return;
    }
    snprintf(text, sizeof text, "%03x %s", code, name ? name : "?");
    if (kind_of(code) != code) {
        more(text, sizeof text, " + %u", code - kind_of(code));
    }
    more(text, sizeof text, ": %s", code_text(code));
    line(d, changed(d, VMCB_EXITCODE, 8), "EXITCODE", text);
}

static void port_text(const struct debug *d, char *buf, size_t size)
{
    uint32_t info = field(d, VMCB_EXITINFO1);
    unsigned bytes = info >> IOIO_SIZE_SHIFT & 7;
    snprintf(
        buf, size, "%s%s port %03x, %u byte%s; the next instruction is at %08x",
        info & IOIO_REP ? "REP " : "",
        info & IOIO_IN ? (info & IOIO_STRING ? "INS from" : "IN from")
                       : (info & IOIO_STRING ? "OUTS to" : "OUT to"),
        info >> 16, bytes, bytes == 1 ? "" : "s", field(d, VMCB_EXITINFO2));
}

/* "a write by the kernel to ..., which is not mapped" */
static void fault_text(uint32_t error, char *buf, size_t size)
{
    snprintf(buf, size, "a %s by %s, %s", error & 2 ? "write" : "read",
             error & 4 ? "a program" : "the kernel",
             error & 1 ? "which the entry forbids" : "with no entry for it");
}

static void nested_text(const struct debug *d, char *buf, size_t size)
{
    uint32_t upper = field(d, VMCB_EXITINFO1 + 4);
    snprintf(buf, size,
             "guest physical %08x has no entry in the nested tables; %s",
             field(d, VMCB_EXITINFO2),
             upper & NPF_TABLE ? "the processor wanted a page table of the "
                                 "guest's there"
                               : "the guest's own access");
}

/* What EXITINFO1 and 2 say depends on the code. */
static void tell_info(const struct debug *d)
{
    uint32_t code = field(d, VMCB_EXITCODE), one = field(d, VMCB_EXITINFO1);
    uint32_t two = field(d, VMCB_EXITINFO2);
    char text[200] = "";
    if (!has_stopped(d)) {
        return;
    }
    switch (code) {
    case VMEXIT_IOIO:
        port_text(d, text, sizeof text);
        break;
    case VMEXIT_MSR:
        snprintf(text, sizeof text, "%s of the MSR that ECX names",
                 one ? "WRMSR" : "RDMSR");
        break;
    case VMEXIT_NPF:
        nested_text(d, text, sizeof text);
        break;
    case VMEXIT_EXCP + VEC_PF:
        fault_text(one, text, sizeof text);
        more(text, sizeof text, ", at %08x", two);
        break;
    case VMEXIT_TASK_SWITCH:
        snprintf(text, sizeof text, "to the TSS that selector %04x names",
                 one & 0xffff);
        break;
    default:
        snprintf(text, sizeof text,
                 one || two ? "%08x and %08x" : "nothing more to say of it",
                 one, two);
    }
    line(d, changed(d, VMCB_EXITINFO1, 16), "EXITINFO", text);
}

/* --------------------------------------------------------------- events */

static void event_text(uint32_t low, uint32_t error, const char *none,
                       char *buf, size_t size)
{
    uint32_t type = low & INJECT_TYPE;
    if (!(low & INJECT_VALID)) {
        snprintf(buf, size, "%s", none);
        return;
    }
    snprintf(buf, size, "%s, vector %02x",
             type == INJECT_INTR       ? "an interrupt"
             : type == INJECT_NMI      ? "an NMI"
             : type == INJECT_SOFTWARE ? "an INT instruction"
                                       : "an exception",
             low & 0xff);
    if (low & INJECT_ERROR) {
        more(buf, size, ", error code %x", error);
    }
}

static void tell_events(const struct debug *d)
{
    uint32_t v = field(d, VMCB_V_INTR);
    char text[200];
    event_text(field(d, VMCB_EXITINTINFO), field(d, VMCB_EXITINTINFO + 4),
               "the guest was not on its way into a handler", text,
               sizeof text);
    line(d, changed(d, VMCB_EXITINTINFO, 8), "EXITINTINFO", text);
    event_text(field(d, VMCB_EVENTINJ), field(d, VMCB_EVENTINJ + 4),
               "nothing went in with the last entry", text, sizeof text);
    if (field(d, VMCB_EVENTINJ) & INJECT_VALID) {
        more(text, sizeof text, ": it went in with the last entry");
    }
    line(d, changed(d, VMCB_EVENTINJ, 8), "EVENTINJ", text);
    snprintf(text, sizeof text, "%s; %s%s",
             v & V_IRQ ? "V_IRQ: exit as soon as the guest can take an "
                         "interrupt"
                       : "no virtual interrupt waits",
             v & V_INTR_MASKING ? "V_INTR_MASKING: the guest's IF does not "
                                  "hold the machine's interrupts"
                                : "the guest's IF holds the machine's "
                                  "interrupts, too",
             field(d, VMCB_INTERRUPT_SHADOW) & 1 ? "; STI or MOV SS just ran"
                                                 : "");
    line(d, changed(d, VMCB_V_INTR, 12), "V_INTR", text);
}

/* ---------------------------------------------- what ends guest mode */

/* The names of the codes from `first` on whose bits are set in a word. */
static void names_text(uint32_t word, uint32_t first, char *buf, size_t size)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        const char *name = vmexit_name(first + bit);
        if (word >> bit & 1) {
            more(buf, size, "%s%s", *buf ? " " : "", name ? name : "?");
        }
    }
}

static void numbers_text(uint32_t bits, const char *what, char *buf,
                         size_t size)
{
    more(buf, size, "%s%s", *buf ? "; " : "", what);
    for (unsigned n = 0; n < 32; n++) {
        if (bits >> n & 1) {
            more(buf, size, " %u", n);
        }
    }
    more(buf, size, "%s", bits ? "" : " none");
}

static void tell_intercepts(const struct debug *d)
{
    uint32_t cr = field(d, VMCB_INTERCEPT_CR), dr = field(d, VMCB_INTERCEPT_DR);
    char text[600] = "";
    names_text(field(d, VMCB_INTERCEPT_1), VMEXIT_INTR, text, sizeof text);
    names_text(field(d, VMCB_INTERCEPT_2), VMEXIT_VMRUN, text, sizeof text);
    line(d, changed(d, VMCB_INTERCEPT_1, 8), "intercepts", text);
    text[0] = 0;
    numbers_text(cr & 0xffff, "CR read", text, sizeof text);
    numbers_text(cr >> 16, "CR written", text, sizeof text);
    numbers_text(dr & 0xffff, "DR read", text, sizeof text);
    numbers_text(dr >> 16, "DR written", text, sizeof text);
    numbers_text(field(d, VMCB_INTERCEPT_EXCEPTIONS), "exception vectors", text,
                 sizeof text);
    line(d, changed(d, VMCB_INTERCEPT_CR, 12), "and of", text);
}

static void tell_memory(const struct debug *d)
{
    uint32_t control = field(d, VMCB_TLB_CONTROL) & 0xff;
    char text[300];
    if (field(d, VMCB_NP_ENABLE) & 1) {
        snprintf(text, sizeof text,
                 "nested paging, N_CR3 %08x: guest physical to machine by "
                 "the processor",
                 field(d, VMCB_N_CR3));
    } else {
        snprintf(text, sizeof text,
                 "no nested paging: CR3 below is a shadow "
                 "of the guest's, and #PF exits");
    }
    more(text, sizeof text, "; ASID %u; the last entry flushed %s",
         field(d, VMCB_ASID),
         control == TLB_KEEP        ? "nothing"
         : control == TLB_FLUSH_ALL ? "the whole TLB"
                                    : "its own TLB entries");
    line(d, changed(d, VMCB_NP_ENABLE, 4) || changed(d, VMCB_ASID, 5), "memory",
         text);
    snprintf(text, sizeof text,
             "I/O map at %08x, MSR map at %08x: a bit set there ends guest "
             "mode; RDTSC reads the clock plus %08x%08x",
             field(d, VMCB_IOPM_BASE), field(d, VMCB_MSRPM_BASE),
             field(d, VMCB_TSC_OFFSET + 4), field(d, VMCB_TSC_OFFSET));
    line(d, changed(d, VMCB_IOPM_BASE, 24), "maps, time", text);
}

/* ----------------------------------------------------- the guest's state */

static const struct {
    const char *name;
    unsigned at, size;
} fields[] = {
#define FIELD(id, offset, bytes, text) {#id, offset, bytes},
#include "../cpu/vmcb.def"
#undef FIELD
};
#define FIELDS (sizeof fields / sizeof *fields)

static void state_text(const struct debug *d, size_t i, char *buf, size_t size)
{
    unsigned at = fields[i].at;
    char mark = changed(d, at, fields[i].size) ? '*' : ' ';
    uint32_t word = field(d, at & ~3u);
    if (at == VMCB_GDTR || at == VMCB_IDTR) {
        snprintf(buf, size, "%c%-4s %9s %08x +%08x", mark, fields[i].name, "",
                 field(d, at + VMCB_SEG_BASE), field(d, at + VMCB_SEG_LIMIT));
    } else if (fields[i].size == 16) {
        snprintf(buf, size, "%c%-4s %04x %04x %08x +%08x", mark, fields[i].name,
                 word & 0xffff, word >> 16, field(d, at + VMCB_SEG_BASE),
                 field(d, at + VMCB_SEG_LIMIT));
    } else {
        snprintf(buf, size, "%c%s %0*x", mark, fields[i].name,
                 fields[i].size == 1 ? 1 : 8, word >> 8 * (at & 3));
    }
}

/* Segments two in a row, the others as many as fit. */
static void tell_state(const struct debug *d)
{
    int column = 0;
    say(d, "the guest's state as it was entered (a segment: selector, "
           "attributes, base,\nlimit); while it runs the processor has newer");
    for (size_t i = 0; i < FIELDS; i++) {
        char text[64];
        if (fields[i].at < VMCB_ES || fields[i].at == VMCB_PDPTE) {
            continue;
        }
        int width = fields[i].size == 16 ? 40 : 20;
        state_text(d, i, text, sizeof text);
        width = strlen(text) > 20 ? 40 : width;
        if (column + width > COLUMNS) {
            putc('\n', d->out);
            column = 0;
        }
        column += fprintf(d->out, "%-*s", width, text);
    }
    putc('\n', d->out);
    if (field(d, VMCB_CR4) & CR4_PAE) {
        fputs(" PAE pointers", d->out);
        for (unsigned n = 0; n < 4; n++) {
            fprintf(d->out, " %08x%08x", field(d, VMCB_PDPTE + 8 * n + 4),
                    field(d, VMCB_PDPTE + 8 * n));
        }
        putc('\n', d->out);
    }
}

/* ----------------------------------------------------------- the command */

void do_control(struct debug *d, const struct words *w)
{
    char text[300];
    (void)w;
    if (!d->block.there) {
        snprintf(text, sizeof text,
                 "Under %s no control block is used: the guest does not run in "
                 "guest mode. Under hvm-shadow and hvm one page tells the "
                 "processor what must end guest mode, and tells the monitor "
                 "why it ended: 'beside hvm' shows it.",
                 technique_name(vm_technique(d->vm)));
        print_wrapped(d->out, 0, text);
        return;
    }
    tell_code(d);
    tell_info(d);
    tell_events(d);
    tell_intercepts(d);
    tell_memory(d);
    tell_state(d);
}
