#include "support/product_case.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An array of either type with random numbers. */
static char *draw(gt_dtype dtype, int64_t count, gt_random *random)
{
    char *values = product_test_memory((size_t)count * sizeof(double), 0);
    for (int64_t i = 0; i < count; i++) {
        if (dtype == GT_F64)
            ((double *)values)[i] = gt_random_normal(random);
        else
            ((float *)values)[i] = (float)gt_random_normal(random);
    }
    return values;
}

static gt_product_operand operand_of(const product_case *test, bool right, const char *values, char **packed)
{
    gt_product_layout layout = right ? test->right : test->left;
    int64_t rows = right ? test->inner : test->rows, columns = right ? test->columns : test->inner;
    int64_t leading = layout == GT_PRODUCT_TRANSPOSED ? columns : rows;
    gt_product_operand operand = {values, leading, layout};
    if (layout != GT_PRODUCT_PACKED)
        return operand;
    gt_product_part part = {values, leading, false, rows, columns};
    size_t size = right ? gt_product_right_size(test->kernels, rows, columns)
                        : gt_product_left_size(test->kernels, rows, columns);
    *packed = product_test_memory(size, 0);
    if (right)
        gt_product_pack_right(test->kernels, *packed, rows, columns, 0, 0, &part);
    else
        gt_product_pack_left(test->kernels, *packed, rows, columns, 0, 0, &part);
    operand.data = *packed;
    return operand;
}

static void run(const gt_product *product, const gt_product_operand *left, const gt_product_operand *right,
                char *output, int64_t leading)
{
    void *workspace = product_test_memory(gt_product_workspace_size(product, left->layout, right->layout), 0);
    gt_product_run(product, left, right, output, leading, workspace);
    free(workspace);
}

/* Splits one operand of `test` into the inner positions before `middle` and those from it on. */
static void run_by_inner(const product_case *test, const char *left, const char *right, char *output)
{
    int64_t size = test->dtype == GT_F64 ? 8 : 4, middle = 23;
    for (int part = 0; part < 2; part++) {
        int64_t first = part == 0 ? 0 : middle, inner = part == 0 ? middle : test->inner - middle;
        bool across = test->left == GT_PRODUCT_TRANSPOSED;
        gt_product_operand a = {left + first * (across ? 1 : test->rows) * size, across ? test->inner : test->rows,
                                across ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN};
        across = test->right == GT_PRODUCT_TRANSPOSED;
        gt_product_operand b = {right + first * (across ? test->columns : 1) * size,
                                across ? test->columns : test->inner,
                                across ? GT_PRODUCT_TRANSPOSED : GT_PRODUCT_PLAIN};
        gt_product product = {test->kernels, test->rows, inner, test->columns,
                              .accumulate = test->accumulate || part == 1};
        run(&product, &a, &b, output, test->rows);
    }
}

static void run_parts(const product_case *test, product_division division, const gt_product_operand *left,
                      const gt_product_operand *right, char *output)
{
    int64_t size = test->dtype == GT_F64 ? 8 : 4;
    int64_t end = division == BY_ROWS ? test->rows : test->columns;
    int64_t step = division == BY_ROWS ? gt_product_row_unit(test->kernels) : 2 * gt_product_column_unit(test->kernels);
    for (int64_t first = 0; first < end; first += step) {
        int64_t count = end - first < step ? end - first : step;
        gt_product product = {test->kernels, test->rows, test->inner, test->columns, .accumulate = test->accumulate};
        gt_product_operand a = *left, b = *right;
        int64_t start = first;
        if (division == BY_ROWS) {
            a = gt_product_left_from(&product, left, first);
            product.rows = count;
        } else {
            b = gt_product_right_from(&product, right, first);
            product.columns = count;
            start = first * test->rows;
        }
        run(&product, &a, &b, output + start * size, test->rows);
    }
}

void product_case_check_parts(const product_case *test, product_division division, gt_random *random)
{
    int64_t count = test->rows * test->columns;
    char *left = draw(test->dtype, test->rows * test->inner, random), *left_packed = NULL;
    char *right = draw(test->dtype, test->inner * test->columns, random), *right_packed = NULL;
    char *whole = draw(test->dtype, count, random);
    size_t bytes = (size_t)count * (test->dtype == GT_F64 ? 8 : 4);
    char *divided = product_test_memory(bytes, 0);
    memcpy(divided, whole, bytes);
    gt_product_operand a = operand_of(test, false, left, &left_packed);
    gt_product_operand b = operand_of(test, true, right, &right_packed);
    gt_product product = {test->kernels, test->rows, test->inner, test->columns, .accumulate = test->accumulate};
    run(&product, &a, &b, whole, test->rows);
    if (division == BY_INNER)
        run_by_inner(test, left, right, divided);
    else
        run_parts(test, division, &a, &b, divided);
    cr_assert_arr_eq(whole, divided, bytes, "%s, divided in way %d", gt_product_kernels_name(test->kernels),
                     (int)division);
    free(left);
    free(left_packed);
    free(right);
    free(right_packed);
    free(whole);
    free(divided);
}

enum { PARTS = 4, OTHER = 7 };

typedef struct stack {
    const gt_product_kernels *kernels;
    int64_t rows, columns; /* of the whole */
    bool right;
} stack;

static void pack_at(const stack *whole, char *packed, int64_t row, int64_t column, const gt_product_part *part)
{
    if (whole->right)
        gt_product_pack_right(whole->kernels, packed, whole->rows, whole->columns, row, column, part);
    else
        gt_product_pack_left(whole->kernels, packed, whole->rows, whole->columns, row, column, part);
}

void product_stack_check(gt_dtype dtype, const gt_product_kernels *kernels, int64_t size, bool right, bool transposed,
                         bool along_inner, gt_random *random)
{
    bool along_rows = right == along_inner; /* inner is the columns of left, the rows of right */
    stack whole = {kernels, along_rows ? PARTS * size : OTHER, along_rows ? OTHER : PARTS * size, right};
    int64_t leading = transposed ? whole.columns : whole.rows, width = dtype == GT_F64 ? 8 : 4;
    char *values = draw(dtype, whole.rows * whole.columns, random);
    size_t bytes = right ? gt_product_right_size(kernels, whole.rows, whole.columns)
                         : gt_product_left_size(kernels, whole.rows, whole.columns);
    char *once = product_test_memory(bytes, 0), *parts = product_test_memory(bytes, 0);
    gt_product_part all = {values, leading, transposed, whole.rows, whole.columns};
    pack_at(&whole, once, 0, 0, &all);
    for (int64_t i = 0; i < PARTS; i++) {
        int64_t row = along_rows ? i * size : 0, column = along_rows ? 0 : i * size;
        int64_t position = transposed ? column + row * leading : row + column * leading;
        gt_product_part part = {values + position * width, leading, transposed, along_rows ? size : OTHER,
                                along_rows ? OTHER : size};
        pack_at(&whole, parts, row, column, &part);
    }
    /* What pads the last panel is a number, lest arithmetic on it be slow. */
    for (size_t i = 0; i < bytes / (size_t)width; i++)
        cr_assert(!isnan(width == 8 ? ((double *)once)[i] : (double)((float *)once)[i]));
    cr_assert_arr_eq(once, parts, bytes + 1, "%s: four parts of %lld", gt_product_kernels_name(kernels),
                     (long long)size);
    free(values);
    free(once);
    free(parts);
}
