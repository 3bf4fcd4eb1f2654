/* gradtape tasks: the tasks that make their own sequences. */
#include "command/json.h"
#include "command/options.h"
#include "command/page.h"
#include "data/tasks.h"

#include <math.h>
#include <stdio.h>

static int tasks(const gt_command *command, int argument_count, char **arguments);

const gt_command gt_command_tasks = {
    .name = "tasks",
    .summary = "lists the tasks that 'train --task' makes, and what they test",
    .run = tasks,
};

static const char description[] =
    "Lists the tasks whose sequences 'gradtape train --task' makes from a seed. Behind the name stand its sizes, which "
    "may be left out. The baseline is what is reached by always predicting the same, the frequencies of the classes or "
    "the mean; the optimum is the smallest loss there is. Losses are in bits, or mean squared errors of numbers.";

static const char examples[] = "  gradtape train --task adding:100 --cell gru --save adding.npz\n"
                               "  gradtape train --task dyck:3 --cell mine.cell --save dyck.npz\n";

/* Few examples tell the baseline of a task to two digits. */
static bool find_baseline(const gt_task *task, gt_baseline *baseline, gt_error *error)
{
    enum { EXAMPLES = 2000 };
    gt_dataset data = {0};
    *baseline = (gt_baseline){NAN, NAN};
    if (task->fill == NULL)
        return true;
    bool good = gt_task_make(task, task->usual, 1, 1, EXAMPLES, GT_F32, &data, error) &&
                gt_dataset_baseline(&data, baseline, error);
    gt_dataset_free(&data);
    return good;
}

static void print_task(const gt_task *task, const gt_baseline *baseline)
{
    gt_page_print("%-20s  %s (%s)\n", task->form, task->tests, task->source);
    if (task->fill == NULL)
        return;
    gt_page_print("%-20s  %s, usually %lld", "", gt_data_kinds[task->kind], (long long)task->usual[0]);
    if (task->high[1] > 0)
        gt_page_print(" and %lld", (long long)task->usual[1]);
    gt_page_print("; baseline %.2f%s", baseline->loss, isnan(baseline->accuracy) ? " squared error" : " bits");
    if (!isnan(baseline->accuracy))
        gt_page_print(", %.0f %% right", 100 * baseline->accuracy);
    if (!isnan(task->optimum))
        gt_page_print("; optimum %g", task->optimum);
    gt_page_print("\n");
}

static void write_task(gt_json *json, const gt_task *task, const gt_baseline *baseline)
{
    gt_json_object(json, NULL);
    gt_json_text(json, "name", task->name);
    gt_json_text(json, "form", task->form);
    gt_json_text(json, "tests", task->tests);
    gt_json_text(json, "source", task->source);
    gt_json_text(json, "kind", gt_data_kinds[task->kind]);
    gt_json_array(json, "sizes");
    for (int i = 0; i < 2 && task->high[i] > 0; i++)
        gt_json_integer(json, NULL, task->usual[i]);
    gt_json_close(json);
    gt_json_real(json, "baseline", baseline->loss);
    gt_json_real(json, "baseline_accuracy", baseline->accuracy);
    gt_json_real(json, "optimum", task->optimum);
    gt_json_close(json);
}

static int tasks(const gt_command *command, int argument_count, char **arguments)
{
    bool as_json = false;
    int status;
    const gt_option options[] = {
        GT_OPTION_FLAG("json", &as_json, "print JSON", .file = GT_FILE_PRINTED),
        GT_OPTION_END,
    };
    const gt_usage usage = {.command = command, .options = options, .description = description, .examples = examples};
    if (!gt_usage_parse(&usage, argument_count, arguments, &status))
        return status;
    gt_json *json = as_json ? gt_json_begin(command, 1) : NULL;
    if (as_json && json == NULL)
        return GT_EXIT_USAGE;
    gt_json_array(json, "tasks");
    for (uint32_t i = 0; gt_task_at(i) != NULL; i++) {
        gt_baseline baseline;
        gt_error error = {0};
        if (!find_baseline(gt_task_at(i), &baseline, &error)) {
            gt_json_drop(json);
            return gt_command_fail_error(command, &error);
        }
        if (as_json)
            write_task(json, gt_task_at(i), &baseline);
        else
            print_task(gt_task_at(i), &baseline);
    }
    gt_json_close(json);
    return as_json ? gt_json_finish(json, GT_EXIT_GOOD) : GT_EXIT_GOOD;
}
