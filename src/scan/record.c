/* Recording a scan: its body, what enters it, and the node that stands for it. */
#include "graph/scan.h"

#include "base/memory.h"
#include "gradtape/ops.h"
#include "graph/describe.h"
#include "graph/leaf.h"

#include <stdio.h>
#include <string.h>

/* ---- life ---------------------------------------------------------------------------------- */

gt_scan *gt_scan_begin(gt_tape *tape, int64_t steps, gt_direction direction)
{
    if (tape == NULL)
        return NULL;
    /* Without memory for the scan itself there is nothing to return: the caller's next calls get NULL. */
    gt_scan *scan = gt_memory_new(1, sizeof *scan);
    if (scan == NULL || !GT_RESERVE(tape->scans, tape->scan_capacity, tape->scan_count + 1)) {
        gt_memory_free(scan);
        gt_tape_fail_memory(tape);
        return NULL;
    }
    scan->outer = tape;
    scan->steps = steps;
    scan->direction = direction;
    scan->body = gt_tape_new_body(tape, scan, gt_scan_invariant);
    if (scan->body == NULL) {
        gt_memory_free(scan);
        gt_tape_fail_memory(tape);
        return NULL;
    }
    tape->scans[tape->scan_count++] = scan;
    if (tape->error.status != GT_OK)
        scan->body->error = tape->error;
    else if (tape->closed)
        gt_tape_fail(scan->body, GT_ERROR_TAPE, "scan: begun in the body of a scan that has ended");
    else if (steps < 1)
        gt_tape_fail(scan->body, GT_ERROR_ARGUMENT, "scan: %lld steps; a scan has at least 1", (long long)steps);
    return scan;
}

gt_tape *gt_scan_body(gt_scan *scan)
{
    return scan == NULL ? NULL : scan->body;
}

/* ---- what enters the body ------------------------------------------------------------------ */

/* `outer` as a var of the scan's outer tape; invalid, with the error on the tapes, if it is none. */
static gt_var outer_var(gt_scan *scan, const char *what, const char *name, gt_var outer)
{
    if (scan->body->error.status != GT_OK)
        return GT_NONE;
    char description[GT_DESCRIPTION_SIZE];
    if (scan->body->closed)
        gt_tape_fail(scan->body, GT_ERROR_TAPE, "scan: %s '%s' added after gt_scan_end", what, name);
    else if (!gt_var_valid(outer))
        gt_tape_fail(scan->body, GT_ERROR_TAPE, "scan: %s '%s' is an invalid var", what, name);
    else if (outer.tape == scan->outer)
        return outer;
    else if (scan->outer->owner != NULL && outer.tape->depth < scan->outer->depth)
        /* From further outside: first an invariant of the scan around this one. */
        return gt_scan_invariant(scan->outer->owner, outer);
    else
        gt_tape_fail(scan->body, GT_ERROR_TAPE, "scan: %s '%s', %s, is not a var of the tape that holds the scan", what,
                     name, gt_var_describe(outer, description));
    return GT_NONE;
}

static gt_var body_input(gt_scan *scan, const char *name, gt_dtype dtype, gt_shape shape, gt_role role)
{
    /* Nodes that carry something in belong to no step and to no reverse rule. */
    gt_place place = scan->body->place;
    scan->body->place.origin = 0;
    scan->body->place.origin_slot = -1;
    gt_var v = gt_input_of(scan->body, name, dtype, shape);
    gt_node_set_role(v, role);
    scan->body->place = place;
    return v;
}

gt_var gt_scan_carry(gt_scan *scan, const char *name, gt_var initial)
{
    if (scan == NULL)
        return GT_NONE;
    gt_var outer = outer_var(scan, "the initial value of carried state", name, initial);
    if (!gt_var_valid(outer))
        return gt_tape_none(scan->body);
    if (gt_var_dtype(outer) != scan->body->dtype) {
        gt_tape_fail(scan->body, GT_ERROR_TYPE, "scan: carried state '%s' is %s, but the tape computes in %s", name,
                     gt_dtype_name(gt_var_dtype(outer)), gt_dtype_name(scan->body->dtype));
        return gt_tape_none(scan->body);
    }
    if (!GT_RESERVE(scan->carries, scan->carry_capacity, scan->carry_count + 1)) {
        gt_tape_fail_memory(scan->body);
        return gt_tape_none(scan->body);
    }
    gt_var v = body_input(scan, name, gt_var_dtype(outer), gt_var_shape(outer), GT_ROLE_STATE);
    if (gt_var_valid(v))
        scan->carries[scan->carry_count++] = (gt_scan_carry_link){v.index, 0, outer.index};
    return v;
}

