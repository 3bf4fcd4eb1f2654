#include "check/gradients.h"

#include "base/memory.h"
#include "base/sized.h"
#include "base/types.h"
#include "base/utf8.h"
#include "check/noise.h"
#include "check/report.h"
#include "gradtape/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

gt_check_options gt_check_options_complete(const gt_check_options *options)
{
    gt_check_options o = {0};
    if (options != NULL)
        gt_take_sized(&o, options, sizeof o);
    if (!(o.tolerance > 0))
        o.tolerance = gt_type_of(GT_F64)->tolerance;
    if (o.most_entries == 0)
        o.most_entries = 2048;
    if (o.projections == 0)
        o.projections = 24;
    return o;
}

gt_status gt_check_progress(const gt_check_options *options, const char *stage, double done, gt_error *error)
{
    if (options->interrupt != NULL && options->interrupt(options->context, stage != NULL ? stage : "gradients", done))
        return gt_error_set(error, GT_ERROR_INTERRUPTED, "check: interrupted");
    return GT_OK;
}

/* More amplified than this, rounding errors are hardly to be known. */
#define AMPLIFIED 2000

/* ---- the work on one problem --------------------------------------------------------------- */

typedef struct work {
    const gt_gradients *problem;
    const gt_check_options *options;
    gt_report *report;
    gt_error *error;
    gt_random random;
    size_t x_count;
    double noise;         /* of the function, as in gt_numeric */
    double *noises;       /* output_count: the same for each, if it is more */
    double amplification; /* of rounding errors, in all results together */
    double floor;         /* the least scale: entries that are nothing beside the others' */
    double *direction;    /* x_count, all 0 between calls */
    double *scales;       /* x_count: the size of the array that the entry is of */
    gt_slope *slopes;     /* by entry or projection of the array at hand */
    double *value, *expected, *bars, *reach;
} work;

static size_t entries_of(const gt_check_array *array)
{
    return (size_t)gt_shape_count(array->shape);
}

