/* Iterations of training. */
#include "train/trainer.h"

#include "base/memory.h"
#include "base/sized.h"

/* ---- start --------------------------------------------------------------------------------- */

gt_status gt_trainer_forget(const gt_network *network, const gt_parameters *parameters, gt_parameters *states,
                            gt_error *error)
{
    return gt_network_begin_states(network, parameters, states, error);
}

gt_parameters *gt_trainer_fresh_states(const gt_network *network, const gt_parameters *parameters, int64_t lanes,
                                       gt_error *error)
{
    gt_parameters *states = gt_parameters_new(gt_parameters_dtype(parameters));
    if (states == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the states of the model");
        return NULL;
    }
    if (gt_network_declare_states(network, lanes, states, error) != GT_OK ||
        gt_network_begin_states(network, parameters, states, error) != GT_OK) {
        gt_parameters_free(states);
        return NULL;
    }
    return states;
}

/* As many lanes as leave each of them at least one whole window, up to the training's. */
static int64_t validation_lanes(const gt_train_options *options, const gt_train_data *data)
{
    int64_t lanes = data->stream ? (data->steps - 1) / options->steps : data->examples;
    return lanes < 1 ? 1 : lanes > options->batch ? options->batch : lanes;
}

static gt_runner_form form_of(const gt_trainer *trainer, gt_runner_kind kind, const gt_feed *feed,
                              const gt_parameters *states)
{
    const gt_train_options *o = &trainer->options;
    return (gt_runner_form){
        .network = o->network,
        .parameters = o->parameters,
        .states = states,
        .kind = kind,
        .stream = feed->data.stream,
        .turns = gt_feed_turns(feed, o->network),
        .lanes = feed->share.count,
        .first = feed->share.first,
        .batch = o->group == NULL ? 0 : feed->lanes,
        .steps = feed->data.stream ? o->steps : feed->data.steps,
        .engine = o->engine,
        .threads = o->threads,
        .memory = o->memory,
    };
}

/* Asked now and then in the course of an evaluation: a good time to go on with sums that have begun. */
static bool is_interrupted(void *context)
{
    const gt_train_options *o = &((const gt_trainer *)context)->options;
    if (o->group != NULL && o->group->go_on != NULL)
        o->group->go_on(o->group->context);
    return o->interrupt != NULL && o->interrupt(o->context);
}

static gt_status start_training(gt_trainer *trainer, const gt_train_data *data, gt_error *error)
{
    gt_train_options *o = &trainer->options;
    gt_status status = gt_train_data_check(data, o->network, true, "the training data", error);
    if (status == GT_OK)
        status = gt_feed_start(&trainer->training, data, o->batch, o->steps, o->seed, true, error);
    if (status != GT_OK)
        return status;
    if (trainer->training.count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the text has %lld tokens to train on, but a batch of %lld and %lld steps "
                            "need at least %lld: give more text or smaller numbers",
                            (long long)data->steps, (long long)o->batch, (long long)o->steps,
                            (long long)(o->batch * o->steps + 1));
    if (o->states == NULL)
        o->states = trainer->states = gt_trainer_fresh_states(o->network, o->parameters, o->batch, error);
    if (o->states == NULL)
        return GT_ERROR_MEMORY;
    const gt_parameters *states = o->states;
    if (o->group != NULL) {
        trainer->training.share = gt_group_share(o->group, o->batch);
        trainer->exchange = gt_exchange_new(trainer, error);
        if (trainer->exchange == NULL)
            return GT_ERROR_MEMORY;
        states = gt_exchange_states(trainer->exchange);
    }
    gt_runner_form form = form_of(trainer, GT_RUNNER_TRAIN, &trainer->training, states);
    trainer->learner = gt_runner_new(&form, error);
    if (trainer->learner == NULL)
        return GT_ERROR_ARGUMENT;
    bool asks = o->interrupt != NULL || (o->group != NULL && o->group->go_on != NULL);
    gt_runner_on_interrupt(trainer->learner, asks ? is_interrupted : NULL, trainer);
    if (trainer->exchange != NULL && gt_exchange_watch(trainer->exchange, trainer->learner, error) != GT_OK)
        return GT_ERROR_MEMORY;
    return gt_trainer_prepare_draws(trainer, error);
}

