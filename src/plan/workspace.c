/* Workspaces: the numbers of one execution, and what runs it. */
#include "plan/complete.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "exec/cost.h"
#include "exec/run_threads.h"
#include "plan/trial.h"

#include <stdint.h>
#include <string.h>

#define ALIGNMENT 64

/* What has run: a plan without halves runs both at once. */
typedef enum half {
    HALF_NONE,
    HALF_FORWARD,
    HALF_BOTH,
    HALF_USED /* both, and what the backward half reads of the forward one is not there any more */
} half;

struct gt_workspace {
    const gt_plan *plan;
    gt_threads *threads;  /* NULL: one */
    gt_sharing sharing;   /* between them */
    bool tries;           /* whether they are faster than one */
    gt_trial trials[3];   /* of both halves, of the forward one, and of the backward one */
    gt_machine *machines; /* one for each thread */
    const void **inputs;
    void **outputs; /* what the user has bound; NULL of the others */
    void *memory;
    gt_stop stop;
    half has_run;
    gt_output_complete *complete; /* is told when outputs are complete; NULL: nobody is */
    void *of_complete;            /* what it is given */
    gt_completion *completions;   /* all outputs, in that order */
    uint32_t told;                /* so many of them are complete in the run that goes on; 0 when none does */
    gt_error error;
};

/* ---- memory -------------------------------------------------------------------------------- */

/* Pieces of memory one after the other, each aligned. Counts only, if there is no memory yet. */
typedef struct layout {
    char *begin;
    size_t used;
    bool too_large;
} layout;

