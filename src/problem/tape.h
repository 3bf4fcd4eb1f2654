/* The forward pass of a cell with numbers, on a tape. */
#ifndef GT_PROBLEM_TAPE_H
#define GT_PROBLEM_TAPE_H

#include "gradtape/interpreter.h"
#include "gradtape/problem.h"

/* The lists have the order of the problem's arrays; the tape owns them. */
typedef struct gt_cell_tape {
    gt_tape *tape;
    gt_var *arrays;  /* leaves, one for each array of the problem; GT_NONE for an upstream not given */
    gt_var *results; /* (n, m, T): states and outputs, one for each upstream gradient in the list */
    uint32_t result_count;
} gt_cell_tape;

/* Records it, rolled or unrolled: the leaves, the sequence, the upstream leaves. Close it in any case. */
gt_status gt_cell_tape_open(gt_cell_tape *tape, const gt_cell_problem *problem, bool unrolled, gt_error *error);
void gt_cell_tape_close(gt_cell_tape *tape);
/*
 * Records the gradients of what is differentiated, in the order of the problem's list, from the
 * upstream gradients that are given. Returns the tape's status.
 */
gt_status gt_cell_tape_differentiate(const gt_cell_tape *tape, const gt_cell_problem *problem, gt_var *gradients);

/* An interpreter with all arrays bound; NULL on an error. */
gt_interpreter *gt_problem_interpreter(const gt_cell_tape *tape, const gt_cell_problem *problem, gt_error *error);
/* Reports what the tape or the interpreter (NULL: none) said. */
gt_status gt_cell_tape_failed(const gt_cell_tape *tape, const gt_interpreter *run, gt_status status, gt_error *error);

#endif
