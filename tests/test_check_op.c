/* gt_check_op beyond one gradient: what rules return, second order, kernels in single precision. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static const char *text_of(const gt_report *report)
{
    static char text[8000];
    gt_report_format(report, text, sizeof text);
    return text;
}

static gt_report check(const gt_op *op, const gt_shape *shapes, uint32_t count, bool second_order)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.seed = 3, .diagnose = gt_diagnose, .second_order = second_order};
    gt_status status = gt_check_op(op, shapes, count, NULL, 0, &options, &report, &error);
    cr_assert_eq(status, GT_OK, "%s", error.message);
    return report;
}

/* ---- what a rule returns ----------------------------------------------------------------------- */

static void product_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = k->inputs[0][i * k->strides[0]] * k->inputs[1][i * k->strides[1]];
}

static void product_f32(const gt_elementwise_f32 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = k->inputs[0][i * k->strides[0]] * k->inputs[1][i * k->strides[1]];
}

static gt_var right_product(gt_reverse *r, uint32_t slot)
{
    return gt_mul(gt_reverse_cotangent(r), gt_reverse_input(r, 1 - slot));
}

static gt_op product(gt_reverse_rule *rule)
{
    return (gt_op){.name = "my_product",
                   .arity = 2,
                   .op_class = GT_CLASS_ELEMENTWISE,
                   .shape = gt_shape_rule_elementwise,
                   .run_f64 = product_f64,
                   .run_f32 = product_f32,
                   .reverse = rule};
}

static gt_var sums_too_much(gt_reverse *r, uint32_t slot)
{
    return slot == 0 ? right_product(r, slot) : gt_sum(right_product(r, slot), 0);
}

static gt_var adds_an_axis(gt_reverse *r, uint32_t slot)
{
    return slot == 1 ? right_product(r, slot)
                     : gt_mul(right_product(r, slot), gt_fill(gt_reverse_tape(r), GT_SHAPE(1, 1, 2), 1));
}

static gt_var returns_integers(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_input_i32(gt_reverse_tape(r), "indices", GT_SHAPE(3, 4));
}

static gt_var does_not_fit(gt_reverse *r, uint32_t slot)
{
    return slot == 0 ? right_product(r, slot) : gt_matmul(gt_reverse_cotangent(r), gt_reverse_input(r, 0));
}

static gt_tape *other_tape;

static gt_var of_another_tape(gt_reverse *r, uint32_t slot)
{
    (void)r, (void)slot;
    return gt_constant(other_tape, 1);
}

Test(check_op, a_wrong_shape_or_type_is_a_finding)
{
    const gt_shape shapes[] = {GT_SHAPE(3, 4), GT_SHAPE(3, 4)};
    static const struct {
        gt_reverse_rule *rule;
        const char *array, *text;
    } list[] = {{sums_too_much, "dx2", "it is (1, 4) and should be (3, 4)"},
                {adds_an_axis, "dx1", "it is (3, 4, 2) and should be (3, 4)"},
                {returns_integers, "dx1", "returns i32, and should return f64"},
                {does_not_fit, "dx2", "cannot be recorded"},
                {of_another_tape, "dx1", "another tape"}};
    other_tape = gt_tape_new(NULL);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gt_op op = product(list[i].rule);
        gt_report report = check(&op, shapes, 2, false);
        cr_assert_eq(report.verdict, GT_WRONG);
        cr_expect_str_eq(report.findings[0].array, list[i].array, "%s", text_of(&report));
        cr_expect_str_eq(report.findings[0].gate, "my_product");
        cr_expect_not_null(strstr(text_of(&report), list[i].text), "%s", text_of(&report));
        gt_report_free(&report);
    }
    gt_tape_free(other_tape);
}

