/* The verifier of plans finds faults of loops: of their states, their stacks, and sequences in pieces. */
#include "planted_faults.h"

/* ---- states, stacks and final values --------------------------------------------------------- */

static void point_at_no_state(gt_plan *plan)
{
    loop_of(plan)->carried[0].old_pointer = plan->code.pointer_count;
}

static void point_at_no_next_state(gt_plan *plan)
{
    loop_of(plan)->carried[0].new_pointer = plan->code.pointer_count;
}

static void read_next_state_behind(gt_plan *plan)
{
    loop_of(plan)->carried[0].after.address = behind_the_arena(plan);
}

static void begin_state_behind(gt_plan *plan)
{
    loop_of(plan)->carried[0].initial.address = behind_the_arena(plan);
}

static void begin_larger_state(gt_plan *plan)
{
    loop_of(plan)->carried[0].initial.shape = GT_SHAPE(4, 1);
}

static void lose_state(gt_plan *plan)
{
    loop_of(plan)->carried_count = 0;
}

/* Two places by turns, of which nothing is wrong; the state is stacked otherwise. */
static gt_carried *copied(gt_plan *plan)
{
    gt_carried *carried = &loop_of(plan)->carried[0];
    carried->carrying = GT_CARRY_COPIED;
    for (int turn = 0; turn < 2; turn++)
        carried->kept[turn] = (gt_address){.base = GT_BASE_ARENA};
    return carried;
}

static void keep_state_in_input(gt_plan *plan)
{
    copied(plan)->kept[1].base = GT_BASE_INPUT;
}

static void keep_state_behind(gt_plan *plan)
{
    copied(plan)->kept[0] = behind_the_arena(plan);
}

/* Of the entries of the run's result, which is right by itself. */
static gt_copying *stacked(gt_plan *plan)
{
    static gt_copying copying;
    copying = (gt_copying){*result_of(plan), *result_of(plan)};
    loop_of(plan)->copies = &copying;
    loop_of(plan)->copy_count = 1;
    return &copying;
}

static void stack_from_behind(gt_plan *plan)
{
    stacked(plan)->from.address = behind_the_arena(plan);
}

static void stack_into_input(gt_plan *plan)
{
    stacked(plan)->to.address = (gt_address){.base = GT_BASE_INPUT};
}

/* A final value of the state, of which nothing is wrong. */
static gt_operand * final(gt_plan *plan)
{
    static gt_operand value;
    static uint32_t state;
    state = 0;
    value = loop_of(plan)->carried[0].after;
    value.address = (gt_address){.base = GT_BASE_ARENA};
    loop_of(plan)->finals = &value;
    loop_of(plan)->final_states = &state;
    loop_of(plan)->final_count = 1;
    return &value;
}

static void leave_into_input(gt_plan *plan)
{
    final(plan)->address.base = GT_BASE_INPUT;
}

static void leave_smaller(gt_plan *plan)
{
    final(plan)->shape = GT_SHAPE(4, 1);
}

static void leave_no_state(gt_plan *plan)
{
    final(plan);
    loop_of(plan)->final_states[0] = loop_of(plan)->carried_count;
}

static void divide_loop_into_parts_of_states(gt_plan *plan)
{
    stacked(plan);
    loop_of(plan)->batch = 5;
    loop_of(plan)->batch_unit = 1;
}

static void divide_loop_into_parts_of_stacks(gt_plan *plan)
{
    stacked(plan)->from.shape = GT_SHAPE(3);
    loop_of(plan)->batch = 2;
    loop_of(plan)->batch_unit = 1;
}

static void divide_loop_into_nothing(gt_plan *plan)
{
    loop_of(plan)->batch = 2;
    loop_of(plan)->batch_unit = 0;
}

