/*
 * gdb.c - the debugger's face for gdb: its remote protocol.
 *
 * Job:    let gdb (and whatever is built on it) step through a guest, with
 *         its own symbols and sources, forwards and backwards.
 * Parts:  monitor commands; threads; queries; packets; connections. The rest
 *         is in the files that gdb_server.h lists.
 * Source: the gdb manual, appendix "gdb Remote Serial Protocol".
 *
 * A thread is a virtual machine's processor, and registers and memory are
 * the guest's, as it believes them to be. They can be looked at and not
 * changed: the way back is the same run again, and a change would be no part
 * of it. 'monitor COMMAND' is a command of the plain debugger: there the
 * other side is seen, the exits and their cost.
 *
 * When gdb leaves, the guest stays where it is, and the next gdb finds it
 * there.
 */
#include "gdb.h"

#include "gdb_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ------------------------------------------------------- monitor commands */

static void to_console(struct gdb *g, const char *text)
{
    size_t all = strlen(text);
    for (size_t at = 0; at < all; at += 256) {
        char packet[514] = "O";
        hex_encode(packet + 1, text + at, all - at < 256 ? all - at : 256);
        packet_write(&g->link, packet);
    }
}

/* Run a command of the plain debugger on the thread that gdb looks at, and
 * return what it says; to be freed. NULL: no memory for it. */
static char *captured(struct gdb *g, const char *command)
{
    struct debug *d = g->debug;
    FILE *before = d->out;
    struct vm *ran = d->vm;
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    if (!memory) {
        return NULL;
    }
    d->out = memory;
    d->vm = g->vm;
    gdb_execute(g, command);
    if (d->vm == g->vm) {
        d->vm = ran;
    }
    d->out = before;
    fclose(memory);
    return text;
}

static void monitor_command(struct gdb *g, const char *hex)
{
    char command[LINE_MAX_BYTES];
    uint64_t before = debug_clock(g->debug);
    size_t n = hex_decode(command, hex, sizeof command - 1);
    command[n] = 0;
    if (hex[2 * n]) {
        packet_write(&g->link, "E.this is no command, or it is too long");
        return;
    }
    char *text = captured(g, command);
    if (text) {
        to_console(g, text);
    }
    if (!g->leaves && debug_clock(g->debug) != before) {
        to_console(g, "the guest has moved, and gdb does not know: "
                      "'maintenance flush register-cache'\n");
    }
    packet_write(&g->link, text ? "OK" : "E01");
    free(text);
}

/* ---------------------------------------------------------------- threads */

static struct vm *vm_of(const struct gdb *g, unsigned long id)
{
    struct monitor *m = g->debug->session.monitor;
    return id > 0 && id <= monitor_vm_count(m) ? monitor_vm(m, id - 1) : NULL;
}

static void list_threads(struct gdb *g)
{
    char reply[8 * GUESTS_MAX + 2] = "m";
    size_t count = monitor_vm_count(g->debug->session.monitor), n = 1;
    for (size_t i = 0; i < count; i++) {
        n += (size_t)snprintf(reply + n, sizeof reply - n, "%s%zx",
                              i ? "," : "", i + 1);
    }
    packet_write(&g->link, reply);
}

static void name_thread(struct gdb *g, const char *args)
{
    char text[160], reply[2 * sizeof text + 1];
    struct vm *v = vm_of(g, strtoul(args, NULL, 16));
    if (!v) {
        packet_write(&g->link, "E01");
        return;
    }
    snprintf(text, sizeof text, "%s under %s", vm_name(v),
             technique_name(vm_technique(v)));
    hex_encode(reply, text, strlen(text));
    packet_write(&g->link, reply);
}

/* Hg or Hc, and a thread: that VM is looked at; 0 and -1 are any. T asks
 * whether it lives. */
static void thread(struct gdb *g, const char *data)
{
    const char *digits = data + 1;
    if (data[0] == 'H') {
        digits += data[1] != 0;
    }
    long id = strtol(digits, NULL, 16);
    struct vm *v = id > 0 ? vm_of(g, (unsigned long)id) : g->vm;
    if (v && data[0] == 'H' && data[1] == 'g') {
        g->vm = v;
    }
    packet_write(&g->link, v ? "OK" : "E.there is no such virtual machine");
}

/* ---------------------------------------------------------------- queries */

static bool begins(const char *data, const char *with)
{
    return strncmp(data, with, strlen(with)) == 0;
}

static void supported(struct gdb *g, const char *data)
{
    g->knows_kinds = strstr(data, "swbreak+") && strstr(data, "hwbreak+");
    packet_write(&g->link, "PacketSize=fff;qXfer:features:read+;ReverseStep+;"
                           "ReverseContinue+;QStartNoAckMode+;vContSupported+;"
                           "swbreak+;hwbreak+");
}

