/* Recording a network: embedding, layers with dropout between them, projection, loss. */
#include "gradtape/network.h"

#include "base/utf8.h"
#include "gradtape/ops.h"
#include "models/network_layers.h"

/* ---- dropout ------------------------------------------------------------------------------- */

/* Of x, some columns of a batch, what the mask of the batch leaves. */
static gt_var drop(const gt_network_pass *pass, gt_var x, gt_var key, uint32_t stream)
{
    double rate = pass->network->dropout;
    if (pass->examples == 0 || !gt_var_valid(x))
        return gt_dropout(x, key, rate, stream);
    gt_shape shape = gt_var_shape(x);
    gt_var mask = gt_dropout_mask(key, GT_SHAPE(shape.size[0], pass->examples), rate, stream);
    return gt_mul(x, gt_slice(mask, 1, pass->first, pass->first + shape.size[1]));
}

static gt_var dropout_rolled(const gt_network_pass *pass, gt_var x, uint32_t stream)
{
    gt_scan *scan = gt_scan_begin(x.tape, gt_var_shape(x).size[2], GT_FORWARD);
    gt_var key = gt_scan_input(scan, "key", pass->keys);
    gt_var dropped = drop(pass, gt_scan_input(scan, "x", x), key, stream);
    gt_scan_end(scan);
    return gt_scan_stack(scan, dropped);
}

static gt_var dropout_unrolled(const gt_network_pass *pass, gt_var x, uint32_t stream)
{
    int64_t steps = gt_var_shape(x).size[2];
    gt_var *slices = gt_tape_vars(x.tape, steps);
    gt_var *key = gt_tape_vars(x.tape, steps);
    if (slices == NULL || key == NULL)
        return GT_NONE;
    gt_unstack(x, slices, (uint32_t)steps);
    gt_unstack(pass->keys, key, (uint32_t)steps);
    for (int64_t t = 0; t < steps; t++) {
        gt_tape_set_step(x.tape, (int32_t)t);
        slices[t] = drop(pass, slices[t], key[t], stream);
    }
    gt_tape_set_step(x.tape, -1);
    return gt_stack(slices, (uint32_t)steps);
}

static gt_var dropout(const gt_network_pass *pass, gt_var x, uint32_t layer)
{
    if (pass->network->dropout == 0 || pass->keys.index == 0 || !gt_var_valid(x))
        return x;
    return pass->unrolled ? dropout_unrolled(pass, x, layer) : dropout_rolled(pass, x, layer);
}

/* ---- layers -------------------------------------------------------------------------------- */

/* How far the layers are recorded. */
typedef struct layers {
    gt_network_pass *pass;
    gt_tape *tape;
    const gt_var *parameters; /* of what is not recorded yet */
    uint32_t state, draw;     /* likewise */
} layers;

/* The cell's table with the network's parameters in the places of those that it declared. */
static void fill_table(layers *l, uint32_t layer, gt_var *table)
{
    const gt_cell *cell = gt_network_layer_at(l->pass->network, layer).cell;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        table[i] = gt_layer_has(l->pass->network, layer, &cell->parameters[i]) ? *l->parameters++ : GT_NONE;
}

static gt_tape *tape_of(const gt_network_pass *pass)
{
    return pass->network != NULL && pass->network->reads_numbers && pass->inputs != NULL ? pass->inputs[0].tape
                                                                                         : pass->tokens.tape;
}

/* The sequences (n, m, T) each from its own end, or back again. */
static gt_var turn(const gt_network_pass *pass, gt_var x)
{
    gt_shape shape = gt_var_shape(x);
    if (!gt_var_valid(x) || pass->reversal.index == 0)
        return x;
    return gt_gather(gt_reshape(x, GT_SHAPE(shape.size[0], shape.size[1] * shape.size[2])), pass->reversal);
}

