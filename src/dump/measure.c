#include "dump/measure.h"

#include "base/utf8.h"

#include <string.h>

/* Advance widths of the letters from space to ~, in thousandths of the size of the font. */
static const uint16_t regular[95] = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838,
};
static const uint16_t bolder[95] = {
    348, 456,  521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415,  380, 365, 696, 696,  696,
    696, 696,  696, 696, 696, 696,  696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830,  683,
    683, 821,  837, 372, 372, 775,  637, 995, 837, 850, 733, 850, 770, 720,  682, 812, 774, 1103, 771,
    724, 725,  457, 365, 457, 838,  500, 500, 675, 716, 593, 716, 678, 435,  716, 712, 343, 343,  665,
    343, 1042, 712, 687, 716, 716,  493, 595, 478, 712, 652, 924, 645, 652,  582, 712, 365, 712,  838,
};

typedef struct sign {
    uint32_t letter;
    uint16_t regular, bold;
} sign;

/* What else is written in pictures. */
static const sign signs[] = {
    {0xB2, 401, 438},     /* ² */
    {0xB3, 401, 438},     /* ³ */
    {0xB7, 318, 380},     /* · */
    {0xB9, 401, 438},     /* ¹ */
    {0xBD, 969, 1035},    /* ½ */
    {0xD7, 838, 838},     /* × */
    {0xF7, 838, 838},     /* ÷ */
    {0x3A3, 632, 683},    /* Σ */
    {0x3C0, 602, 791},    /* π */
    {0x3C3, 634, 779},    /* σ */
    {0x1D40, 385, 430},   /* ᵀ */
    {0x1D56, 428, 479},   /* ᵖ */
    {0x2013, 500, 500},   /* – */
    {0x2026, 1000, 1000}, /* … */
    {0x2032, 227, 264},   /* ′ */
    {0x209C, 295, 388},   /* ₜ */
    {0x2192, 838, 838},   /* → */
    {0x2202, 517, 544},   /* ∂ */
    {0x2212, 838, 838},   /* − */
    {0x221A, 637, 667},   /* √ */
    {0x2264, 838, 838},   /* ≤ */
    {0x2265, 838, 838},   /* ≥ */
    {0x2297, 838, 838},   /* ⊗ */
    {0x2299, 838, 838},   /* ⊙ */
    {0x22EF, 1000, 1000}, /* ⋯ */
    {0x27E8, 390, 457},   /* ⟨ */
    {0x27E9, 390, 457},   /* ⟩ */
};

enum { WIDE = 1100 }; /* any other letter */

static uint32_t width_of(uint32_t letter, bool bold)
{
    if (letter >= 32 && letter < 127)
        return bold ? bolder[letter - 32] : regular[letter - 32];
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (signs[i].letter == letter)
            return bold ? signs[i].bold : signs[i].regular;
    return WIDE;
}

double gt_text_width(const char *text, double size, bool bold)
{
    size_t length = strlen(text), place = 0;
    uint32_t letter;
    uint64_t width = 0;
    while (place < length)
        if (gt_utf8_decode(text, length, &place, &letter))
            width += width_of(letter, bold);
        else
            place++;
    return (double)width * size / 1000;
}
