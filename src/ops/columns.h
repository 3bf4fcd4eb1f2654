/*
 * Kernels that treat each column by itself, written once for both types.
 *
 *     GT_COLUMN_KERNELS(NAME, statements)
 *
 * defines NAME_evaluate. The statements read x[i], i < rows, and write y[i];
 * `real` is the type. <tgmath.h> picks the function of that type.
 */
#ifndef GT_OPS_COLUMNS_H
#define GT_OPS_COLUMNS_H

#include "base/types.h"
#include "gradtape/op.h"

#include <tgmath.h>

/* The greatest entry of a column: what is subtracted before exp. A NaN may be overlooked. */
#define GT_COLUMN_MAXIMUM(TYPE, SUFFIX)                                                                                \
    static inline TYPE gt_column_maximum_##SUFFIX(const TYPE *x, size_t rows)                                          \
    {                                                                                                                  \
        TYPE greatest = x[0];                                                                                          \
        for (size_t i = 1; i < rows; i++)                                                                              \
            greatest = x[i] > greatest ? x[i] : greatest;                                                              \
        return greatest;                                                                                               \
    }
GT_COLUMN_MAXIMUM(double, f64)
GT_COLUMN_MAXIMUM(float, f32)
#define gt_column_maximum(x, rows)                                                                                     \
    _Generic((x), const double * : gt_column_maximum_f64, const float * : gt_column_maximum_f32)(x, rows)

#define GT_COLUMN_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                      \
    static void NAME##_column_##SUFFIX(const TYPE *x, TYPE *y, size_t rows)                                            \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        __VA_ARGS__                                                                                                    \
    }

#define GT_COLUMN_KERNELS(NAME, ...)                                                                                   \
    GT_COLUMN_KERNEL(NAME, double, f64, __VA_ARGS__)                                                                   \
    GT_COLUMN_KERNEL(NAME, float, f32, __VA_ARGS__)                                                                    \
    static gt_status NAME##_evaluate(const gt_kernel *kernel)                                                          \
    {                                                                                                                  \
        const gt_array *input = &kernel->inputs[0], *output = &kernel->outputs[0];                                     \
        size_t rows = (size_t)input->shape.size[0];                                                                    \
        size_t count = (size_t)gt_shape_count(input->shape);                                                           \
        for (size_t start = 0; start < count; start += rows) {                                                         \
            GT_FOR_REAL(input->dtype,                                                                                  \
                        NAME##_column_f64((const double *)input->data + start, (double *)output->data + start, rows),  \
                        NAME##_column_f32((const float *)input->data + start, (float *)output->data + start, rows));   \
        }                                                                                                              \
        return GT_OK;                                                                                                  \
    }

#endif
