/* Optimizers: against formulas written out, against known sequences, and at their limits. */
#include "gradtape.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the learning rate --------------------------------------------------------------------- */

static void expect_rate(gt_schedule s, int64_t step, double expected)
{
    double rate = gt_schedule_rate(&s, step);
    cr_expect(fabs(rate - expected) <= 1e-15 * fabs(expected) + 1e-18, "step %d: %.17g, not %.17g", (int)step, rate,
              expected);
}

Test(schedule, warm_up_then_constant)
{
    gt_schedule s = {GT_SCHEDULE_CONSTANT, .rate = 0.8, .warmup = 4};
    expect_rate(s, 0, 0.2);
    expect_rate(s, 1, 0.4);
    expect_rate(s, 3, 0.8);
    expect_rate(s, 4, 0.8);
    expect_rate(s, 1000000, 0.8);
    s.warmup = 0;
    expect_rate(s, 0, 0.8);
}

Test(schedule, cosine)
{
    gt_schedule s = {GT_SCHEDULE_COSINE, .rate = 2, .warmup = 10, .length = 110, .last = 0.1};
    expect_rate(s, 9, 2);
    expect_rate(s, 10, 2);
    expect_rate(s, 60, 2 * 0.55);
    expect_rate(s, 35, 2 * (0.1 + 0.45 * (1 + sqrt(0.5))));
    expect_rate(s, 110, 0.2);
    expect_rate(s, 111, 0.2);
    double previous = 3;
    for (int64_t step = 10; step <= 110; step++) {
        cr_assert(gt_schedule_rate(&s, step) < previous);
        previous = gt_schedule_rate(&s, step);
    }
}

Test(schedule, exponential)
{
    gt_schedule s = {GT_SCHEDULE_EXPONENTIAL, .rate = 1, .warmup = 0, .length = 100, .last = 0.01};
    expect_rate(s, 0, 1);
    expect_rate(s, 50, 0.1);
    expect_rate(s, 100, 0.01);
    for (int64_t step = 0; step < 99; step++) {
        double factor = gt_schedule_rate(&s, step + 1) / gt_schedule_rate(&s, step);
        cr_assert(fabs(factor - pow(0.01, 0.01)) <= 1e-14);
    }
}

/* A warm-up longer than the decay is no division by zero. */
Test(schedule, a_decay_without_room)
{
    gt_schedule s = {GT_SCHEDULE_COSINE, .rate = 1, .warmup = 10, .length = 5, .last = 0.5};
    for (int64_t step = 0; step < 20; step++)
        cr_assert(gt_schedule_rate(&s, step) > 0 && gt_schedule_rate(&s, step) <= 1);
}

/* ---- a set with two arrays ----------------------------------------------------------------- */

static gt_parameters *make_set(gt_dtype dtype)
{
    gt_parameters *set = gt_parameters_new(dtype);
    gt_parameters_add(set, "W", GT_SHAPE(3, 2), (gt_initializer){.kind = GT_INITIALIZE_NORMAL, .a = 1, .b = 0});
    gt_parameters_add(set, "b", GT_SHAPE(2), (gt_initializer){.kind = GT_INITIALIZE_UNIFORM, .a = -1, .b = 1});
    gt_parameters_initialize(set, 7);
    cr_assert(gt_parameters_status(set) == GT_OK);
    return set;
}

static double entry(const gt_parameters *set, uint32_t i, int k)
{
    gt_array array = gt_parameters_array(set, i);
    return array.dtype == GT_F32 ? (double)((float *)array.data)[k] : ((double *)array.data)[k];
}

typedef struct gradient {
    double f64[8];
    float f32[8];
    const void *lists[2];
} gradient;

/* The gradients of step t: 6 entries for W, 2 for b. */
static void fill(gradient *g, int t, gt_dtype dtype, double scale)
{
    for (int k = 0; k < 8; k++) {
        g->f64[k] = scale * sin(1.7 * k + 0.9 * t) * (k + 1);
        g->f32[k] = (float)g->f64[k];
    }
    g->lists[0] = dtype == GT_F32 ? (void *)g->f32 : (void *)g->f64;
    g->lists[1] = dtype == GT_F32 ? (void *)(g->f32 + 6) : (void *)(g->f64 + 6);
}

