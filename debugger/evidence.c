/*
 * evidence.c - a session saved as evidence, and opened elsewhere.
 *
 * Parts:  hashes of guests; saving; reading; entering.
 */
#include "evidence.h"

#include "guests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY "ringside-evidence"
#define VERSION 1
#define SIZE_MOST (1 << 20) /* bytes of a file */

struct evidence {
    cJSON *json;
};

/* ------------------------------------------------------- hashes of guests */

/* FNV-1a of a file's bytes. False: it cannot be read. */
static bool hash_file(const char *path, uint64_t *out)
{
    uint8_t bytes[4096];
    size_t n;
    FILE *f = fopen(path, "rb");
    *out = 0xcbf29ce484222325u;
    if (!f) {
        return false;
    }
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0) {
        for (size_t i = 0; i < n; i++) {
            *out = state_hash(*out, bytes[i]);
        }
    }
    bool ok = !ferror(f);
    fclose(f);
    return ok;
}

/* Of the image that the word of the command line means. */
static bool hash_guest(const struct options *o, const char *word, char text[20])
{
    const struct technique *t;
    struct guest g;
    char name[GUEST_PATH_MAX];
    uint64_t h;
    session_guest(o, word, name, sizeof name, &t);
    if (!guest_find(name, t, &g)) {
        return false;
    }
    if (!hash_file(g.path, &h)) {
        complain("'%s' cannot be read: %s", g.path, strerror(errno));
        return false;
    }
    snprintf(text, 20, "%016llx", (unsigned long long)h);
    return true;
}

/* ----------------------------------------------------------------- saving */

static cJSON *guests_of(const struct options *o)
{
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < o->names; i++) {
        char hash[20] = "";
        cJSON *one = cJSON_CreateObject();
        hash_guest(o, o->name[i], hash);
        cJSON_AddStringToObject(one, "name", o->name[i]);
        cJSON_AddStringToObject(one, "hash", hash);
        json_number(one, "weight", o->weight[i]);
        json_number(one, "cap", o->cap[i]);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static cJSON *prices_of(const struct costs *c)
{
    cJSON *prices = cJSON_CreateObject();
    cJSON_AddStringToObject(prices, "name", c->name);
    cJSON_AddStringToObject(prices, "title", c->title);
    json_number(prices, "mhz", c->mhz);
    for (int p = 0; p < PRICE_COUNT; p++) {
        json_number(prices, price_name((enum price)p), c->price[p]);
    }
    return prices;
}

static cJSON *marks_of(const struct debug *d)
{
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < d->marks; i++) {
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", d->mark[i].name);
        json_number(one, "cycle", d->mark[i].clock);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

/* Where the machine is, with its marks, and a number for all of it. */
static void add_place(cJSON *json, const struct debug *d)
{
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx",
             (unsigned long long)monitor_hash(d->session.monitor));
    cJSON_AddItemToObject(json, "marks", marks_of(d));
    json_number(json, "cycle", debug_clock(d));
    json_number(json, "exit", d->last.number);
    cJSON_AddStringToObject(json, "state", hash);
}

static cJSON *to_json(struct debug *d)
{
    const struct options *o = d->session.o;
    const struct technique *t = default_technique(o);
    cJSON *json = cJSON_CreateObject();
    json_number(json, KEY, VERSION);
    cJSON_AddStringToObject(json, "technique", technique_name(t));
    cJSON_AddItemToObject(json, "guests", guests_of(o));
    cJSON_AddStringToObject(json, "append", o->append ? o->append : "");
    json_number(json, "kind", o->kind_given ? (uint64_t)o->kind + 1 : 0);
    json_number(json, "memory", o->memory);
    json_number(json, "limit", o->limit);
    json_number(json, "schedule", (uint64_t)o->schedule);
    json_number(json, "detect", o->detect);
    cJSON_AddItemToObject(json, "prices", prices_of(&o->costs));
    add_place(json, d);
    if (d->beside) {
        cJSON *second = cJSON_CreateObject();
        cJSON_AddStringToObject(second, "what", beside_what(d));
        add_place(second, d->beside);
        cJSON_AddItemToObject(json, "beside", second);
    }
    return json;
}

/* Under another name, and renamed when it is whole. */
static bool write_whole(const char *path, const char *text)
{
    char part[GUEST_PATH_MAX];
    snprintf(part, sizeof part, "%s.part", path);
    FILE *f = fopen(part, "w");
    bool ok = f && fprintf(f, "%s\n", text) > 0;
    int why = errno;
    if (f && fclose(f) != 0) {
        why = ok ? errno : why;
        ok = false;
    }
    if (ok && rename(part, path) != 0) {
        why = errno;
        ok = false;
    }
    if (!ok && f) {
        remove(part);
    }
    errno = why;
    return ok;
}

bool evidence_save(struct debug *d, const char *path)
{
    cJSON *json = to_json(d);
    char *text = cJSON_Print(json);
    bool ok = text && write_whole(path, text);
    if (!ok) {
        wrong(d, "'%s' cannot be written: %s; nothing of it is there", path,
              text ? strerror(errno) : "no memory");
    }
    cJSON_free(text);
    cJSON_Delete(json);
    return ok;
}

void do_save(struct debug *d, const struct words *w)
{
    if (w->count != 2) {
        wrong(d, "save where? 'save FILE', and later 'ringside debug "
                 "--evidence FILE'");
    } else if (evidence_save(d, w->word[1])) {
        fprintf(d->out, "  saved: ringside debug --evidence %s\n", w->word[1]);
    }
}

/* ---------------------------------------------------------------- reading */

static char *read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = f ? calloc(1, SIZE_MOST + 1) : NULL;
    if (!f) {
        complain("the evidence '%s' cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    if (text && fread(text, 1, SIZE_MOST, f) == 0) {
        text[0] = 0;
    }
    fclose(f);
    return text;
}

/* A number of it, at most `most`. False: it is not there or is none. */
static bool number_of(const cJSON *json, const char *name, double most,
                      uint64_t *out)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!cJSON_IsNumber(n) || !(n->valuedouble >= 0) || n->valuedouble > most) {
        return false;
    }
    *out = (uint64_t)n->valuedouble;
    return true;
}

