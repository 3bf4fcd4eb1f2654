/* What the cells of the teaching notebook share: gates on z = [a; x], and the output layer. */
#ifndef GT_MODELS_NOTEBOOK_H
#define GT_MODELS_NOTEBOOK_H

#include "gradtape/cell.h"
#include "gradtape/ops.h"

/* W z + b, the bias behind its weight. */
static inline gt_var gt_notebook_affine(const gt_var *parameters, int weight, gt_var z)
{
    return gt_add(gt_matmul(parameters[weight], z), parameters[weight + 1]);
}

/* Rows of a table of parameters. */
#define GT_NOTEBOOK_GATE(NAME)                                                                                         \
    {                                                                                                                  \
        .name = NAME, .rows = "n_a", .columns = "n_a + n_x", .initializer = {.kind = GT_INITIALIZE_GLOROT }            \
    }
#define GT_NOTEBOOK_OUTPUT(NAME)                                                                                       \
    {                                                                                                                  \
        .name = NAME, .rows = "n_y", .columns = "n_a", .output_only = true, .initializer = {                           \
            .kind = GT_INITIALIZE_GLOROT                                                                               \
        }                                                                                                              \
    }

#endif
