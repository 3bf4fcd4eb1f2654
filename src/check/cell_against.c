/* Arrays computed elsewhere, gradients and states, against those of the tape. */
#include "base/types.h"
#include "check/cell_check.h"

#include "base/entry.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "check/arrays.h"
#include "check/conditioning.h"
#include "check/evidence.h"
#include "check/forward.h"
#include "check/missing.h"
#include "check/report.h"
#include "gradtape/grad.h"
#include "gradtape/nearest.h"
#include "problem/tape.h"

#include <math.h>
#include <string.h>

/* A gradient of the file, compared. */
typedef struct compared {
    const gt_problem_array *array;
    double *value; /* owned */
    const double *expected;
    gt_finding finding;
} compared;

typedef struct work {
    const gt_cell_problem *data;
    const gt_archive *given;
    const gt_check_options *options;
    gt_report *report;
    gt_error *error;
    double tolerance;
    double *y, *exact; /* results and gradients of the tape */
    gt_step step;      /* for gates and diagnoses; opened only where something disagrees */
    bool has_step;
    gt_conditioning conditioning; /* measured where something disagrees */
    compared *gradients;
    uint32_t gradient_count;
} work;

/* ---- what is there ------------------------------------------------------------------------- */

/* A name that an archive may have beside the arrays that the cell reads. */
static bool is_result(const gt_cell_problem *d, const char *name)
{
    for (uint32_t i = 0; i < d->array_count; i++) {
        const gt_problem_array *array = &d->arrays[i];
        if (i < d->differentiated && name[0] == 'd' && strcmp(name + 1, array->name) == 0)
            return true;
        if (strcmp(name, i < d->differentiated ? array->name : array->row->name) == 0 || strcmp(name, array->name) == 0)
            return true;
    }
    return false;
}

static gt_status unexpected(const gt_cell_problem *d, const char *name, gt_error *error)
{
    char names[64][GT_NAME_SIZE + 1];
    gt_nearest nearest = {.wanted = name};
    const char *like = NULL;
    for (uint32_t i = 0; i < d->array_count && i < 32; i++) {
        gt_utf8_format(names[2 * i], sizeof *names, "%s", d->arrays[i].name);
        gt_nearest_offer(&nearest, names[2 * i]);
        if (i >= d->differentiated)
            continue;
        gt_utf8_format(names[2 * i + 1], sizeof *names, "d%s", d->arrays[i].name);
        gt_nearest_offer(&nearest, names[2 * i + 1]);
        if (gt_missing_is_like(name, names[2 * i + 1]))
            like = names[2 * i + 1];
    }
    if (like != NULL)
        nearest.best = like;
    if (nearest.best != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the array '%s' is no array of %s, nor a gradient of one; did you mean '%s'?", name,
                            d->cell->name, nearest.best);
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "the array '%s' is no array of %s, nor a gradient of one (dP for the gradient of P)", name,
                        d->cell->name);
}

/* A number beside the arrays, such as the loss: it is none of them, and does no harm. */
static gt_status ignore(const work *w, const char *name)
{
    gt_remark r = {.kind = GT_REMARK_NOT_READ};
    r.array = name;
    r.text = gt_report_write(w->report, "the number %.*s is no array of %s and was not looked at",
                             gt_utf8_fit(name, 60), name, w->data->cell->name);
    return gt_report_remark(w->report, &r, w->error);
}

static gt_status check_names(work *w)
{
    const gt_cell_problem *d = w->data;
    bool upstream = false, gradients = false;
    for (uint32_t i = 0; gt_archive_name(w->given, i) != NULL; i++) {
        const char *name = gt_archive_name(w->given, i);
        if (!is_result(d, name) && gt_shape_count(gt_archive_find(w->given, name).shape) == 1) {
            if (ignore(w, name) != GT_OK)
                return GT_ERROR_MEMORY;
            continue;
        }
        if (!is_result(d, name))
            return unexpected(d, name, w->error);
        gt_dtype dtype = gt_archive_find(w->given, name).dtype;
        if (dtype != GT_F64)
            w->tolerance = fmax(w->tolerance, gt_type_of(dtype)->tolerance);
        for (uint32_t k = 0; k < d->array_count; k++) {
            upstream = upstream || (k >= d->differentiated && strcmp(name, d->arrays[k].name) == 0);
            gradients =
                gradients || (k < d->differentiated && name[0] == 'd' && strcmp(name + 1, d->arrays[k].name) == 0);
        }
    }
    if (!gradients)
        return gt_error_set(w->error, GT_ERROR_ARGUMENT,
                            "there is no gradient to compare: none of the arrays is called dP for an "
                            "array P of %s",
                            d->cell->name);
    if (!upstream)
        return gt_error_set(w->error, GT_ERROR_ARGUMENT,
                            "there is no upstream gradient: it needs one or more of those of the "
                            "states and outputs, such as '%s'",
                            d->arrays[d->differentiated].name);
    return GT_OK;
}

