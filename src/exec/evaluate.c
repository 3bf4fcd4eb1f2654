/* Evaluating nodes one after the other. */
#include "exec/interpreter.h"

#include "base/entry.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "graph/describe.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- failures ------------------------------------------------------------------------------ */

gt_status gt_exec_fail(gt_interpreter *run, gt_frame *frame, uint32_t index, gt_status status, const char *format, ...)
{
    char message[GT_MESSAGE_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(message, sizeof message, format, arguments);
    va_end(arguments);

    char description[GT_DESCRIPTION_SIZE], step[40] = "";
    gt_var v = gt_tape_at(frame->tape, index);
    const char *op = gt_var_op(v)->name;
    run->failed = v;
    run->failed_step = run->step >= 0 ? run->step : gt_var_step(v);
    if (run->step >= 0)
        snprintf(step, sizeof step, " in step %lld", (long long)run->step);
    gt_var_describe(v, description);
    /* A var without a name is described by its op already. */
    return gt_error_set(&run->error, status, "%s%s%s%s: %s", gt_var_name(v)[0] != '\0' ? op : "",
                        gt_var_name(v)[0] != '\0' ? " " : "", description, step, message);
}

gt_status gt_exec_poll(gt_interpreter *run)
{
    if (run->interrupt == NULL || !run->interrupt(run->interrupt_context))
        return GT_OK;
    return gt_error_set(&run->error, GT_ERROR_INTERRUPTED, "interrupted");
}

/* The place of the first entry that is not finite, or -1. */
static int64_t first_not_finite(gt_array array)
{
    int64_t count = gt_shape_count(array.shape);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(gt_entry_at(array.data, array.dtype, i)))
            return i;
    return -1;
}

static void format_entry(gt_shape shape, int64_t place, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "(");
    for (int axis = 0; axis < shape.rank && used < size; axis++) {
        used += (size_t)snprintf(text + used, size - used, axis > 0 ? ", %lld" : "%lld",
                                 (long long)(place % shape.size[axis]));
        place /= shape.size[axis];
    }
    if (used < size)
        snprintf(text + used, size - used, ")");
}

gt_status gt_exec_check_finite(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    /* A constant that is infinite was meant to be. */
    if (node->op->op_class == GT_CLASS_LEAF && node->role == GT_ROLE_NONE)
        return GT_OK;
    gt_array array = gt_frame_array(frame, index);
    int64_t place = first_not_finite(array);
    if (place < 0)
        return GT_OK;
    char entry[96];
    format_entry(array.shape, place, entry, sizeof entry);
    double value = gt_entry_at(array.data, array.dtype, place);
    if (node->role != GT_ROLE_NONE)
        return gt_exec_fail(run, frame, index, GT_ERROR_NOT_FINITE, "entry %s that was given is %g", entry, value);
    bool finite = true;
    for (uint32_t k = 0; k < node->input_count && node->op->op_class != GT_CLASS_PART; k++) {
        uint32_t input = gt_node_inputs(frame->tape, node)[k];
        if (frame->data[input] != NULL)
            finite = finite && first_not_finite(gt_frame_array(frame, input)) < 0;
    }
    return gt_exec_fail(run, frame, index, GT_ERROR_NOT_FINITE, "entry %s is %g, %s", entry, value,
                        finite ? "though all operands are finite" : "and so is an operand");
}

/* ---- kernels ------------------------------------------------------------------------------- */

static gt_status no_memory(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    return gt_exec_fail(run, frame, index, GT_ERROR_MEMORY, "no memory for its value of %zu bytes",
                        gt_frame_bytes(frame, index));
}

/* Room for the operands and `outputs` results behind them. */
static bool reserve_arrays(gt_interpreter *run, const gt_node *node, uint32_t outputs)
{
    return GT_RESERVE(run->arrays, run->array_capacity, (size_t)node->input_count + outputs) &&
           GT_RESERVE(run->part_attributes, run->part_capacity, outputs);
}

static void gather_inputs(gt_interpreter *run, const gt_frame *frame, const gt_node *node)
{
    const uint32_t *inputs = gt_node_inputs(frame->tape, node);
    for (uint32_t k = 0; k < node->input_count; k++)
        run->arrays[k] = gt_frame_array(frame, inputs[k]);
}

