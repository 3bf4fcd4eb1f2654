/* Texts that are written piece by piece into an array that is large enough. */
#ifndef GT_TESTS_APPEND_H
#define GT_TESTS_APPEND_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static inline void append(char *text, size_t size, const char *format, ...)
{
    size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(text + length, size - length, format, arguments);
    va_end(arguments);
    if (written < 0 || length + (size_t)written >= size)
        abort();
}
#define ADD(text, ...) append(text, sizeof text, __VA_ARGS__)

#endif
