/*
 * The flow as a picture: for each cell a column of panels. Norms over time; heat maps of every
 * gradient, units by steps; shares of paths; losses by uses; singular values. Strength is opacity, so
 * that a dark page needs no second scale.
 */
#include "cli/flow/runs.h"
#include "command/markup.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEFT = 74, WIDTH = 330, COLUMN = LEFT + WIDTH + 40, TOP = 44, PLOT = 150, GAP = 34, ROW = 9, MOST_ROWS = 12 };
/* Below the largest gradient by so many decades: what a sum in float no longer sees, 2^-24. */
static const double float_decades = 7.22;
enum { MOST_DECADES = 16 };

/* No variables: programs that draw SVG outside of browsers do not know them. */
static const char style[] =
    "<style>.flow{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:11px}.flow .title{font-size:"
    "14px;font-weight:bold}.flow .head{font-weight:bold}.flow polyline{fill:none;stroke-width:1.6}.fl"
    "ow text{fill:#222}.flow .faint{fill:#707070}.flow .axis{stroke:#707070;fill:none}.flow .heat{fil"
    "l:#0072b2}.flow .back{fill:#fff}.flow .link{fill:#000;fill-opacity:0}.flow .l0{stroke:#0072b2}.flow "
    ".b0{fill:#0072b2}.flow .l1{stroke"
    ":#d55e00}.flow .b1{fill:#d55e00}.flow .l2{stroke:#009e73}.flow .b2{fill:#009e73}.flow .l3{stroke"
    ":#cc79a7}.flow .b3{fill:#cc79a7}.flow .l4{stroke:#8a7500}.flow .b4{fill:#8a7500}@media (prefers-"
    "color-scheme:dark){.flow text{fill:#e6e6e6}.flow .faint{fill:#a0a0a0}.flow .axis{stroke:#a0a0a0;"
    "fill:none}.flow .heat{fill:#7cc4ff}.flow .back{fill:#16181c}.flow .l0{stroke:#6cb8f0}.flow .b0{f"
    "ill:#6cb8f0}.flow .l1{stroke:#ff9a4d}.flow .b1{fill:#ff9a4d}.flow .l2{stroke:#4fd0a5}.flow .b2{f"
    "ill:#4fd0a5}.flow .l3{stroke:#eba5cb}.flow .b3{fill:#eba5cb}.flow .l4{stroke:#d8c65a}.flow .b4{f"
    "ill:#d8c65a}}</style>";

static void label(FILE *file, double x, double y, const char *class, const char *anchor, const char *text)
{
    fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">", x, y, class, anchor);
    gt_markup_text(file, text);
    fputs("</text>\n", file);
}

/* ---- scales shared by all columns ------------------------------------------------------------ */

typedef struct scale {
    double top, bottom; /* decades */
} scale;

static void widen(scale *s, double value)
{
    if (!(value > 0) || !isfinite(value))
        return;
    s->top = fmax(s->top, log10(value));
    s->bottom = fmin(s->bottom, log10(value));
}

/* Whole decades, not more than a person can tell apart. */
static scale finish(scale s)
{
    if (s.top < s.bottom)
        return (scale){1, 0};
    s.top = ceil(s.top + 1e-9);
    s.bottom = fmax(floor(s.bottom), s.top - MOST_DECADES);
    return s;
}

static scale of_norms(const gt_flow_view *views, uint32_t count)
{
    scale s = {-INFINITY, INFINITY};
    for (uint32_t v = 0; v < count; v++)
        for (uint32_t i = 0; i < views[v].flow->series_count; i++)
            for (int64_t t = 0; t < views[v].flow->steps; t++)
                widen(&s, views[v].flow->series[i].norm[t]);
    return finish(s);
}

static scale of_singular(const gt_flow_view *views, uint32_t count)
{
    scale s = {-INFINITY, INFINITY};
    for (uint32_t v = 0; v < count; v++)
        for (int64_t k = 0; views[v].flow->singular != NULL && k < views[v].flow->steps * views[v].flow->singular_count;
             k++)
            widen(&s, views[v].flow->singular[k]);
    return finish(s);
}

static double height_of(scale s, double value)
{
    double decades = value > 0 ? fmax(log10(value), s.bottom) : s.bottom;
    return PLOT * (s.top - fmin(decades, s.top)) / (s.top - s.bottom);
}

