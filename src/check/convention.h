/*
 * Names that stand for the gradient before the activation.
 *
 * In many handwritten passes dft is not the gradient of ft = sigmoid(u), but of u. A
 * block that does so throughout is not wrong: it uses a name in another sense.
 */
#ifndef GT_CHECK_CONVENTION_H
#define GT_CHECK_CONVENTION_H

#include "check/formulas.h"

/*
 * Takes dN for the gradient of what goes into N's activation wherever fewer formulas are wrong
 * then, and runs and marks the formulas anew. Formulas have been run and marked; *wrong are wrong.
 */
gt_status gt_convention_find(gt_formulas *formulas, double floor, double tolerance, uint32_t *wrong, gt_error *error);
/* One remark for all names that are taken so; after all else has been compared. */
gt_status gt_convention_report(const gt_formulas *formulas, gt_report *report, gt_error *error);

#endif
