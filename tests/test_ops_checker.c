/*
 * The checker is itself checked: rules with a planted mistake must fail, and the
 * same ops without one must pass.
 */
#include "support/op_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* The rule into which a mistake is planted. */
static gt_reverse_rule *original;

static gt_var number(gt_reverse *r, double value)
{
    return gt_constant(gt_reverse_tape(r), value);
}

static gt_var unchanged(gt_reverse *r, uint32_t slot)
{
    return original(r, slot);
}

static gt_var flipped(gt_reverse *r, uint32_t slot)
{
    return gt_neg(original(r, slot));
}

static gt_var flipped_in_last_slot(gt_reverse *r, uint32_t slot)
{
    gt_var g = original(r, slot);
    return slot + 1 == gt_reverse_input_count(r) ? gt_neg(g) : g;
}

static gt_var scaled(gt_reverse *r, uint32_t slot)
{
    return gt_mul(original(r, slot), number(r, 1.001));
}

static gt_var zeroed(gt_reverse *r, uint32_t slot)
{
    return gt_mul(original(r, slot), number(r, 0));
}

static gt_var missing(gt_reverse *r, uint32_t slot)
{
    (void)r;
    (void)slot;
    return GT_NONE;
}

static gt_var poisoned(gt_reverse *r, uint32_t slot)
{
    return gt_mul(original(r, slot), number(r, NAN));
}

/* Only the first entry is NaN. */
static gt_var poisoned_entry(gt_reverse *r, uint32_t slot)
{
    gt_var g = original(r, slot), none = number(r, NAN);
    gt_shape shape = gt_var_shape(g), one = GT_SHAPE(1, 1, 1, 1);
    gt_var entry = gt_broadcast(none, one);
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        entry = gt_pad(entry, axis, 0, shape.size[axis] - 1);
    return gt_add(g, entry);
}

static gt_var swapped(gt_reverse *r, uint32_t slot)
{
    return original(r, 1 - slot);
}

/* ---- dropped terms, each of its own op ----------------------------------------------------- */

static gt_var tanh_without_square(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_reverse_cotangent(r);
}

static gt_var softmax_without_sum(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_mul(gt_reverse_output(r), gt_reverse_cotangent(r));
}

static gt_var log_softmax_without_sum(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_reverse_cotangent(r);
}

static gt_var cross_entropy_without_target(gt_reverse *r, uint32_t slot)
{
    return slot != 0 ? GT_NONE : gt_mul(gt_softmax(gt_reverse_input(r, 0)), gt_reverse_cotangent(r));
}

static gt_var div_without_denominator(gt_reverse *r, uint32_t slot)
{
    return slot == 0 ? gt_div(gt_reverse_cotangent(r), gt_reverse_input(r, 1)) : GT_NONE;
}

/* ---- right at first order only ------------------------------------------------------------- */

static gt_var frozen(gt_reverse *r, uint32_t slot)
{
    return gt_stop_gradient(original(r, slot));
}

/* g * (1 - y * y) in which the slope is taken for a constant */
static gt_var tanh_with_frozen_slope(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var y = gt_reverse_output(r), slope = gt_sub(number(r, 1), gt_mul(y, y));
    return gt_mul(gt_reverse_cotangent(r), gt_stop_gradient(slope));
}

/* ---- running ------------------------------------------------------------------------------- */

static bool passes(const op_case *model, gt_reverse_rule *rule, op_check *check, char *why)
{
    gt_op wrong = *model->op;
    op_case c = *model;
    original = model->op->reverse;
    wrong.reverse = rule;
    c.op = &wrong;
    return check(&c, 5, why);
}

static void expect_caught(const char *name, gt_reverse_rule *rule, op_check *check, bool large, const char *mistake)
{
    static op_case cases[MAX_CASES];
    char why[WHY_SIZE] = "";
    uint32_t count = op_cases(gt_op_find(name), large, cases);
    cr_assert_gt(count, 0);
    /* In every case but columns of one entry, where the derivative of a softmax is 0. */
    uint32_t tried = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (cases[i].shapes[0].size[0] == 1)
            continue;
        bool control = passes(&cases[i], unchanged, check, why);
        cr_expect(control, "%s without a mistake: %s", name, why);
        bool missed = passes(&cases[i], rule, check, why);
        cr_expect(!missed, "%s: %s was not noticed", name, mistake);
        if (!missed)
            cr_expect_str_not_empty(why);
        tried++;
    }
    cr_assert_gt(tried, 0);
}

