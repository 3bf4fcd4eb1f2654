/* The callbacks of a gt_cell that was written as text; its context is a gt_lang_meaning. */
#ifndef GT_LANG_RUN_CELL_H
#define GT_LANG_RUN_CELL_H

#include "gradtape/cell.h"

void gt_lang_step(gt_cell_step *step);
void gt_lang_output(gt_cell_step *step);
gt_var gt_lang_begin(gt_cell_step *step, uint32_t state);

/*
 * Records all equations, those also that nothing depends on, as both callbacks
 * together do, and answers their vars in values: GT_NONE for constants.
 */
void gt_lang_record_whole(gt_cell_step *step, gt_var *values);

#endif
