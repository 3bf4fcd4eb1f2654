/* Faults of cursors: where the arrays of compiled loops and products are, and how they go from step to step. */
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

static bool check_movement(gt_code_check *c, const gt_cursor *cursor, uint32_t n, const char *what)
{
    const gt_loop *loop = c->frame->loop;
    const gt_address *address = &cursor->begins[n];
    const gt_turning *turning = turning_of(cursor, n);
    int64_t step = (int64_t)address->step[loop->depth];
    if (cursor->advance[n] != (loop->backward ? -step : step))
        return gt_verify_fault(c, what, "goes to another place than the next step's");
    bool pointed = address->base == GT_BASE_POINTER;
    if (turning != NULL ? !pointed || turning->pointer != address->index : pointed && !stays(loop, address->index))
        return gt_verify_fault(c, what, "does not follow a pointer that changes");
    return true;
}

/* It moves if, and only if, there is a loop around it that is not shared: threads may do any columns of that. */
static bool check_cursor(gt_code_check *c, const gt_cursor *cursor, const char *what)
{
    if (cursor->moves != (c->frame != NULL && !c->frame->loop->shared))
        return gt_verify_fault(c, what, "has a cursor that does not fit the loop around it");
    if (!cursor->moves)
        return true;
    if (cursor->first + cursor->count > c->code->cursor_arrays)
        return gt_verify_fault(c, what, "has a cursor that is not there");
    for (uint32_t n = 0; n < cursor->count; n++)
        if (!check_movement(c, cursor, n, what))
            return false;
    return true;
}

bool gt_verify_cursor(gt_code_check *c, const gt_group *group)
{
    const gt_cursor *cursor = group->cursor;
    if (cursor == NULL)
        return true;
    if (group->strips || group->span_count != 1 || cursor->count != group->spans[0].array_count)
        return gt_verify_fault(c, "a group", "has a cursor, and is not one loop");
    for (uint32_t n = 0; n < cursor->count; n++) {
        gt_walked walked = gt_code_group_array(group, n);
        if (!gt_same_address(&walked.begin, &cursor->begins[n]) || walked.column != cursor->columns[n])
            return gt_verify_fault(c, "a group", "has a cursor to other arrays");
    }
    return check_cursor(c, cursor, "a group");
}

/* Is it an operand or a result of the product? */
static bool is_of_product(const gt_multiplication *m, const gt_address *address)
{
    return gt_same_address(&m->left.address, address) || gt_same_address(&m->right.address, address) ||
           gt_same_address(&m->output.address, address) ||
           (m->has_addend && gt_same_address(&m->addend.address, address)) ||
           (m->has_left_sums && gt_same_address(&m->left_sums.address, address));
}

bool gt_verify_compiled_product(gt_code_check *c, const gt_multiplication *m)
{
    if (m->compiled == NULL)
        return true;
    const gt_cursor *cursor = m->compiled->cursor;
    for (uint32_t n = 0; n < cursor->count; n++) {
        bool found = is_of_product(m, &cursor->begins[n]);
        for (uint32_t k = 0; k < m->also_count && !found; k++)
            found = is_of_product(m->also[k], &cursor->begins[n]);
        if (!found)
            return gt_verify_fault(c, "a product", "has a cursor to other arrays");
    }
    return check_cursor(c, cursor, "a product");
}
