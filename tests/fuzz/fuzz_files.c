/*
 * fuzz_files.c - what the fuzzer hands to the commands: files and words.
 *
 * The first byte chooses what the others are: an image, a file of prices, a
 * command line, the debugger's commands, or a guest's code under some
 * technique. Bad ones get a message; none ends the process, or hangs it.
 */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../../debugger/options.h"
#include "../../vmm/image.h"

#define WORDS 24
#define CYCLES 5000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A file without a name; its path in *path. Returns its descriptor. */
static int file_of(const void *bytes, size_t size, char path[32])
{
    int fd = memfd_create("fuzz", 0);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* A Multiboot header (3.1) and the code behind it, at 1 MiB. */
static size_t guest_of(const uint8_t *code, size_t size, uint8_t *out)
{
    const uint32_t at = 0x100000, magic = 0x1badb002, flags = 0x10000;
    const uint32_t head[8] = {magic, flags, 0 - magic - flags, at,
                              at,    0,     0x140000,          at + 32};
    memcpy(out, head, 32);
    memcpy(out + 32, code, size);
    return size + 32;
}

static void run_guest(const struct technique *t, const char *path)
{
    char err[512];
    struct costs costs;
    if (costs_load(&costs, "unit", err, sizeof err) != 0)
        abort();
    struct monitor_config machine = {.kind = technique_kind(t),
                                     .costs = &costs};
    struct vm_config guest = {
        .technique = t, .image = path, .command_line = "", .memory = 2u << 20};
    struct monitor *m = monitor_new(&machine, err, sizeof err);
    if (m && monitor_add_vm(m, &guest, err, sizeof err)) {
        monitor_run(m, &(struct run_until){.cycle = CYCLES});
        if (!monitor_audit(m, err, sizeof err))
            abort();
    }
    monitor_free(m);
}

static void try_image(const uint8_t *data, size_t size)
{
    char err[512], path[32];
    struct image *im = image_parse("fuzz", data, size, err, sizeof err);
    if (!im)
        return;
    uint32_t notes;
    image_symbol_at(im, im->entry_virtual);
    image_note(im, "Xen", 18, &notes);
    image_free(im);
    int fd = file_of(data, size, path);
    run_guest(technique_at(0), path);
    close(fd);
}

static void try_guest(const uint8_t *data, size_t size)
{
    char path[32];
    size_t techniques = 0;
    while (technique_at(techniques))
        techniques++;
    uint8_t *whole = size > 1 ? malloc(size + 32) : NULL;
    if (!whole)
        return;
    int fd = file_of(whole, guest_of(data + 1, size - 1, whole), path);
    run_guest(technique_at(data[0] % techniques), path);
    free(whole);
    close(fd);
}

static void try_prices(const uint8_t *data, size_t size)
{
    char err[512], path[32];
    struct costs costs;
    int fd = file_of(data, size, path);
    costs_load(&costs, path, err, sizeof err);
    close(fd);
}

/* Words end in a zero or a newline. */
static void try_words(const uint8_t *data, size_t size)
{
    char name[] = "ringside", *argv[WORDS + 1] = {name};
    char *text = malloc(size + 1);
    struct options o;
    int argc = 1, status;
    if (!text)
        abort();
    memcpy(text, data, size);
    text[size] = 0;
    for (size_t n = 0; n < size && argc < WORDS; n += strlen(text + n) + 1) {
        argv[argc++] = text + n;
        text[n + strcspn(text + n, "\n")] = 0;
    }
    options_parse(argc, argv, &o, &status);
    free(text);
}

/* On a guest that comes to its end by itself. */
static void try_commands(const uint8_t *data, size_t size)
{
    static const uint8_t code[] = {0x9c, 0x58, 0xfa, 0xb8, 0,    0,
                                   0,    0,    0xe6, 0xf4, 0xeb, 0xfe};
    char guest[32], batch[32], err[512];
    uint8_t whole[32 + sizeof code];
    struct options o = {.command = CMD_debug, .names = 1, .plain = true};
    int image = file_of(whole, guest_of(code, sizeof code, whole), guest);
    int commands = file_of(data, size, batch);
    o.name[0] = guest;
    o.batch = batch;
    if (costs_load(&o.costs, "unit", err, sizeof err) == 0)
        cmd_debug(&o);
    close(image);
    close(commands);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    if (!freopen("/dev/null", "w", stdout)) /* help, the debugger's answers */
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(const uint8_t *, size_t) = {
        try_image, try_prices, try_words, try_commands, try_guest};
    if (size > 0)
        tries[data[0] % 5](data + 1, size - 1);
    return 0;
}
