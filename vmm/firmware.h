/*
 * firmware.h - starting a guest from a disk image, as a PC's BIOS does.
 */
#ifndef RINGSIDE_VMM_FIRMWARE_H
#define RINGSIDE_VMM_FIRMWARE_H

#include "image.h"

/* The firmware's bytes: guests/firmware/bios.asm, built in. */
extern const unsigned char firmware_rom[];
extern const size_t firmware_rom_size;

/*
 * Put the firmware below 1 MiB and the image, a disk, at the top of v's
 * memory; and `c`, in the reset state, at the firmware's first instruction.
 * False with a message: no room.
 */
bool firmware_boot(struct vm *v, const struct image *im, struct cpu *c,
                   char *err, size_t errsize);

#endif
