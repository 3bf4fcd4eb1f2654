/* The loop: iterate, validate, log, show, save; until it is time to stop. */
#include "training/session.h"

#include "command/signals.h"

#include "gradtape/utf8.h"

#include <math.h>

#define MOST_IN_A_ROW 10 /* skipped iterations before training is given up */

/* ---- saving -------------------------------------------------------------------------------- */

/* The log first: what the model knows of, the log has. One may fail without the other. */
static bool save(gt_session *session, gt_error *error)
{
    if (session->saved == session->model.iteration)
        return true;
    session->last_save = gt_progress_clock();
    bool logged = gt_loss_log_flush(&session->log, error);
    if (!gt_model_save(&session->model, session->settings->save, error))
        return false;
    session->saved = session->model.iteration;
    return logged;
}

/* While training goes on, a failure is no reason to lose what was learnt: the next try may do. */
static void save_now_and_then(gt_session *session)
{
    gt_error error = {0};
    if (gt_progress_clock() - session->last_save < session->settings->save_every)
        return;
    if (!save(session, &error))
        gt_progress_say(&session->progress, "gradtape train: not saved: %s", error.message);
}

/* ---- one iteration ------------------------------------------------------------------------- */

static double epoch_of(const gt_session *session)
{
    return (double)session->model.iteration / (double)session->trainer.training.windows;
}

static gt_status validate_now(gt_session *session, double *bits, gt_error *error)
{
    double start = gt_progress_clock();
    gt_status status = gt_trainer_validate(&session->trainer, bits, error);
    session->validation_seconds = gt_progress_clock() - start;
    return status;
}

/* Bits per character, or NaN if this is no iteration to validate after. */
static bool validate(gt_session *session, double *bits, gt_error *error)
{
    gt_model *model = &session->model;
    *bits = NAN;
    if (session->trainer.scorer == NULL || model->iteration % model->settings.validate_every != 0)
        return true;
    gt_status status = validate_now(session, bits, error);
    if (status != GT_OK) {
        *bits = NAN;
        return false;
    }
    session->last_validation = *bits;
    if (*bits < model->best_validation) {
        model->best_validation = *bits;
        model->best_iteration = model->iteration;
    }
    return true;
}

static bool count_skipped(gt_session *session, const gt_iteration *done, gt_error *error)
{
    session->in_a_row = done->skipped ? session->in_a_row + 1 : 0;
    if (done->skipped)
        gt_progress_say(&session->progress, "gradtape train: iteration %lld was skipped: %s",
                        (long long)session->model.iteration, error->message);
    if (session->in_a_row < MOST_IN_A_ROW)
        return true;
    gt_error last = *error;
    gt_error_set(error, GT_ERROR_NOT_FINITE,
                 "given up after %d iterations without a finite gradient (try a lower --lr): %.*s", MOST_IN_A_ROW,
                 gt_utf8_fit(last.message, 300), last.message);
    return false;
}

static void report(gt_session *session, const gt_iteration *done, double validation)
{
    const gt_model *model = &session->model;
    double epoch = epoch_of(session);
    gt_loss_log_add(&session->log, &(gt_loss_log_row){.iteration = model->iteration,
                                                      .epoch = epoch,
                                                      .loss = done->loss,
                                                      .rate = done->step.rate,
                                                      .norm = done->skipped ? NAN : done->step.norm,
                                                      .validation = validation});
    gt_progress_update(&session->progress, &(gt_progress_state){.iteration = model->iteration,
                                                                .epoch = epoch,
                                                                .loss = done->loss,
                                                                .validation = session->last_validation});
}

static bool iterate(gt_session *session, gt_error *error)
{
    gt_iteration done;
    double validation = NAN, start = gt_progress_clock();
    if (gt_trainer_step(&session->trainer, &done, error) != GT_OK)
        return false;
    session->iteration_seconds = gt_progress_clock() - start;
    bool go_on = count_skipped(session, &done, error) && validate(session, &validation, error);
    report(session, &done, validation);
    return go_on;
}

/* ---- the loop ------------------------------------------------------------------------------ */

/*
 * How long one more iteration and the validation after it will take. Before the
 * first validation: a window of training costs about three times as much as one of
 * validation, whose derivatives are not wanted.
 */
static double seconds_to_finish(const gt_session *session)
{
    const gt_trainer *trainer = &session->trainer;
    double seconds = session->validation_seconds;
    if (seconds == 0 && trainer->scorer != NULL)
        seconds = session->iteration_seconds / 3 * (double)trainer->validation.windows *
                  (double)trainer->validation.lanes / (double)trainer->training.lanes;
    return session->iteration_seconds + seconds;
}

static gt_stop time_to_stop(const gt_session *session)
{
    const gt_settings *settings = session->settings;
    if (gt_signals_came(NULL))
        return GT_STOP_INTERRUPTED;
    if (session->target > 0 && session->model.iteration >= session->target)
        return GT_STOP_ITERATIONS;
    double seconds = gt_progress_clock() - session->progress.start + seconds_to_finish(session);
    return settings->minutes > 0 && seconds >= 60 * settings->minutes ? GT_STOP_MINUTES : GT_STOP_FAILED;
}

static void begin(gt_session *session)
{
    const gt_settings *settings = session->settings;
    session->progress = (gt_progress){
        .quiet = settings->quiet,
        .first = session->model.iteration,
        .target = session->target,
        .seconds = 60 * settings->minutes,
        .characters_per_iteration = settings->batch * settings->steps,
    };
    gt_progress_begin(&session->progress);
    session->last_save = session->progress.start;
}

/* What the summary says of a model whose last iteration was not one to validate after. */
static bool validate_at_the_end(gt_session *session, gt_error *error)
{
    if (session->trainer.scorer == NULL || session->model.iteration % session->model.settings.validate_every == 0)
        return true;
    return gt_trainer_validate(&session->trainer, &session->last_validation, error) == GT_OK;
}

bool gt_session_run(gt_session *session, gt_error *error)
{
    begin(session);
    gt_signals_ask();
    bool good = true;
    while (good && (session->stop = time_to_stop(session)) == GT_STOP_FAILED) {
        good = iterate(session, error);
        if (good)
            save_now_and_then(session);
    }
    if (!good && error->status == GT_ERROR_INTERRUPTED) {
        session->stop = GT_STOP_INTERRUPTED;
        good = true;
    }
    gt_error of_saving = {0};
    bool saved = save(session, &of_saving);
    gt_signals_end_again(); /* there is nothing left to lose */
    if (good && session->stop != GT_STOP_INTERRUPTED)
        good = validate_at_the_end(session, error);
    gt_progress_end(&session->progress, &(gt_progress_state){.iteration = session->model.iteration,
                                                             .epoch = epoch_of(session),
                                                             .loss = NAN,
                                                             .validation = session->last_validation});
    if (saved)
        return gt_loss_log_close(&session->log, good ? error : NULL) && good;
    /* With nothing saved, the reason for that is what matters. */
    if (good)
        *error = of_saving;
    else
        gt_progress_say(&session->progress, "gradtape train: not saved: %s", of_saving.message);
    return false;
}
