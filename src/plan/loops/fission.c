/*
 * Fission of scans by dependence on the carried states.
 *
 * A product whose operands no state reaches is done before the loop for all
 * steps at once, and so is a sum of such products with what they can start at;
 * with them goes what they are computed from. A product that no state
 * waits for is done after the loop, and with it everything that follows from
 * it. Nor does a loop carry a state whose next value no other state reaches (the input
 * of the step before), or whose old values nothing in it needs (the adjoint of that): its
 * old values at all steps are the new ones, a step later. Element-by-element work leaves the loop only together with a
 * product: in the loop it is in the cache, outside it is memory traffic.
 *
 * Needs: products of one operand each, and sums with what can leave in brackets.
 * Leaves: in loops, only products that a state waits for and what is computed with them; no state that is a
 * shifted sequence, unless that would have to be made for it.
 */
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/loops/fission.h"
#include "plan/loops/lift.h"

/* ---- analysis ------------------------------------------------------------------------------ */

/* What a product of the whole sequence may start at: one of its size, or one column. */
static bool can_be_addend(const gt_copy *copy, const gt_fission *f, uint32_t addend, uint32_t sum)
{
    gt_shape shape = gt_node_shape(copy->from, gt_tape_node(copy->from, addend));
    gt_shape result = gt_node_shape(copy->from, gt_tape_node(copy->from, sum));
    bool column = shape.size[0] == result.size[0] && gt_shape_count(shape) == shape.size[0];
    return f->varies[addend] ? gt_shape_same(shape, result) && gt_tape_node(copy->from, addend)->role != GT_ROLE_NONE
                             : column;
}

/* A sum of products, which one of them starts at, needs no pass of its own: it leaves with them. */
static bool is_sum_of_products(const gt_copy *copy, const gt_fission *f, const uint8_t *sums, uint32_t index)
{
    const gt_node *node = gt_tape_node(copy->from, index);
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    if (gt_fission_is_product(node))
        return f->free[index];
    if (node->op != &gt_op_add || !f->free[index])
        return false;
    for (int k = 0; k < 2; k++) {
        bool alike = gt_shape_same(gt_node_shape(copy->from, gt_tape_node(copy->from, inputs[k])),
                                   gt_node_shape(copy->from, node));
        if (alike && sums[inputs[k]] && (sums[inputs[1 - k]] || can_be_addend(copy, f, inputs[1 - k], index)))
            return true;
    }
    return false;
}

/* What leaves takes its past with it; of a state, its next value. True if the past of something above is more. */
static bool mark_past(const gt_copy *copy, gt_fission *f, uint32_t index)
{
    bool more = false;
    const gt_node *node = gt_tape_node(copy->from, index);
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(copy->from, node)[k];
        const gt_scan_carry_link *state = f->varies[input] ? gt_fission_state_at(copy, input) : NULL;
        for (uint32_t chain = 0; state != NULL && chain < copy->from_scan->carry_count; chain++) {
            f->asked[state - copy->from_scan->carries] = 1;
            input = state->after;
            state = gt_fission_state_at(copy, input);
        }
        if (!f->varies[input] || !gt_fission_computes(copy, input) || f->before[input])
            continue;
        f->before[input] = 1;
        more |= input > index;
    }
    return more;
}

/* Products without a state in their past, sums of them, and all of their past that varies. */
static bool mark_before(const gt_copy *copy, gt_fission *f)
{
    uint8_t *sums = gt_memory_new((size_t)copy->count + 1, 1);
    if (sums == NULL)
        return false;
    for (uint32_t i = 1; i <= copy->count; i++)
        sums[i] = is_sum_of_products(copy, f, sums, i);
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = copy->count; i >= 1; i--) {
            if (!copy->wanted[i] || !gt_fission_computes(copy, i))
                continue;
            f->before[i] |= sums[i];
            more |= f->before[i] && mark_past(copy, f, i);
        }
    }
    gt_memory_free(sums);
    return true;
}

