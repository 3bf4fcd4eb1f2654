/* Which ops treat the pieces of arrays independently: columns, or parts of a single one. */
#include "plan/order/batch.h"

#include "base/types.h"
#include "ops/descriptors.h"
#include "ops/part.h"
#include "ops/reduce.h"

static gt_shape shape_at(const gt_tape *tape, uint32_t index)
{
    return gt_node_shape(tape, gt_tape_node(tape, index));
}

int gt_batch_axis(gt_shape shape, int64_t batch)
{
    int axis = GT_MAX_RANK - 1;
    while (axis > 0 && shape.size[axis] == 1)
        axis--;
    return shape.size[axis] % batch == 0 ? axis : -1;
}

static gt_taking pieces_if(bool possible)
{
    return possible ? GT_TAKES_PIECES : GT_TAKES_ACROSS;
}

/* Entry by entry, or stretched. `axis` is that of the result's batch, `own` the operand's. */
static gt_taking stretching(gt_shape operand, int axis, int own)
{
    return operand.size[axis] == 1 ? GT_TAKES_WHOLE : pieces_if(own == axis);
}

/* What the axes of the op say. */
static gt_taking by_axes(const gt_tape *tape, const gt_node *node, uint32_t slot, int axis, int own)
{
    switch (node->op->axes) {
    case GT_AXES_ORDERED:
        return pieces_if(own >= 0);
    case GT_AXES_STRETCHED:
        return stretching(shape_at(tape, gt_node_inputs(tape, node)[slot]), axis, own);
    case GT_AXES_LOOKED_UP:
        return slot == 0 ? GT_TAKES_WHOLE : pieces_if(own >= 0);
    case GT_AXES_ALONG:
        return pieces_if(own == axis && gt_node_attributes(tape, node)[0] != axis);
    case GT_AXES_REDUCED:
    case GT_AXES_UNKNOWN:
        break;
    }
    return GT_TAKES_ACROSS;
}

static gt_taking of_reduction(const gt_tape *tape, const gt_node *node, int axis, int own)
{
    bool sums = node->op->axes == GT_AXES_REDUCED;
    return pieces_if(sums && own == axis && (gt_node_attributes(tape, node)[GT_REDUCE_AXES] >> axis & 1) == 0);
}

static gt_taking of_product(const gt_tape *tape, const gt_node *node, uint32_t slot, int own)
{
    if (gt_node_attributes(tape, node)[1] != 0)
        return GT_TAKES_ACROSS;
    return slot == 0 ? GT_TAKES_WHOLE : pieces_if(own >= 1);
}

/* A part of a split along another axis. */
static gt_taking of_part(const gt_tape *tape, const gt_node *node, int axis, int64_t batch)
{
    if (node->op != &gt_op_part)
        return GT_TAKES_ACROSS;
    const gt_node *tuple = gt_tape_node(tape, gt_node_inputs(tape, node)[0]);
    int own = gt_batch_axis(shape_at(tape, gt_node_inputs(tape, tuple)[0]), batch);
    return pieces_if(own == axis && gt_node_attributes(tape, node)[GT_PART_AXIS] < own);
}

gt_taking gt_batch_taking(const gt_tape *tape, uint32_t index, uint32_t slot, int64_t batch)
{
    const gt_node *node = gt_tape_node(tape, index);
    uint32_t input = gt_node_inputs(tape, node)[slot];
    int axis = gt_batch_axis(gt_node_shape(tape, node), batch);
    int own = gt_batch_axis(shape_at(tape, input), batch);
    if (axis < 0)
        return GT_TAKES_ACROSS;
    if (node->op->op_class == GT_CLASS_VIEW || node->op->op_class == GT_CLASS_OTHER)
        return by_axes(tape, node, slot, axis, own);
    if (node->op->op_class == GT_CLASS_PART)
        return of_part(tape, node, axis, batch);
    if (node->op->op_class == GT_CLASS_ELEMENTWISE)
        return stretching(shape_at(tape, input), axis, own);
    if (axis == 0) /* along a column, not over columns */
        return GT_TAKES_ACROSS;
    switch (node->op->op_class) {
    /* Whole numbers, such as targets, have no axis for a column's entries. */
    case GT_CLASS_COLUMN_PARALLEL:
        return pieces_if(own >= (gt_type_is_real((gt_dtype)gt_tape_node(tape, input)->dtype) ? 1 : 0));
    case GT_CLASS_MATRIX_PRODUCT:
        return of_product(tape, node, slot, own);
    case GT_CLASS_REDUCTION:
        return of_reduction(tape, node, axis, own);
    default:
        return GT_TAKES_ACROSS;
    }
}

bool gt_batch_possible(const gt_tape *tape, uint32_t index, int64_t batch)
{
    const gt_node *node = gt_tape_node(tape, index);
    if (node->input_count == 0) /* a constant fills whatever it is given */
        return node->op == &gt_op_fill && gt_batch_axis(gt_node_shape(tape, node), batch) >= 0;
    for (uint32_t k = 0; k < node->input_count; k++)
        if (gt_batch_taking(tape, index, k, batch) == GT_TAKES_ACROSS)
            return false;
    return true;
}
