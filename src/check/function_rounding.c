#include "check/function_rounding.h"

#include "base/memory.h"
#include "check/arrays.h"
#include "gradtape/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { POINTS = 25, ORDER = 6, SPACINGS = 5, SAMPLES = 256 };

/*
 * Relative to the entries of x. The first moves nothing but the last bits of a double: a result in
 * single precision is rounded there, too, since its cotangent is.
 */
static const double spacings[SPACINGS] = {0x1p-36, 0x1p-14, 0x1p-12, 0x1p-10, 0x1p-6};

/* Relative to the largest entry: no double computation that is worth checking has as much. */
#define SINGLE_NOISE 0x1p-31

typedef struct work {
    gt_function_call *call;
    const double *x, *second;
    bool linear;
    gt_random random;
    double *at, *scaled, *result, *direction; /* x_count, second_count, result_count, x_count */
    double *values;                           /* (sampled entries, POINTS) */
    size_t *sampled;                          /* places in the result */
    uint32_t *of;                             /* by sampled entry: its array */
    size_t sampled_count;
    gt_error *error;
} work;

static void close_work(work *w)
{
    gt_memory_free(w->at);
    gt_memory_free(w->values);
    gt_memory_free(w->sampled);
    gt_memory_free(w->of);
}

static size_t entries_of(const gt_check_array *array)
{
    return (size_t)gt_shape_count(array->shape);
}

static size_t largest_entry(const double *values, size_t first, size_t count)
{
    size_t largest = first;
    for (size_t i = first; i < first + count; i++)
        if (fabs(values[i]) > fabs(values[largest]))
            largest = i;
    return largest;
}

/* All entries of a small array; of a large one some, and the largest. */
static void choose_samples(work *w, const gt_check_array *arrays, uint32_t array_count)
{
    size_t first = 0;
    for (uint32_t i = 0; i < array_count; i++) {
        size_t count = entries_of(&arrays[i]), most = count < SAMPLES ? count : SAMPLES;
        for (size_t k = 0; k < most; k++) {
            w->sampled[w->sampled_count] = count <= SAMPLES ? first + k
                                           : k == 0         ? largest_entry(w->result, first, count)
                                                    : first + (size_t)gt_random_integer(&w->random, 0, (int64_t)count);
            w->of[w->sampled_count++] = i;
        }
        first += count;
    }
}

static gt_status open_work(work *w, const gt_check_array *arrays, uint32_t array_count)
{
    const gt_function_call *c = w->call;
    size_t numbers = gt_size_add(gt_size_add(2 * c->x_count, c->second_count), c->result_count), most = 0;
    for (uint32_t i = 0; i < array_count; i++)
        most = gt_size_add(most, entries_of(&arrays[i]) < SAMPLES ? entries_of(&arrays[i]) : SAMPLES);
    w->at = gt_memory_new(numbers, sizeof *w->at);
    w->values = gt_memory_new((uint64_t)most * POINTS, sizeof *w->values);
    w->sampled = gt_memory_new(most, sizeof *w->sampled);
    w->of = gt_memory_new(most, sizeof *w->of);
    if (w->at == NULL || w->values == NULL || w->sampled == NULL || w->of == NULL)
        return gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    w->direction = w->at + c->x_count;
    w->scaled = w->direction + c->x_count;
    w->result = w->scaled + c->second_count;
    gt_status status = gt_function_call_run(w->call, w->x, w->second, w->result, w->error);
    if (status == GT_OK)
        choose_samples(w, arrays, array_count);
    /* No two entries move alike. What is 0 stays: it may be a mask, or must not be negative. */
    for (size_t i = 0; i < c->x_count; i++)
        w->direction[i] = w->x[i] * (gt_random_bits(&w->random) % 2 ? 1 : -1) * (1 + gt_random_uniform(&w->random));
    return status;
}

/* From a float to floats: rounding the points would be no error of the function. */
static double step_of(const work *w, size_t i, double spacing)
{
    double step = spacing * w->direction[i];
    if (!w->call->single || w->x[i] == 0)
        return step;
    double unit = ldexp(1, ilogb(w->x[i]) - (FLT_MANT_DIG - 2));
    return unit * round(step / unit);
}

static gt_status take_point(work *w, double spacing, int point)
{
    const gt_function_call *c = w->call;
    double times = w->linear ? 1 + gt_random_uniform(&w->random) : 1;
    for (size_t i = 0; i < c->x_count; i++)
        w->at[i] = w->x[i] + (point - POINTS / 2) * step_of(w, i, spacing);
    for (size_t i = 0; i < c->second_count; i++)
        w->scaled[i] = times * w->second[i];
    gt_status status = gt_function_call_run(w->call, w->at, w->scaled, w->result, w->error);
    for (size_t k = 0; k < w->sampled_count && status == GT_OK; k++)
        w->values[k * POINTS + (size_t)point] = w->result[w->sampled[k]] / times;
    return status;
}

