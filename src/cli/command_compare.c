/* gradtape compare: cells, tasks, learning rates and seeds, each with each, and a table of it. */
#include "cli/compare/curves.h"
#include "cli/compare/output.h"
#include "command/page.h"
#include "command/terminal.h"
#include "compare/claim.h"
#include "compare/crew.h"

#include <stdlib.h>
#include <string.h>

static int compare(const gt_command *command, int argument_count, char **arguments);

const gt_command gt_command_compare = {
    .name = "compare",
    .summary = "compares cells on tasks: equal sizes, several seeds, a table with tests",
    .run = compare,
};

static const char description[] =
    "Trains every cell on every task with every learning rate and every seed, each as 'gradtape train' does, and says "
    "in a table which is better, and whether that may be chance.\n"
    "With --parameters each cell has the hidden size that brings its whole network nearest to that number. Of the "
    "learning rates of --lr, each cell has the one with the smallest mean loss in validation on that task. Losses in "
    "the table are those after the last iteration, of sequences that were neither trained on nor used to choose "
    "anything: a task makes some, and --test-data gives some; where there are none, as of a text, those of the "
    "validation.\n"
    "Each run is a file of the folder --out. The same command goes on where another ended, however that ended; "
    "several processes and machines can work on one folder at the same time, and no run is done twice. More seeds, "
    "cells, tasks and rates can be asked for later: what is done stays. Seeds are --seed and those that follow it; the "
    "same seed gives all cells the same data in the same order, so that the test is a paired one.\n"
    "The folder gets report.html, a page with the table, curves with bands over the seeds and gradient norms; "
    "loss-TASK.svg and gradient-TASK.svg for a paper; table.txt, table.csv, table.tex and speeds.csv.";

static const char examples[] = "  gradtape compare lstm gru mine.cell --task adding:200 --parameters 50000 --out r\n"
                               "  gradtape compare lstm mine.cell --task dyck --lr 1e-3,3e-3 --jobs 2 --out r\n"
                               "  gradtape compare lstm mine.cell --text src/*.c --seeds 3 --out r --latex\n"
                               "  gradtape compare lstm mine.cell --task dyck --out r --list | parallel\n";

typedef enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_LATEX, FORMAT_JSON } format;

typedef struct request {
    gt_experiment experiment;
    int64_t jobs;
    const char *only;
    int format;
    bool list, quiet;
    int argument_count;
    char **arguments;
} request;

/* ---- the command line ---------------------------------------------------------------------- */

/* What 'train' is told of a run, and a comparison of all of them; not what each run has of its own. */
static bool is_common(const char *name)
{
    static const char *const own[] = {"cell", "task", "lr"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(name, own[i]) == 0)
            return false;
    return true;
}

enum { OWN_ROWS = 20 };

