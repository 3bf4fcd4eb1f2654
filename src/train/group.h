/* A batch divided among processes. */
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

#endif
