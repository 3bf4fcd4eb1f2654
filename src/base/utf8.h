/*
 * Text as UTF-8 (RFC 3629), in buffers that may be too small for it.
 *
 * A name or a message that does not fit is cut between characters: half a
 * character is refused by JSON, by XML and by terminals.
 */
#ifndef GT_BASE_UTF8_H
#define GT_BASE_UTF8_H

#include "gradtape/base.h"

#include <stdarg.h>

/*
 * The character that starts at bytes[*place], and moves *place behind it. False
 * if the bytes there are not well formed (cut off, overlong, a surrogate, above
 * U+10FFFF); then *place is as it was.
 */
bool gt_utf8_decode(const char *bytes, size_t size, size_t *place, uint32_t *character);

/* Writes the 1 to 4 bytes of a character and a 0 behind them; returns their number. */
#define GT_UTF8_SIZE 5
size_t gt_utf8_encode(uint32_t character, char text[GT_UTF8_SIZE]);

/* True if all the bytes are well formed. */
bool gt_utf8_valid(const char *text, size_t size);

/* The bytes of the whole characters at the beginning of text, at most `most`: for "%.*s". */
int gt_utf8_fit(const char *text, size_t most);

/*
 * As snprintf, but what does not fit is cut between characters, and the result is
 * the number of bytes that were written, the 0 behind them not counted. A size of
 * 0 writes nothing.
 */
size_t gt_utf8_format(char *text, size_t size, const char *format, ...) GT_PRINTF(3, 4);
size_t gt_utf8_format_list(char *text, size_t size, const char *format, va_list arguments);
/* The same behind the text that is there; returns the length of both. */
size_t gt_utf8_append(char *text, size_t size, const char *format, ...) GT_PRINTF(3, 4);

/* Characters that move the cursor, change the terminal, or turn the direction of text: controls and bidi marks. */
bool gt_utf8_is_control(uint32_t character);

#endif
