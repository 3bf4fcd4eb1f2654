/*
 * A cell with numbers: arrays by name, checked against the cell's tables, and
 * what can be computed from them. `gradtape grad` and `gradtape notebook` both
 * work on this. It knows no cell by name.
 *
 * Names. Inputs and parameters have the names of the cell's tables. The initial
 * value of a state S is "S0" (where absent: what the cell's table says), the
 * upstream gradients of a state or an output S are "dS" (where absent: zero),
 * and the gradient of the objective
 *
 *     sum over S of sum(dS * S)
 *
 * with respect to an input, an initial state or a parameter P is "dP".
 *
 * Shapes. An input is (n, m, T), or (n, m) for one step; the results then have
 * two axes too. dS is (n, m, T') with T' <= T: zero at later steps.
 */
#ifndef GT_CLI_CELL_PROBLEM_H
#define GT_CLI_CELL_PROBLEM_H

#include "cli/engine.h"

typedef enum gt_problem_kind {
    GT_PROBLEM_INPUT = 0,
    GT_PROBLEM_INITIAL,
    GT_PROBLEM_PARAMETER,
    GT_PROBLEM_STATE_UPSTREAM,
    GT_PROBLEM_OUTPUT_UPSTREAM
} gt_problem_kind;

#define GT_PROBLEM_NAME_SIZE 80

typedef struct gt_problem_array {
    char name[GT_PROBLEM_NAME_SIZE];
    gt_problem_kind kind;
    const gt_cell_array *row;
    uint32_t place;   /* in the cell's table */
    bool given;       /* it was among the arrays read */
    gt_shape shape;   /* on the tape: (n, m, T), (n, m) or (rows, columns) */
    gt_shape written; /* as it was given, or would have been: the shape of its gradient in a file */
    void *data;       /* entries of the problem's type; owned; NULL for an upstream not given */
} gt_problem_array;

typedef struct gt_axis_order gt_axis_order;

typedef struct gt_cell_problem {
    const gt_cell *cell;
    gt_dtype dtype;
    bool with_outputs; /* the parameters of the output are there */
    bool two_axes;     /* the inputs were (n, m) */
    int64_t examples, steps;
    const char *examples_from; /* the array that told m (and T) */
    gt_dimensions dimensions; /* with the array that told each */
    const gt_axis_order *order; /* in which the shapes are read to see whether it is that one; NULL: ours */
    gt_problem_array *arrays;   /* inputs, initial states, parameters, upstream gradients */
    uint32_t array_count;
} gt_cell_problem;

/*
 * Copies the arrays of `given` (which may be freed afterwards) in type dtype. Of one that was opened
 * only names and shapes are looked at until all of them are right.
 * An array that is missing, unexpected, misshapen, of another type or not
 * finite is an error that names it, what it is and what was expected. If all
 * parameters that only outputs read are absent, and no upstream gradient of an
 * output is given, then outputs are left out. On an error nothing is kept.
 */
gt_status gt_cell_problem_read(gt_cell_problem *problem, const gt_cell *cell, gt_archive *given, gt_dtype dtype, gt_error *error);
void gt_cell_problem_free(gt_cell_problem *problem);

/* Whether any upstream gradient was given: without one there is nothing to differentiate. */
bool gt_cell_problem_has_upstream(const gt_cell_problem *problem);

/* The parts of gt_cell_problem_read: the list of names, the sizes, the entries. */
gt_status gt_problem_list_arrays(gt_cell_problem *problem, const gt_archive *given,
                                 gt_error *error);
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
char *gt_problem_describe(const gt_cell_problem *problem, const gt_problem_array *array, char *text,
                          size_t size);

/* ---- what is computed ------------------------------------------------------------------------ */

/* How the tape is recorded and what computes it. */
typedef struct gt_problem_way {
    bool unrolled;       /* a copy of the cell for each step; otherwise one scan */
    gt_engine engine;
    gt_threads *threads; /* of the planner; NULL: one */
} gt_problem_way;

/*
 * Adds to results the states and outputs at all steps and, if an upstream
 * gradient was given, all gradients, by the tape. A result that is not finite is
 * an error.
 */
gt_status gt_cell_problem_run(const gt_cell_problem *problem, const gt_problem_way *way,
                              gt_archive *results, gt_error *error);

/*
 * Adds to results all gradients by central differences of the forward pass
 * (two widths, Richardson's extrapolation: exact up to the fourth order). Entry
 * by entry, so it takes a while: for small arrays, and for GT_F64 only.
 */
gt_status gt_cell_problem_differences(gt_cell_problem *problem, gt_archive *results,
                                      gt_error *error);

/* A forward pass on a tape, for the two functions above. */
typedef struct gt_problem_tape {
    gt_tape *tape;
    gt_interpreter *interpreter;
    gt_var *arrays;                     /* one for each array of the problem */
    gt_var states[GT_MAX_CELL_ARRAYS];  /* (n, m, T) each */
    gt_var outputs[GT_MAX_CELL_ARRAYS]; /* GT_NONE without outputs */
} gt_problem_tape;

/* Records and binds. Free it in any case. */
gt_status gt_problem_tape_record(gt_problem_tape *record, const gt_cell_problem *problem,
                                 bool unrolled, gt_error *error);
void gt_problem_tape_free(gt_problem_tape *record);
/* The state or output whose upstream gradient `array` is. */
gt_var gt_problem_tape_result(const gt_problem_tape *record, const gt_problem_array *array);
/* Reports what the tape or the interpreter said. */
gt_status gt_problem_tape_failed(const gt_problem_tape *record, gt_status status, gt_error *error);

#endif
