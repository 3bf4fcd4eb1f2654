/* Every row of the table of functions: what it says of its function is so. */
#include "base/pool.h"
#include "diagnose/value.h"
#include "lang/functions.h"
#include "lang/parse.h"
#include "lang/record.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static double of_numbers(const gt_op *op, const double *numbers)
{
    const double *inputs[3] = {&numbers[0], &numbers[1], &numbers[2]};
    const size_t strides[3] = {1, 1, 1};
    double value;
    op->run_f64(&(gt_elementwise_f64){.count = 1, .inputs = inputs, .strides = strides, .output = &value});
    return value;
}

typedef struct point {
    double u, v;
} point;

static bool look_up(void *context, const char *name, double *value)
{
    const point *at = context;
    *value = strcmp(name, "u") == 0 ? at->u : at->v;
    return strcmp(name, "u") == 0 || strcmp(name, "v") == 0;
}

static void check_derivative(const gt_lang_function_entry *row)
{
    static const double points[] = {0.3, 0.7, 1.9, -0.4, -1.6};
    gt_pool pool = {0};
    const gt_lang_expression *formula = gt_lang_parse_formula(&pool, row->derivative);
    cr_assert_not_null(formula, "%s: '%s' is no formula", row->name, row->derivative);
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        bool positive = row->op->domain[0].low > 0;
        if (positive && points[i] <= 0)
            continue;
        const double h = 1e-5, above = points[i] + h, below = points[i] - h;
        point at = {points[i], of_numbers(row->op, (double[3]){points[i]})};
        const gt_lang_environment environment = {.context = &at, .number = look_up};
        double slope = (of_numbers(row->op, (double[3]){above}) - of_numbers(row->op, (double[3]){below})) / (2 * h);
        double written;
        cr_assert(gt_lang_number(&environment, formula, &written), "%s", row->derivative);
        cr_expect(fabs(written - slope) <= 1e-8, "%s' at %g is %.12g; '%s' is %.12g", row->name, points[i], slope,
                  row->derivative, written);
    }
    gt_pool_free(&pool);
}

Test(lang_functions, derivatives_are_those_of_the_ops)
{
    int count = 0;
    for (int f = 0; f < GT_LANG_FUNCTION_COUNT; f++) {
        const gt_lang_function_entry *row = gt_lang_function_at((gt_lang_function)f);
        if (row->derivative == NULL)
            continue;
        cr_assert(row->op != NULL && row->most == 1, "%s", row->name);
        check_derivative(row);
        count++;
    }
    cr_expect(count >= 10);
}

Test(lang_functions, an_op_has_the_name_of_its_function)
{
    for (int f = 0; f < GT_LANG_FUNCTION_COUNT; f++) {
        const gt_lang_function_entry *row = gt_lang_function_at((gt_lang_function)f);
        gt_lang_function found;
        cr_expect(gt_lang_function_find(row->name, &found) && found == (gt_lang_function)f, "%s", row->name);
        if (row->op != NULL) {
            cr_expect_str_eq(row->op->name, row->name);
            cr_expect_eq((uint32_t)row->op->arity, row->most, "%s", row->name);
        }
        cr_expect(strlen(gt_lang_function_documentation((gt_lang_function)f)) > 10, "%s", row->name);
    }
}

/* What explains mistakes evaluates every function, too: to a number that the op gives. */
Test(lang_functions, all_are_evaluated_by_the_diagnosis)
{
    static const double numbers[3] = {0.4, 1.2, -0.7};
    gt_arena arena = {0};
    for (int f = 0; f < GT_LANG_FUNCTION_COUNT; f++) {
        const gt_lang_function_entry *row = gt_lang_function_at((gt_lang_function)f);
        if (f == GT_LANG_OUTER || f == GT_LANG_RESHAPE)
            continue; /* cells with several sizes are not looked at */
        const gt_expression model = {.kind = GT_EXPRESSION_CALL, .detail = (uint8_t)f};
        gt_expression *call = gt_expression_like(&arena, &model, row->least);
        for (uint32_t i = 0; i < row->least; i++)
            call->operands[i] = gt_expression_new_number(&arena, numbers[i]);
        gt_value value;
        cr_assert(gt_expression_evaluate(&arena, call, NULL, &value), "%s", row->name);
        if (row->op != NULL)
            cr_expect_eq(value.data[0], of_numbers(row->op, numbers), "%s", row->name);
    }
    gt_arena_free(&arena);
}

/* NaN is kept where the op keeps it. */
Test(lang_functions, constants_are_what_the_ops_make_of_them)
{
    static const char *const texts[] = {"maximum(log(-1), 1)", "minimum(1, log(-1))", "maximum(1, log(-1)) + 2"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gt_pool pool = {0};
        double value = 0;
        const gt_lang_expression *formula = gt_lang_parse_formula(&pool, texts[i]);
        cr_assert_not_null(formula);
        cr_assert(gt_lang_number(NULL, formula, &value));
        cr_expect(isnan(value), "%s is %g", texts[i], value);
        gt_pool_free(&pool);
    }
}

Test(lang_functions, what_is_no_formula_is_none)
{
    static const char *const texts[] = {"", "1 +", "v v", "tanh(", "(v", "v)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gt_pool pool = {0};
        cr_expect_null(gt_lang_parse_formula(&pool, texts[i]), "%s", texts[i]);
        gt_pool_free(&pool);
    }
}
