/* Numeric derivatives: central differences, extrapolated to step 0, with error bars. */
#include "gradtape/check.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { LEVELS = 12 }; /* steps tried, each half of the one before */

/*
 * Neville's extrapolation of estimates whose error is a series in even powers
 * of the step, beginning with the power `order` (1 or 2). `row` holds the last
 * diagonal: row[j] has j terms of the series removed. `noise[j]` bounds what
 * rounding did to row[j].
 */
typedef struct extrapolation {
    double row[LEVELS], noise[LEVELS];
    int used;
    double best, error;
} extrapolation;

static void extrapolate(extrapolation *e, int order, double estimate, double noise)
{
    double before = e->row[0], before_noise = e->noise[0];
    double factor = order == 1 ? 2 : 4;
    e->row[0] = estimate;
    e->noise[0] = noise;
    if (e->used == 0) {
        e->best = estimate;
        e->error = INFINITY;
    }
    for (int j = 1; j <= e->used; j++, factor *= 4) {
        double value = e->row[j - 1] + (e->row[j - 1] - before) / (factor - 1);
        double value_noise = (factor * e->noise[j - 1] + before_noise) / (factor - 1);
        double change = fmax(fabs(value - e->row[j - 1]), fabs(value - before));
        before = e->row[j];
        before_noise = e->noise[j];
        e->row[j] = value;
        e->noise[j] = value_noise;
        if (change + value_noise <= e->error) {
            e->best = value;
            e->error = change + value_noise;
        }
    }
    e->used++;
}

/* One result: its slope, and by how much the slopes on both sides differ. */
typedef struct slopes {
    extrapolation slope, jump;
} slopes;

typedef struct work {
    double *x, *middle, *plus, *minus;
    double size;         /* with weights: of the terms that have changed */
    size_t result_count; /* one with weights, else one for each output */
    slopes *results;
} work;

static void close_work(work *w)
{
    gt_memory_free(w->x);
    gt_memory_free(w->middle);
    gt_memory_free(w->plus);
    gt_memory_free(w->minus);
    gt_memory_free(w->results);
}

static gt_status open_work(const gt_numeric *n, work *w, gt_error *error)
{
    w->result_count = n->weights != NULL ? 1 : n->output_count;
    w->x = gt_memory_new(n->input_count, sizeof *w->x);
    w->middle = gt_memory_new(n->output_count, sizeof *w->middle);
    w->plus = gt_memory_new(n->output_count, sizeof *w->plus);
    w->minus = gt_memory_new(n->output_count, sizeof *w->minus);
    w->results = gt_memory_new(w->result_count, sizeof *w->results);
    if (w->x != NULL && w->middle != NULL && w->plus != NULL && w->minus != NULL &&
        w->results != NULL)
        return GT_OK;
    close_work(w);
    return gt_error_set(error, GT_ERROR_MEMORY, "numeric derivative: no memory");
}

static double largest(const double *values, size_t count)
{
    double result = 0;
    for (size_t i = 0; i < count; i++)
        if (fabs(values[i]) > result)
            result = fabs(values[i]);
    return result;
}

static gt_status call(const gt_numeric *n, work *w, const double *direction, double step, double *y,
                      gt_error *error)
{
    for (size_t i = 0; i < n->input_count; i++)
        w->x[i] = n->x[i] + step * direction[i];
    return n->function(n->context, w->x, y, error);
}

/* ---- one step ------------------------------------------------------------------------------ */

/* Differences of one result on both sides of x, with a bound of their rounding errors. */
typedef struct differences {
    double right, left, rounding;
} differences;

/*
 * Takes in the differences over a step. Rounding errors are those of the results,
 * and of the points themselves, which for a step along x is `wobble` of the slope.
 * Returns whether the error became smaller.
 */
static bool take_in(slopes *result, differences d, double step, double wobble)
{
    double slope = (d.right + d.left) / (2 * step), jump = (d.right - d.left) / step;
    if (!isfinite(slope) || !isfinite(jump))
        return false;
    double error = result->slope.error, rounding = d.rounding / step;
    bool first = result->slope.used == 0;
    extrapolate(&result->slope, 2, slope, rounding + wobble * fabs(slope));
    extrapolate(&result->jump, 1, jump, 4 * rounding + wobble * fabs(slope));
    return first || result->slope.error < error;
}

/*
 * The weighted sum of the outputs. Entries that have changed at no step have no
 * rounding errors; those that changed at a longer one may only seem not to change now.
 */
static differences weighted(const gt_numeric *n, work *w, double noise)
{
    differences d = {0};
    double squares = 0;
    for (size_t i = 0; i < n->output_count; i++) {
        double plus = w->plus[i], minus = w->minus[i], middle = w->middle[i];
        if (plus == middle && minus == middle)
            continue;
        d.right += n->weights[i] * (plus - middle);
        d.left += n->weights[i] * (middle - minus);
        double size = n->weights[i] * fmax(fabs(middle), fmax(fabs(plus), fabs(minus)));
        squares += size * size;
    }
    w->size = fmax(w->size, sqrt(squares));
    d.rounding = 4 * noise * w->size;
    return d;
}

/*
 * Takes in f(x +- step direction). Returns whether some error became smaller,
 * or nothing has been finite yet.
 */
