/* The numbers of a problem: converted to its type, finite, filled up where absent. */
#include "problem/problem.h"

#include "base/entry.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>

static double entry(gt_array array, int64_t i)
{
    return gt_entry_at(array.data, array.dtype, i);
}

/* "[1][2][3]", as one writes it in Python. */
static void format_place(gt_shape shape, int64_t i, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int axis = 0; axis < shape.rank && used < size; axis++) {
        used += (size_t)snprintf(text + used, size - used, "[%lld]", (long long)(i % shape.size[axis]));
        i /= shape.size[axis];
    }
}

static gt_status bad_entry(const gt_problem_array *array, gt_array given, int64_t i, const char *what, gt_error *error)
{
    char place[100];
    format_place(given.shape, i, place, sizeof place);
    return gt_error_set(error, GT_ERROR_NOT_FINITE, "the array '%s' has %.15g at %s%s; %s", array->name,
                        entry(given, i), array->name, place, what);
}

gt_status gt_problem_copy(const gt_cell_problem *problem, gt_problem_array *array, gt_array given, bool whole,
                          gt_error *error)
{
    int64_t count = gt_shape_count(given.shape);
    for (int64_t i = 0; i < count; i++) {
        double value = entry(given, i);
        if (!isfinite(value))
            return bad_entry(array, given, i, "expected finite numbers", error);
        double rounded = gt_entry_rounded(problem->dtype, value);
        gt_entry_set(array->data, problem->dtype, i, value);
        if (!isfinite(rounded))
            return bad_entry(array, given, i, "this is too large for f32: use --dtype f64", error);
        if (whole && rounded != value)
            return bad_entry(array, given, i, "no number of f32 is that one: use --dtype f64", error);
    }
    return GT_OK;
}

gt_status gt_problem_fill_initial(const gt_cell_problem *problem, gt_problem_array *array, gt_error *error)
{
    double value;
    gt_status status = gt_cell_array_mean(array->row, problem->sizes, problem->size_count, &value, error);
    for (size_t i = 0; i < array->count && status == GT_OK; i++)
        gt_entry_set(array->data, problem->dtype, (int64_t)i, value);
    return status;
}

gt_status gt_problem_make_room(gt_cell_problem *problem, gt_error *error)
{
    size_t total = 0, size = gt_dtype_size(problem->dtype);
    for (uint32_t i = 0; i < problem->array_count; i++) {
        gt_problem_array *array = &problem->arrays[i];
        array->count = (size_t)gt_shape_count(array->shape);
        array->first = total;
        total = gt_size_add(total, array->count);
        if (i < problem->differentiated)
            problem->x_count = total;
    }
    problem->y_count = total - problem->x_count;
    problem->buffer = gt_memory_new(total, size);
    if (problem->buffer == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory for the %zu entries of all arrays", total);
    for (uint32_t i = 0; i < problem->array_count; i++)
        problem->arrays[i].data = (char *)problem->buffer + problem->arrays[i].first * size;
    return GT_OK;
}
