#include "diagnose/slip_nodes.h"

#include "graph/tape.h"
#include "ops/rule.h"

#include <string.h>

gt_var gt_slip_at(const gt_step_replay *s, uint32_t node)
{
    return gt_tape_at(s->forward, node);
}

bool gt_slip_is_op(const gt_step_replay *s, uint32_t node, const char *name)
{
    return node != 0 && strcmp(gt_var_op(gt_slip_at(s, node))->name, name) == 0;
}

bool gt_slip_is_activation(const gt_step_replay *s, uint32_t node)
{
    gt_var v = gt_slip_at(s, node);
    return gt_var_input_count(v) == 1 && gt_var_op(v)->op_class == GT_CLASS_ELEMENTWISE &&
           gt_var_op(v)->reverse != NULL && !gt_slip_is_op(s, node, "neg");
}

bool gt_slip_is_gate(const gt_step_replay *s, uint32_t node)
{
    return gt_slip_is_op(s, node, "sigmoid") || gt_slip_is_op(s, node, "tanh");
}

bool gt_slip_is_product(const gt_step_replay *s, uint32_t node)
{
    gt_var v = gt_slip_at(s, node);
    return gt_slip_is_op(s, node, "matmul") && gt_var_attribute(v, 0) == 0 && gt_var_attribute(v, 1) == 0;
}

uint32_t gt_slip_concat_of(const gt_step_replay *s, uint32_t node)
{
    gt_var v = gt_slip_is_product(s, node) ? gt_var_input(gt_slip_at(s, node), 1) : GT_NONE;
    bool rows = gt_var_valid(v) && strcmp(gt_var_op(v)->name, "concat") == 0 && gt_var_attribute(v, 0) == 0;
    return rows ? v.index : 0;
}

int64_t gt_slip_state_of(const gt_step_replay *s, uint32_t node, bool new_one)
{
    for (uint32_t i = 0; i < s->evidence->cell->state_count; i++)
        if ((new_one ? s->next_states[i] : s->states[i]).index == node)
            return i;
    return -1;
}

bool gt_slip_is_complement(const gt_step_replay *s, uint32_t node)
{
    if (!gt_slip_is_op(s, node, "sub"))
        return false;
    gt_var one = gt_var_input(gt_slip_at(s, node), 0);
    return gt_slip_is_op(s, one.index, "fill") && gt_unpack_double(gt_var_attribute(one, GT_SHAPE_ATTRIBUTES)) == 1;
}