static bool take_step(const gt_numeric *n, work *w, double step, double noise, double wobble)
{
    if (n->weights != NULL) {
        bool outside = w->results[0].slope.used == 0;
        return take_in(&w->results[0], weighted(n, w, noise), step, wobble) || outside;
    }
    bool better = false, outside = true;
    double scale =
        fmax(largest(w->middle, n->output_count),
             fmax(largest(w->plus, n->output_count), largest(w->minus, n->output_count)));
    for (size_t i = 0; i < n->output_count; i++) {
        double plus = w->plus[i], minus = w->minus[i], middle = w->middle[i];
        outside = outside && w->results[i].slope.used == 0;
        differences d = {plus - middle, middle - minus, noise * scale};
        better = take_in(&w->results[i], d, step, wobble) || better;
    }
    return better || outside;
}

/* ---- all steps ----------------------------------------------------------------------------- */

static bool is_enough(const gt_numeric *n, const work *w)
{
    for (size_t i = 0; i < w->result_count; i++)
        if (!(w->results[i].slope.used > 1 && w->results[i].slope.error <= n->enough &&
              w->results[i].jump.error <= 16 * n->enough))
            return false;
    return true;
}

/* Steps from `step` down; w->middle is there. */
static gt_status take_steps(const gt_numeric *n, work *w, const double *direction, double step,
                            gt_error *error)
{
    double noise = n->noise > 0 ? n->noise : 4 * DBL_EPSILON;
    double wobble = DBL_EPSILON * largest(n->x, n->input_count) / largest(direction, n->input_count);
    memset(w->results, 0, w->result_count * sizeof *w->results);
    gt_status status = GT_OK;
    int worse = 0; /* steps in a row that were of no use */
    for (int level = 0; level < LEVELS && worse < 3 && status == GT_OK; level++, step /= 2) {
        status = call(n, w, direction, step, w->plus, error);
        if (status == GT_OK)
            status = call(n, w, direction, -step, w->minus, error);
        if (status == GT_OK)
            worse = take_step(n, w, step, noise, wobble / step) ? 0 : worse + 1;
        if (status == GT_OK && n->enough > 0 && is_enough(n, w))
            break;
    }
    return status;
}

static gt_slope answer(const slopes *result)
{
    const extrapolation *slope = &result->slope, *jump = &result->jump;
    if (slope->used == 0)
        return (gt_slope){NAN, NAN, NAN, NAN, false};
    gt_slope s = {.value = slope->best, .error = slope->error};
    /* On a smooth function the jump extrapolates to 0 within its own error. */
    s.kink = fabs(jump->best) > 4 * jump->error;
    if (s.kink)
        s.error += fabs(jump->best) / 2;
    s.left = s.value - jump->best / 2;
    s.right = s.value + jump->best / 2;
    return s;
}

/* Keeps the better of two answers for each result. Returns whether all are good enough. */
static bool keep_better(const gt_numeric *n, const work *w, gt_slope *best, bool first)
{
    bool all = true;
    for (size_t i = 0; i < w->result_count; i++) {
        gt_slope s = answer(&w->results[i]);
        if (first || isnan(best[i].error) || s.error < best[i].error)
            best[i] = s;
        all = all && best[i].error <= n->enough;
    }
    return all;
}

/* Where a kink or a pole is near, only steps that do not reach it tell anything. */
enum { ATTEMPTS = 4, NARROWER = 32 };

gt_status gt_numeric_slopes(const gt_numeric *n, const double *direction, gt_slope *answers,
                            gt_error *error)
{
    double length = largest(direction, n->input_count);
    if (!(length > 0) || !isfinite(length))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "numeric derivative: a direction must be finite and not zero");
    work w = {0};
    gt_status status = open_work(n, &w, error);
    if (status != GT_OK)
        return status;
    double step = (n->step > 0 ? n->step : 0x1p-4) / length;
    int attempts = n->enough > 0 ? ATTEMPTS : 1;
    status = call(n, &w, direction, 0, w.middle, error);
    for (int i = 0; i < attempts && status == GT_OK; i++, step /= NARROWER) {
        status = take_steps(n, &w, direction, step, error);
        if (status == GT_OK && keep_better(n, &w, answers, i == 0))
            break;
    }
    close_work(&w);
    return status;
}

gt_status gt_numeric_directional(const gt_numeric *n, const double *direction, double *values,
                                 double *errors, gt_error *error)
{
    size_t count = n->weights != NULL ? 1 : n->output_count;
    gt_slope *slopes_found = gt_memory_new(count, sizeof *slopes_found);
    if (slopes_found == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "numeric derivative: no memory");
    gt_status status = gt_numeric_slopes(n, direction, slopes_found, error);
    for (size_t i = 0; i < count && status == GT_OK; i++) {
        values[i] = slopes_found[i].value;
        errors[i] = slopes_found[i].error;
    }
    gt_memory_free(slopes_found);
    return status;
}

gt_status gt_numeric_jacobian(const gt_numeric *n, double *values, double *errors, gt_error *error)
{
    double *direction = gt_memory_new(n->input_count, sizeof *direction);
    if (direction == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "numeric derivative: no memory");
    gt_status status = GT_OK;
    size_t rows = n->weights != NULL ? 1 : n->output_count;
    for (size_t j = 0; j < n->input_count && status == GT_OK; j++) {
        direction[j] = 1;
        status = gt_numeric_directional(n, direction, values + j * rows, errors + j * rows, error);
        direction[j] = 0;
    }
    gt_memory_free(direction);
    return status;
}
