/*
 * Reading an archive from a zip file, by libzip: first what is there, by the file's directory and
 * the headers of arrays; then, as they are wanted, arrays and texts.
 *
 * Nothing is believed before it is checked: a member's size is bounded by what
 * its compressed bytes can hold, those by the size of the file, and an array's
 * header by the size of its member. Memory is taken after these checks.
 */
#include "base/utf8.h"
#include "io/archive_file.h"
#include "io/members.h"
#include "io/npy.h"
#include "io/zip_failure.h"

#include <string.h>

void gt_archive_close(gt_archive *archive)
{
    gt_archive_file_free(archive->file);
    archive->file = NULL;
}

static gt_status failed(const gt_archive_file *file, const gt_member *member, bool is_array, gt_status status,
                        const gt_error *reason, gt_error *error)
{
    return gt_error_set(error, status, "'%.*s': %s '%.*s' %s", gt_utf8_fit(file->path, 200), file->path,
                        is_array ? "array" : "member", gt_utf8_fit(member->name, 100), member->name, reason->message);
}

/* ---- arrays -------------------------------------------------------------------------------- */

static gt_status read_bytes(void *source, void *bytes, size_t size, gt_error *reason)
{
    return gt_source_read(source, bytes, size, reason);
}

/* Also checks that as many bytes follow as the shape takes. */
static gt_status read_header(const gt_archive_file *file, gt_source *source, gt_npy_layout *layout, gt_error *reason)
{
    gt_status status = gt_npy_read_header(read_bytes, source, file->chunk, GT_CHUNK_SIZE, layout, reason);
    if (status != GT_OK)
        return status;
    uint64_t needed = (uint64_t)gt_shape_count(layout->shape) * layout->type->item_size;
    char shape[128];
    if (needed == source->left)
        return GT_OK;
    return gt_error_set(reason, GT_ERROR_FORMAT, "has the shape %s, which takes %llu bytes, but %llu bytes follow",
                        gt_shape_format(layout->shape, shape, sizeof shape), (unsigned long long)needed,
                        (unsigned long long)source->left);
}

static gt_status read_entries(const gt_archive_file *file, gt_source *source, const gt_npy_layout *layout,
                              gt_array *array, gt_error *reason)
{
    gt_npy_cursor cursor;
    gt_npy_cursor_start(&cursor, layout);
    gt_status status = GT_OK;
    while (source->left > 0 && status == GT_OK) {
        uint64_t size = source->left < GT_CHUNK_SIZE ? source->left : GT_CHUNK_SIZE;
        status = gt_source_read(source, file->chunk, size, reason);
        if (status == GT_OK)
            status = gt_npy_place(&cursor, file->chunk, (int64_t)size / layout->type->item_size, array->data, reason);
    }
    if (status == GT_OK)
        status = gt_source_finish(source, reason);
    if (status == GT_OK)
        gt_npy_narrow(&cursor, array);
    return status;
}

static gt_status read_array(const gt_archive_file *file, gt_source *source, gt_array *array, gt_error *reason)
{
    gt_npy_layout layout;
    gt_status status = read_header(file, source, &layout, reason);
    if (status != GT_OK)
        return status;
    uint64_t count = (uint64_t)gt_shape_count(layout.shape);
    size_t size = gt_dtype_size(layout.type->dtype);
    *array = (gt_array){gt_memory_new(count, size), layout.type->dtype, layout.shape};
    if (array->data == NULL)
        return gt_error_set(reason, GT_ERROR_MEMORY, "needs %llu bytes of memory, more than there is",
                            (unsigned long long)(count * size));
    status = read_entries(file, source, &layout, array, reason);
    if (status == GT_OK)
        return GT_OK;
    gt_memory_free(array->data);
    return status;
}

static gt_status load_array(const gt_archive_file *file, gt_member *member, gt_error *reason)
{
    gt_source source;
    gt_array array;
    gt_status status = gt_source_open(&source, file, member->place, member->size, reason);
    if (status == GT_OK)
        status = read_array(file, &source, &array, reason);
    gt_source_close(&source);
    if (status != GT_OK)
        return status;
    member->array = array;
    member->waiting = false;
    return GT_OK;
}

/* ---- texts --------------------------------------------------------------------------------- */

