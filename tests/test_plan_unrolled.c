/* Tapes that a user's own loop recorded are planned like scans. */
#include "ops/rule.h"
#include "plan/lower.h"
#include "plan/pipeline.h"
#include "plan/rewrite/copy.h"
#include "plan/rewrite/passes.h"
#include "support/planned.h"

#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N_X = 3, N_A = 4, M = 2, MOST = 32 };

typedef struct recorded {
    gt_tape *tape;
    gt_var inputs[MOST], outputs[MOST];
    void *data[MOST];
    uint32_t input_count, output_count;
} recorded;

static gt_var give(recorded *r, gt_var v, gt_random *random)
{
    gt_shape shape = gt_var_shape(v);
    double *data = r->data[r->input_count] = malloc(sizeof(double) * (size_t)gt_shape_count(shape));
    gt_random_fill_normal(random, shape, data);
    for (int64_t k = 0; k < gt_shape_count(shape); k++)
        data[k] *= 0.5;
    return r->inputs[r->input_count++] = v;
}

/* The hidden state at every step, and the gradients of all that is given from upstream gradients of
 * it. */
static recorded record(const gt_cell *cell, gt_direction direction, int64_t steps, bool unrolled)
{
    const gt_dimension dimensions[] = {{"n_x", N_X}, {"n_a", N_A}, {"n_y", 2}};
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_random random;
    gt_random_seed(&random, 11);
    gt_var parameters[MOST], initial[MOST], states[MOST], wrt[MOST];
    uint32_t count = 0;
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        gt_error error = {0};
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 3, 1, &shape, &error), GT_OK);
        parameters[k] = give(&r, gt_parameter(r.tape, cell->parameters[k].name, shape), &random);
        if (!cell->parameters[k].output_only)
            wrt[count++] = parameters[k];
    }
    gt_var x = wrt[count++] = give(&r, gt_input(r.tape, "x", GT_SHAPE(N_X, M, steps)), &random);
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = wrt[count++] = give(&r, gt_state(r.tape, cell->states[k].name, GT_SHAPE(N_A, M)), &random);
    gt_sequence sequence = {.cell = cell,
                            .direction = direction,
                            .unrolled = unrolled,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = parameters,
                            .states = states};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(r.tape));
    gt_var upstream = give(&r, gt_input(r.tape, "upstream", GT_SHAPE(N_A, M, steps)), &random);
    cr_assert_eq(gt_grad(states, &upstream, 1, wrt, count, r.outputs), GT_OK, "%s", gt_tape_message(r.tape));
    r.outputs[count] = states[0];
    r.output_count = count + 1;
    return r;
}

