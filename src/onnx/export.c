/* What can be exported: a cell over a sequence, a network, any tape. */
#include "base/memory.h"
#include "base/sized.h"
#include "base/utf8.h"
#include "onnx/model.h"

#include <string.h>

enum { MOST_RESULTS = 1 + 2 * GT_MAX_LAYERS * GT_MAX_CELL_ARRAYS, NAME = 128 };

/* m and T on the tape that is written, and on its twin. */
static const int64_t examples_of[] = {211, 401}, steps_of[] = {223, 409};

typedef struct exported {
    const gt_cell *cell;
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    const gt_network *network; /* NULL: the cell alone */
    const gt_parameters *parameters;
    gt_error *error;
} exported;

/* What came of one recording. */
typedef struct recorded {
    gt_tape *tape;
    gt_onnx_result results[MOST_RESULTS];
    char names[MOST_RESULTS][NAME];
    uint32_t count;
} recorded;

static void add_result(recorded *r, gt_var v, const char *name, const char *behind)
{
    char *text = r->names[r->count];
    gt_utf8_format(text, NAME, "%s%s", name, behind);
    r->results[r->count++] = (gt_onnx_result){v, text};
}

/* ---- a cell ------------------------------------------------------------------------------------ */

/* The leaf of one row of the tables; GT_NONE with the error on the tape. */
static gt_var record_leaf(const exported *e, gt_tape *tape, const gt_cell_array *row, bool state, int64_t examples,
                          int64_t steps)
{
    gt_shape shape;
    gt_error error = {0};
    char name[NAME];
    gt_status status = gt_cell_array_shape(row, e->dimensions, e->dimension_count, examples, &shape, &error);
    if (status != GT_OK) {
        gt_tape_fail(tape, status, "%s", error.message);
        return GT_NONE;
    }
    gt_utf8_format(name, sizeof name, "%s%s", row->name, state ? "0" : "");
    return state ? gt_state(tape, name, shape) : gt_input(tape, name, GT_SHAPE(shape.size[0], examples, steps));
}

/* What is drawn in training is its mean. */
static gt_var record_input(const exported *e, gt_tape *tape, uint32_t i, int64_t examples, int64_t steps)
{
    const gt_cell_array *row = &e->cell->inputs[i];
    return row->drawn ? GT_NONE : record_leaf(e, tape, row, false, examples, steps);
}

/* A state that nobody gives. */
static bool is_own(const gt_cell_array *state)
{
    return state->drawn || state->begins_with != NULL;
}

/* Parameters by their names; those of outputs that are not asked for are left out. */
static void record_parameters(const exported *e, gt_tape *tape, bool with_outputs, gt_var *vars)
{
    for (uint32_t i = 0; i < e->cell->parameter_count; i++) {
        const gt_cell_array *row = &e->cell->parameters[i];
        vars[i] = GT_NONE;
        if (row->output_only && !with_outputs)
            continue;
        int64_t place = gt_parameters_find(e->parameters, row->name);
        if (place < 0)
            gt_tape_fail(tape, GT_ERROR_ARGUMENT, "cell %s: the parameter %s is missing", e->cell->name, row->name);
        else
            vars[i] = gt_parameter(tape, row->name, gt_parameters_array(e->parameters, (uint32_t)place).shape);
    }
}

