/* Numeric derivatives: central differences, extrapolated to step 0, with error bars. */
#include "gradtape/check.h"

#include "base/memory.h"

#include <float.h>
#include <math.h>

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

/* One output: its slope, and by how much the slopes on both sides differ. */
typedef struct slopes {
    extrapolation slope, jump;
} slopes;

typedef struct work {
    double *x, *middle, *plus, *minus;
    slopes *outputs;
} work;

static void close_work(work *w)
{
    gt_memory_free(w->x);
    gt_memory_free(w->middle);
    gt_memory_free(w->plus);
    gt_memory_free(w->minus);
    gt_memory_free(w->outputs);
}

static gt_status open_work(const gt_numeric *n, work *w, gt_error *error)
{
    w->x = gt_memory_new(n->input_count, sizeof *w->x);
    w->middle = gt_memory_new(n->output_count, sizeof *w->middle);
    w->plus = gt_memory_new(n->output_count, sizeof *w->plus);
    w->minus = gt_memory_new(n->output_count, sizeof *w->minus);
    w->outputs = gt_memory_new(n->output_count, sizeof *w->outputs);
    if (w->x != NULL && w->middle != NULL && w->plus != NULL && w->minus != NULL &&
        w->outputs != NULL)
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

/*
 * Takes in f(x +- step direction). Rounding: of the results, by `noise`, and of
 * the points themselves, which for a step along x is `wobble` of the slope.
 * Returns whether some output's error became smaller, or none has been finite yet.
 */
static bool take_step(const gt_numeric *n, work *w, double step, double noise, double wobble)
{
    bool better = false, outside = true;
    double scale =
        fmax(largest(w->middle, n->output_count),
             fmax(largest(w->plus, n->output_count), largest(w->minus, n->output_count)));
    for (size_t i = 0; i < n->output_count; i++) {
        double plus = w->plus[i], minus = w->minus[i], middle = w->middle[i];
        double slope = (plus - minus) / (2 * step);
        double jump = ((plus - middle) - (middle - minus)) / step;
        outside = outside && w->outputs[i].slope.used == 0;
        if (!isfinite(slope) || !isfinite(jump))
            continue;
        double rounding = noise * scale / step;
        slopes *output = &w->outputs[i];
        double error = output->slope.error;
        bool first = output->slope.used == 0;
        extrapolate(&output->slope, 2, slope, rounding + wobble * fabs(slope));
        extrapolate(&output->jump, 1, jump, 4 * rounding + wobble * fabs(slope));
        better = better || first || output->slope.error < error;
    }
    return better || outside;
}

static void answer(const gt_numeric *n, const work *w, double *values, double *errors)
{
    for (size_t i = 0; i < n->output_count; i++) {
        const extrapolation *slope = &w->outputs[i].slope, *jump = &w->outputs[i].jump;
        values[i] = errors[i] = NAN;
        if (slope->used == 0)
            continue;
        double error = slope->error;
        /* On a smooth function the jump extrapolates to 0 within its own error. */
        if (fabs(jump->best) > 4 * jump->error)
            error += fabs(jump->best) / 2;
        values[i] = slope->best;
        errors[i] = error;
    }
}

gt_status gt_numeric_directional(const gt_numeric *n, const double *direction, double *values,
                                 double *errors, gt_error *error)
{
    double length = largest(direction, n->input_count);
    if (!(length > 0) || !isfinite(length))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "numeric derivative: a direction must be finite and not zero");
    work w = {0};
    gt_status status = open_work(n, &w, error);
    if (status != GT_OK)
        return status;
    double noise = n->noise > 0 ? n->noise : 4 * DBL_EPSILON;
    double step = (n->step > 0 ? n->step : 0x1p-4) / length;
    double wobble = DBL_EPSILON * largest(n->x, n->input_count) / length;
    int worse = 0; /* steps in a row that were of no use */
    status = call(n, &w, direction, 0, w.middle, error);
    for (int level = 0; level < LEVELS && worse < 3 && status == GT_OK; level++, step /= 2) {
        status = call(n, &w, direction, step, w.plus, error);
        if (status == GT_OK)
            status = call(n, &w, direction, -step, w.minus, error);
        if (status == GT_OK)
            worse = take_step(n, &w, step, noise, wobble / step) ? 0 : worse + 1;
    }
    if (status == GT_OK)
        answer(n, &w, values, errors);
    close_work(&w);
    return status;
}

gt_status gt_numeric_jacobian(const gt_numeric *n, double *values, double *errors, gt_error *error)
{
    double *direction = gt_memory_new(n->input_count, sizeof *direction);
    if (direction == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "numeric derivative: no memory");
    gt_status status = GT_OK;
    for (size_t j = 0; j < n->input_count && status == GT_OK; j++) {
        direction[j] = 1;
        status = gt_numeric_directional(n, direction, values + j * n->output_count,
                                        errors + j * n->output_count, error);
        direction[j] = 0;
    }
    gt_memory_free(direction);
    return status;
}
