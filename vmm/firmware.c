/*
 * firmware.c - starting a guest from a disk image, as a PC's BIOS does.
 *
 * Job:    lay out memory, tell the firmware what there is, and start it.
 *
 *     F000:E000   the firmware (guests/firmware/bios.asm), 8 KiB
 *     1 MiB ...   the guest's
 *     ... top     the disk, which the firmware reads for INT 13h
 *
 * Simplified: the firmware is memory like any other, where a PC has ROM; and
 * it is not seen a second time below 4 GiB, so that CS's base at its first
 * instruction is F0000, and not FFFF0000 as after a reset.
 */
#include "firmware.h"
#include "monitor.h"

#include <stdio.h>

#define MIB (1u << 20)
#define SECTOR 512u
#define ROM_SEGMENT 0xf000u
#define LEFT_TO_GUEST 65536u /* above 1 MiB, at least */

/* The first bytes of the firmware, which are for its loader to fill in. */
struct parameters {
    uint32_t disk_base, disk_sectors;
    uint8_t drive, sectors, heads, unused;
    uint32_t extended; /* KiB from 1 MiB on */
};
_Static_assert(sizeof(struct parameters) == 16, "bios.asm's layout");

/* A disk of up to 1.44 MB is a floppy disk of that kind. */
#define FLOPPY_SECTORS 2880u

static struct parameters describe(uint32_t base, uint32_t sectors)
{
    struct parameters p = {.disk_base = base,
                           .disk_sectors = sectors,
                           .drive = 0x00,
                           .sectors = 18,
                           .heads = 2,
                           .extended = (base - MIB) / 1024};
    if (sectors > FLOPPY_SECTORS) {
        p.drive = 0x80;
        p.sectors = 63;
        p.heads = 16;
    }
    return p;
}

bool firmware_boot(struct vm *v, const struct image *im, struct cpu *c,
                   char *err, size_t errsize)
{
    uint64_t memory = vm_memory(v);
    uint64_t disk = (im->size + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
    if (disk + MIB + LEFT_TO_GUEST > memory) {
        snprintf(err, errsize,
                 "%s: a disk of %zu KiB stands in memory, and the guest has "
                 "%u KiB: give it more (--memory)",
                 im->name, im->size / 1024, vm_memory(v) / 1024);
        return false;
    }
    uint32_t base = (uint32_t)(memory - disk);
    uint32_t sectors = (uint32_t)((im->size + SECTOR - 1) / SECTOR);
    struct parameters p = describe(base, sectors);
    gpa_t rom = {MIB - (uint32_t)firmware_rom_size};
    guest_write(v, (gpa_t){base}, im->file, im->size);
    guest_write(v, rom, firmware_rom, firmware_rom_size);
    guest_write(v, rom, &p, sizeof p);
    cpu_reset(c);
    c->seg[SEG_CS].base = ROM_SEGMENT << 4;
    return true;
}
