/* The language from inside: names of no cell, scopes, initial values and sizes that nobody gave numbers to. */
#include "base/initializer_formula.h"
#include "gradtape.h"
#include "lang/draws.h"
#include "lang/initial.h"
#include "lang/names.h"
#include "lang/parse.h"
#include "lang/record.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static gt_parsed_cell *parse(const char *text)
{
    gt_parsed_cell *parsed = gt_cell_parse(text, strlen(text), NULL);
    gt_error error = {0};
    cr_assert_eq(gt_parsed_cell_status(parsed, &error), GT_OK, "%s", error.message);
    return parsed;
}

/* ---- names --------------------------------------------------------------------------------- */

Test(lang_inside, no_cell_has_no_names)
{
    cr_expect(!gt_lang_has_name(NULL, "pi") && !gt_lang_has_number(NULL, "k") && !gt_lang_has_dimension(NULL, "n"));
    cr_expect_null(gt_lang_find_constant(NULL, "k"));
    cr_expect_null(gt_lang_find_declaration(NULL, "x", 1));
}

Test(lang_inside, the_table_of_draws_ends)
{
    cr_expect_not_null(gt_lang_draw_at((gt_lang_draw)(GT_LANG_DRAW_COUNT - 1)));
    cr_expect_null(gt_lang_draw_at(GT_LANG_DRAW_COUNT));
}

/* A name that is set anew has its last value, and is a number no more. */
Test(lang_inside, names_of_a_scope_are_set_anew)
{
    gt_tape *tape = gt_tape_new(NULL);
    gt_lang_scope *scope = gt_lang_scope_new(tape);
    gt_var a = gt_input(tape, "a", GT_SHAPE(2)), b = gt_input(tape, "b", GT_SHAPE(2));
    cr_assert(gt_lang_scope_set(scope, "x", a) && gt_lang_scope_set(scope, "x", b));
    cr_expect_eq(gt_lang_scope_find(scope, "x").index, b.index);
    cr_assert(gt_lang_scope_set_number(scope, "x", 2) && gt_lang_scope_set(scope, "x", a));
    cr_expect_eq(gt_lang_scope_find(scope, "x").index, a.index);
    cr_expect(!gt_var_valid(gt_lang_scope_find(scope, "y")));
    gt_lang_scope_free(scope);
    gt_tape_free(tape);
}

/* ---- initial values ------------------------------------------------------------------------ */

static const char chain[] = "cell c\n input x[n]\n state h[n]\n const k = 1 / q\n"
                            " param W[n, q], a[n] = 2 * i, b[n] = a + 1, c[n] = k * i\n h' = h + x + b + c + sum(W)\n";

static void fill(const gt_initializer_formula *formula, const char *name, double entries[3])
{
    gt_error error = {0};
    const gt_array array = {entries, GT_F64, GT_SHAPE(3, 1)};
    cr_assert_eq(formula->fill(formula, 1, name, array, &error), GT_OK, "%s", error.message);
}

/* A formula that is resolved needs the cell no more, and may be resolved and copied once more. */
Test(lang_inside, resolved_formulas_are_their_own)
{
    static const char *const names[] = {"b", "", "layer1.b", "others"};
    const gt_dimension sizes[] = {{"n", 3}, {"q", 2}};
    gt_parsed_cell *parsed = parse(chain);
    const gt_initializer_formula *formula = gt_parsed_cell_get(parsed)->parameters[2].initializer.formula;
    gt_initializer resolved, again;
    cr_assert_eq(formula->resolve(formula, sizes, 2, &resolved, NULL), GT_OK);
    const gt_initializer_formula *written = formula->copy(formula);
    formula->release(formula);
    gt_parsed_cell_free(parsed);
    cr_assert_not_null(written);
    cr_assert_eq(resolved.formula->resolve(resolved.formula, NULL, 0, &again, NULL), GT_OK);
    gt_initializer_release(resolved);
    const gt_initializer_formula *copy = again.formula->copy(again.formula);
    gt_initializer_release(again);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        double b[3] = {0}, same[3] = {0};
        fill(copy, names[i], b);
        fill(written, names[i], same);
        for (int k = 0; k < 3; k++)
            cr_expect(b[k] == 2 * k + 1 && same[k] == b[k], "%s[%d] is %g", names[i], k, b[k]);
    }
    copy->release(copy);
    written->release(written);
}

/* Of a dimension that is not known there is no constant, and of that no entry. */
Test(lang_inside, a_dimension_that_is_not_known)
{
    gt_parsed_cell *parsed = parse(chain);
    const gt_cell *cell = gt_parsed_cell_get(parsed);
    const gt_initializer_formula *b = cell->parameters[2].initializer.formula,
                                 *c = cell->parameters[3].initializer.formula;
    gt_initializer resolved;
    double entries[3];
    cr_assert_eq(b->resolve(b, &(gt_dimension){"n", 3}, 1, &resolved, NULL), GT_OK);
    fill(resolved.formula, "b", entries);
    cr_expect_eq(entries[2], 5);
    gt_initializer_release(resolved);
    cr_assert_eq(c->resolve(c, &(gt_dimension){"n", 3}, 1, &resolved, NULL), GT_OK);
    gt_error error = {0};
    const gt_array array = {entries, GT_F64, GT_SHAPE(3, 1)};
    cr_expect_eq(resolved.formula->fill(resolved.formula, 1, "c", array, &error), GT_ERROR_NOT_FINITE);
    cr_expect_not_null(strstr(error.message, "at [0][0]"), "%s", error.message);
    gt_initializer_release(resolved);
    gt_parsed_cell_free(parsed);
}

