/*
 * gdb.c - the debugger's face for gdb: its remote protocol.
 *
 * Job:    let gdb (and whatever is built on it) step through a guest, with
 *         its own symbols and sources, forwards and backwards.
 * Parts:  what is said of the guest: registers, memory, threads; stops; the
 *         motions; breakpoints; queries; serving.
 * Source: the gdb manual, appendix "gdb Remote Serial Protocol".
 *
 * A thread is a virtual machine's processor, and registers and memory are
 * the guest's, as it believes them to be. They can be looked at and not
 * changed: the way back is the same run again, and a change would be no part
 * of it. 'monitor COMMAND' is a command of the plain debugger: there the
 * other side is seen, the exits and their cost.
 *
 * Simplified: x87 registers are said to be unavailable; a watch is on four
 * bytes, and stops where their value changes.
 */
#include "gdb.h"

#include "gdb_packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLICE 20000000u /* cycles between two looks at the line */

struct gdb {
    struct debug *debug;
    struct link link;
    size_t told[GUESTS_MAX]; /* of each guest's console */
    bool begins;             /* the last motion ended at the beginning */
    bool leaves;
};

/* -------------------------------------------------------------- registers */

/* gdb's numbers: 16 of the processor, 16 of the x87 unit, then ours. */
enum { CORE = 16, X87_80 = 8, X87_32 = 8, OURS = 5 };
#define REGISTERS (CORE + X87_80 + X87_32 + OURS)

/* Register n of the guest's, or false: not available. */
static bool register_value(const struct virtual_cpu *c, unsigned n,
                           uint32_t *out)
{
    const uint32_t core[CORE] = {
        c->reg[REG_EAX],    c->reg[REG_ECX],    c->reg[REG_EDX],
        c->reg[REG_EBX],    c->reg[REG_ESP],    c->reg[REG_EBP],
        c->reg[REG_ESI],    c->reg[REG_EDI],    c->eip,
        c->eflags,          c->seg[SEG_CS].sel, c->seg[SEG_SS].sel,
        c->seg[SEG_DS].sel, c->seg[SEG_ES].sel, c->seg[SEG_FS].sel,
        c->seg[SEG_GS].sel};
    const uint32_t ours[OURS] = {c->cr0, c->cr2, c->cr3, c->cr4, c->cpl};
    if (n < CORE) {
        *out = core[n];
        return true;
    }
    if (n >= REGISTERS - OURS && n < REGISTERS) {
        *out = ours[n - (REGISTERS - OURS)];
        return true;
    }
    return false;
}

/* Its digits, in the target's byte order; returns how many. */
static size_t put_register(struct gdb *g, unsigned n, char *to)
{
    struct virtual_cpu c;
    uint32_t value;
    size_t size = n >= CORE && n < CORE + X87_80 ? 10 : 4;
    vm_virtual_cpu(g->debug->vm, &c);
    if (register_value(&c, n, &value)) {
        uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8),
                            (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
        hex_encode(to, bytes, sizeof bytes);
    } else {
        memset(to, 'x', size * 2);
        to[size * 2] = 0;
    }
    return size * 2;
}

static void all_registers(struct gdb *g)
{
    char reply[REGISTERS * 20 + 1];
    size_t at = 0;
    for (unsigned n = 0; n < REGISTERS; n++) {
        at += put_register(g, n, reply + at);
    }
    packet_write(&g->link, reply);
}

static void one_register(struct gdb *g, const char *args)
{
    char reply[24];
    unsigned long n = strtoul(args, NULL, 16);
    if (n >= REGISTERS) {
        packet_write(&g->link, "E00");
        return;
    }
    put_register(g, (unsigned)n, reply);
    packet_write(&g->link, reply);
}

