/* The numbers that initializers give. */
#include "gradtape/parameters.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static const gt_initializer normal = {.kind = GT_INITIALIZE_NORMAL, .a = 1, .b = 0};
static const gt_initializer glorot = {.kind = GT_INITIALIZE_GLOROT, .a = 0, .b = 0};
static const gt_initializer orthogonal = {.kind = GT_INITIALIZE_ORTHOGONAL, .a = 0, .b = 0};

/* A set with one array "W", filled. */
static gt_parameters *filled(gt_dtype dtype, gt_shape shape, gt_initializer initializer, uint64_t seed)
{
    gt_parameters *set = gt_parameters_new(dtype);
    gt_parameters_add(set, "W", shape, initializer);
    cr_assert_eq(gt_parameters_initialize(set, seed), GT_OK, "%s", gt_parameters_message(set));
    return set;
}

static const double *data_of(const gt_parameters *set, const char *name)
{
    int64_t place = gt_parameters_find(set, name);
    cr_assert_geq(place, 0, "%s", name);
    return gt_parameters_array(set, (uint32_t)place).data;
}

/* ---- simple kinds -------------------------------------------------------------------------- */

Test(initializers, zeros_and_constants)
{
    gt_parameters *set =
        filled(GT_F64, GT_SHAPE(3, 2), (gt_initializer){.kind = GT_INITIALIZE_CONSTANT, .a = 1.5, .b = 0}, 1);
    for (int i = 0; i < 6; i++)
        cr_assert(data_of(set, "W")[i] == 1.5);
    gt_parameters_free(set);
    set = gt_parameters_new(GT_F64);
    gt_parameters_add(set, "W", GT_SHAPE(4), (gt_initializer){.kind = GT_INITIALIZE_ZEROS, .a = 3, .b = 3});
    double *data = gt_parameters_array(set, 0).data;
    data[1] = 7;
    cr_assert_eq(gt_parameters_initialize(set, 1), GT_OK);
    for (int i = 0; i < 4; i++)
        cr_assert(data[i] == 0);
    gt_parameters_free(set);
}

/*
 * The documented rule, computed by a separate program: seed 0x123456789abcdef,
 * entries 0, 1, 2 of "layer 1/Wf" (uniform on [0, 1)), "Wy" (normal) and
 * "G" (Glorot for 3 rows and 4 columns).
 */
Test(initializers, documented_numbers)
{
    gt_parameters *set = gt_parameters_new(GT_F64);
    gt_parameters_add(set, "G", GT_SHAPE(3, 4), glorot);
    gt_parameters_add(set, "Wy", GT_SHAPE(3), normal);
    gt_parameters_add(set, "layer 1/Wf", GT_SHAPE(3), (gt_initializer){.kind = GT_INITIALIZE_UNIFORM, .a = 0, .b = 1});
    cr_assert_eq(gt_parameters_initialize(set, 0x123456789abcdef), GT_OK);
    const double uniform[3] = {0x1.8f844d4c15844p-1, 0x1.ed717b16e8d12p-1, 0x1.d918858c208c2p-1};
    const double normals[3] = {0.3425962838757706, -0.08887383532652747, -0.1412059650690623};
    const double glorots[3] = {-0.6398953512155838, 0.28617004538794855, 0.20253023361422184};
    for (int i = 0; i < 3; i++) {
        cr_assert(data_of(set, "layer 1/Wf")[i] == uniform[i]);
        cr_assert(fabs(data_of(set, "Wy")[i] - normals[i]) < 1e-15);
        cr_assert(fabs(data_of(set, "G")[i] - glorots[i]) < 1e-15);
    }
    gt_parameters_free(set);
}

/* ---- independence -------------------------------------------------------------------------- */

static void expect_equal(const gt_parameters *a, const gt_parameters *b, const char *name)
{
    gt_array array = gt_parameters_array(a, (uint32_t)gt_parameters_find(a, name));
    for (int64_t i = 0; i < gt_shape_count(array.shape); i++)
        cr_assert(data_of(a, name)[i] == data_of(b, name)[i], "%s", name);
}

Test(initializers, other_parameters_change_nothing)
{
    gt_parameters *a = gt_parameters_new(GT_F64), *b = gt_parameters_new(GT_F64);
    gt_parameters_add(a, "x", GT_SHAPE(4, 4), normal);
    gt_parameters_add(a, "y", GT_SHAPE(4, 4), orthogonal);
    gt_parameters_add(a, "z", GT_SHAPE(4, 4), glorot);
    gt_parameters_add(b, "z", GT_SHAPE(4, 4), glorot);
    gt_parameters_add(b, "more", GT_SHAPE(100), normal);
    gt_parameters_add(b, "y", GT_SHAPE(4, 4), orthogonal);
    gt_parameters_add(b, "x", GT_SHAPE(4, 4), normal);
    cr_assert_eq(gt_parameters_initialize(a, 5), GT_OK);
    cr_assert_eq(gt_parameters_initialize(b, 6), GT_OK);
    cr_assert_eq(gt_parameters_initialize(b, 5), GT_OK); /* nor does what was there before */
    expect_equal(a, b, "x");
    expect_equal(a, b, "y");
    expect_equal(a, b, "z");
    gt_parameters_free(a);
    gt_parameters_free(b);
}

