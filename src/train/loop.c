/* The loop: iterate, validate, tell; until it is time to stop. */
#include "base/sized.h"
#include "train/trainer.h"

#include "base/clock.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_IN_A_ROW 10 /* skipped iterations before training is given up */

typedef struct loop {
    gt_trainer *trainer;
    gt_train_run run;
    double start;
    int in_a_row; /* iterations that were skipped, one after the other */
} loop;

const char *gt_train_end_name(gt_train_end end)
{
    static const char *const names[] = {"failed", "iterations", "seconds", "patience", "stopped", "interrupted"};
    return (unsigned)end < sizeof names / sizeof *names ? names[end] : "unknown";
}

/* ---- when to stop -------------------------------------------------------------------------- */

/*
 * How long one more iteration and the validation after it will take. Before the
 * first validation: an iteration costs about three times as much as one of
 * validation, whose derivatives are not wanted.
 */
static double seconds_to_finish(const gt_trainer *trainer)
{
    double seconds = trainer->validation_seconds;
    if (seconds == 0 && trainer->scorer != NULL)
        seconds = trainer->iteration_seconds / 3 * (double)trainer->validation.count *
                  (double)trainer->validation.lanes / (double)trainer->training.lanes;
    return trainer->iteration_seconds + seconds;
}

/* What one of the processes has found out, all know: it stops all. */
static gt_status ask(const loop *l, bool *interrupted, bool *late, gt_error *error)
{
    const gt_train_options *o = &l->trainer->options;
    double seconds = gt_clock_seconds() - l->start + seconds_to_finish(l->trainer);
    double answers[] = {o->interrupt != NULL && o->interrupt(o->context),
                        l->run.seconds > 0 && seconds >= l->run.seconds};
    gt_status status = gt_group_sum(o->group, answers, 2, error);
    *interrupted = answers[0] > 0;
    *late = answers[1] > 0;
    return status;
}

/* GT_TRAIN_FAILED: not yet, or with a status that is not GT_OK at once. */
static gt_train_end time_to_stop(const loop *l, gt_status *status, gt_error *error)
{
    bool interrupted, late;
    *status = ask(l, &interrupted, &late, error);
    if (*status != GT_OK)
        return GT_TRAIN_FAILED;
    if (interrupted)
        return GT_TRAIN_INTERRUPTED;
    if (l->run.iterations > 0 && l->trainer->iteration >= l->run.iterations)
        return GT_TRAIN_ITERATIONS;
    if (l->run.patience > 0 && l->run.worse >= l->run.patience)
        return GT_TRAIN_PATIENCE;
    return late ? GT_TRAIN_SECONDS : GT_TRAIN_FAILED;
}

static gt_status give_up(const loop *l, gt_error *error)
{
    if (l->in_a_row < MOST_IN_A_ROW || error == NULL)
        return l->in_a_row < MOST_IN_A_ROW ? GT_OK : GT_ERROR_NOT_FINITE;
    gt_error last = *error;
    return gt_error_set(error, GT_ERROR_NOT_FINITE,
                        "given up after %d iterations without a finite gradient (try a lower learning rate): %.*s",
                        MOST_IN_A_ROW, gt_utf8_fit(last.message, 300), last.message);
}

/* ---- one iteration ------------------------------------------------------------------------- */

static void keep_parameters(gt_parameters *kept, const gt_parameters *parameters)
{
    for (uint32_t i = 0; kept != NULL && i < gt_parameters_count(parameters); i++) {
        gt_array from = gt_parameters_array(parameters, i), to = gt_parameters_array(kept, i);
        memcpy(to.data, from.data, (size_t)gt_shape_count(from.shape) * gt_dtype_size(from.dtype));
    }
}

static void note_score(loop *l, gt_train_event *event)
{
    gt_train_run *run = &l->run;
    event->best = event->score.loss < run->best || (run->best_iteration == 0 && !isnan(event->score.loss));
    run->worse = event->best ? 0 : run->worse + 1;
    if (!event->best)
        return;
    run->best = event->score.loss;
    run->best_iteration = event->iteration;
    keep_parameters(run->kept, l->trainer->options.parameters);
}

static gt_status validate(loop *l, gt_train_event *event, gt_error *error)
{
    gt_trainer *trainer = l->trainer;
    event->score = (gt_train_score){.loss = NAN, .accuracy = NAN, .weight = NAN};
    if (trainer->scorer == NULL || l->run.validate_every == 0 || trainer->iteration % l->run.validate_every != 0)
        return GT_OK;
    double start = gt_clock_seconds();
    gt_status status = gt_trainer_validate(trainer, &event->score, NULL, error);
    trainer->validation_seconds = gt_clock_seconds() - start;
    event->validated = status == GT_OK;
    if (status == GT_OK)
        note_score(l, event);
    return status;
}

/* The status of the iteration; *stop: the callback wants no more. */
static gt_status iterate(loop *l, bool *stop, gt_error *error)
{
    gt_trainer *trainer = l->trainer;
    gt_train_event event = {0};
    gt_error inner = {0};
    double start = gt_clock_seconds();
    gt_status status = gt_trainer_step(trainer, &event.step, &inner);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", inner.message);
    trainer->iteration_seconds = gt_clock_seconds() - start;
    l->in_a_row = event.step.skipped ? l->in_a_row + 1 : 0;
    char reason[GT_MESSAGE_SIZE];
    snprintf(reason, sizeof reason, "%s", inner.message);
    event.reason = event.step.skipped ? reason : NULL;
    event.iteration = trainer->iteration;
    event.epoch = (double)trainer->iteration / (double)trainer->training.count;
    status = give_up(l, &inner);
    if (status == GT_OK)
        status = validate(l, &event, &inner);
    event.seconds = gt_clock_seconds() - l->start;
    if (l->run.on_iteration != NULL)
        *stop = l->run.on_iteration(l->run.context, &event) != 0;
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", inner.message);
}

/* ---- the loop ------------------------------------------------------------------------------ */

static gt_train_end run_loop(loop *l, gt_error *error)
{
    gt_train_end end;
    gt_status status;
    while ((end = time_to_stop(l, &status, error)) == GT_TRAIN_FAILED && status == GT_OK) {
        bool stop = false;
        status = iterate(l, &stop, error);
        if (status != GT_OK)
            return status == GT_ERROR_INTERRUPTED ? GT_TRAIN_INTERRUPTED : GT_TRAIN_FAILED;
        if (stop)
            return GT_TRAIN_STOPPED;
    }
    return end;
}

gt_train_end gt_trainer_run(gt_trainer *trainer, gt_train_run *run, gt_error *error)
{
    loop l = {.trainer = trainer, .start = gt_clock_seconds()};
    gt_take_sized(&l.run, run, sizeof l.run);
    gt_train_end end = run_loop(&l, error);
    run->best = l.run.best;
    run->best_iteration = l.run.best_iteration;
    run->worse = l.run.worse;
    return end;
}
