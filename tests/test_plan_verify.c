/* The verifier of plans finds every kind of fault that is planted in code. */
#include "base/memory.h"
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "plan/verify/verify.h"
#include "verified_program.h"

typedef struct lowered {
    gt_code code;
    gt_operand outputs[3];
} lowered;

/* The first instruction of the block, or of the loop in it, that is a loop, a run or a kernel. */
static gt_instruction *pick(gt_block *block, gt_instruction_kind kind)
{
    for (uint32_t i = 0; i < block->count; i++) {
        gt_instruction *instruction = &block->list[i];
        if (instruction->kind == kind)
            return instruction;
    }
    cr_assert_fail("there is no such instruction");
    return NULL;
}

static gt_loop *loop_of(lowered *l)
{
    return pick(&l->code.block, GT_INSTRUCTION_LOOP)->loop;
}

static gt_group *run_of(lowered *l)
{
    return pick(&loop_of(l)->body, GT_INSTRUCTION_GROUP)->group;
}

static gt_group_step *written(lowered *l)
{
    gt_group *run = run_of(l);
    return &run->steps[run->step_count - 1];
}

static void shrink_arena(lowered *l)
{
    l->code.arena_bytes = 64;
}

static void write_behind(lowered *l)
{
    written(l)->output.address.offset = l->code.arena_bytes;
}

static void write_further_each_step(lowered *l)
{
    written(l)->output.address.step[0] = l->code.arena_bytes / 2;
}

static void step_with_no_loop(lowered *l)
{
    written(l)->output.address.step[1] = 8;
}

static void write_to_input(lowered *l)
{
    written(l)->output.address.base = GT_BASE_INPUT;
    written(l)->output.address.offset = 0;
}

static void read_later_register(lowered *l)
{
    run_of(l)->steps[0].inputs[0] = run_of(l)->source_count;
}

static void grow_tiles(lowered *l)
{
    run_of(l)->tile_rows = GT_TILE_BYTES;
}

static void lose_tiles(lowered *l)
{
    l->code.most_tiles = 1;
}

static void write_over_tile(lowered *l)
{
    gt_group *run = run_of(l);
    cr_assert(!run->steps[0].written && !run->steps[1].written);
    run->steps[1].tile = run->steps[0].tile;
}

static gt_instruction *product_of(lowered *l)
{
    gt_block *body = &loop_of(l)->body;
    for (uint32_t i = 0; i < body->count; i++)
        if (body->list[i].kind == GT_INSTRUCTION_MULTIPLICATION)
            return &body->list[i];
    cr_assert_fail("there is no product");
    return NULL;
}

static void join_with_itself(lowered *l)
{
    static const gt_multiplication *also[1];
    gt_multiplication *m = product_of(l)->multiplication;
    also[0] = m;
    m->also = also;
    m->also_count = 1;
}

static void join_too_many(lowered *l)
{
    product_of(l)->multiplication->also_count = GT_MOST_TOGETHER;
}

/* The product of the loop starts at x. */
static gt_multiplication *started(lowered *l)
{
    gt_multiplication *m = product_of(l)->multiplication;
    cr_assert(m->has_addend);
    return m;
}

static void start_behind(lowered *l)
{
    started(l)->addend.address.base = GT_BASE_ARENA;
    started(l)->addend.address.offset = l->code.arena_bytes;
}

static void start_at_other_size(lowered *l)
{
    started(l)->addend.shape = GT_SHAPE(4, 3);
}

static void start_at_part_of_column(lowered *l)
{
    started(l)->addend_leading = 2;
}

static void start_and_accumulate(lowered *l)
{
    started(l)->product.accumulate = true;
}

static void start_beside_output(lowered *l)
{
    gt_multiplication *m = started(l);
    m->addend.address = m->output.address;
    m->addend.address.offset += m->output.address.offset > 0 ? (size_t)0 - 8 : 8;
}

static void start_at_column_of_output(lowered *l)
{
    gt_multiplication *m = started(l);
    m->addend.address = m->output.address;
    m->addend.shape = GT_SHAPE(4, 1);
    m->addend_leading = 0;
}

static void start_at_other_type(lowered *l)
{
    started(l)->addend.dtype = GT_F32;
}

static void read_right_behind(lowered *l)
{
    product_of(l)->multiplication->right.address.base = GT_BASE_ARENA;
    product_of(l)->multiplication->right.address.offset = l->code.arena_bytes;
}

