/*
 * Pieces of sequences: what is a stack of a loop that is cut is that of the loop's copy in the
 * same place; what is computed step by step is computed there; anything else is cut where it is.
 */
#include "plan/loops/segment.h"

#include "gradtape/ops.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

static int last_axis(gt_var v)
{
    return gt_var_shape(v).rank - 1;
}

static gt_shape with_steps(gt_shape sequence, int64_t steps)
{
    sequence.size[sequence.rank - 1] = steps;
    return sequence;
}

/* The same numbers at every step: as many steps of them as are asked for. GT_NONE: it is something else. */
static gt_var constant_steps(gt_var v, int64_t steps)
{
    gt_shape shape = with_steps(gt_var_shape(v), steps);
    if (gt_var_op(v) == &gt_op_fill)
        return gt_fill(v.tape, shape, gt_unpack_double(gt_var_attribute(v, GT_SHAPE_ATTRIBUTES)));
    bool stretched = gt_var_op(v) == &gt_op_broadcast && gt_var_shape(gt_var_input(v, 0)).size[shape.rank - 1] == 1;
    return stretched ? gt_broadcast(gt_var_input(v, 0), shape) : GT_NONE;
}

static gt_var steps_of(gt_var v, int64_t from, int64_t to);

/* A part of a concat may lack the last axis, along which it has one entry then. */
static gt_var with_rank(gt_var v, int32_t rank)
{
    gt_shape shape = gt_var_shape(v);
    if (shape.rank == rank)
        return v;
    shape.rank = rank;
    return gt_reshape(v, shape);
}

/* What is joined of several over time is cut before it is joined. */
static gt_var steps_of_joined(gt_var v, int64_t from, int64_t to)
{
    enum { MOST_PARTS = 4 };
    int axis = last_axis(v);
    gt_var parts[MOST_PARTS];
    uint32_t count = 0;
    if (gt_var_input_count(v) > MOST_PARTS)
        return gt_slice(v, axis, from, to);
    for (uint32_t k = 0; k < gt_var_input_count(v); k++) {
        gt_var part = with_rank(gt_var_input(v, k), axis + 1);
        int64_t size = gt_var_shape(part).size[axis], begin = from > 0 ? from : 0, end = to < size ? to : size;
        if (begin < end)
            parts[count++] = steps_of(part, begin, end);
        from -= size;
        to -= size;
    }
    return count == 1 ? parts[0] : gt_concat(parts, count, axis);
}

/* Steps `from` to before `to`. */
static gt_var steps_of(gt_var v, int64_t from, int64_t to)
{
    int axis = last_axis(v);
    if (!gt_var_valid(v))
        return v;
    if (from == 0 && to == gt_var_shape(v).size[axis])
        return v;
    gt_var constant = constant_steps(v, to - from);
    if (constant.tape != NULL)
        return constant;
    bool along = gt_var_op(v)->axes == GT_AXES_ALONG && gt_var_attribute(v, 0) == axis;
    if (along && gt_var_op(v) == &gt_op_slice)
        return steps_of(gt_var_input(v, 0), gt_var_attribute(v, 1) + from, gt_var_attribute(v, 1) + to);
    return along && gt_var_op(v) == &gt_op_concat ? steps_of_joined(v, from, to) : gt_slice(v, axis, from, to);
}

static bool runs_forward(const gt_cut *cut)
{
    return cut->direction == GT_FORWARD;
}

/* A segment of a sequence of the level, in the body of a loop over segments. */
static gt_var scan_segments(const gt_cut *cut, gt_scan *segments, gt_var sequence, const char *name)
{
    int64_t begin = runs_forward(cut) ? cut->rest : cut->last_segment;
    gt_var all = steps_of(sequence, begin, begin + cut->count * cut->segment);
    if (!gt_var_valid(all))
        return all;
    gt_shape shape = with_steps(gt_var_shape(sequence), cut->segment);
    gt_var constant = constant_steps(all, cut->segment);
    if (constant.tape != NULL)
        return constant;
    gt_var flat = gt_reshape(all, GT_SHAPE(gt_shape_count(shape), cut->count));
    return gt_reshape(gt_scan_input(segments, name, flat), shape);
}

