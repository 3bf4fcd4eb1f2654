/* Attributes 0 to 4: the shape; 5: the number. */
#include "base/entry.h"
#include "graph/leaf.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

static gt_status fill_evaluate(const gt_kernel *kernel)
{
    const gt_array *output = &kernel->outputs[0];
    double value = gt_unpack_double(kernel->attributes[GT_SHAPE_ATTRIBUTES]);
    size_t count = (size_t)gt_shape_count(output->shape);
    for (size_t i = 0; i < count; i++) {
        gt_entry_set(output->data, output->dtype, (int64_t)i, value);
    }
    return GT_OK;
}

static bool fill_shape(gt_shape_query *query)
{
    return gt_rule_attributes(query, GT_SHAPE_ATTRIBUTES + 1) &&
           gt_rule_answer(query, gt_shape_from_attributes(query->attributes));
}

const gt_op gt_op_fill = {
    .name = "fill",
    .label = "const",
    .onnx = "Expand",
    .onnx_form = GT_ONNX_NUMBER,
    .documentation = "An array filled with one number.",
    .arity = 0,
    .op_class = GT_CLASS_LEAF,
    .shape = fill_shape,
    .evaluate = fill_evaluate,
};

gt_var gt_fill(gt_tape *tape, gt_shape shape, double value)
{
    int64_t attributes[GT_SHAPE_ATTRIBUTES + 1];
    gt_shape_to_attributes(shape, attributes);
    attributes[GT_SHAPE_ATTRIBUTES] = gt_pack_double(value);
    return gt_apply_leaf(tape, &gt_op_fill, attributes, GT_SHAPE_ATTRIBUTES + 1);
}

gt_var gt_constant(gt_tape *tape, double value)
{
    if (tape == NULL)
        return GT_NONE;
    uint32_t *known = gt_tape_status(tape) == GT_OK ? gt_tape_constant(tape, gt_pack_double(value)) : NULL;
    if (known == NULL)
        return (gt_var){tape, 0};
    if (*known == 0)
        *known = gt_fill(tape, GT_SCALAR, value).index;
    return (gt_var){tape, *known};
}
