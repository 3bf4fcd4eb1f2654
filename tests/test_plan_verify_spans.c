/* The verifier of plans finds faults of compiled groups: of their loops, and of parts of concats. */
#include "planted_faults.h"

enum { ROWS = 48, COLUMNS = 9 };

/* ---- loops -------------------------------------------------------------------------------------- */

/* A normalised x: its mean, its deviation, and what is made of them are three loops at least. */
static gt_plan *normalising(gt_tape *tape)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var centred = gt_sub(x, gt_mean(x, 0)), deviation = gt_sqrt(gt_mean(gt_mul(centred, centred), 0));
    gt_var y = gt_div(gt_tanh(gt_slice(gt_div(centred, deviation), 0, 3, 20)), deviation);
    return plan_of(&y, 1, NULL);
}

static void lose_loop(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    for (uint32_t n = 0; n < group->span_count; n++)
        group->spans[n].run = NULL;
}

static void lose_step(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    group->spans[1].first++;
    group->spans[1].count--;
}

static void read_other_array(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    ((gt_loop_array *)(uintptr_t)group->spans[0].arrays)[0].reg = group->source_count + group->step_count;
}

/* What a later loop reads stays in registers. */
static void keep_inside(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (!group->steps[k].written && group->steps[k].kind == GT_STEP_ENTRIES)
            group->steps[k].inside = true;
}

static void read_behind(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++)
            if (group->steps[k].views[n])
                group->steps[k].first_rows[n] += ROWS;
}

static void share_tile(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        group->steps[k].tile = 0;
}

/* A mean is read by the loop that makes it. */
static void read_too_early(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    group->spans[0].count += group->spans[1].count;
    for (uint32_t n = 1; n + 1 < group->span_count; n++)
        group->spans[n] = group->spans[n + 1];
    group->span_count--;
}

/* An inner step of the first loop that its own loop reads; NULL: there is none. */
static gt_group_step *step_within(gt_plan *plan, bool read_by_its_loop)
{
    gt_group *group = group_of(plan);
    for (uint32_t n = 0; n < group->span_count; n++)
        for (uint32_t k = group->spans[n].first; k < group->spans[n].first + group->spans[n].count; k++) {
            bool read = false;
            for (uint32_t reader = k + 1; reader < group->spans[n].first + group->spans[n].count; reader++)
                for (uint32_t i = 0; i < group->steps[reader].input_count; i++)
                    read = read || group->steps[reader].inputs[i] == group->source_count + k;
            if (read == read_by_its_loop && group->spans[n].rows > 0 && group->steps[k].kind == GT_STEP_ENTRIES)
                return &group->steps[k];
        }
    cr_assert_fail("there is no such step");
    return NULL;
}

static void compute_fewer_rows(gt_plan *plan)
{
    step_within(plan, true)->rows--;
}

static void compute_other_rows_than_the_loop(gt_plan *plan)
{
    step_within(plan, false)->rows--;
}

/* A step of a loop reads rows of what the loop is still making. */
static void read_rows_too_early(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    uint32_t made = group->source_count + (uint32_t)(step_within(plan, true) - group->steps);
    for (uint32_t k = 0; k < group->step_count; k++)
        for (uint32_t n = 0; n < group->steps[k].input_count; n++)
            if (group->steps[k].inputs[n] == made)
                group->steps[k].views[n] = true;
}

static void keep_written_inside(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    cr_assert(group->steps[group->step_count - 1].written);
    group->steps[group->step_count - 1].inside = true;
}

static gt_group_step *sum_of(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].kind == GT_STEP_SUM)
            return &group->steps[k];
    cr_assert_fail("there is no sum");
    return NULL;
}

static void keep_sum_inside(gt_plan *plan)
{
    sum_of(plan)->inside = true;
}

static gt_group_step *viewing(gt_plan *plan, uint32_t *input)
{
    gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        for (*input = 0; *input < group->steps[k].input_count; ++*input)
            if (group->steps[k].views[*input])
                return &group->steps[k];
    cr_assert_fail("nothing reads rows of something");
    return NULL;
}

static void read_before_the_first_row(gt_plan *plan)
{
    uint32_t input;
    viewing(plan, &input)->first_rows[input] = -1;
}

static void read_rows_of_no_view(gt_plan *plan)
{
    uint32_t input;
    gt_group_step *step = viewing(plan, &input);
    cr_assert_gt(step->first_rows[input], 0);
    step->views[input] = false;
}

static void add_empty_loop(gt_plan *plan)
{
    group_of(plan)->spans[0].count = 0;
}

/* Only a compiled loop does several steps. */
static void make_several_steps_uncompiled(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    uint32_t n = 0;
    while (group->spans[n].count < 2)
        n++;
    group->spans[n].rows = 0;
    group->spans[n].run = NULL;
}

static void use_too_many_arrays(gt_plan *plan)
{
    group_of(plan)->spans[0].array_count = GT_MOST_LOOP_ARRAYS + 1;
}

static void lose_last_loop(gt_plan *plan)
{
    group_of(plan)->span_count--;
}

