/* Attributes: the axis, start, stop. */
#include "ops/blocks.h"
#include "ops/descriptors.h"
#include "ops/detail.h"
#include "ops/rule.h"

static gt_status slice_evaluate(const gt_kernel *kernel)
{
    gt_blocks x = gt_blocks_along(kernel->inputs[0], kernel->attributes[0]);
    gt_blocks output = gt_blocks_along(kernel->outputs[0], kernel->attributes[0]);
    gt_blocks_copy(output, 0, x, (size_t)kernel->attributes[1], output.along);
    return GT_OK;
}

static bool slice_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, 3) || !gt_rule_axis(query, query->attributes[0]))
        return false;
    gt_shape shape = gt_var_shape(query->inputs[0]);
    int64_t axis = query->attributes[0], start = query->attributes[1], stop = query->attributes[2];
    if (start < 0 || start >= stop || stop > shape.size[axis])
        return gt_shape_fail(query, GT_ERROR_ARGUMENT,
                             "%lld:%lld along axis %lld must be 0 <= start < stop <= %lld; it does "
                             "not count from the end",
                             (long long)start, (long long)stop, (long long)axis, (long long)shape.size[axis]);
    shape.size[axis] = stop - start;
    return gt_rule_answer(query, shape);
}

/* g with zeros where nothing was taken */
static gt_var slice_reverse(gt_reverse *r, uint32_t slot)
{
    int axis = (int)gt_reverse_attribute(r, 0);
    int64_t start = gt_reverse_attribute(r, 1), stop = gt_reverse_attribute(r, 2);
    return gt_pad(gt_reverse_cotangent(r), axis, start, gt_reverse_input_shape(r, slot).size[axis] - stop);
}

const gt_op gt_op_slice = {
    .name = "slice",
    .detail = gt_detail_range,
    .onnx = "Slice",
    .onnx_form = GT_ONNX_INTERVAL,
    .documentation = "The entries start to stop - 1 along an axis.",
    .arity = 1,
    .op_class = GT_CLASS_VIEW,
    .linear = 1,
    .axes = GT_AXES_ALONG,
    .shape = slice_shape,
    .evaluate = slice_evaluate,
    .reverse = slice_reverse,
};

gt_var gt_slice(gt_var x, int axis, int64_t start, int64_t stop)
{
    const int64_t attributes[] = {axis, start, stop};
    return gt_apply(&gt_op_slice, &x, 1, attributes, 3);
}
