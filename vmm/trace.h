/*
 * trace.h - inside the traces: what the two formats share.
 *
 * trace.c opens, closes and prints the common parts; trace_jsonl.c writes a
 * line an exit; trace_chrome.c writes Chrome's trace events.
 */
#ifndef RINGSIDE_VMM_TRACE_H
#define RINGSIDE_VMM_TRACE_H

#include "monitor.h"

#include <stdio.h>

struct trace_format {
    const char *ending; /* of the file's name: ".jsonl" */
    void (*begin)(struct trace *t);
    void (*exit)(struct trace *t, const struct exit_record *x);
    void (*marker)(struct trace *t, const struct vm *v, uint32_t id);
    void (*end)(struct trace *t);
};
extern const struct trace_format trace_jsonl, trace_chrome;

struct trace {
    const struct trace_format *format;
    struct monitor *monitor;
    FILE *file;
    char *path, *part; /* its name, and its name until it is whole */
    size_t vms;        /* that the file knows by name */
    uint64_t lines;
};

/* "name":"text", with JSON's escapes (RFC 8259, 7). */
void trace_string(struct trace *t, const char *name, const char *text);
/* The record's fields but its place in time, as members of an object. */
void trace_details(struct trace *t, const struct exit_record *x);

#endif
