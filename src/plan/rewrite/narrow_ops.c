/*
 * Work on the narrower operand. A matrix divided by a row, a column or a number is
 * multiplied by the reciprocal, of which there are fewer: a division takes as long
 * as several products. A sum of negated entries is the negated sum, that of entries
 * times one number the number times the sum.
 *
 * Not exact: the product with a reciprocal is rounded twice.
 *
 * Needs: nothing; it looks at two or three ops that read each other.
 * Leaves: no division of a matrix by less than a matrix, no sum of what could be factored out of it.
 */
#include "plan/rewrite/passes.h"

#include "ops/descriptors.h"
#include "ops/reduce.h"
#include "ops/rule.h"

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

/* ---- sums of columns ------------------------------------------------------------------------- */

/* A sum or mean over columns. */
typedef struct column_sum {
    const gt_op *op;
    const int64_t *attributes;
    uint32_t attribute_count;
} column_sum;

/* How far products and sums are looked into. */
enum { MOST_DEPTH = 8 };

static bool has_one_row(gt_var v)
{
    return gt_var_shape(v).size[0] == 1;
}

/* A product with a factor that has one number for each column, or for all. */
static bool has_row_factor(gt_var x, int depth)
{
    if (gt_var_op(x) != &gt_op_mul || has_one_row(x) || depth == MOST_DEPTH)
        return false;
    for (uint32_t k = 0; k < 2; k++)
        if (has_one_row(gt_var_input(x, k)) || has_row_factor(gt_var_input(x, k), depth + 1))
            return true;
    return false;
}

static bool is_plain_sum(gt_var x)
{
    return gt_var_op(x) == &gt_op_add && gt_shape_same(gt_var_shape(gt_var_input(x, 0)), gt_var_shape(x)) &&
           gt_shape_same(gt_var_shape(gt_var_input(x, 1)), gt_var_shape(x));
}

static bool has_row_factors(gt_var x, int depth)
{
    if (depth == MOST_DEPTH || !is_plain_sum(x))
        return has_row_factor(x, depth);
    return has_row_factors(gt_var_input(x, 0), depth + 1) && has_row_factors(gt_var_input(x, 1), depth + 1);
}

static gt_var times(gt_var a, gt_var b)
{
    return a.tape == NULL ? b : b.tape == NULL ? a : gt_mul(a, b);
}

/* x = row * rest, either of which may be none. */
static void take_apart(gt_var x, int depth, gt_var *row, gt_var *rest)
{
    gt_var rows[2], rests[2];
    *row = has_one_row(x) ? x : GT_NONE;
    *rest = has_one_row(x) ? GT_NONE : x;
    if (!has_row_factor(x, depth))
        return;
    for (uint32_t k = 0; k < 2; k++)
        take_apart(gt_var_input(x, k), depth + 1, &rows[k], &rests[k]);
    *row = times(rows[0], rows[1]);
    *rest = times(rests[0], rests[1]);
}

static gt_var sum_apart(const column_sum *s, gt_var x, int depth)
{
    if (depth < MOST_DEPTH && is_plain_sum(x))
        return gt_add(sum_apart(s, gt_var_input(x, 0), depth + 1), sum_apart(s, gt_var_input(x, 1), depth + 1));
    gt_var row, rest;
    take_apart(x, depth, &row, &rest);
    return gt_mul(row, gt_apply(s->op, &rest, 1, s->attributes, s->attribute_count));
}

/*
 * The sum of a column times a number is the number times the sum, which does not wait for the number:
 * that is often another sum of the same column, as where a layer is normalised.
 */
static gt_var sum_columns(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    column_sum s = {node->op, gt_node_attributes(copy->from, node), node->attribute_count};
    gt_var x = gt_copy_input(copy, index, 0);
    bool negated = gt_var_op(x) == &gt_op_neg;
    x = negated ? gt_var_input(x, 0) : x;
    bool apart = s.attributes[GT_REDUCE_AXES] == 1 && has_row_factors(x, 0);
    if (!negated && !apart)
        return GT_NONE;
    gt_var sum = apart ? sum_apart(&s, x, 0) : gt_apply(s.op, &x, 1, s.attributes, s.attribute_count);
    /* A factor may have more axes, of one entry, than the sum, or fewer. */
    sum = gt_reshape(sum, gt_node_shape(copy->from, node));
    return negated ? gt_neg(sum) : sum;
}

/* ---- sums of two ----------------------------------------------------------------------------- */

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
    /* In a body the term may be of an outer tape, where indices count anew. */
    for (uint32_t k = 0; k < 2; k++)
        if (gt_var_input(sum, k).index == term.index && sum.tape == term.tape)
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
    return op == &gt_op_sum || op == &gt_op_mean ? sum_columns(copy, index) : GT_NONE;
}

const gt_rewrite gt_pass_narrow_ops = {.node = narrow};
