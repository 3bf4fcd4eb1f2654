/* Kernels in single precision against functions in double: right ones are never called wrong, mistakes are. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <math.h>

TestSuite(check_precision, .timeout = 300);

#define REAL double
#define KERNEL(name) name##_f64
#define TANH tanh
#define EXP exp
#define LOG log
#define SQRT sqrt
#include "support/kernels.inc"
#undef REAL
#undef KERNEL
#undef TANH
#undef EXP
#undef LOG
#undef SQRT
#define REAL float
#define KERNEL(name) name##_f32
#define TANH tanhf
#define EXP expf
#define LOG logf
#define SQRT sqrtf
#include "support/kernels.inc"

enum { MOST = 100000 };

typedef struct kernel {
    const char *name;
    gt_check_array arrays[3];
    uint32_t array_count;
    int entries, results;
    void (*value_f64)(const double *x, double *y);
    void (*gradient_f64)(const double *x, const double *u, double *g);
    void (*value_f32)(const float *x, float *y);
    void (*gradient_f32)(const float *x, const float *u, float *g);
} kernel;

#define ROW(name, entries, results, count, ...)                                                                        \
    {                                                                                                                  \
#name, {__VA_ARGS__ }, count, entries, results, name##_f64, name##_gradient_f64, name##_f32,                   \
                name##_gradient_f32                                                                                    \
    }

static const kernel kernels[] = {
    ROW(affine, 32, 15, 2, {"W", {2, {5, 4, 1, 1}}}, {"x", {2, {4, 3, 1, 1}}}),
    ROW(softmax, 6, 6, 1, {"x", {1, {6, 1, 1, 1}}}),
    ROW(logsumexp, 1000, 1, 1, {"x", {1, {1000, 1, 1, 1}}}),
    ROW(product, 77, 30, 2, {"A", {2, {6, 7, 1, 1}}}, {"B", {2, {7, 5, 1, 1}}}),
    ROW(layer_norm, 80, 48, 3, {"x", {2, {16, 3, 1, 1}}}, {"gain", {1, {16, 1, 1, 1}}}, {"shift", {1, {16, 1, 1, 1}}}),
    ROW(sums, 100000, 2, 1, {"x", {1, {100000, 1, 1, 1}}}),
    ROW(fit, 2, 1, 2, {"w", {0, {1, 1, 1, 1}}}, {"b", {0, {1, 1, 1, 1}}}),
    ROW(cross_entropy, 8, 1, 1, {"x", {1, {8, 1, 1, 1}}}),
    ROW(gated, 10, 5, 2, {"a", {1, {5, 1, 1, 1}}}, {"b", {1, {5, 1, 1, 1}}}),
    ROW(recurrence, 2, 1, 2, {"w", {0, {1, 1, 1, 1}}}, {"v", {0, {1, 1, 1, 1}}}),
};

enum { KERNELS = sizeof kernels / sizeof *kernels };

/* What the callbacks are given: a kernel, and a mistake in one entry of its gradient, or none. */
typedef struct scene {
    const kernel *kernel;
    double mistake; /* relative to the largest entry */
    int entry;      /* of the gradient; -1: all, each relative to itself */
} scene;

static double narrow_x_data[MOST];

static void plant_f64(const scene *s, double *g)
{
    double largest = 0;
    for (int i = 0; i < s->kernel->entries; i++)
        largest = fmax(largest, fabs(g[i]));
    for (int i = 0; i < s->kernel->entries; i++)
        g[i] += s->entry < 0 ? s->mistake * g[i] : i == s->entry ? s->mistake * largest : 0;
}

static gt_status value_f64(void *context, const double *x, double *y, gt_error *error)
{
    const scene *s = context;
    (void)error;
    for (int i = 0; i < s->kernel->results; i++)
        y[i] = 0;
    s->kernel->value_f64(x, y);
    return GT_OK;
}

static gt_status gradient_f64(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    const scene *s = context;
    (void)error;
    s->kernel->gradient_f64(x, u, g);
    plant_f64(s, g);
    return GT_OK;
}

static gt_status value_f32(void *context, const float *x, float *y, gt_error *error)
{
    const scene *s = context;
    (void)error;
    s->kernel->value_f32(x, y);
    return GT_OK;
}

static gt_status gradient_f32(void *context, const float *x, const float *u, float *g, gt_error *error)
{
    const scene *s = context;
    float largest = 0;
    (void)error;
    s->kernel->gradient_f32(x, u, g);
    for (int i = 0; i < s->kernel->entries; i++)
        largest = fmaxf(largest, fabsf(g[i]));
    for (int i = 0; i < s->kernel->entries; i++)
        g[i] += (float)s->mistake * (s->entry < 0 ? g[i] : i == s->entry ? largest : 0);
    return GT_OK;
}

/* Doubles outside, floats inside. */
static float xs[MOST], us[64], gs[MOST];

static gt_status value_inside(void *context, const double *x, double *y, gt_error *error)
{
    const scene *s = context;
    float result[64] = {0};
    for (int i = 0; i < s->kernel->entries; i++)
        xs[i] = (float)x[i];
    value_f32(context, xs, result, error);
    for (int i = 0; i < s->kernel->results; i++)
        y[i] = (double)result[i];
    return GT_OK;
}