static double across(int64_t t, int64_t steps)
{
    return LEFT + (steps > 1 ? WIDTH * (double)t / (double)(steps - 1) : WIDTH / 2.0);
}

enum { MOST_LETTERS = 60 };

/* Blanks and what has no picture are shown by signs. */
static const char *sign_of(const char *letter)
{
    return strcmp(letter, " ") == 0 ? "␣" : strcmp(letter, "\n") == 0 ? "⏎" : strcmp(letter, "\t") == 0 ? "⇥" : letter;
}

/* What is read at each step, or the first step and the last. */
static void time_axis(FILE *file, double y, const gt_flow_view *view)
{
    char text[24];
    int64_t steps = view->flow->steps;
    if (view->letters != NULL && steps <= MOST_LETTERS) {
        for (int64_t t = 0; t < steps; t++)
            label(file, across(t, steps), y, "faint", "middle", sign_of(view->letters[t]));
        return;
    }
    snprintf(text, sizeof text, "%lld", (long long)steps);
    label(file, LEFT, y, "faint", "start", "t = 1");
    label(file, LEFT + WIDTH, y, "faint", "end", text);
}

static void axes(FILE *file, double y, scale s, const gt_flow_view *view)
{
    char text[24];
    fprintf(file, "<path class=\"axis\" d=\"M%d %.1fV%.1fH%d\"/>\n", LEFT, y, y + PLOT, LEFT + WIDTH);
    double each = ceil((s.top - s.bottom) / 6);
    for (double decade = s.top; decade >= s.bottom; decade -= each) {
        snprintf(text, sizeof text, "1e%+.0f", decade);
        label(file, LEFT - 6, y + height_of(s, pow(10, decade)) + 4, "faint", "end", text);
    }
    time_axis(file, y + PLOT + 13, view);
}

/* ---- panels -------------------------------------------------------------------------------- */

enum { COLOURS = 5 };

/* Further colours are the same ones again, dashed. */
static const char *dashes(uint32_t number)
{
    static const char *const patterns[] = {"", " stroke-dasharray=\"6 3\"", " stroke-dasharray=\"2 3\""};
    return patterns[number / COLOURS % 3];
}

/* In pieces, between steps at which there is nothing. */
static void polyline(FILE *file, double y, scale s, const double *list, int64_t stride, int64_t steps, uint32_t number,
                     const char *name)
{
    fputs("<g><title>", file);
    gt_markup_text(file, name);
    fputs("</title>", file);
    for (int64_t t = 0; t < steps; t++) {
        if (!(list[t * stride] > 0))
            continue;
        fprintf(file, "<polyline class=\"l%u\"%s points=\"", (unsigned)(number % COLOURS), dashes(number));
        for (; t < steps && list[t * stride] > 0; t++)
            fprintf(file, "%.1f,%.1f ", across(t, steps), y + height_of(s, list[t * stride]));
        fputs("\"/>", file);
    }
    fputs("</g>\n", file);
}

static bool is_seen(const gt_flow *flow, const gt_flow_series *series)
{
    for (int64_t t = 0; t < flow->steps; t++)
        if (series->norm[t] > 0)
            return true;
    return false;
}

/* The norms of states and of what has a name; the line below which float loses them. */
static double norms(FILE *file, const gt_flow_view *view, scale s, double y)
{
    const gt_flow *flow = view->flow;
    double largest = 0, x = LEFT;
    label(file, LEFT, y - 6, "head", "start", "norm of the gradient");
    axes(file, y, s, view);
    for (uint32_t i = 0; i < flow->series_count; i++)
        for (int64_t t = 0; t < flow->steps; t++)
            largest = fmax(largest, flow->series[i].norm[t]);
    double lost = largest * pow(10, -float_decades);
    if (lost > pow(10, s.bottom)) {
        double at = y + height_of(s, lost);
        fprintf(file, "<path class=\"axis\" stroke-dasharray=\"2 3\" d=\"M%d %.1fH%d\"/>\n", LEFT, at, LEFT + WIDTH);
        label(file, LEFT + WIDTH, at - 3, "faint", "end", "float sums lose what is below");
    }
    for (uint32_t i = 0; i < flow->series_count; i++)
        polyline(file, y, s, flow->series[i].norm, 1, flow->steps, i, flow->series[i].name);
    y += PLOT + 28;
    for (uint32_t i = 0; i < flow->series_count; i++) {
        if (!is_seen(flow, &flow->series[i]))
            continue;
        double width = 26 + 7.0 * (double)strlen(flow->series[i].name);
        if (x + width > LEFT + WIDTH) {
            x = LEFT;
            y += 15;
        }
        fprintf(file, "<path class=\"l%u\"%s stroke-width=\"2\" d=\"M%.1f %.1fh14\"/>\n", (unsigned)(i % COLOURS),
                dashes(i), x, y - 4);
        label(file, x + 17, y, "", "start", flow->series[i].name);
        x += width;
    }
    return y + GAP;
}

