/* The verifier of plans finds faults of cursors: where arrays of compiled groups are from step to step of a loop. */
#include "planted_faults.h"

enum { ROWS = 48, COLUMNS = 9 };

/*
 * A loop whose group reads a sequence, a weight and a state. Forward, the state is stacked, and the gradient adds up
 * over steps; backward, only its last value is wanted, and it takes two places by turns.
 */
static gt_plan *carrying(gt_tape *tape, gt_direction direction)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS, STEPS));
    gt_var w = gt_parameter(tape, "w", GT_SHAPE(ROWS, 1)), h0 = gt_state(tape, "h", GT_SHAPE(ROWS, COLUMNS));
    gt_var outputs[3];
    gt_scan *scan = gt_scan_begin(tape, STEPS, direction);
    gt_var h = gt_scan_carry(scan, "h", h0), slice = gt_scan_input(scan, "x", x);
    gt_var after = gt_tanh(gt_add(gt_mul(w, h), slice));
    gt_scan_next(scan, h, after);
    gt_scan_end(scan);
    uint32_t count = direction == GT_FORWARD ? 3 : 1;
    outputs[0] = count == 3 ? gt_scan_stack(scan, after) : gt_scan_final(scan, h);
    if (count == 3)
        cr_assert_eq(gt_grad(outputs, NULL, 1, (gt_var[]){w, h0}, 2, outputs + 1), GT_OK, "%s", gt_tape_message(tape));
    return plan_of(outputs, count, NULL);
}

static gt_group *group_with_cursor(const gt_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_loop *loop = gt_loop_of(&block->list[i]);
        gt_group *group = loop != NULL ? group_with_cursor(&loop->body) : gt_group_of(&block->list[i]);
        if (group != NULL && group->cursor != NULL && group->cursor->moves)
            return group;
    }
    return NULL;
}

static gt_plan *stacking(gt_tape *tape)
{
    return carrying(tape, GT_FORWARD);
}

static gt_plan *turning(gt_tape *tape)
{
    return carrying(tape, GT_BACKWARD);
}

/* A copy of the cursor, which may be changed. */
static gt_cursor *cursor_of(gt_plan *plan)
{
    static gt_cursor cursor;
    gt_group *group = group_with_cursor(&plan->code.block);
    cr_assert_not_null(group);
    cursor = *group->cursor;
    group->cursor = &cursor;
    return &cursor;
}

static void advance_too_far(gt_plan *plan)
{
    static int64_t far[GT_MOST_LOOP_ARRAYS];
    for (int n = 0; n < GT_MOST_LOOP_ARRAYS; n++)
        far[n] = 8;
    cursor_of(plan)->advance = far;
}

static void stay_at_pointer(gt_plan *plan)
{
    cursor_of(plan)->turning_count = 0;
}

/* Of the entries that change; that are changed in the test. */
static gt_turning *turnings(gt_plan *plan)
{
    static gt_turning others[GT_MOST_LOOP_ARRAYS];
    gt_cursor *cursor = cursor_of(plan);
    memcpy(others, cursor->turning, cursor->turning_count * sizeof *others);
    cursor->turning = others;
    return others;
}

static void follow_other_pointer(gt_plan *plan)
{
    turnings(plan)[0].pointer++;
}

/* What turns is an array that stays where it is. */
static void follow_what_stays(gt_plan *plan)
{
    const gt_group *group = group_with_cursor(&plan->code.block);
    gt_turning *all = turnings(plan);
    for (uint32_t n = 0; n < group->spans[0].array_count; n++)
        if (group->cursor->begins[n].base != GT_BASE_POINTER)
            all[0].array = n;
}

