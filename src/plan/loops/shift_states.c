/*
 * States that a loop need not carry, since their old values at all steps are their new ones, a step later: those whose
 * new values are there before the loop, such as the input of the step before, and those whose old values are
 * needed behind it alone, such as the adjoint of that.
 */
#include "plan/loops/fission.h"

#include "base/memory.h"

#include <string.h>

const gt_scan_carry_link *gt_fission_state_at(const gt_copy *copy, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    return node->role == GT_ROLE_STATE ? gt_scan_find_carry(copy->from_scan, index) : NULL;
}

/*
 * Is the new value of the state there before the loop: a slice, what has left, the old value of such a state? One that
 * is always the same would have to be repeated, which is done for what leaves alone.
 */
static bool is_there(const gt_copy *copy, const gt_fission *f, uint32_t state)
{
    const gt_scan_carry_link *carry = &copy->from_scan->carries[state], *of = gt_fission_state_at(copy, carry->after);
    if (!f->varies[carry->after])
        return f->asked[state];
    if (!f->free[carry->after])
        return false;
    return of != NULL ? f->shifted[of - copy->from_scan->carries]
                      : !gt_fission_computes(copy, carry->after) || f->before[carry->after];
}

void gt_fission_shift_to_front(const gt_copy *copy, gt_fission *f)
{
    const gt_scan *scan = copy->from_scan;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t k = 0; k < scan->carry_count; k++) {
            if (f->shifted[k] || !f->free[scan->carries[k].before] || !is_there(copy, f, k))
                continue;
            f->shifted[k] = 1;
            more = true;
        }
    }
}

/* Products that no next state depends on, and reads of late states, if all that follows from them can leave too. */
static bool mark_after(const gt_copy *copy, gt_fission *f)
{
    const gt_scan *scan = copy->from_scan;
    uint8_t *free = gt_memory_new((size_t)copy->count + 1, 1);
    if (free == NULL)
        return false;
    memset(f->waited, 0, (size_t)copy->count + 1);
    for (uint32_t k = 0; k < scan->carry_count; k++)
        f->waited[scan->carries[k].after] |= copy->wanted[scan->carries[k].before] && !f->shifted[k];
    for (uint32_t i = copy->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(copy->from, i);
        free[i] = copy->wanted[i] && !f->waited[i] && f->varies[i] && !f->before[i] && gt_lift_computes(node) &&
                  gt_lift_possible(copy->from, i, f->varies);
        for (uint32_t k = 0; k < node->input_count && copy->wanted[i] && !free[i]; k++)
            f->waited[gt_node_inputs(copy->from, node)[k]] = 1;
    }
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        bool follows = gt_fission_is_product(node);
        for (uint32_t k = 0; k < node->input_count; k++)
            follows |= f->after[gt_node_inputs(copy->from, node)[k]] || f->late[gt_node_inputs(copy->from, node)[k]];
        f->after[i] = free[i] && follows;
    }
    gt_memory_free(free);
    return true;
}

bool gt_fission_is_read_inside(const gt_copy *copy, const gt_fission *f, uint32_t state)
{
    const gt_scan *scan = copy->from_scan;
    uint32_t old = scan->carries[state].before;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (scan->carries[k].after == old && copy->wanted[scan->carries[k].before] && !f->shifted[k])
            return true;
    for (uint32_t i = old + 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        bool stays = copy->wanted[i] && !f->after[i] && !(f->before[i] && f->shifted[state]);
        for (uint32_t k = 0; k < node->input_count && stays; k++)
            if (gt_node_inputs(copy->from, node)[k] == old)
                return true;
    }
    return false;
}

/*
 * A state that nothing in the loop reads is not carried if its new values are outside then: they leave with a product,
 * or are stacked anyway. Of others a stack would have to be made for a final value alone.
 */
static bool may_shift_to_back(const gt_copy *copy, const gt_fission *f, uint32_t state)
{
    uint32_t old = copy->from_scan->carries[state].before, after = copy->from_scan->carries[state].after;
    bool outside = f->after[after] || f->before[after] || f->stacked[after] || f->stacked[old];
    return outside && !gt_fission_is_read_inside(copy, f, state);
}

/* What reads the old values may leave with a product that only the new ones hold: so all are tried together. */
bool gt_fission_shift_to_back(const gt_copy *copy, gt_fission *f)
{
    const gt_scan *scan = copy->from_scan;
    uint8_t *tried = gt_pool_new(&f->pool, scan->carry_count, 1);
    if (tried == NULL)
        return false;
    gt_lift_mark_kept(copy, tried, f->waited);
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        uint32_t old = scan->carries[k].before;
        bool kept = tried[k] || f->shifted[k] || !copy->wanted[old] || !f->varies[scan->carries[k].after];
        tried[k] = !kept && gt_node_shape(copy->from, gt_tape_node(copy->from, old)).rank < GT_MAX_RANK;
        f->shifted[k] |= tried[k];
        f->late[old] = tried[k];
    }
    for (bool more = true; more;) {
        more = false;
        if (!mark_after(copy, f))
            return false;
        for (uint32_t k = 0; k < scan->carry_count; k++) {
            if (!tried[k] || may_shift_to_back(copy, f, k))
                continue;
            tried[k] = f->shifted[k] = f->late[scan->carries[k].before] = 0;
            more = true;
        }
    }
    return true;
}