static gt_status gradient_inside(void *context, const double *x, const double *u, double *g, gt_error *error)
{
    const scene *s = context;
    for (int i = 0; i < s->kernel->entries; i++) {
        xs[i] = (float)x[i];
        gs[i] = 0;
    }
    for (int i = 0; i < s->kernel->results; i++)
        us[i] = (float)u[i];
    gradient_f32(context, xs, us, gs, error);
    for (int i = 0; i < s->kernel->entries; i++)
        g[i] = (double)gs[i];
    return GT_OK;
}

/* ---- points ------------------------------------------------------------------------------------- */

enum { POINTS = 4 };

/* Ordinary ones, large and small ones, and, with others, such as lie far from 0 beside each other. */
static const double *point(const kernel *k, int which, uint32_t seed)
{
    static const double scales[POINTS] = {1, 8, 1e-3, 1}, shifts[POINTS] = {0, 0, 0, 50};
    gt_random random;
    gt_random_seed(&random, seed);
    for (int i = 0; i < k->entries; i++)
        narrow_x_data[i] = shifts[which] + scales[which] * gt_random_normal(&random);
    return narrow_x_data;
}

typedef enum way { BOTH_F32, GRADIENT_F32, GRADIENT_INSIDE, ALL_INSIDE, DOUBLE, WAYS } way;

static gt_report check(scene *s, way how, const double *x, uint32_t seed)
{
    gt_report report = {0};
    gt_error error = {0};
    gt_check_options options = {.seed = seed, .projections = 2, .most_entries = s->mistake != 0 ? 2048 : 100};
    gt_check_gradient mine = {.function = how == ALL_INSIDE ? value_inside : value_f64,
                              .context = s,
                              .gradient = how == DOUBLE                                 ? gradient_f64
                                          : how == GRADIENT_INSIDE || how == ALL_INSIDE ? gradient_inside
                                                                                        : NULL,
                              .function_f32 = how == BOTH_F32 ? value_f32 : NULL,
                              .gradient_f32 = how == BOTH_F32 || how == GRADIENT_F32 ? gradient_f32 : NULL,
                              .arrays = s->kernel->arrays,
                              .array_count = s->kernel->array_count,
                              .x = x,
                              .output_count = (size_t)s->kernel->results};
    cr_assert_eq(gt_check_function(&mine, &options, &report, &error), GT_OK, "%s", error.message);
    return report;
}

static const char *text_of(const gt_report *report)
{
    static char text[4000];
    gt_report_format(report, text, sizeof text);
    return text;
}

/* Large sums are slow; fewer points and ways do for them. */
static int seeds_of(const kernel *k, way how, int which)
{
    if (k->entries > 10000)
        return which == 0 && how == BOTH_F32;
    return k->entries > 100 || k->value_f64 == fit_f64 ? how != GRADIENT_F32 : 10;
}

/* The ways in which rounding is known well enough to tell a mistake of 1e-3 at an ordinary point. */
static bool is_told(const kernel *k, way how)
{
    return how != ALL_INSIDE && (k->value_f64 != fit_f64 || how == DOUBLE);
}

Test(check_precision, right_kernels_are_never_wrong)
{
    int right = 0, all = 0;
    for (int k = 0; k < KERNELS; k++)
        for (int w = 0; w < WAYS; w++)
            for (int which = 0; which < POINTS; which++)
                for (int seed = 0; seed < seeds_of(&kernels[k], (way)w, which); seed++) {
                    scene s = {.kernel = &kernels[k]};
                    gt_report report = check(&s, (way)w, point(&kernels[k], which, (uint32_t)seed), (uint32_t)seed);
                    cr_expect_neq(report.verdict, GT_WRONG, "%s, way %d, point %d, seed %d: %s", kernels[k].name, w,
                                  which, seed, text_of(&report));
                    if (which == 0 && is_told(&kernels[k], (way)w)) {
                        cr_expect_eq(report.verdict, GT_RIGHT, "%s, way %d, seed %d: %s", kernels[k].name, w, seed,
                                     text_of(&report));
                        cr_expect_eq(report.precision, w == DOUBLE ? GT_F64 : GT_F32, "%s, way %d", kernels[k].name, w);
                    }
                    right += report.verdict == GT_RIGHT;
                    all++;
                    gt_report_free(&report);
                }
    cr_expect(right > all * 3 / 4, "%d of %d are right", right, all);
}

Test(check_precision, a_mistake_of_a_thousandth_is_wrong)
{
    for (int k = 0; k < KERNELS; k++)
        for (int w = 0; w < WAYS; w++)
            for (int seed = 0; seed < seeds_of(&kernels[k], (way)w, 0); seed++) {
                bool large = kernels[k].entries > 2048;
                scene s = {&kernels[k], 1e-3, large ? -1 : seed * 7 % kernels[k].entries};
                gt_report report = check(&s, (way)w, point(&kernels[k], 0, (uint32_t)seed), (uint32_t)seed);
                if (is_told(&kernels[k], (way)w))
                    cr_expect_eq(report.verdict, GT_WRONG, "%s, way %d, seed %d: %s", kernels[k].name, w, seed,
                                 text_of(&report));
                gt_report_free(&report);
            }
}
