/* A network recorded, differentiated once if asked for, and run. */
#include "train/runner.h"

#include "base/entry.h"
#include "base/memory.h"
#include "gradtape/grad.h"

#include <string.h>

void gt_runner_free(gt_runner *runner)
{
    if (runner == NULL)
        return;
    gt_workspace_free(runner->work);
    gt_plan_free(runner->plan);
    gt_interpreter_free(runner->run);
    gt_tape_free(runner->tape);
    for (uint32_t i = 0; runner->input_arrays != NULL && i < runner->input_count; i++)
        gt_memory_free(runner->input_arrays[i]);
    gt_memory_free(runner->input_arrays);
    gt_memory_free(runner->input_rows);
    gt_memory_free(runner->vars);
    gt_parameters_free(runner->draws);
    gt_memory_free(runner->present);
    gt_memory_free(runner->tokens);
    gt_memory_free(runner->classes);
    gt_memory_free(runner->keys);
    gt_memory_free(runner->reversal);
    gt_memory_free(runner->numbers);
    gt_memory_free(runner->weights);
    gt_memory_free(runner->values);
    gt_memory_free(runner);
}

/* ---- sizes --------------------------------------------------------------------------------- */

int64_t gt_runner_outputs(const gt_network *network)
{
    return network->outputs > 0 ? network->outputs : network->vocabulary;
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Whether an array of the network's cell is given with the data. */
static bool is_given(const gt_network *network, uint32_t input)
{
    return input > 0 || network->reads_numbers;
}

static bool allocate_inputs(gt_runner *runner, uint64_t positions, gt_error *error)
{
    const gt_network *network = runner->form.network;
    size_t size = gt_dtype_size(gt_parameters_dtype(runner->form.parameters));
    runner->input_count = gt_cell_given_inputs(network->cell);
    runner->input_arrays = gt_memory_new(runner->input_count, sizeof *runner->input_arrays);
    runner->input_rows = gt_memory_new(runner->input_count, sizeof *runner->input_rows);
    if (runner->input_arrays == NULL || runner->input_rows == NULL)
        return false;
    for (uint32_t i = 0; i < runner->input_count; i++) {
        if (!is_given(network, i))
            continue;
        uint64_t entries = 0;
        if (gt_network_input_rows(network, i, &runner->input_rows[i], error) != GT_OK ||
            __builtin_mul_overflow(positions, (uint64_t)runner->input_rows[i], &entries) ||
            (runner->input_arrays[i] = gt_memory_new(entries, size)) == NULL)
            return false;
    }
    return true;
}

/* What is compared with the predictions, and what each counts. */
static bool allocate_targets(gt_runner *runner, uint64_t positions)
{
    size_t size = gt_dtype_size(gt_parameters_dtype(runner->form.parameters));
    uint64_t entries;
    if (__builtin_mul_overflow(positions, (uint64_t)gt_runner_outputs(runner->form.network), &entries))
        return false;
    if (!runner->form.network->predicts_numbers)
        runner->classes = gt_memory_new(positions, sizeof *runner->classes);
    else
        runner->numbers = gt_memory_new(entries, size);
    if (!runner->form.stream)
        runner->weights = gt_memory_new(positions, size);
    runner->term_count = gt_network_term_count(runner->form.network);
    /* All positions of a window that is learnt from count; the last that is scored may be a part of one. */
    bool all_alike = runner->form.stream && runner->form.kind == GT_RUNNER_TRAIN;
    if (!all_alike && runner->term_count > 0 && (runner->present = gt_memory_new(positions, size)) == NULL)
        return false;
    return (runner->classes != NULL || runner->numbers != NULL) && (runner->weights != NULL || runner->form.stream);
}

static bool allocate_vars(gt_runner *runner)
{
    uint32_t p = gt_parameters_count(runner->form.parameters);
    uint32_t s = gt_network_state_count(runner->form.network);
    uint32_t n = gt_cell_given_inputs(runner->form.network->cell);
    runner->parameter_count = p;
    runner->state_count = s;
    runner->values = gt_memory_new(p, sizeof *runner->values);
    runner->vars = gt_memory_new((uint64_t)3 * p + (uint64_t)3 * s + n + 2 + GT_MAX_LOSS_TERMS, sizeof *runner->vars);
    if (runner->vars == NULL || runner->values == NULL)
        return false;
    runner->parameters = runner->vars;
    runner->gradients = runner->parameters + p;
    runner->initial = runner->gradients + p;
    runner->finals = runner->initial + s;
    runner->inputs = runner->finals + s;
    runner->outputs = runner->inputs + n;
    return true;
}

/* Only one that learns draws. */
static bool make_draws(gt_runner *runner, gt_error *error)
{
    const gt_runner_form *form = &runner->form;
    if (form->kind != GT_RUNNER_TRAIN)
        return true;
    runner->draws = gt_parameters_new(gt_parameters_dtype(form->parameters));
    return runner->draws != NULL &&
           gt_network_declare_draws(form->network, form->lanes, form->steps, runner->draws, error) == GT_OK;
}

static bool allocate(gt_runner *runner, gt_error *error)
{
    int64_t counted = gt_shape_count(GT_SHAPE(runner->form.lanes, runner->form.steps));
    if (counted < 0)
        return false; /* more than the address space has */
    uint64_t positions = (uint64_t)counted;
    runner->tokens = gt_memory_new(positions, sizeof *runner->tokens);
    runner->keys = gt_memory_new((uint64_t)runner->form.steps, sizeof *runner->keys);
    if (runner->form.turns)
        runner->reversal = gt_memory_new(positions, sizeof *runner->reversal);
    return runner->tokens != NULL && runner->keys != NULL && (runner->reversal != NULL || !runner->form.turns) &&
           allocate_vars(runner) && allocate_inputs(runner, positions, error) && make_draws(runner, error) &&
           (runner->form.kind == GT_RUNNER_PREDICT || allocate_targets(runner, positions));
}

/* ---- recording ----------------------------------------------------------------------------- */

static void record_inputs(gt_runner *runner)
{
    const gt_network *network = runner->form.network;
    for (uint32_t i = 0; i < runner->input_count; i++)
        if (is_given(network, i))
            runner->inputs[i] = gt_input(runner->tape, network->cell->inputs[i].name,
                                         GT_SHAPE(runner->input_rows[i], runner->form.lanes, runner->form.steps));
    runner->pass.inputs = runner->inputs;
    if (!network->reads_numbers)
        runner->pass.tokens = gt_input_i32(runner->tape, "tokens", GT_SHAPE(runner->form.lanes, runner->form.steps));
    if (runner->form.turns)
        runner->pass.reversal =
            gt_input_i32(runner->tape, "reversal", GT_SHAPE(runner->form.lanes, runner->form.steps));
}

static void record_targets(gt_runner *runner)
{
    gt_tape *tape = runner->tape;
    const gt_runner_form *form = &runner->form;
    gt_shape shape = GT_SHAPE(form->lanes, form->steps);
    if (runner->numbers != NULL)
        shape = GT_SHAPE(gt_runner_outputs(form->network), form->lanes, form->steps);
    runner->pass.targets =
        runner->numbers != NULL ? gt_input(tape, "targets", shape) : gt_input_i32(tape, "targets", shape);
    if (runner->present != NULL)
        runner->pass.present = gt_input(tape, "present", GT_SHAPE(1, form->lanes, form->steps));
    if (!form->stream)
        runner->pass.weights = gt_input(tape, "weights", GT_SHAPE(1, form->lanes, form->steps));
}

/* The learnt ones have the same values by their states; this gives them their gradients. */
static bool begins_with_parameters(const gt_runner *runner)
{
    for (uint32_t i = 0; i < runner->state_count; i++)
        if (gt_network_state_row(runner->form.network, i)->begins_with != NULL)
            return true;
    return false;
}

static void record_draws(gt_runner *runner)
{
    uint32_t count = gt_parameters_count(runner->draws);
    gt_var *draws = count > 0 ? gt_tape_vars(runner->tape, count) : NULL;
    for (uint32_t i = 0; draws != NULL && i < count; i++)
        draws[i] =
            gt_input(runner->tape, gt_parameters_name(runner->draws, i), gt_parameters_array(runner->draws, i).shape);
    runner->pass.draws = draws;
}

static void record(gt_runner *runner)
{
    gt_tape *tape = runner->tape;
    const gt_runner_form *form = &runner->form;
    gt_parameters_record(form->parameters, tape, runner->parameters);
    gt_network_record_states(form->network, tape, form->lanes, runner->initial);
    runner->pass = (gt_network_pass){
        .network = form->network,
        .parameters = runner->parameters,
        .initial = runner->initial,
        .finals = runner->finals,
        .first = form->first,
        .examples = form->batch,
    };
    record_inputs(runner);
    record_draws(runner);
    if (form->kind != GT_RUNNER_PREDICT)
        record_targets(runner);
    if (form->kind == GT_RUNNER_TRAIN && form->network->dropout > 0)
        runner->pass.keys = gt_input_i32(tape, "keys", GT_SHAPE(1, form->steps));
    if (form->kind == GT_RUNNER_TRAIN && begins_with_parameters(runner))
        runner->pass.begins = gt_input(tape, "begins", GT_SHAPE(1, 1));
    gt_network_record(&runner->pass);
    if (form->kind == GT_RUNNER_TRAIN)
        gt_grad(&runner->pass.total, NULL, 1, runner->parameters, runner->parameter_count, runner->gradients);
}

static void list_outputs(gt_runner *runner)
{
    gt_var *out = runner->outputs;
    gt_runner_kind kind = runner->form.kind;
    *out++ = kind == GT_RUNNER_TRAIN   ? runner->pass.loss
             : kind == GT_RUNNER_SCORE ? runner->pass.losses
                                       : runner->pass.logits;
    if (kind == GT_RUNNER_SCORE && !runner->form.stream)
        *out++ = runner->pass.logits;
    for (uint32_t i = 0; i < runner->term_count; i++)
        *out++ = runner->pass.terms[i];
    runner->first_final = (uint32_t)(out - runner->outputs);
    for (uint32_t i = 0; i < runner->state_count; i++)
        *out++ = runner->finals[i];
    runner->first_gradient = (uint32_t)(out - runner->outputs);
    for (uint32_t i = 0; kind == GT_RUNNER_TRAIN && i < runner->parameter_count; i++)
        *out++ = runner->gradients[i];
    runner->output_count = (uint32_t)(out - runner->outputs);
}

/* ---- binding ------------------------------------------------------------------------------- */

/* Binds both engines, so that the interpreter can look into what the plan computed. */
static gt_status bind_input(gt_runner *runner, gt_var input, const void *data, gt_error *error)
{
    if (input.index == 0)
        return GT_OK; /* this form has none */
    gt_status status = gt_interpreter_bind(runner->run, input, data);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", gt_interpreter_message(runner->run));
    if (runner->work == NULL)
        return GT_OK;
    status = gt_workspace_bind(runner->work, input, data);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_workspace_message(runner->work));
}

