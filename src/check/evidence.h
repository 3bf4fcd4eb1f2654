/* What a diagnosis is given: see gt_evidence in gradtape/handwritten.h. */
#ifndef GT_CHECK_EVIDENCE_H
#define GT_CHECK_EVIDENCE_H

#include "check/formulas.h"

/* Hands formula i, which is wrong, to options->diagnose, for the finding. */
void gt_evidence_diagnose_formula(gt_formulas *formulas, uint32_t i, const gt_check_options *options,
                                  gt_finding *finding);

/*
 * The same for an array computed elsewhere: `given` against the sum over steps
 * (or, for an input, the list) of the gradients of name `subject` of the step.
 */
void gt_evidence_diagnose_array(gt_step *step, uint32_t subject, gt_array given,
                                const gt_check_options *options, gt_finding *finding);

#endif
