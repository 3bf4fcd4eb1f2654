#include "graph/tape.h"

#include "base/memory.h"
#include "base/types.h"
#include "base/utf8.h"
#include "graph/leaf.h"
#include "graph/scan.h"

#include <stdarg.h>
#include <string.h>

/* Node indices fit in 32 bits, and so do the places of edges and attributes. */
#define MOST_ENTRIES ((size_t)UINT32_MAX - 1)

static gt_tape *new_tape(gt_dtype dtype)
{
    gt_tape *tape = gt_memory_new(1, sizeof *tape);
    if (tape == NULL)
        return NULL;
    tape->dtype = dtype;
    tape->origin_tape = tape;
    tape->place.step = -1;
    tape->place.origin_slot = -1;
    return tape;
}

gt_tape *gt_tape_new(const gt_tape_options *options)
{
    gt_dtype dtype = options == NULL ? GT_F64 : options->dtype;
    gt_tape *tape = new_tape(gt_type_is_real(dtype) ? dtype : GT_F64);
    if (tape != NULL && dtype != tape->dtype)
        gt_tape_fail(tape, GT_ERROR_TYPE, "gt_tape_new: the type of a tape is GT_F64 or GT_F32, not %s",
                     gt_dtype_name(dtype));
    return tape;
}

gt_tape *gt_tape_new_body(gt_tape *parent, gt_scan *owner, gt_capture *capture)
{
    gt_tape *body = new_tape(parent->dtype);
    if (body == NULL)
        return NULL;
    body->parent = parent;
    body->owner = owner;
    body->capture = capture;
    body->depth = parent->depth + 1;
    return body;
}

void gt_tape_free(gt_tape *tape)
{
    if (tape == NULL)
        return;
    for (size_t i = 0; i < tape->scan_count; i++)
        gt_scan_free(tape->scans[i]);
    for (size_t i = 0; i < tape->list_count; i++)
        gt_memory_free(tape->lists[i]);
    gt_memory_free(tape->lists);
    gt_memory_free(tape->scans);
    gt_memory_free(tape->nodes);
    gt_memory_free(tape->edges);
    gt_memory_free(tape->attributes);
    gt_intern_free_shapes(&tape->shapes);
    gt_intern_free_texts(&tape->names);
    gt_intern_free_constants(&tape->constants);
    gt_memory_free(tape);
}

/* ---- errors -------------------------------------------------------------------------------- */

gt_status gt_tape_status(const gt_tape *tape)
{
    return tape == NULL ? GT_ERROR_MEMORY : tape->error.status;
}

const char *gt_tape_message(const gt_tape *tape)
{
    return tape == NULL ? "no memory for a tape" : tape->error.message;
}

