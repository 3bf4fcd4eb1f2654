#include "ops/rule.h"

bool gt_rule_attributes(const gt_shape_query *query, uint32_t count)
{
    if (query->attribute_count == count)
        return true;
    return gt_shape_fail(query, GT_ERROR_ARGUMENT, "%u attributes given; it takes %u", (unsigned)query->attribute_count,
                         (unsigned)count);
}

bool gt_rule_axis(const gt_shape_query *query, int64_t axis)
{
    if (axis >= 0 && axis < GT_MAX_RANK)
        return true;
    return gt_shape_fail(query, GT_ERROR_ARGUMENT, "axis %lld does not exist: arrays have axes 0 to %d",
                         (long long)axis, GT_MAX_RANK - 1);
}

static bool wants_type(const gt_shape_query *query, uint32_t slot, gt_dtype wanted, const char *reason)
{
    gt_dtype given = gt_var_dtype(query->inputs[slot]);
    if (given == wanted)
        return true;
    return gt_shape_fail(query, GT_ERROR_TYPE, "operand %u is %s and must be %s, %s", (unsigned)slot + 1,
                         gt_dtype_name(given), gt_dtype_name(wanted), reason);
}

bool gt_rule_real(const gt_shape_query *query, uint32_t slot)
{
    return wants_type(query, slot, gt_tape_dtype(query->tape), "the tape's type");
}

bool gt_rule_whole(const gt_shape_query *query, uint32_t slot)
{
    return wants_type(query, slot, GT_I32, "whole numbers");
}

bool gt_shape_possible(gt_shape shape)
{
    if (shape.rank < 0 || shape.rank > GT_MAX_RANK)
        return false;
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        if (shape.size[axis] < 1 || (axis >= shape.rank && shape.size[axis] != 1))
            return false;
    return true;
}

bool gt_rule_answer(gt_shape_query *query, gt_shape shape)
{
    char text[128];
    if (!gt_shape_possible(shape))
        return gt_shape_fail(query, GT_ERROR_SHAPE,
                             "the impossible shape %s; an array has at most %d axes, each of size "
                             "at least 1",
                             gt_shape_format(shape, text, sizeof text), GT_MAX_RANK);
    if (gt_shape_count(shape) < 0)
        return gt_shape_fail(query, GT_ERROR_SIZE, "%s has more entries than can be counted",
                             gt_shape_format(shape, text, sizeof text));
    query->shape = shape;
    return true;
}

bool gt_rule_columns(const gt_shape_query *query, int64_t first, uint32_t slot, gt_shape *shape)
{
    gt_shape rest = gt_var_shape(query->inputs[slot]);
    if (rest.size[GT_MAX_RANK - 1] != 1)
        return gt_shape_fail(query, GT_ERROR_SHAPE, "operand %u may have at most %d axes", (unsigned)slot + 1,
                             GT_MAX_RANK - 1);
    shape->size[0] = first;
    for (int axis = 1; axis < GT_MAX_RANK; axis++)
        shape->size[axis] = rest.size[axis - 1];
    shape->rank = rest.rank < GT_MAX_RANK ? rest.rank + 1 : GT_MAX_RANK;
    return true;
}

void gt_shape_to_attributes(gt_shape shape, int64_t *attributes)
{
    attributes[0] = shape.rank;
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        attributes[1 + axis] = shape.size[axis];
}

gt_shape gt_shape_from_attributes(const int64_t *attributes)
{
    gt_shape shape = {-1, {1, 1, 1, 1}};
    if (attributes[0] >= 0 && attributes[0] <= GT_MAX_RANK)
        shape.rank = (int32_t)attributes[0];
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        shape.size[axis] = attributes[1 + axis];
    return shape;
}

int32_t gt_shape_least_rank(gt_shape shape)
{
    int32_t rank = GT_MAX_RANK;
    while (rank > 0 && shape.size[rank - 1] == 1)
        rank--;
    return rank;
}

bool gt_shape_same(gt_shape a, gt_shape b)
{
    return a.rank == b.rank && gt_shape_equal(a, b);
}
