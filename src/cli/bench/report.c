#include "cli/bench/report.h"

#include "command/page.h"
#include "command/terminal.h"
#include "plan/describe/bound.h"

#include <math.h>
#include <stdio.h>

gt_bench_report gt_bench_report_of(const gt_step_settings *settings, gt_measurement *m, int threads)
{
    return (gt_bench_report){
        .settings = settings,
        .measurement = m,
        .threads = threads,
        .step = gt_samples_summary(&m->times),
        .bound = gt_samples_summary(&m->bound_times),
        .foreign = gt_samples_summary(&m->foreign_times),
        .planning = gt_samples_summary(&m->planning),
    };
}

/* ---- for people ---------------------------------------------------------------------------- */

static const char *format_time(double us, char text[32])
{
    if (us < 1e3)
        snprintf(text, 32, "%.2f us", us);
    else if (us < 1e6)
        snprintf(text, 32, "%.3f ms", us * 1e-3);
    else
        snprintf(text, 32, "%.3f s", us * 1e-6);
    return text;
}

static void print_times(const char *what, const gt_summary *s, const char *more)
{
    char median[32], least[32];
    gt_page_print("%-15s %s median, %s least, spread %.1f %%%s\n", what, format_time(s->median, median),
                  format_time(s->least, least), 100 * s->spread, more);
}

static void print_heading(const gt_bench_report *r)
{
    const gt_step_settings *s = r->settings;
    gt_page_print("%s%s%s%s, %s of", gt_terminal_style(stdout, GT_STYLE_STRONG), s->cell->name,
                  gt_terminal_style(stdout, GT_STYLE_PLAIN), s->unrolled ? " unrolled" : "",
                  s->forward ? "the forward pass" : "one training step");
    gt_page_print(" %lld examples over %lld steps, ", (long long)s->batch, (long long)s->steps);
    gt_print_dimensions(&s->dimensions);
    gt_page_print("%s, %d thread%s, %u rounds%s\n", gt_dtype_name(s->dtype), r->threads, r->threads == 1 ? "" : "s",
                  (unsigned)r->measurement->rounds, r->measurement->interrupted ? " (interrupted)" : "");
}

static bool has_library(const gt_bound_runner *b)
{
    for (int name = 0; name < GT_LIBRARY_COUNT; name++)
        if (b->libraries.states[name] == GT_LIBRARY_READY)
            return true;
    return false;
}

/* Of a library that takes no part although it is there. */
static void print_failed_libraries(const gt_bound_runner *b)
{
    for (int name = 0; name < GT_LIBRARY_COUNT; name++)
        if (b->libraries.states[name] == GT_LIBRARY_FAILED)
            gt_page_print(
                "%-15s %s takes no part: it failed when it was tried (too little memory, or this processor)\n", "",
                gt_library_title((gt_library_name)name));
}

static void print_libraries(const gt_bench_report *r)
{
    char text[64];
    snprintf(text, sizeof text, "; x%.3f", r->step.median / r->foreign.median);
    if (has_library(&r->measurement->bound))
        print_times("  by libraries", &r->foreign, text);
    else
        gt_page_print("%-15s not measured: neither OpenBLAS nor oneDNN is of use here\n", "  by libraries");
    print_failed_libraries(&r->measurement->bound);
}

/* What the loss reads, where it is more than the hidden state, and what is left out. */
static void print_reads(const gt_bench_report *r)
{
    char names[256];
    const gt_cell *cell = r->settings->cell;
    gt_reads_names(&r->measurement->step.reads, cell, names, sizeof names);
    gt_page_print("%-15s of %s at every step", r->settings->forward ? "values" : "upstream", names);
    for (uint32_t i = 0; i < cell->output_count; i++)
        if (gt_cell_is_output_layer(&cell->outputs[i]))
            gt_page_print("; the output layer %s is left out", cell->outputs[i].name);
    gt_page_print("\n");
}

static void print_products(const gt_bench_report *r)
{
    const gt_bound_runner *b = &r->measurement->bound;
    for (uint32_t i = 0; i < b->count; i++) {
        const gt_bound_product *p = gt_bound_at(b->bound, i);
        gt_page_print("  %5lld x (%lld, %lld) @ (%lld, %lld)  %s: %s\n", (long long)p->times, (long long)p->rows,
                      (long long)p->inner, (long long)p->inner, (long long)p->columns, p->text,
                      gt_way_name(b->best[i]));
    }
}

