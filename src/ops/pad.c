/* Attributes: the axis, zeros before, zeros after. */
#include "ops/blocks.h"
#include "ops/descriptors.h"
#include "ops/detail.h"
#include "ops/rule.h"

#include <string.h>

/* All bits 0 is the number 0 in every type. */
static gt_status pad_evaluate(const gt_kernel *kernel)
{
    gt_blocks x = gt_blocks_along(kernel->inputs[0], kernel->attributes[0]);
    gt_blocks output = gt_blocks_along(kernel->outputs[0], kernel->attributes[0]);
    memset(output.data, 0, output.inner * output.along * output.outer);
    gt_blocks_copy(output, (size_t)kernel->attributes[1], x, 0, x.along);
    return GT_OK;
}

static bool pad_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, 3) || !gt_rule_axis(query, query->attributes[0]))
        return false;
    gt_shape shape = gt_var_shape(query->inputs[0]);
    int64_t axis = query->attributes[0], before = query->attributes[1], after = query->attributes[2];
    if (before < 0 || after < 0)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "%lld zeros before and %lld after: neither may be negative",
                             (long long)before, (long long)after);
    if (__builtin_add_overflow(shape.size[axis], before, &shape.size[axis]) ||
        __builtin_add_overflow(shape.size[axis], after, &shape.size[axis]))
        return gt_shape_fail(query, GT_ERROR_SIZE, "axis %lld becomes longer than can be counted", (long long)axis);
    shape.rank = axis + 1 > shape.rank ? (int32_t)axis + 1 : shape.rank;
    return gt_rule_answer(query, shape);
}

/* The part of g that is not padding */
static gt_var pad_reverse(gt_reverse *r, uint32_t slot)
{
    int axis = (int)gt_reverse_attribute(r, 0);
    int64_t before = gt_reverse_attribute(r, 1);
    return gt_slice(gt_reverse_cotangent(r), axis, before, before + gt_reverse_input_shape(r, slot).size[axis]);
}

const gt_op gt_op_pad = {
    .name = "pad",
    .detail = gt_detail_padding,
    .onnx = "Pad",
    .onnx_form = GT_ONNX_PADDING,
    .documentation = "x with zeros added before and after along an axis.",
    .arity = 1,
    .op_class = GT_CLASS_VIEW,
    .linear = 1,
    .axes = GT_AXES_ALONG,
    .shape = pad_shape,
    .evaluate = pad_evaluate,
    .reverse = pad_reverse,
};

gt_var gt_pad(gt_var x, int axis, int64_t before, int64_t after)
{
    const int64_t attributes[] = {axis, before, after};
    return gt_apply(&gt_op_pad, &x, 1, attributes, 3);
}