Test(plan_verify_spans, finds_faults_of_loops)
{
    static const planted_fault faults[] = {
        {lose_loop, "a group has a loop that was not compiled"},
        {lose_step, "a group has steps that no loop does, or several"},
        {read_other_array, "a group has a loop over an array that is not there"},
        {keep_inside, "mul reads what stays in another loop's registers"},
        {read_behind, "tanh reads rows that its operand does not have"},
        {share_tile, "sub reads a tile that was written over"},
        {read_too_early, "sub reads what its own loop is still making"},
        {compute_fewer_rows, "mul reads what its own loop is still making"},
        {compute_other_rows_than_the_loop, "div has other rows than its loop"},
        {read_rows_too_early, "mul reads what its own loop is still making"},
        {keep_written_inside, "mul has no holder outside of a register"},
        {keep_sum_inside, "mean has no holder outside of a register"},
        {read_before_the_first_row, "tanh reads rows that its operand does not have"},
        {read_rows_of_no_view, "tanh reads rows that its operand does not have"},
        {add_empty_loop, "a group has steps that no loop does, or several"},
        {make_several_steps_uncompiled, "a group has steps that no loop does, or several"},
        {use_too_many_arrays, "a group has a loop that was not compiled"},
        {lose_last_loop, "a group has steps that no loop does, or several"},
    };
    EXPECT_SPAN_FAULTS(normalising, faults);
}

/* ---- parts of concats ------------------------------------------------------------------------------ */

/* Rows of matrices below each other, which the run reads as one and one by one. */
static gt_plan *joining(gt_tape *tape)
{
    gt_var outputs[3];
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS));
    gt_var y = gt_input(tape, "y", GT_SHAPE(ROWS, COLUMNS));
    gt_var a = gt_tanh(gt_sub(x, gt_mean(x, 0))), b = gt_sigmoid(gt_mul(x, y)), c = gt_exp(y);
    gt_var both = gt_concat((gt_var[]){a, y, b}, 3, 0), twice = gt_concat((gt_var[]){c, c}, 2, 0);
    gt_var again = gt_concat((gt_var[]){b, y}, 2, 0), sums = gt_sum(gt_mul(both, both), 0);
    outputs[0] = gt_div(gt_mul(both, both), sums);
    outputs[1] = gt_add(gt_mul(twice, sums), gt_mul(again, gt_sum(a, 0)));
    outputs[2] = gt_mul(gt_slice(b, 0, 2, 20), gt_mean(gt_slice(a, 0, 5, 30), 0));
    return plan_of(outputs, 3, NULL);
}

static gt_group_step *joined_step(gt_group *group)
{
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].joined != 0)
            return &group->steps[k];
    return NULL;
}

static void join_at_other_row(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    joined_step(group)->joined_row++;
}

static void join_to_no_concat(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    joined_step(group)->joined = 1;
}

static void join_to_other_concat(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    for (uint32_t k = 0; k < group->step_count; k++)
        if (group->steps[k].kind == GT_STEP_CONCAT && k != joined_step(group)->joined - 1) {
            joined_step(group)->joined = k + 1;
            return;
        }
}

/* Another copy reads it from where it would be otherwise. */
static void read_joined_elsewhere(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    uint32_t part = group->source_count + (uint32_t)(joined_step(group) - group->steps);
    for (uint32_t k = group->step_count; k-- > 0;)
        if (group->steps[k].kind == GT_STEP_CONCAT && k != joined_step(group)->joined - 1) {
            group->steps[k].inputs[0] = part;
            return;
        }
}

/* The tile of the concat is given to something else before its last part is there. */
static void share_tile_of_concat(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    uint32_t concat = joined_step(group)->joined - 1;
    for (uint32_t k = (uint32_t)(joined_step(group) - group->steps) + 1; k < group->step_count; k++)
        if (k != concat && !group->steps[k].written && !group->steps[k].inside && group->steps[k].joined == 0)
            group->steps[k].tile = group->steps[concat].tile;
}

static void join_to_nothing(gt_plan *plan)
{
    joined_step(group_of(plan))->joined = group_of(plan)->step_count + 1;
}

/* A copy that is made by a concat before the step. */
static void join_to_earlier_concat(gt_plan *plan)
{
    gt_group *group = group_of(plan);
    uint32_t concat = 0;
    while (group->steps[concat].kind != GT_STEP_CONCAT)
        concat++;
    cr_assert_lt(concat + 1, group->step_count);
    group->steps[group->step_count - 1].joined = concat + 1;
}

static void write_joined(gt_plan *plan)
{
    gt_group_step *step = joined_step(group_of(plan));
    step->written = true;
    step->output = (gt_operand){.address = behind_the_arena(plan), .dtype = GT_F64, .shape = GT_SHAPE(ROWS, COLUMNS)};
    plan->code.arena_bytes += gt_operand_bytes(&step->output);
}

Test(plan_verify_spans, finds_faults_of_concats)
{
    static const planted_fault faults[] = {
        {join_at_other_row, "tanh is written into a concat that does not have it there"},
        {join_to_no_concat, "tanh is written into a concat that does not have it there"},
        {join_to_other_concat, "tanh is written into a concat that does not have it there"},
        {read_joined_elsewhere, "tanh is read where it is not"},
        {share_tile_of_concat, "sum reads a tile that was written over"},
        {join_to_nothing, "tanh is written into a concat that does not have it there"},
        {join_to_earlier_concat, "mul is written into a concat that does not have it there"},
        {write_joined, "tanh is written into a concat that does not have it there"},
    };
    EXPECT_SPAN_FAULTS(joining, faults);
}
