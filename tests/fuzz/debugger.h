/*
 * debugger.h - the debugger, with a small guest, for the fuzzer: what both of
 * its targets there share.
 */
#ifndef RINGSIDE_TESTS_FUZZ_DEBUGGER_H
#define RINGSIDE_TESTS_FUZZ_DEBUGGER_H

#include <stddef.h>
#include <stdint.h>

/* A file without a name, holding `text`. Its descriptor, at its beginning. */
int fuzz_file(const void *text, size_t size);
/*
 * Debug a lesson that comes to its end by itself, under the technique that
 * `which` chooses. Lines come from `batch`; or, if that is -1, packets from
 * `packets`.
 */
void fuzz_debug(unsigned which, int batch, int packets);
/* Standard output is nobody's from here on. */
void fuzz_quiet(void);

#endif
