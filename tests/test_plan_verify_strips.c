/* The verifier of plans finds faults of groups that go through whole columns, op by op. */
#include "planted_faults.h"

enum { ROWS = 24, COLUMNS = 10 };

/* Sums of columns, of what is read and of what is computed; parts of these, joined the other way round. */
static gt_plan *striping(gt_tape *tape)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var y = gt_tanh(gt_sub(x, gt_mean(x, 0)));
    gt_var top = gt_sigmoid(gt_slice(y, 0, 0, 9)), rest = gt_exp(gt_slice(y, 0, 9, ROWS));
    gt_var joined = gt_concat((gt_var[]){rest, gt_mul(top, gt_sum(top, 0))}, 2, 0);
    return uncompiled_plan_of(&joined, 1);
}

static gt_group *strips_of(gt_plan *plan)
{
    gt_group *group = first_of(&plan->code.block, GT_INSTRUCTION_GROUP)->group;
    cr_assert(group->strips && group->spans == NULL);
    return group;
}

static gt_group_step *step_of(gt_plan *plan, gt_step_kind kind)
{
    gt_group *group = strips_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].kind == kind)
            return &group->steps[k];
    cr_assert_fail("there is no such step");
    return NULL;
}

static void cut_too_far(gt_plan *plan)
{
    step_of(plan, GT_STEP_SLICE)->first_row += ROWS;
}

static void cut_before_the_first(gt_plan *plan)
{
    step_of(plan, GT_STEP_SLICE)->first_row = -1;
}

static void cut_nothing(gt_plan *plan)
{
    step_of(plan, GT_STEP_SLICE)->rows = 0;
}

static void join_too_little(gt_plan *plan)
{
    step_of(plan, GT_STEP_CONCAT)->rows--;
}

static void join_more_than_there_are(gt_plan *plan)
{
    step_of(plan, GT_STEP_CONCAT)->rows = strips_of(plan)->rows + 1;
}

static void sum_with_other_distance(gt_plan *plan)
{
    step_of(plan, GT_STEP_SUM)->input_rows[0]++;
}

static void sum_to_nothing(gt_plan *plan)
{
    step_of(plan, GT_STEP_SUM)->rows = 0;
}

static void sum_to_two_rows(gt_plan *plan)
{
    step_of(plan, GT_STEP_SUM)->rows = 2;
}

static void sum_two_operands(gt_plan *plan)
{
    gt_group_step *sum = step_of(plan, GT_STEP_SUM);
    sum->input_count = 2;
    sum->inputs[1] = sum->inputs[0];
    sum->input_rows[1] = sum->input_rows[0];
}

static void sum_what_is_the_same_for_all(gt_plan *plan)
{
    gt_group_step *sum = step_of(plan, GT_STEP_SUM);
    cr_assert_lt(sum->inputs[0], strips_of(plan)->source_count);
    strips_of(plan)->sources[sum->inputs[0]].walk = GT_WALK_COLUMN;
}

static void take_fewer_entries(gt_plan *plan)
{
    step_of(plan, GT_STEP_ENTRIES)->rows--;
}

static void take_entries_with_other_distance(gt_plan *plan)
{
    step_of(plan, GT_STEP_ENTRIES)->input_rows[0]++;
}

static void stretch_nothing(gt_plan *plan)
{
    gt_group_step *step = step_of(plan, GT_STEP_ENTRIES);
    step->strides[0] = !step->strides[0];
}

static void stretch_over_all_columns(gt_plan *plan)
{
    gt_group_step *step = step_of(plan, GT_STEP_ENTRIES); /* the difference from the mean */
    cr_assert(step->each_column);
    step->each_column = false;
}

static void widen(gt_plan *plan)
{
    strips_of(plan)->tile_columns *= 64;
}

/* The first step that is no entry by entry one, and reads a tile, writes over that. */
static void write_over_what_is_cut(gt_plan *plan)
{
    gt_group *group = strips_of(plan);
    gt_group_step *slice = step_of(plan, GT_STEP_SLICE);
    cr_assert(!slice->written && slice->inputs[0] >= group->source_count);
    slice->tile = group->steps[slice->inputs[0] - group->source_count].tile;
}

Test(plan_verify_strips, finds_faults_of_strips)
{
    static const planted_fault faults[] = {
        {cut_too_far, "slice has other rows than its operands give"},
        {cut_before_the_first, "slice has other rows than its operands give"},
        {cut_nothing, "slice has other rows than its operands give"},
        {join_too_little, "concat has other rows than its operands give"},
        {join_more_than_there_are, "concat has other rows than its operands give"},
        {sum_with_other_distance, "mean reads other rows than its operand has"},
        {sum_to_nothing, "mean has other rows than its operands give"},
        {sum_to_two_rows, "mean has other rows than its operands give"},
        {sum_two_operands, "mean has other rows than its operands give"},
        {sum_what_is_the_same_for_all, "mean reads other rows than its operand has"},
        {take_fewer_entries, "sub reads other rows than its operand has"},
        {take_entries_with_other_distance, "sub reads other rows than its operand has"},
        {stretch_nothing, "sub reads other rows than its operand has"},
        {stretch_over_all_columns, "sub reads other rows than its operand has"},
        {widen, "a group does not fit its tiles"},
        {write_over_what_is_cut, "slice writes over a tile that it reads otherwise"},
    };
    EXPECT_FAULTS(striping, faults);
}
