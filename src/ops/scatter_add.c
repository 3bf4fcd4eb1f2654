/* Attribute 0: the number of columns. */
#include "base/error.h"
#include "base/types.h"
#include "ops/descriptors.h"
#include "ops/levels.h"
#include "ops/rule.h"

#include <string.h>

/* Column by column in their order, whatever the level: the bits are the same on all processors. */
#define ADD_COLUMNS(TYPE)                                                                                              \
    for (size_t i = 0; i < count; i++) {                                                                               \
        const TYPE *from = (const TYPE *)x + i * rows;                                                                 \
        TYPE *to = (TYPE *)output + (size_t)indices[i] * rows;                                                         \
        GT_EACH_ENTRY                                                                                                  \
        for (size_t r = 0; r < rows; r++)                                                                              \
            to[r] += from[r];                                                                                          \
    }

#define SCATTER_LEVEL(LEVEL, NAME)                                                                                     \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_add(gt_dtype dtype, void *output, const void *x,                    \
                                                       const int32_t *indices, size_t rows, size_t count)              \
    {                                                                                                                  \
        GT_FOR_REAL(dtype, ADD_COLUMNS(double), ADD_COLUMNS(float));                                                   \
    }

GT_AT_EVERY_LEVEL(SCATTER_LEVEL, scatter)

static gt_status scatter_add_evaluate(const gt_kernel *kernel)
{
    static void (*const levels[])(gt_dtype, void *, const void *, const int32_t *, size_t, size_t) =
        GT_LEVEL_TABLE(scatter, add);
    const gt_array *x = &kernel->inputs[0], *indices = &kernel->inputs[1], *output = &kernel->outputs[0];
    size_t rows = (size_t)x->shape.size[0], count = (size_t)gt_shape_count(indices->shape);
    for (size_t i = 0; i < count; i++) {
        int32_t index = ((const int32_t *)indices->data)[i];
        if (index < 0 || index >= output->shape.size[1])
            return gt_error_set(kernel->error, GT_ERROR_VALUE, "index %d at position %zu is outside of 0 to %lld",
                                (int)index, i, (long long)output->shape.size[1] - 1);
    }
    memset(output->data, 0, (size_t)gt_shape_count(output->shape) * gt_dtype_size(output->dtype));
    levels[gt_processor_level()](x->dtype, output->data, x->data, indices->data, rows, count);
    return GT_OK;
}

static bool scatter_add_shape(gt_shape_query *query)
{
    gt_shape x = gt_var_shape(query->inputs[0]), expected;
    if (!gt_rule_attributes(query, 1) || !gt_rule_real(query, 0) || !gt_rule_whole(query, 1) ||
        !gt_rule_columns(query, x.size[0], 1, &expected))
        return false;
    if (!gt_shape_equal(x, expected))
        return gt_shape_fail(query, GT_ERROR_SHAPE,
                             "x (n, m, ...) and the indices (m, ...) must agree in all axes but the first");
    return gt_rule_answer(query, (gt_shape){2, {x.size[0], query->attributes[0], 1, 1}});
}

/* Each column gets g of the column that it was added to */
static gt_var scatter_add_reverse(gt_reverse *r, uint32_t slot)
{
    if (slot != 0)
        return GT_NONE;
    return gt_gather(gt_reverse_cotangent(r), gt_reverse_input(r, 1));
}

const gt_op gt_op_scatter_add = {
    .name = "scatter_add",
    .onnx_form = GT_ONNX_NONE,
    .documentation = "Zeros (n, columns) with the columns of x (n, m, ...) added at integer "
                     "indices (m, ...): the "
                     "adjoint of gather.",
    .arity = 2,
    .op_class = GT_CLASS_REDUCTION,
    .shape = scatter_add_shape,
    .evaluate = scatter_add_evaluate,
    .reverse = scatter_add_reverse,
};

gt_var gt_scatter_add(gt_var x, gt_var indices, int64_t columns)
{
    const gt_var inputs[] = {x, indices};
    return gt_apply(&gt_op_scatter_add, inputs, 2, &columns, 1);
}
