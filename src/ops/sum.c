/* Attributes as in reduce.h. */
#include "graph/describe.h"
#include "ops/descriptors.h"
#include "ops/detail.h"
#include "ops/reduce.h"
#include "ops/rule.h"

static gt_status sum_evaluate(const gt_kernel *kernel)
{
    gt_reduce(kernel->inputs[0], kernel->outputs[0], 1.0);
    return GT_OK;
}

static gt_status sum_fast_evaluate(const gt_kernel *kernel)
{
    gt_reduce_fast(kernel->inputs[0], kernel->outputs[0], 1.0);
    return GT_OK;
}

/* g, for every term */
static gt_var sum_reverse(gt_reverse *r, uint32_t slot)
{
    return gt_broadcast(gt_reverse_cotangent(r), gt_reverse_input_shape(r, slot));
}

const gt_op gt_op_sum = {
    .name = "sum",
    .label = "Σ",
    .detail = gt_detail_axes,
    .latex = "\\sum #1",
    .onnx = "ReduceSum",
    .onnx_form = GT_ONNX_REDUCTION,
    .documentation = "The sum over axes, kept with size 1. Pairwise, so that rounding errors stay small.",
    .arity = 1,
    .op_class = GT_CLASS_REDUCTION,
    .linear = 1,
    .axes = GT_AXES_REDUCED,
    .shape = gt_reduce_shape,
    .evaluate = sum_evaluate,
    .fast_evaluate = sum_fast_evaluate,
    .reverse = sum_reverse,
};

static gt_var sum_over(gt_var x, int64_t axes, int32_t rank)
{
    const int64_t attributes[GT_REDUCE_ATTRIBUTES] = {[GT_REDUCE_AXES] = axes, [GT_REDUCE_RANK] = rank};
    return gt_apply(&gt_op_sum, &x, 1, attributes, GT_REDUCE_ATTRIBUTES);
}

gt_var gt_sum(gt_var x, int axis)
{
    return sum_over(x, gt_reduce_axes(axis), gt_var_shape(x).rank);
}

/* The axes that stretch from `shape` to `from`; -1 if it cannot become `from` by stretching. */
static int64_t stretched_axes(gt_shape shape, gt_shape from)
{
    int64_t axes = 0;
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        if (shape.size[axis] == from.size[axis])
            continue;
        if (shape.size[axis] != 1)
            return -1;
        axes |= 1 << axis;
    }
    return axes;
}

gt_var gt_sum_to(gt_var x, gt_shape shape)
{
    char description[GT_DESCRIPTION_SIZE], text[128];
    if (!gt_var_valid(x))
        return sum_over(x, 1, 0);
    int64_t axes = gt_shape_valid(shape) ? stretched_axes(shape, gt_var_shape(x)) : -1;
    if (axes < 0) {
        gt_tape_fail(x.tape, GT_ERROR_SHAPE, "sum: %s does not come from stretching %s",
                     gt_var_describe(x, description), gt_shape_format(shape, text, sizeof text));
        return (gt_var){x.tape, 0};
    }
    return axes == 0 ? gt_reshape(x, shape) : sum_over(x, axes, shape.rank);
}
