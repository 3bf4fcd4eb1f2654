/*
 * Gradients by central differences: the forward pass alone, at four places
 * beside every entry. With f the objective and e the entry,
 *
 *     D(h) = (f(e + h) - f(e - h)) / (2 h) = f'(e) + O(h^2)
 *     (4 D(h) - D(2 h)) / 3               = f'(e) + O(h^4)
 *
 * (Richardson). f is a sum over the entries of the results; their differences
 * are taken before they are summed, so that equal parts cancel exactly.
 */
#include "problem/problem.h"

#include "base/memory.h"
#include "problem/differences.h"
#include "problem/tape.h"

#include <string.h>

/* Small enough for h^4, large enough for rounding: both then come to about 1e-11. */
#define WIDTH 4e-4

/* The forward pass, with the results at one side of an entry kept. */
typedef struct forward_pass {
    const gt_cell_problem *problem;
    gt_cell_tape record;
    gt_interpreter *run;
    const gt_problem_array *upstream[2 * GT_MAX_CELL_ARRAYS];
    gt_var results[2 * GT_MAX_CELL_ARRAYS];
    uint32_t result_count;
    double *kept; /* all results at the upper side, one behind the other */
} forward_pass;

static gt_status evaluate(forward_pass *pass, gt_error *error)
{
    gt_status status = gt_interpreter_evaluate(pass->run, pass->results, pass->result_count);
    return status == GT_OK ? GT_OK : gt_cell_tape_failed(&pass->record, pass->run, status, error);
}

static gt_status begin(forward_pass *pass, gt_error *error)
{
    const gt_cell_problem *problem = pass->problem;
    pass->kept = gt_memory_new((uint64_t)problem->y_count + 1, sizeof *pass->kept);
    if (pass->kept == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = gt_cell_tape_open(&pass->record, problem, true, error);
    if (status != GT_OK)
        return status;
    for (uint32_t i = 0; i < pass->record.result_count; i++) {
        const gt_problem_array *array = &problem->arrays[problem->differentiated + i];
        if (!array->given)
            continue;
        pass->upstream[pass->result_count] = array;
        pass->results[pass->result_count++] = pass->record.results[i];
    }
    gt_error reason = {0};
    pass->run = gt_problem_interpreter(&pass->record, problem, &reason);
    return pass->run != NULL ? GT_OK : gt_error_set(error, reason.status, "%s", reason.message);
}

/* f(e + width) - f(e - width) */
static gt_status difference(forward_pass *pass, double *entry, double width, double *result, gt_error *error)
{
    double middle = *entry;
    *entry = middle + width;
    gt_status status = evaluate(pass, error);
    double *kept = pass->kept;
    for (uint32_t i = 0; i < pass->result_count && status == GT_OK; i++) {
        size_t count = (size_t)gt_shape_count(pass->upstream[i]->shape);
        memcpy(kept, gt_interpreter_value(pass->run, pass->results[i]), count * sizeof *kept);
        kept += count;
    }
    *entry = middle - width;
    if (status == GT_OK)
        status = evaluate(pass, error);
    *entry = middle;
    kept = pass->kept;
    *result = 0;
    for (uint32_t i = 0; i < pass->result_count && status == GT_OK; i++) {
        const double *upstream = pass->upstream[i]->data;
        const double *below = gt_interpreter_value(pass->run, pass->results[i]);
        for (int64_t k = 0; k < gt_shape_count(pass->upstream[i]->shape); k++)
            *result += upstream[k] * (*kept++ - below[k]);
    }
    return status;
}

static gt_status differentiate(forward_pass *pass, const gt_problem_array *array, double *gradient, gt_error *error)
{
    gt_status status = GT_OK;
    for (int64_t k = 0; k < gt_shape_count(array->shape) && status == GT_OK; k++) {
        double wide, narrow, *entry = (double *)array->data + k;
        status = difference(pass, entry, 2 * WIDTH, &wide, error);
        if (status == GT_OK)
            status = difference(pass, entry, WIDTH, &narrow, error);
        if (status == GT_OK)
            gradient[k] = (4 * narrow / (2 * WIDTH) - wide / (4 * WIDTH)) / 3;
    }
    return status;
}

static gt_status add_gradient(forward_pass *pass, const gt_problem_array *array, gt_archive *results, gt_error *error)
{
    double *gradient = gt_memory_new((size_t)gt_shape_count(array->shape), sizeof *gradient);
    if (gradient == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "out of memory");
    gt_status status = differentiate(pass, array, gradient, error);
    char name[GT_PROBLEM_NAME_SIZE + 1] = "d";
    strcat(name, array->name);
    if (status == GT_OK)
        status = gt_archive_add(results, name, (gt_array){gradient, GT_F64, array->written}, error);
    gt_memory_free(gradient);
    return status;
}

gt_status gt_cell_problem_differences(gt_cell_problem *problem, gt_archive *results, gt_error *error)
{
    if (problem->dtype != GT_F64)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "central differences need f64");
    forward_pass pass = {.problem = problem};
    gt_status status = begin(&pass, error);
    for (uint32_t i = 0; i < problem->differentiated && status == GT_OK; i++)
        status = add_gradient(&pass, &problem->arrays[i], results, error);
    gt_interpreter_free(pass.run);
    gt_cell_tape_close(&pass.record);
    gt_memory_free(pass.kept);
    return status;
}
