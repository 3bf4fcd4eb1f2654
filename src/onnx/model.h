/* From what was recorded to a file. */
#ifndef GT_ONNX_MODEL_H
#define GT_ONNX_MODEL_H

#include "onnx/build.h"

/*
 * The same recorded twice, with numbers of examples and steps that differ: where the sizes differ, they depend
 * on these. Twice the same tape, where all sizes stay what they are.
 */
typedef struct gt_onnx_recording {
    gt_tape *tape, *twin;
    int64_t examples, steps, other_examples, other_steps;
    const gt_onnx_result *results; /* of `tape` */
    uint32_t count;
} gt_onnx_recording;

gt_status gt_onnx_write(const gt_onnx_recording *recording, const gt_parameters *values, const gt_onnx_options *options,
                        const char *title, char **bytes, size_t *size, gt_error *error);

#endif
