#include "plan/loops/lift.h"

#include "base/memory.h"
#include "base/types.h"
#include "gradtape/ops.h"
#include "ops/reduce.h"
#include "ops/rule.h"

#include <string.h>

gt_shape gt_sequence_shape(gt_shape shape, int64_t steps)
{
    shape.size[shape.rank++] = steps;
    return shape;
}

static gt_shape shape_of(const gt_tape *body, uint32_t index)
{
    return gt_node_shape(body, gt_tape_node(body, index));
}

/* ---- whether ------------------------------------------------------------------------------- */

static bool along_known_axis(const gt_tape *body, const gt_node *node, gt_shape result)
{
    return gt_node_attributes(body, node)[0] < result.rank;
}

static bool all_operands_vary(const gt_tape *body, const gt_node *node, const uint8_t *varies)
{
    for (uint32_t k = 0; k < node->input_count; k++)
        if (!varies[gt_node_inputs(body, node)[k]])
            return false;
    return true;
}

bool gt_lift_possible(const gt_tape *body, uint32_t index, const uint8_t *varies)
{
    const gt_node *node = gt_tape_node(body, index);
    const uint32_t *inputs = gt_node_inputs(body, node);
    const int64_t *attributes = gt_node_attributes(body, node);
    gt_shape result = gt_node_shape(body, node);
    bool room = result.rank < GT_MAX_RANK && node->input_count <= 8;
    for (uint32_t k = 0; k < node->input_count; k++)
        room = room && shape_of(body, inputs[k]).rank < GT_MAX_RANK;
    if (!room)
        return false;
    switch (node->op->op_class) {
    case GT_CLASS_ELEMENTWISE:
        return true;
    case GT_CLASS_COLUMN_PARALLEL:
        return all_operands_vary(body, node, varies);
    case GT_CLASS_MATRIX_PRODUCT:
        return !varies[inputs[0]] && attributes[1] == 0;
    default:
        break;
    }
    switch (node->op->axes) {
    case GT_AXES_ALONG:
        return along_known_axis(body, node, result) && all_operands_vary(body, node, varies);
    case GT_AXES_LOOKED_UP:
        return !varies[inputs[0]];
    case GT_AXES_ORDERED:
    case GT_AXES_REDUCED:
        return true;
    case GT_AXES_STRETCHED:
    case GT_AXES_UNKNOWN:
        break;
    }
    return false;
}

bool gt_lift_computes(const gt_node *node)
{
    return node->input_count > 0 && node->op->op_class != GT_CLASS_PART && !gt_class_is_tuple(node->op->op_class);
}

/* Marks what no state reaches but those that are known to be free. */
static void mark_free(const gt_copy *body, const uint8_t *varies, uint8_t *by_state, uint8_t *free)
{
    for (uint32_t i = 1; i <= body->count; i++) {
        const gt_node *node = gt_tape_node(body->from, i);
        const uint32_t *inputs = gt_node_inputs(body->from, node);
        for (uint32_t k = 0; k < node->input_count; k++)
            by_state[i] |= by_state[inputs[k]];
        bool enters = node->role != GT_ROLE_NONE;
        free[i] = varies[i] && !by_state[i] &&
                  (enters || (gt_lift_computes(node) && gt_lift_possible(body->from, i, varies)));
        for (uint32_t k = 0; k < node->input_count; k++)
            free[i] &= !varies[inputs[k]] || free[inputs[k]];
    }
}

bool gt_lift_mark_free(const gt_copy *body, const uint8_t *varies, uint8_t *free)
{
    const gt_scan *scan = body->from_scan;
    size_t count = (size_t)body->count + 1;
    uint8_t *by_state = gt_memory_new(count, 1), *shifted = gt_memory_new(scan->carry_count, 1);
    bool more = by_state != NULL && shifted != NULL;
    bool marked = more;
    while (more) {
        more = false;
        memset(by_state, 0, count);
        for (uint32_t k = 0; k < scan->carry_count; k++)
            by_state[scan->carries[k].before] = !shifted[k];
        mark_free(body, varies, by_state, free);
        for (uint32_t k = 0; k < scan->carry_count; k++)
            if (!shifted[k] && (free[scan->carries[k].after] || !varies[scan->carries[k].after]) &&
                shape_of(body->from, scan->carries[k].before).rank < GT_MAX_RANK)
                shifted[k] = more = true;
    }
    gt_memory_free(by_state);
    gt_memory_free(shifted);
    return marked;
}

static void mark_past(const gt_copy *body, uint8_t *waited)
{
    for (uint32_t i = body->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(body->from, i);
        for (uint32_t k = 0; k < node->input_count; k++)
            waited[gt_node_inputs(body->from, node)[k]] |= waited[i];
    }
}

