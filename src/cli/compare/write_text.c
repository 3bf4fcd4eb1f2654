/* The table as text. */
#include "cli/compare/output.h"

#include "base/utf8.h"
#include "command/terminal.h"
#include "compare/terms.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- numbers ------------------------------------------------------------------------------- */

void gt_compare_format(gt_estimate estimate, const char *plus_minus, char *text, size_t size)
{
    if (isnan(estimate.mean)) {
        gt_utf8_format(text, size, "-");
        return;
    }
    gt_utf8_format(text, size, fabs(estimate.mean) < 1000 ? "%#.4g" : "%.4g", estimate.mean);
    if (!isnan(estimate.half))
        gt_utf8_append(text, size, " %s %.2g", plus_minus, estimate.half);
}

void gt_compare_format_p(double p, char *text, size_t size)
{
    if (isnan(p))
        *text = '\0';
    else if (p < 0.001)
        gt_utf8_format(text, size, "< 0.001");
    else
        gt_utf8_format(text, size, "%.*f", p < 0.0995 ? 3 : 2, p);
}

static void format_percent(gt_estimate estimate, char *text, size_t size)
{
    gt_estimate percent = {.mean = 100 * estimate.mean, .half = 100 * estimate.half};
    gt_compare_format(percent, "±", text, size);
}

/* ---- a sheet ------------------------------------------------------------------------------- */

/* Each loss that the cells declare has a column. */
enum {
    RANK,
    CELL,
    PARAMETERS,
    UNITS,
    RATE,
    LOSS,
    ACCURACY,
    FIRST_TERM,
    P = FIRST_TERM + GT_MOST_TERMS,
    CHECK,
    COLUMNS
};
enum { MOST_TEXT = 64 };

typedef struct sheet {
    char texts[GT_MOST_CELLS + 3][COLUMNS][MOST_TEXT];
    uint32_t count;
} sheet;

static const char *const headings[COLUMNS] = {
    [CELL] = "cell", [PARAMETERS] = "parameters", [UNITS] = "units", [RATE] = "lr",
    [LOSS] = "loss", [ACCURACY] = "accuracy",     [P] = "p",         [CHECK] = "check",
};

static char *at(sheet *s, int column)
{
    return s->texts[s->count][column];
}

static void add_headings(sheet *s, const gt_experiment *e)
{
    for (int column = 0; column < COLUMNS; column++)
        gt_utf8_format(at(s, column), MOST_TEXT, "%s", headings[column] == NULL ? "" : headings[column]);
    for (uint32_t k = 0; k < e->term_count; k++)
        gt_utf8_format(at(s, FIRST_TERM + (int)k), MOST_TEXT, "%s", e->terms[k]);
    s->count++;
}

static void add_row(sheet *s, const gt_table *table, const gt_task_table *task, uint32_t place)
{
    const gt_table_row *row = &task->rows[place];
    const gt_experiment *e = table->experiment;
    gt_utf8_format(at(s, RANK), MOST_TEXT, "%u", place + 1);
    gt_utf8_format(at(s, CELL), MOST_TEXT, "%s", e->labels[row->cell]);
    gt_utf8_format(at(s, PARAMETERS), MOST_TEXT, "%" PRId64, row->parameters);
    gt_utf8_format(at(s, UNITS), MOST_TEXT, "%" PRId64, row->hidden);
    gt_utf8_format(at(s, RATE), MOST_TEXT, "%g", e->rates[row->rate]);
    gt_compare_format(row->loss, "±", at(s, LOSS), MOST_TEXT);
    if (row->diverged > 0)
        gt_utf8_format(at(s, LOSS), MOST_TEXT, "%u of %u diverged", row->diverged, row->loss.count);
    if (!isnan(task->baseline_accuracy.mean))
        format_percent(row->accuracy, at(s, ACCURACY), MOST_TEXT);
    for (uint32_t k = 0; k < e->term_count; k++)
        if (gt_experiment_find_term(e, row->cell, e->terms[k]) >= 0)
            gt_compare_format(row->terms[k], "±", at(s, FIRST_TERM + (int)k), MOST_TEXT);
    if (place == 0)
        gt_utf8_format(at(s, P), MOST_TEXT, "best");
    else
        gt_compare_format_p(row->p, at(s, P), MOST_TEXT);
    gt_utf8_format(at(s, CHECK), MOST_TEXT, "%s", gt_verdict_name(table->verdicts[row->cell]));
    s->count++;
}

static void add_baseline(sheet *s, const gt_task_table *task)
{
    gt_utf8_format(at(s, CELL), MOST_TEXT, "(always the same)");
    gt_compare_format(task->baseline, "±", at(s, LOSS), MOST_TEXT);
    if (!isnan(task->baseline_accuracy.mean))
        format_percent(task->baseline_accuracy, at(s, ACCURACY), MOST_TEXT);
    s->count++;
    if (isnan(task->optimum))
        return;
    gt_utf8_format(at(s, CELL), MOST_TEXT, "(the optimum)");
    gt_utf8_format(at(s, LOSS), MOST_TEXT, "%.4g", task->optimum);
    s->count++;
}

