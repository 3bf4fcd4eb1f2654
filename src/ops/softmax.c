#include "ops/columns.h"
#include "ops/descriptors.h"
#include "ops/fast_columns.h"
#include "ops/rule.h"

/* The sum is kept in double, so that a long f32 column loses nothing. */
GT_COLUMN_KERNELS(softmax, {
    real greatest = gt_column_maximum(x, rows);
    double sum = 0;
    for (size_t i = 0; i < rows; i++) {
        y[i] = exp(x[i] - greatest);
        sum += y[i];
    }
    for (size_t i = 0; i < rows; i++)
        y[i] = (real)(y[i] / sum);
})

GT_FAST_COLUMN_KERNELS(softmax, true, gt_lane_multiply(e, step, (real)(1 / sum), y, rows);)

static bool softmax_shape(gt_shape_query *query)
{
    return gt_rule_real(query, 0) && gt_shape_rule_same(query);
}

/* y * (g - sum(g * y)) */
static gt_var softmax_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var y = gt_reverse_output(r), g = gt_reverse_cotangent(r);
    return gt_mul(y, gt_sub(g, gt_sum(gt_mul(g, y), 0)));
}

const gt_op gt_op_softmax = {
    .name = "softmax",
    .latex = "\\operatorname{softmax}(#1)",
    .onnx = "Softmax",
    .onnx_form = GT_ONNX_COLUMNS,
    .documentation = "exp(x - max(x)) / sum(exp(x - max(x))) down each column, that is of each example.",
    .arity = 1,
    .op_class = GT_CLASS_COLUMN_PARALLEL,
    .shape = softmax_shape,
    .evaluate = softmax_evaluate,
    .fast_evaluate = softmax_fast_evaluate,
    .reverse = softmax_reverse,
};

gt_var gt_softmax(gt_var x)
{
    return gt_apply_unary(&gt_op_softmax, x);
}
