/* Cells over sequences: rolled equals unrolled bit for bit, in values and in gradients. */
#include "recurrent.h"

#include <math.h>

/* ---- cells for the tests ------------------------------------------------------------------- */

/*
 * A cell made to be hard: two inputs, three states of two sizes, a parameter
 * used three times and once on its own, a state that is only passed on, an
 * output that reads a parameter of the step.
 */
static void knot_step(gt_cell_step *step)
{
    gt_var x = step->inputs[0], w = step->inputs[1];
    gt_var a = step->states[0], b = step->states[1], old = step->states[2];
    gt_var U = step->parameters[0], V = step->parameters[1], g = step->parameters[2];
    gt_var slope = gt_sigmoid(g); /* an op on a parameter alone */
    gt_var z = gt_add(gt_matmul(U, a), gt_mul(slope, gt_matmul(V, x)));
    gt_var a1 = gt_tanh(gt_add(z, gt_mul(g, gt_matmul(U, gt_tanh(z)))));
    step->next_states[0] = a1;
    step->next_states[1] = gt_add(gt_mul(b, gt_sin(w)), gt_mean(gt_mul(a1, old), 0));
    step->next_states[2] = a;
}

static void knot_output(gt_cell_step *step)
{
    gt_var a = step->next_states[0];
    step->outputs[0] = gt_sub(gt_matmul(step->parameters[0], gt_mul(a, step->next_states[1])), a);
    step->outputs[1] = gt_mul(a, step->parameters[2]);
}

static const gt_cell_array knot_inputs[] = {{.name = "x", .rows = "n_x"}, {.name = "w", .rows = "1"}};
static const gt_cell_array knot_states[] = {
    {.name = "a", .rows = "n_a"}, {.name = "b", .rows = "1"}, {.name = "old", .rows = "n_a"}};
static const gt_cell_array knot_parameters[] = {
    {.name = "U", .rows = "n_a", .columns = "n_a"},
    {.name = "V", .rows = "n_a", .columns = "n_x"},
    {.name = "g", .rows = "n_a"},
};
static const gt_cell_array knot_outputs[] = {{.name = "p", .rows = "n_a"}, {.name = "q", .rows = "n_a"}};

static const gt_cell knot = {
    .name = "knot",
    .inputs = knot_inputs,
    .input_count = 2,
    .states = knot_states,
    .state_count = 3,
    .parameters = knot_parameters,
    .parameter_count = 3,
    .outputs = knot_outputs,
    .output_count = 2,
    .step = knot_step,
    .output = knot_output,
};

static const gt_cell *cell_at(uint32_t i)
{
    return i < gt_cell_count() ? gt_cell_at(i) : i == gt_cell_count() ? &knot : NULL;
}

/* ---- rolled equals unrolled ---------------------------------------------------------------- */

static void compare_forms(const gt_cell *cell, recurrent_sizes s, gt_direction direction, gt_dtype dtype, uint32_t seed)
{
    recurrent rolled = recurrent_record(cell, s, (recurrent_form){false, direction, dtype});
    recurrent unrolled = recurrent_record(cell, s, (recurrent_form){true, direction, dtype});
    recurrent_evaluate(&rolled, seed);
    recurrent_evaluate(&unrolled, seed);
    char what[128];
    for (uint32_t i = 0; i < rolled.answer_count; i++) {
        snprintf(what, sizeof what, "%s, T = %d: answer %u", cell->name, (int)s.T, i);
        expect_same_bits(what, &rolled, rolled.answers[i], &unrolled, unrolled.answers[i]);
    }
    for (uint32_t i = 0; i < rolled.given_count; i++) {
        snprintf(what, sizeof what, "%s, T = %d: gradient of %s", cell->name, (int)s.T, gt_var_name(rolled.given[i]));
        expect_same_bits(what, &rolled, rolled.gradients[i], &unrolled, unrolled.gradients[i]);
    }
    recurrent_free(&rolled);
    recurrent_free(&unrolled);
}

