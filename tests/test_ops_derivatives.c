/*
 * Every op of the list, from its descriptor: first and second derivatives, both
 * types, forward mode. Nothing here names an op; see support/op_cases.c for
 * what each is called with.
 */
#include "support/op_check.h"

#include <criterion/criterion.h>

enum { SEEDS = 3 };

static void run_all(op_check *check, bool large)
{
    static op_case cases[MAX_CASES];
    uint32_t checked = 0;
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        uint32_t count = op_cases(gt_op_at(i), large, cases);
        for (uint32_t k = 0; k < count; k++)
            for (uint32_t seed = 1; seed <= SEEDS; seed++, checked++) {
                char why[WHY_SIZE] = "", label[256];
                bool good = check(&cases[k], seed, why);
                cr_expect(good, "%s, seed %u: %s", op_case_label(&cases[k], label, sizeof label), seed, why);
            }
    }
    cr_assert_gt(checked, 3 * gt_op_count() / 2, "almost nothing was checked");
}

Test(ops_derivatives, every_op_has_cases)
{
    op_case cases[MAX_CASES];
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        if (!op_has_cases(op))
            continue;
        cr_expect_gt(op_cases(op, false, cases), 0, "%s has no small cases in support/op_cases.c", op->name);
        cr_expect_gt(op_cases(op, true, cases), 0, "%s has no large cases in support/op_cases.c", op->name);
    }
}

Test(ops_derivatives, descriptors_are_complete)
{
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        cr_expect_eq(gt_op_find(op->name), op, "%s is not found by its name", op->name);
        cr_expect_not_null(op->documentation, "%s has no documentation", op->name);
        cr_expect_not_null(op->shape, "%s has no shape rule", op->name);
        if (op->op_class == GT_CLASS_ELEMENTWISE)
            cr_expect(op->run_f64 != NULL && op->run_f32 != NULL, "%s lacks a kernel", op->name);
        else if (op->op_class != GT_CLASS_LEAF && op->op_class != GT_CLASS_PART)
            cr_expect_not_null(op->evaluate, "%s has no kernel", op->name);
    }
    cr_expect_null(gt_op_at(gt_op_count()));
    cr_expect_null(gt_op_find("no such op"));
    cr_expect_null(gt_op_find(NULL));
}

Test(ops_derivatives, jacobian)
{
    run_all(check_jacobian, false);
}

Test(ops_derivatives, gradient)
{
    run_all(check_gradient, false);
}

Test(ops_derivatives, second_order)
{
    run_all(check_second_jacobian, false);
}

Test(ops_derivatives, zero_cotangent)
{
    run_all(check_zero_cotangent, false);
    run_all(check_zero_cotangent, true);
}

Test(ops_derivatives, projections_of_larger_arrays)
{
    run_all(check_projection, true);
    run_all(check_second_projection, true);
}

Test(ops_derivatives, f32_agrees_with_f64)
{
    run_all(check_f32, false);
    run_all(check_f32, true);
}

Test(ops_derivatives, forward_mode)
{
    run_all(check_forward, false);
    run_all(check_forward, true);
}
