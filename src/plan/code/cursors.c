/*
 * Cursors: what is compiled is told where its arrays begin. In a loop they go on by constant distances
 * from step to step; where a pointer of the machine's table changes, it is looked up. On a shared level, where
 * threads may do some columns each, they are found anew.
 */
#include "plan/code/code.h"

/* Does the table's entry change from step to step of the loop around it? */
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

static bool let_move(gt_lowering *lowering, const gt_level *level, gt_cursor *cursor)
{
    int64_t *advance = gt_pool_new(lowering->pool, cursor->count, sizeof *advance);
    gt_turning *turning = gt_pool_new(lowering->pool, cursor->count, sizeof *turning);
    if (advance == NULL || turning == NULL)
        return false;
    for (uint32_t n = 0; n < cursor->count; n++) {
        const gt_address *address = &cursor->begins[n];
        advance[n] = gt_code_advance(level, address);
        if (turns(level, address))
            turning[cursor->turning_count++] = (gt_turning){n, address->index};
    }
    cursor->moves = true;
    cursor->first = lowering->code->cursor_arrays;
    cursor->advance = advance;
    cursor->turning = turning;
    lowering->code->cursor_arrays += cursor->count;
    return true;
}

const gt_cursor *gt_code_new_cursor(gt_lowering *lowering, const gt_level *level, const gt_walked *arrays,
                                    uint32_t count)
{
    gt_cursor *cursor = gt_pool_new(lowering->pool, 1, sizeof *cursor);
    gt_address *begins = gt_pool_new(lowering->pool, count, sizeof *begins);
    size_t *columns = gt_pool_new(lowering->pool, count, sizeof *columns);
    if (cursor == NULL || begins == NULL || columns == NULL)
        return NULL;
    for (uint32_t n = 0; n < count; n++) {
        begins[n] = arrays[n].begin;
        columns[n] = arrays[n].column;
    }
    *cursor = (gt_cursor){.count = count, .begins = begins, .columns = columns};
    return level->shared || let_move(lowering, level, cursor) ? cursor : NULL;
}

gt_walked gt_code_group_array(const gt_group *group, uint32_t n)
{
    const gt_loop_array *array = &group->spans[0].arrays[n];
    bool source = array->reg < group->source_count;
    gt_walk walk = source ? group->sources[array->reg].walk : GT_WALK_FLAT;
    int64_t rows = walk == GT_WALK_FLAT ? group->rows : walk == GT_WALK_ROW ? 1 : 0;
    gt_walked walked = {.column = (size_t)rows * gt_dtype_size(group->dtype)};
    walked.begin = source ? group->sources[array->reg].operand.address
                          : group->steps[array->reg - group->source_count].output.address;
    walked.begin.offset += array->offset;
    return walked;
}

bool gt_code_add_cursor(gt_lowering *lowering, const gt_level *level, gt_group *group)
{
    gt_walked arrays[GT_MOST_LOOP_ARRAYS];
    if (group->spans == NULL || group->strips)
        return true;
    for (uint32_t n = 0; n < group->spans[0].array_count; n++)
        arrays[n] = gt_code_group_array(group, n);
    group->cursor = gt_code_new_cursor(lowering, level, arrays, group->spans[0].array_count);
    return group->cursor != NULL;
}
