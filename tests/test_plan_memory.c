/* The memory of planned programs: what is copied, and how much there is. */
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "support/planned.h"

#include "gradtape.h"
#include "ops/descriptors.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { N_X = 3, N_A = 4, M = 2, MOST = 32 };

typedef struct lowered {
    gt_tape *tape;
    gt_program program;
    gt_pool pool;
    gt_code code;
    gt_operand outputs[MOST];
} lowered;

/* A training step: the gradients of x, the initial states and all parameters, from cotangents at every step. */
static uint32_t record_step(gt_tape *tape, const gt_cell *cell, gt_direction direction, int64_t steps, gt_var *outputs)
{
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
    gt_var x = wrt[count++] = gt_input(tape, "x", GT_SHAPE(N_X, M, steps));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = wrt[count++] = gt_state(tape, cell->states[k].name, GT_SHAPE(N_A, M));
    gt_sequence sequence = {.cell = cell,
                            .direction = direction,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = parameters,
                            .states = states};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(tape));
    gt_var cotangent = gt_input(tape, "da", GT_SHAPE(N_A, M, steps));
    cr_assert_eq(gt_grad(states, &cotangent, 1, wrt, count, outputs), GT_OK, "%s", gt_tape_message(tape));
    outputs[count] = states[0];
    return count + 1;
}

/* Small products fetch nothing when they are compiled: here they stand for large ones. */
static lowered lower_step(const gt_cell *cell, gt_direction direction, int64_t steps)
{
    const gt_plan_options options = {.skip = (const char *const[]){"compile-products", NULL}};
    lowered l = {.tape = gt_tape_new(NULL)};
    gt_var outputs[MOST];
    gt_error error = {0};
    uint32_t count = record_step(l.tape, cell, direction, steps, outputs);
    cr_assert_eq(gt_pipeline_run(outputs, count, &options, &l.program, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_lower(&l.program, &l.pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
    return l;
}

static void end(lowered *l)
{
    gt_pool_free(&l->pool);
    gt_program_free(&l->program);
    gt_tape_free(l->tape);
}

/* Every step of every loop writes its values where they are read. */
static void check_no_copies(const gt_block *block, bool in_loop, const char *name)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_instruction *instruction = &block->list[i];
        const gt_loop *loop = gt_loop_of(instruction);
        const gt_kernel_call *call = gt_kernel_of(instruction);
        const gt_op *op = call == NULL ? NULL : call->op;
        cr_assert(!in_loop || op == NULL || op->op_class != GT_CLASS_VIEW, "%s: %s at every step", name, op->name);
        if (loop == NULL)
            continue;
        cr_assert_eq(loop->copy_count, 0, "%s: %u values are copied into stacks", name, loop->copy_count);
        for (uint32_t k = 0; k < loop->carried_count; k++)
            cr_assert_neq(loop->carried[k].carrying, GT_CARRY_COPIED, "%s: a state is copied at every step", name);
        check_no_copies(&loop->body, true, name);
    }
}

/*
 * Of the gates there is one stack each, which holds the products of x first and their own
 * gradients last; besides that, the states, tanh of one of them, and the gradient of x.
 */
Test(plan_memory, an_lstm_keeps_seven_stacks_and_the_gradient_of_x)
{
    enum { STEPS = 1000 };
    lowered l = lower_step(&gt_cell_lstm, GT_FORWARD, STEPS);
    size_t stack = (size_t)STEPS * N_A * M * sizeof(double), dx = (size_t)STEPS * N_X * M * sizeof(double);
    cr_assert_leq(l.code.arena_bytes, 7 * stack + dx + 10000, "%zu bytes are %.2f stacks", l.code.arena_bytes,
                  (double)l.code.arena_bytes / (double)stack);
    end(&l);
}

/* A large stack of tanh of a state is not kept: tanh is computed again from the state, which is there anyway. */
Test(plan_memory, a_long_lstm_keeps_six_stacks)
{
    enum { STEPS = 300000 };
    lowered l = lower_step(&gt_cell_lstm, GT_FORWARD, STEPS);
    size_t stack = (size_t)STEPS * N_A * M * sizeof(double);
    cr_assert_gt(stack, (size_t)16 << 20);
    cr_assert_leq(l.code.arena_bytes, 6 * stack + 10000, "%zu bytes are %.2f stacks", l.code.arena_bytes,
                  (double)l.code.arena_bytes / (double)stack);
    end(&l);
}

enum { LONG_N = 1024, LONG_STEPS = 2100 };

/* c' = w c + x, a = tanh(c'), whose stack is large; the gradients of sum(a x) by x and w. */
static void record_long(gt_tape *tape, gt_var *inputs, gt_var *outputs)
{
    gt_var x = inputs[0] = gt_input(tape, "x", GT_SHAPE(LONG_N, 1, LONG_STEPS));
    gt_var w = inputs[1] = gt_parameter(tape, "w", GT_SHAPE(LONG_N, 1));
    gt_scan *scan = gt_scan_begin(tape, LONG_STEPS, GT_FORWARD);
    gt_var c = gt_scan_carry(scan, "c", gt_fill(tape, GT_SHAPE(LONG_N, 1), 0.1));
    gt_var next = gt_add(gt_mul(gt_scan_invariant(scan, w), c), gt_scan_input(scan, "x", x)), a = gt_tanh(next);
    gt_scan_next(scan, c, next);
    gt_scan_end(scan);
    gt_var loss = gt_sum(gt_mul(gt_scan_stack(scan, a), x), GT_ALL_AXES);
    cr_assert_eq(gt_grad(&loss, NULL, 1, inputs, 2, outputs), GT_OK, "%s", gt_tape_message(tape));
}

Test(plan_memory, what_is_computed_again_is_right)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var inputs[2], outputs[2];
    record_long(tape, inputs, outputs);
    double *x = malloc(sizeof(double) * LONG_N * LONG_STEPS), w[LONG_N];
    gt_random random;
    gt_random_seed(&random, 5);
    gt_random_fill_normal(&random, GT_SHAPE(LONG_N, 1, LONG_STEPS), x);
    for (int i = 0; i < LONG_N; i++)
        w[i] = 0.9 * cos(i);
    planned_compare(&(planned_tape){.tape = tape,
                                    .inputs = inputs,
                                    .input_count = 2,
                                    .outputs = outputs,
                                    .output_count = 2,
                                    .data = (void *[]){x, w}},
                    NULL);
    gt_tape_free(tape);
    free(x);
}

