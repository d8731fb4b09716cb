/*
 * gdb_packet.c - packets of gdb's remote protocol.
 *
 * Source: the gdb manual, appendix "gdb Remote Serial Protocol", Overview: a
 * packet is $data#xx, xx the sum of the data's bytes modulo 256; the receiver
 * says + or -, until both agree to leave that out; } escapes a byte, which
 * follows with bit 5 changed.
 */
#include "gdb_packet.h"

#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define INTERRUPT 3

/* The next byte; -1 at the end. */
static int next_byte(struct link *l)
{
    while (l->next == l->count) {
        ssize_t n = read(l->in, l->ahead, sizeof l->ahead);
        if (n == 0 || (n < 0 && (errno != EINTR || interrupt_pending()))) {
            return -1;
        }
        l->next = 0;
        l->count = n > 0 ? (size_t)n : 0;
    }
    return l->ahead[l->next++];
}

static bool send_all(struct link *l, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = write(l->out, bytes, n);
        if (sent < 0 && errno != EINTR) {
            return false;
        }
        if (sent > 0) {
            bytes += sent;
            n -= (size_t)sent;
        }
    }
    return true;
}

static int digit(int c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* From behind the $ to the checksum. 1 good, 0 bad, -1 the end. */
static int read_body(struct link *l, char data[PACKET_MAX])
{
    size_t n = 0;
    uint8_t sum = 0;
    int c;
    bool fits = true;
    while ((c = next_byte(l)) != '#') {
        if (c < 0) {
            return -1;
        }
        sum = (uint8_t)(sum + c);
        if (c == '}') {
            if ((c = next_byte(l)) < 0) {
                return -1;
            }
            sum = (uint8_t)(sum + c);
            c ^= 0x20;
        }
        fits = fits && n < PACKET_MAX - 1;
        if (fits) {
            data[n++] = (char)c;
        }
    }
    data[n] = 0;
    int high = next_byte(l), low = next_byte(l);
    if (high < 0 || low < 0) {
        return -1;
    }
    return fits && digit(high) >= 0 && digit(low) >= 0 &&
           digit(high) * 16 + digit(low) == sum;
}

bool packet_read(struct link *l, char data[PACKET_MAX])
{
    for (;;) {
        int c = next_byte(l);
        if (c < 0) {
            return false;
        }
        if (c == INTERRUPT) {
            data[0] = INTERRUPT;
            data[1] = 0;
            return true;
        }
        if (c != '$') {
            continue; /* an acknowledgement, or noise */
        }
        int good = read_body(l, data);
        if (good < 0 || (!l->no_ack && !send_all(l, good ? "+" : "-", 1))) {
            return false;
        }
        if (good) {
            return true;
        }
    }
}

bool packet_write(struct link *l, const char *data)
{
    char end[4];
    uint8_t sum = 0;
    for (const char *p = data; *p; p++) {
        sum = (uint8_t)(sum + (uint8_t)*p);
    }
    snprintf(end, sizeof end, "#%02x", sum);
    return send_all(l, "$", 1) && send_all(l, data, strlen(data)) &&
           send_all(l, end, 3);
}

bool packet_interrupt(struct link *l)
{
    struct pollfd p = {.fd = l->in, .events = POLLIN};
    if (l->interrupted || (l->next == l->count && poll(&p, 1, 0) != 1)) {
        return l->interrupted;
    }
    int c = next_byte(l);
    l->interrupted = c == INTERRUPT || c < 0;
    if (!l->interrupted) {
        l->next--; /* something else: when its turn comes */
    }
    return l->interrupted;
}

void hex_encode(char *to, const void *from, size_t n)
{
    const uint8_t *byte = from;
    for (size_t i = 0; i < n; i++) {
        snprintf(to + 2 * i, 3, "%02x", byte[i]);
    }
    to[2 * n] = 0;
}

size_t hex_decode(void *to, const char *from, size_t most)
{
    uint8_t *byte = to;
    size_t n = 0;
    while (n < most && from[0] && from[1] && digit(from[0]) >= 0 &&
           digit(from[1]) >= 0) {
        byte[n++] = (uint8_t)(digit(from[0]) * 16 + digit(from[1]));
        from += 2;
    }
    return n;
}