static gt_status start_validation(gt_trainer *trainer, const gt_train_data *data, const char *what, gt_error *error)
{
    const gt_train_options *o = &trainer->options;
    gt_status status = gt_train_data_check(data, o->network, true, what, error);
    if (status == GT_OK)
        status = gt_feed_start(&trainer->validation, data, validation_lanes(o, data), o->steps, 0, false, error);
    if (status != GT_OK)
        return status;
    if (o->group != NULL && trainer->validation.lanes >= o->group->count)
        trainer->validation.share = gt_group_share(o->group, trainer->validation.lanes);
    trainer->fresh = gt_trainer_fresh_states(o->network, o->parameters, trainer->validation.share.count, error);
    if (trainer->fresh == NULL)
        return GT_ERROR_MEMORY;
    gt_runner_form form = form_of(trainer, GT_RUNNER_SCORE, &trainer->validation, trainer->fresh);
    trainer->scorer = gt_runner_new(&form, error);
    /*
     * It takes no interrupt: a validation that was cut off would leave the log
     * without a number that a run without the interruption has.
     */
    return trainer->scorer != NULL ? GT_OK : GT_ERROR_ARGUMENT;
}

#define MOST_ITERATIONS ((int64_t)1000000000000000) /* so that counting on never overflows */

static const char *find_bad_option(const gt_train_options *o)
{
    if (o->network == NULL || o->parameters == NULL || o->optimizer == NULL || o->training == NULL)
        return "a trainer needs a network, its parameters, an optimizer and training data";
    if (o->batch < 1)
        return "a batch has at least one example";
    if (o->training->stream && o->steps < 1)
        return "a window of a text has at least one step";
    if (o->iteration < 0 || o->first < 0 || o->first > o->iteration)
        return "the iteration at which the data began is at most that of the trainer, and neither is negative";
    if (o->iteration > MOST_ITERATIONS)
        return "a trainer has done at most 10^15 iterations before";
    return NULL;
}

