/*
 * What vectors the processor has. Kernels are compiled for each level, and the best that may be
 * used is chosen at run time.
 */
#ifndef GT_BASE_PROCESSOR_H
#define GT_BASE_PROCESSOR_H

#include "gradtape/base.h"

typedef enum gt_processor {
    GT_PROCESSOR_BASELINE, /* what the compiler makes for the processor that it compiles for */
    GT_PROCESSOR_AVX2,     /* with FMA */
    GT_PROCESSOR_AVX512,   /* F, DQ, BW, VL */
} gt_processor;

/*
 * The best level of this processor, or a lower one that the environment variable
 * GRADTAPE_PROCESSOR names: "avx512", "avx2" or "baseline". Read once.
 */
gt_processor gt_processor_level(void);

/* GT_OK, or GT_ERROR_ARGUMENT if GRADTAPE_PROCESSOR names no level; then nothing is asked for. */
gt_status gt_processor_check(gt_error *error);

#endif
