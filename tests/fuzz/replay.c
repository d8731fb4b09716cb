/*
 * replay.c - a fuzzer's target on files, without a fuzzer: the corpus, or
 * what was found; and then, with --random, N more that are made of them, the
 * same on every host.
 *
 *     fuzz_cpu [--random N] FILE...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MOST (1u << 20)
#define LONGEST 1024u /* of those that are made */

/* xorshift32: Marsaglia, "Xorshift RNGs", 2003. */
static uint32_t next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static size_t read_file(const char *name, uint8_t *data, size_t room)
{
    FILE *f = fopen(name, "rb");
    if (!f) {
        fprintf(stderr, "%s cannot be read\n", name);
        exit(2);
    }
    size_t size = fread(data, 1, room, f);
    fclose(f);
    return size;
}

/* Where a line begins, or anywhere if there is none behind a random place. */
static size_t place(const uint8_t *data, size_t size, uint32_t *state)
{
    size_t at = size ? next(state) % size : 0;
    const uint8_t *end = size ? memchr(data + at, '\n', size - at) : NULL;
    return end ? (size_t)(end + 1 - data) : at;
}

/* The head of one file, the tail of another, and some bytes changed. */
static size_t make(char **file, int files, uint8_t *out, uint32_t *state)
{
    uint8_t tail[LONGEST];
    size_t n = read_file(file[next(state) % (unsigned)files], out, LONGEST);
    size_t m = read_file(file[next(state) % (unsigned)files], tail, LONGEST);
    size_t head = place(out, n, state), from = place(tail, m, state);
    size_t rest = m - from < LONGEST - head ? m - from : LONGEST - head;
    memcpy(out + head, tail + from, rest);
    n = head + rest;
    for (uint32_t k = next(state) % 4; n > 0 && k > 0; k--)
        out[next(state) % n] = (uint8_t)(next(state) % 128);
    return n;
}

int main(int argc, char **argv)
{
    uint8_t *data = malloc(MOST);
    uint32_t state = 2463534242u;
    long randoms = 0;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "--random") == 0) {
        randoms = strtol(argv[2], NULL, 10);
        first = 3;
    }
    if (!data || (LLVMFuzzerInitialize && LLVMFuzzerInitialize(&argc, &argv)))
        return 2;
    for (int n = first; n < argc; n++) {
        fprintf(stderr, "%s\n", argv[n]); /* the last one is the culprit */
        LLVMFuzzerTestOneInput(data, read_file(argv[n], data, MOST));
    }
    for (long k = 0; argc > first && k < randoms; k++) {
        size_t n = make(argv + first, argc - first, data, &state);
        fprintf(stderr, "random %ld, %zu bytes:\n%.*s\n", k, n, (int)n, data);
        LLVMFuzzerTestOneInput(data, n);
    }
    free(data);
    return 0;
}