/* How many units stand in one row of a heat map: a large state is shown by the largest of several. */
static int64_t units_each(const gt_flow_series *series)
{
    return (series->units + MOST_ROWS - 1) / MOST_ROWS;
}

/* One row: the largest of some units at each step. A page would be too long with a title for each square. */
static void heat_row(FILE *file, const gt_flow *flow, const gt_flow_series *series, scale s, int64_t first, int64_t end,
                     double y)
{
    double width = (double)WIDTH / (double)flow->steps, most = 0, least = INFINITY;
    fprintf(file, "<g>");
    for (int64_t t = 0; t < flow->steps; t++) {
        double value = 0;
        for (int64_t u = first; u < end; u++)
            value = fmax(value, series->entry[t * series->units + u]);
        most = fmax(most, value);
        least = fmin(least, value);
        double strength = 1 - height_of(s, value) / PLOT;
        if (strength >= 0.005)
            fprintf(file, "<path d=\"M%.1f %.1fh%.2fv%dh-%.2fz\" fill-opacity=\"%.2f\"/>", LEFT + (double)t * width, y,
                    width, ROW, width, strength);
    }
    fprintf(file, "<title>unit %lld%s: from %.3g to %.3g</title></g>\n", (long long)first + 1,
            end > first + 1 ? " and following" : "", least, most);
}

/* A link over each step of a map, in a page that has steps to go to. */
static void links(FILE *file, const gt_flow_view *view, const gt_flow_series *series, double y, int64_t rows)
{
    double width = (double)WIDTH / (double)view->flow->steps;
    for (int64_t t = 0; t < view->flow->steps; t++)
        if (series->norm[t] > 0)
            fprintf(file,
                    "<a href=\"#steps\" tabindex=\"-1\" aria-label=\"%s at t = %lld\" data-view=\"%u\" "
                    "data-name=\"%s\" data-t=\"%lld\"><rect "
                    "class=\"link\" x=\"%.1f\" y=\"%.1f\" width=\"%.2f\" height=\"%lld\"/></a>",
                    series->name, (long long)t + 1, (unsigned)view->number, series->name, (long long)t + 1,
                    LEFT + (double)t * width, y, width, (long long)(rows * ROW));
    fputc('\n', file);
}

static double heat_map(FILE *file, const gt_flow_view *view, const gt_flow_series *series, scale s, double y)
{
    const gt_flow *flow = view->flow;
    int64_t each = units_each(series), rows = (series->units + each - 1) / each;
    char words[80];
    gt_flow_words(series->slope, words, sizeof words);
    label(file, LEFT - 6, y + 9, "", "end", series->name);
    fputs("<g class=\"heat\">\n", file);
    for (int64_t r = 0; r < rows; r++)
        heat_row(file, flow, series, s, r * each, (r + 1) * each < series->units ? (r + 1) * each : series->units,
                 y + (double)(r * ROW));
    fputs("</g>\n", file);
    fprintf(file, "<rect class=\"axis\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%lld\"/>\n", LEFT, y, WIDTH,
            (long long)(rows * ROW));
    if (view->number > 0)
        links(file, view, series, y, rows);
    label(file, LEFT + WIDTH, y + (double)(rows * ROW) + 11, "faint", "end", words);
    return y + (double)(rows * ROW) + 22;
}

static double heat_maps(FILE *file, const gt_flow_view *view, scale s, double y)
{
    const gt_flow *flow = view->flow;
    char head[120];
    snprintf(head, sizeof head, "each unit over time: empty 1e%+.0f, full 1e%+.0f", s.bottom, s.top);
    label(file, LEFT, y - 6, "head", "start", head);
    for (uint32_t i = 0; i < flow->series_count; i++)
        if (is_seen(flow, &flow->series[i]))
            y = heat_map(file, view, &flow->series[i], s, y);
    return y + GAP - 14;
}

