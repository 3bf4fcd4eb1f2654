/* report.html: one page without anything from elsewhere. */
#include "cli/compare/curves.h"
#include "cli/compare/output.h"

#include "base/utf8.h"
#include "command/markup.h"
#include "data/tasks.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static const char head[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    "<title>Comparison of cells</title><style>body{margin:1.5rem;color:#222;background:#fff;font-family:'DejaVu Sans',"
    "Verdana,sans-serif;line-height:1.5}main{max-width:60rem}svg{max-width:100%;height:auto;display:block;margin:1rem "
    "0}h2{margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}table{border-collapse:collapse;margin:1rem 0;"
    "font-size:.93rem}th,td{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #8886;white-space:nowrap}"
    "th.w,td.w{text-align:left}tr.best td{font-weight:bold}tr.level td{color:#6a6a6a}p.note{color:#6a6a6a;font-size:"
    ".9rem}pre{overflow-x:auto;padding:.7rem;background:#8881;border-radius:4px;font-size:.88rem}summary{cursor:"
    "pointer;margin:.5rem 0}.wide{overflow-x:auto}.wrong{color:#b00020}";
static const char dark[] = "@media (prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181c}tr.level td,"
                           "p.note{color:#a8a8a8}.wrong{color:#ff8a80}a{color:#7cc4ff}}</style><main>\n";

/* ---- pieces -------------------------------------------------------------------------------- */

static void put_cell(FILE *file, const char *kind, const char *text)
{
    fprintf(file, "<td%s>", kind);
    gt_markup_text(file, text);
    fputs("</td>", file);
}

static void put_estimate(FILE *file, gt_estimate estimate, double factor)
{
    char text[64] = "";
    gt_estimate scaled = {.mean = factor * estimate.mean, .half = factor * estimate.half};
    if (!isnan(estimate.mean))
        gt_compare_format(scaled, "±", text, sizeof text);
    put_cell(file, "", text);
}

static void put_heading(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    fputs("<h1>Comparison of ", file);
    for (uint32_t c = 0; c < e->cell_count; c++) {
        fputs(c == 0 ? "" : c + 1 == e->cell_count ? " and " : ", ", file);
        gt_markup_text(file, e->labels[c]);
    }
    fprintf(file, "</h1>\n<p>%u runs: %u cell%s, %u task%s, %u learning rate%s, %" PRId64 " seed%s", e->run_count,
            e->cell_count, e->cell_count == 1 ? "" : "s", e->task_count, e->task_count == 1 ? "" : "s", e->rate_count,
            e->rate_count == 1 ? "" : "s", e->seeds, e->seeds == 1 ? "" : "s");
    if (e->settings.parameters > 0)
        fprintf(file, "; each network as near to %" PRId64 " parameters as a whole number of units comes",
                e->settings.parameters);
    fputs(".</p>\n", file);
}

/* ---- a task -------------------------------------------------------------------------------- */

static void put_row(FILE *file, const gt_table *table, const gt_task_table *task, uint32_t place)
{
    const gt_table_row *row = &task->rows[place];
    const gt_experiment *e = table->experiment;
    char text[64];
    fprintf(file, "<tr%s><td>%u</td>", place == 0 ? " class=\"best\"" : "", place + 1);
    put_cell(file, " class=\"w\"", e->labels[row->cell]);
    fprintf(file, "<td>%" PRId64 "</td><td>%" PRId64 "</td><td>%g</td>", row->parameters, row->hidden,
            e->rates[row->rate]);
    if (row->diverged > 0)
        fprintf(file, "<td>%u of %u diverged</td>", row->diverged, row->loss.count);
    else
        put_estimate(file, row->loss, 1);
    if (!isnan(task->baseline_accuracy.mean))
        put_estimate(file, row->accuracy, 100);
    for (uint32_t k = 0; k < e->term_count; k++)
        put_estimate(file, row->terms[k], 1);
    gt_compare_format_p(row->p, text, sizeof text);
    put_cell(file, "", place == 0 ? "best" : text);
    bool right = table->verdicts[row->cell] == GT_RIGHT;
    put_cell(file, right ? " class=\"w\"" : " class=\"w wrong\"", gt_verdict_name(table->verdicts[row->cell]));
    fputs("</tr>\n", file);
}

