/* What writing and reading a result share. */
#ifndef GT_COMPARE_RESULT_JSON_H
#define GT_COMPARE_RESULT_JSON_H

#include "compare/experiment.h"

#define GT_RESULT_FORMAT "gradtape run"
#define GT_RESULT_VERSION 1
#define GT_RESULT_TOLD "told" /* the object of what decides a run's numbers */

/* Writes the object GT_RESULT_TOLD: a result of a run that was told the same can stand for it. */
void gt_run_result_describe_told(gt_json *json, const gt_experiment *experiment, const gt_experiment_run *run);

#endif