/* The shape of one step of a sequence: without the last axis. */
static gt_shape step_shape(gt_shape shape)
{
    shape.rank--;
    shape.size[shape.rank] = 1;
    return shape;
}

static gt_var add_link(gt_scan *scan, gt_scan_link **links, size_t *count, size_t *capacity, gt_var inside,
                       gt_var outside)
{
    if (!gt_var_valid(inside))
        return inside;
    if (!GT_RESERVE(*links, *capacity, *count + 1)) {
        gt_tape_fail_memory(scan->body);
        return gt_tape_none(scan->body);
    }
    (*links)[(*count)++] = (gt_scan_link){inside.index, outside.index};
    return inside;
}

gt_var gt_scan_input(gt_scan *scan, const char *name, gt_var sequence)
{
    if (scan == NULL)
        return GT_NONE;
    gt_var outer = outer_var(scan, "scanned input", name, sequence);
    if (!gt_var_valid(outer))
        return gt_tape_none(scan->body);
    gt_shape shape = gt_var_shape(outer);
    if (shape.rank < 1 || shape.size[shape.rank - 1] != scan->steps) {
        char text[64];
        gt_tape_fail(scan->body, GT_ERROR_SHAPE,
                     "scan: scanned input '%s' is %s; its last axis must have one entry for each of the %lld steps",
                     name, gt_shape_format(shape, text, sizeof text), (long long)scan->steps);
        return gt_tape_none(scan->body);
    }
    gt_var inside = body_input(scan, name, gt_var_dtype(outer), step_shape(shape), GT_ROLE_INPUT);
    return add_link(scan, &scan->inputs, &scan->input_count, &scan->input_capacity, inside, outer);
}

gt_var gt_scan_invariant(gt_scan *scan, gt_var outer_value)
{
    if (scan == NULL)
        return GT_NONE;
    gt_var outer = outer_var(scan, "invariant", gt_var_name(outer_value), outer_value);
    if (!gt_var_valid(outer))
        return gt_tape_none(scan->body);
    uint32_t *known = gt_intern_constant(&scan->inside_of, outer.index);
    if (known == NULL) {
        gt_tape_fail_memory(scan->body);
        return gt_tape_none(scan->body);
    }
    if (*known != 0)
        return gt_tape_at(scan->body, *known);
    gt_role role = gt_var_role(outer) == GT_ROLE_NONE ? GT_ROLE_INPUT : gt_var_role(outer);
    gt_var inside = body_input(scan, gt_var_name(outer), gt_var_dtype(outer), gt_var_shape(outer), role);
    inside = add_link(scan, &scan->invariants, &scan->invariant_count, &scan->invariant_capacity, inside, outer);
    *known = gt_var_valid(inside) ? inside.index : 0;
    return inside;
}

static gt_scan_carry_link *find_carry(const gt_scan *scan, gt_var v)
{
    return v.tape == scan->body ? gt_scan_find_carry(scan, v.index) : NULL;
}

