/* A cell's dimensions in the answers of the command. */
#ifndef GT_COMMAND_DIMENSIONS_H
#define GT_COMMAND_DIMENSIONS_H

#include "command/json.h"
#include "gradtape.h"

/* "n_x = 3, n_a = 5, " on stdout. */
void gt_print_dimensions(const gt_dimensions *dimensions);
/* Each by its name, into the object that is open. */
void gt_json_dimensions(const gt_dimensions *dimensions, gt_json *json);

#endif
