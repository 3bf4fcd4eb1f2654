#include "check/noise.h"

#include "base/memory.h"
#include "gradtape/random.h"

#include <math.h>

enum { POINTS = 25, ORDER = 6, TRIALS = 3 };

/* Distances of points, relative to the size of what is moved, the largest first. */
static const double spacings[] = {0x1p-10, 0x1p-18, 0x1p-26};
enum { SPACINGS = sizeof spacings / sizeof *spacings };

/* Relative to the value. */
#define MOST_TREAD 0x1p-20

typedef struct work {
    const gt_numeric *numeric;
    double *numbers;                /* all of these: */
    double *direction, *x, *values; /* values: (outputs, POINTS, SPACINGS) */
    gt_error *error;
} work;

/* ---- one output ---------------------------------------------------------------------------- */

/* Sorts the magnitudes of those that are numbers; returns how many. */
static int sort(double *values, int count)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        double value = fabs(values[i]);
        if (!isfinite(value))
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
static double noise_of(const double *values, size_t stride)
{
    double differences[POINTS];
    for (int i = 0; i < POINTS; i++)
        differences[i] = values[(size_t)i * stride];
    for (int order = 1; order <= ORDER; order++)
        for (int i = 0; i < POINTS - order; i++)
            differences[i] = differences[i + 1] - differences[i];
    int kept = sort(differences, POINTS - ORDER);
    return kept > 0 ? differences[kept / 2] / (0.6745 * sqrt(924)) : 0;
}

/*
 * The least difference between one rise and the next. Results that are rounded to few digits may
 * rise by the same from point to point, which looks smooth; but they cannot rise by less. What
 * jumps or has a kink is no such stairs.
 */
static double tread_of(const double *values, size_t stride)
{
    double least = INFINITY;
    for (size_t i = 2; i < POINTS; i++) {
        double last = values[(i - 1) * stride] - values[(i - 2) * stride];
        double change = fabs(values[i * stride] - values[(i - 1) * stride] - last);
        least = change > 0 ? fmin(least, change) : least;
    }
    return least <= MOST_TREAD * fabs(values[POINTS / 2 * stride]) ? least / sqrt(12) : 0;
}

static bool stays(const double *values, size_t stride, size_t i)
{
    return values[i * stride] == values[(i - 1) * stride];
}

/* What a result does from point to point. */
typedef enum course {
    MOVES,
    CLIPPED, /* it stays the same at some points in a row and moves at others: it is put together of pieces */
    STAIRS   /* it stays the same half of the time, and rises in between, if it rises at all */
} course;

static course course_of(const double *values, size_t stride)
{
    int still = 0, runs = 0;
    bool stairs = false;
    for (size_t i = 1; i < POINTS; i++) {
        bool here = stays(values, stride, i), before = i > 1 && stays(values, stride, i - 1);
        still += here;
        runs += here && !before;
        stairs = stairs || (!here && before && i + 1 < POINTS && stays(values, stride, i + 1));
    }
    if (still >= POINTS / 2 && (stairs || still == POINTS - 1))
        return STAIRS;
    return still > 2 && runs <= 2 ? CLIPPED : MOVES;
}

/*
 * With points further apart one sees all rounding errors but also more of the function itself, so
 * that the smallest noise counts. But points on one tread of a function that is rounded
 * to single precision, or inside of which large terms cancel, show nothing; nor do those of
 * which some lie where the function is clipped.
 */
static double noise_along(const work *w, size_t i)
{
    size_t stride = w->numeric->output_count;
    double noise = INFINITY;
    for (int k = 0; k < SPACINGS; k++) {
        const double *values = w->values + (size_t)k * POINTS * stride + i;
        const course now = course_of(values, stride);
        if (now == CLIPPED)
            continue;
        double found = noise_of(values, stride);
        if (found == 0)
            found = tread_of(values, stride);
        if (now == STAIRS)
            return isinf(noise) ? found : noise;
        noise = fmin(noise, found);
    }
    return isinf(noise) ? 0 : noise;
}

/* ---- all outputs --------------------------------------------------------------------------- */

static gt_status take_values(work *w, double spacing, double *values)
{
    const gt_numeric *n = w->numeric;
    gt_status status = GT_OK;
    for (int k = 0; k < POINTS && status == GT_OK; k++) {
        for (size_t j = 0; j < n->input_count; j++)
            w->x[j] = n->x[j] + (k - POINTS / 2) * spacing * w->direction[j];
        status = n->function(n->context, w->x, values + (size_t)k * n->output_count, w->error);
    }
    return status;
}

static gt_status measure(work *w, gt_random *random, const double *scales, double *noises)
{
    /* No two spacings alike, so that a regular error is not taken for none. */
    for (size_t j = 0; j < w->numeric->input_count; j++)
        w->direction[j] = scales[j] * (0.5 + gt_random_uniform(random)) * (gt_random_bits(random) % 2 ? 1 : -1);
    gt_status status = GT_OK;
    for (int k = 0; k < SPACINGS && status == GT_OK; k++)
        status = take_values(w, spacings[k], w->values + (size_t)k * POINTS * w->numeric->output_count);
    for (size_t i = 0; i < w->numeric->output_count && status == GT_OK; i++)
        noises[i] = fmax(noises[i], noise_along(w, i));
    return status;
}

gt_status gt_noise_measure(const gt_numeric *numeric, const double *scales, uint32_t seed, double *noises,
                           gt_error *error)
{
    work w = {.numeric = numeric, .error = error};
    size_t inputs = numeric->input_count, values = SPACINGS * POINTS * numeric->output_count;
    w.numbers = gt_memory_new(2 * inputs + values, sizeof *w.numbers);
    if (w.numbers == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    w.direction = w.numbers;
    w.x = w.direction + inputs;
    w.values = w.x + inputs;
    gt_random random;
    gt_random_seed(&random, seed);
    gt_status status = GT_OK;
    for (size_t i = 0; i < numeric->output_count; i++)
        noises[i] = 0;
    for (int i = 0; i < TRIALS && status == GT_OK; i++)
        status = measure(&w, &random, scales, noises);
    gt_memory_free(w.numbers);
    return status;
}

gt_status gt_noise_relative(const gt_numeric *numeric, const double *noises, double *relative, gt_error *error)
{
    double *y = gt_memory_new(numeric->output_count, sizeof *y), noise = 0, size = 0;
    if (y == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    gt_status status = numeric->function(numeric->context, numeric->x, y, error);
    for (size_t i = 0; i < numeric->output_count && status == GT_OK; i++) {
        noise = hypot(noise, numeric->weights[i] * noises[i]);
        size = hypot(size, numeric->weights[i] * y[i]);
    }
    *relative = size > 0 ? noise / size : 0;
    gt_memory_free(y);
    return status;
}
