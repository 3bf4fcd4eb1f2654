/* A function of six arguments with a gradient, and what asks gt_check_function about it. */
#ifndef TESTS_WAVES_H
#define TESTS_WAVES_H

#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/*
 * y_j = sum over i of a_ij sin(x_i + b_ij): every entry of every argument matters to every
 * result, and no two alike.
 */
enum { W = 0, V = 12, B = 24, C = 28, Q = 32, S = 41, ENTRIES = 71, RESULTS = 7 };

static const gt_check_array arguments[] = {{"W", {2, {4, 3, 1, 1}}}, {"V", {2, {4, 3, 1, 1}}},
                                           {"b", {1, {4, 1, 1, 1}}}, {"c", {1, {4, 1, 1, 1}}},
                                           {"Q", {2, {3, 3, 1, 1}}}, {"S", {3, {2, 3, 5, 1}}}};

static inline double amplitude(int i, int j)
{
    return sin(3.7 * i + 1.3 * j) + 0.2;
}

static inline double phase(int i, int j)
{
    return cos(2.9 * i - 0.7 * j);
}

static inline gt_status waves(void *context, const double *x, double *y, gt_error *error)
{
    (void)context, (void)error;
    for (int j = 0; j < RESULTS; j++) {
        y[j] = 0;
        for (int i = 0; i < ENTRIES; i++)
            y[j] += amplitude(i, j) * sin(x[i] + phase(i, j));
    }
    return GT_OK;
}

static inline void right_gradient(const double *x, const double *u, double *g)
{
    for (int i = 0; i < ENTRIES; i++) {
        g[i] = 0;
        for (int j = 0; j < RESULTS; j++)
            g[i] += u[j] * amplitude(i, j) * cos(x[i] + phase(i, j));
    }
}

static inline void scale(double *g, int count, double k)
{
    for (int i = 0; i < count; i++)
        g[i] *= k;
}

static inline void copy(double *to, const double *from, int count)
{
    memmove(to, from, (size_t)count * sizeof *to);
}

static inline void swap(double *a, double *b, int count)
{
    for (int i = 0; i < count; i++) {
        double kept = a[i];
        a[i] = b[i];
        b[i] = kept;
    }
}

static inline void nothing(const double *x, double *g)
{
    (void)x, (void)g;
}

/* What is planted, and which kind in which array should be named, with a part of its text. */
typedef struct plant {
    void (*apply)(const double *x, double *g);
    const char *array, *kind, *text;
} plant;

static inline gt_status planted(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    (void)error;
    right_gradient(x, u, g);
    ((const plant *)context)->apply(x, g);
    return GT_OK;
}

static inline const double *point(uint32_t seed)
{
    static double x[ENTRIES];
    gt_random random;
    gt_random_seed(&random, seed);
    for (int i = 0; i < ENTRIES; i++)
        x[i] = gt_random_normal(&random);
    return x;
}

static inline gt_check_gradient problem_at(uint32_t seed)
{
    return (gt_check_gradient){.function = waves,
                               .gradient = planted,
                               .arrays = arguments,
                               .array_count = 6,
                               .x = point(seed),
                               .output_count = RESULTS};
}

static inline gt_report check(const gt_check_gradient *mine, uint32_t seed)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.seed = seed, .diagnose = gt_diagnose};
    cr_assert_eq(gt_check_function(mine, &options, &report, &error), GT_OK, "%s", error.message);
    return report;
}

static inline const char *text_of(const gt_report *report)
{
    static char text[8000];
    gt_report_format(report, text, sizeof text);
    return text;
}

#endif
