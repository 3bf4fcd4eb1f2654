/*
 * Which loops are cut together, and what of a level is then still needed with all of its steps.
 *
 * A loop belongs to a half if all it waits for of that half's other loops comes step by step: what it starts
 * at, and what is the same at every step, is there before; its sequences are stacks of them, or are computed
 * from those for each step by itself.
 */
#include "plan/loops/segment.h"

#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

/* ---- ops that can be done for some steps alone --------------------------------------------- */

static gt_shape shape_at(const gt_tape *tape, uint32_t index)
{
    return gt_node_shape(tape, gt_tape_node(tape, index));
}

/* Its last axis is that of the steps. */
static bool has_steps(gt_shape shape, int64_t steps)
{
    return shape.rank >= 1 && shape.size[shape.rank - 1] == steps;
}

static gt_cut_taking steps_if(bool possible)
{
    return possible ? GT_CUT_STEPS : GT_CUT_NOT;
}

gt_cut_taking gt_cut_takes(const gt_tape *tape, uint32_t index, uint32_t slot, int64_t steps)
{
    const gt_node *node = gt_tape_node(tape, index);
    gt_shape result = gt_node_shape(tape, node), operand = shape_at(tape, gt_node_inputs(tape, node)[slot]);
    const int64_t *attributes = gt_node_attributes(tape, node);
    int axis = result.rank - 1;
    bool alike = has_steps(operand, steps) && operand.rank == result.rank;
    if (!has_steps(result, steps))
        return GT_CUT_NOT;
    switch (node->op->op_class) {
    case GT_CLASS_ELEMENTWISE:
        return operand.size[axis] == 1 ? GT_CUT_WHOLE : steps_if(alike);
    case GT_CLASS_MATRIX_PRODUCT:
        if (attributes[1] != 0 || axis < 1)
            return GT_CUT_NOT;
        return slot == 0 ? GT_CUT_WHOLE : steps_if(alike);
    case GT_CLASS_VIEW:
    case GT_CLASS_OTHER:
        break;
    default:
        return GT_CUT_NOT;
    }
    if (node->op->axes == GT_AXES_ALONG)
        return steps_if(alike && attributes[0] != axis);
    if (node->op->axes == GT_AXES_LOOKED_UP)
        return slot == 0 ? GT_CUT_WHOLE : steps_if(has_steps(operand, steps));
    return GT_CUT_NOT;
}

bool gt_cut_is_by_steps(const gt_tape *tape, uint32_t index, int64_t steps)
{
    const gt_node *node = gt_tape_node(tape, index);
    for (uint32_t k = 0; k < node->input_count; k++)
        if (gt_cut_takes(tape, index, k, steps) == GT_CUT_NOT)
            return false;
    return node->input_count > 0;
}

/* ---- what waits for what ------------------------------------------------------------------- */

const gt_cut_loop *gt_cut_stack_of(const gt_cutting *c, const gt_cut *cut, gt_cut_half half, uint32_t index)
{
    const gt_tape *tape = c->copy->from;
    const gt_node *node = gt_tape_node(tape, index);
    if (node->op != &gt_op_scan_stack)
        return NULL;
    const gt_cut_loop *loop = c->loop_of[gt_node_inputs(tape, node)[0]];
    bool there = loop != NULL && loop->cut == cut && (loop->half == half || loop->half == GT_CUT_FORWARD);
    return there ? loop : NULL;
}

/* Sets what is known of a node whose operands are known. */
static void look_at(const gt_cutting *c, gt_cut *cut, gt_cut_half half, uint32_t index)
{
    const gt_tape *tape = c->copy->from;
    const gt_node *node = gt_tape_node(tape, index);
    const uint32_t *inputs = gt_node_inputs(tape, node);
    const gt_cut_loop *stack = gt_cut_stack_of(c, cut, half, index);
    uint8_t *waits = cut->waits[half], *in_pieces = cut->in_pieces[half];
    bool by_steps = gt_cut_is_by_steps(tape, index, cut->steps), can = by_steps;
    for (uint32_t k = 0; k < node->input_count; k++)
        waits[index] |= waits[inputs[k]];
    for (uint32_t k = 0; k < node->input_count && by_steps; k++) {
        bool whole = gt_cut_takes(tape, index, k, cut->steps) == GT_CUT_WHOLE;
        can &= whole ? !waits[inputs[k]] : in_pieces[inputs[k]];
        cut->rooted[index] |= !whole && cut->rooted[inputs[k]];
    }
    cut->rooted[index] |= stack != NULL && stack->half == GT_CUT_FORWARD;
    in_pieces[index] = stack != NULL || can || !waits[index];
}

