/* Attributes: the new shape. */
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

/* One column of the output: a copy, or one entry many times. */
static void fill_column(char *output, const char *x, size_t rows, size_t size, bool stretch)
{
    if (!stretch)
        memcpy(output, x, rows * size);
    else if (size == 8)
        for (size_t i = 0; i < rows; i++)
            memcpy(output + i * 8, x, 8);
    else
        for (size_t i = 0; i < rows; i++)
            memcpy(output + i * 4, x, 4);
}

static gt_status broadcast_evaluate(const gt_kernel *kernel)
{
    const gt_array *x = &kernel->inputs[0], *output = &kernel->outputs[0];
    size_t size = gt_dtype_size(x->dtype), step = size, steps[GT_MAX_RANK];
    for (int axis = 0; axis < GT_MAX_RANK; axis++) {
        steps[axis] = x->shape.size[axis] == 1 ? 0 : step;
        step *= (size_t)x->shape.size[axis];
    }
    const int64_t *sizes = output->shape.size;
    char *column = output->data;
    size_t rows = (size_t)sizes[0];
    for (size_t l = 0; l < (size_t)sizes[3]; l++)
        for (size_t k = 0; k < (size_t)sizes[2]; k++)
            for (size_t j = 0; j < (size_t)sizes[1]; j++, column += rows * size)
                fill_column(column, (const char *)x->data + j * steps[1] + k * steps[2] + l * steps[3], rows, size,
                            steps[0] == 0);
    return GT_OK;
}

static bool broadcast_shape(gt_shape_query *query)
{
    char text[128];
    if (!gt_rule_attributes(query, GT_SHAPE_ATTRIBUTES) ||
        !gt_rule_answer(query, gt_shape_from_attributes(query->attributes)))
        return false;
    gt_shape x = gt_var_shape(query->inputs[0]);
    for (int axis = 0; axis < GT_MAX_RANK; axis++)
        if (x.size[axis] != 1 && x.size[axis] != query->shape.size[axis])
            return gt_shape_fail(query, GT_ERROR_SHAPE, "axis %d cannot become that of %s: only size 1 stretches", axis,
                                 gt_shape_format(query->shape, text, sizeof text));
    return true;
}

/* g: the replay sums over what was stretched */
static gt_var broadcast_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_reverse_cotangent(r);
}

const gt_op gt_op_broadcast = {
    .name = "broadcast",
    .onnx = "Expand",
    .onnx_form = GT_ONNX_SHAPE,
    .documentation = "x stretched along its axes of size 1.",
    .arity = 1,
    .op_class = GT_CLASS_VIEW,
    .linear = 1,
    .axes = GT_AXES_STRETCHED,
    .shape = broadcast_shape,
    .evaluate = broadcast_evaluate,
    .reverse = broadcast_reverse,
};

gt_var gt_broadcast(gt_var x, gt_shape shape)
{
    if (gt_var_valid(x) && gt_shape_equal(gt_var_shape(x), shape))
        return gt_reshape(x, shape);
    int64_t attributes[GT_SHAPE_ATTRIBUTES];
    gt_shape_to_attributes(shape, attributes);
    return gt_apply(&gt_op_broadcast, &x, 1, attributes, GT_SHAPE_ATTRIBUTES);
}
