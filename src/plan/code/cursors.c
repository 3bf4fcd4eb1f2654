/*
 * Cursors: a compiled group in a loop keeps where its arrays are, and moves them on by
 * constant distances from step to step. To find each anew takes longer than the arithmetic
 * of a narrow cell. Where a pointer of the machine's table changes, it is looked up.
 */
#include "plan/code/code.h"

/* Does the table's entry change from step to step of the loop around the group? */
static bool turns(const gt_level *level, const gt_address *address)
{
    if (address->base != GT_BASE_POINTER)
        return false;
    uint32_t state = address->index - level->states->pointer;
    bool added = address->index >= level->states->pointer && state < level->scan->carry_count &&
                 level->carried[state] && level->loop->carrying[state] == GT_CARRY_ADDED;
    return !added;
}

int64_t gt_code_advance(const gt_level *level, const gt_address *address)
{
    int64_t step = (int64_t)address->step[level->depth - 1];
    return level->scan->direction == GT_BACKWARD ? -step : step;
}

bool gt_code_add_cursor(gt_lowering *lowering, const gt_level *level, gt_group *group)
{
    if (level->scan == NULL || group->spans == NULL || group->strips)
        return true;
    uint32_t count = group->spans[0].array_count;
    gt_cursor *cursor = gt_pool_new(lowering->pool, 1, sizeof *cursor);
    int64_t *advance = gt_pool_new(lowering->pool, count, sizeof *advance);
    gt_turning *turning = gt_pool_new(lowering->pool, count, sizeof *turning);
    if (cursor == NULL || advance == NULL || turning == NULL)
        return false;
    *cursor = (gt_cursor){.first = lowering->code->cursor_arrays, .advance = advance, .turning = turning};
    for (uint32_t n = 0; n < count; n++) {
        const gt_address *address = gt_group_array_address(group, n);
        advance[n] = gt_code_advance(level, address);
        if (turns(level, address))
            turning[cursor->turning_count++] = (gt_turning){n, address->index};
    }
    lowering->code->cursor_arrays += count;
    group->cursor = cursor;
    return true;
}
