/* What an optimizer remembers, in an archive. */
#include "base/entry.h"
#include "train/optimizer.h"

#include <math.h>
#include <stdio.h>

#define MAX_STEPS 9007199254740992.0 /* 2^53: below it a double holds every whole number */

/* PREFIX and a word, in a buffer of the caller's. */
static gt_status join(const char *prefix, const char *word, char *text, size_t size, gt_error *error)
{
    int length = snprintf(text, size, "%s%s", prefix == NULL ? "" : prefix, word);
    if (length < 0 || (size_t)length >= size)
        return gt_error_set(error, GT_ERROR_SIZE, "the prefix of the optimizer's arrays is too long");
    return GT_OK;
}

typedef struct names {
    char steps[128], mean[128], variance[128];
} names;

static gt_status find_names(const gt_optimizer *optimizer, const char *prefix, names *n, gt_error *error)
{
    bool adam = optimizer->variance != NULL;
    gt_status status = join(prefix, "steps", n->steps, sizeof n->steps, error);
    if (status == GT_OK)
        status = join(prefix, adam ? "mean." : "velocity.", n->mean, sizeof n->mean, error);
    if (status == GT_OK)
        status = join(prefix, "variance.", n->variance, sizeof n->variance, error);
    return status;
}

gt_status gt_optimizer_store(const gt_optimizer *optimizer, gt_archive *archive, const char *prefix, gt_error *error)
{
    names n;
    gt_status status = find_names(optimizer, prefix, &n, error);
    double steps = (double)optimizer->steps;
    gt_array array = {.data = &steps, .dtype = GT_F64, .shape = GT_SCALAR};
    if (status == GT_OK)
        status = gt_archive_add(archive, n.steps, array, error);
    if (status == GT_OK && optimizer->mean != NULL)
        status = gt_parameters_store(optimizer->mean, archive, n.mean, error);
    if (status == GT_OK && optimizer->variance != NULL)
        status = gt_parameters_store(optimizer->variance, archive, n.variance, error);
    return status;
}

static gt_status load_steps(const gt_archive *archive, const char *name, int64_t *steps, gt_error *error)
{
    gt_array array = gt_archive_find(archive, name);
    if (array.data == NULL || array.dtype != GT_F64 || gt_shape_count(array.shape) != 1)
        return gt_error_set(error, GT_ERROR_FORMAT, "%s is missing or no single f64 number", name);
    double value = *(const double *)array.data;
    if (!(value >= 0 && value < MAX_STEPS) || value != floor(value))
        return gt_error_set(error, GT_ERROR_FORMAT, "%s is %g, not a whole number of steps", name, value);
    *steps = (int64_t)value;
    return GT_OK;
}

/* A negative variance would make the next step a NaN. */
static gt_status check_variances(const gt_parameters *variance, gt_error *error)
{
    for (uint32_t i = 0; i < gt_parameters_count(variance); i++) {
        gt_array array = gt_parameters_array(variance, i);
        int64_t count = gt_shape_count(array.shape);
        for (int64_t k = 0; k < count; k++) {
            if (!(gt_entry_at(array.data, array.dtype, k) >= 0))
                return gt_error_set(error, GT_ERROR_FORMAT, "the variance of %s is negative",
                                    gt_parameters_name(variance, i));
        }
    }
    return GT_OK;
}

/* A new set like `like`, filled from the archive; NULL on an error. */
static gt_parameters *load_set(const gt_parameters *like, const gt_archive *archive, const char *prefix,
                               gt_error *error)
{
    gt_parameters *set = gt_optimizer_memory(like, error);
    if (set == NULL || gt_parameters_load(set, archive, prefix, error) == GT_OK)
        return set;
    gt_parameters_free(set);
    return NULL;
}

gt_status gt_optimizer_load(gt_optimizer *optimizer, const gt_archive *archive, const char *prefix, gt_error *error)
{
    names n;
    gt_error inner = {0};
    int64_t steps = 0;
    gt_parameters *mean = NULL, *variance = NULL;
    bool good = find_names(optimizer, prefix, &n, &inner) == GT_OK &&
                load_steps(archive, n.steps, &steps, &inner) == GT_OK &&
                (optimizer->mean == NULL || (mean = load_set(optimizer->mean, archive, n.mean, &inner)) != NULL) &&
                (optimizer->variance == NULL ||
                 ((variance = load_set(optimizer->variance, archive, n.variance, &inner)) != NULL &&
                  check_variances(variance, &inner) == GT_OK));
    if (!good) {
        gt_parameters_free(mean);
        gt_parameters_free(variance);
        return gt_error_set(error, inner.status, "%s", inner.message);
    }
    gt_parameters_free(optimizer->mean);
    gt_parameters_free(optimizer->variance);
    optimizer->steps = steps;
    optimizer->mean = mean;
    optimizer->variance = variance;
    return GT_OK;
}
