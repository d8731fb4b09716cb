/*
 * source.h - what a compiler or assembler left in a program's file for
 * debuggers: which line of which source each instruction was made of, names,
 * and how a function's frame is undone.
 *
 * Job:    ask libdw, so that nobody else has to.
 * Parts:  source.c (opening, lines, names), source_frame.c (frames),
 *         source_text.c (the text of the lines).
 *
 * Read are 32-bit x86 ELF files with DWARF of any version. A file that has
 * none, or a damaged one, has no lines, and that is no error.
 */
#ifndef RINGSIDE_DEBUGGER_SOURCE_H
#define RINGSIDE_DEBUGGER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One file's. */
struct source;
struct source *source_open(const char *path); /* NULL: no such ELF file */
void source_close(struct source *s);
bool source_any(const struct source *s); /* has it any line? */

/* A line, and the instructions in one piece that were made of it. */
struct source_line {
    const char *file; /* as it was compiled; lives as long as the source */
    unsigned line;    /* from 1 */
    uint32_t from, to;
};
bool source_line_at(const struct source *s, uint32_t at,
                    struct source_line *out);
/*
 * Where the code of FILE's line begins, or else of the next line that has
 * any. `file` is the last part of a path, or more of it.
 */
bool source_place(const struct source *s, const char *file, unsigned line,
                  struct source_line *out);
/* The i-th source file, as it was compiled; NULL past the last. */
const char *source_file(const struct source *s, size_t i);
/* Line and file of the i-th piece of code; line 0: of none. False: past the
 * last. */
bool source_piece(const struct source *s, size_t i, struct source_line *out);
/* Is `file` the path's last part, or more of it? */
bool source_is(const char *path, const char *file);

/* The name at or before `at` and how far; NULL: none. And back. */
const char *source_name_at(const struct source *s, uint32_t at,
                           uint32_t *offset);
bool source_name(const struct source *s, const char *name, uint32_t *at);
const char *source_name_number(const struct source *s, size_t i);

/*
 * Copy what the file says lies at `at`; returns how many bytes of it there
 * are. `at` may be the address where a loader without paging puts it: then
 * it becomes the one that the program has.
 */
size_t source_bytes(const struct source *s, uint32_t *at, void *to, size_t n);

/* ---------------------------------------------------------------- frames */

/* A function's registers, in the order of enum reg. */
struct source_frame {
    uint32_t reg[8], eip;
    bool caller; /* eip is where a call returns to */
};
/* Whoever can read the guest's memory. */
struct source_memory {
    void *who;
    bool (*word)(void *who, uint32_t at, uint32_t *out);
};
/* Make of a function's frame its caller's. False: nothing is known of it. */
bool source_caller(const struct source *s, const struct source_memory *m,
                   struct source_frame *f);

/* ------------------------------------------------------------------ texts */

/*
 * The texts of source files, kept once read. One is looked for where the
 * compiler found it, and then by the last parts of its path in the present
 * folder and in each above `image`: so a tree can be moved.
 */
struct texts;
struct texts *texts_new(void);
void texts_free(struct texts *t);
/* Line `line`, without its end, in *length bytes. NULL: no such file, or it
 * has not so many. */
const char *texts_line(struct texts *t, const char *file, const char *image,
                       unsigned line, size_t *length);
/* That part of the file's path by which it was found; NULL: it was not. */
const char *texts_path(struct texts *t, const char *file, const char *image);

#endif
