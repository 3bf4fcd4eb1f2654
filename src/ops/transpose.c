#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

/* In square tiles, so that both sides stay in cache. */
static inline void transpose_entries(const char *x, char *y, size_t rows, size_t columns, size_t size)
{
    enum { TILE = 16 };
    for (size_t column = 0; column < columns; column += TILE) {
        size_t last = column + TILE < columns ? column + TILE : columns;
        for (size_t i = 0; i < rows; i++)
            for (size_t j = column; j < last; j++)
                memcpy(y + (i * columns + j) * size, x + (j * rows + i) * size, size);
    }
}

static gt_status transpose_evaluate(const gt_kernel *kernel)
{
    const gt_array *x = &kernel->inputs[0];
    size_t rows = (size_t)x->shape.size[0], columns = (size_t)x->shape.size[1];
    if (gt_dtype_size(x->dtype) == 8)
        transpose_entries(x->data, kernel->outputs[0].data, rows, columns, 8);
    else
        transpose_entries(x->data, kernel->outputs[0].data, rows, columns, 4);
    return GT_OK;
}

static bool transpose_shape(gt_shape_query *query)
{
    gt_shape x = gt_var_shape(query->inputs[0]);
    if (x.size[2] != 1 || x.size[3] != 1)
        return gt_shape_fail(query, GT_ERROR_SHAPE, "only a matrix of two axes can be transposed");
    return gt_rule_answer(query, (gt_shape){2, {x.size[1], x.size[0], 1, 1}});
}

static gt_var transpose_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    return gt_transpose(gt_reverse_cotangent(r));
}

const gt_op gt_op_transpose = {
    .name = "transpose",
    .label = "ᵀ",
    .latex = "#1^{\\mathsf{T}}",
    .onnx = "Transpose",
    .onnx_form = GT_ONNX_TRANSPOSE,
    .documentation = "The transpose of a matrix. A product with it is gt_matmul_transposed, which "
                     "copies nothing.",
    .arity = 1,
    .op_class = GT_CLASS_VIEW,
    .linear = 1,
    .shape = transpose_shape,
    .evaluate = transpose_evaluate,
    .reverse = transpose_reverse,
};

gt_var gt_transpose(gt_var x)
{
    return gt_apply_unary(&gt_op_transpose, x);
}