/* ---- the tape's own ------------------------------------------------------------------------ */

static gt_status compute(work *w)
{
    const gt_cell_problem *d = w->data;
    gt_cell_tape t = {0};
    gt_forward forward = {0};
    gt_var *gradients = gt_memory_new(d->differentiated, sizeof *gradients);
    w->y = gt_memory_new(d->y_count, sizeof *w->y);
    w->exact = gt_memory_new(d->x_count, sizeof *w->exact);
    gt_status status = GT_OK;
    if (gradients == NULL || w->y == NULL || w->exact == NULL)
        status = gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory for gradients");
    if (status == GT_OK)
        status = gt_cell_tape_open(&t, d, false, w->error);
    if (status == GT_OK && gt_grad(t.results, t.arrays + d->differentiated, t.result_count, t.arrays, d->differentiated,
                                   gradients) != GT_OK)
        status = gt_error_set(w->error, gt_tape_status(t.tape), "%s", gt_tape_message(t.tape));
    if (status == GT_OK)
        status = gt_forward_open(&forward, t.results, t.result_count, t.arrays, d->differentiated, d->buffer, false,
                                 w->error);
    for (uint32_t i = d->differentiated; i < d->array_count && status == GT_OK; i++)
        status = gt_forward_bind(&forward, t.arrays[i], d->arrays[i].data, w->error);
    if (status == GT_OK)
        status = gt_forward_values(&forward, t.results, t.result_count, w->y, w->error);
    if (status == GT_OK)
        status = gt_forward_values(&forward, gradients, d->differentiated, w->exact, w->error);
    gt_forward_close(&forward);
    gt_cell_tape_close(&t);
    gt_memory_free(gradients);
    return status;
}

/* ---- one array ----------------------------------------------------------------------------- */

/* Entries as doubles; NULL on no memory. */
static double *widen(gt_array array)
{
    size_t count = (size_t)gt_shape_count(array.shape);
    double *entries = gt_memory_new(count, sizeof *entries);
    for (size_t k = 0; entries != NULL && k < count; k++)
        entries[k] = gt_entry_at(array.data, array.dtype, (int64_t)k);
    return entries;
}

static gt_status need_step(work *w)
{
    if (w->has_step)
        return GT_OK;
    w->has_step = true;
    gt_status status = gt_step_open(&w->step, w->data, w->error);
    for (uint32_t i = 0; i < w->data->cell->output_count && status == GT_OK; i++)
        w->step.uses_output[i] = true;
    return status == GT_OK ? gt_step_run(&w->step, w->error) : status;
}

static gt_status name_gate(work *w, const gt_problem_array *array, gt_finding *f)
{
    gt_status status = need_step(w);
    int64_t subject = status == GT_OK ? gt_step_find(&w->step, array->row->name) : -1;
    if (subject >= 0 && (array->kind != GT_PROBLEM_INPUT || f->kind == GT_CHECK_FORWARD))
        f->gate = gt_step_gate(&w->step, w->step.names[subject].v);
    return status;
}

enum { MOST_SHARES = 8 };

/* "dW[0, 1] = 0.5 (t = 0) + ... = 1.2": of a parameter what each time step adds to the worst entry. */
static void write_shares(work *w, const gt_problem_array *array, gt_finding *f)
{
    int64_t subject = gt_step_find(&w->step, array->row->name);
    double *const *shares = subject >= 0 ? w->step.names[subject].gradients : NULL;
    if (w->options->arithmetic == NULL || array->kind != GT_PROBLEM_PARAMETER || shares == NULL ||
        f->pattern == GT_PATTERN_SHAPE)
        return;
    size_t entry = (size_t)(f->index[0] + f->index[1] * f->shape.size[0]);
    const char *sum = "";
    for (int64_t t = 0; t < w->data->steps && t <= MOST_SHARES; t++)
        sum = t < MOST_SHARES ? gt_report_write(w->report, "%s%s%.4g (t = %lld)", sum, t > 0 ? " + " : "",
                                                shares[t][entry], (long long)t)
                              : gt_report_write(w->report, "%s + ... (%lld steps)", sum, (long long)w->data->steps);
    char text[256];
    gt_finding_find_sizes(f, w->data);
    gt_finding_entry(f, text, sizeof text);
    f->expected_arithmetic = gt_report_write(w->report, "%s = %s = %.6g", text, sum, f->expected);
}

