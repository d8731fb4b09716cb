/* gdb.h - the debugger's face for gdb: its remote protocol. */
#ifndef RINGSIDE_DEBUGGER_GDB_H
#define RINGSIDE_DEBUGGER_GDB_H

#include "debug.h"

/*
 * Serve gdb until it leaves. `where` is "-", standard input and output (for
 * gdb's "target remote | ringside ..."), or a TCP port of this host, where
 * one gdb is waited for. Returns the program's exit status.
 */
int gdb_serve(struct debug *d, const char *where);

#endif
