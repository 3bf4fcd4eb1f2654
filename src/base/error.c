#include "base/error.h"

#include "base/utf8.h"

#include <stdarg.h>

const char *gt_version(void)
{
    return GT_VERSION;
}

int gt_version_number(void)
{
    return GT_VERSION_NUMBER;
}

const char *gt_status_name(gt_status status)
{
    switch (status) {
    case GT_OK:
        return "no error";
    case GT_ERROR_ARGUMENT:
        return "bad argument";
    case GT_ERROR_SHAPE:
        return "shape mismatch";
    case GT_ERROR_TYPE:
        return "type mismatch";
    case GT_ERROR_TAPE:
        return "not a var of this tape";
    case GT_ERROR_SIZE:
        return "size limit exceeded";
    case GT_ERROR_MEMORY:
        return "out of memory";
    case GT_ERROR_UNBOUND:
        return "input without a value";
    case GT_ERROR_VALUE:
        return "value out of range";
    case GT_ERROR_NOT_FINITE:
        return "value not finite";
    case GT_ERROR_FILE:
        return "file error";
    case GT_ERROR_FORMAT:
        return "bad file contents";
    case GT_ERROR_UNSUPPORTED:
        return "not supported by this build";
    case GT_ERROR_INTERRUPTED:
        return "interrupted";
    }
    return "unknown status";
}

gt_status gt_error_set(gt_error *error, gt_status status, const char *format, ...)
{
    if (error == NULL)
        return status;
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    gt_utf8_format_list(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}
