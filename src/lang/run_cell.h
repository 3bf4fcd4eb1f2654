/* The callbacks of a gt_cell that was written as text; its context is a gt_lang_meaning. */
#ifndef GT_LANG_RUN_CELL_H
#define GT_LANG_RUN_CELL_H

#include "gradtape/cell.h"

void gt_lang_step(gt_cell_step *step);
void gt_lang_output(gt_cell_step *step);

#endif
