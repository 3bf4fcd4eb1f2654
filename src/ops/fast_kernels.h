/*
 * Fast element-by-element kernels: one expression becomes loops for both types,
 * every level of the processor and the strides that occur, written so that the
 * compiler vectorises them.
 *
 *     GT_FAST_UNARY_KERNELS(tanh, gt_lane_tanh(x))
 *
 * defines tanh_fast_f64, tanh_fast_f32 and the table gt_fast_tanh. The
 * expression sees x (or a and b; or a, b and c) and `real`, as in kernels.h, and
 * must be free of branches and calls; the functions of vector_math.h are.
 */
#ifndef GT_OPS_FAST_KERNELS_H
#define GT_OPS_FAST_KERNELS_H

#include "ops/levels.h"

/* Counts the entries of one vector: as wide as an entry, so that the end of an array is a mask. */
typedef int32_t gt_index_f32;
typedef int64_t gt_index_f64;

/*
 * output[i] = ENTRY for i < count: whole vectors, then the rest as one vector of
 * which only some lanes are read and written. ENTRY reads entry i of operands
 * that advance with `output` in ADVANCE.
 */
#define GT_VECTOR_LOOP(TYPE, INDEX, ENTRY, ADVANCE)                                                                    \
    do {                                                                                                               \
        size_t whole = count - count % (width / sizeof(TYPE));                                                         \
        GT_EACH_ENTRY                                                                                                  \
        for (size_t i = 0; i < whole; i++)                                                                             \
            output[i] = ENTRY;                                                                                         \
        const INDEX rest = (INDEX)(count - whole);                                                                     \
        if (rest > 0) {                                                                                                \
            output += whole;                                                                                           \
            ADVANCE;                                                                                                   \
            GT_EACH_ENTRY                                                                                              \
            for (INDEX i = 0; i < (INDEX)(width / sizeof(TYPE)); i++)                                                  \
                if (i < rest)                                                                                          \
                    output[i] = ENTRY;                                                                                 \
        }                                                                                                              \
    } while (0)

/* Every operand stands still. */
#define GT_FILL_LOOP(VALUE)                                                                                            \
    do {                                                                                                               \
        for (size_t i = 0; i < run->count; i++)                                                                        \
            run->output[i] = VALUE;                                                                                    \
    } while (0)

/* ---- one operand ----------------------------------------------------------------------------- */

#define GT_FAST_UNARY_KERNELS(NAME, ...)                                                                               \
    GT_FAST_UNARY_KERNEL(NAME, double, f64, __VA_ARGS__)                                                               \
    GT_FAST_UNARY_KERNEL(NAME, float, f32, __VA_ARGS__)                                                                \
    GT_FAST_TABLE(NAME)

#define GT_FAST_UNARY_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                  \
    GT_LANE TYPE NAME##_lane_##SUFFIX(TYPE x, const bool fused)                                                        \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        (void)fused;                                                                                                   \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    GT_LANE void NAME##_loop_##SUFFIX(const TYPE *x, TYPE *output, size_t count, const bool fused, const size_t width) \
    {                                                                                                                  \
        GT_VECTOR_LOOP(TYPE, gt_index_##SUFFIX, NAME##_lane_##SUFFIX(x[i], fused), x += whole);                        \
    }                                                                                                                  \
    GT_AT_EVERY_LEVEL(GT_FAST_UNARY_LEVEL, NAME, TYPE, SUFFIX)

#define GT_FAST_UNARY_LEVEL(LEVEL, NAME, TYPE, SUFFIX)                                                                 \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                        \
    {                                                                                                                  \
        if (run->strides[0] == 1) {                                                                                    \
            NAME##_loop_##SUFFIX(run->inputs[0], run->output, run->count, GT_FUSED_##LEVEL, GT_WIDTH_##LEVEL);         \
        } else {                                                                                                       \
            const TYPE value = NAME##_lane_##SUFFIX(run->inputs[0][0], GT_FUSED_##LEVEL);                              \
            GT_FILL_LOOP(value);                                                                                       \
        }                                                                                                              \
    }

/* ---- two operands ---------------------------------------------------------------------------- */

#define GT_FAST_BINARY_KERNELS(NAME, ...)                                                                              \
    GT_FAST_BINARY_KERNEL(NAME, double, f64, __VA_ARGS__)                                                              \
    GT_FAST_BINARY_KERNEL(NAME, float, f32, __VA_ARGS__)                                                               \
    GT_FAST_TABLE(NAME)

/* The steps are constants where the loop is inlined: 1, or 0 for an operand that stands still. */
#define GT_FAST_BINARY_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                 \
    GT_LANE TYPE NAME##_lane_##SUFFIX(TYPE a, TYPE b)                                                                  \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    GT_LANE void NAME##_loop_##SUFFIX(const gt_elementwise_##SUFFIX *run, const size_t step_a, const size_t step_b,    \
                                      const size_t width)                                                              \
    {                                                                                                                  \
        const TYPE *a = run->inputs[0], *b = run->inputs[1];                                                           \
        const TYPE same_a = a[0], same_b = b[0];                                                                       \
        TYPE *output = run->output;                                                                                    \
        const size_t count = run->count;                                                                               \
        GT_VECTOR_LOOP(TYPE, gt_index_##SUFFIX, NAME##_lane_##SUFFIX(step_a ? a[i] : same_a, step_b ? b[i] : same_b),  \
                       (a += whole * step_a, b += whole * step_b));                                                    \
    }                                                                                                                  \
    GT_AT_EVERY_LEVEL(GT_FAST_BINARY_LEVEL, NAME, TYPE, SUFFIX)