static void put_level(FILE *file, const gt_table *table, const gt_task_table *task, const char *name, gt_estimate loss,
                      gt_estimate accuracy)
{
    fputs("<tr class=\"level\"><td></td>", file);
    put_cell(file, " class=\"w\"", name);
    fputs("<td></td><td></td><td></td>", file);
    put_estimate(file, loss, 1);
    if (!isnan(task->baseline_accuracy.mean))
        put_estimate(file, accuracy, 100);
    for (uint32_t k = 0; k < table->experiment->term_count; k++)
        fputs("<td></td>", file);
    fputs("<td></td><td></td></tr>\n", file);
}

static void put_ranking(FILE *file, const gt_table *table, const gt_task_table *task)
{
    fputs("<div class=\"wide\"><table><tr><th></th><th class=\"w\">cell</th><th>parameters</th><th>units</th><th>"
          "learning rate</th><th>",
          file);
    fputs(gt_task_table_unit(task), file);
    fputs(!isnan(task->baseline_accuracy.mean) ? "</th><th>right, %" : "", file);
    for (uint32_t k = 0; k < table->experiment->term_count; k++) {
        fputs("</th><th>", file);
        gt_markup_text(file, table->experiment->terms[k]);
    }
    fputs("</th><th>p</th><th class=\"w\">check</th></tr>\n", file);
    for (uint32_t i = 0; i < task->row_count; i++)
        put_row(file, table, task, i);
    put_level(file, table, task, "always the same", task->baseline, task->baseline_accuracy);
    const gt_estimate optimum = {.mean = task->optimum, .half = NAN}, none = {.mean = NAN, .half = NAN};
    if (!isnan(task->optimum))
        put_level(file, table, task, "the optimum", optimum, none);
    fputs("</table></div>\n", file);
}

static void put_pairs(FILE *file, const gt_table *table, const gt_task_table *task)
{
    const gt_experiment *e = table->experiment;
    if (task->pair_count == 0 || e->seeds < 2)
        return;
    fputs("<details><summary>All pairs</summary><table><tr><th class=\"w\">better</th><th class=\"w\">worse</th><th>"
          "by</th><th>p</th><th>p, corrected</th></tr>\n",
          file);
    for (uint32_t i = 0; i < task->pair_count; i++) {
        const gt_table_pair *pair = &task->pairs[i];
        char p[32], corrected[32];
        gt_compare_format_p(pair->p, p, sizeof p);
        gt_compare_format_p(pair->corrected, corrected, sizeof corrected);
        fputs("<tr>", file);
        put_cell(file, " class=\"w\"", e->labels[task->rows[pair->first].cell]);
        put_cell(file, " class=\"w\"", e->labels[task->rows[pair->second].cell]);
        fprintf(file, isnan(pair->difference) ? "<td></td>" : "<td>%.3g</td>", pair->difference);
        put_cell(file, "", p);
        put_cell(file, "", corrected);
        fputs("</tr>\n", file);
    }
    fputs("</table></details>\n", file);
}

/* What each rate would have given: whether the range was wide enough. */
static void put_rates(FILE *file, const gt_table *table, const gt_task_table *task)
{
    const gt_experiment *e = table->experiment;
    if (e->rate_count < 2)
        return;
    fputs("<details><summary>Learning rates: mean loss in validation</summary><div class=\"wide\"><table><tr><th "
          "class=\"w\">cell</th>",
          file);
    for (uint32_t r = 0; r < e->rate_count; r++)
        fprintf(file, "<th>%g</th>", e->rates[r]);
    fputs("</tr>\n", file);
    for (uint32_t i = 0; i < task->row_count; i++) {
        const gt_table_row *row = &task->rows[i];
        fputs("<tr>", file);
        put_cell(file, " class=\"w\"", e->labels[row->cell]);
        for (uint32_t r = 0; r < e->rate_count; r++) {
            double loss = task->validation[r + e->rate_count * row->cell];
            fprintf(file,
                    isinf(loss)      ? "<td>diverged</td>"
                    : r == row->rate ? "<td><b>%.4g</b></td>"
                                     : "<td>%.4g</td>",
                    loss);
        }
        fputs("</tr>\n", file);
    }
    fputs("</table></div></details>\n", file);
}

