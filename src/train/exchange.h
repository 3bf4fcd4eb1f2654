/*
 * What processes that train one model tell each other in an iteration: their gradients and losses and, of a text, the
 * states, which all have summed afterwards. What is complete early is summed while the rest is computed, if the group
 * can do that: arrays that are complete at about the same time are a bucket, whose sum is one.
 */
#ifndef GT_TRAIN_EXCHANGE_H
#define GT_TRAIN_EXCHANGE_H

#include "gradtape/train.h"

struct gt_trainer;
struct gt_runner;
typedef struct gt_train_exchange gt_train_exchange;

/* What the processes exchange after an iteration of this trainer: NULL on an error. */
gt_train_exchange *gt_exchange_new(const struct gt_trainer *trainer, gt_error *error);
/* The runner, which is bound to the exchange's states, tells it from now on when its outputs are complete. */
gt_status gt_exchange_watch(gt_train_exchange *exchange, struct gt_runner *runner, gt_error *error);
void gt_exchange_free(gt_train_exchange *exchange);

/* Before an evaluation, by all; what fails here is told by gt_exchange_run. */
void gt_exchange_begin(gt_train_exchange *exchange);
/*
 * `own`: how the evaluation ended here. If it ended well everywhere: the loss, the gradients and the
 * states of the batch. Otherwise what all return: GT_ERROR_INTERRUPTED, or an error, its own if it has one.
 */
gt_status gt_exchange_run(gt_train_exchange *exchange, gt_status own, gt_error *error);
double gt_exchange_loss(const gt_train_exchange *exchange);
double gt_exchange_term(const gt_train_exchange *exchange, uint32_t term);
const void *gt_exchange_gradient(const gt_train_exchange *exchange, uint32_t parameter);
/* The part of the bytes that are summed before the evaluation ends: 0 to 1. */
double gt_exchange_early(const gt_train_exchange *exchange);

/* Brings the share of the states that are kept to the runner, or those of the batch to those that are kept. */
void gt_exchange_give_states(gt_train_exchange *exchange);
void gt_exchange_keep_states(gt_train_exchange *exchange);
/* The states that the runner is bound to: those of the share. */
gt_parameters *gt_exchange_states(const gt_train_exchange *exchange);

#endif
