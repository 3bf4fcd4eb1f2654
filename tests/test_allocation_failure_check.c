/* Every allocation made to fail in turn: checks of ops, tapes and a cell with a wrong formula. */
#include "check/report.h"
#include "gradtape.h"
#include "support/allocation.h"
#include "texts.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many calls tell one allocation from another: see support/allocation.h. */
enum { CALLS = 4 };

TestSuite(allocation_failure_check, .timeout = 300);

/* What a report says, as one number. */
static double digest(const gt_report *report)
{
    double result = (double)(int)report->verdict + 10.0 * report->finding_count;
    for (uint32_t i = 0; i < report->finding_count; i++)
        result += report->findings[i].value + 2 * report->findings[i].expected;
    for (int kind = 0; kind < GT_CHECK_KINDS; kind++)
        result += 100.0 * (double)report->counts[kind].entries;
    return result;
}

static void half_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = 0.5 * k->inputs[0][i * k->strides[0]];
}

/* 1, for 1/2 */
static gt_var half_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_constant(gt_reverse_tape(r), 1.0));
}

static const gt_op half = {.name = "half",
                           .arity = 1,
                           .op_class = GT_CLASS_ELEMENTWISE,
                           .shape = gt_shape_rule_elementwise,
                           .run_f64 = half_f64,
                           .reverse = half_reverse};

static gt_status check_rule(const void *context, double *result)
{
    (void)context;
    gt_report report = {0};
    gt_status status = gt_check_op(&half, (gt_shape[]){GT_SHAPE(2)}, 1, NULL, 0, NULL, &report, NULL);
    *result = digest(&report);
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, op)
{
    cr_expect_gt(fail_every_allocation("gt_check_op", check_rule, NULL, NULL), 20);
}

static gt_status check_on_tape(const void *context, double *result)
{
    (void)context;
    const double data[2] = {0.3, -0.4};
    gt_report report = {0};
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2));
    gt_var h = gt_apply(&half, &x, 1, NULL, 0), y = gt_mul(h, gt_stop_gradient(x));
    gt_status status = gt_tape_status(tape);
    if (status == GT_OK)
        status = gt_check(&y, 1, &x, (const void *[]){data}, 1, NULL, &report, NULL);
    *result = digest(&report);
    gt_report_free(&report);
    gt_tape_free(tape);
    return tape == NULL ? GT_ERROR_MEMORY : status;
}

Test(allocation_failure_check, tape)
{
    cr_expect_gt(fail_every_allocation("gt_check", check_on_tape, NULL, NULL), 50);
}

/* The local u lacks its square: it is searched for on the step's tape. */
static const char text[] = "cell one\n input x[n]\n state a[n]\n param w[n]\n a' = tanh(w * x + a)\n"
                           "backward\n u = da' * (1 - a')\n dw = sum(u * x, axis=1)\n da = u\n";

static gt_status check_cell(const void *context, double *result)
{
    const gt_dimension one = {"n", 1};
    gt_check_problem problem = {.dimensions = &one, .dimension_count = 1, .examples = 1, .steps = 2};
    gt_report report = {0};
    gt_status status = gt_check_cell(context, &problem, NULL, &report, NULL);
    *result = digest(&report);
    if (status == GT_OK)
        cr_assert(report.verdict == GT_WRONG && strcmp(report.findings[0].array, "u") == 0);
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, cell)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, NULL), GT_OK);
    cr_expect_gt(fail_some_allocations("gt_check_cell", check_cell, gt_parsed_cell_get(parsed), NULL, CALLS), 500);
    gt_parsed_cell_free(parsed);
}

/* ---- blocks with mistakes in them ---------------------------------------------------------------- */

static gt_status check_block(const void *context, double *result)
{
    static const gt_dimension sizes[] = {{"n_x", 2}, {"n_a", 2}, {"n_y", 2}};
    const gt_check_problem problem = {.dimensions = sizes, .dimension_count = 3, .examples = 2, .steps = 2};
    gt_report report = {0};
    gt_error error = {0};
    gt_status status = gt_check_cell(context, &problem, NULL, &report, &error);
    *result = digest(&report);
    cr_assert(status == GT_OK ? report.verdict == GT_WRONG : error.message[0] != '\0');
    gt_report_free(&report);
    return status;
}

