/* Attribute 0: the axis. Attribute 1: whether the parts, of size 1 along the last axis, lose that
 * axis. */
#include "base/memory.h"
#include "graph/describe.h"
#include "graph/reverse.h"
#include "ops/blocks.h"
#include "ops/descriptors.h"
#include "ops/part.h"
#include "ops/rule.h"

static gt_status split_evaluate(const gt_kernel *kernel)
{
    int64_t axis = kernel->attributes[0];
    gt_blocks x = gt_blocks_along(kernel->inputs[0], axis);
    for (uint32_t i = 0; i < kernel->output_count; i++) {
        const int64_t *part = kernel->part_attributes[i];
        gt_blocks output = {kernel->outputs[i].data, x.inner, (size_t)part[GT_PART_SIZE], x.outer};
        gt_blocks_copy(output, 0, x, (size_t)part[GT_PART_START], output.along);
    }
    return GT_OK;
}

static bool split_shape(gt_shape_query *query)
{
    if (!gt_rule_attributes(query, 2) || !gt_rule_axis(query, query->attributes[0]))
        return false;
    if (query->attributes[1] != 0 && query->attributes[0] != gt_var_shape(query->inputs[0]).rank - 1)
        return gt_shape_fail(query, GT_ERROR_ARGUMENT, "only the last axis can be dropped");
    query->shape = GT_SCALAR;
    return true;
}

/* Zeros in place of `size` slices that no adjoint reached. */
static gt_var missing_slices(gt_reverse *r, int64_t size)
{
    gt_shape shape = gt_reverse_input_shape(r, 0);
    int64_t axis = gt_reverse_attribute(r, 0);
    shape.size[axis] = size;
    if (shape.rank <= axis)
        shape.rank = (int32_t)axis + 1;
    return gt_fill(gt_reverse_tape(r), shape, 0.0);
}

/*
 * Writes the adjoints of the parts in order, neighbours without one as one piece
 * of zeros; returns how many pieces there are. Parts recorded after the last
 * output of the replay are not listed: they are at the end and have no adjoint.
 */
static uint32_t collect_pieces(gt_reverse *r, uint32_t count, gt_var *pieces)
{
    int64_t size = gt_reverse_input_shape(r, 0).size[gt_reverse_attribute(r, 0)];
    int64_t covered = 0; /* slices that the pieces so far stand for */
    uint32_t written = 0;
    for (uint32_t i = 0; i < count; i++) {
        gt_var g = gt_reverse_part_cotangent(r, i);
        int64_t start = gt_reverse_part_attribute(r, i, GT_PART_START);
        if (!gt_var_valid(g))
            continue;
        if (start > covered)
            pieces[written++] = missing_slices(r, start - covered);
        pieces[written++] = g;
        covered = start + gt_reverse_part_attribute(r, i, GT_PART_SIZE);
    }
    if (covered < size)
        pieces[written++] = missing_slices(r, size - covered);
    return written;
}

/* gt_split cuts x in order and without overlap; parts recorded by hand need not. */
static bool parts_in_order(gt_reverse *r, uint32_t count)
{
    int64_t end = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t start = gt_reverse_part_attribute(r, i, GT_PART_START);
        if (start < end)
            return false;
        end = start + gt_reverse_part_attribute(r, i, GT_PART_SIZE);
    }
    return true;
}

/* One concat of the parts' adjoints */
static gt_var split_reverse(gt_reverse *r, uint32_t slot)
{
    (void)slot;
    uint32_t count = gt_reverse_part_count(r);
    if (!parts_in_order(r, count)) {
        gt_tape_fail(gt_reverse_tape(r), GT_ERROR_ARGUMENT,
                     "split: its parts overlap or are out of order; record them with gt_split");
        return GT_NONE;
    }
    /* At most a piece of zeros before each part, and one at the end. */
    gt_var *pieces = gt_memory_new(2 * (size_t)count + 1, sizeof *pieces);
    if (pieces == NULL) {
        gt_tape_fail(gt_reverse_tape(r), GT_ERROR_MEMORY, "split: no memory for the adjoints of its parts");
        return GT_NONE;
    }
    uint32_t pieces_written = collect_pieces(r, count, pieces);
    gt_var result = gt_concat(pieces, pieces_written, (int)gt_reverse_attribute(r, 0));
    gt_memory_free(pieces);
    return result;
}

