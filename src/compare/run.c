#include "compare/run.h"

#include "base/utf8.h"

#include <math.h>

/* Training that leads to no numbers is a result, too: the cell's, not the user's mistake. */
static bool note_end(gt_run_result *result, const gt_session *session, bool good, gt_error *error)
{
    if (!good && (session->end != GT_TRAIN_FAILED || error->status != GT_ERROR_NOT_FINITE))
        return false;
    gt_run_result_take(result, session);
    result->diverged = !good || !isfinite(gt_run_result_loss(result));
    if (!good)
        gt_utf8_format(result->reason, sizeof result->reason, "%s", error->message);
    return true;
}

static gt_run_end train(gt_session *session, gt_run_result *result, gt_error *error)
{
    bool good = gt_session_run(session, error);
    if (good && (session->end == GT_TRAIN_STOPPED || session->end == GT_TRAIN_INTERRUPTED))
        return GT_RUN_STOPPED;
    return note_end(result, session, good, error) ? GT_RUN_DONE : GT_RUN_FAILED;
}

gt_run_end gt_experiment_do(const gt_experiment *e, const gt_experiment_run *run, gt_train_callback *watch,
                            void *watcher, gt_error *error)
{
    char log[GT_RUN_PATH];
    gt_settings settings = gt_experiment_settings(e, run);
    gt_session session = {
        .watch = watch, .watcher = watcher, .makes_test = e->settings.data == NULL, .test_data = e->test_data};
    gt_run_result result;
    gt_run_end end = GT_RUN_FAILED;
    if (!gt_experiment_path(e, run, "csv", log, error))
        return GT_RUN_FAILED;
    settings.log = log;
    session.model.source = e->sources[run->cell];
    if (gt_session_start(&session, &settings, error))
        end = train(&session, &result, error);
    session.model.source = (gt_cell_source){0}; /* it is the experiment's */
    gt_session_free(&session);
    if (end == GT_RUN_DONE && !gt_run_result_write(&result, e, run, error))
        return GT_RUN_FAILED;
    return end;
}