static gt_status read_text(gt_source *source, char *text, size_t size, gt_error *reason)
{
    gt_status status = gt_source_read(source, text, size, reason);
    if (status == GT_OK)
        status = gt_source_finish(source, reason);
    if (status == GT_OK && (memchr(text, '\0', size) != NULL || !gt_utf8_valid(text, size)))
        status = gt_error_set(reason, GT_ERROR_FORMAT,
                              "is neither an array (its name does not end with .npy) nor UTF-8 text");
    return status;
}

static gt_status load_text(const gt_archive_file *file, gt_member *member, gt_error *reason)
{
    gt_source source = {0};
    if (member->size > GT_TEXT_MAX_BYTES)
        return gt_error_set(reason, GT_ERROR_SIZE, "has %llu bytes; texts of at most %d are read",
                            (unsigned long long)member->size, GT_TEXT_MAX_BYTES);
    /* The size was checked, but a 32-bit machine has less. */
    char *text = member->size < SIZE_MAX ? gt_memory_new(member->size + 1, 1) : NULL;
    if (text == NULL)
        return gt_error_set(reason, GT_ERROR_MEMORY, "needs %llu bytes of memory, more than there is",
                            (unsigned long long)member->size);
    gt_status status = gt_source_open(&source, file, member->place, member->size, reason);
    if (status == GT_OK)
        status = read_text(&source, text, (size_t)member->size, reason);
    gt_source_close(&source);
    if (status != GT_OK) {
        gt_memory_free(text);
        return status;
    }
    member->text = text;
    member->waiting = false;
    return GT_OK;
}

/* ---- loading ------------------------------------------------------------------------------- */

static gt_status load(gt_archive *archive, gt_member *member, bool is_array, gt_error *error)
{
    gt_error reason = {0};
    if (!member->waiting)
        return GT_OK;
    gt_status status = (is_array ? load_array : load_text)(archive->file, member, &reason);
    return status == GT_OK ? GT_OK : failed(archive->file, member, is_array, status, &reason, error);
}

static gt_status load_named(gt_archive *archive, const char *name, bool is_array, gt_error *error)
{
    if (archive == NULL || name == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "nothing to load from an archive");
    gt_member *member = gt_member_find(is_array ? &archive->arrays : &archive->texts, name);
    if (member == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "the archive has no %s '%.*s'", is_array ? "array" : "text",
                            gt_utf8_fit(name, 100), name);
    return load(archive, member, is_array, error);
}

gt_status gt_archive_load(gt_archive *archive, const char *name, gt_error *error)
{
    return load_named(archive, name, true, error);
}

gt_status gt_archive_load_text(gt_archive *archive, const char *name, gt_error *error)
{
    return load_named(archive, name, false, error);
}

static gt_status load_all(gt_archive *archive, gt_error *error)
{
    gt_status status = GT_OK;
    for (size_t i = 0; i < archive->arrays.count && status == GT_OK; i++)
        status = load(archive, archive->arrays.list[i], true, error);
    for (size_t i = 0; i < archive->texts.count && status == GT_OK; i++)
        status = load(archive, archive->texts.list[i], false, error);
    return status;
}

/* ---- listing ------------------------------------------------------------------------------- */

/* Files that macOS adds, and folders, as zip programs add them. */
static bool is_clutter(const zip_stat_t *about)
{
    size_t length = strlen(about->name);
    const char *slash = strrchr(about->name, '/'), *last = slash != NULL ? slash + 1 : about->name;
    return (length > 0 && about->name[length - 1] == '/' && about->size == 0) ||
           strncmp(about->name, "__MACOSX/", 9) == 0 || strcmp(last, ".DS_Store") == 0 || strncmp(last, "._", 2) == 0;
}

/* torch.save writes zip files, too: ARCHIVE/data.pkl, and the numbers without their shapes. */
static bool is_pytorch(const char *name)
{
    const char *slash = strrchr(name, '/');
    return strcmp(slash != NULL ? slash + 1 : name, "data.pkl") == 0;
}

/* model.save("x.keras") writes config.json, and the weights as HDF5. */
static bool is_keras(const char *name)
{
    return strcmp(name, "model.weights.h5") == 0;
}

static gt_status describe_array(const gt_archive_file *file, gt_member *member, gt_error *reason)
{
    gt_source source;
    gt_npy_layout layout;
    gt_status status = gt_source_open(&source, file, member->place, member->size, reason);
    if (status == GT_OK)
        status = read_header(file, &source, &layout, reason);
    gt_source_close(&source);
    if (status != GT_OK)
        return status;
    member->array = (gt_array){NULL, layout.type->dtype, layout.shape};
    member->type = layout.type->name;
    return GT_OK;
}