static int columns_of(const char *text)
{
    return gt_terminal_columns(text, strlen(text));
}

/* A column in which nothing stands is left out; words stand to the left, numbers to the right. */
static int width_of(const sheet *s, int column)
{
    int width = 0;
    for (uint32_t i = 1; i < s->count; i++)
        width = columns_of(s->texts[i][column]) > width ? columns_of(s->texts[i][column]) : width;
    return width > 0 && columns_of(s->texts[0][column]) > width ? columns_of(s->texts[0][column]) : width;
}

static void write_row(FILE *file, const sheet *s, uint32_t row, const int widths[COLUMNS])
{
    int gap = 0; /* blanks that are due: none stand at the end of a line */
    for (int column = 0; column < COLUMNS; column++) {
        const char *text = s->texts[row][column];
        int room = widths[column] - columns_of(text);
        bool left = column == CELL || column == CHECK;
        if (widths[column] == 0)
            continue;
        gap += 2;
        if (*text == '\0') {
            gap += room;
            continue;
        }
        fprintf(file, "%*s%s", gap + (left ? 0 : room), "", text);
        gap = left ? room : 0;
    }
    fputc('\n', file);
}

static void write_sheet(FILE *file, const sheet *s)
{
    int widths[COLUMNS];
    for (int column = 0; column < COLUMNS; column++)
        widths[column] = width_of(s, column);
    for (uint32_t i = 0; i < s->count; i++)
        write_row(file, s, i, widths);
}

/* ---- the table ----------------------------------------------------------------------------- */

static void describe_length(const gt_experiment *e, char *text, size_t size)
{
    const gt_settings *s = &e->settings;
    *text = '\0';
    if (s->iterations > 0)
        gt_utf8_append(text, size, "%" PRId64 " iterations", s->iterations);
    if (s->epochs > 0)
        gt_utf8_append(text, size, "%s%g epochs", *text != '\0' ? " or " : "", s->epochs);
}

void gt_compare_caption(const gt_table *table, const gt_task_table *task, char *text, size_t size)
{
    const gt_experiment *e = table->experiment;
    char length[80];
    describe_length(e, length, sizeof length);
    gt_utf8_format(text, size, "%s of the %s data after %s, %" PRId64 " seed%s", gt_task_table_unit(task),
                   task->tested ? "test" : "validation", length, e->seeds, e->seeds == 1 ? "" : "s");
}

static void write_legend(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    if (e->seeds > 1)
        fputs("± is the 95 % interval of the mean (Student's t).", file);
    else
        fputs("One seed tells neither an interval nor whether cells differ: give --seeds 5.", file);
    if (e->seeds > 1 && e->cell_count > 1)
        fputs(" p: paired t-test over the seeds against the best,\ncorrected for all pairs of the task (Holm).", file);
    fputc('\n', file);
    for (uint32_t k = 0; k < e->term_count; k++)
        fprintf(file, "%s%s", k > 0 ? ", " : "", e->terms[k]);
    if (e->term_count > 0)
        fputs(": of the same data, what the cells add to the loss in training.\n", file);
    if (e->rate_count < 2)
        return;
    fputs("lr: of", file);
    for (uint32_t i = 0; i < e->rate_count; i++)
        fprintf(file, "%s %g", i > 0 ? "," : "", e->rates[i]);
    fputs(", the one with the smallest mean loss in validation.\n", file);
}

void gt_compare_write_text(FILE *file, const gt_table *table)
{
    for (uint32_t t = 0; t < table->task_count; t++) {
        const gt_task_table *task = &table->tasks[t];
        char caption[200];
        sheet s = {.count = 0};
        gt_compare_caption(table, task, caption, sizeof caption);
        fprintf(file, "%s: %s\n", task->task, caption);
        add_headings(&s, table->experiment);
        for (uint32_t i = 0; i < task->row_count; i++)
            add_row(&s, table, task, i);
        add_baseline(&s, task);
        write_sheet(file, &s);
        fputc('\n', file);
    }
    write_legend(file, table);
}

void gt_compare_write_speeds(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    fprintf(file, "%s a second, on this machine, with all that ran beside:\n",
            e->tasks.count == 0 ? "characters" : "sequences");
    for (uint32_t t = 0; t < table->task_count; t++) {
        fprintf(file, "  %s:", table->tasks[t].task);
        for (uint32_t i = 0; i < table->tasks[t].row_count; i++) {
            const gt_table_row *row = &table->tasks[t].rows[i];
            fprintf(file, "%s %s %.0f", i > 0 ? "," : "", e->labels[row->cell], row->speed);
        }
        fputc('\n', file);
    }
}
