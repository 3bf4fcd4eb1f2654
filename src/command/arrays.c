#include "command/arrays.h"

#include "base/utf8.h"

/* Adds the arrays of a file to those of the files before it. */
static gt_status add_file(gt_archive *all, const char *path, gt_error *error)
{
    gt_archive *one = gt_archive_read(path, error);
    gt_status status = one == NULL ? GT_ERROR_FILE : GT_OK;
    for (uint32_t i = 0; i < gt_archive_count(one) && status == GT_OK; i++) {
        const char *name = gt_archive_name(one, i);
        if (gt_archive_find(all, name).data != NULL)
            status = gt_error_set(error, GT_ERROR_ARGUMENT, "%s: the array '%.*s' is in a file before it, too", path,
                                  gt_utf8_fit(name, 100), name);
        else
            status = gt_archive_add(all, name, gt_archive_find(one, name), error);
    }
    gt_archive_free(one);
    return status;
}

gt_archive *gt_arrays_open(const gt_text_list *files, gt_error *error)
{
    if (files->count == 1)
        return gt_archive_open(files->items[0], error);
    gt_archive *all = gt_archive_new();
    gt_status status = all == NULL ? gt_error_set(error, GT_ERROR_MEMORY, "out of memory") : GT_OK;
    for (uint32_t i = 0; i < files->count && status == GT_OK; i++)
        status = add_file(all, files->items[i], error);
    if (status == GT_OK)
        return all;
    gt_archive_free(all);
    return NULL;
}

const char *gt_arrays_describe(const gt_text_list *files, char *text, size_t size)
{
    text[0] = '\0';
    for (uint32_t i = 0; i < files->count; i++)
        gt_utf8_append(text, size, "%s%s", i == 0 ? "" : ", ", files->items[i]);
    return text;
}
