/* Planning takes time in proportion to the tape, whatever its shape. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <time.h>

TestSuite(plan_effort, .timeout = 60);

static double processor_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* Ends the test on an error, gives the time that planning takes. */
static double time_of_plan(const gt_var *outputs, uint32_t count)
{
    gt_error error = {0};
    double begin = processor_seconds();
    gt_plan *plan = gt_plan_new(outputs, count, NULL, &error);
    double seconds = processor_seconds() - begin;
    cr_assert_not_null(plan, "%s", error.message);
    gt_plan_free(plan);
    return seconds;
}

/* The gradients of an LSTM's parameters and x. */
static uint32_t record_lstm(gt_tape *tape, int64_t steps, bool unrolled, gt_var *outputs)
{
    const gt_dimension dimensions[] = {{"n_x", 3}, {"n_a", 4}, {"n_y", 2}};
    const gt_cell *cell = &gt_cell_lstm;
    gt_var inputs[32], initial[4], states[4], finals[4], y;
    gt_error error = {0};
    uint32_t count = 0;
    for (uint32_t k = 0; k < cell->parameter_count; k++) {
        gt_shape shape;
        cr_assert_eq(gt_cell_array_shape(&cell->parameters[k], dimensions, 3, 1, &shape, &error), GT_OK);
        inputs[count++] = gt_parameter(tape, cell->parameters[k].name, shape);
    }
    gt_var x = inputs[count] = gt_input(tape, "x", GT_SHAPE(3, 2, steps));
    for (uint32_t k = 0; k < cell->state_count; k++)
        initial[k] = gt_state(tape, cell->states[k].name, GT_SHAPE(4, 2));
    gt_sequence sequence = {.cell = cell,
                            .unrolled = unrolled,
                            .with_outputs = true,
                            .inputs = &x,
                            .initial = initial,
                            .parameters = inputs,
                            .states = states,
                            .finals = finals,
                            .outputs = &y};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(tape));
    cr_assert_eq(gt_grad(&y, NULL, 1, inputs, count + 1, outputs), GT_OK, "%s", gt_tape_message(tape));
    return count + 1;
}

Test(plan_effort, of_an_unrolled_lstm_is_small)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var outputs[32];
    uint32_t count = record_lstm(tape, 200, true, outputs);
    double seconds = time_of_plan(outputs, count);
    cr_assert(seconds < 1, "planning 200 steps takes %.2f s", seconds);
    gt_tape_free(tape);
}

Test(plan_effort, does_not_depend_on_the_number_of_steps_of_a_scan)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var outputs[32];
    uint32_t count = record_lstm(tape, 1000000, false, outputs);
    double seconds = time_of_plan(outputs, count);
    cr_assert(seconds < 0.5, "planning takes %.2f s", seconds);
    gt_tape_free(tape);
}

enum { DOUBLINGS = 50 };

/* x + x, of that the same, and so on: 2^50 paths through 50 nodes. */
static gt_var doubled(gt_var x, gt_var (*op)(gt_var, gt_var))
{
    for (int i = 0; i < DOUBLINGS; i++)
        x = op(x, x);
    return x;
}

static void check_doublings(gt_var (*record)(gt_var before, gt_var slice, gt_var weights))
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var xs = gt_input(tape, "x", GT_SHAPE(4, 4, 5)), w = gt_input(tape, "w", GT_SHAPE(4, 4));
    gt_scan *scan = gt_scan_begin(tape, 5, GT_FORWARD);
    gt_var before = gt_scan_carry(scan, "s", gt_input(tape, "s0", GT_SHAPE(4, 4)));
    gt_var slice = gt_scan_input(scan, "x", xs);
    gt_scan_next(scan, before, record(before, slice, w));
    gt_scan_end(scan);
    gt_var final = gt_scan_final(scan, before);
    cr_assert_eq(gt_tape_status(tape), GT_OK, "%s", gt_tape_message(tape));
    double seconds = time_of_plan(&final, 1);
    cr_assert(seconds < 0.5, "planning takes %.2f s", seconds);
    gt_tape_free(tape);
}

static gt_var sum_of_doublings(gt_var before, gt_var slice, gt_var weights)
{
    return gt_add(before, doubled(gt_mul(slice, weights), gt_add));
}

static gt_var rows_of_doublings(gt_var before, gt_var slice, gt_var weights)
{
    gt_var v = doubled(gt_matmul(weights, gt_add(before, slice)), gt_mul);
    const gt_var parts[] = {gt_slice(v, 0, 2, 4), gt_slice(v, 0, 0, 2)};
    return gt_concat(parts, 2, 0);
}

Test(plan_effort, does_not_grow_with_the_number_of_paths)
{
    check_doublings(sum_of_doublings);
    check_doublings(rows_of_doublings);
}

/* Of a step that is so many tanh(W v + b), one after the other, and its gradient: the shortest time of three. */
static double time_of_chain(int length)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var w = gt_parameter(tape, "W", GT_SHAPE(3, 3)), b = gt_parameter(tape, "b", GT_SHAPE(3, 1));
    gt_var v0 = gt_state(tape, "v", GT_SHAPE(3, 2)), wrt[] = {w, b, v0}, gradients[3];
    gt_scan *scan = gt_scan_begin(tape, 3, GT_FORWARD);
    gt_var v = gt_scan_carry(scan, "v", v0), before = v;
    for (int i = 0; i < length; i++)
        v = gt_tanh(gt_add(gt_matmul(w, v), b));
    gt_scan_next(scan, before, v);
    gt_scan_end(scan);
    gt_var final = gt_scan_final(scan, before);
    cr_assert_eq(gt_grad(&final, NULL, 1, wrt, 3, gradients), GT_OK, "%s", gt_tape_message(tape));
    double shortest = INFINITY;
    for (int i = 0; i < 3; i++)
        shortest = fmin(shortest, time_of_plan(gradients, 3));
    gt_tape_free(tape);
    return shortest;
}

/* Twice as long may take a little more than twice as long, where caches end; four times would be the square. */
Test(plan_effort, of_a_chain_grows_with_its_length)
{
    double one = time_of_chain(1000), four = time_of_chain(4000);
    cr_assert(four < 9 * one, "planning 1000 equations takes %.3f s, 4000 %.3f s", one, four);
}

/* Of so many loops, one behind the other, and their gradient. */
static double time_of_loops(int count)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_var w = gt_parameter(tape, "W", GT_SHAPE(3, 3)), s0 = gt_state(tape, "s", GT_SHAPE(3, 2)), s = s0;
    gt_var wrt[] = {w, s0}, gradients[2];
    for (int i = 0; i < count; i++) {
        gt_scan *scan = gt_scan_begin(tape, 3 + i % 2, GT_FORWARD);
        gt_var before = gt_scan_carry(scan, "s", s);
        gt_scan_next(scan, before, gt_tanh(gt_matmul(w, before)));
        gt_scan_end(scan);
        s = gt_scan_final(scan, before);
    }
    cr_assert_eq(gt_grad(&s, NULL, 1, wrt, 2, gradients), GT_OK, "%s", gt_tape_message(tape));
    double shortest = INFINITY;
    for (int i = 0; i < 3; i++)
        shortest = fmin(shortest, time_of_plan(gradients, 2));
    gt_tape_free(tape);
    return shortest;
}

Test(plan_effort, of_many_loops_grows_with_their_number)
{
    double one = time_of_loops(100), four = time_of_loops(400);
    cr_assert(four < 9 * one, "planning 100 loops takes %.3f s, 400 %.3f s", one, four);
}
