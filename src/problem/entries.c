/* The numbers of a problem: converted to its type, finite, filled up where absent. */
#include "problem/problem.h"

#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double entry(gt_array array, int64_t i)
{
    return array.dtype == GT_F32   ? (double)((const float *)array.data)[i]
           : array.dtype == GT_I32 ? (double)((const int32_t *)array.data)[i]
                                   : ((const double *)array.data)[i];
}

/* "[1][2][3]", as one writes it in Python. */
static void format_place(gt_shape shape, int64_t i, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (int axis = 0; axis < shape.rank && used < size; axis++) {
        used +=
            (size_t)snprintf(text + used, size - used, "[%lld]", (long long)(i % shape.size[axis]));
        i /= shape.size[axis];
    }
}

static gt_status bad_entry(const gt_problem_array *array, gt_array given, int64_t i,
                           const char *what, gt_error *error)
{
    char place[100];
    format_place(given.shape, i, place, sizeof place);
    return gt_error_set(error, GT_ERROR_NOT_FINITE, "the array '%s' has %.15g at %s%s; %s",
                        array->name, entry(given, i), array->name, place, what);
}

/* Copies the entries that are there; those of an upstream gradient's later steps stay zero. */
static gt_status copy(const gt_cell_problem *problem, gt_problem_array *array, gt_array given, bool whole,
                      gt_error *error)
{
    int64_t count = gt_shape_count(given.shape);
    for (int64_t i = 0; i < count; i++) {
        double value = entry(given, i);
        if (!isfinite(value))
            return bad_entry(array, given, i, "expected finite numbers", error);
        if (problem->dtype == GT_F64)
            ((double *)array->data)[i] = value;
        else
            ((float *)array->data)[i] = (float)value;
        if (problem->dtype == GT_F32 && !isfinite((float)value))
            return bad_entry(array, given, i, "this is too large for f32: use --dtype f64", error);
        if (problem->dtype == GT_F32 && whole && (double)(float)value != value)
            return bad_entry(array, given, i, "no number of f32 is that one: use --dtype f64", error);
    }
    return GT_OK;
}

/* What a state starts from where nobody says. */
static void fill_initial(const gt_cell_problem *problem, gt_problem_array *array)
{
    if (array->row->initializer.kind != GT_INITIALIZE_CONSTANT)
        return;
    double value = array->row->initializer.a;
    for (int64_t i = 0; i < gt_shape_count(array->shape); i++) {
        if (problem->dtype == GT_F64)
            ((double *)array->data)[i] = value;
        else
            ((float *)array->data)[i] = (float)value;
    }
}

/* Whole numbers are copied exactly or not at all. */
static bool is_whole(const gt_archive *given, const char *name)
{
    return strncmp(gt_archive_type(given, name), "float", 5) != 0;
}

static gt_status take(const gt_cell_problem *problem, gt_problem_array *array, gt_archive *given, gt_error *error)
{
    int64_t count = gt_shape_count(array->shape);
    array->data = gt_memory_new((size_t)count, gt_dtype_size(problem->dtype));
    if (array->data == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory for '%s'", array->name);
    if (!array->given) {
        fill_initial(problem, array);
        return GT_OK;
    }
    gt_status status = gt_archive_load(given, array->name, error);
    if (status != GT_OK)
        return status;
    return copy(problem, array, gt_archive_find(given, array->name), is_whole(given, array->name), error);
}

gt_status gt_problem_copy_entries(gt_cell_problem *problem, gt_archive *given, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < problem->array_count && status == GT_OK; i++) {
        gt_problem_array *array = &problem->arrays[i];
        if (array->given || array->kind == GT_PROBLEM_INITIAL)
            status = take(problem, array, given, error);
    }
    return status;
}
