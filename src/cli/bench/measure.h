/* The measurement of `gradtape bench`: a training step and its bound, in turn. */
#ifndef GT_CLI_BENCH_MEASURE_H
#define GT_CLI_BENCH_MEASURE_H

#include "cli/bench/bound_runner.h"
#include "cli/bench/samples.h"
#include "cli/bench/training_step.h"
#include "plan/describe/bound.h"
#include "plan/describe/description.h"

typedef struct gt_measurement {
    gt_training_step step;
    gt_plan *plan;
    gt_threads *threads; /* NULL for one */
    gt_workspace *workspace;
    gt_step_data data;
    gt_bound_runner bound;
    gt_plan_cost cost;
    gt_samples planning, times, bound_times, foreign_times;
    uint32_t rounds;
    bool interrupted;
    int thread_count;
} gt_measurement;

/* Records, plans, takes memory, finds the fastest ways of the bound's products. Close it in any case. */
gt_status gt_measurement_open(gt_measurement *m, const gt_step_settings *settings, int threads, gt_error *error);
void gt_measurement_close(gt_measurement *m);

/* Called after each round; may be NULL. */
typedef void gt_measurement_progress(const gt_measurement *m, void *context);

/*
 * Rounds of one step, one pass over the bound's products in the fastest ways and,
 * where they differ, one in the fastest ways of other libraries: `repeat` of them, or
 * for 0 as many as fit in two seconds, at least 5. The first round is not counted.
 */
gt_status gt_measurement_run(gt_measurement *m, uint32_t repeat, bool (*stop)(void *),
                             gt_measurement_progress *progress, void *context, gt_error *error);

#endif
