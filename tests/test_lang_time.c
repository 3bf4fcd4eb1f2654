/* prev(x) and t: the states that they stand for. */
#include "lang_rows.h"

#include <math.h>

#define BEGIN "cell c\n input x[n]\n state h[n] = 0.5\n param W[n, n]\n"

Test(lang_time, mistakes)
{
    static const row rows[] = {
        {BEGIN " h' = h + prev(x) + prev(x, 3) + prev(h)\n", ""},
        {BEGIN " h' = h + prev(W)\n",
         "5:16: prev is of an input or of a state, by its name: prev(x), prev(x, 2); another value is kept in a state "
         "of its own: state u_prev[n], and u_prev' = u"},
        {BEGIN " h' = h + prev(x + 1)\n", "5:18: expected , or ) behind the name, not '+'"},
        {BEGIN " h' = h + prev(1)\n",
         "5:16: prev is of an input or of a state, by its name: prev(x), prev(x, 2); another value is kept in a state "
         "of its own: state u_prev[n], and u_prev' = u"},
        {BEGIN " h' = h + prev(x, 0)\n", "5:19: prev takes a whole number of steps, from 1 to 64"},
        {BEGIN " h' = h + prev(x, n)\n", "5:19: prev takes a whole number of steps, from 1 to 64"},
        {BEGIN " h' = h + prev(x, 1.5)\n", "5:19: prev takes a whole number of steps, from 1 to 64"},
        {BEGIN " h' = h + prev(x\n", "5:15: this bracket is never closed"},
        {"cell c\n input x[n], x_prev[n]\n state h[n]\n h' = h + x_prev + prev(x)\n",
         "4:20: prev(x) is kept as x_prev, and there is an array of that name; give that array another name"},
        {BEGIN " x_prev = h\n h' = x_prev + prev(x)\n",
         "5:2: x_prev is a state and cannot be assigned; its next value is "
         "x_prev': write x_prev' = ..."},
        {BEGIN " prev = h\n h' = prev + x\n", ""}, /* a name as any other */
        {BEGIN " h' = h * t + x\n", ""},
        {BEGIN " t = h + x\n h' = t\n", ""},
        {"cell c\n input x[t]\n state h[t]\n h' = h * t + x\n", ""},
    };
    expect_cells(rows, COUNT(rows));
}

/* x of one, two and three steps ago, and the number of the step, at each of five steps. */
Test(lang_time, values)
{
    enum { T = 5 };
    static const char text[] = "cell c\n input x[1]\n state h[1] = 7\n"
                               " h' = h + x\n output y = concat(prev(x), prev(x, 3), prev(h), t)\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    cr_assert(cell != NULL && cell->state_count == 6);
    static const char *const names[] = {"h", "x_prev", "x_prev2", "x_prev3", "h_prev", "t"};
    double begin[6], x[T] = {3, 1, 4, 1.5, 9};
    gt_tape *tape = gt_tape_new(NULL);
    gt_interpreter *run = gt_interpreter_new(tape);
    gt_var input = gt_input(tape, "x", GT_SHAPE(1, 1, T)), initial[6], y;
    gt_interpreter_bind(run, input, x);
    for (int i = 0; i < 6; i++) {
        bool known = false;
        for (int k = 0; k < 6; k++)
            known = known || strcmp(cell->states[i].name, names[k]) == 0;
        cr_expect(known, "%s", cell->states[i].name);
        begin[i] = cell->states[i].initializer.kind == GT_INITIALIZE_CONSTANT ? cell->states[i].initializer.a : 0;
        initial[i] = gt_state(tape, cell->states[i].name, GT_SHAPE(1, 1));
        gt_interpreter_bind(run, initial[i], &begin[i]);
    }
    gt_sequence sequence = {.cell = cell, .with_outputs = true, .inputs = &input, .initial = initial, .outputs = &y};
    cr_assert(gt_sequence_record(&sequence) == GT_OK, "%s", gt_tape_message(tape));
    cr_assert(gt_interpreter_evaluate(run, &y, 1) == GT_OK);
    const double *got = gt_interpreter_value(run, y);
    double h = 7, before = 7;
    for (int t = 0; t < T; t++) {
        const double expected[] = {t < 1 ? 0 : x[t - 1], t < 3 ? 0 : x[t - 3], before, t};
        for (int i = 0; i < 4; i++)
            cr_expect(fabs(got[4 * t + i] - expected[i]) <= 0, "step %d: %g, not %g", t, got[4 * t + i], expected[i]);
        before = h;
        h += x[t];
    }
    gt_interpreter_free(run);
    gt_tape_free(tape);
    gt_parsed_cell_free(parsed);
}
