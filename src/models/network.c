/* What a network consists of: its parameters, its states, its limits. */
#include "gradtape/network.h"

#include <stdio.h>

#define MAX_DIMENSIONS 64

/* The dimensions that layer `layer` (from 0) gives to the cell's tables. */
typedef struct layer_sizes {
    gt_dimension dimensions[MAX_DIMENSIONS];
    uint32_t count;
} layer_sizes;

int32_t gt_network_handed_on(const gt_network *network)
{
    return network->ignores_outputs ? -1 : gt_cell_handed_on(network->cell);
}

/* Rows of the projection. */
static int64_t outputs_of(const gt_network *network)
{
    return network->outputs > 0 ? network->outputs : network->vocabulary;
}

static const gt_cell_array *handed_on(const gt_network *network)
{
    int32_t output = gt_network_handed_on(network);
    return output < 0 ? &network->cell->states[0] : &network->cell->outputs[output];
}

/*
 * Layer by layer from below, since the rows of an output may follow from those of
 * the input; 0 rows where there is no such size, of which gt_network_check speaks.
 */
static void find_layer_sizes(const gt_network *network, uint32_t layer, layer_sizes *sizes)
{
    sizes->dimensions[0] = (gt_dimension){"n_x", network->embedding};
    sizes->dimensions[1] = (gt_dimension){"n_a", network->hidden};
    sizes->count = 2;
    for (uint32_t i = 0; i < network->dimension_count; i++)
        sizes->dimensions[sizes->count++] = network->dimensions[i];
    for (uint32_t below = 0; below < layer; below++) {
        gt_shape shape = {.size = {0}};
        gt_cell_array_shape(handed_on(network), sizes->dimensions, sizes->count, 1, &shape, NULL);
        sizes->dimensions[0].size = shape.size[0];
    }
}

/* Rows of what the last layer hands on. */
static int64_t last_rows(const gt_network *network)
{
    layer_sizes sizes;
    find_layer_sizes(network, network->layer_count, &sizes);
    return sizes.dimensions[0].size;
}

gt_status gt_network_input_rows(const gt_network *network, uint32_t input, int64_t *rows, gt_error *error)
{
    layer_sizes sizes;
    gt_shape shape;
    if (input >= network->cell->input_count)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "cell %s has %u inputs", network->cell->name,
                            network->cell->input_count);
    find_layer_sizes(network, 0, &sizes);
    gt_status status =
        gt_cell_array_shape(&network->cell->inputs[input], sizes.dimensions, sizes.count, 1, &shape, error);
    if (status == GT_OK)
        *rows = shape.size[0];
    return status;
}

/* ---- limits -------------------------------------------------------------------------------- */

/* What one layer reads and answers must fit the next: n_x rows in; n_a rows out of the first state. */
static gt_status check_rows(const gt_network *network, uint32_t layer, const gt_cell_array *row, int64_t expected,
                            gt_error *error)
{
    layer_sizes sizes;
    find_layer_sizes(network, layer, &sizes);
    gt_shape shape;
    gt_status status = gt_cell_array_shape(row, sizes.dimensions, sizes.count, 1, &shape, error);
    if (status != GT_OK)
        return status;
    if (shape.size[0] != expected)
        return gt_error_set(error, GT_ERROR_SHAPE, "cell %s: %s has %s = %lld rows; in a network it must have %lld",
                            network->cell->name, row->name, row->rows, (long long)shape.size[0], (long long)expected);
    return GT_OK;
}

static gt_status check_cell(const gt_network *network, gt_error *error)
{
    const gt_cell *cell = network->cell;
    if (cell->state_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "cell %s has no state; in a network a cell has at least one",
                            cell->name);
    if (cell->input_count != 1 + network->further_inputs)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "cell %s has %u inputs; in this network a cell has %u: further ones are arrays of the data",
                            cell->name, cell->input_count, 1 + network->further_inputs);
    if (cell->state_count > GT_MAX_CELL_ARRAYS || cell->parameter_count > GT_MAX_CELL_ARRAYS)
        return gt_error_set(error, GT_ERROR_SIZE, "cell %s: a table has more than %d rows", cell->name,
                            GT_MAX_CELL_ARRAYS);
    gt_status status = check_rows(network, 0, &cell->inputs[0], network->embedding, error);
    if (status != GT_OK || gt_network_handed_on(network) < 0)
        return status == GT_OK ? check_rows(network, 0, &cell->states[0], network->hidden, error) : status;
    for (uint32_t layer = 0; layer < network->layer_count && status == GT_OK; layer++) {
        layer_sizes above;
        gt_shape shape;
        find_layer_sizes(network, layer, &above);
        status = gt_cell_array_shape(handed_on(network), above.dimensions, above.count, 1, &shape, error);
        if (status == GT_OK && layer + 1 < network->layer_count)
            status = check_rows(network, layer + 1, &cell->inputs[0], shape.size[0], error);
    }
    return status;
}

