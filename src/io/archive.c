#include "io/archive.h"

#include "base/types.h"
#include "base/utf8.h"
#include "io/members.h"
#include "io/npy.h"

#include <string.h>

enum { MAX_NAME = 65535 - 4 }; /* a zip file has 16 bits for the length of a name with ".npy" */

gt_archive *gt_archive_new(void)
{
    return gt_memory_new(1, sizeof(gt_archive));
}

static void free_member(gt_member *member)
{
    gt_memory_free(member->name);
    gt_memory_free(member->array.data);
    gt_memory_free(member->text);
    gt_memory_free(member);
}

static void free_table(gt_member_table *table)
{
    HASH_CLEAR(hh, table->by_name);
    for (size_t i = 0; i < table->count; i++)
        free_member(table->list[i]);
    gt_memory_free(table->list);
}

void gt_archive_free(gt_archive *archive)
{
    if (archive == NULL)
        return;
    gt_archive_close(archive);
    free_table(&archive->arrays);
    free_table(&archive->texts);
    gt_memory_free(archive);
}

/* ---- names --------------------------------------------------------------------------------- */

gt_status gt_archive_check_name(const char *name, gt_error *error)
{
    size_t length = name == NULL ? 0 : strlen(name);
    if (length == 0)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "a member of an archive needs a name");
    if (length > MAX_NAME)
        return gt_error_set(error, GT_ERROR_SIZE, "the name '%.*s...' has %zu bytes; an archive allows at most %d",
                            gt_utf8_fit(name, 60), name, length, MAX_NAME);
    bool printable = gt_utf8_valid(name, length);
    for (size_t i = 0; i < length && printable; i++)
        printable = (unsigned char)name[i] >= ' ' && name[i] != '\x7f';
    if (!printable)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "the name of a member is not UTF-8 or has control characters");
    return GT_OK;
}

bool gt_archive_names_array(const char *name)
{
    size_t length = strlen(name), suffix = strlen(GT_NPY_SUFFIX);
    return length >= suffix && strcmp(name + length - suffix, GT_NPY_SUFFIX) == 0;
}

/* ---- adding -------------------------------------------------------------------------------- */

gt_member *gt_member_find(const gt_member_table *table, const char *name)
{
    gt_member *found = NULL;
    HASH_FIND_STR(table->by_name, name, found);
    return found;
}

/* Appends a new member; NULL on no memory, and the table is then as it was. */
static gt_member *append(gt_member_table *table, const char *name, gt_array array, char *text)
{
    gt_member *member = gt_memory_new(1, sizeof *member);
    if (member == NULL)
        return NULL;
    member->name = gt_memory_text(name);
    if (member->name != NULL && GT_RESERVE(table->list, table->capacity, table->count + 1)) {
        member->added = true;
        HASH_ADD_KEYPTR(hh, table->by_name, member->name, strlen(member->name), member);
        if (member->added) {
            member->array = array;
            member->text = text;
            table->list[table->count++] = member;
            return member;
        }
    }
    free_member(member);
    return NULL;
}

gt_member *gt_archive_list_member(gt_member_table *table, const char *name)
{
    gt_member *member = append(table, name, (gt_array){.data = NULL}, NULL);
    if (member != NULL)
        member->waiting = true;
    return member;
}

/* Takes array.data and text, also on an error. */
static gt_status take(gt_member_table *table, const char *name, gt_array array, char *text, gt_error *error)
{
    gt_member *old = gt_member_find(table, name);
    if (old != NULL) {
        gt_memory_free(old->array.data);
        gt_memory_free(old->text);
        old->array = array;
        old->text = text;
        old->type = NULL;
        old->waiting = false;
        return GT_OK;
    }
    if (append(table, name, array, text) != NULL)
        return GT_OK;
    gt_memory_free(array.data);
    gt_memory_free(text);
    return gt_error_set(error, GT_ERROR_MEMORY, "no memory for '%.*s' in an archive", gt_utf8_fit(name, 100), name);
}

gt_status gt_archive_take_array(gt_archive *archive, const char *name, gt_array array, gt_error *error)
{
    return take(&archive->arrays, name, array, NULL, error);
}