/* Mistakes in what the gradients are made of are searched for, in others' sizes, places and branches. */
Test(allocation_failure_check, blocks)
{
    static const struct {
        const char *cell, *right, *wrong;
    } slips[] = {
        {"lstm", "s    = dc' + o", "s    = o"},
        {"lstm", "dg_z = s * i * (1 - g**2)", "dg_z = s * i * (1 - g)"},
        {"rnn", "dy_z = y * (dy - sum(dy * y, axis=0))", "dy_z = y * dy"},
        {"rnn", "da_y = da' + Wya.T @ dy_z", "da_y = da'"},
        {"gru", "dra  = Wc[:, :n_a].T @ dg_z", "dra  = Wc[:, n_x:].T @ dg_z"},
        {"peephole", "dpo  = sum(do_z * c', axis=1)", "dpo  = sum(do_z * c, axis=1)"},
    };
    for (size_t i = 0; i < sizeof slips / sizeof *slips; i++) {
        char *wrong = backward_text(slips[i].cell, slips[i].right, slips[i].wrong);
        gt_parsed_cell *parsed = gt_cell_parse(wrong, strlen(wrong), NULL);
        cr_assert_eq(gt_parsed_cell_status(parsed, NULL), GT_OK, "%s", slips[i].wrong);
        cr_expect_gt(fail_some_allocations(slips[i].wrong, check_block, gt_parsed_cell_get(parsed), NULL, CALLS), 500);
        gt_parsed_cell_free(parsed);
        free(wrong);
    }
}

/* ---- what else a check has to say -------------------------------------------------------------- */

/*
 * A branch that the first point does not take, a name that stands for the gradient before
 * its activation, a local that nothing reads, and a gradient that is not there.
 */
static const char remarks[] = "cell one\n input x[n]\n state a[n]\n f = sigmoid(x)\n a' = f * a + relu(x - 9)\n"
                              "backward\n df = da' * a * f * (1 - f)\n da_prev = da' * f\n"
                              " dx = df + da' * where(x > 9, 1, 0)\n";

static gt_status check_remarks(const void *context, double *result)
{
    const gt_dimension one = {"n", 1};
    gt_check_problem problem = {.dimensions = &one, .dimension_count = 1, .examples = 2, .steps = 2};
    gt_report report = {0};
    gt_status status = gt_check_cell(context, &problem, NULL, &report, NULL);
    *result = digest(&report) + 1000.0 * report.remark_count;
    if (status == GT_OK)
        cr_assert(report.verdict == GT_RIGHT && report.remark_count == 3);
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, remarks)
{
    gt_parsed_cell *parsed = gt_cell_parse(remarks, strlen(remarks), NULL);
    cr_assert_eq(gt_parsed_cell_status(parsed, NULL), GT_OK);
    cr_expect_gt(fail_some_allocations("gt_check_cell", check_remarks, gt_parsed_cell_get(parsed), NULL, CALLS), 500);
    gt_parsed_cell_free(parsed);
}

/* ---- functions --------------------------------------------------------------------------------- */

/* y = a sin(b), with the sign of the second gradient wrong, in both precisions, and a product that is right. */
static gt_status value(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)error;
    y[0] = x[0] * sin(x[1]);
    y[1] = x[0] * x[1];
    return GT_OK;
}

static gt_status value_f32(void *context, const float *x, float *y, gt_error *error)
{
    (void)context, (void)error;
    y[0] = x[0] * sinf(x[1]);
    y[1] = x[0] * x[1];
    return GT_OK;
}

static gt_status gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)context, (void)error;
    g[0] = u[0] * sin(x[1]) + u[1] * x[1];
    g[1] = -u[0] * x[0] * cos(x[1]) - u[1] * x[0];
    return GT_OK;
}

static gt_status gradient_f32(void *context, const float *x, const float *u, float *g, gt_error *error)
{
    (void)context, (void)error;
    g[0] = u[0] * sinf(x[1]) + u[1] * x[1];
    g[1] = -u[0] * x[0] * cosf(x[1]) - u[1] * x[0];
    return GT_OK;
}

static gt_status product(void *context, const double *x, const double *v, double *dy, gt_error *error)
{
    (void)context, (void)error;
    dy[0] = sin(x[1]) * v[0] + x[0] * cos(x[1]) * v[1];
    dy[1] = x[1] * v[0] + 2 * x[0] * v[1];
    return GT_OK;
}

static gt_status check_functions(const void *context, double *result)
{
    static const gt_check_array arrays[] = {{"a", {0, {1, 1, 1, 1}}}, {"b", {1, {1, 1, 1, 1}}}};
    const double x[2] = {1.5, 0.4};
    gt_report report = {0};
    gt_check_options options = {.diagnose = gt_diagnose};
    gt_check_gradient mine = {.function = value,
                              .gradient = gradient,
                              .arrays = arrays,
                              .array_count = 2,
                              .x = x,
                              .output_count = 2,
                              .jvp = product,
                              .function_f32 = value_f32,
                              .gradient_f32 = gradient_f32};
    (void)context;
    gt_status status = gt_check_function(&mine, &options, &report, NULL);
    *result = digest(&report);
    if (status == GT_OK)
        cr_assert(report.verdict == GT_WRONG && strcmp(report.findings[0].diagnosis.kind, "wrong sign") == 0);
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, function)
{
    cr_expect_gt(fail_every_allocation("gt_check_function", check_functions, NULL, NULL), 50);
}

