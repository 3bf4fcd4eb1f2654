/* What a network consists of: its parameters, its states, its limits. */
#include "gradtape/network.h"

#include "base/initializer_formula.h"
#include "models/initializers.h"
#include "models/network_layers.h"

#include <stdio.h>
#include <string.h>

/* Rows of the projection. */
static int64_t outputs_of(const gt_network *network)
{
    return network->outputs > 0 ? network->outputs : network->vocabulary;
}

/* Rows of what the last layer hands on. */
static int64_t last_rows(const gt_network *network)
{
    gt_layer_sizes sizes;
    gt_layer_sizes_find(network, network->layer_count, &sizes);
    return sizes.dimensions[GT_LAYER_INPUT].size;
}

/* The rows of an input of a layer's cell. */
static gt_status rows_of_input(const gt_network *network, uint32_t layer, uint32_t input, int64_t *rows,
                               gt_error *error)
{
    gt_layer_sizes sizes;
    gt_shape shape;
    gt_layer_sizes_find(network, layer, &sizes);
    gt_status status = gt_cell_array_shape(&gt_network_layer_at(network, layer).cell->inputs[input], sizes.dimensions,
                                           sizes.count, 1, &shape, error);
    if (status == GT_OK)
        *rows = shape.size[0];
    return status;
}

gt_status gt_network_input_rows(const gt_network *network, uint32_t input, int64_t *rows, gt_error *error)
{
    if (input >= network->cell->input_count)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "cell %s has %u inputs", network->cell->name,
                            network->cell->input_count);
    return rows_of_input(network, 0, input, rows, error);
}

/* ---- limits -------------------------------------------------------------------------------- */

/* What one layer reads and answers must fit the next: n_x rows in; n_a rows out of the first state. */
static gt_status check_rows(const gt_cell *cell, const gt_cell_array *row, const gt_layer_sizes *sizes,
                            int64_t expected, gt_error *error)
{
    gt_shape shape;
    gt_status status = gt_cell_array_shape(row, sizes->dimensions, sizes->count, 1, &shape, error);
    if (status != GT_OK)
        return status;
    if (shape.size[0] != expected)
        return gt_error_set(error, GT_ERROR_SHAPE, "cell %s: %s has %s = %lld rows; in a network it must have %lld",
                            cell->name, row->name, row->rows, (long long)shape.size[0], (long long)expected);
    return GT_OK;
}

/* What stands in the tables of a layer's cell, whatever the sizes are. */
static gt_status check_tables(const gt_network *network, uint32_t layer, gt_error *error)
{
    const gt_cell *cell = gt_network_layer_at(network, layer).cell;
    if (cell == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "layer %u of the network needs a cell", layer + 1);
    const uint32_t given = gt_cell_given_inputs(cell);
    if (cell->state_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "cell %s has no state; in a network a cell has at least one",
                            cell->name);
    if (given == 0 || (cell == network->cell && given != 1 + network->further_inputs))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "cell %s has %u inputs; in this network a cell has %u: further ones are arrays of the data",
                            cell->name, given, 1 + network->further_inputs);
    if (cell->state_count > GT_MAX_CELL_ARRAYS || cell->parameter_count > GT_MAX_CELL_ARRAYS ||
        cell->input_count > GT_MAX_CELL_ARRAYS)
        return gt_error_set(error, GT_ERROR_SIZE, "cell %s: a table has more than %d rows", cell->name,
                            GT_MAX_CELL_ARRAYS);
    return GT_OK;
}

/* Inputs of the data that a layer above the first reads, too. */
static gt_status check_further(const gt_network *network, uint32_t layer, gt_error *error)
{
    const gt_cell *cell = gt_network_layer_at(network, layer).cell;
    gt_status status = GT_OK;
    for (uint32_t i = 1; i < gt_cell_given_inputs(cell) && status == GT_OK; i++) {
        int32_t place = gt_layer_input(network, cell, i);
        int64_t rows = 0, given = 0;
        if (place < 0)
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "layer %u, cell %s: its input %s is none of %s, the cell of the first layer, whose "
                                "inputs the data have",
                                layer + 1, cell->name, cell->inputs[i].name, network->cell->name);
        status = rows_of_input(network, layer, i, &rows, error);
        if (status == GT_OK)
            status = rows_of_input(network, 0, (uint32_t)place, &given, error);
        if (status == GT_OK && rows != given)
            return gt_error_set(error, GT_ERROR_SHAPE, "layer %u, cell %s: its input %s has %lld rows, and in %s %lld",
                                layer + 1, cell->name, cell->inputs[i].name, (long long)rows, network->cell->name,
                                (long long)given);
    }
    return status;
}

