/* gradtape check: a cell's gradients verified, and mistakes in handwritten ones found. */
#include "base/clock.h"
#include "cli/check/arrays.h"
#include "cli/check/explain.h"
#include "cli/check/settings.h"
#include "command/cell_source.h"
#include "command/constants.h"
#include "command/options.h"
#include "command/terminal.h"

#include <stdio.h>

static const char description[] =
    "Verifies a cell in f64, over one step and over a whole sequence, with a random upstream "
    "gradient for every state and output: the tape's gradients, rolled, unrolled and planned, "
    "against numeric derivatives that come with an error bar; and, for a file with a 'backward' "
    "block, every formula in it against the tape, step by step and over the whole sequence. Where "
    "something disagrees it says which equation, gate, time step and entry, and what the likely "
    "mistake is.\n\n"
    "--against FILE.npz compares gradients that were computed elsewhere: the file has the inputs "
    "with the names of 'gradtape grad' (x, parameters, a0, upstream gradients da, dy, ...), and "
    "beside them gradients dP, dx, da0, ... to be compared; those that are there are.\n\n"
    "--at FILE.npz checks at a point of your own: what the file has (x, parameters, a0, upstream "
    "gradients) takes the place of what would be random.\n\n"
    "What a check of formulas or arrays did not verify, because there is no formula or array for it, "
    "and what its numbers cannot show, such as a branch that no entry takes, is said beside the "
    "verdict. --require-all makes a gradient that is missing wrong.\n\n"
    "Exit status: 0 right; 1 wrong; 2 undecidable at this precision, or bad input.";

static const char examples[] = "  gradtape check lstm\n"
                               "  gradtape check mine.cell --dims n_x=3,n_a=5 --seed 2\n"
                               "  gradtape check lstm --against homework.npz --json\n"
                               "  gradtape check mine.cell --html report.html --no-repair\n";

typedef struct settings {
    const char *cell_text, *set, *dims, *junit, *html;
    gt_text_list against_files, at_files;
    const char *against, *at; /* their names, or NULL */
    char against_names[256], at_names[256];
    int64_t batch, steps, seed;
    bool json, all, require_all, no_repair, batch_given, steps_given;
} settings;

/* ---- progress ------------------------------------------------------------------------------ */

static bool show(void *context, const char *stage, double done)
{
    if (*(bool *)context)
        fprintf(stderr, "\r\033[K%s: %.0f %%", stage != NULL ? stage : "checking", 100 * done);
    return false;
}

/* ---- checking ------------------------------------------------------------------------------ */

/* What would be right, and what the mistake is likely to be, is for those who do not have to find it. */
static void keep_back_repairs(gt_report *report)
{
    for (uint32_t i = 0; i < report->finding_count; i++) {
        gt_finding *f = &report->findings[i];
        f->diagnosis = (gt_diagnosis){.kind = "", .text = "", .repaired = ""};
        f->expected_arithmetic = "";
    }
}

static gt_status check(const settings *s, gt_check_result *result, gt_report *report, gt_error *error)
{
    bool terminal = gt_terminal_overwrites(stderr);
    gt_check_options options = {.seed = (uint32_t)s->seed,
                                .require_all = s->require_all,
                                .diagnose = gt_diagnose,
                                .arithmetic = s->html != NULL || s->json ? gt_arithmetic : NULL,
                                .interrupt = show,
                                .context = &terminal};
    double start = gt_clock_seconds();
    gt_status status = gt_check_cell(result->sizes->cell, result->problem, &options, report, error);
    if (terminal)
        fprintf(stderr, "\r\033[K");
    result->seconds = gt_clock_seconds() - start;
    if (s->no_repair)
        keep_back_repairs(report);
    return status;
}

/* ---- answering ----------------------------------------------------------------------------- */

