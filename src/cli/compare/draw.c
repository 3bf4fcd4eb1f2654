/* The picture of a task. */
#include "cli/compare/curves.h"

#include "cli/plot/ticks.h"
#include "command/markup.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 760, LEAST = 270, LEFT = 66, RIGHT = 150, TOP = 16, BOTTOM = 44, LINE = 19, TICKS = 5, COLOURS = 6 };

/* Told apart also by those who see few colours (Okabe and Ito 2008); lighter on a dark page. */
const char gt_curves_style[] =
    ".curves{font-family:'DejaVu Sans',Verdana,sans-serif;font-size:12px}.curves text{fill:#222}.curves .faint{fill:"
    "#6a6a6a}.curves .grid{stroke:#e2e2e2}.curves .axis{stroke:#6a6a6a;fill:none}.curves "
    ".line{fill:none;stroke-width:2}"
    ".curves .band{stroke:none;opacity:.18}.curves .level{stroke:#6a6a6a;stroke-dasharray:5 4}.curves .back{fill:#fff}"
    ".s0{stroke:#0072b2}.s1{stroke:#d55e00}.s2{stroke:#009e73}.s3{stroke:#b5528d}.s4{stroke:#8a7500}.s5{stroke:#4a3aa7}"
    ".f0{fill:#0072b2}.f1{fill:#d55e00}.f2{fill:#009e73}.f3{fill:#b5528d}.f4{fill:#8a7500}.f5{fill:#4a3aa7}"
    "@media (prefers-color-scheme:dark){.curves text{fill:#e6e6e6}.curves .faint{fill:#a8a8a8}.curves .grid{stroke:"
    "#33363c}.curves .axis{stroke:#a8a8a8}.curves .level{stroke:#a8a8a8}.curves .back{fill:#16181c}.curves .band{"
    "opacity:.25}.s0{stroke:#6cb8f0}.s1{stroke:#ff9a4d}.s2{stroke:#4fd0a5}.s3{stroke:#eba5cb}.s4{stroke:#d8c65a}"
    ".s5{stroke:#b0a6ff}.f0{fill:#6cb8f0}.f1{fill:#ff9a4d}.f2{fill:#4fd0a5}.f3{fill:#eba5cb}.f4{fill:#d8c65a}"
    ".f5{fill:#b0a6ff}}";

typedef struct axes {
    double last, low, high; /* of the logarithms if logarithmic */
    bool logarithmic;
    int bottom; /* of the field: all names stand beside it */
} axes;

/* ---- axes ---------------------------------------------------------------------------------- */

static double height_of(const axes *a, double value)
{
    return a->logarithmic ? log10(value) : value;
}

static double place_x(const axes *a, double iteration)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * iteration / a->last;
}

static double place_y(const axes *a, double value)
{
    double part = (a->high - height_of(a, value)) / (a->high - a->low);
    return TOP + (a->bottom - TOP) * fmin(fmax(part, 0), 1);
}

/* Losses over more than a decade and a half are drawn by their logarithm, if they have one. */
static axes find_axes(const gt_curve *curves, uint32_t count)
{
    double low = INFINITY, high = -INFINITY, last = 1;
    for (uint32_t c = 0; c < count; c++) {
        last = fmax(last, curves[c].last);
        for (uint32_t p = 0; p < curves[c].count; p++) {
            low = fmin(low, isnan(curves[c].low[p]) ? low : curves[c].low[p]);
            high = fmax(high, isnan(curves[c].high[p]) ? high : curves[c].high[p]);
        }
    }
    axes a = {.last = last, .low = low <= high ? low : 0, .high = low <= high ? high : 1};
    a.logarithmic = a.low > 0 && a.high > 30 * a.low;
    if (a.logarithmic) {
        a.low = log10(a.low);
        a.high = log10(a.high);
    } else if (a.low > 0 && a.low < 0.5 * a.high) {
        a.low = 0;
    }
    double room = a.high > a.low ? 0.04 * (a.high - a.low) : 0.5;
    a.high += room;
    a.low -= a.low == 0 && !a.logarithmic ? 0 : room;
    return a;
}

static void draw_grid(FILE *file, const axes *a, const char *what)
{
    double step =
        a->logarithmic ? fmax(ceil((a->high - a->low) / TICKS), 1) : gt_plot_tick_step(a->high - a->low, TICKS);
    for (double y = ceil(a->low / step) * step; y <= a->high; y += step) {
        double value = a->logarithmic ? pow(10, y) : fabs(y) < step / 1000 ? 0 : y, place = place_y(a, value);
        fprintf(file, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, place, WIDTH - RIGHT);
        fprintf(file, "<text x=\"%d\" y=\"%.1f\" class=\"faint\" text-anchor=\"end\">%.3g</text>\n", LEFT - 6,
                place + 4, value);
    }
    step = gt_plot_tick_step(a->last, 6);
    for (double x = 0; x <= a->last * 1.0001; x += step)
        fprintf(file, "<text x=\"%.1f\" y=\"%d\" class=\"faint\" text-anchor=\"middle\">%.6g</text>\n", place_x(a, x),
                a->bottom + 17, x);
    fprintf(file, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, a->bottom, WIDTH - RIGHT);
    fprintf(file, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">iterations</text>\n", (LEFT + WIDTH - RIGHT) / 2,
            a->bottom + BOTTOM - 10);
    fprintf(file, "<text transform=\"rotate(-90)\" x=\"%d\" y=\"14\" text-anchor=\"middle\">%s%s</text>\n",
            -(TOP + a->bottom) / 2, what, a->logarithmic ? ", logarithmic" : "");
}

