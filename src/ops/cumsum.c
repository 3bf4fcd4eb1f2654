/* Attributes: the axis; 1 for sums from its end on, else 0. */
#include "base/types.h"
#include "ops/blocks.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

enum { AXIS, REVERSED, ATTRIBUTES };

/* Slice by slice in the order of the axis, each added to the sum before it, in double as sums of columns are. */
#define CUMSUM_LOOP(SUFFIX, TYPE)                                                                                      \
    static void cumsum_##SUFFIX(const TYPE *x, TYPE *output, size_t inner, size_t along, bool reversed)                \
    {                                                                                                                  \
        for (size_t i = 0; i < inner; i++) {                                                                           \
            double sum = 0;                                                                                            \
            for (size_t k = 0; k < along; k++) {                                                                       \
                size_t at = (reversed ? along - 1 - k : k) * inner + i;                                                \
                sum += (double)x[at];                                                                                  \
                output[at] = (TYPE)sum;                                                                                \
            }                                                                                                          \
        }                                                                                                              \
    }
CUMSUM_LOOP(f64, double)
CUMSUM_LOOP(f32, float)

static gt_status cumsum_evaluate(const gt_kernel *kernel)
{
    gt_blocks x = gt_blocks_along(kernel->inputs[0], kernel->attributes[AXIS]);
    gt_blocks output = gt_blocks_along(kernel->outputs[0], kernel->attributes[AXIS]);
    bool reversed = kernel->attributes[REVERSED] != 0;
    size_t inner = x.inner / gt_dtype_size(kernel->outputs[0].dtype), bytes = x.inner * x.along;
    for (size_t block = 0; block < x.outer; block++) {
        const char *from = x.data + block * bytes;
        char *to = output.data + block * bytes;
        GT_FOR_REAL(kernel->outputs[0].dtype,
                    cumsum_f64((const double *)(const void *)from, (double *)(void *)to, inner, x.along, reversed),
                    cumsum_f32((const float *)(const void *)from, (float *)(void *)to, inner, x.along, reversed));
    }
    return GT_OK;
}

static bool cumsum_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, ATTRIBUTES) || !gt_rule_axis(query, query->attributes[AXIS]) ||
        !gt_rule_real(query, 0))
        return false;
    return gt_shape_rule_same(query);
}

/* An entry reaches the sums from its place on: its gradient is the sum of theirs, from the other end. */
static gt_var cumsum_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_cumsum(gt_reverse_cotangent(r), (int)gt_reverse_attribute(r, AXIS),
                     gt_reverse_attribute(r, REVERSED) == 0);
}

const gt_op gt_op_cumsum = {
    .name = "cumsum",
    .latex = "\\operatorname{cumsum}(#1)",
    .onnx = "CumSum",
    .onnx_form = GT_ONNX_SO_FAR,
    .documentation = "Along an axis, each entry with the sum of those before it; or of those behind it.",
    .arity = 1,
    .op_class = GT_CLASS_OTHER,
    .linear = 1,
    .axes = GT_AXES_ALONG,
    .shape = cumsum_shape,
    .evaluate = cumsum_evaluate,
    .reverse = cumsum_reverse,
};

gt_var gt_cumsum(gt_var x, int axis, bool reversed)
{
    const int64_t attributes[ATTRIBUTES] = {axis, reversed};
    return gt_apply(&gt_op_cumsum, &x, 1, attributes, ATTRIBUTES);
}
