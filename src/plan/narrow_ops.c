/*
 * Work on the narrower operand. A matrix divided by a row, a column or a number is
 * multiplied by the reciprocal, of which there are fewer: a division takes as long
 * as several products. A sum of negated entries is the negated sum.
 *
 * Not exact: the product with a reciprocal is rounded twice.
 */
#include "plan/passes.h"

#include "ops/descriptors.h"

static gt_var multiply_by_reciprocal(gt_copy *copy, uint32_t index)
{
    gt_var a = gt_copy_input(copy, index, 0), b = gt_copy_input(copy, index, 1);
    gt_shape shape = gt_node_shape(copy->from, gt_tape_node(copy->from, index));
    if (gt_shape_count(gt_var_shape(b)) >= gt_shape_count(shape))
        return GT_NONE;
    /* A constant belongs outside of all loops; what uses it brings it in. */
    const gt_copy *outermost = copy;
    while (outermost->around != NULL)
        outermost = outermost->around;
    return gt_mul(a, gt_div(gt_constant(outermost->to, 1), b));
}

static gt_var negate_sum(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_var x = gt_copy_input(copy, index, 0);
    if (gt_var_op(x) != &gt_op_neg)
        return GT_NONE;
    gt_var inside = gt_var_input(x, 0);
    return gt_neg(gt_apply(node->op, &inside, 1, gt_node_attributes(copy->from, node), node->attribute_count));
}

/* a * b with the one of fewer entries first. */
static bool is_scaled(gt_var v, gt_var *factor, gt_var *matrix)
{
    if (gt_var_op(v) != &gt_op_mul)
        return false;
    for (uint32_t k = 0; k < 2; k++) {
        *factor = gt_var_input(v, k);
        *matrix = gt_var_input(v, 1 - k);
        if (gt_shape_count(gt_var_shape(*factor)) < gt_shape_count(gt_var_shape(*matrix)))
            return true;
    }
    return false;
}

/* The adjoint of x * x is the same product twice: (a + r * x) + r * x is a + (r + r) * x. */
static gt_var double_factor(gt_copy *copy, uint32_t index)
{
    gt_var sum = gt_copy_input(copy, index, 0), term = gt_copy_input(copy, index, 1), factor, matrix;
    if (gt_var_op(sum) != &gt_op_add || !is_scaled(term, &factor, &matrix))
        return GT_NONE;
    for (uint32_t k = 0; k < 2; k++)
        if (gt_var_input(sum, k).index == term.index)
            return gt_add(gt_var_input(sum, 1 - k), gt_mul(gt_add(factor, factor), matrix));
    return GT_NONE;
}

static gt_var narrow(gt_copy *copy, uint32_t index)
{
    const gt_op *op = gt_tape_node(copy->from, index)->op;
    if (op == &gt_op_div)
        return multiply_by_reciprocal(copy, index);
    if (op == &gt_op_add)
        return double_factor(copy, index);
    return op == &gt_op_sum || op == &gt_op_mean ? negate_sum(copy, index) : GT_NONE;
}

const gt_rewrite gt_pass_narrow_ops = {.node = narrow};