static void put_task(FILE *file, const gt_compare_report *report, uint32_t place)
{
    const gt_table *table = report->table;
    const gt_task_table *task = &table->tasks[place];
    const gt_task *known = NULL;
    int64_t sizes[2];
    char caption[200];
    gt_compare_caption(table, task, caption, sizeof caption);
    fputs("<h2>", file);
    gt_markup_text(file, task->task);
    fputs("</h2>\n<p>", file);
    if (gt_task_find(task->task, &known, sizes, NULL) && known != NULL) {
        fputs("The task: ", file);
        gt_markup_text(file, known->tests);
        fputs(" (", file);
        gt_markup_text(file, known->source);
        fputs("). ", file);
    }
    fprintf(file, "In the table: %s.</p>\n", caption);
    put_ranking(file, table, task);
    put_pairs(file, table, task);
    put_rates(file, table, task);
    gt_curves_draw(file, table, place, gt_compare_curves(report, place, GT_CURVE_LOSS), GT_CURVE_LOSS, false);
    fprintf(file, "<p class=\"note\">Loss in training: the mean of the seeds%s.</p>\n",
            table->experiment->seeds > 1 ? ", and between the smallest and the largest" : "");
    gt_curves_draw(file, table, place, gt_compare_curves(report, place, GT_CURVE_NORM), GT_CURVE_NORM, false);
    fputs("<p class=\"note\">Norm of the gradient of all parameters together, before it is clipped.</p>\n", file);
}

/* ---- how it was run ------------------------------------------------------------------------ */

static void put_reading(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    fputs("<h2>How to read it</h2>\n<ul>", file);
    if (e->seeds > 1)
        fputs("<li>± is the 95 % interval of the mean over the seeds, by Student's t.", file);
    else
        fputs("<li>One seed tells neither an interval nor whether cells differ.", file);
    if (e->seeds > 1 && e->cell_count > 1)
        fputs("<li>p: Student's paired t-test against the best cell: a seed gives all cells the same data in the same "
              "order. It is corrected for all pairs of the task (Holm 1979). A small p says that the difference is "
              "unlikely to be chance; a large one does not say that there is none.",
              file);
    if (e->rate_count > 1)
        fputs("<li>Each cell has the learning rate with the smallest mean loss in validation.", file);
    fputs("<li><i>Always the same</i> is what knowing nothing gives: predicting the frequencies, or the mean."
          "<li>check is the verdict of <code>gradtape check</code> on the cell's gradients.</ul>\n",
          file);
}

static void put_command(FILE *file, const gt_compare_report *report)
{
    fprintf(file, "<h2>How to run it again</h2>\n<p>With gradtape %s, in another folder:</p>\n<pre>", gt_version());
    gt_compare_print_command(file, gt_markup_bytes, report->argument_count, report->arguments);
    fputs("</pre>\n", file);
}

static void put_cells(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    for (uint32_t c = 0; c < e->cell_count; c++) {
        const char *text = gt_parsed_cell_text(e->sources[c].parsed, NULL);
        fputs("<details><summary>The cell ", file);
        gt_markup_text(file, e->labels[c]);
        fputs("</summary><pre>", file);
        gt_markup_text(file, text == NULL ? "" : text);
        fputs("</pre></details>\n", file);
    }
}

static void put_speeds(FILE *file, const gt_table *table)
{
    const gt_experiment *e = table->experiment;
    fprintf(file,
            "<h2>Speed</h2>\n<p>%s a second, validation included, on the machine of each run with all that ran beside: "
            "not a measurement.</p>\n<div class=\"wide\"><table><tr><th class=\"w\">cell</th>",
            e->tasks.count == 0 ? "Characters" : "Sequences");
    for (uint32_t t = 0; t < table->task_count; t++) {
        fputs("<th>", file);
        gt_markup_text(file, table->tasks[t].task);
        fputs("</th>", file);
    }
    fputs("</tr>\n", file);
    for (uint32_t c = 0; c < e->cell_count; c++) {
        fputs("<tr>", file);
        put_cell(file, " class=\"w\"", e->labels[c]);
        for (uint32_t t = 0; t < table->task_count; t++)
            for (uint32_t i = 0; i < table->tasks[t].row_count; i++)
                if (table->tasks[t].rows[i].cell == c)
                    fprintf(file, "<td>%.0f</td>", table->tasks[t].rows[i].speed);
        fputs("</tr>\n", file);
    }
    fputs("</table></div>\n", file);
}

void gt_compare_write_page(FILE *file, const gt_compare_report *report)
{
    const gt_table *table = report->table;
    fputs(head, file);
    fputs(gt_curves_style, file);
    fputs(dark, file);
    put_heading(file, table);
    for (uint32_t t = 0; t < table->task_count; t++)
        put_task(file, report, t);
    put_reading(file, table);
    put_command(file, report);
    put_cells(file, table);
    put_speeds(file, table);
    fputs("</main></html>\n", file);
}