void gt_tape_fail(gt_tape *tape, gt_status status, const char *format, ...)
{
    if (tape == NULL || status == GT_OK)
        return;
    char message[GT_MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(message, sizeof message, format, arguments);
    va_end(arguments);
    /* An error in the body of a scan is an error of every tape around it. */
    for (gt_tape *t = tape; t != NULL; t = t->parent)
        if (t->error.status == GT_OK) {
            t->error.status = status;
            memcpy(t->error.message, message, sizeof message);
        }
}

void gt_tape_recover(gt_tape *tape)
{
    for (gt_tape *t = tape; t != NULL; t = t->parent)
        t->error = (gt_error){0};
}

void gt_tape_fail_memory(gt_tape *tape)
{
    gt_tape_fail(tape, GT_ERROR_MEMORY, "no memory to record on the tape, which has %zu nodes", tape->node_count);
}

/* ---- recording ----------------------------------------------------------------------------- */

static bool reserve(gt_tape *tape, uint32_t inputs, uint32_t attributes)
{
    if (tape->node_count >= MOST_ENTRIES || tape->edge_count + inputs > MOST_ENTRIES ||
        tape->attribute_count + attributes > MOST_ENTRIES) {
        gt_tape_fail(tape, GT_ERROR_SIZE, "the tape is full: it has %zu nodes", tape->node_count);
        return false;
    }
    if (GT_RESERVE(tape->nodes, tape->node_capacity, tape->node_count + 1) &&
        GT_RESERVE(tape->edges, tape->edge_capacity, tape->edge_count + inputs) &&
        GT_RESERVE(tape->attributes, tape->attribute_capacity, tape->attribute_count + attributes))
        return true;
    gt_tape_fail_memory(tape);
    return false;
}

bool gt_tape_shape_number(gt_tape *tape, gt_shape shape, const uint32_t *inputs, uint32_t input_count, uint32_t *number)
{
    for (uint32_t i = 0; i < input_count && i < 2; i++) {
        *number = gt_tape_node(tape, inputs[i])->shape;
        if (memcmp(&tape->shapes.list[*number].size, &shape.size, sizeof shape.size) == 0 &&
            tape->shapes.list[*number].rank == shape.rank)
            return true;
    }
    if (!gt_shape_valid(shape))
        return false;
    if (gt_intern_shape(&tape->shapes, shape, number))
        return true;
    gt_tape_fail_memory(tape);
    return false;
}

gt_var gt_tape_append(gt_tape *tape, const gt_op *op, uint32_t shape, gt_dtype dtype, const uint32_t *inputs,
                      uint32_t input_count, const int64_t *attributes, uint32_t attribute_count)
{
    if (tape->error.status != GT_OK || !reserve(tape, input_count, attribute_count))
        return gt_tape_none(tape);
    gt_node *node = &tape->nodes[tape->node_count++];
    *node = (gt_node){
        .op = op,
        .first_input = (uint32_t)tape->edge_count,
        .input_count = input_count,
        .first_attribute = (uint32_t)tape->attribute_count,
        .attribute_count = (uint16_t)attribute_count,
        .dtype = (uint8_t)dtype,
        .shape = shape,
        .scope = tape->place.scope,
        .step = tape->place.step,
        .origin = tape->place.origin,
        .origin_slot = tape->place.origin_slot,
    };
    if (input_count > 0)
        memcpy(tape->edges + tape->edge_count, inputs, input_count * sizeof *inputs);
    if (attribute_count > 0)
        memcpy(tape->attributes + tape->attribute_count, attributes, attribute_count * sizeof *attributes);
    tape->edge_count += input_count;
    tape->attribute_count += attribute_count;
    return gt_tape_at(tape, (uint32_t)tape->node_count);
}

gt_var gt_name(gt_var v, const char *name)
{
    if (!gt_var_valid(v))
        return v;
    uint32_t number;
    if (!gt_intern_text(&v.tape->names, name, &number)) {
        gt_tape_fail_memory(v.tape);
        return gt_tape_none(v.tape);
    }
    v.tape->nodes[v.index - 1].name = number;
    return v;
}

void gt_node_set_role(gt_var v, gt_role role)
{
    if (gt_var_valid(v))
        v.tape->nodes[v.index - 1].role = (uint8_t)role;
}

uint32_t *gt_tape_constant(gt_tape *tape, int64_t bits)
{
    uint32_t *node = gt_intern_constant(&tape->constants, bits);
    if (node == NULL)
        gt_tape_fail_memory(tape);
    return node;
}

void gt_tape_set_step(gt_tape *tape, int32_t step)
{
    if (tape != NULL)
        tape->place.step = step < 0 ? -1 : step;
}

void gt_tape_set_scope(gt_tape *tape, const char *scope)
{
    if (tape != NULL && !gt_intern_text(&tape->names, scope, &tape->place.scope))
        gt_tape_fail_memory(tape);
}

gt_var *gt_tape_vars(gt_tape *tape, int64_t count)
{
    if (tape == NULL)
        return NULL;
    if (count < 0) {
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "gt_tape_vars: a list of %lld vars", (long long)count);
        return NULL;
    }
    gt_var *list = gt_memory_new((size_t)count, sizeof *list);
    if (list == NULL || !GT_RESERVE(tape->lists, tape->list_capacity, tape->list_count + 1)) {
        gt_memory_free(list);
        gt_tape_fail_memory(tape);
        return NULL;
    }
    tape->lists[tape->list_count++] = list;
    tape->list_bytes += (size_t)count * sizeof *list;
    return list;
}

