/*
 * Parts of a concat within a compiled group are written where the concat has them,
 * so that it copies nothing.
 */
#include "plan/code/spans.h"

static bool writes_over_source(const gt_group *group, const gt_group_step *step)
{
    for (uint32_t s = 0; s < group->source_count && step->written; s++)
        if (gt_same_address(&step->output.address, &group->sources[s].operand.address))
            return true;
    return false;
}

/* Only loops find a part where it is: nothing else but the concat may read it, and that once. */
static bool is_read_otherwise(const gt_group *group, uint32_t reg)
{
    uint32_t times = 0;
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++)
            times += group->steps[k].inputs[n] == reg && gt_span_rows_of(group, &group->steps[k]) == 0;
    return times > 1;
}

/* Is the register the result of an op of a loop that has no place yet? */
static bool can_be_part(const gt_group *group, const gt_group_step *concat, uint32_t n)
{
    if (concat->inputs[n] < group->source_count || is_read_otherwise(group, concat->inputs[n]))
        return false;
    const gt_group_step *part = &group->steps[concat->inputs[n] - group->source_count];
    return part->kind == GT_STEP_ENTRIES && part->op->lanes != NULL && !part->written && part->joined == 0 &&
           part->rows > 1;
}

void gt_span_join_parts(gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++) {
        const gt_group_step *concat = &group->steps[k];
        if (concat->kind != GT_STEP_CONCAT || writes_over_source(group, concat))
            continue;
        int64_t row = 0;
        for (uint32_t n = 0; n < concat->input_count; n++) {
            int64_t rows = gt_span_register_rows(group, concat->inputs[n]);
            if (can_be_part(group, concat, n)) {
                gt_group_step *part = &group->steps[concat->inputs[n] - group->source_count];
                part->joined = k + 1;
                part->joined_row = row;
            }
            row += rows;
        }
    }
}

gt_loop_array gt_span_array(const gt_group *group, uint32_t reg, int64_t first_row)
{
    size_t size = gt_dtype_size(group->dtype);
    if (reg < group->source_count)
        return (gt_loop_array){reg, (size_t)first_row * size};
    uint32_t k = reg - group->source_count;
    return (gt_loop_array){group->source_count + gt_group_holder(group, k),
                           (size_t)(first_row + group->steps[k].joined_row) * size};
}
