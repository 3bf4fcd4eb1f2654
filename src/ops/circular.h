/*
 * Fast kernels of sin and cos. Arguments beyond GT_TRIGONOMETRY_LIMIT are rare
 * and need a branch: a piece of the array that has one is done entry by entry,
 * the large ones by libm. An entry's result does not depend on its neighbours.
 */
#ifndef GT_OPS_CIRCULAR_H
#define GT_OPS_CIRCULAR_H

#include "ops/kernels.h"

/* GT_FAST_CIRCULAR_KERNELS(NAME, expression for all but large x, expression for large x) */
#define GT_FAST_CIRCULAR_KERNELS(NAME, NEAR, FAR)                                                                      \
    GT_FAST_CIRCULAR_KERNEL(NAME, double, f64, NEAR, FAR)                                                              \
    GT_FAST_CIRCULAR_KERNEL(NAME, float, f32, NEAR, FAR)                                                               \
    GT_FAST_TABLE(NAME)

enum { GT_CIRCULAR_PIECE = 512 };

#define GT_FAST_CIRCULAR_KERNEL(NAME, TYPE, SUFFIX, NEAR, FAR)                                                         \
    GT_LANE TYPE NAME##_lane_##SUFFIX(TYPE x, const bool fused)                                                        \
    {                                                                                                                  \
        return NEAR;                                                                                                   \
    }                                                                                                                  \
    GT_LANE TYPE NAME##_any_##SUFFIX(TYPE x, const bool fused)                                                         \
    {                                                                                                                  \
        return fabs(x) > (TYPE)GT_TRIGONOMETRY_LIMIT ? FAR : NAME##_lane_##SUFFIX(x, fused);                           \
    }                                                                                                                  \
    GT_LANE void NAME##_loop_##SUFFIX(const TYPE *x, TYPE *output, size_t count, const bool fused, const size_t width) \
    {                                                                                                                  \
        GT_VECTOR_LOOP(TYPE, gt_index_##SUFFIX, NAME##_lane_##SUFFIX(x[i], fused), x += whole);                        \
    }                                                                                                                  \
    GT_LANE void NAME##_pieces_##SUFFIX(const TYPE *x, TYPE *output, size_t count, const bool fused,                   \
                                        const size_t width)                                                            \
    {                                                                                                                  \
        for (size_t start = 0; start < count; start += GT_CIRCULAR_PIECE) {                                            \
            size_t left = count - start, piece = left < GT_CIRCULAR_PIECE ? left : GT_CIRCULAR_PIECE;                  \
            if (gt_lane_any_beyond_##SUFFIX(x + start, piece)) {                                                       \
                for (size_t i = start; i < start + piece; i++)                                                         \
                    output[i] = NAME##_any_##SUFFIX(x[i], fused);                                                      \
            } else {                                                                                                   \
                NAME##_loop_##SUFFIX(x + start, output + start, piece, fused, width);                                  \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    GT_AT_EVERY_LEVEL(GT_FAST_CIRCULAR_LEVEL, NAME, TYPE, SUFFIX)

#define GT_FAST_CIRCULAR_LEVEL(LEVEL, NAME, TYPE, SUFFIX)                                                              \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                        \
    {                                                                                                                  \
        if (run->strides[0] == 1) {                                                                                    \
            NAME##_pieces_##SUFFIX(run->inputs[0], run->output, run->count, GT_FUSED_##LEVEL, GT_WIDTH_##LEVEL);       \
        } else {                                                                                                       \
            const TYPE value = NAME##_any_##SUFFIX(run->inputs[0][0], GT_FUSED_##LEVEL);                               \
            GT_FILL_LOOP(value);                                                                                       \
        }                                                                                                              \
    }

/* Is there an |x[i]| beyond the limit? Infinity is; NaN is not. */
#define GT_LANE_ANY_BEYOND(TYPE, SUFFIX, INDEX)                                                                        \
    GT_LANE bool gt_lane_any_beyond_##SUFFIX(const TYPE *x, size_t count)                                              \
    {                                                                                                                  \
        INDEX beyond = 0;                                                                                              \
        GT_EACH_ENTRY_AND(reduction(| : beyond))                                                                       \
        for (size_t i = 0; i < count; i++)                                                                             \
            beyond |= fabs(x[i]) > (TYPE)GT_TRIGONOMETRY_LIMIT ? (INDEX)1 : (INDEX)0;                                  \
        return beyond != 0;                                                                                            \
    }
GT_LANE_ANY_BEYOND(double, f64, gt_index_f64)
GT_LANE_ANY_BEYOND(float, f32, gt_index_f32)

#endif
