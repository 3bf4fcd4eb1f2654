/* UTF-8: text to characters (Unicode code points) and back. */
#ifndef GT_CLI_UTF8_H
#define GT_CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The character that starts at bytes[*place], and moves *place behind it. False
 * if the bytes there are no UTF-8 as RFC 3629 defines it (cut off, overlong, a
 * surrogate, above U+10FFFF); then *place is as it was.
 */
bool gt_utf8_decode(const unsigned char *bytes, size_t size, size_t *place, uint32_t *character);

/* Writes the 1 to 4 bytes of a character and a 0 behind them; returns their number. */
#define GT_UTF8_SIZE 5
size_t gt_utf8_encode(uint32_t character, char text[GT_UTF8_SIZE]);

#endif
