/*
 * Fast kernels of softmax and its kin, which need the greatest entry of each
 * column and the sum of the exponentials below it.
 *
 *     GT_FAST_COLUMN_KERNELS(NAME, KEEP, statements)
 *
 * defines NAME_fast_evaluate and the table gt_fast_columns_NAME. The statements
 * make the result of one column: they see x, rows, greatest, logarithm (of the
 * sum) or sum, e (the exponentials, `step` apart, if KEEP is true), y (the place
 * of the column in an output of the shape of x), column, output and kernel;
 * `real` is the type. Output and input may be the same memory. Short columns are
 * done many at a time; the result does not depend on how many.
 */
#ifndef GT_OPS_FAST_COLUMNS_H
#define GT_OPS_FAST_COLUMNS_H

#include "base/types.h"
#include "ops/fast_kernels.h"
#include "ops/vector_math.h"

enum {
    GT_COLUMN_LANES = 16,  /* short columns at a time, and partial sums of a long one */
    GT_COLUMN_PIECE = 1024 /* entries at hand at a time */
};

#define REAL float
#define INDEX gt_index_f32
#define LANE(NAME) GT_PASTE(NAME, f32)
#include "ops/fast_columns_functions.h"
#undef REAL
#undef INDEX
#undef LANE

#define REAL double
#define INDEX gt_index_f64
#define LANE(NAME) GT_PASTE(NAME, f64)
#include "ops/fast_columns_functions.h"
#undef REAL
#undef INDEX
#undef LANE

#define gt_lane_multiply(...) GT_COLUMN_CALL(gt_lane_multiply, __VA_ARGS__)
#define gt_lane_subtract(...) GT_COLUMN_CALL(gt_lane_subtract, __VA_ARGS__)
#define GT_COLUMN_CALL(NAME, ...) _Generic((real)0, double : NAME##_f64, float : NAME##_f32)(__VA_ARGS__)

#define GT_FAST_COLUMN_KERNELS(NAME, KEEP, ...)                                                                        \
    GT_FAST_COLUMN_KERNEL(NAME, KEEP, double, f64, __VA_ARGS__)                                                        \
    GT_FAST_COLUMN_KERNEL(NAME, KEEP, float, f32, __VA_ARGS__)                                                         \
    GT_AT_EVERY_LEVEL(GT_FAST_COLUMN_LEVEL, NAME)                                                                      \
    GT_FAST_COLUMN_TABLE(NAME)

#define GT_FAST_COLUMN_KERNEL(NAME, KEEP, TYPE, SUFFIX, ...)                                                           \
    GT_LANE void NAME##_finish_##SUFFIX(const gt_kernel *kernel, size_t column, TYPE greatest, double sum,             \
                                        double logarithm, const TYPE *e, size_t step)                                  \
    {                                                                                                                  \
        typedef TYPE real;                                                                                             \
        const size_t rows = (size_t)kernel->inputs[0].shape.size[0];                                                   \
        const TYPE *x = (const TYPE *)kernel->inputs[0].data + column * rows;                                          \
        TYPE *output = kernel->outputs[0].data, *y = output + column * rows;                                           \
        (void)x, (void)e, (void)step, (void)greatest, (void)sum, (void)logarithm, (void)y;                             \
        __VA_ARGS__                                                                                                    \
    }                                                                                                                  \
    /* Up to GT_COLUMN_LANES columns from `column` on. */                                                              \
    GT_LANE void NAME##_some_##SUFFIX(const gt_kernel *kernel, size_t column, size_t count, const bool fused,          \
                                      const size_t width)                                                              \
    {                                                                                                                  \
        const size_t rows = (size_t)kernel->inputs[0].shape.size[0];                                                   \
        const TYPE *x = (const TYPE *)kernel->inputs[0].data + column * rows;                                          \
        TYPE *e = KEEP ? (TYPE *)kernel->outputs[0].data + column * rows : NULL;                                       \
        TYPE piece[GT_COLUMN_PIECE], greatest[GT_COLUMN_LANES];                                                        \
        double sum[GT_COLUMN_LANES], logarithm[GT_COLUMN_LANES];                                                       \
        size_t step = 1;                                                                                               \
        if (rows * GT_COLUMN_LANES > GT_COLUMN_PIECE) {                                                                \
            for (size_t k = 0; k < count; k++)                                                                         \
                gt_lane_long_column_##SUFFIX(x + k * rows, rows, KEEP ? e + k * rows : NULL, piece, &greatest[k],      \
                                             &sum[k], fused, width);                                                   \
        } else if (count > 4) {                                                                                        \
            step = GT_COLUMN_LANES;                                                                                    \
            gt_lane_short_columns_##SUFFIX(x, rows, count, piece, greatest, sum, GT_COLUMN_LANES, fused, width);       \
        } else {                                                                                                       \
            step = 4;                                                                                                  \
            gt_lane_short_columns_##SUFFIX(x, rows, count, piece, greatest, sum, 4, fused, width);                     \
        }                                                                                                              \
        GT_EACH_ENTRY                                                                                                  \
        for (size_t k = 0; k < GT_COLUMN_LANES; k++)                                                                   \
            logarithm[k] = gt_lane_log_f64(k < count ? sum[k] : 1, fused);                                             \
        for (size_t k = 0; k < count; k++) {                                                                           \
            const TYPE *kept = step > 1 ? piece + k : KEEP ? e + k * rows : NULL;                                      \
            NAME##_finish_##SUFFIX(kernel, column + k, greatest[k], sum[k], logarithm[k], kept, step);                 \
        }                                                                                                              \
    }                                                                                                                  \
    GT_LANE void NAME##_columns_##SUFFIX(const gt_kernel *kernel, const bool fused, const size_t width)                \
    {                                                                                                                  \
        const gt_shape shape = kernel->inputs[0].shape;                                                                \
        const size_t columns = (size_t)(gt_shape_count(shape) / shape.size[0]);                                        \
        for (size_t column = 0; column < columns; column += GT_COLUMN_LANES) {                                         \
            size_t left = columns - column;                                                                            \
            NAME##_some_##SUFFIX(kernel, column, left < GT_COLUMN_LANES ? left : GT_COLUMN_LANES, fused, width);       \
        }                                                                                                              \
    }

#define GT_FAST_COLUMN_LEVEL(LEVEL, NAME)                                                                              \
    GT_TARGET_##LEVEL static gt_status NAME##_##LEVEL##_evaluate(const gt_kernel *kernel)                              \
    {                                                                                                                  \
        GT_FOR_REAL(kernel->inputs[0].dtype, NAME##_columns_f64(kernel, GT_FUSED_##LEVEL, GT_WIDTH_##LEVEL),           \
                    NAME##_columns_f32(kernel, GT_FUSED_##LEVEL, GT_WIDTH_##LEVEL));                                   \
        return GT_OK;                                                                                                  \
    }

/* The table of the functions NAME_LEVEL_evaluate, and the choice between them. */
#define GT_FAST_COLUMN_TABLE(NAME)                                                                                     \
    extern const gt_fast_columns gt_fast_columns_##NAME;                                                               \
    const gt_fast_columns gt_fast_columns_##NAME = {.evaluate = GT_LEVEL_TABLE(NAME, evaluate)};                       \
    static gt_status NAME##_fast_evaluate(const gt_kernel *kernel)                                                     \
    {                                                                                                                  \
        return gt_fast_columns_##NAME.evaluate[gt_processor_level()](kernel);                                          \
    }

#endif