/* Stretched operands: a rule may leave the sum to the replay. */
Test(check_op, a_right_rule_may_have_the_shape_of_the_output)
{
    const gt_shape shapes[][2] = {
        {GT_SHAPE(3, 1), GT_SHAPE(3, 4)}, {GT_SHAPE(1, 4), GT_SHAPE(3, 1)}, {GT_SCALAR, GT_SHAPE(2, 2, 3)}};
    gt_op op = product(right_product);
    for (size_t i = 0; i < 3; i++) {
        gt_report report = check(&op, shapes[i], 2, true);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s", text_of(&report));
        cr_expect_gt(report.counts[GT_CHECK_SECOND].entries, 0);
        gt_report_free(&report);
    }
}

/* ---- mistakes of which there are numbers alone ---------------------------------------------------- */

static gt_var exchanged(gt_reverse *r, uint32_t slot)
{
    return gt_mul(gt_reverse_cotangent(r), gt_reverse_input(r, slot));
}

static gt_var one_step_late(gt_reverse *r, uint32_t slot)
{
    gt_var d = right_product(r, slot);
    return slot == 1
               ? d
               : gt_concat((gt_var[]){gt_fill(gt_reverse_tape(r), GT_SHAPE(2, 3, 1), 0), gt_slice(d, 2, 0, 3)}, 2, 2);
}

static gt_var ignores_cotangent(gt_reverse *r, uint32_t slot)
{
    return slot == 0 ? right_product(r, slot) : gt_reverse_input(r, 0);
}

static gt_var none(gt_reverse *r, uint32_t slot)
{
    return slot == 0 ? right_product(r, slot) : GT_NONE;
}

Test(check_op, mistakes_in_three_axes_are_named)
{
    const gt_shape shapes[] = {GT_SHAPE(2, 3, 4), GT_SHAPE(2, 3, 4)};
    static const struct {
        gt_reverse_rule *rule;
        const char *kind;
    } list[] = {{exchanged, "another argument"},
                {one_step_late, "off by one step"},
                {ignores_cotangent, "cotangent ignored"},
                {none, "missing gradient"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        gt_op op = product(list[i].rule);
        gt_report report = check(&op, shapes, 2, false);
        cr_assert_eq(report.verdict, GT_WRONG);
        cr_expect_str_eq(report.findings[0].diagnosis.kind, list[i].kind, "%s", text_of(&report));
        gt_report_free(&report);
    }
}

/* ---- second order ---------------------------------------------------------------------------------- */

static void wave_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = sin(k->inputs[0][i * k->strides[0]]);
}

static void slope_f64(const gt_elementwise_f64 *k)
{
    for (size_t i = 0; i < k->count; i++)
        k->output[i] = cos(k->inputs[0][i * k->strides[0]]);
}

static gt_var slope_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_neg(gt_sin(gt_reverse_input(r, 0))));
}

static gt_var wrong_slope_reverse(gt_reverse *r, uint32_t slot)
{
    return gt_neg(slope_reverse(r, slot));
}

/* The op in the rule of the wave: its own rule is right, wrong, or not there. */
static gt_op slope = {.name = "wave_slope",
                      .arity = 1,
                      .op_class = GT_CLASS_ELEMENTWISE,
                      .shape = gt_shape_rule_elementwise,
                      .run_f64 = slope_f64};

static gt_var wave_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var x = gt_reverse_input(r, 0);
    return gt_mul(gt_reverse_cotangent(r), gt_apply(&slope, &x, 1, NULL, 0));
}

static gt_var held_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_cotangent(r), gt_cos(gt_reverse_input(r, 0)));
}

static gt_op wave(gt_reverse_rule *rule)
{
    return (gt_op){.name = "wave",
                   .arity = 1,
                   .op_class = GT_CLASS_ELEMENTWISE,
                   .shape = gt_shape_rule_elementwise,
                   .run_f64 = wave_f64,
                   .reverse = rule};
}