static void read_left_behind(lowered *l)
{
    product_of(l)->multiplication->left.address.base = GT_BASE_ARENA;
    product_of(l)->multiplication->left.address.offset = l->code.arena_bytes - 8;
}

static void write_over_right(lowered *l)
{
    product_of(l)->multiplication->right.address = product_of(l)->multiplication->output.address;
}

static void write_over_left(lowered *l)
{
    product_of(l)->multiplication->left.address = product_of(l)->multiplication->output.address;
    l->code.arena_bytes += 128; /* the left operand is larger than the output */
}

/* The product with sums of its left operand's rows, somewhere behind all that is there: nothing is wrong with them. */
static gt_multiplication *summed(lowered *l)
{
    gt_multiplication *m = product_of(l)->multiplication;
    m->left_layout = GT_PRODUCT_PLAIN; /* what is there is as large at least */
    m->has_left_sums = true;
    m->left_sums = m->output;
    m->left_sums.shape = GT_SHAPE(4);
    m->left_sums.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
    l->code.arena_bytes += 4 * sizeof(double);
    return m;
}

static void sum_behind(lowered *l)
{
    summed(l)->left_sums.address.offset += 8;
}

static void sum_other_count(lowered *l)
{
    summed(l)->left_sums.shape = GT_SHAPE(3);
}

static void sum_other_type(lowered *l)
{
    summed(l)->left_sums.dtype = GT_F32;
}

static void sum_packed(lowered *l)
{
    summed(l)->left_layout = GT_PRODUCT_TRANSPOSED;
}

static void sum_over_output(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->left_sums.address = m->output.address;
}

static void sum_over_right(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->right.address = m->left_sums.address;
    l->code.arena_bytes += 64;
}

static void sum_over_left(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->left.address = m->left_sums.address;
    l->code.arena_bytes += 128;
}

static void sum_over_addend(lowered *l)
{
    gt_multiplication *m = summed(l);
    m->addend.address = m->left_sums.address;
    l->code.arena_bytes += 64;
}

static void lack_registers(lowered *l)
{
    l->code.most_registers = run_of(l)->source_count;
}

static void lack_tile(lowered *l)
{
    cr_assert(!run_of(l)->steps[0].written);
    run_of(l)->steps[0].tile = l->code.most_tiles;
}

static void tile_of_nothing(lowered *l)
{
    run_of(l)->tile_columns = 0;
}

static void write_beside_operand(lowered *l)
{
    gt_source *source = &run_of(l)->sources[0];
    source->operand.address = written(l)->output.address;
    source->operand.address.offset += source->operand.address.offset > 0 ? (size_t)0 - 8 : 8;
}

static void read_operand_behind(lowered *l)
{
    run_of(l)->sources[0].operand.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
}

static void add_to_one_column(lowered *l)
{
    run_of(l)->sources[0].folds = true;
}

static void add_results_to_one_column(lowered *l)
{
    written(l)->folds = true;
}

static void overlap_operands(lowered *l)
{
    gt_kernel_call *kernel = pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel;
    kernel->operands[0] = kernel->operands[kernel->input_count];
}

static gt_kernel_call *kernel_of(lowered *l)
{
    return pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel;
}

static void lack_operands(lowered *l)
{
    l->code.most_operands = 0;
}

static void do_nothing(lowered *l)
{
    pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel = NULL;
}

static void do_something_unknown(lowered *l)
{
    l->code.block.list[0].kind = (gt_instruction_kind)99;
}

static void divide_kernel_by_no_axis(lowered *l)
{
    static const int8_t axes[] = {GT_MAX_RANK, GT_MAX_RANK, GT_MAX_RANK, GT_MAX_RANK};
    kernel_of(l)->batch_axes = axes;
    kernel_of(l)->batch = loop_of(l)->batch;
}

static void divide_run(lowered *l)
{
    loop_of(l)->batch = 2;
    run_of(l)->columns_each = run_of(l)->columns;
}

static void divide_product(lowered *l)
{
    loop_of(l)->batch = 2;
    product_of(l)->multiplication->columns_each = product_of(l)->multiplication->product.columns;
}

static void point_at_no_state(lowered *l)
{
    loop_of(l)->carried[0].old_pointer = l->code.pointer_count;
}

static void point_at_no_next_state(lowered *l)
{
    loop_of(l)->carried[0].new_pointer = l->code.pointer_count;
}

