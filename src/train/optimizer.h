/* What an optimizer remembers. */
#ifndef GT_TRAIN_OPTIMIZER_H
#define GT_TRAIN_OPTIMIZER_H

#include "gradtape/optimizer.h"

/* Adam keeps means and variances of the gradients, SGD velocities in `mean`, the others squares in `variance`. */
struct gt_optimizer {
    gt_optimizer_options options;
    int64_t steps;
    gt_parameters *mean, *variance; /* same names and shapes as the set; NULL where the kind has none */
    double *factors;                /* of the rate, for each array; NULL: all 1 */
};

/* What a kind of optimizer keeps. */
bool gt_optimizer_keeps_mean(gt_optimizer_kind kind);
bool gt_optimizer_keeps_variance(gt_optimizer_kind kind);

/* A set of zeros with the names and shapes of another; NULL on no memory. */
gt_parameters *gt_optimizer_memory(const gt_parameters *set, gt_error *error);

/* The numbers of one step, the same for every array. */
typedef struct gt_optimizer_scale {
    double rate, gradient;     /* the learning rate; the factor that clips */
    double correct1, correct2; /* 1 - beta1 ** t, 1 - beta2 ** t */
    double beta1, beta2, epsilon, momentum;
    double decay; /* rate times weight decay */
} gt_optimizer_scale;

/* One array of `count` entries, in place. */
void gt_optimizer_adam(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, const void *gradient, void *mean,
                       void *variance, void *parameter);
void gt_optimizer_sgd(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, const void *gradient,
                      void *velocity, void *parameter);
/* v = kept v + added g^2, with (beta2, 1 - beta2) for RMSprop and (1, 1) for Adagrad. */
void gt_optimizer_by_squares(const gt_optimizer_scale *scale, double kept, double added, gt_dtype dtype, int64_t count,
                             const void *gradient, void *squares, void *parameter);
/* parameter -= scale->decay parameter */
void gt_optimizer_decay(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, void *parameter);
/* The sum of (entry factor)^2, in double; a NaN or an infinity where an entry is one. */
double gt_optimizer_squares(gt_dtype dtype, int64_t count, const void *gradient, double factor);
/* The largest magnitude; NaN where an entry is one. */
double gt_optimizer_largest(gt_dtype dtype, int64_t count, const void *gradient);

#endif
