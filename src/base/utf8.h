/* Well-formed UTF-8 (RFC 3629). */
#ifndef GT_BASE_UTF8_H
#define GT_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True if the bytes are well formed: no overlong form, no surrogate, nothing above U+10FFFF. */
bool gt_utf8_valid(const char *text, size_t size);

#endif