/* p = W x + b, a' = p a: a at every step, and the gradients by x, W and b. */
static uint32_t record_linear(gt_tape *tape, int64_t steps, gt_var *outputs)
{
    gt_var x = gt_input(tape, "x", GT_SHAPE(N_A, M, steps)), w = gt_parameter(tape, "W", GT_SHAPE(N_A, N_A)),
           b = gt_parameter(tape, "b", GT_SHAPE(N_A, 1));
    gt_scan *scan = gt_scan_begin(tape, steps, GT_FORWARD);
    gt_var a = gt_scan_carry(scan, "a", gt_fill(tape, GT_SHAPE(N_A, M), 1));
    gt_var product = gt_matmul(gt_scan_invariant(scan, w), gt_scan_input(scan, "x", x));
    gt_var next = gt_mul(gt_add(product, gt_scan_invariant(scan, b)), a);
    gt_scan_next(scan, a, next);
    gt_scan_end(scan);
    gt_var states = gt_scan_stack(scan, next), cotangent = gt_input(tape, "da", GT_SHAPE(N_A, M, steps));
    cr_assert_eq(gt_grad(&states, &cotangent, 1, (gt_var[]){x, w, b}, 3, outputs), GT_OK, "%s", gt_tape_message(tape));
    outputs[3] = states;
    return 4;
}

