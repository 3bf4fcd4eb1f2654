/* The function itself: its results at the point, in double and in single precision. */
#include "check/function_check.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "check/function_rounding.h"
#include "check/report.h"

#include <float.h>
#include <math.h>

/* "y[2, 0]" of an entry; of a list "y[2]". */
static void name_entry(const gt_check_array *array, size_t i, char *text, size_t size)
{
    size_t used = gt_utf8_format(text, size, "%s[", array->name);
    for (int32_t axis = 0; axis < array->shape.rank; axis++) {
        used += gt_utf8_format(text + used, size - used, "%s%zu", axis > 0 ? ", " : "",
                               i % (size_t)array->shape.size[axis]);
        i /= (size_t)array->shape.size[axis];
    }
    gt_utf8_format(text + used, size - used, "]");
}

static size_t count_not_finite(const double *values, size_t count, size_t *first)
{
    size_t found = 0;
    for (size_t i = count; i-- > 0;)
        if (!isfinite(values[i])) {
            *first = i;
            found++;
        }
    return found;
}

static gt_status look_at_finite(gt_function_check *c, const double *y, const char *how)
{
    char entry[120];
    size_t first = 0, count = count_not_finite(y, c->y_count, &first);
    if (count == 0)
        return GT_OK;
    name_entry(&c->arrays[c->mine->array_count], first, entry, sizeof entry);
    c->stopped = true;
    return gt_function_check_say(c, GT_CHECK_FORWARD, GT_UNDECIDABLE, "y",
                                 "the function%s gives %s = %g%s at this point: there is no derivative to compare "
                                 "with; choose a point where all results are finite",
                                 how, entry, y[first], count > 1 ? " and others that are not finite" : "");
}

/* Threads may add in another order, so that last bits differ. */
static gt_status look_at_repeated(gt_function_check *c, const double *again)
{
    double largest = gt_arrays_largest(c->y, c->y_count), difference = 0;
    for (size_t i = 0; i < c->y_count; i++)
        difference = fmax(difference, fabs(again[i] - c->y[i]));
    if (difference <= 1e-5 * largest)
        return GT_OK;
    c->stopped = true;
    return gt_function_check_say(c, GT_CHECK_FORWARD, GT_UNDECIDABLE, "y",
                                 "the function gives another result when it is called again at the same point, by "
                                 "%.3g: what is random in it (dropout) must be drawn before, and kept in `context`",
                                 difference);
}

static gt_status look(gt_function_check *c, gt_function_call *call, double *again, bool *unwritten)
{
    gt_status status = gt_function_check_writing(c, call, "function", c->mine->x, NULL, unwritten);
    if (status == GT_OK && !c->stopped)
        status = gt_function_call_run(call, c->mine->x, NULL, c->y, c->error);
    if (status == GT_OK && !c->stopped)
        status = gt_function_call_run(call, c->mine->x, NULL, again, c->error);
    if (status == GT_OK && !c->stopped)
        status = look_at_finite(c, c->y, "");
    if (status == GT_OK && !c->stopped)
        status = look_at_repeated(c, again);
    for (size_t i = 0; i < c->y_count && status == GT_OK && !c->stopped; i++) {
        char entry[120];
        if (!unwritten[i])
            continue;
        name_entry(&c->arrays[c->mine->array_count], i, entry, sizeof entry);
        c->stopped = true;
        status = gt_function_check_say(c, GT_CHECK_FORWARD, GT_WRONG, "y", "the function does not write %s", entry);
    }
    return status;
}

/* ---- single precision ---------------------------------------------------------------------- */

/* The largest of y at points between x and 0: where results saturate, they tell what is small. */
static gt_status measure_size(gt_function_check *c, const double *x, double *y, double *size)
{
    double *at = gt_function_check_point(c, false);
    gt_status status = at != NULL ? GT_OK : gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for a point");
    *size = 0;
    for (double times = 1; times >= 1.0 / 16 && status == GT_OK; times /= 2) {
        for (size_t i = 0; i < c->x_count; i++)
            at[i] = times * x[i];
        status = c->mine->function(c->mine->context, at, y, c->error);
        *size = fmax(*size, status == GT_OK ? gt_arrays_largest(y, c->y_count) : 0);
    }
    gt_memory_free(at);
    return status;
}

