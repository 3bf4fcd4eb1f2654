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
 */
#include "plan/loops/roll.h"
#include "plan/rewrite/passes.h"

#include "base/memory.h"
#include "gradtape/utf8.h"
#include "ops/descriptors.h"
#include "ops/rule.h"

#include <string.h>

/* ---- values of runs, from outside ---------------------------------------------------------- */

static gt_var value_of(gt_copy *copy, uint32_t index);
static bool make_scan(gt_copy *copy, gt_run *run);

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

/* The values at a place of a run at all steps; the run may not have been made yet. */
static gt_var stack_of(gt_copy *copy, gt_run *run, uint32_t place)
{
    return make_scan(copy, run) ? gt_scan_stack(run->scan, run->body[place])
                                : gt_tape_none(copy->to);
}

/* The link of a state that becomes the value at `place`; NULL: there is none. */
static const gt_run_link *state_at(const gt_run *run, uint32_t place)
{
    for (uint32_t k = 0; k < run->link_count; k++)
        if (run->links[k].kind == GT_RUN_CARRIED && run->links[k].place == place)
            return &run->links[k];
    return NULL;
}

static gt_var value_at(gt_copy *copy, gt_run *run, uint32_t step, uint32_t place, gt_shape shape)
{
    if (!make_scan(copy, run))
        return gt_tape_none(copy->to);
    const gt_run_link *state = state_at(run, place);
    if (step == run->steps - 1 && state != NULL)
        return gt_scan_final(run->scan, run->carries[state - run->links]);
    return gt_reshape(entries(gt_scan_stack(run->scan, run->body[place]), gt_run_slot(run, step), 1), shape);
}

/* A node that a run or what is behind it reads; given ones may come later on the tape than the run.
 */
