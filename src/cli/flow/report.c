/* The flow as text, JSON and CSV. */
#include "cli/flow/runs.h"
#include "command/json.h"
#include "command/page.h"
#include "command/terminal.h"

#include <math.h>

static const char *const kind_names[] = {"state", "value", "input"};

/* ---- for people ---------------------------------------------------------------------------- */

static double largest_of(const gt_flow_series *series, int64_t steps)
{
    double largest = 0;
    for (int64_t t = 0; t < steps; t++)
        largest = fmax(largest, series->norm[t]);
    return largest;
}

static void print_series(const gt_flow *flow)
{
    gt_page_print("%s  %-10s %-6s %12s %12s  %s%s\n", gt_terminal_style(stdout, GT_STYLE_STRONG), "gradient of", "",
                  "t = 1", "last step", "backward in time", gt_terminal_style(stdout, GT_STYLE_PLAIN));
    for (uint32_t i = 0; i < flow->series_count; i++) {
        const gt_flow_series *series = &flow->series[i];
        char words[80];
        gt_flow_words(series->slope, words, sizeof words);
        if (!(largest_of(series, flow->steps) > 0))
            snprintf(words, sizeof words, "no gradient reaches it");
        gt_page_print("  %-10s %-6s %12.4g %12.4g  %s\n", series->name, kind_names[series->kind], series->norm[0],
                      series->norm[flow->steps - 1], words);
    }
}

static void print_paths(const gt_flow *flow)
{
    gt_page_print("%s  %-10s %10s", gt_terminal_style(stdout, GT_STYLE_STRONG), "shares of", "in a step");
    for (uint32_t k = 0; k < flow->state_count; k++)
        gt_page_print(" %7s %s", "through", flow->states[k]);
    gt_page_print("%s%s\n", flow->state_count > 1 ? "   several" : "", gt_terminal_style(stdout, GT_STYLE_PLAIN));
    for (uint32_t p = 0; p < flow->paths_count; p++) {
        const gt_flow_paths *paths = &flow->paths[p];
        gt_page_print("  %-10s %8.1f %%", paths->name, 100 * paths->within);
        for (uint32_t k = 0; k < flow->state_count; k++)
            gt_page_print(" %7.1f %%", 100 * paths->alone[k]);
        if (flow->state_count > 1)
            gt_page_print("  %6.1f %%", 100 * paths->mixed);
        gt_page_print("\n");
    }
}

static void print_singular(const gt_flow *flow)
{
    if (flow->singular == NULL || flow->singular_count == 0)
        return;
    gt_page_print("  the last states by the first: singular values from %.3g to %.3g\n", flow->singular[0],
                  flow->singular[flow->singular_count - 1]);
}

void gt_flow_print(const gt_flow_view *views, uint32_t count)
{
    for (uint32_t v = 0; v < count; v++) {
        const gt_flow *flow = views[v].flow;
        gt_page_print("%s%s: T = %lld, m = %lld\n", v > 0 ? "\n" : "", views[v].label, (long long)flow->steps,
                      (long long)flow->examples);
        print_series(flow);
        print_paths(flow);
        print_singular(flow);
    }
}

/* ---- for programs -------------------------------------------------------------------------- */

static void write_list(gt_json *json, const char *key, const double *list, int64_t count)
{
    gt_json_array(json, key);
    for (int64_t k = 0; k < count; k++)
        gt_json_real(json, NULL, list[k]);
    gt_json_close(json);
}