static gt_status check_layer(const gt_network *network, uint32_t layer, gt_error *error)
{
    gt_network_layer one = gt_network_layer_at(network, layer);
    int32_t output = gt_network_handed_on(network, layer);
    gt_layer_sizes sizes;
    gt_shape shape;
    gt_layer_sizes_find(network, layer, &sizes);
    gt_status status = check_rows(one.cell, &one.cell->inputs[0], &sizes, sizes.dimensions[GT_LAYER_INPUT].size, error);
    if (status == GT_OK && output < 0)
        status = check_rows(one.cell, &one.cell->states[0], &sizes, one.hidden, error);
    else if (status == GT_OK)
        status = gt_cell_array_shape(&one.cell->outputs[output], sizes.dimensions, sizes.count, 1, &shape, error);
    return status == GT_OK && layer > 0 ? check_further(network, layer, error) : status;
}

static gt_status check_layers(const gt_network *network, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t layer = 0; layer < network->layer_count && status == GT_OK; layer++)
        status = check_tables(network, layer, error);
    for (uint32_t layer = 0; layer < network->layer_count && status == GT_OK; layer++)
        status = check_layer(network, layer, error);
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
    if (network->dimension_count > GT_NETWORK_DIMENSIONS - 2)
        return gt_error_set(error, GT_ERROR_SIZE, "a network has at most %d dimensions", GT_NETWORK_DIMENSIONS);
    if (network->layers != NULL && network->layers[0].cell != network->cell)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "the cell of a network is that of its first layer");
    gt_status status = check_layers(network, error);
    if (status == GT_OK && gt_network_term_count(network) > GT_MAX_LOSS_TERMS)
        return gt_error_set(error, GT_ERROR_SIZE, "the cells of a network declare at most %d losses",
                            GT_MAX_LOSS_TERMS);
    return status;
}

/* ---- parameters ---------------------------------------------------------------------------- */