static void list_options(request *r, gt_option rows[OWN_ROWS + GT_FIXED_COUNT + 1])
{
    gt_experiment *e = &r->experiment;
    gt_settings *s = &e->settings;
    gt_option fixed[GT_FIXED_COUNT + 1];
    const gt_option own[OWN_ROWS] = {
        GT_OPTION_TEXTS("task", "TASK", &e->tasks,
                        "a task that makes its sequences, as adding:200 ('gradtape tasks' lists them), each after "
                        "--task; or what is to be predicted of --data",
                        .one_each = true),
        GT_OPTION_TEXTS("text", "FILE", &s->text, "a text to learn from", .file = GT_FILE_READ),
        GT_OPTION_TEXT("data", "FILE", &s->data, "sequences to learn from (.npz: x, y, lengths or mask)",
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("validation-data", "FILE", &s->validation_data,
                       "sequences to choose by (default: the --validation part of --data)", .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXT("test-data", "FILE", &e->test_data, "sequences that the table is about",
                       .file = GT_FILE_ARCHIVE),
        GT_OPTION_TEXTS(
            "set", "NAME=X,...", &e->sets,
            "constants of the cells that have them; each after --set: such a cell is compared once with each",
            .one_each = true),
        GT_OPTION_TEXT("out", "FOLDER", &e->folder, "where everything is kept", .required = true),
        GT_OPTION_INTEGER("seeds", "N", &e->seeds, 1, 10000, "runs of each cell on each task"),
        GT_OPTION_INTEGER("parameters", "N", &s->parameters, 1, 1000000000000,
                          "find each cell's --hidden so that its network has about so many parameters",
                          .no_default = true),
        GT_OPTION_TEXT("lr", "R,...", &e->rate_text, "learning rates to choose from (default: as of train)"),
        GT_OPTION_INTEGER("iterations", "N", &s->iterations, 1, 1000000000000,
                          "of each run (default 2000, unless there are --epochs)", .no_default = true),
        GT_OPTION_REAL("epochs", "R", &s->epochs, 1e-6, 1e9, "stop a run when its data have been read so many times",
                       .no_default = true),
        GT_OPTION_INTEGER("threads", "N", &s->threads, 1, GT_MOST_THREADS, "of each run"),
        GT_OPTION_INTEGER("jobs", "N", &r->jobs, 1, 1024, "runs at the same time"),
        GT_OPTION_FLAG("list", &r->list, "print the runs that are not done as commands, and do nothing"),
        GT_OPTION_TEXT("only", "RUN", &r->only, "do this run alone"),
        GT_OPTION_SET("csv", &r->format, FORMAT_CSV, "print the table as CSV"),
        GT_OPTION_SET("latex", &r->format, FORMAT_LATEX, "print it as LaTeX"),
        GT_OPTION_SET("json", &r->format, FORMAT_JSON, "print it, and all pairs of cells, as JSON"),
        GT_OPTION_FLAG("quiet", &r->quiet, "show no progress, and no table", .letter = 'q'),
    };
    memcpy(rows, own, sizeof own);
    gt_settings_fixed(s, fixed);
    uint32_t count = OWN_ROWS;
    for (uint32_t i = 0; i < GT_FIXED_COUNT; i++)
        if (is_common(fixed[i].name))
            rows[count++] = fixed[i];
    rows[count] = (gt_option)GT_OPTION_END;
}

static const char *find_contradiction(const gt_experiment *e)
{
    const gt_settings *s = &e->settings;
    if (s->text.count == 0 && s->data == NULL && e->tasks.count == 0)
        return "give what to learn from: a --task that makes its sequences, sequences with --data FILE.npz, or a text "
               "with --text FILE";
    if (s->text.count > 0 && (s->data != NULL || e->tasks.count > 0))
        return "a text is learnt character by character: leave --data and --task out, or --text";
    if (s->data != NULL && e->tasks.count != 1)
        return "say with one --task what is to be predicted of --data: classify, tag, regress, forecast or lm";
    if ((s->validation_data != NULL || e->test_data != NULL) && s->data == NULL)
        return "--validation-data and --test-data are for sequences that are given with --data";
    for (uint32_t i = 0; i < s->text.count; i++)
        if (gt_file_is_standard(s->text.items[i]))
            return "each run reads the text: give --text a file, not stdin";
    for (uint32_t i = 0; i < e->cells.count; i++)
        if (gt_file_is_standard(e->cells.items[i]))
            return "a comparison can be gone on with: give its cells as files, not on stdin";
    return gt_settings_contradiction(s);
}

static bool parse(request *r, const gt_command *command, int *status)
{
    gt_option rows[OWN_ROWS + GT_FIXED_COUNT + 1];
    const gt_option operands[] = {
        GT_OPERAND_TEXTS("CELL", &r->experiment.cells,
                         "cells to compare: names ('gradtape cells' lists them), or files", .file = GT_FILE_CELL),
        GT_OPTION_END,
    };
    r->experiment.settings = gt_settings_defaults();
    r->experiment.settings.threads = 1;
    list_options(r, rows);
    const gt_usage usage = {command, operands, rows, description, examples};
    if (!gt_usage_parse(&usage, r->argument_count, r->arguments, status))
        return false;
    const char *wrong = find_contradiction(&r->experiment);
    if (wrong != NULL)
        *status = gt_command_fail(command, "%s", wrong);
    return wrong == NULL;
}

/* ---- what is there ------------------------------------------------------------------------- */

static bool read_results(const gt_experiment *e, gt_run_result *results, uint32_t *done, gt_error *error)
{
    *done = 0;
    for (uint32_t i = 0; i < e->run_count; i++) {
        if (!gt_run_result_read(&results[i], e, &e->runs[i], error))
            return false;
        *done += results[i].present;
    }
    return true;
}

/* A run that somebody else has, and whether he still lives. */
static bool say_holder(const gt_command *command, const gt_experiment *e, const gt_experiment_run *run)
{
    char path[GT_RUN_PATH];
    gt_claim_holder holder;
    if (!gt_experiment_path(e, run, "claim", path, NULL) || !gt_claim_look(path, &holder))
        return false;
    if (holder.silent < GT_CLAIM_SILENCE)
        gt_terminal_say(stderr, "gradtape %s: run %s is under way: process %ld on %s", command->name, run->name,
                        holder.process, holder.machine);
    else
        gt_terminal_say(
            stderr,
            "gradtape %s: run %s is claimed by process %ld on %s, which has given no sign for %.0f minutes: "
            "if it is gone, remove %s and give this command again",
            command->name, run->name, holder.process, holder.machine, holder.silent / 60, path);
    fputc('\n', stderr);
    return true;
}

/* Not all is done, though nothing failed: others are at it. */
static int say_rest(const gt_command *command, const request *r, const gt_run_result *results, uint32_t done)
{
    enum { FEW = 10 };
    const gt_experiment *e = &r->experiment;
    uint32_t said = 0;
    if (r->quiet)
        return GT_EXIT_GOOD;
    for (uint32_t i = 0; i < e->run_count && said < FEW; i++)
        said += !results[i].present && say_holder(command, e, &e->runs[i]);
    gt_terminal_say(stderr,
                    "gradtape %s: %u of %u runs are done; the table is made when all are: by the last process, "
                    "or by this command again",
                    command->name, done, e->run_count);
    fputc('\n', stderr);
    return GT_EXIT_GOOD;
}

/* ---- the table ----------------------------------------------------------------------------- */

static int print_table(const gt_command *command, const request *r, const gt_table *table, int status)
{
    if (r->format == FORMAT_JSON) {
        gt_json *json = gt_json_begin(command, 1);
        if (json == NULL)
            return GT_EXIT_USAGE;
        gt_compare_write_json(json, table);
        return gt_json_finish(json, status);
    }
    if (r->format == FORMAT_CSV)
        gt_compare_write_csv(stdout, table);
    else if (r->format == FORMAT_LATEX)
        gt_compare_write_latex(stdout, table);
    else if (!r->quiet) {
        gt_compare_write_text(gt_page(), table);
        gt_page_print("\n");
        gt_compare_write_speeds(gt_page(), table);
    }
    return status;
}

static int make_table(const gt_command *command, const request *r, const gt_run_result *results)
{
    gt_table table;
    gt_error error = {0};
    int status = GT_EXIT_GOOD;
    if (!gt_table_make(&table, &r->experiment, results, &error) || !gt_compare_write_files(&table, &error) ||
        !gt_compare_write_report(&table, r->argument_count, r->arguments, &error))
        status = gt_command_fail_error(command, &error);
    for (uint32_t c = 0; status == GT_EXIT_GOOD && c < r->experiment.cell_count; c++)
        if (table.verdicts[c] != GT_RIGHT)
            status = GT_EXIT_BAD;
    if (status != GT_EXIT_USAGE)
        status = print_table(command, r, &table, status);
    gt_table_free(&table);
    return status;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static int work(const gt_command *command, const request *r, gt_run_result *results)
{
    const gt_experiment *e = &r->experiment;
    gt_error error = {0};
    gt_crew crew = {.experiment = e, .jobs = r->jobs, .quiet = r->quiet};
    uint32_t done;
    bool interrupted;
    if (r->only != NULL && (crew.only = gt_experiment_find(e, r->only, &error)) == NULL)
        return gt_command_fail_error(command, &error);
    if (!read_results(e, results, &done, &error))
        return gt_command_fail_error(command, &error);
    if (r->list) {
        gt_compare_list(stdout, e, results, r->argument_count, r->arguments);
        return GT_EXIT_GOOD;
    }
    if (!gt_compare_check_folder(e, &error) || !gt_crew_work(&crew, &interrupted, &error) ||
        !read_results(e, results, &done, &error))
        return gt_command_fail_error(command, &error);
    if (interrupted)
        return gt_command_fail(command, "interrupted: %u of %u runs are done; the same command does the rest", done,
                               e->run_count);
    if (r->only != NULL)
        return GT_EXIT_GOOD;
    return done == e->run_count ? make_table(command, r, results) : say_rest(command, r, results, done);
}

static int open_and_work(const gt_command *command, request *r)
{
    gt_error error = {0};
    if (!gt_run_result_can_be_kept(&error))
        return gt_command_fail_error(command, &error);
    if (!gt_experiment_open(&r->experiment, command, &error)) {
        if (error.message[0] != '\0') /* else it was said, with the lines of the cell */
            gt_command_fail_error(command, &error);
        return GT_EXIT_USAGE;
    }
    gt_run_result *results = calloc(r->experiment.run_count, sizeof *results);
    if (results == NULL)
        return gt_command_fail(command, "no memory for %u results", r->experiment.run_count);
    int status = work(command, r, results);
    free(results);
    return status;
}

static int compare(const gt_command *command, int argument_count, char **arguments)
{
    int status;
    request *r = calloc(1, sizeof *r); /* it is large */
    if (r == NULL)
        return gt_command_fail(command, "out of memory");
    r->experiment.seeds = 5;
    r->jobs = 1;
    r->argument_count = argument_count;
    r->arguments = arguments;
    if (parse(r, command, &status))
        status = open_and_work(command, r);
    gt_experiment_free(&r->experiment);
    free(r);
    return status;
}