/*
 * Of sums of many numbers that do not depend on x, rounding cannot be measured, since there is nothing
 * to move: what is off by less than this may be it.
 */
#define UNMEASURED 5e-4

static void doubt(const gt_arrays *arrays, double scale, gt_finding *f)
{
    gt_arrays wider = *arrays;
    gt_finding again = {.kind = f->kind};
    wider.rounding += UNMEASURED * scale;
    gt_arrays_compare(&wider, &again);
    if (again.verdict != GT_WRONG) {
        f->verdict = GT_UNDECIDABLE;
        f->pattern = GT_PATTERN_NONE;
    }
}

static gt_status compare_single(gt_function_check *c, const double *narrow, const double *y, double size,
                                double deviation)
{
    const gt_check_array *array = &c->arrays[c->mine->array_count];
    double scale = gt_arrays_largest(y, c->y_count), difference = 0;
    gt_finding f = {.kind = GT_CHECK_FORWARD, .step = -1};
    gt_arrays arrays = {.value = narrow,
                        .expected = y,
                        .shape = array->shape,
                        .scale = scale,
                        .in_time = c->in_time[c->mine->array_count],
                        .rounding = GT_FUNCTION_DEVIATIONS * fmax(deviation, FLT_EPSILON / 2 * size) +
                                    GT_FUNCTION_SINGLE * scale,
                        .tolerance = GT_FUNCTION_SINGLE_TOLERANCE};
    gt_arrays_compare(&arrays, &f);
    if (f.verdict == GT_WRONG)
        doubt(&arrays, scale, &f);
    gt_report_count(c->report, &f, 0);
    for (size_t i = 0; i < c->y_count; i++)
        difference = fmax(difference, fabs(narrow[i] - y[i]));
    c->excess = size > 0 ? difference / size : 0;
    if (f.verdict == GT_RIGHT)
        return GT_OK;
    f.array = "y";
    f.text = gt_report_write(c->report, "function_f32 does not give what function gives at the same point%s",
                             f.verdict == GT_WRONG ? "" : "; it may be rounding, as of sums of many numbers");
    return gt_report_add(c->report, &f, c->error);
}

/* wide, narrow and room: y_count each */
static gt_status check_single(gt_function_check *c, const double *x, double *wide, double *narrow, double *room)
{
    const gt_check_array *array = &c->arrays[c->mine->array_count];
    gt_function_rounding rounding = {0};
    gt_function_call call;
    double size = 0;
    gt_status status = gt_function_call_open(&call, c->mine, GT_CALLED_FUNCTION, true, c->error);
    if (status == GT_OK)
        status = c->mine->function(c->mine->context, x, wide, c->error);
    if (status == GT_OK)
        status = gt_function_call_run(&call, x, NULL, narrow, c->error);
    if (status == GT_OK)
        status = look_at_finite(c, narrow, " in single precision");
    if (status == GT_OK && !c->stopped)
        status = measure_size(c, x, room, &size);
    if (status == GT_OK && !c->stopped)
        status = gt_function_rounding_measure(&call, x, NULL, false, array, 1, c->options->seed, &rounding, c->error);
    if (status == GT_OK && !c->stopped)
        status = compare_single(c, narrow, wide, size, rounding.deviation);
    gt_function_call_close(&call);
    return status;
}

gt_status gt_function_check_values(gt_function_check *c)
{
    gt_function_call call;
    double *again = gt_memory_new((uint64_t)c->y_count * 3, sizeof *again);
    bool *unwritten = gt_memory_new(c->y_count, sizeof *unwritten);
    double *x = gt_function_check_point(c, true);
    gt_status status = gt_function_call_open(&call, c->mine, GT_CALLED_FUNCTION, false, c->error);
    if (status == GT_OK && (again == NULL || unwritten == NULL || x == NULL))
        status = gt_error_set(c->error, GT_ERROR_MEMORY, "check: no memory for the results of a function");
    if (status == GT_OK)
        status = look(c, &call, again, unwritten);
    if (status == GT_OK && !c->stopped && c->mine->function_f32 != NULL) {
        c->report->precision = GT_F32;
        status = check_single(c, x, again, again + c->y_count, again + 2 * c->y_count);
    }
    gt_function_call_close(&call);
    gt_memory_free(x);
    gt_memory_free(unwritten);
    gt_memory_free(again);
    return status;
}
