/* What `gradtape notebook` says: to people, and in JSON. */
#ifndef GT_CLI_NOTEBOOK_REPORT_H
#define GT_CLI_NOTEBOOK_REPORT_H

#include "cli/notebook/verdict.h"
#include "command/json.h"

/* The table of one exercise, at most 100 columns wide. */
void gt_report_exercise(const gt_notebook_verdict *verdict);
/* One line for one exercise. */
void gt_report_line(const gt_notebook_verdict *verdict);
/* The end: what was compared, by which tolerances, and whether all is good. */
void gt_report_verdict(const gt_notebook_verdict *verdicts, uint32_t count);

/*
 * An element of the array "exercises". Version 1: name, title, cell, verdict,
 * same_bits and printed, a list of what the notebook prints: label, array,
 * notebook_shape (absent where none is printed), values (entry, its place in the
 * column-major array; notebook, notebook_full; and by witness: number, text, agrees) and arrays (by
 * witness: shape, disagreement, agrees).
 */
void gt_report_json(gt_json *json, const gt_notebook_verdict *verdict);

#endif
