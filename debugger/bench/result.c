/*
 * result.c - what a run came to, kept in a file of its own.
 *
 * A file a run, so that a benchmark that was killed goes on where it was, and
 * processes and machines can share the work. Each carries a number for what
 * it was made from: a new build, guest or price makes it worthless.
 */
#include "result.h"

#include "../guests.h"
#include "../talk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------- origin */

/* FNV-1a, 64 bits. */
#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

static uint64_t hash(uint64_t h, const void *data, size_t n)
{
    const unsigned char *byte = data;
    while (n--) {
        h = (h ^ *byte++) * FNV_PRIME;
    }
    return h;
}

static uint64_t hash_file(uint64_t h, const char *path)
{
    static const size_t size = 65536;
    unsigned char *buf = malloc(size);
    FILE *f = fopen(path, "rb");
    size_t n;
    if (!f || !buf) {
        complain("%s: cannot be read: %s", path, strerror(errno));
        h = 0;
    }
    while (f && buf && (n = fread(buf, 1, size, f)) > 0) {
        h = hash(h, buf, n);
    }
    if (f) {
        fclose(f);
    }
    free(buf);
    return h;
}

uint64_t result_program(void)
{
    return hash_file(FNV_START, "/proc/self/exe");
}

uint64_t result_origin(uint64_t program, const struct run *r)
{
    struct guest g;
    if (!program || !guest_find(r->workload, r->technique, &g)) {
        return 0;
    }
    uint64_t h = hash_file(program, g.path);
    return h ? hash(h, r->costs->price, sizeof r->costs->price) : 0;
}

/* ------------------------------------------------------------------ JSON */

/* The books' single numbers, by their names in JSON. */
static const struct {
    const char *name;
    size_t at;
} fields[] = {
#define FIELD(name, member)                  \
    {                                        \
        name, offsetof(struct books, member) \
    }
    FIELD("cycles", clock),
    FIELD("guest_cycles", guest),
    FIELD("interpreted_cycles", interpreted),
    FIELD("exit_cycles", exits),
    FIELD("idle_cycles", idle),
    FIELD("instructions", instructions),
    FIELD("interpreted", interpreted_instructions),
    FIELD("exits", count),
#undef FIELD
};
#define FIELDS (sizeof fields / sizeof *fields)

static uint64_t *field(struct books *b, size_t i)
{
    return (uint64_t *)(void *)((char *)b + fields[i].at);
}

/* What time was booked on, by its names in JSON. */
static const char *const accounts[BILL_ACCOUNTS] = {
    [ACCOUNT_GUEST] = "guest",
    [ACCOUNT_INTERPRETED] = "interpreted",
    [ACCOUNT_EXITS] = "exits",
};

static void add_charges(cJSON *json, const struct bill *bill)
{
    char name[BILL_NAME_SIZE];
    cJSON *charges = cJSON_AddObjectToObject(json, "charges");
    for (unsigned a = 0; a < BILL_ACCOUNTS; a++) {
        cJSON *account = cJSON_AddObjectToObject(charges, accounts[a]);
        for (unsigned row = 0; row < BILL_ROWS; row++) {
            if (bill->count[a][row]) {
                json_number(account, bill_name(row, name), bill->count[a][row]);
            }
        }
    }
}

cJSON *result_json(const struct run *r, const struct result *in)
{
    struct books b = in->books;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "workload", r->workload);
    cJSON_AddStringToObject(json, "technique", technique_name(r->technique));
    cJSON_AddStringToObject(json, "preset", r->costs->name);
    json_number(json, "size", r->size);
    cJSON_AddNumberToObject(json, "status", in->status);
    cJSON_AddStringToObject(json, "reason", in->reason);
    for (size_t i = 0; i < FIELDS; i++) {
        json_number(json, fields[i].name, *field(&b, i));
    }
    cJSON *reasons = cJSON_AddObjectToObject(json, "exits_by_reason");
    for (int k = 0; k < EXIT_COUNT; k++) {
        if (b.by_reason[k]) {
            cJSON *one = cJSON_AddObjectToObject(reasons, exit_names[k].name);
            json_number(one, "count", b.by_reason[k]);
            json_number(one, "cycles", b.cycles_by_reason[k]);
        }
    }
    cJSON *phases = cJSON_AddObjectToObject(json, "cycles_by_phase");
    for (int p = 0; p < PHASE_COUNT; p++) {
        json_number(phases, phase_names[p].name, b.cycles_by_phase[p]);
    }
    add_charges(json, &in->bill);
    return json;
}

/* A number of the object, or false. Cycles are below 2^53: doubles hold
 * them exactly. */
