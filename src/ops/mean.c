/* Attributes as in reduce.h. */
#include "ops/descriptors.h"
#include "ops/detail.h"
#include "ops/reduce.h"

static double terms_per_entry(gt_shape x, gt_shape mean)
{
    return (double)gt_shape_count(x) / (double)gt_shape_count(mean);
}

static gt_status mean_evaluate(const gt_kernel *kernel)
{
    gt_array x = kernel->inputs[0], output = kernel->outputs[0];
    gt_reduce(x, output, terms_per_entry(x.shape, output.shape));
    return GT_OK;
}

static gt_status mean_fast_evaluate(const gt_kernel *kernel)
{
    gt_array x = kernel->inputs[0], output = kernel->outputs[0];
    gt_reduce_fast(x, output, terms_per_entry(x.shape, output.shape));
    return GT_OK;
}

/* g / count, for every term */
static gt_var mean_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var g = gt_reverse_cotangent(r);
    gt_shape x = gt_reverse_input_shape(r, slot);
    double count = terms_per_entry(x, gt_var_shape(g));
    return gt_broadcast(gt_div(g, gt_reverse_number(r, count)), x);
}

const gt_op gt_op_mean = {
    .name = "mean",
    .detail = gt_detail_axes,
    .latex = "\\operatorname{mean}(#1)",
    .onnx = "ReduceMean",
    .onnx_form = GT_ONNX_REDUCTION,
    .documentation = "The mean over axes, kept with size 1. Its sum is pairwise, so that rounding "
                     "errors stay small.",
    .arity = 1,
    .op_class = GT_CLASS_REDUCTION,
    .linear = 1,
    .axes = GT_AXES_REDUCED,
    .shape = gt_reduce_shape,
    .evaluate = mean_evaluate,
    .fast_evaluate = mean_fast_evaluate,
    .reverse = mean_reverse,
};

gt_var gt_mean(gt_var x, int axis)
{
    const int64_t attributes[GT_REDUCE_ATTRIBUTES] = {
        [GT_REDUCE_AXES] = gt_reduce_axes(axis), [GT_REDUCE_RANK] = gt_var_shape(x).rank};
    return gt_apply(&gt_op_mean, &x, 1, attributes, GT_REDUCE_ATTRIBUTES);
}
