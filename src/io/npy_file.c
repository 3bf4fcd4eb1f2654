#include "io/npy_file.h"

#include "base/utf8.h"
#include "io/archive.h"
#include "io/npy.h"
#include "io/system_failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { CHUNK = 1 << 16 }; /* also the longest header */

typedef struct reading {
    FILE *file;
    const char *path;
    uint8_t *chunk;
    uint64_t left; /* bytes of the file */
    gt_npy_layout layout;
} reading;

/* Errors are about "it", as those of npy.h. */
static gt_status read_bytes(void *from, void *bytes, size_t size, gt_error *reason)
{
    reading *r = from;
    if (size > r->left)
        return gt_error_set(reason, GT_ERROR_FORMAT, "ends before its end");
    if (fread(bytes, 1, size, r->file) != size)
        return gt_error_set(reason, GT_ERROR_FILE, "cannot be read: %s",
                            ferror(r->file) ? strerror(errno) : "it became shorter");
    r->left -= size;
    return GT_OK;
}

static gt_status read_header(reading *r, gt_error *reason)
{
    return gt_npy_read_header(read_bytes, r, r->chunk, CHUNK, &r->layout, reason);
}

static gt_status read_entries(reading *r, gt_array *array, gt_error *reason)
{
    gt_npy_cursor cursor;
    gt_npy_cursor_start(&cursor, &r->layout);
    gt_status status = GT_OK;
    while (r->left > 0 && status == GT_OK) {
        size_t size = r->left < CHUNK ? (size_t)r->left : CHUNK;
        status = read_bytes(r, r->chunk, size, reason);
        if (status == GT_OK)
            status = gt_npy_place(&cursor, r->chunk, (int64_t)size / r->layout.type->item_size, array->data, reason);
    }
    if (status == GT_OK)
        gt_npy_narrow(&cursor, array);
    return status;
}

static gt_status read_array(reading *r, gt_array *array, gt_error *reason)
{
    char text[128];
    gt_status status = read_header(r, reason);
    if (status != GT_OK)
        return status;
    uint64_t count = (uint64_t)gt_shape_count(r->layout.shape), size = count * r->layout.type->item_size;
    if (size != r->left)
        return gt_error_set(reason, GT_ERROR_FORMAT, "has the shape %s, which takes %llu bytes, but %llu bytes follow",
                            gt_shape_format(r->layout.shape, text, sizeof text), (unsigned long long)size,
                            (unsigned long long)r->left);
    *array =
        (gt_array){gt_memory_new(count, gt_dtype_size(r->layout.type->dtype)), r->layout.type->dtype, r->layout.shape};
    return array->data != NULL ? read_entries(r, array, reason)
                               : gt_error_set(reason, GT_ERROR_MEMORY, "needs more memory than there is");
}

/* "x" of "folder/x.npy", to be freed; NULL on no memory. */
static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = gt_memory_text(slash == NULL ? path : slash + 1);
    size_t length = name == NULL ? 0 : strlen(name), suffix = strlen(GT_NPY_SUFFIX);
    if (length > suffix && strcasecmp(name + length - suffix, GT_NPY_SUFFIX) == 0)
        name[length - suffix] = '\0';
    return name;
}

static gt_status measure(reading *r, gt_error *error)
{
    off_t size = fseeko(r->file, 0, SEEK_END) == 0 ? ftello(r->file) : -1;
    if (size < 0)
        return gt_system_failure(error, errno, "read", r->path);
    rewind(r->file);
    r->left = (uint64_t)size;
    return GT_OK;
}

/* Takes the array over. */
static gt_status take(gt_archive *archive, const reading *r, gt_array array, gt_error *error)
{
    char *name = name_of(r->path);
    gt_status status = name == NULL ? gt_error_set(error, GT_ERROR_MEMORY, "no memory for the name of an array")
                                    : gt_archive_check_name(name, error);
    if (status == GT_OK)
        status = gt_archive_take_array(archive, name, array, error);
    else
        gt_memory_free(array.data);
    if (status == GT_OK)
        gt_member_find(&archive->arrays, name)->type = r->layout.type->name;
    gt_memory_free(name);
    return status;
}

static gt_status read_open(reading *r, gt_archive *archive, gt_error *error)
{
    gt_error reason = {0};
    gt_array array = {.data = NULL};
    gt_status status = measure(r, error);
    if (status != GT_OK)
        return status;
    status = read_array(r, &array, &reason);
    if (status == GT_OK)
        return take(archive, r, array, error);
    gt_memory_free(array.data);
    return gt_error_set(error, status, "'%.*s': the array %s", gt_utf8_fit(r->path, 200), r->path, reason.message);
}

gt_archive *gt_npy_file_read(const char *path, gt_error *error)
{
    gt_archive *archive = gt_archive_new();
    reading r = {.file = fopen(path, "rbe"), .path = path, .chunk = gt_memory_new(CHUNK, 1)};
    gt_status status = GT_OK;
    if (r.file == NULL)
        status = gt_system_failure(error, errno, "open", path);
    else if (archive == NULL || r.chunk == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory to read '%.*s'", gt_utf8_fit(path, 300), path);
    else
        status = read_open(&r, archive, error);
    if (r.file != NULL)
        fclose(r.file);
    gt_memory_free(r.chunk);
    if (status == GT_OK)
        return archive;
    gt_archive_free(archive);
    return NULL;
}
