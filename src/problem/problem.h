/* The parts of a problem: names, sizes, entries. */
#ifndef GT_PROBLEM_PROBLEM_H
#define GT_PROBLEM_PROBLEM_H

#include "gradtape/problem.h"

/* ---- the names, the sizes, the entries, in this order ---------------------------------------- */

/*
 * Lists the cell's arrays, and marks those that `given` (NULL: none) has. Names that the cell does
 * not read are passed over.
 */
gt_status gt_problem_list(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
/* Whether the arrays that are given have something of outputs, or those need nothing. */
bool gt_problem_wants_outputs(const gt_cell_problem *problem);
/* Keeps the outputs in the list if they are wanted and there are any. */
void gt_problem_choose_outputs(gt_cell_problem *problem, bool wanted);
/* Of a problem that is listed: errors for a name that the cell does not read, or for a missing array. */
gt_status gt_problem_check_names(const gt_cell_problem *problem, const gt_archive *given, gt_error *error);
gt_status gt_problem_check_presence(const gt_cell_problem *problem, gt_error *error);

/* Whether an array of that name says what a size of the cell is, and is none of its arrays; loads those that do. */
bool gt_problem_is_size(const gt_cell_problem *problem, const char *name);
gt_status gt_problem_load_told(const gt_cell_problem *problem, gt_archive *given, gt_error *error);
/* The size of that name, if a loaded array says it. */
bool gt_problem_told(const gt_cell_problem *problem, const gt_archive *given, const char *name, int64_t *size);

/* Learns the sizes from the arrays and compares all; another order of axes is recognised. */
gt_status gt_problem_find_sizes(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
/* The same without looking for another order of axes than the problem's. */
gt_status gt_problem_fit_shapes(gt_cell_problem *problem, const gt_archive *given, gt_error *error);
/* The shapes of all arrays by examples, steps and dimensions, which are known. */
gt_status gt_problem_set_shapes(gt_cell_problem *problem, gt_error *error);
/* Whether a given array has the shape that was found; if not, why that is expected. */
gt_status gt_problem_check_shape(const gt_cell_problem *problem, const gt_problem_array *array, gt_shape shape,
                                 gt_error *error);

/* Makes the buffer, all zero. */
gt_status gt_problem_make_room(gt_cell_problem *problem, gt_error *error);
/* Copies entries; `whole`: exactly or not at all. An entry that is not finite is an error that says where. */
gt_status gt_problem_copy(const gt_cell_problem *problem, gt_problem_array *array, gt_array given, bool whole,
                          gt_error *error);
/* What a state starts from where nobody says, and the mean of what is drawn. */
gt_status gt_problem_fill_initial(const gt_cell_problem *problem, gt_problem_array *array, gt_error *error);

/* NULL if there is none: by its name, or its place in a table of the cell. */
const gt_problem_array *gt_problem_array_at(const gt_cell_problem *problem, gt_problem_kind kind, uint32_t place);
gt_problem_array *gt_problem_array_named(const gt_cell_problem *problem, const char *name);
/* The shape that an array has in the problem's order of axes. */
gt_shape gt_problem_given_shape(const gt_cell_problem *problem, const gt_archive *given, const gt_problem_array *array);
/* Of shapes that do not fit: an error if they do in another order of axes, which is named. */
gt_status gt_problem_explain_order(gt_cell_problem *problem, const gt_archive *given, gt_error *error);

/* "the parameter Wf of lstm, (n_a, n_a + n_x)": what an array is, for messages. Returns text. */
char *gt_problem_describe(const gt_cell_problem *problem, const gt_problem_array *array, char *text, size_t size);

#endif
