/* Attributes 0 and 1: whether the first and the second operand is transposed. */
#include "base/utf8.h"
#include "ops/descriptors.h"
#include "ops/matrix_product.h"
#include "ops/rule.h"

static bool is_matrix(gt_shape shape)
{
    return shape.size[2] == 1 && shape.size[3] == 1;
}

static bool same_columns(gt_shape a, gt_shape b)
{
    a.size[0] = b.size[0];
    return gt_shape_equal(a, b);
}

/* All axes but the first are read as one. */
static gt_matrix as_matrix(const gt_array *array, bool transposed)
{
    int64_t rows = array->shape.size[0];
    return (gt_matrix){array->data, rows, gt_shape_count(array->shape) / rows, transposed};
}

static gt_status matmul_evaluate(const gt_kernel *kernel)
{
    gt_matrix a = as_matrix(&kernel->inputs[0], kernel->attributes[0] != 0);
    gt_matrix b = as_matrix(&kernel->inputs[1], kernel->attributes[1] != 0);
    gt_matrix_product(kernel->outputs[0].dtype, a, b, kernel->outputs[0].data);
    return GT_OK;
}

static bool wants_matrix(const gt_shape_query *query, uint32_t slot)
{
    if (is_matrix(gt_var_shape(query->inputs[slot])))
        return true;
    return gt_shape_fail(query, GT_ERROR_SHAPE, "operand %u must be a matrix of two axes here", (unsigned)slot + 1);
}

/* a @ b.T sums over all column axes of both. */
static bool weight_gradient_shape(gt_shape_query *query, gt_shape a, gt_shape b)
{
    if (!same_columns(a, b))
        return gt_shape_fail(query, GT_ERROR_SHAPE,
                             "in a @ b.T all axes but the first are summed over and must be equal");
    return gt_rule_answer(query, (gt_shape){2, {a.size[0], b.size[0], 1, 1}});
}

static bool matmul_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, 2) || !gt_rule_real(query, 0) || !gt_rule_real(query, 1))
        return false;
    bool transpose_a = query->attributes[0] != 0, transpose_b = query->attributes[1] != 0;
    gt_shape a = gt_var_shape(query->inputs[0]), b = gt_var_shape(query->inputs[1]);
    if (transpose_b && !transpose_a)
        return weight_gradient_shape(query, a, b);
    if (!wants_matrix(query, 0) || (transpose_b && !wants_matrix(query, 1)))
        return false;
    int64_t inner_a = a.size[transpose_a ? 0 : 1], inner_b = b.size[transpose_b ? 1 : 0];
    if (inner_a != inner_b)
        return gt_shape_fail(query, GT_ERROR_SHAPE, "the %s of operand 1 (%lld) must equal the %s of operand 2 (%lld)",
                             transpose_a ? "rows" : "columns", (long long)inner_a, transpose_b ? "columns" : "rows",
                             (long long)inner_b);
    int64_t rows = a.size[transpose_a ? 1 : 0];
    if (transpose_b)
        return gt_rule_answer(query, (gt_shape){2, {rows, b.size[0], 1, 1}});
    b.size[0] = rows;
    b.rank = b.rank < 1 ? 1 : b.rank;
    return gt_rule_answer(query, b);
}

/* With C = op(a) @ op(b), each adjoint is a product of G with the other operand; no transpose is
 * copied. */
static gt_var matmul_reverse(gt_reverse *r, uint32_t slot)
{
    bool transpose_a = gt_reverse_attribute(r, 0) != 0, transpose_b = gt_reverse_attribute(r, 1) != 0;
    gt_var g = gt_reverse_cotangent(r), other = gt_reverse_input(r, 1 - slot);
    if (slot == 0)
        return transpose_a ? gt_matmul_transposed(other, transpose_b, g, true)
                           : gt_matmul_transposed(g, false, other, !transpose_b);
    return transpose_b ? gt_matmul_transposed(g, true, other, transpose_a)
                       : gt_matmul_transposed(other, !transpose_a, g, false);
}

static void matmul_detail(gt_var v, char *text, size_t size)
{
    bool a = gt_var_attribute(v, 0) != 0, b = gt_var_attribute(v, 1) != 0;
    gt_utf8_format(text, size, "%s%s%s", a ? "A.T" : "", a && b ? ", " : "", b ? "B.T" : "");
}

const gt_op gt_op_matmul = {
    .name = "matmul",
    .label = "@",
    .detail = matmul_detail,
    .latex = "#1 #2",
    .onnx = "MatMul",
    .onnx_form = GT_ONNX_PRODUCT,
    .documentation = "The matrix product a @ b; either operand may be read transposed. The first axis of an "
                     "operand is its rows and all others together are its columns.",
    .arity = 2,
    .op_class = GT_CLASS_MATRIX_PRODUCT,
    .linear = 1 | 2,
    .shape = matmul_shape,
    .evaluate = matmul_evaluate,
    .reverse = matmul_reverse,
};

gt_var gt_matmul_transposed(gt_var a, bool transpose_a, gt_var b, bool transpose_b)
{
    const gt_var inputs[] = {a, b};
    const int64_t attributes[] = {transpose_a, transpose_b};
    return gt_apply(&gt_op_matmul, inputs, 2, attributes, 2);
}

gt_var gt_matmul(gt_var a, gt_var b)
{
    return gt_matmul_transposed(a, false, b, false);
}