static void compare_all(gt_dtype dtype)
{
    static const recurrent_sizes sizes[] = {
        {3, 5, 2, 10, 7}, {1, 1, 1, 1, 1}, {4, 3, 6, 1, 5}, {2, 7, 3, 4, 1}, {5, 16, 9, 8, 12},
    };
    for (uint32_t c = 0; cell_at(c) != NULL; c++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            for (int direction = GT_FORWARD; direction <= GT_BACKWARD; direction++)
                compare_forms(cell_at(c), sizes[i], (gt_direction)direction, dtype, 11 + (uint32_t)i);
}

Test(cells, rolled_equals_unrolled_bit_for_bit_in_f64)
{
    compare_all(GT_F64);
}

Test(cells, rolled_equals_unrolled_bit_for_bit_in_f32)
{
    compare_all(GT_F32);
}

/* ---- direction ----------------------------------------------------------------------------- */

/* Backward over x is forward over x with time reversed, step for step. */
Test(cells, backward_is_forward_over_reversed_time)
{
    const recurrent_sizes s = {2, 4, 3, 3, 6};
    for (uint32_t c = 0; c < gt_cell_count(); c++)
        for (int unrolled = 0; unrolled < 2; unrolled++) {
            const gt_cell *cell = gt_cell_at(c);
            recurrent r = recurrent_record(cell, s, (recurrent_form){unrolled, GT_BACKWARD, GT_F64});
            recurrent_evaluate(&r, 5);
            recurrent f = recurrent_record(cell, s, (recurrent_form){unrolled, GT_FORWARD, GT_F64});
            f.run = gt_interpreter_new(f.tape);
            void *kept[MAX_ARRAYS];
            for (uint32_t i = 0; i < f.given_count; i++)
                bind_random(f.run, f.given[i], 5, &kept[i]);
            double *x = kept[0];
            size_t step = (size_t)(s.n_x * s.m), n = (size_t)(s.n_a * s.m);
            for (size_t t = 0; t < 3; t++)
                for (size_t i = 0; i < step; i++) {
                    double swapped = x[t * step + i];
                    x[t * step + i] = x[(5 - t) * step + i];
                    x[(5 - t) * step + i] = swapped;
                }
            cr_assert(gt_interpreter_evaluate(f.run, f.answers, f.answer_count) == GT_OK, "%s",
                      gt_interpreter_message(f.run));
            const double *forward = gt_interpreter_value(f.run, f.answers[0]);
            const double *backward = gt_interpreter_value(r.run, r.answers[0]);
            const double *final = gt_interpreter_value(r.run, r.answers[cell->state_count]);
            for (size_t t = 0; t < 6; t++)
                for (size_t i = 0; i < n; i++)
                    cr_assert(backward[t * n + i] == forward[(5 - t) * n + i]);
            /* The last step of a backward sequence is the first in time. */
            for (size_t i = 0; i < n; i++)
                cr_assert(final[i] == backward[i] && fabs(final[i]) > 0);
            for (uint32_t i = 0; i < f.given_count; i++)
                free(kept[i]);
            recurrent_free(&r);
            recurrent_free(&f);
        }
}

/* ---- shapes -------------------------------------------------------------------------------- */

/* A step alone: x (n_x, m) is a sequence of length 1. */
Test(cells, a_matrix_is_a_sequence_of_one_step)
{
    for (int unrolled = 0; unrolled < 2; unrolled++) {
        gt_tape *tape = gt_tape_new(NULL);
        gt_var x = gt_input(tape, "x", GT_SHAPE(3, 4));
        gt_var a0 = gt_state(tape, "a", GT_SHAPE(5, 4));
        gt_var p[5] = {gt_parameter(tape, "Waa", GT_SHAPE(5, 5)), gt_parameter(tape, "Wax", GT_SHAPE(5, 3)),
                       gt_parameter(tape, "ba", GT_SHAPE(5))};
        gt_var states, finals;
        gt_sequence sequence = {.cell = &gt_cell_rnn,
                                .inputs = &x,
                                .initial = &a0,
                                .parameters = p,
                                .states = &states,
                                .finals = &finals,
                                .unrolled = unrolled};
        cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(tape));
        cr_expect(gt_shape_equal(gt_var_shape(states), GT_SHAPE(5, 4, 1)));
        cr_expect(gt_shape_equal(gt_var_shape(finals), GT_SHAPE(5, 4)));
        gt_tape_free(tape);
    }
}

Test(cells, unrolled_nodes_know_their_step)
{
    const recurrent_sizes s = {2, 3, 2, 2, 4};
    recurrent r = recurrent_record(&gt_cell_lstm, s, (recurrent_form){true, GT_FORWARD, GT_F64});
    int forgets[4] = {0};
    for (uint32_t i = 0; i < gt_tape_node_count(r.tape); i++) {
        gt_var v = gt_tape_var(r.tape, i);
        if (strcmp(gt_var_name(v), "f") == 0) {
            cr_assert(gt_var_step(v) >= 0 && gt_var_step(v) < 4);
            forgets[gt_var_step(v)]++;
        }
    }
    for (int t = 0; t < 4; t++)
        cr_expect(forgets[t] == 1, "step %d has %d forget gates", t, forgets[t]);
    recurrent_free(&r);
}

