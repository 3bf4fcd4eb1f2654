/* Writing an archive as a zip file, by libzip. */
#include "gradtape/utf8.h"
#include "io/archive.h"
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
static gt_status add_member(const gt_writing *writing, const char *name,
                            const zip_buffer_fragment_t *pieces, zip_uint64_t piece_count)
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

static gt_status add_array(const gt_writing *writing, const gt_member *member,
                           gt_npy_preamble *preamble)
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

static gt_status add_all(const gt_writing *writing, const gt_archive *archive,
                         gt_npy_preamble *preambles)
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

static gt_status write_zip(const gt_archive *archive, const gt_replacement *file,
                           gt_writing *writing)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_source_t *output = gt_zip_output(file, &failure);
    if (output != NULL)
        writing->zip = zip_open_from_source(output, ZIP_CREATE, &failure);
    gt_status status;
    if (writing->zip != NULL) {
        status = write_members(writing, archive);
    } else {
        zip_source_free(output);
        status = gt_zip_failure(writing->error, &failure, "write", writing->path);
    }
    zip_error_fini(&failure);
    return status;
}

/* libzip deletes a file that would have no members; the format has an empty form. */
static gt_status write_empty(const gt_replacement *file, const gt_writing *writing)
{
    static const char end[22] = "PK\x05\x06";
    if (!gt_replacement_write(file, 0, end, sizeof end))
        return gt_system_failure(writing->error, errno, "write", writing->path);
    return GT_OK;
}

gt_status gt_archive_write(const gt_archive *archive, const char *path, bool compress,
                           gt_error *error)
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
        status = write_zip(archive, &file, &writing);
    if (status == GT_OK)
        return gt_replacement_commit(&file, error);
    gt_replacement_discard(&file);
    return status;
}
