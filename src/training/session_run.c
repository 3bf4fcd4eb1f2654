/* A run: what the trainer tells of each iteration is logged, shown and now and then saved. */
#include "training/session.h"
#include "training/session_parts.h"

#include "base/clock.h"
#include "command/signals.h"

#include <math.h>
#include <stdlib.h>

/* ---- saving -------------------------------------------------------------------------------- */

/* The log first: what the model knows of, the log has. One may fail without the other. */
static bool save(gt_session *session, gt_error *error)
{
    if (session->saved == session->model.iteration || !gt_processes_first(&session->processes))
        return true;
    if (session->settings->save == NULL)
        return gt_loss_log_flush(&session->log, error);
    session->last_save = gt_clock_seconds();
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
    if (gt_clock_seconds() - session->last_save < session->settings->save_every)
        return;
    if (!save(session, &error))
        gt_progress_say(&session->progress, "gradtape train: not saved: %s", error.message);
}

/* ---- one iteration ------------------------------------------------------------------------- */

static void note(gt_session *session, const gt_train_event *event)
{
    gt_model *model = &session->model;
    model->iteration = event->iteration;
    if (event->reason != NULL && session->watch == NULL)
        gt_progress_say(&session->progress, "gradtape train: iteration %lld was skipped: %s",
                        (long long)event->iteration, event->reason);
    if (!event->validated)
        return;
    session->last_validation = event->score;
    model->worse = event->best ? 0 : model->worse + 1;
    if (!event->best)
        return;
    model->best_validation = event->score.loss;
    model->best_iteration = event->iteration;
}

static int on_iteration(void *context, const gt_train_event *event)
{
    gt_session *session = context;
    note(session, event);
    gt_loss_log_add(&session->log, &(gt_loss_log_row){.iteration = event->iteration,
                                                      .epoch = event->epoch,
                                                      .loss = event->step.loss,
                                                      .rate = event->step.rate,
                                                      .norm = event->step.skipped ? NAN : event->step.norm,
                                                      .validation = event->score.loss,
                                                      .terms = event->step.terms,
                                                      .validation_terms = event->score.terms,
                                                      .accuracy = event->score.accuracy});
    gt_progress_update(&session->progress, &(gt_progress_state){.iteration = event->iteration,
                                                                .epoch = event->epoch,
                                                                .loss = event->step.loss,
                                                                .terms = event->step.terms,
                                                                .validation = session->last_validation.loss,
                                                                .validation_terms = session->last_validation.terms});
    if (event->reason == NULL)
        save_now_and_then(session);
    return session->watch == NULL ? 0 : session->watch(session->watcher, event);
}

/* ---- the run ------------------------------------------------------------------------------- */

static void begin(gt_session *session)
{
    const gt_settings *settings = session->settings;
    session->progress = (gt_progress){
        .quiet = settings->quiet,
        .first = session->model.iteration,
        .target = session->target,
        .seconds = 60 * settings->minutes,
        .network = &session->model.network,
        .per_iteration = settings->batch * (session->model.data.present ? 1 : settings->steps),
        .unit = !session->model.data.present           ? "bits/char"
                : session->model.data.predicts_numbers ? "mse"
                                                       : "bits",
        .things = session->model.data.present ? "ex/s" : "char/s",
    };
    gt_progress_begin(&session->progress);
    session->last_save = session->progress.start;
}

static gt_train_run describe_run(gt_session *session)
{
    gt_model *model = &session->model;
    gt_train_run run = GT_TRAIN_RUN_INIT;
    run.iterations = session->target;
    run.seconds = 60 * session->settings->minutes;
    run.validate_every = model->settings.validate_every;
    run.patience = session->settings->patience;
    run.on_iteration = on_iteration;
    run.context = session;
    run.best = model->best_validation;
    run.best_iteration = model->best_iteration;
    run.worse = model->worse;
    run.kept = model->best;
    return run;
}

/* What the summary says of a model whose last iteration was not one to validate after. */
static bool validate_at_the_end(gt_session *session, gt_error *error)
{
    const gt_model *model = &session->model;
    bool classes = model->data.present && !model->data.predicts_numbers && model->data.outputs <= GT_MOST_CONFUSED;
    if (!session->validates || (!model->data.present && model->iteration % model->settings.validate_every == 0))
        return true;
    if (classes)
        session->confusion = calloc((size_t)(model->data.outputs * model->data.outputs), sizeof *session->confusion);
    return gt_trainer_validate(session->trainer, &session->last_validation, session->confusion, error) == GT_OK;
}

static bool test_at_the_end(gt_session *session, gt_error *error)
{
    if (session->data.test.examples == 0)
        return true;
    gt_train_options options = gt_model_train_options(&session->model);
    gt_train_data data = gt_dataset_view(&session->data.test);
    options.threads = session->threads;
    return gt_train_evaluate(&options, &data, &session->test_score, NULL, error) == GT_OK;
}

static double epoch_of(const gt_session *session)
{
    return (double)session->model.iteration / (double)gt_trainer_epoch(session->trainer);
}

bool gt_session_run(gt_session *session, gt_error *error)
{
    begin(session);
    gt_signals_ask();
    gt_train_run run = describe_run(session);
    session->end = gt_trainer_run(session->trainer, &run, error);
    bool good = session->end != GT_TRAIN_FAILED && gt_session_same_parameters(session, error);
    gt_error of_saving = {0};
    bool saved = save(session, &of_saving);
    gt_signals_end_again(); /* there is nothing left to lose */
    if (good && session->end != GT_TRAIN_INTERRUPTED && session->end != GT_TRAIN_STOPPED)
        good = validate_at_the_end(session, error) && test_at_the_end(session, error);
    gt_progress_end(&session->progress, &(gt_progress_state){.iteration = session->model.iteration,
                                                             .epoch = epoch_of(session),
                                                             .loss = NAN,
                                                             .validation = session->last_validation.loss,
                                                             .validation_terms = session->last_validation.terms});
    if (saved)
        return gt_loss_log_close(&session->log, good ? error : NULL) && good;
    /* With nothing saved, the reason for that is what matters. */
    if (good)
        *error = of_saving;
    else
        gt_progress_say(&session->progress, "gradtape train: not saved: %s", of_saving.message);
    return false;
}
