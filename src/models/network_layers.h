/* What the layers of a network are, however it is described. */
#ifndef GT_MODELS_NETWORK_LAYERS_H
#define GT_MODELS_NETWORK_LAYERS_H

#include "gradtape/network.h"

#define GT_NETWORK_DIMENSIONS 64

/* The dimensions that a layer gives to its cell's tables. */
typedef struct gt_layer_sizes {
    gt_dimension dimensions[GT_NETWORK_DIMENSIONS];
    uint32_t count;
} gt_layer_sizes;

enum { GT_LAYER_INPUT, GT_LAYER_HIDDEN }; /* places of n_x and n_a among them */

/*
 * Of a layer from 0 on. That behind the last has the rows of what the last hands on as its n_x. 0 rows where there is
 * no such size, of which gt_network_check speaks.
 */
void gt_layer_sizes_find(const gt_network *network, uint32_t layer, gt_layer_sizes *sizes);

/* 2 in both directions. */
uint32_t gt_layer_directions(gt_network_layer layer);
/* The name before those of its arrays: "layer1", "layer1_reverse". */
#define GT_LAYER_NAME 32
void gt_layer_name(uint32_t layer, bool reverse, char name[GT_LAYER_NAME]);
/* The place of an input of a layer's cell among those of the first layer's; -1: it is none of them. */
int32_t gt_layer_input(const gt_network *network, const gt_cell *cell, uint32_t input);
/* Whether the outputs of a layer are recorded: one is handed on, or is a loss. */
bool gt_layer_has_outputs(const gt_network *network, uint32_t layer);
/* The place among the network's terms of a loss; -1: it is none. */
int32_t gt_layer_term(const gt_network *network, const gt_cell_array *output);
/* Whether a layer has that parameter of its cell. */
bool gt_layer_has(const gt_network *network, uint32_t layer, const gt_cell_array *parameter);

#endif