/* What the cell of a layer reads: x, of the data what it has by their names, and what is drawn. */
static void give_inputs(layers *l, const gt_cell *cell, gt_var x, bool reverse, gt_var *inputs)
{
    const gt_network_pass *pass = l->pass;
    const uint32_t given = gt_cell_given_inputs(cell);
    for (uint32_t i = given; i < cell->input_count; i++)
        inputs[i] = pass->draws == NULL ? GT_NONE : pass->draws[l->draw++];
    for (uint32_t i = 0; i < given; i++) {
        int32_t place = gt_layer_input(pass->network, cell, i);
        inputs[i] = i == 0 ? x : pass->inputs == NULL || place < 0 ? GT_NONE : pass->inputs[place];
        if (reverse)
            inputs[i] = turn(pass, inputs[i]);
    }
}

/* What a layer starts from; where a sequence begins, of a state that begins with what is computed that. */
static void begin_states(const layers *l, uint32_t layer, const gt_cell *cell, const gt_var *parameters,
                         gt_var *initial)
{
    gt_layer_sizes sizes;
    gt_layer_sizes_find(l->pass->network, layer, &sizes);
    for (uint32_t i = 0; i < cell->state_count; i++) {
        const gt_cell_array *row = &cell->states[i];
        initial[i] = l->pass->initial[l->state + i];
        if (row->begins_with == NULL || l->pass->begins.index == 0)
            continue;
        gt_var column = gt_cell_record_beginning(cell, i, l->tape, parameters, sizes.dimensions, sizes.count);
        initial[i] = gt_where(l->pass->begins, gt_broadcast(column, gt_var_shape(initial[i])), initial[i]);
    }
}

/* The sum over the steps, the mean of the examples. */
static gt_var term_of(const gt_network_pass *pass, gt_var output)
{
    gt_var part = pass->present;
    if (part.index == 0 && gt_var_valid(output))
        part = gt_constant(output.tape, 1.0 / (double)gt_var_shape(output).size[1]);
    return gt_sum(gt_mul(output, part), GT_ALL_AXES);
}

/* Adds the losses of a layer's cell to those of the layers below. */
static void add_terms(layers *l, const gt_cell *cell, const gt_var *outputs)
{
    for (uint32_t i = 0; i < cell->output_count; i++) {
        int32_t term = l->pass->network->ignores_outputs ? -1 : gt_layer_term(l->pass->network, &cell->outputs[i]);
        if (term < 0)
            continue;
        gt_var one = term_of(l->pass, outputs[i]), *sum = &l->pass->terms[term];
        *sum = sum->index == 0 ? one : gt_add(*sum, one);
    }
}