gt_status gt_network_check(const gt_network *network, gt_error *error)
{
    if (network == NULL || network->cell == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "a network needs a cell");
    if (network->layer_count < 1 || network->layer_count > GT_MAX_LAYERS)
        return gt_error_set(error, GT_ERROR_SIZE, "a network has 1 to %d layers, not %u", GT_MAX_LAYERS,
                            network->layer_count);
    if (outputs_of(network) < 1 || (network->vocabulary < 1 && !network->reads_numbers) || network->embedding < 1 ||
        network->hidden < 1)
        return gt_error_set(error, GT_ERROR_SIZE,
                            "the sizes of a network are at least 1, not vocabulary %lld, "
                            "embedding %lld, hidden %lld",
                            (long long)network->vocabulary, (long long)network->embedding, (long long)network->hidden);
    if (!(network->dropout >= 0 && network->dropout < 1))
        return gt_error_set(error, GT_ERROR_ARGUMENT, "dropout is %g; it must be in 0 <= rate < 1", network->dropout);
    if (network->dimension_count > MAX_DIMENSIONS - 2)
        return gt_error_set(error, GT_ERROR_SIZE, "a network has at most %d dimensions", MAX_DIMENSIONS);
    return check_cell(network, error);
}

/* ---- parameters ---------------------------------------------------------------------------- */

uint32_t gt_network_parameter_count(const gt_network *network)
{
    uint32_t of_layer = 0;
    for (uint32_t i = 0; i < network->cell->parameter_count; i++)
        of_layer += !network->cell->parameters[i].output_only || gt_network_handed_on(network) >= 0;
    return (network->reads_numbers ? 2 : 3) + network->layer_count * of_layer;
}

static gt_status add_count(gt_shape shape, int64_t *total, gt_error *error)
{
    int64_t count = gt_shape_count(shape);
    if (count < 0 || __builtin_add_overflow(*total, count, total) || *total > PTRDIFF_MAX / 16)
        return gt_error_set(error, GT_ERROR_SIZE, "the network has too many parameters");
    return GT_OK;
}

static gt_status add_layer(const gt_network *network, uint32_t layer, int64_t *total, gt_error *error)
{
    layer_sizes sizes;
    find_layer_sizes(network, layer, &sizes);
    gt_status status = GT_OK;
    for (uint32_t i = 0; status == GT_OK && i < network->cell->parameter_count; i++) {
        const gt_cell_array *row = &network->cell->parameters[i];
        if (row->output_only && gt_network_handed_on(network) < 0)
            continue;
        gt_shape shape;
        status = gt_cell_array_shape(row, sizes.dimensions, sizes.count, 1, &shape, error);
        if (status == GT_OK)
            status = add_count(shape, total, error);
    }
    return status;
}

gt_status gt_network_total(const gt_network *network, int64_t *total, gt_error *error)
{
    int64_t sum = 0;
    gt_status status = gt_network_check(network, error);
    if (status == GT_OK && !network->reads_numbers)
        status = add_count(GT_SHAPE(network->embedding, network->vocabulary), &sum, error);
    for (uint32_t layer = 0; status == GT_OK && layer < network->layer_count; layer++)
        status = add_layer(network, layer, &sum, error);
    if (status == GT_OK)
        status = add_count(GT_SHAPE(outputs_of(network), last_rows(network)), &sum, error);
    if (status == GT_OK)
        status = add_count(GT_SHAPE(outputs_of(network), 1), &sum, error);
    if (status == GT_OK)
        *total = sum;
    return status;
}

static gt_status add(gt_parameters *set, const char *name, gt_shape shape, gt_initializer initializer, gt_error *error)
{
    gt_status status = gt_parameters_add(set, name, shape, initializer);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_parameters_message(set));
}

