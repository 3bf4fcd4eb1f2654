/* The arithmetic of a step over one array, for both types. */
#include "base/types.h"
#include "train/optimizer.h"

#include <math.h>

#define DEFINE_KERNELS(REAL, SUFFIX, SQRT)                                                                             \
    static void adam_##SUFFIX(const gt_optimizer_scale *s, int64_t count, const REAL *gradient, REAL *mean,            \
                              REAL *variance, REAL *parameter)                                                         \
    {                                                                                                                  \
        const REAL beta1 = (REAL)s->beta1, beta2 = (REAL)s->beta2, scale = (REAL)s->gradient;                          \
        const REAL rest1 = (REAL)(1 - s->beta1), rest2 = (REAL)(1 - s->beta2);                                         \
        const REAL rate = (REAL)(s->rate / s->correct1), epsilon = (REAL)s->epsilon;                                   \
        const REAL correct2 = (REAL)(1 / s->correct2);                                                                 \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            REAL g = gradient[i] * scale;                                                                              \
            mean[i] = beta1 * mean[i] + rest1 * g;                                                                     \
            variance[i] = beta2 * variance[i] + rest2 * g * g;                                                         \
            parameter[i] -= rate * mean[i] / (SQRT(variance[i] * correct2) + epsilon);                                 \
        }                                                                                                              \
    }                                                                                                                  \
    static void sgd_##SUFFIX(const gt_optimizer_scale *s, int64_t count, const REAL *gradient, REAL *velocity,         \
                             REAL *parameter)                                                                          \
    {                                                                                                                  \
        const REAL momentum = (REAL)s->momentum, rate = (REAL)s->rate, scale = (REAL)s->gradient;                      \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            velocity[i] = momentum * velocity[i] + gradient[i] * scale;                                                \
            parameter[i] -= rate * velocity[i];                                                                        \
        }                                                                                                              \
    }                                                                                                                  \
    static void by_squares_##SUFFIX(const gt_optimizer_scale *s, REAL kept, REAL added, int64_t count,                 \
                                    const REAL *gradient, REAL *squares, REAL *parameter)                              \
    {                                                                                                                  \
        const REAL rate = (REAL)s->rate, scale = (REAL)s->gradient, epsilon = (REAL)s->epsilon;                        \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            REAL g = gradient[i] * scale;                                                                              \
            squares[i] = kept * squares[i] + added * g * g;                                                            \
            parameter[i] -= rate * g / (SQRT(squares[i]) + epsilon);                                                   \
        }                                                                                                              \
    }                                                                                                                  \
    static void decay_##SUFFIX(const gt_optimizer_scale *s, int64_t count, REAL *parameter)                            \
    {                                                                                                                  \
        const REAL decay = (REAL)s->decay;                                                                             \
        for (int64_t i = 0; i < count; i++)                                                                            \
            parameter[i] -= decay * parameter[i];                                                                      \
    }                                                                                                                  \
    static double squares_##SUFFIX(int64_t count, const REAL *gradient, double factor)                                 \
    {                                                                                                                  \
        double sum = 0;                                                                                                \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            double g = (double)gradient[i] * factor;                                                                   \
            sum += g * g;                                                                                              \
        }                                                                                                              \
        return sum;                                                                                                    \
    }                                                                                                                  \
    static double largest_##SUFFIX(int64_t count, const REAL *gradient)                                                \
    {                                                                                                                  \
        double largest = 0;                                                                                            \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            double g = fabs((double)gradient[i]);                                                                      \
            if (!(g <= largest)) /* also takes a NaN, ... */                                                           \
                largest = g;                                                                                           \
            if (isnan(largest)) /* ... and keeps it */                                                                 \
                return largest;                                                                                        \
        }                                                                                                              \
        return largest;                                                                                                \
    }

DEFINE_KERNELS(float, f32, sqrtf)
DEFINE_KERNELS(double, f64, sqrt)

void gt_optimizer_adam(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, const void *gradient, void *mean,
                       void *variance, void *parameter)
{
    GT_FOR_REAL(dtype, adam_f64(scale, count, gradient, mean, variance, parameter),
                adam_f32(scale, count, gradient, mean, variance, parameter));
}

void gt_optimizer_sgd(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, const void *gradient,
                      void *velocity, void *parameter)
{
    GT_FOR_REAL(dtype, sgd_f64(scale, count, gradient, velocity, parameter),
                sgd_f32(scale, count, gradient, velocity, parameter));
}

void gt_optimizer_by_squares(const gt_optimizer_scale *scale, double kept, double added, gt_dtype dtype, int64_t count,
                             const void *gradient, void *squares, void *parameter)
{
    GT_FOR_REAL(dtype, by_squares_f64(scale, kept, added, count, gradient, squares, parameter),
                by_squares_f32(scale, (float)kept, (float)added, count, gradient, squares, parameter));
}

void gt_optimizer_decay(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, void *parameter)
{
    GT_FOR_REAL(dtype, decay_f64(scale, count, parameter), decay_f32(scale, count, parameter));
}

double gt_optimizer_squares(gt_dtype dtype, int64_t count, const void *gradient, double factor)
{
    GT_FOR_REAL(dtype, return squares_f64(count, gradient, factor), return squares_f32(count, gradient, factor));
    return NAN;
}

double gt_optimizer_largest(gt_dtype dtype, int64_t count, const void *gradient)
{
    GT_FOR_REAL(dtype, return largest_f64(count, gradient), return largest_f32(count, gradient));
    return NAN;
}
