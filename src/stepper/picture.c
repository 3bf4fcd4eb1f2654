/*
 * Pictures as a page has them. What the page can do without is left out: words of nodes and edges, which
 * the panel has; shapes, whose place the strips of numbers take; arrow heads, which the style has for all.
 * Places are whole numbers, and those of lines are written from the last one. That is half of a picture.
 */
#include "stepper/stepping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What stands between two marks; NULL: it is not there. *end becomes what stands behind the second. */
static const char *find(const char *from, const char *opens, const char *closes, const char **end)
{
    const char *start = strstr(from, opens), *close = start != NULL ? strstr(start + strlen(opens), closes) : NULL;
    *end = close != NULL ? close + strlen(closes) : NULL;
    return close != NULL ? start : NULL;
}

static bool starts(const char *at, const char *word)
{
    return strncmp(at, word, strlen(word)) == 0;
}

void gt_stepping_write_common(const char *picture, gt_text *text)
{
    const char *end, *style = find(picture, "<style>", "</style>", &end);
    gt_text_print(text, "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" id=\"p-common\">");
    if (style != NULL)
        gt_text_put(text, style, (size_t)(end - style));
    const char *arrows = find(picture, "<defs>", "</defs>", &end);
    if (arrows != NULL)
        gt_text_put(text, arrows, (size_t)(end - arrows));
    gt_text_print(text, "</svg>\n");
}

/* ---- places -------------------------------------------------------------------------------- */

static const char *put_rounded(const char *at, gt_text *text)
{
    char *end;
    gt_text_print(text, "%lld", llround(strtod(at, &end)));
    return end;
}

/* A path while it is written. Steps the same way are one. */
typedef struct pen {
    gt_text *text;
    long long x, y, along, down; /* where it is; how far it goes straight on from there */
} pen;

static void put_straight(pen *p)
{
    if (p->along != 0 && p->down != 0)
        gt_text_print(p->text, p->down < 0 ? "l%lld%lld" : "l%lld %lld", p->along, p->down);
    else if (p->along != 0)
        gt_text_print(p->text, "h%lld", p->along);
    else if (p->down != 0)
        gt_text_print(p->text, "v%lld", p->down);
    p->x += p->along;
    p->y += p->down;
    p->along = p->down = 0;
}

static void go_straight(pen *p, long long x, long long y)
{
    long long along = x - p->x - p->along, down = y - p->y - p->down;
    bool on =
        (p->down == 0 && down == 0 && p->along * along >= 0) || (p->along == 0 && along == 0 && p->down * down >= 0);
    if (!on)
        put_straight(p);
    p->along += along;
    p->down += down;
}

static const char *read_point(const char *at, long long *x, long long *y)
{
    char *end;
    *x = llround(strtod(at, &end));
    *y = llround(strtod(end, &end));
    return end + strspn(end, " ");
}

static const char *put_curve(pen *p, const char *at)
{
    long long x = p->x, y = p->y;
    gt_text_print(p->text, "c");
    for (int i = 0; i < 3; i++) {
        at = read_point(at, &x, &y);
        gt_text_print(p->text, i > 0 && x >= p->x ? " %lld" : "%lld", x - p->x);
        gt_text_print(p->text, y < p->y ? "%lld" : " %lld", y - p->y);
    }
    p->x = x;
    p->y = y;
    return at;
}

/* Of a path, from its first letter to the quotation mark; only what a picture has: M, L, C and z. */
static const char *put_path(const char *at, gt_text *text)
{
    pen p = {.text = text};
    char command = 'z';
    long long x, y;
    while (*at != '"' && *at != '\0') {
        if (strchr("MLCz", *at) != NULL) {
            command = *at++;
            if (command == 'z' || command == 'C')
                put_straight(&p);
            if (command == 'z')
                gt_text_print(text, "z");
        } else if (command == 'C') {
            at = put_curve(&p, at);
        } else {
            at = read_point(at, &x, &y);
            if (command == 'L') {
                go_straight(&p, x, y);
                continue;
            }
            gt_text_print(text, "M%lld %lld", x, y);
            p.x = x;
            p.y = y;
        }
    }
    put_straight(&p);
    return at;
}

/* The name of an attribute whose value is a place. */
static bool is_place(const char *at)
{
    static const char *const names[] = {" x=\"",  " y=\"",  " width=\"", " height=\"",
                                        " cx=\"", " cy=\"", " rx=\"",    " ry=\""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (starts(at, names[i]))
            return true;
    return false;
}

/* ---- elements ------------------------------------------------------------------------------ */

/* What is left out at this place; NULL: nothing. */
static const char *behind_cut(const char *at)
{
    static const char *const cuts[][2] = {{"<title", "</title>"}, {"<text class=\"shape\"", "</text>"}};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        const char *end;
        if (starts(at, cuts[i][0]) && find(at, cuts[i][0], cuts[i][1], &end) == at)
            return end;
    }
    return NULL;
}

