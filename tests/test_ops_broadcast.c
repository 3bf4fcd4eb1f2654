/*
 * Every element-by-element op of two or three operands under every pattern of
 * stretched axes, with and without trailing axes of size 1 (so ranks mix).
 */
#include "support/op_check.h"

#include <criterion/criterion.h>
#include <string.h>

/* The shape in which the axes of `stretched` have size 1. */
static gt_shape pattern(const int64_t *sizes, int axes, unsigned stretched, bool short_rank)
{
    gt_shape shape = {axes, {1, 1, 1, 1}};
    for (int axis = 0; axis < axes; axis++)
        shape.size[axis] = stretched >> axis & 1 ? 1 : sizes[axis];
    while (short_rank && shape.rank > 0 && shape.size[shape.rank - 1] == 1)
        shape.rank--;
    return shape;
}

static void expect(op_check *check, const op_case *c, uint32_t seed)
{
    char why[WHY_SIZE] = "", label[256];
    bool good = check(c, seed, why);
    cr_expect(good, "%s: %s", op_case_label(c, label, sizeof label), why);
}

static void every_pattern(const gt_op *op, const int64_t *sizes, int axes, op_check *first, op_check *second)
{
    unsigned per_operand = 1u << axes, patterns = 1;
    for (int32_t k = 0; k < op->arity; k++)
        patterns *= per_operand;
    for (unsigned p = 0; p < patterns; p++) {
        op_case c = {.op = op, .input_count = (uint32_t)op->arity};
        unsigned rest = p;
        for (int32_t k = 0; k < op->arity; k++, rest /= per_operand)
            c.shapes[k] = pattern(sizes, axes, rest % per_operand, (p + (unsigned)k) % 2 == 0);
        expect(first, &c, p + 1);
        expect(second, &c, p + 1);
    }
}

static void every_op(int32_t arity, const int64_t *sizes, int axes, op_check *first, op_check *second)
{
    uint32_t checked = 0;
    for (uint32_t i = 0; i < gt_op_count(); i++) {
        const gt_op *op = gt_op_at(i);
        if (op->op_class != GT_CLASS_ELEMENTWISE || op->arity != arity)
            continue;
        every_pattern(op, sizes, axes, first, second);
        checked++;
    }
    cr_assert_gt(checked, 0, "there is no op of %d operands", (int)arity);
}

Test(ops_broadcast, two_operands_two_axes)
{
    every_op(2, (const int64_t[]){2, 3}, 2, check_jacobian, check_second_jacobian);
}

Test(ops_broadcast, two_operands_three_axes)
{
    every_op(2, (const int64_t[]){3, 2, 2}, 3, check_gradient, check_second_projection);
}

Test(ops_broadcast, three_operands_two_axes)
{
    every_op(3, (const int64_t[]){2, 3}, 2, check_jacobian, check_second_jacobian);
}

Test(ops_broadcast, three_operands_three_axes)
{
    every_op(3, (const int64_t[]){2, 3, 2}, 3, check_gradient, check_second_projection);
}

/* All four axes; what differs between ops was tested above, so one of each kind of rule. */
Test(ops_broadcast, four_axes)
{
    static const char *const names[] = {"mul", "div", "maximum"};
    for (int i = 0; i < 3; i++)
        every_pattern(gt_op_find(names[i]), (const int64_t[]){3, 2, 2, 3}, 4, check_projection,
                      check_second_projection);
}

Test(ops_broadcast, f32)
{
    every_op(2, (const int64_t[]){5, 3, 2}, 3, check_f32, check_zero_cotangent);
}

/* The values themselves: each entry of the result from the entries that it stretches. */
static void expect_values(gt_shape a, gt_shape b)
{
    gt_tape *t = gt_tape_new(NULL);
    gt_var x = gt_input(t, "a", a), y = gt_input(t, "b", b), z = gt_sub(x, y);
    double x_data[256], y_data[256];
    for (int i = 0; i < 256; i++) {
        x_data[i] = i;
        y_data[i] = 1000 * (i + 1);
    }
    gt_interpreter *run = gt_interpreter_new(t);
    gt_interpreter_bind(run, x, x_data);
    gt_interpreter_bind(run, y, y_data);
    cr_assert_eq(gt_interpreter_evaluate(run, &z, 1), GT_OK, "%s", gt_interpreter_message(run));
    const double *value = gt_interpreter_value(run, z);
    gt_shape s = gt_var_shape(z);
    for (int64_t place = 0; place < gt_shape_count(s); place++) {
        int64_t rest = place, i = 0, j = 0, step_a = 1, step_b = 1;
        for (int axis = 0; axis < GT_MAX_RANK; axis++) {
            int64_t at = rest % s.size[axis];
            rest /= s.size[axis];
            i += (a.size[axis] == 1 ? 0 : at) * step_a;
            j += (b.size[axis] == 1 ? 0 : at) * step_b;
            step_a *= a.size[axis];
            step_b *= b.size[axis];
        }
        cr_assert(value[place] == x_data[i] - y_data[j], "entry %lld", (long long)place);
    }
    gt_interpreter_free(run);
    gt_tape_free(t);
}

Test(ops_broadcast, values)
{
    const int64_t sizes[] = {3, 2, 4, 2};
    for (unsigned a = 0; a < 16; a++)
        for (unsigned b = 0; b < 16; b++)
            expect_values(pattern(sizes, 4, a, true), pattern(sizes, 4, b, false));
}
