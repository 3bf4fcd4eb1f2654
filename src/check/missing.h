/*
 * What a backward block leaves out: gradients that no formula defines, and formulas
 * that nothing reads and that are no gradient, perhaps for a slip in their name.
 */
#ifndef GT_CHECK_MISSING_H
#define GT_CHECK_MISSING_H

#include "check/formulas.h"

/*
 * Remarks of both; with options->require_all a missing gradient is a finding. The formulas have
 * been run: of a local that nothing reads it can be said whether it is what is missing.
 */
gt_status gt_missing_report(const gt_formulas *formulas, double floor, const gt_check_options *options,
                            gt_report *report, gt_error *error);

/* "da_prev", "DA" and "da0" are alike: what people put around a name makes no other one. */
bool gt_missing_is_like(const char *local, const char *gradient);

/* The same for one gradient, "dWf" of "Wf", that is not there to be compared; `text` says where. */
gt_status gt_missing_add(gt_check_kind kind, const char *of, const char *text, const gt_check_options *options,
                         gt_report *report, gt_error *error);

#endif
