/*
 * play.h - the virtual processor as an interpreter: what processor.c and
 * play.c share.
 */
#ifndef RINGSIDE_VMM_PLAY_H
#define RINGSIDE_VMM_PLAY_H

#include "virtual.h"

/* Book what has been played so far; the machine's clock gets there. */
void vp_book_play(struct vp *p);

#endif
