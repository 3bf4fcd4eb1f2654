/* Writing safetensors files. */
#include "gradtape/safetensors.h"
#include "io/file_types.h"

#include "base/memory.h"
#include "base/utf8.h"
#include "gradtape/file.h"
#include "io/archive.h"

#include <jansson.h>
#include <string.h>

enum { LENGTH_SIZE = 8, ALIGNMENT = 8 };

static size_t bytes_of(const gt_member *member)
{
    return (size_t)gt_shape_count(member->array.shape) * gt_dtype_size(member->array.dtype);
}

/* The arrays with 8 bytes an entry, then the others. NULL on no memory. */
static const gt_member **put_in_order(const gt_archive *archive)
{
    const gt_member **order = gt_memory_new((uint64_t)archive->arrays.count + 1, sizeof *order);
    size_t count = 0;
    for (int wide = 1; order != NULL && wide >= 0; wide--)
        for (size_t i = 0; i < archive->arrays.count; i++) {
            const gt_member *member = archive->arrays.list[i];
            if ((gt_dtype_size(member->array.dtype) == ALIGNMENT) == (wide == 1))
                order[count++] = member;
        }
    return order;
}

/* ---- the header ------------------------------------------------------------------------------ */

/* Takes value over. */
static bool put(json_t *object, const char *name, json_t *value)
{
    return value != NULL && json_object_set_new(object, name, value) == 0;
}

static json_t *shape_of(gt_shape shape)
{
    json_t *sizes = json_array();
    for (int i = 0; sizes != NULL && i < shape.rank; i++)
        if (json_array_append_new(sizes, json_integer(shape.size[i])) != 0) {
            json_decref(sizes);
            return NULL;
        }
    return sizes;
}

static json_t *describe(const gt_member *member, size_t from)
{
    json_t *row = json_object();
    if (row != NULL && put(row, "dtype", json_string(gt_file_type_of(member->array.dtype)->safetensors)) &&
        put(row, "shape", shape_of(member->array.shape)) &&
        put(row, "data_offsets", json_pack("[I, I]", (json_int_t)from, (json_int_t)(from + bytes_of(member)))))
        return row;
    json_decref(row);
    return NULL;
}

static bool put_texts(json_t *header, const gt_archive *archive)
{
    json_t *texts = archive->texts.count > 0 ? json_object() : NULL;
    if (archive->texts.count == 0)
        return true;
    for (size_t i = 0; texts != NULL && i < archive->texts.count; i++)
        if (!put(texts, archive->texts.list[i]->name, json_string(archive->texts.list[i]->text))) {
            json_decref(texts);
            texts = NULL;
        }
    return put(header, "__metadata__", texts);
}

/* NULL on no memory. *size becomes that of all entries. */
static char *format_header(const gt_archive *archive, const gt_member *const *order, size_t *size)
{
    json_t *header = json_object();
    bool good = header != NULL && put_texts(header, archive);
    *size = 0;
    for (size_t i = 0; good && i < archive->arrays.count; i++) {
        good = put(header, order[i]->name, describe(order[i], *size));
        *size = gt_size_add(*size, bytes_of(order[i]));
    }
    size_t length = good ? json_dumpb(header, NULL, 0, JSON_COMPACT) : 0;
    char *text = length > 0 ? gt_memory_new((uint64_t)length + 1, 1) : NULL;
    if (text != NULL && json_dumpb(header, text, length, JSON_COMPACT) != length) {
        gt_memory_free(text);
        text = NULL;
    }
    json_decref(header);
    return text;
}

/* ---- entries --------------------------------------------------------------------------------- */

static void put_entry(uint8_t *to, const uint8_t *from, size_t size)
{
    const uint16_t one = 1;
    const bool little_endian = *(const uint8_t *)&one == 1;
    for (size_t k = 0; k < size; k++)
        to[k] = from[little_endian ? k : size - 1 - k];
}