/* The correlation of the entries of two arrays. */
static double correlation(const double *x, const double *y, int count)
{
    double xy = 0, xx = 0, yy = 0;
    for (int i = 0; i < count; i++) {
        xy += x[i] * y[i];
        xx += x[i] * x[i];
        yy += y[i] * y[i];
    }
    return xy / sqrt(xx * yy);
}

Test(initializers, names_and_all_bits_of_the_seed_count)
{
    enum { COUNT = 10000 };
    const uint64_t seeds[] = {1, 2, (uint64_t)1 << 32 | 1, (uint64_t)1 << 63 | 1};
    gt_parameters *set[4];
    for (int k = 0; k < 4; k++) {
        set[k] = gt_parameters_new(GT_F64);
        gt_parameters_add(set[k], "a", GT_SHAPE(COUNT), normal);
        gt_parameters_add(set[k], "b", GT_SHAPE(COUNT), normal);
        cr_assert_eq(gt_parameters_initialize(set[k], seeds[k]), GT_OK);
        cr_assert(fabs(correlation(data_of(set[k], "a"), data_of(set[k], "b"), COUNT)) < 0.05);
        /* Neighbours in one array. */
        cr_assert(fabs(correlation(data_of(set[k], "a"), data_of(set[k], "a") + 1, COUNT - 1)) < 0.05);
        for (int j = 0; j < k; j++)
            cr_assert(fabs(correlation(data_of(set[k], "a"), data_of(set[j], "a"), COUNT)) < 0.05);
    }
    for (int k = 0; k < 4; k++)
        gt_parameters_free(set[k]);
}

Test(initializers, single_precision_is_double_rounded)
{
    const gt_initializer kinds[] = {normal, glorot, orthogonal};
    for (int k = 0; k < 3; k++) {
        gt_parameters *a = filled(GT_F64, GT_SHAPE(6, 4), kinds[k], 3);
        gt_parameters *b = filled(GT_F32, GT_SHAPE(6, 4), kinds[k], 3);
        const float *single = gt_parameters_array(b, 0).data;
        for (int i = 0; i < 24; i++)
            cr_assert(single[i] == (float)data_of(a, "W")[i]);
        gt_parameters_free(a);
        gt_parameters_free(b);
    }
}

/* ---- statistics ---------------------------------------------------------------------------- */

enum { MANY = 200000 };

static void moments(const double *x, double *mean, double *variance, double *kurtosis)
{
    *mean = *variance = *kurtosis = 0;
    for (int i = 0; i < MANY; i++)
        *mean += x[i] / MANY;
    for (int i = 0; i < MANY; i++)
        *variance += pow(x[i] - *mean, 2) / MANY;
    for (int i = 0; i < MANY; i++)
        *kurtosis += pow(x[i] - *mean, 4) / MANY / (*variance * *variance);
}

Test(initializers, normal_moments)
{
    gt_parameters *set =
        filled(GT_F64, GT_SHAPE(MANY), (gt_initializer){.kind = GT_INITIALIZE_NORMAL, .a = 0.02, .b = 0}, 11);
    double mean, variance, kurtosis;
    moments(data_of(set, "W"), &mean, &variance, &kurtosis);
    /* Within five standard errors. */
    cr_assert(fabs(mean) < 5 * 0.02 / sqrt(MANY));
    cr_assert(fabs(variance / 0.0004 - 1) < 5 * sqrt(2.0 / MANY));
    cr_assert(fabs(kurtosis - 3) < 5 * sqrt(24.0 / MANY));
    gt_parameters_free(set);
}

static void expect_uniform(const double *x, double low, double high)
{
    double mean, variance, kurtosis, width = high - low;
    moments(x, &mean, &variance, &kurtosis);
    for (int i = 0; i < MANY; i++)
        cr_assert(x[i] >= low && x[i] < high, "entry %d: %g", i, x[i]);
    cr_assert(fabs(mean - (low + high) / 2) < 5 * width / sqrt(12.0 * MANY));
    cr_assert(fabs(variance - width * width / 12) < 5 * width * width / sqrt(180.0 * MANY));
    cr_assert(fabs(kurtosis - 1.8) < 0.02);
}

