/*
 * machine.c - the machine that a lab's guest runs on: the same on both sides
 * of the pipe, and what both note down of it.
 */
#include "transcript.h"

#include <string.h>

#define GUEST_BYTES (4u << 20)
#define PRICES "p4-vt"

bool lab_machine(struct lab_machine *l, const char *technique,
                 const char *image, const struct monitor_observer *watch,
                 char *err, size_t errsize)
{
    const struct technique *t = technique_find(technique);
    if (!t || costs_load(&l->costs, PRICES, err, errsize) != 0) {
        return false;
    }
    struct monitor_config cfg = {
        .kind = technique_kind(t), .costs = &l->costs, .observer = *watch};
    struct vm_config guest = {
        .name = "guest", .technique = t, .image = image, .memory = GUEST_BYTES};
    l->m = monitor_new(&cfg, err, errsize);
    l->v = l->m ? monitor_add_vm(l->m, &guest, err, errsize) : NULL;
    return l->v != NULL;
}

size_t lab_memory(const struct lab_machine *l, struct page_sum *to, size_t most)
{
    static const uint32_t none[PAGE_SIZE / 4];
    size_t count = 0;
    for (uint32_t at = 0; at < vm_memory(l->v) && count < most;
         at += PAGE_SIZE) {
        uint32_t word[PAGE_SIZE / 4];
        mpa_t where;
        if (!vm_machine(l->v, (gpa_t){at}, &where) ||
            !cpu_phys_read(monitor_cpu(l->m), where, word, PAGE_SIZE) ||
            memcmp(word, none, PAGE_SIZE) == 0) {
            continue;
        }
        to[count] = (struct page_sum){.at = at};
        for (unsigned i = 0; i < PAGE_SIZE / 4; i++) {
            to[count].hash = state_hash(to[count].hash, word[i]);
        }
        count++;
    }
    return count;
}

bool has_error_code(uint32_t vector)
{
    const uint32_t with = 0x27d00; /* SDM 3A table 6-1 */
    return vector < 32 && (with >> vector & 1);
}

void see_cpu(struct vm *v, struct seen_cpu *out)
{
    struct virtual_cpu c;
    vm_virtual_cpu(v, &c);
    *out = (struct seen_cpu){.eip = c.eip,
                             .eflags = c.eflags,
                             .cr0 = c.cr0,
                             .cr2 = c.cr2,
                             .cr3 = c.cr3,
                             .cpl = c.cpl};
    memcpy(out->reg, c.reg, sizeof out->reg);
    gva_t top = {c.seg[SEG_SS].base + c.reg[REG_ESP]};
    vm_peek(v, top, out->stack, sizeof out->stack);
}