/* What one direction of a layer hands on. */
static gt_var record_direction(layers *l, uint32_t layer, gt_var x, bool reverse)
{
    const gt_network_pass *pass = l->pass;
    const gt_cell *cell = gt_network_layer_at(pass->network, layer).cell;
    const int32_t output = gt_network_handed_on(pass->network, layer);
    const bool turned = reverse && pass->reversal.index != 0;
    gt_var table[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    gt_var inputs[GT_MAX_CELL_ARRAYS], initial[GT_MAX_CELL_ARRAYS];
    fill_table(l, layer, table);
    give_inputs(l, cell, x, reverse, inputs);
    begin_states(l, layer, cell, table, initial);
    gt_sequence sequence = {
        .cell = cell,
        .direction = reverse && !turned ? GT_BACKWARD : GT_FORWARD,
        .unrolled = pass->unrolled,
        .inputs = inputs,
        .initial = initial,
        .parameters = table,
        .with_outputs = gt_layer_has_outputs(pass->network, layer),
        .states = states,
        .outputs = outputs,
        .finals = pass->finals == NULL ? NULL : pass->finals + l->state,
    };
    l->state += cell->state_count;
    gt_sequence_record(&sequence);
    add_terms(l, cell, outputs);
    gt_var handed_on = output < 0 ? states[0] : outputs[output];
    return turned ? turn(pass, handed_on) : handed_on;
}

/* At every step what is there at the first: where a reading from the end has arrived. */
static gt_var first_everywhere(gt_var x)
{
    if (!gt_var_valid(x))
        return x;
    return gt_add(gt_slice(x, 2, 0, 1), gt_fill(x.tape, gt_var_shape(x), 0));
}

static gt_var record_layer(layers *l, uint32_t layer, gt_var x)
{
    const gt_network *network = l->pass->network;
    gt_var both[2];
    char scope[GT_LAYER_NAME + 8];
    gt_utf8_format(scope, sizeof scope, "layer %u", layer + 1);
    gt_tape_set_scope(l->tape, scope);
    both[0] = record_direction(l, layer, x, false);
    if (gt_network_layer_at(network, layer).bidirectional) {
        gt_utf8_format(scope, sizeof scope, "layer %u reverse", layer + 1);
        gt_tape_set_scope(l->tape, scope);
        both[1] = record_direction(l, layer, x, true);
        if (network->at_the_end && layer + 1 == network->layer_count)
            both[1] = first_everywhere(both[1]);
        both[0] = gt_concat(both, 2, 0);
    }
    gt_var handed_on = dropout(l->pass, both[0], layer);
    gt_tape_set_scope(l->tape, NULL);
    return handed_on;
}

/* What the last layer hands on, (n, m, T), from x (E, m, T). */
static gt_var record_layers(gt_network_pass *pass, gt_var x)
{
    layers l = {.pass = pass,
                .tape = tape_of(pass),
                .parameters = pass->parameters + (pass->network->reads_numbers ? 0 : 1)}; /* behind the embedding */
    for (uint32_t layer = 0; layer < pass->network->layer_count; layer++) {
        if (pass->reads != NULL)
            pass->reads[layer] = x;
        x = record_layer(&l, layer, x);
    }
    return x;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void clear_answers(gt_network_pass *pass)
{
    pass->logits = pass->losses = pass->loss = pass->total = GT_NONE;
    for (uint32_t k = 0; k < GT_MAX_LOSS_TERMS; k++)
        pass->terms[k] = GT_NONE;
    for (uint32_t i = 0; pass->finals != NULL && i < gt_network_state_count(pass->network); i++)
        pass->finals[i] = GT_NONE;
}

/* Of each position: cross-entropy, or the mean of the squared errors of its numbers. */
static gt_var record_losses(const gt_network_pass *pass)
{
    if (!pass->network->predicts_numbers)
        return gt_cross_entropy(pass->logits, pass->targets);
    gt_var errors = gt_sub(pass->logits, pass->targets);
    return gt_mean(gt_mul(errors, errors), 0);
}

gt_status gt_network_record(gt_network_pass *pass)
{
    gt_tape *tape = tape_of(pass);
    gt_error error = {0};
    gt_status status = gt_network_check(pass->network, &error);
    if (status == GT_OK && pass->network->reads_numbers && pass->inputs == NULL)
        status = gt_error_set(&error, GT_ERROR_ARGUMENT, "a network that reads numbers needs the arrays of its inputs");
    if (status != GT_OK) {
        gt_tape_fail(tape, status, "%s", error.message);
        return tape == NULL ? status : gt_tape_status(tape);
    }
    clear_answers(pass);
    const gt_var *projection = pass->parameters + gt_network_parameter_count(pass->network) - 2;
    gt_var x =
        pass->network->reads_numbers ? pass->inputs[0] : gt_name(gt_gather(pass->parameters[0], pass->tokens), "x");
    gt_var hidden = record_layers(pass, x);
    if (pass->reads != NULL)
        pass->reads[pass->network->layer_count] = hidden;
    pass->logits = gt_name(gt_add(gt_matmul(projection[0], hidden), projection[1]),
                           pass->network->predicts_numbers ? "predictions" : "logits");
    if (pass->targets.index == 0)
        return gt_tape_status(tape);
    pass->losses = gt_name(record_losses(pass), "losses");
    pass->loss = gt_name(pass->weights.index == 0 ? gt_mean(pass->losses, GT_ALL_AXES)
                                                  : gt_sum(gt_mul(pass->losses, pass->weights), GT_ALL_AXES),
                         "loss");
    pass->total = pass->loss;
    for (uint32_t k = 0; k < gt_network_term_count(pass->network); k++)
        pass->total = gt_add(pass->total, gt_name(pass->terms[k], gt_network_term_name(pass->network, k)));
    return gt_tape_status(tape);
}
