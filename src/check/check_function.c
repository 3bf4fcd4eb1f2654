/* gt_check_function: a gradient that was written by hand against numeric derivatives. */
#include "check/gradients.h"

#include "base/memory.h"
#include "gradtape/random.h"

#include <stdio.h>

static size_t count_entries(const gt_check_gradient *mine)
{
    size_t count = 0;
    for (uint32_t i = 0; i < mine->array_count; i++)
        count = gt_size_add(count, (size_t)gt_shape_count(mine->arrays[i].shape));
    return count;
}

static gt_status check_arguments(const gt_check_gradient *mine, gt_error *error)
{
    for (uint32_t i = 0; i < mine->array_count; i++)
        if (gt_shape_count(mine->arrays[i].shape) < 1)
            return gt_error_set(error, GT_ERROR_SHAPE, "check: the array %s has an impossible shape",
                                mine->arrays[i].name);
    if (mine->array_count == 0 || mine->output_count == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "check: a function needs arrays and outputs");
    return GT_OK;
}

gt_status gt_check_function(const gt_check_gradient *mine, const gt_check_options *options,
                            gt_report *report, gt_error *error)
{
    gt_status status = check_arguments(mine, error);
    if (status != GT_OK)
        return status;
    gt_check_options o = gt_check_options_complete(options);
    double *cotangent = gt_memory_new(mine->output_count, sizeof *cotangent);
    double *gradient = gt_memory_new(count_entries(mine), sizeof *gradient);
    if (cotangent == NULL || gradient == NULL) {
        status = gt_error_set(error, GT_ERROR_MEMORY, "check: no memory for a gradient");
    } else {
        gt_random random;
        gt_random_seed(&random, o.seed);
        for (size_t i = 0; i < mine->output_count; i++)
            cotangent[i] = gt_random_normal(&random);
        status = mine->gradient(mine->context, mine->x, cotangent, gradient, error);
    }
    if (status == GT_OK) {
        gt_gradients problem = {.function = mine->function, .context = mine->context, .x = mine->x,
                                .output_count = mine->output_count, .weights = cotangent,
                                .arrays = mine->arrays, .array_count = mine->array_count,
                                .forms = &(gt_gradient_form){NULL, gradient}, .form_count = 1,
                                .kind = GT_CHECK_NUMERIC};
        status = gt_gradients_check(&problem, &o, report, error);
    }
    gt_memory_free(cotangent);
    gt_memory_free(gradient);
    return status;
}
