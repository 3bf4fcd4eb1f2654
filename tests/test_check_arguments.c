/* What a check is refused for before it begins, and what it says then. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static void expect_refused(gt_status status, gt_status expected, const gt_error *error, const char *words)
{
    cr_expect_eq(status, expected, "%s: %s", words, gt_status_name(status));
    cr_expect_not_null(strstr(error->message, words), "expected: %s\nbut it said: %s", words, error->message);
}

/* ---- functions ---------------------------------------------------------------------------------- */

static gt_status value(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)error;
    y[0] = x[0] * x[0];
    return GT_OK;
}

static gt_status gradient(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)context, (void)error;
    g[0] = 2 * x[0] * u[0];
    return GT_OK;
}

static const gt_check_array named[] = {{"a", {0, {1, 1, 1, 1}}}}, nameless[] = {{NULL, {0, {1, 1, 1, 1}}}},
                            impossible[] = {{"a", {2, {1, -1, 1, 1}}}};
static const double point[] = {1.5}, beyond[] = {INFINITY};

Test(check_arguments, of_a_function)
{
    static const struct {
        gt_check_gradient mine;
        gt_status status;
        const char *words;
    } cases[] = {
        {{.function = value, .gradient = gradient, .arrays = named, .array_count = 0, .x = point, .output_count = 1},
         GT_ERROR_ARGUMENT,
         "a function needs arrays and outputs"},
        {{.function = value, .gradient = gradient, .array_count = 1, .x = point, .output_count = 1},
         GT_ERROR_ARGUMENT,
         "a function needs arrays and outputs"},
        {{.function = value, .gradient = gradient, .arrays = named, .array_count = 1, .x = point},
         GT_ERROR_ARGUMENT,
         "a function needs arrays and outputs"},
        {{.gradient = gradient, .arrays = named, .array_count = 1, .x = point, .output_count = 1},
         GT_ERROR_ARGUMENT,
         "needs `function` and a point `x`"},
        {{.function = value, .gradient = gradient, .arrays = named, .array_count = 1, .output_count = 1},
         GT_ERROR_ARGUMENT,
         "needs `function` and a point `x`"},
        {{.function = value, .arrays = named, .array_count = 1, .x = point, .output_count = 1},
         GT_ERROR_ARGUMENT,
         "there is nothing to check"},
        {{.function = value,
          .gradient = gradient,
          .arrays = named,
          .array_count = 1,
          .x = point,
          .output_count = 1,
          .output_shape = {1, {2, 1, 1, 1}}},
         GT_ERROR_SHAPE,
         "output_shape does not have output_count = 1 entries"},
        {{.function = value, .gradient = gradient, .arrays = nameless, .array_count = 1, .x = point, .output_count = 1},
         GT_ERROR_ARGUMENT,
         "array 1 of the function has no name"},
        {{.function = value,
          .gradient = gradient,
          .arrays = impossible,
          .array_count = 1,
          .x = point,
          .output_count = 1},
         GT_ERROR_SHAPE,
         "the array a has an impossible shape"},
        {{.function = value, .gradient = gradient, .arrays = named, .array_count = 1, .x = beyond, .output_count = 1},
         GT_ERROR_NOT_FINITE,
         "x[0] is inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_report report = {0};
        gt_error error = {0};
        expect_refused(gt_check_function(&cases[i].mine, NULL, &report, &error), cases[i].status, &error,
                       cases[i].words);
        cr_expect_eq(report.finding_count, 0);
        gt_report_free(&report);
    }
}

/* ---- tapes ---------------------------------------------------------------------------------------- */

static void refuse_tape(gt_var y, gt_var x, const double *data, gt_status status, const char *words)
{
    gt_report report = {0};
    gt_error error = {0};
    expect_refused(gt_check(&y, 1, &x, (const void *[]){data}, 1, NULL, &report, &error), status, &error, words);
    gt_report_free(&report);
}

Test(check_arguments, of_a_tape)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_tape *tape = gt_tape_new(NULL), *other = gt_tape_new(NULL);
    gt_tape *single = gt_tape_new(&(gt_tape_options){.dtype = GT_F32}), *broken = gt_tape_new(NULL);
    gt_var x = gt_input(tape, "x", GT_SHAPE(1)), y = gt_mul(x, x), z = gt_input(other, "z", GT_SHAPE(1));
    gt_var i = gt_input_i32(tape, "i", GT_SHAPE(1)), s = gt_input(single, "s", GT_SHAPE(1));
    gt_var b = gt_input(broken, "b", GT_SHAPE(2));
    gt_add(b, gt_input(broken, "c", GT_SHAPE(3)));
    cr_assert_neq(gt_tape_status(broken), GT_OK);
    expect_refused(gt_check(&y, 0, &x, (const void *[]){point}, 1, NULL, &report, &error), GT_ERROR_ARGUMENT, &error,
                   "a tape needs inputs and outputs");
    expect_refused(gt_check(&y, 1, &x, (const void *[]){point}, 0, NULL, &report, &error), GT_ERROR_ARGUMENT, &error,
                   "a tape needs inputs and outputs");
    refuse_tape(GT_NONE, x, point, GT_ERROR_ARGUMENT, "a tape needs inputs and outputs");
    refuse_tape(b, b, point, gt_tape_status(broken), gt_tape_message(broken));
    refuse_tape(s, s, point, GT_ERROR_TYPE, "gradients are verified on one of f64");
    refuse_tape(i, x, point, GT_ERROR_TAPE, "output 0 is of another tape, invalid, or not real");
    refuse_tape(y, z, point, GT_ERROR_TAPE, "input 0 is of another tape, invalid, or has no value");
    refuse_tape(y, x, NULL, GT_ERROR_TAPE, "input 0 is of another tape, invalid, or has no value");
    gt_var outputs[] = {y, z};
    expect_refused(gt_check(outputs, 2, &x, (const void *[]){point}, 1, NULL, &report, &error), GT_ERROR_TAPE, &error,
                   "output 1 is of another tape");
    gt_report_free(&report);
    gt_tape_free(tape);
    gt_tape_free(other);
    gt_tape_free(single);
    gt_tape_free(broken);
}

/* ---- cells ---------------------------------------------------------------------------------------- */

static void refuse_cell(const gt_cell *cell, const gt_check_problem *problem, const char *words)
{
    gt_report report = {0};
    gt_error error = {0};
    expect_refused(gt_check_cell(cell, problem, NULL, &report, &error), GT_ERROR_ARGUMENT, &error, words);
    gt_report_free(&report);
}

Test(check_arguments, of_a_cell)
{
    static const gt_dimension sizes[] = {{"n_x", 2}, {"n_a", 2}, {"n_y", 2}};
    const gt_check_problem problem = {.dimensions = sizes, .dimension_count = 3, .examples = 1, .steps = 1};
    gt_check_problem negative = problem, backwards = problem;
    negative.examples = -1;
    backwards.steps = -1;
    refuse_cell(NULL, &problem, "a cell is needed");
    refuse_cell(&gt_cell_rnn, NULL, "a cell is needed");
    refuse_cell(&gt_cell_rnn, &negative, "numbers of examples and steps above 0");
    refuse_cell(&gt_cell_rnn, &backwards, "numbers of examples and steps above 0");
    gt_cell stateless = gt_cell_rnn, deaf = gt_cell_rnn;
    stateless.state_count = 0;
    deaf.input_count = 0;
    refuse_cell(&stateless, &problem, "the cell rnn has no input or no state");
    refuse_cell(&deaf, &problem, "the cell rnn has no input or no state");
}
