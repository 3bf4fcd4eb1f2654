#include "scan/residual.h"

#include "base/memory.h"
#include "graph/scan.h"

#include <string.h>

enum { STACKED = 0, STATE, SCANNED, INVARIANT, RECOMPUTED };

/* ---- how each node is seen ----------------------------------------------------------------- */

static void mark_links(gt_residuals *r)
{
    const gt_scan *scan = r->scan;
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        r->how[scan->carries[k].before] = STATE;
        r->link[scan->carries[k].before] = k;
    }
    for (uint32_t k = 0; k < scan->input_count; k++) {
        r->how[scan->inputs[k].inside] = SCANNED;
        r->link[scan->inputs[k].inside] = k;
    }
    for (uint32_t k = 0; k < scan->invariant_count; k++) {
        r->how[scan->invariants[k].inside] = INVARIANT;
        r->link[scan->invariants[k].inside] = k;
    }
}

/* Computed again: what does not change from step to step, and views of what is there anyway. */
static void mark_recomputed(gt_residuals *r, const uint8_t *varies)
{
    const gt_tape *body = r->scan->body;
    for (uint32_t i = 1; i <= r->limit; i++) {
        const gt_node *node = gt_tape_node(body, i);
        gt_op_class op_class = node->op->op_class;
        if (r->how[i] != STACKED || op_class == GT_CLASS_PART || gt_class_is_tuple(op_class))
            continue;
        bool free = true;
        for (uint32_t k = 0; k < node->input_count; k++)
            free = free && r->how[gt_node_inputs(body, node)[k]] != STACKED;
        if (free && (!varies[i] || op_class == GT_CLASS_VIEW))
            r->how[i] = RECOMPUTED;
    }
}

static void mark_varying(const gt_residuals *r, uint8_t *varies)
{
    const gt_tape *body = r->scan->body;
    for (uint32_t i = 1; i <= r->limit; i++) {
        const gt_node *node = gt_tape_node(body, i);
        varies[i] = r->how[i] == STATE || r->how[i] == SCANNED;
        for (uint32_t k = 0; k < node->input_count; k++)
            varies[i] |= varies[gt_node_inputs(body, node)[k]];
    }
}

bool gt_residuals_open(gt_residuals *r, gt_scan *scan, gt_scan *back, gt_replay *outer, uint32_t scan_node)
{
    size_t count = scan->body->node_count + 1;
    *r = (gt_residuals){.scan = scan, .back = back, .outer = outer, .scan_node = scan_node};
    r->limit = (uint32_t)scan->body->node_count;
    r->how = gt_memory_new(count, sizeof *r->how);
    r->link = gt_memory_new(count, sizeof *r->link);
    r->primal = gt_memory_new(count, sizeof *r->primal);
    r->primal_capacity = count;
    uint8_t *varies = gt_memory_new(count, sizeof *varies);
    bool open = r->how != NULL && r->link != NULL && r->primal != NULL && varies != NULL;
    if (open) {
        mark_links(r);
        mark_varying(r, varies);
        mark_recomputed(r, varies);
    } else {
        gt_residuals_close(r);
    }
    gt_memory_free(varies);
    return open;
}

void gt_residuals_close(gt_residuals *r)
{
    gt_memory_free(r->how);
    gt_memory_free(r->link);
    gt_memory_free(r->primal);
    gt_memory_free(r->pending);
    *r = (gt_residuals){0};
}

/* ---- bringing a value in ------------------------------------------------------------------- */

/* A node of the forward tape that holds the scan, as a var of the tape that holds the reverse scan. */
static gt_var outer_primal(gt_residuals *r, uint32_t index)
{
    return gt_replay_primal(r->outer, index);
}

