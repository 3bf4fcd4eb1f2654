/* Adam, SGD with momentum and their kin over a set of parameters. */
#include "train/optimizer.h"

#include "base/memory.h"
#include "base/types.h"

#include "gradtape/nearest.h"
#include <float.h>

#include <math.h>
#include <string.h>

/* ---- options ------------------------------------------------------------------------------- */

gt_optimizer_options gt_optimizer_defaults(gt_optimizer_kind kind)
{
    static const double rates[] = {0.001, 0.1, 0.001, 0.001, 0.01};
    return (gt_optimizer_options){
        .kind = kind,
        .schedule = {.rate = rates[kind], .last = 1},
        .beta1 = 0.9,
        .beta2 = kind == GT_OPTIMIZER_RMSPROP ? 0.99 : 0.999,
        .epsilon = kind == GT_OPTIMIZER_ADAGRAD ? 1e-10 : 1e-8,
        .momentum = 0.9,
        .weight_decay = kind == GT_OPTIMIZER_ADAMW ? 0.01 : 0,
    };
}

bool gt_optimizer_keeps_mean(gt_optimizer_kind kind)
{
    return kind == GT_OPTIMIZER_ADAM || kind == GT_OPTIMIZER_ADAMW || kind == GT_OPTIMIZER_SGD;
}

bool gt_optimizer_keeps_variance(gt_optimizer_kind kind)
{
    return kind != GT_OPTIMIZER_SGD;
}

/* The first thing that is wrong, in words; NULL if nothing is. Written so that NaN is wrong. */
static const char *find_bad_schedule(const gt_schedule *schedule)
{
    if (!(schedule->rate >= 0 && isfinite(schedule->rate)))
        return "the learning rate must be finite and not negative";
    if (schedule->warmup < 0)
        return "the warm-up cannot be negative";
    if (schedule->kind != GT_SCHEDULE_CONSTANT && schedule->length < 1)
        return "a learning rate that decays needs the number of steps over which it does";
    if (!(schedule->last >= 0 && schedule->last <= 1))
        return "the last learning rate must be a fraction of the peak, 0 to 1";
    if (schedule->kind == GT_SCHEDULE_EXPONENTIAL && schedule->last == 0)
        return "an exponential decay never reaches 0: give a last fraction above 0";
    return NULL;
}

static const char *find_bad_option(const gt_optimizer_options *options)
{
    if ((int)options->kind < GT_OPTIMIZER_ADAM || options->kind > GT_OPTIMIZER_ADAGRAD)
        return "unknown kind of optimizer";
    if (!(options->clip >= 0 && isfinite(options->clip)))
        return "the clipping norm must be finite and not negative";
    if (!(options->beta1 >= 0 && options->beta1 < 1 && options->beta2 >= 0 && options->beta2 < 1))
        return "Adam's betas must be in 0 <= beta < 1";
    if (!(options->epsilon > 0 && isfinite(options->epsilon)))
        return "the optimizer's epsilon must be finite and more than 0";
    if (!(options->momentum >= 0 && options->momentum < 1))
        return "the momentum must be in 0 <= momentum < 1";
    if (!(options->weight_decay >= 0 && isfinite(options->weight_decay)))
        return "the weight decay must be finite and not negative";
    for (uint32_t i = 0; i < options->factor_count; i++)
        if (!(options->factors[i].factor >= 0 && isfinite(options->factors[i].factor)))
            return "a factor of the learning rate must be finite and not negative";
    return find_bad_schedule(&options->schedule);
}

/* ---- life ---------------------------------------------------------------------------------- */

gt_parameters *gt_optimizer_memory(const gt_parameters *set, gt_error *error)
{
    gt_parameters *copy = gt_parameters_new(gt_parameters_dtype(set));
    for (uint32_t i = 0; copy != NULL && i < gt_parameters_count(set); i++)
        gt_parameters_add(copy, gt_parameters_name(set, i), gt_parameters_array(set, i).shape,
                          (gt_initializer){.kind = GT_INITIALIZE_ZEROS});
    if (copy != NULL && gt_parameters_status(copy) == GT_OK)
        return copy;
    gt_error_set(error, GT_ERROR_MEMORY, "no memory for the optimizer");
    gt_parameters_free(copy);
    return NULL;
}

/* "layer2.Wf" is meant by its whole name and by "Wf". */
static bool is_meant(const char *name, const char *factor)
{
    const char *dot = strrchr(name, '.');
    return strcmp(name, factor) == 0 || (dot != NULL && strcmp(dot + 1, factor) == 0);
}