static void close_work(work *w)
{
    gt_memory_free(w->direction);
    gt_memory_free(w->scales);
    gt_memory_free(w->noises);
    gt_memory_free(w->slopes);
    gt_memory_free(w->value);
    gt_memory_free(w->expected);
    gt_memory_free(w->bars);
    gt_memory_free(w->reach);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * Steps are relative to the array that is moved: to the median of what is not 0 in it, which
 * a few entries of another size do not disturb, or to 1.
 */
static void set_scales(work *w)
{
    size_t first = 0;
    for (uint32_t i = 0; i < w->problem->array_count; i++) {
        size_t count = entries_of(&w->problem->arrays[i]), kept = 0;
        double *sorted = w->scales + first;
        for (size_t k = first; k < first + count; k++)
            if (w->problem->x[k] != 0 && isfinite(w->problem->x[k]))
                sorted[kept++] = fabs(w->problem->x[k]);
        qsort(sorted, kept, sizeof *sorted, by_size);
        double scale = kept > 0 ? sorted[kept / 2] : 1;
        for (size_t k = 0; k < count; k++)
            sorted[k] = scale;
        first += count;
    }
}

static gt_status open_work(work *w)
{
    size_t most = w->options->projections;
    for (uint32_t i = 0; i < w->problem->array_count; i++) {
        size_t count = entries_of(&w->problem->arrays[i]);
        w->x_count += count;
        most = count > most ? count : most;
    }
    w->direction = gt_memory_new(w->x_count, sizeof *w->direction);
    w->scales = gt_memory_new(w->x_count, sizeof *w->scales);
    w->noises = gt_memory_new(w->problem->output_count, sizeof *w->noises);
    w->slopes = gt_memory_new(most, sizeof *w->slopes);
    w->value = gt_memory_new(most, sizeof *w->value);
    w->expected = gt_memory_new(most, sizeof *w->expected);
    w->bars = gt_memory_new(most, sizeof *w->bars);
    w->reach = gt_memory_new(most, sizeof *w->reach);
    if (w->direction == NULL || w->scales == NULL || w->noises == NULL || w->slopes == NULL || w->value == NULL ||
        w->expected == NULL || w->bars == NULL || w->reach == NULL)
        return gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory for gradients");
    set_scales(w);
    gt_random_seed(&w->random, w->options->seed);
    for (uint32_t k = 0; k < w->problem->form_count; k++)
        w->floor = fmax(w->floor, gt_arrays_largest(w->problem->forms[k].entries, w->x_count) / 1000);
    /* Where all gradients are 0 but for rounding, they are nothing beside the upstream ones. */
    double upstream = gt_arrays_largest(w->problem->weights, w->problem->output_count);
    if (w->floor > 0 && w->floor < 1e-13 * upstream)
        w->floor = upstream / 1000000;
    return GT_OK;
}

static gt_numeric numeric_of(const work *w, double enough)
{
    const gt_gradients *p = w->problem;
    return (gt_numeric){.function = p->function,
                        .context = p->context,
                        .x = p->x,
                        .input_count = w->x_count,
                        .output_count = p->output_count,
                        .noise = w->noise,
                        .step = p->step,
                        .weights = p->weights,
                        .noises = w->noises,
                        .enough = enough};
}

/* A function with larger errors than those of rounding its results has larger error bars. */
static gt_status measure_noise(work *w)
{
    const gt_gradients *p = w->problem;
    gt_numeric numeric = numeric_of(w, 0);
    gt_status status = gt_noise_measure(&numeric, w->scales, w->options->seed, w->noises, w->error);
    w->noise = p->noise > 0 ? p->noise : 0x1p-53;
    double relative = 0;
    if (status == GT_OK)
        status = gt_noise_relative(&numeric, w->noises, &relative, w->error);
    w->amplification = relative * 0x1p53;
    return status;
}

/* The slope along w->direction, which is set in [first, first + count). */
static gt_status slope_along(work *w, double scale, gt_slope *slope)
{
    gt_numeric numeric = numeric_of(w, w->options->tolerance * scale);
    for (size_t i = 0; i < w->x_count && numeric.scale == 0; i++)
        if (w->direction[i] != 0)
            numeric.scale = w->scales[i];
    return gt_numeric_slopes(&numeric, w->direction, slope, w->error);
}

/* Between the slopes at a kink lies whatever may be called a derivative there. */
static void keep_slope(work *w, size_t i, gt_slope s)
{
    w->slopes[i] = s;
    w->expected[i] = s.value;
    w->reach[i] = s.kink ? fabs(s.right - s.left) / 2 : 0;
    w->bars[i] = s.error - w->reach[i];
}

static void describe(const work *w, uint32_t array, const gt_gradient_form *form, gt_finding *f)
{
    const gt_gradients *p = w->problem;
    f->array = gt_report_write(w->report, "d%s", p->arrays[array].name);
    f->of = p->arrays[array].name;
    const char *name = form->name, *stage = p->stage;
    f->text = gt_report_write(w->report, "%s%s%s", stage != NULL ? stage : "",
                              stage != NULL && name != NULL ? ", " : "", name != NULL ? name : "");
}

static double rounding_of(const work *w, uint32_t array)
{
    return w->problem->rounding != NULL ? w->problem->rounding[array] : 0;
}

/* Why an entry cannot be decided. */
static void explain(const work *w, uint32_t array, gt_finding *f)
{
    if (f->verdict != GT_UNDECIDABLE || f->kink)
        return;
    if (rounding_of(w, array) > 2 * f->error_bar)
        gt_finding_append(w->report, f, "rounding in the gradient itself may make a difference of %.1g here",
                          rounding_of(w, array));
    else if (f->jump != 0)
        gt_finding_append(w->report, f, "the forward pass jumps here, by %.3g", f->jump);
    else if (w->amplification > AMPLIFIED)
        gt_finding_append(w->report, f, "the forward pass amplifies rounding errors, %.0e times", w->amplification);
    else if (isfinite(f->error_bar))
        gt_finding_append(w->report, f,
                          "the gradient is so small beside the results that rounding errors of these "
                          "drown it");
    else
        gt_finding_append(w->report, f,
                          "the forward pass varies too fast for numeric derivatives: no step is short "
                          "enough that rounding errors do not drown");
}

static void note_slope(gt_finding *f, gt_slope s)
{
    f->kink = s.kink;
    f->left = s.left;
    f->right = s.right;
    f->jump = s.jump;
}

/* Numbers that are rough and agree as far as they go leave the word to the rules of the ops. */
static void count_rough(const work *w, const gt_arrays *arrays, const gt_finding *f)
{
    bool unsure = f->verdict == GT_UNDECIDABLE || w->amplification > AMPLIFIED;
    if (w->problem->rough != NULL && unsure && gt_arrays_agree_roughly(arrays))
        ++*w->problem->rough;
}

/* ---- entry by entry ------------------------------------------------------------------------ */

static gt_status compare_forms(work *w, uint32_t array, size_t first, double scale)
{
    const gt_gradients *p = w->problem;
    gt_status status = GT_OK;
    for (uint32_t k = 0; k < p->form_count && status == GT_OK; k++) {
        gt_finding f = {.kind = p->kind, .step = -1};
        gt_arrays arrays = {.value = p->forms[k].entries + first,
                            .expected = w->expected,
                            .error = w->bars,
                            .reach = w->reach,
                            .shape = p->arrays[array].shape,
                            .in_time = p->in_time != NULL && p->in_time[array],
                            .rounding = rounding_of(w, array),
                            .scale = scale,
                            .tolerance = w->options->tolerance};
        gt_arrays_compare(&arrays, &f);
        gt_report_count(w->report, &f, 0);
        if (f.verdict == GT_RIGHT)
            continue;
        count_rough(w, &arrays, &f);
        describe(w, array, &p->forms[k], &f);
        const int64_t *size = f.shape.size;
        note_slope(&f, w->slopes[f.index[0] + size[0] * (f.index[1] + size[1] * f.index[2])]);
        explain(w, array, &f);
        status = gt_report_add(w->report, &f, w->error);
    }
    return status;
}

static double scale_of(const work *w, uint32_t array, size_t first, size_t count)
{
    double scale = w->problem->floors != NULL ? w->problem->floors[array] : w->floor;
    for (uint32_t k = 0; k < w->problem->form_count; k++)
        scale = fmax(scale, gt_arrays_largest(w->problem->forms[k].entries + first, count));
    return scale > 0 ? scale : 1;
}

static gt_status check_entries(work *w, uint32_t array, size_t first)
{
    size_t count = entries_of(&w->problem->arrays[array]);
    double scale = scale_of(w, array, first, count);
    gt_status status = GT_OK;
    for (size_t i = 0; i < count && status == GT_OK; i++) {
        gt_slope slope;
        w->direction[first + i] = 1;
        status = slope_along(w, scale, &slope);
        w->direction[first + i] = 0;
        if (status == GT_OK)
            keep_slope(w, i, slope);
        if (status == GT_OK && i % 16 == 0)
            status =
                gt_check_progress(w->options, w->problem->stage, (double)(first + i) / (double)w->x_count, w->error);
    }
    if (w->problem->numbers != NULL && status == GT_OK) {
        memcpy(w->problem->numbers + first, w->expected, count * sizeof *w->expected);
        memcpy(w->problem->bars + first, w->bars, count * sizeof *w->bars);
    }
    return status == GT_OK ? compare_forms(w, array, first, scale) : status;
}

/* ---- random projections -------------------------------------------------------------------- */

static double dot(const double *a, const double *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

/* A random direction in entries [first, first + count): the slope, and what every form says. */
static gt_status project(work *w, size_t first, size_t count, double scale, gt_slope *slope)
{
    double *d = w->direction + first;
    for (size_t i = 0; i < count; i++)
        d[i] = count == 1 ? 1 : gt_random_bits(&w->random) % 2 ? 1 : -1;
    return slope_along(w, scale * sqrt((double)count), slope);
}

static gt_status project_form(work *w, const gt_gradient_form *form, size_t first, size_t count, double scale,
                              double rounding, gt_finding *f)
{
    gt_slope slope = {0};
    gt_status status = project(w, first, count, scale, &slope);
    double value = dot(form->entries + first, w->direction + first, count);
    memset(w->direction + first, 0, count * sizeof *w->direction);
    if (status != GT_OK)
        return status;
    double reach = slope.kink ? fabs(slope.right - slope.left) / 2 : 0, bar = slope.error - reach;
    gt_arrays one = {.value = &value,
                     .expected = &slope.value,
                     .error = &bar,
                     .reach = &reach,
                     .rounding = rounding * sqrt((double)count),
                     .shape = GT_SHAPE(1),
                     .scale = scale * sqrt((double)count),
                     .tolerance = w->options->tolerance};
    gt_arrays_compare(&one, f);
    note_slope(f, slope);
    return GT_OK;
}

/*
 * Halves the entries until one is left that disagrees: an example of what a projection saw.
 * If neither half does, the projection saw nothing: its verdict is that of the halves.
 */
static gt_status find_entry(work *w, uint32_t array, size_t first, const gt_gradient_form *form, double scale,
                            gt_finding *f)
{
    gt_shape shape = w->problem->arrays[array].shape;
    size_t from = 0, count = (size_t)gt_shape_count(shape);
    gt_status status = GT_OK;
    while (count > 1 && status == GT_OK) {
        size_t half = count / 2;
        status = project_form(w, form, first + from, half, scale, rounding_of(w, array), f);
        gt_verdict before = f->verdict;
        if (status == GT_OK && before != GT_WRONG) {
            from += half;
            half = count - half;
            status = project_form(w, form, first + from, half, scale, rounding_of(w, array), f);
        }
        if (status == GT_OK && f->verdict != GT_WRONG) {
            f->verdict = before == GT_UNDECIDABLE ? before : f->verdict;
            break;
        }
        count = half;
    }
    f->shape = f->expected_shape = shape;
    f->index[0] = (int64_t)from % shape.size[0];
    f->index[1] = (int64_t)from / shape.size[0] % shape.size[1];
    f->index[2] = (int64_t)from / shape.size[0] / shape.size[1];
    if (w->problem->in_time != NULL && w->problem->in_time[array])
        f->step = f->index[2];
    f->pattern = GT_PATTERN_NONE;
    f->entry_count = (uint64_t)gt_shape_count(shape);
    return status;
}

static gt_status report_projections(work *w, uint32_t array, size_t first, double scale, const gt_gradient_form *form,
                                    const double *values)
{
    uint32_t projections = w->options->projections;
    gt_finding f = {.kind = w->problem->kind, .step = -1};
    gt_arrays arrays = {.value = values,
                        .expected = w->expected,
                        .error = w->bars,
                        .reach = w->reach,
                        .shape = GT_SHAPE(projections),
                        .rounding = rounding_of(w, array) * sqrt((double)entries_of(&w->problem->arrays[array])),
                        .scale = scale * sqrt((double)entries_of(&w->problem->arrays[array])),
                        .tolerance = w->options->tolerance};
    gt_arrays_compare(&arrays, &f);
    note_slope(&f, w->slopes[f.index[0]]);
    gt_status status = GT_OK;
    if (f.verdict == GT_WRONG)
        status = find_entry(w, array, first, form, scale, &f);
    gt_report_count(w->report, &f, projections);
    if (status != GT_OK || f.verdict == GT_RIGHT)
        return status;
    count_rough(w, &arrays, &f);
    describe(w, array, form, &f);
    explain(w, array, &f);
    if (f.verdict == GT_UNDECIDABLE)
        gt_finding_append(w->report, &f, "the numbers are those of a random projection of the array");
    return gt_report_add(w->report, &f, w->error);
}

static gt_status check_projections(work *w, uint32_t array, size_t first)
{
    const gt_gradients *p = w->problem;
    size_t count = entries_of(&p->arrays[array]);
    uint32_t projections = w->options->projections;
    double scale = scale_of(w, array, first, count);
    double *values = gt_memory_new((uint64_t)projections * p->form_count, sizeof *values);
    if (values == NULL)
        return gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory for projections");
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < projections && status == GT_OK; i++) {
        gt_slope slope = {0};
        status = project(w, first, count, scale, &slope);
        for (uint32_t k = 0; k < p->form_count; k++)
            values[k * projections + i] = dot(p->forms[k].entries + first, w->direction + first, count);
        memset(w->direction + first, 0, count * sizeof *w->direction);
        keep_slope(w, i, slope);
        if (status == GT_OK)
            status =
                gt_check_progress(w->options, p->stage,
                                  ((double)first + (double)(i * count) / projections) / (double)w->x_count, w->error);
    }
    for (uint32_t k = 0; k < p->form_count && status == GT_OK; k++)
        status = report_projections(w, array, first, scale, &p->forms[k], values + k * projections);
    gt_memory_free(values);
    return status;
}

/* ---- all arrays ---------------------------------------------------------------------------- */

gt_status gt_gradients_check(const gt_gradients *problem, const gt_check_options *options, gt_report *report,
                             gt_error *error)
{
    gt_check_options complete = gt_check_options_complete(options);
    work w = {.problem = problem, .options = &complete, .report = report, .error = error};
    gt_status status = open_work(&w);
    if (status == GT_OK)
        status = measure_noise(&w);
    size_t first = 0;
    for (size_t i = 0; problem->numbers != NULL && i < w.x_count; i++)
        problem->numbers[i] = problem->bars[i] = NAN;
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++) {
        size_t count = entries_of(&problem->arrays[i]);
        bool large = w.x_count > complete.most_entries && count > 2 * (size_t)complete.projections;
        status = large ? check_projections(&w, i, first) : check_entries(&w, i, first);
        first += count;
    }
    close_work(&w);
    return status;
}