/* Can the scan be a loop of the half? */
static bool fits(const gt_cutting *c, const gt_cut *cut, gt_cut_half half, uint32_t index)
{
    const gt_tape *tape = c->copy->from;
    const gt_scan *scan = gt_node_scan(tape, gt_tape_node(tape, index));
    bool rooted = half == GT_CUT_FORWARD;
    if (scan->steps != cut->steps || (scan->direction == cut->direction) != (half == GT_CUT_FORWARD))
        return false;
    for (uint32_t k = 0; k < scan->carry_count; k++)
        if (cut->waits[half][scan->carries[k].initial] ||
            gt_var_shape(gt_tape_at(scan->body, scan->carries[k].before)).rank == GT_MAX_RANK)
            return false;
    for (uint32_t k = 0; k < scan->invariant_count; k++)
        if (cut->waits[half][scan->invariants[k].outside])
            return false;
    for (uint32_t k = 0; k < scan->input_count; k++) {
        if (!cut->in_pieces[half][scan->inputs[k].outside])
            return false;
        rooted |= cut->rooted[scan->inputs[k].outside];
    }
    return rooted;
}

/* ---- loops --------------------------------------------------------------------------------- */

/* Loops within loops, so many deep. */
static uint32_t nesting_of(const gt_tape *tape)
{
    uint32_t deepest = 0;
    for (size_t s = 0; s < tape->scan_count; s++) {
        uint32_t within = 1 + nesting_of(tape->scans[s]->body);
        deepest = within > deepest ? within : deepest;
    }
    return deepest;
}

/* One more loop around it is not too many. */
static bool can_be_within(const gt_cutting *c, const gt_scan *scan)
{
    return gt_copy_depth(c->copy) + 2 + nesting_of(scan->body) <= GT_MOST_NESTED;
}

static bool is_free(const gt_cutting *c, uint32_t index, int64_t segment)
{
    const gt_tape *tape = c->copy->from;
    const gt_node *node = gt_tape_node(tape, index);
    return c->copy->wanted[index] && node->op->op_class == GT_CLASS_SCAN && c->loop_of[index] == NULL &&
           gt_node_scan(tape, node)->steps > segment && can_be_within(c, gt_node_scan(tape, node));
}

static bool add_loop(gt_cutting *c, gt_cut *cut, gt_cut_half half, uint32_t index)
{
    const gt_tape *tape = c->copy->from;
    gt_cut_loop *loop = gt_pool_new(&c->pool, 1, sizeof *loop), **end = &cut->loops[half];
    const gt_scan *scan = gt_node_scan(tape, gt_tape_node(tape, index));
    if (loop == NULL)
        return false;
    *loop = (gt_cut_loop){.node = index, .scan = scan, .cut = cut, .half = half};
    loop->states = gt_pool_new(&c->pool, scan->carry_count, sizeof *loop->states);
    cut->first[half] = *end == NULL ? index : cut->first[half];
    cut->last[half] = index;
    while (*end != NULL)
        end = &(*end)->next;
    *end = c->loop_of[index] = loop;
    return loop->states != NULL;
}

/* So many loops of the half at most, from node `first` on. */
static bool find_loops(gt_cutting *c, gt_cut *cut, gt_cut_half half, uint32_t first, uint32_t most)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i <= c->copy->count; i++) {
        if (count < most && i >= first && is_free(c, i, cut->segment) && fits(c, cut, half, i)) {
            if (!add_loop(c, cut, half, i))
                return false;
            count++;
        }
        look_at(c, cut, half, i);
        cut->waits[half][i] |= c->loop_of[i] != NULL && c->loop_of[i]->cut == cut && c->loop_of[i]->half == half;
    }
    return true;
}

