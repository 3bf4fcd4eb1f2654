/* A batch divided among processes, and what they tell each other. */
#ifndef GT_TRAIN_GROUP_H
#define GT_TRAIN_GROUP_H

#include "gradtape/train.h"

/* Lanes of a batch that one process has. */
typedef struct gt_share {
    int64_t first, count;
} gt_share;

static inline bool gt_share_has(gt_share share, int64_t lane)
{
    return lane >= share.first && lane < share.first + share.count;
}

/* Of `lanes`, as evenly as can be; all if there is no group. */
gt_share gt_group_share(const gt_train_group *group, int64_t lanes);
/* GT_OK, or GT_ERROR_ARGUMENT: a rank beyond the count, fewer examples in a batch than processes. */
gt_status gt_group_check(const gt_train_group *group, int64_t batch, gt_error *error);
/* Each number becomes its sum over the processes. Does nothing without a group. */
gt_status gt_group_sum(const gt_train_group *group, double *numbers, int64_t count, gt_error *error);

struct gt_trainer;
typedef struct gt_train_exchange gt_train_exchange;

/* What the processes exchange after an iteration of this trainer: NULL on an error. */
gt_train_exchange *gt_exchange_new(const struct gt_trainer *trainer, gt_error *error);
void gt_exchange_free(gt_train_exchange *exchange);
/*
 * `own`: how the evaluation ended here. If it ended well everywhere: the loss, the gradients and the
 * states of the batch. Otherwise what all return: GT_ERROR_INTERRUPTED, or an error, its own if it has one.
 */
gt_status gt_exchange_run(gt_train_exchange *exchange, gt_status own, gt_error *error);
double gt_exchange_loss(const gt_train_exchange *exchange);
double gt_exchange_term(const gt_train_exchange *exchange, uint32_t term);
const void *gt_exchange_gradient(const gt_train_exchange *exchange, uint32_t parameter);
/* Brings the share of the states that are kept to the runner, or those of the batch to those that are kept. */
void gt_exchange_give_states(gt_train_exchange *exchange);
void gt_exchange_keep_states(gt_train_exchange *exchange);
/* The states that the runner is bound to: those of the share. */
gt_parameters *gt_exchange_states(const gt_train_exchange *exchange);

#endif