/* Of two that turn, the second is a state's next value. */
static void stay_at_next_value(gt_plan *plan)
{
    gt_turning *all = turnings(plan);
    const gt_carried *carried = &loop_of(plan)->carried[0];
    gt_cursor *cursor = (gt_cursor *)(uintptr_t)group_with_cursor(&plan->code.block)->cursor;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < cursor->turning_count; i++)
        if (all[i].pointer != carried->new_pointer)
            all[kept++] = all[i];
    cr_assert_lt(kept, cursor->turning_count);
    cursor->turning_count = kept;
}

/* The old value of a state is that of a sequence in pieces. */
static void stay_at_sequence(gt_plan *plan)
{
    static gt_pieced sequence;
    static int64_t first[1];
    static gt_operand piece;
    gt_loop *loop = loop_of(plan);
    cursor_of(plan)->turning_count = 0;
    piece = loop->carried[0].initial;
    piece.shape = GT_SHAPE(ROWS, COLUMNS, STEPS);
    piece.address = (gt_address){.base = GT_BASE_INPUT};
    piece.address.step[loop->depth] = ROWS * COLUMNS * sizeof(double);
    sequence = (gt_pieced){.pointer = loop->carried[0].old_pointer, .count = 1, .first = first, .pieces = &piece};
    loop->pieced = &sequence;
    loop->pieced_count = 1;
}

static void begin_behind(gt_plan *plan)
{
    cursor_of(plan)->first += 1000;
}

static void go_in_two_loops(gt_plan *plan)
{
    gt_group *group = group_with_cursor(&plan->code.block);
    static gt_span spans[2];
    cr_assert_gt(group->spans[0].count, 1);
    spans[0] = spans[1] = group->spans[0];
    spans[0].count--;
    spans[1].first = spans[0].count;
    spans[1].count = 1;
    for (uint32_t k = 0; k < group->step_count; k++) {
        group->steps[k].inside = false;
        group->steps[k].tile = k;
    }
    plan->code.most_tiles = group->step_count;
    group->spans = spans;
    group->span_count = 2;
}

Test(plan_verify_cursors, finds_faults_of_cursors)
{
    static const planted_fault faults[] = {
        {advance_too_far, "goes to another place than the next step's"},
        {begin_behind, "has a cursor that is not there"},
        {go_in_two_loops, "has a cursor, and is not one loop"},
    };
    EXPECT_SPAN_FAULTS(stacking, faults);
}

Test(plan_verify_cursors, finds_faults_of_cursors_that_turn)
{
    static const planted_fault faults[] = {
        {stay_at_sequence, "a group does not follow a pointer that changes"},
        {stay_at_pointer, "a group does not follow a pointer that changes"},
        {follow_other_pointer, "a group does not follow a pointer that changes"},
        {follow_what_stays, "a group does not follow a pointer that changes"},
        {stay_at_next_value, "a group does not follow a pointer that changes"},
    };
    EXPECT_SPAN_FAULTS(turning, faults);
}

static gt_plan *alone(gt_tape *tape)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS)), y = gt_tanh(gt_mul(x, x));
    return plan_of(&y, 1, NULL);
}

/* A group by itself goes nowhere. */
static void move_by_itself(gt_plan *plan)
{
    static gt_cursor cursor;
    cursor = *group_of(plan)->cursor;
    cursor.moves = true;
    group_of(plan)->cursor = &cursor;
}

static void go_to_other_columns(gt_plan *plan)
{
    static gt_cursor cursor;
    static size_t columns[GT_MOST_LOOP_ARRAYS];
    cursor = *group_of(plan)->cursor;
    memcpy(columns, cursor.columns, cursor.count * sizeof *columns);
    columns[0]++;
    cursor.columns = columns;
    group_of(plan)->cursor = &cursor;
}

Test(plan_verify_cursors, finds_faults_of_a_cursor_outside_of_a_loop)
{
    static const planted_fault faults[] = {
        {move_by_itself, "has a cursor that does not fit the loop around it"},
        {go_to_other_columns, "has a cursor to other arrays"},
    };
    EXPECT_SPAN_FAULTS(alone, faults);
}
