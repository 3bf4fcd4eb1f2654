/* Means of a few runs, and whether they differ. */
#ifndef GT_COMPARE_STATISTICS_H
#define GT_COMPARE_STATISTICS_H

#include <stdint.h>

/* The probability that Student's t with so many degrees of freedom is farther from 0 than |t|: two-sided. */
double gt_student_p(double t, double freedom);
/* The t that this is `p` of: 4.3027 for 0.05 and 2. Infinite where there is no degree of freedom. */
double gt_student_t(double p, double freedom);

/* The order of two doubles, for qsort; of a NaN and any other: 0. */
int gt_ascending(const void *a, const void *b);

typedef struct gt_estimate {
    double mean;
    double half;   /* of its 95 % interval, by Student's t; NaN of fewer than two */
    double spread; /* the standard deviation, of n - 1; NaN of fewer than two */
    uint32_t count;
} gt_estimate;

gt_estimate gt_estimate_of(const double *values, uint32_t count);

/*
 * The two-sided p of Student's paired t-test of a[i] against b[i]; *difference is the mean of a - b. NaN of
 * fewer than two pairs; 1 where all are equal.
 */
double gt_paired_p(const double *a, const double *b, uint32_t count, double *difference);

/* Corrects p values for there being so many (Holm 1979); NaN ones are left and do not count. */
void gt_holm(double *p, uint32_t count);

#endif