static const char description[] =
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
    "<target><architecture>i386</architecture>"
    "<feature name=\"org.gnu.gdb.i386.core\">"
    "<reg name=\"eax\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"ecx\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"edx\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"ebx\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"esp\" bitsize=\"32\" type=\"data_ptr\"/>"
    "<reg name=\"ebp\" bitsize=\"32\" type=\"data_ptr\"/>"
    "<reg name=\"esi\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"edi\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"eip\" bitsize=\"32\" type=\"code_ptr\"/>"
    "<reg name=\"eflags\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"cs\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"ss\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"ds\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"es\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"fs\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"gs\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"st0\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st1\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st2\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st3\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st4\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st5\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st6\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"st7\" bitsize=\"80\" type=\"i387_ext\"/>"
    "<reg name=\"fctrl\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"fstat\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"ftag\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"fiseg\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"fioff\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"foseg\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"fooff\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "<reg name=\"fop\" bitsize=\"32\" type=\"int\" group=\"float\"/>"
    "</feature><feature name=\"ringside.system\">"
    "<reg name=\"cr0\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"cr2\" bitsize=\"32\" type=\"data_ptr\"/>"
    "<reg name=\"cr3\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"cr4\" bitsize=\"32\" type=\"int32\"/>"
    "<reg name=\"ring\" bitsize=\"32\" type=\"int32\"/>"
    "</feature></target>";

/* "offset,length": that much of the description, and whether it is the end. */
static void describe(struct gdb *g, const char *args)
{
    char reply[PACKET_MAX];
    unsigned offset = 0, length = 0;
    size_t all = sizeof description - 1;
    if (sscanf(args, "%x,%x", &offset, &length) != 2 || offset > all) {
        packet_write(&g->link, "E00");
        return;
    }
    size_t n = all - offset < length ? all - offset : length;
    n = n < PACKET_MAX - 2 ? n : PACKET_MAX - 2;
    snprintf(reply, sizeof reply, "%c%.*s", offset + n < all ? 'm' : 'l',
             (int)n, description + offset);
    packet_write(&g->link, reply);
}

/* ----------------------------------------------------------------- memory */

static void read_memory(struct gdb *g, const char *args)
{
    uint8_t bytes[PACKET_MAX / 2 - 1];
    char reply[PACKET_MAX];
    unsigned at = 0, n = 0;
    if (sscanf(args, "%x,%x", &at, &n) != 2) {
        packet_write(&g->link, "E00");
        return;
    }
    n = n < sizeof bytes ? n : (unsigned)sizeof bytes;
    size_t got = vm_peek(g->debug->vm, (gva_t){at}, bytes, n);
    if (got == 0 && n > 0) {
        packet_write(&g->link, "E14"); /* EFAULT: nothing is mapped */
        return;
    }
    hex_encode(reply, bytes, got);
    packet_write(&g->link, reply);
}

/* ------------------------------------------------------------------ stops */

/* What the guests have said since the last time, to gdb's console. */
static void tell_consoles(struct gdb *g)
{
    for (int i = 0; i < GUESTS_MAX; i++) {
        const struct kept *k = &g->debug->console[i];
        if (g->told[i] > k->size) {
            g->told[i] = k->size; /* we went back */
        }
        while (g->told[i] < k->size) {
            char packet[514] = "O";
            size_t n = k->size - g->told[i] < 256 ? k->size - g->told[i] : 256;
            hex_encode(packet + 1, k->bytes + g->told[i], n);
            packet_write(&g->link, packet);
            g->told[i] += n;
        }
    }
}

static void tell_stop(struct gdb *g)
{
    struct debug *d = g->debug;
    char reply[96];
    int n = snprintf(reply, sizeof reply, "T05thread:%x;", vm_id(d->vm));
    tell_consoles(g);
    if (g->begins) {
        snprintf(reply + n, sizeof reply - (size_t)n, "replaylog:begin;");
    } else if (debug_ended(d)) {
        snprintf(reply + n, sizeof reply - (size_t)n, "replaylog:end;");
    } else if (d->hit && d->hit->kind == ON_CHANGE) {
        snprintf(reply + n, sizeof reply - (size_t)n, "watch:%x;", d->hit->at);
    }
    packet_write(&g->link, reply);
}

/* ---------------------------------------------------------------- motions */

/* Run a command of the plain debugger; its text is for nobody. */
static void quietly(struct gdb *g, const char *command)
{
    debug_execute(g->debug, command);
    fflush(stdout);
    g->leaves |= g->debug->quit;
}

/* On, in slices, so that Ctrl-C in gdb is seen. */
static void go_on(struct gdb *g)
{
    struct debug *d = g->debug;
    uint64_t limit = debug_limit(d);
    enum monitor_stop stop;
    stops_set(d);
    stops_look(d);
    do {
        uint64_t next = debug_clock(d) + SLICE;
        stop = debug_go(d, next < limit ? next : limit, false, false);
    } while (stop == STOP_LIMIT && !packet_interrupt(&g->link) &&
             debug_clock(d) < limit);
    debug_arrive(d);
    fflush(stdout);
}

