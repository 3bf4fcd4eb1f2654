/*
 * Copies of a step become a loop.
 *
 * A user's own loop records T copies of a cell, and the reverse replay as many of
 * its adjoint. Where T periods of a tape do the same, each with the results of
 * the one before, they are recorded once as a scan; what all other passes do for
 * scans is then done for them. The first step back is often not like the others,
 * since no gradient comes from behind: it stays as it is.
 *
 * Changes no bit: a scan does at each step what the tape did.
 *
 * Needs: a tape as it was recorded.
 * Leaves: a scan for what is repeated at least four times; all else as it was.
 */
#include "plan/loops/roll.h"
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

/* ---- values of repeats, from outside ---------------------------------------------------------- */

static gt_var value_of(gt_copy *copy, uint32_t index);
static bool make_scan(gt_copy *copy, gt_repeat *repeat);

/* Entries [low, low + count) of a sequence. */
static gt_var entries(gt_var sequence, int64_t low, int64_t count)
{
    gt_shape shape = gt_var_shape(sequence);
    int axis = shape.rank - 1;
    bool all = shape.rank > 0 && low == 0 && count == shape.size[axis];
    return all ? sequence : gt_slice(sequence, axis, low, low + count);
}

static gt_shape shape_at(const gt_copy *copy, uint32_t index)
{
    return gt_node_shape(copy->from, gt_tape_node(copy->from, index));
}

/* The values at a position of a repeat at all steps; the repeat may not have been made yet. */
static gt_var stack_of(gt_copy *copy, gt_repeat *repeat, uint32_t position)
{
    return make_scan(copy, repeat) ? gt_scan_stack(repeat->scan, repeat->body[position]) : gt_tape_none(copy->to);
}

/* The link of a state that becomes the value at `position`; NULL: there is none. */
static const gt_repeat_link *state_at(const gt_repeat *repeat, uint32_t position)
{
    for (uint32_t k = 0; k < repeat->link_count; k++)
        if (repeat->links[k].kind == GT_REPEAT_CARRIED && repeat->links[k].position == position)
            return &repeat->links[k];
    return NULL;
}

static gt_var value_at(gt_copy *copy, gt_repeat *repeat, uint32_t step, uint32_t position, gt_shape shape)
{
    if (!make_scan(copy, repeat))
        return gt_tape_none(copy->to);
    const gt_repeat_link *state = state_at(repeat, position);
    if (step == repeat->steps - 1 && state != NULL)
        return gt_scan_final(repeat->scan, repeat->carries[state - repeat->links]);
    return gt_reshape(entries(gt_scan_stack(repeat->scan, repeat->body[position]), gt_repeat_slot(repeat, step), 1),
                      shape);
}

/* A node that a repeat or what is behind it reads; given ones may come later on the tape than the repeat.
 */
static gt_var value_of(gt_copy *copy, uint32_t index)
{
    gt_repeats *repeats = copy->state;
    uint32_t repeat, step, position;
    if (copy->map[index].tape != NULL)
        return copy->map[index];
    if (gt_find_in_repeats(repeats, index, &repeat, &step, &position)) {
        copy->map[index] = value_at(copy, &repeats->repeats[repeat], step, position, shape_at(copy, index));
        return copy->map[index];
    }
    const gt_node *node = gt_tape_node(copy->from, index);
    for (uint32_t k = 0; k < node->input_count; k++)
        value_of(copy, gt_node_inputs(copy->from, node)[k]);
    copy->map[index] = gt_copy_plain(copy, index);
    return copy->map[index];
}

/* ---- a scan -------------------------------------------------------------------------------- */

/* The slice, at the step of the body, of what a link goes through. */
static gt_var slice_of(gt_copy *copy, const gt_repeat *repeat, const gt_repeat_link *link, gt_shape shape)
{
    gt_repeats *repeats = copy->state;
    gt_var sequence;
    if (link->kind == GT_REPEAT_SLICE) {
        sequence = value_of(copy, link->node);
    } else if (link->kind == GT_REPEAT_VALUE) {
        sequence = stack_of(copy, &repeats->repeats[link->repeat], link->position);
    } else {
        gt_repeat *source = &repeats->repeats[link->repeat];
        if (!make_scan(copy, source))
            return gt_tape_none(copy->to);
        uint32_t k = 0;
        while (source->links[k].kind != GT_REPEAT_CARRIED || source->links[k].position != link->position ||
               source->links[k].node != link->node)
            k++;
        sequence = gt_scan_stack(source->scan, source->carries[k]);
    }
    gt_var some = entries(sequence, link->low, repeat->steps);
    const gt_scan *scan = repeat->scan;
    for (size_t k = 0; k < scan->input_count && gt_var_valid(some); k++)
        if (scan->inputs[k].outside == some.index)
            return gt_reshape(gt_tape_at(scan->body, scan->inputs[k].inside), shape);
    return gt_reshape(gt_scan_input(repeat->scan, gt_var_name(some), some), shape);
}

