/* What a reverse rule sees of the replay that calls it. */
#include "graph/reverse.h"

#include "graph/tape.h"

gt_var gt_replay_adjoint(const gt_replay *replay, uint32_t index)
{
    uint32_t node = index <= replay->limit ? replay->adjoint[index] : 0;
    return node == 0 || node == GT_REPLAY_REACHED ? GT_NONE : gt_tape_at(replay->target, node);
}

gt_var gt_replay_primal(gt_replay *replay, uint32_t index)
{
    return replay->primal == NULL ? gt_tape_at(replay->target, index) : replay->primal(replay->context, index);
}

/* ---- the node whose rule runs ------------------------------------------------------------- */

static const gt_node *rule_node(const gt_reverse *r)
{
    return gt_tape_node(r->replay->source, r->node);
}

gt_tape *gt_reverse_tape(gt_reverse *r)
{
    return r->replay->target;
}

gt_var gt_reverse_input(gt_reverse *r, uint32_t slot)
{
    if (slot >= rule_node(r)->input_count)
        return gt_tape_none(r->replay->target);
    return gt_replay_primal(r->replay, gt_node_inputs(r->replay->source, rule_node(r))[slot]);
}

gt_var gt_reverse_output(gt_reverse *r)
{
    return gt_replay_primal(r->replay, r->node);
}

gt_var gt_reverse_cotangent(gt_reverse *r)
{
    return gt_replay_adjoint(r->replay, r->node);
}

uint32_t gt_reverse_input_count(const gt_reverse *r)
{
    return rule_node(r)->input_count;
}

gt_shape gt_reverse_input_shape(const gt_reverse *r, uint32_t slot)
{
    if (slot >= rule_node(r)->input_count)
        return (gt_shape){-1, {1, 1, 1, 1}};
    uint32_t input = gt_node_inputs(r->replay->source, rule_node(r))[slot];
    return gt_node_shape(r->replay->source, gt_tape_node(r->replay->source, input));
}

int64_t gt_reverse_attribute(const gt_reverse *r, uint32_t place)
{
    return gt_var_attribute(gt_tape_at(r->replay->source, r->node), place);
}

/* ---- parts --------------------------------------------------------------------------------- */

uint32_t gt_reverse_part_count(const gt_reverse *r)
{
    uint32_t count = 0;
    for (uint32_t part = r->replay->chain[r->node]; part != 0; part = r->replay->chain[part])
        count++;
    return count;
}

/* The source node of the i-th part; walks on from where the last call ended. */
static uint32_t part_node(gt_reverse *r, uint32_t i)
{
    if (r->part_node == 0 || i < r->part_place) {
        r->part_place = 0;
        r->part_node = r->replay->chain[r->node];
    }
    for (; r->part_place < i && r->part_node != 0; r->part_place++)
        r->part_node = r->replay->chain[r->part_node];
    return r->part_node;
}

gt_var gt_reverse_part_cotangent(gt_reverse *r, uint32_t i)
{
    return gt_replay_adjoint(r->replay, part_node(r, i));
}

int64_t gt_reverse_part_attribute(gt_reverse *r, uint32_t i, uint32_t place)
{
    return gt_var_attribute(gt_tape_at(r->replay->source, part_node(r, i)), place);
}

const gt_op *gt_reverse_part_op(gt_reverse *r, uint32_t i)
{
    return gt_var_op(gt_tape_at(r->replay->source, part_node(r, i)));
}
