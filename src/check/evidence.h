/* What a diagnosis is given: see gt_evidence in gradtape/handwritten.h. */
#ifndef GT_CHECK_EVIDENCE_H
#define GT_CHECK_EVIDENCE_H

#include "check/formulas.h"

/*
 * Hands all formulas, which have been marked, to options->diagnose: one diagnosis for each. A local
 * that is found to be wrong is marked so, with the values that it should have, and those behind it are
 * run anew; unless one that was right is then wrong.
 */
gt_status gt_evidence_diagnose_block(gt_formulas *formulas, double floor, const gt_check_options *options,
                                     gt_report *report, gt_diagnosis *diagnoses, gt_error *error);

/* The same for arrays computed elsewhere, all together: one diagnosis for each. */
gt_status gt_evidence_diagnose_arrays(gt_step *step, const gt_evidence_array *arrays, uint32_t count,
                                      const gt_check_options *options, gt_report *report, gt_diagnosis *diagnoses,
                                      gt_error *error);

/* Writes out the worst entry of the finding about a formula, as it is written and as it should read. */
gt_status gt_evidence_write_entry(gt_formulas *formulas, const gt_check_options *options, gt_report *report,
                                  gt_finding *finding, gt_error *error);

#endif
