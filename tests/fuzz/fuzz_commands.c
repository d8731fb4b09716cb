/*
 * fuzz_commands.c - what the fuzzer types to the debugger: lines of its
 * command language. The first byte chooses the technique.
 *
 * `save` alone is locked: it writes files.
 */
#include "debugger.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_quiet();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char first[] = "lock save\n";
    const size_t n = sizeof first - 1;
    char *lines = size ? malloc(n + size) : NULL;
    if (!lines)
        return 0;
    memcpy(lines, first, n);
    memcpy(lines + n, data + 1, size - 1);
    int fd = fuzz_file(lines, n + size - 1);
    fuzz_debug(data[0], fd, -1);
    close(fd);
    free(lines);
    return 0;
}
