/* Writing the instruction of a loop: what it carries from step to step, and what it leaves behind. */
#include "plan/code/code.h"

#include "ops/descriptors.h"

#include <string.h>

static gt_operand slot_of(const gt_lowering *lowering, const gt_level *body, uint32_t index)
{
    gt_operand slot = gt_code_operand(lowering, body->around, body->stack_of[index]);
    gt_operand value = gt_code_operand(lowering, body, index);
    slot.shape = value.shape;
    slot.address.step[body->depth - 1] = (size_t)gt_shape_count(value.shape) * gt_dtype_size(value.dtype);
    return slot;
}

static uint32_t carried_number(const gt_level *body, uint32_t k)
{
    uint32_t number = 0;
    for (uint32_t j = 0; j < k; j++)
        number += body->carried[j];
    return number;
}

static bool emit_copies(gt_lowering *lowering, const gt_level *body, gt_loop *loop)
{
    loop->copies = gt_pool_new(lowering->pool, body->count, sizeof *loop->copies);
    if (loop->copies == NULL)
        return false;
    for (uint32_t i = 1; i <= body->count; i++)
        if (body->stack_of[i] != 0 && !gt_places_is_in_slot(body, i))
            loop->copies[loop->copy_count++] =
                (gt_copying){gt_code_operand(lowering, body, i), slot_of(lowering, body, i)};
    return true;
}

static bool emit_finals(gt_lowering *lowering, const gt_level *level, const gt_level *body, uint32_t index,
                        gt_loop *loop)
{
    uint32_t parts = 0;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part])
        parts++;
    loop->finals = gt_pool_new(lowering->pool, parts, sizeof *loop->finals);
    loop->final_states = gt_pool_new(lowering->pool, parts, sizeof *loop->final_states);
    if (loop->finals == NULL || loop->final_states == NULL)
        return false;
    for (uint32_t part = level->chain[index]; part != 0; part = level->chain[part]) {
        const gt_node *node = gt_level_node(level, part);
        if (!level->wanted[part] || node->op != &gt_op_scan_final)
            continue;
        uint32_t k = (uint32_t)gt_node_attributes(level->tape, node)[0];
        loop->finals[loop->final_count] = gt_code_operand(lowering, level, part);
        loop->final_states[loop->final_count++] = carried_number(body, k);
    }
    return true;
}

/* The first slot of a longer stack in the order of the steps, outside of the loop. */
static gt_operand initial_slot(const gt_lowering *lowering, const gt_level *body, uint32_t k, gt_operand initial)
{
    bool forward = body->scan->direction == GT_FORWARD;
    gt_operand slot = gt_code_operand_in(lowering, body->around->places->state_stacks[body->scan_node][k],
                                         initial.dtype, initial.shape);
    slot.address.offset +=
        forward ? 0 : gt_level_bytes(body, body->scan->carries[k].before) * (size_t)body->scan->steps;
    return slot;
}

static gt_operand initial_value(const gt_lowering *lowering, const gt_level *body, uint32_t k)
{
    return gt_code_operand(lowering, body->around, body->scan->carries[k].initial);
}

static bool emit_initial(gt_lowering *lowering, const gt_level *body, gt_block *block)
{
    for (uint32_t k = 0; k < body->scan->carry_count; k++) {
        if (!body->carried[k] || !body->states->shifted[k])
            continue;
        gt_operand from = initial_value(lowering, body, k);
        if (!gt_code_emit_copy(lowering, from, initial_slot(lowering, body, k, from), block))
            return false;
    }
    return true;
}

static void emit_state(const gt_lowering *lowering, const gt_level *body, uint32_t k, gt_carried *carried)
{
    carried->old_pointer = body->states->pointer + k;
    carried->new_pointer = gt_places_next_pointer(body, k);
    carried->initial = initial_value(lowering, body, k);
    if (body->states->shifted[k])
        carried->initial = initial_slot(lowering, body, k, carried->initial);
    carried->after = gt_code_operand(lowering, body, body->scan->carries[k].after);
    carried->carrying = body->loop->carrying[k];
    if (carried->carrying == GT_CARRY_STACKED)
        return;
    gt_operand kept = gt_code_operand_in(lowering, body->loop->kept[k], carried->after.dtype, carried->after.shape);
    carried->kept[0] = carried->kept[1] = kept.address;
    carried->kept[1].offset += body->states->added[k] ? 0 : gt_level_bytes(body, body->scan->carries[k].before);
}

static bool emit_states(gt_lowering *lowering, const gt_level *body, gt_loop *loop)
{
    loop->carried = gt_pool_new(lowering->pool, body->scan->carry_count, sizeof *loop->carried);
    if (loop->carried == NULL)
        return false;
    for (uint32_t k = 0; k < body->scan->carry_count; k++)
        if (body->carried[k])
            emit_state(lowering, body, k, &loop->carried[loop->carried_count++]);
    return true;
}

bool gt_code_emit_loop(gt_lowering *lowering, const gt_level *level, uint32_t index, gt_block *block)
{
    const gt_level *body = level->bodies[index];
    gt_loop *loop = gt_pool_new(lowering->pool, 1, sizeof *loop);
    if (loop == NULL)
        return false;
    loop->steps = body->scan->steps;
    loop->depth = body->depth - 1;
    loop->backward = body->scan->direction == GT_BACKWARD;
    loop->batch = body->division == NULL ? 0 : body->division->batch;
    loop->batch_unit = body->division == NULL ? 1 : body->division->unit;
    if (body->division != NULL)
        memcpy(loop->narrow, body->division->narrow, sizeof loop->narrow);
    loop->shared = body->shared;
    if (level->shared) {
        loop->region = gt_code_operand_in(lowering, body->loop->region, GT_F32, (gt_shape){0}).address.offset;
        loop->region_bytes = body->bytes;
    }
    if (!gt_code_emit_packing(lowering, body, block) || !emit_initial(lowering, body, block))
        return false;
    gt_code_append(block, (gt_instruction){GT_INSTRUCTION_LOOP, .loop = loop});
    return emit_states(lowering, body, loop) && gt_code_emit_pieced(lowering, body, loop) &&
           emit_copies(lowering, body, loop) && emit_finals(lowering, level, body, index, loop) &&
           gt_code_emit(lowering, body, &loop->body) && gt_code_fetch_ahead(lowering, loop) &&
           gt_code_compile_steps(lowering, loop);
}
