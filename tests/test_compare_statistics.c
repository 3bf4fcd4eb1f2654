/* The statistics of comparisons, against closed forms and published numbers. */
#include "compare/statistics.h"

#include <criterion/criterion.h>
#include <math.h>

#define NEAR(value, expected, tolerance)                                                                               \
    cr_expect(fabs((value) - (expected)) <= (tolerance), "%.17g, not %.17g", (double)(value), (double)(expected))

/* With 1, 2 and 4 degrees of freedom Student's distribution has a closed form. */
Test(compare_statistics, student_p_is_that_of_closed_forms)
{
    const double pi = 3.14159265358979323846;
    for (double t = -30; t <= 30; t += 0.7) {
        double a = fabs(t), s = t * t / 4;
        NEAR(gt_student_p(t, 1), 1 - 2 / pi * atan(a), 1e-14);
        NEAR(gt_student_p(t, 2), 1 - a / sqrt(2 + t * t), 1e-14);
        NEAR(gt_student_p(t, 4), 1 - 0.75 * a / sqrt(1 + s) * (1 - s / (3 * (1 + s))), 1e-14);
    }
    NEAR(gt_student_p(0, 7), 1, 0);
    NEAR(gt_student_p(INFINITY, 7), 0, 0);
    cr_expect(isnan(gt_student_p(NAN, 7)) && isnan(gt_student_p(1, 0)));
    NEAR(gt_student_p(1.959963984540054, 1e7), 0.05, 1e-7); /* the normal distribution */
}

/* Of closed forms, and of the usual table. */
Test(compare_statistics, student_t_is_that_of_the_table)
{
    NEAR(gt_student_t(0.05, 1), tan(0.475 * 3.14159265358979323846), 1e-11);
    NEAR(gt_student_t(0.05, 2), sqrt(2 * 0.9025 / 0.0975), 1e-14);
    NEAR(gt_student_t(0.05, 4), 2.7764451051977987, 1e-11);
    NEAR(gt_student_t(0.05, 9), 2.262157, 5e-7);
    NEAR(gt_student_t(0.05, 30), 2.042272, 5e-7);
    NEAR(gt_student_t(0.01, 5), 4.032143, 5e-7);
    cr_expect(isinf(gt_student_t(0.05, 0)));
}

/* The hours of sleep of Student 1908, as R's documentation of t.test computes them. */
Test(compare_statistics, paired_test_of_students_sleep)
{
    const double first[] = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
    const double second[] = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
    double difference, differences[10];
    NEAR(gt_paired_p(first, second, 10, &difference), 0.00283289, 5e-9);
    NEAR(difference, -1.58, 1e-12);
    for (int i = 0; i < 10; i++)
        differences[i] = first[i] - second[i];
    gt_estimate estimate = gt_estimate_of(differences, 10);
    NEAR(estimate.mean - estimate.half, -2.4598858, 5e-8);
    NEAR(estimate.mean + estimate.half, -0.7001142, 5e-8);
}

Test(compare_statistics, means_of_few)
{
    const double values[] = {1, 2, 6};
    gt_estimate e = gt_estimate_of(values, 3); /* by hand: 3, sqrt(7), 4.3027 sqrt(7 / 3) */
    NEAR(e.mean, 3, 0);
    NEAR(e.spread, sqrt(7), 1e-15);
    NEAR(e.half, sqrt(2 * 0.9025 / 0.0975) * sqrt(7.0 / 3), 1e-13);
    e = gt_estimate_of(values, 1);
    cr_expect(e.mean == 1 && isnan(e.half) && isnan(e.spread));
    cr_expect(isnan(gt_estimate_of(values, 0).mean));
    const double broken[] = {1, NAN};
    e = gt_estimate_of(broken, 2);
    cr_expect(isnan(e.mean) && isnan(e.half));
}

Test(compare_statistics, pairs_that_tell_nothing_or_all)
{
    const double a[] = {1, 2, 3}, up[] = {2, 3, 4}, with_nan[] = {1, NAN, 3};
    double difference;
    NEAR(gt_paired_p(a, a, 3, &difference), 1, 0);
    NEAR(difference, 0, 0);
    NEAR(gt_paired_p(up, a, 3, &difference), 0, 0); /* always by the same */
    NEAR(difference, 1, 0);
    cr_expect(isnan(gt_paired_p(up, a, 1, &difference)));
    NEAR(difference, 1, 0);
    cr_expect(isnan(gt_paired_p(a, with_nan, 3, &difference)));
}

/* R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") */
Test(compare_statistics, holm_is_that_of_r)
{
    double p[] = {0.01, 0.04, NAN, 0.03, 0.005}, large[] = {0.9, 0.8}, equal[] = {0.02, 0.02, 0};
    gt_holm(p, 5);
    NEAR(p[0], 0.03, 1e-15);
    NEAR(p[1], 0.06, 1e-15);
    cr_expect(isnan(p[2]));
    NEAR(p[3], 0.06, 1e-15);
    NEAR(p[4], 0.02, 1e-15);
    gt_holm(large, 2);
    NEAR(large[0], 1, 0);
    NEAR(large[1], 1, 0);
    gt_holm(equal, 3);
    NEAR(equal[0], 0.04, 1e-15);
    NEAR(equal[1], 0.04, 1e-15);
    NEAR(equal[2], 0, 0);
}
