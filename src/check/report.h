/* Reports while they are made, and told finding by finding. */
#ifndef GT_CHECK_REPORT_H
#define GT_CHECK_REPORT_H

#include "gradtape/report.h"

/*
 * The words of what is added are copied; NULL stands for "". Where there was no memory for words
 * (gt_report_write), adding is an error.
 */

/*
 * Copies a finding to the end of the list and takes it into the verdict. On an error, GT_ERROR_MEMORY,
 * the report is as it was.
 */
gt_status gt_report_add(gt_report *report, const gt_finding *finding, gt_error *error);
/* Copies a remark to the end of the list, unless the same is there already. */
gt_status gt_report_remark(gt_report *report, const gt_remark *remark, gt_error *error);

/*
 * All indices of the worst entry: of an array of several sizes those that its row is made of, for the row. Returns how
 * many.
 */
enum { GT_FINDING_INDICES = GT_MAX_RANK + 3 };
uint32_t gt_finding_indices(const gt_finding *finding, int64_t indices[GT_FINDING_INDICES]);
/* "dW[0, 3]": the worst entry, cut to fit `size` bytes. Returns how long the whole is. */
size_t gt_finding_entry(const gt_finding *finding, char *text, size_t size);

/*
 * Finding i of a report, as gt_report_format has it: with all others of the same explanation, or
 * nothing (0) where it has been said with one before it.
 */
size_t gt_report_format_finding(const gt_report *report, uint32_t i, char *text, size_t size);
/* How many findings, i among them, have the explanation of finding i; 1 if it has none. */
uint32_t gt_report_explained(const gt_report *report, uint32_t i);
/* Whether an earlier finding has the same explanation. */
bool gt_report_said_before(const gt_report *report, uint32_t i);

#endif
