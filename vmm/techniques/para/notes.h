/*
 * notes.h - what a paravirtual kernel's image says of itself.
 */
#ifndef RINGSIDE_PARA_NOTES_H
#define RINGSIDE_PARA_NOTES_H

#include "../../image.h"
#include "xen.h"

struct xen_notes {
    uint32_t entry;          /* virtual address of the first instruction */
    uint32_t hypercall_page; /* virtual address to fill, or 0 */
    uint32_t virt_base;      /* where guest physical 0 is mapped */
    uint32_t paddr_offset;   /* what the file's p_paddr has too much */
    bool pae;                /* it wants PAE */
};

/* False with a message for people: no paravirtual kernel, or one that this
 * monitor cannot run. */
bool xen_notes_read(const struct image *im, struct xen_notes *x, char *err,
                    size_t errsize);

#endif