/* From `from` on, to the right or, if the share is negative, to the left of 0, which is in the middle of what is drawn.
 */
static void bar(FILE *file, double zero, double unit, double y, double *right, double *left, double share,
                uint32_t colour, const char *name)
{
    double *end = share < 0 ? left : right;
    double begin = share < 0 ? *end + share : *end;
    fprintf(file, "<rect class=\"b%u\" x=\"%.1f\" y=\"%.1f\" width=\"%.2f\" height=\"11\"><title>",
            (unsigned)(colour % COLOURS), zero + begin * unit, y, fabs(share) * unit);
    gt_markup_text(file, name);
    fprintf(file, ": %.1f %%</title></rect>\n", 100 * share);
    *end += share;
}

static void most_shares(const gt_flow *flow, double *right, double *left)
{
    *right = 1;
    *left = 0;
    for (uint32_t p = 0; p < flow->paths_count; p++) {
        const gt_flow_paths *paths = &flow->paths[p];
        double above = fmax(paths->within, 0) + fmax(paths->mixed, 0),
               below = fmin(paths->within, 0) + fmin(paths->mixed, 0);
        for (uint32_t k = 0; k < flow->state_count; k++) {
            above += fmax(paths->alone[k], 0);
            below += fmin(paths->alone[k], 0);
        }
        *right = fmax(*right, above);
        *left = fmin(*left, below);
    }
}

static double shares(FILE *file, const gt_flow *flow, double y)
{
    double most, least, x = LEFT;
    char name[80];
    most_shares(flow, &most, &least);
    double unit = WIDTH / (most - least), zero = LEFT - least * unit;
    label(file, LEFT, y - 6, "head", "start", "by which paths, share of each parameter's gradient");
    for (uint32_t p = 0; p < flow->paths_count; p++, y += 15) {
        const gt_flow_paths *paths = &flow->paths[p];
        double right = 0, left = 0;
        label(file, LEFT - 6, y + 9, "", "end", paths->name);
        bar(file, zero, unit, y, &right, &left, paths->within, 0, "within the step of the loss");
        for (uint32_t k = 0; k < flow->state_count; k++) {
            snprintf(name, sizeof name, "through %s alone", flow->states[k]);
            bar(file, zero, unit, y, &right, &left, paths->alone[k], k + 1, name);
        }
        if (flow->state_count > 1)
            bar(file, zero, unit, y, &right, &left, paths->mixed, flow->state_count + 1, "through several states");
    }
    fprintf(file, "<path class=\"axis\" d=\"M%.1f %.1fV%.1f\"/>\n", zero, y - 15.0 * flow->paths_count - 2, y);
    y += 12;
    for (uint32_t k = 0; k < flow->state_count + (flow->state_count > 1 ? 2u : 1u); k++) {
        snprintf(name, sizeof name, "%s%s",
                 k == 0                   ? "in a step"
                 : k <= flow->state_count ? "through "
                                          : "several",
                 k > 0 && k <= flow->state_count ? flow->states[k - 1] : "");
        double width = 26 + 7.0 * (double)strlen(name);
        if (x + width > LEFT + WIDTH) {
            x = LEFT;
            y += 15;
        }
        fprintf(file, "<rect class=\"b%u\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\"/>\n",
                (unsigned)(k % COLOURS), x, y - 9);
        label(file, x + 14, y, "", "start", name);
        x += width;
    }
    return y + GAP;
}

/* The steps with a loss of its own: without one, nothing comes of them. */
static bool has_loss(const gt_flow *flow, const double *triangle, int64_t step)
{
    for (int64_t t = 0; t <= step; t++)
        if (fabs(triangle[step * flow->steps + t]) > 0)
            return true;
    return false;
}

