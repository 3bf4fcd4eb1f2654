/* Texts at the edges of what the language knows: most names, largest sizes, many errors. */
#include "lang_rows.h"

#define CELL "cell c\n input x[n]\n state h[n]\n"

static void expect_text(const char *text, const char *expected)
{
    expect(text, strlen(text), expected);
}

/* The initial value of h is h0 in tools, which is no other's name there; a dimension or an equation is none of them. */
Test(lang_edges, names_that_tools_use)
{
    expect_text("cell c\n input x[h0]\n state h[h0]\n h' = x + h\n", "");
    expect_text(CELL " h0 = 2 * x\n h' = h0 + h\n", "");
    expect_text(CELL " q = n_t * h\n h' = q + x\n", "4:6: there is no name n_t");
    expect_text(CELL " h' = h[:foo]\n", "4:10: there is no name foo");
}

Test(lang_edges, long_and_odd_names)
{
    char text[200] = CELL " ", *end = text + strlen(text);
    for (int i = 0; i < 20; i++, end += 2)
        memcpy(end, "\xce\xb1", 3); /* alpha */
    strcpy(end, " = h\n h' = x\n");
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
    cr_expect_not_null(strstr(error.message, "a name has the letters from a to z, digits and _"));
    cr_expect_null(strstr(error.message, "alphaalpha"), "it is longer than a name may be: %s", error.message);
    gt_parsed_cell_free(parsed);
    expect_text(CELL " self.h. = x\n h' = x\n", "4:10: expected a statement, not '='; a name stands before the =, and "
                                                "an expression behind it");
}

Test(lang_edges, numbers_and_bounds)
{
    expect_text(CELL " q = .5.5 * h\n h' = q + x\n", "4:6: this is no number; numbers are written 12, 0.5 or 1e-3");
    expect_text(CELL " q = .x * h\n h' = q + x\n", "4:6: expected an expression, not '.'");
    expect_text(CELL " param W[n, n] ~ glorot()\n h' = W @ h + x\n", "");
    expect_text(
        CELL " h' = h[:maximum(n / 2, 1)]\n",
        "4:10: a bound of a slice is made of whole numbers and dimensions with + - *; give the part a dimension "
        "of its own: of a state h[2 * k], half is h[:k]");
    expect_text(CELL " h' = h[:maximum(2, n)]\n",
                "4:10: a bound of a slice is made of whole numbers and dimensions with + - *");
}

Test(lang_edges, sizes)
{
    expect_text(CELL " param W[n * n * n * n, 1]\n h' = h + x + sum(W)\n", "");
    expect_text(CELL " param W[n * n * n * n * n, 1]\n h' = h + x + sum(W)\n",
                "4:10: the size is too large or too complicated");
    expect_text(CELL " param W[a+b+d+e+f+g+i+j, 1], V[n, a+b+d+e+f+g+i+k]\n h' = h + x + V @ W\n",
                "5:15: matmul: V is (n, a+b+d+e+f+g+i+k) but W is (a+b+d+e+f+g+i+j, 1)");
    expect_text(CELL " param W[n - n, 3]\n h' = h + x\n", "4:10: a size is at least 1");
    expect_text(CELL " param W[0 - n, 3]\n h' = h + x\n", "4:10: a size is at least 1");
}

/* A shape in numbers has no numbers where they are too large; the names are told all the same. */
Test(lang_edges, sizes_that_are_told_in_numbers)
{
    static const char text[] = CELL " param W[n * n * n, n]\n h' = h + W @ x\n";
    static const struct {
        int64_t n;
        bool in_numbers;
    } rows[] = {{2, true}, {INT32_MAX, false}};
    for (int i = 0; i < 2; i++) {
        const gt_dimension sizes[] = {{"n", rows[i].n}};
        gt_error error = {0};
        gt_parsed_cell *parsed = gt_cell_parse(
            text, sizeof text - 1, &(gt_cell_parse_options){.file = "c", .dimensions = sizes, .dimension_count = 1});
        cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
        cr_expect_not_null(strstr(error.message, "n*n*n"), "%s", error.message);
        cr_expect_eq(strstr(error.message, "= (8, ") != NULL, rows[i].in_numbers, "%s", error.message);
        gt_parsed_cell_free(parsed);
    }
}

/* A block of a cell with constants and second names is explained as any other. */
Test(lang_edges, constants_and_second_names_in_a_diagnosis)
{
    static const char text[] = CELL " k = 0.5\n b = h\n b2 = b\n h' = tanh(k * b2 + x)\nbackward\n"
                                    " u = dh' * (1 - h'**2)\n dx = u\n dh = -k * u\n";
    gt_report words = {0};
    gt_diagnosis found[2];
    uint32_t count;
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    cr_assert_eq(gt_diagnose_cell(parsed, &words, found, 2, &count, &error), GT_OK, "%s", error.message);
    cr_assert_eq(count, 1);
    cr_expect_str_eq(found[0].kind, "wrong sign");
    gt_report_free(&words);
    gt_parsed_cell_free(parsed);
}

