/* From a cell in the cell language to the problem of explaining its backward block. */
#ifndef GT_DIAGNOSE_CELL_PROBLEM_H
#define GT_DIAGNOSE_CELL_PROBLEM_H

#include "diagnose/problem.h"
#include "gradtape/base.h"
#include "lang/ast.h"

/*
 * Fills in the problem: names, formulas, and samples of one step, small and
 * random, with sizes that differ as far as they can, so that a formula whose
 * shapes fit by chance is noticed. Gradients are the tape's. The cell must
 * outlive the problem. before, by equation of the block (NULL: none): that "dN" is meant as the
 * gradient of what goes into the activation of N. Errors: no memory, and a forward pass that cannot be
 * recorded. The problem is to be freed in any case.
 */
gt_status gt_problem_of_cell(gt_problem *problem, const gt_lang_cell *cell, const bool *before,
                             uint32_t seed, gt_error *error);

/* The formula of an expression; NULL on no memory. Names must be those of the problem. */
const gt_expression *gt_problem_formula(gt_problem *problem, const gt_lang_expression *expression);

/*
 * The values of one sample, by the problem's list of names: of gradients the tape's, none of
 * locals. sizes[i] is the value of the i-th name where that is a dimension or m.
 */
gt_status gt_problem_sample(gt_problem *problem, const gt_lang_cell *cell, const uint32_t *sizes,
                            uint32_t seed, gt_value *values, gt_error *error);

#endif
