/* Comparisons: 1 where they hold, 0 elsewhere, and no gradient. */
#ifndef GT_OPS_COMPARISON_H
#define GT_OPS_COMPARISON_H

#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

/* Defines the kernels, the descriptor and the public function of one comparison. */
#define GT_COMPARISON(NAME, OPERATOR, PREDICATE, LABEL, LATEX, ONNX, ONNX_FORM, DOCUMENTATION)                         \
    GT_EXACT_BINARY_KERNELS(NAME, (real)(a OPERATOR b))                                                                \
    GT_BINARY_LANES(NAME,                                                                                              \
                    gt_lanes_select(lanes, PREDICATE, a, b, gt_lanes_number(lanes, 1), gt_lanes_number(lanes, 0)))     \
    GT_PIECES(NAME, a OPERATOR b ? 0 : 1, "it holds", "it does not hold")                                              \
    const gt_op gt_op_##NAME = {                                                                                       \
        .name = #NAME,                                                                                                 \
        .label = LABEL,                                                                                                \
        .latex = LATEX,                                                                                                \
        .onnx = ONNX,                                                                                                  \
        .onnx_form = ONNX_FORM,                                                                                        \
        .documentation = DOCUMENTATION,                                                                                \
        .arity = 2,                                                                                                    \
        .op_class = GT_CLASS_ELEMENTWISE,                                                                              \
        .cost = GT_COST_ARITHMETIC,                                                                                    \
        .domain = {{.apart = 0.1}, {.apart = 0.1}},                                                                    \
        .pieces = &NAME##_pieces,                                                                                      \
        .shape = gt_shape_rule_elementwise,                                                                            \
        GT_KERNELS(NAME),                                                                                              \
        .lanes = NAME##_lanes,                                                                                         \
    };                                                                                                                 \
    gt_var gt_##NAME(gt_var a, gt_var b)                                                                               \
    {                                                                                                                  \
        return gt_apply_binary(&gt_op_##NAME, a, b);                                                                   \
    }

#endif