/* Products and sums of sizes that no number holds. */
Test(lang_edges, sizes_beyond_all_numbers)
{
    static const char *const sizes[] = {"n * n * n", "n * n + n * n", "n * n * n - 1"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char text[200];
        const gt_dimension dimensions[] = {{"n", (int64_t)3000000000}};
        gt_shape shape;
        gt_error error = {0};
        snprintf(text, sizeof text, CELL " param W[%s, 1]\n h' = h + x + sum(W)\n", sizes[i]);
        gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
        const gt_cell *cell = gt_parsed_cell_get(parsed);
        cr_assert_not_null(cell, "%s", sizes[i]);
        cr_expect_neq(gt_cell_array_shape(&cell->parameters[0], dimensions, 1, 1, &shape, &error), GT_OK, "%s",
                      sizes[i]);
        cr_expect(error.message[0] != '\0');
        gt_parsed_cell_free(parsed);
    }
}

/* Two characters of other alphabets, each told once. */
Test(lang_edges, two_wrong_characters)
{
    static const char text[] =
        CELL " q = h \xc3\x97 x\n r = h \xe2\x88\x92 x\n s = h \xc3\x97 q \xe2\x88\x92 r\n h' = s\n";
    gt_parsed_cell *parsed = gt_cell_parse(text, sizeof text - 1, NULL);
    size_t count;
    const gt_diagnostic *list = gt_parsed_cell_diagnostics(parsed, &count);
    cr_assert_eq(count, 2);
    cr_expect_not_null(strstr(list[0].message, "multiplication sign"), "%s", list[0].message);
    cr_expect_not_null(strstr(list[1].message, "minus"), "%s", list[1].message);
    gt_parsed_cell_free(parsed);
}

/* Reading ends at as many errors, whatever follows. */
Test(lang_edges, many_cells_of_one_name)
{
    enum { CELLS = 200 };
    static char text[CELLS * 64];
    size_t used = 0, count;
    for (int i = 0; i < CELLS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, CELL " h' = h + x\n");
    gt_parsed_cell *parsed = gt_cell_parse(text, used, &(gt_cell_parse_options){.cell = "d"});
    gt_parsed_cell_diagnostics(parsed, &count);
    cr_expect(count > 5 && count < CELLS, "%zu", count);
    cr_expect(!gt_parsed_cell_has_backward(parsed));
    cr_expect(!gt_parsed_cell_has_backward(NULL));
    cr_expect_null(gt_parsed_cell_get(parsed));
    gt_parsed_cell_free(parsed);
}

/* A text without any cell, asked for one by its name. */
Test(lang_edges, no_cell_at_all)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = gt_cell_parse("# nothing\n", 10, &(gt_cell_parse_options){.cell = "lstm"});
    cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
    cr_expect_not_null(strstr(error.message, "there is no cell in this text"), "%s", error.message);
    gt_parsed_cell_free(parsed);
}

/* Constants of a block that are made of the number of examples, or that have no value. */
Test(lang_edges, constants_of_a_block)
{
    static const struct {
        const char *text, *words;
    } cases[] = {{CELL " k = 1 / m\n h' = k * h + x\nbackward\n dh = k * dh'\n dx = dh'\n", NULL},
                 {CELL " k = log(-1)\n h' = h + k * x\nbackward\n dh = dh'\n dx = k * dh'\n", "k has no value"},
                 {CELL " k = log(-1)\n h' = h + x\nbackward\n j = 2 * k\n dh = dh'\n dx = dh'\n", "k has no value"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_report report = {0};
        gt_error error = {0};
        const gt_dimension dimensions[] = {{"n", 2}};
        const gt_check_problem problem = {.dimensions = dimensions, .dimension_count = 1, .examples = 2, .steps = 2};
        gt_parsed_cell *parsed = gt_cell_parse(cases[i].text, strlen(cases[i].text), NULL);
        gt_status status = gt_check_cell(gt_parsed_cell_get(parsed), &problem, NULL, &report, &error);
        if (cases[i].words == NULL)
            cr_expect(status == GT_OK && report.verdict == GT_RIGHT, "%s", error.message);
        else
            cr_expect(status != GT_OK && strstr(error.message, cases[i].words) != NULL, "%s", error.message);
        gt_report_free(&report);
        gt_parsed_cell_free(parsed);
    }
}