/* Of a state whose new value is a' the name is a. */
static const char *name_before(const gt_copy *copy, uint32_t after, char *name, size_t size)
{
    gt_utf8_format(name, size, "%s", gt_intern_text_at(&copy->from->names, gt_tape_node(copy->from, after)->name));
    size_t length = strlen(name);
    if (length == 0 || name[length - 1] != '\'')
        return "";
    name[length - 1] = '\0';
    return name;
}

/* One state for all links that read it. */
static gt_var carry_of(gt_copy *copy, gt_repeat *repeat, uint32_t number)
{
    const gt_repeat_link *link = &repeat->links[number];
    for (uint32_t k = 0; k < number; k++)
        if (repeat->carries[k].tape != NULL && repeat->links[k].position == link->position &&
            repeat->links[k].node == link->node)
            return repeat->carries[number] = repeat->carries[k];
    /* -0 + x is x, bit for bit. */
    gt_var initial =
        link->node != 0
            ? value_of(copy, link->node)
            : gt_fill(copy->to, shape_at(copy, gt_repeat_node(copy->state, repeat, 1, link->position)), -0.0);
    char name[128];
    uint32_t after = gt_repeat_node(copy->state, repeat, repeat->steps - 1, link->position);
    return repeat->carries[number] = gt_scan_carry(repeat->scan, name_before(copy, after, name, sizeof name), initial);
}

static gt_var operand(gt_copy *copy, gt_repeat *repeat, uint32_t number, gt_shape shape)
{
    const gt_repeat_link *link = &repeat->links[number];
    if (link->kind == GT_REPEAT_INSIDE)
        return repeat->body[link->position];
    if (link->kind == GT_REPEAT_CARRIED)
        return carry_of(copy, repeat, number);
    if (link->kind == GT_REPEAT_INVARIANT)
        return gt_scan_invariant(repeat->scan, value_of(copy, link->node));
    return slice_of(copy, repeat, link, shape);
}

static void record_node(gt_copy *copy, gt_repeat *repeat, uint32_t position)
{
    enum { FEW = 8 };
    gt_var few[FEW];
    uint32_t index = gt_repeat_node(copy->state, repeat, 1, position);
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_var *inputs = node->input_count <= FEW ? few : gt_memory_new(node->input_count, sizeof *inputs);
    if (inputs == NULL) {
        gt_tape_fail_memory(copy->to);
        return;
    }
    for (uint32_t k = 0; k < node->input_count; k++)
        inputs[k] = operand(copy, repeat, repeat->first_link[position] + k,
                            shape_at(copy, gt_node_inputs(copy->from, node)[k]));
    gt_var v =
        gt_apply(node->op, inputs, node->input_count, gt_node_attributes(copy->from, node), node->attribute_count);
    repeat->body[position] = gt_name(v, gt_intern_text_at(&copy->from->names, node->name));
    if (inputs != few)
        gt_memory_free(inputs);
}

/* Once; false if the tape has an error. Scans that it reads are made meanwhile, and end before it.
 */
static bool make_scan(gt_copy *copy, gt_repeat *repeat)
{
    if (repeat->scan != NULL || copy->to->error.status != GT_OK)
        return copy->to->error.status == GT_OK;
    repeat->scan = gt_scan_begin(copy->to, repeat->steps, repeat->direction);
    for (uint32_t position = 0; position < repeat->period && repeat->scan != NULL && copy->to->error.status == GT_OK;
         position++)
        record_node(copy, repeat, position);
    if (repeat->scan == NULL || copy->to->error.status != GT_OK)
        return false;
    for (uint32_t k = 0; k < repeat->link_count; k++) {
        bool again = false;
        for (uint32_t other = 0; other < k && repeat->carries[k].tape != NULL; other++)
            again |= repeat->carries[other].tape != NULL && repeat->carries[other].index == repeat->carries[k].index;
        if (repeat->carries[k].tape != NULL && !again)
            gt_scan_next(repeat->scan, repeat->carries[k], repeat->body[repeat->links[k].position]);
    }
    return gt_scan_end(repeat->scan) == GT_OK;
}

