#include "dump/text.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void gt_text_put(gt_text *text, const char *bytes, size_t count)
{
    if (text->failed || !GT_RESERVE(text->bytes, text->capacity, text->count + count + 1)) {
        text->failed = true;
        return;
    }
    if (count > 0) /* nothing may be a text that nothing was ever put into */
        memcpy(text->bytes + text->count, bytes, count);
    text->count += count;
    text->bytes[text->count] = '\0';
}

void gt_text_print(gt_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int count = vsnprintf(NULL, 0, format, arguments);
    if (count < 0 || text->failed || !GT_RESERVE(text->bytes, text->capacity, text->count + (size_t)count + 1)) {
        text->failed = true;
    } else {
        gt_utf8_format_list(text->bytes + text->count, (size_t)count + 1, format, again);
        text->count += (size_t)count;
    }
    va_end(again);
    va_end(arguments);
}

void gt_text_free(gt_text *text)
{
    gt_memory_free(text->bytes);
    *text = (gt_text){0};
}