void gt_bench_report_print(const gt_bench_report *r)
{
    const gt_measurement *m = r->measurement;
    char median[32], least[32], recorded[32], text[64];
    print_heading(r);
    print_reads(r);
    print_times("step", &r->step, "");
    if (m->bound.count > 0) {
        snprintf(text, sizeof text, "; the step takes x%.3f of it", r->step.median / r->bound.median);
        print_times("GEMM bound", &r->bound, text);
        print_libraries(r);
    } else {
        gt_page_print("%-15s none: there is no matrix product\n", "GEMM bound");
    }
    gt_page_print("%-15s %s median, %s least; recording the tape %s\n", "planning",
                  format_time(r->planning.median, median), format_time(r->planning.least, least),
                  format_time(m->step.record_us, recorded));
    double flops = m->cost.product_flops + m->cost.other_flops;
    gt_page_print("%-15s %.4g MFLOP, %.1f %% in matrix products; %.1f GFLOP/s; %.4g MB moved\n", "work", flops * 1e-6,
                  flops > 0 ? 100 * m->cost.product_flops / flops : 0.0, flops / r->step.median * 1e-3,
                  m->cost.bytes * 1e-6);
    gt_page_print("%-15s %.4g MB, of which %.4g MB are the plan's own and %.4g MB given\n", "memory",
                  (double)(m->cost.workspace_bytes + m->cost.input_bytes) * 1e-6,
                  (double)m->cost.workspace_bytes * 1e-6, (double)m->cost.input_bytes * 1e-6);
    if (m->bound.count > 0)
        gt_page_print("products of the bound, each by the fastest:\n");
    print_products(r);
}

/* ---- for machines -------------------------------------------------------------------------- */

static void json_products(const gt_bench_report *r, gt_json *json)
{
    const gt_bound_runner *b = &r->measurement->bound;
    gt_json_array(json, "products");
    for (uint32_t i = 0; i < b->count; i++) {
        const gt_bound_product *p = gt_bound_at(b->bound, i);
        gt_json_object(json, NULL);
        gt_json_text(json, "text", p->text);
        gt_json_integer(json, "times", p->times);
        gt_json_integer(json, "rows", p->rows);
        gt_json_integer(json, "inner", p->inner);
        gt_json_integer(json, "columns", p->columns);
        gt_json_text(json, "by", gt_way_name(b->best[i]));
        gt_json_text(json, "library", has_library(b) ? gt_way_name(b->foreign[i]) : NULL);
        gt_json_close(json);
    }
    gt_json_close(json);
}

static void json_libraries(const gt_bound_runner *b, gt_json *json)
{
    static const char *const words[] = {
        [GT_LIBRARY_ABSENT] = "absent", [GT_LIBRARY_FAILED] = "failed", [GT_LIBRARY_READY] = "measured"};
    gt_json_object(json, "libraries");
    for (int name = 0; name < GT_LIBRARY_COUNT; name++)
        gt_json_text(json, gt_library_title((gt_library_name)name), words[b->libraries.states[name]]);
    gt_json_close(json);
}

/* null where there is no product, or no library. */
static void json_ratio(gt_json *json, const char *key, double time, double bound)
{
    if (bound > 0)
        gt_json_real(json, key, time / bound);
    else
        gt_json_null(json, key);
}

void gt_bench_report_json(const gt_bench_report *r, gt_json *json)
{
    const gt_measurement *m = r->measurement;
    bool products = m->bound.count > 0;
    double bound = products ? r->bound.median : 0, foreign = products ? r->foreign.median : 0;
    gt_step_settings_json(r->settings, &r->measurement->step.reads, r->threads, json);
    gt_json_integer(json, "repeat", m->rounds);
    gt_json_boolean(json, "interrupted", m->interrupted);
    gt_json_real(json, "median_us", r->step.median);
    gt_json_real(json, "min_us", r->step.least);
    gt_json_real(json, "max_us", r->step.most);
    gt_json_real(json, "spread", r->step.spread);
    gt_json_real(json, "gemm_bound_us", bound);
    gt_json_real(json, "gemm_bound_min_us", products ? r->bound.least : 0);
    json_ratio(json, "ratio", r->step.median, bound);
    json_ratio(json, "min_ratio", r->step.least, products ? r->bound.least : 0);
    gt_json_real(json, "library_bound_us", has_library(&m->bound) ? foreign : NAN);
    json_ratio(json, "library_ratio", r->step.median, has_library(&m->bound) ? foreign : 0);
    json_libraries(&m->bound, json);
    gt_json_real(json, "plan_us", r->planning.median);
    gt_json_real(json, "record_us", m->step.record_us);
    gt_json_real(json, "flops", m->cost.product_flops + m->cost.other_flops);
    gt_json_real(json, "product_flops", m->cost.product_flops);
    gt_json_real(json, "bound_flops", m->bound.flops);
    gt_json_real(json, "moved_bytes", m->cost.bytes);
    gt_json_integer(json, "peak_bytes", (int64_t)(m->cost.workspace_bytes + m->cost.input_bytes));
    gt_json_integer(json, "workspace_bytes", (int64_t)m->cost.workspace_bytes);
    gt_json_integer(json, "input_bytes", (int64_t)m->cost.input_bytes);
    json_products(r, json);
}
