/*
 * The memory of the states that a loop carries.
 *
 * Where the old values of a state are stacked, its stack has one slot more than
 * there are steps, the initial state first: "the old value at every step" and
 * "the new value at every step" are the same memory, shifted by one slot. Where
 * only the new values are stacked, each stays in its slot until the next step
 * has read it. What only sums terms of all steps is added to where it is. Any
 * other state without a stack has two places that it takes by turns.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"
#include "ops/rule.h"

static size_t slot_bytes(const gt_level *body, uint32_t k)
{
    return gt_lower_bytes(body, body->scan->carries[k].before);
}

bool gt_lower_find_states(gt_lowering *lowering, gt_level *body)
{
    const gt_scan *scan = body->scan;
    body->state_of = gt_pool_new(&lowering->scratch, (size_t)body->count + 1, sizeof *body->state_of);
    body->shifted = gt_pool_new(&lowering->scratch, scan->carry_count, sizeof *body->shifted);
    body->keeping = gt_pool_new(&lowering->scratch, scan->carry_count, sizeof *body->keeping);
    body->added = gt_pool_new(&lowering->scratch, scan->carry_count, sizeof *body->added);
    if (body->state_of == NULL || body->shifted == NULL || body->keeping == NULL || body->added == NULL)
        return false;
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        uint32_t after = scan->carries[k].after;
        body->shifted[k] = body->keeping[k] = GT_NO_ROOT;
        if (!body->carried[k])
            continue;
        body->state_of[scan->carries[k].before] = k + 1;
        if (body->state_of[after] == 0 && gt_lower_is_computed(body, after))
            body->state_of[after] = k + 1;
    }
    return true;
}

/* Is the new value of the state written, and written nowhere else? Not so for one that is the old value of a state. */
static bool has_own_next(const gt_level *body, uint32_t k)
{
    const gt_scan_carry_link *carry = &body->scan->carries[k];
    return carry->after != carry->before && body->state_of[carry->after] == k + 1;
}

/* ---- stacks -------------------------------------------------------------------------------- */

/* A stack that the loop around this one keeps for all of its steps has slots of exactly its size. */
static bool has_own_memory(const gt_level *level, uint32_t part)
{
    return part == 0 || level->scan == NULL || (level->slots[part] == 0 && level->state_of[part] == 0);
}

static bool is_shifted(const gt_level *level, const gt_level *body, uint32_t k)
{
    const gt_scan_carry_link *carry = &body->scan->carries[k];
    return body->carried[k] && has_own_next(body, k) && body->slots[carry->before] != 0 &&
           has_own_memory(level, body->slots[carry->before]) && has_own_memory(level, body->slots[carry->after]);
}

/* Where in the longer stack the slot of a step is, counted from its beginning: old values, or new ones. */
static size_t shift(const gt_level *body, uint32_t k, bool old)
{
    bool first = old == (body->scan->direction == GT_FORWARD);
    return first ? 0 : slot_bytes(body, k);
}

bool gt_lower_place_shifted(gt_lowering *lowering, gt_level *level, uint32_t part)
{
    const gt_node *node = gt_tape_node(level->tape, part);
    if (node->op != &gt_op_scan_stack)
        return true;
    uint32_t scan_node = gt_node_inputs(level->tape, node)[0];
    gt_level *body = level->bodies[scan_node];
    uint32_t place = (uint32_t)gt_node_attributes(level->tape, node)[0];
    uint32_t k = body->state_of[place] - 1;
    if (body->state_of[place] == 0 || !is_shifted(level, body, k) ||
        !gt_lower_chooses(lowering, GT_CHOICE_SHIFT_STATES))
        return true;
    size_t bytes = slot_bytes(body, k) * ((size_t)body->scan->steps + 1);
    if (body->shifted[k] == GT_NO_ROOT &&
        !gt_lower_root(lowering, level, bytes, level->item_of[scan_node], &body->shifted[k]))
        return false;
    lowering->roots[body->shifted[k]].several = true;
    bool old = place == body->scan->carries[k].before;
    level->storage[part] = (gt_storage){.known = true, .in_root = true, .root = body->shifted[k],
                                        .address.offset = shift(body, k, old)};
    return true;
}

static gt_storage slot_of_state(const gt_level *body, uint32_t k, bool old)
{
    gt_storage slot = {.known = true, .in_root = true, .root = body->shifted[k]};
    slot.address.offset = shift(body, k, old);
    slot.address.step[body->depth - 1] = slot_bytes(body, k);
    return slot;
}

