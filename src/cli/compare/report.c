/* The page and the pictures of the folder. */
#include "cli/compare/curves.h"
#include "cli/compare/output.h"

#include "command/markup.h"

#include <stdlib.h>
#include <string.h>

typedef struct picture {
    const gt_compare_report *report;
    uint32_t task;
    gt_curve_kind kind;
} picture;

static size_t place_of(const gt_table *table, uint32_t task, gt_curve_kind kind)
{
    return (size_t)table->experiment->cell_count * (2 * task + (kind == GT_CURVE_NORM));
}

const gt_curve *gt_compare_curves(const gt_compare_report *report, uint32_t task, gt_curve_kind kind)
{
    return report->curves + place_of(report->table, task, kind);
}

static bool read_curves(gt_curve *curves, const gt_table *table, gt_error *error)
{
    for (uint32_t t = 0; t < table->task_count; t++)
        for (uint32_t i = 0; i < table->tasks[t].row_count; i++)
            if (!gt_curves_read(&curves[place_of(table, t, GT_CURVE_LOSS) + i],
                                &curves[place_of(table, t, GT_CURVE_NORM) + i], table, t, &table->tasks[t].rows[i],
                                error))
                return false;
    return true;
}

static void put_page(FILE *file, const void *report)
{
    gt_compare_write_page(file, report);
}

static void put_picture(FILE *file, const void *what)
{
    const picture *p = what;
    gt_curves_draw(file, p->report->table, p->task, gt_compare_curves(p->report, p->task, p->kind), p->kind, true);
}

static bool write_pictures(const gt_compare_report *report, uint32_t task, gt_error *error)
{
    const gt_table *table = report->table;
    char path[GT_RUN_PATH];
    for (int kind = GT_CURVE_LOSS; kind <= GT_CURVE_NORM; kind++) {
        const picture p = {report, task, (gt_curve_kind)kind};
        gt_compare_picture_path(table->experiment, task, (gt_curve_kind)kind, path);
        if (gt_markup_write(put_picture, &p, path, error) != GT_OK)
            return false;
    }
    return true;
}

bool gt_compare_write_report(const gt_table *table, int argument_count, char **arguments, gt_error *error)
{
    char path[GT_RUN_PATH];
    gt_curve *curves = calloc((size_t)2 * table->task_count * table->experiment->cell_count, sizeof *curves);
    const gt_compare_report report = {table, curves, argument_count, arguments};
    if (curves == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the curves");
        return false;
    }
    snprintf(path, sizeof path, "%s/" GT_COMPARE_REPORT, table->experiment->folder);
    bool good = read_curves(curves, table, error) && gt_markup_write(put_page, &report, path, error) == GT_OK;
    for (uint32_t t = 0; good && t < table->task_count; t++)
        good = write_pictures(&report, t, error);
    free(curves);
    return good;
}
