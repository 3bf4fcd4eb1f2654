#include "cli/train/utf8.h"

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

bool gt_utf8_decode(const unsigned char *bytes, size_t size, size_t *place, uint32_t *character)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const unsigned char *start = bytes + *place;
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
