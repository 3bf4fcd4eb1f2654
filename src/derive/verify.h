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

/* The text of that cell. */
void gt_derivation_explicit(gt_derivation *derivation, gt_text *text);

#endif