static gt_var bring_in(gt_residuals *r, uint32_t index)
{
    const gt_scan *scan = r->scan;
    gt_var v = gt_tape_at(scan->body, index);
    int how = index <= r->limit ? r->how[index] : STACKED;
    if (how == INVARIANT) {
        gt_var inside = gt_scan_invariant(r->back, outer_primal(r, scan->invariants[r->link[index]].outside));
        return gt_var_name(inside)[0] == '\0' ? gt_name(inside, gt_var_name(v)) : inside;
    }
    if (how == SCANNED)
        return gt_scan_input(r->back, gt_var_name(v), outer_primal(r, scan->inputs[r->link[index]].outside));
    gt_var stack = gt_scan_stack(r->scan, v);
    if (!gt_var_valid(stack)) {
        gt_tape_fail(r->back->body, gt_tape_status(scan->outer), "%s", gt_tape_message(scan->outer));
        return gt_tape_none(r->back->body);
    }
    return gt_scan_input(r->back, gt_var_name(v), outer_primal(r, stack.index));
}

static bool keep(gt_residuals *r, uint32_t index, gt_var v)
{
    size_t old = r->primal_capacity;
    if (!GT_RESERVE(r->primal, r->primal_capacity, (size_t)index + 1)) {
        gt_tape_fail_memory(r->back->body);
        return false;
    }
    memset(r->primal + old, 0, (r->primal_capacity - old) * sizeof *r->primal);
    r->primal[index] = v.index;
    return gt_var_valid(v);
}

static bool known(const gt_residuals *r, uint32_t index)
{
    return index < r->primal_capacity && r->primal[index] != 0;
}

/* ---- computing again ----------------------------------------------------------------------- */

/* Applies the op of body node `index`, whose inputs are all known, on the reverse body. */
static gt_var compute_again(gt_residuals *r, uint32_t index)
{
    gt_tape *body = r->scan->body, *back = r->back->body;
    const gt_node *node = gt_tape_node(body, index);
    gt_place place = back->place;
    back->place.origin = 0;
    back->place.origin_slot = -1;
    gt_var result = gt_tape_none(back);
    gt_var *inputs = gt_memory_new(node->input_count, sizeof *inputs);
    if (inputs == NULL) {
        gt_tape_fail_memory(back);
    } else {
        for (uint32_t k = 0; k < node->input_count; k++)
            inputs[k] = gt_tape_at(back, r->primal[gt_node_inputs(body, node)[k]]);
        const int64_t *attributes = gt_node_attributes(body, node);
        result = node->input_count > 0
                     ? gt_apply(node->op, inputs, node->input_count, attributes, node->attribute_count)
                     : gt_apply_leaf(back, node->op, attributes, node->attribute_count);
        result = gt_name(result, gt_var_name(gt_tape_at(body, index)));
    }
    gt_memory_free(inputs);
    back->place = place;
    return result;
}

static bool push(gt_residuals *r, size_t *count, uint32_t index)
{
    if (!GT_RESERVE(r->pending, r->pending_capacity, *count + 1)) {
        gt_tape_fail_memory(r->back->body);
        return false;
    }
    r->pending[(*count)++] = index;
    return true;
}

/* Pushes the first input of `index` that is not known yet; false if there is none. */
static bool push_unknown_input(gt_residuals *r, size_t *count, uint32_t index, bool *failed)
{
    const gt_tape *body = r->scan->body;
    const gt_node *node = gt_tape_node(body, index);
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(body, node)[k];
        if (!known(r, input)) {
            *failed = !push(r, count, input);
            return true;
        }
    }
    return false;
}

gt_var gt_residuals_primal(void *context, uint32_t index)
{
    gt_residuals *r = context;
    gt_tape *back = r->back->body;
    size_t count = 0;
    bool failed = false;
    if (!known(r, index))
        failed = !push(r, &count, index);
    /* A stack of our own in place of recursion: chains of views may be long. */
    while (count > 0 && !failed && back->error.status == GT_OK) {
        uint32_t top = r->pending[count - 1];
        bool recomputed = top <= r->limit && r->how[top] == RECOMPUTED;
        if (recomputed && push_unknown_input(r, &count, top, &failed))
            continue;
        failed = !keep(r, top, recomputed ? compute_again(r, top) : bring_in(r, top));
        count--;
    }
    return failed || back->error.status != GT_OK ? gt_tape_none(back) : gt_tape_at(back, r->primal[index]);
}
