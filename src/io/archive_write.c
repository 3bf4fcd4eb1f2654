/* Writing an archive as a zip file, by libzip. */
#include "base/utf8.h"
#include "io/archive.h"
#include "io/archive_verify.h"
#include "io/members.h"
#include "io/npy.h"
#include "io/replacement.h"
#include "io/system_failure.h"
#include "io/zip_failure.h"
#include "io/zip_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    DEFLATE_LEVEL = 6,
    /* 1 January 1980, the earliest that a zip file can say: equal archives are equal files. */
    DOS_TIME = 0,
    DOS_DATE = 1 << 5 | 1
};

typedef struct gt_writing {
    zip_t *zip;
    const char *path;
    bool compress;
    gt_error *error;
} gt_writing;

static gt_status fail(const gt_writing *writing)
{
    return gt_zip_failure(writing->error, zip_get_error(writing->zip), "write", writing->path);
}

/* Adds a member of one or two pieces of memory, which must live until the zip file is closed. */
static gt_status add_member(const gt_writing *writing, const char *name, const zip_buffer_fragment_t *pieces,
                            zip_uint64_t piece_count)
{
    zip_source_t *source = zip_source_buffer_fragment(writing->zip, pieces, piece_count, 0);
    if (source == NULL)
        return fail(writing);
    zip_int64_t place = zip_file_add(writing->zip, name, source, ZIP_FL_ENC_UTF_8);
    if (place < 0) {
        zip_source_free(source);
        return fail(writing);
    }
    zip_int32_t method = writing->compress ? ZIP_CM_DEFLATE : ZIP_CM_STORE;
    if (zip_set_file_compression(writing->zip, (zip_uint64_t)place, method, DEFLATE_LEVEL) != 0 ||
        zip_file_set_dostime(writing->zip, (zip_uint64_t)place, DOS_TIME, DOS_DATE, 0) != 0)
        return fail(writing);
    return GT_OK;
}

static gt_status add_array(const gt_writing *writing, const gt_member *member, gt_npy_preamble *preamble)
{
    size_t size = strlen(member->name) + sizeof GT_NPY_SUFFIX;
    char *name = gt_memory_new(size, 1);
    if (name == NULL)
        return gt_error_set(writing->error, GT_ERROR_MEMORY, "no memory to write '%.*s'",
                            gt_utf8_fit(writing->path, 300), writing->path);
    snprintf(name, size, "%s%s", member->name, GT_NPY_SUFFIX);
    gt_npy_format_preamble(member->array, preamble);
    size_t bytes = (size_t)gt_shape_count(member->array.shape) * gt_dtype_size(member->array.dtype);
    const zip_buffer_fragment_t pieces[2] = {{(zip_uint8_t *)preamble->bytes, preamble->size},
                                             {member->array.data, bytes}};
    gt_status status = add_member(writing, name, pieces, 2);
    gt_memory_free(name);
    return status;
}

static gt_status add_all(const gt_writing *writing, const gt_archive *archive, gt_npy_preamble *preambles)
{
    gt_status status = GT_OK;
    for (size_t i = 0; i < archive->arrays.count && status == GT_OK; i++)
        status = add_array(writing, archive->arrays.list[i], &preambles[i]);
    for (size_t i = 0; i < archive->texts.count && status == GT_OK; i++) {
        const gt_member *member = archive->texts.list[i];
        const zip_buffer_fragment_t piece = {(zip_uint8_t *)member->text, strlen(member->text)};
        status = add_member(writing, member->name, &piece, 1);
    }
    return status;
}

static gt_status write_members(gt_writing *writing, const gt_archive *archive)
{
    gt_npy_preamble *preambles = gt_memory_new(archive->arrays.count, sizeof *preambles);
    if (preambles == NULL) {
        zip_discard(writing->zip);
        return gt_error_set(writing->error, GT_ERROR_MEMORY, "no memory to write '%.*s'",
                            gt_utf8_fit(writing->path, 300), writing->path);
    }
    gt_status status = add_all(writing, archive, preambles);
    /* Here libzip reads the members and writes; it frees the archive if that succeeds. */
    if (status == GT_OK && zip_close(writing->zip) != 0)
        status = fail(writing);
    else if (status == GT_OK)
        writing->zip = NULL;
    if (writing->zip != NULL)
        zip_discard(writing->zip);
    gt_memory_free(preambles);
    return status;
}

/* Into `output`, which is freed; NULL: it could not be made, and *failure says why. */
static gt_status write_zip(const gt_archive *archive, zip_source_t *output, zip_error_t *failure, gt_writing *writing)
{
    if (output != NULL)
        writing->zip = zip_open_from_source(output, ZIP_CREATE, failure);
    if (writing->zip != NULL)
        return write_members(writing, archive);
    zip_source_free(output);
    return gt_zip_failure(writing->error, failure, "write", writing->path);
}

