/* gradtape plan: the program that the planner makes of a cell, in words. */
#include "base/utf8.h"
#include "cli/bench/program.h"
#include "cli/bench/training_step.h"
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/options.h"
#include "plan/describe/description.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_SKIPPED 32

static const char description[] =
    "Shows the program that the planner makes of a training step of a cell, the one that "
    "'gradtape bench' times: what each pass did; then, loop by loop, the matrix products, the runs "
    "of element-by-element ops that are done together on one tile of an array after the other, "
    "what is stored, and what is copied; and what all of it costs.\n\n"
    "Values have the names of the cell's equations. One without a name is t1, t2 and so on. "
    "The gradient of f is df, and d(f.in) is that of the argument of the op that gives f.";

static const char examples[] = "  gradtape plan lstm\n"
                               "  gradtape plan gru --dims n_x=3,n_a=5 --batch 10 --steps 7\n"
                               "  gradtape plan rnn --skip fission\n"
                               "  gradtape plan rnn --after accumulate\n"
                               "  gradtape plan lstm --steps 100000 --memory 500M\n";

typedef struct settings {
    const char *cell_text, *set;
    int dtype;
    const char *dims;
    gt_text_list skip;
    const char *after;
    bool exact, json;
    gt_step_settings step;
} settings;

static bool is_pass(const char *name)
{
    for (uint32_t i = 0; gt_plan_pass(i) != NULL; i++)
        if (strcmp(gt_plan_pass(i), name) == 0)
            return true;
    return false;
}

/* "fold, fission, ..." */
static void list_passes(char *text, size_t size)
{
    *text = '\0';
    for (uint32_t k = 0; gt_plan_pass(k) != NULL; k++)
        gt_utf8_append(text, size, "%s%s", k > 0 ? ", " : "", gt_plan_pass(k));
}

static gt_status no_pass(const char *option, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    char all[400];
    for (uint32_t k = 0; gt_plan_pass(k) != NULL; k++)
        gt_nearest_offer(&nearest, gt_plan_pass(k));
    if (nearest.best != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: there is no pass '%s'; did you mean '%s'?", option, name,
                            nearest.best);
    list_passes(all, sizeof all);
    return gt_error_set(error, GT_ERROR_ARGUMENT, "%s: there is no pass '%.*s'; the passes are %s", option,
                        gt_utf8_fit(name, 60), name, all);
}

static gt_status check_passes(const settings *s, gt_error *error)
{
    for (uint32_t i = 0; i < s->skip.count; i++)
        if (!is_pass(s->skip.items[i]))
            return no_pass("--skip", s->skip.items[i], error);
    if (s->after != NULL && !is_pass(s->after))
        return no_pass("--after", s->after, error);
    if (s->after != NULL && s->json)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--after prints text: leave out --json");
    if (s->skip.count >= MOST_SKIPPED)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "--skip: at most %d passes", MOST_SKIPPED - 1);
    return GT_OK;
}

static gt_status describe(const settings *s, gt_training_step *step, gt_plan_description **plan, gt_error *error)
{
    const char *skip[MOST_SKIPPED] = {NULL};
    for (uint32_t i = 0; i < s->skip.count; i++)
        skip[i] = s->skip.items[i];
    gt_status status = gt_training_step_record(step, &s->step, error);
    if (status != GT_OK)
        return status;
    gt_plan_options options = gt_step_plan_options(&s->step);
    options.skip = skip;
    options.exact = s->exact;
    *plan = gt_plan_describe(step->outputs, step->output_count, &options, s->after != NULL, error);
    return *plan == NULL ? error->status : GT_OK;
}

/* The tape behind each pass of that name that is not left out. */
static int print_programs(const gt_plan_description *plan, const char *pass)
{
    bool printed = false;
    for (uint32_t k = 0; gt_plan_description_change(plan, k) != NULL; k++) {
        const gt_plan_change *change = gt_plan_description_change(plan, k);
        if (strcmp(change->pass, pass) != 0)
            continue;
        printf("%safter %s: %s\n%s", printed ? "\n" : "", pass, change->text, change->program);
        printed = true;
    }
    if (!printed)
        printf("%s changes no tape, or is left out\n", pass);
    return GT_EXIT_GOOD;
}

static int show(const gt_command *command, const settings *s)
{
    gt_error error = {0};
    gt_plan_description *plan = NULL;
    gt_training_step *step = calloc(1, sizeof *step);
    if (step == NULL)
        return gt_command_fail(command, "out of memory");
    gt_status status = check_passes(s, &error);
    if (status == GT_OK)
        status = describe(s, step, &plan, &error);
    int answer = GT_EXIT_GOOD;
    if (status != GT_OK) {
        answer = gt_command_fail_error(command, &error);
    } else if (s->json) {
        gt_json *json = gt_json_begin(command, 1);
        if (json != NULL)
            gt_program_json(&s->step, &step->reads, plan, json);
        answer = json == NULL ? GT_EXIT_USAGE : gt_json_finish(json, GT_EXIT_GOOD);
    } else if (s->after != NULL) {
        answer = print_programs(plan, s->after);
    } else {
        gt_program_print(&s->step, &step->reads, plan);
    }
    gt_plan_description_free(plan);
    gt_training_step_free(step);
    free(step);
    return answer;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.step = {.batch = 64, .steps = 64}};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims, "sizes that the cell's equations name (default 256 each)",
                       .no_default = true),
        GT_OPTION_INTEGER("batch", "M", &s.step.batch, 1, 1 << 20, "examples"),
        GT_OPTION_INTEGER("steps", "T", &s.step.steps, 1, 1 << 24, "time steps"),
        GT_OPTION_CHOICE("dtype", &s.dtype, gt_real_types, "type of the numbers"),
        GT_OPTION_FLAG("forward", &s.step.forward, "the forward pass alone"),
        GT_OPTION_FLAG("unrolled", &s.step.unrolled, "record a copy of the cell for each time step"),
        GT_OPTION_BYTES("memory", &s.step.memory, "most memory of the plan's own, such as 64M: loops are cut for it"),
        GT_OPTION_TEXTS("skip", "PASS", &s.skip, "passes to leave out"),
        GT_OPTION_TEXT("after", "PASS", &s.after, "print the tape after that pass instead", .no_default = true),
        GT_OPTION_FLAG("exact", &s.exact, "keep the interpreter's bits"),
        GT_OPTION_FLAG("json", &s.json, "everything in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_cell_source source = {.set = s.set};
    gt_error error = {0};
    if (gt_cell_source_open(&source, command, s.cell_text)) {
        s.step.cell = source.cell;
        s.step.dtype = gt_real_type(s.dtype);
        status = gt_step_read_dimensions(&s.step, s.dims, &error) == GT_OK ? show(command, &s)
                                                                           : gt_command_fail_error(command, &error);
        gt_cell_source_free(&source);
    } else {
        status = GT_EXIT_USAGE;
    }
    gt_text_list_free(&s.skip);
    return status;
}

const gt_command gt_command_plan = {
    "plan",
    "shows the program that the planner makes of a cell, and what it costs",
    run,
};