Test(plan_verify_loops, finds_faults_of_states_and_stacks)
{
    static const planted_fault faults[] = {
        {point_at_no_state, "a state has no pointer"},
        {point_at_no_next_state, "a state has no pointer"},
        {read_next_state_behind, "the next value of a state does not lie within its memory"},
        {begin_state_behind, "the initial value of a state does not lie within its memory"},
        {begin_larger_state, "a state does not have the size of its initial value"},
        {lose_state, "a final value does not fit its state"},
        {keep_state_in_input, "a state is kept outside of the workspace"},
        {keep_state_behind, "a state that is kept does not lie within its memory"},
        {stack_from_behind, "a value to be stacked does not lie within its memory"},
        {stack_into_input, "a slot of a stack is written outside of the workspace"},
        {leave_into_input, "a final value is written outside of the workspace"},
        {leave_smaller, "a final value does not fit its state"},
        {leave_no_state, "a final value does not fit its state"},
        {divide_loop_into_parts_of_states, "a loop is divided into pieces that its states and stacks do not have"},
        {divide_loop_into_parts_of_stacks, "a loop is divided into pieces that its states and stacks do not have"},
        {divide_loop_into_nothing, "a loop is divided into pieces that its states and stacks do not have"},
    };
    EXPECT_FAULTS(looping, faults);
}

static void change_nothing_of_state(gt_plan *plan)
{
    copied(plan);
}

static void change_nothing_of_stack(gt_plan *plan)
{
    stacked(plan);
}

static void change_nothing_of_final(gt_plan *plan)
{
    final(plan);
}

/* So that the faults above are those of what is then changed. */
Test(plan_verify_loops, what_the_faults_are_planted_in_is_right)
{
    static void (*const changes[])(gt_plan *) = {change_nothing_of_state, change_nothing_of_stack,
                                                 change_nothing_of_final};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        gt_error error;
        gt_tape *tape = gt_tape_new(NULL);
        gt_plan *plan = looping(tape);
        changes[i](plan);
        cr_expect_eq(verify_plan(plan, &error), GT_OK, "%zu: %s", i, error.message);
        gt_plan_free(plan);
        gt_tape_free(tape);
    }
}

/* ---- loops over segments ---------------------------------------------------------------------- */

/* Two segments of two steps, behind a step that is left over. */
static gt_plan *segmented(gt_tape *tape)
{
    gt_var outputs[3];
    gt_error error = {0};
    record_outputs(tape, outputs);
    const char *const skip[] = {"compile-runs", "compile-products", NULL};
    gt_plan *plan =
        gt_plan_new_cut(outputs, 3, &(gt_plan_options){.skip = skip}, &(gt_segments){1, {2, 0}, false}, NULL, &error);
    cr_assert_not_null(plan, "%s", error.message);
    return plan;
}

static gt_loop *segments_of(gt_plan *plan)
{
    for (uint32_t i = 0; i < plan->code.block.count; i++) {
        gt_loop *loop = gt_loop_of(&plan->code.block.list[i]);
        if (loop != NULL && loop->shared)
            return loop;
    }
    cr_assert_fail("there is no loop over segments");
    return NULL;
}

static gt_loop *segment_of(gt_plan *plan)
{
    return first_of(&segments_of(plan)->body, GT_INSTRUCTION_LOOP)->loop;
}

static void divide_segments(gt_plan *plan)
{
    segments_of(plan)->batch = segments_of(plan)->batch_unit = 1;
}

static void give_segments_companions(gt_plan *plan)
{
    segments_of(plan)->following = 1;
}

static void share_steps(gt_plan *plan)
{
    segment_of(plan)->shared = true;
    segment_of(plan)->batch = 0;
}

static void share_no_segments(gt_plan *plan)
{
    segments_of(plan)->shared = false;
}

static void keep_state_in_region(gt_plan *plan)
{
    gt_carried *carried = &segment_of(plan)->carried[0];
    carried->carrying = GT_CARRY_COPIED;
    for (int turn = 0; turn < 2; turn++)
        carried->kept[turn] = (gt_address){.base = GT_BASE_REGION};
}

static void leave_in_region(gt_plan *plan)
{
    cr_assert_gt(segment_of(plan)->final_count, 0);
    segment_of(plan)->finals[0].address = (gt_address){.base = GT_BASE_REGION};
}

