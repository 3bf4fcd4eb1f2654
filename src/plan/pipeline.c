/*
 * The passes, one after the other. Why they stand in this order: docs/planner.md.
 *
 * Needs: outputs on a tape without errors. Leaves: a program that has been through the passes
 * that are not left out, verified, with the choices for the lowering.
 */
#include "plan/pipeline.h"

#include "base/caches.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/processor.h"
#include "base/utf8.h"
#include "plan/rewrite/halves.h"
#include "plan/rewrite/name.h"
#include "plan/rewrite/passes.h"
#include "plan/verify/verify.h"

#include <string.h>

const gt_pass gt_pipeline[] = {
    {"roll", &gt_pass_roll, true, 0, 0},
    {"simplify", &gt_pass_simplify, true, 0, 0},
    {"segment", &gt_pass_segment, true, 0, 1},
    {"segment", &gt_pass_segment_again, true, 0, 2},
    {"join-pads", &gt_pass_join_pads, false, 0, 0},
    {"split-products", &gt_pass_split_products, false, 0, 0},
    {"narrow-ops", &gt_pass_narrow_ops, false, 0, 0},
    {"simplify", &gt_pass_simplify, true, 0, 0},
    {"recompute", &gt_pass_recompute, true, 0, 0},
    {"accumulate", &gt_pass_accumulate, false, 0, 0},
    {"reorder-sums", &gt_pass_reorder_sums, false, 0, 0},
    {"fission", &gt_pass_fission, false, 0, 0},
    {"multiply-tables", &gt_pass_multiply_tables, false, 0, 0},
    {"simplify", &gt_pass_simplify, true, 0, 0},
    {"stack-products", NULL, true, GT_CHOICE_STACK_PRODUCTS, 0},
    {"start-sums", NULL, false, GT_CHOICE_START_SUMS, 0},
    {"sum-with-products", NULL, false, GT_CHOICE_SUM_WITH_PRODUCTS, 0},
    {"shift-states", NULL, true, GT_CHOICE_SHIFT_STATES, 0},
    {"join-concats", NULL, true, GT_CHOICE_JOIN_CONCATS, 0},
    {"reuse-memory", NULL, true, GT_CHOICE_REUSE_MEMORY, 0},
    {"fuse-columns", NULL, false, GT_CHOICE_FUSE_COLUMNS, 0},
    {"compile-runs", NULL, false, GT_CHOICE_COMPILE_RUNS, 0},
    {"compile-products", NULL, true, GT_CHOICE_COMPILE_PRODUCTS, 0},
    {"compile-steps", NULL, true, GT_CHOICE_COMPILE_STEPS, 0},
    {"accompany-loops", NULL, true, GT_CHOICE_ACCOMPANY_LOOPS, 0},
    {"fetch-ahead", NULL, true, GT_CHOICE_FETCH_AHEAD, 0},
    {NULL, NULL, true, 0, 0},
};

static bool is_skipped(const gt_pass *pass, const gt_plan_options *options, const gt_segments *segments)
{
    if (pass->cut > segments->count)
        return true;
    if (options == NULL)
        return false;
    for (const char *const *skip = options->skip; skip != NULL && *skip != NULL; skip++)
        if (strcmp(*skip, pass->name) == 0)
            return true;
    return options->exact && !pass->exact;
}

/* The user's tape as a program; it owns the lists, not the tape. */
static bool begin(const gt_var *outputs, uint32_t output_count, gt_program *program)
{
    gt_tape *tape = outputs[0].tape;
    uint32_t inputs = 0;
    for (uint32_t i = 1; i <= tape->node_count; i++)
        inputs += gt_tape_node(tape, i)->role != GT_ROLE_NONE;
    *program = (gt_program){.tape = tape, .output_count = output_count, .input_count = inputs};
    program->outputs = gt_memory_new(output_count, sizeof *program->outputs);
    program->inputs = gt_memory_new(inputs, sizeof *program->inputs);
    if (program->outputs == NULL || program->inputs == NULL)
        return false;
    memcpy(program->outputs, outputs, output_count * sizeof *outputs);
    inputs = 0;
    for (uint32_t i = 1; i <= tape->node_count; i++)
        if (gt_tape_node(tape, i)->role != GT_ROLE_NONE)
            program->inputs[inputs++] = gt_tape_at(tape, i);
    return true;
}

/* Which inputs the options call late, and which outputs of the user's tape depend on them. False on no memory. */
static bool begin_halves(const gt_plan_options *options, gt_program *program)
{
    if (options == NULL || options->late_count == 0)
        return true;
    uint8_t *late = gt_memory_new(program->tape->node_count + 1, 1);
    program->repeatable = options->repeatable || options->prepared;
    program->prepared = options->prepared;
    program->late_inputs = gt_memory_new(program->input_count, 1);
    program->late_outputs = gt_memory_new(program->output_count, 1);
    bool begun = late != NULL && program->late_inputs != NULL && program->late_outputs != NULL;
    for (uint32_t k = 0; k < program->input_count && begun; k++)
        for (uint32_t i = 0; i < options->late_count; i++)
            program->late_inputs[k] |= options->late[i].index == program->inputs[k].index;
    if (begun)
        gt_halves_mark_late(program, late);
    for (uint32_t k = 0; k < program->output_count && begun; k++)
        program->late_outputs[k] = late[program->outputs[k].index];
    gt_memory_free(late);
    return begun;
}

static gt_status no_memory(gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory to plan");
}