static int answer(const gt_command *command, const settings *s, const gt_check_result *result)
{
    static const int exits[] = {[GT_RIGHT] = GT_EXIT_GOOD, [GT_WRONG] = GT_EXIT_BAD, [GT_UNDECIDABLE] = GT_EXIT_USAGE};
    int status = exits[result->report->verdict];
    gt_error error = {0};
    if (s->junit != NULL && gt_check_write_junit(result, s->junit, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    if (s->html != NULL && gt_check_write_page(result, s->html, &error) != GT_OK)
        return gt_command_fail_error(command, &error);
    if (!s->json) {
        if (!gt_file_is_standard(s->junit) && !gt_file_is_standard(s->html))
            gt_check_print(result);
        return status;
    }
    gt_json *json = gt_json_begin(command, 1);
    if (json == NULL)
        return GT_EXIT_USAGE;
    gt_check_write_json(result, json);
    return gt_json_finish(json, status);
}

/* The reasons in the forms that were asked for, besides the words on stderr. */
static int report_refusal(const gt_command *command, const settings *s, const gt_check_refusal *refusal)
{
    gt_error error = {0};
    if (s->junit != NULL && gt_check_write_refusal_junit(refusal, s->junit, &error) != GT_OK)
        gt_command_fail_error(command, &error);
    if (s->html != NULL && gt_check_write_refusal_page(refusal, s->html, &error) != GT_OK)
        gt_command_fail_error(command, &error);
    gt_json *json = s->json ? gt_json_begin(command, 1) : NULL;
    if (json == NULL)
        return GT_EXIT_USAGE;
    gt_check_write_refusal_json(refusal, json);
    return gt_json_finish(json, GT_EXIT_USAGE);
}

/* Says why there is no verdict. */
static int refuse(const gt_command *command, const settings *s, const gt_parsed_cell *parsed, const gt_error *error)
{
    gt_diagnosis explanations[GT_MOST_EXPLANATIONS];
    gt_report words = {0};
    gt_error no_explanation = {0};
    gt_check_refusal refusal = {.source = s->cell_text,
                                .parsed = parsed,
                                .error = error,
                                .explanations = explanations,
                                .no_hints = s->no_repair};
    if (!gt_check_refused_text(&refusal))
        gt_command_fail_error(command, error);
    else if (!s->no_repair &&
             !gt_check_explain(parsed, &words, explanations, &refusal.explanation_count, &no_explanation))
        gt_command_fail_error(command, &no_explanation);
    for (uint32_t i = 0; i < refusal.explanation_count; i++)
        gt_check_explanation_print(&explanations[i]);
    int exit_status = report_refusal(command, s, &refusal);
    gt_report_free(&words);
    return exit_status;
}

static int check_cell(const gt_command *command, const settings *s, const gt_cell_source *source)
{
    gt_error error = {0};
    gt_check_sizes sizes = {.examples = s->batch, .steps = s->steps};
    const gt_text_list *files = s->against != NULL ? &s->against_files : &s->at_files;
    gt_archive *arrays = NULL;
    gt_report report = {0};
    gt_check_problem problem = {0};
    gt_check_result result = {.sizes = &sizes,
                              .report = &report,
                              .source = s->cell_text,
                              .against = s->against,
                              .at = s->at,
                              .all = s->all,
                              .problem = &problem,
                              .parsed = source->parsed,
                              .files = files->count > 0 ? files : NULL,
                              .set = s->set,
                              .no_repair = s->no_repair};
    gt_status status = GT_OK;
    if (files->count > 0) {
        arrays = gt_check_read_arrays(source->cell, files, &error);
        status = arrays != NULL ? GT_OK : error.status;
    }
    if (status == GT_OK)
        status = gt_check_sizes_find(&sizes, source->cell, s->dims, arrays, s->against != NULL, &error);
    problem = (gt_check_problem){.dimensions = sizes.dimensions.list,
                                 .dimension_count = sizes.dimensions.count,
                                 .examples = sizes.examples,
                                 .steps = sizes.steps,
                                 .given = s->against != NULL ? arrays : NULL,
                                 .at = s->at != NULL ? arrays : NULL};
    result.arrays = arrays;
    if (status == GT_OK)
        status = check(s, &result, &report, &error);
    int exit_status = status == GT_OK ? answer(command, s, &result) : refuse(command, s, source->parsed, &error);
    gt_report_free(&report);
    gt_archive_free(arrays);
    return exit_status;
}

/* With all arguments read. */
static int check_files(const gt_command *command, settings *s)
{
    if (s->against_files.count > 0)
        s->against = gt_arrays_describe(&s->against_files, s->against_names, sizeof s->against_names);
    if (s->at_files.count > 0)
        s->at = gt_arrays_describe(&s->at_files, s->at_names, sizeof s->at_names);
    if (s->against != NULL && s->at != NULL)
        return gt_command_fail(command, "--against and --at: the arrays to compare with tell the point already");
    if (s->against != NULL && (s->batch_given || s->steps_given))
        return gt_command_fail(command, "--against and --%s: the file's arrays tell m and T",
                               s->batch_given ? "batch" : "steps");
    gt_cell_source source = {.set = s->set};
    gt_error error = {0};
    bool found = gt_cell_source_find_sized(&source, s->cell_text, s->dims, &error);
    if (s->no_repair)
        gt_cell_source_print_without_hints(source.parsed);
    else
        gt_cell_source_print(source.parsed);
    int status = found ? check_cell(command, s, &source) : refuse(command, s, source.parsed, &error);
    gt_cell_source_free(&source);
    return status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    settings s = {.batch = 10, .steps = 7, .seed = 1};
    const gt_option operands[] = {
        GT_OPERAND_CELL(&s.cell_text),
        GT_OPTION_END,
    };
    const gt_option options[] = {
        GT_OPTION_CONSTANTS(&s.set),
        GT_OPTION_TEXT("dims", "NAME=N,...", &s.dims,
                       "sizes that the cell's equations name (default n_x=3,n_a=5,n_y=2; others small)",
                       .no_default = true),
        GT_OPTION_INTEGER("batch", "M", &s.batch, 1, 1 << 16, "examples", .given = &s.batch_given),
        GT_OPTION_INTEGER("steps", "T", &s.steps, 1, 1 << 16, "time steps", .given = &s.steps_given),
        GT_OPTION_INTEGER("seed", "N", &s.seed, 0, UINT32_MAX, "of everything random"),
        GT_OPTION_TEXTS(
            "against", "FILE", &s.against_files,
            "gradients computed elsewhere, with the inputs: .npz, .safetensors, or several .npy files, each "
            "after --against",
            .one_each = true, .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXTS("at", "FILE", &s.at_files, "arrays to check at, in place of random ones", .one_each = true,
                        .file = GT_FILE_ARCHIVE),
        GT_OPTION_FLAG("require-all", &s.require_all, "a gradient without a formula, or without an array, is wrong"),
        GT_OPTION_FLAG("all", &s.all, "print every finding"),
        GT_OPTION_FLAG("json", &s.json, "everything in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_TEXT("junit", "FILE.xml", &s.junit, "write a test report, too", .file = GT_FILE_WRITTEN),
        GT_OPTION_TEXT("html", "FILE.html", &s.html, "write a page that opens at what is wrong, too",
                       .file = GT_FILE_WRITTEN),
        GT_OPTION_FLAG("no-repair", &s.no_repair,
                       "do not say what would be right, nor what the mistake is: for homework"),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, operands, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    status = check_files(command, &s);
    gt_text_list_free(&s.against_files);
    gt_text_list_free(&s.at_files);
    return status;
}

const gt_command gt_command_check = {
    "check",
    "verifies a cell's gradients, and finds mistakes in handwritten ones",
    run,
};