/* ---- concats ------------------------------------------------------------------------------- */

/* How many operands of a concat, from `first` on, are the values at one position of a repeat in the order
 * of its stack. */
static uint32_t pieces_of_stack(const gt_copy *copy, const gt_node *concat, uint32_t first, uint32_t *repeat,
                                uint32_t *position, int64_t *low)
{
    const gt_repeats *repeats = copy->state;
    const uint32_t *inputs = gt_node_inputs(copy->from, concat);
    uint32_t step, count = 1, other_repeat, other_position;
    if (!gt_find_in_repeats(repeats, inputs[first], repeat, &step, position))
        return 0;
    *low = gt_repeat_slot(&repeats->repeats[*repeat], step);
    while (first + count < concat->input_count &&
           gt_find_in_repeats(repeats, inputs[first + count], &other_repeat, &step, &other_position) &&
           other_repeat == *repeat && other_position == *position &&
           gt_repeat_slot(&repeats->repeats[*repeat], step) == *low + count)
        count++;
    return count;
}

/* Values at all steps that are joined along a new last axis are a stack. */
static gt_var join_stacks(gt_copy *copy, uint32_t index)
{
    gt_repeats *repeats = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    int64_t axis = gt_node_attributes(copy->from, node)[0];
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    gt_var *pieces = gt_memory_new(node->input_count, sizeof *pieces);
    uint32_t count = 0, repeat = 0, position = 0;
    int64_t low = 0;
    if (pieces == NULL) {
        gt_tape_fail_memory(copy->to);
        return gt_tape_none(copy->to);
    }
    for (uint32_t k = 0; k < node->input_count;) {
        uint32_t stacked =
            shape_at(copy, inputs[k]).rank == axis ? pieces_of_stack(copy, node, k, &repeat, &position, &low) : 0;
        pieces[count++] = stacked > 1 ? entries(stack_of(copy, &repeats->repeats[repeat], position), low, stacked)
                                      : value_of(copy, inputs[k]);
        k += stacked > 1 ? stacked : 1;
    }
    /* One piece is the whole, but for a stack of one value, which has an axis more. */
    bool whole = count == 1 && gt_shape_same(gt_var_shape(pieces[0]), shape_at(copy, index));
    gt_var v = whole ? pieces[0] : gt_concat(pieces, count, (int)axis);
    gt_memory_free(pieces);
    return whole ? v : gt_name(v, gt_intern_text_at(&copy->from->names, node->name));
}

/* ---- the pass ------------------------------------------------------------------------------ */

/* Nodes of repeats are recorded when somebody else reads them. */
static void want_what_is_read(gt_copy *copy)
{
    const gt_repeats *repeats = copy->state;
    for (uint32_t k = 0; k < repeats->count; k++)
        copy->wanted[repeats->list[k]] &= repeats->repeat_of[k] == 0;
    for (uint32_t i = 0; i < copy->output_count; i++)
        copy->wanted[copy->outputs[i].index] = 1;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        for (uint32_t k = 0; k < node->input_count && copy->wanted[i] && node->op->op_class == GT_CLASS_SCAN; k++)
            copy->wanted[gt_node_inputs(copy->from, node)[k]] = 1;
    }
}

static bool roll_open(gt_copy *copy)
{
    if (copy->around != NULL)
        return true;
    gt_repeats *repeats = gt_memory_new(1, sizeof *repeats);
    copy->state = repeats;
    if (repeats == NULL || !gt_find_repeats(copy, repeats))
        return false;
    want_what_is_read(copy);
    return true;
}

static void roll_close(gt_copy *copy)
{
    gt_free_repeats(copy->state);
    gt_memory_free(copy->state);
}

static gt_var roll_node(gt_copy *copy, uint32_t index)
{
    const gt_repeats *repeats = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    if (repeats == NULL || repeats->repeat_count == 0)
        return GT_NONE;
    if (node->op == &gt_op_concat)
        return join_stacks(copy, index);
    return value_of(copy, index);
}

const gt_rewrite gt_pass_roll = {.open = roll_open, .close = roll_close, .node = roll_node};
