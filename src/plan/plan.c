/* Plans and workspaces. */
#include "plan/plan.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "exec/machine.h"

#include <stdint.h>
#include <string.h>

#define ALIGNMENT 64

const char *gt_plan_pass(uint32_t i)
{
    uint32_t count = 0;
    while (gt_pipeline[count].name != NULL)
        count++;
    return i < count ? gt_pipeline[i].name : NULL;
}

/* ---- plans --------------------------------------------------------------------------------- */

static bool note_inputs(gt_plan *plan, gt_tape *tape)
{
    plan->input_count = plan->program.input_count;
    plan->inputs = gt_pool_new(&plan->pool, plan->input_count, sizeof *plan->inputs);
    if (plan->inputs == NULL)
        return false;
    uint32_t n = 0;
    for (uint32_t i = 1; i <= tape->node_count && n < plan->input_count; i++) {
        gt_var v = gt_tape_at(tape, i);
        if (gt_var_role(v) == GT_ROLE_NONE)
            continue;
        gt_plan_input *input = &plan->inputs[n];
        input->index = i;
        input->needed = gt_var_valid(plan->program.inputs[n]);
        input->late = plan->program.late_inputs != NULL && plan->program.late_inputs[n];
        gt_utf8_format(input->name, sizeof input->name, "%s", gt_var_name(v));
        n++;
    }
    return true;
}

gt_plan *gt_plan_new_watched(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                             const gt_pipeline_watch *watch, gt_error *error)
{
    if (options == NULL || options->memory == 0)
        return gt_plan_new_cut(outputs, output_count, options, NULL, watch, error);
    gt_plan *plan = gt_budget_find(outputs, output_count, options, error);
    if (plan == NULL || watch == NULL)
        return plan;
    gt_segments segments = plan->program.segments;
    gt_plan_free(plan); /* what the passes did is told of the one that was chosen */
    return gt_plan_new_cut(outputs, output_count, options, &segments, watch, error);
}

gt_plan *gt_plan_new(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options, gt_error *error)
{
    return gt_plan_new_watched(outputs, output_count, options, NULL, error);
}

gt_plan *gt_plan_new_cut(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                         const gt_segments *segments, const gt_pipeline_watch *watch, gt_error *error)
{
    gt_plan *plan = gt_memory_new(1, sizeof *plan);
    if (plan == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for a plan");
        return NULL;
    }
    gt_status status = gt_pipeline_run_watched(outputs, output_count, options, segments, watch, &plan->program, error);
    if (status == GT_OK) {
        plan->tape = outputs[0].tape;
        plan->output_count = output_count;
        plan->outputs = gt_pool_new(&plan->pool, output_count, sizeof *plan->outputs);
        if (plan->outputs == NULL || !note_inputs(plan, outputs[0].tape))
            status = gt_error_set(error, GT_ERROR_MEMORY, "no memory for a plan");
        else
            status = gt_lower(&plan->program, &plan->pool, &plan->code, plan->outputs, error);
    }
    if (status == GT_OK)
        return plan;
    gt_plan_free(plan);
    return NULL;
}

void gt_plan_free(gt_plan *plan)
{
    if (plan == NULL)
        return;
    gt_executable_free(&plan->code.machine_code);
    gt_pool_free(&plan->pool);
    gt_program_free(&plan->program);
    gt_memory_free(plan);
}

size_t gt_plan_bytes(const gt_plan *plan)
{
    return plan == NULL ? 0 : plan->code.arena_bytes;
}

gt_plan_memory gt_plan_memory_of(const gt_plan *plan)
{
    return (gt_plan_memory){
        .values = plan->code.arena_bytes,
        .products = (plan->code.product_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT,
        .tiles = gt_machine_tile_bytes(&plan->code),
    };
}

size_t gt_plan_total_bytes(const gt_plan *plan)
{
    gt_plan_memory memory = gt_plan_memory_of(plan);
    return memory.values + memory.products + memory.tiles;
}