/* ---- sums over steps ----------------------------------------------------------------------- */

static uint32_t count_reads(const gt_level *body, uint32_t index)
{
    uint32_t reads = 0;
    for (uint32_t i = index + 1; i <= body->count; i++) {
        const gt_node *node = gt_level_node(body, i);
        for (uint32_t n = 0; n < node->input_count && body->wanted[i]; n++)
            reads += gt_node_inputs(body->tape, node)[n] == index;
    }
    return reads;
}

/* How many states have the node as their new value. */
static uint32_t count_states(const gt_level *body, uint32_t node)
{
    uint32_t states = 0;
    for (uint32_t k = 0; k < body->scan->carry_count; k++)
        states += body->carried[k] && body->scan->carries[k].after == node;
    return states;
}

/* Does a run make the new value as the old one plus something, and nothing else need either at that step? */
static bool is_sum_over_steps(const gt_level *body, uint32_t k)
{
    const gt_scan_carry_link *carry = &body->scan->carries[k];
    const gt_node *after = gt_level_node(body, carry->after);
    const uint32_t *terms = gt_node_inputs(body->tape, after);
    return body->carried[k] && body->shifted[k] == GT_NO_ROOT && body->slots[carry->after] == 0 &&
           body->slots[carry->before] == 0 && has_own_next(body, k) && count_states(body, carry->after) == 1 &&
           count_states(body, carry->before) == 0 &&
           after->op == &gt_op_add && body->items[body->item_of[carry->after]].kind == GT_ITEM_GROUP &&
           gt_shape_same(gt_level_shape(body, carry->before), gt_level_shape(body, carry->after)) &&
           (terms[0] == carry->before || terms[1] == carry->before) &&
           count_reads(body, carry->before) == 1 && count_reads(body, carry->after) == 0;
}

static void find_sums_over_steps(const gt_lowering *lowering, gt_level *body)
{
    for (uint32_t k = 0; k < body->scan->carry_count && gt_lower_chooses(lowering, GT_CHOICE_REUSE_MEMORY); k++)
        body->added[k] = is_sum_over_steps(body, k);
}

/* ---- in the body --------------------------------------------------------------------------- */

void gt_lower_enter_states(const gt_lowering *lowering, gt_level *body)
{
    const gt_scan *scan = body->scan;
    find_sums_over_steps(lowering, body);
    for (uint32_t k = 0; k < scan->carry_count; k++)
        body->storage[scan->carries[k].before] =
            body->shifted[k] != GT_NO_ROOT
                ? slot_of_state(body, k, true)
                : (gt_storage){.known = true, .address = {.base = GT_BASE_CARRY, .index = body->first_state + k}};
}

uint32_t gt_lower_place_of_next(const gt_level *body, uint32_t k)
{
    return body->first_state + k + (body->added[k] ? 0 : (uint32_t)body->scan->carry_count);
}

bool gt_lower_place_state(gt_level *body, uint32_t index)
{
    if (body->scan == NULL || body->state_of[index] == 0)
        return false;
    uint32_t k = body->state_of[index] - 1;
    if (body->shifted[k] != GT_NO_ROOT)
        body->storage[index] = slot_of_state(body, k, false);
    else if (body->slots[index] == 0)
        body->storage[index] =
            (gt_storage){.known = true, .address = {.base = GT_BASE_CARRY, .index = gt_lower_place_of_next(body, k)}};
    return body->storage[index].known;
}

gt_carrying gt_lower_carrying_of(const gt_level *body, uint32_t k)
{
    uint32_t after = body->scan->carries[k].after;
    if (body->shifted[k] != GT_NO_ROOT || gt_lower_is_in_slot(body, after))
        return GT_CARRY_STACKED;
    if (body->added[k])
        return GT_CARRY_ADDED;
    return has_own_next(body, k) ? GT_CARRY_TURNED : GT_CARRY_COPIED;
}

bool gt_lower_keep_states(gt_lowering *lowering, gt_level *level, gt_level *body, uint32_t item)
{
    for (uint32_t k = 0; k < body->scan->carry_count; k++)
        if (body->carried[k] && gt_lower_carrying_of(body, k) != GT_CARRY_STACKED &&
            !gt_lower_root(lowering, level, (body->added[k] ? 1 : 2) * slot_bytes(body, k), item, &body->keeping[k]))
            return false;
    return true;
}
