/*
 * Sums of columns of products, for planned programs: the products are never
 * written. Vectors of terms are added in fours, so that each sum has a sixteenth of
 * the terms or fewer, and the order depends on the shape and the processor's level alone.
 */
#include "ops/levels.h"
#include "ops/reduce.h"

#include <string.h>

#define SUM_PRODUCTS(TYPE, SUFFIX)                                                                                     \
    typedef TYPE terms_##SUFFIX __attribute__((vector_size(64)));                                                      \
    GT_LANE TYPE sum_products_##SUFFIX(const TYPE *x, const TYPE *y, size_t count)                                     \
    {                                                                                                                  \
        enum { WIDTH = 64 / sizeof(TYPE), SUMS = 4 };                                                                  \
        terms_##SUFFIX sums[SUMS] = {{0}}, a, b;                                                                       \
        TYPE lanes[WIDTH], rest = 0;                                                                                   \
        size_t i = 0;                                                                                                  \
        for (; i + SUMS * WIDTH <= count; i += SUMS * WIDTH)                                                           \
            for (size_t s = 0; s < SUMS; s++) {                                                                        \
                memcpy(&a, x + i + s * WIDTH, sizeof a);                                                               \
                memcpy(&b, y + i + s * WIDTH, sizeof b);                                                               \
                sums[s] += a * b;                                                                                      \
            }                                                                                                          \
        for (; i + WIDTH <= count; i += WIDTH) {                                                                       \
            memcpy(&a, x + i, sizeof a);                                                                               \
            memcpy(&b, y + i, sizeof b);                                                                               \
            sums[0] += a * b;                                                                                          \
        }                                                                                                              \
        sums[0] = (sums[0] + sums[1]) + (sums[2] + sums[3]);                                                           \
        for (; i < count; i++)                                                                                         \
            rest += x[i] * y[i];                                                                                       \
        memcpy(lanes, &sums[0], sizeof lanes);                                                                         \
        for (size_t half = WIDTH / 2; half > 0; half /= 2)                                                             \
            for (size_t lane = 0; lane < half; lane++)                                                                 \
                lanes[lane] += lanes[lane + half];                                                                     \
        return lanes[0] + rest;                                                                                        \
    }

SUM_PRODUCTS(double, f64)
SUM_PRODUCTS(float, f32)

#define SUM_COLUMNS(TYPE, SUFFIX)                                                                                      \
    for (size_t c = 0; c < columns; c++)                                                                               \
        ((TYPE *)sums)[c] =                                                                                            \
            (TYPE)(sum_products_##SUFFIX((const TYPE *)x + c * rows, (const TYPE *)y + c * rows, rows) / divisor);

#define SUM_PRODUCTS_LEVEL(LEVEL, NAME)                                                                                \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_products(gt_dtype dtype, const void *x, const void *y, size_t rows, \
                                                            size_t columns, void *sums, double divisor)                \
    {                                                                                                                  \
        if (dtype == GT_F64) {                                                                                         \
            SUM_COLUMNS(double, f64)                                                                                   \
        } else {                                                                                                       \
            SUM_COLUMNS(float, f32)                                                                                    \
        }                                                                                                              \
    }

GT_AT_EVERY_LEVEL(SUM_PRODUCTS_LEVEL, sum)

void gt_sum_products_fast_at(unsigned level, gt_array x, gt_array y, gt_array sums, double divisor)
{
    static void (*const levels[])(gt_dtype, const void *, const void *, size_t, size_t, void *, double) =
        GT_LEVEL_TABLE(sum, products);
    size_t rows = (size_t)x.shape.size[0];
    levels[level](x.dtype, x.data, y.data, rows, (size_t)gt_shape_count(x.shape) / rows, sums.data, divisor);
}

void gt_sum_products_fast(gt_array x, gt_array y, gt_array sums, double divisor)
{
    gt_sum_products_fast_at(gt_processor_level(), x, y, sums, divisor);
}