void gt_scan_next(gt_scan *scan, gt_var carry, gt_var next)
{
    if (scan == NULL || scan->body->error.status != GT_OK)
        return;
    gt_tape *body = scan->body;
    gt_scan_carry_link *link = find_carry(scan, carry);
    char before[GT_DESCRIPTION_SIZE], after[GT_DESCRIPTION_SIZE];
    gt_var_describe(carry, before);
    gt_var_describe(next, after);
    if (body->closed)
        gt_tape_fail(body, GT_ERROR_TAPE, "scan: gt_scan_next after gt_scan_end");
    else if (link == NULL)
        gt_tape_fail(body, GT_ERROR_TAPE, "scan: gt_scan_next for %s, which is no carried state of the scan", before);
    else if (link->after != 0)
        gt_tape_fail(body, GT_ERROR_ARGUMENT, "scan: the next value of state %s was set twice", before);
    else if (!gt_var_valid(next))
        gt_tape_fail(body, GT_ERROR_TAPE, "scan: the next value of state %s is %s", before, after);
    else if (next.tape != body && (next.tape->depth >= body->depth))
        gt_tape_fail(body, GT_ERROR_TAPE, "scan: the next value of state %s, %s, belongs to another tape", before,
                     after);
    else if (!gt_shape_equal(gt_var_shape(carry), gt_var_shape(next)) || gt_var_dtype(next) != body->dtype)
        gt_tape_fail(body, GT_ERROR_SHAPE, "scan: the state %s has another shape or type after the step: %s", before,
                     after);
    else {
        gt_var inside = next.tape == body ? next : gt_scan_invariant(scan, next);
        if (gt_var_valid(inside) && gt_var_shape(inside).rank != gt_var_shape(carry).rank)
            inside = gt_reshape(inside, gt_var_shape(carry));
        /* The list may have moved meanwhile. */
        link = find_carry(scan, carry);
        link->after = inside.index;
    }
}

/* ---- the end ------------------------------------------------------------------------------- */

/* The body's nodes that something feeds from outside. */
static uint8_t *find_linked(const gt_scan *scan)
{
    uint8_t *linked = gt_memory_new(scan->body->node_count + 1, 1);
    for (size_t i = 0; i < scan->carry_count && linked != NULL; i++)
        linked[scan->carries[i].before] = 1;
    for (size_t i = 0; i < scan->input_count && linked != NULL; i++)
        linked[scan->inputs[i].inside] = 1;
    for (size_t i = 0; i < scan->invariant_count && linked != NULL; i++)
        linked[scan->invariants[i].inside] = 1;
    return linked;
}

/* Every input of the body must be fed from outside, and every state must have a next value. */
static void check_body(gt_scan *scan)
{
    gt_tape *body = scan->body;
    char text[GT_DESCRIPTION_SIZE];
    uint8_t *linked = find_linked(scan);
    if (linked == NULL)
        gt_tape_fail_memory(body);
    for (uint32_t i = 1; i <= body->node_count && linked != NULL; i++) {
        gt_var v = gt_tape_at(body, i);
        if (gt_var_role(v) != GT_ROLE_NONE && !linked[i])
            gt_tape_fail(body, GT_ERROR_ARGUMENT,
                         "scan: %s was made with gt_input on the body; values enter a body through "
                         "gt_scan_carry, gt_scan_input and gt_scan_invariant",
                         gt_var_describe(v, text));
    }
    gt_memory_free(linked);
    for (size_t i = 0; i < scan->carry_count; i++)
        if (scan->carries[i].after == 0)
            gt_tape_fail(body, GT_ERROR_ARGUMENT, "scan: the state %s has no next value: call gt_scan_next",
                         gt_var_describe(gt_tape_at(body, scan->carries[i].before), text));
}

static void append_scan_node(gt_scan *scan)
{
    size_t count = scan->carry_count + scan->input_count + scan->invariant_count;
    uint32_t *inputs = gt_memory_new(count, sizeof *inputs);
    if (inputs == NULL) {
        gt_tape_fail_memory(scan->outer);
        return;
    }
    size_t n = 0;
    for (size_t i = 0; i < scan->carry_count; i++)
        inputs[n++] = scan->carries[i].initial;
    for (size_t i = 0; i < scan->input_count; i++)
        inputs[n++] = scan->inputs[i].outside;
    for (size_t i = 0; i < scan->invariant_count; i++)
        inputs[n++] = scan->invariants[i].outside;
    int64_t place = (int64_t)scan->outer->scan_count - 1;
    while (scan->outer->scans[place] != scan)
        place--;
    uint32_t shape;
    if (gt_tape_shape_number(scan->outer, GT_SCALAR, NULL, 0, &shape))
        scan->node =
            gt_tape_append(scan->outer, &gt_op_scan, shape, scan->outer->dtype, inputs, (uint32_t)count, &place, 1)
                .index;
    gt_memory_free(inputs);
}

