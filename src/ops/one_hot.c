/* Attribute 0: the number of classes. */
#include "base/entry.h"
#include "base/error.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

static gt_status one_hot_evaluate(const gt_kernel *kernel)
{
    const gt_array *indices = &kernel->inputs[0], *output = &kernel->outputs[0];
    int64_t classes = output->shape.size[0];
    size_t count = (size_t)gt_shape_count(indices->shape);
    memset(output->data, 0, (size_t)gt_shape_count(output->shape) * gt_dtype_size(output->dtype));
    for (size_t i = 0; i < count; i++) {
        int32_t index = ((const int32_t *)indices->data)[i];
        if (index < 0 || index >= classes)
            return gt_error_set(kernel->error, GT_ERROR_VALUE, "index %d at position %zu is outside of 0 to %lld",
                                (int)index, i, (long long)classes - 1);
        gt_entry_set(output->data, output->dtype, (int64_t)i * classes + index, 1);
    }
    return GT_OK;
}

static bool one_hot_shape(gt_shape_query *query)
{
    gt_shape shape;
    if (!gt_rule_attributes(query, 1) || !gt_rule_whole(query, 0) ||
        !gt_rule_columns(query, query->attributes[0], 0, &shape))
        return false;
    query->dtype = gt_tape_dtype(query->tape);
    return gt_rule_answer(query, shape);
}

const gt_op gt_op_one_hot = {
    .name = "one_hot",
    .latex = "\\operatorname{onehot}(#1)",
    .onnx = "OneHot",
    .onnx_form = GT_ONNX_ONE_HOT,
    .documentation = "For integer indices (m, ...) the array (classes, m, ...) that is 1 at the "
                     "index, 0 elsewhere.",
    .arity = 1,
    .op_class = GT_CLASS_COLUMN_PARALLEL,
    .shape = one_hot_shape,
    .evaluate = one_hot_evaluate,
};

gt_var gt_one_hot(gt_var indices, int64_t classes)
{
    return gt_apply(&gt_op_one_hot, &indices, 1, &classes, 1);
}
