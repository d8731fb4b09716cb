/*
 * screen_help.c - the help over all panes: keys, and the views with theirs.
 */
#include "screen.h"

#include <string.h>

#define WIDE 100 /* columns: from here a view's whole sentence */

static void draw_key(struct box *b, const char *key, const char *text)
{
    put_ink(b, INK_STRONG, " %-10s", key);
    put(b, "%s", text);
    put_row(b);
}

/* Two in a row: key, command, what it does. */
static void draw_commands(struct box *b)
{
    for (const struct key_command *k = key_commands; k->key; k++) {
        int n = (int)(k - key_commands);
        put_to(b, n % 2 * b->w / 2);
        put_ink(b, INK_STRONG, " %-10s", k->name);
        put(b, "%s", k->text);
        if (n % 2 || !k[1].key) {
            put_row(b);
        }
    }
}

static void draw_views(struct box *b)
{
    bool wide = b->w >= WIDE;
    for (int p = 0; p < PANE_COUNT; p++) {
        const struct pane *v = &panes[p];
        put_to(b, wide ? 0 : p % 2 * b->w / 2);
        put_ink(b, INK_STRONG, " %-4s", v->key_name);
        put(b, "%-10s%.*s", v->name, wide ? 999 : (int)strcspn(v->title, ":"),
            wide ? v->text : v->title);
        if (wide || p % 2 || p == PANE_COUNT - 1) {
            put_row(b);
        }
    }
}

void help_draw(struct box *b)
{
    put_rule(b, "keys", "any key goes back");
    draw_commands(b);
    draw_key(b, "Enter", "the last command again");
    draw_key(b, "letters",
             "a command; ':' before digits. Up history, Tab "
             "completes, Esc drops it");
    draw_key(b, "Tab Up Dn",
             "next view; choose or scroll in it. + gives it "
             "all the room, - less");
    draw_key(b, "quit", "or Ctrl-D leaves. 'help' lists the commands");
    put_rule(b, "views", "their keys, or: view NAME");
    draw_views(b);
}
