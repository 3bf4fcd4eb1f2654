#include "compare/experiment.h"
#include "compare/statistics.h"
#include "compare/terms.h"

#include "base/utf8.h"
#include "gradtape/nearest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is asked of it ------------------------------------------------------------------- */

const char *gt_experiment_task(const gt_experiment *e, uint32_t task)
{
    return e->tasks.count == 0 ? "text" : e->tasks.items[task];
}

bool gt_experiment_tests(const gt_experiment *e)
{
    return e->test_data != NULL || (e->settings.data == NULL && e->tasks.count > 0);
}

const gt_experiment_size *gt_experiment_size_of(const gt_experiment *e, uint32_t cell, uint32_t task)
{
    return &e->sizes[cell + e->cell_count * task];
}

gt_settings gt_experiment_settings(const gt_experiment *e, const gt_experiment_run *run)
{
    gt_settings s = e->settings;
    s.cell = e->labels[run->cell];
    s.task = e->tasks.count == 0 ? "" : e->tasks.items[run->task];
    s.seed = run->seed;
    s.rate = e->rates[run->rate];
    s.quiet = true;
    return s;
}

const gt_experiment_run *gt_experiment_find(const gt_experiment *e, const char *name, gt_error *error)
{
    gt_nearest nearest = {.wanted = name};
    for (uint32_t i = 0; i < e->run_count; i++) {
        if (strcmp(e->runs[i].name, name) == 0)
            return &e->runs[i];
        gt_nearest_offer(&nearest, e->runs[i].name);
    }
    gt_error_set(error, GT_ERROR_ARGUMENT, "there is no run '%.*s'%s%s; --list lists them", gt_utf8_fit(name, 200),
                 name, nearest.best == NULL ? "" : "; did you mean ", nearest.best == NULL ? "" : nearest.best);
    return NULL;
}

bool gt_experiment_path(const gt_experiment *e, const gt_experiment_run *run, const char *extension,
                        char path[GT_RUN_PATH], gt_error *error)
{
    int size = snprintf(path, GT_RUN_PATH, "%s/runs/%s.%s", e->folder, run->name, extension);
    return (size > 0 && size < GT_RUN_PATH) ||
           gt_error_set(error, GT_ERROR_ARGUMENT, "--out: the name of the folder is too long") == GT_OK;
}

/* ---- cells --------------------------------------------------------------------------------- */

static bool check_label(const gt_experiment *e, const char *text, gt_error *error)
{
    for (uint32_t i = 0; i < e->cell_count; i++)
        if (strcmp(e->labels[i], e->labels[e->cell_count]) == 0) {
            gt_error_set(error, GT_ERROR_ARGUMENT,
                         "%s is called %s as another cell is: give one another name behind its word 'cell'", text,
                         e->labels[i]);
            return false;
        }
    return true;
}

/* Takes the source, though it be refused. */
static bool add_cell(gt_experiment *e, gt_cell_source source, const char *text, gt_error *error)
{
    if (e->cell_count == GT_MOST_CELLS) {
        gt_cell_source_free(&source);
        gt_error_set(error, GT_ERROR_ARGUMENT, "these are more than %d cells", GT_MOST_CELLS);
        return false;
    }
    uint32_t place = e->cell_count;
    e->sources[place] = source;
    gt_cell_stack_label(&source, e->labels[place]);
    size_t used = strlen(e->labels[place]);
    if (source.set != NULL)
        gt_utf8_format(e->labels[place] + used, GT_CELL_LABEL - used, "(%s)", source.set);
    bool good = check_label(e, text, error);
    e->cell_count++;
    return good;
}

/* A cell once with each --set that fits it, or as it is; *fits becomes which do, *why why one does not. */
static bool open_cell(gt_experiment *e, const gt_command *command, const char *text, bool *fits, gt_error *why,
                      gt_error *error)
{
    gt_cell_source plain = {.set = NULL};
    bool any = false, good = true;
    if (!gt_cell_stack_open(&plain, command, text)) {
        error->message[0] = '\0'; /* it was said */
        return false;
    }
    for (uint32_t i = 0; i < e->sets.count && good; i++) {
        gt_cell_source source = {.set = e->sets.items[i]};
        gt_error unfit = {0};
        if (!gt_cell_stack_find(&source, text, &unfit)) {
            gt_cell_source_free(&source);
            why[i] = unfit;
            continue;
        }
        fits[i] = any = true;
        good = add_cell(e, source, text, error);
    }
    if (!any && good)
        return add_cell(e, plain, text, error);
    gt_cell_source_free(&plain);
    return good;
}

