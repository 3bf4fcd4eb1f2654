#include "gradtape/base.h"

#include <stdio.h>
#include <string.h>

gt_shape gt_shape_make(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e)
{
    const int64_t given[GT_MAX_RANK + 1] = {a, b, c, d, e};
    gt_shape shape = {0, {1, 1, 1, 1}};
    bool possible = true;
    for (int i = 0; i <= GT_MAX_RANK && given[i] != GT_NO_SIZE; i++) {
        if (i == GT_MAX_RANK)
            return (gt_shape){-1, {1, 1, 1, 1}};
        /* A size that cannot be is kept, for the message. */
        possible = possible && given[i] >= 1;
        shape.size[i] = given[i];
        shape.rank = i + 1;
    }
    if (!possible)
        shape.rank = -1;
    return shape;
}

bool gt_shape_valid(gt_shape shape)
{
    return gt_shape_count(shape) >= 1;
}

bool gt_shape_equal(gt_shape a, gt_shape b)
{
    return memcmp(a.size, b.size, sizeof a.size) == 0;
}

int64_t gt_shape_count(gt_shape shape)
{
    if (shape.rank < 0 || shape.rank > GT_MAX_RANK)
        return -1;
    int64_t count = 1;
    for (int i = 0; i < GT_MAX_RANK; i++) {
        if (shape.size[i] < 1 || (i >= shape.rank && shape.size[i] != 1))
            return -1;
        if (__builtin_mul_overflow(count, shape.size[i], &count))
            return -1;
    }
    /* Room for the size in bytes, too: so a count that is not -1 fits a size_t on any machine. */
    return count > PTRDIFF_MAX / 16 ? -1 : count;
}

char *gt_shape_format(gt_shape shape, char *text, size_t size)
{
    if (size == 0)
        return text;
    int rank = shape.rank;
    if (rank < 0)
        for (rank = GT_MAX_RANK; rank > 0 && shape.size[rank - 1] == 1;)
            rank--;
    if (rank > GT_MAX_RANK || (rank == 0 && shape.rank < 0)) {
        snprintf(text, size, "(more than %d axes)", GT_MAX_RANK);
        return text;
    }
    size_t used = 0;
    int written = snprintf(text, size, "(");
    for (int i = 0; i < rank; i++) {
        used += (size_t)written;
        if (used >= size)
            return text;
        written = snprintf(text + used, size - used, i > 0 ? ", %lld" : "%lld", (long long)shape.size[i]);
    }
    used += (size_t)written;
    if (used < size)
        snprintf(text + used, size - used, ")");
    return text;
}
