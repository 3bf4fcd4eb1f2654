#include "compare/table.h"
#include "compare/terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const gt_run_result *gt_table_result(const gt_experiment *e, const gt_run_result *results, uint32_t cell, uint32_t task,
                                     uint32_t rate, int64_t seed)
{
    return &results[gt_experiment_place(e, cell, task, rate, seed)];
}

const char *gt_task_table_unit(const gt_task_table *task)
{
    return task->predicts_numbers ? "squared error" : "bits";
}

/* ---- the data ------------------------------------------------------------------------------ */

/* All cells of a task and a seed have read the same. */
static bool check_data(const gt_experiment *e, const gt_run_result *results, gt_error *error)
{
    uint32_t each = e->cell_count * e->rate_count;
    for (uint32_t i = 0; i < e->run_count; i++) {
        uint32_t first = i / each * each;
        if (results[i].data_hash == results[first].data_hash)
            continue;
        gt_error_set(error, GT_ERROR_ARGUMENT,
                     "the runs %s and %s have learnt from other data: they changed in between; remove the results "
                     "of one of them",
                     e->runs[first].name, e->runs[i].name);
        return false;
    }
    return true;
}

/* ---- learning rates ------------------------------------------------------------------------ */

/* The mean over seeds; infinite if a run diverged, so that no rate is chosen that fails now and then. */
static double validation_of(const gt_experiment *e, const gt_run_result *results, uint32_t cell, uint32_t task,
                            uint32_t rate)
{
    double sum = 0;
    for (int64_t seed = 0; seed < e->seeds; seed++) {
        const gt_run_result *r = gt_table_result(e, results, cell, task, rate, seed);
        double loss = isnan(r->validation_loss) ? r->training_loss : r->validation_loss;
        sum += r->diverged || !isfinite(loss) ? INFINITY : loss;
    }
    return sum / (double)e->seeds;
}

static uint32_t count_diverged(const gt_experiment *e, const gt_run_result *results, uint32_t cell, uint32_t task,
                               uint32_t rate)
{
    uint32_t count = 0;
    for (int64_t seed = 0; seed < e->seeds; seed++)
        count += gt_table_result(e, results, cell, task, rate, seed)->diverged;
    return count;
}

/* The best; of rates that all diverged now and then the one that did so least, and of equal ones the lowest. */
static uint32_t choose_rate(const gt_experiment *e, const gt_run_result *results, uint32_t cell, uint32_t task,
                            double *validation)
{
    uint32_t best = 0;
    for (uint32_t rate = 0; rate < e->rate_count; rate++) {
        validation[rate] = validation_of(e, results, cell, task, rate);
        if (validation[rate] < validation[best] ||
            (isinf(validation[best]) && isinf(validation[rate]) &&
             count_diverged(e, results, cell, task, rate) < count_diverged(e, results, cell, task, best)))
            best = rate;
    }
    return best;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, gt_ascending);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

/* `scratch` has room for a number of each seed. */
static void fill_row(gt_table_row *row, const gt_experiment *e, const gt_run_result *results, uint32_t task,
                     double *scratch)
{
    uint32_t seeds = (uint32_t)e->seeds;
    const gt_experiment_size *size = gt_experiment_size_of(e, row->cell, task);
    row->hidden = size->hidden;
    row->parameters = size->parameters;
    row->diverged = count_diverged(e, results, row->cell, task, row->rate);
    for (int64_t seed = 0; seed < e->seeds; seed++) {
        int64_t iterations = gt_table_result(e, results, row->cell, task, row->rate, seed)->iterations;
        row->iterations = iterations > row->iterations ? iterations : row->iterations;
    }
#define OF_SEEDS(array, value)                                                                                         \
    for (uint32_t seed = 0; seed < seeds; seed++) {                                                                    \
        const gt_run_result *r = gt_table_result(e, results, row->cell, task, row->rate, seed);                        \
        (array)[seed] = (value);                                                                                       \
    }
    OF_SEEDS(row->losses, r->diverged ? NAN : gt_run_result_loss(r))
    row->loss = gt_estimate_of(row->losses, seeds);
    OF_SEEDS(scratch, gt_run_result_accuracy(r))
    row->accuracy = gt_estimate_of(scratch, seeds);
    for (uint32_t k = 0; k < e->term_count; k++) {
        int32_t term = gt_experiment_find_term(e, row->cell, e->terms[k]);
        OF_SEEDS(scratch, term < 0 || r->diverged ? NAN : gt_run_result_term(r, (uint32_t)term))
        row->terms[k] = gt_estimate_of(scratch, seeds);
    }
    OF_SEEDS(scratch, (double)r->best_iteration)
    row->best_iteration = gt_estimate_of(scratch, seeds);
    OF_SEEDS(scratch, r->examples_per_second)
    row->speed = median(scratch, seeds);
#undef OF_SEEDS
}

/* The best first; a mean that is no number, for a run diverged, goes behind, by how many did. */
static int by_loss(const void *a, const void *b)
{
    const gt_table_row *x = a, *y = b;
    int order = (isnan(x->loss.mean) != 0) - (isnan(y->loss.mean) != 0);
    if (order == 0)
        order = gt_ascending(&x->loss.mean, &y->loss.mean);
    if (order == 0)
        order = (x->diverged > y->diverged) - (x->diverged < y->diverged);
    return order != 0 ? order : (x->cell > y->cell) - (x->cell < y->cell);
}

