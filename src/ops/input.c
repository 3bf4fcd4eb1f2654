/* Attributes 0 to 4: the shape; 5: the type. */
#include "graph/leaf.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

static bool input_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, GT_SHAPE_ATTRIBUTES + 1))
        return false;
    int64_t dtype = query->attributes[GT_SHAPE_ATTRIBUTES];
    if (dtype != (int64_t)gt_tape_dtype(query->tape) && dtype != GT_I32)
        return gt_shape_fail(query, GT_ERROR_TYPE, "the type must be the tape's, %s, or i32",
                             gt_dtype_name(gt_tape_dtype(query->tape)));
    query->dtype = (gt_dtype)dtype;
    return gt_rule_answer(query, gt_shape_from_attributes(query->attributes));
}

const gt_op gt_op_input = {
    .name = "input",
    .onnx_form = GT_ONNX_GIVEN,
    .documentation = "A value supplied when the tape is run.",
    .arity = 0,
    .op_class = GT_CLASS_LEAF,
    .shape = input_shape,
};

/* The shape rule would report the same faults, but could not name the input. */
static bool input_is_sound(gt_tape *tape, const char *name, gt_dtype dtype, gt_shape shape)
{
    char text[128];
    if (dtype != gt_tape_dtype(tape) && dtype != GT_I32)
        gt_tape_fail(tape, GT_ERROR_TYPE, "input: '%s' is %s; on this tape it must be %s or i32", name,
                     gt_dtype_name(dtype), gt_dtype_name(gt_tape_dtype(tape)));
    else if (!gt_shape_valid(shape))
        gt_tape_fail(tape, gt_shape_possible(shape) ? GT_ERROR_SIZE : GT_ERROR_SHAPE,
                     "input: '%s' has the impossible shape %s; an array has at most %d axes, each of "
                     "size at least 1, and a number of entries that can be counted",
                     name, gt_shape_format(shape, text, sizeof text), GT_MAX_RANK);
    else
        return true;
    return false;
}

static gt_var record_input(gt_tape *tape, const char *name, gt_dtype dtype, gt_shape shape, gt_role role)
{
    if (tape == NULL)
        return GT_NONE;
    if (!input_is_sound(tape, name == NULL ? "" : name, dtype, shape))
        return (gt_var){tape, 0};
    int64_t attributes[GT_SHAPE_ATTRIBUTES + 1];
    gt_shape_to_attributes(shape, attributes);
    attributes[GT_SHAPE_ATTRIBUTES] = dtype;
    gt_var v = gt_apply_leaf(tape, &gt_op_input, attributes, GT_SHAPE_ATTRIBUTES + 1);
    if (!gt_var_valid(v))
        return v;
    gt_node_set_role(v, role);
    return name == NULL ? v : gt_name(v, name);
}

gt_var gt_input(gt_tape *tape, const char *name, gt_shape shape)
{
    return record_input(tape, name, gt_tape_dtype(tape), shape, GT_ROLE_INPUT);
}

gt_var gt_input_i32(gt_tape *tape, const char *name, gt_shape shape)
{
    return record_input(tape, name, GT_I32, shape, GT_ROLE_INPUT);
}

gt_var gt_input_of(gt_tape *tape, const char *name, gt_dtype dtype, gt_shape shape)
{
    return record_input(tape, name, dtype, shape, GT_ROLE_INPUT);
}

gt_var gt_parameter(gt_tape *tape, const char *name, gt_shape shape)
{
    return record_input(tape, name, gt_tape_dtype(tape), shape, GT_ROLE_PARAMETER);
}

gt_var gt_state(gt_tape *tape, const char *name, gt_shape shape)
{
    return record_input(tape, name, gt_tape_dtype(tape), shape, GT_ROLE_STATE);
}
