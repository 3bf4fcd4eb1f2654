/* The table for scripts. */
#include "cli/compare/output.h"

#include "compare/terms.h"

#include <math.h>

static void write_estimate(gt_json *json, const char *key, gt_estimate estimate)
{
    gt_json_object(json, key);
    gt_json_real(json, "mean", estimate.mean);
    gt_json_real(json, "interval", estimate.half);
    gt_json_real(json, "standard_deviation", estimate.spread);
    gt_json_close(json);
}

static void write_row(gt_json *json, const gt_table *table, const gt_task_table *task, uint32_t place)
{
    const gt_table_row *row = &task->rows[place];
    const gt_experiment *e = table->experiment;
    gt_json_object(json, NULL);
    gt_json_text(json, "cell", e->labels[row->cell]);
    gt_json_integer(json, "hidden", row->hidden);
    gt_json_integer(json, "parameters", row->parameters);
    gt_json_real(json, "learning_rate", e->rates[row->rate]);
    gt_json_integer(json, "runs", row->loss.count);
    gt_json_integer(json, "diverged", row->diverged);
    write_estimate(json, "loss", row->loss);
    write_estimate(json, "accuracy", row->accuracy);
    gt_json_object(json, "terms"); /* the losses that the cell declares */
    for (uint32_t k = 0; k < e->term_count; k++)
        if (gt_experiment_find_term(e, row->cell, e->terms[k]) >= 0)
            write_estimate(json, e->terms[k], row->terms[k]);
    gt_json_close(json);
    gt_json_real(json, "difference_to_best", place == 0 ? NAN : row->difference);
    gt_json_real(json, "p_to_best", row->p);
    gt_json_array(json, "losses");
    for (uint32_t i = 0; i < row->loss.count; i++)
        gt_json_real(json, NULL, row->losses[i]);
    gt_json_close(json);
    gt_json_text(json, "check", gt_verdict_name(table->verdicts[row->cell]));
    gt_json_close(json);
}

static void write_pairs(gt_json *json, const gt_table *table, const gt_task_table *task)
{
    const gt_experiment *e = table->experiment;
    gt_json_array(json, "pairs");
    for (uint32_t i = 0; i < task->pair_count; i++) {
        const gt_table_pair *pair = &task->pairs[i];
        gt_json_object(json, NULL);
        gt_json_text(json, "better", e->labels[task->rows[pair->first].cell]);
        gt_json_text(json, "worse", e->labels[task->rows[pair->second].cell]);
        gt_json_real(json, "difference", pair->difference);
        gt_json_real(json, "p", pair->p);
        gt_json_real(json, "p_holm", pair->corrected);
        gt_json_close(json);
    }
    gt_json_close(json);
}

/* What the learning rates were chosen by. */
static void write_rates(gt_json *json, const gt_table *table, const gt_task_table *task)
{
    const gt_experiment *e = table->experiment;
    gt_json_array(json, "learning_rates");
    for (uint32_t c = 0; c < e->cell_count; c++)
        for (uint32_t r = 0; r < e->rate_count; r++) {
            gt_json_object(json, NULL);
            gt_json_text(json, "cell", e->labels[c]);
            gt_json_real(json, "learning_rate", e->rates[r]);
            gt_json_real(json, "validation_loss", task->validation[r + e->rate_count * c]);
            gt_json_close(json);
        }
    gt_json_close(json);
}

static void write_task(gt_json *json, const gt_table *table, const gt_task_table *task)
{
    gt_json_object(json, NULL);
    gt_json_text(json, "task", task->task);
    gt_json_text(json, "unit", task->predicts_numbers ? "mse" : "bits");
    gt_json_text(json, "data", task->tested ? "test" : "validation");
    write_estimate(json, "baseline", task->baseline);
    write_estimate(json, "baseline_accuracy", task->baseline_accuracy);
    gt_json_real(json, "optimum", task->optimum);
    gt_json_array(json, "rows");
    for (uint32_t i = 0; i < task->row_count; i++)
        write_row(json, table, task, i);
    gt_json_close(json);
    write_pairs(json, table, task);
    write_rates(json, table, task);
    gt_json_close(json);
}

static void write_speeds(gt_json *json, const gt_table *table)
{
    gt_json_array(json, "speeds"); /* apart: all else is the same each time */
    for (uint32_t t = 0; t < table->task_count; t++)
        for (uint32_t i = 0; i < table->tasks[t].row_count; i++) {
            const gt_table_row *row = &table->tasks[t].rows[i];
            gt_json_object(json, NULL);
            gt_json_text(json, "task", table->tasks[t].task);
            gt_json_text(json, "cell", table->experiment->labels[row->cell]);
            gt_json_real(json, "per_second", row->speed);
            gt_json_close(json);
        }
    gt_json_close(json);
}

void gt_compare_write_json(gt_json *json, const gt_table *table)
{
    gt_json_text(json, "folder", table->experiment->folder);
    gt_json_integer(json, "seeds", table->experiment->seeds);
    gt_json_integer(json, "runs", table->experiment->run_count);
    gt_json_array(json, "tasks");
    for (uint32_t t = 0; t < table->task_count; t++)
        write_task(json, table, &table->tasks[t]);
    gt_json_close(json);
    write_speeds(json, table);
}
