/* When outputs are complete. */
#ifndef GT_PLAN_COMPLETE_H
#define GT_PLAN_COMPLETE_H

#include "plan/plan.h"

/*
 * So many instructions of the outermost block come before an output is complete: nothing behind them writes to it, and
 * no part of what is done together, on one thread or on several, is behind them. At the earliest those in front of the
 * half that it is of.
 */
uint32_t gt_plan_complete_behind(const gt_plan *plan, uint32_t output, bool threads);
/* The part of a run's work that so many instructions do, as it is estimated: 0 to 1. */
double gt_plan_work_until(const gt_plan *plan, uint32_t instruction);

/* An output, and how many instructions come before it is complete. */
typedef struct gt_completion {
    uint32_t behind, output;
    bool late; /* of the backward half */
} gt_completion;

/* One for each output, in the order in which they are complete, those of the forward half first; NULL on no memory. */
gt_completion *gt_completions_new(const gt_plan *plan, bool threads);

#endif
