#include "ops/padded.h"

#include "ops/fast_kernels.h"

#define PADDED_LOOP(TYPE, INDEX, SUFFIX)                                                                               \
    GT_LANE void padded_loop_##SUFFIX(const TYPE *x, TYPE *output, size_t count)                                       \
    {                                                                                                                  \
        enum { LANES = GT_PADDED_BYTES / sizeof(TYPE) };                                                               \
        for (; count >= LANES; count -= LANES, x += LANES, output += LANES) {                                          \
            GT_EACH_ENTRY                                                                                              \
            for (INDEX i = 0; i < (INDEX)LANES; i++)                                                                   \
                output[i] = x[i];                                                                                      \
        }                                                                                                              \
        const INDEX rest = (INDEX)count;                                                                               \
        if (rest > 0) {                                                                                                \
            GT_EACH_ENTRY                                                                                              \
            for (INDEX i = 0; i < (INDEX)LANES; i++)                                                                   \
                output[i] = i < rest ? x[i] : 0;                                                                       \
        }                                                                                                              \
    }
PADDED_LOOP(double, gt_index_f64, f64)
PADDED_LOOP(float, gt_index_f32, f32)

#define PADDED_LEVEL(LEVEL, SUFFIX)                                                                                    \
    GT_TARGET_##LEVEL static void padded_##LEVEL##_##SUFFIX(const gt_elementwise_##SUFFIX *run)                        \
    {                                                                                                                  \
        padded_loop_##SUFFIX(run->inputs[0], run->output, run->count);                                                 \
    }
GT_AT_EVERY_LEVEL(PADDED_LEVEL, f64)
GT_AT_EVERY_LEVEL(PADDED_LEVEL, f32)

gt_elementwise_f64_kernel *gt_choose_padded_copy_f64(void)
{
    static gt_elementwise_f64_kernel *const kernels[GT_LEVELS] = GT_LEVEL_TABLE(padded, f64);
    return kernels[gt_processor_level()];
}

gt_elementwise_f32_kernel *gt_choose_padded_copy_f32(void)
{
    static gt_elementwise_f32_kernel *const kernels[GT_LEVELS] = GT_LEVEL_TABLE(padded, f32);
    return kernels[gt_processor_level()];
}