static bool open_cells(gt_experiment *e, const gt_command *command, gt_error *error)
{
    bool *fits = calloc((size_t)e->sets.count + 1, sizeof *fits), good = true;
    gt_error *why = calloc((size_t)e->sets.count + 1, sizeof *why);
    if (fits == NULL || why == NULL)
        good = gt_error_set(error, GT_ERROR_MEMORY, "no memory for the cells") == GT_OK;
    for (uint32_t i = 0; i < e->cells.count && good; i++)
        good = open_cell(e, command, e->cells.items[i], fits, why, error);
    for (uint32_t i = 0; i < e->sets.count && good; i++)
        if (!fits[i])
            good = gt_error_set(error, GT_ERROR_ARGUMENT, "--set %s fits none of the cells: %.*s", e->sets.items[i],
                                gt_utf8_fit(why[i].message, 300), why[i].message) == GT_OK;
    free(fits);
    free(why);
    return good;
}

/* ---- learning rates ------------------------------------------------------------------------ */

static bool read_rates(gt_experiment *e, gt_error *error)
{
    gt_settings_complete(&e->settings);
    if (e->rate_text == NULL) {
        e->rates[e->rate_count++] = e->settings.rate;
        return true;
    }
    for (const char *text = e->rate_text; *text != '\0';) { /* options are not empty */
        char *end;
        double rate = strtod(text, &end);
        if (end == text || (*end != ',' && *end != '\0') || (*end == ',' && end[1] == '\0') ||
            !(rate >= 0 && rate <= 1e38) || e->rate_count == GT_MOST_RATES) {
            gt_error_set(error, GT_ERROR_ARGUMENT,
                         "--lr expects numbers from 0 on with commas between them, %d at most, as in 1e-3,3e-3; "
                         "not '%.*s'",
                         GT_MOST_RATES, gt_utf8_fit(e->rate_text, 100), e->rate_text);
            return false;
        }
        e->rates[e->rate_count++] = rate;
        text = *end == ',' ? end + 1 : end;
    }
    qsort(e->rates, e->rate_count, sizeof *e->rates, gt_ascending);
    for (uint32_t i = 1; i < e->rate_count; i++)
        if (e->rates[i] == e->rates[i - 1]) {
            gt_error_set(error, GT_ERROR_ARGUMENT, "--lr has %g twice", e->rates[i]);
            return false;
        }
    return true;
}

/* ---- runs ---------------------------------------------------------------------------------- */

void gt_experiment_append_name(char name[GT_RUN_NAME], const char *text)
{
    size_t used = strlen(name);
    for (; *text != '\0' && used + 1 < GT_RUN_NAME; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || (*text >= '0' && *text <= '9');
        name[used++] = *text;
        if (!plain && *text != '_' && *text != '.')
            name[used - 1] = '-';
    }
    name[used] = '\0';
}

static void name_run(const gt_experiment *e, gt_experiment_run *run)
{
    char rest[96];
    snprintf(rest, sizeof rest, ".lr%.10g.seed%lld", e->rates[run->rate], (long long)run->seed);
    run->name[0] = '\0';
    gt_experiment_append_name(run->name, gt_experiment_task(e, run->task));
    gt_experiment_append_name(run->name, ".");
    gt_experiment_append_name(run->name, e->labels[run->cell]);
    gt_experiment_append_name(run->name, rest);
}

static void fill_runs(gt_experiment *e)
{
    gt_experiment_run *run = e->runs;
    for (int64_t seed = 0; seed < e->seeds; seed++)
        for (uint32_t task = 0; task < e->task_count; task++)
            for (uint32_t cell = 0; cell < e->cell_count; cell++)
                for (uint32_t rate = 0; rate < e->rate_count; rate++, run++) {
                    *run = (gt_experiment_run){cell, task, rate, e->settings.seed + seed, ""};
                    name_run(e, run);
                }
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const gt_experiment_run *const *)a)->name, (*(const gt_experiment_run *const *)b)->name);
}

/* A run is its name: rates that differ in the eleventh digit, or names of cells that do where they are cut, share
 * files. */
static bool check_names(const gt_experiment *e, gt_error *error)
{
    const gt_experiment_run **sorted = calloc(e->run_count, sizeof *sorted);
    bool differ = true;
    if (sorted == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for %u runs", e->run_count) == GT_OK;
    for (uint32_t i = 0; i < e->run_count; i++)
        sorted[i] = &e->runs[i];
    qsort(sorted, e->run_count, sizeof *sorted, by_name);
    for (uint32_t i = 1; i < e->run_count && differ; i++)
        if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0) {
            gt_error_set(error, GT_ERROR_ARGUMENT,
                         "two runs would both be called %s: give --lr rates that differ in their first ten digits, and "
                         "cells shorter names",
                         sorted[i]->name);
            differ = false;
        }
    free(sorted);
    return differ;
}