static bool take_factor(gt_optimizer *optimizer, const gt_rate_factor *factor, const gt_parameters *set,
                        gt_error *error)
{
    bool found = false;
    gt_nearest nearest = {.wanted = factor->name};
    for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
        const char *name = gt_parameters_name(set, i), *dot = strrchr(name, '.');
        gt_nearest_offer(&nearest, dot == NULL ? name : dot + 1);
        if (!is_meant(name, factor->name))
            continue;
        optimizer->factors[i] = factor->factor;
        found = true;
    }
    if (!found)
        gt_error_set(error, GT_ERROR_ARGUMENT, "there is no parameter %s for which to change the learning rate%s%s",
                     factor->name, nearest.best == NULL ? "" : "; did you mean ",
                     nearest.best == NULL ? "" : nearest.best);
    return found;
}

static bool take_factors(gt_optimizer *optimizer, const gt_parameters *set, gt_error *error)
{
    const gt_optimizer_options *options = &optimizer->options;
    if (options->factor_count == 0)
        return true;
    uint32_t count = gt_parameters_count(set);
    optimizer->factors = gt_memory_new(count, sizeof *optimizer->factors);
    if (optimizer->factors == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the optimizer");
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        optimizer->factors[i] = 1;
    for (uint32_t i = 0; i < options->factor_count; i++)
        if (!take_factor(optimizer, &options->factors[i], set, error))
            return false;
    return true;
}

static bool take_memory(gt_optimizer *optimizer, const gt_parameters *set, gt_error *error)
{
    gt_optimizer_kind kind = optimizer->options.kind;
    if (gt_optimizer_keeps_mean(kind) && (optimizer->mean = gt_optimizer_memory(set, error)) == NULL)
        return false;
    return !gt_optimizer_keeps_variance(kind) || (optimizer->variance = gt_optimizer_memory(set, error)) != NULL;
}

gt_optimizer *gt_optimizer_new(const gt_optimizer_options *options, const gt_parameters *set, gt_error *error)
{
    const char *bad = find_bad_option(options);
    if (bad != NULL) {
        gt_error_set(error, GT_ERROR_ARGUMENT, "%s", bad);
        return NULL;
    }
    gt_optimizer *optimizer = gt_memory_new(1, sizeof *optimizer);
    if (optimizer == NULL) {
        gt_error_set(error, GT_ERROR_MEMORY, "no memory for the optimizer");
        return NULL;
    }
    optimizer->options = *options;
    bool good = take_factors(optimizer, set, error) && take_memory(optimizer, set, error);
    optimizer->options.factors = NULL; /* the caller's */
    if (good)
        return optimizer;
    gt_optimizer_free(optimizer);
    return NULL;
}

void gt_optimizer_free(gt_optimizer *optimizer)
{
    if (optimizer == NULL)
        return;
    gt_parameters_free(optimizer->mean);
    gt_parameters_free(optimizer->variance);
    gt_memory_free(optimizer->factors);
    gt_memory_free(optimizer);
}

int64_t gt_optimizer_steps(const gt_optimizer *optimizer)
{
    return optimizer->steps;
}

/* ---- a step -------------------------------------------------------------------------------- */

static int64_t count_of(const gt_parameters *set, uint32_t i)
{
    return gt_shape_count(gt_parameters_array(set, i).shape);
}

/* A power of two that brings `largest` near 1, so that squares neither overflow nor vanish. */
static double scale_to_one(double largest)
{
    int exponent = 0;
    frexp(largest, &exponent);
    return ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

/* The norm of all gradients together. */
static gt_status find_norm(const gt_parameters *set, const void *const *gradients, double *norm, gt_error *error)
{
    gt_dtype dtype = gt_parameters_dtype(set);
    double largest = 0, sum = 0;
    for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
        double of_array = gt_optimizer_largest(dtype, count_of(set, i), gradients[i]);
        if (!isfinite(of_array))
            return gt_error_set(error, GT_ERROR_NOT_FINITE,
                                "the gradient of %s is not finite; the step was not taken (a lower "
                                "learning rate or clipping may help)",
                                gt_parameters_name(set, i));
        if (of_array > largest)
            largest = of_array;
    }
    double scale = scale_to_one(largest);
    for (uint32_t i = 0; i < gt_parameters_count(set); i++)
        sum += gt_optimizer_squares(dtype, count_of(set, i), gradients[i], scale);
    *norm = sqrt(sum) / scale;
    return GT_OK;
}

/* Adam squares every entry in the type of the set. */
static bool can_be_squared(double norm, gt_dtype dtype)
{
    return norm < sqrt(gt_type_of(dtype)->largest);
}

static gt_optimizer_scale find_scale(const gt_optimizer *optimizer, const gt_optimizer_report *report)
{
    const gt_optimizer_options *options = &optimizer->options;
    double t = (double)(optimizer->steps + 1);
    return (gt_optimizer_scale){
        .rate = report->rate,
        .gradient = report->clipped ? options->clip / report->norm : 1,
        .correct1 = 1 - pow(options->beta1, t),
        .correct2 = 1 - pow(options->beta2, t),
        .beta1 = options->beta1,
        .beta2 = options->beta2,
        .epsilon = options->epsilon,
        .momentum = options->momentum,
    };
}

static void *memory_of(const gt_parameters *memory, uint32_t i)
{
    return memory == NULL ? NULL : gt_parameters_array(memory, i).data;
}

static void apply_to(const gt_optimizer *optimizer, gt_parameters *set, uint32_t i, const void *gradient,
                     const gt_optimizer_scale *scale)
{
    gt_dtype dtype = gt_parameters_dtype(set);
    int64_t count = count_of(set, i);
    void *parameter = gt_parameters_array(set, i).data;
    void *mean = memory_of(optimizer->mean, i), *variance = memory_of(optimizer->variance, i);
    if (scale->decay > 0)
        gt_optimizer_decay(scale, dtype, count, parameter);
    switch (optimizer->options.kind) {
    case GT_OPTIMIZER_ADAM:
    case GT_OPTIMIZER_ADAMW:
        gt_optimizer_adam(scale, dtype, count, gradient, mean, variance, parameter);
        break;
    case GT_OPTIMIZER_SGD:
        gt_optimizer_sgd(scale, dtype, count, gradient, mean, parameter);
        break;
    case GT_OPTIMIZER_RMSPROP:
        gt_optimizer_by_squares(scale, scale->beta2, 1 - scale->beta2, dtype, count, gradient, variance, parameter);
        break;
    case GT_OPTIMIZER_ADAGRAD:
        gt_optimizer_by_squares(scale, 1, 1, dtype, count, gradient, variance, parameter);
        break;
    }
}

static void apply(gt_optimizer *optimizer, gt_parameters *set, const void *const *gradients, gt_optimizer_scale scale)
{
    const double rate = scale.rate;
    for (uint32_t i = 0; i < gt_parameters_count(set); i++) {
        scale.rate = optimizer->factors == NULL ? rate : rate * optimizer->factors[i];
        scale.decay = scale.rate * optimizer->options.weight_decay;
        apply_to(optimizer, set, i, gradients[i], &scale);
    }
}

static bool same_arrays(const gt_parameters *a, const gt_parameters *b)
{
    if (gt_parameters_count(a) != gt_parameters_count(b) || gt_parameters_dtype(a) != gt_parameters_dtype(b))
        return false;
    for (uint32_t i = 0; i < gt_parameters_count(a); i++)
        if (!gt_shape_equal(gt_parameters_array(a, i).shape, gt_parameters_array(b, i).shape))
            return false;
    return true;
}

gt_status gt_optimizer_step(gt_optimizer *optimizer, gt_parameters *set, const void *const *gradients,
                            gt_optimizer_report *report, gt_error *error)
{
    if (!same_arrays(optimizer->mean != NULL ? optimizer->mean : optimizer->variance, set))
        return gt_error_set(error, GT_ERROR_ARGUMENT, "the optimizer was made for a set with other arrays");
    const gt_optimizer_options *options = &optimizer->options;
    gt_optimizer_report done = {.rate = gt_schedule_rate(&options->schedule, optimizer->steps)};
    gt_status status = find_norm(set, gradients, &done.norm, error);
    if (status != GT_OK)
        return status;
    done.clipped = options->clip > 0 && done.norm > options->clip;
    if (!can_be_squared(done.clipped ? options->clip : done.norm, gt_parameters_dtype(set)))
        return gt_error_set(error, GT_ERROR_NOT_FINITE,
                            "the gradient's norm is %g, too large for %s; the step was not taken "
                            "(a lower learning rate or clipping may help)",
                            done.norm, gt_dtype_name(gt_parameters_dtype(set)));
    gt_optimizer_scale scale = find_scale(optimizer, &done);
    apply(optimizer, set, gradients, scale);
    optimizer->steps++;
    if (report != NULL)
        *report = done;
    return GT_OK;
}