/* ---- curves -------------------------------------------------------------------------------- */

static bool is_seen(const axes *a, double value)
{
    return isfinite(value) && (!a->logarithmic || value > 0);
}

/* Up the largest and back the smallest, in pieces between points where there is nothing. */
static void draw_band(FILE *file, const axes *a, const gt_curve *c, uint32_t colour)
{
    fprintf(file, "<path class=\"band f%u\" d=\"", (unsigned)(colour % COLOURS));
    for (uint32_t p = 0; p < c->count; p++) {
        uint32_t first = p;
        while (p < c->count && is_seen(a, c->low[p]) && is_seen(a, c->high[p]))
            p++;
        for (uint32_t i = first; i < p; i++)
            fprintf(file, "%c%.1f %.1f", i == first ? 'M' : 'L', place_x(a, c->iteration[i]), place_y(a, c->high[i]));
        for (uint32_t i = p; i > first; i--)
            fprintf(file, "L%.1f %.1f", place_x(a, c->iteration[i - 1]), place_y(a, c->low[i - 1]));
        fputs(p > first ? "Z" : "", file);
    }
    fputs("\"/>\n", file);
}

/* Further colours are the same ones again, dashed. */
static const char *dashes(uint32_t number)
{
    static const char *const patterns[] = {"", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 3\""};
    return patterns[number / COLOURS % 3];
}

static void draw_line(FILE *file, const axes *a, const gt_curve *c, uint32_t colour)
{
    bool down = false;
    fprintf(file, "<path class=\"line s%u\"%s d=\"", (unsigned)(colour % COLOURS), dashes(colour));
    for (uint32_t p = 0; p < c->count; p++) {
        bool seen = is_seen(a, c->mean[p]);
        if (seen)
            fprintf(file, "%c%.1f %.1f", down ? 'L' : 'M', place_x(a, c->iteration[p]), place_y(a, c->mean[p]));
        down = seen;
    }
    fputs("\"/>\n", file);
}

static void draw_name(FILE *file, const char *name, uint32_t place, uint32_t colour)
{
    unsigned y = TOP + 12 + LINE * place;
    fprintf(file, "<path class=\"line s%u\"%s d=\"M%d %uh22\"/>\n", (unsigned)(colour % COLOURS), dashes(colour),
            WIDTH - RIGHT + 14, y - 4);
    fprintf(file, "<text x=\"%d\" y=\"%u\">", WIDTH - RIGHT + 42, y);
    gt_markup_text(file, name);
    fputs("</text>\n", file);
}

/* What always predicting the same gives, if it is within the picture. */
static void draw_baseline(FILE *file, const axes *a, const gt_task_table *task)
{
    double value = task->baseline.mean;
    if (!is_seen(a, value) || height_of(a, value) > a->high || height_of(a, value) < a->low)
        return;
    fprintf(file, "<path class=\"level\" d=\"M%d %.1fH%d\"/>\n", LEFT, place_y(a, value), WIDTH - RIGHT);
    fprintf(file, "<text x=\"%d\" y=\"%.1f\" class=\"faint\" text-anchor=\"end\">always the same</text>\n",
            WIDTH - RIGHT - 6, place_y(a, value) - 5);
}

void gt_curves_draw(FILE *file, const gt_table *table, uint32_t task, const gt_curve *curves, gt_curve_kind kind,
                    bool alone)
{
    const gt_task_table *t = &table->tasks[task];
    axes a = find_axes(curves, t->row_count);
    int names = LINE * (int)t->row_count, height;
    a.bottom = TOP + (names > LEAST ? names : LEAST);
    height = a.bottom + BOTTOM;
    fprintf(file,
            "<svg class=\"curves\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            "height=\"%d\" role=\"img\">\n<title>%s of ",
            WIDTH, height, WIDTH, height, kind == GT_CURVE_LOSS ? "training losses" : "gradient norms");
    gt_markup_text(file, t->task);
    fputs("</title>\n", file);
    if (alone)
        fprintf(file, "<style>%s</style>\n<rect class=\"back\" width=\"%d\" height=\"%d\"/>\n", gt_curves_style, WIDTH,
                height);
    draw_grid(file, &a, kind == GT_CURVE_LOSS ? gt_task_table_unit(t) : "norm of the gradient");
    if (kind == GT_CURVE_LOSS)
        draw_baseline(file, &a, t);
    for (uint32_t i = 0; i < t->row_count; i++)
        draw_band(file, &a, &curves[i], t->rows[i].cell);
    for (uint32_t i = t->row_count; i > 0; i--) /* the best on top */
        draw_line(file, &a, &curves[i - 1], t->rows[i - 1].cell);
    for (uint32_t i = 0; i < t->row_count; i++)
        draw_name(file, table->experiment->labels[t->rows[i].cell], i, t->rows[i].cell);
    fputs("</svg>\n", file);
}
