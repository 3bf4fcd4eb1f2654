/* gt_check, gt_check_op, gt_check_function: what is right passes, what is planted is found. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* ---- an op with a rule, right or wrong ------------------------------------------------------ */

static void square_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++) {
        double x = k->inputs[0][i * k->strides[0]];
        k->output[i] = x * x;
    }
}

static gt_var right_rule(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var x = gt_reverse_input(r, 0);
    return gt_mul(gt_reverse_cotangent(r), gt_add(x, x));
}

static gt_var wrong_factor(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_reverse_input(r, 0));
}

static gt_var wrong_sign(gt_reverse *r, uint32_t slot)
{
    return gt_neg(right_rule(r, slot));
}

static gt_op square(gt_reverse_rule *rule)
{
    return (gt_op){.name = "square",
                   .arity = 1,
                   .op_class = GT_CLASS_ELEMENTWISE,
                   .shape = gt_shape_rule_elementwise,
                   .run_f64 = square_f64,
                   .reverse = rule};
}

static gt_report check_op(const gt_op *op, uint32_t seed)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.seed = seed};
    cr_assert_eq(gt_check_op(op, (gt_shape[]){GT_SHAPE(3, 4)}, 1, NULL, 0, &options, &report, &error), GT_OK, "%s",
                 error.message);
    return report;
}

Test(check, a_right_rule_is_right)
{
    gt_op op = square(right_rule);
    for (uint32_t seed = 0; seed < 20; seed++) {
        gt_report report = check_op(&op, seed);
        cr_expect_eq(report.verdict, GT_RIGHT);
        cr_expect_eq(report.finding_count, 0);
        cr_expect_eq(report.counts[GT_CHECK_RULE].entries, 12);
        gt_report_free(&report);
    }
}

Test(check, a_wrong_rule_is_wrong)
{
    gt_reverse_rule *rules[] = {wrong_factor, wrong_sign};
    for (size_t i = 0; i < 2; i++) {
        gt_op op = square(rules[i]);
        gt_report report = check_op(&op, 1);
        cr_assert_eq(report.verdict, GT_WRONG);
        cr_assert_eq(report.finding_count, 1);
        const gt_finding *f = &report.findings[0];
        cr_expect_str_eq(f->gate, "square");
        cr_expect_str_eq(f->array, "dx1");
        cr_expect_eq(f->pattern, GT_PATTERN_EVERYWHERE);
        double ratio = i == 0 ? 0.5 : -1;
        cr_expect(fabs(f->value - ratio * f->expected) <= 1e-9 * fabs(f->expected));
        char text[1000];
        cr_expect_lt(gt_report_format(&report, text, sizeof text), sizeof text);
        cr_expect_not_null(strstr(text, "the reverse rule of the op square"), "%s", text);
        gt_report_free(&report);
    }
}

/* Every op of the library by its own descriptor, on a shape that fits it. */
Test(check, the_librarys_elementwise_rules_are_right)
{
    int checked = 0;
    for (uint32_t i = 0; gt_op_at(i) != NULL; i++) {
        const gt_op *op = gt_op_at(i);
        if (op->op_class != GT_CLASS_ELEMENTWISE || op->reverse == NULL || op->arity < 1 || op->arity > 3 ||
            strcmp(op->name, "pow") == 0)
            continue;
        gt_shape shapes[3] = {GT_SHAPE(3, 4), GT_SHAPE(3, 4), GT_SHAPE(3, 4)};
        gt_report report = {0};
        gt_error error = {0};
        gt_status status = gt_check_op(op, shapes, (uint32_t)op->arity, NULL, 0, NULL, &report, &error);
        cr_expect_eq(status, GT_OK, "%s: %s", op->name, error.message);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s is %s", op->name, gt_verdict_name(report.verdict));
        cr_expect_gt(report.counts[GT_CHECK_RULE].entries, 0);
        gt_report_free(&report);
        checked++;
    }
    cr_expect_geq(checked, 15);
}

/* ---- tapes --------------------------------------------------------------------------------- */

typedef struct small_tape {
    gt_tape *tape;
    gt_var W, x, y;
} small_tape;

static const double W_data[6] = {1, -2, 0.5, 0.3, -0.7, 0.2}, x_data[3] = {0.1, 0.2, 0.3};

