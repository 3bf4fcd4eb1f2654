/*
 * gradtape/optimizer.h: gradient descent: Adam and others, momentum, weight decay, clipping, schedules.
 *
 *     gt_optimizer_options options = gt_optimizer_defaults(GT_OPTIMIZER_ADAM);
 *     gt_optimizer *optimizer = gt_optimizer_new(&options, set, &error);
 *     for (uint32_t i = 0; i < gt_parameters_count(set); i++)
 *         gradients[i] = gt_interpreter_value(run, gradient_vars[i]); // of each array of the set
 *     gt_optimizer_step(optimizer, set, gradients, NULL, &error);   // changes the set's arrays
 */
#ifndef GRADTAPE_OPTIMIZER_H
#define GRADTAPE_OPTIMIZER_H

#include "gradtape/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the learning rate over time ----------------------------------------------------------- */

typedef enum gt_schedule_kind {
    GT_SCHEDULE_CONSTANT = 0, /* the peak rate */
    GT_SCHEDULE_COSINE,       /* half a cosine from the peak down to its last value (Loshchilov and Hutter 2017) */
    GT_SCHEDULE_EXPONENTIAL   /* by the same factor at each step */
} gt_schedule_kind;

typedef struct gt_schedule {
    gt_schedule_kind kind;
    double rate;    /* the peak, >= 0 */
    int64_t warmup; /* steps over which the rate rises linearly to the peak; 0: none */
    int64_t length; /* steps, warm-up included, after which the last value is reached and kept */
    double last;    /* the last value as a fraction of the peak, 0 to 1; more than 0 if exponential */
} gt_schedule;

/*
 * The rate of the step with number `step`, counted from 0. In the warm-up it is
 * rate (step + 1) / warmup. With p the part of the steps behind the warm-up that
 * is done, it then is rate (last + (1 - last)(1 + cos(pi p)) / 2) for a cosine
 * and rate last ** p for an exponential.
 */
GT_API double gt_schedule_rate(const gt_schedule *schedule, int64_t step);

/* ---- the optimizer ------------------------------------------------------------------------- */

typedef enum gt_optimizer_kind {
    GT_OPTIMIZER_ADAM = 0, /* Kingma and Ba 2015, algorithm 1, with bias correction */
    GT_OPTIMIZER_SGD,      /* velocity = momentum velocity + g; p -= rate velocity (Polyak 1964) */
    GT_OPTIMIZER_ADAMW,    /* Adam, by default with weight decay (Loshchilov and Hutter 2019) */
    GT_OPTIMIZER_RMSPROP, /* v = beta2 v + (1 - beta2) g^2; p -= rate g / (sqrt(v) + epsilon) (Tieleman and Hinton 2012)
                           */
    GT_OPTIMIZER_ADAGRAD  /* v += g^2; p -= rate g / (sqrt(v) + epsilon) (Duchi et al. 2011) */
} gt_optimizer_kind;

/*
 * A learning rate of its own: the rate times `factor`, 0 and more, for the parameter of that name, or for the
 * parameters of all layers whose name ends in ".NAME".
 */
typedef struct gt_rate_factor {
    const char *name;
    double factor;
} gt_rate_factor;

typedef struct gt_optimizer_options {
    gt_optimizer_kind kind;
    gt_schedule schedule;
    double clip;                   /* gradients are scaled down to this norm, all together; 0: never */
    double beta1, beta2, epsilon;  /* Adam; beta2 and epsilon also RMSprop, epsilon also Adagrad */
    double momentum;               /* SGD, 0 <= momentum < 1 */
    double weight_decay;           /* before each step p -= rate weight_decay p, whatever the kind; >= 0 */
    const gt_rate_factor *factors; /* read by gt_optimizer_new alone; where two are for one array, the last */
    uint32_t factor_count;
} gt_optimizer_options;

/*
 * Adam: rate 0.001, beta 0.9 and 0.999, epsilon 1e-8; AdamW: also weight decay 0.01; SGD: rate 0.1, momentum
 * 0.9; RMSprop: rate 0.001, beta2 0.99; Adagrad: rate 0.01, epsilon 1e-10. Clip 0, constant rate, no factors.
 */
GT_API gt_optimizer_options gt_optimizer_defaults(gt_optimizer_kind kind);

typedef struct gt_optimizer gt_optimizer;

/* For the arrays of `set`, which must have all of them by now. NULL on an error: an option out of range, a
 * factor for a name that the set has not, no memory. */
GT_API gt_optimizer *gt_optimizer_new(const gt_optimizer_options *options, const gt_parameters *set, gt_error *error);
GT_API void gt_optimizer_free(gt_optimizer *optimizer);

/* What a step did. */
typedef struct gt_optimizer_report {
    double norm; /* of all gradients together, before clipping */
    double rate; /* the learning rate */
    bool clipped;
} gt_optimizer_report;

/*
 * One step: gradients[i] are the gradients of the i-th array of the set, in its
 * type and shape. A gradient that is not finite, or too large to be squared
 * after clipping, gives GT_ERROR_NOT_FINITE naming the array: then neither the
 * set nor the optimizer has changed. `report` may be NULL.
 */
GT_API gt_status gt_optimizer_step(gt_optimizer *optimizer, gt_parameters *set, const void *const *gradients,
                                   gt_optimizer_report *report, gt_error *error);

/* Steps taken so far, also before a store and load. */
GT_API int64_t gt_optimizer_steps(const gt_optimizer *optimizer);

/*
 * Copies what the optimizer remembers into the archive, or from it: the number
 * of steps (`PREFIXsteps`) and, for each array of the set, Adam's moments
 * (`PREFIXmean.NAME`, `PREFIXvariance.NAME`), SGD's `PREFIXvelocity.NAME`, or the squares of the
 * others (`PREFIXvariance.NAME`). On an error of loading nothing is changed.
 */
GT_API gt_status gt_optimizer_store(const gt_optimizer *optimizer, gt_archive *archive, const char *prefix,
                                    gt_error *error);
GT_API gt_status gt_optimizer_load(gt_optimizer *optimizer, const gt_archive *archive, const char *prefix,
                                   gt_error *error);

#ifdef __cplusplus
}
#endif
#endif
