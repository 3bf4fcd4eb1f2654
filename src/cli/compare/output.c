/* Files of the folder. */
#include "cli/compare/output.h"

#include "base/utf8.h"

#include <stdlib.h>

static bool write_file(const gt_table *table, const char *name, void (*write)(FILE *, const gt_table *),
                       gt_error *error)
{
    char path[GT_RUN_PATH], *bytes = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", table->experiment->folder, name);
    FILE *memory = open_memstream(&bytes, &size);
    if (memory != NULL)
        write(memory, table);
    bool good = memory != NULL && ferror(memory) == 0;
    good = memory != NULL && fclose(memory) == 0 && good;
    if (!good)
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for %s", path);
    else
        good = gt_file_replace(path, bytes, size, error) == GT_OK;
    free(bytes);
    return good;
}

bool gt_compare_write_files(const gt_table *table, gt_error *error)
{
    return write_file(table, "table.txt", gt_compare_write_text, error) &&
           write_file(table, "table.csv", gt_compare_write_csv, error) &&
           write_file(table, "table.tex", gt_compare_write_latex, error) &&
           write_file(table, "speeds.csv", gt_compare_write_speeds_csv, error);
}
