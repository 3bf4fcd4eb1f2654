/* Which products of a program are done as one, and that values stay the same. */
#include "plan/lower.h"
#include "plan/pipeline.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

enum { N_X = 3, N_A = 4, M = 2, STEPS = 5, MOST = 32 };

/* A training step of an LSTM: its four gates share what they multiply. */
static uint32_t record(gt_tape *tape, gt_var *outputs)
{
    const gt_cell *cell = gt_cell_find("lstm");
    const gt_dimension dimensions[] = {{"n_x", N_X}, {"n_a", N_A}, {"n_y", 2}};
    gt_var parameters[MOST], initial[MOST], states[MOST], wrt[MOST];
    gt_error error = {0};
    uint32_t count = 0;
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 3, 1, &shape, &error), GT_OK);
        parameters[k] = gt_parameter(tape, cell->parameters[k].name, shape);
        if (!cell->parameters[k].output_only)
            wrt[count++] = parameters[k];
    }
    gt_var x = wrt[count++] = gt_input(tape, "x", GT_SHAPE(N_X, M, STEPS));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = gt_state(tape, cell->states[k].name, GT_SHAPE(N_A, M));
    gt_sequence sequence = {.cell = cell, .inputs = &x, .initial = initial, .parameters = parameters, .states = states};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(tape));
    gt_var cotangent = gt_input(tape, "da", GT_SHAPE(N_A, M, STEPS));
    cr_assert_eq(gt_grad(states, &cotangent, 1, wrt, count, outputs), GT_OK, "%s", gt_tape_message(tape));
    return count;
}

/* How many products are done, how many stacked and added ones are among them; of how many parts each is. */
typedef struct counts {
    uint32_t products, stacked, added;
} counts;

static void count(const gt_block *block, counts *found)
{
    for (uint32_t i = 0; i < block->count; i += gt_machine_takes(&block->list[i])) {
        if (block->list[i].kind == GT_INSTRUCTION_LOOP)
            count(&gt_loop_of(&block->list[i])->body, found);
        const gt_multiplication *m = gt_multiplication_of(&block->list[i]);
        if (m == NULL)
            continue;
        found->products++;
        if (m->also_count > 0)
            cr_assert_eq(m->also_count, 3, "four gates");
        found->stacked += m->also_count > 0 && !m->added;
        found->added += m->added;
    }
}

static counts count_products(const char *const *skip)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var outputs[MOST];
    uint32_t output_count = record(tape, outputs);
    gt_program program;
    gt_pool pool = {0};
    gt_code code;
    gt_operand operands[MOST];
    gt_error error = {0};
    gt_plan_options options = {.skip = skip};
    cr_assert_eq(gt_pipeline_run(outputs, output_count, &options, &program, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_lower(&program, &pool, &code, operands, &error), GT_OK, "%s", error.message);
    counts found = {0};
    count(&code.block, &found);
    gt_pool_free(&pool);
    gt_program_free(&program);
    gt_tape_free(tape);
    return found;
}

/*
 * Weights of all gates times x, times the state, their adjoints times the gates'
 * gradients, at each step and for x, and the gradients of both parts of the weights.
 */
Test(plan_stacking, gates_are_one_product)
{
    counts found = count_products(NULL);
    cr_assert_eq(found.products, 6);
    cr_assert_eq(found.stacked, 4);
    cr_assert_eq(found.added, 2);
}

Test(plan_stacking, can_be_left_out)
{
    counts found = count_products((const char *const[]){"stack-products", NULL});
    cr_assert_eq(found.products, 24);
    cr_assert_eq(found.stacked + found.added, 0);
}

/* ---- what must not be joined ----------------------------------------------------------------- */

static gt_multiplication product_of(size_t left, size_t right, size_t output)
{
    gt_operand o = {.address.base = GT_BASE_ARENA, .dtype = GT_F64, .shape = GT_SHAPE(4, 4)};
    gt_multiplication m = {.product = {.kernels = gt_product_kernels_best(GT_F64), .rows = 4, .inner = 4, .columns = 4},
                           .left = o,
                           .right = o,
                           .output = o,
                           .left_leading = 4,
                           .right_leading = 4};
    m.left.address.offset = left;
    m.right.address.offset = right;
    m.output.address.offset = output;
    return m;
}

static uint32_t joined(gt_multiplication *a, gt_multiplication *between, gt_multiplication *b)
{
    gt_code code = {0};
    gt_pool pool = {0};
    gt_lowering lowering = {.pool = &pool, .code = &code};
    gt_instruction list[] = {{GT_INSTRUCTION_MULTIPLICATION, .multiplication = a},
                             {GT_INSTRUCTION_MULTIPLICATION, .multiplication = between},
                             {GT_INSTRUCTION_MULTIPLICATION, .multiplication = b}};
    gt_block block = {list, 3};
    cr_assert(gt_code_stack_products(&lowering, &block));
    uint32_t also = a->also_count;
    gt_pool_free(&pool);
    return also;
}

Test(plan_stacking, products_move_past_what_has_nothing_to_do_with_them)
{
    gt_multiplication a = product_of(0, 128, 256), between = product_of(1024, 1152, 1280),
                      b = product_of(384, 128, 512);
    cr_assert_eq(joined(&a, &between, &b), 1);
}

Test(plan_stacking, products_stay_behind_what_they_read_or_overwrite)
{
    /* Where the product between is written, and what it reads, and what the last is given to read and write. */
    static const size_t cases[][4] = {
        {1024, 384, 384, 512},  /* it writes what the last reads */
        {512, 1280, 384, 512},  /* it reads what the last writes over */
        {1024, 576, 384, 512},  /* both write to one place */
        {1024, 1280, 256, 512}, /* the first writes what the last reads */
        {1024, 1280, 384, 64},  /* the last writes over what the first reads */
        {1024, 1280, 384, 320}, /* both ends write to one place */
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        gt_multiplication a = product_of(0, 128, 256), between = product_of(cases[k][0], 1152, cases[k][1]);
        gt_multiplication b = product_of(cases[k][2], 128, cases[k][3]);
        cr_assert_eq(joined(&a, &between, &b), 0, "case %zu", k);
    }
    gt_multiplication a = product_of(0, 128, 256), between = product_of(1024, 1152, 1280),
                      b = product_of(384, 128, 512);
    b.product.rows = 3;
    cr_assert_eq(joined(&a, &between, &b), 0);
}

static gt_multiplication started_at(gt_multiplication m, size_t addend)
{
    m.has_addend = true;
    m.addend = m.output;
    m.addend.address.offset = addend;
    m.addend_leading = 4;
    return m;
}

/* Members may start at different places, but not at what another one, or one between them, writes. */
Test(plan_stacking, products_stay_behind_what_they_start_at)
{
    static const struct {
        size_t first, between, second; /* addends; each product writes to 256, 1280, 512 */
        uint32_t joined;
    } cases[] = {{2048, 2176, 2304, 1}, {256, 2176, 512, 1},  {2048, 1280, 2304, 1}, {2048, 2176, 256, 0},
                 {512, 2176, 2304, 0},  {2048, 512, 2304, 0}, {2048, 2176, 1280, 0}, {2048, 2176, 320, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        gt_multiplication a = started_at(product_of(0, 128, 256), cases[k].first);
        gt_multiplication between = started_at(product_of(1024, 1152, 1280), cases[k].between);
        gt_multiplication b = started_at(product_of(384, 128, 512), cases[k].second);
        cr_expect_eq(joined(&a, &between, &b), cases[k].joined, "case %zu", k);
    }
}