static gt_status write_file(const gt_archive *archive, const gt_replacement *file, gt_writing *writing)
{
    zip_error_t failure;
    zip_error_init(&failure);
    gt_status status = write_zip(archive, gt_zip_output(file, &failure), &failure, writing);
    zip_error_fini(&failure);
    return status;
}

/* libzip deletes a file that would have no members; the format has an empty form. */
static const char empty[22] = "PK\x05\x06";

static gt_status write_empty(const gt_replacement *file, const gt_writing *writing)
{
    if (!gt_replacement_write(file, 0, empty, sizeof empty))
        return gt_system_failure(writing->error, errno, "write", writing->path);
    return GT_OK;
}

/* An archive that was opened has members that are not read yet. */
static bool is_loaded(const gt_archive *archive)
{
    for (size_t i = 0; i < archive->arrays.count; i++)
        if (archive->arrays.list[i]->array.data == NULL)
            return false;
    for (size_t i = 0; i < archive->texts.count; i++)
        if (archive->texts.list[i]->text == NULL)
            return false;
    return true;
}

static gt_status check_loaded(const gt_archive *archive, gt_error *error)
{
    if (archive == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "no archive to write");
    if (is_loaded(archive))
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "an archive that was opened is written only when all of it is loaded");
}

gt_status gt_archive_write(const gt_archive *archive, const char *path, bool compress, gt_error *error)
{
    if (archive == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "no archive to write");
    if (archive->file != NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "an archive that was opened is not written: its arrays may still be in its file");
    gt_replacement file;
    gt_status status = gt_replacement_begin(&file, path, error);
    if (status != GT_OK)
        return status;
    gt_writing writing = {.path = path, .compress = compress, .error = error};
    if (archive->arrays.count + archive->texts.count == 0)
        status = write_empty(&file, &writing);
    else
        status = write_file(archive, &file, &writing);
    if (status == GT_OK)
        status = gt_archive_verify(archive, file.descriptor, path, error);
    if (status == GT_OK)
        return gt_replacement_commit(&file, error);
    gt_replacement_discard(&file);
    return status;
}

/* ---- in memory ----------------------------------------------------------------------------- */

static gt_status no_memory(const gt_writing *writing)
{
    return gt_error_set(writing->error, GT_ERROR_MEMORY, "no memory to write %s", writing->path);
}

/* What was written to a source, which stays the caller's. */
static gt_status take_bytes(zip_source_t *source, const gt_writing *writing, char **bytes, size_t *size)
{
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_source_stat(source, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0 || zip_source_open(source) != 0)
        return no_memory(writing);
    *size = (size_t)about.size;
    *bytes = gt_memory_new(*size, 1);
    bool whole = *bytes != NULL && zip_source_read(source, *bytes, about.size) == (zip_int64_t)about.size;
    zip_source_close(source);
    return whole ? GT_OK : no_memory(writing);
}

static gt_status render_zip(const gt_archive *archive, gt_writing *writing, char **bytes, size_t *size)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &failure);
    if (source != NULL)
        zip_source_keep(source); /* for what is read from it afterwards */
    gt_status status = write_zip(archive, source, &failure, writing);
    if (status == GT_OK)
        status = take_bytes(source, writing, bytes, size);
    zip_source_free(source);
    zip_error_fini(&failure);
    return status;
}

static gt_status render_empty(const gt_writing *writing, char **bytes, size_t *size)
{
    *size = sizeof empty;
    *bytes = gt_memory_new(*size, 1);
    if (*bytes == NULL)
        return no_memory(writing);
    memcpy(*bytes, empty, *size);
    return GT_OK;
}

gt_status gt_archive_render(const gt_archive *archive, bool compress, char **bytes, size_t *size, gt_error *error)
{
    if (bytes == NULL || size == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "gt_archive_render: nowhere to put it");
    *bytes = NULL;
    if (check_loaded(archive, error) != GT_OK)
        return GT_ERROR_ARGUMENT;
    char *made = NULL;
    gt_writing writing = {.path = "an archive", .compress = compress, .error = error};
    gt_status status = archive->arrays.count + archive->texts.count == 0 ? render_empty(&writing, &made, size)
                                                                         : render_zip(archive, &writing, &made, size);
    if (status == GT_OK)
        status = gt_archive_verify_bytes(archive, made, *size, writing.path, error);
    if (status != GT_OK)
        gt_memory_free(made);
    *bytes = status == GT_OK ? made : NULL;
    return status;
}