static void record_cell(const exported *e, recorded *r, int64_t examples, int64_t steps)
{
    const gt_cell *cell = e->cell;
    int32_t handed_on = gt_cell_handed_on(cell);
    gt_var inputs[GT_MAX_CELL_ARRAYS], initial[GT_MAX_CELL_ARRAYS], parameters[GT_MAX_CELL_ARRAYS];
    gt_var states[GT_MAX_CELL_ARRAYS], finals[GT_MAX_CELL_ARRAYS], outputs[GT_MAX_CELL_ARRAYS];
    for (uint32_t i = 0; i < cell->input_count; i++)
        inputs[i] = record_input(e, r->tape, i, examples, steps);
    for (uint32_t i = 0; i < cell->state_count; i++)
        initial[i] = cell->states[i].begins_with != NULL
                         ? GT_NONE
                         : record_leaf(e, r->tape, &cell->states[i], true, examples, steps);
    record_parameters(e, r->tape, handed_on >= 0, parameters);
    gt_sequence sequence = {
        .cell = cell,
        .inputs = inputs,
        .initial = initial,
        .parameters = parameters,
        .dimensions = e->dimensions,
        .dimension_count = e->dimension_count,
        .with_outputs = handed_on >= 0,
        .states = states,
        .finals = finals,
        .outputs = outputs,
    };
    if (gt_sequence_record(&sequence) != GT_OK)
        return;
    add_result(r, handed_on < 0 ? states[0] : outputs[handed_on],
               handed_on < 0 ? cell->states[0].name : cell->outputs[handed_on].name, "");
    for (uint32_t i = 0; i < cell->state_count; i++)
        add_result(r, finals[i], cell->states[i].name, "_final");
}

/* ---- a network --------------------------------------------------------------------------------- */

/*
 * Initial states are called "layer1.a0", since "layer1.a" is the state itself. Those that begin with a
 * parameter are none to be given.
 */
static void record_states(const gt_network *network, gt_tape *tape, const gt_parameters *states, gt_var *initial)
{
    for (uint32_t i = 0; i < gt_parameters_count(states); i++) {
        char name[NAME];
        gt_utf8_format(name, sizeof name, "%s0", gt_parameters_name(states, i));
        initial[i] = is_own(gt_network_state_row(network, i))
                         ? GT_NONE
                         : gt_state(tape, name, gt_parameters_array(states, i).shape);
    }
}

static void record_pass(const exported *e, recorded *r, gt_network_pass *pass, const gt_parameters *states)
{
    gt_var *parameters = gt_tape_vars(r->tape, gt_parameters_count(e->parameters));
    gt_var *initial = gt_tape_vars(r->tape, gt_parameters_count(states));
    gt_var *finals = gt_tape_vars(r->tape, gt_parameters_count(states));
    if (parameters == NULL || initial == NULL || finals == NULL)
        return;
    pass->parameters = parameters;
    pass->initial = initial;
    pass->finals = finals;
    record_states(e->network, r->tape, states, initial);
    gt_parameters_record(e->parameters, r->tape, parameters);
    if (gt_network_record(pass) != GT_OK)
        return;
    add_result(r, pass->logits, e->network->predicts_numbers ? "predictions" : "logits", "");
    for (uint32_t i = 0; i < gt_parameters_count(states); i++)
        add_result(r, finals[i], gt_parameters_name(states, i), "_final");
}

static void record_network(const exported *e, recorded *r, int64_t examples, int64_t steps)
{
    const gt_network *network = e->network;
    gt_var inputs[GT_MAX_CELL_ARRAYS];
    gt_network_pass pass = {.network = network, .inputs = inputs};
    gt_parameters *states = gt_parameters_new(gt_parameters_dtype(e->parameters));
    gt_error error = {0};
    if (!network->reads_numbers)
        pass.tokens = gt_input_i32(r->tape, "tokens", GT_SHAPE(examples, steps));
    for (uint32_t i = 0; i < network->cell->input_count; i++)
        inputs[i] = i == 0 && !network->reads_numbers ? GT_NONE : record_input(e, r->tape, i, examples, steps);
    if (gt_network_declare_states(network, examples, states, &error) == GT_OK)
        record_pass(e, r, &pass, states);
    else
        gt_tape_fail(r->tape, error.status, "%s", error.message);
    gt_parameters_free(states);
}

/* ---- both -------------------------------------------------------------------------------------- */

