/* Every allocation made to fail in turn: checks of ops, tapes and a cell with a wrong formula. */
#include "gradtape.h"
#include "support/allocation.h"

#include <criterion/criterion.h>
#include <string.h>

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

static const gt_op half = {.name = "half", .arity = 1, .op_class = GT_CLASS_ELEMENTWISE,
                           .shape = gt_shape_rule_elementwise, .run_f64 = half_f64,
                           .reverse = half_reverse};

static gt_status check_rule(const void *context, double *result)
{
    (void)context;
    gt_report report = {0};
    gt_status status =
        gt_check_op(&half, (gt_shape[]){GT_SHAPE(2)}, 1, NULL, 0, NULL, &report, NULL);
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
    gt_var x = gt_input(tape, "x", GT_F64, GT_SHAPE(2));
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
    cr_expect_gt(fail_every_allocation("gt_check_cell", check_cell, gt_parsed_cell_get(parsed), NULL), 500);
    gt_parsed_cell_free(parsed);
}

/* ---- what else a check has to say -------------------------------------------------------------- */

/*
 * A branch that the first point does not take, a name that stands for the gradient before
 * its activation, a local that nothing reads, and a gradient that is not there.
 */
static const char remarks[] =
    "cell one\n input x[n]\n state a[n]\n f = sigmoid(x)\n a' = f * a + relu(x - 9)\n"
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
    cr_expect_gt(fail_every_allocation("gt_check_cell", check_remarks, gt_parsed_cell_get(parsed), NULL), 500);
    gt_parsed_cell_free(parsed);
}
