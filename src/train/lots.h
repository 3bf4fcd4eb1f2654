/* What is read in lots of one size: how many there are. */
#ifndef GT_TRAIN_LOTS_H
#define GT_TRAIN_LOTS_H

#include <stdint.h>

/* The last one may be smaller. No sum of the two is made: it may overflow. */
static inline int64_t gt_lots(int64_t count, int64_t of)
{
    return count <= 0 ? 0 : (count - 1) / of + 1;
}

#endif
