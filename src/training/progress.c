#include "training/progress.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "command/terminal.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BAR_SECONDS 0.1
#define LINE_SECONDS 1.0
#define STATE_TEXT 1024 /* bytes: a state with eight losses of cells */
#define SMOOTHING 0.95  /* of the shown loss: the mean of about 20 iterations */

void gt_progress_begin(gt_progress *progress)
{
    progress->bar = gt_terminal_overwrites(stderr);
    progress->start = progress->last = gt_clock_seconds();
    progress->smoothed = NAN;
    for (uint32_t k = 0; k < GT_MAX_LOSS_TERMS; k++)
        progress->smoothed_terms[k] = NAN;
}

/* ---- how far ------------------------------------------------------------------------------- */

static double elapsed(const gt_progress *progress)
{
    double seconds = gt_clock_seconds() - progress->start;
    return seconds > 1e-9 ? seconds : 1e-9;
}

double gt_progress_done(const gt_progress *progress, int64_t iteration)
{
    double done = 0;
    if (progress->target > progress->first)
        done = (double)(iteration - progress->first) / (double)(progress->target - progress->first);
    if (progress->seconds > 0)
        done = fmax(done, elapsed(progress) / progress->seconds);
    return fmin(done, 1);
}

double gt_progress_rate(const gt_progress *progress, int64_t iteration)
{
    return (double)((iteration - progress->first) * progress->per_iteration) / elapsed(progress);
}

void gt_progress_format_left(const gt_progress *progress, int64_t iteration, char *text, size_t size)
{
    double done = gt_progress_done(progress, iteration);
    *text = '\0';
    if (done <= 0)
        return;
    double left = elapsed(progress) * (1 - done) / done;
    int64_t seconds = left < 1e9 ? (int64_t)(left + 0.5) : 1000000000;
    if (seconds >= 3600)
        gt_utf8_format(text, size, "%" PRId64 ":%02d:%02d left", seconds / 3600, (int)(seconds / 60 % 60),
                       (int)(seconds % 60));
    else
        snprintf(text, size, "%d:%02d left", (int)(seconds / 60), (int)(seconds % 60));
}

/* "38.2k" */
static void format_rate(double rate, char *text, size_t size)
{
    if (rate >= 1e6)
        snprintf(text, size, "%.1fM", rate / 1e6);
    else if (rate >= 1e3)
        snprintf(text, size, "%.1fk", rate / 1e3);
    else
        snprintf(text, size, "%.0f", rate);
}

/* "2.345", "0.00012", and "1.2e+20" where training diverges */
static void format_bits(double bits, char *text, size_t size)
{
    snprintf(text, size, fabs(bits) < 1e4 && !(fabs(bits) < 0.01) ? "%.3f" : "%.2g", bits);
}

/* ---- showing ------------------------------------------------------------------------------- */

/* "  ponder 0.012, validation 0.011", of each loss that the cells declare. */
static void append_terms(const gt_progress *progress, const gt_progress_state *state, char *text, size_t size)
{
    for (uint32_t k = 0; progress->network != NULL && k < gt_network_term_count(progress->network); k++) {
        char value[20], validation[20];
        format_bits(progress->smoothed_terms[k], value, sizeof value);
        gt_utf8_append(text, size, "  %s %s", gt_network_term_name(progress->network, k), value);
        if (isnan(state->validation))
            continue;
        format_bits(state->validation_terms[k], validation, sizeof validation);
        gt_utf8_append(text, size, ", validation %s", validation);
    }
}

static void format_state(const gt_progress *progress, const gt_progress_state *state, bool with_epoch, char *text,
                         size_t size)
{
    char left[40], rate[20], loss[20], validation[20], target[32] = "", epoch[40] = "", last[48] = "";
    gt_progress_format_left(progress, state->iteration, left, sizeof left);
    format_rate(gt_progress_rate(progress, state->iteration), rate, sizeof rate);
    if (progress->target > 0)
        gt_utf8_format(target, sizeof target, "/%" PRId64, progress->target);
    format_bits(progress->smoothed, loss, sizeof loss);
    format_bits(state->validation, validation, sizeof validation);
    if (!isnan(state->validation))
        gt_utf8_format(last, sizeof last, ", validation %s", validation);
    if (with_epoch)
        snprintf(epoch, sizeof epoch, "epoch %.2f  ", state->epoch);
    gt_utf8_format(text, size, "%" PRId64 "%s  %sloss %s%s %s  %s %s  %s", state->iteration, target, epoch, loss, last,
                   progress->unit, rate, progress->things, left);
}