gt_status gt_network_declare(const gt_network *network, gt_parameters *set, gt_error *error)
{
    int64_t total;
    gt_status status = gt_network_total(network, &total, error);
    if (status != GT_OK)
        return status;
    /* Embeddings of the size of a layer's usual inputs; their number says nothing about it. */
    const gt_initializer normal = {.kind = GT_INITIALIZE_NORMAL, .a = 0.5};
    const gt_initializer glorot = {.kind = GT_INITIALIZE_GLOROT};
    const gt_initializer zeros = {.kind = GT_INITIALIZE_ZEROS};
    const int64_t outputs = outputs_of(network);
    if (!network->reads_numbers)
        status = add(set, "embedding", GT_SHAPE(network->embedding, network->vocabulary), normal, error);
    for (uint32_t layer = 0; status == GT_OK && layer < network->layer_count; layer++) {
        layer_sizes sizes;
        find_layer_sizes(network, layer, &sizes);
        char prefix[32];
        snprintf(prefix, sizeof prefix, "layer%u.", layer + 1);
        status = gt_cell_declare(network->cell, sizes.dimensions, sizes.count, gt_network_handed_on(network) >= 0,
                                 prefix, set, error);
    }
    if (status == GT_OK)
        status = add(set, "Wy", GT_SHAPE(outputs, last_rows(network)), glorot, error);
    return status == GT_OK ? add(set, "by", GT_SHAPE(outputs, 1), zeros, error) : status;
}

/* ---- states -------------------------------------------------------------------------------- */

uint32_t gt_network_state_count(const gt_network *network)
{
    return network->layer_count * network->cell->state_count;
}

/* Name and shape of the carried state i. */
static gt_status describe_state(const gt_network *network, uint32_t i, int64_t m, char *name, size_t size,
                                gt_shape *shape, gt_error *error)
{
    uint32_t layer = i / network->cell->state_count;
    const gt_cell_array *row = &network->cell->states[i % network->cell->state_count];
    layer_sizes sizes;
    find_layer_sizes(network, layer, &sizes);
    int length = snprintf(name, size, "layer%u.%s", layer + 1, row->name);
    if (length < 0 || (size_t)length >= size)
        return gt_error_set(error, GT_ERROR_SIZE, "the name of state %s is too long", row->name);
    return gt_cell_array_shape(row, sizes.dimensions, sizes.count, m, shape, error);
}

gt_status gt_network_state_total(const gt_network *network, int64_t m, int64_t *total, gt_error *error)
{
    int64_t sum = 0;
    gt_status status = gt_network_check(network, error);
    for (uint32_t i = 0; status == GT_OK && i < gt_network_state_count(network); i++) {
        char name[256];
        gt_shape shape;
        status = describe_state(network, i, m, name, sizeof name, &shape, error);
        if (status == GT_OK && add_count(shape, &sum, NULL) != GT_OK)
            status = gt_error_set(error, GT_ERROR_SIZE, "the states would be too large");
    }
    if (status == GT_OK)
        *total = sum;
    return status;
}

gt_status gt_network_declare_states(const gt_network *network, int64_t m, gt_parameters *set, gt_error *error)
{
    gt_status status = gt_network_check(network, error);
    for (uint32_t i = 0; status == GT_OK && i < gt_network_state_count(network); i++) {
        char name[256];
        gt_shape shape;
        status = describe_state(network, i, m, name, sizeof name, &shape, error);
        if (status == GT_OK)
            status = add(set, name, shape, network->cell->states[i % network->cell->state_count].initializer, error);
    }
    return status;
}

gt_status gt_network_record_states(const gt_network *network, gt_tape *tape, int64_t m, gt_var *states)
{
    gt_error error = {0};
    gt_status status = gt_network_check(network, &error);
    for (uint32_t i = 0; status == GT_OK && i < gt_network_state_count(network); i++) {
        char name[256];
        gt_shape shape;
        status = describe_state(network, i, m, name, sizeof name, &shape, &error);
        states[i] = status == GT_OK ? gt_state(tape, name, shape) : GT_NONE;
    }
    if (status != GT_OK)
        gt_tape_fail(tape, status, "%s", error.message);
    return gt_tape_status(tape);
}
