/*
 * Reading safetensors files. Nothing is believed before it is checked: the header's length by the
 * file's, an array's place by its shape and by its neighbours'. Memory is taken after these checks.
 */
#include "gradtape/safetensors.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "io/archive.h"
#include "io/members.h"
#include "io/npy.h"
#include "io/system_failure.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_SIZE = 8, MOST_HEADER = 100000000, CHUNK = 1 << 16 };

/* An array as the header describes it. */
typedef struct entry {
    const char *name; /* belongs to the header */
    gt_npy_layout layout;
    uint64_t from, to; /* bytes behind the header */
} entry;

typedef struct reading {
    FILE *file;
    const char *path;
    uint64_t header, entries; /* bytes of both parts */
    json_t *json;
    entry *list;
    size_t count;
    gt_archive *archive;
    gt_error *error;
} reading;

#define REFUSE(r, status, format, ...)                                                                                 \
    gt_error_set((r)->error, status, "'%.*s': " format, gt_utf8_fit((r)->path, 200), (r)->path, __VA_ARGS__)

static gt_status refuse_entry(reading *r, gt_status status, const char *name, const char *reason)
{
    return REFUSE(r, status, "array '%.*s' %s", gt_utf8_fit(name, 100), name, reason);
}

/* ---- the header ------------------------------------------------------------------------------ */

static gt_status read_bytes(reading *r, void *bytes, size_t size)
{
    if (fread(bytes, 1, size, r->file) == size)
        return GT_OK;
    return ferror(r->file) ? gt_system_failure(r->error, errno, "read", r->path)
                           : REFUSE(r, GT_ERROR_FORMAT, "%s", "ends before its end");
}

static gt_status measure(reading *r)
{
    uint8_t length[LENGTH_SIZE];
    if (fseeko(r->file, 0, SEEK_END) != 0)
        return gt_system_failure(r->error, errno, "read", r->path);
    off_t size = ftello(r->file);
    rewind(r->file);
    if (size < LENGTH_SIZE)
        return REFUSE(r, GT_ERROR_FORMAT,
                      "is no safetensors file: it has %lld bytes, and begins with the 8 of a length", (long long)size);
    gt_status status = read_bytes(r, length, LENGTH_SIZE);
    for (int i = LENGTH_SIZE - 1; i >= 0; i--)
        r->header = r->header << 8 | length[i];
    if (status != GT_OK)
        return status;
    if (r->header > MOST_HEADER || r->header > (uint64_t)size - LENGTH_SIZE)
        return REFUSE(r, GT_ERROR_FORMAT,
                      "is no safetensors file: its first 8 bytes say that a header of %llu bytes follows, "
                      "where it may have %llu",
                      (unsigned long long)r->header, (unsigned long long)size - LENGTH_SIZE);
    r->entries = (uint64_t)size - LENGTH_SIZE - r->header;
    return GT_OK;
}

static gt_status parse_json(reading *r)
{
    json_error_t problem;
    char *text = gt_memory_new(r->header + 1, 1);
    if (text == NULL)
        return REFUSE(r, GT_ERROR_MEMORY, "%s", "no memory for the header");
    gt_status status = read_bytes(r, text, (size_t)r->header);
    if (status == GT_OK && text[0] != '{')
        status = REFUSE(r, GT_ERROR_FORMAT, "%s", "is no safetensors file: its header does not begin with {");
    if (status == GT_OK) {
        r->json = json_loadb(text, (size_t)r->header, JSON_REJECT_DUPLICATES, &problem);
        /* jansson has words for what is wrong with a text; where its memory failed it may have none. */
        if (r->json == NULL && problem.text[0] == '\0')
            status = REFUSE(r, GT_ERROR_MEMORY, "%s", "no memory for the header");
        else if (r->json == NULL)
            status = REFUSE(r, GT_ERROR_FORMAT, "the header is not valid: %.*s", gt_utf8_fit(problem.text, 150),
                            problem.text);
    }
    gt_memory_free(text);
    return status;
}

/* ---- one array ------------------------------------------------------------------------------- */

