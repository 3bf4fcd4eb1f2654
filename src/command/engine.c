#include "command/engine.h"

const char *const gt_engine_names[] = {"planner", "exact", "interpreter", NULL};

gt_plan_options gt_engine_plan_options(gt_engine engine)
{
    return (gt_plan_options){.exact = engine == GT_ENGINE_EXACT};
}

gt_status gt_engine_threads(gt_engine engine, int64_t wanted, gt_threads **threads, gt_error *error)
{
    uint32_t count = wanted == 0 ? gt_threads_available() : (uint32_t)wanted;
    *threads = NULL;
    if (engine != GT_ENGINE_PLANNER || count == 1)
        return GT_OK;
    gt_error problem = {0};
    *threads = gt_threads_new(count, &problem);
    return *threads != NULL ? GT_OK : gt_error_set(error, problem.status, "--threads: %s", problem.message);
}