/* Elsewhere sums are taken in another order: chaotic cells amplify what that changes. */
static gt_status consider_rounding(work *w, const gt_problem_array *array, gt_arrays *arrays, gt_finding *f)
{
    gt_status status = gt_conditioning_measure(&w->conditioning, w->data, w->error);
    if (status != GT_OK)
        return status;
    arrays->rounding = w->conditioning.allowed[array - w->data->arrays];
    gt_arrays_compare(arrays, f);
    if (f->verdict == GT_UNDECIDABLE)
        f->text = gt_conditioning_describe(&w->conditioning, w->report);
    return GT_OK;
}

/* Fills in the finding, whatever its verdict. */
static gt_status compare(work *w, const gt_problem_array *array, const char *name, gt_shape shape, const double *value,
                         const double *expected, gt_finding *f)
{
    gt_status status = GT_OK;
    f->shape = shape;
    f->expected_shape = array->shape;
    if (gt_shape_equal(shape, array->shape)) {
        gt_arrays arrays = {.value = value,
                            .expected = expected,
                            .shape = array->shape,
                            .in_time = array->kind != GT_PROBLEM_PARAMETER && array->kind != GT_PROBLEM_INITIAL,
                            .scale = 1e-4 * gt_arrays_largest(w->exact, w->data->x_count),
                            .tolerance = w->tolerance};
        gt_arrays_compare(&arrays, f);
        if (f->verdict == GT_WRONG)
            status = consider_rounding(w, array, &arrays, f);
    } else {
        f->verdict = GT_WRONG;
        f->pattern = GT_PATTERN_SHAPE;
        f->wrong_count = f->entry_count = array->count;
    }
    gt_report_count(w->report, f, 0);
    f->array = gt_words_keep(w->report, name); /* the caller puts it together anew for each */
    f->of = f->kind == GT_CHECK_AGAINST ? array->name : "";
    if (status != GT_OK || f->verdict == GT_RIGHT)
        return status;
    status = name_gate(w, array, f);
    if (status == GT_OK && f->kind == GT_CHECK_AGAINST)
        write_shares(w, array, f);
    return status;
}

static gt_status no_memory(work *w)
{
    return gt_error_set(w->error, GT_ERROR_MEMORY, "check: no memory for an array");
}

static gt_status compare_result(work *w, const gt_problem_array *array, gt_array theirs)
{
    gt_finding f = {.kind = GT_CHECK_FORWARD, .step = -1};
    double *value = widen(theirs);
    if (value == NULL)
        return no_memory(w);
    const double *expected = w->y + (array->first - w->data->x_count);
    gt_status status = compare(w, array, array->row->name, theirs.shape, value, expected, &f);
    gt_memory_free(value);
    if (f.verdict == GT_WRONG)
        f.text = "the forward pass differs already: look there first";
    return status == GT_OK && f.verdict != GT_RIGHT ? gt_report_add(w->report, &f, w->error) : status;
}

static gt_status compare_gradient(work *w, const gt_problem_array *array, const char *name, gt_array theirs)
{
    compared *c = &w->gradients[w->gradient_count++];
    *c = (compared){.array = array,
                    .value = widen(theirs),
                    .expected = w->exact + array->first,
                    .finding = {.kind = GT_CHECK_AGAINST, .step = -1}};
    if (c->value == NULL)
        return no_memory(w);
    return compare(w, array, name, theirs.shape, c->value, c->expected, &c->finding);
}

/* ---- the likely mistakes ------------------------------------------------------------------- */

static bool is_any_wrong(const work *w)
{
    for (uint32_t i = 0; i < w->gradient_count; i++)
        if (w->gradients[i].finding.verdict == GT_WRONG)
            return true;
    return false;
}

