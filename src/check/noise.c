#include "check/noise.h"

#include "base/memory.h"
#include "gradtape/random.h"

#include <math.h>
#include <string.h>

enum { POINTS = 17, TRIALS = 5 };

typedef struct work {
    const gt_numeric *numeric;
    double *x, *middle, *y;
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
 * From the median of the fourth differences, three of which a kink disturbs. Those of
 * noise of variance 1 have the variance 8! / (4!)^2 = 70; the median of the magnitude of
 * a normal variable is 0.6745 of its standard deviation.
 */
static double noise_of(double values[POINTS])
{
    enum { ORDER = 4 };
    for (int order = 1; order <= ORDER; order++)
        for (int i = 0; i < POINTS - order; i++)
            values[i] = values[i + 1] - values[i];
    int kept = sort(values, POINTS - ORDER, false);
    return kept > 0 ? values[kept / 2] / (0.6745 * sqrt(70)) : 0;
}

/* Along entry j; NaN where the function is not finite. */
static gt_status measure(work *w, size_t j, double unit, double *noise)
{
    double spacing = unit * (w->numeric->step > 0 ? w->numeric->step : 0x1p-4) * 0x1p-16;
    double values[POINTS], size = 0, at = w->x[j];
    gt_status status = GT_OK;
    for (int k = 0; k < POINTS && status == GT_OK; k++) {
        w->x[j] = at + (k - POINTS / 2) * spacing;
        status = w->numeric->function(w->numeric->context, w->x, w->y, w->error);
        values[k] = status == GT_OK ? change(w, &size) : 0;
    }
    w->x[j] = at;
    double found = noise_of(values);
    *noise = size > 0 ? found / size : 0;
    return status;
}

static double largest_of(double values[TRIALS])
{
    int kept = sort(values, TRIALS, true);
    return kept > 0 ? values[kept - 1] : 0;
}

gt_status gt_noise_measure(const gt_numeric *numeric, uint32_t seed, double *noise, gt_error *error)
{
    work w = {.numeric = numeric, .error = error};
    w.x = gt_memory_new(numeric->input_count, sizeof *w.x);
    w.y = gt_memory_new(numeric->output_count, sizeof *w.y);
    w.middle = gt_memory_new(numeric->output_count, sizeof *w.middle);
    gt_status status = GT_OK;
    *noise = 0;
    if (w.x == NULL || w.y == NULL || w.middle == NULL) {
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
        status = measure(&w, entry, 0.5 + gt_random_uniform(&random), &found[i]);
    }
    if (status == GT_OK)
        *noise = largest_of(found);
    gt_memory_free(w.x);
    gt_memory_free(w.y);
    gt_memory_free(w.middle);
    return status;
}
