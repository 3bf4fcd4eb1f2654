#include "lang/diagnostics.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the pool; NULL on no memory. */
static const char *format_text(gt_pool *pool, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length < 0 ? NULL : gt_pool_new(pool, (size_t)length + 1, 1);
    if (text != NULL)
        gt_utf8_format_list(text, (size_t)length + 1, format, arguments);
    return text;
}

/* "message (in silu, of line 3)" */
static const char *add_remark(gt_pool *pool, const char *message, const char *remark)
{
    size_t size = strlen(message) + strlen(remark) + 4;
    char *text = gt_pool_new(pool, size, 1);
    if (text != NULL)
        gt_utf8_format(text, size, "%s (%s)", message, remark);
    return text;
}

/* What is read more than once, as the argument of a function, is told of once. */
static bool is_there(const gt_lang_diagnostics *d, gt_lang_place place, const char *message)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->list[i].offset == place.offset && (place.again || strcmp(d->list[i].message, message) == 0))
            return true;
    return false;
}

static void add(gt_lang_diagnostics *d, gt_severity severity, gt_lang_place place, const char *format,
                va_list arguments)
{
    d->dropped = gt_lang_enough(d);
    if (d->dropped)
        return;
    const char *message = format_text(d->pool, format, arguments);
    if (message != NULL && place.within != NULL)
        message = add_remark(d->pool, message, place.within);
    d->dropped = message != NULL && is_there(d, place, message);
    if (d->dropped)
        return;
    d->error_count += severity == GT_SEVERITY_ERROR;
    if (message == NULL || !GT_RESERVE(d->list, d->capacity, d->count + 1)) {
        d->no_memory = true;
        return;
    }
    d->list[d->count++] = (gt_diagnostic){
        .severity = severity,
        .line = place.line,
        .column = place.column,
        .offset = place.offset,
        .length = place.length,
        .message = message,
    };
}

void gt_lang_error(gt_lang_diagnostics *diagnostics, gt_lang_place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(diagnostics, GT_SEVERITY_ERROR, place, format, arguments);
    va_end(arguments);
}

void gt_lang_warning(gt_lang_diagnostics *diagnostics, gt_lang_place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(diagnostics, GT_SEVERITY_WARNING, place, format, arguments);
    va_end(arguments);
}

void gt_lang_hint(gt_lang_diagnostics *diagnostics, const char *format, ...)
{
    if (diagnostics->no_memory || diagnostics->dropped)
        return;
    va_list arguments;
    va_start(arguments, format);
    const char *hint = format_text(diagnostics->pool, format, arguments);
    va_end(arguments);
    diagnostics->no_memory = hint == NULL;
    diagnostics->list[diagnostics->count - 1].hint = hint;
}

bool gt_lang_enough(const gt_lang_diagnostics *diagnostics)
{
    return diagnostics->no_memory || diagnostics->error_count >= GT_LANG_MAX_ERRORS;
}

static int by_place(const void *a, const void *b)
{
    const gt_diagnostic *first = a, *second = b;
    return (first->offset > second->offset) - (first->offset < second->offset);
}

void gt_lang_sort(gt_lang_diagnostics *diagnostics)
{
    if (diagnostics->count > 1)
        qsort(diagnostics->list, diagnostics->count, sizeof *diagnostics->list, by_place);
}

void gt_lang_diagnostics_free(gt_lang_diagnostics *diagnostics)
{
    gt_memory_free(diagnostics->list);
    *diagnostics = (gt_lang_diagnostics){0};
}
