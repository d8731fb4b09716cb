/*
 * frames.c - the model's frames, on the machine that the guest is on.
 *
 * Job:    the real number of each, its content, read and written through its
 *         home; a digest of all that tables hold. On a PC there are no such
 *         tables, and the model's own content stands for them.
 */
#include "requests.h"

#define FIRST_HOME 16u /* page number */

static uint32_t foreign; /* a frame's number */

uint32_t frame_number(uint32_t frame)
{
    const uint32_t *directory = (const uint32_t *)info->pt_base;
    switch (frame) {
    case TABLE:
        return directory[0] >> 12;
    case ROOT:
        return P2M[info->pt_base / PAGE];
    case SHARED:
        return info->shared_info / PAGE;
    case FOREIGN:
        return foreign;
    case NOWHERE:
        return 0xffff0;
    default:
        return P2M[FIRST_HOME + frame];
    }
}

static uint32_t frame_of(uint32_t number)
{
    for (uint32_t i = 0; i < ALL_FRAMES; i++)
        if (frame_number(i) == number)
            return i;
    return 0xff;
}

const char *name_of(uint32_t frame)
{
    static const char *const name[] = {
        "0",  "1",  "2",     "3",    "4",      "5",       "6",
        "7",  "8",  "9",     "10",   "11",     "12",      "13",
        "14", "15", "TABLE", "ROOT", "SHARED", "FOREIGN", "NOWHERE"};
    return name[frame];
}

uint32_t slot_number(uint32_t table, uint32_t slot)
{
    static const uint16_t number[SLOTS] = {
        0, 1, 2, 3, 7, 8, 64, 100, 255, 256, 511, 512, 900, 1007, 1008, 1023};
    return table == TABLE ? FIRST_HOME + slot : number[slot];
}

uint32_t *home(uint32_t frame)
{
    return (uint32_t *)((FIRST_HOME + frame) * PAGE);
}

bool is_home_writable(uint32_t frame)
{
    return model_entry(TABLE, frame) & PTE_W;
}

/* To what the processor reads, and back. */
uint32_t real_entry(uint32_t e)
{
    return is_para && (e & PTE_P) ? frame_number(e >> 12) << 12 | (e & 0xfff)
                                  : e;
}
static uint32_t unreal(uint32_t e)
{
    return e & PTE_P ? entry(frame_of(e >> 12), e & 0xfff) : e;
}

void put_entry(uint32_t frame, uint32_t slot, uint32_t e)
{
    model_put(frame, slot, e);
    if (is_para)
        home(frame)[slot_number(frame, slot)] = real_entry(e);
}

static uint32_t *table_bytes(uint32_t frame)
{
    switch (frame) {
    case TABLE:
        return (uint32_t *)(info->pt_base + PAGE);
    case ROOT:
        return (uint32_t *)info->pt_base;
    default:
        return home(frame);
    }
}

uint32_t get_entry(uint32_t frame, uint32_t slot)
{
    if (!is_para)
        return model_entry(frame, slot);
    return unreal(table_bytes(frame)[slot_number(frame, slot)]);
}

void start(void)
{
    model_begin();
    while (is_para &&
           (M2P[foreign] != 0xffffffffu || foreign == info->shared_info / PAGE))
        foreign++;
}

/* Of what all tables hold, but for bits that the processor sets. Never 0. */
uint32_t digest(void)
{
    uint32_t sum = 1;
    for (uint32_t f = 0; f < ROOT + 1; f++) {
        if (f == TABLES)
            f = POOL; /* what windows show is not what is in them */
        uint32_t n = slots_of(type_of(f));
        for (uint32_t i = 0; i < n; i++) {
            uint32_t e = get_entry(f, i);
            if (f >= POOL || e >> 12 == TABLE)
                e &= ~(PTE_A | PTE_D);
            sum = (sum << 5 | sum >> 27) * 33 ^ e;
        }
    }
    return sum ? sum : 1;
}
