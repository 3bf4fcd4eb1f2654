/* gt_size_evaluate: a size such as "4 * n_a" from the values of its dimension names. */
#include "gradtape/cell.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 32 /* of parentheses, so that a hostile text cannot exhaust the stack */

typedef struct size_reader {
    const char *text;
    const char *place; /* the next character to read */
    const gt_dimension *dimensions;
    uint32_t dimension_count;
    int depth;
    gt_status status; /* the first error */
    gt_error *error;
} size_reader;

static int64_t fail(size_reader *r, gt_status status, const char *what)
{
    if (r->status == GT_OK)
        r->status = gt_error_set(r->error, status, "size \"%.*s\", character %d: %s", gt_utf8_fit(r->text, 80), r->text,
                                 (int)(r->place - r->text) + 1, what);
    return 1;
}

static void skip_space(size_reader *r)
{
    while (isspace((unsigned char)*r->place))
        r->place++;
}

static int64_t read_number(size_reader *r)
{
    int64_t value = 0;
    for (; isdigit((unsigned char)*r->place); r->place++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *r->place - '0', &value))
            return fail(r, GT_ERROR_SIZE, "the number is too large");
    return value;
}

/* "n_x, n_a and n_y", cut to fit. */
static void list_names(const size_reader *r, char *text, size_t size)
{
    size_t used = 0;
    for (uint32_t i = 0; i < r->dimension_count && used < size; i++) {
        const char *before = i == 0 ? "" : i + 1 == r->dimension_count ? " and " : ", ";
        used += gt_utf8_format(text + used, size - used, "%s%s", before, r->dimensions[i].name);
    }
    if (r->dimension_count == 0)
        snprintf(text, size, "none");
}

static bool is_name_character(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static int64_t read_name(size_reader *r)
{
    size_t length = 0;
    while (is_name_character(r->place[length]))
        length++;
    for (uint32_t i = 0; i < r->dimension_count; i++) {
        const char *name = r->dimensions[i].name;
        if (strlen(name) == length && memcmp(name, r->place, length) == 0) {
            r->place += length;
            return r->dimensions[i].size;
        }
    }
    char names[160], what[300];
    list_names(r, names, sizeof names);
    gt_utf8_format(what, sizeof what, "%.*s has no value; the dimensions are %s", length > 64 ? 64 : (int)length,
                   r->place, names);
    return fail(r, GT_ERROR_ARGUMENT, what);
}

static int64_t read_sum(size_reader *r);

static int64_t read_atom(size_reader *r)
{
    skip_space(r);
    if (isdigit((unsigned char)*r->place))
        return read_number(r);
    if (is_name_character(*r->place))
        return read_name(r);
    if (*r->place != '(')
        return fail(r, GT_ERROR_ARGUMENT, "expected a whole number, a dimension name or an opening parenthesis");
    if (r->depth == MAX_DEPTH)
        return fail(r, GT_ERROR_SIZE, "parentheses nest too deeply");
    r->depth++;
    r->place++;
    int64_t value = read_sum(r);
    if (*r->place != ')')
        return fail(r, GT_ERROR_ARGUMENT, "expected a closing parenthesis");
    r->place++;
    r->depth--;
    return value;
}

static int64_t read_product(size_reader *r)
{
    int64_t value = read_atom(r);
    skip_space(r);
    while (r->status == GT_OK && *r->place == '*') {
        r->place++;
        if (__builtin_mul_overflow(value, read_atom(r), &value))
            return fail(r, GT_ERROR_SIZE, "the product is too large");
        skip_space(r);
    }
    return value;
}

/* Ends at the first character that does not belong to the sum, spaces skipped. */
static int64_t read_sum(size_reader *r)
{
    int64_t value = read_product(r);
    while (r->status == GT_OK && (*r->place == '+' || *r->place == '-')) {
        char sign = *r->place++;
        int64_t next = read_product(r);
        bool overflow =
            sign == '+' ? __builtin_add_overflow(value, next, &value) : __builtin_sub_overflow(value, next, &value);
        if (overflow)
            return fail(r, GT_ERROR_SIZE, "the sum is too large");
    }
    return value;
}

gt_status gt_size_evaluate(const char *size, const gt_dimension *dimensions, uint32_t dimension_count, int64_t *value,
                           gt_error *error)
{
    if (size == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT, "a size is missing (NULL)");
    size_reader r = {
        .text = size, .place = size, .dimensions = dimensions, .dimension_count = dimension_count, .error = error};
    int64_t result = read_sum(&r);
    if (r.status == GT_OK && *r.place != '\0')
        fail(&r, GT_ERROR_ARGUMENT, "expected + - * or the end");
    if (r.status == GT_OK && result < 1)
        r.status =
            gt_error_set(error, GT_ERROR_SIZE, "size \"%s\" is %lld; a size is at least 1", size, (long long)result);
    if (r.status == GT_OK)
        *value = result;
    return r.status;
}
