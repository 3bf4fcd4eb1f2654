/* The verifier of plans finds faults of groups that go op by op: in tiles, by rows, sums over steps, loops in loops. */
#include "planted_faults.h"

static gt_group_step *written(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    return &run->steps[run->step_count - 1];
}

static void read_later_register(gt_plan *plan)
{
    run_of(plan)->steps[0].inputs[0] = run_of(plan)->source_count;
}

static void grow_tiles(gt_plan *plan)
{
    run_of(plan)->tile_rows = GT_TILE_BYTES;
}

static void lose_tiles(gt_plan *plan)
{
    plan->code.most_tiles = 1;
}

static void write_over_tile(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    cr_assert(!run->steps[0].written && !run->steps[1].written);
    run->steps[1].tile = run->steps[0].tile;
}

static void lack_registers(gt_plan *plan)
{
    plan->code.most_registers = run_of(plan)->source_count;
}

static void lack_tile(gt_plan *plan)
{
    cr_assert(!run_of(plan)->steps[0].written);
    run_of(plan)->steps[0].tile = plan->code.most_tiles;
}

static void tile_of_nothing(gt_plan *plan)
{
    run_of(plan)->tile_columns = 0;
}

static void write_beside_operand(gt_plan *plan)
{
    gt_source *source = &run_of(plan)->sources[0];
    source->operand.address = written(plan)->output.address;
    source->operand.address.offset += source->operand.address.offset > 0 ? (size_t)0 - 8 : 8;
}

static void read_operand_behind(gt_plan *plan)
{
    run_of(plan)->sources[0].operand.address = (gt_address){.base = GT_BASE_ARENA, .offset = plan->code.arena_bytes};
}

static void add_to_one_column(gt_plan *plan)
{
    run_of(plan)->sources[0].folds = true;
}

static void add_results_to_one_column(gt_plan *plan)
{
    written(plan)->folds = true;
}

static void divide_run(gt_plan *plan)
{
    loop_of(plan)->batch = 2;
    run_of(plan)->columns_each = run_of(plan)->columns;
}

/* The first step is put out where the whole run's result is, which is behind all that is there. */
static void write_over_result(gt_plan *plan)
{
    written(plan)->output.address = behind_the_arena(plan);
    plan->code.arena_bytes += gt_operand_bytes(&written(plan)->output);
    run_of(plan)->steps[0].written = true;
    run_of(plan)->steps[0].output = written(plan)->output;
}

/* The first step writes over what the second one reads, too. */
static void write_too_early(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    cr_assert(run->source_count == 1 && run->sources[0].walk == GT_WALK_FLAT);
    run->steps[0].written = true;
    run->steps[0].output = run->sources[0].operand;
}

static void spread_over_no_tile(gt_plan *plan)
{
    run_of(plan)->sources[0].spread = true;
    run_of(plan)->sources[0].tile = plan->code.most_tiles;
}

Test(plan_verify_groups, finds_faults_of_runs)
{
    static const planted_fault faults[] = {
        {read_later_register, "sigmoid reads a register before it is written"},
        {grow_tiles, "a group does not fit its tiles"},
        {lose_tiles, "tanh lives in a tile that is not there"},
        {write_over_tile, "mul reads a tile that was written over"},
        {lack_registers, "a group has more registers than the machine"},
        {lack_tile, "sigmoid lives in a tile that is not there"},
        {tile_of_nothing, "a group does not fit its tiles"},
        {write_beside_operand, "mul writes over an operand of its group"},
        {read_operand_behind, "an operand of a group does not lie within its memory"},
        {add_to_one_column, "an operand of a group has one column for all, but is no sum over steps"},
        {add_results_to_one_column, "mul adds all columns to one, but is no sum over steps"},
        {divide_run, "an instruction is divided into other batch than its loop"},
        {write_over_result, "mul writes over another result of its group"},
        {write_too_early, "sigmoid writes over an operand that its group reads later"},
        {spread_over_no_tile, "an operand of a group is spread over a tile that is not there"},
    };
    EXPECT_FAULTS(looping, faults);
}

/* ---- a loop that is divided by rows ---------------------------------------------------------- */