/* ---- against the formulas ------------------------------------------------------------------ */

/* Algorithm 1 of Kingma and Ba, line by line, in double. */
static void adam_by_hand(double *p, double *m, double *v, double g, int t, double rate)
{
    *m = 0.9 * *m + (1 - 0.9) * g;
    *v = 0.999 * *v + (1 - 0.999) * g * g;
    double m_hat = *m / (1 - pow(0.9, t)), v_hat = *v / (1 - pow(0.999, t));
    *p -= rate * m_hat / (sqrt(v_hat) + 1e-8);
}

static void sgd_by_hand(double *p, double *velocity, double g, double rate)
{
    *velocity = 0.9 * *velocity + g;
    *p -= rate * *velocity;
}

/* Both have squares in `v`; the paper's weight decay comes first. */
static void squares_by_hand(double *p, double *v, double g, double kept, double added, double rate, double epsilon)
{
    *v = kept * *v + added * g * g;
    *p -= rate * g / (sqrt(*v) + epsilon);
}

/* One entry's step; of AdamW with its usual decay. */
static void step_by_hand(gt_optimizer_kind kind, double *p, double *m, double *v, double g, int t)
{
    switch (kind) {
    case GT_OPTIMIZER_ADAMW:
        *p -= 0.001 * 0.01 * *p;
        adam_by_hand(p, m, v, g, t, 0.001);
        break;
    case GT_OPTIMIZER_ADAM:
        adam_by_hand(p, m, v, g, t, 0.001);
        break;
    case GT_OPTIMIZER_SGD:
        sgd_by_hand(p, m, g, 0.1);
        break;
    case GT_OPTIMIZER_RMSPROP:
        squares_by_hand(p, v, g, 0.99, 1 - 0.99, 0.001, 1e-8);
        break;
    case GT_OPTIMIZER_ADAGRAD:
        squares_by_hand(p, v, g, 1, 1, 0.01, 1e-10);
        break;
    }
}

static void compare_with_hand(gt_optimizer_kind kind, gt_dtype dtype, double clip, double tolerance)
{
    gt_optimizer_options options = gt_optimizer_defaults(kind);
    options.clip = clip;
    gt_parameters *set = make_set(dtype);
    gt_error error = {0};
    gt_optimizer *optimizer = gt_optimizer_new(&options, set, &error);
    cr_assert_not_null(optimizer, "%s", error.message);
    double p[8], m[8] = {0}, v[8] = {0};
    for (int k = 0; k < 8; k++)
        p[k] = entry(set, k < 6 ? 0 : 1, k < 6 ? k : k - 6);
    for (int t = 1; t <= 50; t++) {
        gradient g;
        fill(&g, t, dtype, 0.3);
        double norm = 0;
        for (int k = 0; k < 8; k++)
            norm += g.f64[k] * g.f64[k];
        norm = sqrt(norm);
        double scale = clip > 0 && norm > clip ? clip / norm : 1;
        gt_optimizer_report report;
        cr_assert(gt_optimizer_step(optimizer, set, g.lists, &report, &error) == GT_OK);
        cr_expect(fabs(report.norm - norm) <= tolerance * norm);
        cr_expect(report.clipped == (scale < 1));
        for (int k = 0; k < 8; k++) {
            step_by_hand(kind, &p[k], &m[k], &v[k], g.f64[k] * scale, t);
            double value = entry(set, k < 6 ? 0 : 1, k < 6 ? k : k - 6);
            cr_assert(fabs(value - p[k]) <= tolerance * (1 + fabs(p[k])), "step %d, entry %d: %.17g, not %.17g", t, k,
                      value, p[k]);
        }
    }
    cr_expect(gt_optimizer_steps(optimizer) == 50);
    gt_optimizer_free(optimizer);
    gt_parameters_free(set);
}

Test(optimizer, adam_follows_its_formulas)
{
    compare_with_hand(GT_OPTIMIZER_ADAM, GT_F64, 0, 1e-13);
    compare_with_hand(GT_OPTIMIZER_ADAM, GT_F64, 1.5, 1e-13);
    compare_with_hand(GT_OPTIMIZER_ADAM, GT_F32, 0, 1e-5);
}