/* The size of a rolled tape does not depend on T. */
Test(cells, rolled_costs_the_same_for_any_length)
{
    for (uint32_t c = 0; cell_at(c) != NULL; c++) {
        uint32_t nodes[2];
        size_t bytes[2];
        for (int i = 0; i < 2; i++) {
            recurrent_sizes s = {3, 4, 2, 2, i == 0 ? 10 : 100000};
            recurrent r = recurrent_record(cell_at(c), s, (recurrent_form){false, GT_FORWARD, GT_F64});
            nodes[i] = gt_tape_node_count(r.tape);
            bytes[i] = gt_tape_total_bytes(r.tape);
            recurrent_free(&r);
        }
        cr_expect(nodes[0] == nodes[1] && bytes[0] == bytes[1], "%s: %u and %u nodes", cell_at(c)->name, nodes[0],
                  nodes[1]);
    }
}

/* ---- what is refused ----------------------------------------------------------------------- */

typedef struct lstm_arrays {
    gt_tape *tape;
    gt_var x, initial[2], parameters[10];
} lstm_arrays;

static lstm_arrays make_lstm(void)
{
    lstm_arrays l = {.tape = gt_tape_new(NULL)};
    l.x = gt_input(l.tape, "x", GT_SHAPE(3, 10, 7));
    l.initial[0] = gt_state(l.tape, "a", GT_SHAPE(5, 10));
    l.initial[1] = gt_state(l.tape, "c", GT_SHAPE(5, 10));
    for (int i = 0; i < 8; i += 2) {
        l.parameters[i] = gt_parameter(l.tape, gt_cell_lstm.parameters[i].name, GT_SHAPE(5, 8));
        l.parameters[i + 1] = gt_parameter(l.tape, gt_cell_lstm.parameters[i + 1].name, GT_SHAPE(5, 1));
    }
    l.parameters[8] = gt_parameter(l.tape, "Wy", GT_SHAPE(2, 5));
    l.parameters[9] = gt_parameter(l.tape, "by", GT_SHAPE(2, 1));
    return l;
}

static void expect_refused(lstm_arrays *l, bool with_outputs, gt_status status, const char *words)
{
    gt_var states[2], finals[2], outputs[1];
    for (int unrolled = 0; unrolled < 2; unrolled++) {
        gt_sequence sequence = {
            .cell = &gt_cell_lstm,
            .unrolled = unrolled,
            .with_outputs = with_outputs,
            .inputs = &l->x,
            .initial = l->initial,
            .parameters = l->parameters,
            .states = states,
            .finals = finals,
            .outputs = outputs,
        };
        cr_expect(gt_sequence_record(&sequence) == status);
        cr_expect(strstr(gt_tape_message(l->tape), words) != NULL, "\"%s\" lacks \"%s\"", gt_tape_message(l->tape),
                  words);
        cr_expect(!gt_var_valid(states[1]) && !gt_var_valid(finals[0]) && !gt_var_valid(outputs[0]));
    }
    gt_tape_free(l->tape);
}

Test(cells, a_misshapen_array_is_named_with_what_was_expected)
{
    lstm_arrays l = make_lstm();
    l.parameters[0] = gt_parameter(l.tape, "Wf", GT_SHAPE(5, 9));
    expect_refused(&l, false, GT_ERROR_SHAPE, "cell lstm: parameter Wf is (5, 9), expected (n_a, n_a + n_x) = (5, 8)");
    l = make_lstm();
    l.parameters[3] = gt_parameter(l.tape, "layer2.bi", GT_SHAPE(1, 5));
    expect_refused(&l, false, GT_ERROR_SHAPE, "parameter bi (\"layer2.bi\") is (1, 5), expected (n_a, 1) = (5, 1)");
    l = make_lstm();
    l.initial[1] = gt_state(l.tape, "c", GT_SHAPE(5, 9));
    expect_refused(&l, false, GT_ERROR_SHAPE, "initial state c is (5, 9), expected (n_a, m) = (5, 10)");
    l = make_lstm();
    l.parameters[9] = gt_parameter(l.tape, "by", GT_SHAPE(3, 1));
    expect_refused(&l, true, GT_ERROR_SHAPE, "parameter by is (3, 1), expected (n_y, 1) = (2, 1)");
    l = make_lstm();
    l.parameters[0] = gt_parameter(l.tape, "Wf", GT_SHAPE(5, 9));
    expect_refused(&l, false, GT_ERROR_SHAPE, "n_x = 3 from x, n_a = 5 from a");
}

