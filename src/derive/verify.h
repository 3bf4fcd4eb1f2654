/*
 * Every line of a derivation against the tape: no formula is printed that was not.
 *
 * The lines are put behind a cell that computes the same, in which each part and each
 * total is an equation of its own, as a backward block that gives the gradient of each
 * of them. So the checker compares all of them, and not only those of the cell's names.
 */
#ifndef GT_DERIVE_VERIFY_H
#define GT_DERIVE_VERIFY_H

#include "derive/derivation.h"
#include "dump/text.h"

/* GT_ERROR_VALUE, with the line, if the tape refutes one. */
gt_status gt_derivation_verify(gt_derivation *derivation, gt_error *error);

/* The same of the paths of the Jacobian (derive/jacobian.h), all of those from a state together. */
gt_status gt_derivation_verify_paths(gt_derivation *derivation, gt_error *error);

/* The text of that cell. */
void gt_derivation_explicit(gt_derivation *derivation, gt_text *text);
/* The same with a block of what reaches each state along its paths, from next states alone; false: there is none. */
bool gt_derivation_explicit_paths(gt_derivation *derivation, gt_text *text);

#endif
