/*
 * evidence.h - a session as a file: which guest, which options, which place.
 *
 * A run is a function of its inputs, so they are enough to be there again:
 * the guests (by the hash of their images), the options that change anything,
 * prices by number, and places in time. The number of the machine's whole
 * state at the place shows whether it is the same.
 */
#ifndef RINGSIDE_DEBUGGER_EVIDENCE_H
#define RINGSIDE_DEBUGGER_EVIDENCE_H

#include "debug.h"

/* Write it, whole or not at all. False, and said why. */
bool evidence_save(struct debug *d, const char *path);

/*
 * Read one: *o becomes the options of that session, as far as they decide
 * what happens; they point into what is returned. NULL, and said why, if it
 * cannot be read, is damaged, or a guest is another now.
 */
struct evidence;
struct evidence *evidence_open(const char *path, struct options *o);
void evidence_free(struct evidence *e);
/* Go to its place, with its marks. */
void evidence_enter(const struct evidence *e, struct debug *d);

#endif
