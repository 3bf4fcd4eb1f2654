/* The arrays that a cell is checked with, or against. */
#ifndef GT_CLI_CHECK_ARRAYS_H
#define GT_CLI_CHECK_ARRAYS_H

#include "command/arrays.h"

/*
 * Reads those that the cell has names for: what it reads, its states and outputs, and the gradients of
 * all of them; others are listed, but not loaded. Axes in another order, shapes that contradict each
 * other and gradients that are absurdly large are errors before anything is loaded. NULL on an error.
 */
gt_archive *gt_check_read_arrays(const gt_cell *cell, const gt_text_list *files, gt_error *error);

#endif