/* What the loop itself still needs: what leaves to the back asks for its operands, not for itself. */
static void mark_wanted_inside(gt_copy *copy, const gt_fission *f)
{
    const gt_scan *scan = copy->from_scan;
    for (uint32_t i = 1; i <= copy->count; i++)
        if (f->after[i])
            copy->wanted[i] = 0;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (f->shifted[k])
            copy->wanted[scan->carries[k].before] = gt_fission_is_read_inside(copy, f, k);
}

static void mark_read(const gt_copy *copy, gt_fission *f)
{
    const gt_scan *scan = copy->from_scan;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        bool stays = copy->wanted[i] && !f->before[i];
        for (uint32_t k = 0; k < node->input_count && stays; k++)
            f->read[gt_node_inputs(copy->from, node)[k]] = 1;
    }
    for (uint32_t k = 0; k < scan->carry_count; k++)
        f->read[scan->carries[k].after] |= copy->wanted[scan->carries[k].before] && !f->shifted[k];
}

static void mark_stacked(const gt_copy *copy, gt_fission *f)
{
    const gt_scan *scan = copy->from_scan;
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(copy->around->from, scan->parts[p]);
        if (copy->around->wanted[scan->parts[p]] && part->op == &gt_op_scan_stack)
            f->stacked[gt_node_attributes(copy->around->from, part)[0]] = 1;
    }
}

static bool open_arrays(const gt_copy *copy, gt_fission *f)
{
    size_t count = (size_t)copy->count + 1;
    uint8_t **bytes[] = {&f->varies, &f->free, &f->before, &f->after, &f->read, &f->stacked, &f->late, &f->waited};
    for (size_t k = 0; k < sizeof bytes / sizeof *bytes; k++)
        if ((*bytes[k] = gt_pool_new(&f->pool, count, 1)) == NULL)
            return false;
    f->asked = gt_pool_new(&f->pool, copy->from_scan->carry_count, 1);
    f->shifted = gt_pool_new(&f->pool, copy->from_scan->carry_count, 1);
    f->sequence = gt_pool_new(&f->pool, count, sizeof *f->sequence);
    return f->asked != NULL && f->shifted != NULL && f->sequence != NULL;
}

static bool fission_open(gt_copy *copy)
{
    if (copy->around == NULL)
        return true;
    gt_fission *f = gt_memory_new(1, sizeof *f);
    copy->state = f;
    if (f == NULL || !open_arrays(copy, f))
        return false;
    gt_copy_mark_varying(copy, f->varies);
    mark_stacked(copy, f);
    if (!gt_lift_mark_free(copy, f->varies, f->free) || !mark_before(copy, f))
        return false;
    gt_fission_shift_to_front(copy, f);
    if (!gt_fission_shift_to_back(copy, f))
        return false;
    mark_wanted_inside(copy, f);
    mark_read(copy, f);
    return true;
}

static void fission_close(gt_copy *copy)
{
    gt_fission *f = copy->state;
    gt_pool_free(&f->pool);
    gt_memory_free(f);
}

/* ---- lifting ------------------------------------------------------------------------------- */

static gt_var initial_of(const gt_copy *copy, const gt_scan_carry_link *state)
{
    return copy->around->map[state->initial];
}

/* The state of which `index` is the old value, if it is not carried. */
static const gt_scan_carry_link *shifted_at(const gt_copy *copy, uint32_t index)
{
    const gt_fission *f = copy->state;
    const gt_scan_carry_link *state = gt_fission_state_at(copy, index);
    return state != NULL && f->shifted[state - copy->from_scan->carries] ? state : NULL;
}

/* All values of a body node that varies, outside; what stayed in the loop is stacked. */
static gt_var sequence_of(gt_copy *copy, uint32_t index)
{
    gt_fission *f = copy->state;
    const gt_scan_carry_link *state = f->sequence[index].tape == NULL ? shifted_at(copy, index) : NULL;
    if (state != NULL)
        f->sequence[index] =
            gt_lift_shifted(initial_of(copy, state), sequence_of(copy, state->after), copy->from_scan->direction);
    else if (f->sequence[index].tape == NULL)
        f->sequence[index] = gt_copy_all_steps(copy, index);
    return f->sequence[index];
}

