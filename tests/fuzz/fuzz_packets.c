/*
 * fuzz_packets.c - what the fuzzer sends to the debugger in gdb's place. The
 * first byte chooses the technique.
 *
 * A fuzzer does not guess checksums: each line is made a packet; one that
 * begins with '!' the packet of that monitor command; one that begins with
 * '~' is sent as it is. `save` alone is locked: it writes files.
 */
#include "debugger.h"
#include <stdio.h>
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

static void put_packet(FILE *to, const char *head, const uint8_t *line,
                       size_t n, int hex)
{
    uint8_t sum = 0;
    putc('$', to);
    for (const char *p = head; *p; p++) {
        putc(*p, to);
        sum = (uint8_t)(sum + (uint8_t)*p);
    }
    for (size_t i = 0; i < n; i++) {
        char text[3] = {(char)line[i], 0, 0};
        size_t count = 1;
        if (hex)
            count = (size_t)snprintf(text, sizeof text, "%02x", line[i]);
        for (size_t k = 0; k < count; k++) {
            putc(text[k], to);
            sum = (uint8_t)(sum + (uint8_t)text[k]);
        }
    }
    fprintf(to, "#%02x", sum);
}

static void put_line(FILE *to, const uint8_t *line, size_t n)
{
    if (n > 0 && line[0] == '!')
        put_packet(to, "qRcmd,", line + 1, n - 1, 1);
    else if (n > 0 && line[0] == '~')
        fwrite(line + 1, 1, n - 1, to);
    else
        put_packet(to, "", line, n, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t first[] = "!lock save";
    char *packets = NULL;
    size_t length;
    FILE *to = size ? open_memstream(&packets, &length) : NULL;
    if (!to)
        return 0;
    put_line(to, first, sizeof first - 1);
    for (size_t at = 1; at < size;) {
        const uint8_t *end = memchr(data + at, '\n', size - at);
        size_t n = end ? (size_t)(end - (data + at)) : size - at;
        put_line(to, data + at, n);
        at += n + 1;
    }
    fclose(to);
    int fd = fuzz_file(packets, length);
    fuzz_debug(data[0], -1, fd);
    close(fd);
    free(packets);
    return 0;
}