static void *take(layout *l, size_t count, size_t size)
{
    void *here = l->begin == NULL ? NULL : l->begin + l->used;
    size_t bytes = 0, end = 0;
    l->too_large |= __builtin_mul_overflow(count, size, &bytes) || __builtin_add_overflow(l->used, bytes, &end) ||
                    end > SIZE_MAX - 2 * ALIGNMENT;
    if (!l->too_large)
        l->used = (end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return here;
}

/* What a thread writes is on cache lines of its own. */
static void lay_out(const gt_code *code, uint32_t threads, size_t product_bytes, layout *l, gt_machine *machines)
{
    char *arena = take(l, code->arena_bytes, 1);
    for (uint32_t i = 0; i < threads; i++) {
        gt_machine machine = {.exact = code->exact, .arena = arena};
        machine.own_region = take(l, i == 0 ? 0 : code->region_bytes, 1);
        machine.pointers = take(l, code->pointer_count, sizeof *machine.pointers);
        machine.arrays = take(l, code->most_operands, sizeof *machine.arrays);
        machine.registers = take(l, 2 * (size_t)code->most_registers, sizeof *machine.registers);
        machine.cursors = take(l, code->cursor_arrays, sizeof *machine.cursors);
        machine.product_memory = take(l, product_bytes, 1);
        machine.tiles = take(l, gt_machine_tile_bytes(code), 1);
        if (machines != NULL)
            machines[i] = machine;
    }
}

static bool take_memory(gt_workspace *work)
{
    const gt_code *code = &work->plan->code;
    uint32_t threads = gt_threads_count(work->threads);
    size_t products =
        threads > 1 ? gt_machines_product_bytes(&code->block, threads, &work->sharing) : code->product_bytes;
    layout l = {0};
    lay_out(code, threads, products, &l, NULL);
    work->inputs = gt_memory_new(work->plan->input_count, sizeof *work->inputs);
    work->outputs = gt_memory_new(work->plan->output_count, sizeof *work->outputs);
    work->machines = gt_memory_new(threads, sizeof *work->machines);
    if (!l.too_large)
        work->memory = gt_memory_new(l.used + ALIGNMENT, 1);
    if (work->inputs == NULL || work->outputs == NULL || work->machines == NULL || work->memory == NULL)
        return false;
    uintptr_t begin = ((uintptr_t)work->memory + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    l = (layout){.begin = (char *)begin};
    lay_out(code, threads, products, &l, work->machines);
    for (uint32_t i = 0; i < threads; i++) {
        work->machines[i].inputs = work->inputs;
        work->machines[i].outputs = work->outputs;
    }
    return true;
}

gt_workspace *gt_workspace_new_dividing(const gt_plan *plan, gt_threads *threads, double least_cost)
{
    if (plan == NULL)
        return NULL;
    gt_workspace *work = gt_memory_new(1, sizeof *work);
    if (work == NULL)
        return NULL;
    work->plan = plan;
    work->threads = gt_threads_count(threads) > 1 && !plan->code.exact ? threads : NULL;
    work->sharing = gt_sharing_of(&plan->code.block, gt_threads_count(work->threads), least_cost);
    if (take_memory(work))
        return work;
    gt_workspace_free(work);
    return NULL;
}

gt_workspace *gt_workspace_new_on(const gt_plan *plan, gt_threads *threads)
{
    double cost = plan == NULL ? 0 : gt_cost_of_block(&plan->code.block);
    gt_workspace *work = gt_workspace_new_dividing(plan, cost >= GT_WORTH_WAKING ? threads : NULL, GT_WORTH_DIVIDING);
    if (work != NULL)
        work->tries = cost < GT_CERTAINLY_WORTH_WAKING;
    return work;
}

gt_workspace *gt_workspace_new(const gt_plan *plan)
{
    return gt_workspace_new_on(plan, NULL);
}

void gt_workspace_free(gt_workspace *work)
{
    if (work == NULL)
        return;
    gt_memory_free(work->inputs);
    gt_memory_free(work->outputs);
    gt_memory_free(work->machines);
    gt_memory_free(work->memory);
    gt_memory_free(work->completions);
    gt_memory_free(work);
}

uint32_t gt_workspace_threads(const gt_workspace *work)
{
    return work == NULL ? 1 : gt_threads_count(work->threads);
}

/* ---- running ------------------------------------------------------------------------------- */

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

gt_status gt_workspace_bind_output(gt_workspace *work, uint32_t i, void *data)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    work->error = (gt_error){0};
    if (i >= work->plan->output_count)
        return gt_error_set(&work->error, GT_ERROR_ARGUMENT, "there is no output %u: the plan has %u", (unsigned)i,
                            (unsigned)work->plan->output_count);
    if (!work->plan->program.bind_outputs)
        return gt_error_set(&work->error, GT_ERROR_ARGUMENT,
                            "outputs cannot be bound: give gt_plan_options.bind_outputs when the plan is made");
    work->outputs[i] = data;
    return GT_OK;
}

void gt_workspace_on_interrupt(gt_workspace *work, gt_interrupt *interrupt, void *context)
{
    if (work == NULL)
        return;
    work->stop.asked = interrupt;
    work->stop.context = context;
    for (uint32_t i = 0; i < gt_threads_count(work->threads); i++) {
        work->machines[i].stop = interrupt != NULL ? &work->stop : NULL;
        work->machines[i].asks = i == 0;
    }
}

gt_status gt_workspace_on_output(gt_workspace *work, gt_output_complete *complete, void *context)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    work->error = (gt_error){0};
    if (complete != NULL && work->completions == NULL)
        work->completions = gt_completions_new(work->plan, work->threads != NULL);
    if (complete != NULL && work->completions == NULL)
        return gt_error_set(&work->error, GT_ERROR_MEMORY, "no memory to tell when outputs are complete");
    work->complete = complete;
    work->of_complete = context;
    return GT_OK;
}

double gt_workspace_work_until(const gt_workspace *work, uint32_t i)
{
    if (work == NULL || i >= work->plan->output_count)
        return 1;
    return gt_plan_work_until(work->plan, gt_plan_complete_behind(work->plan, i, work->threads != NULL));
}

static gt_status run_on_threads(gt_workspace *work, const gt_block *block, gt_trial *trial)
{
    /* Who is told of outputs is told behind other instructions where one thread does them. */
    bool tries = work->tries && work->complete == NULL, alone = tries && gt_trial_is_alone(trial);
    double begin = tries ? gt_clock_seconds() : 0;
    gt_sharing sharing = work->sharing;
    sharing.alone = alone;
    gt_threads_take(work->threads);
    /* Sums that are folded are those of as many parts as there are threads, whoever does them. */
    gt_status status = alone && !work->plan->code.folds
                           ? gt_machine_run(&work->machines[0], block)
                           : gt_machines_run(work->machines, work->threads, block, &sharing);
    gt_threads_give_back(work->threads);
    if (tries && status == GT_OK)
        gt_trial_note(trial, alone, gt_clock_seconds() - begin);
    return status;
}