Test(check_op, second_order_is_checked_when_it_is_asked_for)
{
    static const struct {
        gt_reverse_rule *rule, *of_slope;
        const char *text; /* NULL: right */
    } list[] = {{held_reverse, NULL, NULL},
                {wave_reverse, slope_reverse, NULL},
                {wave_reverse, wrong_slope_reverse, "op wave_slope"},
                {wave_reverse, NULL, "it has none, so that no gradient flows through it"}};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        for (int second = 0; second < 2; second++) {
            gt_op op = wave(list[i].rule);
            slope.reverse = list[i].of_slope;
            gt_report report = check(&op, (gt_shape[]){GT_SHAPE(3, 2)}, 1, second == 1);
            bool wrong = second == 1 && list[i].text != NULL;
            cr_expect_eq(report.verdict, wrong ? GT_WRONG : GT_RIGHT, "%zu: %s", i, text_of(&report));
            cr_expect_eq(report.counts[GT_CHECK_SECOND].entries, second == 1 ? 12 : 0);
            if (wrong) {
                cr_expect_eq(report.findings[0].kind, GT_CHECK_SECOND);
                cr_expect_not_null(strstr(text_of(&report), list[i].text), "%s", text_of(&report));
            }
            gt_report_free(&report);
        }
}

Test(check_op, second_order_of_a_tape)
{
    for (int missing = 0; missing < 2; missing++) {
        gt_op op = wave(wave_reverse);
        gt_tape *tape = gt_tape_new(NULL);
        gt_var x = gt_input(tape, "x", GT_SHAPE(3)), h = gt_apply(&op, &x, 1, NULL, 0), y = gt_mul(h, h);
        const double data[3] = {0.2, -0.4, 0.9};
        gt_report report = {0};
        gt_error error = {0};
        gt_check_options options = {.second_order = true};
        slope.reverse = missing == 1 ? NULL : slope_reverse;
        cr_assert_eq(gt_check(&y, 1, &x, (const void *[]){data}, 1, &options, &report, &error), GT_OK, "%s",
                     error.message);
        cr_expect_eq(report.verdict, missing == 1 ? GT_WRONG : GT_RIGHT, "%s", text_of(&report));
        cr_expect_eq(report.counts[GT_CHECK_SECOND].entries, 6);
        gt_report_free(&report);
        gt_tape_free(tape);
    }
}

/* Every op of the library that works entry by entry: gradients of gradients, and both kernels. */
Test(check_op, the_librarys_ops_are_right)
{
    int checked = 0;
    for (uint32_t i = 0; gt_op_at(i) != NULL; i++) {
        const gt_op *op = gt_op_at(i);
        if (op->op_class != GT_CLASS_ELEMENTWISE || op->reverse == NULL || op->arity < 1 || op->arity > 3 ||
            strcmp(op->name, "pow") == 0 || strcmp(op->name, "stop_gradient") == 0)
            continue;
        gt_shape shapes[3] = {GT_SHAPE(3, 4), GT_SHAPE(3, 1), GT_SHAPE(3, 4)};
        gt_report report = check(op, shapes, (uint32_t)op->arity, true);
        cr_expect_eq(report.verdict, GT_RIGHT, "%s: %s", op->name, text_of(&report));
        cr_expect_gt(report.counts[GT_CHECK_SECOND].entries, 0, "%s", op->name);
        cr_expect_gt(report.counts[GT_CHECK_FORWARD].entries, 0, "%s", op->name);
        cr_expect_eq(report.precision, GT_F64);
        gt_report_free(&report);
        checked++;
    }
    cr_expect_geq(checked, 15);
}

/* ---- single precision -------------------------------------------------------------------------------- */

static void off_f32(const gt_elementwise_f32 *k)
{
    product_f32(k);
    for (size_t i = 0; i < k->count; i++)
        k->output[i] *= 1.002F;
}

Test(check_op, a_wrong_kernel_in_single_precision_is_wrong)
{
    gt_op op = product(right_product);
    op.run_f32 = off_f32;
    gt_report report = check(&op, (gt_shape[]){GT_SHAPE(3, 4), GT_SHAPE(3, 4)}, 2, false);
    cr_assert_eq(report.verdict, GT_WRONG);
    cr_expect_eq(report.findings[0].kind, GT_CHECK_FORWARD);
    cr_expect_not_null(strstr(text_of(&report), "run_f32 of the op my_product"), "%s", text_of(&report));
    gt_report_free(&report);
}
