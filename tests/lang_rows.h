/* What the cell language says of a text: the first error, with its place and its hint, or none. */
#ifndef GT_TESTS_LANG_ROWS_H
#define GT_TESTS_LANG_ROWS_H

#include "gradtape.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

typedef struct row {
    const char *text, *expected; /* "" if it is right */
} row;

static inline void expect(const char *text, size_t size, const char *expected)
{
    gt_error error = {0};
    static const gt_dimension sizes[] = {{"n_x", 3}, {"n_a", 5}};
    const gt_cell_parse_options options = {.file = "c", .dimensions = sizes, .dimension_count = 2};
    gt_parsed_cell *parsed = gt_cell_parse(text, size, &options);
    cr_assert_not_null(parsed);
    gt_status status = gt_parsed_cell_status(parsed, &error);
    const char *said = status == GT_OK ? "" : error.message + strlen("c:");
    cr_expect_eq(status, *expected == '\0' ? GT_OK : GT_ERROR_FORMAT);
    cr_expect_str_eq(said, expected, "%s\nsays:     %s\nexpected: %s", text, said, expected);
    cr_expect_eq(gt_parsed_cell_get(parsed) != NULL, *expected == '\0');
    gt_parsed_cell_free(parsed);
}

/* Each as line 5 of a cell. */
static inline void expect_equations(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[2048];
        int size = snprintf(text, sizeof text,
                            "cell c\n  input x[n_x]\n  state h[n_a]\n  param W[n_a, n_a], U[n_a, "
                            "n_x], b[n_a]\n  %s\n"
                            "  h' = tanh(W @ h + U @ x + b)\n",
                            rows[i].text);
        cr_assert(size < (int)sizeof text);
        expect(text, (size_t)size, rows[i].expected);
    }
}

static inline void expect_cells(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(rows[i].text, strlen(rows[i].text), rows[i].expected);
}

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

#endif