static void read_next_state_behind(lowered *l)
{
    loop_of(l)->carried[0].after.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
}

static void begin_state_behind(lowered *l)
{
    loop_of(l)->carried[0].initial.address = (gt_address){.base = GT_BASE_ARENA, .offset = l->code.arena_bytes};
}

static void begin_larger_state(lowered *l)
{
    loop_of(l)->carried[0].initial.shape = GT_SHAPE(4, 1);
}

static void lose_state(lowered *l)
{
    loop_of(l)->carried_count = 0;
}

static void lose_input_of_code(lowered *l)
{
    pick(&l->code.block, GT_INSTRUCTION_KERNEL)->kernel->operands[0].address.index = 1000;
}

static void lose_output_of_code(lowered *l)
{
    l->outputs[0].address.offset = l->code.arena_bytes - 8;
}

Test(plan_verify, finds_faults_of_code)
{
    static void (*const faults[])(lowered *) = {
        shrink_arena,
        write_behind,
        write_further_each_step,
        step_with_no_loop,
        write_to_input,
        read_later_register,
        grow_tiles,
        lose_tiles,
        write_over_tile,
        overlap_operands,
        join_with_itself,
        join_too_many,
        lose_state,
        lose_input_of_code,
        lose_output_of_code,
        start_behind,
        start_at_other_size,
        start_at_part_of_column,
        start_and_accumulate,
        start_beside_output,
        start_at_column_of_output,
        start_at_other_type,
        read_right_behind,
        read_left_behind,
        write_over_right,
        write_over_left,
        sum_behind,
        sum_other_count,
        sum_other_type,
        sum_packed,
        sum_over_output,
        sum_over_right,
        sum_over_left,
        sum_over_addend,
        lack_registers,
        lack_tile,
        tile_of_nothing,
        write_beside_operand,
        read_operand_behind,
        add_to_one_column,
        add_results_to_one_column,
        lack_operands,
        do_nothing,
        do_something_unknown,
        divide_kernel_by_no_axis,
        divide_run,
        divide_product,
        point_at_no_state,
        point_at_no_next_state,
        read_next_state_behind,
        begin_state_behind,
        begin_larger_state,
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_pool pool = {0};
        lowered l;
        gt_program program = record(&user);
        cr_assert_eq(gt_lower(&program, &pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
        cr_assert_eq(gt_code_verify(&l.code, &program, l.outputs, &error), GT_OK, "%s", error.message);
        faults[i](&l);
        cr_assert_eq(gt_code_verify(&l.code, &program, l.outputs, &error), GT_ERROR_TAPE, "fault %zu is not found", i);
        gt_pool_free(&pool);
        gt_program_free(&program);
        gt_tape_free(user);
    }
}

/* ---- a loop that is divided by rows ---------------------------------------------------------- */

/* One example, entry by entry. */
static gt_program record_rows(gt_tape **user)
{
    gt_tape *tape = *user = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(6, 1, STEPS));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var s = gt_scan_carry(scan, "s", gt_input(tape, "s0", GT_SHAPE(6, 1)));
    gt_var next = gt_mul(gt_tanh(s), gt_scan_input(scan, "x", x));
    gt_scan_next(scan, s, next);
    gt_scan_end(scan);
    const gt_var outputs[] = {gt_scan_stack(scan, next), gt_scan_final(scan, s)};
    gt_error error = {0};
    gt_program program;
    cr_assert_eq(gt_pipeline_run(outputs, 2, NULL, &program, &error), GT_OK, "%s", error.message);
    return program;
}

static void take_longer_rows(lowered *l)
{
    run_of(l)->rows++;
}

static void take_fewer_rows(lowered *l)
{
    run_of(l)->steps[0].rows--;
}

static void stretch_for_some(lowered *l)
{
    run_of(l)->sources[0].walk = GT_WALK_COLUMN;
}

static void take_all_rows(lowered *l)
{
    run_of(l)->columns_each = 0;
}

static void take_no_rows(lowered *l)
{
    loop_of(l)->batch_unit = 0;
}

static void take_parts_of_rows(lowered *l)
{
    loop_of(l)->batch = 5;
}

Test(plan_verify, finds_faults_of_a_loop_that_is_divided_by_rows)
{
    static void (*const faults[])(lowered *) = {
        NULL, take_longer_rows, take_fewer_rows, stretch_for_some, take_all_rows, take_no_rows, take_parts_of_rows,
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_pool pool = {0};
        lowered l;
        gt_program program = record_rows(&user);
        cr_assert_eq(gt_lower(&program, &pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
        cr_assert(run_of(&l)->turned && loop_of(&l)->batch == 6);
        if (faults[i] != NULL)
            faults[i](&l);
        gt_status expected = faults[i] == NULL ? GT_OK : GT_ERROR_TAPE;
        cr_expect_eq(gt_code_verify(&l.code, &program, l.outputs, &error), expected, "fault %zu: %s", i, error.message);
        gt_executable_free(&l.code.machine_code);
        gt_pool_free(&pool);
        gt_program_free(&program);
        gt_tape_free(user);
    }
}

/* ---- a loop with companions ------------------------------------------------------------------- */

enum { ROWS = 8 };

/* p = W x, a' = p a, y = V a'. */
static gt_program record_companions(gt_tape **user)
{
    gt_tape *tape = *user = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(ROWS, 1, STEPS)), w = gt_parameter(tape, "W", GT_SHAPE(ROWS, ROWS)),
           v = gt_parameter(tape, "V", GT_SHAPE(ROWS, ROWS));
    gt_scan *scan = gt_scan_begin(tape, STEPS, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", gt_input(tape, "a0", GT_SHAPE(ROWS, 1)));
    gt_var p = gt_matmul(gt_scan_invariant(scan, w), gt_scan_input(scan, "x", x));
    gt_var next = gt_mul(p, a), y = gt_matmul(gt_scan_invariant(scan, v), next);
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    const gt_var outputs[] = {gt_scan_stack(scan, y)};
    gt_error error = {0};
    gt_program program;
    cr_assert_eq(gt_pipeline_run(outputs, 1, NULL, &program, &error), GT_OK, "%s", error.message);
    return program;
}

static gt_multiplication *companion_of(lowered *l, int place)
{
    return (pick(&l->code.block, GT_INSTRUCTION_LOOP) + place)->multiplication;
}

static void lead_with_more(lowered *l)
{
    loop_of(l)->leading++;
}

static void follow_with_more(lowered *l)
{
    loop_of(l)->following++;
}

/* The step before reads it: what the product is about to write there may come first. */
static void read_a_step_early(lowered *l)
{
    gt_group *run = run_of(l);
    for (uint32_t s = 0; s < run->source_count; s++)
        if (gt_same_address(&run->sources[s].operand.address, &companion_of(l, -1)->output.address) ||
            run->sources[s].operand.address.offset == companion_of(l, -1)->output.address.offset)
            run->sources[s].operand.address.offset += ROWS * sizeof(double);
}

static void read_what_is_written_later(lowered *l)
{
    companion_of(l, 1)->right.address.offset -= ROWS * sizeof(double);
}

static void have_other_columns(lowered *l)
{
    companion_of(l, 1)->product.columns--;
}

Test(plan_verify, finds_faults_of_companions)
{
    static void (*const faults[])(lowered *) = {
        NULL, lead_with_more, follow_with_more, read_a_step_early, read_what_is_written_later, have_other_columns,
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        gt_tape *user;
        gt_error error = {0};
        gt_pool pool = {0};
        lowered l;
        gt_program program = record_companions(&user);
        cr_assert_eq(gt_lower(&program, &pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
        cr_assert(loop_of(&l)->leading == 1 && loop_of(&l)->following == 1);
        if (faults[i] != NULL)
            faults[i](&l);
        gt_status expected = faults[i] == NULL ? GT_OK : GT_ERROR_TAPE;
        cr_expect_eq(gt_code_verify(&l.code, &program, l.outputs, &error), expected, "fault %zu: %s", i, error.message);
        gt_executable_free(&l.code.machine_code);
        gt_pool_free(&pool);
        gt_program_free(&program);
        gt_tape_free(user);
    }
}

/* What `summed` adds is right by itself, so that the faults above are those of what is then changed. */
Test(plan_verify, sums_of_rows_that_are_right_are_no_fault)
{
    gt_tape *user;
    gt_error error = {0};
    gt_pool pool = {0};
    lowered l;
    gt_program program = record(&user);
    cr_assert_eq(gt_lower(&program, &pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
    summed(&l);
    cr_expect_eq(gt_code_verify(&l.code, &program, l.outputs, &error), GT_OK, "%s", error.message);
    gt_pool_free(&pool);
    gt_program_free(&program);
    gt_tape_free(user);
}
