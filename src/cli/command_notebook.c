/* gradtape notebook: the teaching notebook's eight exercises, reproduced and cross-checked. */
#include "cli/notebook/report.h"
#include "command/options.h"

#include <stdio.h>
#include <stdlib.h>

static const char description[] =
    "Reproduces the eight exercises of the notebook \"Building your Recurrent Neural Network - "
    "Step "
    "by Step\" from its own random inputs. For every number that the notebook prints: the "
    "notebook's, the tape with a copy of the cell for each step, the tape as one scan, the "
    "notebook's formulas as plain loops, and a central difference of the forward pass; and under "
    "each array its shape, with the largest relative disagreement over all of its entries. The "
    "tape is run by the interpreter, the reference for all other engines.\n\n"
    "The tape must agree with the formulas to 1e-12, the differences to 1e-8, and everything but "
    "the differences with all printed digits; what does not is marked with '!'.";

static const char examples[] = "  gradtape notebook --exercise lstm_backward\n"
                               "  gradtape notebook --brief\n";

typedef struct settings {
    int exercise; /* -1: all */
    bool brief, json;
} settings;

static gt_status judge(const gt_exercise *exercise, gt_notebook_verdict *verdict, gt_error *error)
{
    gt_testimony testimony;
    gt_status status = gt_testimony_hear(&testimony, exercise, error);
    if (status == GT_OK)
        gt_verdict_reach(verdict, &testimony);
    gt_testimony_free(&testimony);
    return status;
}

static int print_json(const gt_command *command, const gt_notebook_verdict *verdicts, uint32_t count, int status)
{
    gt_json *json = gt_json_begin(command, 1);
    gt_json_object(json, "tolerances");
    gt_json_real(json, "tape", GT_TOLERANCE_TAPE);
    gt_json_real(json, "difference", GT_TOLERANCE_DIFFERENCES);
    gt_json_real(json, "full", GT_TOLERANCE_FULL);
    gt_json_close(json);
    gt_json_array(json, "exercises");
    for (uint32_t i = 0; i < count; i++)
        gt_report_json(json, &verdicts[i]);
    gt_json_close(json);
    gt_json_text(json, "verdict", status == GT_EXIT_GOOD ? "good" : "bad");
    return gt_json_finish(json, status);
}

static int judge_all(const gt_command *command, const settings *s, gt_notebook_verdict *verdicts)
{
    uint32_t count = 0;
    int status = GT_EXIT_GOOD;
    for (uint32_t i = 0; i < GT_EXERCISE_COUNT; i++) {
        if (s->exercise >= 0 && (uint32_t)s->exercise != i)
            continue;
        gt_error error = {0};
        gt_notebook_verdict *verdict = &verdicts[count++];
        if (judge(gt_exercise_at(i), verdict, &error) != GT_OK)
            return gt_command_fail(command, "%s: %s", gt_exercise_at(i)->name, error.message);
        if (!verdict->good)
            status = GT_EXIT_BAD;
        if (!s->json && s->brief)
            gt_report_line(verdict);
        else if (!s->json)
            gt_report_exercise(verdict);
    }
    if (s->json)
        return print_json(command, verdicts, count, status);
    gt_report_verdict(verdicts, count);
    return status;
}

static int run(const gt_command *command, int argument_count, char **arguments)
{
    const char *names[GT_EXERCISE_COUNT + 1] = {NULL};
    for (uint32_t i = 0; i < GT_EXERCISE_COUNT; i++)
        names[i] = gt_exercise_at(i)->name;
    settings s = {.exercise = -1};
    const gt_option options[] = {
        GT_OPTION_CHOICE("exercise", &s.exercise, names, "one exercise (default all)", .argument = "NAME",
                         .no_default = true),
        GT_OPTION_FLAG("brief", &s.brief, "one line for each exercise"),
        GT_OPTION_FLAG("json", &s.json, "everything in JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {command, NULL, options, description, examples};
    int status;
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_notebook_verdict *verdicts = calloc(GT_EXERCISE_COUNT, sizeof *verdicts);
    if (verdicts == NULL)
        return gt_command_fail(command, "out of memory");
    status = judge_all(command, &s, verdicts);
    free(verdicts);
    return status;
}

const gt_command gt_command_notebook = {
    "notebook",
    "reproduces the teaching notebook's exercises and cross-checks them",
    run,
};
