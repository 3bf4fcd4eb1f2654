/* What the files of a session share. */
#ifndef GT_TRAINING_SESSION_PARTS_H
#define GT_TRAINING_SESSION_PARTS_H

#include "training/session.h"

/* Iterations of the whole training, from --iterations and --epochs, whichever ends first; 0: unknown. */
int64_t gt_session_target(const gt_session *session, int64_t epoch);
/* Reads or makes sequences, and makes the model or compares it with them. */
bool gt_session_take_data(gt_session *session, gt_error *error);
/* The same, starts the trainer and sets the target. */
bool gt_session_use_data(gt_session *session, gt_error *error);
/* With the session's options; `validation` is NULL where there is nothing to validate on. */
bool gt_session_start_trainer(gt_session *session, const gt_train_data *training, const gt_train_data *validation,
                              gt_error *error);
/* What the trainer is to know of the others; NULL: there are none. */
const gt_train_group *gt_session_group(const gt_session *session);
/* Whether all read the same data and were asked for the same; false for all otherwise. */
bool gt_session_same_processes(const gt_session *session, gt_error *error);
/* Whether all processes have the same parameters, bit for bit; false for all otherwise. */
bool gt_session_same_parameters(const gt_session *session, gt_error *error);

#endif