static small_tape record(const gt_op *op)
{
    small_tape t = {.tape = gt_tape_new(NULL)};
    t.W = gt_parameter(t.tape, "W", GT_SHAPE(2, 3));
    t.x = gt_input(t.tape, "x", GT_SHAPE(3, 1));
    gt_var h = gt_tanh(gt_matmul(t.W, t.x));
    t.y = gt_exp(op != NULL ? gt_name(gt_apply(op, &h, 1, NULL, 0), "squared") : h);
    return t;
}

static gt_report check_tape(small_tape t, const void *W, const void *x)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_status status = gt_check(&t.y, 1, (gt_var[]){t.W, t.x}, (const void *[]){W, x}, 2, NULL, &report, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    gt_tape_free(t.tape);
    return report;
}

Test(check, a_tape_is_right)
{
    gt_op op = square(right_rule);
    gt_report report = check_tape(record(&op), W_data, x_data);
    cr_expect_eq(report.verdict, GT_RIGHT);
    cr_expect_eq(report.counts[GT_CHECK_NUMERIC].entries, 9);
    gt_report_free(&report);
}

Test(check, the_wrong_rule_on_a_tape_is_found)
{
    gt_op op = square(wrong_sign);
    gt_report report = check_tape(record(&op), W_data, x_data);
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_assert_geq(report.finding_count, 3); /* dW, dx, and the rule */
    const gt_finding *rule = &report.findings[report.finding_count - 1];
    cr_expect_eq(rule->kind, GT_CHECK_RULE);
    cr_expect_str_eq(rule->gate, "square");
    cr_expect_not_null(strstr(rule->text, "squared"), "%s", rule->text);
    gt_report_free(&report);
}

/* ---- ops that read whole numbers, too ------------------------------------------------------- */

static const gt_op *op_named(const char *name)
{
    for (uint32_t i = 0; i < gt_op_count(); i++)
        if (strcmp(gt_op_at(i)->name, name) == 0)
            return gt_op_at(i);
    cr_assert_fail("there is no op %s", name);
    return NULL;
}

static gt_var gather_of_the_wrong_sign(gt_reverse *r, uint32_t slot)
{
    gt_var right = op_named("gather")->reverse(r, slot);
    return gt_var_valid(right) ? gt_neg(right) : right;
}

