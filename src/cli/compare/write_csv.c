/* The table for other programs. */
#include "cli/compare/output.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_word(FILE *file, const char *text)
{
    bool plain = strpbrk(text, ",\"\n\r") == NULL;
    if (!plain)
        fputc('"', file);
    for (; *text != '\0'; text++)
        fprintf(file, *text == '"' ? "\"\"" : "%c", *text);
    if (!plain)
        fputc('"', file);
}

/* Nothing where there is no number. */
static void write_number(FILE *file, double value)
{
    fputc(',', file);
    if (!isnan(value))
        fprintf(file, "%.17g", value);
}

static void write_row(FILE *file, const gt_table *table, const gt_task_table *task, uint32_t place)
{
    const gt_table_row *row = &task->rows[place];
    const gt_experiment *e = table->experiment;
    write_word(file, task->task);
    fprintf(file, ",%u,", place + 1);
    write_word(file, e->labels[row->cell]);
    fprintf(file, ",%" PRId64 ",%" PRId64 ",%.15g,%u,%u,%s", row->hidden, row->parameters, e->rates[row->rate],
            row->loss.count, row->diverged, task->predicts_numbers ? "mse" : "bits");
    write_number(file, row->loss.mean);
    write_number(file, row->loss.half);
    write_number(file, row->accuracy.mean);
    write_number(file, row->accuracy.half);
    write_number(file, place == 0 ? NAN : row->difference);
    write_number(file, row->p);
    write_number(file, task->baseline.mean);
    write_number(file, task->baseline_accuracy.mean);
    write_number(file, task->optimum);
    fprintf(file, ",%s", gt_verdict_name(table->verdicts[row->cell]));
    for (uint32_t k = 0; k < e->term_count; k++) {
        write_number(file, row->terms[k].mean);
        write_number(file, row->terms[k].half);
    }
    fputc('\n', file);
}

void gt_compare_write_csv(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    fputs("task,rank,cell,hidden,parameters,learning_rate,runs,diverged,unit,loss,loss_interval,accuracy,"
          "accuracy_interval,difference_to_best,p_to_best,baseline,baseline_accuracy,optimum,check",
          file);
    for (uint32_t k = 0; k < e->term_count; k++)
        fprintf(file, ",%s,%s_interval", e->terms[k], e->terms[k]);
    fputc('\n', file);
    for (uint32_t t = 0; t < table->task_count; t++)
        for (uint32_t i = 0; i < table->tasks[t].row_count; i++)
            write_row(file, table, &table->tasks[t], i);
}

void gt_compare_write_speeds_csv(FILE *file, const gt_table *table)
{
    fprintf(file, "task,cell,%s_per_second\n", table->experiment->tasks.count == 0 ? "characters" : "examples");
    for (uint32_t t = 0; t < table->task_count; t++)
        for (uint32_t i = 0; i < table->tasks[t].row_count; i++) {
            const gt_table_row *row = &table->tasks[t].rows[i];
            write_word(file, table->tasks[t].task);
            fputc(',', file);
            write_word(file, table->experiment->labels[row->cell]);
            write_number(file, row->speed);
            fputc('\n', file);
        }
}
