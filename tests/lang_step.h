/* One step of a cell of the language with numbers. */
#ifndef GT_TESTS_LANG_STEP_H
#define GT_TESTS_LANG_STEP_H

#include "gradtape.h"

#include <criterion/criterion.h>
#include <string.h>

/* The next state from h = 0, of three features and one example, of a cell of states and inputs h and x alone. */
static inline void step_cell(const gt_parsed_cell *parsed, const double xs[3], double result[3])
{
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    gt_tape *tape = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(3, 1, 1)), h = gt_state(tape, "h", GT_SHAPE(3, 1)), last;
    gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed), .inputs = &x, .initial = &h, .finals = &last};
    cr_assert_eq(gt_sequence_record(&sequence), GT_OK, "%s", gt_tape_message(tape));
    gt_interpreter *run = gt_interpreter_new(tape);
    const double zeros[] = {0, 0, 0};
    gt_interpreter_bind(run, x, xs);
    gt_interpreter_bind(run, h, zeros);
    cr_assert_eq(gt_interpreter_evaluate(run, &last, 1), GT_OK);
    memcpy(result, gt_interpreter_array(run, last).data, 3 * sizeof *result);
    gt_interpreter_free(run);
    gt_tape_free(tape);
}

#endif