static gt_var value_of(gt_copy *copy, uint32_t index)
{
    gt_runs *runs = copy->state;
    uint32_t run, step, place;
    if (copy->map[index].tape != NULL)
        return copy->map[index];
    if (gt_find_in_runs(runs, index, &run, &step, &place)) {
        copy->map[index] = value_at(copy, &runs->runs[run], step, place, shape_at(copy, index));
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
static gt_var slice_of(gt_copy *copy, const gt_run *run, const gt_run_link *link, gt_shape shape)
{
    gt_runs *runs = copy->state;
    gt_var sequence;
    if (link->kind == GT_RUN_SLICE) {
        sequence = value_of(copy, link->node);
    } else if (link->kind == GT_RUN_VALUE) {
        sequence = stack_of(copy, &runs->runs[link->run], link->place);
    } else {
        gt_run *source = &runs->runs[link->run];
        if (!make_scan(copy, source))
            return gt_tape_none(copy->to);
        uint32_t k = 0;
        while (source->links[k].kind != GT_RUN_CARRIED || source->links[k].place != link->place ||
               source->links[k].node != link->node)
            k++;
        sequence = gt_scan_stack(source->scan, source->carries[k]);
    }
    gt_var some = entries(sequence, link->low, run->steps);
    const gt_scan *scan = run->scan;
    for (size_t k = 0; k < scan->input_count && gt_var_valid(some); k++)
        if (scan->inputs[k].outside == some.index)
            return gt_reshape(gt_tape_at(scan->body, scan->inputs[k].inside), shape);
    return gt_reshape(gt_scan_input(run->scan, gt_var_name(some), some), shape);
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
static gt_var carry_of(gt_copy *copy, gt_run *run, uint32_t number)
{
    const gt_run_link *link = &run->links[number];
    for (uint32_t k = 0; k < number; k++)
        if (run->carries[k].tape != NULL && run->links[k].place == link->place &&
            run->links[k].node == link->node)
            return run->carries[number] = run->carries[k];
    /* -0 + x is x, bit for bit. */
    gt_var initial =
        link->node != 0
            ? value_of(copy, link->node)
            : gt_fill(copy->to, shape_at(copy, gt_run_node(copy->state, run, 1, link->place)),
                      -0.0);
    char name[128];
    uint32_t after = gt_run_node(copy->state, run, run->steps - 1, link->place);
    return run->carries[number] =
               gt_scan_carry(run->scan, name_before(copy, after, name, sizeof name), initial);
}

static gt_var operand(gt_copy *copy, gt_run *run, uint32_t number, gt_shape shape)
{
    const gt_run_link *link = &run->links[number];
    if (link->kind == GT_RUN_INSIDE)
        return run->body[link->place];
    if (link->kind == GT_RUN_CARRIED)
        return carry_of(copy, run, number);
    if (link->kind == GT_RUN_INVARIANT)
        return gt_scan_invariant(run->scan, value_of(copy, link->node));
    return slice_of(copy, run, link, shape);
}

static void record_node(gt_copy *copy, gt_run *run, uint32_t place)
{
    enum { FEW = 8 };
    gt_var few[FEW];
    uint32_t index = gt_run_node(copy->state, run, 1, place);
    const gt_node *node = gt_tape_node(copy->from, index);
    gt_var *inputs =
        node->input_count <= FEW ? few : gt_memory_new(node->input_count, sizeof *inputs);
    if (inputs == NULL) {
        gt_tape_fail_memory(copy->to);
        return;
    }
    for (uint32_t k = 0; k < node->input_count; k++)
        inputs[k] = operand(copy, run, run->first_link[place] + k,
                            shape_at(copy, gt_node_inputs(copy->from, node)[k]));
    gt_var v = gt_apply(node->op, inputs, node->input_count, gt_node_attributes(copy->from, node),
                        node->attribute_count);
    run->body[place] = gt_name(v, gt_intern_text_at(&copy->from->names, node->name));
    if (inputs != few)
        gt_memory_free(inputs);
}

/* Once; false if the tape has an error. Scans that it reads are made meanwhile, and end before it.
 */
static bool make_scan(gt_copy *copy, gt_run *run)
{
    if (run->scan != NULL || copy->to->error.status != GT_OK)
        return copy->to->error.status == GT_OK;
    run->scan = gt_scan_begin(copy->to, run->steps, run->direction);
    for (uint32_t place = 0;
         place < run->period && run->scan != NULL && copy->to->error.status == GT_OK; place++)
        record_node(copy, run, place);
    if (run->scan == NULL || copy->to->error.status != GT_OK)
        return false;
    for (uint32_t k = 0; k < run->link_count; k++) {
        bool again = false;
        for (uint32_t other = 0; other < k && run->carries[k].tape != NULL; other++)
            again |= run->carries[other].tape != NULL &&
                     run->carries[other].index == run->carries[k].index;
        if (run->carries[k].tape != NULL && !again)
            gt_scan_next(run->scan, run->carries[k], run->body[run->links[k].place]);
    }
    return gt_scan_end(run->scan) == GT_OK;
}

/* ---- concats ------------------------------------------------------------------------------- */

/* How many operands of a concat, from `first` on, are the values at one place of a run in the order
 * of its stack. */
static uint32_t pieces_of_stack(const gt_copy *copy, const gt_node *concat, uint32_t first,
                                uint32_t *run, uint32_t *place, int64_t *low)
{
    const gt_runs *runs = copy->state;
    const uint32_t *inputs = gt_node_inputs(copy->from, concat);
    uint32_t step, count = 1, other_run, other_place;
    if (!gt_find_in_runs(runs, inputs[first], run, &step, place))
        return 0;
    *low = gt_run_slot(&runs->runs[*run], step);
    while (first + count < concat->input_count &&
           gt_find_in_runs(runs, inputs[first + count], &other_run, &step, &other_place) &&
           other_run == *run && other_place == *place &&
           gt_run_slot(&runs->runs[*run], step) == *low + count)
        count++;
    return count;
}

/* Values at all steps that are joined along a new last axis are a stack. */
static gt_var join_stacks(gt_copy *copy, uint32_t index)
{
    gt_runs *runs = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    int64_t axis = gt_node_attributes(copy->from, node)[0];
    const uint32_t *inputs = gt_node_inputs(copy->from, node);
    gt_var *pieces = gt_memory_new(node->input_count, sizeof *pieces);
    uint32_t count = 0, run = 0, place = 0;
    int64_t low = 0;
    if (pieces == NULL) {
        gt_tape_fail_memory(copy->to);
        return gt_tape_none(copy->to);
    }
    for (uint32_t k = 0; k < node->input_count;) {
        uint32_t stacked = shape_at(copy, inputs[k]).rank == axis
                               ? pieces_of_stack(copy, node, k, &run, &place, &low)
                               : 0;
        pieces[count++] = stacked > 1
                              ? entries(stack_of(copy, &runs->runs[run], place), low, stacked)
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

/* Nodes of runs are recorded when somebody else reads them. */
static void want_what_is_read(gt_copy *copy)
{
    const gt_runs *runs = copy->state;
    for (uint32_t k = 0; k < runs->count; k++)
        copy->wanted[runs->list[k]] &= runs->run_of[k] == 0;
    for (uint32_t i = 0; i < copy->output_count; i++)
        copy->wanted[copy->outputs[i].index] = 1;
    for (uint32_t i = 1; i <= copy->count; i++) {
        const gt_node *node = gt_tape_node(copy->from, i);
        for (uint32_t k = 0;
             k < node->input_count && copy->wanted[i] && node->op->op_class == GT_CLASS_SCAN; k++)
            copy->wanted[gt_node_inputs(copy->from, node)[k]] = 1;
    }
}

static bool roll_open(gt_copy *copy)
{
    if (copy->around != NULL)
        return true;
    gt_runs *runs = gt_memory_new(1, sizeof *runs);
    copy->state = runs;
    if (runs == NULL || !gt_find_runs(copy, runs))
        return false;
    want_what_is_read(copy);
    return true;
}

static void roll_close(gt_copy *copy)
{
    gt_free_runs(copy->state);
    gt_memory_free(copy->state);
}

static gt_var roll_node(gt_copy *copy, uint32_t index)
{
    const gt_runs *runs = copy->state;
    const gt_node *node = gt_tape_node(copy->from, index);
    if (runs == NULL || runs->run_count == 0)
        return GT_NONE;
    if (node->op == &gt_op_concat)
        return join_stacks(copy, index);
    return value_of(copy, index);
}

const gt_rewrite gt_pass_roll = {.open = roll_open, .close = roll_close, .node = roll_node};
