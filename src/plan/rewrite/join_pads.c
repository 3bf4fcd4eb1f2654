/*
 * A sum of arrays that are padded with zeros, each where the others are not, is a
 * concat, and so is that part of a sum with other terms. The adjoint of slices is such
 * a sum: a cell that computes its four gates with one weight and slices them apart then
 * has the same backward pass as one with four weights, and a state whose rows are
 * read one by one is added to once, not once for each row.
 *
 * All terms of a sum are looked at together, since the first one may be no padded array
 * (what a state's stack brings to its adjoint) and none need be beside the one before it.
 *
 * Not exact: terms are added in another order, and -0 + 0 is 0 where the concat keeps -0.
 *
 * Needs: no identity between the sums.
 * Leaves: no sum of padded arrays that could be a concat.
 */
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "ops/descriptors.h"
#include "ops/rule.h"
#include "plan/rewrite/uses.h"

#include <stdlib.h>

enum { MOST_TAKEN_APART = 64 }; /* parts of concats that are joined anew */

/* Where the entries of a padded array are along its axis. */
typedef struct padded {
    gt_var inside;
    int64_t start, stop;
    uint32_t place; /* among the terms */
} padded;

/* Of one level. The lists have room for all nodes, and are made anew for each sum. */
typedef struct joining {
    gt_pool pool;
    const gt_uses *uses;
    uint32_t *below; /* nodes of a sum that are still to be looked at */
    gt_var *terms;
    uint32_t count;
    padded *pads;
    gt_var *parts;
} joining;

/* ---- the terms of a sum -------------------------------------------------------------------- */

/* It is part of a larger sum, which will look at its terms. */
static bool is_within_sum(const gt_copy *copy, const joining *j, uint32_t index)
{
    const gt_uses *uses = j->uses;
    return uses->leaves[index] == 0 && uses->reads[index] == 1 &&
           gt_copy_is_plain_sum(copy, uses->readers[uses->first[index]]);
}

/* The copied terms of the sum, in their order. */
static void collect_terms(const gt_copy *copy, joining *j, uint32_t sum)
{
    uint32_t waiting = 0;
    j->count = 0;
    j->below[waiting++] = sum;
    while (waiting > 0) {
        uint32_t index = j->below[--waiting];
        const uint32_t *inputs = gt_node_inputs(copy->from, gt_tape_node(copy->from, index));
        if (index != sum && !(gt_copy_is_plain_sum(copy, index) && is_within_sum(copy, j, index))) {
            j->terms[j->count++] = copy->map[index];
            continue;
        }
        j->below[waiting++] = inputs[1];
        j->below[waiting++] = inputs[0];
    }
}

/* ---- joining ------------------------------------------------------------------------------- */

static int by_start(const void *one, const void *other)
{
    const padded *a = one, *b = other;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* The terms that are padded along the axis and nowhere else, by where they are. */
static uint32_t find_pads(joining *j, gt_shape shape, int64_t axis)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < j->count; k++) {
        gt_var v = j->terms[k];
        if (gt_var_op(v) != &gt_op_pad || gt_var_attribute(v, 0) != axis || !gt_shape_same(gt_var_shape(v), shape))
            continue;
        int64_t start = gt_var_attribute(v, 1), stop = shape.size[axis] - gt_var_attribute(v, 2);
        j->pads[count++] = (padded){gt_var_input(v, 0), start, stop, k};
    }
    qsort(j->pads, count, sizeof *j->pads, by_start);
    return count;
}

/* Pads of the same entries become one; of those that overlap otherwise, the first stays. The others are terms as
 * before.
 */
static uint32_t keep_apart(joining *j, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < count; k++) {
        padded *last = kept > 0 ? &j->pads[kept - 1] : NULL, *p = &j->pads[k];
        bool same = last != NULL && last->start == p->start && last->stop == p->stop;
        if (!same && last != NULL && p->start < last->stop)
            continue;
        j->terms[p->place] = GT_NONE;
        if (same)
            last->inside = gt_add(last->inside, p->inside);
        else
            j->pads[kept++] = *p;
    }
    return kept;
}

