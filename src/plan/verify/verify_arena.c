/* Values that live at the same time have memory of their own. */
#include "plan/verify/verify.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdlib.h>

static int by_level_and_begin(const void *a, const void *b)
{
    const gt_buffer *x = *(const gt_buffer *const *)a, *y = *(const gt_buffer *const *)b;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Of two that live at the same time, in the arena or in the user's memory. */
static bool clash(const gt_buffer *a, const gt_buffer *b)
{
    bool in_arena = a->output == 0 && b->output == 0;
    return in_arena && a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

/* What lives on both sides of the turning point of a repeatable plan lives for ever. */
static bool is_kept(const gt_lowering *lowering, const gt_buffer *buffer)
{
    if (!lowering->program->repeatable || buffer->level > 0)
        return true;
    uint32_t turn = lowering->levels[0]->order->turn;
    return buffer->begin >= turn || buffer->end < turn || buffer->end == GT_FOR_EVER;
}

gt_status gt_arena_verify(const gt_lowering *lowering, gt_error *error)
{
    size_t count = lowering->buffer_count, living = 0;
    const gt_buffer **buffers = gt_memory_new(count, sizeof *buffers), **alive = gt_memory_new(count, sizeof *alive);
    gt_status status = buffers == NULL || alive == NULL ? GT_ERROR_MEMORY : GT_OK;
    if (status != GT_OK)
        gt_error_set(error, status, "no memory to verify a plan");
    for (size_t i = 0; i < count && status == GT_OK; i++)
        buffers[i] = &lowering->buffers[i];
    if (status == GT_OK)
        qsort(buffers, count, sizeof *buffers, by_level_and_begin);
    for (size_t i = 0; i < count && status == GT_OK; i++) {
        size_t still = 0;
        for (size_t k = 0; k < living; k++)
            if (alive[k]->level == buffers[i]->level && alive[k]->end >= buffers[i]->begin)
                alive[still++] = alive[k];
        living = still;
        for (size_t k = 0; k < living && status == GT_OK; k++)
            if (clash(alive[k], buffers[i]))
                status = gt_error_set(error, GT_ERROR_TAPE,
                                      "fault of the planner: two values that live at the same "
                                      "time share memory");
        alive[living++] = buffers[i];
        if (status == GT_OK && !is_kept(lowering, buffers[i]))
            status = gt_error_set(error, GT_ERROR_TAPE, "fault of the planner: what a second run reads does not last");
        size_t level_bytes = lowering->levels[buffers[i]->level]->bytes;
        if (status == GT_OK && buffers[i]->output == 0 && buffers[i]->offset + buffers[i]->bytes > level_bytes)
            status = gt_error_set(error, GT_ERROR_TAPE, "fault of the planner: a value lies outside of its level");
    }
    gt_memory_free(buffers);
    gt_memory_free(alive);
    return status;
}
