/* What an optimizer remembers. */
#ifndef GT_TRAIN_OPTIMIZER_H
#define GT_TRAIN_OPTIMIZER_H

#include "gradtape/optimizer.h"

/* Adam keeps means and variances of the gradients; SGD keeps velocities in `mean` alone. */
struct gt_optimizer {
    gt_optimizer_options options;
    int64_t steps;
    gt_parameters *mean, *variance; /* same names and shapes as the set; variance NULL for SGD */
};

/* A set of zeros with the names and shapes of another; NULL on no memory. */
gt_parameters *gt_optimizer_memory(const gt_parameters *set, gt_error *error);

/* The numbers of one step, the same for every array. */
typedef struct gt_optimizer_scale {
    double rate, gradient;     /* the learning rate; the factor that clips */
    double correct1, correct2; /* 1 - beta1 ** t, 1 - beta2 ** t */
    double beta1, beta2, epsilon, momentum;
} gt_optimizer_scale;

/* One array of `count` entries, in place. */
void gt_optimizer_adam(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, const void *gradient, void *mean,
                       void *variance, void *parameter);
void gt_optimizer_sgd(const gt_optimizer_scale *scale, gt_dtype dtype, int64_t count, const void *gradient,
                      void *velocity, void *parameter);
/* The sum of (entry factor)^2, in double; a NaN or an infinity where an entry is one. */
double gt_optimizer_squares(gt_dtype dtype, int64_t count, const void *gradient, double factor);
/* The largest magnitude; NaN where an entry is one. */
double gt_optimizer_largest(gt_dtype dtype, int64_t count, const void *gradient);

#endif
