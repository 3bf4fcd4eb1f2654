/* Small curves in a line. */
#include "training/sparkline.h"

#include <criterion/criterion.h>
#include <math.h>

static const char *draw(int count, double (*value)(int))
{
    static char text[GT_SPARKLINE_SIZE];
    gt_sparkline s = {.count = 0};
    for (int i = 0; i < count; i++)
        gt_sparkline_add(&s, i, value(i));
    gt_sparkline_format(&s, text);
    return text;
}

static double rising(int i)
{
    return i - 3;
}

static double flat(int i)
{
    return 2 + 0 * i;
}

static double decades(int i)
{
    return pow(10, -i);
}

static double broken(int i)
{
    return i % 2 != 0 ? (double)NAN : (double)i;
}

Test(sparkline, few_points_stand_as_they_are)
{
    cr_expect_str_eq(draw(0, rising), "");
    cr_expect_str_eq(draw(1, rising), "");
    cr_expect_str_eq(draw(8, rising), "▁▂▃▄▅▆▇█");
    cr_expect_str_eq(draw(3, flat), "▁▁▁");
    cr_expect_str_eq(draw(8, decades), "█▇▆▅▄▃▂▁");
    cr_expect_str_eq(draw(5, broken), "▁▄█");
}

/* However many there are, the line has room for them. */
Test(sparkline, many_points_are_thinned_out)
{
    for (int count = 2; count < 5000; count = count * 3 / 2 + 1) {
        const char *text = draw(count, rising);
        size_t length = strlen(text);
        cr_expect(length >= 6 && length < GT_SPARKLINE_SIZE && length % 3 == 0, "%d: %s", count, text);
        for (size_t i = 3; i < length; i += 3)
            cr_expect(memcmp(text + i, text + i - 3, 3) >= 0, "%d: %s", count, text);
        cr_expect(memcmp(text, "▁", 3) == 0 && memcmp(text + length - 3, "█", 3) == 0, "%d: %s", count, text);
    }
}