Test(optimizer, the_others_follow_their_formulas)
{
    for (int kind = GT_OPTIMIZER_ADAMW; kind <= GT_OPTIMIZER_ADAGRAD; kind++) {
        compare_with_hand((gt_optimizer_kind)kind, GT_F64, 0, 1e-13);
        compare_with_hand((gt_optimizer_kind)kind, GT_F64, 1.5, 1e-13);
        compare_with_hand((gt_optimizer_kind)kind, GT_F32, 0, 1e-5);
    }
}

/* Half the rate moves a parameter half as far in the first step of SGD; a rate of 0 leaves it. */
Test(optimizer, a_parameter_has_a_rate_of_its_own)
{
    gt_parameters *set = make_set(GT_F64), *plain = make_set(GT_F64);
    const gt_rate_factor factors[] = {{gt_parameters_name(set, 0), 0.5}, {gt_parameters_name(set, 1), 0}};
    gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_SGD);
    gt_error error = {0};
    gt_optimizer *without = gt_optimizer_new(&options, plain, &error);
    options.factors = factors;
    options.factor_count = 2;
    gt_optimizer *with = gt_optimizer_new(&options, set, &error);
    cr_assert(with != NULL && without != NULL, "%s", error.message);
    gradient g;
    fill(&g, 1, GT_F64, 0.3);
    double before = entry(set, 0, 3), kept = entry(set, 1, 1);
    cr_assert(gt_optimizer_step(with, set, g.lists, NULL, &error) == GT_OK);
    cr_assert(gt_optimizer_step(without, plain, g.lists, NULL, &error) == GT_OK);
    cr_expect(fabs((entry(set, 0, 3) - before) - (entry(plain, 0, 3) - before) / 2) < 1e-15);
    cr_expect(entry(set, 1, 1) == kept && entry(plain, 1, 1) != kept);
    const gt_rate_factor unknown = {"nobody", 1}, negative = {gt_parameters_name(set, 0), -1};
    options.factors = &unknown;
    options.factor_count = 1;
    cr_expect_null(gt_optimizer_new(&options, set, &error));
    cr_expect_not_null(strstr(error.message, "there is no parameter nobody"), "%s", error.message);
    options.factors = &negative;
    cr_expect_null(gt_optimizer_new(&options, set, &error));
    gt_optimizer_free(with);
    gt_optimizer_free(without);
    gt_parameters_free(set);
    gt_parameters_free(plain);
}

Test(optimizer, sgd_follows_its_formulas)
{
    compare_with_hand(GT_OPTIMIZER_SGD, GT_F64, 0, 1e-13);
    compare_with_hand(GT_OPTIMIZER_SGD, GT_F64, 1.5, 1e-13);
    compare_with_hand(GT_OPTIMIZER_SGD, GT_F32, 0, 1e-5);
}

/* The first step of Adam has the size of the learning rate, whatever the gradient: bias correction. */
Test(optimizer, the_first_step_of_adam_is_the_learning_rate)
{
    for (double scale = 1e-3; scale <= 1e6; scale *= 1000) {
        gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
        gt_parameters *set = make_set(GT_F64);
        gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
        double before = entry(set, 0, 3);
        gradient g;
        fill(&g, 1, GT_F64, scale);
        cr_assert(gt_optimizer_step(optimizer, set, g.lists, NULL, NULL) == GT_OK);
        cr_expect(fabs(fabs(entry(set, 0, 3) - before) - 0.001) <= 2e-8);
        gt_optimizer_free(optimizer);
        gt_parameters_free(set);
    }
}

/* A valley that bends: both find its bottom from any start. */
Test(optimizer, both_minimize)
{
    for (int kind = GT_OPTIMIZER_ADAM; kind <= GT_OPTIMIZER_SGD; kind++) {
        gt_optimizer_options options = gt_optimizer_defaults((gt_optimizer_kind)kind);
        options.schedule = (gt_schedule){GT_SCHEDULE_COSINE, .rate = kind == GT_OPTIMIZER_ADAM ? 0.05 : 0.01,
                                         .warmup = 10, .length = 2000, .last = 0};
        gt_parameters *set = make_set(GT_F64);
        gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
        for (int t = 0; t < 2000; t++) {
            double g[8];
            for (int k = 0; k < 8; k++) {
                double x = entry(set, k < 6 ? 0 : 1, k < 6 ? k : k - 6) - 0.25 * k;
                g[k] = 2 * (k + 1) * x; /* of (k + 1) x^2 */
            }
            const void *lists[] = {g, g + 6};
            cr_assert(gt_optimizer_step(optimizer, set, lists, NULL, NULL) == GT_OK);
        }
        for (int k = 0; k < 8; k++)
            cr_expect(fabs(entry(set, k < 6 ? 0 : 1, k < 6 ? k : k - 6) - 0.25 * k) <= 1e-6);
        gt_optimizer_free(optimizer);
        gt_parameters_free(set);
    }
}