static void forget_loops(const gt_cutting *c, gt_cut *cut, gt_cut_half half)
{
    for (gt_cut_loop *loop = cut->loops[half]; loop != NULL; loop = loop->next)
        c->loop_of[loop->node] = NULL;
    cut->loops[half] = NULL;
    for (uint32_t i = 1; i <= c->copy->count; i++)
        cut->waits[half][i] = cut->in_pieces[half][i] = 0;
}

/* Loops of a half are made at once, where the first of them stands: so halves of several loops may not overlap. */
static bool overlaps(const gt_cutting *c, const gt_cut *cut, gt_cut_half half)
{
    for (const gt_cut *other = c->cuts; other != NULL && cut->loops[half] != NULL; other = other->next)
        for (gt_cut_half h = 0; h < GT_CUT_HALVES; h++) {
            bool several =
                cut->first[half] < cut->last[half] && other->loops[h] != NULL && other->first[h] < other->last[h];
            bool apart = cut->last[half] < other->first[h] || other->last[h] < cut->first[half];
            if ((other != cut || h != half) && several && !apart)
                return true;
        }
    return false;
}

static bool find_half(gt_cutting *c, gt_cut *cut, gt_cut_half half, uint32_t first)
{
    size_t count = (size_t)c->copy->count + 1;
    cut->waits[half] = gt_pool_new(&c->pool, count, 1);
    cut->in_pieces[half] = gt_pool_new(&c->pool, count, 1);
    cut->pieces[GT_CUT_WITHIN + half] = gt_pool_new(&c->pool, count, sizeof *cut->pieces[0]);
    if (cut->waits[half] == NULL || cut->in_pieces[half] == NULL || cut->pieces[GT_CUT_WITHIN + half] == NULL)
        return false;
    if (!find_loops(c, cut, half, first, UINT32_MAX))
        return false;
    if (!overlaps(c, cut, half))
        return true;
    forget_loops(c, cut, half);
    return find_loops(c, cut, half, first, 1);
}

static gt_cut *new_cut(gt_cutting *c, uint32_t index, int64_t segment)
{
    size_t count = (size_t)c->copy->count + 1;
    const gt_scan *scan = gt_node_scan(c->copy->from, gt_tape_node(c->copy->from, index));
    gt_cut *cut = gt_pool_new(&c->pool, 1, sizeof *cut);
    if (cut == NULL)
        return NULL;
    cut->rooted = gt_pool_new(&c->pool, count, 1);
    cut->pieces[GT_CUT_REST] = gt_pool_new(&c->pool, count, sizeof *cut->pieces[0]);
    cut->pieces[GT_CUT_LAST] = gt_pool_new(&c->pool, count, sizeof *cut->pieces[0]);
    if (cut->rooted == NULL || cut->pieces[GT_CUT_REST] == NULL || cut->pieces[GT_CUT_LAST] == NULL)
        return NULL;
    cut->steps = scan->steps;
    cut->direction = scan->direction;
    cut->segment = segment;
    cut->count = gt_segments_of(cut->steps, segment);
    cut->rest = cut->steps - cut->count * segment;
    cut->next = c->cuts;
    c->cuts = cut;
    return cut;
}

/*
 * Only where one half reads it: what several read would have to be kept while the first of them goes through all
 * segments. Only of segments that are not cut again, whose stacks there is room for.
 */
static void keep_last(const gt_cutting *c, gt_cut *cut)
{
    bool one = cut->loops[GT_CUT_BACKWARD] != NULL && cut->loops[GT_CUT_BACKWARD + 1] == NULL;
    bool last_cut = gt_copy_depth(c->copy) + 1 == c->copy->segments->count;
    if (!c->copy->segments->keeps_last || !one || !last_cut || cut->count < 2)
        return;
    cut->last_segment = cut->segment;
    cut->count--;
}

/* ---- what is whole ------------------------------------------------------------------------- */