/*
 * An error is looked for again on one thread, so that there is one, and the same as there: from the
 * beginning, since the backward half may have written over what it reads.
 */
static gt_status run_instructions(gt_workspace *work, uint32_t from, uint32_t to)
{
    const gt_block *all = &work->plan->code.block;
    const gt_block block = {all->list + from, to - from}, until = {all->list, to};
    if (work->threads == NULL)
        return gt_machine_run(&work->machines[0], &block);
    gt_status status = run_on_threads(work, &block, &work->trials[from > 0 ? 2 : to < all->count]);
    bool answered = status == GT_OK || status == GT_ERROR_INTERRUPTED;
    return answered ? status : gt_machine_run(&work->machines[0], &until);
}

/* Outputs that are written where they are bound; all of them are late. */
static gt_status check_outputs(gt_workspace *work)
{
    for (uint32_t i = 0; i < work->plan->output_count; i++) {
        const gt_address *address = &work->plan->outputs[i].address;
        if (address->base == GT_BASE_OUTPUT && work->outputs[address->index] == NULL)
            return gt_error_set(&work->error, GT_ERROR_UNBOUND,
                                "output %u has no memory: call gt_workspace_bind_output", (unsigned)address->index);
    }
    return GT_OK;
}

static gt_status check_arrays(gt_workspace *work, bool late)
{
    for (uint32_t i = 0; i < work->plan->input_count; i++) {
        const gt_plan_input *input = &work->plan->inputs[i];
        if (input->needed && (late || !input->late) && work->inputs[i] == NULL)
            return gt_error_set(&work->error, GT_ERROR_UNBOUND, "input '%s' has no value: call gt_workspace_bind",
                                input->name);
    }
    return late ? check_outputs(work) : GT_OK;
}

static const void *computed(const gt_workspace *work, uint32_t i)
{
    const gt_address *address = &work->plan->outputs[i].address;
    const char *base = address->base == GT_BASE_INPUT    ? work->inputs[address->index]
                       : address->base == GT_BASE_OUTPUT ? work->outputs[address->index]
                                                         : work->machines[0].arena;
    return base + address->offset;
}

/* To where it is bound, if it is elsewhere. */
static void copy_output(gt_workspace *work, uint32_t i)
{
    if (work->outputs[i] != NULL && computed(work, i) != work->outputs[i])
        memcpy(work->outputs[i], computed(work, i), gt_operand_bytes(&work->plan->outputs[i]));
}

static bool is_late(const gt_workspace *work, uint32_t i)
{
    const uint8_t *late = work->plan->program.late_outputs;
    return late != NULL && late[i];
}

/* What is run: both halves, or one. */
typedef struct part {
    bool forward, backward;
} part;

static uint32_t begin_of(const gt_workspace *work, part p)
{
    return p.forward ? 0 : work->plan->code.turn;
}

static uint32_t end_of(const gt_workspace *work, part p)
{
    return p.backward ? work->plan->code.block.count : work->plan->code.turn;
}

/* Each output is told as soon as it is complete. */
static gt_status run_telling(gt_workspace *work, part p)
{
    gt_status status = GT_OK;
    const gt_completion *list = work->completions;
    uint32_t at = begin_of(work, p), end = end_of(work, p), count = work->plan->output_count;
    for (work->told = 0; !p.forward && work->told < count && !list[work->told].late;)
        work->told++; /* by the forward half */
    while (work->told < count && (p.backward || !list[work->told].late)) {
        const gt_completion *next = &list[work->told];
        status = next->behind > at ? run_instructions(work, at, next->behind) : GT_OK;
        if (status != GT_OK)
            return status;
        at = next->behind > at ? next->behind : at;
        copy_output(work, next->output);
        work->told++;
        work->complete(work->of_complete, next->output);
    }
    return at < end ? run_instructions(work, at, end) : GT_OK;
}