static gt_status record(const exported *e, recorded *r, int which)
{
    r->tape = gt_tape_new(&(gt_tape_options){.dtype = gt_parameters_dtype(e->parameters)});
    if (r->tape != NULL)
        (e->network == NULL ? record_cell : record_network)(e, r, examples_of[which], steps_of[which]);
    gt_status status = gt_tape_status(r->tape);
    if (status != GT_OK)
        gt_error_set(e->error, status, "%s", r->tape == NULL ? "no memory for a tape" : gt_tape_message(r->tape));
    return status;
}

static gt_status export(const exported *e, const gt_onnx_options *options, char **bytes, size_t *size)
{
    recorded *both = gt_memory_new(2, sizeof *both);
    *bytes = NULL;
    *size = 0;
    if (both == NULL)
        return gt_error_set(e->error, GT_ERROR_MEMORY, "no memory for the ONNX model");
    gt_status status = record(e, &both[0], 0);
    if (status == GT_OK)
        status = record(e, &both[1], 1);
    gt_onnx_recording recording = {both[0].tape,   both[1].tape, examples_of[0],  steps_of[0],
                                   examples_of[1], steps_of[1],  both[0].results, both[0].count};
    if (status == GT_OK)
        status = gt_onnx_write(&recording, e->parameters, options, e->cell->name, bytes, size, e->error);
    for (int i = 0; i < 2; i++)
        gt_tape_free(both[i].tape);
    gt_memory_free(both);
    return status;
}

static gt_onnx_options options_of(const gt_onnx_options *given)
{
    gt_onnx_options own = GT_ONNX_OPTIONS_INIT;
    if (given != NULL)
        gt_take_sized(&own, given, sizeof own);
    return own;
}

gt_status gt_onnx_cell(const gt_cell *cell, const gt_dimension *dimensions, uint32_t dimension_count,
                       const gt_parameters *parameters, const gt_onnx_options *options, char **bytes, size_t *size,
                       gt_error *error)
{
    const gt_onnx_options own = options_of(options);
    const exported e = {.cell = cell,
                        .dimensions = dimensions,
                        .dimension_count = dimension_count,
                        .parameters = parameters,
                        .error = error};
    return export(&e, &own, bytes, size);
}

gt_status gt_onnx_network(const gt_network *network, const gt_parameters *parameters, const gt_onnx_options *options,
                          char **bytes, size_t *size, gt_error *error)
{
    const gt_onnx_options own = options_of(options);
    gt_dimension dimensions[GT_MAX_CELL_ARRAYS + 2] = {{"n_x", network->embedding}, {"n_a", 0}};
    *bytes = NULL;
    *size = 0;
    gt_status status = gt_network_check(network, error);
    if (status != GT_OK)
        return status;
    dimensions[1].size = gt_network_layer_at(network, 0).hidden;
    uint32_t count = 2;
    for (uint32_t i = 0; i < network->dimension_count && i < GT_MAX_CELL_ARRAYS; i++)
        dimensions[count++] = network->dimensions[i];
    const exported e = {.cell = network->cell,
                        .dimensions = dimensions,
                        .dimension_count = count,
                        .network = network,
                        .parameters = parameters,
                        .error = error};
    return export(&e, &own, bytes, size);
}

gt_status gt_onnx_tape(const gt_onnx_result *results, uint32_t count, const gt_parameters *parameters,
                       const gt_onnx_options *options, char **bytes, size_t *size, gt_error *error)
{
    const gt_onnx_options own = options_of(options);
    *bytes = NULL;
    *size = 0;
    if (count == 0 || !gt_var_valid(results[0].var))
        return gt_error_set(error, GT_ERROR_ARGUMENT, "there is nothing to export");
    gt_tape *tape = results[0].var.tape;
    for (uint32_t i = 1; i < count; i++)
        if (results[i].var.tape != tape || !gt_var_valid(results[i].var))
            return gt_error_set(error, GT_ERROR_TAPE, "the values to export are of several tapes, or invalid");
    gt_onnx_recording recording = {.tape = tape, .twin = tape, .results = results, .count = count};
    return gt_onnx_write(&recording, parameters, &own, "tape", bytes, size, error);
}
