/*
 * A sum of arrays that are padded with zeros, each where the others are not, is a
 * concat. The adjoint of slices is such a sum: a cell that computes its four gates
 * with one weight and slices them apart then has the same backward pass as one
 * with four weights.
 *
 * Not exact: -0 + 0 is 0, and the concat keeps -0.
 *
 * Needs: no identity between the sums.
 * Leaves: no sum of padded arrays that could be a concat.
 */
#include "plan/rewrite/passes.h"

#include "ops/descriptors.h"
#include "ops/rule.h"

enum { MOST_PARTS = 64 };

/* Where the entries of a padded array are along its axis. */
typedef struct padded {
    gt_var inside;
    int64_t axis, before, after;
} padded;

static bool is_padded(gt_var v, padded *p)
{
    if (gt_var_op(v) != &gt_op_pad)
        return false;
    *p = (padded){gt_var_input(v, 0), gt_var_attribute(v, 0), gt_var_attribute(v, 1), gt_var_attribute(v, 2)};
    return true;
}

/* The parts of v where it is a concat along the axis, or v itself. False if there are too many. */
static bool add_parts(gt_var v, int64_t axis, gt_var *parts, uint32_t *count)
{
    bool joined = gt_var_op(v) == &gt_op_concat && gt_var_attribute(v, 0) == axis;
    uint32_t more = joined ? gt_var_input_count(v) : 1;
    if (*count + more > MOST_PARTS)
        return false;
    for (uint32_t k = 0; k < more; k++)
        parts[(*count)++] = joined ? gt_var_input(v, k) : v;
    return true;
}

static gt_var join(const padded *first, const padded *second)
{
    gt_var parts[MOST_PARTS];
    uint32_t count = 0;
    if (!add_parts(first->inside, first->axis, parts, &count) || !add_parts(second->inside, first->axis, parts, &count))
        return GT_NONE;
    gt_var all = gt_concat(parts, count, (int)first->axis);
    return first->before == 0 && second->after == 0 ? all : gt_pad(all, (int)first->axis, first->before, second->after);
}

static gt_var join_node(gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    padded a, b;
    if (node->op != &gt_op_add || !is_padded(gt_copy_input(copy, index, 0), &a) ||
        !is_padded(gt_copy_input(copy, index, 1), &b) || a.axis != b.axis)
        return GT_NONE;
    gt_shape shape = gt_node_shape(copy->from, node);
    if (!gt_shape_same(gt_var_shape(gt_copy_input(copy, index, 0)), shape) ||
        !gt_shape_same(gt_var_shape(gt_copy_input(copy, index, 1)), shape))
        return GT_NONE;
    int64_t size = shape.size[a.axis];
    if (size - a.after == b.before)
        return join(&a, &b);
    return size - b.after == a.before ? join(&b, &a) : GT_NONE;
}

const gt_rewrite gt_pass_join_pads = {.node = join_node};