static void put_part(const char *at, const char *end, const char *prefix, gt_text *text)
{
    while (at < end && *at != '\0') {
        if (starts(at, " d=\"")) {
            gt_text_put(text, at, 4);
            at = put_path(at + 4, text);
        } else if (is_place(at)) {
            size_t name = strcspn(at, "\"") + 1;
            gt_text_put(text, at, name);
            at += name;
            at = at[strspn(at, "0123456789")] == '%' ? at : put_rounded(at, text);
        } else if (starts(at, " id=\"")) {
            gt_text_print(text, " id=\"%s", prefix);
            at += strlen(" id=\"");
        } else {
            gt_text_put(text, at++, 1);
        }
    }
}

/* <rect .. x="1" y="2" width="3" height="4"/> as a path; corners are not round any more. */
static const char *put_rectangle(const char *at, const char *attributes, gt_text *text)
{
    static const char *const names[] = {" x=\"", " y=\"", " width=\"", " height=\""};
    long long places[4];
    const char *end = strstr(at, "/>"), *place;
    for (int i = 0; i < 4; i++) {
        place = strstr(at, names[i]);
        if (end == NULL || place == NULL || place > end)
            return at;
        places[i] = llround(strtod(place + strlen(names[i]), NULL));
    }
    gt_text_print(text, "<path%s d=\"M%lld %lldh%lldv%lldh%lldz\"/>", attributes, places[0], places[1], places[2],
                  places[3], -places[2]);
    return end + strlen("/>");
}

/* ---- elements of a kind, one after the other ----------------------------------------------- */

/* What follows in a picture: elements whose class is said once for all of them. */
typedef struct row {
    const char *class; /* ends with a quotation mark; NULL: none is open */
    const char *prefix;
    gt_text *text;
} row;

static void close_row(row *r)
{
    if (r->class != NULL)
        gt_text_print(r->text, "</g>\n");
    r->class = NULL;
}

static void open_row(row *r, const char *class)
{
    size_t length = strcspn(class, "\"") + 1;
    if (r->class != NULL && strncmp(r->class, class, length) == 0)
        return;
    close_row(r);
    gt_text_print(r->text, "<g class=\"%.*s>\n", (int)length, class);
    r->class = class;
}

/* <g id="g3" class="group"><rect ../></g>; at if it is none. */
static const char *put_group(const char *at, row *r)
{
    const char *rectangle = starts(at, "<g id=\"g") ? strstr(at, "<rect") : NULL;
    if (rectangle == NULL)
        return at;
    open_row(r, "groups\"");
    const char *end = put_rectangle(rectangle, "", r->text);
    return end + strcspn(end, "\n") + 1;
}

/* <g id="e3" class="edge value"><title>..</title><path d=".." ../></g>; at if it is none. */
static const char *put_line(const char *at, row *r)
{
    static const char start[] = "<g id=\"e", class[] = "\" class=\"";
    const char *number = at + strlen(start), *end = starts(at, start) ? strchr(number, '"') : NULL;
    if (end == NULL || !starts(end, "\" class=\"edge"))
        return at;
    const char *path = strstr(end, " d=\""), *close = path != NULL ? strchr(path + 4, '"') : NULL;
    if (close == NULL)
        return at;
    open_row(r, end + strlen(class));
    gt_text_print(r->text, "<path id=\"%se%.*s\"", r->prefix, (int)(end - number), number);
    put_part(path, close + 1, r->prefix, r->text);
    gt_text_print(r->text, "/>\n");
    return close + strcspn(close, "\n") + 1;
}

/* Any other element, or what else comes up to the next. */
static const char *put_element(const char *at, row *r)
{
    const char *behind = behind_cut(at);
    if (behind != NULL)
        return behind;
    close_row(r);
    if (starts(at, "<rect class=\"box\""))
        behind = put_rectangle(at, " class=\"box\"", r->text);
    if (behind != NULL && behind != at)
        return behind;
    behind = at + 1 + strcspn(at + 1, "<");
    put_part(at, behind, r->prefix, r->text);
    return behind;
}

void gt_stepping_write_picture(const char *picture, const char *prefix, const char *words, gt_text *text)
{
    const char *end, *view = find(picture, "viewBox=\"0 0 ", "\"", &end);
    if (view == NULL)
        return;
    gt_text_print(text, "<svg viewBox=\"0 0 ");
    const char *height = put_rounded(view + strlen("viewBox=\"0 0 "), text);
    gt_text_print(text, " ");
    put_rounded(height, text);
    gt_text_print(text, "\" width=\"");
    put_rounded(view + strlen("viewBox=\"0 0 "), text);
    gt_text_print(text, "\" height=\"");
    put_rounded(height, text);
    gt_text_print(text, "\" role=\"img\" aria-label=\"%s\">\n", words);
    const char *ground = strstr(end, "<rect class=\"ground\"");
    row r = {.prefix = prefix, .text = text};
    for (const char *at = ground != NULL ? ground : end; *at != '\0';) {
        /* The legend of the first picture is that of all. */
        if (prefix[0] != '\0' && starts(at, "<g class=\"legend\">"))
            at = strstr(at, "</svg>");
        const char *next = put_line(at, &r);
        next = next != at ? next : put_group(at, &r);
        at = next != at ? next : put_element(at, &r);
    }
}
