/* Constants: what they may be made of, and other values for them. */
#include "lang_rows.h"
#include "lang_step.h"

#include <math.h>
#include <stdlib.h>

#define CELL(CONSTANTS, VALUE)                                                                                         \
    "cell c\n input x[n_x]\n state h[n_a]\n " CONSTANTS "\n param W[n_a, n_x]\n h' = h + W @ x + " VALUE "\n"

Test(lang_constants, what_is_right_and_wrong)
{
    static const row rows[] = {
        {CELL("const k = 2", "k"), ""},
        {CELL("const k = 2, s = k / sqrt(n_a)", "s"), ""},
        {CELL("const F[n_a, n_a] = cos(2 * pi * i * j / n_a)", "F @ h"), ""},
        {CELL("const w[n_a] = i", "w"), ""},
        {CELL("const w[n_a, 3] = 1", "w[:, 1:2]"), ""},
        {CELL("const w[n_a] = 1", "w"), ""},
        {CELL("const i = 3, w[n_a] = i", "w"), ""},
        {CELL("const w[n_a, n_a] = i\n const v[n_a, n_a] = w.T @ w", "v @ h"), ""},
        {"cell c\n input x[n]\n state h[n]\n const = 3\n h' = h + x * const\n", ""}, /* a name as any other */
        {CELL("const k = x", "k"), "4:12: x is an input, and the constant k is known before the first step; it is made "
                                   "of numbers, dimensions and constants above it"},
        {CELL("const k = W", "k"), "4:12: W is a parameter, and the constant k is known before the first step; it is "
                                   "made of numbers, dimensions and constants above it"},
        {CELL("const k = arange(n_a)", "k"), "4:12: the constant k is (n_a, 1) = (5, 1), and must be a number; the "
                                             "sizes of an array stand behind its name: const k[n, k] = ..."},
        {CELL("const w[n_a] = arange(n_x)", "w"),
         "4:17: the constant w is (n_x, 1) = (3, 1), and must be (n_a, 1) = (5, 1)"},
        {CELL("const w[n_a, n_a] = arange(n_a)", "w @ h"), "4:22: the constant w is (n_a, 1) = (5, 1), and must be "
                                                           "(n_a, n_a) = (5, 5); write it by its entries, of which "
                                                           "i is the row and j the column"},
        {CELL("const w[n_a, n_a] = arange(n_a).T", "w @ h"), "4:22: the constant w is (1, n_a) = (1, 5), and must be "
                                                             "(n_a, n_a) = (5, 5); write it by its entries, of which "
                                                             "i is the row and j the column"},
        {CELL("const w[n_a, n_x] = i @ arange(n_a).T", "sum(w)"),
         "4:22: the constant w is (n_a, n_a) = (5, 5), and must be (n_a, n_x) = (5, 3)"},
        {CELL("const w[n_a, n_a] = arange(n_a) @ arange(n_a).T", "w @ h"), ""},
        {CELL("const w[n_a, n_a] = j", "w @ h"), ""},
        {CELL("const w[n_a, n_x] = (j @ j.T) * arange(n_x)", "sum(w)"),
         "4:22: the constant w is (n_x, 1) = (3, 1), and must be (n_a, n_x) = (5, 3)"},
        {CELL("const w[n_a, n_x] = i.T + j.T", "sum(w)"),
         "4:22: the constant w is (n_x, n_a) = (3, 5), and must be (n_a, n_x) = (5, 3)"},
        {CELL("const w[n_a, n_a] = i * j * arange(n_x)", "w @ h"),
         "4:22: multiply: arange(n_a) * arange(n_a).T is (n_a, n_a) = (5, 5) but arange(n_x) is (n_x, 1) = (3, 1)"},
        {CELL("const w[n_a] = j", "w"), "4:17: w has one size, and no column j; i is the row"},
        {CELL("const w[n_a, 2, 2] = 1", "w"), "4:16: a constant has at most two sizes"},
        {CELL("const k", "k"), "4:9: expected = and the value of the constant, not the end of the line"},
        {CELL("const k' = 1", "1"), "4:8: the name of a constant has no prime"},
        {CELL("const k = 1, k = 2", "k"), "4:15: k is assigned twice, first in line 4; give one of them another name"},
        {CELL("const k = q", "k"), "4:12: there is no name q"},
        {CELL("const k = s, s = 1", "k"), "4:12: s is used before it is assigned, in line 4"},
        {CELL("const k = 1", "arange(k)"), "6:26: arange(n) is of a size: whole numbers and dimensions with + - *"},
        {CELL("const k = 1", "arange(h)"), "6:26: arange(n) is of a size: whole numbers and dimensions with + - *"},
        {"cell c\n input x[n]\n state h[n]\n z = h\n const k = 1\n h' = z + x + k\n",
         "5:2: declarations come before the equations; move it above line 4"},
    };
    expect_cells(rows, COUNT(rows));
}

