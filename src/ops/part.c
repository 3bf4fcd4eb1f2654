/* Attributes as in part.h. The split's kernel fills its parts, and its rule reads their adjoints.
 */
#include "ops/part.h"

#include "ops/descriptors.h"
#include "ops/detail.h"
#include "ops/rule.h"

static bool part_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, GT_PART_ATTRIBUTES))
        return false;
    gt_var split = query->inputs[0];
    int64_t axis = query->attributes[GT_PART_AXIS], drop = query->attributes[GT_PART_DROP];
    int64_t start = query->attributes[GT_PART_START], size = query->attributes[GT_PART_SIZE];
    if (gt_var_op(split) != &gt_op_split || gt_var_attribute(split, 0) != axis || gt_var_attribute(split, 1) != drop)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "the operand must be a split along the same axis");
    gt_var whole = gt_var_input(split, 0);
    gt_shape shape = gt_var_shape(whole);
    if (start < 0 || size < 1 || size > shape.size[axis] || start > shape.size[axis] - size)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "start %lld and size %lld do not lie in 0 to %lld",
                             (long long)start, (long long)size, (long long)shape.size[axis]);
    if (drop != 0 && size != 1)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "an axis of size %lld cannot be dropped", (long long)size);
    shape.size[axis] = size;
    if (drop != 0)
        shape.rank = (int32_t)axis;
    query->dtype = gt_var_dtype(whole);
    return gt_rule_answer(query, shape);
}

const gt_op gt_op_part = {
    .name = "part",
    .detail = gt_detail_part,
    .onnx = "Slice",
    .onnx_form = GT_ONNX_PART,
    .documentation = "One part of a split.",
    .arity = 1,
    .op_class = GT_CLASS_PART,
    .shape = part_shape,
};

gt_var gt_record_part(gt_var split, uint32_t i, int64_t start, int64_t size, int axis, bool drop)
{
    const int64_t attributes[GT_PART_ATTRIBUTES] = {
        [GT_PART_INDEX] = i,   [GT_PART_START] = start, [GT_PART_SIZE] = size,
        [GT_PART_AXIS] = axis, [GT_PART_DROP] = drop,
    };
    return gt_apply(&gt_op_part, &split, 1, attributes, GT_PART_ATTRIBUTES);
}
