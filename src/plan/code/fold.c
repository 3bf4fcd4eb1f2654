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
    int64_t columns = ((int64_t)1 << gt_level_shape(level, index).rank) - 2;
    for (uint32_t r = level->uses->first[index]; r < level->uses->first[index + 1]; r++) {
        const gt_node *reader = gt_level_node(level, level->uses->readers[r]);
        if (reader->op != &gt_op_sum || (gt_node_attributes(level->tape, reader)[GT_REDUCE_AXES] & columns) != columns)
            return false;
    }
    return level->uses->leaves[index] == 0;
}

/* Are the columns of state k of a body, a sum over steps, summed by all who read it behind the loop? */
static bool is_folded(const gt_level *body, uint32_t k)
{
    const gt_level *around = body->around;
    for (uint32_t part = around->chain[body->scan_node]; part != 0; part = around->chain[part]) {
        const gt_node *node = gt_level_node(around, part);
        bool final =
            around->wanted[part] && node->op == &gt_op_scan_final && gt_node_attributes(around->tape, node)[0] == k;
        if (final && !is_summed_only(around, part))
            return false;
    }
    return true;
}

static bool is_long(const gt_group *group, const gt_group_step *step)
{
    return group->strips || step->rows * (int64_t)gt_dtype_size(group->dtype) >= LEAST_BYTES;
}

void gt_span_fold(const gt_level *level, gt_group *group)
{
    if (level->scan == NULL || group->columns < 2 || group->turned)
        return;
    for (uint32_t n = 0; n < group->step_count; n++) {
        gt_group_step *step = &group->steps[n];
        uint32_t state = step->written ? level->states->of[step->output.var.index] : 0;
        if (state == 0 || !level->states->added[state - 1] || !is_long(group, step) || !is_folded(level, state - 1))
            continue;
        for (uint32_t s = 0; s < group->source_count; s++)
            if (gt_same_address(&group->sources[s].operand.address, &step->output.address))
                step->folds = group->sources[s].folds = true;
    }
}

bool gt_span_folds(const gt_group *group)
{
    bool folds = false;
    for (uint32_t k = 0; k < group->step_count; k++)
        folds |= group->steps[k].folds;
    return folds;
}

void gt_span_unfold(gt_group *group)
{
    for (uint32_t s = 0; s < group->source_count; s++)
        group->sources[s].folds = false;
    for (uint32_t k = 0; k < group->step_count; k++)
        group->steps[k].folds = false;
}