/* Points that show nothing, and a gradient that is of another kind than it should be. */
static gt_status check_remarks_of_a_function(const void *context, double *result)
{
    static const gt_check_array arrays[] = {{"a", {0, {1, 1, 1, 1}}}, {"b", {1, {1, 1, 1, 1}}}};
    const double x[2] = {0, 0};
    gt_report report = {0};
    gt_check_gradient mine = {
        .function = value, .gradient = gradient, .arrays = arrays, .array_count = 2, .x = x, .output_count = 2};
    (void)context;
    gt_status status = gt_check_function(&mine, NULL, &report, NULL);
    *result = digest(&report) + 1000.0 * report.remark_count;
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, function_at_a_poor_point)
{
    cr_expect_gt(fail_every_allocation("gt_check_function", check_remarks_of_a_function, NULL, NULL), 20);
}

/* ---- second order, and both kernels -------------------------------------------------------------- */

static void cube_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = pow(k->inputs[0][i * k->strides[0]], 3);
}

static void cube_f32(const gt_elementwise_f32 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = 1.01F * powf(k->inputs[0][i * k->strides[0]], 3);
}

/* The right value, of which a factor is held, so that its derivative is wrong. */
static gt_var cube_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var x = gt_reverse_input(r, slot), three = gt_constant(gt_reverse_tape(r), 3);
    return gt_mul(gt_reverse_cotangent(r), gt_mul(three, gt_mul(x, gt_apply(&half, &x, 1, NULL, 0))));
}

static gt_var cube_right(gt_reverse *r, uint32_t slot)
{
    gt_var x = gt_reverse_input(r, slot), three = gt_constant(gt_reverse_tape(r), 3);
    return gt_mul(gt_reverse_cotangent(r), gt_mul(three, gt_mul(x, x)));
}

static gt_var cube_scalar(gt_reverse *r, uint32_t slot)
{
    return gt_sum(cube_right(r, slot), GT_ALL_AXES);
}

static gt_status check_cube(const void *context, double *result)
{
    const gt_op *op = context;
    gt_report report = {0};
    gt_check_options options = {.second_order = true, .diagnose = gt_diagnose};
    gt_status status = gt_check_op(op, (gt_shape[]){GT_SHAPE(2)}, 1, NULL, 0, &options, &report, NULL);
    *result = digest(&report);
    if (status == GT_OK)
        cr_assert_eq(report.verdict, GT_WRONG);
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, op_in_all_ways)
{
    gt_reverse_rule *rules[] = {cube_right, cube_reverse, cube_scalar};
    for (int i = 0; i < 3; i++) {
        gt_op cube = {.name = "cube",
                      .arity = 1,
                      .op_class = GT_CLASS_ELEMENTWISE,
                      .shape = gt_shape_rule_elementwise,
                      .run_f64 = cube_f64,
                      .run_f32 = cube_f32,
                      .reverse = rules[i]};
        cr_expect_gt(fail_every_allocation("gt_check_op", check_cube, &cube, NULL), 30);
    }
}

/* What was added before stays as it was, words and all. */
static gt_status add_to_report(const void *context, double *result)
{
    (void)context;
    gt_error error = {0};
    gt_report report = {0};
    gt_status status = GT_OK;
    uint32_t added = 0;
    for (; added < 40 && status == GT_OK; added += status == GT_OK) {
        const char *words = gt_report_write(&report, "finding %u", added);
        gt_finding f = {.verdict = GT_WRONG, .array = "dW", .text = words};
        status = gt_report_add(&report, &f, &error);
    }
    cr_assert_eq(report.finding_count, added);
    for (uint32_t i = 0; i < added; i++) {
        char expected[40];
        snprintf(expected, sizeof expected, "finding %u", i);
        cr_assert_str_eq(report.findings[i].array, "dW");
        cr_assert_str_eq(report.findings[i].text, expected);
    }
    if (status == GT_OK)
        status = gt_report_remark(&report, &(gt_remark){.array = "dW", .text = "a remark"}, &error);
    cr_assert_eq(report.remark_count, status == GT_OK);
    cr_assert(status == GT_OK || error.message[0] != '\0');
    *result = report.finding_count;
    gt_report_free(&report);
    return status;
}

Test(allocation_failure_check, a_report)
{
    fail_every_allocation("a report", add_to_report, NULL, NULL);
}
