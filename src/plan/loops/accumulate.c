/*
 * Sums over the steps of a scan leave it.
 *
 * A state that only gathers a sum, s' = s + h, and is read after the last step
 * alone, needs no loop: its final value is s + the sum of h over all steps. If h
 * is a weight gradient G_t @ Z_t.T, the sum is one product G @ Z.T over the
 * stacked columns of all steps.
 *
 * Needs: sums over steps written as states, as the reverse replay of a scan writes them.
 * Leaves: no state that only gathers a sum, unless the loop must add it up itself.
 */
#include "plan/loops/accumulate.h"
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "plan/loops/lift.h"

/* ---- finding the sums ---------------------------------------------------------------------- */

static void mark_in_products(const gt_copy *copy, gt_accumulate *a)
{
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        for (uint32_t k = 0; k < node->input_count && copy->wanted[i] && node->op == &gt_op_matmul; k++)
            a->in_products[gt_node_inputs(copy->from, node)[k]] = 1;
    }
}

/* Follows s' = ((s + h1) + h2) ... back to s; every node on the way is used once. */
static bool only_gathers(const gt_copy *copy, const gt_accumulate *a, uint32_t k, bool mark, uint8_t *path)
{
    const gt_scan_carry_link *carry = &copy->from_scan->carries[k];
    uint32_t node = carry->after;
    while (node != carry->before) {
        if (gt_uses_count(a->uses, node) != 1 || !gt_copy_is_plain_sum(copy, node))
            return false;
        if (mark)
            path[node] = 1;
        /* The state is in the operand that was there first. */
        const uint32_t *inputs = gt_node_inputs(copy->from, gt_tape_node(copy->from, node));
        bool first =
            inputs[0] == carry->before || (inputs[1] != carry->before && gt_copy_is_plain_sum(copy, inputs[0]));
        node = inputs[first ? 0 : 1];
    }
    return gt_uses_count(a->uses, carry->before) == 1 && carry->after != carry->before &&
           gt_accumulate_can_be_stacked(copy, carry->before);
}

/* ---- the pass ------------------------------------------------------------------------------ */

/* The terms of a sum: the operands of its path that are not on the path. */
static void each_term(gt_copy *copy, uint32_t k, void (*visit)(gt_copy *, uint32_t, void *), void *context)
{
    const gt_accumulate *a = copy->state;
    const gt_scan_carry_link *carry = &copy->from_scan->carries[k];
    for (uint32_t node = carry->after; node != carry->before;) {
        const uint32_t *inputs = gt_node_inputs(copy->from, gt_tape_node(copy->from, node));
        bool first = inputs[0] == carry->before || (inputs[1] != carry->before && a->path[inputs[0]]);
        visit(copy, inputs[first ? 1 : 0], context);
        node = inputs[first ? 0 : 1];
    }
}

static void need_term(gt_copy *copy, uint32_t term, void *context)
{
    (void)context;
    gt_need_sum(copy, term);
}

static void add_term(gt_copy *copy, uint32_t term, void *context)
{
    gt_var *sum = context;
    *sum = gt_add(*sum, gt_sum_over_steps(copy, term));
}

/* What the loop needs when the sums have left it. */
static void mark_again(gt_copy *copy)
{
    const gt_accumulate *a = copy->state;
    const gt_scan *scan = copy->from_scan;
    for (uint32_t i = 1; i <= copy->count; i++)
        copy->wanted[i] = 0;
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(copy->around->from, scan->parts[p]);
        if (!copy->around->wanted[scan->parts[p]])
            continue;
        int64_t of = gt_node_attributes(copy->around->from, part)[0];
        if (part->op == &gt_op_scan_stack)
            copy->wanted[of] = a->stacked[of] = 1;
        else if (!a->summed[of])
            copy->wanted[scan->carries[of].before] = 1;
    }
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (a->summed[k])
            each_term(copy, k, need_term, NULL);
    gt_choose_sums(copy);
    gt_copy_mark(copy);
    gt_accumulate_choose(copy);
}

/* The arrays of the state, in its pool. False on no memory. */
static bool open_arrays(gt_copy *copy, gt_accumulate *a)
{
    size_t count = (size_t)copy->count + 1;
    uint8_t **bytes[] = {&a->path,    &a->varies, &a->way,         &a->reduced, &a->running,
                         &a->stacked, &a->free,   &a->in_products, &a->waited,  &a->late};
    for (size_t k = 0; k < sizeof bytes / sizeof *bytes; k++)
        if ((*bytes[k] = gt_pool_new(&a->pool, count, 1)) == NULL)
            return false;
    a->summed = gt_pool_new(&a->pool, copy->from_scan->carry_count, 1);
    a->kept = gt_pool_new(&a->pool, copy->from_scan->carry_count, 1);
    a->gathered = gt_pool_new(&a->pool, count, sizeof *a->gathered);
    a->totals = gt_pool_new(&a->pool, count, sizeof *a->totals);
    a->sums = gt_pool_new(&a->pool, count, sizeof *a->sums);
    a->uses = gt_uses_of_copy(&a->pool, copy);
    return a->summed != NULL && a->kept != NULL && a->gathered != NULL && a->totals != NULL && a->sums != NULL &&
           a->uses != NULL;
}

static bool accumulate_open(gt_copy *copy)
{
    if (copy->around == NULL)
        return true;
    const gt_scan *scan = copy->from_scan;
    gt_accumulate *a = gt_memory_new(1, sizeof *a);
    copy->state = a;
    if (a == NULL || !open_arrays(copy, a))
        return false;
    gt_copy_mark_varying(copy, a->varies);
    if (!gt_lift_mark_free(copy, a->varies, a->free))
        return false;
    mark_in_products(copy, a);
    bool any = false;
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        a->summed[k] = copy->wanted[scan->carries[k].before] && only_gathers(copy, a, k, false, NULL);
        if (a->summed[k])
            any = only_gathers(copy, a, k, true, a->path);
    }
    if (any)
        mark_again(copy);
    return true;
}

static void accumulate_close(gt_copy *copy)
{
    gt_accumulate *a = copy->state;
    gt_pool_free(&a->pool);
    gt_memory_free(a);
}

static gt_var accumulate_part(gt_copy *copy, bool stack, uint32_t of)
{
    const gt_accumulate *a = copy->state;
    if (stack || !a->summed[of])
        return GT_NONE;
    gt_var sum = copy->around->map[copy->from_scan->carries[of].initial];
    each_term(copy, of, add_term, &sum);
    return sum;
}

const gt_rewrite gt_pass_accumulate = {
    .open = accumulate_open, .close = accumulate_close, .finish = gt_accumulate_finish, .part = accumulate_part};
