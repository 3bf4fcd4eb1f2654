#include "base/utf8.h"

#include <stdint.h>

/*
 * The length of the sequence that starts with byte `first`, 0 if none does, and
 * the range of its second byte, which is where overlong forms, surrogates and
 * too large values are told from well-formed ones (Unicode, table 3-7).
 */
static size_t sequence_length(uint8_t first, uint8_t *lowest, uint8_t *highest)
{
    *lowest = 0x80;
    *highest = 0xBF;
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF) {
        if (first == 0xE0)
            *lowest = 0xA0;
        if (first == 0xED)
            *highest = 0x9F;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (first == 0xF0)
            *lowest = 0x90;
        if (first == 0xF4)
            *highest = 0x8F;
        return 4;
    }
    return 0;
}

bool gt_utf8_valid(const char *text, size_t size)
{
    const uint8_t *byte = (const uint8_t *)text;
    for (size_t i = 0; i < size;) {
        uint8_t lowest, highest;
        size_t length = sequence_length(byte[i], &lowest, &highest);
        if (length == 0 || length > size - i)
            return false;
        for (size_t k = 1; k < length; k++) {
            if (byte[i + k] < lowest || byte[i + k] > highest)
                return false;
            lowest = 0x80;
            highest = 0xBF;
        }
        i += length;
    }
    return true;
}