static gt_status parse_shape(reading *r, const char *name, const json_t *sizes, gt_shape *shape)
{
    size_t rank = json_array_size(sizes);
    if (!json_is_array(sizes))
        return refuse_entry(r, GT_ERROR_FORMAT, name, "has no shape");
    if (rank > GT_MAX_RANK)
        return refuse_entry(r, GT_ERROR_SHAPE, name, "has more than 4 axes, which are the most that are read");
    *shape = GT_SCALAR;
    shape->rank = (int32_t)rank;
    for (size_t i = 0; i < rank; i++) {
        const json_t *size = json_array_get(sizes, i);
        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return refuse_entry(r, GT_ERROR_FORMAT, name, "has a shape that is not of whole numbers");
        if (json_integer_value(size) == 0)
            return refuse_entry(r, GT_ERROR_SHAPE, name, "has an axis of size 0");
        shape->size[i] = json_integer_value(size);
    }
    if (gt_shape_count(*shape) < 0 || gt_shape_count(*shape) > GT_NPY_MAX_BYTES / 8)
        return refuse_entry(r, GT_ERROR_SIZE, name, "has more entries than can be read");
    return GT_OK;
}

static gt_status parse_place(reading *r, entry *e, const json_t *offsets)
{
    const json_t *from = json_array_get(offsets, 0), *to = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !json_is_integer(from) || !json_is_integer(to) ||
        json_integer_value(from) < 0 || json_integer_value(to) < json_integer_value(from) ||
        (uint64_t)json_integer_value(to) > r->entries)
        return refuse_entry(r, GT_ERROR_FORMAT, e->name, "has data_offsets that are no place in the file");
    e->from = (uint64_t)json_integer_value(from);
    e->to = (uint64_t)json_integer_value(to);
    if (e->to - e->from != (uint64_t)gt_shape_count(e->layout.shape) * e->layout.type->item_size)
        return refuse_entry(r, GT_ERROR_FORMAT, e->name, "does not have as many bytes as its shape and its type take");
    return GT_OK;
}

static gt_status parse_entry(reading *r, const char *name, const json_t *row)
{
    const uint16_t one = 1;
    entry *e = &r->list[r->count++];
    *e = (entry){.name = name, .layout.swapped = *(const uint8_t *)&one != 1};
    const char *dtype = json_string_value(json_object_get(row, "dtype"));
    gt_status status = gt_archive_check_name(name, r->error);
    if (status != GT_OK)
        return status;
    if (dtype == NULL)
        return refuse_entry(r, GT_ERROR_FORMAT, name, "has no dtype");
    e->layout.type = gt_file_type_by_safetensors(dtype);
    if (e->layout.type == NULL)
        return REFUSE(r, GT_ERROR_TYPE, "array '%.*s' has the type %.*s, which is not read", gt_utf8_fit(name, 100),
                      name, gt_utf8_fit(dtype, 20), dtype);
    status = parse_shape(r, name, json_object_get(row, "shape"), &e->layout.shape);
    return status == GT_OK ? parse_place(r, e, json_object_get(row, "data_offsets")) : status;
}

/* ---- all arrays ------------------------------------------------------------------------------ */

static gt_status take_metadata(reading *r, json_t *texts)
{
    const char *name;
    json_t *text;
    gt_status status = json_is_object(texts) ? GT_OK : REFUSE(r, GT_ERROR_FORMAT, "%s", "__metadata__ is no object");
    json_object_foreach(texts, name, text)
    {
        if (status == GT_OK && !json_is_string(text))
            status = REFUSE(r, GT_ERROR_FORMAT, "%s", "__metadata__ has something that is no text");
        if (status == GT_OK)
            status = gt_archive_add_text(r->archive, name, json_string_value(text), r->error);
    }
    return status;
}

static int by_place(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from) : strcmp(x->name, y->name);
}

/* They fill the file: no gap, in which something could hide, and no overlap. */
static gt_status check_places(reading *r)
{
    uint64_t end = 0;
    qsort(r->list, r->count, sizeof *r->list, by_place);
    for (size_t i = 0; i < r->count; i++) {
        if (r->list[i].from != end)
            return refuse_entry(r, GT_ERROR_FORMAT, r->list[i].name, "does not begin where the one before it ends");
        end = r->list[i].to;
    }
    if (end != r->entries)
        return REFUSE(r, GT_ERROR_FORMAT, "has %llu bytes behind the last array",
                      (unsigned long long)(r->entries - end));
    return GT_OK;
}

