/*
 * Sums over steps whose columns are summed behind the loop.
 *
 * The gradient of a gain or a bias is a sum over all steps and all columns. In the
 * loop each column would have its own sum, as large as the term itself, that is
 * read and written at every step from a cache which is not near. A compiled loop
 * adds all columns to the first one that it goes through; the others keep what
 * they had at first. Their sum is the same, but for rounding.
 */
#include "plan/code/spans.h"

#include "ops/descriptors.h"
#include "ops/reduce.h"

/* A loop that goes through all columns at once would become one over each column: not if these are shorter. */
enum { LEAST_BYTES = 1024 };

/* Does nothing but sums over all columns read the node? */
static bool is_summed_only(const gt_level *level, uint32_t index)
{
    gt_shape shape = gt_level_shape(level, index);
    int64_t columns = ((int64_t)1 << shape.rank) - 2;
    for (uint32_t i = index + 1; i <= level->count; i++) {
        const gt_node *node = gt_level_node(level, i);
        for (uint32_t n = 0; n < node->input_count && level->wanted[i]; n++)
            if (gt_node_inputs(level->tape, node)[n] == index &&
                (node->op != &gt_op_sum ||
                 (gt_node_attributes(level->tape, node)[GT_REDUCE_AXES] & columns) != columns))
                return false;
    }
    return true;
}

static bool leaves(const gt_lowering *lowering, const gt_level *level, uint32_t index)
{
    for (uint32_t k = 0; level->scan == NULL && k < lowering->program->output_count; k++)
        if (lowering->program->outputs[k].index == index)
            return true;
    for (uint32_t k = 0; level->scan != NULL && k < level->scan->carry_count; k++)
        if (level->scan->carries[k].after == index)
            return true;
    return level->slots != NULL && level->slots[index] != 0;
}

/* Are the columns of state k of a body, a sum over steps, summed by all who read it behind the loop? */
static bool is_folded(const gt_lowering *lowering, const gt_level *body, uint32_t k)
{
    const gt_level *around = body->around;
    for (uint32_t i = 1; i <= around->count; i++) {
        const gt_node *node = gt_level_node(around, i);
        if (!around->wanted[i] || node->op != &gt_op_scan_final ||
            around->bodies[gt_node_inputs(around->tape, node)[0]] != body ||
            gt_node_attributes(around->tape, node)[0] != k)
            continue;
        if (leaves(lowering, around, i) || !is_summed_only(around, i))
            return false;
    }
    return true;
}

static bool is_long(const gt_group *group, const gt_group_step *step)
{
    return group->strips || step->rows * (int64_t)gt_dtype_size(group->dtype) >= LEAST_BYTES;
}

void gt_span_fold(const gt_lowering *lowering, const gt_level *level, gt_group *group)
{
    if (level->scan == NULL || group->columns < 2)
        return;
    for (uint32_t n = 0; n < group->step_count; n++) {
        gt_group_step *step = &group->steps[n];
        uint32_t state = step->written ? level->state_of[step->output.var.index] : 0;
        if (state == 0 || !level->added[state - 1] || !is_long(group, step) || !is_folded(lowering, level, state - 1))
            continue;
        for (uint32_t s = 0; s < group->source_count; s++)
            if (gt_same_address(&group->sources[s].operand.address, &step->output.address))
                step->folds = group->sources[s].folds = true;
    }
}

void gt_span_unfold(gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        group->sources[s].folds = false;
    for (uint32_t k = 0; k < group->step_count; k++)
        group->steps[k].folds = false;
}