Test(initializers, uniform_moments)
{
    gt_parameters *set =
        filled(GT_F64, GT_SHAPE(MANY), (gt_initializer){.kind = GT_INITIALIZE_UNIFORM, .a = -1, .b = 3}, 12);
    expect_uniform(data_of(set, "W"), -1, 3);
    gt_parameters_free(set);
}

Test(initializers, glorot_limits)
{
    gt_parameters *set = filled(GT_F64, GT_SHAPE(200, MANY / 200), glorot, 13);
    double limit = sqrt(6.0 / (200 + MANY / 200));
    expect_uniform(data_of(set, "W"), -limit, limit);
    gt_parameters_free(set);
}

/* An interval of two single-precision numbers, of which the upper one is excluded. */
Test(initializers, uniform_excludes_its_upper_limit)
{
    double above = 1 + 0x1p-23;
    gt_parameters *set =
        filled(GT_F32, GT_SHAPE(1000), (gt_initializer){.kind = GT_INITIALIZE_UNIFORM, .a = 1, .b = above}, 1);
    const float *single = gt_parameters_array(set, 0).data;
    for (int i = 0; i < 1000; i++)
        cr_assert(single[i] == 1);
    gt_parameters_free(set);
    above = 1 + 0x1p-52;
    set = filled(GT_F64, GT_SHAPE(1000), (gt_initializer){.kind = GT_INITIALIZE_UNIFORM, .a = 1, .b = above}, 1);
    for (int i = 0; i < 1000; i++)
        cr_assert(data_of(set, "W")[i] == 1);
    gt_parameters_free(set);
    set = filled(GT_F64, GT_SHAPE(3), (gt_initializer){.kind = GT_INITIALIZE_UNIFORM, .a = 2, .b = 2}, 1);
    cr_assert(data_of(set, "W")[2] == 2);
    gt_parameters_free(set);
}

/* ---- orthogonal ---------------------------------------------------------------------------- */

/* The largest entry of Q.T Q - I over columns, or of Q Q.T - I over rows, whichever are fewer. */
static double departure(const double *q, int64_t rows, int64_t columns)
{
    bool wide = rows < columns;
    int64_t few = wide ? rows : columns, many = wide ? columns : rows;
    int64_t step = wide ? 1 : rows, stride = wide ? rows : 1;
    double largest = 0;
    for (int64_t i = 0; i < few; i++)
        for (int64_t j = 0; j < few; j++) {
            double sum = i == j ? -1 : 0;
            for (int64_t k = 0; k < many; k++)
                sum += q[i * step + k * stride] * q[j * step + k * stride];
            if (!(fabs(sum) <= largest))
                largest = fabs(sum);
        }
    return largest;
}

Test(initializers, orthogonality)
{
    const int64_t sizes[][2] = {{1, 1},    {1, 6},    {6, 1},     {5, 5},   {7, 3},   {3, 7},     {64, 64},
                                {128, 40}, {40, 128}, {300, 300}, {512, 7}, {2, 900}, {129, 127}, {33, 34}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int64_t rows = sizes[k][0], columns = sizes[k][1];
        gt_parameters *set = filled(GT_F64, GT_SHAPE(rows, columns), orthogonal, 17 + k);
        double off = departure(data_of(set, "W"), rows, columns);
        cr_assert(off < 1e-13, "(%d, %d): %g", (int)rows, (int)columns, off);
        gt_parameters_free(set);
    }
}

/*
 * Uniform among orthogonal matrices: every entry of an n x n one has mean 0 and
 * mean square 1 / n, also on the diagonal, where a careless choice of signs shows,
 * and both determinants are as frequent.
 */
Test(initializers, orthogonal_is_unbiased)
{
    enum { TRIALS = 4000 };
    double mean[9] = {0}, square[9] = {0}, determinant = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        gt_parameters *set = filled(GT_F64, GT_SHAPE(3, 3), orthogonal, (uint64_t)trial);
        const double *q = data_of(set, "W");
        for (int i = 0; i < 9; i++) {
            mean[i] += q[i] / TRIALS;
            square[i] += q[i] * q[i] / TRIALS;
        }
        determinant += (q[0] * (q[4] * q[8] - q[5] * q[7]) - q[1] * (q[3] * q[8] - q[5] * q[6]) +
                        q[2] * (q[3] * q[7] - q[4] * q[6])) /
                       TRIALS;
        gt_parameters_free(set);
    }
    /* Within five standard errors: the variance of q is 1/3, of q squared 4/45, of the
     * determinant 1. */
    for (int i = 0; i < 9; i++) {
        cr_assert(fabs(mean[i]) < 5 * sqrt(1.0 / 3 / TRIALS), "entry %d", i);
        cr_assert(fabs(square[i] - 1.0 / 3) < 5 * sqrt(4.0 / 45 / TRIALS), "entry %d", i);
    }
    cr_assert(fabs(determinant) < 5 / sqrt(TRIALS));
}