void gt_lift_mark_kept(const gt_copy *body, uint8_t *kept, uint8_t *waited)
{
    const gt_scan *scan = body->from_scan;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        kept[k] = body->wanted[scan->carries[k].before];
    for (bool more = true; more;) {
        more = false;
        memset(waited, 0, (size_t)body->count + 1);
        for (uint32_t k = 0; k < scan->carry_count; k++)
            waited[scan->carries[k].after] |= kept[k];
        mark_past(body, waited);
        for (uint32_t k = 0; k < scan->carry_count; k++) {
            bool leaves = kept[k] && !waited[scan->carries[k].before];
            kept[k] = kept[k] && !leaves;
            more |= leaves;
        }
    }
}

/* ---- how ----------------------------------------------------------------------------------- */

/* Time moves to axis `rank`: the order of the numbers stays. */
static gt_var with_time_at(gt_var sequence, gt_shape step, int32_t rank, int64_t steps)
{
    if (step.rank == rank)
        return sequence;
    step.rank = rank;
    return gt_reshape(sequence, gt_sequence_shape(step, steps));
}

static bool is_whole(const gt_tape *body, uint32_t index)
{
    return !gt_type_is_real((gt_dtype)gt_tape_node(body, index)->dtype);
}

/*
 * The axis on which an op needs the time of operand k: operands that broadcast against each other
 * have it on the same one, and the first axis, that of rows, is not for it.
 */
static int32_t time_axis(const gt_tape *body, const gt_node *node, uint32_t k)
{
    const uint32_t *inputs = gt_node_inputs(body, node);
    if (node->op->op_class == GT_CLASS_ELEMENTWISE || node->op->axes == GT_AXES_ALONG)
        return gt_node_shape(body, node).rank;
    bool by_columns = node->op->op_class == GT_CLASS_MATRIX_PRODUCT || node->op->op_class == GT_CLASS_COLUMN_PARALLEL;
    if (!by_columns || (k == 0 && is_whole(body, inputs[k])))
        return shape_of(body, inputs[k]).rank;
    /* Whole numbers, such as targets, have one axis less than the columns that they are for; more have one entry. */
    bool targets = is_whole(body, inputs[k]);
    int32_t rank = shape_of(body, inputs[targets ? 0 : k]).rank;
    return (rank == 0 ? 1 : rank) - targets;
}

gt_var gt_lift(const gt_tape *body, uint32_t index, const uint8_t *varies, const gt_var *operands, int64_t steps)
{
    const gt_node *node = gt_tape_node(body, index);
    const uint32_t *inputs = gt_node_inputs(body, node);
    gt_shape result = gt_node_shape(body, node), expected = gt_sequence_shape(result, steps);
    if (node->op->axes == GT_AXES_ORDERED)
        return gt_reshape(operands[0], expected);

    gt_var lifted[8];
    for (uint32_t k = 0; k < node->input_count; k++) {
        gt_shape step = shape_of(body, inputs[k]);
        lifted[k] = varies[inputs[k]] ? with_time_at(operands[k], step, time_axis(body, node, k), steps) : operands[k];
    }
    int64_t attributes[GT_MAX_ATTRIBUTES];
    memcpy(attributes, gt_node_attributes(body, node), node->attribute_count * sizeof *attributes);
    if (node->op->axes == GT_AXES_REDUCED) {
        /* The axes of a step are summed, the one behind them is time. */
        gt_shape step = shape_of(body, inputs[0]);
        attributes[GT_REDUCE_AXES] &= (1 << step.rank) - 1;
        if (attributes[GT_REDUCE_AXES] == 0)
            return gt_reshape(lifted[0], expected);
        attributes[GT_REDUCE_RANK] = step.rank + 1;
    }
    gt_var v = gt_apply(node->op, lifted, node->input_count, attributes, node->attribute_count);
    return gt_reshape(v, expected);
}

/* ---- states that are sequences --------------------------------------------------------------- */

static gt_var steps_of(gt_var sequence, int64_t from, int64_t to)
{
    return gt_slice(sequence, gt_var_shape(sequence).rank - 1, from, to);
}

gt_var gt_lift_shifted(gt_var initial, gt_var sequence, gt_direction direction)
{
    if (!gt_var_valid(initial) || !gt_var_valid(sequence))
        return GT_NONE; /* an error, which the tape has */
    int axis = gt_var_shape(initial).rank;
    int64_t steps = gt_var_shape(sequence).size[gt_var_shape(sequence).rank - 1];
    sequence = gt_reshape(sequence, gt_sequence_shape(gt_var_shape(initial), steps));
    gt_var first = gt_reshape(initial, gt_sequence_shape(gt_var_shape(initial), 1));
    if (steps == 1)
        return first;
    gt_var forward[2] = {first, steps_of(sequence, 0, steps - 1)}, backward[2] = {steps_of(sequence, 1, steps), first};
    return gt_concat(direction == GT_FORWARD ? forward : backward, 2, axis);
}

gt_var gt_lift_last(gt_var sequence, gt_direction direction)
{
    if (!gt_var_valid(sequence))
        return GT_NONE;
    gt_shape shape = gt_var_shape(sequence);
    int64_t last = direction == GT_FORWARD ? shape.size[shape.rank - 1] - 1 : 0;
    shape.size[--shape.rank] = 1;
    return gt_reshape(steps_of(sequence, last, last + 1), shape);
}