static gt_status bind_set(gt_runner *runner, const gt_parameters *set, const gt_var *vars, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++)
        status = bind_input(runner, vars[i], gt_parameters_array(set, i).data, error);
    return status;
}

static gt_status bind(gt_runner *runner, gt_error *error)
{
    gt_status status = bind_set(runner, runner->form.parameters, runner->parameters, error);
    if (status == GT_OK)
        status = bind_set(runner, runner->form.states, runner->initial, error);
    if (status == GT_OK && runner->pass.draws != NULL)
        status = bind_set(runner, runner->draws, runner->pass.draws, error);
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.tokens, runner->tokens, error);
    for (uint32_t i = 0; i < runner->input_count && status == GT_OK; i++)
        status = bind_input(runner, runner->inputs[i], runner->input_arrays[i], error);
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.reversal, runner->reversal, error);
    const void *targets = runner->numbers != NULL ? runner->numbers : (const void *)runner->classes;
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.targets, targets, error);
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.weights, runner->weights, error);
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.begins, runner->begins, error);
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.present, runner->present, error);
    return status == GT_OK ? bind_input(runner, runner->pass.keys, runner->keys, error) : status;
}

/* All that is given but the parameters, to be freed; NULL on no memory. */
static gt_var *list_what_changes(const gt_runner *runner, uint32_t *count)
{
    uint32_t nodes = (uint32_t)gt_tape_node_count(runner->tape);
    gt_var *list = gt_memory_new(nodes, sizeof *list);
    *count = 0;
    for (uint32_t i = 0; list != NULL && i < nodes; i++) {
        gt_role role = gt_var_role(gt_tape_var(runner->tape, i));
        if (role != GT_ROLE_NONE && role != GT_ROLE_PARAMETER)
            list[(*count)++] = gt_tape_var(runner->tape, i);
    }
    return list;
}