/* The parts of a concat, or all of it where it is one along the same axis and there are not too many. */
static void add_parts(joining *j, gt_var v, int64_t axis, uint32_t *count)
{
    bool apart = gt_var_op(v) == &gt_op_concat && gt_var_attribute(v, 0) == axis &&
                 *count + gt_var_input_count(v) <= MOST_TAKEN_APART;
    for (uint32_t k = 0; k < (apart ? gt_var_input_count(v) : 1); k++)
        j->parts[(*count)++] = apart ? gt_var_input(v, k) : v;
}

static gt_var zeros(const gt_copy *copy, gt_shape shape, int64_t axis, int64_t size)
{
    gt_tape *outermost = copy->to;
    while (outermost->parent != NULL)
        outermost = outermost->parent;
    shape.size[axis] = size;
    return gt_fill(outermost, shape, 0);
}

/* One array for pads that are apart: a concat of what is inside of them, zeros between, padded itself. */
static gt_var join(const gt_copy *copy, joining *j, uint32_t pads, gt_shape shape, int64_t axis)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < pads; k++) {
        const padded *p = &j->pads[k];
        if (k > 0 && p->start > p[-1].stop)
            j->parts[count++] = zeros(copy, shape, axis, p->start - p[-1].stop);
        add_parts(j, p->inside, axis, &count);
    }
    gt_var all = count == 1 ? j->parts[0] : gt_concat(j->parts, count, (int)axis);
    int64_t before = j->pads[0].start, after = shape.size[axis] - j->pads[pads - 1].stop;
    return before == 0 && after == 0 ? all : gt_pad(all, (int)axis, before, after);
}

/* Joins the terms that are padded along the axis. False if there are no two. */
static bool join_along(const gt_copy *copy, joining *j, gt_shape shape, int64_t axis)
{
    uint32_t found = find_pads(j, shape, axis);
    if (found < 2)
        return false;
    uint32_t kept = keep_apart(j, found);
    gt_var joined = join(copy, j, kept, shape, axis);
    j->terms[j->count++] = joined;
    return true;
}

static gt_var sum_of_terms(const joining *j)
{
    gt_var sum = GT_NONE;
    for (uint32_t k = 0; k < j->count; k++)
        if (j->terms[k].tape != NULL)
            sum = sum.tape == NULL ? j->terms[k] : gt_add(sum, j->terms[k]);
    return sum;
}

/* ---- the pass ------------------------------------------------------------------------------ */

static gt_var join_node(gt_copy *copy, uint32_t index)
{
    joining *j = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    if (!gt_copy_is_plain_sum(copy, index) || node->dtype != copy->from->dtype || is_within_sum(copy, j, index))
        return GT_NONE;
    gt_shape shape = gt_node_shape(copy->from, node);
    collect_terms(copy, j, index);
    bool any = false;
    for (int64_t axis = 0; axis < shape.rank; axis++)
        any |= join_along(copy, j, shape, axis);
    return any ? sum_of_terms(j) : GT_NONE;
}

static bool join_open(gt_copy *copy)
{
    joining *j = gt_memory_new(1, sizeof *j);
    copy->state = j;
    if (j == NULL)
        return false;
    size_t room = 2 * ((size_t)copy->count + 1) + MOST_TAKEN_APART + GT_MAX_RANK;
    j->uses = gt_uses_of_copy(&j->pool, copy);
    j->below = gt_pool_new(&j->pool, room, sizeof *j->below);
    j->terms = gt_pool_new(&j->pool, room, sizeof *j->terms);
    j->pads = gt_pool_new(&j->pool, room, sizeof *j->pads);
    j->parts = gt_pool_new(&j->pool, room, sizeof *j->parts);
    return j->uses != NULL && j->below != NULL && j->terms != NULL && j->pads != NULL && j->parts != NULL;
}

static void join_close(gt_copy *copy)
{
    joining *j = copy->state;
    gt_pool_free(&j->pool);
    gt_memory_free(j);
}

const gt_rewrite gt_pass_join_pads = {.open = join_open, .close = join_close, .node = join_node};
