/*
 * Element-by-element kernels, written once for both types.
 *
 *     GT_UNARY_KERNELS(tanh, tanh(x))
 *     GT_FAST_UNARY_KERNELS(tanh, gt_lane_tanh(x))
 *
 * define the reference, tanh_f64 and tanh_f32, and the fast kernels of planned
 * programs (fast_kernels.h); in the descriptor, GT_KERNELS(tanh) names them all.
 * Where one expression serves both, because all it does is arithmetic and
 * comparison, GT_EXACT_UNARY_KERNELS defines both with the same bits.
 *
 * The expression sees x (or a and b; or a, b and c) in the type of the run,
 * under the name `real`; <tgmath.h> picks the function of that type, and whole
 * numbers take it by themselves. The output may be the memory of an operand, so
 * an entry is read before it is written.
 */
#ifndef GT_OPS_KERNELS_H
#define GT_OPS_KERNELS_H

#include "gradtape/op.h"
#include "ops/fast_kernels.h"
#include "ops/vector_math.h"

#include <tgmath.h>

/* The fields of a descriptor that name its kernels. */
#define GT_KERNELS(NAME)                                                                                               \
    .run_f64 = NAME##_f64, .run_f32 = NAME##_f32, .fast_f64 = NAME##_fast_f64, .fast_f32 = NAME##_fast_f32,            \
    .choose_f64 = NAME##_choose_f64, .choose_f32 = NAME##_choose_f32

/*
 * The pieces of a function, for a descriptor's `.pieces`: FIND answers the place among the names
 * that follow, or -1 where two pieces meet, for operands a and b.
 */
#define GT_PIECES(NAME, FIND, ...)                                                                                     \
    static int32_t NAME##_find_piece(const double *operands)                                                           \
    {                                                                                                                  \
        double a = operands[0], b __attribute__((unused)) = operands[1];                                               \
        return FIND;                                                                                                   \
    }                                                                                                                  \
    static const char *const NAME##_piece_names[] = {__VA_ARGS__, NULL};                                               \
    static const gt_pieces NAME##_pieces = {NAME##_piece_names, NAME##_find_piece};

#define GT_EXACT_UNARY_KERNELS(NAME, ...)                                                                              \
    GT_UNARY_KERNELS(NAME, __VA_ARGS__)                                                                                \
    GT_FAST_UNARY_KERNELS(NAME, __VA_ARGS__)

#define GT_EXACT_BINARY_KERNELS(NAME, ...)                                                                             \
    GT_BINARY_KERNELS(NAME, __VA_ARGS__)                                                                               \
    GT_FAST_BINARY_KERNELS(NAME, __VA_ARGS__)

#define GT_EXACT_TERNARY_KERNELS(NAME, ...)                                                                            \
    GT_TERNARY_KERNELS(NAME, __VA_ARGS__)                                                                              \
    GT_FAST_TERNARY_KERNELS(NAME, __VA_ARGS__)

#define GT_UNARY_KERNELS(NAME, ...)                                                                                    \
    GT_UNARY_KERNEL(NAME, double, f64, __VA_ARGS__)                                                                    \
    GT_UNARY_KERNEL(NAME, float, f32, __VA_ARGS__)

#define GT_BINARY_KERNELS(NAME, ...)                                                                                   \
    GT_BINARY_KERNEL(NAME, double, f64, __VA_ARGS__)                                                                   \
    GT_BINARY_KERNEL(NAME, float, f32, __VA_ARGS__)

#define GT_TERNARY_KERNELS(NAME, ...)                                                                                  \
    GT_TERNARY_KERNEL(NAME, double, f64, __VA_ARGS__)                                                                  \
    GT_TERNARY_KERNEL(NAME, float, f32, __VA_ARGS__)

#define GT_UNARY_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                       \
    static inline TYPE NAME##_entry_##SUFFIX(TYPE x)                                                                   \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    static void NAME##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                                                    \
    {                                                                                                                  \
        const TYPE *x = run->inputs[0];                                                                                \
        TYPE *output = run->output;                                                                                    \
        size_t count = run->count, stride = run->strides[0];                                                           \
        if (stride == 1) {                                                                                             \
            for (size_t i = 0; i < count; i++)                                                                         \
                output[i] = NAME##_entry_##SUFFIX(x[i]);                                                               \
        } else {                                                                                                       \
            TYPE value = NAME##_entry_##SUFFIX(x[0]);                                                                  \
            for (size_t i = 0; i < count; i++)                                                                         \
                output[i] = value;                                                                                     \
        }                                                                                                              \
    }

#define GT_BINARY_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                      \
    static inline TYPE NAME##_entry_##SUFFIX(TYPE a, TYPE b)                                                           \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    static void NAME##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                                                    \
    {                                                                                                                  \
        const TYPE *a = run->inputs[0], *b = run->inputs[1];                                                           \
        TYPE *output = run->output;                                                                                    \
        size_t count = run->count, stride_a = run->strides[0], stride_b = run->strides[1];                             \
        if (stride_a == 1 && stride_b == 1) {                                                                          \
            for (size_t i = 0; i < count; i++)                                                                         \
                output[i] = NAME##_entry_##SUFFIX(a[i], b[i]);                                                         \
        } else if (stride_a == 1) {                                                                                    \
            const TYPE same = b[0];                                                                                    \
            for (size_t i = 0; i < count; i++)                                                                         \
                output[i] = NAME##_entry_##SUFFIX(a[i], same);                                                         \
        } else if (stride_b == 1) {                                                                                    \
            const TYPE same = a[0];                                                                                    \
            for (size_t i = 0; i < count; i++)                                                                         \
                output[i] = NAME##_entry_##SUFFIX(same, b[i]);                                                         \
        } else {                                                                                                       \
            const TYPE value = NAME##_entry_##SUFFIX(a[0], b[0]);                                                      \
            for (size_t i = 0; i < count; i++)                                                                         \
                output[i] = value;                                                                                     \
        }                                                                                                              \
    }

#define GT_TERNARY_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                     \
    static inline TYPE NAME##_entry_##SUFFIX(TYPE a, TYPE b, TYPE c)                                                   \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    static void NAME##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                                                    \
    {                                                                                                                  \
        const TYPE *a = run->inputs[0], *b = run->inputs[1], *c = run->inputs[2];                                      \
        TYPE *output = run->output;                                                                                    \
        const size_t *strides = run->strides;                                                                          \
        if (strides[0] == 1 && strides[1] == 1 && strides[2] == 1) {                                                   \
            for (size_t i = 0; i < run->count; i++)                                                                    \
                output[i] = NAME##_entry_##SUFFIX(a[i], b[i], c[i]);                                                   \
        } else {                                                                                                       \
            for (size_t i = 0; i < run->count; i++)                                                                    \
                output[i] = NAME##_entry_##SUFFIX(a[i * strides[0]], b[i * strides[1]], c[i * strides[2]]);            \
        }                                                                                                              \
    }

#endif
