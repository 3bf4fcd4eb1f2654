#include "cli/check/arrays.h"
#include "problem/load.h"

gt_archive *gt_check_read_arrays(const gt_cell *cell, const gt_text_list *files, gt_error *error)
{
    gt_archive *arrays = gt_arrays_open(files, error);
    gt_error reason = {0};
    if (arrays == NULL || gt_cell_problem_load(cell, arrays, &reason) == GT_OK)
        return arrays;
    char names[256];
    gt_error_set(error, reason.status, "%s: %s", gt_arrays_describe(files, names, sizeof names), reason.message);
    gt_archive_free(arrays);
    return NULL;
}
