/*
 * What cells draw in training. The numbers depend on the seed, the iteration, the name of the array and
 * the place of the entry in the whole batch alone: the same for any number of processes, and after --resume.
 */
#include "train/trainer.h"

#include <string.h>

gt_status gt_trainer_prepare_draws(gt_trainer *trainer, gt_error *error)
{
    const gt_train_options *o = &trainer->options;
    const gt_runner *runner = trainer->learner;
    if (runner->pass.draws == NULL || trainer->exchange == NULL)
        return GT_OK;
    trainer->draws = gt_parameters_new(gt_parameters_dtype(o->parameters));
    if (trainer->draws == NULL)
        return gt_error_set(error, GT_ERROR_MEMORY, "no memory for what the cell draws");
    return gt_network_declare_draws(o->network, trainer->training.lanes, runner->form.steps, trainer->draws, error);
}

/* The lanes of this process. */
static void take_share(const gt_trainer *trainer)
{
    const gt_share share = trainer->training.share;
    for (uint32_t i = 0; i < gt_parameters_count(trainer->draws); i++) {
        gt_array all = gt_parameters_array(trainer->draws, i), own = gt_parameters_array(trainer->learner->draws, i);
        size_t column = (size_t)all.shape.size[0] * gt_dtype_size(all.dtype);
        for (int64_t t = 0; t < all.shape.size[2]; t++)
            memcpy((char *)own.data + (size_t)(t * share.count) * column,
                   (const char *)all.data + (size_t)(t * all.shape.size[1] + share.first) * column,
                   (size_t)share.count * column);
    }
}

/* Numbers of its own for each iteration: the mixer of SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t seed_of(uint64_t seed, int64_t iteration)
{
    uint64_t z = seed + ((uint64_t)iteration + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

gt_status gt_trainer_draw(gt_trainer *trainer, gt_error *error)
{
    const gt_train_options *o = &trainer->options;
    const uint64_t seed = seed_of(o->seed, trainer->iteration);
    gt_parameters *draws = trainer->draws != NULL ? trainer->draws : trainer->learner->draws;
    gt_status status = gt_network_draw_states(o->network, seed, o->states, error);
    if (status == GT_OK && gt_parameters_initialize(draws, seed) != GT_OK)
        status = gt_error_set(error, gt_parameters_status(draws), "%s", gt_parameters_message(draws));
    if (status == GT_OK && trainer->draws != NULL)
        take_share(trainer);
    return status;
}
