/*
 * document.c - a report in Markdown and HTML, written at once.
 *
 * Parts:  text; beginning and end; tables; the slider; figures.
 *
 * The HTML page is one file: its style is in it, its figures are in it as
 * SVG; it can be read without its one script (the slider), prints, and suits a
 * phone (what is wide is pushed aside by itself) and dark surroundings (figures
 * keep a light ground).
 */
#include "document.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char style[] =
    ":root{color-scheme:light dark;--rule:#8885;--soft:#8881}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:auto;"
    "padding:1rem}"
    "h1{font-size:1.6rem;line-height:1.2}h2{font-size:1.2rem;margin-top:2rem;"
    "border-bottom:1px solid var(--rule)}"
    ".scroll{overflow-x:auto}"
    "table{border-collapse:collapse;font-size:.85rem;"
    "font-variant-numeric:tabular-nums}"
    "td,th{padding:.2rem .5rem;text-align:right;white-space:nowrap;"
    "border-bottom:1px solid var(--rule)}"
    "td:first-child,th:first-child,td.wide{text-align:left}"
    "td.wide{white-space:normal;min-width:12rem}"
    "th{vertical-align:bottom}tr:nth-child(even) td{background:var(--soft)}"
    "pre{background:var(--soft);padding:.5rem;overflow-x:auto;"
    "font-size:.85rem}"
    "figure{margin:1rem 0}figure svg{background:#fff;width:100%;"
    "min-width:34rem;height:auto}figcaption{font-size:.9rem}"
    "nav li{line-height:1.8}input{max-width:100%}"
    "@media print{body{max-width:none}h2{break-after:avoid}nav{display:none}"
    "figure,tr{break-inside:avoid}figure svg{min-width:0}"
    ".scroll{overflow:visible}}";

/* ------------------------------------------------------------------- text */

/* Text as HTML has it. */
static void put_html(FILE *to, const char *s)
{
    for (; *s; s++) {
        switch (*s) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        default:
            putc(*s, to);
        }
    }
}

/* A cell of Markdown must not hold its column mark. */
static void put_md(FILE *to, const char *s)
{
    for (; *s; s++) {
        fputs(*s == '|' ? "\\|" : (char[]){*s, 0}, to);
    }
}

/* ------------------------------------------------------ beginning and end */

bool document_begin(struct document *d, const char *title)
{
    d->page = d->html;
    d->title = title;
    d->html = open_memstream(&d->body, &d->size);
    if (!d->html) {
        d->html = d->page;
        return false;
    }
    fprintf(d->md, "# %s\n", title);
    return true;
}

/* A heading as a place in the page: "Overhead: times bare" is
 * overhead-times-bare. */
static void put_place(FILE *to, const char *heading)
{
    for (const char *s = heading; *s; s++) {
        if (isalnum((unsigned char)*s)) {
            putc(tolower((unsigned char)*s), to);
        } else if (s > heading && isalnum((unsigned char)s[-1]) && s[1]) {
            putc('-', to);
        }
    }
}

static void put_contents(const struct document *d)
{
    fputs("<nav aria-label=\"Contents\"><ol>\n", d->page);
    for (size_t i = 0; i < d->headings; i++) {
        fputs("<li><a href=\"#", d->page);
        put_place(d->page, d->heading[i]);
        fputs("\">", d->page);
        put_html(d->page, d->heading[i]);
        fputs("</a>\n", d->page);
    }
    fputs("</ol></nav>\n", d->page);
}

void document_end(struct document *d)
{
    bool whole = fflush(d->html) == 0 && !ferror(d->html);
    fclose(d->html);
    fputs("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
          d->page);
    put_html(d->page, d->title);
    fprintf(d->page, "</title>\n<style>%s</style>\n<h1>", style);
    put_html(d->page, d->title);
    fputs("</h1>\n", d->page);
    put_contents(d);
    fputs(whole ? d->body : "<p>No memory for more.</p>\n", d->page);
    fputs("</html>\n", d->page);
    free(d->body);
    d->html = d->page;
}

void document_heading(struct document *d, const char *text)
{
    fprintf(d->md, "\n## %s\n", text);
    fputs("<h2 id=\"", d->html);
    put_place(d->html, text);
    fputs("\">", d->html);
    put_html(d->html, text);
    fputs("</h2>\n", d->html);
    if (d->headings < HEADINGS_MOST) {
        snprintf(d->heading[d->headings++], sizeof d->heading[0], "%s", text);
    }
}

#define TEXT_MOST 2000

