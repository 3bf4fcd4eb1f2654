/* A plan from the inside. */
#ifndef GT_PLAN_PLAN_H
#define GT_PLAN_PLAN_H

#include "gradtape/plan.h"
#include "plan/lower.h"
#include "plan/pipeline.h"

/* An input of the tape that was planned. */
typedef struct gt_plan_input {
    uint32_t index; /* on that tape */
    bool needed, late;
    char name[60];
} gt_plan_input;

struct gt_plan {
    const gt_tape *tape; /* that was planned: compared with, never looked at, since it may be gone */
    gt_program program;
    gt_pool pool;
    gt_code code;
    gt_operand *outputs;
    uint32_t output_count;
    gt_plan_input *inputs;
    uint32_t input_count;
};

/* gt_plan_new, watched. */
gt_plan *gt_plan_new_watched(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                             const gt_pipeline_watch *watch, gt_error *error);

/* The same with loops cut into segments, whatever memory the options speak of; NULL: none are. */
gt_plan *gt_plan_new_cut(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                         const gt_segments *segments, const gt_pipeline_watch *watch, gt_error *error);

/* The plan that keeps options->memory, its loops cut into as few segments as that takes. NULL on an error. */
gt_plan *gt_budget_find(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options, gt_error *error);

/* Bytes of all memory that a workspace of the plan takes for numbers, in its three parts. */
typedef struct gt_plan_memory {
    size_t values, products, tiles;
} gt_plan_memory;

gt_plan_memory gt_plan_memory_of(const gt_plan *plan);
/* All three. */
size_t gt_plan_total_bytes(const gt_plan *plan);

/* A workspace that divides between threads whatever can be and costs so many nanoseconds: see exec/run_threads.h. */
gt_workspace *gt_workspace_new_dividing(const gt_plan *plan, gt_threads *threads, double least_cost);

#endif