Test(cells, a_missing_array_is_named)
{
    lstm_arrays l = make_lstm();
    l.parameters[6] = GT_NONE;
    expect_refused(&l, false, GT_ERROR_TAPE, "cell lstm: parameter Wo is missing");
    l = make_lstm();
    l.initial[0] = GT_NONE;
    expect_refused(&l, false, GT_ERROR_TAPE, "cell lstm: initial state a is missing");
    l = make_lstm();
    l.x = GT_NONE;
    expect_refused(&l, false, GT_ERROR_TAPE, "cell lstm: input x is missing");
    l = make_lstm();
    l.parameters[8] = GT_NONE;
    expect_refused(&l, true, GT_ERROR_TAPE, "cell lstm: parameter Wy is missing");
    /* But without outputs nobody reads it. */
    l = make_lstm();
    l.parameters[8] = l.parameters[9] = GT_NONE;
    gt_sequence sequence = {.cell = &gt_cell_lstm, .inputs = &l.x, .initial = l.initial, .parameters = l.parameters};
    cr_expect(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(l.tape));
    gt_tape_free(l.tape);
}

Test(cells, an_earlier_error_stays)
{
    lstm_arrays l = make_lstm();
    gt_tape_fail(l.tape, GT_ERROR_VALUE, "the first error");
    expect_refused(&l, false, GT_ERROR_VALUE, "the first error");
}

static void forgetful_step(gt_cell_step *step)
{
    (void)step;
}

static void narrow_step(gt_cell_step *step)
{
    step->next_states[0] = gt_mean(gt_add(step->states[0], step->inputs[0]), 1);
}

Test(cells, a_cell_that_answers_wrongly_is_told_so)
{
    static const gt_cell_array x = {.name = "x", .rows = "n"}, a = {.name = "a", .rows = "n"};
    gt_cell cell = {.name = "mine", .inputs = &x, .input_count = 1, .states = &a, .state_count = 1};
    for (int unrolled = 0; unrolled < 2; unrolled++) {
        for (int wrong = 0; wrong < 3; wrong++) {
            static const char *const words[] = {
                "cell mine: the next value of state a is missing",
                "cell mine: the next value of state a is (3, 1), expected (n, m) = (3, 4)",
                "cell mine has no function for its outputs",
            };
            gt_tape *tape = gt_tape_new(NULL);
            gt_var input = gt_input(tape, "x", GT_SHAPE(3, 4, 2));
            gt_var initial = gt_state(tape, "a", GT_SHAPE(3, 4));
            cell.step = wrong == 0 ? forgetful_step : narrow_step;
            gt_sequence sequence = {
                .cell = &cell, .unrolled = unrolled, .inputs = &input, .initial = &initial, .with_outputs = wrong == 2};
            cr_expect(gt_sequence_record(&sequence) != GT_OK);
            cr_expect(strstr(gt_tape_message(tape), words[wrong]) != NULL, "%s", gt_tape_message(tape));
            gt_tape_free(tape);
        }
    }
}

/* Two dimensions that stand nowhere apart cannot be read off the arrays; one alone can. */
Test(cells, a_dimension_that_cannot_be_inferred_is_named)
{
    static const gt_cell_array x = {.name = "x", .rows = "2 * k + l"}, a = {.name = "a", .rows = "n"};
    const gt_cell cell = {
        .name = "mine", .inputs = &x, .input_count = 1, .states = &a, .state_count = 1, .step = narrow_step};
    gt_tape *tape = gt_tape_new(NULL);
    gt_var input = gt_input(tape, "x", GT_SHAPE(4, 4, 2));
    gt_var initial = gt_state(tape, "a", GT_SHAPE(3, 4));
    gt_sequence sequence = {.cell = &cell, .inputs = &input, .initial = &initial};
    cr_expect(gt_sequence_record(&sequence) == GT_ERROR_ARGUMENT);
    cr_expect(strstr(gt_tape_message(tape), "cell mine: input x: size \"2 * k + l\"") != NULL, "%s",
              gt_tape_message(tape));
    gt_tape_free(tape);
}
