/*
 * Sizes that no array has for itself: of a cell with heads, whose arrays have n_h * n_k rows, an
 * archive may say n_h, as an array of one whole number under the dimension's name.
 */
#include "problem/problem.h"

#include "base/entry.h"

#include <math.h>
#include <string.h>

bool gt_problem_is_size(const gt_cell_problem *problem, const char *name)
{
    gt_dimensions dimensions;
    if (gt_problem_array_named(problem, name) != NULL ||
        gt_dimensions_find(&dimensions, problem->cell, true, NULL) != GT_OK)
        return false;
    for (uint32_t i = 0; i < dimensions.count; i++)
        if (strcmp(dimensions.names[i], name) == 0)
            return true;
    return false;
}

gt_status gt_problem_load_told(const gt_cell_problem *problem, gt_archive *given, gt_error *error)
{
    for (uint32_t i = 0; gt_archive_name(given, i) != NULL; i++) {
        const char *name = gt_archive_name(given, i);
        if (!gt_problem_is_size(problem, name))
            continue;
        gt_status status = gt_archive_load(given, name, error);
        if (status != GT_OK)
            return status;
        gt_array array = gt_archive_find(given, name);
        double size = gt_shape_count(array.shape) == 1 ? gt_entry_at(array.data, array.dtype, 0) : NAN;
        if (!(size >= 1 && size <= 1e15 && size == floor(size)))
            return gt_error_set(error, GT_ERROR_ARGUMENT,
                                "the array '%s' says what the size %s is: expected one whole number of at least 1",
                                name, name);
    }
    return GT_OK;
}

bool gt_problem_told(const gt_cell_problem *problem, const gt_archive *given, const char *name, int64_t *size)
{
    gt_array array = gt_archive_find(given, name);
    if (array.data == NULL || gt_shape_count(array.shape) != 1 || !gt_problem_is_size(problem, name))
        return false;
    *size = (int64_t)gt_entry_at(array.data, array.dtype, 0);
    return *size >= 1;
}

gt_status gt_cell_problem_tell_sizes(gt_archive *archive, const gt_dimension *sizes, uint32_t size_count,
                                     gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < size_count && status == GT_OK; i++) {
        double size = (double)sizes[i].size;
        bool known = false;
        for (uint32_t k = 0; gt_archive_name(archive, k) != NULL; k++)
            known = known || strcmp(gt_archive_name(archive, k), sizes[i].name) == 0;
        if (!known && strcmp(sizes[i].name, "m") != 0)
            status = gt_archive_add(archive, sizes[i].name, (gt_array){&size, GT_F64, GT_SHAPE(1)}, error);
    }
    return status;
}
