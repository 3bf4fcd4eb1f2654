/* What a trainer consists of. */
#ifndef GT_TRAIN_TRAINER_H
#define GT_TRAIN_TRAINER_H

#include "train/exchange.h"
#include "train/feed.h"

#define GT_NATS_TO_BITS 1.44269504088896340736 /* 1 / log(2) */

struct gt_trainer {
    gt_train_options options;
    gt_feed training, validation;
    gt_runner *learner, *scorer;   /* scorer NULL without validation data */
    gt_parameters *states, *fresh; /* owned: the learner's if the caller gave none; the scorer's */
    gt_train_group group;          /* options.group, if there is one */
    gt_train_exchange *exchange;   /* NULL: one process */
    gt_parameters *draws;          /* of the whole batch, where this process has a part of it; NULL: it has all */
    int64_t iteration;
    double iteration_seconds, validation_seconds; /* of the last of each; 0: none yet */
};

/* States of so many lanes before the first step; NULL on an error. */
gt_parameters *gt_trainer_fresh_states(const gt_network *network, const gt_parameters *parameters, int64_t lanes,
                                       gt_error *error);
/* Their values before the first step, again: the set was made for the network. */
gt_status gt_trainer_forget(const gt_network *network, const gt_parameters *parameters, gt_parameters *states,
                            gt_error *error);

/* Room for what one process of several draws. */
gt_status gt_trainer_prepare_draws(gt_trainer *trainer, gt_error *error);
/* Draws what the cells draw in this iteration: states of the batch, and what each step reads. */
gt_status gt_trainer_draw(gt_trainer *trainer, gt_error *error);

#endif