size_t gt_experiment_place(const gt_experiment *e, uint32_t cell, uint32_t task, uint32_t rate, int64_t seed)
{
    return rate + e->rate_count * (cell + e->cell_count * (task + e->task_count * (size_t)seed));
}

static bool check_tasks(const gt_experiment *e, gt_error *error)
{
    for (uint32_t i = 0; i < e->tasks.count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (strcmp(e->tasks.items[i], e->tasks.items[k]) == 0) {
                gt_error_set(error, GT_ERROR_ARGUMENT, "--task %s is given twice", e->tasks.items[i]);
                return false;
            }
    if (e->tasks.count <= GT_MOST_TASKS)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT, "%u tasks are too many: up to %d are compared", e->tasks.count,
                 GT_MOST_TASKS);
    return false;
}

static bool list_runs(gt_experiment *e, gt_error *error)
{
    if (!check_tasks(e, error))
        return false;
    e->task_count = e->tasks.count == 0 ? 1 : e->tasks.count;
    double count = (double)e->cell_count * e->task_count * e->rate_count * (double)e->seeds;
    if (count > GT_MOST_RUNS) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "these are %.0f runs; up to %d are compared", count, GT_MOST_RUNS);
        return false;
    }
    e->run_count = (uint32_t)count;
    e->runs = calloc(e->run_count, sizeof *e->runs);
    e->sizes = calloc((size_t)e->cell_count * e->task_count, sizeof *e->sizes);
    if (e->runs == NULL || e->sizes == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for %.0f runs", count);
        return false;
    }
    fill_runs(e);
    return check_names(e, error);
}

/* ---- sizes --------------------------------------------------------------------------------- */

/* Without sequences of its own for the table, it is about those that are validated on. */
static bool check_measured(const gt_experiment *e, const gt_session *session, gt_error *error)
{
    int64_t least = e->settings.data == NULL ? 2 : 1; /* characters: the first is only read */
    if (gt_experiment_tests(e) || session->model.validation_count >= least)
        return true;
    gt_error_set(error, GT_ERROR_ARGUMENT, "nothing is left to validate on, and to compare by: give %s--validation",
                 e->settings.data == NULL ? "more text, or a larger " : "--test-data, or a larger ");
    return false;
}

/* One sequence of a task tells as much of it as all. */
static bool measure(gt_experiment *e, const gt_experiment_run *run, gt_error *error)
{
    gt_session session = {.test_data = e->test_data};
    gt_settings settings = gt_experiment_settings(e, run);
    gt_error inner = {0};
    settings.examples = 1;
    session.model.source = e->sources[run->cell];
    bool good = gt_session_measure(&session, &settings, &inner) && check_measured(e, &session, &inner);
    if (good)
        e->sizes[run->cell + e->cell_count * run->task] =
            (gt_experiment_size){session.model.settings.hidden, gt_parameters_total(session.model.parameters),
                                 e->settings.data == NULL && e->tasks.count > 0 ? 0 : session.model.text_hash};
    else
        gt_error_set(error, inner.status, "%s, %s: %s", e->labels[run->cell], gt_experiment_task(e, run->task),
                     inner.message);
    session.model.source = (gt_cell_source){0}; /* it is the experiment's */
    gt_session_free(&session);
    return good;
}

static bool measure_all(gt_experiment *e, gt_error *error)
{
    for (uint32_t i = 0; i < e->run_count; i++)
        if (e->runs[i].seed == e->settings.seed && e->runs[i].rate == 0 && !measure(e, &e->runs[i], error))
            return false;
    return true;
}

/* ---- both ---------------------------------------------------------------------------------- */

bool gt_experiment_open(gt_experiment *e, const gt_command *command, gt_error *error)
{
    return open_cells(e, command, error) && gt_experiment_list_terms(e, error) && read_rates(e, error) &&
           list_runs(e, error) && measure_all(e, error);
}

void gt_experiment_free(gt_experiment *e)
{
    for (uint32_t i = 0; i < e->cell_count; i++)
        gt_cell_source_free(&e->sources[i]);
    free(e->runs);
    free(e->sizes);
    gt_text_list_free(&e->cells);
    gt_text_list_free(&e->sets);
    gt_text_list_free(&e->tasks);
    gt_text_list_free(&e->settings.text);
}
