/* A page that is stepped through, with the cell's derivation beside it. */
#ifndef GT_COMMAND_STEPS_H
#define GT_COMMAND_STEPS_H

#include "gradtape.h"

/* So many time steps are drawn where a page opens in one of them; of more the middle is left out. */
enum { GT_STEPS_DRAWN = 12 };

/*
 * As gt_stepper; options->derivation and ->questions are made of the cell's text, unless the page goes forward only.
 * What cannot be derived, and a cell without a text (NULL), is stepped through all the same.
 */
gt_status gt_steps_page(const gt_parsed_cell *parsed, const gt_cell_problem *problem, const gt_stepper_options *options,
                        char **page, size_t *size, gt_error *error);

#endif
