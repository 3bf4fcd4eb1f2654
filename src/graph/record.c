/* Recording an op: finding the tape, capturing outer vars, the shape rule, the node. */
#include "base/memory.h"
#include "base/utf8.h"
#include "graph/describe.h"
#include "graph/tape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int64_t gt_pack_double(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

double gt_unpack_double(int64_t attribute)
{
    double value;
    memcpy(&value, &attribute, sizeof value);
    return value;
}

/* ---- shape rules --------------------------------------------------------------------------- */

static void describe_operands(const gt_shape_query *query, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < query->input_count && used < size; i++) {
        char description[GT_DESCRIPTION_SIZE];
        if (i == 6) {
            snprintf(text + used, size - used, ", and %u more", (unsigned)(query->input_count - i));
            return;
        }
        used += gt_utf8_format(text + used, size - used, "%s%s", i == 0 ? "" : ", ",
                               gt_var_describe(query->inputs[i], description));
    }
}

bool gt_shape_fail(const gt_shape_query *query, gt_status status, const char *format, ...)
{
    char reason[GT_MESSAGE_SIZE / 2];
    char operands[GT_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(reason, sizeof reason, format, arguments);
    va_end(arguments);
    describe_operands(query, operands, sizeof operands);
    if (query->input_count == 0)
        gt_tape_fail(query->tape, status, "%s: %s", query->op->name, reason);
    else
        gt_tape_fail(query->tape, status, "%s: %s; given: %s", query->op->name, reason, operands);
    return false;
}

bool gt_shape_rule_same(gt_shape_query *query)
{
    query->shape = gt_var_shape(query->inputs[0]);
    return true;
}

/* Most often all operands have one shape and the tape's type: nothing to work out. */
static bool all_alike(const gt_shape_query *query)
{
    const gt_tape *tape = query->tape;
    const gt_node *first = gt_tape_node(tape, query->inputs[0].index);
    for (uint32_t i = 0; i < query->input_count; i++) {
        const gt_node *node = gt_tape_node(tape, query->inputs[i].index);
        if (node->shape != first->shape || node->dtype != (uint8_t)tape->dtype)
            return false;
    }
    return true;
}

bool gt_shape_rule_elementwise(gt_shape_query *query)
{
    if (all_alike(query)) {
        query->shape = gt_node_shape(query->tape, gt_tape_node(query->tape, query->inputs[0].index));
        return true;
    }
    gt_shape result = gt_var_shape(query->inputs[0]);
    for (uint32_t i = 0; i < query->input_count; i++) {
        gt_shape shape = gt_var_shape(query->inputs[i]);
        if (gt_var_dtype(query->inputs[i]) != query->tape->dtype)
            return gt_shape_fail(query, GT_ERROR_TYPE, "operand %u is %s, but the tape computes in %s", (unsigned)i + 1,
                                 gt_dtype_name(gt_var_dtype(query->inputs[i])), gt_dtype_name(query->tape->dtype));
        for (int axis = 0; axis < GT_MAX_RANK; axis++) {
            int64_t a = result.size[axis], b = shape.size[axis];
            if (a != b && a != 1 && b != 1)
                return gt_shape_fail(query, GT_ERROR_SHAPE,
                                     "sizes %lld and %lld of axis %d do not broadcast (only size 1 stretches)",
                                     (long long)a, (long long)b, axis);
            result.size[axis] = a == 1 ? b : a;
        }
        result.rank = shape.rank > result.rank ? shape.rank : result.rank;
    }
    query->shape = result;
    return true;
}

/* ---- the tape of an op --------------------------------------------------------------------- */

static bool encloses(const gt_tape *outer, const gt_tape *inner)
{
    while (inner != NULL && inner->depth > outer->depth)
        inner = inner->parent;
    return inner == outer;
}

/* The innermost tape of the vars, NULL if none has one. */
static gt_tape *innermost_tape(const gt_var *inputs, uint32_t count)
{
    gt_tape *tape = NULL;
    for (uint32_t i = 0; i < count; i++)
        if (inputs[i].tape != NULL && (tape == NULL || inputs[i].tape->depth > tape->depth))
            tape = inputs[i].tape;
    return tape;
}

/* Makes v of an enclosing tape usable on `tape`: it becomes an invariant of every scan between. */
static gt_var bring_inside(gt_tape *tape, gt_var v)
{
    return v.tape == tape ? v : tape->capture(tape->owner, bring_inside(tape->parent, v));
}

/* The i-th operand as a var of `tape`; an invalid var, with the error on the tape, if it cannot be one. */
static gt_var usable_operand(gt_tape *tape, const char *op, gt_var v, uint32_t i)
{
    if (!gt_var_valid(v)) {
        gt_tape_fail(tape, GT_ERROR_TAPE,
                     "%s: operand %u is an invalid var; it was never recorded, or its recording failed", op,
                     (unsigned)i + 1);
        return gt_tape_none(tape);
    }
    if (v.tape == tape)
        return v;
    if (encloses(v.tape, tape))
        return bring_inside(tape, v);
    char description[GT_DESCRIPTION_SIZE];
    gt_var_describe(v, description);
    /* Both tapes hear of it: the user may look at either. */
    gt_tape_fail(tape, GT_ERROR_TAPE, "%s: operand %u, %s, belongs to another tape", op, (unsigned)i + 1, description);
    gt_tape_fail(v.tape, GT_ERROR_TAPE, "%s: %s was used on another tape", op, description);
    return gt_tape_none(tape);
}

static bool usable_operands(gt_tape *tape, const gt_op *op, const gt_var *inputs, uint32_t count, gt_var *usable,
                            uint32_t *indices)
{
    if (tape->closed && op->op_class != GT_CLASS_PART) {
        gt_tape_fail(tape, GT_ERROR_TAPE,
                     "%s: an operand belongs to the body of a scan that has ended; read it with "
                     "gt_scan_stack or gt_scan_final",
                     op->name);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        usable[i] = usable_operand(tape, op->name, inputs[i], i);
        if (!gt_var_valid(usable[i]))
            return false;
        if (gt_class_is_tuple(gt_var_op(usable[i])->op_class) && op->op_class != GT_CLASS_PART) {
            gt_tape_fail(tape, GT_ERROR_ARGUMENT, "%s: operand %u is a whole %s, not one of its parts", op->name,
                         (unsigned)i + 1, gt_var_op(usable[i])->name);
            return false;
        }
        indices[i] = usable[i].index;
    }
    return true;
}

/* ---- recording ----------------------------------------------------------------------------- */

static gt_var record(gt_tape *tape, const gt_op *op, const gt_var *inputs, const uint32_t *indices,
                     uint32_t input_count, const int64_t *attributes, uint32_t attribute_count)
{
    gt_shape_query query = {
        .op = op,
        .tape = tape,
        .inputs = inputs,
        .input_count = input_count,
        .attributes = attributes,
        .attribute_count = attribute_count,
        .dtype = input_count > 0 ? gt_var_dtype(inputs[0]) : tape->dtype,
        .shape = GT_SCALAR,
    };
    if (!op->shape(&query)) {
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "%s: the shape rule refused the operands", op->name);
        return gt_tape_none(tape);
    }
    uint32_t shape;
    if (!gt_tape_shape_number(tape, query.shape, indices, input_count, &shape)) {
        char text[96];
        gt_shape_fail(&query, GT_ERROR_SIZE, "the result %s has more entries than can be counted",
                      gt_shape_format(query.shape, text, sizeof text));
        return gt_tape_none(tape);
    }
    return gt_tape_append(tape, op, shape, query.dtype, indices, input_count, attributes, attribute_count);
}

