#include "check/frozen.h"

#include "base/memory.h"
#include "graph/tape.h"
#include "ops/descriptors.h"

#include <string.h>

/* Loops within loops are looked into as well: at most one level for each enclosing tape. */
static bool body_has_stop(gt_scan *scan, int depth)
{
    gt_tape *body = gt_scan_body(scan);
    for (uint32_t i = 0; i < gt_tape_node_count(body); i++) {
        gt_var v = gt_tape_var(body, i);
        gt_scan *inner = gt_var_op(v)->op_class == GT_CLASS_SCAN ? gt_var_scan(v) : NULL;
        if (gt_var_op(v) == &gt_op_stop_gradient || (inner != NULL && depth < 64 && body_has_stop(inner, depth + 1)))
            return true;
    }
    return false;
}

static gt_status freeze(gt_frozen *z, gt_forward *forward, gt_var v, gt_error *error)
{
    size_t count = (size_t)gt_shape_count(gt_var_shape(v));
    double *value = gt_memory_new(count, sizeof *value);
    if (value == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for values that are held");
    memcpy(value, gt_interpreter_value(forward->run, v), count * sizeof *value);
    z->nodes[z->count] = v;
    z->values[z->count++] = value;
    return GT_OK;
}

gt_status gt_frozen_begin(gt_frozen *z, gt_forward *forward, gt_error *error)
{
    gt_tape *tape = forward->outputs[0].tape;
    uint32_t count = gt_tape_node_count(tape), stops = 0;
    *z = (gt_frozen){0};
    for (uint32_t i = 0; i < count; i++) {
        gt_var v = gt_tape_var(tape, i);
        stops += gt_var_op(v) == &gt_op_stop_gradient;
        if (gt_var_op(v)->op_class == GT_CLASS_SCAN && gt_var_scan(v) != NULL)
            z->in_loop = z->in_loop || body_has_stop(gt_var_scan(v), 0);
    }
    if (stops == 0)
        return GT_OK;
    z->nodes = gt_memory_new(stops, sizeof *z->nodes);
    z->values = gt_memory_new(stops, sizeof *z->values);
    if (z->nodes == NULL || z->values == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for values that are held");
    gt_status status = gt_interpreter_evaluate(forward->run, forward->outputs, forward->output_count);
    if (status != GT_OK)
        return gt_error_set(error, status, "check: %s", gt_interpreter_message(forward->run));
    for (uint32_t i = 0; i < count && status == GT_OK; i++) {
        gt_var v = gt_tape_var(tape, i);
        if (gt_var_op(v) == &gt_op_stop_gradient && gt_interpreter_value(forward->run, v) != NULL)
            status = freeze(z, forward, v, error);
    }
    for (uint32_t i = 0; i < z->count && status == GT_OK; i++) {
        gt_node *node = &z->nodes[i].tape->nodes[z->nodes[i].index - 1];
        node->op = &gt_op_input;
        node->role = GT_ROLE_INPUT;
        node->input_count = 0;
        status = gt_forward_bind(forward, z->nodes[i], z->values[i], error);
    }
    return status;
}

void gt_frozen_end(gt_frozen *z)
{
    for (uint32_t i = 0; i < z->count; i++) {
        gt_node *node = &z->nodes[i].tape->nodes[z->nodes[i].index - 1];
        node->op = &gt_op_stop_gradient;
        node->role = GT_ROLE_NONE;
        node->input_count = 1;
        gt_memory_free(z->values[i]);
    }
    gt_memory_free(z->nodes);
    gt_memory_free(z->values);
    *z = (gt_frozen){0};
}
