#include "train/group.h"

gt_share gt_group_share(const gt_train_group *group, int64_t lanes)
{
    if (group == NULL)
        return (gt_share){0, lanes};
    int64_t each = lanes / group->count, more = lanes % group->count; /* the first `more` have one more */
    int64_t before = group->rank < more ? group->rank : more;
    return (gt_share){each * group->rank + before, each + (group->rank < more)};
}

gt_status gt_group_check(const gt_train_group *group, int64_t batch, gt_error *error)
{
    if (group == NULL)
        return GT_OK;
    if (group->count < 1 || group->rank < 0 || group->rank >= group->count || group->sum == NULL)
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "a group has a rank from 0 to its count less 1, and a function that sums");
    if ((group->begin_sum != NULL) != (group->finish_sums != NULL))
        return gt_error_set(error, GT_ERROR_ARGUMENT,
                            "a group that begins sums finishes them, too: give both functions");
    if (batch >= group->count)
        return GT_OK;
    return gt_error_set(error, GT_ERROR_ARGUMENT,
                        "a batch of %lld examples cannot be divided among %lld processes: make it larger, or start "
                        "fewer of them",
                        (long long)batch, (long long)group->count);
}

gt_status gt_group_sum(const gt_train_group *group, double *numbers, int64_t count, gt_error *error)
{
    return group == NULL ? GT_OK : group->sum(group->context, numbers, count, GT_F64, error);
}
