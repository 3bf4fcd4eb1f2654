/*
 * Attribute 0: the axis. Attribute 1: the size of every part along it, or 0 if
 * they differ; with it the place of a part is known without adding up the others.
 */
#include "ops/blocks.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

static gt_status concat_evaluate(const gt_kernel *kernel)
{
    int64_t axis = kernel->attributes[0];
    gt_blocks output = gt_blocks_along(kernel->outputs[0], axis);
    size_t start = 0;
    for (uint32_t i = 0; i < kernel->input_count; i++) {
        gt_blocks part = gt_blocks_along(kernel->inputs[i], axis);
        gt_blocks_copy(output, start, part, 0, part.along);
        start += part.along;
    }
    return GT_OK;
}

static bool wants_part(const gt_shape_query *query, uint32_t i, int axis, gt_shape first)
{
    gt_shape part = gt_var_shape(query->inputs[i]);
    if (gt_var_dtype(query->inputs[i]) != gt_var_dtype(query->inputs[0]))
        return gt_shape_fail(query, GT_ERROR_TYPE, "operand %u is %s and operand 1 is %s", (unsigned)i + 1,
                             gt_dtype_name(gt_var_dtype(query->inputs[i])),
                             gt_dtype_name(gt_var_dtype(query->inputs[0])));
    for (int other = 0; other < GT_MAX_RANK; other++)
        if (other != axis && part.size[other] != first.size[other])
            return gt_shape_fail(query, GT_ERROR_SHAPE,
                                 "operand %u has size %lld along axis %d and operand 1 has %lld; "
                                 "only axis %d may differ",
                                 (unsigned)i + 1, (long long)part.size[other], other, (long long)first.size[other],
                                 axis);
    if (query->attributes[1] != 0 && query->attributes[1] != part.size[axis])
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "attribute 1 must be the common size of the parts or 0");
    return true;
}

static bool concat_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, 2) || !gt_rule_axis(query, query->attributes[0]))
        return false;
    int axis = (int)query->attributes[0];
    gt_shape first = gt_var_shape(query->inputs[0]), result = first;
    result.size[axis] = 0;
    for (uint32_t i = 0; i < query->input_count; i++) {
        gt_shape part = gt_var_shape(query->inputs[i]);
        if (!wants_part(query, i, axis, first))
            return false;
        if (__builtin_add_overflow(result.size[axis], part.size[axis], &result.size[axis]))
            return gt_shape_fail(query, GT_ERROR_SIZE, "the sizes along axis %d add up to more than can be counted",
                                 axis);
        result.rank = part.rank > result.rank ? part.rank : result.rank;
    }
    result.rank = axis + 1 > result.rank ? axis + 1 : result.rank;
    return gt_rule_answer(query, result);
}

/* g[start:stop] of this part */
static gt_var concat_reverse(gt_reverse *r, uint32_t slot)
{
    int axis = (int)gt_reverse_attribute(r, 0);
    int64_t start = gt_reverse_attribute(r, 1) * slot;
    for (uint32_t i = 0; gt_reverse_attribute(r, 1) == 0 && i < slot; i++)
        start += gt_reverse_input_shape(r, i).size[axis];
    return gt_slice(gt_reverse_cotangent(r), axis, start, start + gt_reverse_input_shape(r, slot).size[axis]);
}

const gt_op gt_op_concat = {
    .name = "concat",
    .onnx = "Concat",
    .onnx_form = GT_ONNX_AXIS,
    .documentation = "Joins arrays along an axis; all other axes must be equal.",
    .arity = GT_VARIADIC,
    .op_class = GT_CLASS_VIEW,
    .axes = GT_AXES_ALONG,
    .shape = concat_shape,
    .evaluate = concat_evaluate,
    .reverse = concat_reverse,
};

/* The size of all parts along the axis, 0 if they differ or the axis does not exist. */
static int64_t common_size(const gt_var *parts, uint32_t count, int axis)
{
    if (axis < 0 || axis >= GT_MAX_RANK)
        return 0;
    int64_t size = gt_var_shape(parts[0]).size[axis];
    for (uint32_t i = 1; i < count; i++)
        if (gt_var_shape(parts[i]).size[axis] != size)
            return 0;
    return size;
}

gt_var gt_concat(const gt_var *parts, uint32_t count, int axis)
{
    if (parts == NULL || count == 0)
        return GT_NONE;
    const int64_t attributes[] = {axis, common_size(parts, count, axis)};
    return gt_apply(&gt_op_concat, parts, count, attributes, 2);
}

gt_var gt_stack(const gt_var *parts, uint32_t count)
{
    int32_t rank = 0;
    for (uint32_t i = 0; parts != NULL && i < count; i++) {
        int32_t other = gt_var_shape(parts[i]).rank;
        rank = other > rank ? other : rank;
    }
    return gt_concat(parts, count, rank);
}
