/* gt_check: the gradients of any tape against numeric derivatives, and their gradients. */
#include "check/check_tape.h"
#include "check/frozen.h"
#include "check/gradients.h"
#include "check/weigh.h"

#include "base/memory.h"
#include "check/report.h"
#include "gradtape/grad.h"
#include "gradtape/random.h"

#include <string.h>

/* All of it, one entry for each input that is differentiated. */
typedef struct work {
    gt_check_kind kind;
    gt_var *real, *gradients, *cotangents;
    gt_check_array *arrays;
    uint32_t real_count;
    size_t x_count, y_count;
    double *x, *weights, *exact;
} work;

static void close_work(work *w)
{
    gt_memory_free(w->real);
    gt_memory_free(w->gradients);
    gt_memory_free(w->cotangents);
    gt_memory_free(w->arrays);
    gt_memory_free(w->x);
    gt_memory_free(w->weights);
    gt_memory_free(w->exact);
}

static gt_status check_arguments(const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                                 const void *const *values, uint32_t input_count, gt_error *error)
{
    if (output_count == 0 || input_count == 0 || outputs[0].tape == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "check: a tape needs inputs and outputs");
    gt_tape *tape = outputs[0].tape;
    if (gt_tape_status(tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(tape), "check: %s", gt_tape_message(tape));
    if (gt_tape_dtype(tape) != GT_F64)
        return gt_error_set(error, GT_ERROR_TYPE, "check: the tape is %s; gradients are verified on one of f64",
                            gt_dtype_name(gt_tape_dtype(tape)));
    for (uint32_t i = 0; i < output_count; i++)
        if (outputs[i].tape != tape || gt_var_dtype(outputs[i]) != GT_F64)
            return gt_error_set(error, GT_ERROR_TAPE, "check: output %u is of another tape, invalid, or not real", i);
    for (uint32_t i = 0; i < input_count; i++)
        if (inputs[i].tape != tape || values[i] == NULL)
            return gt_error_set(error, GT_ERROR_TAPE, "check: input %u is of another tape, invalid, or has no value",
                                i);
    return GT_OK;
}

static gt_status open_work(work *w, const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                           const void *const *values, uint32_t input_count, gt_error *error)
{
    w->real = gt_memory_new(input_count, sizeof *w->real);
    w->gradients = gt_memory_new(input_count, sizeof *w->gradients);
    w->arrays = gt_memory_new(input_count, sizeof *w->arrays);
    w->cotangents = gt_memory_new(output_count, sizeof *w->cotangents);
    w->x = gt_memory_new(gt_forward_entries(inputs, input_count), sizeof *w->x);
    w->exact = gt_memory_new(gt_forward_entries(inputs, input_count), sizeof *w->exact);
    w->y_count = gt_forward_entries(outputs, output_count);
    w->weights = gt_memory_new(w->y_count, sizeof *w->weights);
    if (w->real == NULL || w->gradients == NULL || w->arrays == NULL || w->cotangents == NULL || w->x == NULL ||
        w->exact == NULL || w->weights == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for gradients");
    for (uint32_t i = 0; i < input_count; i++) {
        if (gt_var_dtype(inputs[i]) != GT_F64)
            continue;
        size_t count = gt_forward_entries(&inputs[i], 1);
        memcpy(w->x + w->x_count, values[i], count * sizeof *w->x);
        w->arrays[w->real_count] = (gt_check_array){gt_var_name(inputs[i]), gt_var_shape(inputs[i])};
        w->real[w->real_count++] = inputs[i];
        w->x_count += count;
    }
    return GT_OK;
}

static gt_status record(work *w, const gt_var *outputs, uint32_t output_count, gt_error *error)
{
    gt_tape *tape = outputs[0].tape;
    for (uint32_t i = 0; i < output_count; i++)
        w->cotangents[i] =
            gt_input(tape, w->kind == GT_CHECK_SECOND ? "second cotangent" : "cotangent", gt_var_shape(outputs[i]));
    gt_status status = gt_grad(outputs, w->cotangents, output_count, w->real, w->real_count, w->gradients);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "check: %s", gt_tape_message(tape));
}

static gt_status bind(const work *w, gt_forward *forward, const gt_var *inputs, const void *const *values,
                      uint32_t input_count, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < input_count && status == GT_OK; i++)
        if (gt_var_dtype(inputs[i]) != GT_F64)
            status = gt_forward_bind(forward, inputs[i], values[i], error);
    const double *weights = w->weights;
    for (uint32_t i = 0; i < forward->output_count && status == GT_OK; i++) {
        status = gt_forward_bind(forward, w->cotangents[i], weights, error);
        weights += gt_forward_entries(&w->cotangents[i], 1);
    }
    return status;
}

static gt_status report_loop(const work *w, gt_report *report, gt_error *error)
{
    gt_finding f = {.kind = w->kind, .verdict = GT_UNDECIDABLE, .step = -1};
    f.text = "a loop on the tape has a stop_gradient in it, whose value cannot be held while "
             "numbers are varied: check the loop unrolled";
    gt_report_count(report, &f, 0);
    return gt_report_add(report, &f, error);
}

