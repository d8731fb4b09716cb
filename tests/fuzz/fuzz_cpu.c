/*
 * fuzz_cpu.c - what the fuzzer hands to the processor: code.
 *
 * The first two bytes choose a machine (machine.h), the others are its code.
 * The decoder and the disassembler see each byte as a start, with nothing
 * readable behind the last; then the machine runs twice, one by one and by
 * cpu_run, and both must be the same.
 */
#include <stdlib.h>
#include <string.h>
#include "machine.h"

#define CYCLES 1200u
#define STARTS 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* `bytes` is the end of a block of its own: the sanitizer sees what reads
 * beyond. */
static void decode(const uint8_t *bytes, size_t size, bool code32)
{
    struct insn in;
    char text[96];
    enum decode_status s = cpu_decode(bytes, size, code32, &in);
    if (s == DECODE_TRUNCATED)
        must(size < 15, "truncated, with fifteen bytes");
    if (s != DECODE_OK)
        return;
    must(in.len > 0 && in.len <= size && in.len <= 15, "a wrong length");
    must(in.id > I_INVALID && in.id < INSN_COUNT, "no row");
    size_t room = 1 + bytes[0] % sizeof text;
    memset(text, 'x', sizeof text);
    cpu_disassemble(&in, 0x1000, text, room);
    must(memchr(text, 0, room) != NULL, "text without an end");
    insn_mnemonic(&in, text, room);
    must(memchr(text, 0, room) != NULL, "mnemonic without an end");
}

static void lockstep(uint64_t seed, const uint8_t *code, size_t size)
{
    struct machine step, run;
    must(machine_new(&step, seed, code, size), "no memory");
    must(machine_new(&run, seed, code, size), "no memory");
    const char *what = NULL;
    for (uint64_t cycle = 0; cycle < CYCLES && !what; cycle += 1 + cycle / 4) {
        machine_step_to(&step, cycle);
        machine_run_to(&run, cycle);
        what = machine_difference(&step, &run, cycle > CYCLES / 2);
    }
    if (what) {
        machine_show(stderr, "by steps", &step);
        machine_show(stderr, "by cpu_run", &run);
    }
    must(!what, what);
    machine_free(&step);
    machine_free(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    uint8_t *own = malloc(size - 2); /* no byte more */
    must(own != NULL, "no memory");
    memcpy(own, data + 2, size - 2);
    for (size_t n = 0; n < size - 2 && n < STARTS; n++)
        for (int code32 = 0; code32 < 2; code32++)
            decode(own + n, size - 2 - n, code32);
    free(own);
    lockstep(data[0] | (uint64_t)data[1] << 8, data + 2, size - 2);
    return 0;
}