gt_status gt_scan_end(gt_scan *scan)
{
    if (scan == NULL)
        return GT_ERROR_MEMORY;
    if (scan->body->closed)
        gt_tape_fail(scan->body, GT_ERROR_ARGUMENT, "scan: gt_scan_end called twice");
    if (scan->body->error.status == GT_OK)
        check_body(scan);
    if (scan->body->error.status == GT_OK)
        append_scan_node(scan);
    scan->body->closed = true;
    return gt_tape_status(scan->outer);
}

/* ---- reading it ---------------------------------------------------------------------------- */

static bool readable(gt_scan *scan, const char *what, gt_var v)
{
    if (scan->outer->error.status != GT_OK)
        return false;
    char text[GT_DESCRIPTION_SIZE];
    if (!scan->body->closed || scan->node == 0)
        gt_tape_fail(scan->outer, GT_ERROR_ARGUMENT, "scan: %s before gt_scan_end", what);
    else if (!gt_var_valid(v) || v.tape != scan->body)
        gt_tape_fail(scan->outer, GT_ERROR_TAPE, "scan: %s of %s, which is no var of the scan's body", what,
                     gt_var_describe(v, text));
    else if (gt_class_is_tuple(gt_var_op(v)->op_class))
        gt_tape_fail(scan->outer, GT_ERROR_ARGUMENT, "scan: %s of a whole %s, not of one of its parts", what,
                     gt_var_op(v)->name);
    else
        return true;
    return false;
}

/* Where it says which part has been made of a body node, or of a state; NULL on no memory. */
static uint32_t *find_part(gt_scan_parts *made, size_t at)
{
    if (at >= made->count) {
        size_t count = at + 1 > 2 * made->count ? at + 1 : 2 * made->count;
        uint32_t *list = gt_memory_new(count, sizeof *list);
        if (list == NULL)
            return NULL;
        if (made->count > 0)
            memcpy(list, made->of, made->count * sizeof *list);
        gt_memory_free(made->of);
        *made = (gt_scan_parts){list, count};
    }
    return &made->of[at];
}

static gt_var part(gt_scan *scan, const gt_op *op, int64_t attribute, const char *name)
{
    gt_tape *outer = scan->outer;
    uint32_t *made = find_part(op == &gt_op_scan_stack ? &scan->stacks : &scan->finals, (size_t)attribute);
    if (made != NULL && *made != 0)
        return gt_tape_at(outer, *made);
    if (made == NULL || !GT_RESERVE(scan->parts, scan->part_capacity, scan->part_count + 1)) {
        gt_tape_fail_memory(outer);
        return gt_tape_none(outer);
    }
    gt_var tuple = gt_tape_at(outer, scan->node);
    /* A part belongs where its scan belongs, whoever asked for it. */
    gt_place place = outer->place;
    const gt_node *scan_node = gt_tape_node(outer, scan->node);
    outer->place = (gt_place){scan_node->scope, scan_node->step, scan_node->origin, scan_node->origin_slot};
    gt_var v = gt_name(gt_apply(op, &tuple, 1, &attribute, 1), name);
    outer->place = place;
    if (gt_var_valid(v))
        *made = scan->parts[scan->part_count++] = v.index;
    return v;
}

gt_var gt_scan_stack(gt_scan *scan, gt_var v)
{
    if (scan == NULL)
        return GT_NONE;
    if (!readable(scan, "gt_scan_stack", v))
        return gt_tape_none(scan->outer);
    return part(scan, &gt_op_scan_stack, v.index, gt_var_name(v));
}

gt_var gt_scan_final(gt_scan *scan, gt_var carry)
{
    if (scan == NULL)
        return GT_NONE;
    if (!readable(scan, "gt_scan_final", carry))
        return gt_tape_none(scan->outer);
    gt_scan_carry_link *link = find_carry(scan, carry);
    if (link == NULL) {
        char text[GT_DESCRIPTION_SIZE];
        gt_tape_fail(scan->outer, GT_ERROR_TAPE, "scan: gt_scan_final of %s, which is no carried state",
                     gt_var_describe(carry, text));
        return gt_tape_none(scan->outer);
    }
    return part(scan, &gt_op_scan_final, link - scan->carries, gt_var_name(gt_tape_at(scan->body, link->after)));
}
