/*
 * Which ops may stand in one group although their arrays differ in their rows: a
 * group in strips goes through whole columns, so that a column can be summed, cut
 * or joined in the middle of it. What a mean cuts apart is one pass again.
 */
#include "base/types.h"
#include "plan/order/ordering.h"

#include "ops/descriptors.h"
#include "ops/reduce.h"

/* A strip holds a column of everything; longer ones would not stay in the nearest caches. */
enum { MOST_COLUMN_BYTES = 16384 };

static bool is_short(const gt_level *level, uint32_t index)
{
    size_t size = gt_dtype_size((gt_dtype)gt_level_node(level, index)->dtype);
    return (size_t)gt_level_shape(level, index).size[0] * size <= MOST_COLUMN_BYTES;
}

static bool is_column_sum(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    return (node->op == &gt_op_sum || node->op == &gt_op_mean) && gt_level_shape(level, index).size[0] == 1 &&
           gt_level_same_columns(gt_level_shape(level, gt_node_inputs(level->tape, node)[0]),
                                 gt_level_shape(level, index));
}

/* Rows of a matrix, or matrices below each other; of one column they are no op but an address. */
static bool moves_rows(const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    bool moves = node->op == &gt_op_slice || (node->op == &gt_op_concat && node->input_count <= GT_MOST_STEP_INPUTS);
    return moves && gt_node_attributes(level->tape, node)[0] == 0 && gt_columns_of(gt_level_shape(level, index)) > 1;
}

bool gt_order_is_strip_op(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    if (lowering->code->exact || !gt_lower_chooses(lowering, GT_CHOICE_FUSE_COLUMNS) ||
        !gt_type_is_real((gt_dtype)node->dtype) || !(is_column_sum(level, index) || moves_rows(level, index)))
        return false;
    bool fits = is_short(level, index);
    for (uint32_t k = 0; k < node->input_count && fits; k++)
        fits = is_short(level, gt_node_inputs(level->tape, node)[k]);
    return fits;
}

static bool contains(const uint32_t *nodes, uint32_t count, uint32_t index)
{
    for (uint32_t n = 0; n < count; n++)
        if (nodes[n] == index)
            return true;
    return false;
}

bool gt_order_fits_strips(const gt_lowering *lowering, const gt_level *level, const uint32_t *nodes, uint32_t count,
                          uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    gt_shape shape = gt_level_shape(level, index);
    bool entries = node->op->op_class == GT_CLASS_ELEMENTWISE, linked = gt_columns_of(shape) > 1;
    if (lowering->code->exact || !gt_lower_chooses(lowering, GT_CHOICE_FUSE_COLUMNS) || !is_short(level, index))
        return false;
    for (uint32_t n = 0; n < count; n++) {
        if (!gt_level_same_columns(gt_level_shape(level, nodes[n]), shape) || !is_short(level, nodes[n]) ||
            gt_level_node(level, nodes[n])->dtype != node->dtype)
            return false;
        linked |= gt_shape_equal(gt_level_shape(level, nodes[n]), shape);
    }
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(level->tape, node)[k];
        gt_shape operand = gt_level_shape(level, input);
        bool inside = contains(nodes, count, input);
        linked |= inside; /* of one column: else it is a vector like any other */
        /* What is in the group has all columns: it has as many rows, or one. */
        if (inside && entries && operand.size[0] != shape.size[0] && operand.size[0] != 1)
            return false;
    }
    return linked;
}

/* Who in the group reads nodes[position] first, and how many of the group it reads itself. */
static uint32_t first_reader(const gt_level *level, const uint32_t *nodes, uint32_t count, uint32_t position,
                             uint32_t *inside)
{
    const gt_node *node = gt_level_node(level, nodes[position]);
    *inside = 0;
    for (uint32_t k = 0; k < node->input_count; k++)
        *inside += contains(nodes, count, gt_node_inputs(level->tape, node)[k]);
    for (uint32_t reader = position + 1; reader < count; reader++) {
        node = gt_level_node(level, nodes[reader]);
        if (contains(gt_node_inputs(level->tape, node), node->input_count, nodes[position]))
            return reader;
    }
    return count;
}

void gt_order_sink_in_strips(const gt_level *level, uint32_t *nodes, uint32_t count)
{
    for (uint32_t position = count; position-- > 0;) {
        uint32_t inside, reader = first_reader(level, nodes, count, position, &inside), moved = nodes[position];
        if (reader == count || inside > 1)
            continue;
        for (uint32_t n = position; n + 1 < reader; n++)
            nodes[n] = nodes[n + 1];
        nodes[reader - 1] = moved;
    }
}

uint32_t gt_order_position_in_strips(const gt_level *level, const gt_item *group, uint32_t index)
{
    const gt_node *node = gt_level_node(level, index);
    uint32_t position = group->count;
    while (position > 0 && !contains(gt_node_inputs(level->tape, node), node->input_count, group->nodes[position - 1]))
        position--;
    return position > 0 ? position : group->count;
}

bool gt_order_is_in_strips(const gt_level *level, const gt_item *item)
{
    for (uint32_t n = 0; n < item->count; n++)
        if (gt_level_node(level, item->nodes[n])->op->op_class != GT_CLASS_ELEMENTWISE ||
            gt_level_shape(level, item->nodes[n]).size[0] != gt_level_shape(level, item->nodes[0]).size[0])
            return true;
    return false;
}
