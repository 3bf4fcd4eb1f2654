/* Writing the instructions of concats: copies of what is not in its place, and the tables of those that are not made.
 */
#include "plan/code/code.h"

static bool emit_sequence(gt_lowering *lowering, const gt_level *body, uint32_t inside, uint32_t concat,
                          gt_pieced *pieced)
{
    const gt_level *level = body->around;
    const gt_node *node = gt_level_node(level, concat);
    pieced->pointer = body->joins->pointer[inside] - 1;
    pieced->count = node->input_count;
    pieced->first = gt_pool_new(lowering->pool, node->input_count, sizeof *pieced->first);
    pieced->pieces = gt_pool_new(lowering->pool, node->input_count, sizeof *pieced->pieces);
    if (pieced->first == NULL || pieced->pieces == NULL)
        return false;
    int64_t axis = gt_node_attributes(level->tape, node)[0], first = 0;
    for (uint32_t k = 0; k < node->input_count; k++) {
        pieced->first[k] = first;
        pieced->pieces[k] = gt_code_operand(lowering, level, gt_node_inputs(level->tape, node)[k]);
        pieced->pieces[k].address.step[body->depth - 1] = gt_level_bytes(body, inside);
        first += pieced->pieces[k].shape.size[axis];
    }
    return true;
}

bool gt_code_emit_pieced(gt_lowering *lowering, const gt_level *body, gt_loop *loop)
{
    loop->pieced = gt_pool_new(lowering->pool, body->scan->input_count, sizeof *loop->pieced);
    if (loop->pieced == NULL)
        return false;
    for (uint32_t k = 0; k < body->scan->input_count; k++) {
        uint32_t inside = body->scan->inputs[k].inside;
        if (body->joins->pointer[inside] != 0 && body->wanted[inside] &&
            !emit_sequence(lowering, body, inside, body->scan->inputs[k].outside, &loop->pieced[loop->pieced_count++]))
            return false;
    }
    return true;
}

bool gt_code_emit_joined(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block)
{
    const gt_node *node = gt_level_node(level, index);
    gt_operand whole = gt_code_operand(lowering, level, index);
    size_t offset = 0;
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t part = gt_node_inputs(level->tape, node)[k];
        gt_operand from = gt_code_operand(lowering, level, part), to = whole;
        to.shape = from.shape;
        to.address.offset += offset;
        uint32_t holder = gt_level_array_of(level, part);
        bool there = level->joins->into[holder] == index && level->joins->offset[holder] == offset;
        if (!there && !gt_code_emit_copy(lowering, from, to, block))
            return false;
        offset += gt_level_bytes(level, part);
    }
    return true;
}