/* What the pieces of a sequence are made of is whole. */
static void ask_for_pieces(gt_cutting *c, const gt_cut_loop *loop, uint8_t *seen, uint32_t index)
{
    const gt_tape *tape = c->copy->from;
    const gt_node *node = gt_tape_node(tape, index);
    const gt_cut *cut = loop->cut;
    if (seen[index] || gt_cut_stack_of(c, cut, loop->half, index) != NULL)
        return;
    seen[index] = 1;
    bool by_steps = gt_cut_is_by_steps(tape, index, cut->steps);
    c->whole[index] |= !by_steps;
    for (uint32_t k = 0; k < node->input_count && by_steps; k++) {
        uint32_t input = gt_node_inputs(tape, node)[k];
        if (gt_cut_takes(tape, index, k, cut->steps) == GT_CUT_STEPS)
            ask_for_pieces(c, loop, seen, input);
        else
            c->whole[input] = 1;
    }
}

/* A loop needs what it starts at and what is the same at every step, and its sequences in pieces. */
static void ask_for_links(gt_cutting *c, const gt_cut_loop *loop, uint8_t *seen)
{
    for (uint32_t k = 0; k < loop->scan->carry_count; k++)
        c->whole[loop->scan->carries[k].initial] = 1;
    for (uint32_t k = 0; k < loop->scan->invariant_count; k++)
        c->whole[loop->scan->invariants[k].outside] = 1;
    for (uint32_t k = 0; k < loop->scan->input_count; k++)
        ask_for_pieces(c, loop, seen, loop->scan->inputs[k].outside);
}

/* What leaves the level. */
static void mark_leaving(gt_cutting *c)
{
    const gt_copy *copy = c->copy;
    for (uint32_t i = 0; i < copy->output_count && copy->around == NULL; i++)
        c->whole[copy->outputs[i].index] = 1;
    if (copy->around == NULL)
        return;
    const gt_scan *scan = copy->from_scan;
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        uint8_t carried = copy->wanted[scan->carries[k].before];
        c->whole[scan->carries[k].before] |= carried;
        c->whole[scan->carries[k].after] |= carried;
    }
    for (size_t p = 0; p < scan->part_count; p++) {
        const gt_node *part = gt_tape_node(copy->around->from, scan->parts[p]);
        if (copy->around->wanted[scan->parts[p]] && part->op == &gt_op_scan_stack)
            c->whole[gt_node_attributes(copy->around->from, part)[0]] = 1;
    }
}

static bool find_whole(gt_cutting *c)
{
    const gt_tape *tape = c->copy->from;
    size_t count = (size_t)c->copy->count + 1;
    uint8_t *seen = gt_pool_new(&c->pool, count, 1);
    const gt_cut_loop *last = NULL; /* the sequences of its half have been seen */
    if (seen == NULL)
        return false;
    mark_leaving(c);
    for (uint32_t i = c->copy->count; i >= 1; i--) {
        const gt_node *node = gt_tape_node(tape, i);
        const gt_cut_loop *loop = c->loop_of[i];
        if (loop != NULL && last != NULL && (loop->cut != last->cut || loop->half != last->half))
            memset(seen, 0, count);
        last = loop != NULL ? loop : last;
        if (loop != NULL)
            ask_for_links(c, loop, seen);
        for (uint32_t k = 0; k < node->input_count && loop == NULL && c->whole[i]; k++)
            c->whole[gt_node_inputs(tape, node)[k]] = 1;
    }
    return true;
}

bool gt_cuts_find(gt_cutting *c, int64_t segment)
{
    size_t count = (size_t)c->copy->count + 1;
    c->loop_of = gt_pool_new(&c->pool, count, sizeof *c->loop_of);
    c->whole = gt_pool_new(&c->pool, count, 1);
    if (c->loop_of == NULL || c->whole == NULL)
        return false;
    for (uint32_t i = 1; i <= c->copy->count; i++) {
        if (!is_free(c, i, segment))
            continue;
        gt_cut *cut = new_cut(c, i, segment);
        if (cut == NULL || !find_half(c, cut, GT_CUT_FORWARD, i))
            return false;
        bool more = true;
        for (gt_cut_half half = GT_CUT_BACKWARD; half < GT_CUT_HALVES && more; half++) {
            if (!find_half(c, cut, half, i))
                return false;
            more = cut->loops[half] != NULL;
        }
        keep_last(c, cut);
    }
    return c->cuts == NULL || find_whole(c);
}
