/* Files of the folder. */
#include "cli/compare/output.h"

#include "command/markup.h"

static void put_text(FILE *file, const void *table)
{
    gt_compare_write_text(file, table);
}

static void put_csv(FILE *file, const void *table)
{
    gt_compare_write_csv(file, table);
}

static void put_latex(FILE *file, const void *table)
{
    gt_compare_write_latex(file, table);
}

static void put_speeds(FILE *file, const void *table)
{
    gt_compare_write_speeds_csv(file, table);
}

static const struct {
    const char *name;
    void (*put)(FILE *, const void *);
} files[] = {{"table.txt", put_text}, {"table.csv", put_csv}, {"table.tex", put_latex}, {"speeds.csv", put_speeds}};

enum { FILES = sizeof files / sizeof *files };

const char *gt_compare_file_name(size_t i)
{
    return i < FILES ? files[i].name : i == FILES ? GT_COMPARE_REPORT : NULL;
}

bool gt_compare_write_files(const gt_table *table, gt_error *error)
{
    for (size_t i = 0; i < FILES; i++) {
        char path[GT_RUN_PATH];
        snprintf(path, sizeof path, "%s/%s", table->experiment->folder, files[i].name);
        if (gt_markup_write(files[i].put, table, path, error) != GT_OK)
            return false;
    }
    return true;
}