static gt_var lift_node(gt_copy *copy, uint32_t index)
{
    const gt_fission *f = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_var operands[8];
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(copy->from, node)[k];
        operands[k] = f->varies[input] ? sequence_of(copy, input) : copy->map[input];
    }
    return gt_lift(copy->from, index, f->varies, operands, copy->from_scan->steps);
}

/* What leaves with it has been lifted; of a state that is not carried, its new value. */
static bool is_ready(const gt_copy *copy, const uint8_t *leaves, uint32_t index)
{
    const gt_fission *f = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(copy->from, node)[k];
        for (const gt_scan_carry_link *state; (state = shifted_at(copy, input)) != NULL;)
            input = state->after;
        if (leaves[input] && f->sequence[input].tape == NULL)
            return false;
    }
    return true;
}

/* Lifts all that leaves one way. The new value of a state may stand behind what reads the old one. */
static void lift_all(gt_copy *copy, const uint8_t *leaves)
{
    gt_fission *f = copy->state;
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = 1; i <= copy->count; i++) {
            if (leaves == f->before && !f->varies[i])
                gt_copy_node(copy, i); /* the same at every step, but in the body for want of `simplify` */
            if (!leaves[i] || f->sequence[i].tape != NULL || !is_ready(copy, leaves, i))
                continue;
            f->sequence[i] = lift_node(copy, i);
            more = true;
        }
    }
}

static bool shifts_any(const gt_copy *copy)
{
    const gt_fission *f = copy->state;
    for (uint32_t k = 0; k < copy->from_scan->carry_count; k++)
        if (f->shifted[k])
            return true;
    return false;
}

static void lift_before(gt_copy *copy)
{
    gt_fission *f = copy->state;
    if (!f->front_lifted && shifts_any(copy))
        lift_all(copy, f->before);
    f->front_lifted = true;
}

static gt_var fission_old(gt_copy *copy, uint32_t k)
{
    const gt_fission *f = copy->state;
    if (!f->shifted[k])
        return GT_NONE;
    uint32_t old = copy->from_scan->carries[k].before;
    lift_before(copy);
    return gt_copy_sequence(copy, gt_var_name(gt_tape_at(copy->from, old)), sequence_of(copy, old));
}

static gt_var fission_node(gt_copy *copy, uint32_t index)
{
    gt_fission *f = copy->state;
    if (copy->around == NULL || !f->before[index])
        return GT_NONE;
    lift_before(copy);
    if (f->sequence[index].tape == NULL)
        f->sequence[index] = lift_node(copy, index);
    if (!f->read[index])
        return f->sequence[index]; /* its place in the map is not read */
    const char *name = gt_intern_text_at(&copy->from->names, gt_tape_node(copy->from, index)->name);
    return gt_scan_input(copy->to_scan, name, f->sequence[index]);
}

static gt_var fission_part(gt_copy *copy, bool stack, uint32_t of)
{
    gt_fission *f = copy->state;
    const gt_scan_carry_link *state = stack ? shifted_at(copy, of) : &copy->from_scan->carries[of];
    bool shifted = state != NULL && f->shifted[state - copy->from_scan->carries];
    if (!shifted && (!stack || (!f->after[of] && !f->before[of])))
        return GT_NONE;
    if (!f->back_lifted)
        lift_all(copy, f->after);
    f->back_lifted = true;
    if (stack)
        return sequence_of(copy, of);
    gt_var last = gt_lift_last(sequence_of(copy, state->after), copy->from_scan->direction);
    return gt_reshape(last, gt_var_shape(initial_of(copy, state)));
}

const gt_rewrite gt_pass_fission = {
    .open = fission_open, .close = fission_close, .node = fission_node, .old = fission_old, .part = fission_part};