static gt_status call_kernel(gt_interpreter *run, gt_frame *frame, uint32_t index, uint32_t outputs)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    gt_error error = {0};
    gt_kernel kernel = {
        .inputs = run->arrays,
        .input_count = node->input_count,
        .outputs = run->arrays + node->input_count,
        .output_count = outputs,
        .part_attributes = run->part_attributes,
        .attributes = gt_node_attributes(frame->tape, node),
        .attribute_count = node->attribute_count,
        .error = &error,
    };
    gt_status status = node->op->evaluate(&kernel);
    if (status == GT_OK)
        return GT_OK;
    const char *message = error.message[0] != '\0' ? error.message : gt_status_name(status);
    return gt_exec_fail(run, frame, index, status, "%.*s", gt_utf8_fit(message, 200), message);
}

static gt_status evaluate_single(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    void *memory = gt_frame_memory(frame, index);
    if (memory == NULL || !reserve_arrays(run, node, 1))
        return no_memory(run, frame, index);
    gather_inputs(run, frame, node);
    gt_array output = {memory, (gt_dtype)node->dtype, gt_node_shape(frame->tape, node)};
    run->arrays[node->input_count] = output;
    run->part_attributes[0] = NULL;
    gt_status status = GT_OK;
    if (node->op->op_class == GT_CLASS_ELEMENTWISE) {
        if (!gt_exec_has_kernel(node->op, (gt_dtype)node->dtype))
            return gt_exec_fail(run, frame, index, GT_ERROR_TYPE, "the op has no kernel for %s",
                                gt_dtype_name((gt_dtype)node->dtype));
        gt_exec_elementwise(node->op, run->arrays, node->input_count, output, gt_node_attributes(frame->tape, node));
    } else {
        status = call_kernel(run, frame, index, 1);
    }
    if (status == GT_OK)
        frame->data[index] = memory;
    return status;
}

static gt_status evaluate_tuple(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    uint32_t count = 0;
    for (uint32_t part = frame->chain[index]; part != 0; part = frame->chain[part])
        count += frame->wanted[part];
    if (!reserve_arrays(run, node, count))
        return no_memory(run, frame, index);
    gather_inputs(run, frame, node);
    uint32_t n = 0;
    for (uint32_t part = frame->chain[index]; part != 0; part = frame->chain[part]) {
        if (!frame->wanted[part])
            continue;
        void *memory = gt_frame_memory(frame, part);
        if (memory == NULL)
            return no_memory(run, frame, part);
        frame->data[part] = memory;
        run->arrays[node->input_count + n] = gt_frame_array(frame, part);
        run->part_attributes[n] = gt_node_attributes(frame->tape, gt_tape_node(frame->tape, part));
        n++;
    }
    return call_kernel(run, frame, index, count);
}

static gt_status take_input(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    /* In the body of a scan the value has been set already. */
    if (frame->data[index] == NULL)
        frame->data[index] = frame->bound[index];
    if (frame->data[index] == NULL)
        return gt_exec_fail(run, frame, index, GT_ERROR_UNBOUND, "it has no value: call gt_interpreter_bind");
    return GT_OK;
}

gt_status gt_exec_node(gt_interpreter *run, gt_frame *frame, uint32_t index)
{
    const gt_node *node = gt_tape_node(frame->tape, index);
    gt_status status;
    switch (node->op->op_class) {
    case GT_CLASS_PART:
        status = GT_OK;
        break; /* filled by its tuple */
    case GT_CLASS_SCAN:
        return gt_exec_scan(run, frame, index);
    case GT_CLASS_TUPLE:
        return evaluate_tuple(run, frame, index);
    case GT_CLASS_LEAF:
        status = node->op->evaluate == NULL ? take_input(run, frame, index) : evaluate_single(run, frame, index);
        break;
    default:
        status = evaluate_single(run, frame, index);
        break;
    }
    if (status == GT_OK && run->check_finite)
        status = gt_exec_check_finite(run, frame, index);
    return status;
}

gt_status gt_exec_frame(gt_interpreter *run, gt_frame *frame)
{
    for (uint32_t i = 1; i <= frame->count; i++) {
        if (!frame->wanted[i])
            continue;
        gt_status status = gt_exec_poll(run);
        if (status == GT_OK)
            status = gt_exec_node(run, frame, i);
        if (status != GT_OK)
            return status;
    }
    return GT_OK;
}
