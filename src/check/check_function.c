/* gt_check_function: derivatives that were written by hand against numeric derivatives. */
#include "check/function_check.h"

#include "base/memory.h"
#include "base/sized.h"
#include "base/utf8.h"
#include "check/function_rounding.h"
#include "check/noise.h"
#include "check/report.h"
#include "gradtape/random.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static size_t entries_of(const gt_check_array *array)
{
    return (size_t)gt_shape_count(array->shape);
}

/* ---- arguments ----------------------------------------------------------------------------- */

static gt_status check_arrays(const gt_check_gradient *mine, gt_error *error)
{
    size_t count = 0;
    for (uint32_t i = 0; i < mine->array_count; i++) {
        const char *name = mine->arrays[i].name;
        if (name == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "check: array %u of the function has no name", i + 1);
        if (gt_shape_count(mine->arrays[i].shape) < 1)
            return gt_error_set(error, GT_ERROR_SHAPE, "check: the array %s has an impossible shape", name);
        count = gt_size_add(count, entries_of(&mine->arrays[i]));
    }
    for (size_t i = 0; i < count && mine->x != NULL; i++)
        if (!isfinite(mine->x[i]))
            return gt_error_set(error, GT_ERROR_NOT_FINITE,
                                "check: x[%zu] is %g: a function is checked where its arguments are finite", i,
                                mine->x[i]);
    return GT_OK;
}

static gt_status check_arguments(const gt_check_gradient *mine, gt_error *error)
{
    if (mine->array_count == 0 || mine->arrays == NULL || mine->output_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "check: a function needs arrays and outputs");
    if (mine->function == NULL || mine->x == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "check: a function needs `function` and a point `x`");
    if (mine->gradient == NULL && mine->gradient_f32 == NULL && mine->jvp == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "check: there is nothing to check: gradient, gradient_f32 and jvp are NULL");
    if (mine->output_shape.rank != 0 && gt_shape_count(mine->output_shape) != (int64_t)mine->output_count)
        return gt_error_set(error, GT_ERROR_SHAPE, "check: output_shape does not have output_count = %zu entries",
                            mine->output_count);
    return check_arrays(mine, error);
}

/* ---- the work ------------------------------------------------------------------------------ */

static double size_of(const double *x, size_t count)
{
    double squares = 0;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        squares += x[i] * x[i];
        kept += x[i] != 0;
    }
    return kept > 0 && squares > 0 ? sqrt(squares / (double)kept) : 1;
}

static void describe_arrays(gt_function_check *c)
{
    const gt_check_gradient *mine = c->mine;
    const double *x = mine->x;
    for (uint32_t i = 0; i < mine->array_count; i++) {
        c->owned[i] = mine->arrays[i];
        c->in_time[i] = mine->arrays[i].shape.rank == 3;
        c->scales[i] = size_of(x, entries_of(&mine->arrays[i]));
        x += entries_of(&mine->arrays[i]);
    }
    bool list = mine->output_shape.rank == 0;
    c->owned[mine->array_count] =
        (gt_check_array){"y", list ? GT_SHAPE((int64_t)mine->output_count) : mine->output_shape};
    c->in_time[mine->array_count] = mine->output_shape.rank == 3;
    c->arrays = c->owned;
}

static void close_check(gt_function_check *c)
{
    gt_memory_free(c->owned);
    gt_memory_free(c->in_time);
    gt_memory_free(c->scales);
    gt_memory_free(c->y);
    gt_memory_free(c->second);
}

static gt_status open_check(gt_function_check *c)
{
    uint32_t arrays = c->mine->array_count;
    c->y_count = c->mine->output_count;
    for (uint32_t i = 0; i < arrays; i++)
        c->x_count = gt_size_add(c->x_count, entries_of(&c->mine->arrays[i]));
    c->owned = gt_memory_new((uint64_t)arrays + 1, sizeof *c->owned);
    c->in_time = gt_memory_new((uint64_t)arrays + 1, sizeof *c->in_time);
    c->scales = gt_memory_new(arrays, sizeof *c->scales);
    c->y = gt_memory_new(c->y_count, sizeof *c->y);
    c->second = gt_memory_new(c->x_count > c->y_count ? c->x_count : c->y_count, sizeof *c->second);
    if (c->owned == NULL || c->in_time == NULL || c->scales == NULL || c->y == NULL || c->second == NULL)
        return gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for a function");
    describe_arrays(c);
    return GT_OK;
}

double *gt_function_check_point(const gt_function_check *c, bool single)
{
    double *x = gt_memory_new(c->x_count, sizeof *x);
    for (size_t i = 0; i < c->x_count && x != NULL; i++)
        x[i] = single ? (double)(float)c->mine->x[i] : c->mine->x[i];
    return x;
}

double gt_function_check_power(const double *result, const double *doubled, size_t count)
{
    double a = gt_arrays_largest(result, count), b = gt_arrays_largest(doubled, count);
    if (!(a > 0) || !(b > 0))
        return NAN;
    double power = round(log2(b / a));
    for (size_t i = 0; i < count; i++)
        if (!(fabs(doubled[i] - ldexp(result[i], (int)power)) <= 1e-4 * b))
            return NAN;
    return power;
}

/* ---- what there is to say ------------------------------------------------------------------ */