/* `name` is that of the array or of the text. */
static gt_status list_named(gt_archive *archive, zip_uint64_t i, const zip_stat_t *about, bool is_array,
                            const char *name, gt_error *error)
{
    gt_error reason = {0};
    gt_archive_file *file = archive->file;
    gt_member_table *table = is_array ? &archive->arrays : &archive->texts;
    if (gt_archive_check_name(name, NULL) != GT_OK) /* not printed: it is not fit for a terminal */
        return gt_error_set(error, GT_ERROR_FORMAT, "'%.*s': the name of member %llu is empty or not readable",
                            gt_utf8_fit(file->path, 200), file->path, (unsigned long long)i + 1);
    if (gt_member_find(table, name) != NULL)
        return gt_error_set(error, GT_ERROR_FORMAT, "'%.*s': the member '%.*s' is there twice",
                            gt_utf8_fit(file->path, 200), file->path, gt_utf8_fit(name, 100), name);
    gt_member *member = gt_archive_list_member(table, name);
    if (member == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to read '%.*s'", gt_utf8_fit(file->path, 300),
                            file->path);
    member->place = i;
    member->size = about->size;
    gt_status status = gt_archive_file_check(file, about, &reason);
    if (status == GT_OK && is_array)
        status = describe_array(file, member, &reason);
    return status == GT_OK ? GT_OK : failed(file, member, is_array, status, &reason, error);
}

static gt_status list_member(gt_archive *archive, zip_uint64_t i, gt_error *error)
{
    const gt_archive_file *file = archive->file;
    zip_stat_t about;
    zip_stat_init(&about);
    if (zip_stat_index(file->zip, i, 0, &about) != 0)
        return gt_zip_failure(error, zip_get_error(file->zip), "read", file->path);
    if ((about.valid & ZIP_STAT_NAME) == 0 || about.name == NULL)
        return gt_error_set(error, GT_ERROR_FORMAT, "'%.*s': a member has no name", gt_utf8_fit(file->path, 200),
                            file->path);
    if (is_clutter(&about))
        return GT_OK;
    if (is_pytorch(about.name))
        return gt_error_set(error, GT_ERROR_FORMAT,
                            "'%.*s' is a file of torch.save, a pickle, which can run programs and "
                            "is not read: save "
                            "its arrays with numpy.savez('FILE.npz', x=x.detach().numpy(), ...)",
                            gt_utf8_fit(file->path, 200), file->path);
    if (is_keras(about.name))
        return gt_error_set(
            error, GT_ERROR_FORMAT,
            "'%.*s' is a model of Keras, whose weights are HDF5 inside: load it there and save them with "
            "numpy.savez('FILE.npz', **{w.path: w.numpy() for w in model.weights})",
            gt_utf8_fit(file->path, 200), file->path);
    bool is_array = gt_archive_names_array(about.name);
    char *name = gt_memory_text(about.name);
    if (name == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory to read '%.*s'", gt_utf8_fit(file->path, 300),
                            file->path);
    if (is_array)
        name[strlen(name) - strlen(GT_NPY_SUFFIX)] = '\0';
    gt_status status = list_named(archive, i, &about, is_array, name, error);
    gt_memory_free(name);
    return status;
}

/* ---- the whole ----------------------------------------------------------------------------- */

gt_archive *gt_archive_open_zip(const char *path, gt_error *error)
{
    gt_archive *archive = gt_archive_new();
    if (archive == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory to read '%.*s'", gt_utf8_fit(path, 300), path);
        return NULL;
    }
    archive->file = gt_archive_file_open(path, error);
    gt_status status = archive->file != NULL ? GT_OK : GT_ERROR_FILE;
    zip_int64_t count = status == GT_OK ? zip_get_num_entries(archive->file->zip, 0) : 0;
    for (zip_int64_t i = 0; i < count && status == GT_OK; i++)
        status = list_member(archive, (zip_uint64_t)i, error);
    if (status == GT_OK)
        return archive;
    gt_archive_free(archive);
    return NULL;
}

gt_archive *gt_archive_read_zip(const char *path, gt_error *error)
{
    gt_archive *archive = gt_archive_open_zip(path, error);
    if (archive != NULL && load_all(archive, error) != GT_OK) {
        gt_archive_free(archive);
        return NULL;
    }
    if (archive != NULL)
        gt_archive_close(archive);
    return archive;
}
