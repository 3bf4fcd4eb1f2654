#include "compare/statistics.h"

#include <math.h>

int gt_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- Student's t --------------------------------------------------------------------------- */

enum { MOST_TERMS = 500 };

/* The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), after Lentz 1976. */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    d = 1 / (fabs(d) < tiny ? tiny : d);
    double value = d;
    for (int m = 1; m <= MOST_TERMS; m++) {
        for (int half = 0; half < 2; half++) {
            double term = half == 0 ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                                    : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 + term * d;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            c = 1 + term / c;
            c = fabs(c) < tiny ? tiny : c;
            value *= c * d;
        }
        if (fabs(c * d - 1) < 1e-15)
            break;
    }
    return value;
}

/* I_x(a, b), whose fraction converges fast below the mean; above it, that of the other side does. */
static double incomplete_beta(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double gt_student_p(double t, double freedom)
{
    if (isnan(t) || !(freedom > 0))
        return NAN;
    return isinf(t) ? 0 : incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double gt_student_t(double p, double freedom)
{
    double low = 0, high = 1;
    if (!(freedom > 0) || !(p > 0))
        return INFINITY;
    while (gt_student_p(high, freedom) > p && high < 1e300)
        high *= 2;
    for (int i = 0; i < 200; i++) {
        double middle = (low + high) / 2;
        if (gt_student_p(middle, freedom) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

/* ---- means --------------------------------------------------------------------------------- */

gt_estimate gt_estimate_of(const double *values, uint32_t count)
{
    gt_estimate m = {.mean = NAN, .half = NAN, .spread = NAN, .count = count};
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += values[i];
    if (count > 0)
        m.mean = sum / count;
    for (uint32_t i = 0; i < count; i++)
        squares += (values[i] - m.mean) * (values[i] - m.mean);
    if (count < 2)
        return m;
    m.spread = sqrt(squares / (count - 1));
    m.half = gt_student_t(0.05, count - 1) * m.spread / sqrt(count);
    return m;
}

double gt_paired_p(const double *a, const double *b, uint32_t count, double *difference)
{
    double sum = 0, squares = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += a[i] - b[i];
    double mean = sum / count;
    *difference = count > 0 ? mean : NAN;
    for (uint32_t i = 0; i < count; i++)
        squares += (a[i] - b[i] - mean) * (a[i] - b[i] - mean);
    if (count < 2 || isnan(mean))
        return NAN;
    if (mean == 0)
        return 1;
    return gt_student_p(mean / sqrt(squares / (count - 1) / count), count - 1);
}

/* The smallest first: each is multiplied by how many are left, and none becomes smaller than one before it. */
void gt_holm(double *p, uint32_t count)
{
    uint32_t left = 0;
    double largest = 0;
    for (uint32_t i = 0; i < count; i++)
        left += !isnan(p[i]);
    for (; left > 0; left--) {
        uint32_t next = count;
        for (uint32_t i = 0; i < count; i++)
            if (p[i] >= 0 && (next == count || p[i] < p[next]))
                next = i;
        largest = fmax(largest, fmin(p[next] * left, 1));
        p[next] = -1 - largest; /* so that it is not found again */
    }
    for (uint32_t i = 0; i < count; i++)
        p[i] = p[i] < 0 ? -1 - p[i] : p[i];
}
