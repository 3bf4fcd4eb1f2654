/* Values of formulas, as the search for a mistake computes them: those of the cell language, and none where shapes do
 * not fit. */
#include "diagnose/value.h"

#include <criterion/criterion.h>
#include <math.h>

/* Names: A (2, 3), b (2, 1), r (1, 3), s (1, 1), none without a value. */
enum { A, B, R, S, NONE, NAMES };

static const double A_data[] = {1, 2, 3, 4, 5, 6}, b_data[] = {10, 20}, r_data[] = {1, 0, -1}, s_data[] = {2};
static const gt_value values[NAMES] = {
    {2, 3, A_data, 0, 0, {0}}, {2, 1, b_data, 0, 0, {0}}, {1, 3, r_data, 0, 0, {0}}, {1, 1, s_data, 0, 0, {0}}, {0}};
static gt_arena arena;

static const gt_expression *name(uint32_t which)
{
    return gt_expression_new_name(&arena, which);
}

static const gt_expression *number(double value)
{
    return gt_expression_new_number(&arena, value);
}

static const gt_expression *two(gt_expression_kind kind, const gt_expression *a, const gt_expression *b)
{
    return gt_expression_binary(&arena, kind, a, b);
}

/* bounds of rows and columns; NAN: left out */
static const gt_expression *part(const gt_expression *of, double from, double to, double left, double right)
{
    const double numbers[] = {from, to, left, right};
    const gt_expression *bounds[4];
    for (int i = 0; i < 4; i++)
        bounds[i] = isnan(numbers[i]) ? NULL : number(numbers[i]);
    return gt_expression_slice(&arena, of, bounds);
}

static const gt_expression *joined(const gt_expression *a, const gt_expression *b)
{
    const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = GT_LANG_CONCAT};
    gt_expression *f = gt_expression_like(&arena, &model, 2);
    f->operands[0] = a;
    f->operands[1] = b;
    return f;
}

static void expect_value(const gt_expression *f, uint32_t rows, uint32_t columns, const double *entries)
{
    gt_value v;
    cr_assert(gt_expression_evaluate(&arena, f, values, &v));
    cr_assert(v.rows == rows && v.columns == columns, "(%u, %u) instead of (%u, %u)", v.rows, v.columns, rows, columns);
    for (uint32_t k = 0; k < rows * columns; k++)
        cr_expect(fabs(v.data[k] - entries[k]) <= 1e-14, "entry %u is %g instead of %g", k, v.data[k], entries[k]);
}
#define VALUE(f, rows, columns, ...) expect_value(f, rows, columns, (const double[]){__VA_ARGS__})

static void expect_none(const gt_expression *f, const char *what)
{
    gt_value v;
    cr_expect_not(gt_expression_evaluate(&arena, f, values, &v), "%s has no value", what);
    cr_expect_not(arena.failed);
}

static void close_arena(void)
{
    gt_arena_free(&arena);
}

TestSuite(formula_values, .fini = close_arena);

Test(formula_values, entry_by_entry)
{
    VALUE(two(GT_EXPRESSION_ADD, name(A), name(B)), 2, 3, 11, 22, 13, 24, 15, 26);
    VALUE(two(GT_EXPRESSION_MULTIPLY, name(R), name(A)), 2, 3, 1, 2, 0, 0, -5, -6);
    VALUE(two(GT_EXPRESSION_SUBTRACT, name(B), name(R)), 2, 3, 9, 19, 10, 20, 11, 21);
    VALUE(two(GT_EXPRESSION_DIVIDE, name(B), name(S)), 2, 1, 5, 10);
    VALUE(two(GT_EXPRESSION_POWER, name(B), name(S)), 2, 1, 100, 400);
    VALUE(gt_expression_compare(&arena, GT_LANG_GREATER, name(R), number(0)), 1, 3, 1, 0, 0);
    expect_none(two(GT_EXPRESSION_ADD, name(A), gt_expression_unary(&arena, GT_EXPRESSION_TRANSPOSE, name(A))),
                "a sum of (2, 3) and (3, 2)");
    expect_none(two(GT_EXPRESSION_POWER, name(B), name(B)), "a power with an array for its exponent");
    expect_none(two(GT_EXPRESSION_ADD, name(A), name(NONE)), "a sum with what has no value");
}

Test(formula_values, matrices)
{
    const gt_expression *transposed = gt_expression_unary(&arena, GT_EXPRESSION_TRANSPOSE, name(A));
    VALUE(transposed, 3, 2, 1, 3, 5, 2, 4, 6);
    VALUE(two(GT_EXPRESSION_MATMUL, transposed, name(B)), 3, 1, 50, 110, 170);
    expect_none(two(GT_EXPRESSION_MATMUL, name(A), name(B)), "a product of (2, 3) and (2, 1)");
    VALUE(gt_expression_reduce(&arena, GT_LANG_SUM, name(A), 0), 1, 3, 3, 7, 11);
    VALUE(gt_expression_reduce(&arena, GT_LANG_SUM, name(A), 1), 2, 1, 9, 12);
    VALUE(gt_expression_reduce(&arena, GT_LANG_MEAN, name(A), GT_EXPRESSION_ALL_AXES), 1, 1, 3.5);
    VALUE(gt_expression_call(&arena, GT_LANG_SOFTMAX, name(B)), 2, 1, exp(-10) / (1 + exp(-10)), 1 / (1 + exp(-10)));
    VALUE(joined(name(A), name(R)), 3, 3, 1, 2, 1, 3, 4, 0, 5, 6, -1);
    expect_none(joined(name(A), name(B)), "a concat of 3 columns and 1");
}

Test(formula_values, slices)
{
    VALUE(part(name(A), NAN, NAN, 1, NAN), 2, 2, 3, 4, 5, 6);
    VALUE(part(name(A), -1, NAN, NAN, 2), 1, 2, 2, 4);
    static const struct {
        double from, to, left, right;
    } bad[] = {{2, NAN, NAN, NAN}, {NAN, 3, NAN, NAN},  {-3, NAN, NAN, NAN}, {0.5, NAN, NAN, NAN},
               {NAN, NAN, 4, NAN}, {NAN, NAN, NAN, -4}, {NAN, NAN, 1, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_none(part(name(A), bad[i].from, bad[i].to, bad[i].left, bad[i].right), "a slice that is not there");
    const gt_expression *bounds[4] = {NULL, name(B), NULL, NULL};
    expect_none(gt_expression_slice(&arena, name(A), bounds), "a slice to an array");
    bounds[1] = name(NONE);
    expect_none(gt_expression_slice(&arena, name(A), bounds), "a slice to what has no value");
}

Test(formula_values, distances)
{
    const double near[] = {10, 20.5}, infinite[] = {10, INFINITY}, not_a_number[] = {NAN, 1};
    cr_expect_eq(gt_value_distance(values[B], gt_value_of(2, 1, near)), 0.5);
    cr_expect_eq(gt_value_distance(values[B], values[R]), INFINITY);
    cr_expect_eq(gt_value_distance(values[B], gt_value_of(2, 3, A_data)), INFINITY);
    cr_expect_eq(gt_value_distance(values[NONE], values[B]), INFINITY);
    cr_expect_eq(gt_value_distance(values[B], values[NONE]), INFINITY);
    cr_expect_eq(gt_value_distance(values[B], gt_value_of(2, 1, infinite)), INFINITY);
    cr_expect_eq(gt_value_magnitude(values[R]), 1);
    cr_expect(isnan(gt_value_magnitude(gt_value_of(2, 1, not_a_number))));
    cr_expect(isnan(gt_value_magnitude(gt_value_of(2, 1, infinite))));
}
