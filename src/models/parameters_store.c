/* Parameters to and from an archive. */
#include "base/entry.h"
#include "gradtape/parameters.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The name in the archive; NULL on no memory. */
static char *archive_name(const char *prefix, const char *name)
{
    size_t size = strlen(prefix) + strlen(name) + 1;
    char *joined = gt_memory_new(size, 1);
    if (joined != NULL)
        snprintf(joined, size, "%s%s", prefix, name);
    return joined;
}

static gt_status no_memory(const char *name, gt_error *error)
{
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for parameter '%.*s'", gt_utf8_fit(name, 100), name);
}

static gt_status check_set(const gt_parameters *set, gt_error *error)
{
    gt_status status = gt_parameters_status(set);
    return status == GT_OK ? GT_OK : gt_error_set(error, status, "%s", gt_parameters_message(set));
}

gt_status gt_parameters_store(const gt_parameters *set, gt_archive *archive, const char *prefix, gt_error *error)
{
    gt_status status = check_set(set, error);
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++) {
        const char *own_name = gt_parameters_name(set, i);
        char *name = archive_name(prefix == NULL ? "" : prefix, own_name);
        if (name == NULL)
            return no_memory(own_name, error);
        status = gt_archive_add(archive, name, gt_parameters_array(set, i), error);
        gt_memory_free(name);
    }
    return status;
}

/* ---- loading ------------------------------------------------------------------------------- */

/* Whether `found` can become `wanted`: the same shape, and finite also in wanted's type. */
static gt_status check_array(gt_array found, gt_array wanted, const char *name, gt_error *error)
{
    if (found.data == NULL)
        return gt_error_set(error, GT_ERROR_FORMAT, "array '%.*s' is missing", gt_utf8_fit(name, 100), name);
    if (!gt_shape_equal(found.shape, wanted.shape)) {
        char is[128], expected[128];
        return gt_error_set(error, GT_ERROR_SHAPE, "array '%.*s' has the shape %s, not %s", gt_utf8_fit(name, 100),
                            name, gt_shape_format(found.shape, is, sizeof is),
                            gt_shape_format(wanted.shape, expected, sizeof expected));
    }
    for (int64_t i = 0, count = gt_shape_count(found.shape); i < count; i++) {
        double value = gt_entry_at(found.data, found.dtype, i);
        if (!isfinite(gt_entry_rounded(wanted.dtype, value)))
            return gt_error_set(error, GT_ERROR_NOT_FINITE, "array '%.*s' has the entry %g, which is not finite in %s",
                                gt_utf8_fit(name, 100), name, value, gt_dtype_name(wanted.dtype));
    }
    return GT_OK;
}

static void copy(gt_array from, gt_array to)
{
    int64_t count = gt_shape_count(to.shape);
    if (from.dtype == to.dtype)
        memcpy(to.data, from.data, (size_t)count * gt_dtype_size(to.dtype));
    else
        for (int64_t i = 0; i < count; i++)
            gt_entry_set(to.data, to.dtype, i, gt_entry_at(from.data, from.dtype, i));
}

/* Finds and checks every array; found has room for one of each. */
static gt_status find_all(const gt_parameters *set, const gt_archive *archive, const char *prefix, gt_array *found,
                          gt_error *error)
{
    gt_status status = GT_OK;
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++) {
        const char *own_name = gt_parameters_name(set, i);
        char *name = archive_name(prefix, own_name);
        if (name == NULL)
            return no_memory(own_name, error);
        found[i] = gt_archive_find(archive, name);
        status = check_array(found[i], gt_parameters_array(set, i), name, error);
        gt_memory_free(name);
    }
    return status;
}

gt_status gt_parameters_load(gt_parameters *set, const gt_archive *archive, const char *prefix, gt_error *error)
{
    gt_status status = check_set(set, error);
    if (status != GT_OK)
        return status;
    /* All is found and checked before anything is changed; copying cannot fail. */
    gt_array *found = gt_memory_new(gt_parameters_count(set), sizeof *found);
    if (found == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to load parameters");
    status = find_all(set, archive, prefix == NULL ? "" : prefix, found, error);
    for (uint32_t i = 0; i < gt_parameters_count(set) && status == GT_OK; i++)
        copy(found[i], gt_parameters_array(set, i));
    gt_memory_free(found);
    return status;
}
