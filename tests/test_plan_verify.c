/* The verifier of plans finds faults of addresses and of kernels. */
#include "planted_faults.h"

static gt_kernel_call *kernel_of(gt_plan *plan)
{
    return first_of(&plan->code.block, GT_INSTRUCTION_KERNEL)->kernel;
}

/* ---- addresses ------------------------------------------------------------------------------ */

static void shrink_arena(gt_plan *plan)
{
    plan->code.arena_bytes = 64;
}

static void write_behind(gt_plan *plan)
{
    result_of(plan)->address.offset = plan->code.arena_bytes;
}

static void write_further_each_step(gt_plan *plan)
{
    result_of(plan)->address.step[0] = plan->code.arena_bytes / 2;
}

static void step_with_no_loop(gt_plan *plan)
{
    result_of(plan)->address.step[1] = 8;
}

static void write_to_input(gt_plan *plan)
{
    result_of(plan)->address = (gt_address){.base = GT_BASE_INPUT};
}

static void write_to_no_pointer(gt_plan *plan)
{
    result_of(plan)->address = (gt_address){.base = GT_BASE_POINTER, .index = plan->code.pointer_count};
}

static void write_to_old_state(gt_plan *plan)
{
    result_of(plan)->address = (gt_address){.base = GT_BASE_POINTER, .index = loop_of(plan)->carried[0].old_pointer};
}

static void write_to_no_output(gt_plan *plan)
{
    result_of(plan)->address = (gt_address){.base = GT_BASE_OUTPUT, .index = 1000};
}

static void write_to_output_that_is_not_bound(gt_plan *plan)
{
    result_of(plan)->address = (gt_address){.base = GT_BASE_OUTPUT};
}

static void read_no_input(gt_plan *plan)
{
    kernel_of(plan)->operands[0].address.index = 1000;
}

static void read_input_that_is_not_needed(gt_plan *plan)
{
    plan->program.inputs[kernel_of(plan)->operands[0].address.index] = GT_NONE;
}

static void lose_output_of_code(gt_plan *plan)
{
    plan->outputs[0].address.offset = plan->code.arena_bytes - 8;
}

static void turn_behind_the_end(gt_plan *plan)
{
    plan->code.turn = plan->code.block.count + 1;
}

Test(plan_verify, finds_faults_of_addresses)
{
    static const planted_fault faults[] = {
        {shrink_arena, "an output does not lie within its memory"},
        {write_behind, "mul does not lie within its memory"},
        {write_further_each_step, "mul does not lie within its memory"},
        {step_with_no_loop, "mul changes with a loop that is not around it"},
        {write_to_input, "mul is written outside of the workspace"},
        {write_to_no_pointer, "mul is written outside of the workspace"},
        {write_to_old_state, "mul is written outside of the workspace"},
        {write_to_no_output, "mul is an input or a state that is not there, or not yet"},
        {write_to_output_that_is_not_bound, "mul is an input or a state that is not there, or not yet"},
        {read_no_input, "softmax is an input or a state that is not there, or not yet"},
        {read_input_that_is_not_needed, "what is packed is an input or a state that is not there, or not yet"},
        {lose_output_of_code, "an output does not lie within its memory"},
        {turn_behind_the_end, "the turning point is behind the end"},
    };
    EXPECT_FAULTS(looping, faults);
}

/* ---- kernels -------------------------------------------------------------------------------- */

static void overlap_operands(gt_plan *plan)
{
    gt_kernel_call *kernel = kernel_of(plan);
    kernel->operands[0] = kernel->operands[kernel->input_count];
}

static void read_behind(gt_plan *plan)
{
    kernel_of(plan)->operands[0].address = behind_the_arena(plan);
}

static void lack_operands(gt_plan *plan)
{
    plan->code.most_operands = 0;
}

static void do_nothing(gt_plan *plan)
{
    first_of(&plan->code.block, GT_INSTRUCTION_KERNEL)->kernel = NULL;
}

static void do_something_unknown(gt_plan *plan)
{
    plan->code.block.list[0].kind = (gt_instruction_kind)99;
}

static void divide(gt_plan *plan, int8_t axis, int64_t batch)
{
    static int8_t axes[4];
    memset(axes, axis, sizeof axes);
    kernel_of(plan)->batch_axes = axes;
    kernel_of(plan)->batch = batch;
}

static void divide_by_no_axis(gt_plan *plan)
{
    divide(plan, GT_MAX_RANK, 2);
}

static void divide_into_parts_of_columns(gt_plan *plan)
{
    divide(plan, 1, 3); /* of 4 columns */
}

Test(plan_verify, finds_faults_of_kernels)
{
    static const planted_fault faults[] = {
        {overlap_operands, "softmax writes over one of its operands"},
        {read_behind, "softmax does not lie within its memory"},
        {lack_operands, "softmax has more operands than the machine"},
        {do_nothing, "an instruction does nothing"},
        {do_something_unknown, "an instruction does nothing"},
        {divide_by_no_axis, "an instruction is divided into other batch than its loop"},
        {divide_into_parts_of_columns, "an instruction is divided into other batch than its loop"},
    };
    EXPECT_FAULTS(looping, faults);
}
