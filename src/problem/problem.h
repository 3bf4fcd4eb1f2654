/* The parts of a problem: names, sizes, entries, and its forward pass on a tape. */
#ifndef GT_PROBLEM_PROBLEM_H
#define GT_PROBLEM_PROBLEM_H

#include "gradtape/interpreter.h"
#include "gradtape/problem.h"

/* The parts of gt_cell_problem_read: the list of names, the sizes, the entries. */
gt_status gt_problem_list_arrays(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
gt_status gt_problem_find_sizes(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
gt_status gt_problem_copy_entries(gt_cell_problem *problem, gt_archive *given, gt_error *error);
/* The names alone, those that the cell does not read passed over. */
gt_status gt_problem_list_known(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
/* The sizes alone: whether the shapes fit together, in the problem's order of axes. */
gt_status gt_problem_fit_shapes(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
/* The shape that an array has in the problem's order of axes. */
gt_shape gt_problem_given_shape(const gt_cell_problem *problem, const gt_archive *given, const gt_problem_array *array);
/* Of shapes that do not fit: an error if they do in another order of axes, which is named. */
gt_status gt_problem_explain_order(gt_cell_problem *problem, const gt_archive *given, gt_error *error);

/* "the parameter Wf of lstm, (n_a, n_a + n_x)": what an array is, for messages. Returns text. */
char *gt_problem_describe(const gt_cell_problem *problem, const gt_problem_array *array, char *text, size_t size);

/* A forward pass on a tape. */
typedef struct gt_problem_tape {
    gt_tape *tape;
    gt_interpreter *interpreter;
    gt_var *arrays;                     /* one for each array of the problem */
    gt_var states[GT_MAX_CELL_ARRAYS];  /* (n, m, T) each */
    gt_var outputs[GT_MAX_CELL_ARRAYS]; /* GT_NONE without outputs */
} gt_problem_tape;

/* Records and binds. Free it in any case. */
gt_status gt_problem_tape_record(gt_problem_tape *record, const gt_cell_problem *problem, bool unrolled, gt_error *error);
void gt_problem_tape_free(gt_problem_tape *record);
/* The state or output whose upstream gradient `array` is. */
gt_var gt_problem_tape_result(const gt_problem_tape *record, const gt_problem_array *array);
/* Reports what the tape or the interpreter said. */
gt_status gt_problem_tape_failed(const gt_problem_tape *record, gt_status status, gt_error *error);

#endif
