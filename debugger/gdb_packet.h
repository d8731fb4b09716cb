/*
 * gdb_packet.h - packets of gdb's remote protocol: "$data#checksum".
 */
#ifndef RINGSIDE_DEBUGGER_GDB_PACKET_H
#define RINGSIDE_DEBUGGER_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 4096

struct link {
    int in, out;               /* file descriptors */
    bool no_ack;               /* QStartNoAckMode */
    bool interrupted;          /* gdb asked for a stop, or is gone */
    uint8_t ahead[PACKET_MAX]; /* bytes read and not yet used */
    size_t next, count;
};

/* The next packet's data, terminated; "\003" for an interrupt request. False:
 * the other end is gone, or Ctrl-C was pressed at this one. */
bool packet_read(struct link *l, char data[PACKET_MAX]);
/* Send one; false: gone. */
bool packet_write(struct link *l, const char *data);
/* While the guest runs: has gdb asked for a stop (Ctrl-C)? Does not wait. */
bool packet_interrupt(struct link *l);

/* n bytes as 2n hexadecimal digits, terminated; and back (returns n). */
void hex_encode(char *to, const void *from, size_t n);
size_t hex_decode(void *to, const char *from, size_t most);

#endif