#define GT_FAST_BINARY_LEVEL(LEVEL, NAME, TYPE, SUFFIX)                                                                \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                        \
    {                                                                                                                  \
        if (run->strides[0] == 1 && run->strides[1] == 1) {                                                            \
            NAME##_loop_##SUFFIX(run, 1, 1, GT_WIDTH_##LEVEL);                                                         \
        } else if (run->strides[0] == 1) {                                                                             \
            NAME##_loop_##SUFFIX(run, 1, 0, GT_WIDTH_##LEVEL);                                                         \
        } else if (run->strides[1] == 1) {                                                                             \
            NAME##_loop_##SUFFIX(run, 0, 1, GT_WIDTH_##LEVEL);                                                         \
        } else {                                                                                                       \
            const TYPE value = NAME##_lane_##SUFFIX(run->inputs[0][0], run->inputs[1][0]);                             \
            GT_FILL_LOOP(value);                                                                                       \
        }                                                                                                              \
    }

/* ---- three operands -------------------------------------------------------------------------- */

#define GT_FAST_TERNARY_KERNELS(NAME, ...)                                                                             \
    GT_FAST_TERNARY_KERNEL(NAME, double, f64, __VA_ARGS__)                                                             \
    GT_FAST_TERNARY_KERNEL(NAME, float, f32, __VA_ARGS__)                                                              \
    GT_FAST_TABLE(NAME)

#define GT_FAST_TERNARY_KERNEL(NAME, TYPE, SUFFIX, ...)                                                                \
    GT_LANE TYPE NAME##_lane_##SUFFIX(TYPE a, TYPE b, TYPE c)                                                          \
    {                                                                                                                  \
        typedef TYPE real __attribute__((unused));                                                                     \
        return __VA_ARGS__;                                                                                            \
    }                                                                                                                  \
    GT_LANE void NAME##_loop_##SUFFIX(const gt_elementwise_##SUFFIX *run, const size_t step_a, const size_t step_b,    \
                                      const size_t step_c, const size_t width)                                         \
    {                                                                                                                  \
        const TYPE *a = run->inputs[0], *b = run->inputs[1], *c = run->inputs[2];                                      \
        const TYPE same_a = a[0], same_b = b[0], same_c = c[0];                                                        \
        TYPE *output = run->output;                                                                                    \
        const size_t count = run->count;                                                                               \
        GT_VECTOR_LOOP(TYPE, gt_index_##SUFFIX,                                                                        \
                       NAME##_lane_##SUFFIX(step_a ? a[i] : same_a, step_b ? b[i] : same_b, step_c ? c[i] : same_c),   \
                       (a += whole * step_a, b += whole * step_b, c += whole * step_c));                               \
    }                                                                                                                  \
    GT_AT_EVERY_LEVEL(GT_FAST_TERNARY_LEVEL, NAME, TYPE, SUFFIX)

#define GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, A, B, C)                                                             \
    case A * 4 + B * 2 + C:                                                                                            \
        NAME##_loop_##SUFFIX(run, A, B, C, GT_WIDTH_##LEVEL);                                                          \
        break;

#define GT_FAST_TERNARY_LEVEL(LEVEL, NAME, TYPE, SUFFIX)                                                               \
    GT_TARGET_##LEVEL static void NAME##_##LEVEL##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                        \
    {                                                                                                                  \
        const size_t *strides = run->strides;                                                                          \
        switch (strides[0] * 4 + strides[1] * 2 + strides[2]) {                                                        \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 1, 1, 1)                                                         \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 1, 1, 0)                                                         \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 1, 0, 1)                                                         \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 1, 0, 0)                                                         \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 0, 1, 1)                                                         \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 0, 1, 0)                                                         \
            GT_FAST_TERNARY_CASE(NAME, SUFFIX, LEVEL, 0, 0, 1)                                                         \
        default: {                                                                                                     \
            const TYPE value = NAME##_lane_##SUFFIX(run->inputs[0][0], run->inputs[1][0], run->inputs[2][0]);          \
            GT_FILL_LOOP(value);                                                                                       \
        }                                                                                                              \
        }                                                                                                              \
    }

/* ---- the choice between levels --------------------------------------------------------------- */

#define GT_FAST_TABLE(NAME)                                                                                            \
    extern const gt_fast_kernels gt_fast_##NAME;                                                                       \
    const gt_fast_kernels gt_fast_##NAME = {                                                                           \
        .f64 = GT_LEVEL_TABLE(NAME, f64),                                                                              \
        .f32 = GT_LEVEL_TABLE(NAME, f32),                                                                              \
    };                                                                                                                 \
    GT_FAST_CHOICE(NAME, f64)                                                                                          \
    GT_FAST_CHOICE(NAME, f32)

#define GT_FAST_CHOICE(NAME, SUFFIX)                                                                                   \
    static gt_elementwise_##SUFFIX##_kernel *NAME##_choose_##SUFFIX(void)                                              \
    {                                                                                                                  \
        return gt_fast_##NAME.SUFFIX[gt_processor_level()];                                                            \
    }                                                                                                                  \
    static void NAME##_fast_##SUFFIX(const gt_elementwise_##SUFFIX *run)                                               \
    {                                                                                                                  \
        gt_fast_##NAME.SUFFIX[gt_processor_level()](run);                                                              \
    }

#endif