/* ---- set ----------------------------------------------------------------------------------- */

static const char text[] =
    "cell c\n input x[n]\n state h[n]\n const dt = (0.1) * 1, k = 2 # 3\n const F[n, n] = k\n"
    " h' = dt * F @ h + k * x\ncell d\n input x[n]\n state h[n]\n const k = 5\n h' = k * h + x\n";

static gt_parsed_cell *set(const char *cell, const gt_constant_value *values, uint32_t count)
{
    return gt_cell_parse(
        text, strlen(text),
        &(gt_cell_parse_options){.file = "c", .cell = cell, .constants = values, .constant_count = count});
}

/* The text has the values, and so does whoever reads it later. */
Test(lang_constants, set_in_the_text)
{
    gt_parsed_cell *parsed = set(NULL, (gt_constant_value[]){{"k", -0.5}, {"dt", 0.05}}, 2);
    cr_assert_eq(gt_parsed_cell_status(parsed, NULL), GT_OK);
    cr_expect_str_eq(gt_parsed_cell_text(parsed, NULL),
                     "cell c\n input x[n]\n state h[n]\n const dt = 0.05, k = -0.5 # 3\n const F[n, n] = k\n"
                     " h' = dt * F @ h + k * x\ncell d\n input x[n]\n state h[n]\n const k = 5\n h' = k * h + x\n");
    gt_parsed_cell_free(parsed);
    parsed = set("d", (gt_constant_value[]){{"k", 1e-300}}, 1);
    cr_assert_eq(gt_parsed_cell_status(parsed, NULL), GT_OK);
    cr_expect_not_null(strstr(gt_parsed_cell_text(parsed, NULL), "const k = 1e-300"));
    cr_expect_not_null(strstr(gt_parsed_cell_text(parsed, NULL), "k = 2 # 3"));
    gt_parsed_cell_free(parsed);
}

static void expect_refused(gt_constant_value value, const char *expected)
{
    gt_error error = {0};
    gt_parsed_cell *parsed = set(NULL, &value, 1);
    cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
    cr_expect_str_eq(error.message, expected);
    gt_parsed_cell_free(parsed);
}

Test(lang_constants, what_cannot_be_set)
{
    expect_refused((gt_constant_value){"kk", 1}, "c:1:6: the cell c has no constant kk to be set; did you mean k?");
    expect_refused((gt_constant_value){"h", 1}, "c:1:6: the cell c has no constant h to be set");
    expect_refused((gt_constant_value){"F", 1}, "c:5:8: F is an array, and only a number is set");
    expect_refused((gt_constant_value){"k", NAN}, "c:4:24: k cannot be set: the number is not finite");
    gt_error error = {0};
    static const char wrong[] = "cell c\n input x[n]\n state h[n]\n const k = 2\n h' = h + (x\n";
    gt_parsed_cell *unread = gt_cell_parse(
        wrong, strlen(wrong), &(gt_cell_parse_options){.constants = &(gt_constant_value){"k", 1}, .constant_count = 1});
    cr_expect_eq(gt_parsed_cell_status(unread, &error), GT_ERROR_FORMAT);
    cr_expect_str_eq(error.message, "cell:5:11: this bracket is never closed");
    gt_parsed_cell_free(unread);
    static const char none[] = "cell c\n input x[n]\n state h[n]\n h' = h + x\n";
    gt_parsed_cell *parsed = gt_cell_parse(
        none, strlen(none), &(gt_cell_parse_options){.constants = &(gt_constant_value){"dt", 1}, .constant_count = 1});
    cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
    cr_expect_str_eq(error.message, "cell:1:6: the cell c has no constant dt to be set; it has none: write const dt = "
                                    "0.1 among its declarations");
    gt_parsed_cell_free(parsed);
}

/* ---- numbers ------------------------------------------------------------------------------- */

Test(lang_constants, entries)
{
    static const char cell[] =
        "cell c\n input x[n]\n state h[n]\n const k = 2, F[n, n] = k * i + j, w[n] = i**2, o[n, n] = 0.5, p[n, n] = j\n"
        " h' = h + F @ x + 100 * w + 1000 * o @ x + 10000 * p @ x\n";
    double found[3];
    gt_parsed_cell *parsed = gt_cell_parse(cell, strlen(cell), NULL);
    step_cell(parsed, (const double[]){1, 1, 1}, found);
    gt_parsed_cell_free(parsed);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(found[i], 3 * 2 * i + 3 + 100 * i * i + 1500 + 30000, "%d: %g", i, found[i]);
}
