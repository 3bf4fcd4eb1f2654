/* Before a check: only what is meant for the cell is loaded, and only in a size that can be meant. */
#include "problem/load.h"
#include "io/members.h"
#include "problem/problem.h"

#include <string.h>

/* The array that `name` has the shape of: itself, P of its gradient dP, or dS of a state or an output S. */
static const gt_problem_array *like(const gt_cell_problem *problem, const char *name, bool *result)
{
    for (uint32_t i = 0; i < problem->array_count; i++) {
        const gt_problem_array *array = &problem->arrays[i];
        *result = strcmp(name, array->name) != 0;
        bool of_result = array->kind >= GT_PROBLEM_STATE_UPSTREAM;
        if (!*result || (of_result && strcmp(name, array->row->name) == 0) ||
            (!of_result && name[0] == 'd' && strcmp(name + 1, array->name) == 0))
            return array;
    }
    return NULL;
}

/* Gradients of each step and example by themselves are the largest that make sense. */
static gt_status check_size(const gt_cell_problem *problem, const char *name, gt_shape shape,
                            const gt_problem_array *array, gt_error *error)
{
    char is[80], expected[80];
    int64_t most = gt_shape_count(array->shape);
    if (most < 0 || __builtin_mul_overflow(most, problem->examples, &most) ||
        __builtin_mul_overflow(most, problem->steps, &most) || gt_shape_count(shape) <= most)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_SHAPE, "the array '%s' is %s; that cannot be meant where %s was expected", name,
                        gt_shape_format(shape, is, sizeof is),
                        gt_shape_format(array->shape, expected, sizeof expected));
}

static gt_status load_known(const gt_cell_problem *problem, bool sized, gt_archive *arrays, gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_archive_count(arrays) && status == GT_OK; i++) {
        const char *name = gt_archive_name(arrays, i);
        bool result = false;
        const gt_problem_array *array = like(problem, name, &result);
        if (array == NULL)
            continue; /* whether that is an error is not decided here */
        if (result && strcmp(gt_archive_type(arrays, name), "float16") == 0)
            return gt_error_set(error, GT_ERROR_TYPE,
                                "the array '%s' is float16, whose three digits are too few to be verified: compute it "
                                "in float64, or float32",
                                name);
        if (sized)
            status = check_size(problem, name, gt_archive_find(arrays, name).shape, array, error);
        if (status == GT_OK)
            status = gt_archive_load(arrays, name, error);
    }
    return status;
}

gt_status gt_cell_problem_load(const gt_cell *cell, gt_archive *arrays, gt_error *error)
{
    gt_cell_problem problem = {.cell = cell};
    gt_status status = gt_problem_list(&problem, arrays, error);
    gt_error reason = {0};
    if (status == GT_OK) {
        gt_problem_choose_outputs(&problem, gt_problem_wants_outputs(&problem));
        /* Without the inputs, or all sizes, nothing can be said yet. */
        gt_status fit = gt_problem_find_sizes(&problem, arrays, &reason);
        if (fit == GT_ERROR_SHAPE)
            status = gt_error_set(error, fit, "%s", reason.message);
        else
            status = load_known(&problem, fit == GT_OK, arrays, error);
    }
    gt_cell_problem_free(&problem);
    return status;
}