/* All wrong arrays together, beside those that are right. */
static gt_status diagnose(work *w)
{
    uint32_t count = w->gradient_count;
    if (w->options->diagnose == NULL || !is_any_wrong(w))
        return GT_OK;
    gt_evidence_array *arrays = gt_memory_new(count, sizeof *arrays);
    gt_diagnosis *diagnoses = gt_memory_new(count, sizeof *diagnoses);
    gt_status status = arrays != NULL && diagnoses != NULL ? need_step(w) : no_memory(w);
    for (uint32_t i = 0; i < count && status == GT_OK; i++) {
        const compared *c = &w->gradients[i];
        arrays[i] = (gt_evidence_array){.name = c->array->row->name,
                                        .given = {c->value, GT_F64, c->finding.shape},
                                        .expected = c->expected,
                                        .shape = c->array->shape,
                                        .verdict = c->finding.verdict};
    }
    gt_check_options options = *w->options;
    options.tolerance = w->tolerance;
    if (status == GT_OK)
        status = gt_evidence_diagnose_arrays(&w->step, arrays, count, &options, w->report, diagnoses, w->error);
    for (uint32_t i = 0; i < count && status == GT_OK; i++)
        w->gradients[i].finding.diagnosis = diagnoses[i];
    gt_memory_free(arrays);
    gt_memory_free(diagnoses);
    return status;
}

/* Those with one explanation after each other, the best one first; then those without. */
static gt_status report_gradients(work *w)
{
    gt_status status = GT_OK;
    uint32_t most = 0;
    for (uint32_t i = 0; i < w->gradient_count; i++)
        if (w->gradients[i].finding.diagnosis.explanation > most)
            most = w->gradients[i].finding.diagnosis.explanation;
    for (uint32_t number = 1; number <= most + 1; number++)
        for (uint32_t i = 0; i < w->gradient_count && status == GT_OK; i++) {
            const gt_finding *f = &w->gradients[i].finding;
            if (f->verdict != GT_RIGHT && f->diagnosis.explanation == number % (most + 1))
                status = gt_report_add(w->report, f, w->error);
        }
    return status;
}

/* ---- all ----------------------------------------------------------------------------------- */

static gt_status compare_results(work *w)
{
    const gt_cell_problem *d = w->data;
    gt_status status = GT_OK;
    for (uint32_t i = d->differentiated; i < d->array_count && status == GT_OK; i++) {
        const gt_problem_array *array = &d->arrays[i];
        gt_array theirs = gt_archive_find(w->given, array->row->name);
        if (theirs.data != NULL)
            status = compare_result(w, array, theirs);
    }
    return status;
}

/* The last of the forward pass is the first of the backward pass. */
static gt_status compare_gradients(work *w)
{
    static const gt_problem_kind order[] = {GT_PROBLEM_PARAMETER, GT_PROBLEM_INPUT, GT_PROBLEM_INITIAL};
    const gt_cell_problem *d = w->data;
    gt_status status = GT_OK;
    w->gradients = gt_memory_new(d->differentiated, sizeof *w->gradients);
    if (w->gradients == NULL)
        return no_memory(w);
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (uint32_t i = d->differentiated; i-- > 0 && status == GT_OK;) {
            const gt_problem_array *array = &d->arrays[i];
            char name[GT_NAME_SIZE + 1];
            gt_utf8_format(name, sizeof name, "d%s", array->name);
            gt_array theirs = gt_archive_find(w->given, name);
            if (array->kind == order[k] && theirs.data != NULL)
                status = compare_gradient(w, array, name, theirs);
            else if (array->kind == order[k])
                status = gt_missing_add(GT_CHECK_AGAINST, array->name, "the file does not have it", w->options,
                                        w->report, w->error);
        }
    return status;
}

gt_status gt_cell_check_against(const gt_cell_problem *data, const gt_archive *given, const gt_check_options *options,
                                gt_report *report, gt_error *error)
{
    work w = {.data = data,
              .given = given,
              .options = options,
              .report = report,
              .error = error,
              .tolerance = options->tolerance};
    gt_status status = check_names(&w);
    if (status == GT_OK)
        status = compute(&w);
    if (status == GT_OK)
        status = compare_results(&w);
    if (status == GT_OK)
        status = compare_gradients(&w);
    if (status == GT_OK)
        status = diagnose(&w);
    if (status == GT_OK)
        status = report_gradients(&w);
    for (uint32_t i = 0; i < w.gradient_count; i++)
        gt_memory_free(w.gradients[i].value);
    gt_memory_free(w.gradients);
    if (w.has_step)
        gt_step_close(&w.step);
    gt_conditioning_close(&w.conditioning);
    gt_memory_free(w.y);
    gt_memory_free(w.exact);
    return status;
}