/* The product leaves the loop with its bias; the gradient reads their sum, and nobody the product alone. */
Test(plan_memory, a_bias_is_added_with_its_product_and_not_again)
{
    enum { STEPS = 1000 };
    lowered l = {.tape = gt_tape_new(NULL)};
    gt_var outputs[MOST];
    gt_error error = {0};
    uint32_t count = record_linear(l.tape, STEPS, outputs);
    cr_assert_eq(gt_pipeline_run(outputs, count, NULL, &l.program, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_lower(&l.program, &l.pool, &l.code, l.outputs, &error), GT_OK, "%s", error.message);
    uint32_t sums = 0;
    for (uint32_t i = 0; i < l.code.block.count; i++) {
        const gt_loop *loop = gt_loop_of(&l.code.block.list[i]);
        const gt_group *group = gt_group_of(loop != NULL ? &loop->body.list[0] : &l.code.block.list[i]);
        for (uint32_t k = 0; group != NULL && k < group->op_count; k++)
            sums += group->ops[k].op == &gt_op_add;
    }
    cr_assert_eq(sums, 1, "%u sums are made by themselves, where the state's gradient alone is one", sums);
    end(&l);
}

/* At this step or, `step` bytes further on, for the next one. */
static bool is_fetched(const gt_block *body, const gt_operand *operand, size_t step)
{
    size_t offset = operand->address.offset;
    for (uint32_t i = 0; i < body->count; i++) {
        const gt_multiplication *m = gt_multiplication_of(&body->list[i]);
        for (uint32_t k = 0; m != NULL && k < m->soon_count; k++) {
            const gt_address *soon = &m->soon[k].operand.address;
            if (soon->base == operand->address.base && (soon->offset == offset || soon->offset == offset + step))
                return true;
        }
    }
    return false;
}

static uint32_t count_fetched_addends(const gt_loop *loop)
{
    uint32_t fetched = 0;
    for (uint32_t k = 0; k < loop->body.count; k++) {
        const gt_multiplication *m = gt_multiplication_of(&loop->body.list[k]);
        if (m != NULL && m->has_addend && m->addend.address.step[0] != 0)
            fetched += is_fetched(&loop->body, &m->addend, m->addend.address.step[0]);
    }
    return fetched;
}

/* What runs read at the next step of a backward loop. */
static uint32_t count_fetched_sources(const gt_loop *loop)
{
    uint32_t fetched = 0;
    for (uint32_t k = 0; k < loop->body.count; k++) {
        const gt_group *group = gt_group_of(&loop->body.list[k]);
        for (uint32_t s = 0; group != NULL && s < group->source_count; s++) {
            gt_operand next = group->sources[s].operand;
            size_t step = next.address.step[0];
            next.address.offset -= step;
            fetched += step != 0 && is_fetched(&loop->body, &next, 0);
        }
    }
    return fetched;
}

/*
 * Forward, the slots of the gates, where the products of x are, for the products that start at them;
 * backward, gates, states and tanh of one of them. What was written at the step before is near anyway.
 */
Test(plan_memory, products_fetch_what_is_read_behind_them)
{
    lowered l = lower_step(&gt_cell_lstm, GT_FORWARD, 10);
    uint32_t loops = 0;
    for (uint32_t i = 0; i < l.code.block.count; i++) {
        const gt_loop *loop = gt_loop_of(&l.code.block.list[i]);
        if (loop == NULL)
            continue;
        if (loop->backward)
            cr_assert_eq(count_fetched_sources(loop), 6, "%u", count_fetched_sources(loop));
        else
            cr_assert_eq(count_fetched_addends(loop), 4, "%u", count_fetched_addends(loop));
        loops++;
    }
    cr_assert_eq(loops, 2);
    end(&l);
}

/* 1 - u is computed again from u, and the reset state from the gate and the state: three gates, a, and r a. */
Test(plan_memory, a_gru_keeps_five_stacks_and_the_gradient_of_x)
{
    enum { STEPS = 1000 };
    lowered l = lower_step(&gt_cell_gru, GT_FORWARD, STEPS);
    size_t stack = (size_t)STEPS * N_A * M * sizeof(double), dx = (size_t)STEPS * N_X * M * sizeof(double);
    cr_assert_leq(l.code.arena_bytes, 5 * stack + dx + 10000, "%zu bytes are %.2f stacks", l.code.arena_bytes,
                  (double)l.code.arena_bytes / (double)stack);
    end(&l);
}

Test(plan_memory, no_cell_copies_at_a_step)
{
    const gt_direction directions[] = {GT_FORWARD, GT_BACKWARD};
    for (uint32_t i = 0; gt_cell_at(i) != NULL; i++)
        for (int d = 0; d < 2; d++) {
            lowered l = lower_step(gt_cell_at(i), directions[d], 5);
            check_no_copies(&l.code.block, false, gt_cell_at(i)->name);
            end(&l);
        }
}
