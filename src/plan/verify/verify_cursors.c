/* Faults of cursors: how the arrays of a compiled group go from step to step of the loop around it. */
#include "plan/verify/verify_parts.h"

/* Does the entry of the machine's table stay through all steps of the loop? Sums over steps stay where they are. */
static bool stays(const gt_loop *loop, uint32_t pointer)
{
    for (uint32_t k = 0; k < loop->pieced_count; k++)
        if (loop->pieced[k].pointer == pointer)
            return false;
    for (uint32_t k = 0; k < loop->carried_count; k++) {
        const gt_carried *carried = &loop->carried[k];
        if (carried->carrying != GT_CARRY_ADDED && (carried->old_pointer == pointer || carried->new_pointer == pointer))
            return false;
    }
    return true;
}

static const gt_turning *turning_of(const gt_cursor *cursor, uint32_t n)
{
    for (uint32_t i = 0; i < cursor->turning_count; i++)
        if (cursor->turning[i].array == n)
            return &cursor->turning[i];
    return NULL;
}

static bool check_array(gt_code_check *c, const gt_group *group, uint32_t n)
{
    const gt_loop *loop = c->frame->loop;
    const gt_address *address = gt_group_array_address(group, n);
    const gt_turning *turning = turning_of(group->cursor, n);
    int64_t step = (int64_t)address->step[loop->depth];
    if (group->cursor->advance[n] != (loop->backward ? -step : step))
        return gt_verify_fault(c, "a group", "goes to another place than the next step's");
    bool pointed = address->base == GT_BASE_POINTER;
    if (turning != NULL ? !pointed || turning->pointer != address->index : pointed && !stays(loop, address->index))
        return gt_verify_fault(c, "a group", "does not follow a pointer that changes");
    return true;
}

bool gt_verify_cursor(gt_code_check *c, const gt_group *group)
{
    const gt_cursor *cursor = group->cursor;
    if (cursor == NULL)
        return true;
    if (c->frame == NULL || group->strips || group->span_count != 1)
        return gt_verify_fault(c, "a group", "has a cursor, and is not one loop in a loop");
    if (cursor->first + group->spans[0].array_count > c->code->cursor_arrays)
        return gt_verify_fault(c, "a group", "has a cursor that is not there");
    for (uint32_t n = 0; n < group->spans[0].array_count; n++)
        if (!check_array(c, group, n))
            return false;
    return true;
}