static void move(struct gdb *g, const char *how)
{
    struct debug *d = g->debug;
    d->hit = NULL;
    if (how[0] == 's') {
        quietly(g, "step");
    } else if (how[0] == 'c') {
        go_on(g);
    } else if (how[1] == 's') {
        quietly(g, "rstep");
    } else if (d->stops) {
        quietly(g, "rcontinue");
    } else {
        quietly(g, "goto 0");
    }
    if (!g->leaves) {
        g->begins = how[0] == 'b' && debug_clock(d) == 0;
        tell_stop(g);
    }
}

/* ------------------------------------------------------------ breakpoints */

/* The stop that gdb asked for at this address, or NULL. */
static struct stop *find_stop(struct debug *d, enum stop_kind kind, uint32_t at)
{
    for (int i = 0; i < d->stops; i++) {
        if (d->stop[i].kind == kind && d->stop[i].at == at) {
            return &d->stop[i];
        }
    }
    return NULL;
}

/* False: there are too many, or nothing is there to watch. */
static bool add_stop(struct debug *d, enum stop_kind kind, uint32_t at)
{
    char text[32];
    struct stop *s;
    if (kind == ON_PLACE) {
        s = stop_new(d, kind);
    } else {
        snprintf(text, sizeof text, "[0x%x]", at);
        s = stop_watch(d, text);
    }
    if (s) {
        s->at = at;
        s->number = ++d->numbers;
    }
    return s != NULL;
}

static bool change(struct debug *d, bool add, enum stop_kind kind, uint32_t at)
{
    struct stop *s = find_stop(d, kind, at);
    if (s && !add) {
        stop_drop(d, s);
    }
    return s || !add || add_stop(d, kind, at);
}

/* Z or z, then "type,address,kind". */
static void change_stop(struct gdb *g, const char *data)
{
    unsigned type = 0, at = 0, kind = 0;
    bool add = data[0] == 'Z';
    if (sscanf(data + 1, "%x,%x,%x", &type, &at, &kind) != 3) {
        packet_write(&g->link, "E00");
        return;
    }
    if (type > 2) {
        packet_write(&g->link, ""); /* reads leave no trace */
        return;
    }
    bool ok = change(g->debug, add, type == 2 ? ON_CHANGE : ON_PLACE, at);
    fflush(stdout);
    stops_set(g->debug);
    packet_write(&g->link, ok ? "OK" : "E.there are no more of them");
}

/* ---------------------------------------------------------------- queries */

/* Run a command of the plain debugger, and return what it says; to be freed.
 * NULL: no memory for it. */
static char *captured(struct gdb *g, const char *command)
{
    FILE *before = g->debug->out;
    char *text = NULL;
    size_t size;
    FILE *memory = open_memstream(&text, &size);
    if (!memory) {
        return NULL;
    }
    g->debug->out = memory;
    quietly(g, command);
    g->debug->out = before;
    fclose(memory);
    return text;
}

static void monitor_command(struct gdb *g, const char *hex)
{
    char command[256];
    uint64_t before = debug_clock(g->debug);
    command[hex_decode(command, hex, sizeof command - 1)] = 0;
    char *text = captured(g, command);
    size_t all = text ? strlen(text) : 0;
    for (size_t at = 0; at < all; at += 256) {
        char packet[514] = "O";
        hex_encode(packet + 1, text + at, all - at < 256 ? all - at : 256);
        packet_write(&g->link, packet);
    }
    free(text);
    if (!g->leaves && debug_clock(g->debug) != before) {
        static const char moved[] =
            "the guest has moved, and gdb does not know: 'maintenance flush "
            "register-cache'\n";
        char packet[2 * sizeof moved + 1] = "O";
        hex_encode(packet + 1, moved, sizeof moved - 1);
        packet_write(&g->link, packet);
    }
    packet_write(&g->link, text ? "OK" : "E01");
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
    unsigned long id = strtoul(args, NULL, 16);
    struct vm *v = id ? monitor_vm(g->debug->session.monitor, id - 1) : NULL;
    if (!v) {
        packet_write(&g->link, "E01");
        return;
    }
    snprintf(text, sizeof text, "%s under %s", vm_name(v),
             technique_name(vm_technique(v)));
    hex_encode(reply, text, strlen(text));
    packet_write(&g->link, reply);
}

static bool begins(const char *data, const char *with)
{
    return strncmp(data, with, strlen(with)) == 0;
}

