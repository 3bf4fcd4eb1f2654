/* Recording a network: embedding, layers with dropout between them, projection, loss. */
#include "gradtape/network.h"

#include "gradtape/ops.h"

#include <stdio.h>

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

/* The cell's table with the network's parameters in the places of those that it declared. */
static uint32_t fill_table(const gt_cell *cell, bool with_outputs, const gt_var *given, gt_var *table)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < cell->parameter_count; i++)
        table[i] = cell->parameters[i].output_only && !with_outputs ? GT_NONE : given[used++];
    return used;
}

static gt_tape *tape_of(const gt_network_pass *pass)
{
    return pass->network != NULL && pass->network->reads_numbers && pass->inputs != NULL ? pass->inputs[0].tape
                                                                                         : pass->tokens.tape;
}

/* What the last layer hands on, (n, m, T), from x (E, m, T). */
static gt_var record_layers(gt_network_pass *pass, gt_var x)
{
    gt_tape *tape = tape_of(pass);
    gt_var inputs[GT_MAX_CELL_ARRAYS];
    for (uint32_t i = 1; i < pass->network->cell->input_count; i++)
        inputs[i] = pass->inputs == NULL ? GT_NONE : pass->inputs[i];
    const gt_cell *cell = pass->network->cell;
    const int32_t output = gt_network_handed_on(pass->network);
    const gt_var *parameters = pass->parameters + (pass->network->reads_numbers ? 0 : 1); /* behind the embedding */
    for (uint32_t layer = 0; layer < pass->network->layer_count; layer++) {
        gt_var table[GT_MAX_CELL_ARRAYS], states[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
        parameters += fill_table(cell, output >= 0, parameters, table);
        char scope[32];
        snprintf(scope, sizeof scope, "layer %u", layer + 1);
        gt_tape_set_scope(tape, scope);
        inputs[0] = x;
        uint32_t first = layer * cell->state_count;
        gt_sequence sequence = {
            .cell = cell,
            .direction = GT_FORWARD,
            .unrolled = pass->unrolled,
            .inputs = inputs,
            .initial = pass->initial + first,
            .parameters = table,
            .with_outputs = output >= 0,
            .states = states,
            .outputs = outputs,
            .finals = pass->finals == NULL ? NULL : pass->finals + first,
        };
        gt_sequence_record(&sequence);
        if (pass->reads != NULL)
            pass->reads[layer] = x;
        x = dropout(pass, output < 0 ? states[0] : outputs[output], layer);
        gt_tape_set_scope(tape, NULL);
    }
    return x;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void clear_answers(gt_network_pass *pass)
{
    pass->logits = pass->losses = pass->loss = GT_NONE;
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
    return gt_tape_status(tape);
}