/* ---- gradients that are no good ------------------------------------------------------------ */

static void expect_unchanged_after(gt_dtype dtype, double bad, double clip, bool refused)
{
    for (int kind = GT_OPTIMIZER_ADAM; kind <= GT_OPTIMIZER_ADAGRAD; kind++) {
        gt_optimizer_options options = gt_optimizer_defaults((gt_optimizer_kind)kind);
        options.clip = clip;
        gt_parameters *set = make_set(dtype), *twin = make_set(dtype);
        gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
        gt_optimizer *other = gt_optimizer_new(&options, twin, NULL);
        gradient g;
        fill(&g, 1, dtype, 1);
        gt_optimizer_step(optimizer, set, g.lists, NULL, NULL);
        gt_optimizer_step(other, twin, g.lists, NULL, NULL);

        gradient spoilt = g;
        spoilt.lists[0] = dtype == GT_F32 ? (void *)spoilt.f32 : (void *)spoilt.f64;
        spoilt.lists[1] = dtype == GT_F32 ? (void *)(spoilt.f32 + 6) : (void *)(spoilt.f64 + 6);
        spoilt.f64[7] = bad;
        spoilt.f32[7] = (float)bad;
        gt_error error = {0};
        gt_optimizer_report report = {.norm = -1};
        gt_status status = gt_optimizer_step(optimizer, set, spoilt.lists, &report, &error);
        cr_expect(status == (refused ? GT_ERROR_NOT_FINITE : GT_OK), "%g: %s", bad, error.message);
        cr_expect(!refused || report.norm == -1);
        cr_expect(gt_optimizer_steps(optimizer) == (refused ? 1 : 2));
        cr_expect(!refused || isfinite(bad) || strstr(error.message, "gradient of b") != NULL, "%s", error.message);

        /* The next step must be as if the bad one had never been. */
        fill(&g, 2, dtype, 1);
        gt_optimizer_step(optimizer, set, g.lists, NULL, NULL);
        gt_optimizer_step(other, twin, g.lists, NULL, NULL);
        for (int k = 0; k < 6 && refused; k++)
            cr_assert(entry(set, 0, k) == entry(twin, 0, k));
        for (int k = 0; k < 6; k++)
            cr_assert(isfinite(entry(set, 0, k)));
        gt_optimizer_free(optimizer);
        gt_optimizer_free(other);
        gt_parameters_free(set);
        gt_parameters_free(twin);
    }
}

Test(optimizer, a_gradient_that_is_not_finite_changes_nothing)
{
    for (int dtype = GT_F64; dtype <= GT_F32; dtype++)
        for (int clipped = 0; clipped < 2; clipped++) {
            expect_unchanged_after((gt_dtype)dtype, (double)NAN, clipped, true);
            expect_unchanged_after((gt_dtype)dtype, (double)INFINITY, clipped, true);
            expect_unchanged_after((gt_dtype)dtype, (double)-INFINITY, clipped, true);
        }
}

/* Finite, but its square is not: fine when clipped, refused otherwise. */
Test(optimizer, a_gradient_too_large_to_be_squared)
{
    expect_unchanged_after(GT_F32, 1e30, 0, true);
    expect_unchanged_after(GT_F32, 1e30, 1, false);
    expect_unchanged_after(GT_F64, 1e300, 0, true);
    expect_unchanged_after(GT_F64, 1e300, 1, false);
}

