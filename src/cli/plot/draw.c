#include "cli/plot/draw.h"
#include "cli/plot/ticks.h"

#include "base/utf8.h"

#include <math.h>
#include <string.h>

/* The picture and the field of the curves, in pixels. */
enum { WIDTH = 720, HEIGHT = 420, LEFT = 70, RIGHT = 20, TOP = 20, BOTTOM = 50, TICKS = 6, MOST_POINTS = 600 };

/* Told apart also by those who see few colours (Okabe and Ito 2008). */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"};
enum { COLOURS = sizeof colours / sizeof *colours };

typedef struct axes {
    double last;      /* iteration */
    double low, high; /* of the losses, of their logarithms if logarithmic */
    bool logarithmic;
} axes;

/* ---- places -------------------------------------------------------------------------------- */

static bool is_drawn(const axes *a, double loss)
{
    return isfinite(loss) && (!a->logarithmic || loss > 0);
}

static double height_of(const axes *a, double loss)
{
    return a->logarithmic ? log10(loss) : loss;
}

static double place_x(const axes *a, double iteration)
{
    return LEFT + (WIDTH - LEFT - RIGHT) * iteration / a->last;
}

static double place_y(const axes *a, double loss)
{
    return TOP + (HEIGHT - TOP - BOTTOM) * (a->high - height_of(a, loss)) / (a->high - a->low);
}

/* ---- smoothing ----------------------------------------------------------------------------- */

/* The mean of the finite losses around a row, as many on either side. */
static double smooth(const gt_plot_log *log, size_t row)
{
    size_t reach = log->count / 100;
    reach = reach > row ? row : reach;
    reach = reach > log->count - 1 - row ? log->count - 1 - row : reach;
    double sum = 0, count = 0;
    for (size_t i = row - reach; i <= row + reach; i++)
        if (isfinite(log->rows[i].loss)) {
            sum += log->rows[i].loss;
            count++;
        }
    return count > 0 ? sum / count : NAN;
}

/* Rows from one point of the line to the next. */
static size_t stride_of(const gt_plot_log *log)
{
    return log->count / MOST_POINTS + 1;
}

/* ---- axes ---------------------------------------------------------------------------------- */

static void include(axes *a, double loss)
{
    if (!is_drawn(a, loss))
        return;
    a->low = fmin(a->low, height_of(a, loss));
    a->high = fmax(a->high, height_of(a, loss));
}

static bool find_axes(axes *a, const gt_plot_curve *curves, size_t count)
{
    a->low = INFINITY;
    a->high = -INFINITY;
    for (size_t k = 0; k < count; k++) {
        const gt_plot_log *log = &curves[k].log;
        a->last = fmax(a->last, log->rows[log->count - 1].iteration);
        for (size_t i = 0; i < log->count; i += stride_of(log))
            include(a, smooth(log, i));
        for (size_t i = 0; i < log->count; i++)
            include(a, log->rows[i].validation);
    }
    if (!(a->low <= a->high))
        return false;
    if (!a->logarithmic && a->low > 0 && a->low < 0.5 * a->high)
        a->low = 0;
    double room = a->high > a->low ? 0.03 * (a->high - a->low) : fmax(0.1 * fabs(a->high), 0.1);
    a->high += room;
    a->low -= a->low == 0 && !a->logarithmic ? 0 : room;
    return true;
}

static void draw_axes(FILE *out, const axes *a, const char *unit)
{
    double step = gt_plot_tick_step(a->last, TICKS);
    for (double x = 0; x <= a->last * 1.0001; x += step)
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.6g</text>\n", place_x(a, x),
                HEIGHT - BOTTOM + 18, x);
    step = gt_plot_tick_step(a->high - a->low, TICKS);
    for (double y = ceil(a->low / step) * step; y <= a->high; y += step) {
        double loss = a->logarithmic ? pow(10, y) : fabs(y) < step / 1000 ? 0 : y, place = place_y(a, loss);
        fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", LEFT, place, WIDTH - RIGHT);
        fprintf(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>\n", LEFT - 6, place + 4, loss);
    }
    fprintf(out, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, HEIGHT - BOTTOM, WIDTH - RIGHT);
    fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">iterations</text>\n", (LEFT + WIDTH - RIGHT) / 2,
            HEIGHT - 12);
    fprintf(out, "<text transform=\"rotate(-90)\" x=\"%d\" y=\"16\" text-anchor=\"middle\">",
            -(TOP + HEIGHT - BOTTOM) / 2);
    for (; *unit != '\0'; unit++)
        fputc(*unit == '_' ? ' ' : *unit == '<' || *unit == '&' ? '?' : *unit, out);
    fputs("</text>\n", out);
}

/* ---- curves -------------------------------------------------------------------------------- */

static void draw_line(FILE *out, const axes *a, const gt_plot_log *log, const char *colour)
{
    bool down = false; /* the pen; it is lifted where there is no number */
    fprintf(out, "<path class=\"curve\" stroke=\"%s\" d=\"", colour);
    for (size_t i = 0; i < log->count; i += stride_of(log)) {
        double loss = smooth(log, i);
        if (is_drawn(a, loss))
            fprintf(out, "%c%.1f %.1f", down ? 'L' : 'M', place_x(a, log->rows[i].iteration), place_y(a, loss));
        down = is_drawn(a, loss);
    }
    fputs("\"/>\n", out);
    for (size_t i = 0; i < log->count; i++)
        if (is_drawn(a, log->rows[i].validation))
            fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", place_x(a, log->rows[i].iteration),
                    place_y(a, log->rows[i].validation), colour);
}

/* What stands in XML for a name; control characters cannot stand there, nor what is no UTF-8. */
static void write_escaped(FILE *out, const char *text)
{
    bool valid = gt_utf8_valid(text, strlen(text));
    for (; *text != '\0'; text++)
        if (*text == '&' || *text == '<')
            fputs(*text == '&' ? "&amp;" : "&lt;", out);
        else
            fputc((unsigned char)*text < 32 || (!valid && (unsigned char)*text >= 127) ? '?' : *text, out);
}

static void draw_name(FILE *out, const char *name, size_t place, const char *colour)
{
    int y = TOP + 14 + 18 * (int)place;
    fprintf(out, "<path class=\"curve\" stroke=\"%s\" d=\"M%d %dh20\"/>\n", colour, WIDTH - RIGHT - 190, y - 4);
    fprintf(out, "<text x=\"%d\" y=\"%d\">", WIDTH - RIGHT - 164, y);
    write_escaped(out, name);
    fputs("</text>\n", out);
}

bool gt_plot_draw(FILE *out, const gt_plot_curve *curves, size_t count, bool logarithmic)
{
    axes a = {.logarithmic = logarithmic};
    if (!find_axes(&a, curves, count))
        return false;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
            "font-family=\"sans-serif\" font-size=\"12\">\n"
            "<style>.grid{stroke:#ddd}.axis{stroke:#333;fill:none}.curve{fill:none;stroke-width:1.5}</style>\n"
            "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT);
    draw_axes(out, &a, curves[0].log.unit);
    for (size_t k = 0; k < count; k++)
        draw_line(out, &a, &curves[k].log, colours[k % COLOURS]);
    for (size_t k = 0; k < count; k++)
        draw_name(out, curves[k].name, k, colours[k % COLOURS]);
    fputs("</svg>\n", out);
    return true;
}