static bool get_number(const cJSON *object, const char *name, uint64_t *out)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 ||
        item->valuedouble >= 9007199254740992.0) {
        return false;
    }
    *out = (uint64_t)item->valuedouble;
    return true;
}

static bool get_reasons(const cJSON *json, struct books *b)
{
    const cJSON *reasons =
        cJSON_GetObjectItemCaseSensitive(json, "exits_by_reason");
    for (int k = 0; k < EXIT_COUNT; k++) {
        const cJSON *one =
            cJSON_GetObjectItemCaseSensitive(reasons, exit_names[k].name);
        if (one && !(get_number(one, "count", &b->by_reason[k]) &&
                     get_number(one, "cycles", &b->cycles_by_reason[k]))) {
            return false;
        }
    }
    return true;
}

static bool get_charges(const cJSON *json, struct bill *bill)
{
    char name[BILL_NAME_SIZE];
    const cJSON *charges = cJSON_GetObjectItemCaseSensitive(json, "charges");
    for (unsigned a = 0; a < BILL_ACCOUNTS; a++) {
        const cJSON *account =
            cJSON_GetObjectItemCaseSensitive(charges, accounts[a]);
        for (unsigned row = 0; row < BILL_ROWS; row++) {
            bill_name(row, name);
            if (cJSON_GetObjectItemCaseSensitive(account, name) &&
                !get_number(account, name, &bill->count[a][row])) {
                return false;
            }
        }
    }
    return charges != NULL;
}

static bool from_json(const cJSON *json, struct result *out)
{
    uint64_t status;
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(json, "reason");
    const cJSON *phases =
        cJSON_GetObjectItemCaseSensitive(json, "cycles_by_phase");
    bool ok = cJSON_IsString(reason) && get_number(json, "status", &status) &&
              get_reasons(json, &out->books) && get_charges(json, &out->bill);
    for (size_t i = 0; ok && i < FIELDS; i++) {
        ok = get_number(json, fields[i].name, field(&out->books, i));
    }
    for (int p = 0; ok && p < PHASE_COUNT; p++) {
        ok = get_number(phases, phase_names[p].name,
                        &out->books.cycles_by_phase[p]);
    }
    if (ok) {
        out->known = true;
        out->status = (int)status;
        snprintf(out->reason, sizeof out->reason, "%s", reason->valuestring);
    }
    return ok;
}

/* ----------------------------------------------------------------- files */

#define PATH_SIZE 4096

static bool path_of(const char *folder, const struct run *r, const char *end,
                    char buf[PATH_SIZE])
{
    char key[RUN_KEY_SIZE];
    int n =
        snprintf(buf, PATH_SIZE, "%s/runs/%s%s", folder, run_key(r, key), end);
    return n > 0 && n < PATH_SIZE;
}

/* The file's text, to be freed, or NULL. */
static char *read_text(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = f ? calloc(1, 65536) : NULL;
    if (text) {
        text[fread(text, 1, 65535, f)] = 0;
    }
    if (f) {
        fclose(f);
    }
    return text;
}

bool result_read(const char *folder, const struct run *r, uint64_t origin,
                 struct result *out)
{
    char path[PATH_SIZE], wanted[20];
    *out = (struct result){.known = false};
    char *text = path_of(folder, r, ".json", path) ? read_text(path) : NULL;
    cJSON *json = text ? cJSON_Parse(text) : NULL;
    const cJSON *made = cJSON_GetObjectItemCaseSensitive(json, "origin");
    snprintf(wanted, sizeof wanted, "%016" PRIx64, origin);
    bool ok = cJSON_IsString(made) && strcmp(made->valuestring, wanted) == 0 &&
              from_json(json, out);
    cJSON_Delete(json);
    free(text);
    return ok;
}

bool result_write(const char *folder, const struct run *r, uint64_t origin,
                  const struct result *in)
{
    char path[PATH_SIZE], name[PATH_SIZE], number[20];
    if (!path_of(folder, r, ".part", path) ||
        !path_of(folder, r, ".json", name)) {
        complain("%s: this name is too long for a folder", folder);
        return false;
    }
    cJSON *json = result_json(r, in);
    snprintf(number, sizeof number, "%016" PRIx64, origin);
    cJSON_AddStringToObject(json, "origin", number);
    FILE *f = fopen(path, "w");
    bool ok = f != NULL;
    if (f) {
        json_print(f, json);
        ok = fflush(f) == 0 && !ferror(f);
        ok &= fclose(f) == 0;
    } else {
        cJSON_Delete(json);
    }
    if (!ok || rename(path, name)) {
        complain("%s: cannot be written: %s", path, strerror(errno));
        remove(path);
        return false;
    }
    return true;
}