/* ---- looking at a tape --------------------------------------------------------------------- */

gt_dtype gt_tape_dtype(const gt_tape *tape)
{
    return tape == NULL ? GT_F64 : tape->dtype;
}

uint32_t gt_tape_node_count(const gt_tape *tape)
{
    return tape == NULL ? 0 : (uint32_t)tape->node_count;
}

size_t gt_tape_node_bytes(const gt_tape *tape)
{
    return tape == NULL ? 0 : tape->node_count * sizeof(gt_node);
}

size_t gt_tape_total_bytes(const gt_tape *tape)
{
    if (tape == NULL)
        return 0;
    size_t bytes = sizeof *tape + gt_tape_node_bytes(tape) + tape->edge_count * sizeof *tape->edges +
                   tape->attribute_count * sizeof *tape->attributes + tape->shapes.count * sizeof *tape->shapes.list +
                   tape->names.bytes + tape->list_bytes;
    for (size_t i = 0; i < tape->scan_count; i++)
        bytes += gt_scan_bytes(tape->scans[i]);
    return bytes;
}

bool gt_var_valid(gt_var v)
{
    return v.tape != NULL && v.index >= 1 && v.index <= v.tape->node_count;
}

gt_shape gt_var_shape(gt_var v)
{
    if (!gt_var_valid(v))
        return (gt_shape){-1, {1, 1, 1, 1}};
    return gt_node_shape(v.tape, gt_tape_node(v.tape, v.index));
}

gt_dtype gt_var_dtype(gt_var v)
{
    return gt_var_valid(v) ? (gt_dtype)gt_tape_node(v.tape, v.index)->dtype : GT_F64;
}

gt_role gt_var_role(gt_var v)
{
    return gt_var_valid(v) ? (gt_role)gt_tape_node(v.tape, v.index)->role : GT_ROLE_NONE;
}

const char *gt_var_name(gt_var v)
{
    return gt_var_valid(v) ? gt_intern_text_at(&v.tape->names, gt_tape_node(v.tape, v.index)->name) : "";
}

const char *gt_var_scope(gt_var v)
{
    return gt_var_valid(v) ? gt_intern_text_at(&v.tape->names, gt_tape_node(v.tape, v.index)->scope) : "";
}

int32_t gt_var_step(gt_var v)
{
    return gt_var_valid(v) ? gt_tape_node(v.tape, v.index)->step : -1;
}

const gt_op *gt_var_op(gt_var v)
{
    return gt_var_valid(v) ? gt_tape_node(v.tape, v.index)->op : NULL;
}

uint32_t gt_var_input_count(gt_var v)
{
    return gt_var_valid(v) ? gt_tape_node(v.tape, v.index)->input_count : 0;
}

gt_var gt_var_input(gt_var v, uint32_t slot)
{
    if (slot >= gt_var_input_count(v))
        return GT_NONE;
    return gt_tape_at(v.tape, gt_node_inputs(v.tape, gt_tape_node(v.tape, v.index))[slot]);
}

uint32_t gt_var_attribute_count(gt_var v)
{
    return gt_var_valid(v) ? gt_tape_node(v.tape, v.index)->attribute_count : 0;
}

int64_t gt_var_attribute(gt_var v, uint32_t place)
{
    if (place >= gt_var_attribute_count(v))
        return 0;
    return gt_node_attributes(v.tape, gt_tape_node(v.tape, v.index))[place];
}

gt_var gt_var_origin(gt_var v, int32_t *slot)
{
    if (slot != NULL)
        *slot = -1;
    if (!gt_var_valid(v) || gt_tape_node(v.tape, v.index)->origin == 0)
        return GT_NONE;
    const gt_node *node = gt_tape_node(v.tape, v.index);
    if (slot != NULL)
        *slot = node->origin_slot;
    return gt_tape_at(v.tape->origin_tape, node->origin);
}

gt_var gt_tape_var(gt_tape *tape, uint32_t i)
{
    if (tape == NULL || i >= tape->node_count)
        return GT_NONE;
    return gt_tape_at(tape, i + 1);
}