static gt_status start(gt_trainer *trainer, gt_error *error)
{
    const gt_train_options *o = &trainer->options;
    const char *bad = find_bad_option(o);
    if (bad != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s", bad);
    gt_status status = gt_group_check(o->group, o->batch, error);
    if (status != GT_OK)
        return status;
    trainer->iteration = o->iteration;
    gt_train_data data;
    gt_take_sized(&data, o->training, sizeof data);
    status = start_training(trainer, &data, error);
    if (status != GT_OK || o->validation == NULL)
        return status;
    gt_take_sized(&data, o->validation, sizeof data);
    return data.stream && data.steps < 2 ? GT_OK : start_validation(trainer, &data, "the validation data", error);
}

gt_trainer *gt_trainer_new(const gt_train_options *options, gt_error *error)
{
    gt_trainer *trainer = gt_memory_new(1, sizeof *trainer);
    if (trainer == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to train the model");
        return NULL;
    }
    gt_take_sized(&trainer->options, options, sizeof trainer->options);
    if (trainer->options.group != NULL) {
        gt_take_sized(&trainer->group, trainer->options.group, sizeof trainer->group);
        trainer->options.group = &trainer->group;
    }
    if (start(trainer, error) == GT_OK)
        return trainer;
    gt_trainer_free(trainer);
    return NULL;
}

void gt_trainer_free(gt_trainer *trainer)
{
    if (trainer == NULL)
        return;
    gt_runner_free(trainer->learner);
    gt_runner_free(trainer->scorer);
    gt_feed_free(&trainer->training);
    gt_feed_free(&trainer->validation);
    gt_parameters_free(trainer->states);
    gt_parameters_free(trainer->fresh);
    gt_exchange_free(trainer->exchange);
    gt_parameters_free(trainer->draws);
    gt_memory_free(trainer);
}

/* A trainer of which there is only what validates. */
gt_status gt_train_evaluate(const gt_train_options *options, const gt_train_data *data, gt_train_score *score,
                            int64_t *confusion, gt_error *error)
{
    gt_train_data d;
    gt_trainer *trainer = gt_memory_new(1, sizeof *trainer);
    if (trainer == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to evaluate the model");
    gt_take_sized(&trainer->options, options, sizeof trainer->options);
    gt_take_sized(&d, data, sizeof d);
    const gt_train_options *o = &trainer->options;
    gt_status status = GT_OK;
    if (o->network == NULL || o->parameters == NULL || o->batch < 1 || (d.stream && (o->steps < 1 || d.steps < 2)))
        status = gt_error_set(error, GT_ERROR_ARGUMENT,
                              "to evaluate takes a network, its parameters, a batch of at least 1 and, of a text, "
                              "windows of at least 1 step and at least 2 tokens");
    if (status == GT_OK)
        status = start_validation(trainer, &d, "the data", error);
    if (status == GT_OK)
        status = gt_trainer_validate(trainer, score, confusion, error);
    gt_trainer_free(trainer);
    return status;
}

double gt_trainer_summed_early(const gt_trainer *trainer)
{
    return trainer->exchange == NULL ? 0 : gt_exchange_early(trainer->exchange);
}

int64_t gt_trainer_epoch(const gt_trainer *trainer)
{
    return trainer->training.count;
}

int64_t gt_trainer_iteration(const gt_trainer *trainer)
{
    return trainer->iteration;
}

/* ---- one iteration ------------------------------------------------------------------------- */

/* A dropout key for every step of every iteration, from the seed and its number alone. */
static void fill_keys(const gt_trainer *trainer, int32_t *keys)
{
    int64_t steps = trainer->learner->form.steps;
    uint32_t seed = (uint32_t)trainer->options.seed * 2654435761u; /* spreads neighbouring seeds */
    for (int64_t t = 0; t < steps; t++)
        keys[t] = (int32_t)(seed + (uint32_t)(trainer->iteration * steps + t));
}

/* The loss and the gradients of the whole batch. */
static double take_gradients(gt_trainer *trainer)
{
    gt_runner *runner = trainer->learner;
    const gt_train_exchange *exchange = trainer->exchange;
    for (uint32_t i = 0; i < runner->parameter_count; i++)
        runner->values[i] =
            exchange != NULL ? gt_exchange_gradient(exchange, i) : gt_runner_value(runner, runner->gradients[i]);
    return exchange != NULL ? gt_exchange_loss(exchange) : gt_runner_number(runner, runner->pass.loss, 0);
}

static void carry_states(gt_trainer *trainer)
{
    if (trainer->exchange != NULL)
        gt_exchange_keep_states(trainer->exchange);
    else
        gt_runner_carry(trainer->learner, trainer->options.states);
}

static gt_status learn(gt_trainer *trainer, gt_train_step *step, gt_error *error)
{
    const gt_train_options *o = &trainer->options;
    gt_runner *runner = trainer->learner;
    step->loss = take_gradients(trainer) * (o->network->predicts_numbers ? 1 : GT_NATS_TO_BITS);
    step->term_count = runner->term_count;
    for (uint32_t i = 0; i < runner->term_count; i++)
        step->terms[i] = trainer->exchange != NULL ? gt_exchange_term(trainer->exchange, i)
                                                   : gt_runner_number(runner, runner->pass.terms[i], 0);
    gt_optimizer_report report = {0};
    gt_status status = gt_optimizer_step(o->optimizer, o->parameters, runner->values, &report, error);
    step->rate = report.rate;
    step->norm = report.norm;
    if (status == GT_OK && trainer->training.data.stream)
        carry_states(trainer);
    if (status != GT_ERROR_NOT_FINITE)
        return status;
    step->skipped = true;
    gt_runner_find_not_finite(runner, error);
    gt_error of_states = {0}; /* *error tells of the step */
    status = gt_trainer_forget(o->network, o->parameters, o->states, &of_states);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", of_states.message);
}

gt_status gt_trainer_step(gt_trainer *trainer, gt_train_step *step, gt_error *error)
{
    gt_runner *runner = trainer->learner;
    *step = (gt_train_step){0};
    int64_t number = trainer->iteration - trainer->options.first;
    bool begins = !gt_feed_goes_on(&trainer->training, number);
    gt_status status = GT_OK;
    if (begins)
        status =
            gt_trainer_forget(trainer->options.network, trainer->options.parameters, trainer->options.states, error);
    gt_runner_set_begins(runner, begins);
    gt_feed_fill(&trainer->training, number, runner);
    fill_keys(trainer, runner->keys);
    if (status == GT_OK)
        status = gt_trainer_draw(trainer, error);
    if (trainer->exchange != NULL) {
        gt_exchange_give_states(trainer->exchange);
        gt_exchange_begin(trainer->exchange);
    }
    if (status == GT_OK)
        status = gt_runner_evaluate(runner, error);
    if (trainer->exchange != NULL)
        status = gt_exchange_run(trainer->exchange, status, error);
    if (status == GT_OK)
        status = learn(trainer, step, error);
    if (status == GT_OK)
        trainer->iteration++;
    return status;
}