gt_status gt_archive_take_text(gt_archive *archive, const char *name, char *text, gt_error *error)
{
    return take(&archive->texts, name, (gt_array){.data = NULL}, text, error);
}

static gt_status check_array(const char *name, gt_array array, gt_error *error)
{
    if (array.data == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "array '%.*s' has no data", gt_utf8_fit(name, 100), name);
    if (gt_type_of(array.dtype)->size == 0)
        return gt_error_set(error, GT_ERROR_TYPE, "array '%.*s' has the unknown type %d", gt_utf8_fit(name, 100), name,
                            (int)array.dtype);
    int64_t count = gt_shape_count(array.shape);
    char text[128];
    if (count < 1)
        return gt_error_set(error, GT_ERROR_SHAPE, "array '%.*s' has the impossible shape %s", gt_utf8_fit(name, 100),
                            name, gt_shape_format(array.shape, text, sizeof text));
    if (count > GT_NPY_MAX_BYTES / (int64_t)gt_dtype_size(array.dtype))
        return gt_error_set(error, GT_ERROR_SIZE, "array '%.*s' is larger than the limit of 2^40 bytes",
                            gt_utf8_fit(name, 100), name);
    return GT_OK;
}

gt_status gt_archive_add(gt_archive *archive, const char *name, gt_array array, gt_error *error)
{
    if (archive == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "an array was added to no archive");
    gt_status status = gt_archive_check_name(name, error);
    if (status == GT_OK)
        status = check_array(name, array, error);
    if (status != GT_OK)
        return status;
    size_t count = (size_t)gt_shape_count(array.shape), size = gt_dtype_size(array.dtype);
    void *copy = gt_memory_new(count, size);
    if (copy == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for array '%.*s' in an archive", gt_utf8_fit(name, 100),
                            name);
    memcpy(copy, array.data, count * size);
    array.data = copy;
    return gt_archive_take_array(archive, name, array, error);
}

gt_status gt_archive_add_text(gt_archive *archive, const char *name, const char *text, gt_error *error)
{
    if (archive == NULL || text == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "no text or no archive to add it to");
    gt_status status = gt_archive_check_name(name, error);
    if (status != GT_OK)
        return status;
    if (gt_archive_names_array(name) || name[strlen(name) - 1] == '/')
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "the text '%.*s' cannot have a name that ends with .npy, as arrays "
                            "do, or with /, as folders do",
                            gt_utf8_fit(name, 100), name);
    if (!gt_utf8_valid(text, strlen(text)))
        return gt_error_set(error, GT_ERROR_VALUE, "the text '%.*s' is not UTF-8", gt_utf8_fit(name, 100), name);
    char *copy = gt_memory_text(text);
    if (copy == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for text '%.*s' in an archive", gt_utf8_fit(name, 100),
                            name);
    return gt_archive_take_text(archive, name, copy, error);
}

/* ---- looking ------------------------------------------------------------------------------- */

uint32_t gt_archive_count(const gt_archive *archive)
{
    return archive == NULL ? 0 : (uint32_t)archive->arrays.count;
}

const char *gt_archive_name(const gt_archive *archive, uint32_t i)
{
    return i < gt_archive_count(archive) ? archive->arrays.list[i]->name : NULL;
}

gt_array gt_archive_find(const gt_archive *archive, const char *name)
{
    gt_member *found = NULL;
    if (archive != NULL && name != NULL)
        found = gt_member_find(&archive->arrays, name);
    return found == NULL ? (gt_array){.data = NULL} : found->array;
}

const char *gt_archive_text(const gt_archive *archive, const char *name)
{
    gt_member *found = NULL;
    if (archive != NULL && name != NULL)
        found = gt_member_find(&archive->texts, name);
    return found == NULL ? NULL : found->text;
}

const char *gt_archive_type(const gt_archive *archive, const char *name)
{
    static const char *const names[] = {[GT_F64] = "float64", [GT_F32] = "float32", [GT_I32] = "int32"};
    gt_member *found = NULL;
    if (archive != NULL && name != NULL)
        found = gt_member_find(&archive->arrays, name);
    if (found == NULL)
        return NULL;
    return found->type != NULL ? found->type : names[found->array.dtype];
}

void gt_archive_bytes_free(char *bytes)
{
    gt_memory_free(bytes);
}
