/* Random loops of a user's own: the body of a random scan, recorded step by step. */
#include "support/random_tape.h"

#include "graph/scan.h"
#include "graph/tape.h"
#include "ops/rule.h"

#include <stdlib.h>

typedef struct loop {
    random_level *level;
    const gt_scan *scan;
    gt_var *slices; /* [input * steps + slot] */
    gt_var *now;    /* of the step that is being recorded: the var of each body node */
    gt_var *values; /* [slot * (nodes + 1) + node] */
} loop;

static size_t nodes_of(const loop *l)
{
    return l->scan->body->node_count;
}

static bool can_be_unrolled(const gt_scan *scan)
{
    for (uint32_t i = 1; i <= scan->body->node_count; i++) {
        const gt_node *node = gt_tape_node(scan->body, i);
        if (node->op->op_class == GT_CLASS_SCAN || (node->input_count == 0 && node->role == GT_ROLE_NONE))
            return false;
    }
    return true;
}

static void *zeros(size_t count, size_t size)
{
    void *list = calloc(count == 0 ? 1 : count, size);
    if (list == NULL)
        abort();
    return list;
}

/* As gt_unstack gives it, or now and then as a slice. */
static void take_slices(loop *l)
{
    uint32_t steps = (uint32_t)l->scan->steps;
    for (size_t k = 0; k < l->scan->input_count; k++) {
        gt_var sequence = gt_tape_at(l->scan->outer, l->scan->inputs[k].outside), *slices = l->slices + k * steps;
        gt_shape shape = gt_var_shape(sequence), step = shape;
        step.size[--step.rank] = 1;
        if (random_chance(l->level->r, 0.8)) {
            gt_unstack(sequence, slices, steps);
            continue;
        }
        for (uint32_t slot = 0; slot < steps; slot++)
            slices[slot] = gt_reshape(gt_slice(sequence, step.rank, slot, slot + 1), step);
    }
}

static void record_node(loop *l, uint32_t index)
{
    enum { MOST_INPUTS = 16 };
    const gt_tape *body = l->scan->body;
    const gt_node *node = gt_tape_node(body, index);
    gt_var inputs[MOST_INPUTS];
    if (node->input_count == 0 || node->input_count > MOST_INPUTS)
        return; /* what enters is there; more operands than random_op gives do not occur */
    for (uint32_t k = 0; k < node->input_count; k++)
        inputs[k] = l->now[gt_node_inputs(body, node)[k]];
    l->now[index] =
        gt_apply(node->op, inputs, node->input_count, gt_node_attributes(body, node), node->attribute_count);
}

static void record_step(loop *l, uint32_t slot)
{
    const gt_scan *scan = l->scan;
    for (size_t k = 0; k < scan->input_count; k++)
        l->now[scan->inputs[k].inside] = l->slices[k * (size_t)scan->steps + slot];
    for (uint32_t i = 1; i <= nodes_of(l); i++)
        record_node(l, i);
    for (size_t i = 1; i <= nodes_of(l); i++)
        l->values[slot * (nodes_of(l) + 1) + i] = l->now[i];
    gt_var next[8];
    for (size_t k = 0; k < scan->carry_count; k++)
        next[k] = l->now[scan->carries[k].after];
    for (size_t k = 0; k < scan->carry_count; k++)
        l->now[scan->carries[k].before] = next[k];
}

static void record_steps(loop *l)
{
    const gt_scan *scan = l->scan;
    for (size_t k = 0; k < scan->invariant_count; k++)
        l->now[scan->invariants[k].inside] = gt_tape_at(scan->outer, scan->invariants[k].outside);
    for (size_t k = 0; k < scan->carry_count; k++)
        l->now[scan->carries[k].before] = gt_tape_at(scan->outer, scan->carries[k].initial);
    for (uint32_t t = 0; t < scan->steps; t++)
        record_step(l, scan->direction == GT_FORWARD ? t : (uint32_t)scan->steps - 1 - t);
}

/* All its values, some of them, or one. */
static void read_node(loop *l, uint32_t index, double bound)
{
    enum { MOST_STEPS = 16 };
    random_tape *r = l->level->r;
    gt_var list[MOST_STEPS];
    uint32_t count = 0, first = random_chance(r, 0.7) ? 0 : random_pick(r, (uint32_t)l->scan->steps);
    for (uint32_t slot = first; slot < l->scan->steps && count < MOST_STEPS; slot++)
        list[count++] = l->values[slot * (nodes_of(l) + 1) + index];
    if (random_chance(r, 0.2))
        count = 1;
    gt_shape shape = gt_var_shape(list[0]);
    bool room = shape.rank < GT_MAX_RANK;
    if (room)
        shape.size[shape.rank++] = count;
    if (room && random_fits(l->level, shape))
        random_push(l->level, (random_value){gt_stack(list, count), bound});
    else
        random_push(l->level, (random_value){list[0], bound});
}

static void read_values(loop *l, const random_level *body)
{
    random_tape *r = l->level->r;
    for (size_t k = 0; k < l->scan->carry_count; k++)
        if (random_chance(r, 0.5))
            random_push(l->level, (random_value){l->now[l->scan->carries[k].before], 4});
    uint32_t stacks = 1 + random_pick(r, 4);
    for (uint32_t k = 0; k < stacks && body->count > 0; k++) {
        random_value value = body->values[random_pick(r, body->count)];
        if (value.v.tape == l->scan->body)
            read_node(l, value.v.index, value.bound + 2);
    }
}

bool random_loop(random_level *level, const random_level *body)
{
    const gt_scan *scan = body->scan;
    if (level->r->tape->error.status != GT_OK || !can_be_unrolled(scan))
        return false;
    size_t nodes = scan->body->node_count + 1, steps = (size_t)scan->steps;
    loop l = {.level = level,
              .scan = scan,
              .slices = zeros(scan->input_count * steps, sizeof(gt_var)),
              .now = zeros(nodes, sizeof(gt_var)),
              .values = zeros(nodes * steps, sizeof(gt_var))};
    take_slices(&l);
    record_steps(&l);
    read_values(&l, body);
    free(l.slices);
    free(l.now);
    free(l.values);
    return true;
}