void document_text(struct document *d, const char *fmt, ...)
{
    char text[TEXT_MOST];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(d->md, "\n%s\n", text);
    fputs("<p>", d->html);
    put_html(d->html, text);
    fputs("</p>\n", d->html);
}

void document_command(struct document *d, const char *fmt, ...)
{
    char text[TEXT_MOST];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fprintf(d->md, "\n    %s\n", text);
    fputs("<pre>", d->html);
    put_html(d->html, text);
    fputs("</pre>\n", d->html);
}

/* ----------------------------------------------------------------- tables */

void document_table(struct document *d, int columns, const char *const *head)
{
    d->columns = columns;
    fputs("\n|", d->md);
    fputs("<div class=\"scroll\"><table>\n<thead><tr>", d->html);
    for (int i = 0; i < columns; i++) {
        putc(' ', d->md);
        put_md(d->md, head[i]);
        fputs(" |", d->md);
        fputs("<th>", d->html);
        put_html(d->html, head[i]);
    }
    fputs("\n|", d->md);
    for (int i = 0; i < columns; i++) {
        fputs(i ? "--:|" : "---|", d->md);
    }
    putc('\n', d->md);
    fputs("</thead>\n<tbody>\n", d->html);
}

/* More than a number or a name: it may be broken into lines. */
static bool is_wide(const char *text)
{
    return strlen(text) > 40;
}

void document_cell(struct document *d, int column, const char *fmt, ...)
{
    char text[TEXT_MOST];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fputs(column ? " " : "| ", d->md);
    put_md(d->md, text);
    fputs(" |", d->md);
    fputs(column ? "" : "<tr>", d->html);
    fputs(is_wide(text) ? "<td class=\"wide\">" : "<td>", d->html);
    put_html(d->html, text);
    if (column == d->columns - 1) {
        putc('\n', d->md);
        putc('\n', d->html);
    }
}

void document_table_end(struct document *d)
{
    fputs("</tbody></table></div>\n", d->html);
}

/* ------------------------------------------------------------------ slider */

void document_slider(struct document *d, const char *label, int columns,
                     const char *const *head)
{
    d->columns = columns;
    fputs("<p><label>", d->html);
    put_html(d->html, label);
    fputs(" <input type=\"range\" min=\"0\" max=\"200\" value=\"100\" "
          "step=\"5\" id=\"slider\"> <output id=\"percent\">100 %</output>"
          "</label></p>\n<div class=\"scroll\"><table id=\"slid\">\n<tr>",
          d->html);
    for (int i = 0; i < columns; i++) {
        fputs("<th>", d->html);
        put_html(d->html, head[i]);
    }
    putc('\n', d->html);
}

void document_slider_cell(struct document *d, int column, const char *name,
                          double fixed, double scaled, double over)
{
    fputs(column ? "" : "<tr>", d->html);
    if (name) {
        fputs("<td>", d->html);
        put_html(d->html, name);
    } else {
        fprintf(d->html, "<td data-a=\"%.4f\" data-b=\"%.4f\">%.2f",
                fixed / over, scaled / over, (fixed + scaled) / over);
    }
    if (column == d->columns - 1) {
        putc('\n', d->html);
    }
}

void document_slider_end(struct document *d)
{
    fputs("</table></div>\n<script>\n"
          "var s = document.getElementById('slider');\n"
          "s.oninput = function () {\n"
          "  document.getElementById('percent').value = s.value + ' %';\n"
          "  document.querySelectorAll('#slid td[data-a]').forEach("
          "function (c) {\n"
          "    c.textContent = (+c.dataset.a + c.dataset.b * s.value / 100)"
          ".toFixed(2);\n"
          "  });\n"
          "};\n</script>\n",
          d->html);
}

/* ----------------------------------------------------------------- figures */

/* The <svg> element of a file, without what XML has before it. */
static void copy_svg(struct document *d, const char *path)
{
    char line[4096];
    bool inside = false;
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f)) {
        inside |= strncmp(line, "<svg", 4) == 0;
        if (inside) {
            fputs(line, d->html);
        }
    }
    if (f) {
        fclose(f);
    }
}

void document_figure(struct document *d, const char *name, const char *caption)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s.svg", d->folder, name);
    fprintf(d->md, "\n![%s](%s.svg)\n\n%s\n", name, name, caption);
    fprintf(d->html, "<figure id=\"figure-%s\">\n<div class=\"scroll\">\n",
            name);
    copy_svg(d, path);
    fputs("</div>\n<figcaption>", d->html);
    put_html(d->html, caption);
    fputs("</figcaption>\n</figure>\n", d->html);
}
