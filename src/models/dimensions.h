/* Dimensions that a text gives: "n_x=3,n_a=5". */
#ifndef GT_MODELS_DIMENSIONS_H
#define GT_MODELS_DIMENSIONS_H

#include "gradtape/dimensions.h"

#define GT_MAX_DIMENSION (1 << 24) /* the largest size that a text can give */

/*
 * Reads "n_x=3,n_a=5"; NULL is nothing. `what` is what the user wrote it behind, "--dims", and
 * must outlive the list. GT_ERROR_ARGUMENT, with the nearest name, for one that the cell has not.
 */
gt_status gt_dimensions_read(gt_dimensions *dimensions, const gt_cell *cell, const char *what, const char *text,
                             gt_error *error);

/* Adds the names in the tables of a further cell, as gt_dimensions_find has those of one. */
gt_status gt_dimensions_add(gt_dimensions *dimensions, const gt_cell *cell, bool with_outputs, gt_error *error);

/* Gives all that nobody told this size. */
void gt_dimensions_all(gt_dimensions *dimensions, int64_t size);

/*
 * Before a cell is understood: n_x, n_a and n_y with their usual sizes, and what `text` says instead of
 * them or besides; what is wrong in it is left for later. For messages about the cell.
 */
void gt_dimensions_guess(gt_dimensions *dimensions, const char *text);

/* NULL if there is no such name. */
gt_dimension *gt_dimensions_at(gt_dimensions *dimensions, const char *name);
/* Takes a name out of the list, if it is there. */
void gt_dimensions_drop(gt_dimensions *dimensions, const char *name);

#endif