static void stack_in_region(gt_plan *plan)
{
    static gt_copying copying;
    copying = (gt_copying){segment_of(plan)->carried[0].after, segment_of(plan)->carried[0].after};
    copying.to.address = (gt_address){.base = GT_BASE_REGION};
    segment_of(plan)->copies = &copying;
    segment_of(plan)->copy_count = 1;
}

static void pass_segments_in_region(gt_plan *plan)
{
    segments_of(plan)->carried[0].after.address = (gt_address){.base = GT_BASE_REGION};
}

Test(plan_verify_loops, finds_faults_of_loops_over_segments)
{
    static const planted_fault faults[] = {
        {divide_segments, "a loop is not shared between threads as they go through it"},
        {give_segments_companions, "a loop is not shared between threads as they go through it"},
        {share_steps, "an instruction is divided into other batch than its loop"},
        {share_no_segments, "an instruction is divided into other batch than its loop"},
        {keep_state_in_region, "a loop is not shared between threads as they go through it"},
        {leave_in_region, "a loop is not shared between threads as they go through it"},
        {stack_in_region, "a loop is not shared between threads as they go through it"},
        {pass_segments_in_region, "is an input or a state that is not there, or not yet"},
    };
    EXPECT_FAULTS(segmented, faults);
}

/* ---- sequences in pieces ---------------------------------------------------------------------- */

/* A sequence in two pieces, one of one step and one of the others, which nothing is wrong with. */
static gt_pieced *pieced(gt_plan *plan)
{
    static int64_t first[2];
    static gt_operand pieces[2];
    static gt_pieced sequence;
    for (int k = 0; k < 2; k++) {
        first[k] = k;
        pieces[k] = loop_of(plan)->carried[0].after;
        pieces[k].shape = k == 0 ? GT_SHAPE(4, 2) : GT_SHAPE(4, 2, STEPS - 1);
        pieces[k].address = (gt_address){.base = GT_BASE_ARENA};
        pieces[k].address.step[loop_of(plan)->depth] = 8 * sizeof(double);
    }
    sequence = (gt_pieced){.count = 2, .first = first, .pieces = pieces};
    loop_of(plan)->pieced = &sequence;
    loop_of(plan)->pieced_count = 1;
    return &sequence;
}

static void change_no_piece(gt_plan *plan)
{
    pieced(plan);
}

static void point_at_no_sequence(gt_plan *plan)
{
    pieced(plan)->pointer = plan->code.pointer_count;
}

static void lose_pieces(gt_plan *plan)
{
    pieced(plan)->count = 0;
}

static void begin_later(gt_plan *plan)
{
    pieced(plan)->first[0] = 1;
}

static void end_before_the_beginning(gt_plan *plan)
{
    pieced(plan)->first[1] = -1;
}

static void lack_steps(gt_plan *plan)
{
    pieced(plan)->first[1] = 2;
}

static void step_otherwise(gt_plan *plan)
{
    pieced(plan)->pieces[1].address.step[loop_of(plan)->depth] = 8;
}

static void begin_piece_behind(gt_plan *plan)
{
    pieced(plan)->pieces[1].address.offset = plan->code.arena_bytes;
}

Test(plan_verify_loops, finds_faults_of_sequences_in_pieces)
{
    static const planted_fault faults[] = {
        {point_at_no_sequence, "a sequence in pieces has no pointer or no beginning"},
        {lose_pieces, "a sequence in pieces has no pointer or no beginning"},
        {begin_later, "a sequence in pieces has no pointer or no beginning"},
        {end_before_the_beginning, "a piece of a sequence does not have as many steps as the loop"},
        {lack_steps, "a piece of a sequence does not have as many steps as the loop"},
        {step_otherwise, "a piece of a sequence does not have as many steps as the loop"},
        {begin_piece_behind, "a piece of a sequence does not lie within its memory"},
    };
    EXPECT_FAULTS(looping, faults);
    gt_error error;
    gt_tape *tape = gt_tape_new(NULL);
    gt_plan *plan = looping(tape);
    change_no_piece(plan);
    cr_expect_eq(verify_plan(plan, &error), GT_OK, "%s", error.message);
    gt_plan_free(plan);
    gt_tape_free(tape);
}
