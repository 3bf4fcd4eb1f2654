#include "training/text.h"

#include "base/utf8.h"
#include "command/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- symbols ------------------------------------------------------------------------------- */

void gt_symbols_free(gt_symbols *symbols)
{
    free(symbols->list);
    *symbols = (gt_symbols){0};
}

static bool reserve(gt_symbols *symbols, size_t more, const char *what, gt_error *error)
{
    if (more <= symbols->capacity - symbols->count)
        return true;
    size_t capacity = symbols->capacity + symbols->capacity / 2;
    if (capacity < symbols->count + more)
        capacity = symbols->count + more;
    uint32_t *list = capacity > SIZE_MAX / sizeof *list ? NULL : realloc(symbols->list, capacity * sizeof *list);
    if (list == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "%s: no memory for its text", what);
        return false;
    }
    symbols->list = list;
    symbols->capacity = capacity;
    return true;
}

static bool append_list(gt_symbols *symbols, const uint32_t *list, size_t count, const char *what, gt_error *error)
{
    if (!reserve(symbols, count, what, error))
        return false;
    if (count > 0)
        memcpy(symbols->list + symbols->count, list, count * sizeof *list);
    symbols->count += count;
    return true;
}

bool gt_symbols_append(gt_symbols *symbols, const char *what, const unsigned char *text, size_t size, bool bytes,
                       gt_error *error)
{
    /* There are at most as many characters as bytes; one more, so that there always is a list. */
    if (!reserve(symbols, size + 1, what, error))
        return false;
    for (size_t place = 0; place < size;) {
        uint32_t symbol = text[place];
        if (bytes) {
            place++;
        } else if (!gt_utf8_decode((const char *)text, size, &place, &symbol)) {
            gt_error_set(error, GT_ERROR_FORMAT,
                         "%s: byte 0x%02x at offset %zu is not UTF-8; with --bytes the text is "
                         "read as bytes",
                         what, text[place], place);
            return false;
        }
        symbols->list[symbols->count++] = symbol;
    }
    return true;
}

/* ---- files --------------------------------------------------------------------------------- */

/* The whole file; NULL on an error. */
static unsigned char *read_stream(FILE *file, const char *path, size_t *size, gt_error *error)
{
    unsigned char *bytes = NULL;
    size_t capacity = 0;
    *size = 0;
    do {
        size_t larger = capacity == 0 ? 65536 : capacity * 2;
        unsigned char *memory = larger > capacity ? realloc(bytes, larger) : NULL;
        if (memory == NULL) {
            gt_error_set(error, GT_ERROR_MEMORY, "%s: no memory to read it", path);
            free(bytes);
            return NULL;
        }
        bytes = memory;
        capacity = larger;
        *size += fread(bytes + *size, 1, capacity - *size, file);
    } while (!feof(file) && !ferror(file));
    if (!ferror(file))
        return bytes;
    gt_error_set(error, GT_ERROR_FILE, "%s cannot be read: %s", path, strerror(errno));
    free(bytes);
    return NULL;
}

/* Opens it without waiting for whoever writes to a pipe, and looks at what it is before anything is read. */
static FILE *open_regular(const char *path, size_t most, gt_error *error)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (descriptor >= 0 && fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode) && about.st_size >= 0 &&
        (uintmax_t)about.st_size <= most)
        return fdopen(descriptor, "rb");
    if (descriptor >= 0) {
        gt_error_set(error, GT_ERROR_FILE,
                     "%s, which the model names, is not the text it was trained on: that was a regular file of at "
                     "most %zu bytes; say with --text where it is",
                     path, most);
        close(descriptor);
    } else {
        gt_error_set(error, GT_ERROR_FILE,
                     "%s, which the model names, cannot be opened: %s; say with --text where it is", path,
                     strerror(errno));
    }
    return NULL;
}

static unsigned char *read_file(const char *path, size_t most, size_t *size, gt_error *error)
{
    if (most == GT_ANY_SIZE && gt_file_is_standard(path))
        return read_stream(stdin, "stdin", size, error);
    FILE *file = most == GT_ANY_SIZE ? fopen(path, "rb") : open_regular(path, most, error);
    if (file == NULL && most != GT_ANY_SIZE)
        return NULL;
    if (file == NULL) {
        gt_error_set(error, GT_ERROR_FILE, "%s cannot be opened: %s", path, strerror(errno));
        return NULL;
    }
    unsigned char *bytes = read_stream(file, path, size, error);
    fclose(file);
    return bytes;
}

/* ---- the text ------------------------------------------------------------------------------ */

static bool read_one(gt_corpus *text, const char *path, bool bytes, double validation, size_t most, gt_error *error)
{
    size_t size = 0;
    unsigned char *content = read_file(path, most, &size, error);
    if (content == NULL)
        return false;
    gt_symbols symbols = {0};
    bool good = gt_symbols_append(&symbols, path, content, size, bytes, error);
    free(content);
    size_t kept = (size_t)((double)symbols.count * validation);
    good = good && append_list(&text->training, symbols.list, symbols.count - kept, path, error) &&
           append_list(&text->validation, symbols.list + symbols.count - kept, kept, path, error);
    gt_symbols_free(&symbols);
    return good;
}

bool gt_corpus_read(gt_corpus *text, const gt_text_list *files, bool bytes, double validation, size_t most,
                    gt_error *error)
{
    *text = (gt_corpus){0};
    for (uint32_t i = 0; i < files->count; i++)
        if (!read_one(text, files->items[i], bytes, validation, most, error))
            return false;
    text->hash = gt_symbols_hash(GT_HASH_START, text->training.list, text->training.count);
    text->hash = gt_symbols_hash(text->hash, text->validation.list, text->validation.count);
    return true;
}

void gt_corpus_free(gt_corpus *text)
{
    gt_symbols_free(&text->training);
    gt_symbols_free(&text->validation);
}