/* In C order: the last index moves fastest. */
static uint8_t *put_entries(uint8_t *to, gt_array array)
{
    size_t size = gt_dtype_size(array.dtype);
    int64_t index[GT_MAX_RANK] = {0}, stride[GT_MAX_RANK], place = 0, step = 1;
    for (int i = 0; i < GT_MAX_RANK; i++) {
        stride[i] = step;
        step *= array.shape.size[i];
    }
    for (int64_t n = 0; n < gt_shape_count(array.shape); n++, to += size) {
        put_entry(to, (const uint8_t *)array.data + (size_t)place * size, size);
        for (int i = GT_MAX_RANK - 1; i >= 0; i--) {
            place += stride[i];
            if (++index[i] < array.shape.size[i])
                break;
            place -= stride[i] * array.shape.size[i];
            index[i] = 0;
        }
    }
    return to;
}

/* The header with spaces behind it, so that the entries are aligned, and the entries. */
static void fill(uint8_t *bytes, const gt_member *const *order, size_t count, const char *header, size_t padded)
{
    for (int i = 0; i < LENGTH_SIZE; i++)
        bytes[i] = (uint8_t)((uint64_t)padded >> (8 * i));
    memset(bytes + LENGTH_SIZE, ' ', padded);
    memcpy(bytes + LENGTH_SIZE, header, strlen(header));
    uint8_t *to = bytes + LENGTH_SIZE + padded;
    for (size_t i = 0; i < count; i++)
        to = put_entries(to, order[i]->array);
}

static gt_status check_loaded(const gt_archive *archive, gt_error *error)
{
    if (archive == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "there is no archive to write");
    for (size_t i = 0; i < archive->arrays.count; i++)
        if (archive->arrays.list[i]->array.data == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "array '%.*s' is not loaded, so it cannot be written",
                                gt_utf8_fit(archive->arrays.list[i]->name, 100), archive->arrays.list[i]->name);
    for (size_t i = 0; i < archive->texts.count; i++)
        if (archive->texts.list[i]->text == NULL)
            return gt_error_set(error, GT_ERROR_ARGUMENT, "member '%.*s' is not loaded, so it cannot be written",
                                gt_utf8_fit(archive->texts.list[i]->name, 100), archive->texts.list[i]->name);
    return GT_OK;
}

static gt_status render(const gt_archive *archive, const gt_member *const *order, char **bytes, size_t *size,
                        gt_error *error)
{
    size_t entries = 0;
    char *header = format_header(archive, order, &entries);
    if (header == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for the header of a safetensors file");
    size_t padded = (strlen(header) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *bytes = gt_memory_new(gt_size_add(gt_size_add(LENGTH_SIZE, padded), entries), 1);
    if (*bytes != NULL) {
        *size = LENGTH_SIZE + padded + entries;
        fill((uint8_t *)*bytes, order, archive->arrays.count, header, padded);
    }
    gt_memory_free(header);
    return *bytes != NULL
               ? GT_OK
               : gt_error_set(error, GT_ERROR_MEMORY, "no memory for a safetensors file of %zu bytes", entries);
}

gt_status gt_safetensors_render(const gt_archive *archive, char **bytes, size_t *size, gt_error *error)
{
    *bytes = NULL;
    *size = 0;
    gt_status status = check_loaded(archive, error);
    if (status != GT_OK)
        return status;
    const gt_member **order = put_in_order(archive);
    if (order == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for a list of arrays");
    status = render(archive, order, bytes, size, error);
    gt_memory_free(order);
    return status;
}

gt_status gt_safetensors_write(const gt_archive *archive, const char *path, gt_error *error)
{
    char *bytes;
    size_t size;
    gt_status status = gt_safetensors_render(archive, &bytes, &size, error);
    if (status == GT_OK)
        status = gt_file_replace(path, bytes, size, error);
    gt_archive_bytes_free(bytes);
    return status;
}
