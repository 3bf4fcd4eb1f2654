/* The structure of programs. */
#include "plan/verify/verify.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "ops/rule.h"

#include <stdarg.h>

typedef struct check {
    gt_error *error;
    gt_status status;
} check;

GT_PRINTF(3, 4) static bool fault(check *c, const gt_tape *tape, const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    c->status = gt_error_set(c->error, GT_ERROR_TAPE, "fault of the planner, %u scans deep: %s", (unsigned)tape->depth,
                             message);
    return false;
}

/* ---- nodes --------------------------------------------------------------------------------- */

static bool check_inputs(check *c, const gt_tape *tape, uint32_t index)
{
    const gt_node *node = gt_tape_node(tape, index);
    for (uint32_t k = 0; k < node->input_count; k++) {
        uint32_t input = gt_node_inputs(tape, node)[k];
        if (input == 0 || input >= index)
            return fault(c, tape, "node %u, %s, reads node %u before it", index, node->op->name, input);
        bool tuple = gt_class_is_tuple(gt_tape_node(tape, input)->op->op_class);
        if (tuple != (node->op->op_class == GT_CLASS_PART))
            return fault(c, tape, "node %u, %s, reads node %u, %s", index, node->op->name, input,
                         gt_tape_node(tape, input)->op->name);
    }
    return true;
}

static bool is_part_of_scan(const gt_node *node)
{
    return node->op == &gt_op_scan_final || node->op == &gt_op_scan_stack;
}

static bool check_part(check *c, gt_tape *tape, uint32_t index)
{
    const gt_node *node = gt_tape_node(tape, index);
    const gt_node *tuple = gt_tape_node(tape, gt_node_inputs(tape, node)[0]);
    int64_t of = gt_node_attributes(tape, node)[0];
    if (tuple->op != &gt_op_scan)
        return fault(c, tape, "node %u, %s, reads no scan", index, node->op->name);
    const gt_scan *scan = gt_node_scan(tape, tuple);
    bool stack = node->op == &gt_op_scan_stack;
    int64_t first = stack ? 1 : 0, end = (int64_t)(stack ? scan->body->node_count + 1 : scan->carry_count);
    if (of < first || of >= end)
        return fault(c, tape, "node %u, %s, reads what the scan does not have", index, node->op->name);
    for (size_t p = 0; p < scan->part_count; p++)
        if (scan->parts[p] == index)
            return true;
    return fault(c, tape, "node %u, %s, is not among the scan's parts", index, node->op->name);
}

/* The shape rule once more. */
static bool check_shape(check *c, gt_tape *tape, uint32_t index)
{
    const gt_node *node = gt_tape_node(tape, index);
    if (node->op->shape == NULL)
        return true;
    gt_var *inputs = gt_memory_new(node->input_count, sizeof *inputs);
    if (inputs == NULL) {
        c->status = gt_error_set(c->error, GT_ERROR_MEMORY, "no memory to verify a plan");
        return false;
    }
    for (uint32_t k = 0; k < node->input_count; k++)
        inputs[k] = gt_tape_at(tape, gt_node_inputs(tape, node)[k]);
    gt_shape_query query = {.op = node->op,
                            .tape = tape,
                            .inputs = inputs,
                            .input_count = node->input_count,
                            .attributes = gt_node_attributes(tape, node),
                            .attribute_count = node->attribute_count,
                            .dtype = node->input_count > 0 ? gt_var_dtype(inputs[0]) : tape->dtype,
                            .shape = GT_SCALAR};
    bool fits = node->op->shape(&query);
    gt_memory_free(inputs);
    if (!fits)
        return fault(c, tape, "the operands of node %u do not fit: %.*s", index, gt_utf8_fit(tape->error.message, 150),
                     tape->error.message);
    if (!gt_shape_same(query.shape, gt_node_shape(tape, node)) || query.dtype != (gt_dtype)node->dtype)
        return fault(c, tape, "node %u, %s, does not have the shape or type that follows from its operands", index,
                     node->op->name);
    return true;
}

/* ---- scans --------------------------------------------------------------------------------- */

static bool same_kind(gt_tape *a_tape, uint32_t a, gt_tape *b_tape, uint32_t b)
{
    gt_var x = gt_tape_at(a_tape, a), y = gt_tape_at(b_tape, b);
    return gt_var_valid(x) && gt_var_valid(y) && gt_var_dtype(x) == gt_var_dtype(y) &&
           gt_shape_same(gt_var_shape(x), gt_var_shape(y));
}

static bool enters(gt_tape *tape, uint32_t index)
{
    return gt_var_role(gt_tape_at(tape, index)) != GT_ROLE_NONE;
}