static const char *string_of(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

static bool read_prices(const cJSON *json, struct costs *c)
{
    const cJSON *prices = cJSON_GetObjectItemCaseSensitive(json, "prices");
    const char *name = string_of(prices, "name");
    const char *title = string_of(prices, "title");
    uint64_t n;
    if (!name || !title || !number_of(prices, "mhz", 1e6, &n)) {
        return false;
    }
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->title, sizeof c->title, "%s", title);
    c->mhz = (uint32_t)n;
    for (int p = 0; p < PRICE_COUNT; p++) {
        if (!number_of(prices, price_name((enum price)p), UINT32_MAX, &n)) {
            return false;
        }
        c->price[p] = (uint32_t)n;
    }
    return true;
}

static bool read_guests(const cJSON *json, struct options *o)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "guests");
    int count = cJSON_GetArraySize(list);
    uint64_t weight, cap;
    if (!cJSON_IsArray(list) || count < 1 || count > GUESTS_MAX) {
        return false;
    }
    for (o->names = 0; o->names < count; o->names++) {
        const cJSON *one = cJSON_GetArrayItem(list, o->names);
        o->name[o->names] = string_of(one, "name");
        if (!o->name[o->names] || !string_of(one, "hash") ||
            !number_of(one, "weight", WEIGHT_MOST, &weight) ||
            !number_of(one, "cap", 100, &cap)) {
            return false;
        }
        o->weight[o->names] = (uint32_t)weight;
        o->cap[o->names] = (uint32_t)cap;
    }
    return true;
}

static bool read_options(const cJSON *json, struct options *o)
{
    const char *technique = string_of(json, "technique");
    uint64_t version, kind, memory, schedule, detect;
    if (!number_of(json, KEY, VERSION, &version) || version != VERSION ||
        !technique || !string_of(json, "append") || !string_of(json, "state") ||
        !number_of(json, "kind", CPU_KINDS, &kind) ||
        !number_of(json, "memory", UINT32_MAX, &memory) ||
        !number_of(json, "limit", 9e15, &o->limit) ||
        !number_of(json, "schedule", SCHEDULE_SHARE, &schedule) ||
        !number_of(json, "detect", 1, &detect)) {
        return false;
    }
    o->technique = technique_find(technique);
    o->append = string_of(json, "append");
    o->kind_given = kind > 0;
    o->kind = kind ? (enum cpu_kind)(kind - 1) : CPU_CLASSIC;
    o->memory = (uint32_t)memory;
    o->schedule = (enum schedule)schedule;
    o->detect = detect;
    return o->technique && read_prices(json, &o->costs) && read_guests(json, o);
}

/* The same images as then. */
static bool same_guests(const cJSON *json, const struct options *o)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "guests");
    for (int i = 0; i < o->names; i++) {
        char now[20];
        const char *then = string_of(cJSON_GetArrayItem(list, i), "hash");
        if (!hash_guest(o, o->name[i], now)) {
            return false;
        }
        if (strcmp(now, then) != 0) {
            complain("'%s' is another image than the evidence's (%s, not %s): "
                     "open it beside the guest it was made with",
                     o->name[i], now, then);
            return false;
        }
    }
    return true;
}

struct evidence *evidence_open(const char *path, struct options *o)
{
    char *text = read_all(path);
    struct evidence *e = text ? calloc(1, sizeof *e) : NULL;
    if (e) {
        e->json = cJSON_Parse(text);
        if (!e->json || !read_options(e->json, o)) {
            complain("'%s' is damaged, or no evidence that this version of "
                     "ringside can read",
                     path);
            evidence_free(e);
            e = NULL;
        } else if (!same_guests(e->json, o)) {
            evidence_free(e);
            e = NULL;
        }
    }
    free(text);
    return e;
}

void evidence_free(struct evidence *e)
{
    if (e) {
        cJSON_Delete(e->json);
        free(e);
    }
}

/* --------------------------------------------------------------- entering */

static void enter(const cJSON *json, struct debug *d)
{
    const cJSON *one = NULL;
    const char *state = string_of(json, "state");
    char now[20];
    uint64_t cycle;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(json, "marks"))
    {
        const char *name = string_of(one, "name");
        if (name && number_of(one, "cycle", 9e15, &cycle)) {
            debug_mark_at(d, name, cycle);
        }
    }
    if (!state || !number_of(json, "cycle", 9e15, &cycle)) {
        return;
    }
    debug_arrive_at(d, cycle, true);
    snprintf(now, sizeof now, "%016llx",
             (unsigned long long)monitor_hash(d->session.monitor));
    if (strcmp(now, state) == 0) {
        say(d, "the machine is as it was saved, to the last bit");
    } else {
        wrong(d, "the machine is another than was saved: another version of "
                 "ringside made this evidence");
    }
}

void evidence_enter(const struct evidence *e, struct debug *d)
{
    const cJSON *second = cJSON_GetObjectItemCaseSensitive(e->json, "beside");
    const char *what = string_of(second, "what");
    enter(e->json, d);
    if (what && beside_open(d, what)) {
        enter(second, d->beside);
        d->errors += d->beside->errors;
    }
}
