#include "io/archive_file.h"

#include "base/utf8.h"
#include "io/file_kind.h"
#include "io/system_failure.h"
#include "io/zip_failure.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum {
    SMALLEST_ZIP = 22,   /* bytes of one without members */
    DEFLATE_RATIO = 1032 /* the most that deflate makes of one byte: zlib's technical details */
};

/* ---- bytes of a member --------------------------------------------------------------------- */

gt_status gt_source_open(gt_source *source, const gt_archive_file *file, uint64_t place, uint64_t size,
                         gt_error *reason)
{
    *source = (gt_source){zip_fopen_index(file->zip, place, 0), size};
    if (source->member != NULL)
        return GT_OK;
    zip_error_t *failure = zip_get_error(file->zip);
    return gt_error_set(reason, gt_zip_status(failure), "cannot be read: %s", gt_zip_reason(failure));
}

static gt_status read_failure(gt_source *source, gt_error *reason)
{
    zip_error_t *failure = zip_file_get_error(source->member);
    return gt_error_set(reason, gt_zip_status(failure), "cannot be read: %s", gt_zip_reason(failure));
}

gt_status gt_source_read(gt_source *source, void *out, uint64_t size, gt_error *reason)
{
    if (size > source->left)
        return gt_error_set(reason, GT_ERROR_FORMAT, "ends early: %llu bytes are missing",
                            (unsigned long long)(size - source->left));
    for (uint64_t done = 0; done < size;) {
        zip_int64_t read = zip_fread(source->member, (uint8_t *)out + done, size - done);
        if (read < 0)
            return read_failure(source, reason);
        if (read == 0)
            return gt_error_set(reason, GT_ERROR_FORMAT, "ends early");
        done += (uint64_t)read;
        source->left -= (uint64_t)read;
    }
    return GT_OK;
}

gt_status gt_source_finish(gt_source *source, gt_error *reason)
{
    uint8_t more;
    zip_int64_t read = source->left > 0 ? 1 : zip_fread(source->member, &more, 1);
    if (read < 0)
        return read_failure(source, reason);
    if (read > 0)
        return gt_error_set(reason, GT_ERROR_FORMAT, "has bytes after its end");
    return GT_OK;
}

void gt_source_close(gt_source *source)
{
    if (source->member != NULL)
        zip_fclose(source->member);
    source->member = NULL;
}

/* ---- the directory ------------------------------------------------------------------------- */

gt_status gt_archive_file_check(gt_archive_file *file, const zip_stat_t *about, gt_error *reason)
{
    const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD |
                                ZIP_STAT_CRC | ZIP_STAT_ENCRYPTION_METHOD;
    if ((about->valid & needed) != needed)
        return gt_error_set(reason, GT_ERROR_FORMAT, "is not fully described");
    if (about->encryption_method != ZIP_EM_NONE)
        return gt_error_set(reason, GT_ERROR_FORMAT,
                            "is encrypted: unpack the file with its password and pack it without");
    bool stored = about->comp_method == ZIP_CM_STORE;
    if (!stored && about->comp_method != ZIP_CM_DEFLATE)
        return gt_error_set(reason, GT_ERROR_FORMAT, "is compressed by method %d; stored and deflated can be read",
                            about->comp_method);
    if (about->comp_size > file->unclaimed)
        return gt_error_set(reason, GT_ERROR_FORMAT, "claims more bytes than the file has");
    file->unclaimed -= about->comp_size;
    if (stored ? about->size != about->comp_size : about->size / DEFLATE_RATIO > about->comp_size)
        return gt_error_set(reason, GT_ERROR_FORMAT, "claims %llu bytes, which %llu cannot hold",
                            (unsigned long long)about->size, (unsigned long long)about->comp_size);
    return GT_OK;
}

/* ---- the file ------------------------------------------------------------------------------ */

/* What it is by its first bytes; NULL for a zip file and for one that cannot be read. */
static const char *kind_of(const char *path)
{
    uint8_t bytes[GT_FILE_KIND_BYTES];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    size_t size = fread(bytes, 1, sizeof bytes, file);
    bool good = ferror(file) == 0;
    fclose(file);
    return good ? gt_file_kind(bytes, size) : NULL;
}

