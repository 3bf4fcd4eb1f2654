/* What may be wrong with formulas that cannot even be checked. */
#ifndef GT_CLI_CHECK_EXPLAIN_H
#define GT_CLI_CHECK_EXPLAIN_H

/*
 * After a cell's text was refused: if all that is wrong with it is in its backward block, and
 * the catalogue of mistakes has an explanation, prints that on stderr.
 */
void gt_check_explain(const char *cell_text);

#endif