/* The steps that are left over come first in the order of the forward half, the last segment last. */
static gt_var outside_of(const gt_cut *cut, gt_cut_piece piece, gt_var sequence)
{
    bool begins = (piece == GT_CUT_REST) == runs_forward(cut);
    int64_t steps = piece == GT_CUT_REST ? cut->rest : cut->last_segment, begin = begins ? 0 : cut->steps - steps;
    return steps_of(sequence, begin, begin + steps);
}

/* The op of a node for the steps of a piece. */
static gt_var compute(gt_cutting *c, gt_cut *cut, gt_cut_half half, gt_cut_piece piece, uint32_t index)
{
    enum { MOST_OPERANDS = 8 };
    const gt_tape *tape = c->copy->from;
    const gt_node *node = gt_tape_node(tape, index);
    gt_var few[MOST_OPERANDS];
    gt_var *operands =
        node->input_count <= MOST_OPERANDS ? few : gt_pool_new(&c->pool, node->input_count, sizeof *operands);
    if (operands == NULL) {
        gt_tape_fail_memory(c->copy->to);
        return gt_tape_none(c->copy->to);
    }
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(tape, node)[k];
        operands[k] = gt_cut_takes(tape, index, k, cut->steps) == GT_CUT_STEPS
                          ? gt_cut_piece_of(c, cut, half, piece, input)
                          : c->copy->map[input];
    }
    return gt_apply(node->op, operands, node->input_count, gt_node_attributes(tape, node), node->attribute_count);
}

static gt_var make_piece(gt_cutting *c, gt_cut *cut, gt_cut_half half, gt_cut_piece piece, uint32_t index)
{
    const gt_tape *tape = c->copy->from;
    const gt_cut_loop *loop = gt_cut_stack_of(c, cut, half, index);
    if (loop != NULL && loop->copies[piece] != NULL)
        return gt_copy_stack(loop->copies[piece], (uint32_t)gt_node_attributes(tape, gt_tape_node(tape, index))[0]);
    bool is_there = !cut->waits[half][index] && c->whole[index];
    if (!is_there && gt_cut_is_by_steps(tape, index, cut->steps))
        return compute(c, cut, half, piece, index);
    gt_var whole = c->copy->map[index];
    const char *name = gt_var_name(gt_tape_at(c->copy->from, index));
    return piece < GT_CUT_WITHIN ? outside_of(cut, piece, whole) : scan_segments(cut, cut->segments[half], whole, name);
}

gt_var gt_cut_piece_of(gt_cutting *c, gt_cut *cut, gt_cut_half half, gt_cut_piece piece, uint32_t index)
{
    gt_var *made = &cut->pieces[piece][index];
    if (c->copy->to->error.status != GT_OK)
        return gt_tape_none(c->copy->to);
    if (made->tape == NULL)
        *made = make_piece(c, cut, half, piece, index);
    return *made;
}

gt_var gt_cut_join(const gt_cut *cut, gt_var rest, gt_var segments, gt_var last)
{
    if (!gt_var_valid(rest) || !gt_var_valid(segments))
        return gt_var_valid(rest) ? segments : rest;
    gt_shape shape = with_steps(gt_var_shape(rest), cut->count * cut->segment);
    gt_var in_time[3] = {rest, gt_reshape(segments, shape), last};
    uint32_t count = cut->last_segment > 0 ? 3 : 2;
    if (!runs_forward(cut)) {
        in_time[0] = in_time[count - 1];
        in_time[count - 1] = rest;
    }
    return gt_concat(in_time, count, shape.rank - 1);
}