static void query(struct gdb *g, const char *data)
{
    static const char xfer[] = "qXfer:features:read:target.xml:";
    struct link *l = &g->link;
    if (begins(data, "qSupported")) {
        packet_write(l, "PacketSize=fff;qXfer:features:read+;ReverseStep+;"
                        "ReverseContinue+;QStartNoAckMode+");
    } else if (begins(data, "QStartNoAckMode")) {
        packet_write(l, "OK");
        l->no_ack = true;
    } else if (begins(data, xfer)) {
        describe(g, data + sizeof xfer - 1);
    } else if (begins(data, "qRcmd,")) {
        monitor_command(g, data + 6);
    } else if (begins(data, "qfThreadInfo")) {
        list_threads(g);
    } else if (begins(data, "qsThreadInfo")) {
        packet_write(l, "l");
    } else if (begins(data, "qThreadExtraInfo,")) {
        name_thread(g, data + 17);
    } else if (begins(data, "qC")) {
        char reply[16];
        snprintf(reply, sizeof reply, "QC%x", vm_id(g->debug->vm));
        packet_write(l, reply);
    } else if (begins(data, "qAttached")) {
        packet_write(l, "1");
    } else {
        packet_write(l, "");
    }
}

/* ---------------------------------------------------------------- serving */

/* Hg or Hc, and a thread: that VM is looked at. T asks whether it lives. */
static void thread(struct gdb *g, const char *data)
{
    long id = strtol(data + (data[0] == 'H' ? 2 : 1), NULL, 16);
    struct vm *v = id > 0
                       ? monitor_vm(g->debug->session.monitor, (size_t)id - 1)
                       : g->debug->vm;
    if (v && data[0] == 'H' && data[1] == 'g') {
        g->debug->vm = v;
    }
    packet_write(&g->link, v ? "OK" : "E.there is no such virtual machine");
}

static void answer(struct gdb *g, const char *data)
{
    static const char fixed[] = "E.a run that can be played again cannot be "
                                "changed";
    switch (data[0]) {
    case '?':
    case 3: /* an interrupt request when nothing runs */
        tell_stop(g);
        break;
    case 'g':
        all_registers(g);
        break;
    case 'p':
        one_register(g, data + 1);
        break;
    case 'm':
        read_memory(g, data + 1);
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
        move(g, data);
        break;
    case 'Z':
    case 'z':
        change_stop(g, data);
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
        g->leaves = true;
        break;
    default:
        packet_write(&g->link, "");
        break;
    }
}

/* One gdb, on a port of this host alone. -1, and said why. */
static int wait_for_gdb(const char *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    char *end;
    unsigned long n = strtoul(port, &end, 10);
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    at.sin_port = htons((uint16_t)n);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (*end || n == 0 || n > 65535) {
        complain("--gdb takes a port from 1 to 65535, or - ; it got '%s'",
                 port);
        close(s);
        return -1;
    }
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s < 0 || bind(s, (struct sockaddr *)&at, sizeof at) != 0 ||
        listen(s, 1) != 0) {
        complain("port %s of this host cannot be had: %s; try another", port,
                 strerror(errno));
        close(s);
        return -1;
    }
    complain("waiting for gdb: 'target remote localhost:%s'", port);
    int in = accept(s, NULL, NULL);
    close(s);
    return in;
}

/* From here on standard output is nobody's: what commands print is captured
 * or lost, and the protocol has a descriptor of its own. */
static bool open_link(struct link *l, const char *where)
{
    bool here = strcmp(where, "-") == 0;
    l->in = here ? STDIN_FILENO : wait_for_gdb(where);
    l->out = here ? dup(STDOUT_FILENO) : l->in;
    int nowhere = open("/dev/null", O_WRONLY);
    fflush(stdout);
    bool ok = l->in >= 0 && l->out >= 0 && nowhere >= 0 &&
              dup2(nowhere, STDOUT_FILENO) >= 0;
    if (nowhere >= 0) {
        close(nowhere);
    }
    return ok;
}

int gdb_serve(struct debug *d, const char *where)
{
    struct gdb g = {.debug = d};
    char data[PACKET_MAX];
    if (!open_link(&g.link, where)) {
        return STATUS_USAGE;
    }
    while (!g.leaves && packet_read(&g.link, data)) {
        answer(&g, data);
    }
    return STATUS_SUCCESS;
}