static void forget(recorded *r)
{
    for (uint32_t k = 0; k < r->input_count; k++)
        free(r->data[k]);
    gt_tape_free(r->tape);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static void check_values(recorded *r, bool exact, const char *name)
{
    planned_compare(&(planned_tape){.tape = r->tape,
                                    .inputs = r->inputs,
                                    .input_count = r->input_count,
                                    .outputs = r->outputs,
                                    .output_count = r->output_count,
                                    .data = r->data,
                                    .exact = exact,
                                    .what = name},
                    NULL);
}

Test(plan_unrolled, agrees_with_the_interpreter)
{
    const gt_direction directions[] = {GT_FORWARD, GT_BACKWARD};
    for (uint32_t i = 0; gt_cell_at(i) != NULL; i++)
        for (int d = 0; d < 2; d++)
            for (int64_t steps = 1; steps <= 9; steps++) {
                recorded r = record(gt_cell_at(i), directions[d], steps, true);
                check_values(&r, false, gt_cell_at(i)->name);
                check_values(&r, true, gt_cell_at(i)->name);
                forget(&r);
            }
}

/* A concat may join values of a loop, other values, or one value of one axis less. */
Test(plan_unrolled, stack_of_one_value_has_an_axis)
{
    enum { STEPS = 12 };
    gt_tape *tape = gt_tape_new(NULL);
    gt_var inputs[] = {gt_input(tape, "x", GT_SHAPE(N_X, M, STEPS)), gt_state(tape, "a", GT_SHAPE(N_X, M))};
    gt_var x[STEPS], a[STEPS], state = inputs[1];
    cr_assert_eq(gt_unstack(inputs[0], x, STEPS), GT_OK);
    for (int t = 0; t < STEPS; t++)
        state = a[t] = gt_tanh(gt_add(state, x[t]));
    gt_var outputs[] = {gt_stack(&a[STEPS - 1], 1), gt_stack(&inputs[1], 1), gt_stack(a, STEPS), gt_stack(a + 1, 1),
                        gt_concat(&a[2], 1, 0)};
    enum { COUNT = sizeof outputs / sizeof outputs[0] };
    gt_program before = {.tape = tape, .outputs = outputs, .output_count = COUNT, .inputs = inputs, .input_count = 2};
    gt_program rolled;
    cr_assert(gt_program_copy(&before, &gt_pass_roll, &rolled));
    cr_assert_eq(gt_tape_status(rolled.tape), GT_OK, "%s", gt_tape_message(rolled.tape));
    for (uint32_t k = 0; k < COUNT; k++)
        cr_expect(gt_shape_same(gt_var_shape(rolled.outputs[k]), gt_var_shape(outputs[k])),
                  "output %u has %d axes, not %d", k, gt_var_shape(rolled.outputs[k]).rank,
                  gt_var_shape(outputs[k]).rank);
    gt_program_free(&rolled);
    gt_tape_free(tape);
}

/*
 * The forward loop begins `late` steps late, because of a second state that is another one before;
 * the reverse loop of the first state also reads what is before the forward loop's values.
 */
static recorded record_late(int steps, int late, gt_direction direction, gt_random *random)
{
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var w = give(&r, gt_input(r.tape, "w", GT_SHAPE(N_A, N_A, steps)), random), ws[MOST], bs[MOST];
    gt_var a = give(&r, gt_input(r.tape, "x", GT_SHAPE(N_A, M)), random), b = a, c = a;
    const gt_var wrt[] = {w, a};
    cr_assert_eq(gt_unstack(w, ws, (uint32_t)steps), GT_OK);
    for (int t = 0; t < steps; t++) {
        gt_var before = b;
        a = gt_tanh(gt_matmul_transposed(ws[direction == GT_FORWARD ? t : steps - 1 - t], true, a, false));
        bs[t] = b = gt_sin(c);
        c = t < late ? c : gt_exp(before);
    }
    gt_var sources[] = {gt_abs(a), gt_stack(bs, (uint32_t)steps)};
    cr_assert_eq(gt_grad(sources, NULL, 1, wrt, 2, r.outputs), GT_OK);
    r.outputs[2] = sources[1];
    r.output_count = 3;
    return r;
}

Test(plan_unrolled, reverse_reads_values_and_what_is_before_them)
{
    gt_random random;
    gt_random_seed(&random, 5);
    for (int steps = 5; steps <= 9; steps++)
        for (int late = 0; late < 4; late++)
            for (int backward = 0; backward < 2; backward++) {
                recorded r = record_late(steps, late, backward ? GT_BACKWARD : GT_FORWARD, &random);
                check_values(&r, false, backward ? "backward" : "forward");
                forget(&r);
            }
}

/*
 * total = v, v + v, v + v + v ...: the loop adds v, which is not its own, to what was there; other
 * nodes of the loop read v as well.
 */
Test(plan_unrolled, first_term_of_a_sum_is_outside)
{
    for (int steps = 5; steps <= 12; steps++) {
        recorded r = {.tape = gt_tape_new(NULL)};
        gt_random random;
        gt_random_seed(&random, 5);
        gt_var x = give(&r, gt_input(r.tape, "x", GT_SHAPE(N_A, M)), &random);
        gt_var w = give(&r, gt_input(r.tape, "w", GT_SHAPE(N_A, N_A)), &random);
        gt_var v = gt_tanh(x), total = v, sum = gt_matmul(w, gt_mul(v, gt_exp(v)));
        for (int t = 1; t < steps; t++) {
            total = gt_add(total, v);
            sum = gt_add(sum, gt_matmul(w, gt_mul(total, gt_exp(v))));
        }
        r.outputs[r.output_count++] = total;
        r.outputs[r.output_count++] = sum;
        check_values(&r, false, "sum");
        forget(&r);
    }
}

/* There is no axis left for time: the loop stays as it is. */
Test(plan_unrolled, values_of_four_axes_are_not_stacked)
{
    enum { STEPS = 12 };
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_random random;
    gt_random_seed(&random, 5);
    gt_var a[STEPS], state = give(&r, gt_state(r.tape, "a", GT_SHAPE(2, M, 1, 2)), &random);
    gt_var w = give(&r, gt_input(r.tape, "w", GT_SHAPE(2, 2)), &random);
    for (int t = 0; t < STEPS; t++)
        state = a[t] = gt_tanh(gt_matmul(w, state));
    r.outputs[r.output_count++] = a[3];
    r.outputs[r.output_count++] = gt_concat(a, STEPS, 3);
    check_values(&r, false, "four axes");
    forget(&r);
}

/* ---- programs ------------------------------------------------------------------------------ */

typedef struct counts {
    uint32_t loops, products, joins;
    size_t bytes;
} counts;

static void count_block(const gt_block *block, counts *c)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const gt_instruction *instruction = &block->list[i];
        const gt_kernel_call *call = gt_kernel_of(instruction);
        c->loops += instruction->kind == GT_INSTRUCTION_LOOP;
        c->products += instruction->kind == GT_INSTRUCTION_MULTIPLICATION;
        c->joins += call != NULL && strcmp(call->op->name, "concat") == 0;
        if (instruction->kind == GT_INSTRUCTION_LOOP)
            count_block(&instruction->loop->body, c);
    }
}