static void take_baseline(gt_task_table *t, const gt_experiment *e, const gt_run_result *results, uint32_t task,
                          double *scratch)
{
    uint32_t seeds = (uint32_t)e->seeds;
    const gt_run_result *first = gt_table_result(e, results, 0, task, 0, 0);
    t->predicts_numbers = first->predicts_numbers;
    t->tested = gt_experiment_tests(e);
    t->optimum = first->optimum;
    for (uint32_t seed = 0; seed < seeds; seed++)
        scratch[seed] = gt_table_result(e, results, 0, task, 0, seed)->baseline;
    t->baseline = gt_estimate_of(scratch, seeds);
    for (uint32_t seed = 0; seed < seeds; seed++)
        scratch[seed] = gt_table_result(e, results, 0, task, 0, seed)->baseline_accuracy;
    t->baseline_accuracy = gt_estimate_of(scratch, seeds);
}

/* ---- tests --------------------------------------------------------------------------------- */

static bool test_pairs(gt_task_table *t, uint32_t seeds)
{
    double *corrected = calloc((size_t)t->pair_count + 1, sizeof *corrected);
    if (corrected == NULL)
        return false;
    uint32_t place = 0;
    for (uint32_t i = 0; i < t->row_count; i++)
        for (uint32_t k = i + 1; k < t->row_count; k++, place++) {
            gt_table_pair *pair = &t->pairs[place];
            *pair = (gt_table_pair){.first = i, .second = k};
            pair->p = gt_paired_p(t->rows[k].losses, t->rows[i].losses, seeds, &pair->difference);
            corrected[place] = pair->p;
        }
    gt_holm(corrected, t->pair_count);
    for (place = 0; place < t->pair_count; place++)
        t->pairs[place].corrected = corrected[place];
    for (uint32_t k = 1; k < t->row_count; k++) { /* the pairs with the first row come first */
        t->rows[k].p = t->pairs[k - 1].corrected;
        t->rows[k].difference = t->pairs[k - 1].difference;
    }
    free(corrected);
    return true;
}

/* ---- the table ----------------------------------------------------------------------------- */

static bool allocate(gt_task_table *t, const gt_experiment *e)
{
    t->row_count = e->cell_count;
    t->pair_count = e->cell_count * (e->cell_count - 1) / 2;
    t->rows = calloc(t->row_count, sizeof *t->rows);
    t->pairs = calloc((size_t)t->pair_count + 1, sizeof *t->pairs);
    t->validation = calloc((size_t)e->cell_count * e->rate_count, sizeof *t->validation);
    bool good = t->rows != NULL && t->pairs != NULL && t->validation != NULL;
    for (uint32_t i = 0; good && i < t->row_count; i++) {
        t->rows[i].losses = calloc((size_t)e->seeds, sizeof(double));
        good = t->rows[i].losses != NULL;
    }
    return good;
}

static bool make_task(gt_task_table *t, const gt_experiment *e, const gt_run_result *results, uint32_t task)
{
    double *scratch = calloc((size_t)e->seeds, sizeof *scratch);
    t->task = gt_experiment_task(e, task);
    bool good = scratch != NULL && allocate(t, e);
    if (good)
        take_baseline(t, e, results, task, scratch);
    for (uint32_t c = 0; good && c < e->cell_count; c++) {
        t->rows[c].cell = c;
        t->rows[c].rate = choose_rate(e, results, c, task, t->validation + e->rate_count * c);
        t->rows[c].p = NAN;
        fill_row(&t->rows[c], e, results, task, scratch);
    }
    free(scratch);
    if (!good)
        return false;
    qsort(t->rows, t->row_count, sizeof *t->rows, by_loss);
    return test_pairs(t, (uint32_t)e->seeds);
}

static bool check_cell(const gt_cell *cell, gt_verdict *verdict, gt_error *error)
{
    gt_dimensions d;
    gt_report report = {0};
    const gt_check_options options = GT_CHECK_OPTIONS_INIT;
    gt_check_problem problem = GT_CHECK_PROBLEM_INIT;
    gt_status status = gt_dimensions_find(&d, cell, true, error);
    if (status != GT_OK)
        return false;
    gt_dimensions_usual(&d, 0);
    problem.dimensions = d.list;
    problem.dimension_count = d.count;
    status = gt_check_cell(cell, &problem, &options, &report, error);
    *verdict = report.verdict;
    gt_report_free(&report);
    return status == GT_OK;
}

/* Of layers of several cells the first that is not right decides. */
static bool check_cells(gt_table *table, gt_error *error)
{
    const gt_experiment *e = table->experiment;
    for (uint32_t c = 0; c < e->cell_count; c++) {
        const gt_cell_source *source = &e->sources[c];
        table->verdicts[c] = GT_RIGHT;
        for (uint32_t i = 0; i < gt_cell_stack_count(source) && table->verdicts[c] == GT_RIGHT; i++)
            if (!check_cell(gt_cell_stack_at(source, i)->cell, &table->verdicts[c], error))
                return false;
    }
    return true;
}

bool gt_table_make(gt_table *table, const gt_experiment *e, const gt_run_result *results, gt_error *error)
{
    *table = (gt_table){.experiment = e};
    if (!check_data(e, results, error))
        return false;
    table->tasks = calloc(e->task_count, sizeof *table->tasks);
    bool good = table->tasks != NULL;
    for (uint32_t t = 0; good && t < e->task_count; t++, table->task_count++)
        good = make_task(&table->tasks[t], e, results, t);
    if (!good && table->tasks != NULL)
        table->task_count = e->task_count;
    if (!good)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the table");
    return good && check_cells(table, error);
}

void gt_table_free(gt_table *table)
{
    for (uint32_t t = 0; t < table->task_count; t++) {
        gt_task_table *task = &table->tasks[t];
        for (uint32_t i = 0; task->rows != NULL && i < task->row_count; i++)
            free(task->rows[i].losses);
        free(task->rows);
        free(task->pairs);
        free(task->validation);
    }
    free(table->tasks);
    *table = (gt_table){0};
}
