/* Every allocation made to fail in turn: planning, making a workspace, running. */
#include "plan/describe/bound.h"
#include "plan/describe/description.h"
#include "plan/plan.h"
#include "support/allocation.h"
#include "support/random_tape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* So many calls tell one allocation from another: see support/allocation.h. */
enum { CALLS = 4 };

TestSuite(allocation_failure_plan, .timeout = 300);

static double sum_of(const void *data, gt_dtype dtype, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        double x = dtype == GT_F64 ? ((const double *)data)[i] : ((const int32_t *)data)[i];
        sum += x * (1 + (double)(i % 7));
    }
    return sum;
}

static void count_output(void *context, uint32_t output)
{
    (void)output;
    ++*(uint32_t *)context;
}

static gt_status run_plan(const random_tape *r, const gt_plan *plan, gt_threads *threads, double *result)
{
    gt_workspace *work = gt_workspace_new_dividing(plan, threads, 0);
    gt_status status = work == NULL ? GT_ERROR_MEMORY : GT_OK;
    for (uint32_t i = 0; i < r->input_count && status == GT_OK; i++)
        status = gt_workspace_bind(work, r->inputs[i], r->data[i]);
    uint32_t told = 0;
    if (status == GT_OK)
        status = gt_workspace_on_output(work, count_output, &told);
    cr_assert(work == NULL || status == GT_OK || gt_workspace_message(work)[0] != '\0');
    if (status == GT_OK)
        status = gt_workspace_run(work);
    cr_assert(status != GT_OK || told == r->output_count);
    *result = 0;
    for (uint32_t k = 0; k < r->output_count && status == GT_OK; k++)
        *result += sum_of(gt_workspace_value(work, k), gt_var_dtype(r->outputs[k]),
                          gt_shape_count(gt_var_shape(r->outputs[k])));
    gt_workspace_free(work);
    return status;
}

/* Runs and frees a plan, if there is one; otherwise there are words. */
static gt_status finish(const random_tape *r, gt_plan *plan, const gt_error *error, double *result)
{
    if (plan == NULL) {
        cr_assert(error->status != GT_OK && error->message[0] != '\0');
        return error->status;
    }
    gt_status status = run_plan(r, plan, NULL, result);
    gt_plan_free(plan);
    return status;
}

static gt_status plan_and_run(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    return finish(r, gt_plan_new(r->outputs, r->output_count, NULL, &error), &error, result);
}

static gt_status cut_and_run(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    const gt_segments segments = {2, {2, 1}, true};
    return finish(r, gt_plan_new_cut(r->outputs, r->output_count, NULL, &segments, NULL, &error), &error, result);
}

/* The first input is late. */
static gt_status plan_and_run_in_halves(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    gt_plan_options options = {.late = r->inputs, .late_count = 1, .repeatable = r->options.seed % 2 == 0};
    return finish(r, gt_plan_new(r->outputs, r->output_count, &options, &error), &error, result);
}

static gt_status plan_and_run_on_threads(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    gt_threads *threads = gt_threads_new(3, &error);
    if (threads == NULL)
        return error.status;
    gt_plan *plan = gt_plan_new(r->outputs, r->output_count, NULL, &error);
    gt_status status = plan == NULL ? error.status : run_plan(r, plan, threads, result);
    gt_plan_free(plan);
    gt_threads_free(threads);
    return status;
}

static gt_status find_bound(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    gt_bound *bound = gt_bound_new(r->outputs, r->output_count, &error);
    *result = 0;
    for (uint32_t i = 0; i < gt_bound_count(bound); i++)
        *result += gt_bound_flops(gt_bound_at(bound, i));
    cr_assert(bound != NULL || (error.status != GT_OK && error.message[0] != '\0'));
    gt_bound_free(bound);
    return bound != NULL ? GT_OK : error.status;
}

static gt_status describe(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    gt_plan_description *d = gt_plan_describe(r->outputs, r->output_count, NULL, true, &error);
    *result = 0;
    for (uint32_t i = 0; gt_plan_description_line(d, i) != NULL; i++)
        *result += (double)strlen(gt_plan_description_line(d, i)->text);
    cr_assert(d != NULL || (error.status != GT_OK && error.message[0] != '\0'));
    gt_plan_description_free(d);
    return d != NULL ? GT_OK : error.status;
}

Test(allocation_failure_plan, bounds_and_descriptions)
{
    for (uint32_t seed = 1; seed <= 3; seed++) {
        random_options options = {.seed = seed, .scans = seed % 3, .order = 1};
        random_tape *r = random_tape_new(&options);
        fail_every_allocation("bound", find_bound, r, NULL);
        fail_every_allocation("description", describe, r, NULL);
        random_tape_free(r);
    }
}