static gt_status compare(work *w, gt_forward *forward, const gt_check_options *options, gt_report *report,
                         gt_error *error)
{
    gt_status status = gt_forward_values(forward, w->gradients, w->real_count, w->exact, error);
    if (status != GT_OK)
        return status;
    uint32_t first = report->finding_count, rough = 0;
    gt_frozen frozen;
    gt_gradients problem = {.function = gt_forward_call,
                            .context = forward,
                            .x = w->x,
                            .output_count = w->y_count,
                            .weights = w->weights,
                            .arrays = w->arrays,
                            .array_count = w->real_count,
                            .forms = &(gt_gradient_form){NULL, w->exact},
                            .form_count = 1,
                            .kind = w->kind,
                            .rough = &rough,
                            .stage = w->kind == GT_CHECK_SECOND ? "second order" : NULL};
    status = gt_frozen_begin(&frozen, forward, error);
    if (status == GT_OK && frozen.in_loop)
        status = report_loop(w, report, error);
    else if (status == GT_OK)
        status = gt_gradients_check(&problem, options, report, error);
    gt_frozen_end(&frozen);
    memcpy(forward->x, w->x, w->x_count * sizeof *w->x);
    if (status == GT_OK)
        status = gt_weigh_rough(forward, first, rough, options, report, error);
    if (status == GT_OK)
        status = gt_weigh_findings(forward, first, options, report, error);
    if (status == GT_OK)
        status = gt_weigh_jumps(forward, first, report, error);
    return status;
}

static gt_status check(const gt_var *outputs, uint32_t output_count, const gt_var *inputs, const void *const *values,
                       uint32_t input_count, gt_check_kind kind, const gt_check_options *options, gt_report *report,
                       gt_error *error);

/* The gradients as outputs; their cotangents, which have values now, as further inputs. */
static gt_status check_gradients(const work *w, uint32_t output_count, const gt_var *inputs, const void *const *values,
                                 uint32_t input_count, const gt_check_options *options, gt_report *report,
                                 gt_error *error)
{
    uint32_t count = input_count + output_count;
    gt_var *all = gt_memory_new(count, sizeof *all);
    const void **data = gt_memory_new(count, sizeof *data);
    const double *weights = w->weights;
    if (all == NULL || data == NULL) {
        gt_memory_free(all);
        gt_memory_free(data);
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for gradients");
    }
    for (uint32_t i = 0; i < count; i++) {
        bool cotangent = i >= input_count;
        all[i] = cotangent ? w->cotangents[i - input_count] : inputs[i];
        data[i] = cotangent ? weights : values[i];
        weights += cotangent ? gt_forward_entries(&all[i], 1) : 0;
    }
    gt_status status = check(w->gradients, w->real_count, all, data, count, GT_CHECK_SECOND, options, report, error);
    gt_memory_free(all);
    gt_memory_free(data);
    return status;
}

/* Opens the work with random cotangents and records the gradients for them. */
static gt_status begin(work *w, const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                       const void *const *values, uint32_t input_count, const gt_check_options *options,
                       gt_error *error)
{
    gt_status status = open_work(w, outputs, output_count, inputs, values, input_count, error);
    if (status != GT_OK)
        return status;
    gt_random random;
    gt_random_seed(&random, options->seed);
    for (size_t i = 0; i < w->y_count; i++)
        w->weights[i] = gt_random_normal(&random);
    return record(w, outputs, output_count, error);
}

static gt_status check(const gt_var *outputs, uint32_t output_count, const gt_var *inputs, const void *const *values,
                       uint32_t input_count, gt_check_kind kind, const gt_check_options *options, gt_report *report,
                       gt_error *error)
{
    work w = {.kind = kind};
    gt_forward forward = {0};
    uint32_t before = report->finding_count;
    gt_status status = begin(&w, outputs, output_count, inputs, values, input_count, options, error);
    if (status == GT_OK)
        status = gt_forward_open(&forward, outputs, output_count, w.real, w.real_count, w.x, false, error);
    if (status == GT_OK)
        status = bind(&w, &forward, inputs, values, input_count, error);
    if (status == GT_OK)
        status = compare(&w, &forward, options, report, error);
    gt_forward_close(&forward);
    if (status == GT_OK && kind == GT_CHECK_NUMERIC && options->second_order && report->finding_count == before)
        status = check_gradients(&w, output_count, inputs, values, input_count, options, report, error);
    close_work(&w);
    return status;
}

gt_status gt_check(const gt_var *outputs, uint32_t output_count, const gt_var *inputs, const void *const *values,
                   uint32_t input_count, const gt_check_options *options, gt_report *report, gt_error *error)
{
    gt_status status = check_arguments(outputs, output_count, inputs, values, input_count, error);
    if (status != GT_OK)
        return status;
    gt_check_options o = gt_check_options_complete(options);
    return check(outputs, output_count, inputs, values, input_count, GT_CHECK_NUMERIC, &o, report, error);
}

gt_status gt_check_tape_second(const gt_var *outputs, uint32_t output_count, const gt_var *inputs,
                               const void *const *values, uint32_t input_count, const gt_check_options *options,
                               gt_report *report, gt_error *error)
{
    work w = {.kind = GT_CHECK_NUMERIC};
    gt_status status = begin(&w, outputs, output_count, inputs, values, input_count, options, error);
    if (status == GT_OK)
        status = check_gradients(&w, output_count, inputs, values, input_count, options, report, error);
    close_work(&w);
    return status;
}
