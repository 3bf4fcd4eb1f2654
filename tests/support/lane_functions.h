/*
 * The functions that have approximations of their own in src/ops/vector_math.h,
 * what they ought to give, and how far off they are. Uses the library's inside.
 */
#ifndef TESTS_SUPPORT_LANE_FUNCTIONS_H
#define TESTS_SUPPORT_LANE_FUNCTIONS_H

#include "ops/levels.h"

typedef struct lane_function {
    const char *name;
    const gt_fast_kernels *kernels;
    double (*exact_f32)(double x);           /* for a float result */
    long double (*exact_f64)(long double x); /* for a double result */
    double limit_f32, limit_f64;             /* the greatest error allowed, in ulp */
} lane_function;

extern const lane_function lane_functions[];
extern const unsigned lane_function_count;

/* Runs a kernel of one level over an array. */
void lane_run_f32(const lane_function *f, unsigned level, const float *x, float *y, size_t count);
void lane_run_f64(const lane_function *f, unsigned level, const double *x, double *y, size_t count);

/*
 * |got - exact| in units of the distance between floats (doubles) at `exact`.
 * Infinite where one is NaN and the other is not, where an infinity is missed,
 * or where a zero has the wrong sign.
 */
double lane_error_f32(float got, double exact);
double lane_error_f64(double got, long double exact);

#endif
