#include "command/markup.h"

#include "base/utf8.h"
#include "command/files.h"

#include <stdlib.h>
#include <string.h>

static const char *entity_of(uint32_t character)
{
    switch (character) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    default:
        return gt_utf8_is_control(character) || character == 0xfffe || character == 0xffff ? "?" : NULL;
    }
}

void gt_markup_text(FILE *file, const char *text)
{
    gt_markup_bytes(file, text, strlen(text));
}

void gt_markup_bytes(FILE *file, const char *text, size_t length)
{
    for (size_t place = 0, next; place < length; place = next) {
        uint32_t character = 0;
        next = place;
        const char *entity = "?";
        if (gt_utf8_decode(text, length, &next, &character))
            entity = entity_of(character);
        else
            next = place + 1;
        if (entity != NULL)
            fputs(entity, file);
        else
            fwrite(text + place, 1, next - place, file);
    }
}

gt_status gt_markup_write(void (*put)(FILE *file, const void *what), const void *what, const char *path,
                          gt_error *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    if (file != NULL)
        put(file, what);
    bool good = file != NULL && !ferror(file);
    /* Without memory for the end of the text, closing succeeds and there is none. */
    good = file != NULL && fclose(file) == 0 && good && text != NULL;
    gt_status status = GT_OK;
    if (!good)
        status = gt_error_set(error, GT_ERROR_MEMORY, "no memory to write %s", path);
    else if (gt_file_is_standard(path))
        fwrite(text, 1, size, stdout); /* a failure is found and reported when the program ends */
    else
        status = gt_file_replace(path, text, size, error);
    free(text);
    return status;
}
