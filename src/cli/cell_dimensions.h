/* The dimensions that a cell's tables name, and what --dims says they are worth. */
#ifndef GT_CLI_CELL_DIMENSIONS_H
#define GT_CLI_CELL_DIMENSIONS_H

#include "cli/json.h"
#include "gradtape.h"

enum { GT_DIMENSION_NAME = 64, GT_DIMENSION_LARGEST = 1 << 24 };

typedef struct gt_cell_dimensions {
    gt_dimension list[GT_MAX_CELL_ARRAYS];
    bool given[GT_MAX_CELL_ARRAYS]; /* by --dims */
    char names[GT_MAX_CELL_ARRAYS][GT_DIMENSION_NAME];
    uint32_t count;
} gt_cell_dimensions;

/*
 * All names in the sizes of the cell's tables in their order, inputs first, each
 * worth `usual`; those that only outputs need if asked for. An error if there are too many.
 */
gt_status gt_cell_dimensions_find(gt_cell_dimensions *dimensions, const gt_cell *cell, bool with_outputs,
                                  int64_t usual, gt_error *error);

/* Reads "n_x=3,n_a=5" into the list. An unknown name is an error with the nearest one. NULL: nothing. */
gt_status gt_cell_dimensions_read(gt_cell_dimensions *dimensions, const gt_cell *cell, const char *text,
                                  gt_error *error);

/*
 * Before a cell is understood: the notebook's n_x = 3, n_a = 5, n_y = 2 with what
 * `text` says instead of them or besides; what is wrong in it is left for later. For
 * messages about the cell.
 */
void gt_cell_dimensions_guess(gt_cell_dimensions *dimensions, const char *text);

/* NULL if there is no such name. */
gt_dimension *gt_cell_dimensions_at(gt_cell_dimensions *dimensions, const char *name);
/* "n_x = 3, n_a = 5, " on stdout. */
void gt_cell_dimensions_print(const gt_cell_dimensions *dimensions);
/* Each by its name, into the object that is open. */
void gt_cell_dimensions_json(const gt_cell_dimensions *dimensions, gt_json *json);
/* Takes a name out of the list, if it is there. */
void gt_cell_dimensions_drop(gt_cell_dimensions *dimensions, const char *name);

#endif