static gt_status parse_entries(reading *r)
{
    const char *name;
    json_t *row;
    gt_status status = GT_OK;
    r->list = gt_memory_new(json_object_size(r->json) + 1, sizeof *r->list);
    if (r->list == NULL)
        return REFUSE(r, GT_ERROR_MEMORY, "%s", "no memory for the list of arrays");
    json_object_foreach(r->json, name, row)
    {
        if (status == GT_OK)
            status = strcmp(name, "__metadata__") == 0 ? take_metadata(r, row) : parse_entry(r, name, row);
    }
    return status == GT_OK ? check_places(r) : status;
}

static gt_status read_entries(reading *r, const entry *e, gt_array *array, uint8_t *chunk)
{
    gt_npy_cursor cursor;
    gt_error reason = {0};
    gt_npy_cursor_start(&cursor, &e->layout);
    gt_status status = GT_OK;
    for (uint64_t left = e->to - e->from; left > 0 && status == GT_OK;) {
        size_t size = left < CHUNK ? (size_t)left : CHUNK;
        status = read_bytes(r, chunk, size);
        if (status != GT_OK)
            return status;
        status = gt_npy_place(&cursor, chunk, (int64_t)(size / e->layout.type->item_size), array->data, &reason);
        left -= size;
    }
    if (status != GT_OK)
        return refuse_entry(r, status, e->name, reason.message);
    gt_npy_narrow(&cursor, array);
    return GT_OK;
}

static gt_status load(reading *r, const entry *e, uint8_t *chunk)
{
    gt_array array = {.dtype = e->layout.type->dtype, .shape = e->layout.shape};
    array.data = gt_memory_new((uint64_t)gt_shape_count(array.shape), gt_dtype_size(array.dtype));
    if (array.data == NULL)
        return refuse_entry(r, GT_ERROR_MEMORY, e->name, "does not fit into memory");
    gt_status status = read_entries(r, e, &array, chunk);
    if (status != GT_OK) {
        gt_memory_free(array.data);
        return status;
    }
    status = gt_archive_take_array(r->archive, e->name, array, r->error);
    if (status == GT_OK)
        gt_member_find(&r->archive->arrays, e->name)->type = e->layout.type->name;
    return status;
}

static gt_status load_all(reading *r)
{
    uint8_t *chunk = gt_memory_new(CHUNK, 1);
    gt_status status = chunk != NULL ? GT_OK : REFUSE(r, GT_ERROR_MEMORY, "%s", "no memory to read it");
    for (size_t i = 0; i < r->count && status == GT_OK; i++)
        status = load(r, &r->list[i], chunk);
    gt_memory_free(chunk);
    return status;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* The file is open, and is closed. */
static gt_archive *read_open(FILE *file, const char *path, gt_error *error)
{
    gt_error own = {0};
    reading r = {.file = file, .path = path, .archive = gt_archive_new(), .error = &own};
    gt_status status = r.archive != NULL ? measure(&r) : REFUSE(&r, GT_ERROR_MEMORY, "%s", "no memory to read it");
    if (status == GT_OK)
        status = parse_json(&r);
    if (status == GT_OK)
        status = parse_entries(&r);
    if (status == GT_OK)
        status = load_all(&r);
    json_decref(r.json);
    gt_memory_free(r.list);
    fclose(file);
    if (status == GT_OK)
        return r.archive;
    gt_archive_free(r.archive);
    gt_error_set(error, status, "%s", own.message);
    return NULL;
}

gt_archive *gt_safetensors_read(const char *path, gt_error *error)
{
    FILE *file = path == NULL ? NULL : fopen(path, "rbe");
    if (path == NULL)
        gt_error_set(error, GT_ERROR_ARGUMENT, "no path of a safetensors file was given");
    else if (file == NULL)
        gt_system_failure(error, errno, "open", path);
    return file == NULL ? NULL : read_open(file, path, error);
}

gt_archive *gt_safetensors_parse(const void *bytes, size_t size, const char *name, gt_error *error)
{
    const char *path = name == NULL ? "safetensors" : name;
    if (bytes == NULL || size == 0) {
        gt_error_set(error, GT_ERROR_FORMAT, "'%.*s': is no safetensors file: it is empty", gt_utf8_fit(path, 200),
                     path);
        return NULL;
    }
    FILE *stream = fmemopen((void *)(uintptr_t)bytes, size, "rb");
    if (stream == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "'%.*s': no memory to read it", gt_utf8_fit(path, 200), path);
        return NULL;
    }
    return read_open(stream, path, error);
}