/* Rows as lists: entry k of row r is at list[r * row + k * column]. */
static void write_rows(gt_json *json, const char *key, const double *list, int64_t rows, int64_t columns, int64_t row,
                       int64_t column)
{
    gt_json_array(json, key);
    for (int64_t r = 0; r < rows; r++) {
        gt_json_array(json, NULL);
        for (int64_t k = 0; k < columns; k++)
            gt_json_real(json, NULL, list[r * row + k * column]);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static void write_series(gt_json *json, const gt_flow *flow)
{
    gt_json_array(json, "gradients");
    for (uint32_t i = 0; i < flow->series_count; i++) {
        const gt_flow_series *series = &flow->series[i];
        gt_json_object(json, NULL);
        gt_json_text(json, "name", series->name);
        gt_json_text(json, "kind", kind_names[series->kind]);
        gt_json_real(json, "decades_each_step_back", series->slope);
        write_list(json, "norm", series->norm, flow->steps);
        write_rows(json, "entries", series->entry, series->units, flow->steps, 1, series->units);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static void write_paths(gt_json *json, const gt_flow *flow)
{
    gt_json_array(json, "parameters");
    for (uint32_t p = 0; p < flow->paths_count; p++) {
        const gt_flow_paths *paths = &flow->paths[p];
        gt_json_object(json, NULL);
        gt_json_text(json, "name", paths->name);
        gt_json_real(json, "norm", paths->norm);
        gt_json_real(json, "within_a_step", paths->within);
        gt_json_object(json, "through_alone");
        for (uint32_t k = 0; k < flow->state_count; k++)
            gt_json_real(json, flow->states[k], paths->alone[k]);
        gt_json_close(json);
        gt_json_real(json, "through_several", paths->mixed);
        if (paths->triangle != NULL)
            write_rows(json, "loss_at_step_by_use_at_step", paths->triangle, flow->steps, flow->steps, flow->steps, 1);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static gt_json *write_json(const gt_command *command, const gt_flow_view *views, uint32_t count)
{
    gt_json *json = gt_json_begin(command, 1);
    gt_json_array(json, "flows");
    for (uint32_t v = 0; v < count; v++) {
        const gt_flow *flow = views[v].flow;
        gt_json_object(json, NULL);
        gt_json_text(json, "label", views[v].label);
        gt_json_text(json, "cell", flow->cell);
        gt_json_integer(json, "T", flow->steps);
        gt_json_integer(json, "m", flow->examples);
        write_series(json, flow);
        write_paths(json, flow);
        if (flow->singular != NULL)
            write_rows(json, "singular_values", flow->singular, flow->steps, flow->singular_count, flow->singular_count,
                       1);
        gt_json_close(json);
    }
    gt_json_close(json);
    return json;
}

int gt_flow_print_json(const gt_command *command, const gt_flow_view *views, uint32_t count)
{
    return gt_json_finish(write_json(command, views, count), GT_EXIT_GOOD);
}

char *gt_flow_take_json(const gt_command *command, const gt_flow_view *views, uint32_t count)
{
    gt_json *json = write_json(command, views, count);
    return json == NULL ? NULL : gt_json_take(json, 1);
}

/* A text in quotes, as RFC 4180 has them. */
static void write_quoted(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

static void write_line(FILE *file, const char *label, const char *kind, const char *name, int64_t step, int64_t entry,
                       double value)
{
    write_quoted(file, label);
    fprintf(file, ",%s,", kind);
    write_quoted(file, name);
    fprintf(file, ",%lld,", (long long)step);
    if (entry > 0)
        fprintf(file, "%lld", (long long)entry);
    fprintf(file, ",%.17g\r\n", value);
}

static void write_lines(FILE *file, const gt_flow_view *view)
{
    const gt_flow *flow = view->flow;
    for (uint32_t i = 0; i < flow->series_count; i++)
        for (int64_t t = 0; t < flow->steps; t++) {
            const gt_flow_series *series = &flow->series[i];
            write_line(file, view->label, "norm", series->name, t + 1, 0, series->norm[t]);
            for (int64_t u = 0; u < series->units; u++)
                write_line(file, view->label, kind_names[series->kind], series->name, t + 1, u + 1,
                           series->entry[t * series->units + u]);
        }
    for (uint32_t p = 0; p < flow->paths_count; p++) {
        const gt_flow_paths *paths = &flow->paths[p];
        write_line(file, view->label, "within a step", paths->name, 0, 0, paths->within);
        for (uint32_t k = 0; k < flow->state_count; k++)
            write_line(file, view->label, "through a state alone", paths->name, 0, k + 1, paths->alone[k]);
        write_line(file, view->label, "through several states", paths->name, 0, 0, paths->mixed);
        for (int64_t s = 0; s < flow->steps && paths->triangle != NULL; s++)
            for (int64_t t = 0; t <= s; t++)
                write_line(file, view->label, "loss at step by use at step", paths->name, s + 1, t + 1,
                           paths->triangle[s * flow->steps + t]);
    }
    for (int64_t t = 0; t < flow->steps && flow->singular != NULL; t++)
        for (uint32_t k = 0; k < flow->singular_count; k++)
            write_line(file, view->label, "singular value", "", t + 1, k + 1,
                       flow->singular[t * flow->singular_count + k]);
}

void gt_flow_write_csv(FILE *file, const gt_flow_view *views, uint32_t count)
{
    fputs("flow,what,name,step,entry,value\r\n", file);
    for (uint32_t v = 0; v < count; v++)
        write_lines(file, &views[v]);
}