/* The sum of columns of f(table), where f and the op that gathers may be wrong. */
static gt_report check_columns(const gt_op *f, const gt_op *gather)
{
    double table_data[8] = {0.4, -0.3, 0.9, 0.2, -0.6, 0.5, 0.7, -0.8};
    const int32_t indices_data[3] = {3, 0, 3};
    gt_report report = {0};
    gt_error error = {0};
    gt_tape *tape = gt_tape_new(NULL);
    gt_var table = gt_parameter(tape, "table", GT_SHAPE(2, 4)), indices = gt_input_i32(tape, "indices", GT_SHAPE(3));
    gt_var columns = gt_apply(gather, (gt_var[]){gt_apply(f, &table, 1, NULL, 0), indices}, 2, NULL, 0);
    gt_var y = gt_sum(gt_mul(columns, columns), GT_ALL_AXES);
    gt_status status = gt_check(&y, 1, (gt_var[]){table, indices}, (const void *[]){table_data, indices_data}, 2, NULL,
                                &report, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    gt_tape_free(tape);
    return report;
}

static void expect_blamed(gt_report report, const char *op)
{
    cr_expect_eq(report.verdict, GT_WRONG);
    cr_assert_geq(report.finding_count, 2); /* dtable, and the rule */
    const gt_finding *rule = &report.findings[report.finding_count - 1];
    cr_expect_eq(rule->kind, GT_CHECK_RULE);
    cr_expect_str_eq(rule->gate, op);
    gt_report_free(&report);
}

Test(check, ops_with_indices)
{
    const gt_op good = square(right_rule), bad = square(wrong_factor);
    gt_op gather = *op_named("gather");
    gt_report report = check_columns(&good, &gather);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
    expect_blamed(check_columns(&bad, &gather), "square");
    gather.reverse = gather_of_the_wrong_sign;
    expect_blamed(check_columns(&good, &gather), "gather");
}

Test(check, a_nan_is_undecidable)
{
    const double nan_data[3] = {0.1, NAN, 0.3};
    gt_report report = check_tape(record(NULL), W_data, nan_data);
    cr_expect_neq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
}

Test(check, stop_gradient_is_held)
{
    small_tape t = {.tape = gt_tape_new(NULL)};
    t.W = gt_parameter(t.tape, "W", GT_SHAPE(2, 3));
    t.x = gt_input(t.tape, "x", GT_SHAPE(3, 1));
    gt_var h = gt_matmul(t.W, t.x);
    t.y = gt_mul(h, gt_stop_gradient(gt_exp(h)));
    gt_report report = check_tape(t, W_data, x_data);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
}

/* The tape is as it was: it gives the same gradient afterwards. */
/* A loop of 3 steps whose body, or a loop in it, may stop a gradient. */
static gt_report check_loop(bool stops, bool nested)
{
    const double x_values[6] = {0.2, -0.4, 0.1, 0.6, -0.3, 0.5}, a_values[2] = {0.7, -0.2};
    gt_report report = {0};
    gt_error error = {0};
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(2, 1, 3)), a0 = gt_state(tape, "a0", GT_SHAPE(2, 1));
    gt_scan *scan = gt_scan_begin(tape, 3, GT_FORWARD), *inner = NULL;
    gt_var a = gt_scan_carry(scan, "a", a0), entry = gt_scan_input(scan, "x", x), b = a;
    if (nested) {
        inner = gt_scan_begin(gt_scan_body(scan), 2, GT_FORWARD);
        b = gt_scan_carry(inner, "b", a);
    }
    gt_var next = gt_tanh(gt_mul(b, stops ? gt_stop_gradient(b) : b));
    if (nested) {
        gt_scan_next(inner, b, next);
        gt_scan_end(inner);
        next = gt_scan_final(inner, b);
    }
    gt_scan_next(scan, a, gt_add(next, entry));
    gt_scan_end(scan);
    gt_var y = gt_sum(gt_scan_final(scan, a), GT_ALL_AXES);
    gt_status status =
        gt_check(&y, 1, (gt_var[]){x, a0}, (const void *[]){x_values, a_values}, 2, NULL, &report, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    gt_tape_free(tape);
    return report;
}

/* It cannot be held there: nothing is said of what flows around it. */
Test(check, stop_gradient_in_a_loop)
{
    for (int nested = 0; nested < 2; nested++) {
        gt_report report = check_loop(false, nested);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s", report.findings != NULL ? report.findings[0].text : "");
        gt_report_free(&report);
        report = check_loop(true, nested);
        cr_expect_eq(report.verdict, GT_UNDECIDABLE);
        cr_assert_geq(report.finding_count, 1);
        cr_expect_not_null(strstr(report.findings[0].text, "stop_gradient"), "%s", report.findings[0].text);
        gt_report_free(&report);
    }
}

Test(check, a_tape_is_left_as_it_was)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 1));
    gt_var y = gt_mul(x, gt_stop_gradient(x)), dx;
    gt_report report = {0};
    cr_assert_eq(gt_check(&y, 1, &x, (const void *[]){x_data}, 1, NULL, &report, NULL), GT_OK);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_grad(&y, NULL, 1, &x, 1, &dx);
    gt_interpreter *run = gt_interpreter_new(tape);
    const double other[3] = {7, 8, 9};
    gt_interpreter_bind(run, x, other);
    cr_assert_eq(gt_interpreter_evaluate(run, &dx, 1), GT_OK, "%s", gt_interpreter_message(run));
    for (int i = 0; i < 3; i++)
        cr_expect(((const double *)gt_interpreter_value(run, dx))[i] == other[i]);
    gt_interpreter_free(run);
    gt_report_free(&report);
    gt_tape_free(tape);
}

Test(check, arguments)
{
    small_tape t = record(NULL), other = record(NULL);
    gt_report report = {0};
    gt_error error = {0};
    const void *values[] = {W_data, x_data};
    cr_expect_eq(gt_check(&t.y, 0, (gt_var[]){t.W, t.x}, values, 2, NULL, &report, &error), GT_ERROR_ARGUMENT);
    cr_expect_eq(gt_check(&t.y, 1, (gt_var[]){t.W, other.x}, values, 2, NULL, &report, &error), GT_ERROR_TAPE);
    cr_expect_eq(gt_check(&t.y, 1, &t.W, values, 1, NULL, &report, &error), GT_ERROR_UNBOUND);
    cr_expect_not_null(strstr(error.message, "x"), "%s", error.message);
    gt_op op = square(right_rule);
    cr_expect_eq(gt_check_op(&op, (gt_shape[]){GT_SHAPE(0)}, 1, NULL, 0, NULL, &report, &error), GT_ERROR_SHAPE);
    cr_expect_eq(gt_check_op(NULL, NULL, 0, NULL, 0, NULL, &report, &error), GT_ERROR_ARGUMENT);
    gt_tape_free(t.tape);
    gt_tape_free(other.tape);
    gt_report_free(&report);
}