Test(allocation_failure_plan, random_tapes)
{
    for (uint32_t seed = 1; seed <= 12; seed++) {
        random_options options = {.seed = seed, .scans = seed % 3, .order = (int)(seed / 2 % 2)};
        random_tape *r = random_tape_new(&options);
        char label[40];
        snprintf(label, sizeof label, "plan of seed %u", seed);
        cr_assert_eq(gt_tape_status(r->tape), GT_OK, "%s: %s", label, gt_tape_message(r->tape));
        fail_every_allocation(label, plan_and_run, r, NULL);
        if (seed <= 6 && r->input_count > 0)
            fail_some_allocations("halves", plan_and_run_in_halves, r, NULL, CALLS);
        if (seed <= 6)
            fail_some_allocations("segments", cut_and_run, r, NULL, CALLS);
        random_tape_free(r);
    }
}

/* A loop of five steps, recorded step by step: it is rolled. */
Test(allocation_failure_plan, unrolled_tape)
{
    static double numbers[64];
    for (int i = 0; i < 64; i++)
        numbers[i] = 0.1 * (i % 9) - 0.3;
    random_tape r = {.tape = gt_tape_new(NULL), .input_count = 3, .output_count = 3};
    gt_var x = gt_input(r.tape, "x", GT_SHAPE(2, 2, 5)), W = gt_parameter(r.tape, "W", GT_SHAPE(3, 5));
    gt_var a0 = gt_state(r.tape, "a", GT_SHAPE(3, 2)), a = a0, slices[5], states[5];
    gt_unstack(x, slices, 5);
    for (int t = 0; t < 5; t++)
        states[t] = a = gt_tanh(gt_matmul(W, gt_concat((gt_var[]){a, slices[t]}, 2, 0)));
    gt_var loss = gt_sum(gt_stack(states, 5), GT_ALL_AXES), wrt[] = {x, W, a0};
    cr_assert_eq(gt_grad(&loss, NULL, 1, wrt, 3, r.outputs), GT_OK, "%s", gt_tape_message(r.tape));
    for (int i = 0; i < 3; i++) {
        r.inputs[i] = wrt[i];
        r.data[i] = numbers;
    }
    fail_every_allocation("unrolled", plan_and_run, &r, NULL);
    fail_every_allocation("unrolled, in segments", cut_and_run, &r, NULL);
    gt_tape_free(r.tape);
}

Test(allocation_failure_plan, threads)
{
    for (uint32_t seed = 1; seed <= 3; seed++) {
        random_options options = {.seed = seed, .scans = seed % 3};
        random_tape *r = random_tape_new(&options);
        fail_every_allocation("threads", plan_and_run_on_threads, r, NULL);
        random_tape_free(r);
    }
}

/* A loop that is cut into segments, since it takes too much memory otherwise. */
static gt_status plan_within_a_budget(const void *context, double *result)
{
    const random_tape *r = context;
    gt_error error = {0};
    gt_plan *whole = gt_plan_new(r->outputs, r->output_count, NULL, &error);
    if (whole == NULL)
        return error.status;
    const gt_plan_options options = {.memory = gt_plan_total_bytes(whole) / 10 * 9};
    gt_plan_free(whole);
    return finish(r, gt_plan_new(r->outputs, r->output_count, &options, &error), &error, result);
}

Test(allocation_failure_plan, a_budget)
{
    enum { LONG = 256 };
    static double numbers[8 * 4 * LONG];
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        numbers[i] = 0.1 * (double)(i % 9) - 0.3;
    random_tape r = {.tape = gt_tape_new(NULL), .input_count = 3, .output_count = 3};
    gt_var x = gt_input(r.tape, "x", GT_SHAPE(8, 4, LONG)), W = gt_parameter(r.tape, "W", GT_SHAPE(8, 8));
    gt_var a0 = gt_state(r.tape, "a", GT_SHAPE(8, 4));
    gt_scan *scan = gt_scan_begin(r.tape, LONG, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", a0);
    gt_var next = gt_tanh(gt_add(gt_matmul(gt_scan_invariant(scan, W), a), gt_scan_input(scan, "x", x)));
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    gt_var loss = gt_sum(gt_mul(gt_scan_stack(scan, next), gt_scan_stack(scan, next)), GT_ALL_AXES), wrt[] = {x, W, a0};
    cr_assert_eq(gt_grad(&loss, NULL, 1, wrt, 3, r.outputs), GT_OK, "%s", gt_tape_message(r.tape));
    for (int i = 0; i < 3; i++) {
        r.inputs[i] = wrt[i];
        r.data[i] = numbers;
    }
    cr_expect_gt(fail_some_allocations("a budget", plan_within_a_budget, &r, NULL, CALLS), 100);
    gt_tape_free(r.tape);
}
