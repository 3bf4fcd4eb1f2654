/* Forms of ops that have to do with axes. */
#include "base/memory.h"
#include "onnx/emission.h"
#include "ops/part.h"
#include "ops/reduce.h"

#include <string.h>

/* The place of an axis of an array of so many. */
static int64_t axis_of(int32_t rank, int64_t axis)
{
    return rank - 1 - axis;
}

void gt_emit_columns(const gt_emission *e)
{
    gt_onnx_name x = gt_emission_name(e, 0);
    size_t node = gt_onnx_open(e->graph, e->op->onnx);
    gt_onnx_input(e->graph, x.text);
    gt_onnx_output(e->graph, e->result.text);
    gt_onnx_integer(e->graph, "axis", -1);
    gt_onnx_close(e->graph, node);
}

void gt_emit_concat(const gt_emission *e)
{
    uint32_t count = gt_var_input_count(e->v);
    gt_onnx_name *parts = gt_memory_new(count, sizeof *parts);
    if (parts == NULL) {
        gt_onnx_fail(e->graph, GT_ERROR_MEMORY, "no memory to export a %s", e->op->name);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        parts[i] = gt_onnx_ranked(e->graph, gt_emission_name(e, i), gt_emission_shape(e, i).rank, gt_emission_rank(e));
    size_t node = gt_onnx_open(e->graph, e->op->onnx);
    for (uint32_t i = 0; i < count; i++)
        gt_onnx_input(e->graph, parts[i].text);
    gt_onnx_output(e->graph, e->result.text);
    gt_onnx_integer(e->graph, "axis", axis_of(gt_emission_rank(e), gt_var_attribute(e->v, 0)));
    gt_onnx_close(e->graph, node);
    gt_memory_free(parts);
}

static uint32_t reduced_axes(const gt_emission *e, int64_t axes[GT_MAX_RANK])
{
    int32_t rank = gt_emission_shape(e, 0).rank;
    uint32_t count = 0;
    for (int32_t axis = rank - 1; axis >= 0; axis--)
        if ((gt_var_attribute(e->v, GT_REDUCE_AXES) >> axis & 1) != 0)
            axes[count++] = axis_of(rank, axis);
    return count;
}

/* The mean takes its axes as an attribute before version 18, and as an operand, as the sum does, from then on. */
void gt_emit_reduction(const gt_emission *e)
{
    enum { AXES_ARE_OPERANDS = 18 };
    int64_t axes[GT_MAX_RANK];
    uint32_t count = reduced_axes(e, axes);
    bool operand_axes = strcmp(e->op->onnx, "ReduceSum") == 0 || e->graph->model->opset >= AXES_ARE_OPERANDS;
    gt_onnx_name x = gt_emission_name(e, 0), which, sum = gt_onnx_new_name(e->graph, "reduced");
    if (operand_axes && count > 0)
        which = gt_onnx_whole(e->graph, axes, count);
    size_t node = gt_onnx_open(e->graph, count > 0 ? e->op->onnx : "Identity");
    gt_onnx_input(e->graph, x.text);
    if (operand_axes && count > 0)
        gt_onnx_input(e->graph, which.text);
    gt_onnx_output(e->graph, sum.text);
    if (count > 0)
        gt_onnx_integer(e->graph, "keepdims", 1);
    if (count > 0 && !operand_axes)
        gt_onnx_integers(e->graph, "axes", axes, count);
    gt_onnx_close(e->graph, node);
    gt_onnx_name ranked = gt_onnx_ranked(e->graph, sum, gt_emission_shape(e, 0).rank, gt_emission_rank(e));
    gt_emission_write(e, "Identity", ranked.text, NULL, NULL);
}

/* `from` is an array with so many axes. */
static void emit_interval(const gt_emission *e, gt_onnx_name from, int32_t rank, int64_t axis, int64_t start,
                          int64_t stop)
{
    int64_t place = axis_of(rank, axis);
    gt_onnx_name names[] = {gt_onnx_whole(e->graph, &start, 1), gt_onnx_whole(e->graph, &stop, 1),
                            gt_onnx_whole(e->graph, &place, 1)};
    gt_onnx_name part = gt_onnx_new_name(e->graph, "part");
    size_t node = gt_onnx_open(e->graph, "Slice");
    gt_onnx_input(e->graph, from.text);
    for (int i = 0; i < 3; i++)
        gt_onnx_input(e->graph, names[i].text);
    gt_onnx_output(e->graph, part.text);
    gt_onnx_close(e->graph, node);
    gt_emission_write(e, "Identity", gt_onnx_ranked(e->graph, part, rank, gt_emission_rank(e)).text, NULL, NULL);
}

void gt_emit_slice(const gt_emission *e)
{
    gt_shape shape = gt_emission_shape(e, 0);
    int64_t axis = gt_var_attribute(e->v, 0);
    int32_t rank = axis >= shape.rank ? (int32_t)axis + 1 : shape.rank;
    gt_onnx_name from = gt_onnx_ranked(e->graph, gt_emission_name(e, 0), shape.rank, rank);
    emit_interval(e, from, rank, axis, gt_var_attribute(e->v, 1), gt_var_attribute(e->v, 2));
}

/* A part of a split is a slice of what was split. */
void gt_emit_part(const gt_emission *e)
{
    gt_var whole = gt_var_input(gt_var_input(e->v, 0), 0);
    int64_t start = gt_var_attribute(e->v, GT_PART_START), size = gt_var_attribute(e->v, GT_PART_SIZE);
    emit_interval(e, gt_onnx_value(e->graph, whole.index), gt_var_shape(whole).rank,
                  gt_var_attribute(e->v, GT_PART_AXIS), start, start + size);
}

void gt_emit_so_far(const gt_emission *e)
{
    int64_t axis = gt_var_attribute(e->v, 0);
    gt_onnx_name x = gt_emission_name(e, 0), which = {0};
    bool sums = axis < gt_emission_rank(e); /* an axis that is not there has one entry */
    if (sums)
        which = gt_onnx_whole_number(e->graph, axis_of(gt_emission_rank(e), axis));
    size_t node = gt_onnx_open(e->graph, sums ? e->op->onnx : "Identity");
    gt_onnx_input(e->graph, x.text);
    if (sums)
        gt_onnx_input(e->graph, which.text);
    gt_onnx_output(e->graph, e->result.text);
    if (sums)
        gt_onnx_integer(e->graph, "reverse", gt_var_attribute(e->v, 1));
    gt_onnx_close(e->graph, node);
}

void gt_emit_padding(const gt_emission *e)
{
    gt_shape shape = gt_emission_shape(e, 0);
    int64_t pads[2 * GT_MAX_RANK] = {0}, place = axis_of(gt_emission_rank(e), gt_var_attribute(e->v, 0));
    pads[place] = gt_var_attribute(e->v, 1);
    pads[gt_emission_rank(e) + place] = gt_var_attribute(e->v, 2);
    gt_onnx_name from = gt_onnx_ranked(e->graph, gt_emission_name(e, 0), shape.rank, gt_emission_rank(e));
    gt_onnx_name amounts = gt_onnx_whole(e->graph, pads, 2 * (uint32_t)gt_emission_rank(e));
    gt_emission_write(e, e->op->onnx, from.text, amounts.text, NULL);
}

void gt_emit_shape(const gt_emission *e)
{
    gt_onnx_name shape = gt_onnx_shape(e->graph, e->index);
    gt_emission_write(e, e->op->onnx, gt_emission_name(e, 0).text, shape.text, NULL);
}
