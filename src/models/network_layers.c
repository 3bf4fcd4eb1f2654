/* The layers of a network: all of one cell, or each of its own. */
#include "models/network_layers.h"

#include "base/utf8.h"

#include <string.h>

gt_network_layer gt_network_layer_at(const gt_network *network, uint32_t layer)
{
    gt_network_layer one = {.cell = network->cell};
    if (network->layers != NULL && layer < network->layer_count)
        one = network->layers[layer];
    if (one.hidden == 0)
        one.hidden = network->hidden;
    return one;
}

bool gt_network_is_bidirectional(const gt_network *network)
{
    for (uint32_t layer = 0; layer < network->layer_count; layer++)
        if (gt_network_layer_at(network, layer).bidirectional)
            return true;
    return false;
}

int32_t gt_network_handed_on(const gt_network *network, uint32_t layer)
{
    return network->ignores_outputs ? -1 : gt_cell_handed_on(gt_network_layer_at(network, layer).cell);
}

uint32_t gt_layer_directions(gt_network_layer layer)
{
    return layer.bidirectional ? 2 : 1;
}

void gt_layer_name(uint32_t layer, bool reverse, char name[GT_LAYER_NAME])
{
    gt_utf8_format(name, GT_LAYER_NAME, "layer%u%s", layer + 1, reverse ? "_reverse" : "");
}

int32_t gt_layer_input(const gt_network *network, const gt_cell *cell, uint32_t input)
{
    if (input == 0 || cell == network->cell)
        return (int32_t)input;
    for (uint32_t i = 1; i < network->cell->input_count; i++)
        if (strcmp(network->cell->inputs[i].name, cell->inputs[input].name) == 0)
            return (int32_t)i;
    return -1;
}

bool gt_layer_has(const gt_network *network, uint32_t layer, const gt_cell_array *parameter)
{
    return !parameter->output_only || gt_layer_has_outputs(network, layer);
}

/* ---- losses -------------------------------------------------------------------------------- */

bool gt_layer_has_outputs(const gt_network *network, uint32_t layer)
{
    return !network->ignores_outputs && gt_cell_has_read_outputs(gt_network_layer_at(network, layer).cell);
}

typedef const char *term_names[GT_MAX_LOSS_TERMS];

/* Each name once, in the order of the layers; the number of them all, also of those beyond the room. */
static uint32_t list_terms(const gt_network *network, term_names names)
{
    uint32_t count = 0;
    for (uint32_t layer = 0; !network->ignores_outputs && layer < network->layer_count; layer++) {
        const gt_cell *cell = gt_network_layer_at(network, layer).cell;
        for (uint32_t i = 0; i < cell->output_count; i++) {
            bool known = !cell->outputs[i].loss;
            for (uint32_t k = 0; k < count && k < GT_MAX_LOSS_TERMS; k++)
                known = known || strcmp(names[k], cell->outputs[i].name) == 0;
            if (!known && count < GT_MAX_LOSS_TERMS)
                names[count] = cell->outputs[i].name;
            count += !known;
        }
    }
    return count;
}

uint32_t gt_network_term_count(const gt_network *network)
{
    term_names names;
    return list_terms(network, names);
}

const char *gt_network_term_name(const gt_network *network, uint32_t term)
{
    term_names names;
    uint32_t count = list_terms(network, names);
    return term < count && term < GT_MAX_LOSS_TERMS ? names[term] : NULL;
}

int32_t gt_layer_term(const gt_network *network, const gt_cell_array *output)
{
    for (uint32_t k = 0; output->loss && gt_network_term_name(network, k) != NULL; k++)
        if (strcmp(gt_network_term_name(network, k), output->name) == 0)
            return (int32_t)k;
    return -1;
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* The rows of what a layer hands on, with the sizes that it has; 0: there is no such size. */
static int64_t rows_handed_on(const gt_network *network, uint32_t layer, const gt_layer_sizes *sizes)
{
    gt_network_layer one = gt_network_layer_at(network, layer);
    int32_t output = gt_network_handed_on(network, layer);
    const gt_cell_array *row = output < 0 ? &one.cell->states[0] : &one.cell->outputs[output];
    gt_shape shape = {.size = {0}};
    gt_cell_array_shape(row, sizes->dimensions, sizes->count, 1, &shape, NULL);
    return shape.size[0] * gt_layer_directions(one);
}

/* Layer by layer from below, since the rows of an output may follow from those of the input. */
void gt_layer_sizes_find(const gt_network *network, uint32_t layer, gt_layer_sizes *sizes)
{
    sizes->dimensions[GT_LAYER_INPUT] = (gt_dimension){"n_x", network->embedding};
    sizes->dimensions[GT_LAYER_HIDDEN] = (gt_dimension){"n_a", network->hidden};
    sizes->count = 2;
    for (uint32_t i = 0; i < network->dimension_count; i++)
        sizes->dimensions[sizes->count++] = network->dimensions[i];
    for (uint32_t below = 0; below < layer; below++) {
        sizes->dimensions[GT_LAYER_HIDDEN].size = gt_network_layer_at(network, below).hidden;
        sizes->dimensions[GT_LAYER_INPUT].size = rows_handed_on(network, below, sizes);
    }
    sizes->dimensions[GT_LAYER_HIDDEN].size = gt_network_layer_at(network, layer).hidden;
}