/* One example, entry by entry. */
static gt_plan *going_by_rows(gt_tape *tape)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(6, 1, STEPS));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(scan, "s", gt_input(tape, "s0", GT_SHAPE(6, 1)));
    gt_var next = gt_mul(gt_tanh(s), gt_scan_input(scan, "x", x));
    gt_scan_next(scan, s, next);
    gt_scan_end(scan);
    gt_plan *plan = plan_of((gt_var[]){gt_scan_stack(scan, next), gt_scan_final(scan, s)}, 2, NULL);
    cr_assert(run_of(plan)->turned && loop_of(plan)->batch == 6);
    return plan;
}

static void take_longer_rows(gt_plan *plan)
{
    run_of(plan)->rows++;
}

static void take_fewer_rows(gt_plan *plan)
{
    run_of(plan)->steps[0].rows--;
}

static void stretch_for_some(gt_plan *plan)
{
    run_of(plan)->sources[0].walk = GT_WALK_COLUMN;
}

static void take_all_rows(gt_plan *plan)
{
    run_of(plan)->columns_each = 0;
}

static void take_no_rows(gt_plan *plan)
{
    loop_of(plan)->batch_unit = 0;
}

static void take_parts_of_rows(gt_plan *plan)
{
    loop_of(plan)->batch = 5;
}

static void take_rows_in_strips(gt_plan *plan)
{
    run_of(plan)->strips = true;
    run_of(plan)->tile_distance = GT_TILE_BYTES;
    run_of(plan)->tile_rows = run_of(plan)->tile_columns = 1;
}

static void write_other_rows(gt_plan *plan)
{
    written(plan)->output.shape = GT_SHAPE(5, 1);
}

Test(plan_verify_groups, finds_faults_of_a_loop_that_is_divided_by_rows)
{
    static const planted_fault faults[] = {
        {take_longer_rows, "a group is divided by rows that it does not have"},
        {take_fewer_rows, "a group is divided by rows that it does not have"},
        {stretch_for_some, "a group is divided by rows that it does not have"},
        {take_all_rows, "a group is divided by rows that it does not have"},
        {take_no_rows, "a loop is divided into pieces that its states and stacks do not have"},
        {take_parts_of_rows, "a loop is divided into pieces that its states and stacks do not have"},
        {take_rows_in_strips, "a group is divided by rows that it does not have"},
        {write_other_rows, "a group is divided by rows that it does not have"},
    };
    EXPECT_FAULTS(going_by_rows, faults);
}

enum { ROWS = 24, COLUMNS = 10 };

/* ---- sums over steps ---------------------------------------------------------------------------- */

/* Two of them, one of which is added to what the other one adds up. */
static gt_plan *adding(gt_tape *tape)
{
    gt_var xs = gt_input(tape, "x", GT_SHAPE(ROWS, COLUMNS, STEPS)),
           first = gt_input(tape, "s", GT_SHAPE(ROWS, COLUMNS));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", first), b = gt_scan_carry(scan, "b", first), x = gt_scan_input(scan, "x", xs);
    gt_scan_next(scan, a, gt_add(a, gt_tanh(x)));
    gt_scan_next(scan, b, gt_add(b, gt_sigmoid(x)));
    gt_scan_end(scan);
    gt_plan *plan = uncompiled_plan_of((gt_var[]){gt_scan_final(scan, a), gt_scan_final(scan, b)}, 2);
    for (int k = 0; k < 2; k++)
        cr_assert_eq(loop_of(plan)->carried[k].carrying, GT_CARRY_ADDED);
    return plan;
}

static gt_source *source_of_sum(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    for (uint32_t s = 0; s < run->source_count; s++)
        if (run->sources[s].operand.address.base == GT_BASE_POINTER)
            return &run->sources[s];
    cr_assert_fail("there is no sum over steps");
    return NULL;
}

static gt_group_step *step_of_sum(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    for (uint32_t k = 0; k < run->step_count; k++)
        if (run->steps[k].written &&
            gt_same_address(&run->steps[k].output.address, &source_of_sum(plan)->operand.address))
            return &run->steps[k];
    cr_assert_fail("nothing adds to it");
    return NULL;
}

static void read_sum_by_columns(gt_plan *plan)
{
    source_of_sum(plan)->walk = GT_WALK_COLUMN;
}

static void read_more_than_the_sum(gt_plan *plan)
{
    source_of_sum(plan)->operand.shape = GT_SHAPE(ROWS, COLUMNS, 2);
}

