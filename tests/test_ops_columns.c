/* softmax, log_softmax and cross_entropy: values, extremes, and what is not a number. */
#include "support/values.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

static long double log_sum(const double *x, int count)
{
    long double greatest = -INFINITY, sum = 0;
    for (int i = 0; i < count; i++)
        greatest = x[i] > greatest ? x[i] : greatest;
    for (int i = 0; i < count; i++)
        sum += expl(x[i] - greatest);
    return greatest + logl(sum);
}

enum { ROWS = 7, COLUMNS = 6 };

/* Ordinary, shifted far up and down, and spread over many orders of magnitude. */
static void fill_logits(double *x)
{
    static const double scale[COLUMNS] = {1, 1, 1, 300, 1e-3, 40}, shift[COLUMNS] = {0, 5000, -5000, 0, 0, 7};
    gt_random random;
    gt_random_seed(&random, 4);
    for (int j = 0; j < COLUMNS; j++)
        for (int i = 0; i < ROWS; i++)
            x[i + j * ROWS] = (double)(float)(shift[j] + scale[j] * gt_random_normal(&random));
}

static void expect_columns(gt_dtype dtype, double epsilon)
{
    double x[ROWS * COLUMNS], soft[ROWS * COLUMNS], logarithm[ROWS * COLUMNS], entropy[COLUMNS];
    int32_t targets[COLUMNS];
    fill_logits(x);
    for (int j = 0; j < COLUMNS; j++) {
        long double sum = log_sum(x + j * ROWS, ROWS);
        targets[j] = (3 * j + 1) % ROWS;
        for (int i = 0; i < ROWS; i++) {
            logarithm[i + j * ROWS] = (double)(x[i + j * ROWS] - sum);
            soft[i + j * ROWS] = (double)expl(x[i + j * ROWS] - sum);
        }
        entropy[j] = -logarithm[targets[j] + j * ROWS];
    }
    probe *p = probe_new(dtype);
    gt_var logits = give(p, "logits", GT_SHAPE(ROWS, COLUMNS), x);
    gt_var wanted = give_whole(p, "targets", GT_SHAPE(COLUMNS), targets);
    expect_value(p, gt_softmax(logits), GT_SHAPE(ROWS, COLUMNS), soft, 4 * epsilon);
    expect_value(p, gt_log_softmax(logits), GT_SHAPE(ROWS, COLUMNS), logarithm, 4 * epsilon);
    expect_value(p, gt_cross_entropy(logits, wanted), GT_SHAPE(1, COLUMNS), entropy, 4 * epsilon);
    double doubled[COLUMNS];
    for (int j = 0; j < COLUMNS; j++)
        doubled[j] = entropy[j] * j;
    gt_var weights = give(p, "weights", GT_SHAPE(1, COLUMNS), (double[]){0, 1, 2, 3, 4, 5});
    expect_value(p, gt_cross_entropy_weighted(logits, wanted, weights), GT_SHAPE(1, COLUMNS), doubled, 4 * epsilon);
    probe_free(p);
}

Test(ops_columns, values)
{
    expect_columns(GT_F64, DBL_EPSILON);
    expect_columns(GT_F32, (double)FLT_EPSILON);
}

/* Small probabilities keep their digits, relative to themselves. */
Test(ops_columns, underflow)
{
    probe *p = probe_new(GT_F64);
    gt_var x = give(p, "x", GT_SHAPE(2), (double[]){0, -700});
    const double *y = value_of(p, gt_softmax(x));
    cr_expect(fabs(y[1] - exp(-700)) <= 4 * DBL_EPSILON * exp(-700), "%g", y[1]);
    gt_var far = give(p, "far", GT_SHAPE(2), (double[]){0, -1e5});
    expect_value(p, gt_log_softmax(far), GT_SHAPE(2), (double[]){0, -1e5}, 0);
    gt_var wrong = give_whole(p, "target", GT_SCALAR, (int32_t[]){1});
    expect_value(p, gt_cross_entropy(far, wrong), GT_SHAPE(1), (double[]){1e5}, 0);
    probe_free(p);
}

/* A column that has no softmax is NaN throughout, and no other column is. */
Test(ops_columns, not_a_number)
{
    const double x[] = {NAN,           1, 2, /**/ 1,         NAN, 2, /**/ -INFINITY, -INFINITY, -INFINITY,
                        /**/ INFINITY, 0, 1, /**/ -INFINITY, 0,   0, /**/ 0,         0,         0};
    const double soft[] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN,     NAN,     NAN,
                           NAN, NAN, NAN, 0,   0.5, 0.5, 1.0 / 3, 1.0 / 3, 1.0 / 3};
    const double half = log(0.5), third = log(1.0 / 3);
    const double logarithm[] = {NAN, NAN, NAN, NAN,       NAN,  NAN,  NAN,   NAN,   NAN,
                                NAN, NAN, NAN, -INFINITY, half, half, third, third, third};
    const double entropy[] = {NAN, NAN, NAN, NAN, INFINITY, -third};
    for (gt_dtype dtype = GT_F64; dtype <= GT_F32; dtype++) {
        double tolerance = dtype == GT_F64 ? 1e-15 : 1e-7;
        probe *p = probe_new(dtype);
        gt_var logits = give(p, "x", GT_SHAPE(3, 6), x);
        gt_var targets = give_whole(p, "targets", GT_SHAPE(6), (int32_t[]){1, 0, 0, 1, 0, 2});
        expect_value(p, gt_softmax(logits), GT_SHAPE(3, 6), soft, tolerance);
        expect_value(p, gt_log_softmax(logits), GT_SHAPE(3, 6), logarithm, tolerance);
        expect_value(p, gt_cross_entropy(logits, targets), GT_SHAPE(1, 6), entropy, tolerance);
        probe_free(p);
    }
}

/* 2^14 equal logits in f32: each probability is 2^-14 exactly, and they sum to 1. */
Test(ops_columns, long_column)
{
    enum { LONG = 16384 };
    probe *p = probe_new(GT_F32);
    double *expected = malloc(LONG * sizeof *expected), *x = calloc(LONG, sizeof *x);
    for (int i = 0; i < LONG; i++)
        expected[i] = 0x1p-14;
    gt_var y = gt_softmax(give(p, "x", GT_SHAPE(LONG), x));
    expect_value(p, y, GT_SHAPE(LONG), expected, 0);
    expect_value(p, gt_sum(y, 0), GT_SHAPE(1), (double[]){1}, 0);
    free(expected);
    free(x);
    probe_free(p);
}

Test(ops_columns, targets_out_of_range)
{
    probe *p = probe_new(GT_F64);
    gt_var logits = give(p, "logits", GT_SHAPE(4, 3), NULL);
    gt_var high = give_whole(p, "high", GT_SHAPE(3), (int32_t[]){0, 4, 1});
    gt_var low = give_whole(p, "low", GT_SHAPE(3), (int32_t[]){0, 1, -1});
    expect_failure(p, gt_cross_entropy(logits, high), GT_ERROR_VALUE,
                   (const char *[]){"cross_entropy", "target 4", "position 1", "0 to 3", NULL});
    expect_failure(p, gt_cross_entropy(logits, low), GT_ERROR_VALUE,
                   (const char *[]){"cross_entropy", "target -1", "position 2", "0 to 3", NULL});
    probe_free(p);
}
