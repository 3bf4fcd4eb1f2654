/* A network recorded, differentiated once if asked for, and run. */
#include "training/trainer.h"

#include <stdlib.h>
#include <string.h>

void gt_runner_free(gt_runner *runner)
{
    if (runner == NULL)
        return;
    gt_workspace_free(runner->work);
    gt_plan_free(runner->plan);
    gt_interpreter_free(runner->run);
    gt_tape_free(runner->tape);
    free(runner->vars);
    free(runner->tokens);
    free(runner->targets);
    free(runner->keys);
    free(runner->values);
    free(runner);
}

/* ---- memory -------------------------------------------------------------------------------- */

static bool allocate(gt_runner *runner, const gt_model *model)
{
    uint32_t p = gt_parameters_count(model->parameters);
    uint32_t s = gt_network_state_count(&model->network);
    int64_t counted = gt_shape_count(GT_SHAPE(runner->lanes, runner->steps));
    if (counted < 0)
        return false; /* more than the address space has */
    size_t positions = (size_t)counted;
    runner->parameter_count = p;
    runner->state_count = s;
    runner->tokens = calloc(positions, sizeof *runner->tokens);
    runner->targets = calloc(positions, sizeof *runner->targets);
    runner->keys = calloc((size_t)runner->steps, sizeof *runner->keys);
    runner->values = calloc(p, sizeof *runner->values);
    runner->vars = calloc((size_t)3 * p + (size_t)3 * s + 1, sizeof *runner->vars);
    if (runner->vars == NULL)
        return false;
    runner->parameters = runner->vars;
    runner->gradients = runner->parameters + p;
    runner->initial = runner->gradients + p;
    runner->finals = runner->initial + s;
    runner->outputs = runner->finals + s;
    return runner->tokens != NULL && runner->targets != NULL && runner->keys != NULL && runner->values != NULL;
}

/* ---- recording ----------------------------------------------------------------------------- */

static void record(gt_runner *runner, const gt_model *model, gt_runner_kind kind)
{
    gt_tape *tape = runner->tape;
    gt_shape shape = GT_SHAPE(runner->lanes, runner->steps);
    gt_parameters_record(model->parameters, tape, runner->parameters);
    gt_network_record_states(&model->network, tape, runner->lanes, runner->initial);
    runner->pass = (gt_network_pass){
        .network = &model->network,
        .parameters = runner->parameters,
        .initial = runner->initial,
        .tokens = gt_input_i32(tape, "tokens", shape),
        .finals = runner->finals,
    };
    if (kind != GT_RUNNER_PREDICT)
        runner->pass.targets = gt_input_i32(tape, "targets", shape);
    if (kind == GT_RUNNER_TRAIN && model->network.dropout > 0)
        runner->pass.keys = gt_input_i32(tape, "keys", GT_SHAPE(1, runner->steps));
    gt_network_record(&runner->pass);
    if (kind == GT_RUNNER_TRAIN)
        gt_grad(&runner->pass.loss, NULL, 1, runner->parameters, runner->parameter_count, runner->gradients);
}

static void list_outputs(gt_runner *runner, gt_runner_kind kind)
{
    gt_var *out = runner->outputs;
    *out++ = kind == GT_RUNNER_TRAIN   ? runner->pass.loss
             : kind == GT_RUNNER_SCORE ? runner->pass.losses
                                       : runner->pass.logits;
    for (uint32_t i = 0; i < runner->state_count; i++)
        *out++ = runner->finals[i];
    for (uint32_t i = 0; kind == GT_RUNNER_TRAIN && i < runner->parameter_count; i++)
        *out++ = runner->gradients[i];
    runner->output_count = (uint32_t)(out - runner->outputs);
}

/* Binds both engines, so that the interpreter can look into what the plan computed. */
static gt_status bind_input(gt_runner *runner, gt_var input, const void *data, gt_error *error)
{
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

static gt_status bind(gt_runner *runner, const gt_model *model, const gt_parameters *states, gt_error *error)
{
    gt_status status = bind_set(runner, model->parameters, runner->parameters, error);
    if (status == GT_OK)
        status = bind_set(runner, states, runner->initial, error);
    if (status == GT_OK)
        status = bind_input(runner, runner->pass.tokens, runner->tokens, error);
    if (status == GT_OK && runner->pass.targets.index != 0)
        status = bind_input(runner, runner->pass.targets, runner->targets, error);
    if (status == GT_OK && runner->pass.keys.index != 0)
        status = bind_input(runner, runner->pass.keys, runner->keys, error);
    return status;
}

static gt_status plan(gt_runner *runner, gt_engine engine, gt_threads *threads, gt_error *error)
{
    gt_error problem = {0};
    gt_plan_options options = gt_engine_plan_options(engine);
    runner->plan = gt_plan_new(runner->outputs, runner->output_count, &options, &problem);
    if (runner->plan == NULL)
        return gt_error_set(error, problem.status, "%s", problem.message);
    runner->work = gt_workspace_new_on(runner->plan, threads);
    return runner->work != NULL ? GT_OK
                                : gt_error_set(error, GT_ERROR_MEMORY,
                                               "no memory to train the model: its values take "
                                               "%zu bytes",
                                               gt_plan_bytes(runner->plan));
}

static gt_status make(gt_runner *runner, const gt_model *model, gt_runner_kind kind, const gt_parameters *states,
                      gt_threads *threads, gt_error *error)
{
    const gt_tape_options options = {.dtype = gt_parameters_dtype(model->parameters)};
    if (!allocate(runner, model))
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
    runner->tape = gt_tape_new(&options);
    record(runner, model, kind);
    list_outputs(runner, kind);
    if (gt_tape_status(runner->tape) != GT_OK)
        return gt_error_set(error, gt_tape_status(runner->tape), "%s", gt_tape_message(runner->tape));
    runner->run = gt_interpreter_new(runner->tape);
    if (runner->run == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
    gt_engine engine = gt_settings_engine(&model->settings);
    gt_status status = engine != GT_ENGINE_INTERPRETER ? plan(runner, engine, threads, error) : GT_OK;
    return status == GT_OK ? bind(runner, model, states, error) : status;
}

gt_runner *gt_runner_new(const gt_model *model, gt_runner_kind kind, const gt_parameters *states, int64_t lanes,
                         int64_t steps, gt_threads *threads, gt_error *error)
{
    gt_runner *runner = calloc(1, sizeof *runner);
    if (runner == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
        return NULL;
    }
    runner->lanes = lanes;
    runner->steps = steps;
    if (make(runner, model, kind, states, threads, error) == GT_OK)
        return runner;
    gt_runner_free(runner);
    return NULL;
}

/* ---- running ------------------------------------------------------------------------------- */

static gt_status interpret(gt_runner *runner, gt_error *error)
{
    gt_status status = gt_interpreter_evaluate(runner->run, runner->outputs, runner->output_count);
    if (status != GT_OK)
        gt_error_set(error, status, "%s", gt_interpreter_message(runner->run));
    return status;
}

gt_status gt_runner_evaluate(gt_runner *runner, gt_error *error)
{
    if (runner->work == NULL)
        return interpret(runner, error);
    gt_status status = gt_workspace_run(runner->work);
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
    const void *value = gt_runner_value(runner, v);
    return gt_var_dtype(v) == GT_F32 ? (double)((const float *)value)[i] : ((const double *)value)[i];
}