/* A small curve behind it, where the locale has its characters. */
static void append_curve(const gt_progress *progress, char *text, size_t size)
{
    char curve[GT_SPARKLINE_SIZE];
    if (!gt_terminal_has_utf8())
        return;
    gt_sparkline_format(&progress->curve, curve);
    if (*curve != '\0')
        gt_utf8_append(text, size, "  %s", curve);
}

void gt_progress_draw(gt_progress *progress, double done, const char *text)
{
    char bar[128], line[512];
    int columns = gt_terminal_width(stderr) - 1;
    int room = columns - gt_terminal_columns(text, strlen(text)) - 8; /* "[", "] ", "100% " */
    int width = room < 8 ? 0 : room > 40 ? 40 : room;
    int full = (int)(done * width);
    for (int i = 0; i < width; i++)
        bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    bar[width] = '\0';
    if (width > 0)
        gt_utf8_format(line, sizeof line, "[%s] %3d%% %s", bar, (int)(done * 100), text);
    else
        gt_utf8_format(line, sizeof line, "%3d%% %s", (int)(done * 100), text);
    fprintf(stderr, "\r\033[K%.*s", gt_terminal_fit(line, columns), line);
    fflush(stderr);
    progress->drawn = true;
    progress->last = gt_clock_seconds();
}

/* As much of it as fits: the curve goes first, then what the cells' own losses are, then the epoch. */
static void draw_bar(gt_progress *progress, const gt_progress_state *state)
{
    enum { NOTHING, CURVE, TERMS, EPOCH };
    char text[STATE_TEXT];
    int columns = gt_terminal_width(stderr) - 1;
    for (int left_out = NOTHING; left_out <= EPOCH; left_out++) {
        format_state(progress, state, left_out < EPOCH, text, sizeof text);
        if (left_out < TERMS)
            append_terms(progress, state, text, sizeof text);
        if (left_out < CURVE)
            append_curve(progress, text, sizeof text);
        if (gt_terminal_columns(text, strlen(text)) + 5 <= columns)
            break;
    }
    gt_progress_draw(progress, gt_progress_done(progress, state->iteration), text);
}

static void draw_line(const gt_progress *progress, const gt_progress_state *state)
{
    char text[STATE_TEXT];
    format_state(progress, state, true, text, sizeof text);
    append_terms(progress, state, text, sizeof text);
    fprintf(stderr, "iteration %s\n", text);
}

static void show(gt_progress *progress, const gt_progress_state *state)
{
    if (progress->quiet)
        return;
    if (progress->bar)
        draw_bar(progress, state);
    else
        draw_line(progress, state);
    progress->last = gt_clock_seconds();
}

/* What is shown in place of `before` when there is `value`, too; in the beginning, the mean so far rather than mostly
 * the first loss. */
static double smooth(double before, double value, double count)
{
    double weight = isnan(before) ? 0 : fmin(SMOOTHING, 1 - 1 / fmax(count, 1));
    return weight * (weight > 0 ? before : 0) + (1 - weight) * value;
}

static void smooth_terms(gt_progress *progress, const gt_progress_state *state, double count)
{
    for (uint32_t k = 0; progress->network != NULL && k < gt_network_term_count(progress->network); k++)
        if (!isnan(state->terms[k]))
            progress->smoothed_terms[k] = smooth(progress->smoothed_terms[k], state->terms[k], count);
}

void gt_progress_update(gt_progress *progress, const gt_progress_state *state)
{
    if (!isnan(state->loss)) {
        double count = (double)(state->iteration - progress->first);
        progress->smoothed = smooth(progress->smoothed, state->loss, count);
        smooth_terms(progress, state, count);
        gt_sparkline_add(&progress->curve, state->iteration - progress->first, progress->smoothed);
    }
    if (gt_clock_seconds() - progress->last >= (progress->bar ? BAR_SECONDS : LINE_SECONDS))
        show(progress, state);
}

void gt_progress_leave(gt_progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}

void gt_progress_say(gt_progress *progress, const char *format, ...)
{
    gt_progress_leave(progress);
    va_list arguments;
    va_start(arguments, format);
    gt_terminal_say_list(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void gt_progress_end(gt_progress *progress, const gt_progress_state *state)
{
    show(progress, state);
    if (progress->drawn)
        fputc('\n', stderr);
    progress->drawn = false;
}
