#include "ops/descriptors.h"
#include "ops/kernels.h"
#include "ops/lane_functions.h"

GT_EXACT_TERNARY_KERNELS(where, a != 0 ? b : c)
GT_TERNARY_LANES(where, gt_lanes_select(lanes, GT_LANE_NOT_EQUAL, a, gt_lanes_number(lanes, 0), b, c))

/* g where the mask chose this operand, 0 elsewhere */
static gt_var where_reverse(gt_reverse *r, uint32_t slot)
{
    gt_var mask = gt_reverse_input(r, 0), g = gt_reverse_cotangent(r), zero = gt_reverse_number(r, 0.0);
    if (slot == 0)
        return GT_NONE;
    return slot == 1 ? gt_where(mask, g, zero) : gt_where(mask, zero, g);
}

GT_PIECES(where, a != 0 ? 0 : 1, "its mask is not 0", "its mask is 0")

const gt_op gt_op_where = {
    .name = "where",
    .latex = "\\operatorname{where}(#1, #2, #3)",
    .onnx = "Where",
    .onnx_form = GT_ONNX_CHOICE,
    .documentation = "a where the mask is not 0, b elsewhere; the derivative with respect to the mask is 0.",
    .arity = 3,
    .op_class = GT_CLASS_ELEMENTWISE,
    .cost = GT_COST_ARITHMETIC,
    .domain = {{.apart = 0.1}},
    .pieces = &where_pieces,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(where),
    .lanes = where_lanes,
    .reverse = where_reverse,
};

gt_var gt_where(gt_var mask, gt_var a, gt_var b)
{
    const gt_var inputs[] = {mask, a, b};
    return gt_apply(&gt_op_where, inputs, 3, NULL, 0);
}
