/* Characters and bytes; text that does not fit is cut between characters, wherever it is cut. */
#include "base/utf8.h"
#include "gradtape/archive.h"

#include <criterion/criterion.h>
#include <string.h>

Test(utf8, every_character_there_and_back)
{
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        if (character >= 0xD800 && character <= 0xDFFF)
            continue;
        char bytes[GT_UTF8_SIZE];
        size_t size = gt_utf8_encode(character, bytes), place = 0;
        uint32_t back = 0;
        cr_assert(gt_utf8_decode(bytes, size, &place, &back), "U+%04X", character);
        cr_assert(back == character && place == size, "U+%04X", character);
        cr_assert(bytes[size] == '\0');
        /* One byte less is not a character. */
        place = 0;
        cr_assert(!gt_utf8_decode(bytes, size - 1, &place, &back) && place == 0);
    }
}

Test(utf8, what_is_no_character)
{
    static const char *const wrong[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc3(",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xfe",
        "\xff",
        "\xe2\x82(",
        "\xf0\x9f\x98",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t place = 0;
        uint32_t character = 7;
        cr_expect(!gt_utf8_decode(wrong[i], strlen(wrong[i]), &place, &character), "case %zu", i);
        cr_expect(place == 0 && character == 7);
    }
}

/* One to four bytes a character, in every order. */
static const char mixed[] = "aé…𝄞ᵀbΣ⟨t⟩𝛼éé…x𝄞";

/* The longest part that ends between characters, found one byte at a time. */
static size_t longest(const char *text, size_t room)
{
    size_t length = strlen(text) < room ? strlen(text) : room;
    while (!gt_utf8_valid(text, length))
        length--;
    return length;
}

Test(utf8, is_cut_between_characters_at_every_size)
{
    char text[sizeof mixed + 4];
    for (size_t size = 0; size <= sizeof text; size++) {
        memset(text, '#', sizeof text);
        size_t length = gt_utf8_format(text, size, "%s", mixed);
        size_t expected = size == 0 ? 0 : longest(mixed, size - 1);
        cr_expect_eq(length, expected, "size %zu: %zu, not %zu", size, length, expected);
        cr_expect(memcmp(text, mixed, length) == 0 && (size == 0 || text[length] == '\0'));
        cr_expect(size == sizeof text || text[size] == '#', "size %zu: written behind the end", size);
        cr_expect_eq((size_t)gt_utf8_fit(mixed, size), longest(mixed, size));
    }
}

Test(utf8, goes_on_behind_what_is_there_until_it_is_full)
{
    for (size_t size = 1; size < 60; size++) {
        char text[60] = "";
        size_t length = 0;
        for (int i = 0; i < 3; i++)
            length = gt_utf8_append(text, size, "%s", "é𝄞…");
        cr_expect(length == strlen(text) && length < size && gt_utf8_valid(text, length), "size %zu", size);
    }
}

/* What is no UTF-8 is neither repaired nor read behind its end. */
Test(utf8, leaves_other_bytes_as_they_are)
{
    char text[8];
    cr_expect_eq(gt_utf8_format(text, sizeof text, "%s", "\x80\x80\x80\x80\x80\x80\x80\x80\x80"), 7);
    cr_expect_eq(gt_utf8_format(text, sizeof text, "%s", "caf\xe9s"), 5);
    cr_expect_str_eq(text, "caf\xe9s");
    cr_expect_eq(gt_utf8_fit("\xff\xff\xff", 2), 2);
}

Test(utf8, errors_are_cut_so)
{
    for (size_t filled = GT_MESSAGE_SIZE - 8; filled < GT_MESSAGE_SIZE + 2; filled++) {
        gt_error error;
        gt_error_set(&error, GT_ERROR_VALUE, "%*s%s", (int)filled, "", "𝄞…é");
        cr_expect(gt_utf8_valid(error.message, strlen(error.message)), "%zu bytes before it", filled);
    }
    /* Names inside of a message are cut, too. */
    for (size_t before = 280; before < 320; before++) {
        char name[600] = "";
        memset(name, 'a', before);
        for (int i = 0; i < 50; i++)
            strcat(name, "𝄞");
        gt_error error = {0};
        cr_expect_null(gt_archive_read(name, &error));
        cr_expect(gt_utf8_valid(error.message, strlen(error.message)), "%s", error.message);
    }
}

Test(utf8, knows_what_moves_a_terminal)
{
    static const uint32_t controls[] = {0, 7, '\n', 27, 31, 127, 0x80, 0x9B, 0x9F, 0x200E, 0x2028, 0x202E, 0x2069};
    static const uint32_t others[] = {' ', 'a', '~', 0xA0, 0xE9, 0x2026, 0x1D6FC};
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        cr_expect(gt_utf8_is_control(controls[i]), "U+%04X", controls[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect(!gt_utf8_is_control(others[i]), "U+%04X", others[i]);
}