static double triangle(FILE *file, const gt_flow *flow, double y)
{
    const gt_flow_paths *all = flow->paths_count > 0 ? &flow->paths[flow->paths_count - 1] : NULL;
    double largest = 0, size = (double)WIDTH / (double)flow->steps, high = fmin(size, 12);
    if (all == NULL || all->triangle == NULL)
        return y;
    label(file, LEFT, y - 6, "head", "start", "loss at a step (down) by use at a step (right)");
    for (int64_t k = 0; k < flow->steps * flow->steps; k++)
        largest = fmax(largest, fabs(all->triangle[k]));
    for (int64_t s = 0; s < flow->steps; s++) {
        if (!has_loss(flow, all->triangle, s))
            continue;
        for (int64_t t = 0; t <= s; t++) {
            double share = all->triangle[s * flow->steps + t];
            fprintf(file,
                    "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill-opacity=\"%.3f\">"
                    "<title>loss at %lld, use at %lld: %.2f %%</title></rect>\n",
                    share < 0 ? "b1" : "heat", LEFT + (double)t * size, y, size, high, sqrt(fabs(share) / largest),
                    (long long)s + 1, (long long)t + 1, 100 * share);
        }
        y += high;
    }
    label(file, LEFT, y + 12, "faint", "start", "t = 1");
    label(file, LEFT + WIDTH, y + 12, "faint", "end", "all parameters; orange is negative");
    return y + 12 + GAP;
}

static double singular_values(FILE *file, const gt_flow_view *view, scale s, double y)
{
    const gt_flow *flow = view->flow;
    char name[40];
    if (flow->singular == NULL)
        return y;
    label(file, LEFT, y - 6, "head", "start", "singular values of the last states by those at t");
    axes(file, y, s, view);
    for (uint32_t k = 0; k < flow->singular_count; k++) {
        snprintf(name, sizeof name, "singular value %u", (unsigned)k + 1);
        polyline(file, y, s, flow->singular + k, flow->singular_count, flow->steps, 0, name);
    }
    return y + PLOT + GAP;
}

/* What a column has. */
typedef enum panels { PANELS_ALL, PANELS_WITHOUT_MAPS, PANELS_MAPS } panels;

/* One cell's panels, below each other; returns where they end. */
static double column(FILE *file, const gt_flow_view *view, panels what, scale norm, scale singular)
{
    double y = TOP;
    if (what != PANELS_MAPS) {
        label(file, LEFT, 18, "title", "start", view->label);
        y = norms(file, view, norm, y);
    }
    if (what != PANELS_WITHOUT_MAPS)
        y = heat_maps(file, view, norm, y);
    if (what == PANELS_MAPS)
        return y;
    y = shares(file, view->flow, y);
    y = triangle(file, view->flow, y);
    return singular_values(file, view, singular, y);
}

/* A column in a group of its own; returns its height. */
static double write_column(FILE *file, uint32_t place, const gt_flow_view *view, panels what, scale norm,
                           scale singular)
{
    fprintf(file, "<g transform=\"translate(%u,0)\">\n", place * COLUMN);
    double height = column(file, view, what, norm, singular);
    fputs("</g>\n", file);
    return height;
}

/* One flow alone has its maps beside the rest, so that it is not twice as high as a screen. */
static double write_columns(FILE *file, const gt_flow_view *views, uint32_t count)
{
    scale norm = of_norms(views, count), singular = of_singular(views, count);
    double height = 0;
    for (uint32_t v = 0; v < count; v++)
        height = fmax(height,
                      write_column(file, v, &views[v], count == 1 ? PANELS_WITHOUT_MAPS : PANELS_ALL, norm, singular));
    return count == 1 ? fmax(height, write_column(file, 1, &views[0], PANELS_MAPS, norm, singular)) : height;
}

bool gt_flow_write_svg(FILE *file, const gt_flow_view *views, uint32_t count)
{
    char *body = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&body, &size);
    double height = memory != NULL ? write_columns(memory, views, count) : 0;
    uint32_t width = (count == 1 ? 2 : count) * COLUMN;
    if (memory != NULL)
        fclose(memory);
    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow\" role=\"%s\" viewBox=\"0 0 %u %.0f\" width=\"%u\" "
            "height=\"%.0f\">\n<title>Where the gradient of ",
            views[0].number > 0 ? "group" : "img", width, height, width, height);
    for (uint32_t v = 0; v < count; v++) {
        fputs(v > 0 ? "; of " : "", file);
        gt_markup_text(file, views[v].label);
    }
    fputs(" goes</title>\n", file);
    fputs(style, file);
    fputs("\n<rect width=\"100%\" height=\"100%\" class=\"back\"/>\n", file);
    fputs(body != NULL ? body : "", file);
    fputs("</svg>\n", file);
    bool done = body != NULL;
    free(body);
    return done;
}