static bool arity_fits(gt_tape *tape, const gt_op *op, uint32_t input_count, uint32_t attribute_count)
{
    bool fits = op->arity == GT_VARIADIC ? input_count >= 1 : (uint32_t)op->arity == input_count;
    if (!fits)
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "%s: %u operands given; it takes %s%d", op->name, (unsigned)input_count,
                     op->arity == GT_VARIADIC ? "at least " : "", op->arity == GT_VARIADIC ? 1 : (int)op->arity);
    if (attribute_count > GT_MAX_ATTRIBUTES) {
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "%s: %u attributes given; at most %d are allowed", op->name,
                     (unsigned)attribute_count, GT_MAX_ATTRIBUTES);
        fits = false;
    }
    return fits;
}

gt_var gt_apply(const gt_op *op, const gt_var *inputs, uint32_t input_count, const int64_t *attributes,
                uint32_t attribute_count)
{
    gt_tape *tape = op == NULL || inputs == NULL ? NULL : innermost_tape(inputs, input_count);
    if (tape == NULL)
        return GT_NONE;
    if (tape->error.status != GT_OK || !arity_fits(tape, op, input_count, attribute_count))
        return gt_tape_none(tape);

    /* Few operands live on the stack; a concat or stack of many steps takes memory. */
    enum { FEW = 16 };
    gt_var few_vars[FEW];
    uint32_t few_indices[FEW];
    bool many = input_count > FEW;
    gt_var *usable = many ? gt_memory_new(input_count, sizeof *usable) : few_vars;
    uint32_t *indices = many ? gt_memory_new(input_count, sizeof *indices) : few_indices;
    gt_var result = gt_tape_none(tape);
    if (usable == NULL || indices == NULL)
        gt_tape_fail_memory(tape);
    else if (usable_operands(tape, op, inputs, input_count, usable, indices))
        result = record(tape, op, usable, indices, input_count, attributes, attribute_count);
    if (many) {
        gt_memory_free(usable);
        gt_memory_free(indices);
    }
    return result;
}

gt_var gt_apply_leaf(gt_tape *tape, const gt_op *op, const int64_t *attributes, uint32_t attribute_count)
{
    if (tape == NULL || op == NULL)
        return GT_NONE;
    if (tape->error.status != GT_OK)
        return gt_tape_none(tape);
    if (tape->closed) {
        gt_tape_fail(tape, GT_ERROR_TAPE, "%s: recorded on the body of a scan that has ended", op->name);
        return gt_tape_none(tape);
    }
    if (op->arity != 0 || attribute_count > GT_MAX_ATTRIBUTES) {
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "%s: not an op without operands", op->name);
        return gt_tape_none(tape);
    }
    return record(tape, op, NULL, NULL, 0, attributes, attribute_count);
}
