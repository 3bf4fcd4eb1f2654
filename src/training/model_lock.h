/*
 * One training at a time saves to a model. While it runs, a file MODEL.lock beside
 * the model is locked and holds the number of the process; the lock ends with the
 * process, however that ends, and the file is removed at the end or by the next
 * training.
 */
#ifndef GT_TRAINING_MODEL_LOCK_H
#define GT_TRAINING_MODEL_LOCK_H

#include "gradtape.h"

typedef struct gt_model_lock {
    int descriptor;
    char *path; /* NULL: nothing is held */
} gt_model_lock;

/*
 * False, with *error, if another process saves to the model at `path`, or if
 * MODEL.lock is a file of somebody else's. Where the file system has no locks, none
 * is held and that is no error. `lock` is zero before.
 */
bool gt_model_lock_take(gt_model_lock *lock, const char *path, gt_error *error);
/* Does nothing if nothing is held. */
void gt_model_lock_release(gt_model_lock *lock);

#endif
