/*
 * Reading an archive from a zip file, by libzip.
 *
 * Nothing is believed before it is checked: a member's size is bounded by what
 * its compressed bytes can hold, those by the size of the file, and an array's
 * header by the size of its member. Memory is taken after these checks.
 */
#include "gradtape/utf8.h"
#include "io/archive.h"
#include "io/npy.h"
#include "io/system_failure.h"
#include "io/zip_failure.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
    SMALLEST_ZIP = 22,    /* bytes of one without members */
    DEFLATE_RATIO = 1032, /* the most that deflate makes of one byte: zlib's technical details */
    CHUNK_SIZE = 65536    /* also the longest header of an array */
};

typedef struct gt_reading {
    const char *path;
    gt_error *error;
    zip_t *zip;
    gt_archive *archive;
    uint8_t *chunk;
    uint64_t unclaimed; /* bytes of the file that no member has claimed as its own yet */
} gt_reading;

/* A member being read. */
typedef struct gt_source {
    zip_file_t *file;
    uint64_t left; /* bytes still to come, as the zip file's directory says */
} gt_source;

/* ---- bytes of a member --------------------------------------------------------------------- */

static gt_status read_failure(gt_source *source, gt_error *reason)
{
    zip_error_t *failure = zip_file_get_error(source->file);
    return gt_error_set(reason, gt_zip_status(failure), "cannot be read: %s",
                        gt_zip_reason(failure));
}

/* Reads exactly `size` bytes. */
static gt_status read_bytes(gt_source *source, void *out, uint64_t size, gt_error *reason)
{
    if (size > source->left)
        return gt_error_set(reason, GT_ERROR_FORMAT, "ends early: %llu bytes are missing",
                            (unsigned long long)(size - source->left));
    for (uint64_t done = 0; done < size;) {
        zip_int64_t read = zip_fread(source->file, (uint8_t *)out + done, size - done);
        if (read < 0)
            return read_failure(source, reason);
        if (read == 0)
            return gt_error_set(reason, GT_ERROR_FORMAT, "ends early");
        done += (uint64_t)read;
        source->left -= (uint64_t)read;
    }
    return GT_OK;
}

/* Reads the end of the member, where libzip compares the checksum. */
static gt_status read_end(gt_source *source, gt_error *reason)
{
    uint8_t more;
    zip_int64_t read = source->left > 0 ? 1 : zip_fread(source->file, &more, 1);
    if (read < 0)
        return read_failure(source, reason);
    if (read > 0)
        return gt_error_set(reason, GT_ERROR_FORMAT, "has bytes after its end");
    return GT_OK;
}

/* ---- arrays -------------------------------------------------------------------------------- */

static gt_status read_header(const gt_reading *reading, gt_source *source, gt_npy_layout *layout,
                             gt_error *reason)
{
    uint8_t prefix[GT_NPY_MAGIC_SIZE];
    uint32_t length_size = 0;
    gt_status status = read_bytes(source, prefix, GT_NPY_MAGIC_SIZE, reason);
    if (status == GT_OK)
        status = gt_npy_check_magic(prefix, &length_size, reason);
    if (status == GT_OK)
        status = read_bytes(source, prefix, length_size, reason);
    if (status != GT_OK)
        return status;
    uint32_t length = gt_npy_header_length(prefix, length_size);
    if (length > CHUNK_SIZE)
        return gt_error_set(reason, GT_ERROR_SIZE, "has a header of %u bytes; at most %d are read",
                            length, CHUNK_SIZE);
    status = read_bytes(source, reading->chunk, length, reason);
    if (status == GT_OK)
        status = gt_npy_parse_header((const char *)reading->chunk, length, layout, reason);
    return status;
}

static gt_status read_entries(const gt_reading *reading, gt_source *source,
                              const gt_npy_layout *layout, void *out, gt_error *reason)
{
    gt_npy_cursor cursor;
    gt_npy_cursor_start(&cursor, layout);
    gt_status status = GT_OK;
    while (source->left > 0 && status == GT_OK) {
        uint64_t size = source->left < CHUNK_SIZE ? source->left : CHUNK_SIZE;
        status = read_bytes(source, reading->chunk, size, reason);
        if (status == GT_OK)
            status = gt_npy_place(&cursor, reading->chunk, (int64_t)size / layout->item_size, out,
                                  reason);
    }
    return status == GT_OK ? read_end(source, reason) : status;
}