/* Names that are known go before the indices of an entry. */
Test(lang_inside, entries_by_names_and_indices)
{
    gt_pool pool = {0};
    gt_tape *tape = gt_tape_new(NULL);
    gt_lang_scope *scope = gt_lang_scope_new(tape);
    cr_assert(gt_lang_scope_set_number(scope, "k", 10));
    gt_lang_environment environment = gt_lang_scope_environment(scope);
    const gt_lang_expression *formula = gt_lang_parse_formula(&pool, "k * i + j");
    double value;
    cr_assert(gt_lang_initial_number(&environment, formula, 1, "b", 4, 4 * 2 + 3, &value));
    cr_expect_eq(value, 32);
    cr_assert(gt_lang_scope_set_number(scope, "i", 5));
    cr_assert(gt_lang_initial_number(&environment, formula, 1, "b", 4, 4 * 2 + 3, &value));
    cr_expect_eq(value, 52);
    cr_expect(!gt_lang_initial_number(&environment, gt_lang_parse_formula(&pool, "zz"), 1, "b", 4, 0, &value));
    gt_lang_scope_free(scope);
    gt_tape_free(tape);
    gt_pool_free(&pool);
}

/* ---- recording ----------------------------------------------------------------------------- */

typedef struct recorded {
    gt_tape *tape;
    gt_status status;
} recorded;

/* A sequence of a cell of one input of three rows, one state and no parameters. */
static recorded record(const char *text, int64_t rows, const gt_dimension *sizes, uint32_t count)
{
    gt_parsed_cell *parsed = parse(text);
    recorded r = {.tape = gt_tape_new(NULL)};
    gt_var x = gt_input(r.tape, "", GT_SHAPE(3, 2, 2)), h = gt_state(r.tape, "", GT_SHAPE(rows, 2)), last;
    gt_sequence sequence = {.cell = gt_parsed_cell_get(parsed),
                            .unrolled = true,
                            .inputs = &x,
                            .initial = &h,
                            .dimensions = sizes,
                            .dimension_count = count,
                            .finals = &last};
    r.status = gt_sequence_record(&sequence);
    gt_parsed_cell_free(parsed);
    return r;
}

static void expect_recorded(const char *text, int64_t rows, const gt_dimension *sizes, uint32_t count,
                            const char *words)
{
    recorded r = record(text, rows, sizes, count);
    cr_expect_eq(r.status == GT_OK, words == NULL, "%s", gt_tape_message(r.tape));
    cr_expect(words == NULL || strstr(gt_tape_message(r.tape), words) != NULL, "%s", gt_tape_message(r.tape));
    gt_tape_free(r.tape);
}

Test(lang_inside, sizes_are_found_or_told_of)
{
    static const char several[] = "cell c\n input x[n]\n state S[h, k]\n S' = S * 2 + sum(x)\n",
                      four[] = "cell c\n input x[n]\n state S[a * b * c * d, 2]\n S' = S * 2 + sum(x)\n",
                      empty[] = "cell c\n input x[n]\n state h[k]\n h' = h + sum(x) + sum(arange(n - k))\n",
                      renamed[] = "cell c\n input x[n]\n state h[n]\n z = x\n h' = h + z\n",
                      kept[] = "cell c\n input x[n]\n state h[n]\n z = h\n h' = x + z\n";
    const gt_dimension parts[] = {{"h", 2}, {"k", 3}}, factors[] = {{"a", 1}, {"b", 2}, {"c", 1}, {"d", 3}};
    expect_recorded(several, 6, parts, 2, NULL);
    expect_recorded(several, 6, parts, 1, NULL); /* k follows */
    expect_recorded(several, 6, NULL, 0, "h has no value");
    expect_recorded(four, 12, factors, 4, NULL);
    expect_recorded(empty, 2, NULL, 0, NULL);
    expect_recorded(empty, 3, NULL, 0, "arange(0) is empty");
    expect_recorded(renamed, 3, NULL, 0, NULL);
    expect_recorded(kept, 3, NULL, 0, NULL);
}

/* Numbers of sizes are left out of a message where there are none. */
Test(lang_inside, sizes_beyond_all_numbers)
{
    const gt_dimension large[] = {{"n", INT64_MAX}, {"k", INT64_MAX}};
    const gt_cell_parse_options options = {.dimensions = large, .dimension_count = 2};
    static const char *const rows[][2] = {{"x[n]", "(n, 1) = (9223372036854775807, 1)"},
                                          {"x[n + k]", "(n+k, 1), and"},
                                          {"x[2 * n]", "(2*n, 1), and"},
                                          {"x[n * k]", "(k*n, 1), and"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        gt_error error = {0};
        int size = snprintf(text, sizeof text, "cell c\n input %s\n state h[1]\n h' = h\n output y = sum(x, axis=1)\n",
                            rows[i][0]);
        gt_parsed_cell *parsed = gt_cell_parse(text, (size_t)size, &options);
        cr_expect_eq(gt_parsed_cell_status(parsed, &error), GT_ERROR_FORMAT);
        cr_expect_not_null(strstr(error.message, rows[i][1]), "%s", error.message);
        gt_parsed_cell_free(parsed);
    }
}