static bool is_slice(const gt_scan *scan, const gt_scan_link *link)
{
    gt_shape whole = gt_var_shape(gt_tape_at(scan->outer, link->outside));
    if (whole.rank < 1 || whole.size[whole.rank - 1] != scan->steps)
        return false;
    whole.size[--whole.rank] = 1;
    return gt_shape_same(whole, gt_var_shape(gt_tape_at(scan->body, link->inside))) &&
           gt_var_dtype(gt_tape_at(scan->outer, link->outside)) == gt_var_dtype(gt_tape_at(scan->body, link->inside));
}

/* What enters stands in the scan node's list of inputs, in order. */
static bool check_links(check *c, const gt_scan *scan, const gt_node *node)
{
    gt_tape *outer = scan->outer, *body = scan->body;
    const uint32_t *inputs = gt_node_inputs(outer, node);
    if (node->input_count != scan->carry_count + scan->input_count + scan->invariant_count)
        return fault(c, outer, "a scan has %u operands, not one for each link", node->input_count);
    for (uint32_t k = 0; k < scan->carry_count; k++) {
        const gt_scan_carry_link *link = &scan->carries[k];
        if (link->initial != inputs[k] || !same_kind(body, link->before, body, link->after) ||
            !same_kind(outer, link->initial, body, link->before) || !enters(body, link->before))
            return fault(c, outer, "state %u of a scan does not fit its initial or its next value", k);
    }
    for (uint32_t k = 0; k < scan->input_count; k++)
        if (scan->inputs[k].outside != inputs[gt_scan_input_slot(scan, k)] || !is_slice(scan, &scan->inputs[k]) ||
            !enters(body, scan->inputs[k].inside))
            return fault(c, outer, "slice %u of a scan does not fit its sequence", k);
    for (uint32_t k = 0; k < scan->invariant_count; k++)
        if (scan->invariants[k].outside != inputs[gt_scan_invariant_slot(scan, k)] ||
            !same_kind(outer, scan->invariants[k].outside, body, scan->invariants[k].inside) ||
            !enters(body, scan->invariants[k].inside))
            return fault(c, outer, "invariant %u of a scan is not what it is outside", k);
    return true;
}

static bool check_entries(check *c, const gt_scan *scan)
{
    size_t entries = 0;
    for (uint32_t i = 1; i <= scan->body->node_count; i++)
        entries += enters(scan->body, i);
    if (entries != scan->carry_count + scan->input_count + scan->invariant_count)
        return fault(c, scan->body, "%zu nodes enter the body of a scan, which has another number of links", entries);
    return true;
}

static bool check_tape(check *c, gt_tape *tape);

static bool check_scan(check *c, gt_tape *tape, uint32_t index)
{
    const gt_node *node = gt_tape_node(tape, index);
    int64_t number = node->attribute_count == 1 ? gt_node_attributes(tape, node)[0] : -1;
    if (number < 0 || (size_t)number >= tape->scan_count)
        return fault(c, tape, "node %u is no scan of its tape", index);
    const gt_scan *scan = tape->scans[number];
    if (scan->node != index || scan->outer != tape || scan->body->parent != tape || scan->steps < 1)
        return fault(c, tape, "node %u and its scan do not belong together", index);
    return check_links(c, scan, node) && check_entries(c, scan) && check_tape(c, scan->body);
}

static bool check_tape(check *c, gt_tape *tape)
{
    for (uint32_t i = 1; i <= tape->node_count; i++) {
        const gt_node *node = gt_tape_node(tape, i);
        bool good = check_inputs(c, tape, i) && (!is_part_of_scan(node) || check_part(c, tape, i)) &&
                    check_shape(c, tape, i) && (node->op != &gt_op_scan || check_scan(c, tape, i));
        if (!good)
            return false;
    }
    return true;
}

/* ---- programs ------------------------------------------------------------------------------ */

static bool check_ends(check *c, const gt_program *program)
{
    gt_tape *tape = program->tape;
    for (uint32_t k = 0; k < program->output_count; k++)
        if (program->outputs[k].tape != tape || !gt_var_valid(program->outputs[k]) ||
            gt_class_is_tuple(gt_var_op(program->outputs[k])->op_class))
            return fault(c, tape, "output %u is no var of the program", k);
    uint32_t given = 0, known = 0;
    for (uint32_t i = 1; i <= tape->node_count; i++)
        given += enters(tape, i);
    for (uint32_t k = 0; k < program->input_count; k++) {
        gt_var v = program->inputs[k];
        known += gt_var_valid(v);
        if (gt_var_valid(v) && (v.tape != tape || !enters(tape, v.index)))
            return fault(c, tape, "input %u is no input of the program", k);
    }
    if (given != known)
        return fault(c, tape, "the program has %u inputs, and %u are known", given, known);
    return true;
}

gt_status gt_program_verify(const gt_program *program, gt_error *error)
{
    check c = {error, GT_OK};
    if (check_tape(&c, program->tape))
        check_ends(&c, program);
    return c.status;
}
