#include "grad/replay.h"

#include "base/memory.h"
#include "base/types.h"
#include "gradtape/ops.h"

static void link_chains(gt_replay *replay)
{
    /* Backward, so that each chain is in the order of recording. */
    for (uint32_t i = replay->limit; i >= 1; i--) {
        const gt_node *node = gt_tape_node(replay->source, i);
        if (node->op->op_class != GT_CLASS_PART)
            continue;
        uint32_t tuple = gt_node_inputs(replay->source, node)[0];
        replay->chain[i] = replay->chain[tuple];
        replay->chain[tuple] = i;
    }
}

bool gt_replay_open(gt_replay *replay, gt_tape *source, gt_tape *target, uint32_t limit)
{
    size_t count = (size_t)limit + 1;
    *replay = (gt_replay){.source = source, .target = target, .limit = limit};
    replay->adjoint = gt_memory_new(count, sizeof *replay->adjoint);
    replay->needed = gt_memory_new(count, sizeof *replay->needed);
    replay->chain = gt_memory_new(count, sizeof *replay->chain);
    if (replay->adjoint == NULL || replay->needed == NULL || replay->chain == NULL) {
        gt_replay_close(replay);
        gt_tape_fail_memory(target);
        return false;
    }
    link_chains(replay);
    return true;
}

void gt_replay_close(gt_replay *replay)
{
    gt_memory_free(replay->adjoint);
    gt_memory_free(replay->needed);
    gt_memory_free(replay->chain);
    replay->adjoint = NULL;
    replay->needed = NULL;
    replay->chain = NULL;
}

void gt_replay_mark_needed(const gt_tape *tape, uint32_t limit, uint8_t *needed)
{
    for (uint32_t i = 1; i <= limit; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        bool passes = node->op->reverse != NULL || node->op->op_class == GT_CLASS_PART;
        if (needed[i] || !passes || !gt_type_is_real((gt_dtype)node->dtype))
            continue;
        const uint32_t *inputs = gt_node_inputs(tape, node);
        for (uint32_t k = 0; k < node->input_count && !needed[i]; k++)
            needed[i] = needed[inputs[k]];
    }
}

/* ---- adjoints ------------------------------------------------------------------------------ */

void gt_replay_add(gt_replay *replay, uint32_t index, gt_var contribution)
{
    gt_tape *target = replay->target;
    if (target->error.status != GT_OK || !gt_var_valid(contribution))
        return;
    if (contribution.tape != target) {
        gt_tape_fail(target, GT_ERROR_TAPE, "a reverse rule returned a var of another tape");
        return;
    }
    /* The adjoint of broadcasting, for all ops, here. */
    gt_shape shape = gt_node_shape(replay->source, gt_tape_node(replay->source, index));
    gt_shape given = gt_node_shape(target, gt_tape_node(target, contribution.index));
    bool fits = given.rank == shape.rank && gt_shape_equal(given, shape);
    gt_var part = fits ? contribution : gt_sum_to(contribution, shape);
    uint32_t sum = replay->adjoint[index];
    if (sum != 0)
        part = gt_add(gt_tape_at(target, sum), part);
    if (gt_var_valid(part))
        replay->adjoint[index] = part.index;
}

/* ---- the walk ------------------------------------------------------------------------------ */

/* Nodes recorded by the rule of `index` belong to its step and scope, and remember it. */
static void enter_place(gt_replay *replay, uint32_t index, int32_t slot)
{
    gt_tape *target = replay->target;
    const gt_node *node = gt_tape_node(replay->source, index);
    uint32_t scope = node->scope;
    if (replay->source != target &&
        !gt_intern_text(&target->names, gt_intern_text_at(&replay->source->names, scope), &scope))
        gt_tape_fail_memory(target);
    target->place = (gt_place){scope, node->step, index, slot};
}

static void apply_rule(gt_replay *replay, uint32_t index)
{
    gt_reverse r = {.replay = replay, .node = index};
    const gt_op *op = gt_tape_node(replay->source, index)->op;
    if (op->op_class == GT_CLASS_SCAN) {
        /* One rule for all slots: it adds the contributions itself. */
        enter_place(replay, index, -1);
        op->reverse(&r, 0);
        return;
    }
    uint32_t count = gt_reverse_input_count(&r);
    for (uint32_t slot = 0; slot < count; slot++) {
        /* Looked up anew: recording moves the arrays when both tapes are one. */
        uint32_t input = gt_node_inputs(replay->source, gt_tape_node(replay->source, index))[slot];
        if (!replay->needed[input])
            continue;
        enter_place(replay, index, (int32_t)slot);
        gt_replay_add(replay, input, op->reverse(&r, slot));
    }
}

void gt_replay_run(gt_replay *replay)
{
    gt_place place = replay->target->place;
    for (uint32_t i = replay->limit; i >= 1 && replay->target->error.status == GT_OK; i--) {
        if (replay->adjoint[i] == 0 || !replay->needed[i])
            continue;
        const gt_node *node = gt_tape_node(replay->source, i);
        if (node->op->op_class == GT_CLASS_PART)
            replay->adjoint[gt_node_inputs(replay->source, node)[0]] = GT_REPLAY_REACHED;
        else if (node->op->reverse != NULL)
            apply_rule(replay, i);
    }
    replay->target->place = place;
}
