/* The table for a paper, in what LaTeX has without packages. */
#include "cli/compare/output.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void write_escaped(FILE *file, const char *text)
{
    for (; *text != '\0'; text++)
        if (strchr("_%&#{}$", *text) != NULL)
            fprintf(file, "\\%c", *text);
        else if (*text == '\\' || *text == '~' || *text == '^')
            fprintf(file, "\\char`\\%c{}", *text);
        else
            fputc(*text, file);
}

/* 1.2e-05 as 1.2 \cdot 10^{-5}, within $ */
static void write_number(FILE *file, double value, const char *format)
{
    char text[40];
    snprintf(text, sizeof text, format, value); // NOLINT: the formats are those below
    char *exponent = strchr(text, 'e');
    if (exponent == NULL) {
        fputs(text, file);
        return;
    }
    *exponent = '\0';
    int power = 0;
    sscanf(exponent + 1, "%d", &power);
    fprintf(file, "%s \\cdot 10^{%d}", text, power);
}

static void write_estimate(FILE *file, gt_estimate estimate, double factor, bool bold)
{
    if (isnan(estimate.mean)) {
        fputs("--", file);
        return;
    }
    fputs(bold ? "$\\mathbf{" : "$", file);
    write_number(file, factor * estimate.mean, "%.4g");
    fputs(bold ? "}" : "", file);
    if (!isnan(estimate.half)) {
        fputs(" \\pm ", file);
        write_number(file, factor * estimate.half, "%.2g");
    }
    fputc('$', file);
}

static void write_p(FILE *file, double p)
{
    char text[32];
    gt_compare_format_p(p, text, sizeof text);
    if (*text != '\0')
        fprintf(file, "$%s$", text);
}

static void write_row(FILE *file, const gt_table *table, const gt_task_table *task, uint32_t place, bool accuracy)
{
    const gt_table_row *row = &task->rows[place];
    const gt_experiment *e = table->experiment;
    write_escaped(file, e->labels[row->cell]);
    fprintf(file, " & %" PRId64 " & %" PRId64 " & $", row->parameters, row->hidden);
    write_number(file, e->rates[row->rate], "%g");
    fputs("$ & ", file);
    if (row->diverged > 0)
        fprintf(file, "%u of %u diverged", row->diverged, row->loss.count);
    else
        write_estimate(file, row->loss, 1, place == 0);
    if (accuracy) {
        fputs(" & ", file);
        write_estimate(file, row->accuracy, 100, false);
    }
    for (uint32_t k = 0; k < e->term_count; k++) {
        fputs(" & ", file);
        write_estimate(file, row->terms[k], 1, false);
    }
    fputs(" & ", file);
    write_p(file, row->p);
    fputs(" \\\\\n", file);
}

/* `blanks`: the columns of the losses of cells. */
static void write_baseline(FILE *file, const gt_task_table *task, bool accuracy, uint32_t blanks)
{
    fputs("\\hline\nalways the same & & & & ", file);
    write_estimate(file, task->baseline, 1, false);
    if (accuracy) {
        fputs(" & ", file);
        write_estimate(file, task->baseline_accuracy, 100, false);
    }
    for (uint32_t k = 0; k < blanks; k++)
        fputs(" & ", file);
    fputs(" & \\\\\n", file);
}

static void write_task(FILE *file, const gt_table *table, const gt_task_table *task)
{
    const gt_experiment *e = table->experiment;
    bool accuracy = !isnan(task->baseline_accuracy.mean);
    char caption[200];
    gt_compare_caption(table, task, caption, sizeof caption);
    fprintf(file, "\\begin{table}\n\\centering\n\\begin{tabular}{lrrrr%s", accuracy ? "r" : "");
    for (uint32_t k = 0; k < e->term_count; k++)
        fputc('r', file);
    fprintf(file, "r}\n\\hline\ncell & parameters & units & learning rate & %s%s", gt_task_table_unit(task),
            accuracy ? " & right (\\%)" : "");
    for (uint32_t k = 0; k < e->term_count; k++) {
        fputs(" & ", file);
        write_escaped(file, e->terms[k]);
    }
    fputs(" & $p$ \\\\\n\\hline\n", file);
    for (uint32_t i = 0; i < task->row_count; i++)
        write_row(file, table, task, i, accuracy);
    write_baseline(file, task, accuracy, e->term_count);
    fputs("\\hline\n\\end{tabular}\n\\caption{", file);
    write_escaped(file, task->task);
    fprintf(file, ": %s%s}\n\\end{table}\n", caption,
            e->seeds > 1
                ? "; mean and 95\\,\\% interval. $p$: paired $t$-test against the best, corrected by Holm's method."
                : ".");
}

void gt_compare_write_latex(FILE *file, const gt_table *table)
{
    for (uint32_t t = 0; t < table->task_count; t++)
        write_task(file, table, &table->tasks[t]);
}
