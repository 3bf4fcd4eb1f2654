/* Descriptions of plans from the inside. */
#ifndef GT_PLAN_DESCRIBE_H
#define GT_PLAN_DESCRIBE_H

#include "plan/describe/description.h"
#include "plan/describe/label.h"
#include "plan/plan.h"

/* What the passes did. */
typedef struct gt_change_log {
    gt_pool *pool;
    gt_plan_change *list;
    size_t count, capacity;
    bool programs; /* are written, too */
    bool failed;   /* for want of memory */
} gt_change_log;

/* A gt_pipeline_watch: `context` is a gt_change_log. */
void gt_change_log_pass(void *context, const char *pass, const gt_program *before, const gt_program *after);

/* Text that grows in a pool's memory. */
typedef struct gt_plan_text {
    gt_pool *pool;
    char *text; /* NULL after a failure */
    size_t used, capacity;
} gt_plan_text;

void gt_plan_text_add(gt_plan_text *text, const char *format, ...) GT_PRINTF(2, 3);

/* A line for each node. */
void gt_program_write(const gt_program *program, gt_plan_text *text);

struct gt_plan_description {
    gt_pool pool;
    gt_plan *plan;
    gt_change_log changes;
    gt_plan_line *lines;
    size_t line_count, line_capacity;
};

/* Of a step of group->ops, at each run. */
double gt_step_flops(const gt_group *group, const gt_group_step *step);
/* What one instruction costs, once, with all that is in it. */
void gt_instruction_cost(const gt_instruction *instruction, gt_plan_cost *cost);

#endif
