/* What may be wrong with formulas that cannot even be checked. */
#ifndef GT_CLI_CHECK_EXPLAIN_H
#define GT_CLI_CHECK_EXPLAIN_H

#include "gradtape.h"

enum { GT_MOST_EXPLANATIONS = 24 };

/*
 * After a cell's text was refused: if all that is wrong with it is in its backward block, what the
 * catalogue of mistakes says of it. Fills explanations[GT_MOST_EXPLANATIONS], whose words `report`
 * owns, and *count; `parsed` may be NULL. False on no memory, with *error.
 */
bool gt_check_explain(const gt_parsed_cell *parsed, gt_report *report, gt_diagnosis *explanations, uint32_t *count,
                      gt_error *error);
/* Prints one on stderr. */
void gt_check_explanation_print(const gt_diagnosis *explanation);

#endif