gt_status gt_function_check_say(gt_function_check *c, gt_check_kind kind, gt_verdict verdict, const char *array,
                                const char *format, ...)
{
    gt_finding f = {.kind = kind, .verdict = verdict, .step = -1};
    va_list arguments;
    f.array = array;
    va_start(arguments, format);
    f.text = gt_words_write(c->report, format, arguments);
    va_end(arguments);
    gt_report_count(c->report, &f, 0);
    return gt_report_add(c->report, &f, c->error);
}

gt_status gt_function_check_writing(gt_function_check *c, gt_function_call *call, const char *what, const double *x,
                                    const double *second, bool *unwritten)
{
    gt_function_writing writing = {.unwritten = unwritten};
    gt_status status = gt_function_call_watch(call, x, second, &writing, c->error);
    if (status != GT_OK || writing.beyond == 0)
        return status;
    c->stopped = true;
    return gt_function_check_say(c, call->what == GT_CALLED_JVP ? GT_CHECK_JVP : GT_CHECK_NUMERIC, GT_WRONG, what,
                                 "%s writes %s%zu entries, where its result has %zu: %s", what,
                                 writing.beyond == call->room ? "at least " : "", call->result_count + writing.beyond,
                                 call->result_count,
                                 call->what == GT_CALLED_GRADIENT ? "a sum over examples may be missing"
                                                                  : "it has other shapes than it was checked for");
}

/* ---- the function's own noise -------------------------------------------------------------- */

static gt_status measure_noise(gt_function_check *c)
{
    double *scales = gt_memory_new(c->x_count, sizeof *scales), largest = gt_arrays_largest(c->y, c->y_count);
    double *noises = gt_memory_new(c->y_count, sizeof *noises);
    if (scales == NULL || noises == NULL) {
        gt_memory_free(scales);
        gt_memory_free(noises);
        return gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory to measure rounding errors");
    }
    size_t first = 0;
    for (uint32_t i = 0; i < c->mine->array_count; i++)
        for (size_t k = 0; k < entries_of(&c->arrays[i]); k++)
            scales[first++] = c->scales[i];
    gt_numeric numeric = {.function = c->mine->function,
                          .context = c->mine->context,
                          .x = c->mine->x,
                          .input_count = c->x_count,
                          .output_count = c->y_count,
                          .weights = c->second};
    gt_status status = gt_noise_measure(&numeric, scales, c->options->seed, noises, c->error);
    if (status == GT_OK && largest > 0)
        c->noise = gt_arrays_largest(noises, c->y_count) / largest;
    gt_memory_free(scales);
    gt_memory_free(noises);
    return status;
}

/*
 * Whether it gives floats, whatever it is given: then all of its results stand on treads, and where
 * nothing moves from one to the next, no noise is found.
 */
static gt_status look_for_floats(gt_function_check *c)
{
    double *x = gt_function_check_point(c, false), *y = gt_memory_new(c->y_count, sizeof *y);
    gt_status status =
        x != NULL && y != NULL ? GT_OK : gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for a point");
    gt_random random;
    gt_random_seed(&random, c->options->seed);
    bool floats = true, moves = false;
    for (int trial = 0; trial < 3 && status == GT_OK; trial++) {
        for (size_t i = 0; i < c->x_count; i++)
            x[i] = c->mine->x[i] * (1 + 0.125 * gt_random_uniform(&random));
        status = c->mine->function(c->mine->context, x, y, c->error);
        floats = floats && gt_function_is_single(y, c->y_count);
        for (size_t i = 0; i < c->y_count; i++)
            moves = moves || y[i] != c->y[i];
    }
    c->floats = floats;
    if (status == GT_OK && floats && moves)
        c->noise = fmax(c->noise, FLT_EPSILON / 2);
    gt_memory_free(x);
    gt_memory_free(y);
    return status;
}

gt_status gt_function_check_values_of(const gt_check_gradient *mine, const gt_check_options *options, gt_report *report,
                                      gt_error *error)
{
    gt_function_check c = {
        .mine = mine, .options = options, .report = report, .error = error, .first = report->finding_count};
    gt_status status = open_check(&c);
    if (status == GT_OK)
        status = gt_function_check_values(&c);
    close_check(&c);
    return status;
}

gt_status gt_check_function(const gt_check_gradient *given, const gt_check_options *options, gt_report *report,
                            gt_error *error)
{
    gt_check_gradient taken, *mine = &taken;
    gt_take_sized(&taken, given, sizeof taken);
    gt_status status = check_arguments(mine, error);
    if (status != GT_OK)
        return status;
    gt_check_options o = gt_check_options_complete(options);
    gt_function_check c = {
        .mine = mine, .options = &o, .report = report, .error = error, .first = report->finding_count};
    gt_random random;
    gt_random_seed(&random, o.seed);
    status = open_check(&c);
    if (status == GT_OK)
        status = gt_function_check_values(&c);
    for (size_t i = 0; i < c.y_count && status == GT_OK; i++)
        c.second[i] = gt_random_normal(&random);
    if (status == GT_OK && !c.stopped)
        status = measure_noise(&c);
    if (status == GT_OK && !c.stopped)
        status = look_for_floats(&c);
    if (status == GT_OK && !c.stopped && mine->gradient != NULL)
        status = gt_function_check_gradient(&c, false);
    if (status == GT_OK && !c.stopped && mine->gradient_f32 != NULL)
        status = gt_function_check_gradient(&c, true);
    if (status == GT_OK && !c.stopped && mine->jvp != NULL)
        status = gt_function_check_jvp(&c);
    close_check(&c);
    return status;
}