static gt_status plan(gt_runner *runner, gt_error *error)
{
    gt_error problem = {0};
    gt_plan_options options = {.exact = runner->form.engine == GT_ENGINE_EXACT, .memory = runner->form.memory};
    gt_var *late = NULL;
    if (runner->form.steady) {
        late = list_what_changes(runner, &options.late_count);
        if (late == NULL)
            return gt_error_set(error, GT_ERROR_MEMORY, "no memory to run the model");
        options.late = late;
        options.prepared = true;
    }
    runner->plan = gt_plan_new(runner->outputs, runner->output_count, &options, &problem);
    gt_memory_free(late);
    if (runner->plan == NULL)
        return gt_error_set(error, problem.status, "%s", problem.message);
    runner->work = gt_workspace_new_on(runner->plan, runner->form.threads);
    return runner->work != NULL ? GT_OK
                                : gt_error_set(error, GT_ERROR_MEMORY,
                                               "no memory to train the model: its values take "
                                               "%zu bytes",
                                               gt_plan_bytes(runner->plan));
}

static gt_status make(gt_runner *runner, gt_error *error)
{
    const gt_tape_options options = {.dtype = gt_parameters_dtype(runner->form.parameters)};
    gt_error inner = {0};
    if (!allocate(runner, &inner))
        return inner.status != GT_OK ? gt_error_set(error, inner.status, "%s", inner.message)
                                     : gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
    runner->tape = gt_tape_new(&options);
    record(runner);
    list_outputs(runner);
    if (gt_tape_status(runner->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(runner->tape), "%s", gt_tape_message(runner->tape));
    runner->run = gt_interpreter_new(runner->tape);
    if (runner->run == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
    gt_status status = runner->form.engine != GT_ENGINE_INTERPRETER ? plan(runner, error) : GT_OK;
    return status == GT_OK ? bind(runner, error) : status;
}

gt_runner *gt_runner_new(const gt_runner_form *form, gt_error *error)
{
    gt_runner *runner = gt_memory_new(1, sizeof *runner);
    if (runner == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
        return NULL;
    }
    runner->form = *form;
    if (make(runner, error) == GT_OK)
        return runner;
    gt_runner_free(runner);
    return NULL;
}

void gt_runner_set_begins(gt_runner *runner, bool begins)
{
    gt_entry_set(runner->begins, gt_parameters_dtype(runner->form.parameters), 0, begins);
}

void gt_runner_on_interrupt(gt_runner *runner, gt_interrupt *interrupt, void *context)
{
    gt_interpreter_on_interrupt(runner->run, interrupt, context);
    if (runner->work != NULL)
        gt_workspace_on_interrupt(runner->work, interrupt, context);
}

gt_status gt_runner_on_output(gt_runner *runner, gt_output_complete *complete, void *context, gt_error *error)
{
    if (runner->work == NULL)
        return GT_OK;
    gt_status status = gt_workspace_on_output(runner->work, complete, context);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_workspace_message(runner->work));
}

double gt_runner_work_until(const gt_runner *runner, uint32_t output)
{
    return runner->work == NULL ? 1 : gt_workspace_work_until(runner->work, output);
}

/* ---- running ------------------------------------------------------------------------------- */

static gt_status interpret(gt_runner *runner, gt_error *error)
{
    gt_status status = gt_interpreter_evaluate(runner->run, runner->outputs, runner->output_count);
    if (status != GT_OK)
        gt_error_set(error, status, "%s", gt_interpreter_message(runner->run));
    return status;
}

/* A run that failed has left nothing to go on from. */
static gt_status run_planned(gt_runner *runner)
{
    if (!runner->form.steady)
        return gt_workspace_run(runner->work);
    gt_status status = runner->prepared ? GT_OK : gt_workspace_run_forward(runner->work);
    if (status == GT_OK)
        status = gt_workspace_run_backward(runner->work);
    runner->prepared = status == GT_OK;
    return status;
}

gt_status gt_runner_evaluate(gt_runner *runner, gt_error *error)
{
    if (runner->work == NULL)
        return interpret(runner, error);
    gt_status status = run_planned(runner);
    if (status != GT_OK)
        gt_error_set(error, status, "%s", gt_workspace_message(runner->work));
    return status;
}

void gt_runner_find_not_finite(gt_runner *runner, gt_error *error)
{
    gt_interpreter_check_finite(runner->run, true);
    interpret(runner, error); /* if it finds nothing, *error stays as it is */
    gt_interpreter_check_finite(runner->run, false);
}

const void *gt_runner_output(const gt_runner *runner, uint32_t i)
{
    return runner->work == NULL ? gt_interpreter_value(runner->run, runner->outputs[i])
                                : gt_workspace_value(runner->work, i);
}

const void *gt_runner_value(const gt_runner *runner, gt_var v)
{
    if (runner->work == NULL)
        return gt_interpreter_value(runner->run, v);
    for (uint32_t i = 0; i < runner->output_count; i++)
        if (runner->outputs[i].index == v.index)
            return gt_workspace_value(runner->work, i);
    return NULL;
}

void gt_runner_carry(const gt_runner *runner, gt_parameters *states)
{
    for (uint32_t i = 0; i < runner->state_count; i++) {
        gt_array state = gt_parameters_array(states, i);
        size_t size = (size_t)gt_shape_count(state.shape) * gt_dtype_size(state.dtype);
        memcpy(state.data, gt_runner_value(runner, runner->finals[i]), size);
    }
}

double gt_runner_number(const gt_runner *runner, gt_var v, int64_t i)
{
    return gt_entry_at(gt_runner_value(runner, v), gt_var_dtype(v), i);
}