/* `name` is without ".npy". */
static gt_status read_array(const gt_reading *reading, gt_source *source, const char *name,
                            gt_error *reason)
{
    gt_npy_layout layout;
    gt_status status = read_header(reading, source, &layout, reason);
    if (status != GT_OK)
        return status;
    uint64_t count = (uint64_t)gt_shape_count(layout.shape), needed = count * layout.item_size;
    if (needed != source->left) {
        char shape[128];
        return gt_error_set(reason, GT_ERROR_FORMAT,
                            "has the shape %s, which takes %llu bytes, but %llu bytes follow",
                            gt_shape_format(layout.shape, shape, sizeof shape),
                            (unsigned long long)needed, (unsigned long long)source->left);
    }
    gt_array array = {gt_memory_new(count, gt_dtype_size(layout.dtype)), layout.dtype,
                      layout.shape};
    if (array.data == NULL)
        return gt_error_set(reason, GT_ERROR_MEMORY,
                            "needs %llu bytes of memory, more than there is",
                            (unsigned long long)needed);
    status = read_entries(reading, source, &layout, array.data, reason);
    if (status == GT_OK)
        return gt_archive_take_array(reading->archive, name, array, reason);
    gt_memory_free(array.data);
    return status;
}

/* ---- texts --------------------------------------------------------------------------------- */

static gt_status read_text(const gt_reading *reading, gt_source *source, const char *name,
                           gt_error *reason)
{
    size_t size = source->left;
    char *text = gt_memory_new(size + 1, 1);
    if (text == NULL)
        return gt_error_set(reason, GT_ERROR_MEMORY,
                            "needs %zu bytes of memory, more than there is", size);
    gt_status status = read_bytes(source, text, size, reason);
    if (status == GT_OK)
        status = read_end(source, reason);
    if (status == GT_OK && (memchr(text, '\0', size) != NULL || !gt_utf8_valid(text, size)))
        status =
            gt_error_set(reason, GT_ERROR_FORMAT,
                         "is neither an array (its name does not end with .npy) nor UTF-8 text");
    if (status == GT_OK)
        return gt_archive_take_text(reading->archive, name, text, reason);
    gt_memory_free(text);
    return status;
}

/* ---- members ------------------------------------------------------------------------------- */

/* Checks what the zip file's directory says of a member; subtracts its share from
 * reading->unclaimed. */
static gt_status check_member(gt_reading *reading, const zip_stat_t *about, gt_error *reason)
{
    const zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC | ZIP_STAT_ENCRYPTION_METHOD;
    if ((about->valid & needed) != needed)
        return gt_error_set(reason, GT_ERROR_FORMAT, "is not fully described");
    if (about->encryption_method != ZIP_EM_NONE)
        return gt_error_set(reason, GT_ERROR_FORMAT, "is encrypted");
    bool stored = about->comp_method == ZIP_CM_STORE;
    if (!stored && about->comp_method != ZIP_CM_DEFLATE)
        return gt_error_set(reason, GT_ERROR_FORMAT,
                            "is compressed by method %d; stored and deflated can be read",
                            about->comp_method);
    if (about->comp_size > reading->unclaimed)
        return gt_error_set(reason, GT_ERROR_FORMAT, "claims more bytes than the file has");
    reading->unclaimed -= about->comp_size;
    if (stored ? about->size != about->comp_size : about->size / DEFLATE_RATIO > about->comp_size)
        return gt_error_set(reason, GT_ERROR_FORMAT, "claims %llu bytes, which %llu cannot hold",
                            (unsigned long long)about->size, (unsigned long long)about->comp_size);
    return GT_OK;
}

/* `name` is that of the array or of the text. */
static gt_status read_contents(const gt_reading *reading, zip_uint64_t i, uint64_t size,
                               bool is_array, const char *name, gt_error *reason)
{
    const gt_member_table *table = is_array ? &reading->archive->arrays : &reading->archive->texts;
    if (gt_member_find(table, name) != NULL)
        return gt_error_set(reason, GT_ERROR_FORMAT, "is there twice");
    gt_source source = {zip_fopen_index(reading->zip, i, 0), size};
    if (source.file == NULL) {
        zip_error_t *failure = zip_get_error(reading->zip);
        return gt_error_set(reason, gt_zip_status(failure), "cannot be read: %s",
                            gt_zip_reason(failure));
    }
    gt_status status = is_array ? read_array(reading, &source, name, reason)
                                : read_text(reading, &source, name, reason);
    zip_fclose(source.file);
    return status;
}

