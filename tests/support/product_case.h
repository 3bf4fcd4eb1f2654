/* One product with known operands, done by the kernels and by plain loops. */
#ifndef GT_TESTS_PRODUCT_CASE_H
#define GT_TESTS_PRODUCT_CASE_H

#include "exec/product.h"
#include "gradtape/random.h"

/* What the sums of a product that does not accumulate start at. */
typedef enum product_addend { NO_ADDEND, MATRIX_ADDEND, COLUMN_ADDEND, OUTPUT_ADDEND, ADDENDS } product_addend;

typedef struct product_case {
    gt_dtype dtype;
    const gt_product_kernels *kernels;
    int64_t rows, inner, columns;
    gt_product_layout left, right;
    bool accumulate;
    product_addend addend;
    int64_t addend_gap;
    int64_t left_gap, right_gap, output_gap; /* elements between columns in memory */
    int64_t offset;                          /* elements from an aligned address */
    bool special;                            /* some zeros, infinities, NaNs, denormals */
} product_case;

typedef enum product_division { BY_COLUMNS, BY_ROWS, BY_INNER } product_division;

/* `size` bytes from `offset` bytes after an aligned address on; free from the aligned address. */
void *product_test_memory(size_t size, size_t offset);

/* Fails the test unless the bits, the error and everything around the output are right. */
void product_case_check(const product_case *test, gt_random *random);
/* Done in parts, it must have the bits that it has when done at once. */
void product_case_check_parts(const product_case *test, product_division division, gt_random *random);
/* Four (size, 7) matrices, packed as one operand in four parts, and at once. */
void product_stack_check(gt_dtype dtype, const gt_product_kernels *kernels, int64_t size, bool right, bool transposed,
                         bool along_inner, gt_random *random);

#endif
