/* Runs of element-by-element ops over matrices that are many tiles, part of one, and narrow. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

typedef struct arrays {
    double *x, *column, *row, number;
} arrays;

static double *draw(int64_t count, gt_random *random)
{
    double *values = malloc((size_t)count * sizeof *values);
    cr_assert_not_null(values);
    for (int64_t i = 0; i < count; i++)
        values[i] = gt_random_normal(random);
    return values;
}

/* What the run below computes, entry by entry: an intermediate value that lives long, and others
 * that do not. */
static double expected(double x, double column, double row, double number, double *sum)
{
    *sum = x + column;
    return tanh(*sum) * row + (x * x - number) * *sum;
}

/* With `plain`, no operand but x is a matrix or a vector, so that columns do not matter. */
static gt_plan *plan(int64_t rows, int64_t columns, bool plain, bool exact, gt_var inputs[4], gt_tape **tape)
{
    *tape = gt_tape_new(NULL);
    gt_var x = inputs[0] = gt_input(*tape, "x", GT_SHAPE(rows, columns));
    gt_var column = inputs[1] = gt_input(*tape, "column", plain ? GT_SHAPE(1) : GT_SHAPE(rows, 1));
    gt_var row = inputs[2] = gt_input(*tape, "row", plain ? GT_SHAPE(1) : GT_SHAPE(1, columns));
    gt_var number = inputs[3] = gt_input(*tape, "number", GT_SHAPE(1));
    gt_var sum = gt_add(x, column);
    gt_var value = gt_add(gt_mul(gt_tanh(sum), row), gt_mul(gt_sub(gt_mul(x, x), number), sum));
    gt_error error = {0};
    gt_plan_options options = {.exact = exact};
    gt_plan *made = gt_plan_new((gt_var[]){value, sum}, 2, &options, &error);
    cr_assert_not_null(made, "%s", error.message);
    return made;
}

static void check(int64_t rows, int64_t columns, bool plain, bool exact)
{
    gt_random random;
    gt_random_seed(&random, 8);
    gt_tape *tape;
    gt_var inputs[4];
    gt_plan *made = plan(rows, columns, plain, exact, inputs, &tape);
    gt_workspace *work = gt_workspace_new(made);
    double *data[4] = {draw(rows * columns, &random), draw(rows, &random), draw(columns, &random), draw(1, &random)};
    for (int k = 0; k < 4; k++)
        cr_assert_eq(gt_workspace_bind(work, inputs[k], data[k]), GT_OK);
    cr_assert_eq(gt_workspace_run(work), GT_OK);
    const double *value = gt_workspace_value(work, 0), *sum = gt_workspace_value(work, 1);
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < rows; i++) {
            double sum_here, here = expected(data[0][i + j * rows], data[1][plain ? 0 : i], data[2][plain ? 0 : j],
                                             data[3][0], &sum_here);
            cr_assert(fabs(value[i + j * rows] - here) <= 1e-13 * (1 + fabs(here)), "(%lld, %lld) of (%lld, %lld)",
                      (long long)i, (long long)j, (long long)rows, (long long)columns);
            cr_assert(sum[i + j * rows] == sum_here);
        }
    for (int k = 0; k < 4; k++)
        free(data[k]);
    gt_workspace_free(work);
    gt_plan_free(made);
    gt_tape_free(tape);
}

Test(plan_tiles, every_way_of_cutting)
{
    static const int64_t shapes[][2] = {{1, 1},   {1, 700}, {3, 5},    {3, 400},  {14, 1},   {100, 50}, {256, 7},
                                        {257, 3}, {513, 2}, {1025, 3}, {1030, 1}, {2000, 9}, {64, 64},  {255, 40}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (int way = 0; way < 4; way++)
            check(shapes[i][0], shapes[i][1], way & 1, way & 2);
}
