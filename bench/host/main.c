/*
 * main.c - the guest of `make bench-host`: its command line is a list of
 * kernels, "alu:12 sieve:4": each is run for so many rounds between two
 * lines on the debug console (port 0xE9),
 *
 *     @begin alu
 *     @end alu 12 1a2b3c4d
 *
 * and the program that started the emulator notes the time of each line. A
 * round before the first line warms everything up: timed is running, not
 * translating. The last word is the checksum that every round has answered.
 *
 * Interrupts are off throughout, so nothing but the kernel takes time.
 */
#include "kernels.h"

struct kernel {
    const char *name;
    uint32_t paging;
    kernel_prepare *prepare;
    kernel_round *round;
    uint32_t argument;
};

static void no_prepare(uint32_t argument)
{
    (void)argument;
}

static const struct kernel kernels[] = {
#define KERNEL(...) {__VA_ARGS__},
#include "kernels.def"
#undef KERNEL
};
#define KERNELS (sizeof kernels / sizeof *kernels)

/* ------------------------------------------------------------- the console */

static void say_char(char c)
{
    __asm__ volatile("outb %0, $0xe9" : : "a"(c));
}

static void say(const char *s)
{
    while (*s)
        say_char(*s++);
}

static void say_decimal(uint32_t v)
{
    if (v >= 10)
        say_decimal(v / 10);
    say_char((char)('0' + v % 10));
}

static void say_hex(uint32_t v)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        say_char("0123456789abcdef"[v >> shift & 15]);
}

/* ------------------------------------------------------------ the kernels */

static void map_one_to_one(void)
{
    for (uint32_t page = 0; page < MEMORY >> 12; page++)
        page_tables[page] = page << 12 | 7; /* present, writable, user */
    for (uint32_t i = 0; i < MEMORY >> 22; i++)
        page_directory[i] = (uint32_t)&page_tables[i * 1024] | 7;
}

static void run(const struct kernel *k, uint32_t rounds)
{
    if (k->paging)
        paging_on(page_directory);
    k->prepare(k->argument);
    uint32_t sum = k->round(k->argument), differ = 0;
    say("@begin ");
    say(k->name);
    say_char('\n');
    for (uint32_t i = 0; i < rounds; i++)
        differ |= sum ^ k->round(k->argument);
    say("@end ");
    say(k->name);
    say_char(' ');
    say_decimal(rounds);
    say_char(' ');
    if (differ)
        say("unstable-");
    say_hex(sum);
    say_char('\n');
    paging_off();
}

/* Is the word up to ':' this name? Then where it ends. */
static const char *match(const char *word, const char *name)
{
    while (*name && *word == *name)
        word++, name++;
    return *name == 0 && *word == ':' ? word + 1 : 0;
}

/* One word of the command line, "name:rounds"; where the next begins. A word
 * of another kind (a loader puts the file's name first) is passed over. */
static const char *run_word(const char *word)
{
    for (uint32_t i = 0; i < KERNELS; i++) {
        const char *at = match(word, kernels[i].name);
        if (!at)
            continue;
        uint32_t rounds = 0;
        for (; *at >= '0' && *at <= '9'; at++)
            rounds = rounds * 10 + (uint32_t)(*at - '0');
        run(&kernels[i], rounds);
        return at;
    }
    while (*word && *word != ' ')
        word++;
    return word;
}

/* From machine.asm, with Multiboot's information: 3.3 of its specification
 * has the command line at 16. Returns the status for the exit port. */
uint32_t bench_main(const uint32_t *information)
{
    const char *word = (const char *)information[4];
    map_one_to_one();
    while (*word) {
        if (*word == ' ')
            word++;
        else
            word = run_word(word);
    }
    say("@done\n");
    return 0;
}
