/*
 * Levels of the processor. A fast kernel is compiled once for each level, from
 * one source, and the best one that the machine can run is chosen at each call.
 *
 * Within one level the result for an entry depends on that entry alone, not on
 * its place in the array: products are fused with sums only where the source
 * says so. Between levels results differ by rounding.
 */
#ifndef GT_OPS_LEVELS_H
#define GT_OPS_LEVELS_H

#include "base/processor.h"
#include "gradtape/op.h"

#if defined(__x86_64__)
#define GT_LEVELS 3
#else
#define GT_LEVELS 1 /* what the compiler makes for the processor that it compiles for */
#endif

/* The kernels of an op by level; every op with fast kernels of its own has a table gt_fast_NAME. */
typedef struct gt_fast_kernels {
    void (*f64[GT_LEVELS])(const gt_elementwise_f64 *run);
    void (*f32[GT_LEVELS])(const gt_elementwise_f32 *run);
} gt_fast_kernels;

/* The same for an op that treats columns. */
typedef struct gt_fast_columns {
    gt_status (*evaluate[GT_LEVELS])(const gt_kernel *kernel);
} gt_fast_columns;

/* ---- for the macros that write kernels ------------------------------------------------------- */

/* Part of a kernel: compiled for the level of the function that it is inlined into. */
#define GT_LANE static inline __attribute__((always_inline, unused))

/*
 * Of each level: the target, whether it multiplies and adds in one rounding, and
 * the bytes of a vector. The 512 bits must be asked for: GCC prefers 256.
 */
#if defined(__clang__)
#define GT_TARGET_avx512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")))
#else
#define GT_TARGET_avx512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,prefer-vector-width=512")))
#endif
#define GT_TARGET_avx2 __attribute__((target("avx2,fma")))
#define GT_TARGET_baseline
#define GT_FUSED_avx512 1
#define GT_FUSED_avx2 1
#if defined(__FMA__) || defined(__aarch64__) || defined(__FP_FAST_FMA)
#define GT_FUSED_baseline 1
#else
#define GT_FUSED_baseline 0
#endif
#define GT_WIDTH_avx512 64
#define GT_WIDTH_avx2 32
#define GT_WIDTH_baseline 16

/* MACRO(LEVEL, ...) for every level; and the names PREFIX_LEVEL_SUFFIX as an initializer. */
#if GT_LEVELS == 3
#define GT_AT_EVERY_LEVEL(MACRO, ...) MACRO(baseline, __VA_ARGS__) MACRO(avx2, __VA_ARGS__) MACRO(avx512, __VA_ARGS__)
#define GT_LEVEL_TABLE(PREFIX, SUFFIX)                                                                                 \
    {                                                                                                                  \
        PREFIX##_baseline_##SUFFIX, PREFIX##_avx2_##SUFFIX, PREFIX##_avx512_##SUFFIX                                   \
    }
#else
#define GT_AT_EVERY_LEVEL(MACRO, ...) MACRO(baseline, __VA_ARGS__)
#define GT_LEVEL_TABLE(PREFIX, SUFFIX)                                                                                 \
    {                                                                                                                  \
        PREFIX##_baseline_##SUFFIX                                                                                     \
    }
#endif

/*
 * In front of a loop whose entries do not depend on each other, also where the
 * output is the memory of an operand; or only in sums and the like, by a clause.
 */
#define GT_EACH_ENTRY _Pragma("omp simd")
#define GT_EACH_ENTRY_AND(...) GT_PRAGMA(omp simd __VA_ARGS__)
#define GT_PRAGMA(...) _Pragma(#__VA_ARGS__)

#endif