static void keep_the_sum_in_a_tile(gt_plan *plan)
{
    step_of_sum(plan)->written = false;
}

static void add_to_a_part(gt_plan *plan)
{
    step_of_sum(plan)->output.shape = GT_SHAPE(ROWS, COLUMNS - 1);
}

static void add_two_steps(gt_plan *plan)
{
    uint32_t s = (uint32_t)(source_of_sum(plan) - run_of(plan)->sources);
    for (uint32_t k = 0; k < run_of(plan)->step_count; k++)
        run_of(plan)->steps[k].inputs[0] = s;
}

static void fold_what_is_not_written(gt_plan *plan)
{
    gt_group *run = run_of(plan);
    for (uint32_t k = 0; k < run->step_count; k++)
        run->steps[k].folds = !run->steps[k].written;
}

static void carry_the_other_sum(gt_plan *plan)
{
    gt_loop *loop = loop_of(plan);
    loop->carried[0].after.address = loop->carried[1].after.address;
}

Test(plan_verify_groups, finds_faults_of_sums_over_steps)
{
    static const planted_fault faults[] = {
        {read_sum_by_columns, "a sum over steps is read by something else than what adds to it"},
        {read_more_than_the_sum, "a sum over steps does not lie within its memory"},
        {keep_the_sum_in_a_tile, "a sum over steps is read by something else than what adds to it"},
        {add_to_a_part, "a sum over steps is read by something else than what adds to it"},
        {add_two_steps, "a sum over steps is read by something else than what adds to it"},
        {fold_what_is_not_written, "tanh adds all columns to one, but is no sum over steps"},
        {carry_the_other_sum, "the next value of a state is a sum over steps, which has been added to"},
    };
    EXPECT_FAULTS(adding, faults);
}

/* ---- a loop in a loop ----------------------------------------------------------------------------- */

/* Only what stands in the outermost loop itself is divided by its batch. */
static gt_plan *nesting(gt_tape *tape)
{
    gt_var xs = gt_input(tape, "x", GT_SHAPE(4, 2, STEPS)), W = gt_input(tape, "W", GT_SHAPE(4, 4));
    gt_var s0 = gt_input(tape, "s", GT_SHAPE(4, 2));
    gt_scan *outer = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(outer, "s", s0), x = gt_scan_input(outer, "x", xs);
    gt_scan *inner = gt_scan_begin(gt_scan_body(outer), STEPS, GT_FORWARD);
    gt_var t = gt_scan_carry(inner, "t", s);
    gt_var sum = gt_add(gt_matmul(gt_scan_invariant(inner, W), t), gt_scan_invariant(inner, x));
    gt_scan_next(inner, t, gt_mul(gt_softmax(gt_tanh(sum)), gt_sigmoid(sum)));
    gt_scan_end(inner);
    gt_scan_next(outer, s, gt_scan_final(inner, t));
    gt_scan_end(outer);
    gt_var last = gt_scan_final(outer, s);
    cr_assert_eq(gt_tape_status(tape), GT_OK, "%s", gt_tape_message(tape));
    return uncompiled_plan_of(&last, 1);
}

static gt_block *inside(gt_plan *plan)
{
    return &first_of(&loop_of(plan)->body, GT_INSTRUCTION_LOOP)->loop->body;
}

static void divide_run_inside(gt_plan *plan)
{
    first_of(inside(plan), GT_INSTRUCTION_GROUP)->group->columns_each = 1;
}

static void divide_product_inside(gt_plan *plan)
{
    first_of(inside(plan), GT_INSTRUCTION_MULTIPLICATION)->multiplication->columns_each = 1;
}

static void divide_kernel_inside(gt_plan *plan)
{
    static const int8_t axes[] = {1, 1, 1, 1};
    gt_kernel_call *kernel = first_of(inside(plan), GT_INSTRUCTION_KERNEL)->kernel;
    kernel->batch_axes = axes;
    kernel->batch = 2;
}

Test(plan_verify_groups, finds_what_is_divided_in_a_loop_in_a_loop)
{
    static const planted_fault faults[] = {
        {divide_run_inside, "an instruction is divided into other batch than its loop"},
        {divide_product_inside, "an instruction is divided into other batch than its loop"},
        {divide_kernel_inside, "an instruction is divided into other batch than its loop"},
    };
    EXPECT_FAULTS(nesting, faults);
}