const gt_op gt_op_split = {
    .name = "split",
    .onnx = "Split",
    .onnx_form = GT_ONNX_WITHIN,
    .documentation = "Cuts an array along an axis into parts, each read by a node of its own.",
    .arity = 1,
    .op_class = GT_CLASS_TUPLE,
    .shape = split_shape,
    .evaluate = split_evaluate,
    .reverse = split_reverse,
};

/* ---- recording ----------------------------------------------------------------------------- */

/* How to cut x: sizes NULL means parts of size 1. */
typedef struct cut {
    gt_var x;
    int axis;
    const int64_t *sizes;
    uint32_t count;
    bool drop;
} cut;

static gt_status no_parts(gt_tape *tape, gt_var *parts, uint32_t count)
{
    for (uint32_t i = 0; parts != NULL && i < count; i++)
        parts[i] = (gt_var){tape, 0};
    return gt_tape_status(tape);
}

/* The sizes must be at least 1 and add up to the axis. */
static bool sizes_add_up(const cut *how)
{
    char description[GT_DESCRIPTION_SIZE];
    int64_t total = 0, available = gt_var_shape(how->x).size[how->axis];
    for (uint32_t i = 0; i < how->count; i++) {
        int64_t size = how->sizes == NULL ? 1 : how->sizes[i];
        if (size < 1 || size > available - total) {
            gt_tape_fail(how->x.tape, GT_ERROR_SHAPE,
                         "split: size %lld of part %u does not fit: %lld of %lld are left along "
                         "axis %d of %s",
                         (long long)size, (unsigned)i, (long long)(available - total), (long long)available, how->axis,
                         gt_var_describe(how->x, description));
            return false;
        }
        total += size;
    }
    if (total == available)
        return true;
    gt_tape_fail(how->x.tape, GT_ERROR_SHAPE,
                 "split: the sizes of the %u parts add up to %lld, but axis %d of %s has %lld", (unsigned)how->count,
                 (long long)total, how->axis, gt_var_describe(how->x, description), (long long)available);
    return false;
}

static gt_status record_cut(const cut *how, gt_var *parts)
{
    gt_tape *tape = how->x.tape;
    const int64_t attributes[] = {how->axis, how->drop};
    if (parts == NULL && tape != NULL)
        gt_tape_fail(tape, GT_ERROR_ARGUMENT, "split: nowhere to write the parts");
    gt_var tuple = gt_apply(&gt_op_split, &how->x, 1, attributes, 2);
    if (!gt_var_valid(tuple) || !sizes_add_up(how))
        return no_parts(tape, parts, how->count);
    int64_t start = 0;
    for (uint32_t i = 0; i < how->count; i++) {
        int64_t size = how->sizes == NULL ? 1 : how->sizes[i];
        parts[i] = gt_record_part(tuple, i, start, size, how->axis, how->drop);
        start += size;
    }
    return gt_tape_status(tape) == GT_OK ? GT_OK : no_parts(tape, parts, how->count);
}

gt_status gt_split(gt_var x, int axis, const int64_t *sizes, uint32_t count, gt_var *parts)
{
    if (sizes == NULL || count == 0) {
        if (x.tape != NULL)
            gt_tape_fail(x.tape, GT_ERROR_ARGUMENT, "split: no sizes given; at least one part is needed");
        return no_parts(x.tape, parts, count);
    }
    return record_cut(&(cut){x, axis, sizes, count, false}, parts);
}

gt_status gt_unstack(gt_var x, gt_var *parts, uint32_t count)
{
    return record_cut(&(cut){x, gt_var_shape(x).rank - 1, NULL, count, true}, parts);
}
