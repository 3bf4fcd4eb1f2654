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

#endif
