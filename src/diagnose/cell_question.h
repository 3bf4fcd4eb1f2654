/* From a cell in the cell language to the question of explaining its backward block. */
#ifndef GT_DIAGNOSE_CELL_QUESTION_H
#define GT_DIAGNOSE_CELL_QUESTION_H

#include "diagnose/question.h"
#include "gradtape/base.h"
#include "lang/ast.h"

/*
 * Fills in the question: names, formulas, and samples of one step, small and
 * random, with sizes that differ as far as they can, so that a formula whose
 * shapes fit by chance is noticed. Gradients are the tape's. The cell must
 * outlive the question. before, by equation of the block (NULL: none): that "dN" is meant as the
 * gradient of what goes into the activation of N. Errors: no memory, and a forward pass that cannot be
 * recorded. The question is to be freed in any case.
 */
gt_status gt_question_of_cell(gt_question *question, const gt_lang_cell *cell, const bool *before, uint32_t seed,
                              gt_error *error);

/* The formula of an expression; NULL on no memory. Names must be those of the question. */
const gt_expression *gt_question_formula(gt_question *question, const gt_lang_expression *expression);

/*
 * The values of one sample, by the question's list of names: of gradients the tape's, none of
 * locals. sizes[i] is the value of the i-th name where that is a dimension or m. Odd seeds are a first step.
 */
gt_status gt_question_sample(gt_question *question, const gt_lang_cell *cell, const uint32_t *sizes, uint32_t seed,
                             gt_value *values, gt_error *error);

#endif
