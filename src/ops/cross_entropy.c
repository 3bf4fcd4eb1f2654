#include "base/error.h"
#include "base/types.h"
#include "ops/columns.h"
#include "ops/descriptors.h"
#include "ops/fast_columns.h"
#include "ops/rule.h"

/* log(sum(exp(x))) - x[target], the maximum taken out; the sum is kept in double. */
#define CROSS_ENTROPY(TYPE, SUFFIX)                                                                                    \
    static TYPE cross_entropy_##SUFFIX(const TYPE *x, size_t rows, size_t target)                                      \
    {                                                                                                                  \
        TYPE greatest = gt_column_maximum(x, rows);                                                                    \
        double sum = 0;                                                                                                \
        for (size_t i = 0; i < rows; i++)                                                                              \
            sum += exp(x[i] - greatest);                                                                               \
        return (TYPE)log(sum) - (x[target] - greatest);                                                                \
    }
CROSS_ENTROPY(double, f64)
CROSS_ENTROPY(float, f32)

static gt_status cross_entropy_check(const gt_kernel *kernel)
{
    const int32_t *targets = kernel->inputs[1].data;
    size_t rows = (size_t)kernel->inputs[0].shape.size[0];
    size_t columns = (size_t)gt_shape_count(kernel->outputs[0].shape);
    for (size_t i = 0; i < columns; i++)
        if (targets[i] < 0 || (size_t)targets[i] >= rows)
            return gt_error_set(kernel->error, GT_ERROR_VALUE, "target %d at position %zu is outside of 0 to %zu",
                                (int)targets[i], i, rows - 1);
    return GT_OK;
}

static gt_status cross_entropy_evaluate(const gt_kernel *kernel)
{
    gt_status status = cross_entropy_check(kernel);
    const gt_array *logits = &kernel->inputs[0], *output = &kernel->outputs[0];
    const int32_t *targets = kernel->inputs[1].data;
    size_t rows = (size_t)logits->shape.size[0];
    size_t columns = (size_t)gt_shape_count(output->shape);
    for (size_t i = 0; i < columns && status == GT_OK; i++) {
        size_t target = (size_t)targets[i];
        GT_FOR_REAL(
            logits->dtype,
            ((double *)output->data)[i] = cross_entropy_f64((const double *)logits->data + i * rows, rows, target),
            ((float *)output->data)[i] = cross_entropy_f32((const float *)logits->data + i * rows, rows, target));
    }
    return status;
}

/* Of targets that are inside. */
GT_FAST_COLUMN_KERNELS(cross_entropy, false, {
    int32_t target = ((const int32_t *)kernel->inputs[1].data)[column];
    output[column] = (real)logarithm - (x[target] - greatest);
})

static gt_status cross_entropy_fast(const gt_kernel *kernel)
{
    gt_status status = cross_entropy_check(kernel);
    return status == GT_OK ? cross_entropy_fast_evaluate(kernel) : status;
}

static bool cross_entropy_shape(gt_shape_query *query)
{
    gt_shape logits = gt_var_shape(query->inputs[0]), expected;
    if (!gt_rule_real(query, 0) || !gt_rule_whole(query, 1) || !gt_rule_columns(query, logits.size[0], 1, &expected))
        return false;
    if (!gt_shape_equal(logits, expected))
        return gt_shape_fail(query, GT_ERROR_SHAPE,
                             "logits (V, m, ...) and targets (m, ...) must agree in all axes but the first");
    logits.size[0] = 1;
    return gt_rule_answer(query, logits);
}

/* (softmax(logits) - one_hot(targets)) * g; g is (1, m, ...) and stretches */
static gt_var cross_entropy_reverse(gt_reverse *r, uint32_t slot)
{
    if (slot != 0)
        return GT_NONE;
    int64_t classes = gt_reverse_input_shape(r, 0).size[0];
    gt_var wanted = gt_one_hot(gt_reverse_input(r, 1), classes);
    gt_var excess = gt_sub(gt_softmax(gt_reverse_input(r, 0)), wanted);
    return gt_mul(excess, gt_reverse_cotangent(r));
}

const gt_op gt_op_cross_entropy = {
    .name = "cross_entropy",
    .latex = "\\operatorname{CE}(#1, #2)",
    .onnx = "SoftmaxCrossEntropyLoss",
    .onnx_form = GT_ONNX_NONE,
    .documentation = "log(sum(exp(logits))) - logits[target] in nats, for each column of logits (V, m, ...) and "
                     "its integer target (m, ...).",
    .arity = 2,
    .op_class = GT_CLASS_COLUMN_PARALLEL,
    .shape = cross_entropy_shape,
    .evaluate = cross_entropy_evaluate,
    .fast_evaluate = cross_entropy_fast,
    .reverse = cross_entropy_reverse,
};

gt_var gt_cross_entropy(gt_var logits, gt_var targets)
{
    return gt_apply_binary(&gt_op_cross_entropy, logits, targets);
}

gt_var gt_cross_entropy_weighted(gt_var logits, gt_var targets, gt_var weights)
{
    return gt_mul(gt_cross_entropy(logits, targets), weights);
}