static gt_status read_named(gt_reading *reading, zip_uint64_t i, const zip_stat_t *about)
{
    bool is_array = gt_archive_names_array(about->name);
    char *name = gt_memory_text(about->name);
    if (name == NULL)
        return gt_error_set(reading->error, GT_ERROR_MEMORY, "no memory to read '%.*s'",
                            gt_utf8_fit(reading->path, 300), reading->path);
    if (is_array)
        name[strlen(name) - strlen(GT_NPY_SUFFIX)] = '\0';
    gt_error reason;
    gt_status status = gt_archive_check_name(name, &reason);
    if (status != GT_OK) { /* not printed: it is not fit for a terminal */
        status =
            gt_error_set(reading->error, GT_ERROR_FORMAT, "'%.*s': the name of member %llu is empty or not readable",
                         gt_utf8_fit(reading->path, 200), reading->path, (unsigned long long)i + 1);
    } else {
        status = check_member(reading, about, &reason);
        if (status == GT_OK)
            status = read_contents(reading, i, about->size, is_array, name, &reason);
        if (status != GT_OK)
            gt_error_set(reading->error, status, "'%.*s': %s '%.*s' %s", gt_utf8_fit(reading->path, 200), reading->path,
                         is_array ? "array" : "member", gt_utf8_fit(name, 100), name, reason.message);
    }
    gt_memory_free(name);
    return status;
}

static gt_status read_member(gt_reading *reading, zip_uint64_t i)
{
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(reading->zip, i, 0, &about) != 0)
        return gt_zip_failure(reading->error, zip_get_error(reading->zip), "read", reading->path);
    if ((about.valid & ZIP_STAT_NAME) == 0 || about.name == NULL)
        return gt_error_set(reading->error, GT_ERROR_FORMAT, "'%.*s': a member has no name",
                            gt_utf8_fit(reading->path, 200), reading->path);
    size_t length = strlen(about.name);
    if (length > 0 && about.name[length - 1] == '/' && about.size == 0)
        return GT_OK; /* a folder, as zip programs add them */
    return read_named(reading, i, &about);
}

static gt_status read_all(gt_reading *reading)
{
    reading->archive = gt_archive_new();
    reading->chunk = gt_memory_new(CHUNK_SIZE, 1);
    if (reading->archive == NULL || reading->chunk == NULL)
        return gt_error_set(reading->error, GT_ERROR_MEMORY, "no memory to read '%.*s'",
                            gt_utf8_fit(reading->path, 300), reading->path);
    zip_int64_t count = zip_get_num_entries(reading->zip, 0);
    gt_status status = GT_OK;
    for (zip_int64_t i = 0; i < count && status == GT_OK; i++)
        status = read_member(reading, (zip_uint64_t)i);
    return status;
}

/* ---- the file ------------------------------------------------------------------------------ */

/* Sets reading->unclaimed to the file's size. */
static gt_status check_file(gt_reading *reading)
{
    struct stat about;
    if (stat(reading->path, &about) != 0)
        return gt_system_failure(reading->error, errno, "read", reading->path);
    if (!S_ISREG(about.st_mode))
        return gt_error_set(reading->error, GT_ERROR_FILE, "cannot read '%.*s': it is no regular file",
                            gt_utf8_fit(reading->path, 300), reading->path);
    /* libzip takes an empty file for an archive without members, but it is a lost one. */
    if (about.st_size < SMALLEST_ZIP)
        return gt_error_set(reading->error, GT_ERROR_FORMAT, "'%.*s' has only %lld bytes and is no .npz file",
                            gt_utf8_fit(reading->path, 300), reading->path, (long long)about.st_size);
    reading->unclaimed = (uint64_t)about.st_size;
    return GT_OK;
}

static gt_status open_zip(gt_reading *reading)
{
    zip_error_t failure;
    zip_error_init(&failure);
    zip_source_t *source = zip_source_file_create(reading->path, 0, -1, &failure);
    if (source != NULL)
        reading->zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &failure);
    gt_status status = GT_OK;
    if (reading->zip == NULL) {
        zip_source_free(source);
        status = gt_zip_failure(reading->error, &failure, "read", reading->path);
    }
    zip_error_fini(&failure);
    return status;
}

gt_archive *gt_archive_read(const char *path, gt_error *error)
{
    if (path == NULL) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "no path to read an archive from");
        return NULL;
    }
    gt_reading reading = {.path = path, .error = error};
    gt_status status = check_file(&reading);
    if (status == GT_OK)
        status = open_zip(&reading);
    if (status == GT_OK)
        status = read_all(&reading);
    if (reading.zip != NULL)
        zip_discard(reading.zip);
    gt_memory_free(reading.chunk);
    if (status == GT_OK)
        return reading.archive;
    gt_archive_free(reading.archive);
    return NULL;
}
