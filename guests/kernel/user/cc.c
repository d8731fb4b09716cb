/*
 * cc.c - what the compile workload runs: as much of a compiler as a kernel
 * sees of one. It reads a source from fd `in`, fills a table on the heap with
 * what it read, thinks, and writes an object of four bytes to fd `out`.
 */
#include "cc.h"
#include "user.h"

#define TABLE 8192u /* words: eight pages */

int main(uint32_t in, uint32_t out)
{
    uint32_t *table = (uint32_t *)call(SYS_sbrk, TABLE * sizeof *table, 0, 0);
    uint32_t object = 0;
    uint8_t source[64];
    for (uint32_t read = 0; read < SOURCE;) {
        int n = call(SYS_read, in, (uint32_t)source, sizeof source);
        if (n <= 0)
            return 1;
        for (int i = 0; i < n; i++) {
            object = object * 31 + source[i];
            table[object % TABLE] += object; /* a symbol */
        }
        read += (uint32_t)n;
    }
    for (uint32_t i = 0; i < TABLE; i++)
        object ^= table[i];
    call(SYS_write, out, (uint32_t)&object, sizeof object);
    return 0;
}