/* Sets file->unclaimed to the file's size. */
static gt_status check_file(gt_archive_file *file, gt_error *error)
{
    struct stat about;
    if (stat(file->path, &about) != 0)
        return gt_system_failure(error, errno, "read", file->path);
    if (!S_ISREG(about.st_mode))
        return gt_error_set(error, GT_ERROR_FILE, "cannot read '%.*s': it is %s", gt_utf8_fit(file->path, 300),
                            file->path, S_ISDIR(about.st_mode) ? "a folder" : "no regular file");
    const char *kind = kind_of(file->path);
    if (kind != NULL)
        return gt_error_set(error, GT_ERROR_FORMAT, "'%.*s' %s", gt_utf8_fit(file->path, 200), file->path, kind);
    /* libzip takes an empty file for an archive without members, but it is a lost one. */
    if (about.st_size < SMALLEST_ZIP)
        return gt_error_set(error, GT_ERROR_FORMAT, "'%.*s' has only %lld bytes and is no .npz file",
                            gt_utf8_fit(file->path, 300), file->path, (long long)about.st_size);
    file->unclaimed = (uint64_t)about.st_size;
    return GT_OK;
}

static zip_t *open_with(const char *path, int flags, zip_error_t *failure)
{
    zip_source_t *source = zip_source_file_create(path, 0, -1, failure);
    zip_t *zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY | flags, failure) : NULL;
    if (zip == NULL)
        zip_source_free(source);
    return zip;
}

/* libzip says that a name is there twice, but not which. */
static gt_status name_twice(const gt_archive_file *file, gt_error *error)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_t *zip = open_with(file->path, 0, &failure);
    const char *twice = NULL;
    for (zip_int64_t i = 0; zip != NULL && twice == NULL && i < zip_get_num_entries(zip, 0); i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
        if (name != NULL && zip_name_locate(zip, name, 0) != i && gt_archive_check_name(name, NULL) == GT_OK)
            twice = name;
    }
    gt_error_set(error, GT_ERROR_FORMAT, "'%.*s': the member %s%.*s%s is there twice: which one is meant?",
                 gt_utf8_fit(file->path, 200), file->path, twice != NULL ? "'" : "",
                 gt_utf8_fit(twice != NULL ? twice : "of one name", 100), twice != NULL ? twice : "of one name",
                 twice != NULL ? "'" : "");
    zip_error_fini(&failure);
    if (zip != NULL)
        zip_discard(zip);
    return GT_ERROR_FORMAT;
}

static gt_status open_zip(gt_archive_file *file, gt_error *error)
{
    zip_error_t failure;
    zip_error_init(&failure);
    file->zip = open_with(file->path, ZIP_CHECKCONS, &failure);
    gt_status status = GT_OK;
    if (file->zip == NULL && zip_error_code_zip(&failure) == ZIP_ER_EXISTS)
        status = name_twice(file, error);
    else if (file->zip == NULL)
        status = gt_zip_failure(error, &failure, "read", file->path);
    zip_error_fini(&failure);
    return status;
}

gt_archive_file *gt_archive_file_open(const char *path, gt_error *error)
{
    gt_archive_file *file = gt_memory_new(1, sizeof *file);
    gt_status status = GT_OK;
    if (file != NULL) {
        file->path = gt_memory_text(path);
        file->chunk = gt_memory_new(GT_CHUNK_SIZE, 1);
    }
    if (file == NULL || file->path == NULL || file->chunk == NULL)
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory to read '%.*s'", gt_utf8_fit(path, 300), path);
    if (status == GT_OK)
        status = check_file(file, error);
    if (status == GT_OK)
        status = open_zip(file, error);
    if (status == GT_OK)
        return file;
    gt_archive_file_free(file);
    return NULL;
}

void gt_archive_file_free(gt_archive_file *file)
{
    if (file == NULL)
        return;
    if (file->zip != NULL)
        zip_discard(file->zip);
    gt_memory_free(file->chunk);
    gt_memory_free(file->path);
    gt_memory_free(file);
}
