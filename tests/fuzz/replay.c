/*
 * replay.c - a fuzzer's target on files, without a fuzzer: the corpus, or
 * what was found.
 *
 *     fuzz_cpu FILE...
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

#define MOST (1u << 20)

int main(int argc, char **argv)
{
    uint8_t *data = malloc(MOST);
    if (!data || (LLVMFuzzerInitialize && LLVMFuzzerInitialize(&argc, &argv)))
        return 2;
    for (int n = 1; n < argc; n++) {
        FILE *f = fopen(argv[n], "rb");
        if (!f) {
            fprintf(stderr, "%s cannot be read\n", argv[n]);
            return 2;
        }
        size_t size = fread(data, 1, MOST, f);
        fclose(f);
        fprintf(stderr, "%s\n", argv[n]); /* the last one is the culprit */
        LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    return 0;
}
