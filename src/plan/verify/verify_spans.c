/* Faults of the spans of a group. */
#include "plan/verify/verify_parts.h"

/* Of a step that is not before the span, as those that read steps of it. */
static bool is_within(const gt_span *span, uint32_t k)
{
    return k < span->first + span->count;
}

/* Nothing but steps of its own loop reads what never leaves the registers, and as the loop goes. */
static bool check_inside(gt_code_check *c, const gt_group *group, const gt_span *span, uint32_t k)
{
    const gt_group_step *step = &group->steps[k];
    if (step->inside && (span->rows == 0 || step->written || step->kind == GT_STEP_SUM))
        return gt_verify_fault(c, step->op->name, "has no holder outside of a register");
    for (uint32_t reader = 0; reader < group->step_count; reader++)
        for (uint32_t n = 0; n < group->steps[reader].input_count; n++) {
            if (group->steps[reader].inputs[n] != group->source_count + k)
                continue;
            if (step->inside && !is_within(span, reader))
                return gt_verify_fault(c, group->steps[reader].op->name,
                                       "reads what stays in another loop's registers");
            if (is_within(span, reader) &&
                (step->kind == GT_STEP_SUM || group->steps[reader].views[n] || step->rows != span->rows))
                return gt_verify_fault(c, group->steps[reader].op->name, "reads what its own loop is still making");
        }
    return true;
}

static bool is_in_concat(const gt_group *group, uint32_t k)
{
    const gt_group_step *step = &group->steps[k], *concat = &group->steps[step->joined - 1];
    int64_t row = 0;
    for (uint32_t n = 0; n < concat->input_count; n++) {
        uint32_t input = concat->inputs[n];
        if (input == group->source_count + k)
            return row == step->joined_row;
        row += input < group->source_count ? group->sources[input].operand.shape.size[0]
                                           : group->steps[input - group->source_count].rows;
    }
    return false;
}

/* What is written into a concat is a part of it, and is read by loops alone; the concat writes over nothing. */
static bool check_joined(gt_code_check *c, const gt_group *group, const gt_span *span, uint32_t k)
{
    const gt_group_step *step = &group->steps[k];
    if (step->joined == 0)
        return true;
    if (step->joined > group->step_count || group->steps[step->joined - 1].kind != GT_STEP_CONCAT ||
        step->joined - 1 < span->first + span->count || step->written || !is_in_concat(group, k))
        return gt_verify_fault(c, step->op->name, "is written into a concat that does not have it there");
    const gt_group_step *concat = &group->steps[step->joined - 1];
    for (uint32_t s = 0; s < group->source_count && concat->written; s++)
        if (gt_same_address(&group->sources[s].operand.address, &concat->output.address))
            return gt_verify_fault(c, step->op->name, "is written over an operand of its group too early");
    for (uint32_t n = 0; n < group->span_count; n++)
        for (uint32_t i = 0; i < group->steps[group->spans[n].first].input_count && group->spans[n].rows == 0; i++)
            if (group->steps[group->spans[n].first].inputs[i] == group->source_count + k &&
                group->spans[n].first != step->joined - 1)
                return gt_verify_fault(c, step->op->name, "is read where it is not");
    return true;
}

/* The rows that a step of a loop reads are in what it reads them from. */
static bool check_views(gt_code_check *c, const gt_group *group, const gt_span *span, const gt_group_step *step)
{
    for (uint32_t n = 0; n < step->input_count; n++) {
        uint32_t input = step->inputs[n];
        int64_t rows = input < group->source_count ? group->sources[input].operand.shape.size[0]
                                                   : group->steps[input - group->source_count].rows;
        int64_t end = step->first_rows[n] + (rows == 1 ? 1 : span->rows);
        if (step->first_rows[n] < 0 || (group->strips && end > rows) || (step->first_rows[n] > 0 && !step->views[n]))
            return gt_verify_fault(c, step->op->name, "reads rows that its operand does not have");
    }
    return gt_verify_that(c, step->kind == GT_STEP_SUM || step->rows == span->rows, step->op->name,
                          "has other rows than its loop");
}

bool gt_verify_spans(gt_code_check *c, const gt_group *group)
{
    uint32_t next = 0;
    for (uint32_t n = 0; n < group->span_count; n++) {
        const gt_span *span = &group->spans[n];
        if (span->first != next || span->count == 0 || (span->rows == 0 && span->count > 1))
            return gt_verify_fault(c, "a group", "has steps that no loop does, or several");
        if ((span->run != NULL) != (span->rows > 0) || span->array_count > GT_MOST_LOOP_ARRAYS)
            return gt_verify_fault(c, "a group", "has a loop that was not compiled");
        next += span->count;
        for (uint32_t k = span->first; k < next; k++)
            if (!check_inside(c, group, span, k) || !check_joined(c, group, span, k) ||
                (span->rows > 0 && !check_views(c, group, span, &group->steps[k])))
                return false;
        for (uint32_t a = 0; a < span->array_count; a++)
            if (span->arrays[a].reg >= group->source_count + group->step_count)
                return gt_verify_fault(c, "a group", "has a loop over an array that is not there");
    }
    return gt_verify_that(c, next == group->step_count, "a group", "has steps that no loop does, or several");
}

/* The first step that writes into the tile of step k. */
static uint32_t first_in_tile(const gt_group *group, uint32_t k)
{
    for (uint32_t first = 0; first < k; first++)
        if (gt_group_holder(group, first) == gt_group_holder(group, k))
            return first;
    return k;
}

/* Nothing is read from a tile that an earlier span, or the same one, gave to something else. */
bool gt_verify_sharing_of_spans(gt_code_check *c, const gt_group *group)
{
    for (uint32_t reading = 0; reading < group->span_count; reading++)
        for (uint32_t k = group->spans[reading].first; is_within(&group->spans[reading], k); k++)
            for (uint32_t n = 0; n < group->steps[k].input_count; n++) {
                if (group->steps[k].inputs[n] < group->source_count)
                    continue;
                uint32_t from = group->steps[k].inputs[n] - group->source_count, holder = gt_group_holder(group, from);
                if (group->steps[holder].written || group->steps[holder].inside)
                    continue;
                uint32_t end = group->spans[reading].first + group->spans[reading].count;
                for (uint32_t other = first_in_tile(group, from) + 1; other < end; other++)
                    if (gt_group_holder(group, other) != holder &&
                        !group->steps[gt_group_holder(group, other)].written && !group->steps[other].inside &&
                        group->steps[gt_group_holder(group, other)].tile == group->steps[holder].tile)
                        return gt_verify_fault(c, group->steps[k].op->name, "reads a tile that was written over");
            }
    return true;
}
