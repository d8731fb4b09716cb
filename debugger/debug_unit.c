/*
 * debug_unit.c - a translated unit: the guest's code, and beside it what
 * stands in the cache and runs in its place (vmm/techniques/translate).
 */
#include "debug.h"

/* One guest instruction, and the cache's code for it. */
static void show(struct debug *d, const struct translated *t)
{
    char left[80], right[80];
    struct insn in;
    if (!debug_instruction(d, t->eip, left, sizeof left)) {
        snprintf(left, sizeof left, "not mapped");
    }
    for (uint32_t i = 0; i < t->size; i += in.len) {
        if (cpu_decode(t->bytes + i, t->size - i, true, &in) != DECODE_OK) {
            in.len = 1;
            snprintf(right, sizeof right, "db 0x%02x", t->bytes[i]);
        } else {
            cpu_disassemble(&in, t->at + i, right, sizeof right);
        }
        if (i == 0) {
            fprintf(d->out, "%08x  %-30s  %05x  %s\n", t->eip, left, t->at,
                    right);
        } else {
            fprintf(d->out, "%40s  %05x  %s\n", "", t->at + i, right);
        }
    }
}

void do_unit(struct debug *d, const struct words *w)
{
    uint32_t at = d->now.seg[SEG_CS].base + d->now.eip;
    struct translated t;
    if (w->count > 1 && !debug_address(d, w->word[1], &at)) {
        return;
    }
    unsigned i = 0;
    while (vm_translated(d->vm, (gva_t){at}, i, &t)) {
        show(d, &t);
        i++;
    }
    if (i == 0) {
        fprintf(d->out,
                "No unit has the code at %08x. Units are made when "
                "the guest's kernel comes there, under --technique "
                "translate.\n",
                at);
    }
}
