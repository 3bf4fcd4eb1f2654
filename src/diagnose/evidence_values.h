/* Values of a question's names as a check has them. */
#ifndef GT_DIAGNOSE_EVIDENCE_VALUES_H
#define GT_DIAGNOSE_EVIDENCE_VALUES_H

#include "diagnose/question.h"
#include "gradtape/handwritten.h"
#include "lang/ast.h"

/* The tree of a cell in the cell language; NULL for any other. */
const gt_lang_cell *gt_evidence_tree(const gt_cell *cell);

/* The search recurs into both operands, and is for formulas that somebody wrote by hand. */
bool gt_evidence_is_short(const gt_lang_cell *cell);

/* An array of one step; data is NULL where there is none. */
gt_value gt_evidence_value(gt_array array);

/*
 * The values of all names at step t, as far as the evidence has them, in the question's arena; NULL on
 * no memory.
 */
gt_value *gt_evidence_values(gt_question *question, const gt_evidence *evidence, int64_t t);

#endif