static gt_status check_late(const gt_tape *tape, const gt_plan_options *options, gt_error *error)
{
    if (options == NULL || options->late_count == 0)
        return GT_OK;
    if (options->late == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "late_count is %u, but late is NULL",
                            (unsigned)options->late_count);
    for (uint32_t i = 0; i < options->late_count; i++)
        if (!gt_var_valid(options->late[i]) || options->late[i].tape != tape ||
            gt_var_role(options->late[i]) == GT_ROLE_NONE)
            return gt_error_set(error, GT_ERROR_TAPE, "late var %u is no input of the outputs' tape", (unsigned)i + 1);
    return GT_OK;
}

static gt_status check(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options, gt_error *error)
{
    if (outputs == NULL || output_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "a plan needs at least one output");
    for (uint32_t i = 0; i < output_count; i++)
        if (!gt_var_valid(outputs[i]) || outputs[i].tape != outputs[0].tape ||
            gt_class_is_tuple(gt_var_op(outputs[i])->op_class))
            return gt_error_set(error, GT_ERROR_TAPE, "output %u is no valid var of the tape of the others",
                                (unsigned)i + 1);
    const gt_error *tape_error = &outputs[0].tape->error;
    if (tape_error->status != GT_OK)
        return gt_error_set(error, tape_error->status, "the tape has an error: %.*s",
                            gt_utf8_fit(tape_error->message, 400), tape_error->message);
    gt_status status = gt_processor_check(error);
    if (status == GT_OK)
        status = gt_cache_check(error);
    return status == GT_OK ? check_late(outputs[0].tape, options, error) : status;
}

/* The tape was in order before: it is a pass that fails, or memory. */
static gt_status pass_failed(const gt_error *problem, gt_error *error)
{
    if (problem->status == GT_ERROR_MEMORY)
        return gt_error_set(error, problem->status, "planning failed: %.*s", gt_utf8_fit(problem->message, 400),
                            problem->message);
    return gt_error_set(error, problem->status,
                        "planning failed: %.*s. This is an error of gradtape, not of the tape: "
                        "leave out passes by name until the tape can be planned, and report it",
                        gt_utf8_fit(problem->message, 300), problem->message);
}

/* A program in disorder would give wrong numbers; an error is better. */
static gt_status verify(const gt_program *program, gt_error *error)
{
    gt_error problem = program->tape->error;
    if (problem.status != GT_OK || gt_program_verify(program, &problem) != GT_OK)
        return pass_failed(&problem, error);
    return GT_OK;
}

/* In debug builds a pass that leaves a program in disorder is found at once, in others when all are done. */
static gt_status verify_between(const gt_program *program, gt_error *error)
{
#ifdef GT_VERIFY_PLANS
    return verify(program, error);
#else
    (void)program;
    (void)error;
    return GT_OK;
#endif
}

gt_status gt_pipeline_run(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                          gt_program *program, gt_error *error)
{
    return gt_pipeline_run_watched(outputs, output_count, options, NULL, NULL, program, error);
}

/* Of halves that a pass has mixed, it is left out. */
static bool undo_mixing(const gt_program *before, gt_program *after)
{
    static const gt_rewrite plain = {0};
    bool known = true;
    if (after->late_inputs == NULL || after->tape->error.status != GT_OK)
        return true;
    if (!gt_halves_are_mixed(after, &known))
        return known;
    gt_program_free(after);
    return gt_program_copy(before, &plain, after);
}

/* A pass over tapes: *program becomes what the rewrite makes of it. */
static gt_status rewrite(gt_program *program, const gt_pass *pass, const gt_pipeline_watch *watch, gt_error *error)
{
    gt_program before = *program;
    bool copied = gt_program_copy(&before, pass->rewrite, program) && undo_mixing(&before, program);
    if (copied && watch != NULL && program->tape->error.status == GT_OK)
        watch->after_pass(watch->context, pass->name, &before, program);
    gt_program_free(&before);
    return copied ? verify_between(program, error) : no_memory(error);
}

/* The user's tape as a program of its own; gradients have names where somebody will read them. */
static gt_status begin_copy(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options, bool named,
                            gt_program *program, gt_error *error)
{
    static const gt_rewrite plain = {0};
    gt_program user;
    bool copied = begin(outputs, output_count, &user) && begin_halves(options, &user) &&
                  gt_program_copy(&user, named ? &gt_naming : &plain, program);
    user.tape = NULL; /* it is the user's */
    gt_program_free(&user);
    return copied ? verify_between(program, error) : no_memory(error);
}

gt_status gt_pipeline_run_watched(const gt_var *outputs, uint32_t output_count, const gt_plan_options *options,
                                  const gt_segments *segments, const gt_pipeline_watch *watch, gt_program *program,
                                  gt_error *error)
{
    gt_program now = {0};
    uint32_t choices = 0;
    *program = (gt_program){0};
    gt_status status = check(outputs, output_count, options, error);
    if (status == GT_OK)
        status = begin_copy(outputs, output_count, options, watch != NULL, &now, error);
    if (segments != NULL)
        now.segments = *segments;
    for (const gt_pass *pass = gt_pipeline; pass->name != NULL && status == GT_OK && now.tape->error.status == GT_OK;
         pass++) {
        if (is_skipped(pass, options, &now.segments))
            continue;
        choices |= pass->choice;
        if (pass->rewrite != NULL)
            status = rewrite(&now, pass, watch, error);
    }
    if (status == GT_OK)
        status = verify(&now, error);
    now.choices = choices;
    now.exact = options != NULL && options->exact;
    now.most_bytes = options != NULL ? options->memory : 0;
    now.bind_outputs = options != NULL && options->bind_outputs;
    if (status == GT_OK)
        *program = now;
    else
        gt_program_free(&now);
    return status;
}
