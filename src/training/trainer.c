/* Iterations of training, and validation. */
#include "training/trainer.h"

#include <math.h>
#include <stdlib.h>

#define NATS_TO_BITS 1.44269504088896340736 /* 1 / log(2) */

/* ---- start --------------------------------------------------------------------------------- */

static bool start_training(gt_trainer *trainer, const int32_t *tokens, int64_t count, gt_threads *threads,
                           gt_interrupt *interrupt, gt_error *error)
{
    gt_model *model = trainer->model;
    int64_t lanes = model->settings.batch, steps = model->settings.steps;
    trainer->training = gt_batches_whole(tokens, count, lanes, steps);
    if (trainer->training.windows == 0) {
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "the text has %lld characters to train on, but --batch %lld and --steps %lld "
                     "need at least %lld: give more text or smaller numbers",
                     (long long)count, (long long)lanes, (long long)steps, (long long)(lanes * steps + 1));
        return false;
    }
    trainer->learner = gt_runner_new(model, GT_RUNNER_TRAIN, model->states, lanes, steps, threads, error);
    if (trainer->learner == NULL)
        return false;
    gt_interpreter_on_interrupt(trainer->learner->run, interrupt, NULL);
    return true;
}

/* As many lanes as leave each of them at least one whole window, up to the training's. */
static int64_t validation_lanes(const gt_settings *settings, int64_t count)
{
    int64_t lanes = (count - 1) / settings->steps;
    return lanes < 1 ? 1 : lanes > settings->batch ? settings->batch : lanes;
}

static bool start_validation(gt_trainer *trainer, const int32_t *tokens, int64_t count, gt_threads *threads,
                             gt_error *error)
{
    gt_model *model = trainer->model;
    if (count < 2)
        return true;
    int64_t lanes = validation_lanes(&model->settings, count);
    trainer->validation = gt_batches_all(tokens, count, lanes, model->settings.steps);
    trainer->fresh = gt_parameters_new(gt_parameters_dtype(model->parameters));
    if (trainer->fresh == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to validate the model");
        return false;
    }
    if (gt_network_declare_states(&model->network, lanes, trainer->fresh, error) != GT_OK)
        return false;
    trainer->scorer =
        gt_runner_new(model, GT_RUNNER_SCORE, trainer->fresh, lanes, model->settings.steps, threads, error);
    /*
     * It takes no interrupt: a validation that was cut off would leave the log
     * without a number that a run without the interruption has.
     */
    return trainer->scorer != NULL;
}

bool gt_trainer_start(gt_trainer *trainer, gt_model *model, const int32_t *training, int64_t training_count,
                      const int32_t *validation, int64_t validation_count, gt_threads *threads, gt_interrupt *interrupt,
                      gt_error *error)
{
    *trainer = (gt_trainer){.model = model};
    return start_training(trainer, training, training_count, threads, interrupt, error) &&
           start_validation(trainer, validation, validation_count, threads, error);
}

void gt_trainer_free(gt_trainer *trainer)
{
    gt_runner_free(trainer->learner);
    gt_runner_free(trainer->scorer);
    gt_parameters_free(trainer->fresh);
    *trainer = (gt_trainer){0};
}

/* ---- one iteration ------------------------------------------------------------------------- */

/* The states before the first step. Their initializers are constants: the seed does not matter. */
static void forget(gt_parameters *states)
{
    gt_parameters_initialize(states, 0);
}

/* A dropout key for every step of every iteration, from the seed and its number alone. */
static void fill_keys(const gt_model *model, int32_t *keys)
{
    uint32_t seed = (uint32_t)model->settings.seed * 2654435761u; /* spreads neighbouring seeds */
    for (int64_t t = 0; t < model->settings.steps; t++)
        keys[t] = (int32_t)(seed + (uint32_t)(model->iteration * model->settings.steps + t));
}

static gt_status learn(gt_trainer *trainer, gt_iteration *done, gt_error *error)
{
    gt_model *model = trainer->model;
    gt_runner *runner = trainer->learner;
    done->loss = gt_runner_number(runner, runner->pass.loss, 0) * NATS_TO_BITS;
    for (uint32_t i = 0; i < runner->parameter_count; i++)
        runner->values[i] = gt_runner_value(runner, runner->gradients[i]);
    gt_status status = gt_optimizer_step(model->optimizer, model->parameters, runner->values, &done->step, error);
    if (status == GT_OK) {
        gt_runner_carry(runner, model->states);
        return GT_OK;
    }
    if (status != GT_ERROR_NOT_FINITE)
        return status;
    done->skipped = true;
    gt_runner_find_not_finite(runner, error);
    forget(model->states);
    return GT_OK;
}

gt_status gt_trainer_step(gt_trainer *trainer, gt_iteration *done, gt_error *error)
{
    gt_model *model = trainer->model;
    gt_runner *runner = trainer->learner;
    *done = (gt_iteration){0};
    int64_t window = model->iteration % trainer->training.windows;
    if (!gt_batches_goes_on(&trainer->training, window))
        forget(model->states);
    gt_batches_fill(&trainer->training, window, runner->tokens, runner->targets);
    fill_keys(model, runner->keys);
    gt_status status = gt_runner_evaluate(runner, error);
    if (status == GT_OK)
        status = learn(trainer, done, error);
    if (status == GT_OK)
        model->iteration++;
    return status;
}

/* ---- validation ---------------------------------------------------------------------------- */

static double sum_losses(const gt_trainer *trainer, int64_t window)
{
    const gt_batches *batches = &trainer->validation;
    double sum = 0;
    for (int64_t t = 0; t < batches->steps; t++)
        for (int64_t lane = 0; lane < batches->lanes; lane++)
            if (gt_batches_counts(batches, window, lane, t))
                sum += gt_runner_number(trainer->scorer, trainer->scorer->pass.losses, t * batches->lanes + lane);
    return sum;
}

gt_status gt_trainer_validate(gt_trainer *trainer, double *bits, gt_error *error)
{
    const gt_batches *batches = &trainer->validation;
    gt_runner *runner = trainer->scorer;
    double sum = 0;
    forget(trainer->fresh);
    for (int64_t window = 0; window < batches->windows; window++) {
        gt_batches_fill(batches, window, runner->tokens, runner->targets);
        gt_status status = gt_runner_evaluate(runner, error);
        if (status != GT_OK)
            return status;
        sum += sum_losses(trainer, window);
        gt_runner_carry(runner, trainer->fresh);
    }
    *bits = sum / (double)(batches->count - 1) * NATS_TO_BITS;
    return GT_OK;
}
