#include "base/error.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

static gt_status gather_evaluate(const gt_kernel *kernel)
{
    const gt_array *table = &kernel->inputs[0], *indices = &kernel->inputs[1];
    size_t bytes = (size_t)table->shape.size[0] * gt_dtype_size(table->dtype);
    size_t count = (size_t)gt_shape_count(indices->shape);
    char *output = kernel->outputs[0].data;
    for (size_t i = 0; i < count; i++) {
        int32_t index = ((const int32_t *)indices->data)[i];
        if (index < 0 || index >= table->shape.size[1])
            return gt_error_set(kernel->error, GT_ERROR_VALUE, "index %d at position %zu is outside of 0 to %lld",
                                (int)index, i, (long long)table->shape.size[1] - 1);
        memcpy(output + i * bytes, (const char *)table->data + (size_t)index * bytes, bytes);
    }
    return GT_OK;
}

static bool gather_shape(gt_shape_query *query)
{
    gt_shape table = gt_var_shape(query->inputs[0]), shape;
    if (!gt_rule_real(query, 0) || !gt_rule_whole(query, 1))
        return false;
    if (table.size[2] != 1 || table.size[3] != 1)
        return gt_shape_fail(query, GT_ERROR_SHAPE, "the table must be a matrix, one column for each index");
    return gt_rule_columns(query, table.size[0], 1, &shape) && gt_rule_answer(query, shape);
}

/* The columns of g added up where they came from */
static gt_var gather_reverse(gt_reverse *r, uint32_t slot)
{
    if (slot != 0)
        return GT_NONE;
    return gt_scatter_add(gt_reverse_cotangent(r), gt_reverse_input(r, 1), gt_reverse_input_shape(r, 0).size[1]);
}

const gt_op gt_op_gather = {
    .name = "gather",
    .latex = "#1_{:,\\,#2}",
    .onnx = "Gather",
    .onnx_form = GT_ONNX_TABLE,
    .documentation = "Columns of a table (n, V) by integer indices (m, ...): an embedding.",
    .arity = 2,
    .op_class = GT_CLASS_VIEW,
    .linear = 1,
    .axes = GT_AXES_LOOKED_UP,
    .shape = gather_shape,
    .evaluate = gather_evaluate,
    .reverse = gather_reverse,
};

gt_var gt_gather(gt_var table, gt_var indices)
{
    return gt_apply_binary(&gt_op_gather, table, indices);
}