/* ---- functions ----------------------------------------------------------------------------- */

/* y = (a b0, sin(b1)) */
static gt_status product(void *context, const double *x, double *y, gt_error *error)
{
    (void)context;
    (void)error;
    y[0] = x[0] * x[1];
    y[1] = sin(x[2]);
    return GT_OK;
}

static gt_status its_gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    g[0] = u[0] * x[1];
    g[1] = u[0] * x[0];
    g[2] = u[1] * (context != NULL ? sin(x[2]) : cos(x[2]));
    return GT_OK;
}

static const gt_check_array parts[] = {{"a", {0, {1, 1, 1, 1}}}, {"b", {1, {2, 1, 1, 1}}}};

static gt_report check_function(gt_numeric_function *function, const double *x, void *context, size_t outputs)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_gradient mine = {.function = function,
                              .gradient = its_gradient,
                              .context = context,
                              .arrays = parts,
                              .array_count = 2,
                              .x = x,
                              .output_count = outputs};
    cr_assert_eq(gt_check_function(&mine, NULL, &report, &error), GT_OK, "%s", error.message);
    return report;
}

Test(check, a_gradient_of_ones_own)
{
    const double x[3] = {2, -3, 0.4};
    gt_report report = check_function(product, x, NULL, 2);
    cr_expect_eq(report.verdict, GT_RIGHT);
    gt_report_free(&report);
    report = check_function(product, x, &report, 2);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_assert_eq(report.finding_count, 1);
    const gt_finding *f = &report.findings[0];
    cr_expect_str_eq(f->array, "db");
    cr_expect_eq(f->index[0], 1);
    cr_expect_eq(f->pattern, GT_PATTERN_ROWS);
    cr_expect(f->from == 1 && f->to == 2);
    gt_report_free(&report);
}

/* ---- large arrays -------------------------------------------------------------------------- */

enum { LARGE = 5000 };

static gt_status sum_of_squares(void *context, const double *x, double *y, gt_error *error)
{
    (void)context;
    (void)error;
    for (int i = 0; i < LARGE; i++)
        y[i % 10] = (i < 10 ? 0 : y[i % 10]) + x[i] * x[i];
    return GT_OK;
}

/* One entry is wrong. */
static gt_status squares_gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    for (int i = 0; i < LARGE; i++)
        g[i] = 2 * x[i] * u[i % 10];
    int wrong = *(int *)context;
    if (wrong >= 0)
        g[wrong] *= 1.01;
    return GT_OK;
}

Test(check, one_wrong_entry_in_a_large_array_is_found)
{
    static double x[LARGE];
    for (int i = 0; i < LARGE; i++)
        x[i] = sin(i + 1.0);
    int places[] = {-1, 0, 3117, LARGE - 1};
    for (int k = 0; k < 4; k++) {
        gt_check_array array = {"x", GT_SHAPE(50, 100)};
        gt_check_gradient mine = {.function = sum_of_squares,
                                  .gradient = squares_gradient,
                                  .context = &places[k],
                                  .arrays = &array,
                                  .array_count = 1,
                                  .x = x,
                                  .output_count = 10};
        gt_report report = {0};
        cr_assert_eq(gt_check_function(&mine, NULL, &report, NULL), GT_OK);
        cr_expect_gt(report.counts[GT_CHECK_NUMERIC].projections, 0);
        cr_assert_eq(report.verdict, places[k] < 0 ? GT_RIGHT : GT_WRONG);
        if (places[k] >= 0) {
            const gt_finding *f = &report.findings[0];
            cr_expect_eq(f->index[0] + 50 * f->index[1], places[k]);
            cr_expect(fabs(f->value - 1.01 * f->expected) <= 1e-6 * fabs(f->expected));
        }
        gt_report_free(&report);
    }
}

static bool stop_at_once(void *context, const char *stage, double done)
{
    (void)stage;
    (void)done;
    ++*(int *)context;
    return true;
}

Test(check, it_can_be_interrupted)
{
    int calls = 0;
    gt_check_options options = {.interrupt = stop_at_once, .context = &calls};
    gt_op op = square(right_rule);
    gt_report report = {0};
    cr_expect_eq(gt_check_op(&op, (gt_shape[]){GT_SHAPE(3)}, 1, NULL, 0, &options, &report, NULL),
                 GT_ERROR_INTERRUPTED);
    cr_expect_eq(calls, 1);
    gt_report_free(&report);
}
