/*
 * gradtape/nearest.h: suggestions for misspelt names.
 *
 *     gt_nearest search = {.wanted = "lsmt"};
 *     for (uint32_t i = 0; i < gt_cell_count(); i++)
 *         gt_nearest_offer(&search, gt_cell_at(i)->name);
 *     if (search.best != NULL)
 *         printf("did you mean %s?\n", search.best);
 */
#ifndef GRADTAPE_NEAREST_H
#define GRADTAPE_NEAREST_H

#include "gradtape/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The number of letters to insert, delete, replace or swap with their
 * neighbour, upper and lower case being the same, that turn a into b:
 * the optimal string alignment distance. Only the first 63 letters are read.
 */
GT_API size_t gt_nearest_distance(const char *a, const char *b);

/* Collects candidates one after the other; start with {.wanted = name}. It owns nothing. */
typedef struct gt_nearest {
    const char *wanted;
    const char *best; /* the closest candidate, or NULL where none is close enough to suggest */
    size_t distance;
} gt_nearest;

GT_API void gt_nearest_offer(gt_nearest *search, const char *candidate);

#ifdef __cplusplus
}
#endif
#endif
