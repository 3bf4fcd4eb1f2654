#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

/* ---- characters ---------------------------------------------------------------------------- */

/* How many bytes a character has whose first byte is this; 0 if none can start so. */
static size_t length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

bool gt_utf8_decode(const char *bytes, size_t size, size_t *place, uint32_t *character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *start = (const unsigned char *)bytes + *place;
    size_t length = *place < size ? length_of(*start) : 0;
    if (length == 0 || length > size - *place)
        return false;
    uint32_t value = start[0] & mask[length];
    for (size_t i = 1; i < length; i++) {
        if ((start[i] & 0xC0) != 0x80)
            return false;
        value = value << 6 | (start[i] & 0x3F);
    }
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest[length] || value > 0x10FFFF || surrogate)
        return false;
    *place += length;
    *character = value;
    return true;
}

size_t gt_utf8_encode(uint32_t character, char text[GT_UTF8_SIZE])
{
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1;) {
        text[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    text[0] = (char)(length == 1 ? character : lead[length] | character);
    text[length] = '\0';
    return length;
}

bool gt_utf8_valid(const char *text, size_t size)
{
    uint32_t character;
    size_t place = 0;
    while (place < size)
        if (!gt_utf8_decode(text, size, &place, &character))
            return false;
    return true;
}

bool gt_utf8_is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x61C || character == 0x200E ||
           character == 0x200F || (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

/* ---- cutting ------------------------------------------------------------------------------- */

/* `size` bytes less those of a character at their end that goes on behind them. */
static size_t whole_characters(const char *text, size_t size)
{
    enum { MOST_BEHIND = 3 }; /* bytes of a character behind its first */
    for (size_t back = 1; back <= MOST_BEHIND && back <= size; back++) {
        unsigned char byte = (unsigned char)text[size - back];
        if ((byte & 0xC0) != 0x80)
            return length_of(byte) > back ? size - back : size;
    }
    return size;
}

int gt_utf8_fit(const char *text, size_t most)
{
    size_t length = strnlen(text, most + 1);
    return (int)(length <= most ? length : whole_characters(text, most));
}

size_t gt_utf8_format_list(char *text, size_t size, const char *format, va_list arguments)
{
    if (size == 0)
        return 0;
    text[0] = '\0';
    int wanted = vsnprintf(text, size, format, arguments);
    if (wanted < 0)
        return strlen(text);
    size_t length = (size_t)wanted < size ? (size_t)wanted : whole_characters(text, size - 1);
    text[length] = '\0';
    return length;
}

size_t gt_utf8_format(char *text, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t length = gt_utf8_format_list(text, size, format, arguments);
    va_end(arguments);
    return length;
}

size_t gt_utf8_append(char *text, size_t size, const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    if (used < size)
        used += gt_utf8_format_list(text + used, size - used, format, arguments);
    va_end(arguments);
    return used;
}
