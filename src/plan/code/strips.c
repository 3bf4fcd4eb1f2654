/* What the steps of a group in strips do, and how wide its strips are. */
#include "plan/code/code.h"

#include "ops/descriptors.h"

enum {
    STRIP_BYTES = 16384, /* of one value in a strip, about: several of them stay in the nearest cache */
    SHORT_BYTES = 256    /* of a column for which what is the same for all is spread over a tile */
};

static int64_t rows_of(const gt_group *group, uint32_t reg)
{
    return reg < group->source_count ? group->sources[reg].operand.shape.size[0]
                                     : group->steps[reg - group->source_count].rows;
}

/* From one column to the next. */
static int64_t rows_between(const gt_group *group, uint32_t reg)
{
    bool moves = reg >= group->source_count || group->sources[reg].walk == GT_WALK_FLAT || group->sources[reg].spread;
    return moves ? rows_of(group, reg) : 0;
}

static bool is_scalar(const gt_group *group, uint32_t reg)
{
    return reg < group->source_count && group->sources[reg].walk == GT_WALK_SCALAR;
}

static void describe_entries(const gt_group *group, gt_group_step *step)
{
    for (uint32_t n = 0; n < step->input_count; n++) {
        bool scalar = is_scalar(group, step->inputs[n]), same = step->input_rows[n] == step->rows;
        step->strides[n] = !scalar && rows_of(group, step->inputs[n]) == step->rows;
        step->each_column |= !scalar && !same;
    }
}

static void describe_step(const gt_group *group, gt_group_step *step)
{
    for (uint32_t n = 0; n < step->input_count; n++)
        step->input_rows[n] = rows_between(group, step->inputs[n]);
    if (step->kind == GT_STEP_ENTRIES)
        describe_entries(group, step);
    else if (step->kind == GT_STEP_SUM)
        step->divisor = step->op == &gt_op_mean ? (double)step->input_rows[0] : 1;
    else if (step->kind == GT_STEP_SLICE)
        step->first_row = step->attributes[1];
}

static void find_advances(gt_group *group)
{
    size_t size = gt_dtype_size(group->dtype);
    for (uint32_t s = 0; s < group->source_count; s++)
        if (group->sources[s].walk == GT_WALK_FLAT && !group->sources[s].folds)
            group->sources[s].advance = (size_t)rows_of(group, s) * size;
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].written && !group->steps[k].folds)
            group->steps[k].advance = (size_t)group->steps[k].rows * size;
}

gt_step_kind gt_code_step_kind(const gt_op *op)
{
    return op->op_class == GT_CLASS_ELEMENTWISE ? GT_STEP_ENTRIES
           : op->op_class == GT_CLASS_REDUCTION ? GT_STEP_SUM
           : op == &gt_op_slice                 ? GT_STEP_SLICE
                                                : GT_STEP_CONCAT;
}

void gt_code_strips(gt_group *group, uint32_t *tiles)
{
    int64_t size = (int64_t)gt_dtype_size(group->dtype);
    for (uint32_t reg = 0; reg < group->source_count + group->step_count; reg++)
        group->rows = rows_of(group, reg) > group->rows ? rows_of(group, reg) : group->rows;
    int64_t most = STRIP_BYTES / (group->rows * size) > 1 ? STRIP_BYTES / (group->rows * size) : 1;
    int64_t strips = (group->columns + most - 1) / most;
    group->tile_rows = group->rows;
    group->tile_columns = (group->columns + strips - 1) / strips;
    /* Not a power of two, or all tiles would fall on the same sets of the cache. */
    enum { LINE = 64, APART = 3 * LINE };
    group->tile_distance = (size_t)((group->rows * group->tile_columns * size + LINE - 1) / LINE * LINE + APART);
    for (uint32_t s = 0; s < group->source_count; s++) {
        gt_source *source = &group->sources[s];
        source->spread =
            group->spans == NULL && source->walk == GT_WALK_COLUMN && rows_of(group, s) * size < SHORT_BYTES;
        if (source->spread)
            source->tile = (*tiles)++;
    }
    for (uint32_t k = 0; k < group->step_count; k++)
        describe_step(group, &group->steps[k]);
    find_advances(group);
}
