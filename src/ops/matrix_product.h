/*
 * The product of two matrices in memory, the same on every machine: the
 * reference that planned programs, whose kernels are in src/exec, are held against.
 */
#ifndef GT_OPS_MATRIX_PRODUCT_H
#define GT_OPS_MATRIX_PRODUCT_H

#include "gradtape/base.h"

/* A column-major matrix, read as its transpose if `transposed`; rows and columns are those in
 * memory. */
typedef struct gt_matrix {
    const void *data;
    int64_t rows, columns;
    bool transposed;
} gt_matrix;

/* output = a @ b, both of type dtype, GT_F64 or GT_F32. The output overlaps neither. */
void gt_matrix_product(gt_dtype dtype, gt_matrix a, gt_matrix b, void *output);

#endif
