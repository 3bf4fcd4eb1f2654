/* Shapes as text. */
#include "lang/meaning.h"

#include "base/utf8.h"
#include "lang/check_axes.h"

#include <stdio.h>
#include <string.h>

/* One size as text. */
typedef char *format_size(const gt_lang_checker *c, const gt_lang_size *size, char *text, size_t length);

static char *in_names(const gt_lang_checker *c, const gt_lang_size *size, char *text, size_t length)
{
    (void)c;
    return gt_lang_size_format(size, false, text, length);
}

/* The number where the dimensions are known, m stays m; "" where they are not. */
static char *in_numbers(const gt_lang_checker *c, const gt_lang_size *size, char *text, size_t length)
{
    gt_lang_size examples = gt_lang_size_name(GT_LANG_EXAMPLES);
    int64_t value;
    if (gt_lang_size_equal(size, &examples))
        snprintf(text, length, "%s", GT_LANG_EXAMPLES);
    else if (gt_lang_size_value(size, c->sizes, c->size_count, &value))
        snprintf(text, length, "%lld", (long long)value);
    else
        *text = '\0';
    return text;
}

/* "(n_k, n_v, m)"; false if a size has no text. */
static bool format_sizes(const gt_lang_checker *c, const gt_lang_shape *shape, format_size *format, char *text,
                         size_t size)
{
    char one[160];
    size_t used = 0;
    uint32_t count = gt_lang_axis_count(shape);
    for (uint32_t i = 0; i <= count; i++) {
        gt_lang_size length = i < count ? gt_lang_axis_size(shape, i) : shape->columns;
        if (*format(c, &length, one, sizeof one) == '\0')
            return false;
        gt_utf8_format(text + used, size - used, "%s%s%s", i == 0 ? "(" : ", ", one, i == count ? ")" : "");
        used += strlen(text + used);
    }
    return true;
}

char *gt_lang_shape_format(const gt_lang_checker *checker, const gt_lang_shape *shape, char *text, size_t size)
{
    char numbers[120];
    if (shape->number) {
        snprintf(text, size, "a number");
        return text;
    }
    format_sizes(checker, shape, in_names, text, size);
    if (format_sizes(checker, shape, in_numbers, numbers, sizeof numbers)) {
        if (strcmp(numbers, text) != 0)
            gt_utf8_append(text, size, " = %s", numbers);
    }
    return text;
}