Test(optimizer, clipping_of_tiny_and_huge_norms)
{
    for (double scale = 1e-320; scale < 1e306; scale *= 1e20) {
        gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_SGD);
        options.clip = 1;
        options.schedule.rate = 1;
        gt_parameters *set = make_set(GT_F64);
        gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
        double g[8] = {3 * scale, 0, 0, 0, 0, 0, 4 * scale, 0}, before = entry(set, 0, 0);
        const void *lists[] = {g, g + 6};
        gt_optimizer_report report;
        cr_assert(gt_optimizer_step(optimizer, set, lists, &report, NULL) == GT_OK);
        /* Subnormal numbers have few digits. */
        cr_expect(fabs(report.norm - 5 * scale) <= (scale < 1e-300 ? 1e-2 : 1e-14) * 5 * scale, "%g: %g", scale,
                  report.norm);
        double expected = 5 * scale > 1 ? 0.6 : 3 * scale;
        cr_expect(fabs(before - entry(set, 0, 0) - expected) <= 1e-14, "%g", scale);
        gt_optimizer_free(optimizer);
        gt_parameters_free(set);
    }
}

/* ---- stored and loaded --------------------------------------------------------------------- */

static gt_archive *store(const gt_optimizer *optimizer)
{
    gt_archive *archive = gt_archive_new();
    gt_error error = {0};
    cr_assert(gt_optimizer_store(optimizer, archive, "o/", &error) == GT_OK, "%s", error.message);
    return archive;
}

Test(optimizer, goes_on_bit_for_bit_after_store_and_load)
{
    for (int kind = GT_OPTIMIZER_ADAM; kind <= GT_OPTIMIZER_ADAGRAD; kind++)
        for (int dtype = GT_F64; dtype <= GT_F32; dtype++) {
            gt_optimizer_options options = gt_optimizer_defaults((gt_optimizer_kind)kind);
            options.schedule = (gt_schedule){GT_SCHEDULE_COSINE, 0.01, 5, 40, 0.1};
            gt_parameters *set = make_set((gt_dtype)dtype), *twin = make_set((gt_dtype)dtype);
            gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
            gradient g;
            for (int t = 0; t < 15; t++) {
                fill(&g, t, (gt_dtype)dtype, 1);
                gt_optimizer_step(optimizer, set, g.lists, NULL, NULL);
                gt_optimizer_step(optimizer, set, g.lists, NULL, NULL);
            }
            gt_archive *archive = store(optimizer);
            gt_error error = {0};
            gt_optimizer *copy = gt_optimizer_new(&options, twin, NULL);
            cr_assert(gt_optimizer_load(copy, archive, "o/", &error) == GT_OK, "%s", error.message);
            cr_expect(gt_optimizer_steps(copy) == 30);
            for (uint32_t i = 0; i < 2; i++)
                memcpy(gt_parameters_array(twin, i).data, gt_parameters_array(set, i).data,
                       (i == 0 ? 6 : 2) * gt_dtype_size((gt_dtype)dtype));
            for (int t = 15; t < 30; t++) {
                fill(&g, t, (gt_dtype)dtype, 1);
                gt_optimizer_step(optimizer, set, g.lists, NULL, NULL);
                gt_optimizer_step(copy, twin, g.lists, NULL, NULL);
                for (int k = 0; k < 6; k++)
                    cr_assert(entry(set, 0, k) == entry(twin, 0, k));
            }
            gt_archive_free(archive);
            gt_optimizer_free(optimizer);
            gt_optimizer_free(copy);
            gt_parameters_free(set);
            gt_parameters_free(twin);
        }
}

/* Puts one number in place of what is stored under a name, or under a name of its own. */
static void spoil(gt_archive *archive, const char *name, double value, gt_shape shape)
{
    double data[6] = {value, value, value, value, value, value};
    cr_assert(gt_archive_add(archive, name, (gt_array){data, GT_F64, shape}, NULL) == GT_OK);
}