static counts count_program(const gt_cell *cell, int64_t steps, bool unrolled)
{
    recorded r = record(cell, GT_FORWARD, steps, unrolled);
    gt_error error = {0};
    gt_program program;
    gt_pool pool = {0};
    gt_code code = {0};
    gt_operand outputs[MOST];
    cr_assert_eq(gt_pipeline_run(r.outputs, r.output_count, NULL, &program, &error), GT_OK, "%s", error.message);
    cr_assert_eq(gt_lower(&program, &pool, &code, outputs, &error), GT_OK, "%s", error.message);
    counts c = {.bytes = code.arena_bytes};
    count_block(&code.block, &c);
    gt_pool_free(&pool);
    gt_program_free(&program);
    forget(&r);
    return c;
}

/* The same loops and products, no concat of a step, no copies of weight gradients, no more memory.
 */
Test(plan_unrolled, is_the_program_of_the_scan)
{
    const gt_cell *cells[] = {&gt_cell_rnn, &gt_cell_gru, &gt_cell_lstm};
    for (int i = 0; i < 3; i++) {
        counts rolled = count_program(cells[i], 40, false), unrolled = count_program(cells[i], 40, true);
        cr_assert_eq(unrolled.loops, 2, "%s: %u loops", cells[i]->name, unrolled.loops);
        cr_assert_eq(unrolled.products, rolled.products, "%s: %u products", cells[i]->name, unrolled.products);
        cr_assert_eq(unrolled.joins, 0, "%s: %u concats", cells[i]->name, unrolled.joins);
        cr_assert_leq(unrolled.bytes, rolled.bytes + 1000, "%s: %zu bytes", cells[i]->name, unrolled.bytes);
    }
}

/* A program does not grow with its steps. */
Test(plan_unrolled, is_as_long_for_any_number_of_steps)
{
    for (uint32_t i = 0; gt_cell_at(i) != NULL; i++) {
        counts few = count_program(gt_cell_at(i), 20, true), many = count_program(gt_cell_at(i), 60, true);
        cr_assert_eq(few.loops, 2, "%s: %u loops", gt_cell_at(i)->name, few.loops);
        cr_assert_eq(many.loops, 2, "%s: %u loops", gt_cell_at(i)->name, many.loops);
        cr_assert_eq(many.products, few.products, "%s: %u products", gt_cell_at(i)->name, many.products);
        cr_assert_eq(many.joins, few.joins, "%s: %u concats", gt_cell_at(i)->name, many.joins);
    }
}
