#include "io/archive_verify.h"

#include "base/utf8.h"
#include "io/npy.h"
#include "io/system_failure.h"
#include "io/zip_failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK_SIZE = 16384 };

typedef struct gt_verification {
    zip_t *zip;
    const char *path;
    gt_error *error;
} gt_verification;

static gt_status fail(const gt_verification *v, zip_error_t *failure)
{
    return gt_zip_failure(v->error, failure, "read back", v->path);
}

static gt_status differs(const gt_verification *v)
{
    return gt_error_set(v->error, GT_ERROR_FILE, "cannot write '%.*s': what is read back is not what was written",
                        gt_utf8_fit(v->path, 300), v->path);
}

/* The next bytes of a member against those that it must have. */
static gt_status expect_bytes(const gt_verification *v, zip_file_t *file, const void *bytes, size_t size)
{
    char chunk[CHUNK_SIZE];
    for (size_t done = 0; done < size;) {
        size_t next = size - done < CHUNK_SIZE ? size - done : CHUNK_SIZE;
        zip_int64_t read = zip_fread(file, chunk, next);
        if (read < 0)
            return fail(v, zip_file_get_error(file));
        if (read == 0 || memcmp(chunk, (const char *)bytes + done, (size_t)read) != 0)
            return differs(v);
        done += (size_t)read;
    }
    return GT_OK;
}

/* Here libzip compares the checksum. */
static gt_status expect_end(const gt_verification *v, zip_file_t *file)
{
    char more;
    zip_int64_t read = zip_fread(file, &more, 1);
    return read < 0 ? fail(v, zip_file_get_error(file)) : read > 0 ? differs(v) : GT_OK;
}

static gt_status expect_array(const gt_verification *v, zip_file_t *file, gt_array array)
{
    gt_npy_preamble preamble;
    gt_npy_format_preamble(array, &preamble);
    gt_status status = expect_bytes(v, file, preamble.bytes, preamble.size);
    size_t size = (size_t)gt_shape_count(array.shape) * gt_dtype_size(array.dtype);
    return status == GT_OK ? expect_bytes(v, file, array.data, size) : status;
}

/* Whether the member at that place has the name, with ".npy" behind it if it is an array. */
static bool has_name(const gt_verification *v, zip_uint64_t place, const gt_member *member, bool is_array)
{
    const char *name = zip_get_name(v->zip, place, ZIP_FL_ENC_RAW);
    size_t length = strlen(member->name);
    return name != NULL && strncmp(name, member->name, length) == 0 &&
           strcmp(name + length, is_array ? GT_NPY_SUFFIX : "") == 0;
}

static gt_status expect_member(const gt_verification *v, zip_uint64_t place, const gt_member *member, bool is_array)
{
    if (!has_name(v, place, member, is_array))
        return differs(v);
    zip_file_t *file = zip_fopen_index(v->zip, place, 0);
    if (file == NULL)
        return fail(v, zip_get_error(v->zip));
    gt_status status =
        is_array ? expect_array(v, file, member->array) : expect_bytes(v, file, member->text, strlen(member->text));
    if (status == GT_OK)
        status = expect_end(v, file);
    zip_fclose(file);
    return status;
}

/* Arrays first, as they are written. */
static gt_status expect_all(const gt_verification *v, const gt_archive *archive)
{
    size_t arrays = archive->arrays.count, all = arrays + archive->texts.count;
    if (zip_get_num_entries(v->zip, 0) != (zip_int64_t)all)
        return differs(v);
    gt_status status = GT_OK;
    for (size_t i = 0; i < all && status == GT_OK; i++)
        status = i < arrays ? expect_member(v, i, archive->arrays.list[i], true)
                            : expect_member(v, i, archive->texts.list[i - arrays], false);
    return status;
}

/* The zip file, which closes the descriptor that it is given. */
static gt_status open_zip(gt_verification *v, int descriptor)
{
    int code = 0, copy = dup(descriptor);
    if (copy < 0 || lseek(copy, 0, SEEK_SET) < 0) {
        int number = errno;
        if (copy >= 0)
            close(copy);
        return gt_system_failure(v->error, number, "read back", v->path);
    }
    v->zip = zip_fdopen(copy, ZIP_CHECKCONS, &code);
    if (v->zip != NULL)
        return GT_OK;
    zip_error_t failure;
    zip_error_init_with_code(&failure, code);
    gt_status status = fail(v, &failure);
    zip_error_fini(&failure);
    close(copy);
    return status;
}

static gt_status open_bytes(gt_verification *v, const void *bytes, size_t size)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &failure);
    if (source != NULL)
        v->zip = zip_open_from_source(source, ZIP_CHECKCONS | ZIP_RDONLY, &failure);
    if (v->zip == NULL)
        zip_source_free(source);
    gt_status status = v->zip != NULL ? GT_OK : fail(v, &failure);
    zip_error_fini(&failure);
    return status;
}

static gt_status expect_and_close(const gt_verification *v, const gt_archive *archive)
{
    gt_status status = expect_all(v, archive);
    zip_discard(v->zip);
    return status;
}

gt_status gt_archive_verify(const gt_archive *archive, int descriptor, const char *path, gt_error *error)
{
    gt_verification v = {.path = path, .error = error};
    gt_status status = open_zip(&v, descriptor);
    return status == GT_OK ? expect_and_close(&v, archive) : status;
}

gt_status gt_archive_verify_bytes(const gt_archive *archive, const void *bytes, size_t size, const char *path,
                                  gt_error *error)
{
    gt_verification v = {.path = path, .error = error};
    gt_status status = open_bytes(&v, bytes, size);
    return status == GT_OK ? expect_and_close(&v, archive) : status;
}
