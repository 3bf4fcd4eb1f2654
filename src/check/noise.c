#include "check/noise.h"

#include "base/memory.h"
#include "gradtape/random.h"

#include <math.h>
#include <string.h>

enum { POINTS = 25, ORDER = 6, TRIALS = 6 };

typedef struct work {
    const gt_numeric *numeric;
    double *x, *middle, *y, *last;
    int *still;  /* by output: points at which it was the same as at the one before */
    bool *moves; /* by output: it changed with the points of the spacing before */
    gt_error *error;
} work;

/* The weighted sum of what changed against the middle, and the size of the terms that did. */
static double change(const work *w, double *size)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < w->numeric->output_count; i++) {
        double weight = w->numeric->weights[i];
        if (w->y[i] == w->middle[i])
            continue;
        sum += weight * (w->y[i] - w->middle[i]);
        squares += weight * weight * fmax(w->y[i] * w->y[i], w->middle[i] * w->middle[i]);
    }
    *size = fmax(*size, sqrt(squares));
    return sum;
}

/* Sorts the magnitudes that are numbers and not 0, if zeros are to be left out; returns how many. */
static int sort(double *values, int count, bool without_zeros)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        double value = fabs(values[i]);
        if (!isfinite(value) || (without_zeros && value == 0))
            continue;
        int place = kept++;
        for (; place > 0 && values[place - 1] > value; place--)
            values[place] = values[place - 1];
        values[place] = value;
    }
    return kept;
}

/*
 * From the median of the differences of order 6, seven of which a kink disturbs. Those of noise
 * of variance 1 have the variance 12! / (6!)^2 = 924; the median of the magnitude of a
 * normal variable is 0.6745 of its standard deviation.
 */
static double noise_of(double values[POINTS])
{
    for (int order = 1; order <= ORDER; order++)
        for (int i = 0; i < POINTS - order; i++)
            values[i] = values[i + 1] - values[i];
    int kept = sort(values, POINTS - ORDER, false);
    return kept > 0 ? values[kept / 2] / (0.6745 * sqrt(924)) : 0;
}

/* What was found along one entry with points of one spacing. */
typedef struct finding {
    double noise;
    bool stairs; /* a result that changes over longer distances stays the same from point to point */
} finding;

static gt_status measure(work *w, size_t j, double spacing, finding *found)
{
    double values[POINTS], size = 0, at = w->x[j];
    gt_status status = GT_OK;
    memset(w->still, 0, w->numeric->output_count * sizeof *w->still);
    for (int k = 0; k < POINTS && status == GT_OK; k++) {
        w->x[j] = at + (k - POINTS / 2) * spacing;
        status = w->numeric->function(w->numeric->context, w->x, w->y, w->error);
        values[k] = status == GT_OK ? change(w, &size) : 0;
        for (size_t i = 0; i < w->numeric->output_count; i++) {
            w->still[i] += k > 0 && w->y[i] == w->last[i];
            w->last[i] = w->y[i];
        }
    }
    w->x[j] = at;
    double noise = noise_of(values);
    *found = (finding){.noise = size > 0 ? noise / size : 0};
    for (size_t i = 0; i < w->numeric->output_count; i++)
        found->stairs = found->stairs || (w->moves[i] && w->still[i] >= POINTS / 2);
    for (size_t i = 0; i < w->numeric->output_count; i++)
        w->moves[i] = w->still[i] < POINTS - 1;
    return status;
}

/*
 * Points further apart see all rounding errors but also more of the function itself, so
 * that the smaller noise counts. But points on one tread of a function that is rounded
 * to single precision see nothing.
 */
static gt_status measure_along(work *w, size_t j, double unit, double *noise)
{
    finding far = {0}, near = {0};
    memset(w->moves, 0, w->numeric->output_count * sizeof *w->moves);
    gt_status status = measure(w, j, unit * 0x1p-15, &far);
    if (status == GT_OK)
        status = measure(w, j, unit * 0x1p-20, &near);
    *noise = near.stairs ? far.noise : fmin(far.noise, near.noise);
    return status;
}

static double largest_of(double values[TRIALS])
{
    int kept = sort(values, TRIALS, true);
    return kept > 0 ? values[kept - 1] : 0;
}

gt_status gt_noise_measure(const gt_numeric *numeric, const double *scales, uint32_t seed,
                           double *noise, gt_error *error)
{
    work w = {.numeric = numeric, .error = error};
    w.x = gt_memory_new(numeric->input_count, sizeof *w.x);
    w.y = gt_memory_new(numeric->output_count, sizeof *w.y);
    w.middle = gt_memory_new(numeric->output_count, sizeof *w.middle);
    w.last = gt_memory_new(numeric->output_count, sizeof *w.last);
    w.still = gt_memory_new(numeric->output_count, sizeof *w.still);
    w.moves = gt_memory_new(numeric->output_count, sizeof *w.moves);
    gt_status status = GT_OK;
    *noise = 0;
    if (w.x == NULL || w.y == NULL || w.middle == NULL || w.last == NULL ||
        w.still == NULL || w.moves == NULL) {
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    } else {
        memcpy(w.x, numeric->x, numeric->input_count * sizeof *w.x);
        status = numeric->function(numeric->context, w.x, w.middle, error);
    }
    gt_random random;
    gt_random_seed(&random, seed);
    double found[TRIALS] = {0};
    for (int i = 0; i < TRIALS && status == GT_OK; i++) {
        size_t entry = (size_t)gt_random_integer(&random, 0, (int64_t)numeric->input_count);
        /* No two spacings alike, so that a regular error is not taken for none. */
        double unit = 0.5 + gt_random_uniform(&random);
        status = measure_along(&w, entry, unit * scales[entry], &found[i]);
    }
    if (status == GT_OK)
        *noise = largest_of(found);
    gt_memory_free(w.x);
    gt_memory_free(w.y);
    gt_memory_free(w.middle);
    gt_memory_free(w.last);
    gt_memory_free(w.still);
    gt_memory_free(w.moves);
    return status;
}