Test(optimizer, what_cannot_be_is_not_loaded)
{
    static const struct {
        const char *name;
        double value;
        const char *words;
    } cases[] = {
        {"o/steps", -1, "o/steps"},
        {"o/steps", 1.5, "o/steps"},
        {"o/steps", 1e300, "o/steps"},
        {"o/steps", (double)NAN, "o/steps"},
        {"o/variance.W", -1, "variance of W is negative"},
        {"o/mean.W", (double)INFINITY, "W"},
    };
    gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    gt_parameters *set = make_set(GT_F64);
    gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
    gradient g;
    fill(&g, 1, GT_F64, 1);
    gt_optimizer_step(optimizer, set, g.lists, NULL, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gt_archive *archive = store(optimizer);
        bool steps = strcmp(cases[i].name, "o/steps") == 0;
        spoil(archive, cases[i].name, cases[i].value, steps ? GT_SCALAR : GT_SHAPE(3, 2));
        gt_error error = {0};
        cr_expect(gt_optimizer_load(optimizer, archive, "o/", &error) != GT_OK, "%s = %g", cases[i].name,
                  cases[i].value);
        cr_expect(strstr(error.message, cases[i].words) != NULL, "%s", error.message);
        cr_expect(gt_optimizer_steps(optimizer) == 1);
        gt_archive_free(archive);
    }
    gt_archive *archive = gt_archive_new();
    gt_error error = {0};
    cr_expect(gt_optimizer_load(optimizer, archive, "o/", &error) != GT_OK);
    cr_expect(strstr(error.message, "o/steps is missing") != NULL, "%s", error.message);
    gt_archive_free(archive);
    gt_optimizer_free(optimizer);
    gt_parameters_free(set);
}

/* ---- options ------------------------------------------------------------------------------- */

Test(optimizer, wrong_options_are_refused)
{
    gt_parameters *set = make_set(GT_F64);
    for (int i = 0; i < 12; i++) {
        gt_optimizer_options o = gt_optimizer_defaults(i % 2 == 0 ? GT_OPTIMIZER_ADAM : GT_OPTIMIZER_SGD);
        const char *words = NULL;
        switch (i) {
        case 0:
            o.schedule.rate = -1, words = "learning rate";
            break;
        case 1:
            o.schedule.rate = (double)NAN, words = "learning rate";
            break;
        case 2:
            o.clip = -1, words = "clipping";
            break;
        case 3:
            o.clip = (double)NAN, words = "clipping";
            break;
        case 4:
            o.beta1 = 1, words = "betas";
            break;
        case 5:
            o.momentum = 1, words = "momentum";
            break;
        case 6:
            o.beta2 = (double)NAN, words = "betas";
            break;
        case 7:
            o.momentum = (double)NAN, words = "momentum";
            break;
        case 8:
            o.epsilon = 0, words = "epsilon";
            break;
        case 9:
            o.schedule.warmup = -1, words = "warm-up";
            break;
        case 10:
            o.schedule.kind = GT_SCHEDULE_COSINE, words = "number of steps";
            break;
        default:
            o.schedule = (gt_schedule){GT_SCHEDULE_EXPONENTIAL, 1, 0, 10, 0};
            words = "never reaches 0";
            break;
        }
        gt_error error = {0};
        cr_expect_null(gt_optimizer_new(&o, set, &error));
        cr_expect(error.status == GT_ERROR_ARGUMENT && strstr(error.message, words) != NULL, "%d: %s", i,
                  error.message);
    }
    gt_parameters_free(set);
}

Test(optimizer, a_set_of_other_arrays_is_refused)
{
    gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
    gt_parameters *set = make_set(GT_F64), *other = make_set(GT_F32);
    gt_optimizer *optimizer = gt_optimizer_new(&options, set, NULL);
    gradient g;
    fill(&g, 1, GT_F64, 1);
    cr_expect(gt_optimizer_step(optimizer, other, g.lists, NULL, NULL) == GT_ERROR_ARGUMENT);
    gt_parameters_add(set, "more", GT_SHAPE(1), (gt_initializer){0});
    cr_expect(gt_optimizer_step(optimizer, set, g.lists, NULL, NULL) == GT_ERROR_ARGUMENT);
    gt_optimizer_free(optimizer);
    gt_optimizer_free(NULL);
    gt_parameters_free(set);
    gt_parameters_free(other);
}

/* A constant rate reads no length, whatever it is. */
Test(optimizer, a_constant_rate_has_no_length)
{
    const int64_t lengths[] = {0, -1, INT64_MIN, INT64_MAX};
    for (int i = 0; i < 4; i++) {
        const gt_schedule schedule = {.kind = GT_SCHEDULE_CONSTANT, .rate = 0.5, .warmup = 2, .length = lengths[i]};
        cr_expect_eq(gt_schedule_rate(&schedule, 0), 0.25);
        cr_expect_eq(gt_schedule_rate(&schedule, 5), 0.5);
    }
}