static gt_status run_quietly(gt_workspace *work, part p)
{
    gt_status status = run_instructions(work, begin_of(work, p), end_of(work, p));
    for (uint32_t i = 0; i < work->plan->output_count && status == GT_OK; i++)
        if (is_late(work, i) ? p.backward : p.forward)
            copy_output(work, i);
    return status;
}

static half has_run_then(const gt_plan *plan, part p)
{
    bool lasts = plan->program.late_inputs == NULL || plan->program.repeatable;
    return !p.backward ? HALF_FORWARD : lasts ? HALF_BOTH : HALF_USED;
}

/* Nothing has run if it does not end well. */
static gt_status run(gt_workspace *work, part p)
{
    work->has_run = HALF_NONE;
    work->stop.stopped = false;
    gt_status status = work->complete != NULL ? run_telling(work, p) : run_quietly(work, p);
    work->told = 0;
    bool asked_at_the_end = status == GT_OK && work->stop.stopped;
    if (status == GT_ERROR_INTERRUPTED || asked_at_the_end)
        return gt_error_set(&work->error, GT_ERROR_INTERRUPTED, "interrupted");
    if (status != GT_OK)
        return gt_error_set(&work->error, status, "%s: %.*s", work->machines[0].failed->name,
                            gt_utf8_fit(work->machines[0].error.message, 300), work->machines[0].error.message);
    work->has_run = has_run_then(work->plan, p);
    return GT_OK;
}

gt_status gt_workspace_run(gt_workspace *work)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    work->error = (gt_error){0};
    gt_status status = check_arrays(work, true);
    return status != GT_OK ? status : run(work, (part){true, true});
}

static gt_status check_halves(gt_workspace *work)
{
    work->error = (gt_error){0};
    if (work->plan->program.late_inputs != NULL)
        return GT_OK;
    return gt_error_set(&work->error, GT_ERROR_ARGUMENT,
                        "the plan is not in two halves: give gt_plan_options.late when it is made");
}

gt_status gt_workspace_run_forward(gt_workspace *work)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    gt_status status = check_halves(work);
    status = status != GT_OK ? status : check_arrays(work, false);
    return status != GT_OK ? status : run(work, (part){.forward = true});
}

gt_status gt_workspace_run_backward(gt_workspace *work)
{
    if (work == NULL)
        return GT_ERROR_ARGUMENT;
    gt_status status = check_halves(work);
    if (status != GT_OK)
        return status;
    if (work->has_run == HALF_NONE)
        return gt_error_set(&work->error, GT_ERROR_ARGUMENT,
                            "the backward half has nothing to read: call gt_workspace_run_forward first");
    if (work->has_run == HALF_USED)
        return gt_error_set(&work->error, GT_ERROR_ARGUMENT,
                            "the backward half has run, and written over what it reads: run the forward half again, "
                            "or make the plan repeatable");
    status = check_arrays(work, true);
    if (status != GT_OK)
        return status;
    return run(work, (part){.backward = true});
}

static bool was_told(const gt_workspace *work, uint32_t i)
{
    for (uint32_t k = 0; k < work->told; k++)
        if (work->completions[k].output == i)
            return true;
    return false;
}

/* Outputs of the backward half are not there before it has run, but for those that are complete already. */
static bool is_there(const gt_workspace *work, uint32_t i)
{
    return work->has_run >= HALF_BOTH || (work->has_run == HALF_FORWARD && !is_late(work, i)) || was_told(work, i);
}

const void *gt_workspace_value(const gt_workspace *work, uint32_t i)
{
    if (work == NULL || i >= work->plan->output_count || !is_there(work, i))
        return NULL;
    return work->outputs[i] != NULL ? work->outputs[i] : computed(work, i);
}

gt_array gt_workspace_array(const gt_workspace *work, uint32_t i)
{
    const void *value = gt_workspace_value(work, i);
    if (value == NULL)
        return (gt_array){0};
    const gt_operand *output = &work->plan->outputs[i];
    return (gt_array){(void *)(uintptr_t)value, output->dtype, output->shape}; /* the cast takes off a const */
}

const char *gt_workspace_message(const gt_workspace *work)
{
    return work == NULL ? "no memory for a workspace" : work->error.message;
}