static const char *const unary[] = {"tanh", "sigmoid", "exp", "log", "sqrt", "abs", "softmax", "transpose", "neg"};
static const char *const binary[] = {"mul", "div", "sub", "maximum", "matmul"};

static void for_each(const char *const *names, size_t count, gt_reverse_rule *rule, const char *mistake)
{
    for (size_t i = 0; i < count; i++) {
        expect_caught(names[i], rule, check_jacobian, false, mistake);
        expect_caught(names[i], rule, check_gradient, false, mistake);
        expect_caught(names[i], rule, check_projection, true, mistake);
    }
}

static void for_all(gt_reverse_rule *rule, const char *mistake)
{
    for_each(unary, sizeof unary / sizeof unary[0], rule, mistake);
    for_each(binary, sizeof binary / sizeof binary[0], rule, mistake);
}

Test(ops_checker, sign_flip)
{
    for_all(flipped, "a sign flip");
}

Test(ops_checker, sign_flip_of_one_operand)
{
    for_each(binary, sizeof binary / sizeof binary[0], flipped_in_last_slot, "a sign flip in one operand");
}

Test(ops_checker, factor)
{
    for_all(scaled, "a factor 1.001");
}

Test(ops_checker, zero)
{
    for_all(zeroed, "a zero");
    for_all(missing, "a missing rule");
}

Test(ops_checker, not_a_number)
{
    for_all(poisoned, "NaN");
    for_all(poisoned_entry, "one NaN");
}

Test(ops_checker, not_a_number_under_a_zero_cotangent)
{
    expect_caught("tanh", poisoned, check_zero_cotangent, false, "NaN");
    expect_caught("mul", poisoned_entry, check_zero_cotangent, false, "one NaN");
    expect_caught("tanh", poisoned, check_f32, false, "NaN");
    expect_caught("tanh", poisoned, check_forward, false, "NaN");
}

Test(ops_checker, swapped_inputs)
{
    static const char *const names[] = {"mul", "div", "sub", "maximum", "matmul"};
    for_each(names, sizeof names / sizeof names[0], swapped, "swapped inputs");
}

Test(ops_checker, dropped_term)
{
    static const struct {
        const char *op;
        gt_reverse_rule *rule;
    } drops[] = {{"tanh", tanh_without_square},
                 {"softmax", softmax_without_sum},
                 {"log_softmax", log_softmax_without_sum},
                 {"cross_entropy", cross_entropy_without_target},
                 {"div", div_without_denominator}};
    for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++) {
        expect_caught(drops[i].op, drops[i].rule, check_jacobian, false, "a dropped term");
        expect_caught(drops[i].op, drops[i].rule, check_gradient, false, "a dropped term");
        expect_caught(drops[i].op, drops[i].rule, check_projection, true, "a dropped term");
        expect_caught(drops[i].op, drops[i].rule, check_forward, false, "a dropped term");
    }
}

/* A rule may have the right value and still not be differentiable. */
Test(ops_checker, wrong_at_second_order_only)
{
    static const char *const names[] = {"tanh", "mul", "softmax", "matmul"};
    char why[WHY_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        op_case cases[MAX_CASES];
        op_cases(gt_op_find(names[i]), false, cases);
        cr_expect(passes(&cases[0], frozen, check_jacobian, why), "%s", why);
        expect_caught(names[i], frozen, check_second_jacobian, false, "a frozen gradient");
        expect_caught(names[i], frozen, check_second_projection, true, "a frozen gradient");
    }
    expect_caught("tanh", tanh_with_frozen_slope, check_second_jacobian, false, "a frozen slope");
    expect_caught("tanh", tanh_with_frozen_slope, check_second_projection, true, "a frozen slope");
}
