#include "cli/check/arrays.h"

gt_archive *gt_check_read_arrays(const gt_cell *cell, const char *path, gt_error *error)
{
    gt_archive *arrays = gt_archive_open(path, error);
    gt_error reason = {0};
    if (arrays == NULL || gt_cell_problem_load(cell, arrays, &reason) == GT_OK)
        return arrays;
    gt_error_set(error, reason.status, "%s: %s", path, reason.message);
    gt_archive_free(arrays);
    return NULL;
}