/* From the median of the differences, as in check/noise.c: jumps in a few points do not disturb it. */
static double deviation_of(double *values)
{
    double sizes[POINTS];
    int kept = 0;
    for (int order = 1; order <= ORDER; order++)
        for (int i = 0; i < POINTS - order; i++)
            values[i] = values[i + 1] - values[i];
    for (int i = 0; i < POINTS - ORDER; i++) {
        double size = fabs(values[i]);
        if (!isfinite(size))
            continue;
        int place = kept++;
        for (; place > 0 && sizes[place - 1] > size; place--)
            sizes[place] = sizes[place - 1];
        sizes[place] = size;
    }
    return kept > (POINTS - ORDER) / 2 ? sizes[kept / 2] / (0.6745 * sqrt(924)) : INFINITY;
}

static gt_status take_line(work *w, double spacing, double *deviations)
{
    gt_status status = GT_OK;
    for (int point = 0; point < POINTS && status == GT_OK; point++)
        status = take_point(w, spacing, point);
    for (size_t k = 0; k < w->sampled_count && status == GT_OK; k++)
        deviations[k] = deviation_of(w->values + k * POINTS);
    return status;
}

/*
 * Wider spacings see more rounding errors, as of long sums, but also more of the function, or a
 * part of it where it has saturated: so the smallest of theirs counts, and at least that of the shortest.
 */
static gt_status measure(work *w, double *near, double *far, double *trial)
{
    gt_status status = take_line(w, spacings[0], near);
    for (size_t k = 0; k < w->sampled_count; k++)
        far[k] = INFINITY;
    for (int i = 2; i < SPACINGS && status == GT_OK; i++) {
        status = take_line(w, spacings[i], trial);
        for (size_t k = 0; k < w->sampled_count && status == GT_OK; k++)
            far[k] = fmin(far[k], trial[k]);
    }
    if (status == GT_OK)
        status = take_line(w, spacings[1], trial);
    for (size_t k = 0; k < w->sampled_count && status == GT_OK; k++)
        far[k] = isfinite(trial[k]) && !(far[k] > trial[k] && isfinite(far[k])) ? trial[k] : far[k];
    return status;
}

/* The largest of the finite ones among the samples of one array. */
static double largest_of(const work *w, uint32_t array, const double *deviations)
{
    double largest = 0;
    for (size_t k = 0; k < w->sampled_count; k++)
        if (w->of[k] == array && isfinite(deviations[k]))
            largest = fmax(largest, deviations[k]);
    return largest;
}

bool gt_function_is_single(const double *values, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if ((double)(float)values[i] != values[i])
            return false;
        any = any || values[i] != 0;
    }
    return any;
}

static gt_status conclude(work *w, const gt_check_array *arrays, uint32_t array_count, const double *near,
                          const double *far, gt_function_rounding *rounding)
{
    gt_status status = gt_function_call_run(w->call, w->x, w->second, w->result, w->error);
    size_t first = 0;
    for (uint32_t i = 0; i < array_count && status == GT_OK; i++) {
        double scale = gt_arrays_largest(w->result + first, entries_of(&arrays[i]));
        double at_rest = largest_of(w, i, near), moved = largest_of(w, i, far);
        bool single = w->call->single || at_rest > SINGLE_NOISE * scale ||
                      gt_function_is_single(w->result + first, entries_of(&arrays[i]));
        /* In double precision what is moved would only make a rough function of a fast one. */
        rounding[i] = (gt_function_rounding){single ? fmax(at_rest, moved) : at_rest, single};
        first += entries_of(&arrays[i]);
    }
    return status;
}

gt_status gt_function_rounding_measure(gt_function_call *call, const double *x, const double *second, bool linear,
                                       const gt_check_array *arrays, uint32_t array_count, uint32_t seed,
                                       gt_function_rounding *rounding, gt_error *error)
{
    work w = {.call = call, .x = x, .second = second, .linear = linear, .error = error};
    gt_random_seed(&w.random, seed);
    gt_status status = open_work(&w, arrays, array_count);
    double *near = gt_memory_new((uint64_t)w.sampled_count * 3 + 1, sizeof *near);
    if (status == GT_OK && near == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    if (status == GT_OK)
        status = measure(&w, near, near + w.sampled_count, near + 2 * w.sampled_count);
    if (status == GT_OK)
        status = conclude(&w, arrays, array_count, near, near + w.sampled_count, rounding);
    gt_memory_free(near);
    close_work(&w);
    return status;
}