uint32_t gt_network_parameter_count(const gt_network *network)
{
    uint32_t count = network->reads_numbers ? 2 : 3;
    for (uint32_t layer = 0; layer < network->layer_count; layer++) {
        gt_network_layer one = gt_network_layer_at(network, layer);
        for (uint32_t i = 0; i < one.cell->parameter_count; i++)
            count += gt_layer_has(network, layer, &one.cell->parameters[i]) ? gt_layer_directions(one) : 0;
    }
    return count;
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
    gt_network_layer one = gt_network_layer_at(network, layer);
    gt_layer_sizes sizes;
    gt_layer_sizes_find(network, layer, &sizes);
    gt_status status = GT_OK;
    for (uint32_t i = 0; status == GT_OK && i < one.cell->parameter_count; i++) {
        const gt_cell_array *row = &one.cell->parameters[i];
        gt_shape shape;
        if (!gt_layer_has(network, layer, row))
            continue;
        status = gt_cell_array_shape(row, sizes.dimensions, sizes.count, 1, &shape, error);
        for (uint32_t k = 0; status == GT_OK && k < gt_layer_directions(one); k++)
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

static gt_status declare_layer(const gt_network *network, uint32_t layer, gt_parameters *set, gt_error *error)
{
    gt_network_layer one = gt_network_layer_at(network, layer);
    gt_layer_sizes sizes;
    gt_layer_sizes_find(network, layer, &sizes);
    gt_status status = GT_OK;
    for (uint32_t k = 0; status == GT_OK && k < gt_layer_directions(one); k++) {
        char name[GT_LAYER_NAME], prefix[GT_LAYER_NAME + 1];
        gt_layer_name(layer, k > 0, name);
        snprintf(prefix, sizeof prefix, "%s.", name);
        status = gt_cell_declare(one.cell, sizes.dimensions, sizes.count, gt_layer_has_outputs(network, layer), prefix,
                                 set, error);
    }
    return status;
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
    for (uint32_t layer = 0; status == GT_OK && layer < network->layer_count; layer++)
        status = declare_layer(network, layer, set, error);
    if (status == GT_OK)
        status = add(set, "Wy", GT_SHAPE(outputs, last_rows(network)), glorot, error);
    return status == GT_OK ? add(set, "by", GT_SHAPE(outputs, 1), zeros, error) : status;
}

/* ---- states -------------------------------------------------------------------------------- */

uint32_t gt_network_state_count(const gt_network *network)
{
    uint32_t count = 0;
    for (uint32_t layer = 0; layer < network->layer_count; layer++) {
        gt_network_layer one = gt_network_layer_at(network, layer);
        count += one.cell->state_count * gt_layer_directions(one);
    }
    return count;
}

/* One of the carried states. */
typedef struct state_row {
    const gt_cell *cell;
    const gt_cell_array *row;
    gt_layer_sizes sizes;
    char name[256];
    gt_shape shape;
} state_row;

/* The layer of the carried state *i, which becomes its place in there: in both directions twice the cell's. */
static uint32_t find_layer(const gt_network *network, uint32_t *i)
{
    uint32_t layer = 0;
    gt_network_layer one = gt_network_layer_at(network, 0);
    for (uint32_t count; *i >= (count = one.cell->state_count * gt_layer_directions(one)); *i -= count)
        one = gt_network_layer_at(network, ++layer);
    return layer;
}

const gt_cell_array *gt_network_state_row(const gt_network *network, uint32_t state)
{
    if (state >= gt_network_state_count(network))
        return NULL;
    const gt_cell *cell = gt_network_layer_at(network, find_layer(network, &state)).cell;
    return &cell->states[state % cell->state_count];
}

/* The carried state i: whose it is, its name, its shape. */
static gt_status describe_state(const gt_network *network, uint32_t i, int64_t m, state_row *found, gt_error *error)
{
    uint32_t layer = find_layer(network, &i);
    gt_network_layer one = gt_network_layer_at(network, layer);
    gt_layer_sizes_find(network, layer, &found->sizes);
    char name[GT_LAYER_NAME];
    gt_layer_name(layer, i >= one.cell->state_count, name);
    found->cell = one.cell;
    found->row = &one.cell->states[i % one.cell->state_count];
    int length = snprintf(found->name, sizeof found->name, "%s.%s", name, found->row->name);
    if (length < 0 || (size_t)length >= sizeof found->name)
        return gt_error_set(error, GT_ERROR_SIZE, "the name of state %s is too long", found->row->name);
    return gt_cell_array_shape(found->row, found->sizes.dimensions, found->sizes.count, m, &found->shape, error);
}

gt_status gt_network_state_total(const gt_network *network, int64_t m, int64_t *total, gt_error *error)
{
    int64_t sum = 0;
    gt_status status = gt_network_check(network, error);
    for (uint32_t i = 0; status == GT_OK && i < gt_network_state_count(network); i++) {
        state_row found;
        status = describe_state(network, i, m, &found, error);
        if (status == GT_OK && add_count(found.shape, &sum, NULL) != GT_OK)
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
        state_row found;
        status = describe_state(network, i, m, &found, error);
        gt_initializer initializer = {.kind = GT_INITIALIZE_CONSTANT};
        if (status == GT_OK)
            status = gt_cell_array_mean(found.row, found.sizes.dimensions, found.sizes.count, &initializer.a, error);
        if (status == GT_OK)
            status = add(set, found.name, found.shape, initializer, error);
    }
    return status;
}

/* ---- draws --------------------------------------------------------------------------------- */

static gt_status declare_draws(const gt_network *network, uint32_t layer, bool reverse, int64_t m, int64_t steps,
                               gt_parameters *set, gt_error *error)
{
    const gt_cell *cell = gt_network_layer_at(network, layer).cell;
    gt_layer_sizes sizes;
    gt_layer_sizes_find(network, layer, &sizes);
    gt_status status = GT_OK;
    for (uint32_t i = gt_cell_given_inputs(cell); i < cell->input_count && status == GT_OK; i++) {
        const gt_cell_array *row = &cell->inputs[i];
        char of[GT_LAYER_NAME], name[256];
        gt_shape shape;
        gt_initializer law = {.kind = GT_INITIALIZE_ZEROS};
        gt_layer_name(layer, reverse, of);
        snprintf(name, sizeof name, "%s.%.200s", of, row->name);
        status = gt_cell_array_shape(row, sizes.dimensions, sizes.count, m, &shape, error);
        if (status == GT_OK)
            status = gt_initializer_resolve(row->initializer, sizes.dimensions, sizes.count, &law, error);
        if (status == GT_OK)
            status = add(set, name, GT_SHAPE(shape.size[0], m, steps), law, error);
        gt_initializer_release(law);
    }
    return status;
}

gt_status gt_network_declare_draws(const gt_network *network, int64_t m, int64_t steps, gt_parameters *set,
                                   gt_error *error)
{
    gt_status status = gt_network_check(network, error);
    for (uint32_t layer = 0; status == GT_OK && layer < network->layer_count; layer++)
        for (uint32_t k = 0; status == GT_OK && k < gt_layer_directions(gt_network_layer_at(network, layer)); k++)
            status = declare_draws(network, layer, k > 0, m, steps, set, error);
    return status;
}

gt_status gt_network_draw_states(const gt_network *network, uint64_t seed, gt_parameters *states, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; status == GT_OK && i < gt_parameters_count(states); i++) {
        state_row found;
        gt_initializer law;
        gt_array array = gt_parameters_array(states, i);
        if (!gt_network_state_row(network, i)->drawn)
            continue;
        status = describe_state(network, i, array.shape.size[1], &found, error);
        if (status == GT_OK)
            status =
                gt_initializer_resolve(found.row->initializer, found.sizes.dimensions, found.sizes.count, &law, error);
        if (status != GT_OK)
            return status;
        status = gt_initializer_fill(law, seed, found.name, array, error);
        gt_initializer_release(law);
    }
    return status;
}

/* The same column for each example. */
static void spread(gt_array state)
{
    size_t size = (size_t)state.shape.size[0] * gt_dtype_size(state.dtype);
    for (int64_t example = 1; example < state.shape.size[1]; example++)
        memcpy((char *)state.data + (size_t)example * size, state.data, size);
}

/* "layer1.h0" for the state "layer1.h": the parameters of the same layer and direction, by the cell's table. */
static void find_parameters(const state_row *found, const gt_parameters *parameters, gt_array *list)
{
    int layer = (int)(strlen(found->name) - strlen(found->row->name));
    for (uint32_t i = 0; i < found->cell->parameter_count; i++) {
        char name[256];
        snprintf(name, sizeof name, "%.*s%s", layer, found->name, found->cell->parameters[i].name);
        int64_t place = gt_parameters_find(parameters, name);
        list[i] = place < 0 ? (gt_array){0} : gt_parameters_array(parameters, (uint32_t)place);
    }
}

static gt_status begin_state(const gt_network *network, uint32_t i, const gt_parameters *parameters, gt_array state,
                             gt_error *error)
{
    state_row found;
    gt_array list[GT_MAX_CELL_ARRAYS], column = state;
    gt_error inner = {0};
    gt_status status = describe_state(network, i, state.shape.size[1], &found, error);
    if (status != GT_OK || found.row->begins_with == NULL)
        return status;
    find_parameters(&found, parameters, list);
    column.shape = GT_SHAPE(state.shape.size[0], 1);
    status = gt_cell_compute_beginning(found.cell, (uint32_t)(found.row - found.cell->states), list,
                                       found.sizes.dimensions, found.sizes.count, column, &inner);
    if (status != GT_OK)
        return gt_error_set(error, status, "the parameters do not give what the state %s begins with: %s", found.name,
                            inner.message);
    spread(state);
    return GT_OK;
}

gt_status gt_network_begin_states(const gt_network *network, const gt_parameters *parameters, gt_parameters *states,
                                  gt_error *error)
{
    if (gt_parameters_initialize(states, 0) != GT_OK) /* constants: the seed does not matter */
        return gt_error_set(error, gt_parameters_status(states), "%s", gt_parameters_message(states));
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_parameters_count(states) && status == GT_OK; i++)
        status = begin_state(network, i, parameters, gt_parameters_array(states, i), error);
    return status;
}

gt_status gt_network_record_states(const gt_network *network, gt_tape *tape, int64_t m, gt_var *states)
{
    gt_error error = {0};
    gt_status status = gt_network_check(network, &error);
    for (uint32_t i = 0; status == GT_OK && i < gt_network_state_count(network); i++) {
        state_row found;
        status = describe_state(network, i, m, &found, &error);
        states[i] = status == GT_OK ? gt_state(tape, found.name, found.shape) : GT_NONE;
    }
    if (status != GT_OK)
        gt_tape_fail(tape, status, "%s", error.message);
    return gt_tape_status(tape);
}
