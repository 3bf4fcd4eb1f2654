#include "cli/compare/curves.h"

#include "cli/plot/log.h"

#include <math.h>
#include <stdlib.h>

static double value_of(const gt_plot_row *row, gt_curve_kind kind)
{
    return kind == GT_CURVE_LOSS ? row->loss : row->norm;
}

/* The mean of the finite numbers in a stretch of rows. */
static double mean_of(const gt_plot_log *log, size_t first, size_t end, gt_curve_kind kind)
{
    double sum = 0, count = 0;
    for (size_t i = first; i < end; i++)
        if (isfinite(value_of(&log->rows[i], kind))) {
            sum += value_of(&log->rows[i], kind);
            count++;
        }
    return count > 0 ? sum / count : NAN;
}

/* One seed more. A run that ended early has less to say. */
static void add_log(gt_curve *curve, const gt_plot_log *log, gt_curve_kind kind, double *counts)
{
    size_t row = 0;
    for (uint32_t p = 0; p < curve->count; p++) {
        double bound = curve->last * (p + 1) / curve->count;
        size_t first = row;
        while (row < log->count && log->rows[row].iteration <= bound)
            row++;
        double mean = mean_of(log, first, row, kind);
        curve->iteration[p] = bound - curve->last / curve->count / 2;
        if (isnan(mean))
            continue;
        curve->low[p] = counts[p] == 0 ? mean : fmin(curve->low[p], mean);
        curve->high[p] = counts[p] == 0 ? mean : fmax(curve->high[p], mean);
        curve->mean[p] = (curve->mean[p] * counts[p] + mean) / (counts[p] + 1);
        counts[p]++;
    }
}

/* As far as the longest run goes. */
static gt_curve begin(const gt_table_row *row)
{
    uint32_t count = row->iterations < GT_CURVE_POINTS ? (uint32_t)row->iterations : GT_CURVE_POINTS;
    return (gt_curve){.last = (double)row->iterations, .count = count};
}

/* The points of which there is no number. */
static void end(gt_curve *curve, const double *counts)
{
    for (uint32_t p = 0; p < curve->count; p++)
        if (counts[p] == 0)
            curve->mean[p] = curve->low[p] = curve->high[p] = NAN;
}

static bool read_log(gt_plot_log *log, const gt_experiment *e, const gt_experiment_run *run, gt_error *error)
{
    char path[GT_RUN_PATH];
    return gt_experiment_path(e, run, "csv", path, error) && gt_plot_log_read(log, path, error);
}

bool gt_curves_read(gt_curve *loss, gt_curve *norm, const gt_table *table, uint32_t task, const gt_table_row *row,
                    gt_error *error)
{
    const gt_experiment *e = table->experiment;
    double losses[GT_CURVE_POINTS] = {0}, norms[GT_CURVE_POINTS] = {0};
    *loss = *norm = begin(row);
    for (int64_t seed = 0; seed < e->seeds; seed++) {
        gt_plot_log log = {0};
        bool good = read_log(&log, e, &e->runs[gt_experiment_place(e, row->cell, task, row->rate, seed)], error);
        if (good) {
            add_log(loss, &log, GT_CURVE_LOSS, losses);
            add_log(norm, &log, GT_CURVE_NORM, norms);
        }
        gt_plot_log_free(&log);
        if (!good)
            return false;
    }
    end(loss, losses);
    end(norm, norms);
    return true;
}
