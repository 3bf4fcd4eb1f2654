/* Plans and workspaces. */
#include "plan/plan.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdint.h>
#include <string.h>

#define ALIGNMENT 64

struct gt_workspace {
    const gt_plan *plan;
    gt_machine machine;
    const void **inputs;
    void *memory; /* the arena and the tiles */
    bool has_run;
    gt_error error;
};

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
        strncpy(input->name, gt_var_name(v), sizeof input->name - 1);
        n++;
    }
    return true;
}

gt_plan *gt_plan_new(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options, gt_error *error)
{
    return gt_plan_new_watched(outputs, output_count, options, NULL, error);
}

gt_plan *gt_plan_new_watched(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                             const gt_pipeline_watch *watch, gt_error *error)
{
    gt_plan *plan = gt_memory_new(1, sizeof *plan);
    if (plan == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for a plan");
        return NULL;
    }
    gt_status status = gt_pipeline_run_watched(outputs, output_count, options, watch, &plan->program, error);
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

/* ---- workspaces ---------------------------------------------------------------------------- */

gt_workspace *gt_workspace_new(const gt_plan *plan)
{
    if (plan == NULL)
        return NULL;
    gt_workspace *work = gt_memory_new(1, sizeof *work);
    if (work == NULL)
        return NULL;
    const gt_code *code = &plan->code;
    gt_plan_memory bytes = gt_plan_memory_of(plan);
    work->plan = plan;
    work->machine.exact = code->exact;
    work->inputs = gt_memory_new(plan->input_count, sizeof *work->inputs);
    work->machine.states = gt_memory_new(code->state_count, sizeof *work->machine.states);
    work->machine.arrays = gt_memory_new(code->most_operands, sizeof *work->machine.arrays);
    work->machine.registers = gt_memory_new(2 * (size_t)code->most_registers, sizeof *work->machine.registers);
    if (bytes.values <= SIZE_MAX - bytes.tiles - bytes.products - ALIGNMENT)
        work->memory = gt_memory_new(bytes.values + bytes.tiles + bytes.products + ALIGNMENT, 1);
    if (work->inputs == NULL || work->machine.states == NULL || work->machine.arrays == NULL ||
        work->machine.registers == NULL || work->memory == NULL) {
        gt_workspace_free(work);
        return NULL;
    }
    uintptr_t begin = ((uintptr_t)work->memory + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    work->machine.arena = (char *)begin;
    work->machine.product_memory = work->machine.arena + bytes.values;
    work->machine.tiles = work->machine.arena + bytes.values + bytes.products;
    work->machine.inputs = work->inputs;
    return work;
}

void gt_workspace_free(gt_workspace *work)
{
    if (work == NULL)
        return;
    gt_memory_free(work->inputs);
    gt_memory_free(work->machine.states);
    gt_memory_free(work->machine.arrays);
    gt_memory_free(work->machine.registers);
    gt_memory_free(work->memory);
    gt_memory_free(work);
}

gt_status gt_workspace_bind(gt_workspace *work, gt_var input, const void *data)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    work->error = (gt_error){0};
    for (uint32_t i = 0; i < work->plan->input_count; i++) {
        if (work->plan->inputs[i].index != input.index || work->plan->tape != input.tape)
            continue;
        if (data == NULL)
            return gt_error_set(&work->error, GT_ERROR_ARGUMENT, "the data for input '%s' is NULL",
                                work->plan->inputs[i].name);
        work->inputs[i] = data;
        return GT_OK;
    }
    return gt_error_set(&work->error, GT_ERROR_ARGUMENT, "the var is no input of the tape that was planned");
}

gt_status gt_workspace_run(gt_workspace *work)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    work->error = (gt_error){0};
    work->has_run = false;
    for (uint32_t i = 0; i < work->plan->input_count; i++)
        if (work->plan->inputs[i].needed && work->inputs[i] == NULL)
            return gt_error_set(&work->error, GT_ERROR_UNBOUND, "input '%s' has no value: call gt_workspace_bind",
                                work->plan->inputs[i].name);
    gt_status status = gt_machine_run(&work->machine, &work->plan->code.block);
    if (status != GT_OK)
        return gt_error_set(&work->error, status, "%s: %.300s", work->machine.failed->op->name, work->machine.error.message);
    work->has_run = true;
    return GT_OK;
}

const void *gt_workspace_value(const gt_workspace *work, uint32_t i)
{
    if (work == NULL || !work->has_run || i >= work->plan->output_count)
        return NULL;
    const gt_address *address = &work->plan->outputs[i].address;
    const char *base = address->base == GT_BASE_INPUT ? work->inputs[address->index] : work->machine.arena;
    return base + address->offset;
}

const char *gt_workspace_message(const gt_workspace *work)
{
    return work == NULL ? "no memory for a workspace" : work->error.message;
}
