#include "ops/descriptors.h"
#include "ops/kernels.h"

#include <math.h>

GT_EXACT_UNARY_KERNELS(floor, (real)floor((double)x))

static int32_t whole_part(double a)
{
    double below = floor(a);
    if (a == below || !(fabs(below) < 1e6))
        return -1;
    return below < -1 ? 0 : below < 0 ? 1 : below < 1 ? 2 : 3;
}

GT_PIECES(floor, whole_part(a), "its operand is below -1", "its operand is from -1 to 0", "its operand is from 0 to 1",
          "its operand is above 1")

const gt_op gt_op_floor = {
    .name = "floor",
    .latex = "\\lfloor #1 \\rfloor",
    .onnx = "Floor",
    .documentation = "The greatest whole number that is not above x; its derivative is 0. NaN stays NaN.",
    .arity = 1,
    .op_class = GT_CLASS_ELEMENTWISE,
    .domain = {{.low = 0.1, .high = 0.9}},
    .pieces = &floor_pieces,
    .shape = gt_shape_rule_elementwise,
    GT_KERNELS(floor),
};

gt_var gt_floor(gt_var x)
{
    return gt_apply_unary(&gt_op_floor, x);
}