static void query(struct gdb *g, const char *data)
{
    static const char xfer[] = "qXfer:features:read:target.xml:";
    struct link *l = &g->link;
    if (begins(data, "qSupported")) {
        supported(g, data);
    } else if (begins(data, "QStartNoAckMode")) {
        packet_write(l, "OK");
        l->no_ack = true;
    } else if (begins(data, xfer)) {
        gdb_describe(g, data + sizeof xfer - 1);
    } else if (begins(data, "qRcmd,")) {
        monitor_command(g, data + 6);
    } else if (begins(data, "qfThreadInfo")) {
        list_threads(g);
    } else if (begins(data, "qsThreadInfo")) {
        packet_write(l, "l");
    } else if (begins(data, "qThreadExtraInfo,")) {
        name_thread(g, data + 17);
    } else if (strcmp(data, "qC") == 0) {
        char reply[16];
        snprintf(reply, sizeof reply, "QC%x", vm_id(g->vm));
        packet_write(l, reply);
    } else if (begins(data, "qAttached")) {
        packet_write(l, "1"); /* so gdb, when it ends, detaches */
    } else {
        packet_write(l, "");
    }
}

/* ---------------------------------------------------------------- packets */

/* v and a word. "" is what an unknown one is answered, as vMustReplyEmpty
 * makes sure of. */
static void word_packet(struct gdb *g, const char *data)
{
    if (strcmp(data, "vCont?") == 0) {
        packet_write(&g->link, "vCont;c;C;s;S");
    } else if (begins(data, "vCont;")) {
        gdb_actions(g, data);
    } else if (begins(data, "vKill")) {
        packet_write(&g->link, "OK");
        g->leaves = g->ends = true;
    } else {
        packet_write(&g->link, "");
    }
}

static void answer(struct gdb *g, const char *data)
{
    static const char fixed[] = "E.a run that can be played again cannot be "
                                "changed";
    switch (data[0]) {
    case '?':
        gdb_tell_stop(g);
        break;
    case 3: /* to stop, and it has: the two have crossed */
        break;
    case 'g':
        gdb_all_registers(g);
        break;
    case 'p':
        gdb_one_register(g, data + 1);
        break;
    case 'm':
        gdb_read_memory(g, data + 1);
        break;
    case 'G':
    case 'P':
    case 'M':
    case 'X':
        packet_write(&g->link, fixed);
        break;
    case 's':
    case 'c':
    case 'b':
        gdb_move(g, data);
        break;
    case 'v':
        word_packet(g, data);
        break;
    case 'Z':
    case 'z':
        gdb_change_stop(g, data);
        break;
    case 'H':
    case 'T':
        thread(g, data);
        break;
    case 'q':
    case 'Q':
        query(g, data);
        break;
    case 'D':
        packet_write(&g->link, "OK");
        g->leaves = true;
        break;
    case 'k':
        g->leaves = g->ends = true;
        break;
    default:
        packet_write(&g->link, "");
        break;
    }
}

/* ------------------------------------------------------------ connections */

/* One gdb, until it leaves. True: the program ends with it. */
static bool talk(struct debug *d, int in, int out)
{
    struct gdb g = {.debug = d, .link = {.in = in, .out = out}, .vm = d->vm};
    char data[PACKET_MAX];
    for (int i = 0; i < GUESTS_MAX; i++) {
        g.told[i] = d->console[i].size; /* to the gdb before this one */
    }
    d->link = &g.link;
    while (!g.leaves && packet_read(&g.link, data)) {
        answer(&g, data);
    }
    d->link = NULL;
    gdb_drop_stops(&g);
    free(g.description);
    return g.ends || interrupt_pending();
}

/* A port of this host alone, listened to. -1, and said why. */
static int listen_on(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    char *end;
    unsigned long n = strtoul(port, &end, 10);
    if (*end || n == 0 || n > 65535) {
        complain("--gdb takes a port from 1 to 65535, or - ; it got '%s'",
                 port);
        return -1;
    }
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_port = htons((uint16_t)n);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(s, 1) != 0) {
        complain("port %s of this host cannot be had: %s; try another", port,
                 strerror(errno));
        if (s >= 0) {
            close(s);
        }
        return -1;
    }
    return s;
}

/* One gdb after the other, until one ends the program, or Ctrl-C does. */
static int serve_port(struct debug *d, const char *port)
{
    int s = listen_on(port);
    bool over = s < 0;
    int status = over ? STATUS_USAGE : STATUS_SUCCESS;
    interrupt_pressed();
    interrupt_note();
    while (!over) {
        complain("waiting for gdb: 'target remote localhost:%s'; Ctrl-C ends",
                 port);
        int gdb = accept(s, NULL, NULL);
        over = gdb < 0 || talk(d, gdb, gdb);
        if (gdb >= 0) {
            close(gdb);
        }
    }
    if (s >= 0) {
        close(s);
    }
    return status;
}

static int serve_here(struct debug *d)
{
    int out = dup(STDOUT_FILENO);
    if (out < 0) {
        complain("no file descriptor for gdb: %s", strerror(errno));
        return STATUS_USAGE;
    }
    talk(d, STDIN_FILENO, out);
    close(out);
    return STATUS_SUCCESS;
}

/* What commands print is captured, or is nobody's: a gdb at the other end of
 * standard output takes packets alone. */
int gdb_serve(struct debug *d, const char *where)
{
    FILE *before = d->out, *nowhere = fopen("/dev/null", "w");
    if (!nowhere) {
        complain("/dev/null cannot be opened: %s", strerror(errno));
        return STATUS_USAGE;
    }
    d->out = nowhere;
    signal(SIGPIPE, SIG_IGN); /* a gdb that is gone is no end */
    int status = strcmp(where, "-") == 0 ? serve_here(d) : serve_port(d, where);
    d->out = before;
    fclose(nowhere);
    return status;
}
