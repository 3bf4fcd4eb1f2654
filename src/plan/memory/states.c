/*
 * The memory of the states that a loop carries.
 *
 * Needs: the order. Leaves: for each state which of these it is.
 *
 * Where the old values of a state are stacked, its stack has one slot more than
 * there are steps, the initial state first: "the old value at every step" and
 * "the new value at every step" are the same memory, shifted by one slot. Where
 * only the new values are stacked, each stays in its slot until the next step
 * has read it. What only sums terms of all steps is added to where it is. Any
 * other state without a stack has two buffers' worth that it takes by turns.
 */
#include "plan/memory/memory.h"

#include "ops/descriptors.h"
#include "ops/rule.h"

typedef struct finding {
    const gt_lowering *lowering;
    const gt_level *body;
    uint32_t *of;
    uint8_t *shifted, *added;
} finding;

static void match_values(const finding *f)
{
    const gt_scan *scan = f->body->scan;
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        uint32_t after = scan->carries[k].after;
        if (!f->body->carried[k])
            continue;
        f->of[scan->carries[k].before] = k + 1;
        if (f->of[after] == 0 && gt_level_is_computed(f->body, after))
            f->of[after] = k + 1;
    }
}

/* Is the new value of the state written, and written nowhere else? Not so for one that is the old value of a state. */
static bool has_own_next(const finding *f, uint32_t k)
{
    const gt_scan_carry_link *carry = &f->body->scan->carries[k];
    return carry->after != carry->before && f->of[carry->after] == k + 1;
}

/* A stack that the loop around this one keeps for all of its steps has slots of exactly its size. */
static bool has_own_memory(const gt_level *level, uint32_t part)
{
    return part == 0 || level->scan == NULL || (level->stack_of[part] == 0 && level->states->of[part] == 0);
}

static bool is_shifted(const finding *f, uint32_t k)
{
    const gt_level *body = f->body;
    const gt_scan_carry_link *carry = &body->scan->carries[k];
    return gt_lower_chooses(f->lowering, GT_CHOICE_SHIFT_STATES) && body->carried[k] && has_own_next(f, k) &&
           body->stack_of[carry->before] != 0 && has_own_memory(body->around, body->stack_of[carry->before]) &&
           has_own_memory(body->around, body->stack_of[carry->after]);
}

/* Does a group make the new value as the old one plus something, and nothing else need either at that step? */
static bool is_sum_over_steps(const finding *f, uint32_t k)
{
    const gt_level *body = f->body;
    const gt_scan_carry_link *carry = &body->scan->carries[k];
    const uint32_t *terms = gt_level_inputs(body, carry->after);
    const gt_uses *uses = body->uses;
    return gt_lower_chooses(f->lowering, GT_CHOICE_REUSE_MEMORY) && body->carried[k] && has_own_next(f, k) &&
           body->stack_of[carry->after] == 0 && uses->leaves[carry->after] == 1 && uses->leaves[carry->before] == 0 &&
           gt_level_node(body, carry->after)->op == &gt_op_add &&
           gt_order_item(body, carry->after)->kind == GT_ITEM_GROUP &&
           gt_shape_same(gt_level_shape(body, carry->before), gt_level_shape(body, carry->after)) &&
           (terms[0] == carry->before || terms[1] == carry->before) && uses->reads[carry->before] == 1 &&
           uses->reads[carry->after] == 0;
}

const gt_states *gt_states_find(gt_lowering *lowering, const gt_level *body)
{
    gt_pool *pool = &lowering->scratch;
    size_t count = body->scan->carry_count;
    gt_states *states = gt_pool_new(pool, 1, sizeof *states);
    finding f = {lowering, body, gt_pool_new(pool, (size_t)body->count + 1, sizeof *f.of), gt_pool_new(pool, count, 1),
                 gt_pool_new(pool, count, 1)};
    if (states == NULL || f.of == NULL || f.shifted == NULL || f.added == NULL)
        return NULL;
    match_values(&f);
    for (uint32_t k = 0; k < count; k++) {
        f.shifted[k] = is_shifted(&f, k);
        f.added[k] = is_sum_over_steps(&f, k);
    }
    *states = (gt_states){f.of, f.shifted, f.added, gt_lower_take_pointers(lowering, 2 * (uint32_t)count)};
    return states;
}
