#include "cli/bench/measure.h"

#include "cli/bench/clock.h"
#include "plan/describe/bound.h"
#include "plan/describe/description.h"

#include <time.h>

enum { MOST_PLANS = 7, FEWEST_ROUNDS = 5, MOST_ROUNDS = 2001 };

/* Planned again and again while that takes no time to speak of. */
static gt_status time_planning(gt_measurement *m, const gt_step_settings *settings, gt_error *error)
{
    const gt_plan_options options = gt_step_plan_options(settings);
    const double long_enough_us = 50000;
    double spent = 0;
    if (!gt_samples_new(&m->planning, MOST_PLANS))
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    for (int k = 0; k < MOST_PLANS && (k == 0 || spent < long_enough_us); k++) {
        gt_plan_free(m->plan);
        double begin = gt_now_us();
        m->plan = gt_plan_new(m->step.outputs, m->step.output_count, &options, error);
        double time = gt_now_us() - begin;
        if (m->plan == NULL)
            return error->status;
        gt_samples_add(&m->planning, time);
        spent += time;
    }
    return GT_OK;
}

/* The bound is that of the loop, however the step was recorded. */
static gt_status open_bound(gt_measurement *m, const gt_step_settings *settings, int threads, gt_error *error)
{
    gt_step_settings rolled = *settings;
    gt_training_step step;
    rolled.unrolled = false;
    gt_status status = gt_training_step_record(&step, &rolled, error);
    if (status == GT_OK)
        status = gt_bound_runner_open(&m->bound, step.outputs, step.output_count, threads, error);
    gt_training_step_free(&step);
    return status;
}

gt_status gt_measurement_open(gt_measurement *m, const gt_step_settings *settings, int threads, gt_error *error)
{
    *m = (gt_measurement){0};
    gt_status status = gt_training_step_record(&m->step, settings, error);
    if (status == GT_OK)
        status = time_planning(m, settings, error);
    if (status != GT_OK)
        return status;
    gt_plan_find_cost(m->plan, &m->cost);
    m->thread_count = threads;
    m->threads = threads > 1 ? gt_threads_new((uint32_t)threads, error) : NULL;
    if (threads > 1 && m->threads == NULL)
        return error->status;
    m->workspace = gt_step_workspace_new(m->plan, m->threads, error);
    if (m->workspace == NULL)
        return error->status;
    status = gt_step_data_bind(&m->data, &m->step, settings, m->workspace, error);
    if (status == GT_OK)
        status = open_bound(m, settings, threads, error);
    return status;
}

void gt_measurement_close(gt_measurement *m)
{
    gt_bound_runner_close(&m->bound);
    gt_step_data_free(&m->data);
    gt_workspace_free(m->workspace);
    gt_threads_free(m->threads);
    gt_plan_free(m->plan);
    gt_training_step_free(&m->step);
    gt_samples_free(&m->planning);
    gt_samples_free(&m->times);
    gt_samples_free(&m->bound_times);
    gt_samples_free(&m->foreign_times);
}

/* Are there products, which other libraries do, too, with threads of their own? */
static bool has_other_threads(const gt_measurement *m)
{
    return m->thread_count > 1 && m->bound.count > 0;
}

/* They stay awake for a while after a product, and take the cores from the next to run. */
static void let_threads_sleep(const gt_measurement *m)
{
    const struct timespec a_while = {.tv_nsec = 50000000};
    if (has_other_threads(m))
        nanosleep(&a_while, NULL);
}

/* A step after a step, with threads awake and numbers in the caches, as on one thread: the first after a sleep is not.
 */
static gt_status run_step(gt_measurement *m, double *time)
{
    let_threads_sleep(m);
    gt_status status = has_other_threads(m) ? gt_workspace_run(m->workspace) : GT_OK;
    double begin = gt_now_us();
    if (status == GT_OK)
        status = gt_workspace_run(m->workspace);
    *time = gt_now_us() - begin;
    return status;
}

static gt_status run_round(gt_measurement *m, bool counted, gt_error *error)
{
    double time;
    gt_status status = run_step(m, &time);
    if (status != GT_OK)
        return gt_error_set(error, status, "%s", gt_workspace_message(m->workspace));
    let_threads_sleep(m);
    double bound = gt_bound_runner_run(&m->bound, false);
    let_threads_sleep(m);
    double foreign = m->bound.differs ? gt_bound_runner_run(&m->bound, true) : bound;
    if (counted) {
        gt_samples_add(&m->times, time);
        gt_samples_add(&m->bound_times, bound);
        gt_samples_add(&m->foreign_times, foreign);
    }
    return GT_OK;
}

gt_status gt_measurement_run(gt_measurement *m, uint32_t repeat, bool (*stop)(void *),
                             gt_measurement_progress *progress, void *context, gt_error *error)
{
    const double long_enough_us = 2e6;
    uint32_t most = repeat > 0 ? repeat : MOST_ROUNDS;
    if (!gt_samples_new(&m->times, most) || !gt_samples_new(&m->bound_times, most) ||
        !gt_samples_new(&m->foreign_times, most))
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = run_round(m, false, error);
    double begin = gt_now_us();
    for (uint32_t k = 0; k < most && status == GT_OK && !m->interrupted; k++) {
        if (repeat == 0 && k >= FEWEST_ROUNDS && gt_now_us() - begin > long_enough_us)
            break;
        status = run_round(m, true, error);
        m->rounds = m->times.count;
        m->interrupted = stop != NULL && stop(NULL);
        if (progress != NULL)
            progress(m, context);
    }
    return status;
}
