/* Attributes: the new shape. */
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

static gt_status reshape_evaluate(const gt_kernel *kernel)
{
    const gt_array *x = &kernel->inputs[0];
    memcpy(kernel->outputs[0].data, x->data, (size_t)gt_shape_count(x->shape) * gt_dtype_size(x->dtype));
    return GT_OK;
}

static bool reshape_shape(gt_shape_query *query)
{
    char text[128];
    if (!gt_rule_attributes(query, GT_SHAPE_ATTRIBUTES) ||
        !gt_rule_answer(query, gt_shape_from_attributes(query->attributes)))
        return false;
    int64_t given = gt_shape_count(gt_var_shape(query->inputs[0])), wanted = gt_shape_count(query->shape);
    if (given == wanted)
        return true;
    return gt_shape_fail(query, GT_ERROR_SHAPE, "%lld entries cannot take the shape %s of %lld", (long long)given,
                         gt_shape_format(query->shape, text, sizeof text), (long long)wanted);
}

static gt_var reshape_reverse(gt_reverse *r, uint32_t slot)
{
    return gt_reshape(gt_reverse_cotangent(r), gt_reverse_input_shape(r, slot));
}

const gt_op gt_op_reshape = {
    .name = "reshape",
    .onnx = "Reshape",
    .onnx_form = GT_ONNX_SHAPE,
    .documentation = "The same entries in the same (column-major) order under another shape.",
    .arity = 1,
    .op_class = GT_CLASS_VIEW,
    .linear = 1,
    .axes = GT_AXES_ORDERED,
    .shape = reshape_shape,
    .evaluate = reshape_evaluate,
    .reverse = reshape_reverse,
};

gt_var gt_reshape(gt_var x, gt_shape shape)
{
    if (gt_var_valid(x) && gt_shape_same(gt_var_shape(x), shape))
        return x;
    int64_t attributes[GT_SHAPE_ATTRIBUTES];
    gt_shape_to_attributes(shape, attributes);
    return gt_apply(&gt_op_reshape, &x, 1, attributes, GT_SHAPE_ATTRIBUTES);
}
