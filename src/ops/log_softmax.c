#include "ops/columns.h"
#include "ops/descriptors.h"
#include "ops/fast_columns.h"
#include "ops/rule.h"

/* The sum is kept in double, so that a long f32 column loses nothing. */
GT_COLUMN_KERNELS(log_softmax, {
    real greatest = gt_column_maximum(x, rows);
    double sum = 0;
    for (size_t i = 0; i < rows; i++)
        sum += exp(x[i] - greatest);
    real logarithm = (real)log(sum);
    for (size_t i = 0; i < rows; i++)
        y[i] = (x[i] - greatest) - logarithm;
})

GT_FAST_COLUMN_KERNELS(log_softmax, false, gt_lane_subtract(x, greatest, (real)logarithm, y, rows);)

static bool log_softmax_shape(gt_shape_query *query)
{
    return gt_rule_real(query, 0) && gt_shape_rule_same(query);
}

/* g - exp(y) * sum(g) */
static gt_var log_softmax_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    gt_var g = gt_reverse_cotangent(r);
    return gt_sub(g, gt_mul(gt_exp(gt_reverse_output(r)), gt_sum(g, 0)));
}

const gt_op gt_op_log_softmax = {
    .name = "log_softmax",
    .latex = "\\log\\operatorname{softmax}(#1)",
    .onnx = "LogSoftmax",
    .onnx_form = GT_ONNX_COLUMNS,
    .documentation = "x - log(sum(exp(x))) down each column, without overflow or underflow.",
    .arity = 1,
    .op_class = GT_CLASS_COLUMN_PARALLEL,
    .shape = log_softmax_shape,
    .evaluate = log_softmax_evaluate,
    .fast_evaluate = log_softmax_fast_evaluate,
    .reverse = log_softmax_reverse,
};

gt_var gt_log_softmax(gt_var x)
{
    return gt_apply_unary(&gt_op_log_softmax, x);
}
