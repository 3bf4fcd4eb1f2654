/* Pieces of the arena, and how long each is in use. */
#include "plan/memory/memory.h"

#include "base/memory.h"

bool gt_buffer_new(gt_lowering *lowering, const gt_level *level, size_t bytes, uint32_t item, uint32_t *buffer)
{
    if (!GT_RESERVE(lowering->buffers, lowering->buffer_capacity, lowering->buffer_count + 1))
        return false;
    *buffer = (uint32_t)lowering->buffer_count++;
    lowering->buffers[*buffer] = (gt_buffer){.bytes = bytes, .level = level->number, .begin = item, .end = item};
    return true;
}

void gt_buffer_extend(gt_lowering *lowering, const gt_level *level, const gt_storage *storage, uint32_t item)
{
    if (!storage->known || !storage->in_buffer || lowering->buffers[storage->buffer].level != level->number)
        return;
    gt_buffer *buffer = &lowering->buffers[storage->buffer];
    buffer->begin = item < buffer->begin ? item : buffer->begin;
    buffer->end = item > buffer->end ? item : buffer->end;
}

void gt_buffers_keep(gt_lowering *lowering, const gt_level *level)
{
    uint32_t turn = level->order->turn;
    for (size_t i = 0; i < lowering->buffer_count; i++) {
        gt_buffer *buffer = &lowering->buffers[i];
        if (buffer->level == level->number && buffer->begin < turn && buffer->end >= turn)
            buffer->end = GT_FOR_EVER;
    }
}

/*
 * What the forward half writes may be read by the backward one, when the user has done with it what he likes.
 */
void gt_buffers_bind_outputs(gt_lowering *lowering, const gt_level *top)
{
    const gt_program *program = lowering->program;
    for (uint32_t k = 0; k < program->output_count; k++) {
        const gt_storage *storage = &top->places->storage[program->outputs[k].index];
        if (!storage->in_buffer || storage->address.offset != 0)
            continue;
        gt_buffer *buffer = &lowering->buffers[storage->buffer];
        bool late = program->late_outputs == NULL || buffer->begin >= top->order->turn;
        if (late && buffer->output == 0 && buffer->bytes == gt_level_bytes(top, program->outputs[k].index))
            buffer->output = k + 1;
    }
}

bool gt_holders_make(gt_lowering *lowering, const gt_level *around)
{
    if (lowering->held == around)
        return true;
    lowering->held = around;
    lowering->shared_buffers = lowering->buffer_count;
    lowering->holders =
        gt_pool_new(&lowering->scratch, lowering->buffer_count + lowering->pointer_count, sizeof *lowering->holders);
    return lowering->holders != NULL;
}
